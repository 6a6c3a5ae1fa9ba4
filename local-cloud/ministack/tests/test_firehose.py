import json

import pytest
from ministack.services import firehose as upstream
from mlops_local import firehose


def config(deaggregate: bool = True) -> dict:
    query = "{day:.event_time[0:10],hour:.event_time[11:13]}"
    extraction = {
        "Type": "MetadataExtraction",
        "Parameters": [{"ParameterName": "MetadataExtractionQuery", "ParameterValue": query}],
    }
    processors = [{"Type": "RecordDeAggregation"}, extraction] if deaggregate else [extraction]
    return {"ProcessingConfiguration": {"Enabled": True, "Processors": processors}}


def line(hour: str, identity: str) -> dict:
    return {"event_time": f"2026-11-24 {hour}:59:59.999", "id": identity}


def ids(group: bytes) -> list[str]:
    return [json.loads(text)["id"] for text in group.splitlines()]


def test_lines_of_one_hour_stay_together():
    record = "\n".join(json.dumps(line(*which)) for which in [("03", "a"), ("04", "b"), ("03", "c")]).encode()
    assert [ids(group) for group in firehose.groups(config(), record)] == [["a", "c"], ["b"]]


def test_a_line_without_its_keys_fails_alone():
    record = b"\n".join([json.dumps(line("03", "a")).encode(), b'{"id": "no time"}', json.dumps(line("03", "b")).encode()])
    assert [ids(group) for group in firehose.groups(config(), record)] == [["a", "b"], ["no time"]]


def test_what_is_no_json_stays_one_record():
    assert firehose.groups(config(), b"{broken") == [b"{broken"]


def test_only_where_the_processor_is_declared():
    assert firehose.deaggregates(config())
    assert not firehose.deaggregates(config(deaggregate=False))
    assert not firehose.deaggregates({})


def test_a_record_of_more_documents_than_the_service_takes_apart_fails_whole():
    # GIVEN
    firehose.install()
    allowed, too_many = ("\n".join([json.dumps(line("03", "a"))] * count).encode() for count in (500, 501))

    # THEN
    assert len(firehose.groups(config(), allowed)) == 1
    assert firehose.groups(config(), too_many) == [too_many]
    assert upstream._metadata_extraction_keys(config(), allowed)["hour"] == "03"
    with pytest.raises(upstream._DeliveryError, match="has 501 JSON documents, de-aggregation takes 500 at most"):
        upstream._metadata_extraction_keys(config(), too_many)
