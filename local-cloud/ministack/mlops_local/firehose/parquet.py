"""Format conversion: JSON documents to one Parquet object with the columns of a Glue table."""

import json
import os
import tempfile

import duckdb
from ministack.services import firehose, glue


def to_parquet(conversion: dict, data: bytes) -> bytes:
    """The documents with the table's columns; MiniStack inserts them row by row, some 2 ms each."""
    serializer = (conversion.get("OutputFormatConfiguration") or {}).get("Serializer") or {}
    schema = conversion.get("SchemaConfiguration") or {}
    table = glue._tables.get(f"{schema.get('DatabaseName', '')}/{schema.get('TableName', '')}")
    columns = ((table or {}).get("StorageDescriptor") or {}).get("Columns") or []
    if not columns:
        raise firehose._conversion_error("table")
    compression = {"GZIP": "gzip", "UNCOMPRESSED": "uncompressed"}.get(
        (serializer.get("ParquetSerDe") or {}).get("Compression", "SNAPPY"), "snappy"
    )
    lines = _selected(conversion, [column["Name"] for column in columns], firehose._json_documents(data))
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
