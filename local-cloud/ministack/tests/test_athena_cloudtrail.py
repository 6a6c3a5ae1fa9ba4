"""Files of CloudTrail are read as events, by the columns of their table and by the region and day of their folder."""

import gzip
import json

import duckdb
from mlops_local import athena as ours

LOCATION = "s3://audit/AWSLogs/1/CloudTrail"
TABLE = {
    "Parameters": {
        "storage.location.template": f"{LOCATION}/${{region}}/${{day}}",
        "projection.day.format": "yyyy/MM/dd",
        "projection.region.type": "enum",
        "projection.region.values": "eu-west-1,us-east-1",
    },
    "PartitionKeys": [{"Name": "region", "Type": "string"}, {"Name": "day", "Type": "string"}],
    "StorageDescriptor": {
        "Location": LOCATION,
        "InputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
        "Columns": [
            {"Name": "useridentity", "Type": "struct<arn:string,username:string>"},
            {"Name": "eventname", "Type": "string"},
            {"Name": "requestparameters", "Type": "string"},
            {"Name": "errorcode", "Type": "string"},
        ],
    },
}


def files(folder, *places):
    written = []
    for place, events in places:
        path = folder / place / "1_CloudTrail_x.json.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.compress(json.dumps({"Records": events}).encode()))
        written.append(str(path))
    return written


def event(name, **more):
    return {"eventName": name, "userIdentity": {"type": "IAMUser", "arn": "arn:ada"}, "eventID": "1", **more}


def test_each_event_is_a_row_whatever_more_it_holds(tmp_path):
    # GIVEN
    found = files(
        tmp_path,
        ("eu-west-1/2026/11/27", [event("A", requestParameters={"status": "Approved"}), event("B", errorCode="Denied")]),
        ("us-east-1/2026/11/28", [event("C")]),
    )
    # WHEN
    rows = duckdb.connect().execute(
        "SELECT region, day, eventname, useridentity.arn, json_extract_string(requestparameters, '$.status'), errorcode "
        f"FROM {ours.cloudtrail_relation(TABLE, found)} ORDER BY eventname"
    )
    # THEN
    assert rows.fetchall() == [
        ("eu-west-1", "2026/11/27", "A", "arn:ada", "Approved", None),
        ("eu-west-1", "2026/11/27", "B", "arn:ada", None, "Denied"),
        ("us-east-1", "2026/11/28", "C", "arn:ada", None, None),
    ]


def test_files_of_a_region_that_is_not_listed_are_not_read(tmp_path):
    found = files(tmp_path, ("ap-south-1/2026/11/28", [event("A")]), ("us-east-1/2026/11/28", [event("B")]))
    rows = duckdb.connect().execute(f"SELECT eventname FROM {ours.cloudtrail_relation(TABLE, found)}")
    assert rows.fetchall() == [("B",)]


def test_a_partition_of_one_key_is_computed_too(tmp_path):
    # GIVEN
    day = {
        **TABLE,
        "Parameters": {"storage.location.template": f"{LOCATION}/${{day}}", "projection.day.format": "yyyy/MM/dd"},
        "PartitionKeys": [{"Name": "day", "Type": "string"}],
    }
    found = files(tmp_path, ("2026/11/28", [event("A")]))
    # WHEN
    rows = duckdb.connect().execute(f"SELECT day, eventname FROM {ours.cloudtrail_relation(day, found)}")
    # THEN
    assert rows.fetchall() == [("2026/11/28", "A")]


def test_a_partition_whose_folder_bears_its_name_is_not_computed():
    template = {"storage.location.template": f"{LOCATION}/region=${{region}}/day=${{day}}"}
    assert ours.projected({**TABLE, "Parameters": template}) == {}

