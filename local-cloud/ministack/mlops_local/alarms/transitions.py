"""What follows an alarm's change of state, in its order."""

import time

from ministack.core.responses import request_scope

from . import actions, history, store, suppression


def changed(alarm: dict, old: dict) -> None:
    """Tell of the change and act on it, unless a suppressor says to wait; ``old`` is the alarm before it."""
    now = time.time()
    history.state_changed(alarm, old)
    waits = store.is_composite(alarm) and suppression.suppresses(alarm, old, now)
    actions.tell(alarm, old)
    if not waits:
        actions.run(alarm, old)
    for composite, before in suppression.resumed_by(alarm, old, now):
        actions.run(composite, before)


def end_periods(now: float) -> bool:
    """Take the actions of the composite alarms whose wait or extension period is over; tells whether one was."""
    any_ended = False
    for account, region, alarm, old in suppression.ended(now):
        any_ended = True
        with request_scope(account, region):
            actions.run(alarm, old)
    return any_ended
