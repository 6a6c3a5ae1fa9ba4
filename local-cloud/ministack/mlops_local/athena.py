"""Athena: tables have the types of their Glue columns; a right on a query is one on the workgroup it ran in."""

import json
import re

from ministack.core import iam_actions
from ministack.services import athena, firehose

from . import hooks


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def column_type(column: dict) -> str:
    """DuckDB's type of a Glue column, structs and arrays included."""
    return firehose._hive_to_duckdb_type(str(column.get("Type", "string")))


def json_relation(table: dict, files: list[str], partitions: list[dict]) -> str:
    """JSON-lines files read with the table's columns: a column that no file has is null, not an error."""
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    typed = ", ".join(f"{_literal(str(c['Name']))}: {_literal(column_type(c))}" for c in columns)
    listed = "[" + ", ".join(_literal(path) for path in files) + "]"
    reader = f"read_json({listed}, format = 'newline_delimited', columns = {{{typed}}}, {athena._hive_options(partitions)})"
    present = {str(key["Name"]) for key in partitions}
    missing = [key for key in table.get("PartitionKeys") or [] if str(key.get("Name")) not in present]
    nulls = "".join(f", CAST(NULL AS {column_type(key)}) AS {_quoted(str(key['Name']))}" for key in missing)
    return f"(SELECT *{nulls} FROM {reader})"


def projected(table: dict) -> dict[str, str]:
    """DuckDB's expressions for the projected partitions whose folders bear only their values, such as `2026/11/28`."""
    parameters = table.get("Parameters") or {}
    template = str(parameters.get("storage.location.template", ""))
    location = str((table.get("StorageDescriptor") or {}).get("Location", "")).rstrip("/")
    keys = [str(key["Name"]) for key in table.get("PartitionKeys") or []]
    if not keys or template != "/".join([location, *(f"${{{key}}}" for key in keys)]):
        return {}
    folders = {
        key: "/".join(["[^/]+"] * (str(parameters.get(f"projection.{key}.format", "")).count("/") + 1)) for key in keys
    }

    def within(key: str) -> str:
        path = "/".join(f"({folder})" if each == key else folder for each, folder in folders.items())
        return f"regexp_extract(filename, '{path}/[^/]+$', 1)"

    return {key: within(key) for key in keys}


def enumerated(table: dict, partitions: dict[str, str]) -> str:
    """The condition that only files of the values are read that an enumerated partition has."""
    parameters = table.get("Parameters") or {}
    conditions = [
        f"{value} IN ({', '.join(_literal(each) for each in str(parameters[f'projection.{key}.values']).split(','))})"
        for key, value in partitions.items()
        if parameters.get(f"projection.{key}.type") == "enum"
    ]
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def cloudtrail_relation(table: dict, files: list[str]) -> str:
    """Files of CloudTrail, each one object with all its events, as its input format takes them apart.

    Columns are in lower case, as Hive has them, and the events' members are not.
    """
    columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
    names = {name.lower(): name for name in _CLOUDTRAIL_MEMBERS}
    members = ", ".join(f"{_quoted(names.get(str(c['Name']), str(c['Name'])))} {column_type(c)}" for c in columns)
    listed = "[" + ", ".join(_literal(path) for path in files) + "]"
    reader = f"read_json({listed}, columns = {{Records: {_literal(f'STRUCT({members})[]')}}}, filename = true)"
    picked = ", ".join(
        f"event.{_quoted(names.get(str(c['Name']), str(c['Name'])))} AS {_quoted(str(c['Name']))}" for c in columns
    )
    partitions = projected(table)
    computed = "".join(f", {value} AS {_quoted(key)}" for key, value in partitions.items())
    return (
        f"(SELECT {picked}{computed} "
        f"FROM (SELECT unnest(Records) AS event, filename FROM {reader}){enumerated(table, partitions)})"
    )


# Members of an event in CloudTrail's own spelling: "CloudTrail record contents".
_CLOUDTRAIL_MEMBERS = (
    "additionalEventData awsRegion errorCode errorMessage eventCategory eventID eventName eventSource eventTime eventType "
    "eventVersion managementEvent readOnly recipientAccountId requestID requestParameters resources responseElements "
    "serviceEventDetails sharedEventID sourceIPAddress tlsDetails userAgent userIdentity vpcEndpointId"
).split()

_JSON_SCALAR = re.compile(r"\bjson_extract_scalar\s*\(", re.IGNORECASE)


def workgroup_of_query(body: bytes | str) -> str | None:
    """Workgroup of the query, run or named, that a request names, if it names one that there is."""
    try:
        request = json.loads(body) if body else {}
        # IAM looks at each of a batch; ours come from one workgroup.
        named = request.get("NamedQueryId") or next(iter(request.get("NamedQueryIds") or []), None)
        query_id = request.get("QueryExecutionId")
    except (ValueError, AttributeError, TypeError):
        return None
    if isinstance(query_id, str):
        query = athena._executions.get(query_id)
    else:
        query = athena._named_queries.get(named) if isinstance(named, str) else None
    return query["WorkGroup"] if query else None


def _with_workgroups(original):
    def extract_resource_arn(service, method, path, headers, body, query_params, region, account_id):
        workgroup = workgroup_of_query(body) if service == "athena" else None
        if workgroup is not None:
            return f"arn:aws:athena:{region}:{account_id}:workgroup/{workgroup}"
        return original(service, method, path, headers, body, query_params, region, account_id)

    return extract_resource_arn


def cancelling(original):
    """StopQueryExecution that lasts."""

    def stop(data):
        answer = original(data)
        execution = athena._executions.get(data.get("QueryExecutionId"))
        if execution and execution["Status"]["State"] == "CANCELLED":
            # The run goes on and ends what it knows; a query that was cancelled stays so.
            athena._executions[data["QueryExecutionId"]] = {**execution, "Status": dict(execution["Status"])}
        return answer

    return stop


def install() -> None:
    """Replace the relations that MiniStack guesses from the data, and the resource of requests that name a query."""

    def typed(original):
        def relation(table, files):
            columns = (table.get("StorageDescriptor") or {}).get("Columns") or []
            if "CloudTrailInputFormat" in str((table.get("StorageDescriptor") or {}).get("InputFormat", "")) and columns:
                return cloudtrail_relation(table, files)
            if athena._data_format(table) == "json" and columns:
                return json_relation(table, files, athena._path_partition_keys(table, files))
            return original(table, files)

        return relation

    def in_duckdb(original):
        async def rewrite(query, database, catalog=None):
            # DuckDB's name for the same: the text of a scalar.
            return await original(_JSON_SCALAR.sub("json_extract_string(", query), database, catalog)

        return rewrite

    hooks.wrap(athena, "_rewrite_data_paths", in_duckdb)
    hooks.wrap(athena, "_table_relation", typed)
    hooks.wrap(iam_actions, "extract_resource_arn", _with_workgroups)
    hooks.wrap(athena, "_stop_query_execution", cancelling)
    # Also what `_empty_relation` casts its nulls to.
    athena._duckdb_type = column_type
