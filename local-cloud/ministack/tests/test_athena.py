"""A query's right is its workgroup's."""

from ministack.services import athena

from mlops_local.athena import workgroup_of_query


def test_a_request_that_names_a_query_is_about_its_workgroup():
    # GIVEN
    athena._executions["query-1"] = {"WorkGroup": "reports"}
    # THEN
    assert workgroup_of_query(b'{"QueryExecutionId": "query-1"}') == "reports"
    athena._executions.clear()


def test_a_request_about_no_known_query_has_no_workgroup():
    assert workgroup_of_query(b'{"QueryExecutionId": "gone"}') is None
    assert workgroup_of_query(b'{"WorkGroup": "reports"}') is None
    assert workgroup_of_query(b"not json") is None
    assert workgroup_of_query(b"") is None
