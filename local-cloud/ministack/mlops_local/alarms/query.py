"""Requests of the Query protocol in the form that the other protocols have."""

import re

_INDEX = re.compile(r"[1-9][0-9]*")


def request_of(params: dict) -> dict:
    """``Metrics.member.1.Id=m`` and so on as lists and structures; text stays text."""
    tree: dict = {}
    for name, values in params.items():
        if name in ("Action", "Version"):
            continue
        node = tree
        *path, last = name.split(".")
        for part in path:
            node = node.setdefault(part, {})
        node[last] = values[0] if isinstance(values, list) else values
    return {name: _plain(node) for name, node in tree.items()}


def _plain(node):
    if not isinstance(node, dict):
        return node
    members = node.get("member")
    if isinstance(members, dict) and len(node) == 1 and all(_INDEX.fullmatch(key) for key in members):
        return [_plain(members[key]) for key in sorted(members, key=int)]
    return {name: _plain(child) for name, child in node.items()}
