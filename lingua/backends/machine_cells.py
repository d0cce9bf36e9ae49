"""What the series machine does not step itself: Python that is called once a bar with the values it reads.

`take(bar, inputs)` gives the values of this bar; `copy` an independent cell; `state` and `set_state` what it keeps
between bars, as plain data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lingua.backends import clocktime
from lingua.backends.periods import StreamBar, TickClock
from lingua.backends.pointwise import evaluate_scalar, reduce_values
from lingua.indicators.memory import state_of, with_state
from lingua.ir.nodes import FALSE, TRUE, UNKNOWN, Kind, Node

DAY = clocktime.DAY


class Cell:
    """One that keeps nothing."""

    keeps = False
    """Whether `state` tells anything."""
    reads_bar = False
    """Whether `take` looks at the bar, or at other clocks."""

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        raise AssertionError("each cell has its own")

    def copy(self) -> Cell:
        return self

    def state(self) -> Any:
        return None

    def set_state(self, state: Any) -> None:
        pass


class FormCell(Cell):
    """An indicator whose formula is Python: its incremental form, fed with observations."""

    def __init__(self, form: Any) -> None:
        self.form = form

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        return [math.nan if math.isinf(value) else float(value) for value in self.form.update(*inputs)]

    def copy(self) -> FormCell:
        return FormCell(self.form.copy())


class TickCell(Cell):
    """True on the first bar at which a new period has closed."""

    keeps = reads_bar = True

    def __init__(self, clock: TickClock) -> None:
        self.clock = clock

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        return (TRUE if self.clock.push(bar) else FALSE,)

    def copy(self) -> TickCell:
        twin = TickClock.__new__(TickClock)
        vars(twin).update(vars(self.clock))
        if twin._builder is not None:
            # What a builder keeps is replaced, never changed where it stands.
            twin._builder = type(twin._builder).__new__(type(twin._builder))
            vars(twin._builder).update(vars(self.clock._builder))
        return TickCell(twin)

    def state(self) -> Any:
        return state_of(self.clock.state())

    def set_state(self, state: Any) -> None:
        self.clock.set_state(with_state(None, state))


class InnerCell(Cell):
    """Values of finer bars, gathered until the bar that holds them closes."""

    keeps = reads_bar = True

    def __init__(self, reducer: str) -> None:
        self.reducer = reducer
        self.values: list[tuple[int, float]] = []

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        # Finer bars before this bar's open belong to one that is missing.
        inside = [value for opened, value in self.values if opened >= bar.open_ts and value == value]
        return (reduce_values(inside, self.reducer),)

    def state(self) -> Any:
        return state_of(self.values)

    def set_state(self, state: Any) -> None:
        self.values[:] = [(int(opened), float(value)) for opened, value in with_state(None, state)]


class SampleCell(Cell):
    """A series of another symbol as of this bar; nothing when its last bar is too old."""

    reads_bar = True

    def __init__(
        self, latest: Callable[[], StreamBar | None], fresh_until: Callable[[int], int], nothing: float
    ) -> None:
        self.latest = latest
        self.fresh_until = fresh_until
        self.nothing = nothing
        self._seen = -1
        self._until = -1

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        theirs = self.latest()
        if theirs is None:
            return (self.nothing,)
        if theirs.ts != self._seen:
            self._seen, self._until = theirs.ts, self.fresh_until(theirs.ts)
        return (self.nothing,) if bar.ts > self._until else inputs


class DevelopingCell(Cell):
    """A series on a longer clock with its bar still forming."""

    reads_bar = True

    def __init__(self, developing: Callable[[], float]) -> None:
        self.developing = developing

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        return (self.developing(),)


class TimePartCell(Cell):
    """`hour`, `weekday` … of a stamp in a zone."""

    def __init__(self, name: str, zone: str) -> None:
        self.name = name
        self.zone = zone

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        second = inputs[0]
        if self.name not in ("hour", "minute", "weekday") or not math.isfinite(second):
            return (float(clocktime.part(np.array([second]), self.name, self.zone)[0]),)
        local = second + clocktime.offset_for(second, self.zone)
        day = float(math.floor(local / DAY))
        if self.name == "hour":
            return (float(math.floor((local - day * DAY) / 3600)),)
        if self.name == "minute":
            return (float(math.floor(local % 3600 / 60)),)
        return ((day + 3.0) % 7.0 + 1.0,)


class SessionCell(Cell):
    """Whether the whole bar lies inside the session."""

    def __init__(self, spec: str, zone: str) -> None:
        self.spec = spec
        self.zone = zone
        self.start, self.end = clocktime.session_bounds(spec)

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        opened, closed = inputs
        if not (math.isfinite(opened) and math.isfinite(closed)):
            return (FALSE,)
        length = closed - opened
        since = ((opened + clocktime.offset_for(opened, self.zone)) % DAY - self.start) % DAY
        lasts = (self.end - self.start) % DAY or DAY
        return (TRUE if since + length <= lasts and length <= DAY else FALSE,)


class PointwiseCell(Cell):
    """An operation for which the machine has no instruction."""

    def __init__(self, node: Node) -> None:
        self.node = node

    def take(self, bar: StreamBar, inputs: list[float]) -> Sequence[float]:
        return (evaluate_scalar(self.node, inputs),)


def nothing_of(node: Node) -> float:
    """What a node is before it has a value."""
    return float(UNKNOWN) if node.kind is Kind.BOOL else math.nan
