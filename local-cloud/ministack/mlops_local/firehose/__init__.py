"""Amazon Data Firehose to S3: records are buffered by size and interval, and delivered an object a prefix."""

from .service import deliver_due, install, next_due, run_forever

__all__ = ["deliver_due", "install", "next_due", "run_forever"]
