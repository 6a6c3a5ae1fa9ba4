"""What several test files share."""

from collections.abc import Iterator

import pytest
from serving import Caller, FakeFirehose, save_model, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator[Caller]:
    """A served model without an inference log."""
    with serving(save_model(tmp_path_factory.mktemp("model"))) as caller:
        yield caller


@pytest.fixture
def firehose(monkeypatch) -> Iterator[FakeFirehose]:
    """A Firehose to which every AWS call of this process goes."""
    fake = FakeFirehose()
    monkeypatch.setenv("AWS_ENDPOINT_URL", fake.url)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield fake
    fake.stop()
