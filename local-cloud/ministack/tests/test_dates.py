from mlops_local.dates import caller_date


def test_the_callers_own_date_is_answered():
    assert caller_date([(b"X-Amz-Date", b"20261124T030405Z")]) == b"Tue, 24 Nov 2026 03:04:05 GMT"


def test_none_without_a_readable_one():
    assert caller_date([(b"host", b"x")]) is None
    assert caller_date([(b"x-amz-date", b"yesterday")]) is None
