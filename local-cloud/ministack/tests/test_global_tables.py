import pytest
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners
from mlops_local import global_tables

KIND = "AWS::DynamoDB::GlobalTable"
TABLE = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
    "Replicas": [{"Region": "us-east-1"}],
}


@pytest.fixture(autouse=True)
def installed():
    kept = dict(provisioners._RESOURCE_HANDLERS[KIND])
    global_tables.install()
    yield
    provisioners._RESOURCE_HANDLERS[KIND] = kept


@pytest.fixture
def table():
    name, _ = provisioners._provision_resource(KIND, "Ledger", TABLE, "stack")
    dynamodb._put_item({"TableName": name, "Item": {"id": {"S": "rain"}}})
    yield name
    dynamodb._tables.pop(name, None)


@pytest.mark.parametrize(
    "change",
    [
        {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}},
        {"Replicas": [{"Region": "us-east-1", "Tags": [{"Key": "team", "Value": "weather"}]}]},
    ],
    ids=["a stream", "a tag of its replica"],
)
def test_a_table_keeps_its_name_and_its_items_when_it_gets(table, change):
    name, _ = provisioners._update_resource(KIND, table, TABLE, {**TABLE, **change}, "stack", "Ledger")

    assert name == table
    assert dynamodb._tables[name]["items"]


def test_a_stream_that_is_added_is_there(table):
    stream = {"StreamViewType": "NEW_IMAGE"}
    _, attributes = provisioners._update_resource(
        KIND, table, TABLE, {**TABLE, "StreamSpecification": stream}, "stack", "Ledger"
    )

    assert attributes["StreamArn"] == dynamodb._tables[table]["LatestStreamArn"]


def test_a_table_with_another_key_is_another_one(table):
    other = {**TABLE, "KeySchema": [{"AttributeName": "other", "KeyType": "HASH"}]}
    name, _ = provisioners._update_resource(KIND, table, TABLE, other, "stack", "Ledger")

    assert not dynamodb._tables[name]["items"]
