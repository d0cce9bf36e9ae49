"""Where a node measures what its work takes. Nobody listens, and it costs next to nothing.

    with timed("decision"):
        …

`decision`: a closed bar to its decisions; `risk`: the checks before an order; `journal`: a write to disk; `order`: the
beginning of a decision to its order handed to the wire; `answer`: an order to the venue's answer. In seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

Sink = Callable[[str, float], None]

_sinks: list[Sink] = []
_began: ContextVar[float] = ContextVar("began", default=0.0)
"""When the decision began that the running task follows from; tasks take it along."""


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = perf_counter()
    try:
        yield
    finally:
        _took(what, perf_counter() - began)


@contextmanager
def deciding() -> Iterator[None]:
    """As `timed("decision")`; an order that follows is measured from here."""
    _began.set(perf_counter())
    with timed("decision"):
        yield


def decided() -> None:
    """What follows from the decision is on its way: what the task does next does not follow from it. An order that
    waits for a person is no order that follows."""
    _began.set(0.0)


def leaving() -> None:
    """An order is handed to the wire. The first one that follows from a decision counts."""
    if began := _began.get():
        _began.set(0.0)
        _took("order", perf_counter() - began)


def listen(sink: Sink) -> Callable[[], None]:
    """`sink` is told of everything that is measured, until what is returned is called."""
    _sinks.append(sink)
    return lambda: _sinks.remove(sink)


def _took(what: str, seconds: float) -> None:
    for sink in _sinks:
        sink(what, seconds)
