"""Each right of each role: whether something used it, and whether it would have been denied without it."""

import json
from collections.abc import Sequence

from ministack.core.iam_evaluator import _action_matches, _gather_role_policies, _resource_matches
from ministack.services import iam

from .grants import Grant, Policies, grants_of, without
from .recorder import ALLOW, Decision, Recorder


class RightsReview:
    """Keeps what roles were granted, since they are gone when a stack is; and judges it by the record."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._roles: dict[str, dict] = {}

    def remember(self) -> None:
        """Take the roles of every account with their policies as they are now."""
        for (account, name), role in list(iam._roles._data.items()):
            policies = _gather_role_policies(name, account)
            if policies:
                self._roles[name] = {
                    "role": name,
                    "path": role.get("Path", "/"),
                    "services": _services(role.get("AssumeRolePolicyDocument")),
                    "policies": policies,
                }

    def report(self) -> list[dict]:
        """Every role that was ever remembered, with its rights and what it was denied."""
        self.remember()
        decisions = self._recorder.decisions()
        return [
            {
                **{key: role[key] for key in ("role", "path", "services")},
                **judge(role["policies"], [d for d in decisions if d.role == role["role"]]),
            }
            for role in self._roles.values()
        ]


def judge(policies: Policies, decisions: Sequence[Decision]) -> dict:
    """The rights with the number of requests that each allowed, and the requests that nothing allowed."""
    allowed = [decision for decision in decisions if decision.allowed]
    return {
        "rights": [_judged(policies, grant, allowed) for grant in grants_of(policies)],
        "denied": [
            {"action": decision.action, "resource": decision.resource, "count": decision.count}
            for decision in decisions
            if not decision.allowed
        ],
    }


def _judged(policies: Policies, grant: Grant, allowed: Sequence[Decision]) -> dict:
    used = [decision for decision in allowed if covers(grant, decision)]
    reduced = without(policies, grant)
    # By the evaluator itself: the record is decided again by policies that lack this one right.
    needed = any(
        decision.again(policies).decision == ALLOW and decision.again(reduced).decision != ALLOW for decision in used
    )
    return {
        "action": grant.action,
        "resource": grant.resource,
        "used": sum(decision.count for decision in used),
        "needed": needed,
        "example": used[0].resource if used else None,
    }


def covers(grant: Grant, decision: Decision) -> bool:
    """Whether the right means the request, leaving conditions aside."""
    return _action_matches(decision.action, [grant.action], []) and _resource_matches(
        decision.resource, [grant.resource], []
    )


def _services(trust: str | dict | None) -> list[str]:
    """Service principals that may take the role."""
    document = json.loads(trust) if isinstance(trust, str) else trust or {}
    statements = document.get("Statement", [])
    found: set[str] = set()
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        found.update([services] if isinstance(services, str) else services)
    return sorted(found)
