"""The rights that policies grant, one action on one resource each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ministack.core.iam_evaluator import ParsedStatement

Policies = Sequence[Sequence[ParsedStatement]]


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource, as policies write them: both may be patterns."""

    action: str
    resource: str


def grants_of(policies: Policies) -> list[Grant]:
    """Every right that the policies allow, each once; of a `NotAction` or `NotResource` the pattern `*`."""
    found = {
        Grant(action, resource)
        for policy in policies
        for statement in policy
        if statement.effect == "Allow"
        for action in statement.actions or ["*"]
        for resource in statement.resources or ["*"]
    }
    return sorted(found)


def without(policies: Policies, grant: Grant) -> list[list[ParsedStatement]]:
    """The policies as they would be if the right stood in none of them."""
    return [[part for statement in policy for part in _without(statement, grant)] for policy in policies]


def _without(statement: ParsedStatement, grant: Grant) -> Iterator[ParsedStatement]:
    actions, resources = statement.actions or ["*"], statement.resources or ["*"]
    if statement.effect != "Allow" or grant.action not in actions or grant.resource not in resources:
        yield statement
        return
    # The other actions on all of its resources, and this action on the others.
    if others := [action for action in actions if action != grant.action]:
        yield replace(statement, actions=others)
    if elsewhere := [resource for resource in resources if resource != grant.resource]:
        yield replace(statement, actions=[grant.action], resources=elsewhere)
