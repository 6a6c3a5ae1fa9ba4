"""Every authorization decision about a role, with what is needed to decide it again."""

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext, EvalResult

from .. import hooks
from .grants import Policies

ALLOW = "Allow"


@dataclass
class Decision:
    """One kind of request: the same role, action, resource and condition keys. ``again`` decides it by other policies."""

    role: str
    action: str
    resource: str
    allowed: bool
    again: Callable[[Policies], EvalResult] = field(repr=False)
    count: int = 0


@dataclass
class _Pending:
    context: EvalContext
    result: EvalResult
    again: Callable[[Policies], EvalResult]


_pending: contextvars.ContextVar[_Pending | None] = contextvars.ContextVar("mlops_pending_decision", default=None)


class Recorder:
    """Decisions since the cloud has started."""

    def __init__(self) -> None:
        self._decisions: dict[tuple, Decision] = {}
        self._lock = threading.Lock()

    def decisions(self) -> list[Decision]:
        """One of a kind each, in the order in which they first came."""
        with self._lock:
            return list(self._decisions.values())

    def record(self, pending: _Pending) -> None:
        """Count a decision."""
        context = pending.context
        role = role_of(context.principal_arn)
        if role is None:
            return
        allowed = pending.result.decision == ALLOW
        keys = repr(sorted((name, str(value)) for name, value in context.service_context.items()))
        kind = (role, context.action, context.resource_arn, allowed, keys)
        with self._lock:
            decision = self._decisions.setdefault(
                kind, Decision(role, context.action, context.resource_arn, allowed, pending.again)
            )
            decision.count += 1


def role_of(principal_arn: str) -> str | None:
    """Name of the role in ``arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION``; None of any other principal."""
    kind, _, rest = principal_arn.rsplit(":", 1)[-1].partition("/")
    return rest.split("/")[0] if kind == "assumed-role" else None


def install() -> Recorder:
    """Listen to the evaluator: `enforce` decides by `evaluate`, and by `combine_resource_policy` where there is one."""
    recorder = Recorder()

    def evaluating(original):
        def evaluate(ctx, policies, *limits):
            result = original(ctx, policies, *limits)
            _pending.set(_Pending(ctx, result, lambda others: original(ctx, others, *limits)))
            return result

        return evaluate

    def combining(original):
        def combine(identity, ctx, *args, **kwargs):
            result = original(identity, ctx, *args, **kwargs)
            pending = _pending.get()
            if pending is not None and pending.context is ctx:
                by_identity = pending.again
                again = lambda others: original(by_identity(others), ctx, *args, **kwargs)  # noqa: E731
                _pending.set(_Pending(ctx, result, again))
            return result

        return combine

    def enforcing(original):
        def enforce(*args, **kwargs):
            _pending.set(None)
            denied = original(*args, **kwargs)
            pending = _pending.get()
            if pending is not None:
                recorder.record(pending)
            return denied

        return enforce

    hooks.wrap(iam_evaluator, "evaluate", evaluating)
    hooks.wrap(iam_evaluator, "combine_resource_policy", combining)
    hooks.wrap(iam_evaluator, "enforce", enforcing)
    return recorder
