"""One attempt at a task: its limits in time, its integration pattern and its events."""

import contextvars
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ministack.core.responses import get_region
from ministack.services import stepfunctions

from .. import waits
from . import functions, jobs, lifetime
from .errors import ExecutionEnded
from .integrations import CALLS, call_sdk, integration_of, publish
from .tokens import Token

_TIMEOUT = "States.Timeout"
_HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"


@dataclass
class Attempt:
    """What runs, for which execution, and until when."""

    execution: dict
    resource: str
    parameters: object
    timeout_seconds: float | None = None
    heartbeat_seconds: float | None = None
    token: Token | None = None
    deadline: float | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.integration, self.pattern = integration_of(self.resource) or ("", "")
        if not self.is_activity:
            self._start_timing()

    @property
    def is_activity(self) -> bool:
        return ":activity:" in self.resource

    def run(self) -> object:
        """The task's result; tells the history of its course."""
        self._tell_scheduled()
        try:
            lifetime.check_running(self.execution)
            result = self._activity() if self.is_activity else self._integration()
            lifetime.check_running(self.execution)
        except ExecutionEnded:
            raise
        except stepfunctions._ExecutionError as error:
            timed_out = error.error in (_TIMEOUT, _HEARTBEAT_TIMEOUT)
            self._tell("TimedOut" if timed_out else "Failed", error=error.error, cause=error.cause)
            raise
        self._tell("Succeeded", output=json.dumps(result))
        return result

    def _integration(self) -> object:
        self._tell("Started")
        if self.pattern == ".waitForTaskToken":
            return self._callback()
        job = jobs.JOBS.get(self.integration)
        if job is not None and self.pattern.startswith(".sync"):
            return self._job(job)
        return self._in_time(self._call)

    def _call(self) -> object:
        if "aws-sdk:" in self.resource:
            return call_sdk(self.resource, self.parameters)
        if ":function:" in self.resource:
            return functions.invoke_arn(self.resource, self.parameters)
        if self.integration == "lambda:invoke":
            return functions.invoke(self.parameters)
        if self.integration == "sns:publish":
            return publish(self.parameters)
        if self.integration in jobs.JOBS:
            return jobs.JOBS[self.integration].run(self.parameters)
        if self.integration in CALLS:
            return CALLS[self.integration].run(self.parameters)
        raise stepfunctions._ExecutionError("States.Runtime", f"the local cloud has no integration {self.resource}")

    def _job(self, job: jobs.Job) -> object:
        started = self._in_time(lambda: job.run(self.parameters))
        self._tell("Submitted", output=json.dumps(started))
        key = job.key(self.parameters, started)
        while True:
            self._wait(lambda: False, lambda: self._stop(job, key), poll=jobs.POLL_SECONDS)
            result = job.look(key, self.pattern)
            if result is not None:
                return result

    def _stop(self, job: jobs.Job, key: dict) -> None:
        try:
            job.stop.run(key)
        except stepfunctions._ExecutionError:
            # As on AWS: it is tried, and what cannot be stopped runs on. The state ends all the same.
            pass

    def _callback(self) -> object:
        answer = self._in_time(self._call)
        self._tell("Submitted", output=json.dumps(answer))
        return self._answer()

    def _activity(self) -> object:
        queue = stepfunctions._activity_tasks.get(self.resource)
        if queue is None:
            raise stepfunctions._ExecutionError("States.Runtime", f"the activity {self.resource} does not exist")
        queue.append({"taskToken": self.token.name, "input": json.dumps(self.parameters)})
        # Its time begins when a worker takes it.
        self._wait(lambda: self.token.taken)
        self._tell("Started")
        self._start_timing()
        return self._answer()

    def _answer(self) -> object:
        """What whoever holds the token answers, within the time and with the heartbeats that are asked for."""
        seen = time.time()
        while not self.token.answered:
            beat = self.token.beat
            silent_until = None if self.heartbeat_seconds is None else seen + self.heartbeat_seconds
            told = self._wait(lambda: self.token.answered or self.token.beat > beat, until=silent_until)
            if not told:
                raise stepfunctions._ExecutionError(
                    _HEARTBEAT_TIMEOUT, f"no heartbeat came for {self.heartbeat_seconds} seconds"
                )
            seen = time.time()
        return self.token.result()

    def _start_timing(self) -> None:
        self.deadline = None if self.timeout_seconds is None else time.time() + self.timeout_seconds

    def _in_time(self, call: Callable[[], object]) -> object:
        """The answer of a call; nobody waits for it after the task's time, though it runs on."""
        if self.deadline is None:
            return call()
        outcome: list[Callable[[], object]] = []

        def run() -> None:
            with waits.working():
                outcome.append(_caught(call))

        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(run,), name=waits.THREAD_NAME, daemon=True).start()
        self._wait(lambda: bool(outcome))
        return outcome[0]()

    def _wait(
        self,
        ready: Callable[[], bool],
        abandon: Callable[[], None] = lambda: None,
        until: float | None = None,
        poll: float | None = None,
    ) -> bool:
        """Wait within the task's time and the execution's life; ``abandon`` what is waited for when either is over."""
        moments = [moment for moment in (self.deadline, until) if moment is not None]
        told = waits.wait(min(moments, default=None), lambda: lifetime.ended(self.execution) or ready(), poll)
        if lifetime.ended(self.execution):
            abandon()
            raise ExecutionEnded()
        if not told and self.deadline is not None and waits.passed(self.deadline):
            abandon()
            cause = f"the task ran for longer than {self.timeout_seconds} seconds"
            raise stepfunctions._ExecutionError(_TIMEOUT, cause)
        return told

    def _tell_scheduled(self) -> None:
        limits = {"timeoutInSeconds": self.timeout_seconds, "heartbeatInSeconds": self.heartbeat_seconds}
        details = {name: int(value) for name, value in limits.items() if value is not None}
        if self.is_activity or ":function:" in self.resource:
            self._tell("Scheduled", resource=self.resource, input=json.dumps(self.parameters), **details)
        else:
            self._tell("Scheduled", region=get_region(), parameters=json.dumps(self.parameters), **details)

    def _tell(self, course: str, **details: object) -> None:
        """An event under the name that AWS has for this kind of task."""
        if self.is_activity:
            kind = "Activity"
        elif ":function:" in self.resource:
            kind = "LambdaFunction"
        else:
            kind = "Task"
            service, _, operation = self.integration.rpartition(":")
            details = {"resourceType": service, "resource": f"{operation}{self.pattern}", **details}
        event = f"{kind}{course}"
        lifetime.tell(self.execution, event, details)


def _caught(call: Callable[[], object]) -> Callable[[], object]:
    try:
        answer = call()
    except Exception as error:  # raised again where the call is waited for
        return _raising(error)
    return lambda: answer


def _raising(error: Exception) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail
