"""DynamoDB's time to live: an item goes when its time has come, and its stream record says who deleted it.

AWS deletes "within a few days" of that time; here it is at once, so that a test need not wait for what may be.
"""

import contextvars
import json
import threading
import time
from collections.abc import Callable, Iterator

from ministack.core.responses import request_scope
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from . import hooks, moments

# What has expired for longer is left alone, as on AWS.
_TOO_OLD_SECONDS = 5 * 365 * 24 * 3600
_BY_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_expires: contextvars.ContextVar[bool] = contextvars.ContextVar("mlops_item_expires", default=False)


def next_due() -> float | None:
    """When the next item expires."""
    with dynamodb._lock:
        oldest = time.time() - _TOO_OLD_SECONDS
        return min((expires for *_, expires in _expiring() if expires > oldest), default=None)


def expire(now: float) -> bool:
    """Delete what has expired, in its order; tells whether something has."""
    with dynamodb._lock:
        due = [
            found for found in _expiring()
            if now - _TOO_OLD_SECONDS < found[-1] <= now + moments.TOLERANCE_SECONDS
        ]
        for account, region, name, partition, sort, _ in sorted(due, key=lambda found: found[-1]):
            with request_scope(account, region):
                _delete(name, partition, sort)
    return bool(due)


def _expiring() -> Iterator[tuple]:
    """Account, region, table, keys and time of each item that has one; only a number is one."""
    for (account, region, name), setting in list(dynamodb._ttl_settings.all_items()):
        table = dynamodb._tables.get_scoped(account, region, name)
        if setting.get("TimeToLiveStatus") != "ENABLED" or not table:
            continue
        for partition, sorted_items in list(table["items"].items()):
            for sort, item in list(sorted_items.items()):
                number = (item.get(setting["AttributeName"]) or {}).get("N")
                if number is not None:
                    yield account, region, name, partition, sort, float(number)


def _delete(name: str, partition: object, sort: object) -> None:
    token = _expires.set(True)
    try:
        item = dynamodb._remove_item(dynamodb._tables[name], partition, sort)
        dynamodb._emit_stream_event(name, "REMOVE", item, None)
    finally:
        _expires.reset(token)


def specify(name: str, specification: dict | None) -> None:
    """Take a template's ``TimeToLiveSpecification``; without one nothing expires."""
    if specification is None:
        dynamodb._ttl_settings.pop(name, None)
        return
    # A template may say it in words.
    enabled = str(specification.get("Enabled")).lower() == "true"
    status, _, body = dynamodb._update_ttl(
        {"TableName": name, "TimeToLiveSpecification": {**specification, "Enabled": enabled}}
    )
    if status >= 400:
        raise ValueError(json.loads(body)["message"])


def run_forever(unless_moving: Callable[[Callable[[], object]], None]) -> None:
    """Expire as time goes by, in a thread of its own; a move of the clock does so by itself."""

    def loop() -> None:
        while True:
            time.sleep(0.5)
            unless_moving(lambda: expire(time.time()))

    threading.Thread(target=loop, name="time-to-live", daemon=True).start()


def install() -> None:
    """Say who deletes, and leave MiniStack's own reaper nothing to do: it goes by real time, and tells no stream."""

    def signed(original):
        def build(*args):
            record = original(*args)
            return {**record, "userIdentity": _BY_SERVICE} if _expires.get() else record

        return build

    def not_by_the_reaper(original):
        def remove(table, partition, sort):
            if threading.current_thread().name == "dynamodb-ttl-reaper":
                return None
            return original(table, partition, sort)

        return remove

    def created(original):
        def create(logical_id, props, stack_name):
            made = original(logical_id, props, stack_name)
            specify(made[0], props.get("TimeToLiveSpecification"))
            return made

        return create

    def updated(original):
        def update(physical_id, old, new, *rest, **named):
            made = original(physical_id, old, new, *rest, **named)
            specify(made[0], new.get("TimeToLiveSpecification"))
            return made

        return update

    # MiniStack reads the property of no table.
    for kind in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"):
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        handlers.update(create=created(handlers["create"]), update=updated(handlers["update"]))
    hooks.wrap(dynamodb, "_build_change_record", signed)
    hooks.wrap(dynamodb, "_remove_item", not_by_the_reaper)
