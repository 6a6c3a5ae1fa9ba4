"""Firehose: several JSON documents in one record are partitioned each by itself, and delivered an object a prefix."""

import json
import os
import tempfile

import duckdb
from ministack.services import firehose, glue

from . import hooks

# "Record deaggregation by JSON or by delimiter is capped at 500 per record"; what becomes of more is not documented, so
# here the whole record goes to the error prefix, where it is seen.
MAX_DOCUMENTS = 500


def deaggregates(config: dict) -> bool:
    """Whether the destination splits records of many JSON documents."""
    processing = config.get("ProcessingConfiguration") or {}
    return bool(processing.get("Enabled")) and any(
        processor.get("Type") == "RecordDeAggregation" for processor in processing.get("Processors") or []
    )


def groups(config: dict, record: bytes) -> list[bytes]:
    """The record's documents as JSON lines, those of one prefix together; what cannot be read stays as it is."""
    try:
        documents = firehose._json_documents(record)
    except firehose._DeliveryError:
        return [record]
    if len(documents) > MAX_DOCUMENTS:
        return [record]
    by_keys: dict[str, list[bytes]] = {}
    for document in documents:
        line = json.dumps(document).encode() + b"\n"
        try:
            keys = firehose._metadata_extraction_keys(config, line)
            by_keys.setdefault(json.dumps(keys, sort_keys=True), []).append(line)
        except firehose._DeliveryError:
            # Without its keys it goes to the error prefix alone, not the documents beside it.
            by_keys.setdefault(f"failed {len(by_keys)}", []).append(line)
    return [b"".join(lines) for lines in by_keys.values()]


def _refuse_too_many(record: bytes | str) -> None:
    try:
        count = len(firehose._json_documents(record))
    except firehose._DeliveryError:
        return  # the extraction of its keys tells better what is wrong with it
    if count > MAX_DOCUMENTS:
        raise firehose._DeliveryError(
            "processing-failed", f"The record has {count} JSON documents, de-aggregation takes {MAX_DOCUMENTS} at most."
        )


def to_parquet(conversion: dict, record: bytes) -> bytes:
    """The record's documents with the Glue table's columns; MiniStack inserts them row by row, some 2 ms each."""
    serializer = (conversion.get("OutputFormatConfiguration") or {}).get("Serializer") or {}
    if "ParquetSerDe" not in serializer:
        raise firehose._conversion_error("unsupported")
    schema = conversion.get("SchemaConfiguration") or {}
    table = glue._tables.get(f"{schema.get('DatabaseName', '')}/{schema.get('TableName', '')}")
    columns = ((table or {}).get("StorageDescriptor") or {}).get("Columns") or []
    if not columns:
        raise firehose._conversion_error("table")
    compression = {"GZIP": "gzip", "UNCOMPRESSED": "uncompressed"}.get(
        (serializer.get("ParquetSerDe") or {}).get("Compression", "SNAPPY"), "snappy"
    )
    lines = _selected(conversion, [column["Name"] for column in columns], firehose._json_documents(record))
    typed = ", ".join(
        f"'{column['Name']}': '{firehose._hive_to_duckdb_type(column.get('Type', 'string'))}'" for column in columns
    )
    with tempfile.TemporaryDirectory(prefix="mlops-firehose-") as folder:
        source, target = os.path.join(folder, "in.json"), os.path.join(folder, "out.parquet")
        with open(source, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in lines)
        connection = duckdb.connect()
        try:
            connection.execute(
                f"COPY (SELECT * FROM read_json('{source}', format = 'newline_delimited', columns = {{{typed}}})) "
                f"TO '{target}' (FORMAT PARQUET, COMPRESSION {compression})"
            )
        except duckdb.Error as error:
            raise firehose._conversion_error("mismatch") from error
        finally:
            connection.close()
        with open(target, "rb") as file:
            return file.read()


def _selected(conversion: dict, names: list[str], documents: list[dict]) -> list[dict]:
    deserializer = (conversion.get("InputFormatConfiguration") or {}).get("Deserializer") or {}
    openx = deserializer.get("OpenXJsonSerDe") or {}
    folded = openx.get("CaseInsensitive", True)
    mappings = openx.get("ColumnToJsonKeyMappings") or {}
    lines = []
    for document in documents:
        fields = {key.lower() if folded else key: value for key, value in document.items()}
        keys = {name: mappings.get(name, name) for name in names}
        lines.append({name: fields.get(key.lower() if folded else key) for name, key in keys.items()})
    return lines


def install() -> None:
    """Split records before MiniStack delivers them; its partition keys are then read from a group's first line."""

    def splitting(original):
        def deliver(stream, dest, record_data, lambda_keys=None):
            config = dest["config"]
            if not deaggregates(config):
                return original(stream, dest, record_data, lambda_keys)
            for group in groups(config, record_data):
                original(stream, dest, group, lambda_keys)
            return None

        return deliver

    def first_line(original):
        def keys(config, data):
            if deaggregates(config):
                _refuse_too_many(data)
                data = data.split(b"\n", 1)[0] if isinstance(data, bytes) else data
            return original(config, data)

        return keys

    hooks.wrap(firehose, "_deliver_to_s3", splitting)
    hooks.wrap(firehose, "_metadata_extraction_keys", first_line)
    firehose._convert_to_parquet = to_parquet
