"""Faults of events: delivered twice, late or never, as EventBridge promises at least once and no order."""

import threading

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import eventbridge

from .. import hooks
from .fault import EVENT
from .store import FaultStore


def install(store: FaultStore) -> None:
    """Stand between the bus and its rules; a second delivery has the event's own id, as on AWS."""

    def faulty(original):
        def dispatch(event, view=None):
            if not store.any_at(EVENT):
                return original(event, view)
            about = {"detailType": event["DetailType"], "resource": event.get("Resources") or []}
            fault = store.take(EVENT, about)
            if fault is None or fault.effect == "event-duplicated":
                original(event, view)
            if fault is not None and fault.effect != "event-lost":
                _later(float(fault.options["seconds"]), lambda: original(event, view))
            return None

        return dispatch

    hooks.wrap(eventbridge, "_dispatch_event", faulty)


def _later(seconds: float, deliver) -> None:
    account, region = get_account_id(), get_region()

    def run() -> None:
        with request_scope(account, region):
            deliver()

    timer = threading.Timer(seconds, run)
    timer.name = "late-event"
    timer.daemon = True
    timer.start()
