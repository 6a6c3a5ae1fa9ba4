import base64
import gzip
import json
import re
import tempfile

import botocore.session
import duckdb
import pytest
from ministack.services import firehose as upstream
from mlops_local.firehose import delivery, documents, install, refusals, service
from mlops_local.firehose.buffers import Buffer, Buffers, Key

DAY_AND_HOUR = "{day:.event_time[0:10],hour:.event_time[11:13]}"
KEY = Key("000000000000", "us-east-1", "log", "destinationId-1")
MIB = 1024 * 1024


def config(deaggregate: bool = True, **more) -> dict:
    extraction = {
        "Type": "MetadataExtraction",
        "Parameters": [{"ParameterName": "MetadataExtractionQuery", "ParameterValue": DAY_AND_HOUR}],
    }
    processors = [{"Type": "RecordDeAggregation"}, extraction] if deaggregate else [extraction]
    return {
        "BucketARN": "arn:aws:s3:::lake",
        "DynamicPartitioningConfiguration": {"Enabled": True},
        "ProcessingConfiguration": {"Enabled": True, "Processors": processors},
        **more,
    }


def line(hour: str, identity: str) -> dict:
    return {"event_time": f"2026-11-24 {hour}:59:59.999", "id": identity}


def ids(part: documents.Part) -> list[str]:
    return [json.loads(text)["id"] for text in part.data.splitlines()]


class TestDocuments:
    def test_lines_of_one_hour_stay_together(self):
        record = "\n".join(json.dumps(line(*which)) for which in [("03", "a"), ("04", "b"), ("03", "c")]).encode()
        parts = documents.parts(config(), record)
        assert [(dict(part.keys)["hour"], ids(part)) for part in parts] == [("03", ["a", "c"]), ("04", ["b"])]

    def test_a_line_without_its_keys_fails_alone(self):
        lines = [line("03", "a"), {"id": "no time"}, line("03", "b")]
        good, bad = documents.parts(config(), b"\n".join(json.dumps(each).encode() for each in lines))
        assert (ids(good), good.error) == (["a", "b"], None)
        assert (ids(bad), bad.error.output_type) == (["no time"], "processing-failed")

    def test_what_is_no_json_fails_whole(self):
        (part,) = documents.parts(config(), b"{broken")
        assert (part.data, part.error.output_type) == (b"{broken", "processing-failed")

    def test_a_record_of_more_documents_than_the_service_takes_apart_fails_whole(self):
        allowed, too_many = ("\n".join([json.dumps(line("03", "a"))] * count).encode() for count in (500, 501))
        assert [part.error for part in documents.parts(config(), allowed)] == [None]
        (part,) = documents.parts(config(), too_many)
        assert part.data == too_many
        assert "has 501 JSON documents, de-aggregation takes 500 at most" in part.error.message

    def test_only_where_the_processor_is_declared(self):
        two = b"\n".join(json.dumps(line("03", each)).encode() for each in "ab")
        (part,) = documents.parts({}, two)
        assert (part.data, part.keys) == (two, ())
        # Without it a record is one document.
        assert documents.parts(config(deaggregate=False), two)[0].error is not None

    def test_a_delimiter_only_where_it_is_asked_for(self):
        asked = {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "AppendDelimiterToRecord"}]}}
        assert documents.parts(asked, b"a")[0].data == b"a\n"
        assert documents.parts({}, b"a")[0].data == b"a"


