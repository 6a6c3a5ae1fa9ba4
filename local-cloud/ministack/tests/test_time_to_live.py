import threading
import time

import pytest
from ministack.services import dynamodb
from mlops_local import time_to_live

STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.fixture(scope="module", autouse=True)
def installed():
    kept = {name: getattr(dynamodb, name) for name in ("_build_change_record", "_remove_item")}
    handlers = time_to_live.provisioners._RESOURCE_HANDLERS
    tables = {kind: dict(handlers[kind]) for kind in ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")}
    time_to_live.install()
    yield
    for name, original in kept.items():
        setattr(dynamodb, name, original)
    handlers.update(tables)


@pytest.fixture
def table():
    name = "of-test"
    dynamodb._create_table(
        {
            "TableName": name,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": STREAM,
        }
    )
    time_to_live.specify(name, {"AttributeName": "expires", "Enabled": "true"})
    yield name
    dynamodb._delete_table({"TableName": name})


def put(table: str, identity: str, expires: dict) -> None:
    dynamodb._put_item({"TableName": table, "Item": {"id": {"S": identity}, "expires": expires}})


def left(table: str) -> list[str]:
    return sorted(dynamodb._tables[table]["items"])


def test_an_item_goes_at_its_time_and_the_stream_says_who_took_it(table):
    # GIVEN
    now = time.time()
    put(table, "later", {"N": str(now + 200)})
    put(table, "sooner", {"N": str(now + 100)})
    assert time_to_live.next_due() == pytest.approx(now + 100)

    # WHEN
    assert not time_to_live.expire(now + 99)
    assert time_to_live.expire(now + 100)

    # THEN
    assert left(table) == ["later"]
    assert time_to_live.next_due() == pytest.approx(now + 200)
    *puts, removed = dynamodb._stream_records[table]
    assert (removed["eventName"], removed["dynamodb"]["OldImage"]["id"]) == ("REMOVE", {"S": "sooner"})
    assert removed["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert not any("userIdentity" in record for record in puts)


def test_what_expires_at_once_goes_in_the_order_of_its_times(table):
    now = time.time()
    for identity, seconds in (("c", 30), ("a", 10), ("b", 20)):
        put(table, identity, {"N": str(now + seconds)})
    time_to_live.expire(now + 60)
    removed = [r["dynamodb"]["Keys"]["id"]["S"] for r in dynamodb._stream_records[table] if r["eventName"] == "REMOVE"]
    assert removed == ["a", "b", "c"]


@pytest.mark.parametrize("expires", [{"S": "1"}, {"N": "1"}, {"NULL": True}])
def test_what_is_no_number_or_over_five_years_old_stays(table, expires):
    put(table, "stays", expires)
    assert time_to_live.next_due() is None
    assert not time_to_live.expire(time.time())
    assert left(table) == ["stays"]


def test_a_table_without_the_specification_loses_nothing(table):
    put(table, "stays", {"N": str(time.time() - 1)})
    time_to_live.specify(table, None)
    assert not time_to_live.expire(time.time())
    assert left(table) == ["stays"]


def test_a_specification_that_names_no_attribute_fails(table):
    with pytest.raises(ValueError, match="timeToLiveSpecification.attributeName"):
        time_to_live.specify(table, {"Enabled": True})


def test_the_reaper_of_real_time_takes_nothing(table):
    put(table, "stays", {"N": str(time.time() - 1)})
    reaper = threading.Thread(
        target=lambda: dynamodb._remove_item(dynamodb._tables[table], "stays", None), name="dynamodb-ttl-reaper"
    )
    reaper.start()
    reaper.join()
    assert left(table) == ["stays"]
