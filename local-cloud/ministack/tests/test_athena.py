"""A query's right is its workgroup's, and a query that was cancelled stays so."""

from ministack.services import athena

from mlops_local.athena import cancelling, workgroup_of_query


def test_a_request_that_names_a_query_is_about_its_workgroup():
    # GIVEN
    athena._executions["query-1"] = {"WorkGroup": "reports"}
    # THEN
    assert workgroup_of_query(b'{"QueryExecutionId": "query-1"}') == "reports"
    athena._executions.clear()


def test_a_request_that_names_saved_queries_is_about_their_workgroup():
    # GIVEN
    athena._named_queries["named-1"] = {"WorkGroup": "audits"}
    # THEN
    assert workgroup_of_query(b'{"NamedQueryId": "named-1"}') == "audits"
    assert workgroup_of_query(b'{"NamedQueryIds": ["named-1"]}') == "audits"
    athena._named_queries.clear()


def test_a_request_about_no_known_query_has_no_workgroup():
    assert workgroup_of_query(b'{"QueryExecutionId": "gone"}') is None
    assert workgroup_of_query(b'{"WorkGroup": "reports"}') is None
    assert workgroup_of_query(b"not json") is None
    assert workgroup_of_query(b"") is None


def test_a_cancelled_query_stays_so_when_its_run_ends():
    # GIVEN
    execution = {"Status": {"State": "RUNNING"}}
    athena._executions["query-1"] = execution
    # WHEN it is stopped and its run ends all the same
    cancelling(athena._stop_query_execution)({"QueryExecutionId": "query-1"})
    execution["Status"]["State"] = "SUCCEEDED"
    # THEN
    assert athena._executions["query-1"]["Status"]["State"] == "CANCELLED"
    athena._executions.clear()
