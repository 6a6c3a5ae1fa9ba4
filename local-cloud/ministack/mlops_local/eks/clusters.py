"""Clusters: MiniStack keeps the record and answers the API; the control plane runs in the process beside."""

import os
import threading

from ministack.core.responses import get_account_id, get_region
from ministack.services import eks

from .. import hooks
from .server import ClusterServer, Refused

# What an operator reads of a cluster here and nowhere on AWS.
_DESCRIBED = ("version", "kubeconfig", "gatewayUrl")


def key(name: str, account: str | None = None, region: str | None = None) -> str:
    """What the process beside knows a cluster by."""
    return f"{account or get_account_id()}/{region or get_region()}/{name}"


def listed() -> list[dict]:
    """Each cluster with where it is reached."""
    return [
        {"name": name, "account": account, "region": region, "endpoint": cluster["endpoint"], **cluster["_local"]}
        for (account, region, name), cluster in eks._clusters.all_items()
        if "_local" in cluster
    ]


def wait_until_active(name: str) -> dict:
    """The cluster, once it has started; fails as CloudFormation's stabilisation does."""
    cluster = eks._clusters[name]
    cluster["_started"].wait()
    if cluster["status"] == "FAILED":
        raise ValueError(f"the cluster {name} did not start: {cluster['_failure']}")
    return cluster


def install(server: ClusterServer) -> None:
    """Start and end control planes with the records."""

    def _create(original):
        def create_cluster(body, creator_arn=None):
            answer = original(body, creator_arn)
            if answer[0] == 200:
                _begin(server, eks._clusters[body["name"]])
            return answer

        return create_cluster

    def _delete(original):
        def delete_cluster(name):
            known = name in eks._clusters
            answer = original(name)
            if known:
                server.ask("delete-cluster", {"key": key(name)})
            return answer

        return delete_cluster

    def reconcile(cluster_name, account_id, region):
        """What access policies let their principals do, as RBAC: EKS has an authorizer of its own for them."""
        cluster = eks._clusters.get_scoped(account_id, region, cluster_name)
        if not cluster or cluster["status"] != "ACTIVE":
            return False
        objects = eks._access_policy_rbac_objects(cluster_name, account_id, region, [])
        server.ask("apply", {"key": key(cluster_name, account_id, region), "manifest": objects})
        return True

    # no container is ever asked for
    eks._get_docker = lambda: None
    hooks.wrap(eks, "_create_cluster", _create)
    hooks.wrap(eks, "_delete_cluster", _delete)
    eks._reconcile_access_policy_rbac = reconcile


def _begin(server: ClusterServer, cluster: dict) -> None:
    name, account, region = cluster["name"], get_account_id(), get_region()
    cluster["_started"] = threading.Event()
    for thread in threading.enumerate():
        # MiniStack's own start, which finds no Docker and calls the cluster active.
        if thread.name == f"eks-{name}":
            thread.join()
    cluster["status"] = "CREATING"
    webhook = (
        f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/_ministack/eks-auth/"
        f"{account}/{region}/{name}/{cluster['_auth_token']}"
    )
    request = {
        "key": key(name),
        "name": name,
        "account": account,
        "region": region,
        "authenticationWebhook": webhook,
    }

    def start() -> None:
        try:
            made = server.ask("create-cluster", request)
            cluster["endpoint"] = made["endpoint"]
            cluster["certificateAuthority"]["data"] = made["certificateAuthority"]
            cluster["_local"] = {field: made[field] for field in _DESCRIBED}
            cluster["status"] = "ACTIVE"
            eks._schedule_access_policy_reconcile(name, account, region)
        except Refused as refused:
            cluster["_failure"] = str(refused)
            cluster["status"] = "FAILED"
        finally:
            cluster["_started"].set()

    threading.Thread(target=start, daemon=True, name=f"local-eks-{name}").start()
