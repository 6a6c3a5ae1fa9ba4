"""Files of CloudTrail are read as events, by the columns of their table and by the day of their folder."""

import gzip
import json

import duckdb
from mlops_local import athena as ours

LOCATION = "s3://audit/AWSLogs/1/CloudTrail/us-east-1"
TABLE = {
    "Parameters": {"storage.location.template": f"{LOCATION}/${{day}}", "projection.day.format": "yyyy/MM/dd"},
    "PartitionKeys": [{"Name": "day", "Type": "string"}],
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


def files(folder, *days):
    written = []
    for day, events in days:
        path = folder / day / "1_CloudTrail_us-east-1_x.json.gz"
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
        ("2026/11/27", [event("A", requestParameters={"status": "Approved"}), event("B", errorCode="Denied")]),
        ("2026/11/28", [event("C")]),
    )
    # WHEN
    rows = duckdb.connect().execute(
        "SELECT day, eventname, useridentity.arn, json_extract_string(requestparameters, '$.status'), errorcode "
        f"FROM {ours.cloudtrail_relation(TABLE, found)} ORDER BY eventname"
    )
    # THEN
    assert rows.fetchall() == [
        ("2026/11/27", "A", "arn:ada", "Approved", None),
        ("2026/11/27", "B", "arn:ada", None, "Denied"),
        ("2026/11/28", "C", "arn:ada", None, None),
    ]


def test_a_partition_whose_folder_bears_its_name_is_not_computed():
    template = {"storage.location.template": f"{LOCATION}/day=${{day}}"}
    assert ours.projected({**TABLE, "Parameters": template}) is None

