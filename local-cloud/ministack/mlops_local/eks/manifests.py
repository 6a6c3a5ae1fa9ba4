"""The CDK's custom resources of a cluster: what its functions do with `kubectl`, done without the function.

The function needs an AWS CLI and a network of the VPC, which are not there; what arrives at the API server is the same.
"""

import json
from collections.abc import Callable

from ministack.services.cloudformation import provisioners

from . import clusters
from .server import ClusterServer

RESOURCE = "Custom::AWSCDK-EKS-KubernetesResource"
PATCH = "Custom::AWSCDK-EKS-KubernetesPatch"
VALUE = "Custom::AWSCDK-EKS-KubernetesObjectValue"
CHART = "Custom::AWSCDK-EKS-HelmChart"


def _true(props: dict, name: str) -> bool:
    return str(props.get(name, "false")).lower() == "true"


class Manifests:
    """Handlers of the types, by what is asked of the process with the clusters."""

    def __init__(self, server: ClusterServer):
        self._server = server

    def _ask(self, operation: str, props: dict, request: dict) -> dict:
        return self._server.ask(operation, {"key": clusters.key(props["ClusterName"]), **request})

    def create_resource(self, logical_id: str, props: dict, stack_name: str):
        """`kubectl create --save-config`, or `apply` where it may overwrite."""
        operation = "apply" if _true(props, "Overwrite") else "create"
        self._ask(operation, props, {"manifest": json.loads(props["Manifest"])})
        return provisioners._physical_name(stack_name, logical_id), {}

    def update_resource(self, physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
        """`kubectl apply`; what a manifest no longer holds goes only by its label."""
        label = {"pruneLabel": new["PruneLabel"]} if new.get("PruneLabel") else {}
        self._ask("apply", new, {"manifest": json.loads(new["Manifest"]), **label})
        return physical_id, {}

    def delete_resource(self, physical_id: str, props: dict) -> None:
        """`kubectl delete`."""
        self._ask("delete", props, {"manifest": json.loads(props["Manifest"])})

    def _patch(self, props: dict, patch: str) -> None:
        request = {
            "resource": props["ResourceName"],
            "namespace": props["ResourceNamespace"],
            "patch": json.loads(props[patch]),
            "type": props["PatchType"],
        }
        self._ask("patch", props, request)

    def create_patch(self, logical_id: str, props: dict, stack_name: str):
        """`kubectl patch`."""
        self._patch(props, "ApplyPatchJson")
        return provisioners._physical_name(stack_name, logical_id), {}

    def update_patch(self, physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
        """The new patch; the old one is not taken back."""
        self._patch(new, "ApplyPatchJson")
        return physical_id, {}

    def delete_patch(self, physical_id: str, props: dict) -> None:
        """The patch that restores."""
        self._patch(props, "RestorePatchJson")

    def create_value(self, logical_id: str, props: dict, stack_name: str):
        """`kubectl get`, until there is a value."""
        request = {
            "type": props["ObjectType"],
            "name": props["ObjectName"],
            "namespace": props["ObjectNamespace"],
            "path": props["JsonPath"],
            "timeoutSeconds": int(props["TimeoutSeconds"]),
        }
        value = self._ask("value", props, request)["value"]
        return provisioners._physical_name(stack_name, logical_id), {"Value": value}

    def update_value(self, physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
        """Read again."""
        return physical_id, self.create_value(logical_id or physical_id, new, stack_name)[1]


def install(server: ClusterServer) -> None:
    """Register the types in the place of their function."""
    made = Manifests(server)
    nothing: Callable[..., None] = lambda physical_id, props: None  # noqa: E731
    for kind, create, update, delete in (
        (RESOURCE, made.create_resource, made.update_resource, made.delete_resource),
        (PATCH, made.create_patch, made.update_patch, made.delete_patch),
        (VALUE, made.create_value, made.update_value, nothing),
    ):
        provisioners._RESOURCE_HANDLERS[kind] = {
            "create": create,
            "update": update,
            "update_with_logical_id": True,
            "delete": delete,
        }
