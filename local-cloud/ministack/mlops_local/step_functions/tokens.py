"""Task tokens: how a callback or an activity's worker answers a state that waits."""

import json
import uuid

from ministack.services import stepfunctions

from .. import hooks, waits


_closed: set[str] = set()


class Token(dict):
    """A token in MiniStack's form, whose SendTask operations write into it and set its ``event``."""

    def __init__(self) -> None:
        self.name = str(uuid.uuid4())
        self.taken = False
        self.answered = False
        self.beat = 0
        super().__init__(event=self, result=None, error=None, heartbeat=None)

    def __enter__(self) -> "Token":
        stepfunctions._task_tokens[self.name] = self
        return self

    def __exit__(self, *_: object) -> None:
        stepfunctions._task_tokens.pop(self.name, None)
        _closed.add(self.name)

    def set(self) -> None:
        """The answer is there: MiniStack treats the token's event as one of `threading`."""
        self.answered = True
        waits.changed()

    def take(self) -> None:
        """A worker has it."""
        self.taken = True
        waits.changed()

    def __setitem__(self, key: str, value: object) -> None:
        super().__setitem__(key, value)
        if key == "heartbeat":
            self.beat += 1
            waits.changed()

    def result(self) -> object:
        """What was answered."""
        if self["error"]:
            raise stepfunctions._ExecutionError(self["error"]["Error"], self["error"]["Cause"])
        return json.loads(self["result"])


def install() -> None:
    """Learn when a worker takes an activity's task, and tell who answers too late that it is."""

    def taking(original):
        async def get_activity_task(data):
            answer = await original(data)
            token = stepfunctions._task_tokens.get(json.loads(answer[2]).get("taskToken"))
            if token is not None:
                token.take()
            return answer

        return get_activity_task

    def timely(original):
        def send(data):
            if data.get("taskToken") in _closed:
                message = "Task Timed Out: 'Provided task does not exist anymore'"
                return stepfunctions.error_response_json("TaskTimedOut", message, 400)
            return original(data)

        return send

    hooks.wrap(stepfunctions, "_get_activity_task", taking)
    for answer in ("_send_task_success", "_send_task_failure", "_send_task_heartbeat"):
        hooks.wrap(stepfunctions, answer, timely)
