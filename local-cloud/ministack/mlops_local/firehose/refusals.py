"""Requests that Firehose would not take, and destinations that do more than is done here."""

import base64
import binascii
import re
import zoneinfo

from . import destination

MAX_RECORD_BYTES = 1000 * 1024
MAX_BATCH_RECORDS = 500
MAX_BATCH_BYTES = 4 * 1024 * 1024
_MIN_LARGE_SIZE_MIB = 64
_RANGES = {"SizeInMBs": (1, 128), "IntervalInSeconds": (0, 900)}
_DELIVERED = ("ExtendedS3", "S3")
COMPRESSIONS = ("UNCOMPRESSED", "GZIP")
PROCESSORS = ("AppendDelimiterToRecord", "Lambda", "MetadataExtraction", "RecordDeAggregation")
_EXTENSION = re.compile(r"|\.[0-9a-z!\-_.*'()]+")


def of_records(records: list[dict], batch: bool) -> tuple[str, str] | None:
    """Code and message of the refusal to take these records."""
    if batch and not 1 <= len(records) <= MAX_BATCH_RECORDS:
        bound = f"less than or equal to {MAX_BATCH_RECORDS}" if records else "greater than or equal to 1"
        return "ValidationException", _constraint("records", f"Member must have length {bound}")
    total = 0
    for number, record in enumerate(records, 1):
        try:
            size = len(base64.b64decode(record.get("Data", ""), validate=True))
        except (binascii.Error, TypeError, ValueError):
            return "SerializationException", "Record.Data must be valid base64."
        if size > MAX_RECORD_BYTES:
            where = f"records.{number}.member.data" if batch else "record.data"
            return "ValidationException", _constraint(
                where, f"Member must have length less than or equal to {MAX_RECORD_BYTES}"
            )
        total += size
    if total > MAX_BATCH_BYTES:
        return "InvalidArgumentException", "Records size exceeds 4 MB limit"
    return None


def _constraint(where: str, text: str) -> str:
    return f"1 validation error detected: Value at '{where}' failed to satisfy constraint: {text}"


def of_destination(kind: str | None, config: dict | None) -> str | None:
    """Why a destination is refused; without one a stream is only named."""
    if kind is None or config is None:
        return None
    if kind not in _DELIVERED:
        return f"a destination of type {kind} is not implemented by the local cloud; it delivers to S3"
    return _compression(config) or _buffering(config) or _names(config) or _processors(config) or _not_run(config)


def _names(config: dict) -> str | None:
    zone = config.get("CustomTimeZone")
    if zone is not None and zone not in zoneinfo.available_timezones():
        return f"'CustomTimeZone' is {zone!r}, must be a zone of the tz database as 'UTC' or 'Europe/Berlin'"
    extension = config.get("FileExtension")
    if extension is not None and not _EXTENSION.fullmatch(extension):
        return f"'FileExtension' is {extension!r}, must begin with a dot as '.json' does"
    return None


def _processors(config: dict) -> str | None:
    for each in (config.get("ProcessingConfiguration") or {}).get("Processors") or []:
        if each.get("Type") not in PROCESSORS:
            known = ", ".join(PROCESSORS)
            return f"processor {each.get('Type')!r} is not implemented by the local cloud; it knows {known}"
    return None


def _compression(config: dict) -> str | None:
    compression = config.get("CompressionFormat", "UNCOMPRESSED")
    if compression not in COMPRESSIONS:
        known = ", ".join(COMPRESSIONS)
        return f"'CompressionFormat' {compression!r} is not implemented by the local cloud; it knows {known}"
    if destination.converts(config) and compression != "UNCOMPRESSED":
        return (
            f"'CompressionFormat' is {compression!r} beside a format conversion, which compresses by itself; "
            "set it to 'UNCOMPRESSED'"
        )
    return None


def _buffering(config: dict) -> str | None:
    hints = config.get("BufferingHints")
    if hints is None:
        return None
    for name, (least, most) in _RANGES.items():
        if name not in hints:
            other = next(each for each in _RANGES if each != name)
            return f"'BufferingHints' has no '{name}'; whoever sets '{other}' sets both"
        if not re.fullmatch(r"\d+", str(hints[name])) or not least <= int(hints[name]) <= most:
            return f"'BufferingHints.{name}' is {hints[name]}, must be a whole number from {least} to {most}"
    large = destination.converts(config) or destination.partitions(config)
    if large and int(hints["SizeInMBs"]) < _MIN_LARGE_SIZE_MIB:
        return (
            f"'BufferingHints.SizeInMBs' is {hints['SizeInMBs']}, must be {_MIN_LARGE_SIZE_MIB} at least where records "
            "are converted or dynamically partitioned"
        )
    return None


def _not_run(config: dict) -> str | None:
    if config.get("S3BackupMode", "Disabled") != "Disabled":
        return f"'S3BackupMode' {config['S3BackupMode']!r} is not implemented by the local cloud; leave it out"
    if not destination.converts(config):
        return None
    conversion = config["DataFormatConversionConfiguration"]
    serializer = (conversion.get("OutputFormatConfiguration") or {}).get("Serializer") or {}
    if "ParquetSerDe" not in serializer:
        named = ", ".join(serializer) or "no serializer"
        return f"format conversion by {named} is not implemented by the local cloud; it knows 'ParquetSerDe'"
    deserializer = (conversion.get("InputFormatConfiguration") or {}).get("Deserializer") or {}
    if "HiveJsonSerDe" in deserializer:
        return "'HiveJsonSerDe' is not implemented by the local cloud; it knows 'OpenXJsonSerDe'"
    return None
