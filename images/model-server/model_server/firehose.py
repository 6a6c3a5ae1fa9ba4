"""Delivery to an Amazon Data Firehose stream."""

from typing import Any

from .packing import Record


class Firehose:
    """Sends records with PutRecordBatch; knows which of them were refused."""

    def __init__(self, client: Any, stream: str) -> None:
        self._client = client
        self._stream = stream

    @staticmethod
    def connect(stream: str, region: str | None) -> "Firehose":
        import boto3
        from botocore.config import Config

        # the log has its own pauses; a call that hangs must not hold the next ones up for a minute
        config = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1})
        return Firehose(boto3.client("firehose", region_name=region, config=config), stream)

    def deliver(self, records: list[Record]) -> list[Record]:
        answer = self._client.put_record_batch(
            DeliveryStreamName=self._stream, Records=[{"Data": record.data} for record in records]
        )
        if answer["FailedPutCount"] == 0:
            return []
        # answers stand in the order of the records
        return [
            record for record, result in zip(records, answer["RequestResponses"], strict=True) if "ErrorCode" in result
        ]
