"""A stream delivers with the rights of its role, and reads its table's schema with those of the schema's role."""

import contextlib
import logging
from collections.abc import Mapping

from ministack.core.responses import get_account_id, get_region

from .. import role_session
from . import destination

logger = logging.getLogger("mlops.firehose")

_SERVICE = "firehose.amazonaws.com"


def may_write(config: Mapping, bucket: str, key: str) -> bool:
    """Whether the stream's role may put the object."""
    return _may(config.get("RoleARN", ""), [("s3:PutObject", f"arn:aws:s3:::{bucket}/{key}")])


def may_transform(config: Mapping) -> bool:
    """Whether the stream's role may invoke the functions that transform its records."""
    processors = (config.get("ProcessingConfiguration") or {}).get("Processors") or []
    functions = [
        parameter["ParameterValue"]
        for each in processors
        if destination.processor(config, "Lambda") and each.get("Type") == "Lambda"
        for parameter in each.get("Parameters") or []
        if parameter.get("ParameterName") == "LambdaArn"
    ]
    return not functions or _may(config.get("RoleARN", ""), [("lambda:InvokeFunction", arn) for arn in functions])


def may_read_schema(conversion: Mapping) -> bool:
    """Whether the schema's role may read the table: the catalogue, the database and the table itself."""
    schema = conversion.get("SchemaConfiguration") or {}
    prefix = f"arn:aws:glue:{schema.get('Region') or get_region()}:{schema.get('CatalogId') or get_account_id()}"
    database, table = schema.get("DatabaseName", ""), schema.get("TableName", "")
    resources = ("catalog", f"database/{database}", f"table/{database}/{table}")
    return _may(schema.get("RoleARN", ""), [("glue:GetTableVersions", f"{prefix}:{name}") for name in resources])


def _may(role_arn: str, needed: list[tuple[str, str]]) -> bool:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(role_session.acting_as(role_arn, _SERVICE))
        except role_session.NotAssumable as error:
            logger.error("a delivery failed: %s", error)
            return False
        denials = stack.enter_context(role_session.noting_denials())
        for action, resource in needed:
            role_session.allowed(action, resource)
    for denial in denials:
        # AWS tries for a day and then gives the records up; here they are given up at once.
        logger.error("a delivery failed: %s", denial.message)
    return not denials
