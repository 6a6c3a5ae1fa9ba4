"""What the configuration of an S3 destination says, with AWS's defaults."""

_DEFAULT_INTERVAL_SECONDS = 300
_DEFAULT_SIZE_MIB = 5
# Where records are converted or partitioned, the default is as much as there may be.
_DEFAULT_LARGE_SIZE_MIB = 128


def converts(config: dict) -> bool:
    """Whether records are converted to another format."""
    conversion = config.get("DataFormatConversionConfiguration")
    return bool(conversion) and _true(conversion.get("Enabled", True))


def partitions(config: dict) -> bool:
    """Whether records are partitioned dynamically, by what they hold."""
    return _true((config.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))


def processor(config: dict, kind: str) -> dict | None:
    """The first processor of a type, if processing is on."""
    processing = config.get("ProcessingConfiguration") or {}
    if not _true(processing.get("Enabled")):
        return None
    return next((each for each in processing.get("Processors") or [] if each.get("Type") == kind), None)


def interval(config: dict) -> float:
    """Seconds that a record waits at most."""
    return float((config.get("BufferingHints") or {}).get("IntervalInSeconds", _DEFAULT_INTERVAL_SECONDS))


def size_limit(config: dict) -> int:
    """Bytes at which a buffer is delivered."""
    default = _DEFAULT_LARGE_SIZE_MIB if converts(config) or partitions(config) else _DEFAULT_SIZE_MIB
    return int((config.get("BufferingHints") or {}).get("SizeInMBs", default)) * 1024 * 1024


def _true(value: object) -> bool:
    # A template may say it in words.
    return value.lower() == "true" if isinstance(value, str) else bool(value)
