"""A client of CloudWatch for a thread that must not wait long."""

from .guardrail import CloudWatch


def connect_cloudwatch(region: str | None) -> CloudWatch:
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 2})
    return boto3.client("cloudwatch", region_name=region, config=config)
