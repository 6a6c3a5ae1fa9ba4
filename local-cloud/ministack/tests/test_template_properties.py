import copy

import pytest
from ministack.services.cloudformation import provisioners
from mlops_local import calls, cloudformation, template_properties

BUDGET = {
    "Budget": {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": 10, "Unit": "USD"}},
    "NotificationsWithSubscribers": [
        {
            "Notification": {"ComparisonOperator": "GREATER_THAN", "NotificationType": "ACTUAL", "Threshold": 80},
            "Subscribers": [{"Address": "a@b.c", "SubscriptionType": "EMAIL"}],
        }
    ],
}
PLAN = {"BackupPlan": {"BackupPlanName": "p", "BackupPlanRule": [{"RuleName": "daily", "TargetBackupVault": "v"}]}}
FILTER = {
    "FilterPattern": "ERROR",
    "LogGroupName": "/log",
    "MetricTransformations": [{"MetricName": "Errors", "MetricNamespace": "N", "MetricValue": "1"}],
}
ACTION = {
    "ActionThreshold": {"Type": "PERCENTAGE", "Value": 100},
    "ActionType": "APPLY_IAM_POLICY",
    "BudgetName": "b",
    "Definition": {"IamActionDefinition": {"PolicyArn": "arn:aws:iam::1:policy/p", "Roles": ["r"]}},
    "ExecutionRoleArn": "arn:aws:iam::1:role/r",
    "NotificationType": "ACTUAL",
    "Subscribers": [{"Address": "a@b.c", "Type": "EMAIL"}],
}
TRAIL = {
    "IsLogging": True,
    "S3BucketName": "b",
    "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}],
}
GOOD = {
    "AWS::Athena::NamedQuery": {"Database": "d", "QueryString": "SELECT 1"},
    "AWS::Backup::BackupPlan": PLAN,
    "AWS::Backup::BackupVault": {"BackupVaultName": "v"},
    "AWS::Budgets::Budget": BUDGET,
    "AWS::Budgets::BudgetsAction": ACTION,
    "AWS::CDK::Metadata": {"Analytics": "v2:deflate64:abc"},
    "AWS::CloudTrail::Trail": TRAIL,
    "AWS::CloudWatch::Dashboard": {"DashboardBody": "{}"},
    "AWS::Config::ConfigRule": {"Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_SSL_REQUESTS_ONLY"}},
    "AWS::Config::ConfigurationRecorder": {"RoleARN": "arn:aws:iam::1:role/r"},
    "AWS::Config::DeliveryChannel": {"S3BucketName": "b"},
    "AWS::Logs::MetricFilter": FILTER,
    "AWS::SageMaker::ModelPackageGroup": {"ModelPackageGroupName": "rain"},
}
# Every path to a member that must be there.
REQUIRED = [
    *[("AWS::Budgets::Budget", path) for path in ("Budget", "Budget/BudgetType", "Budget/TimeUnit")],
    *[("AWS::Budgets::Budget", f"Budget/BudgetLimit/{name}") for name in ("Amount", "Unit")],
    *[("AWS::Budgets::Budget", f"NotificationsWithSubscribers/0/{name}") for name in ("Notification", "Subscribers")],
    *[
        ("AWS::Budgets::Budget", f"NotificationsWithSubscribers/0/Notification/{name}")
        for name in ("ComparisonOperator", "NotificationType", "Threshold")
    ],
    *[
        ("AWS::Budgets::Budget", f"NotificationsWithSubscribers/0/Subscribers/0/{name}")
        for name in ("Address", "SubscriptionType")
    ],
    *[
        ("AWS::Backup::BackupPlan", path)
        for path in ("BackupPlan", "BackupPlan/BackupPlanName", "BackupPlan/BackupPlanRule")
    ],
    *[
        ("AWS::Backup::BackupPlan", f"BackupPlan/BackupPlanRule/0/{name}")
        for name in ("RuleName", "TargetBackupVault")
    ],
    *[("AWS::Athena::NamedQuery", name) for name in ("Database", "QueryString")],
    ("AWS::Backup::BackupVault", "BackupVaultName"),
    *[("AWS::Budgets::BudgetsAction", name) for name in ACTION],
    *[("AWS::Budgets::BudgetsAction", f"ActionThreshold/{name}") for name in ("Type", "Value")],
    *[("AWS::Budgets::BudgetsAction", f"Subscribers/0/{name}") for name in ("Address", "Type")],
    *[("AWS::CloudTrail::Trail", name) for name in ("IsLogging", "S3BucketName")],
    ("AWS::CloudTrail::Trail", "AdvancedEventSelectors/0/FieldSelectors/0/Field"),
    ("AWS::Config::ConfigRule", "Source/Owner"),
    ("AWS::Config::ConfigurationRecorder", "RoleARN"),
    ("AWS::Config::DeliveryChannel", "S3BucketName"),
    ("AWS::CloudWatch::Dashboard", "DashboardBody"),
    *[("AWS::Logs::MetricFilter", name) for name in ("FilterPattern", "LogGroupName", "MetricTransformations")],
    *[
        ("AWS::Logs::MetricFilter", f"MetricTransformations/0/{name}")
        for name in ("MetricName", "MetricNamespace", "MetricValue")
    ],
    ("AWS::SageMaker::ModelPackageGroup", "ModelPackageGroupName"),
]


