"""The intermediate representation: a hash-consed DAG of series.

A `Node` is one series (or one constant). Equal subexpressions are one object, so identity is equality. Nodes are made
only through `Graph.node`. Every node lives on a `Clock`: the bars on which it has a value. Booleans are three-valued.

How a value is held at run time, in both back ends and in the decision program: numbers, times (UTC nanoseconds) and
ints are float64 with NaN for `na` (times are int64-exact below 2^63 only as nanoseconds kept in int64 arrays: see
`Kind.TIME`); truth is FALSE = 0, UNKNOWN = 1, TRUE = 2 in uint8, so that `and` is the minimum, `or` the maximum and
`not x` is `2 - x`.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from lingua.ir.units import NONE, Unit
from lingua.structs import Struct

FALSE, UNKNOWN, TRUE = 0, 1, 2


class Kind(StrEnum):
    NUM = "num"
    INT = "int"
    BOOL = "bool"
    TIME = "time"
    """float64 seconds since 1970-01-01T00:00Z (exact for any whole millisecond of interest)."""
    STRING = "string"


class Constancy(IntEnum):
    CONST = 0
    PARAM = 1
    SERIES = 2
    PANEL = 3


class Clock(Struct):
    """Which bars: `source` "" is the traded symbol, else the name of a `data` declaration; `timeframe` "" is that
    source's own bars, else a timeframe such as `1d` resampled from them."""

    source: str = ""
    timeframe: str = ""


BASE = Clock()

Attr = str | int | float | bool | None


class Node(Struct, eq=False):
    """One series of the program.

    op          args                     attrs                   value
    ----------  -----------------------  ----------------------  ------------------------------------------------------
    const                                value                   the number, truth or string
    param                                name                    the parameter's value in this run
    field                                name                    open high low close volume time open_time bar of the
                                                                 clock's own bars; `tick`, `lot` of its instrument; else
                                                                 an external column
    add sub mul div pow neg              a [b]                   x/0, overflow, 0^-1, negative^fraction are na
    gt ge lt le eq ne                    a b                     truth; unknown if either is na
    and or not                           a [b]                   Kleene
    is_na                                a                       truth, never unknown
    coalesce                             a b                     a where valid, else b
    select                               cond a b                na where cond is unknown (any kind a, b agree on)
    hist                                 x n                     x n bars of this clock ago; na (unknown) before
    call        series… parameters…      function, output        an entry of the indicator registry; output name or ""
    fn1 / fnN                            name                    scalar helper: abs exp log sqrt sign floor ceil round
                                                                 trunc min max mod clamp nearest …
    time_part   time                     part, zone              hour minute weekday day month year
    session     open_time time           spec, zone              truth: the whole bar lies inside the session
    tick                                 period                  truth: the first base bar at which a new period (`1d`,
                                                                 `5 bars`, `weekly` …) has closed
    state       init next                id                      recursion; inside `next`, node `prev` (attr id)
    prev                                 id                      last valid value of that state
    sample      x                                                x, living on another clock, as of this node's clock
    developing  x                                                x (on a higher timeframe) with its bar still forming
    inner       x                        reducer                 x (on a finer timeframe) reduced over this bar
    account                              name, source            position entry weight equity cash pnl bars_in_trade
                                                                 last_fill; source "" or the name of a leg
    since_entry x                        highest | lowest        extreme of x since the position was opened
    observe                              what, rule              only in expectations of tests, read from a run: `fired`
                                                                 of a rule, `orders.count`, `fills.count`, `warmup` …
    """

    op: str
    args: tuple[Node, ...]
    attrs: tuple[Attr, ...]
    kind: Kind
    unit: Unit
    clock: Clock
    constancy: Constancy
    uses_fills: bool
    index: int
    """Position in its graph; every argument has a smaller index, so index order is an evaluation order."""

    def __repr__(self) -> str:
        inner = ", ".join([*(f"%{a.index}" for a in self.args), *(repr(a) for a in self.attrs)])
        return f"%{self.index} = {self.op}({inner})"


class Graph:
    """Makes nodes, each distinct one once."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._known: dict[tuple[object, ...], Node] = {}

    def node(
        self,
        op: str,
        *args: Node,
        attrs: tuple[Attr, ...] = (),
        kind: Kind = Kind.NUM,
        unit: Unit = NONE,
        clock: Clock | None = None,
        constancy: Constancy | None = None,
        uses_fills: bool = False,
    ) -> Node:
        """The node for this operation. Clock, constancy and `uses_fills` are inherited from `args` unless given:
        the clock from the first argument that is a series, constancy the greatest, `uses_fills` if any does."""
        # Plain loops: a large program comes here a hundred thousand times.
        if constancy is None:
            constancy = Constancy.CONST
            for arg in args:
                if arg.constancy > constancy:
                    constancy = arg.constancy
        if clock is None:
            clock = BASE
            for arg in args:
                if arg.constancy >= Constancy.SERIES:
                    clock = arg.clock
                    break
        for arg in args:
            uses_fills = uses_fills or arg.uses_fills
        # 1, 1.0 and True are equal keys in Python but not the same constant.
        shape = tuple([(type(a), a if a == a else "nan") for a in attrs]) if attrs else ()
        # The parts of unit and clock: theirs are hashed in C, their own hash is a call.
        key = (
            op, tuple([arg.index for arg in args]), shape, kind, constancy, clock.source, clock.timeframe,
            unit.money, unit.qty, unit.time, unit.bars, unit.is_ratio,
        )  # fmt: skip
        found = self._known.get(key)
        if found is None:
            found = Node(op, args, attrs, kind, unit, clock, constancy, uses_fills, len(self.nodes))
            self.nodes.append(found)
            self._known[key] = found
        return found
