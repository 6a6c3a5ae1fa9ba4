"""CloudFormation types of EKS that MiniStack lacks or starts without waiting."""

import json

from ministack.services import eks
from ministack.services.cloudformation import provisioners

from . import clusters

# Of a cluster nothing can be done before it is active, so what is made of it waits.
_KINDS = ("AWS::EKS::Cluster", "AWS::EKS::AccessEntry", "AWS::EKS::Addon", "AWS::EKS::PodIdentityAssociation")


def _done(answer: tuple) -> dict:
    status, _, body = answer
    said = json.loads(body or b"{}")
    if status >= 400:
        raise ValueError(said["message"])
    return said


def _tags(props: dict) -> dict:
    return {tag["Key"]: tag["Value"] for tag in props.get("Tags") or []}


def create_cluster(original):
    """AWS::EKS::Cluster, which is made once its API server answers."""

    def create(logical_id: str, props: dict, stack_name: str):
        name, _ = original(logical_id, props, stack_name)
        try:
            cluster = clusters.wait_until_active(name)
        except ValueError:
            # No resource was made, so the stack's rollback would leave it behind.
            eks._delete_cluster(name)
            raise
        return name, provisioners._eks_cluster_attrs(cluster)

    return create


def create_access_entry(logical_id: str, props: dict, stack_name: str):
    """AWS::EKS::AccessEntry: Ref is principal and cluster."""
    name, principal = props["ClusterName"], props["PrincipalArn"]
    body = {
        "principalArn": principal,
        "kubernetesGroups": props.get("KubernetesGroups") or [],
        "type": props.get("Type", "STANDARD"),
        "tags": _tags(props),
        **({"username": props["Username"]} if props.get("Username") else {}),
    }
    arn = _done(eks._create_access_entry(name, body))["accessEntry"]["accessEntryArn"]
    _associate(name, principal, props)
    return f"{principal}|{name}", {"AccessEntryArn": arn}


def update_access_entry(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
    """Groups, user name and policies change in place."""
    if any(old.get(field) != new.get(field) for field in ("ClusterName", "PrincipalArn", "Type")):
        return create_access_entry(logical_id or physical_id, new, stack_name)
    name, principal = new["ClusterName"], new["PrincipalArn"]
    body = {"kubernetesGroups": new.get("KubernetesGroups") or [], "username": new.get("Username", "")}
    entry = _done(eks._update_access_entry(name, principal, body))["accessEntry"]
    for policy in old.get("AccessPolicies") or []:
        if policy not in (new.get("AccessPolicies") or []):
            eks._disassociate_access_policy(name, principal, policy["PolicyArn"])
    _associate(name, principal, new)
    return physical_id, {"AccessEntryArn": entry["accessEntryArn"]}


def _associate(name: str, principal: str, props: dict) -> None:
    for policy in props.get("AccessPolicies") or []:
        arn = policy["PolicyArn"]
        scope = provisioners._pascal_to_camel(policy.get("AccessScope") or {})
        if eks._access_policy_name(arn) is None:
            raise ValueError(f"not implemented in the local cloud: access policy {arn}")
        if scope.get("type") != "cluster":
            raise ValueError("not implemented in the local cloud: access policies of scope 'namespace'")
        _done(eks._associate_access_policy(name, principal, {"policyArn": arn, "accessScope": scope}))


def delete_access_entry(physical_id: str, props: dict) -> None:
    """One that went with its cluster is no error."""
    principal, _, name = physical_id.rpartition("|")
    eks._delete_access_entry(name, principal)


def create_addon(logical_id: str, props: dict, stack_name: str):
    """AWS::EKS::Addon: Ref is cluster and name."""
    name, addon = props["ClusterName"], props["AddonName"]
    body = {"addonName": addon, "tags": _tags(props), **_addon_fields(props)}
    arn = _done(eks._create_addon(name, body))["addon"]["addonArn"]
    return f"{name}|{addon}", {"Arn": arn}


def update_addon(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
    """Version and configuration change in place."""
    if any(old.get(field) != new.get(field) for field in ("ClusterName", "AddonName")):
        return create_addon(logical_id or physical_id, new, stack_name)
    name, addon = physical_id.split("|")
    _done(eks._update_addon(name, addon, _addon_fields(new)))
    return physical_id, {"Arn": eks._addons[f"{name}/{addon}"]["addonArn"]}


def _addon_fields(props: dict) -> dict:
    fields = {"addonVersion": "AddonVersion", "configurationValues": "ConfigurationValues"}
    return {field: props[name] for field, name in fields.items() if props.get(name)}


def delete_addon(physical_id: str, props: dict) -> None:
    """One that went with its cluster is no error."""
    eks._delete_addon(*physical_id.split("|"))


def create_association(logical_id: str, props: dict, stack_name: str):
    """AWS::EKS::PodIdentityAssociation: Ref is its ARN."""
    body = {
        "namespace": props["Namespace"],
        "serviceAccount": props["ServiceAccount"],
        "roleArn": props["RoleArn"],
        "tags": _tags(props),
    }
    if props.get("TargetRoleArn") or props.get("Policy") or str(props.get("DisableSessionTags", "")).lower() == "true":
        raise ValueError("not implemented in the local cloud: 'TargetRoleArn', 'Policy' and 'DisableSessionTags'")
    association = _done(eks._create_pod_identity_association(props["ClusterName"], body))["association"]
    return association["associationArn"], _association_attributes(association)


def update_association(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
    """The role changes in place."""
    if any(old.get(field) != new.get(field) for field in ("ClusterName", "Namespace", "ServiceAccount")):
        return create_association(logical_id or physical_id, new, stack_name)
    name, association_id = _association(physical_id)
    answer = eks._update_pod_identity_association(name, association_id, {"roleArn": new["RoleArn"]})
    return physical_id, _association_attributes(_done(answer)["association"])


def delete_association(physical_id: str, props: dict) -> None:
    """One that went with its cluster is no error."""
    eks._delete_pod_identity_association(*_association(physical_id))


def _association(arn: str) -> tuple[str, str]:
    _, name, association_id = arn.rsplit(":", 1)[-1].split("/")
    return name, association_id


def _association_attributes(association: dict) -> dict:
    return {"AssociationArn": association["associationArn"], "AssociationId": association["associationId"]}


def runs_on_worker_thread(resource_type: str) -> bool:
    """These wait for the process beside, which asks this one whose tokens it sees."""
    return resource_type in _KINDS


def install() -> None:
    """Register the types."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::EKS::Cluster"] = {
        **handlers["AWS::EKS::Cluster"],
        "create": create_cluster(handlers["AWS::EKS::Cluster"]["create"]),
    }
    for kind, create, update, delete in (
        ("AWS::EKS::AccessEntry", create_access_entry, update_access_entry, delete_access_entry),
        ("AWS::EKS::Addon", create_addon, update_addon, delete_addon),
        ("AWS::EKS::PodIdentityAssociation", create_association, update_association, delete_association),
    ):
        handlers[kind] = {"create": create, "update": update, "update_with_logical_id": True, "delete": delete}
