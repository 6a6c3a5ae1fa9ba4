"""AWS::DynamoDB::GlobalTable, which the CDK makes of a table: an update keeps the table and its items.

MiniStack looks at an update for a table named after the physical id instead of the logical one, finds none, and so puts a
new, empty table in its place.
"""

from ministack.services.cloudformation import provisioners

# What only a global table has; there is one region here.
_OF_MANY_REGIONS = (
    "GlobalTableSourceArn",
    "GlobalTableWitnesses",
    "MultiRegionConsistency",
    "ReadOnDemandThroughputSettings",
    "ReadProvisionedThroughputSettings",
    "Replicas",
    "WarmThroughput",
    "WriteOnDemandThroughputSettings",
    "WriteProvisionedThroughputSettings",
)


def update(physical_id: str, old: dict, new: dict, stack_name: str, logical_id: str | None = None):
    """The update of a table of one region."""
    table = {key: value for key, value in new.items() if key not in _OF_MANY_REGIONS}
    return provisioners._ddb_update(physical_id, old, table, stack_name, logical_id)


def install() -> None:
    """Replace the update; before the time to live, which adds to it."""
    provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::GlobalTable"].update(update=update, update_with_logical_id=True)
