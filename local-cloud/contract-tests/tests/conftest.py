"""One local cloud for all tests."""

from collections.abc import Iterator

import pytest
from cloud import Caller, local_cloud


@pytest.fixture(scope="session")
def caller() -> Iterator[Caller]:
    with local_cloud() as environment:
        made = Caller(environment)
        made.prepare()
        yield made