class TestBuffers:
    def test_what_comes_within_the_interval_leaves_together(self):
        # GIVEN
        buffers = Buffers()
        assert buffers.add(KEY, {}, 1, b"a", 1, now=1000.0) is None
        assert buffers.add(KEY, {}, 1, b"b", 1, now=1299.0) is None
        assert buffers.next_due() == 1300.0
        # WHEN
        assert list(buffers.take_due(1299.9)) == []
        (taken,) = buffers.take_due(1300.0)
        # THEN
        assert (taken.records, taken.opened) == ([b"a", b"b"], 1000.0)
        assert buffers.next_due() is None

    def test_each_partition_counts_from_its_own_first_record(self):
        buffers = Buffers()
        other = Key(*("000000000000", "us-east-1", "log", "destinationId-1"), query_keys=(("hour", "04"),))
        hints = {"BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60}}
        buffers.add(other, hints, 1, b"later", 5, now=1030.0)
        buffers.add(KEY, hints, 1, b"first", 5, now=1000.0)
        assert [each.records for each in buffers.take_due(1200.0)] == [[b"first"], [b"later"]]

    @pytest.mark.parametrize(
        ("settings", "limit"),
        [
            ({}, 5 * MIB),
            ({"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 900}}, MIB),
            (config(), 128 * MIB),
        ],
    )
    def test_a_full_buffer_leaves_at_once(self, settings, limit):
        buffers = Buffers()
        assert buffers.add(KEY, settings, 1, b"", limit - 1, now=0.0) is None
        full = buffers.add(KEY, settings, 1, b"", 1, now=0.0)
        assert full.size == limit
        assert buffers.next_due() is None

    def test_without_an_interval_nothing_waits(self):
        hints = {"BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0}}
        assert Buffers().add(KEY, hints, 1, b"a", 1, now=5.0).records == [b"a"]

    def test_a_deleted_stream_leaves_nothing(self):
        buffers = Buffers()
        buffers.add(KEY, {}, 1, b"a", 1, now=0.0)
        buffers.add(Key("000000000000", "eu-west-1", "log", "destinationId-1"), {}, 1, b"b", 1, now=0.0)
        buffers.discard("000000000000", "us-east-1", "log")
        assert [each.records for each in buffers.take_due(1e9)] == [[b"b"]]


class TestDelivery:
    @pytest.fixture
    def objects(self, monkeypatch):
        written: dict[str, bytes] = {}
        monkeypatch.setattr(delivery, "_put", lambda config, key, body: written.update({key: body}))
        return written

    def test_the_object_is_named_by_the_first_arrival(self, objects):
        # GIVEN a buffer opened at 2026-11-24 03:59:59.5 of a stream changed twice
        opened = 1795492799.5
        settings = {"BucketARN": "arn:aws:s3:::lake", "Prefix": "raw/"}
        # WHEN
        delivery.deliver(Buffer(KEY, settings, 3, opened, [b"a", b"b"]))
        # THEN
        ((name, body),) = objects.items()
        assert re.fullmatch(r"raw/2026/11/24/03/log-3-2026-11-24-03-59-59-[0-9a-f-]{36}", name)
        assert body == b"ab"

    def test_gzip_is_applied(self, objects):
        delivery.deliver(Buffer(KEY, {"CompressionFormat": "GZIP"}, 1, 0.0, [b"a\n", b"b\n"]))
        ((name, body),) = objects.items()
        assert name.endswith(".gz")
        assert gzip.decompress(body) == b"a\nb\n"

    def test_the_destination_may_name_extension_and_time_zone(self, objects):
        settings = {"CompressionFormat": "GZIP", "FileExtension": ".jsonl.gz", "CustomTimeZone": "Europe/Berlin"}
        delivery.deliver(Buffer(KEY, settings, 1, 0.0, [b"a"]))
        (name,) = objects
        assert re.fullmatch(r"1970/01/01/01/log-1-1970-01-01-01-00-00-[0-9a-f-]{36}\.jsonl\.gz", name)

    def test_partition_keys_are_in_the_prefix(self, objects):
        key = Key("000000000000", "us-east-1", "log", "d", query_keys=(("hour", "03"),))
        settings = {"Prefix": "h=!{partitionKeyFromQuery:hour}/!{timestamp:yyyy}/"}
        delivery.deliver(Buffer(key, settings, 1, 0.0, [b"a"]))
        (name,) = objects
        assert name.startswith("h=03/1970/log-1-")

    def test_what_cannot_be_converted_fails_alone(self, objects, monkeypatch):
        # GIVEN a table that takes numbers
        columns = [{"Name": "n", "Type": "int"}]
        table = {"StorageDescriptor": {"Columns": columns}}
        monkeypatch.setattr(delivery.parquet.glue, "_tables", {"lake/log": table})
        settings = {
            "Prefix": "log/!{timestamp:yyyy}/",
            "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
            "DataFormatConversionConfiguration": {
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
                "SchemaConfiguration": {"DatabaseName": "lake", "TableName": "log"},
            },
        }
        # WHEN
        delivery.deliver(Buffer(KEY, settings, 1, 0.0, [b'{"n": 1}', b'{"n": "x"}', b'{"n": 2}']))
        # THEN
        good = next(name for name in objects if name.startswith("log/1970/"))
        bad = next(name for name in objects if name.startswith("errors/format-conversion-failed/"))
        assert good.endswith(".parquet")
        assert _rows(objects[good]) == [(1,), (2,)]
        (failed,) = [json.loads(text) for text in objects[bad].splitlines()]
        assert base64.b64decode(failed["rawData"]) == b'{"n": "x"}'
        assert failed["dataCatalogTable"]["tableName"] == "log"


def _rows(parquet: bytes) -> list[tuple]:
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(parquet)
        file.flush()
        return duckdb.sql(f"SELECT * FROM '{file.name}' ORDER BY 1").fetchall()


def record(size: int) -> dict:
    return {"Data": base64.b64encode(b"x" * size).decode()}


class TestRefusals:
    @pytest.mark.parametrize(
        ("records", "batch", "refused"),
        [
            ([record(1_024_000)], False, None),
            ([record(1_024_001)], False, ("ValidationException", "'record.data' failed .* or equal to 1024000")),
            ([record(1)] * 500, True, None),
            ([record(1)] * 501, True, ("ValidationException", "'records' failed .* less than or equal to 500")),
            ([], True, ("ValidationException", "greater than or equal to 1")),
            ([record(1), record(1_024_001)], True, ("ValidationException", "'records.2.member.data'")),
            ([record(MIB // 2)] * 8, True, None),
            ([record(MIB // 2)] * 8 + [record(1)], True, ("InvalidArgumentException", "exceeds 4 MB limit")),
            ([{"Data": "%"}], False, ("SerializationException", "base64")),
        ],
    )
    def test_records(self, records, batch, refused):
        found = refusals.of_records(records, batch)
        if refused is None:
            assert found is None
        else:
            assert found[0] == refused[0]
            assert re.search(refused[1], found[1])

    @pytest.mark.parametrize(
        ("settings", "refused"),
        [
            ({}, None),
            ({"CompressionFormat": "GZIP"}, None),
            *(
                ({"CompressionFormat": name}, f"'CompressionFormat' '{name}' is not implemented .* UNCOMPRESSED, GZIP")
                for name in ("ZIP", "Snappy", "HADOOP_SNAPPY")
            ),
            ({"BufferingHints": {"SizeInMBs": 5}}, "has no 'IntervalInSeconds'"),
            ({"BufferingHints": {"SizeInMBs": 129, "IntervalInSeconds": 60}}, "is 129, must be a whole number from 1 to 128"),
            ({"BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 901}}, "is 901, must be a whole number from 0 to 900"),
            (config(BufferingHints={"SizeInMBs": 63, "IntervalInSeconds": 60}), "is 63, must be 64 at least"),
            (config(BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 60}), None),
            ({"BufferingHints": {"SizeInMBs": "many", "IntervalInSeconds": 60}}, "is many, must be a whole number"),
            ({"BufferingHints": {"SizeInMBs": "5", "IntervalInSeconds": "60"}}, None),
            ({"CustomTimeZone": "Mars/Base"}, "'CustomTimeZone' is 'Mars/Base', must be a zone"),
            ({"CustomTimeZone": "Europe/Berlin"}, None),
            ({"FileExtension": "json"}, "'FileExtension' is 'json', must begin with a dot"),
            ({"FileExtension": ".json.gz"}, None),
            (
                {"ProcessingConfiguration": {"Enabled": True, "Processors": [{"Type": "Decompression"}]}},
                "processor 'Decompression' is not implemented .* AppendDelimiterToRecord",
            ),
            ({"S3BackupMode": "Enabled"}, "'S3BackupMode' 'Enabled' is not implemented"),
            (
                {
                    "DataFormatConversionConfiguration": {
                        "OutputFormatConfiguration": {"Serializer": {"OrcSerDe": {}}},
                    }
                },
                "by OrcSerDe is not implemented",
            ),
            (
                {
                    "CompressionFormat": "GZIP",
                    "DataFormatConversionConfiguration": {
                        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
                    },
                },
                "beside a format conversion",
            ),
        ],
    )
    def test_destinations(self, settings, refused):
        found = refusals.of_destination("ExtendedS3", settings)
        assert found is None if refused is None else re.search(refused, found)

    def test_every_destination_of_the_service_but_s3_fails_by_name(self):
        model = botocore.session.get_session().get_service_model("firehose")
        members = model.operation_model("CreateDeliveryStream").input_shape.members
        destinations = [name for name in members if name.endswith("DestinationConfiguration")]
        delivered = set()
        for name in destinations:
            answer = upstream._create_delivery_stream({"DeliveryStreamName": "refused", name: {}})
            if answer[0] < 400:
                delivered.add(name)
                upstream._delete_delivery_stream({"DeliveryStreamName": "refused"})
            else:
                assert b"is not implemented by the local cloud; it delivers to S3" in answer[2]
        assert len(destinations) > 8
        assert delivered == {"ExtendedS3DestinationConfiguration", "S3DestinationConfiguration"}

    def test_the_limits_are_those_of_the_service_model(self):
        model = botocore.session.get_session().get_service_model("firehose")
        assert model.shape_for("Data").metadata["max"] == refusals.MAX_RECORD_BYTES
        assert model.shape_for("PutRecordBatchRequestEntryList").metadata["max"] == refusals.MAX_BATCH_RECORDS
        offered = set(model.shape_for("CompressionFormat").metadata["enum"])
        refused = {name for name in offered if refusals.of_destination("S3", {"CompressionFormat": name})}
        assert offered - refused == set(refusals.COMPRESSIONS)


@pytest.fixture(autouse=True, scope="module")
def installed():
    install()


def test_ministack_keeps_no_record_and_delivers_none_by_itself():
    stream = {"name": "log", "version": 1}
    destination = {"id": "d", "type": "S3", "config": {}, "records": [{"id": "1", "data": "YQ=="}]}
    upstream._deliver_records_to_s3(stream, destination, [("1", b"a")])
    assert destination["records"] == []
    assert service.next_due() is not None
    service._buffers.discard("000000000000", "us-east-1", "log")


def test_a_record_whose_function_the_role_may_not_invoke_goes_to_the_error_prefix(monkeypatch):
    # GIVEN
    asked = []
    monkeypatch.setattr(service.rights, "_may", lambda role, needed: asked.append((role, needed)) or False)
    monkeypatch.setattr(upstream, "_apply_lambda_processors", lambda *args, **kwargs: pytest.fail("it was invoked"))
    parameters = [{"ParameterName": "LambdaArn", "ParameterValue": "arn:f"}]
    processors = [{"Type": "Lambda", "Parameters": parameters}]
    settings = {"RoleARN": "arn:r", "ProcessingConfiguration": {"Enabled": True, "Processors": processors}}
    # WHEN
    service.take({"name": "log"}, {"id": "d", "type": "S3", "config": settings, "records": []}, [("1", b"a")])
    # THEN
    assert asked == [("arn:r", [("lambda:InvokeFunction", "arn:f")])]
    [buffer] = service._buffers.take_due(service.next_due())
    assert buffer.key.error == "processing-failed"
    assert json.loads(buffer.records[0])["ErrorCode"] == "Lambda.InvokeAccessDenied"


@pytest.mark.parametrize("settings", [{}, {"ProcessingConfiguration": {"Enabled": False, "Processors": [{"Type": "Lambda"}]}}])
def test_without_a_function_no_right_is_asked_for(settings, monkeypatch):
    monkeypatch.setattr(service.rights, "_may", lambda role, needed: pytest.fail("it was asked for"))
    assert service.rights.may_transform(settings)
