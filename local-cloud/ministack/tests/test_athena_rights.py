"""Which rights a query needs."""

import pytest
from ministack.core.responses import request_scope
from ministack.services import glue, s3

from mlops_local.athena_rights import needed_for

GLUE = "arn:aws:glue:us-east-1:000000000000"


@pytest.fixture(autouse=True)
def catalogue():
    with request_scope("000000000000", "us-east-1"):
        descriptor = {"Location": "s3://lake-rights/log/"}
        glue._tables["lake/log"] = {"StorageDescriptor": descriptor, "PartitionKeys": [{"Name": "day"}]}
        glue._tables["lake/projected"] = {
            "StorageDescriptor": {"Location": "s3://lake-rights/none/"},
            "PartitionKeys": [{"Name": "day"}],
            "Parameters": {"projection.enabled": "true"},
        }
        s3._buckets["lake-rights"] = {"objects": {"log/day=1/a.parquet": {}, "other/b": {}}}
        yield
        glue._tables.pop("lake/log")
        glue._tables.pop("lake/projected")
        s3._buckets.pop("lake-rights")


def asked(query: str, output: str | None = None) -> set[tuple[str, str]]:
    return {(needed.action, needed.resource) for needed in needed_for(query, "lake", output)}


def test_a_table_needs_itself_its_database_and_the_catalogue():
    found = asked("SELECT a FROM log")
    assert {("glue:GetTable", f"{GLUE}:{name}") for name in ("catalog", "database/lake", "table/lake/log")} <= found
    assert ("glue:GetDatabase", f"{GLUE}:database/default") in found
    assert ("glue:GetPartitions", f"{GLUE}:table/lake/log") in found


def test_projected_partitions_are_not_asked_for():
    assert not [action for action, _ in asked("SELECT a FROM projected") if action == "glue:GetPartitions"]


def test_the_data_that_is_read_and_the_result_that_is_written():
    found = asked("SELECT a FROM lake.log", "s3://results/athena/")
    assert {pair for pair in found if pair[0].startswith("s3:")} == {
        ("s3:ListBucket", "arn:aws:s3:::lake-rights"),
        ("s3:GetObject", "arn:aws:s3:::lake-rights/log/day=1/a.parquet"),
        ("s3:GetBucketLocation", "arn:aws:s3:::results"),
        ("s3:PutObject", "arn:aws:s3:::results/athena/result.csv"),
    }


def test_the_names_of_a_with_clause_are_no_tables():
    found = asked("WITH recent AS (SELECT a FROM log) SELECT a FROM recent")
    assert not [resource for _, resource in found if resource.endswith("/recent")]
