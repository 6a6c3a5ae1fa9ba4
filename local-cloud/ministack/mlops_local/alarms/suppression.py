"""Whether a composite alarm takes its actions, as "Suppressing composite alarm actions" in the user guide tells.

Only the actions wait; state and state-change event do not. When a wait or extension period ends, the composite takes
the actions of the state that it is in then. Another suppressor discards a running period; its actions are not taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import cloudwatch

from .. import moments
from . import store
from .evaluation import ALARM

WAIT_PERIOD = "WaitPeriod"
EXTENSION_PERIOD = "ExtensionPeriod"
BY_ALARM = "Alarm"


@dataclass(frozen=True)
class Suppressor:
    """The alarm that suppresses, as the request names it, and the periods in seconds."""

    alarm: str
    wait: int
    extension: int

    def active(self) -> bool:
        alarm = store.find(self.alarm)
        return alarm is not None and alarm["StateValue"] == ALARM


@dataclass(frozen=True)
class Suppression:
    """Why actions wait now, and when that ends by itself."""

    by: str
    until: float | None = None


# Of each composite alarm: its suppressor, what suppresses it now, and its state before the last change.
_suppressors = AccountRegionScopedDict()
_current = AccountRegionScopedDict()
_previous = AccountRegionScopedDict()


def after_own_change(suppressor: Suppressor, active: bool, now: float) -> Suppression | None:
    """What follows when the composite alarm changes its state: a period that runs is discarded."""
    if active:
        return Suppression(BY_ALARM)
    return Suppression(WAIT_PERIOD, now + suppressor.wait) if suppressor.wait > 0 else None


def after_suppressor_left(suppressor: Suppressor, now: float) -> Suppression | None:
    """What follows when the suppressor goes out of ALARM."""
    return Suppression(EXTENSION_PERIOD, now + suppressor.extension) if suppressor.extension > 0 else None


def configure(name: str, suppressor: Suppressor | None) -> None:
    """Set or remove a composite alarm's suppressor."""
    before = _suppressors.get(name)
    if suppressor is None:
        _suppressors.pop(name, None)
        _current.pop(name, None)
        return
    _suppressors[name] = suppressor
    if before is None or store.name_of(before.alarm) != store.name_of(suppressor.alarm):
        _set(name, Suppression(BY_ALARM) if suppressor.active() else None)


def snapshot(name: str) -> tuple[Suppressor | None, Suppression | None]:
    """A composite alarm's suppressor and what suppresses it now, for ``restore``."""
    return _suppressors.get(name), _current.get(name)


def restore(name: str, kept: tuple[Suppressor | None, Suppression | None]) -> None:
    """Take a ``configure`` back."""
    for store_of, value in zip((_suppressors, _current), kept):
        if value is None:
            store_of.pop(name, None)
        else:
            store_of[name] = value
    show(name)


def forget(name: str) -> None:
    """The composite alarm is deleted."""
    for kept in (_suppressors, _current, _previous):
        kept.pop(name, None)


def suppresses(alarm: dict, old: dict, now: float) -> bool:
    """Whether the actions of a composite alarm's change must wait."""
    name = alarm["AlarmName"]
    _previous[name] = old
    suppressor = _suppressors.get(name)
    if suppressor is not None:
        _set(name, after_own_change(suppressor, suppressor.active(), now))
    return name in _current


def resumed_by(alarm: dict, old: dict, now: float) -> list[tuple[dict, dict]]:
    """Composite alarms, with their states before, that act now that this alarm, their suppressor, has changed."""
    resumed = []
    for name, suppressor in list(_suppressors.items()):
        if store.name_of(suppressor.alarm) != alarm["AlarmName"]:
            continue
        if alarm["StateValue"] == ALARM:
            _set(name, Suppression(BY_ALARM))
        elif old["StateValue"] == ALARM:
            extension = after_suppressor_left(suppressor, now)
            _set(name, extension)
            if extension is None:
                resumed.extend(_with_previous(name))
    return resumed


def ended(now: float) -> Iterator[tuple[str, str, dict, dict]]:
    """Account, region, composite alarm and its state before, for each period that is over, in their order."""
    due = [
        (current.until, key) for key, current in list(_current._data.items())
        if current.until is not None and current.until <= now + moments.TOLERANCE_SECONDS
    ]
    for until, (account, region, name) in sorted(due):
        with request_scope(account, region):
            current = _current.get(name)
            if current is None or current.until != until:
                # What another one's actions brought about has changed it meanwhile.
                continue
            _set(name, None)
            for alarm, old in _with_previous(name):
                yield account, region, alarm, old


def next_end() -> float | None:
    """When the first period ends."""
    return min((each.until for each in list(_current._data.values()) if each.until is not None), default=None)


def suppressed_by(name: str) -> list[str]:
    """Composite alarms whose suppressor is the alarm of this name."""
    return [each for each, suppressor in _suppressors.items() if store.name_of(suppressor.alarm) == name]


def show(name: str) -> None:
    """Write what DescribeAlarms tells of a composite alarm's suppression."""
    alarm = cloudwatch._composite_alarms.get(name)
    if alarm is None:
        return
    for field in ("ActionsSuppressedBy", "ActionsSuppressedReason"):
        alarm.pop(field, None)
    suppressor, current = _suppressors.get(name), _current.get(name)
    if suppressor is not None:
        alarm["ActionsSuppressor"] = suppressor.alarm
        alarm["ActionsSuppressorWaitPeriod"] = suppressor.wait
        alarm["ActionsSuppressorExtensionPeriod"] = suppressor.extension
    if current is not None:
        alarm["ActionsSuppressedBy"] = current.by
        alarm["ActionsSuppressedReason"] = f"Actions suppressed by {current.by}"


def _set(name: str, current: Suppression | None) -> None:
    if current is None:
        _current.pop(name, None)
    else:
        _current[name] = current
    show(name)


def _with_previous(name: str) -> list[tuple[dict, dict]]:
    alarm = cloudwatch._composite_alarms.get(name)
    return [] if alarm is None else [(alarm, _previous.get(name) or alarm)]
