"""Versions of another account's model package group, where the group's policy lets the caller see them."""

import json
import re

from ministack.core.responses import get_account_id, get_region

from . import principals

_PACKAGE = re.compile(r"^arn:aws:sagemaker:([a-z0-9-]+):(\d{12}):model-package/([^/]+)/\d+$")
_GROUP = "ModelPackageGroupName"


class SharedVersions:
    """Policies of the groups, as the SageMaker server took them."""

    def __init__(self) -> None:
        self._policies: dict[tuple[str, str, str], str] = {}

    def place(self, operation: str, body: bytes) -> tuple[str, str] | None:
        """Account and region of a version that is described, if it is another account's."""
        arn = _described(operation, body)
        match = _PACKAGE.match(arn) if arn else None
        if match is None or match.group(2) == get_account_id():
            return None
        return match.group(2), match.group(1)

    def refusal(self, operation: str, body: bytes) -> str | None:
        """AWS's words if the group's policy does not let the caller see it."""
        arn = _described(operation, body) or ""
        region, account, group = _PACKAGE.match(arn).groups()
        policy = self._policies.get((account, region, group.lower()))
        action = f"sagemaker:{operation}"
        return None if principals.lets(policy, action, arn) else principals.denial(action, arn)

    def note(self, operation: str, body: bytes) -> None:
        """Remember what an operation that succeeded did to a group's policy."""
        if operation not in ("PutModelPackageGroupPolicy", "DeleteModelPackageGroupPolicy", "DeleteModelPackageGroup"):
            return
        request = json.loads(body)
        key = (get_account_id(), get_region(), request[_GROUP].rsplit("/", 1)[-1].lower())
        if operation == "PutModelPackageGroupPolicy":
            self._policies[key] = request["ResourcePolicy"]
        else:
            self._policies.pop(key, None)


def _described(operation: str, body: bytes) -> str | None:
    if operation != "DescribeModelPackage":
        return None
    try:
        name = json.loads(body).get("ModelPackageName")
    except (ValueError, AttributeError, RecursionError):
        # the server behind says so in AWS's form
        return None
    return name if isinstance(name, str) else None
