"""CloudFormation types that MiniStack refuses: those that run here, and those that are only recorded."""

import json

from ministack.services import athena, cloudformation
from ministack.services.cloudformation import provisioners, stacks

from . import calls, hooks, template_properties
from .eks import manifests, resources

# Types that are accepted for the sake of the template and do nothing here, with what does not happen.
RECORDED_ONLY = {
    "AWS::Budgets::Budget": "no cost is counted",
    "AWS::Budgets::BudgetsAction": "no cost is counted, so no policy is attached",
    "AWS::CDK::Metadata": "telemetry of the CDK",
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": "no chat is told",
    "AWS::Chatbot::SlackChannelConfiguration": "no chat is told",
    "AWS::CloudTrail::Trail": "no event is logged",
    "AWS::Config::ConfigRule": "nothing is judged",
    "AWS::Config::ConfigurationRecorder": "nothing is recorded",
    "AWS::Config::DeliveryChannel": "nothing is delivered",
    "AWS::EC2::EIP": "no address is taken",
    "AWS::EC2::FlowLog": "no traffic passes a network interface",
    "AWS::EC2::NatGateway": "nothing is translated",
    "AWS::EC2::SecurityGroupEgress": "no security group holds traffic up",
    "AWS::EC2::SecurityGroupIngress": "no security group holds traffic up",
}
# Custom resources of the CDK, whose function could do nothing here: nobody has a schema of their properties.
RECORDED_CUSTOM = {
    "Custom::VpcRestrictDefaultSG": "no security group holds traffic up",
    manifests.CHART: "no chart is installed: what it brings does not run",
}
# What templates ask of those by `Fn::GetAtt`.
_ATTRIBUTES = {
    "AWS::EC2::EIP": lambda physical_id: {"AllocationId": f"eipalloc-{physical_id[-17:]}", "PublicIp": "192.0.2.1"},
    "AWS::EC2::NatGateway": lambda physical_id: {"NatGatewayId": physical_id},
}
# Types that MiniStack itself takes without doing what they are for.
ACCEPTED_NOT_RUN = {
    "AWS::CloudWatch::Dashboard": "stored, not drawn",
    "AWS::Backup::BackupPlan": "stored, no backup is made",
    "AWS::Backup::BackupVault": "stored, no backup is made",
    "AWS::Logs::MetricFilter": "stored, no metric is made of log lines",
}
# Types that are run, and not all of what they are on AWS.
RUN_IN_PART = {
    "AWS::EC2::SecurityGroup": "stored, it holds no traffic up",
    "AWS::EC2::VPC": "stored, functions and pods use the loopback interface",
    "AWS::EKS::Addon": "stored, not installed",
    "AWS::EKS::Cluster": "a real control plane; the nodes, the load balancer and the network are processes of this machine",
    "AWS::EKS::Nodegroup": "stored, the nodes are there already",
    manifests.RESOURCE: "applied to the real API server without the function that runs kubectl",
    manifests.PATCH: "applied to the real API server without the function that runs kubectl",
    manifests.VALUE: "read from the real API server without the function that runs kubectl",
}


def _tags(props: dict) -> dict:
    return {"Tags": props["Tags"]} if props.get("Tags") else {}


def create_group(logical_id: str, props: dict, stack_name: str):
    """AWS::SageMaker::ModelPackageGroup: Ref is its ARN."""
    name = props["ModelPackageGroupName"]
    request = {"ModelPackageGroupName": name, **_tags(props)}
    if "ModelPackageGroupDescription" in props:
        request["ModelPackageGroupDescription"] = props["ModelPackageGroupDescription"]
    arn = calls.sagemaker("CreateModelPackageGroup", request)["ModelPackageGroupArn"]
    described = calls.sagemaker("DescribeModelPackageGroup", {"ModelPackageGroupName": name})
    if props.get("ModelPackageGroupPolicy"):
        try:
            _put_policy(name, props["ModelPackageGroupPolicy"])
        except calls.AwsError:
            # No resource was made, so the stack's rollback would leave it behind.
            delete_group(arn, props)
            raise
    return arn, {
        "ModelPackageGroupArn": arn,
        "ModelPackageGroupStatus": described["ModelPackageGroupStatus"],
        "CreationTime": str(described.get("CreationTime", "")),
    }


