"""Properties of resource types by AWS's schemas, as CloudFormation checks them before it makes anything.

For the types that MiniStack does not know or takes without a look; the others have checks of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ministack.services.cloudformation import provisioners


@dataclass(frozen=True)
class Properties:
    """The members of a structure, each with its own where they are checked: `()` where a value may be anything."""

    required: Mapping[str, "Properties | tuple"] = field(default_factory=dict)
    optional: Mapping[str, "Properties | tuple"] = field(default_factory=dict)
    # A list of these.
    listed: bool = False


def _any(*names: str) -> dict[str, tuple]:
    return {name: () for name in names}


_NOTIFICATIONS = Properties(
    {
        "Notification": Properties(_any("ComparisonOperator", "NotificationType", "Threshold"), _any("ThresholdType")),
        "Subscribers": Properties(_any("Address", "SubscriptionType"), listed=True),
    },
    listed=True,
)
_BUDGET = Properties(
    _any("BudgetType", "TimeUnit"),
    {
        "BudgetLimit": Properties(_any("Amount", "Unit")),
        **_any(
            "AutoAdjustData",
            "BillingViewArn",
            "BudgetName",
            "CostFilters",
            "CostTypes",
            "FilterExpression",
            "Metrics",
            "PlannedBudgetLimits",
            "TimePeriod",
        ),
    },
)
_BACKUP_RULES = Properties(
    _any("RuleName", "TargetBackupVault"),
    _any(
        "CompletionWindowMinutes",
        "CopyActions",
        "EnableContinuousBackup",
        "IndexActions",
        "Lifecycle",
        "RecoveryPointTags",
        "ScanActions",
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartWindowMinutes",
        "TargetLogicallyAirGappedBackupVaultArn",
    ),
    listed=True,
)
_FIELD_SELECTORS = Properties(
    _any("Field"), _any("EndsWith", "Equals", "NotEndsWith", "NotEquals", "NotStartsWith", "StartsWith"), listed=True
)
_CHAT_OPTIONS = (
    "CustomizationResourceArns",
    "GuardrailPolicies",
    "LoggingLevel",
    "SnsTopicArns",
    "Tags",
    "UserRoleRequired",
)
_TRAFFIC = _any("Description", "FromPort", "GroupId", "IpProtocol", "ToPort", "CidrIp", "CidrIpv6")
SCHEMAS = {
    "AWS::EC2::EIP": Properties(
        {},
        _any("Address", "Domain", "InstanceId", "IpamPoolId", "NetworkBorderGroup", "PublicIpv4Pool", "Tags", "TransferAddress"),
    ),
    "AWS::EC2::FlowLog": Properties(
        _any("ResourceId", "ResourceType"),
        _any(
            "DeliverCrossAccountRole",
            "DeliverLogsPermissionArn",
            "DestinationOptions",
            "LogDestination",
            "LogDestinationType",
            "LogFormat",
            "LogGroupName",
            "MaxAggregationInterval",
            "Tags",
            "TrafficType",
        ),
    ),
    "AWS::EC2::NatGateway": Properties(
        {},
        _any(
            "AllocationId",
            "AvailabilityMode",
            "AvailabilityZoneAddresses",
            "ConnectivityType",
            "MaxDrainDurationSeconds",
            "PrivateIpAddress",
            "SecondaryAllocationIds",
            "SecondaryPrivateIpAddressCount",
            "SecondaryPrivateIpAddresses",
            "SubnetId",
            "Tags",
            "VpcId",
        ),
    ),
    "AWS::EC2::SecurityGroupEgress": Properties(
        _any("GroupId", "IpProtocol"), {**_TRAFFIC, **_any("DestinationPrefixListId", "DestinationSecurityGroupId")}
    ),
    "AWS::EC2::SecurityGroupIngress": Properties(
        _any("IpProtocol"),
        {
            **_TRAFFIC,
            **_any(
                "GroupName",
                "SourcePrefixListId",
                "SourceSecurityGroupId",
                "SourceSecurityGroupName",
                "SourceSecurityGroupOwnerId",
            ),
        },
    ),
    "AWS::Backup::BackupPlan": Properties(
        {
            "BackupPlan": Properties(
                {**_any("BackupPlanName"), "BackupPlanRule": _BACKUP_RULES},
                _any("AdvancedBackupSettings", "ScanSettings"),
            )
        },
        _any("BackupPlanTags"),
    ),
    "AWS::Backup::BackupVault": Properties(
        _any("BackupVaultName"),
        _any("AccessPolicy", "BackupVaultTags", "EncryptionKeyArn", "LockConfiguration", "Notifications"),
    ),
    "AWS::Budgets::Budget": Properties(
        {"Budget": _BUDGET}, {"NotificationsWithSubscribers": _NOTIFICATIONS, **_any("ResourceTags")}
    ),
    "AWS::Athena::NamedQuery": Properties(
        _any("Database", "QueryString"), _any("Description", "Name", "WorkGroup")
    ),
    "AWS::Budgets::BudgetsAction": Properties(
        {
            **_any("ActionType", "BudgetName", "Definition", "ExecutionRoleArn", "NotificationType"),
            "ActionThreshold": Properties(_any("Type", "Value")),
            "Subscribers": Properties(_any("Address", "Type"), listed=True),
        },
        _any("ApprovalModel", "ResourceTags"),
    ),
    "AWS::CDK::Metadata": Properties(optional=_any("Analytics")),
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": Properties(
        _any("ConfigurationName", "IamRoleArn", "TeamId", "TeamsChannelId", "TeamsTenantId"),
        _any("TeamsChannelName", *_CHAT_OPTIONS),
    ),
    "AWS::Chatbot::SlackChannelConfiguration": Properties(
        _any("ConfigurationName", "IamRoleArn", "SlackChannelId", "SlackWorkspaceId"), _any(*_CHAT_OPTIONS)
    ),
    "AWS::CloudTrail::Trail": Properties(
        _any("IsLogging", "S3BucketName"),
        {
            "AdvancedEventSelectors": Properties({"FieldSelectors": _FIELD_SELECTORS}, _any("Name"), listed=True),
            **_any(
                "AggregationConfigurations",
                "CloudWatchLogsLogGroupArn",
                "CloudWatchLogsRoleArn",
                "EnableLogFileValidation",
                "EventSelectors",
                "IncludeGlobalServiceEvents",
                "InsightSelectors",
                "IsMultiRegionTrail",
                "IsOrganizationTrail",
                "KMSKeyId",
                "S3KeyPrefix",
                "SnsTopicName",
                "Tags",
                "TrailName",
            ),
        },
    ),
    "AWS::CloudWatch::Dashboard": Properties(_any("DashboardBody"), _any("DashboardName", "Tags")),
    "AWS::Config::ConfigRule": Properties(
        {"Source": Properties(_any("Owner"), _any("CustomPolicyDetails", "SourceDetails", "SourceIdentifier"))},
        _any(
            "Compliance",
            "ConfigRuleName",
            "Description",
            "EvaluationModes",
            "InputParameters",
            "MaximumExecutionFrequency",
            "Scope",
        ),
    ),
    "AWS::Config::ConfigurationRecorder": Properties(
        _any("RoleARN"), _any("Name", "RecordingGroup", "RecordingMode", "StartedOnCreate")
    ),
    "AWS::Config::DeliveryChannel": Properties(
        _any("S3BucketName"),
        _any("ConfigSnapshotDeliveryProperties", "Name", "S3KeyPrefix", "S3KmsKeyArn", "SnsTopicARN"),
    ),
    "AWS::Logs::MetricFilter": Properties(
        {
            **_any("FilterPattern", "LogGroupName"),
            "MetricTransformations": Properties(
                _any("MetricName", "MetricNamespace", "MetricValue"),
                _any("DefaultValue", "Dimensions", "Unit"),
                listed=True,
            ),
        },
        _any("ApplyOnTransformedLogs", "EmitSystemFieldDimensions", "FieldSelectionCriteria", "FilterName"),
    ),
    "AWS::SageMaker::ModelPackageGroup": Properties(
        _any("ModelPackageGroupName"), _any("ModelPackageGroupDescription", "ModelPackageGroupPolicy", "Tags")
    ),
}


def violations(schema: Properties, value: object, path: str = "#") -> Iterator[str]:
    """What CloudFormation says of each member that is missing, unknown or of another form."""
    if schema.listed:
        if not isinstance(value, list):
            yield f"{path}: expected type: JSONArray, found: {type(value).__name__}"
            return
        for number, each in enumerate(value):
            yield from violations(Properties(schema.required, schema.optional), each, f"{path}/{number}")
        return
    if not isinstance(value, Mapping):
        yield f"{path}: expected type: JSONObject, found: {type(value).__name__}"
        return
    members = {**schema.required, **schema.optional}
    yield from (f"{path}: required key [{name}] not found" for name in schema.required if name not in value)
    yield from (f"{path}: extraneous key [{name}] is not permitted" for name in value if name not in members)
    for name, inner in members.items():
        if name in value and isinstance(inner, Properties):
            yield from violations(inner, value[name], f"{path}/{name}")


def check(kind: str, properties: object) -> None:
    """Fail with everything that is wrong with a resource's properties."""
    found = list(violations(SCHEMAS[kind], properties))
    if found:
        raise ValueError(f"Properties validation failed for a resource of type {kind} with message: {'; '.join(found)}")


def install() -> None:
    """Check before what makes or changes a resource of these types."""

    def creating(kind: str, original):
        def create(logical_id, properties, stack_name):
            check(kind, properties)
            return original(logical_id, properties, stack_name)

        return create

    def updating(kind: str, original):
        def update(physical_id, old, new, *rest, **named):
            check(kind, new)
            return original(physical_id, old, new, *rest, **named)

        return update

    for kind in SCHEMAS:
        handlers = dict(provisioners._RESOURCE_HANDLERS[kind])
        handlers["create"] = creating(kind, handlers["create"])
        if "update" in handlers:
            handlers["update"] = updating(kind, handlers["update"])
        provisioners._RESOURCE_HANDLERS[kind] = handlers
