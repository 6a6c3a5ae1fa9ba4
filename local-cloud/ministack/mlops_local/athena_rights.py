"""Athena reads the catalogue and the data, and writes the result, with the rights of whoever starts the query.

Actions and resources by "Access from Athena to Amazon S3" and "Fine-grained access to databases and tables in the AWS
Glue Data Catalog": each Glue call needs the catalogue, the database and the table; the default database is looked at
whatever a query names.
"""

import contextvars
import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlparse

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import athena, glue, s3

from . import hooks

_START = "AmazonAthena.StartQueryExecution"
_RESULTS = "AmazonAthena.GetQueryResults"
_denied: contextvars.ContextVar[str | None] = contextvars.ContextVar("mlops_athena_denied", default=None)


class QueryDenied(Exception):
    """The query fails for want of a right; the message names it."""


@dataclass(frozen=True)
class Needed:
    """One right that a query needs."""

    action: str
    resource: str


def needed_for(query: str, database: str, output: str | None) -> Iterator[Needed]:
    """What the caller must be allowed so that the query is run."""
    region, account = get_region(), get_account_id()
    catalogue = f"arn:aws:glue:{region}:{account}"
    yield Needed("athena:GetDataCatalog", f"arn:aws:athena:{region}:{account}:datacatalog/AwsDataCatalog")
    databases, tables = {"default"}, set()
    for reference in athena._table_references(query):
        databases.add(reference.database or database)
        tables.add((reference.database or database, reference.table))
    yield Needed("glue:GetDatabase", f"{catalogue}:catalog")
    for name in sorted(databases):
        yield Needed("glue:GetDatabase", f"{catalogue}:database/{name}")
    for name, table in sorted(tables):
        definition = glue._tables.get(f"{name}/{table}") or {}
        for resource in ("catalog", f"database/{name}", f"table/{name}/{table}"):
            yield Needed("glue:GetTable", f"{catalogue}:{resource}")
            if _has_listed_partitions(definition):
                yield Needed("glue:GetPartitions", f"{catalogue}:{resource}")
        yield from _data(str((definition.get("StorageDescriptor") or {}).get("Location") or ""))
    if output:
        place = urlparse(output)
        yield Needed("s3:GetBucketLocation", f"arn:aws:s3:::{place.netloc}")
        yield Needed("s3:PutObject", f"arn:aws:s3:::{place.netloc}/{place.path.strip('/')}/result.csv")


def _has_listed_partitions(table: dict) -> bool:
    # Those of a projection are computed, not asked for.
    parameters = table.get("Parameters") or {}
    return bool(table.get("PartitionKeys")) and str(parameters.get("projection.enabled", "")).lower() != "true"


def _data(location: str) -> Iterator[Needed]:
    place = urlparse(location)
    if place.scheme != "s3":
        return
    yield Needed("s3:ListBucket", f"arn:aws:s3:::{place.netloc}")
    bucket = s3._buckets.get(place.netloc) or {"objects": {}}
    prefix = place.path.lstrip("/")
    first = next((key for key in list(bucket["objects"]) if key.startswith(prefix)), None)
    if first is not None:
        yield Needed("s3:GetObject", f"arn:aws:s3:::{place.netloc}/{first}")


def _of_start(request: dict) -> Iterator[Needed]:
    database = (request.get("QueryExecutionContext") or {}).get("Database") or "default"
    workgroup = athena._workgroups.get(request.get("WorkGroup", "primary")) or {}
    configured = (workgroup.get("Configuration") or {}).get("ResultConfiguration") or {}
    output = (request.get("ResultConfiguration") or {}).get("OutputLocation") or configured.get("OutputLocation")
    return needed_for(str(request.get("QueryString", "")), database, output)


def _of_results(request: dict) -> Iterator[Needed]:
    execution = athena._executions.get(request.get("QueryExecutionId")) or {}
    place = urlparse((execution.get("ResultConfiguration") or {}).get("OutputLocation") or "")
    if place.scheme == "s3":
        yield Needed("s3:GetObject", f"arn:aws:s3:::{place.netloc}{place.path}")


def _denial(key: str, all_needed: Iterator[Needed]) -> str | None:
    # The caller was authenticated for its request to Athena; what follows is Athena's own.
    iam_evaluator._signed_request.set(None)
    for needed in all_needed:
        service = needed.action.split(":", 1)[0]
        denied = iam_evaluator.enforce(key, needed.action, service, get_region(), needed.resource)
        if denied:
            if isinstance(denied, iam_evaluator.AuthError):
                return denied.message
            explicit = denied.decision == "Deny"
            return iam_actions.identity_denial_message(needed.action, denied.principal_arn, needed.resource, explicit)
    return None


def install() -> None:
    """Ask when a query is started, which then fails and is not refused, as on AWS; and when its results are read."""
    if not app.AUTH:
        return
    original = app.SERVICE_HANDLERS["athena"]

    async def handle_request(method, path, headers, body, query_params):
        key = router.extract_access_key_id(headers)
        needs = {_START: _of_start, _RESULTS: _of_results}.get(headers.get("x-amz-target"))
        if needs and key and not iam_evaluator.is_root_access_key(key):
            try:
                request = json.loads(body or b"{}")
            except ValueError:
                request = {}  # the service itself says that this is no JSON
            message = contextvars.copy_context().run(_denial, key, needs(request))
            if message and needs is _of_results:
                return error_response_json("InvalidRequestException", message, 400)
            _denied.set(message)
        return await original(method, path, headers, body, query_params)

    def checked(run):
        async def run_duckdb(query, database, catalog=None):
            if message := _denied.get():
                raise QueryDenied(f"Insufficient permissions to execute the query. {message}")
            return await run(query, database, catalog)

        return run_duckdb

    app.SERVICE_HANDLERS["athena"] = handle_request
    hooks.wrap(athena, "_run_duckdb", checked)
