"""One buffer becomes one S3 object."""

import asyncio
import base64
import datetime
import gzip
import json
import logging
import time
import uuid
from zoneinfo import ZoneInfo

from ministack.core.responses import request_scope
from ministack.services import firehose, s3

from . import destination, parquet, rights
from .buffers import Buffer

logger = logging.getLogger("mlops.firehose")


def local_time(config: dict, epoch: float) -> time.struct_time:
    """The time of a buffer's names, in the zone that the destination asks for."""
    return datetime.datetime.fromtimestamp(epoch, ZoneInfo(config.get("CustomTimeZone") or "UTC")).timetuple()


def deliver(buffer: Buffer) -> None:
    """Write the buffer's object; what cannot be converted goes to the error prefix, the rest not with it."""
    key, config = buffer.key, buffer.config
    with request_scope(key.account, key.region):
        try:
            if key.error is not None:
                _write_errors(buffer, key.error, buffer.records)
                return
            body, extension, failed = _body(config, buffer.records)
            if body:
                at = local_time(config, buffer.opened)
                prefix = firehose._evaluate_prefix(
                    config.get("Prefix", ""), at, dict(key.query_keys), dict(key.lambda_keys)
                )
                _put(config, f"{prefix}{_name(buffer)}{config.get('FileExtension') or extension}", body)
            if failed:
                _write_errors(buffer, "format-conversion-failed", failed)
        except Exception:
            logger.exception("a delivery of stream %s failed", key.stream)


def _body(config: dict, records: list[bytes]) -> tuple[bytes, str, list[bytes]]:
    if destination.converts(config):
        conversion = config["DataFormatConversionConfiguration"]
        return _converted(conversion, records) if rights.may_read_schema(conversion) else (b"", "", [])
    data = b"".join(records)
    if config.get("CompressionFormat") == "GZIP":
        # The same records make the same bytes: no time in the header.
        return gzip.compress(data, mtime=0), ".gz", []
    return data, "", []


def _converted(conversion: dict, records: list[bytes]) -> tuple[bytes, str, list[bytes]]:
    try:
        return parquet.to_parquet(conversion, b"".join(_lines(records))), ".parquet", []
    except firehose._DeliveryError:
        good, failed = [], []
        for record in records:
            try:
                parquet.to_parquet(conversion, record)
                good.append(record)
            except firehose._DeliveryError as error:
                failed.append(error_line(record, error, conversion))
        return (parquet.to_parquet(conversion, b"".join(_lines(good))) if good else b""), ".parquet", failed


def _lines(records: list[bytes]) -> list[bytes]:
    return [record if record.endswith(b"\n") else record + b"\n" for record in records]


def error_line(record: bytes, error: firehose._DeliveryError, conversion: dict | None = None) -> bytes:
    """A record that was not delivered, as Firehose writes it to the error prefix."""
    now = int(time.time() * 1000)
    document: dict[str, object] = {
        "attemptsMade": 1,
        "arrivalTimestamp": now,
        "attemptEndingTimestamp": now,
        "rawData": base64.b64encode(record).decode(),
    }
    if error.code:
        document["ErrorCode"] = error.code
    document["ErrorMessage"] = error.message
    if conversion is not None:
        schema = conversion.get("SchemaConfiguration") or {}
        document["dataCatalogTable"] = {
            "catalogId": schema.get("CatalogId"),
            "databaseName": schema.get("DatabaseName"),
            "tableName": schema.get("TableName"),
            "region": schema.get("Region"),
            "versionId": schema.get("VersionId", "LATEST"),
        }
    return json.dumps(document).encode() + b"\n"


def _write_errors(buffer: Buffer, kind: str, lines: list[bytes]) -> None:
    config = buffer.config
    at = local_time(config, buffer.opened)
    prefix = config.get("ErrorOutputPrefix")
    if not prefix:
        prefix = f"{config.get('Prefix', '')}{kind}/"
    prefix = firehose._evaluate_prefix(prefix, at, error_type=kind)
    _put(config, f"{prefix}{_name(buffer)}", b"".join(lines))


def _name(buffer: Buffer) -> str:
    at = time.strftime("%Y-%m-%d-%H-%M-%S", local_time(buffer.config, buffer.opened))
    return f"{buffer.key.stream}-{buffer.version}-{at}-{uuid.uuid4()}"


def _put(config: dict, key: str, body: bytes) -> None:
    bucket = firehose._s3_bucket_from_arn(config.get("BucketARN", ""))
    if not rights.may_write(config, bucket, key):
        return
    headers = {
        "content-type": "application/octet-stream",
        "content-length": str(len(body)),
        "host": "s3.localhost",
    }
    status, _, answer = asyncio.run(s3.handle_request("PUT", f"/{bucket}/{key}", headers, body, {}, internal=True))
    if status >= 400:
        logger.error("object %s was not written to bucket %s: %s", key, bucket, answer)
