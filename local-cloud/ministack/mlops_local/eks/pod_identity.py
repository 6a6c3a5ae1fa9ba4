"""EKS Pod Identity: which role a service account's pods have, and its credentials, if the role trusts the service."""

import secrets
import time

from ministack.core.responses import get_account_id, set_request_account_id, set_request_region
from ministack.services import eks, iam, sts

from .. import role_session

SERVICE = "pods.eks.amazonaws.com"
_SESSION_SECONDS = 6 * 3600


class NotAssociated(ValueError):
    """There are no credentials for these pods; the message says why."""


def _association(request: dict) -> dict | None:
    scope = (request["account"], request["region"])
    for (account, region, key), association in list(eks._pod_identity_associations.all_items()):
        mine = (account, region) == scope and str(key).startswith(f"{request['cluster']}\x00")
        if mine and all(association[name] == request[name] for name in ("namespace", "serviceAccount")):
            return association
    return None


def associated(request: dict) -> dict:
    """Whether the service account has a role."""
    return {"associated": _association(request) is not None}


def session_tags(request: dict) -> dict[str, str]:
    """The tags by which policies and trust tell pods apart."""
    account, region, cluster = request["account"], request["region"], request["cluster"]
    return {
        "eks-cluster-arn": f"arn:aws:eks:{region}:{account}:cluster/{cluster}",
        "eks-cluster-name": cluster,
        "kubernetes-namespace": request["namespace"],
        "kubernetes-service-account": request["serviceAccount"],
        "kubernetes-pod-name": request["podName"],
        "kubernetes-pod-uid": request["podUid"],
    }


def trusts(document: str | dict, tags: dict[str, str]) -> bool:
    """Whether a role lets Pod Identity have it with these tags: both actions are needed."""
    actions = ("sts:AssumeRole", "sts:TagSession")
    return all(role_session.trusts(document, SERVICE, get_account_id(), action, tags) for action in actions)


def credentials(request: dict) -> dict:
    """Credentials as a container's SDK reads them."""
    set_request_account_id(request["account"])
    set_request_region(request["region"])
    association = _association(request)
    if association is None:
        raise NotAssociated(f"{request['namespace']}/{request['serviceAccount']} is associated with no role")
    arn, tags = association["roleArn"], session_tags(request)
    role = iam._roles.get(arn.rsplit("/", 1)[-1])
    if role is None or not trusts(role["AssumeRolePolicyDocument"], tags):
        raise NotAssociated(f"the role {arn} does not let {SERVICE} assume it and tag its session")
    session = f"eks-{request['cluster']}-{request['podName']}"[:64]
    key, secret, token = f"ASIA{secrets.token_hex(8).upper()}", secrets.token_hex(20), secrets.token_hex(20)
    expires = time.time() + _SESSION_SECONDS
    sts.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{request['account']}:assumed-role/{arn.rsplit('/', 1)[-1]}/{session}",
            "UserId": f"{sts._role_id(arn)}:{session}",
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expires,
            "AccountId": request["account"],
            "PrincipalType": "AssumedRole",
            "SessionTags": [{"Key": name, "Value": value} for name, value in tags.items()],
        },
    )
    return {
        "AccessKeyId": key,
        "SecretAccessKey": secret,
        "Token": token,
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(expires)),
    }
