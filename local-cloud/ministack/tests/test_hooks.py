"""Also the proof that every name which is replaced is in the pinned MiniStack."""

from mlops_local import hooks


def test_the_pinned_version_has_every_hooked_name():
    assert hooks.missing_names() == []


def test_what_is_missing_is_named():
    required = {"ministack.services.sns": ("_fanout", "_gone"), "ministack.services.nowhere": ("x",)}
    assert hooks.missing_names(required) == ["ministack.services.sns._gone", "ministack.services.nowhere"]


def test_fails_to_start_on_another_version(monkeypatch):
    import pytest

    monkeypatch.setattr(hooks, "version", lambda name: "9.9.9")
    with pytest.raises(hooks.HookError, match="9.9.9 is installed"):
        hooks.check()