def within(properties, path: list[str]):
    for part in path:
        properties = properties[int(part)] if part.isdigit() else properties[part]
    return properties


def test_every_type_that_is_only_recorded_is_checked():
    assert {*cloudformation.RECORDED_ONLY, *cloudformation.ACCEPTED_NOT_RUN} <= template_properties.SCHEMAS.keys()


@pytest.mark.parametrize("kind", GOOD)
def test_what_the_schema_allows_passes_and_what_it_does_not_know_fails(kind):
    template_properties.check(kind, GOOD[kind])
    with pytest.raises(ValueError, match=rf"{kind} .*#: extraneous key \[Typo\] is not permitted"):
        template_properties.check(kind, {**GOOD[kind], "Typo": 1})


@pytest.mark.parametrize(("kind", "path"), REQUIRED)
def test_fails_without_a_required_property_by_its_path(kind, path):
    # GIVEN
    properties = copy.deepcopy(GOOD[kind])
    *parents, name = path.split("/")
    del within(properties, parents)[name]
    # WHEN / THEN
    where = "/".join(["#", *parents])
    with pytest.raises(ValueError, match=rf"{where}: required key \[{name}\] not found"):
        template_properties.check(kind, properties)


@pytest.mark.parametrize(
    ("kind", "properties", "message"),
    [
        ("AWS::Budgets::Budget", {"Budget": "all of it"}, "#/Budget: expected type: JSONObject, found: str"),
        (
            "AWS::Logs::MetricFilter",
            {**FILTER, "MetricTransformations": {}},
            "#/MetricTransformations: expected type: JSONArray, found: dict",
        ),
    ],
)
def test_fails_for_another_form(kind, properties, message):
    with pytest.raises(ValueError, match=message):
        template_properties.check(kind, properties)


@pytest.fixture
def installed(monkeypatch):
    handlers = dict(provisioners._RESOURCE_HANDLERS)
    monkeypatch.setattr(provisioners, "_RESOURCE_HANDLERS", handlers)
    for kind in cloudformation.RECORDED_ONLY:
        handlers.setdefault(kind, cloudformation._recorder(kind))
    handlers.setdefault("AWS::Athena::NamedQuery", {"create": cloudformation._create_named_query})
    handlers.setdefault("AWS::SageMaker::ModelPackageGroup", {"create": cloudformation.create_group})
    template_properties.install()
    return handlers


@pytest.mark.parametrize("kind", [kind for kind in GOOD if kind != "AWS::CDK::Metadata"])
def test_fails_to_make_and_to_change_a_resource_that_lacks_a_property(installed, kind):
    handler = installed[kind]
    with pytest.raises(ValueError, match="required key"):
        handler["create"]("Logical", {}, "stack")
    if "update" in handler:
        with pytest.raises(ValueError, match="required key"):
            handler["update"]("physical", GOOD[kind], {}, "stack")


def test_a_group_whose_policy_is_refused_is_not_left_behind(monkeypatch):
    # GIVEN
    asked = []

    def sagemaker(operation: str, parameters: dict) -> dict:
        asked.append((operation, parameters["ModelPackageGroupName"]))
        if operation == "PutModelPackageGroupPolicy":
            raise calls.AwsError("ValidationException", "not a policy")
        return {"ModelPackageGroupArn": "arn:aws:sagemaker:r:a:model-package-group/rain", "ModelPackageGroupStatus": "Completed"}

    monkeypatch.setattr(calls, "sagemaker", sagemaker)
    # WHEN
    with pytest.raises(calls.AwsError, match="not a policy"):
        cloudformation.create_group("Group", {"ModelPackageGroupName": "rain", "ModelPackageGroupPolicy": "no"}, "stack")
    # THEN
    assert asked[-1] == ("DeleteModelPackageGroup", "rain")
