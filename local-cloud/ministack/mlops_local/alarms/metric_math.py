"""The metric math that alarms here may use: arithmetic on metrics, and FILL with a number."""

import ast
import re
from collections.abc import Mapping

_OPERATORS = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b if b != 0 else None,
}
# As deep as a value is computed; `a + b + c` is one deeper with each operator.
_MAX_DEPTH = 200
_ID = re.compile(r"^[a-z][a-zA-Z0-9_]*$")


class UnsupportedExpression(ValueError):
    """The expression uses what is not implemented; the message names it."""


def parse(expression: str) -> ast.expr:
    """The expression's tree, or an error that names the first part that is not implemented."""
    if "#" in expression:
        # To Python it begins a comment, and the rest would be left out.
        raise UnsupportedExpression(f"metric math expression {expression!r} cannot be read: it has no '#'")
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        said = getattr(error, "msg", "it is nested too deep")
        raise UnsupportedExpression(f"metric math expression {expression!r} cannot be read: {said}") from error
    _check(tree, expression, 1)
    return tree


def names(tree: ast.expr) -> set[str]:
    """Ids of the metrics and expressions that it reads."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id != "FILL"}


def value(tree: ast.expr, values: Mapping[str, float | None]) -> float | None:
    """The expression's value in one period; None where a metric that it needs has none."""
    if isinstance(tree, ast.Constant):
        return float(tree.value)
    if isinstance(tree, ast.Name):
        return values.get(tree.id)
    if isinstance(tree, ast.UnaryOp):
        inner = value(tree.operand, values)
        return None if inner is None else -inner
    if isinstance(tree, ast.Call):
        filled = value(tree.args[0], values)
        return value(tree.args[1], values) if filled is None else filled
    assert isinstance(tree, ast.BinOp)
    left, right = value(tree.left, values), value(tree.right, values)
    if left is None or right is None:
        return None
    return _OPERATORS[type(tree.op)](left, right)


def _check(node: ast.expr, expression: str, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise UnsupportedExpression(
            f"metric math expression {expression!r} is nested more than {_MAX_DEPTH} deep, which is not implemented by "
            "the local cloud; divide it among several expressions"
        )
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        return
    if isinstance(node, ast.Name) and _ID.match(node.id):
        return
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _check(node.operand, expression, depth + 1)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        _check(node.left, expression, depth + 1)
        return _check(node.right, expression, depth + 1)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "FILL" and not node.keywords:
        if len(node.args) == 2 and isinstance(node.args[1], (ast.Constant, ast.UnaryOp)):
            _check(node.args[0], expression, depth + 1)
            return _check(node.args[1], expression, depth + 1)
    part = ast.unparse(node)
    raise UnsupportedExpression(
        f"metric math {part!r} in {expression!r} is not implemented by the local cloud; "
        "it knows numbers, metric ids, + - * / and FILL(metric, number)"
    )
