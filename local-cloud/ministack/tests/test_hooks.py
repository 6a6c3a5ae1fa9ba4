"""Also the proof that every name which is replaced is in the pinned MiniStack."""

import ast
import importlib
from pathlib import Path

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


def test_every_name_that_is_used_is_checked_at_the_start():
    # GIVEN
    package = Path(hooks.__file__).parent
    used: set[tuple[str, str]] = set()
    for file in package.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        modules: dict[str, str] = {}
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("ministack"):
                continue
            for alias in node.names:
                try:
                    modules[alias.asname or alias.name] = importlib.import_module(f"{node.module}.{alias.name}").__name__
                except ModuleNotFoundError:
                    used.add((node.module, alias.name))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
                used.add((modules[node.value.id], node.attr))

    # THEN
    checked = {(module, name) for module, names in hooks.REQUIRED.items() for name in names}
    assert {f"{module}.{name}" for module, name in used - checked} == set()
