"""Rules and schedules by the movable clock: each at its own times, also when nobody looked just then."""

import time
from collections.abc import Callable

from ministack.services import eventbridge, scheduler

from . import hooks
from .clock import Clock

# So many schedule firings are replayed in one move; a move over more than that is refused.
MAX_FIRINGS = 2000


def due(start: float, end: float) -> list[float]:
    """When the rules and schedules of every account fire between two times."""
    moments: list[float] = []
    for key, rule in list(eventbridge._rules._data.items()):
        if rule.get("State") == "ENABLED" and rule.get("ScheduleExpression"):
            fired = eventbridge._rule_last_fired.get(key, rule.get("CreationTime", start))
            moments += _firings(rule["ScheduleExpression"], float(fired), start, end)
    for key, schedule in list(scheduler._schedules._data.items()):
        if schedule.get("State") == "ENABLED":
            fired = scheduler._schedule_last_fired.get(key, schedule.get("CreationDate", start))
            moments += _firings(schedule.get("ScheduleExpression", ""), float(fired), start, end)
    moments = sorted(set(moments))
    if len(moments) > MAX_FIRINGS:
        raise ValueError(
            f"moving on by {end - start:.0f} s would fire schedules {len(moments)} times, at most {MAX_FIRINGS} are "
            "replayed in one move; move in smaller steps or disable the schedules"
        )
    return moments


def _firings(expression: str, fired: float, start: float, end: float) -> list[float]:
    once = scheduler._at_time_epoch(expression)
    if once is not None:
        return [once] if start < once <= end else []
    interval = eventbridge._parse_rate_seconds(expression)
    if interval:
        first = fired + interval
        if first <= start:
            first += (int((start - first) // interval) + 1) * interval
        count = max(0, int((end - first) // interval) + 1)
        # One more than may be replayed is enough to refuse it.
        return [first + n * interval for n in range(min(count, MAX_FIRINGS + 1))]
    return _cron_firings(expression, max(fired, start), end)


def _cron_firings(expression: str, after: float, end: float) -> list[float]:
    import datetime

    fields = eventbridge._parse_cron_fields(expression)
    found: list[float] = []
    while fields is not None and len(found) <= MAX_FIRINGS:
        upcoming = eventbridge._cron_next_fire(fields, datetime.datetime.fromtimestamp(after, datetime.timezone.utc))
        if upcoming is None or upcoming.timestamp() > end:
            break
        after = upcoming.timestamp()
        found.append(after)
    return found


def tick() -> bool:
    """Fire what is due now; tells whether something was."""
    fired = _tick(*_RULES, eventbridge._tick_scheduled_rules)
    return _tick(*_SCHEDULES, scheduler._tick_schedules) or fired


# A store, when each of its entries fired last, and the member that tells when an entry was made.
_Kind = tuple[object, dict, str]
_RULES: _Kind = (eventbridge._rules, eventbridge._rule_last_fired, "CreationTime")
_SCHEDULES: _Kind = (scheduler._schedules, scheduler._schedule_last_fired, "CreationDate")


def _tick(store, last_fired: dict, created: str, tick_store: Callable[[], None]) -> bool:
    _pass_by_disabled(store, last_fired, created, time.time())
    before = dict(last_fired)
    tick_store()
    fired = False
    for key, moment in list(last_fired.items()):
        if before.get(key) == moment:
            continue
        definition = store._data.get(key) or {}
        interval = eventbridge._parse_rate_seconds(definition.get("ScheduleExpression", ""))
        anchor = before.get(key, definition.get(created))
        if interval and anchor is not None:
            # MiniStack counts from the moment it looked, so each firing would come a little later than due.
            last_fired[key] = anchor + int((moment - anchor) // interval) * interval
            fired |= last_fired[key] != anchor
        else:
            fired = True
    return fired


def _pass_by_disabled(store, last_fired: dict, created: str, now: float) -> None:
    """What is switched off misses its times: switched on again it waits for the next one, and does not make up for them."""
    for key, definition in list(store._data.items()):
        anchor = last_fired.get(key, definition.get(created))
        if definition.get("State") != "DISABLED" or anchor is None:
            continue
        expression = definition.get("ScheduleExpression") or ""
        if interval := eventbridge._parse_rate_seconds(expression):
            last_fired[key] = anchor + int((now - anchor) // interval) * interval
        elif eventbridge._parse_cron_fields(expression) is not None:
            last_fired[key] = now


def install(clock: Clock) -> None:
    """Let time alone fire them too, unless a move of the clock does so itself."""

    def in_phase(kind: _Kind):
        def wrapped(original):
            return lambda: clock.unless_moving(lambda: _tick(*kind, original))

        return wrapped

    hooks.wrap(eventbridge, "_tick_scheduled_rules", in_phase(_RULES))
    hooks.wrap(scheduler, "_tick_schedules", in_phase(_SCHEDULES))
