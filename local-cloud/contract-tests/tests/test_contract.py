"""What `cases` says of SageMaker, by boto3 against the whole local cloud.

`test/integration/local-cloud/contract` does the same by AWS's SDK for JavaScript, and sees to it that no operation is
without a case.
"""

import math
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import Caller, load

ERRORS = load("errors")
PAGINATION = load("pagination")


def holds(answer: Any, expected: Any) -> bool:
    """Whether an answer holds what is expected, among other members; lists are as long as expected."""
    if isinstance(expected, dict):
        return isinstance(answer, dict) and all(
            name in answer and holds(answer[name], value) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return (
            isinstance(answer, list)
            and len(answer) == len(expected)
            and all(map(holds, answer, expected))
        )
    return answer == expected


def test_every_operation_does_what_it_is_for(caller: Caller) -> None:
    for step in load("happy-paths"):
        expected = dict(step.get("output", {}))
        body = expected.pop("Body", "")
        answer = caller.step(step)
        assert holds(answer, expected), (step, answer)
        assert body in answer.get("Body", "")


@pytest.fixture(scope="module")
def paged(caller: Caller) -> None:
    for step in PAGINATION["given"]:
        caller.step(step)


@pytest.mark.usefixtures("paged")
@pytest.mark.parametrize("listed", PAGINATION["lists"], ids=lambda each: each["operation"])
def test_lists_come_in_pages(caller: Caller, listed: dict[str, Any]) -> None:
    expected = listed.get("expected", [f"page-{n}" for n in range(1, 6)])
    size = listed.get("pageSize", 2)
    pages = [expected[i * size : (i + 1) * size] for i in range(math.ceil(len(expected) / size))]
    assert caller.pages(listed) == pages


@pytest.fixture(scope="module")
def refused(caller: Caller) -> None:
    # last: it leaves as many jobs running as may run
    for step in ERRORS["given"]:
        caller.step(step)


@pytest.mark.usefixtures("refused")
@pytest.mark.parametrize("case", ERRORS["cases"], ids=lambda case: f"{case['operation']}-{case['error']}")
def test_refuses(caller: Caller, case: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as raised:
        caller.call(case["operation"], case["input"])
    answer = raised.value.response
    assert answer["Error"]["Code"] == case["error"]
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == case.get("status", 400)
    message = case["message"]
    if message.startswith("/") and message.endswith("/"):
        assert re.search(message[1:-1], answer["Error"]["Message"])
    else:
        assert answer["Error"]["Message"] == message
