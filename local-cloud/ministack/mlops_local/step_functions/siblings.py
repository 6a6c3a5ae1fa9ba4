"""Branches of a Parallel state and items of a Map state: the first that fails ends the others."""

import contextvars
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ministack.services import stepfunctions

from .. import waits
from .errors import ExecutionEnded


@dataclass(eq=False)
class _Siblings:
    """What runs side by side, within what else runs so."""

    within: "_Siblings | None"
    error: stepfunctions._ExecutionError | None = None


_siblings: contextvars.ContextVar[_Siblings | None] = contextvars.ContextVar("mlops_sfn_siblings", default=None)


@contextmanager
def begin() -> Iterator[None]:
    """What is started meanwhile runs side by side."""
    token = _siblings.set(_Siblings(_siblings.get()))
    try:
        yield
    finally:
        _siblings.reset(token)


def leave() -> None:
    """A child of a distributed map stands alone: how many may fail, the map says."""
    _siblings.set(None)


def one_failed() -> bool:
    """Whether what runs beside this, or around it, has failed."""
    siblings = _siblings.get()
    while siblings is not None:
        if siblings.error is not None:
            return True
        siblings = siblings.within
    return False


@contextmanager
def ending_together() -> Iterator[None]:
    """The others end with this when it fails, and this ends by their error when one of them does."""
    siblings = _siblings.get()
    try:
        yield
    except ExecutionEnded:
        if siblings is not None and siblings.error is not None:
            raise siblings.error from None
        raise
    except stepfunctions._ExecutionError as error:
        if siblings is not None and siblings.error is None:
            siblings.error = error
            waits.changed()
        raise