def update_group(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
    """Tags and policy change in place; name and description need a new group."""
    keys = ("ModelPackageGroupName", "ModelPackageGroupDescription")
    if any(old.get(key) != new.get(key) for key in keys):
        kept = new["ModelPackageGroupName"]
        if kept == old["ModelPackageGroupName"]:
            raise ValueError(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {kept} and update the stack again."
            )
        # The old one is deleted by the engine once the update has succeeded, on a thread that may call SageMaker.
        return create_group(logical_id or physical_id, new, stack_name)
    before = {tag["Key"]: tag["Value"] for tag in old.get("Tags") or []}
    after = {tag["Key"]: tag["Value"] for tag in new.get("Tags") or []}
    gone = sorted(before.keys() - after.keys())
    if gone:
        calls.sagemaker("DeleteTags", {"ResourceArn": physical_id, "TagKeys": gone})
    if after and after != before:
        calls.sagemaker(
            "AddTags", {"ResourceArn": physical_id, "Tags": [{"Key": k, "Value": v} for k, v in after.items()]}
        )
    if old.get("ModelPackageGroupPolicy") != new.get("ModelPackageGroupPolicy"):
        name = physical_id.rsplit("/", 1)[-1]
        if new.get("ModelPackageGroupPolicy"):
            _put_policy(name, new["ModelPackageGroupPolicy"])
        else:
            calls.sagemaker("DeleteModelPackageGroupPolicy", {"ModelPackageGroupName": name})
    described = calls.sagemaker("DescribeModelPackageGroup", {"ModelPackageGroupName": physical_id})
    return physical_id, {
        "ModelPackageGroupArn": physical_id,
        "ModelPackageGroupStatus": described["ModelPackageGroupStatus"],
        "CreationTime": str(described.get("CreationTime", "")),
    }


def delete_group(physical_id: str, props: dict) -> None:
    """Refused by SageMaker while versions are in it; a group that is gone already is no error."""
    try:
        calls.sagemaker("DeleteModelPackageGroup", {"ModelPackageGroupName": physical_id.rsplit("/", 1)[-1]})
    except calls.AwsError as error:
        if "does not exist" not in error.message:
            raise


def _put_policy(name: str, policy) -> None:
    text = policy if isinstance(policy, str) else json.dumps(policy)
    calls.sagemaker("PutModelPackageGroupPolicy", {"ModelPackageGroupName": name, "ResourcePolicy": text})


def _create_named_query(logical_id: str, props: dict, stack_name: str):
    """AWS::Athena::NamedQuery: Ref is its id."""
    _, _, answer = athena._create_named_query(
        {
            "Name": props.get("Name") or provisioners._physical_name(stack_name, logical_id),
            **{key: props[key] for key in ("Description", "Database", "QueryString", "WorkGroup") if key in props},
        }
    )
    query_id = json.loads(answer)["NamedQueryId"]
    return query_id, {"NamedQueryId": query_id}


def _delete_named_query(physical_id: str, props: dict) -> None:
    athena._delete_named_query({"NamedQueryId": physical_id})


def _recorder(kind: str) -> dict:
    def create(logical_id: str, props: dict, stack_name: str):
        physical_id = provisioners._physical_name(stack_name, logical_id)
        return physical_id, _ATTRIBUTES[kind](physical_id) if kind in _ATTRIBUTES else {}

    def update(physical_id, old, new, stack_name, logical_id=None):
        return create(logical_id or physical_id, new, stack_name)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": lambda physical_id, props: None}


def recorded() -> list[dict]:
    """Resources of the stacks that stand which are recorded but do nothing, in every account and region."""
    reasons = {**ACCEPTED_NOT_RUN, **RECORDED_ONLY, **RECORDED_CUSTOM, **RUN_IN_PART}
    found = []
    for (account, region, stack_name), stack in list(cloudformation._stacks._data.items()):
        if stack.get("StackStatus") == "DELETE_COMPLETE":
            continue
        for logical_id, resource in (stack.get("_resources") or {}).items():
            kind = resource.get("ResourceType", "")
            if kind in reasons:
                found.append(
                    {
                        "stack": stack_name,
                        "logicalId": logical_id,
                        "type": kind,
                        "reason": reasons[kind],
                        "account": account,
                        "region": region,
                    }
                )
    return found


def install() -> None:
    """Register the types."""
    handlers = provisioners._RESOURCE_HANDLERS
    handlers["AWS::SageMaker::ModelPackageGroup"] = {
        "create": create_group,
        "update": update_group,
        "update_with_logical_id": True,
        "delete": delete_group,
    }

    # Every change of it is a replacement, as on AWS.
    handlers["AWS::Athena::NamedQuery"] = {"create": _create_named_query, "delete": _delete_named_query}

    def off_the_loop(original):
        # These call the SageMaker server, and it calls back: the event loop must stay free meanwhile.
        return lambda resource_type: (
            resource_type.startswith("AWS::SageMaker::")
            or resources.runs_on_worker_thread(resource_type)
            or original(resource_type)
        )

    hooks.wrap(stacks, "_runs_on_worker_thread", off_the_loop)
    provisioners._STACK_TAG_PROPERTY["AWS::SageMaker::ModelPackageGroup"] = ("Tags", "list")
    for kind in (*RECORDED_ONLY, *RECORDED_CUSTOM):
        handlers.setdefault(kind, _recorder(kind))
    template_properties.install()
