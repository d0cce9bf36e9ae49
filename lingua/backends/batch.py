"""The batch back end: every series of a program as a NumPy column over all bars.

A column belongs to the bars of its node's clock. Numbers are float64 with NaN for `na`; truth is uint8 (FALSE 0,
UNKNOWN 1, TRUE 2). Constants and parameters are plain Python values. What each operation means is defined in
`lingua.backends.scalar`; this file says the same over columns, and the tests hold the two together.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.backends import clocktime, scalar, truths
from lingua.backends import elementary as compiled_functions
from lingua.backends.clocks import Feeds
from lingua.backends.pointwise import evaluate_scalar, reduce_values
from lingua.indicators.registry import lookup
from lingua.ir.analysis import FreePrevious
from lingua.ir.nodes import BASE, FALSE, TRUE, UNKNOWN, Constancy, Kind, Node
from lingua.ir.warmup import Known, Warmup, call_parameters

Column = NDArray[Any]
elementary: Any = compiled_functions  # its signatures are Cython's
truth_columns: Any = truths  # likewise
Scalar = float | int | str | bool


class Batch:
    """Columns of one traded symbol. `feeds` gives the bars of every clock; `params` the values of this run; `known`
    columns computed elsewhere (what a run observed), by node index."""

    def __init__(self, feeds: Feeds, params: Mapping[str, Scalar], known: Mapping[int, Column] | None = None) -> None:
        self.feeds = feeds
        self.params = params
        self.is_shared = known is not None
        self._columns: dict[int, Any] = dict(known or {})
        self._calls: dict[tuple[object, ...], dict[str, Column]] = {}
        self._free = FreePrevious()
        self._known_warmup = Known()

    # --- public ----------------------------------------------------------------------------------

    @property
    def warmup(self) -> Warmup:
        # Made when asked for: one that were kept would keep this object too, until the collector finds the two.
        return Warmup(self.static, self.convert, self._known_warmup)

    def column(self, node: Node) -> Column:
        """(bars of the node's clock,) float64 or uint8; constants are spread over the bars."""
        value = self._value(node)
        if node.kind is Kind.STRING:
            return np.full(len(self.feeds.bars(node.clock)), value, dtype=object)
        if isinstance(value, np.ndarray):
            return value
        return self._spread(node, value)

    def computed(self, node: Node) -> Column | None:
        """The column of a node if it was needed so far."""
        column = self._columns.get(node.index)
        return column if isinstance(column, np.ndarray) else None

    def give(self, index: int, column: Column) -> None:
        """The column of a node, computed elsewhere."""
        self._columns[index] = column

    def static(self, node: Node) -> Scalar:
        """Value of a constant or parameter expression in this run."""
        if node.op in ("const", "param") and node.index not in self._columns:
            # Asked for by name and number most of the time, and by every run anew.
            self._columns[node.index] = self._evaluate(node)
        value: Scalar = self._value(node)
        return value

    def ready(self, nodes: Iterable[Node]) -> int:
        """First base bar on which all nodes have their lookback; the number of bars when there is none."""
        bars = max((self.warmup.lookback(node) for node in nodes), default=0)
        return int(min(bars, len(self.feeds.bars(BASE))))

    def settled(self, nodes: Iterable[Node]) -> int | None:
        """First base bar on which all nodes have settled; None when one is anchored."""
        bars = max((self.warmup.settled(node) for node in nodes), default=0)
        return None if math.isinf(bars) else int(bars)

    def convert(self, node: Node, bars: float) -> float:
        """Bars needed on another clock, counted on the bars that are there (see `lingua.ir.warmup.Conversion`)."""
        if math.isinf(bars):
            return bars
        theirs = node.args[0].clock
        if node.op == "inner":
            return 0
        if node.op == "developing":
            return self.feeds.first_in_period(theirs, node.clock, int(bars))
        return self.feeds.first_visible(theirs, node.clock, int(bars))

    # --- evaluation ------------------------------------------------------------------------------

    def _value(self, root: Node) -> Any:
        if root.index not in self._columns:
            for node in self._needed(root):
                with np.errstate(all="ignore"):
                    self._columns[node.index] = self._evaluate(node)
        return self._columns[root.index]

    def _needed(self, root: Node) -> list[Node]:
        """Nodes without a column yet, arguments first; a state's step is not descended into, only what it reads."""
        found: dict[int, Node] = {}
        stack = [root]
        while stack:
            node = stack.pop()
            if node.index in found or node.index in self._columns:
                continue
            found[node.index] = node
            if node.op == "state":
                stack.append(node.args[0])
                for body_state in self._states_of(node):
                    stack.extend(self._free.body(body_state)[1])
            elif node.op not in ("developing",):
                stack.extend(node.args)
        return [found[index] for index in sorted(found) if not self._free.of(found[index])]

    def _states_of(self, state: Node) -> list[Node]:
        """The state and the states stepped inside it."""
        return [state, *(node for node in self._free.body(state)[0] if node.op == "state")]

    def _evaluate(self, node: Node) -> Any:
        op = node.op
        if op == "const":
            value = node.attrs[0]
            return (TRUE if value else FALSE) if node.kind is Kind.BOOL else value
        if op == "param":
            value = self.params[str(node.attrs[0])]
            return (TRUE if value else FALSE) if node.kind is Kind.BOOL else value
        args = [self._columns[arg.index] for arg in node.args] if op not in ("state", "developing") else []
        if node.constancy <= Constancy.PARAM and op not in ("call",):
            return evaluate_scalar(node, args)
        handler = OPERATIONS.get(op)
        if handler is None:
            raise RuntimeError(f"the batch back end has no operation {op!r}")
        result = handler(self, node, args)
        return result if node.kind is Kind.STRING or np.ndim(result) else self._spread(node, result)

    def _spread(self, node: Node, value: Any) -> Column:
        """What is the same at every bar (it asks for the symbol, say) is a column like any other."""
        dtype = np.uint8 if node.kind is Kind.BOOL else np.float64
        return np.full(len(self.feeds.bars(node.clock)), value, dtype=dtype)

    def _field(self, node: Node, _: list[Any]) -> Any:
        return self.feeds.field(node.clock, str(node.attrs[0]))

    def _arithmetic(self, node: Node, args: list[Any]) -> Column:
        result: Column = ARITHMETIC[node.op](*args)
        if node.kind is Kind.INT:
            result[np.abs(result) > scalar.LARGEST_INT] = np.nan
        return without_infinity(result)

    def _power(self, node: Node, args: list[Any]) -> Column:
        n = len(self.feeds.bars(node.clock))
        x, y = (writable(a) if isinstance(a, np.ndarray) else np.full(n, float(a)) for a in args)
        out = np.empty(n)
        elementary.power(x, y, out)
        return out

    def _compare(self, node: Node, args: list[Any]) -> Any:
        if node.args[0].kind is Kind.STRING:
            return truth_of(args[0] == args[1] if node.op == "eq" else args[0] != args[1])
        if node.args[0].kind is Kind.BOOL:
            known = (np.asarray(args[0]) != UNKNOWN) & (np.asarray(args[1]) != UNKNOWN)
            same = np.asarray(args[0]) == np.asarray(args[1])
            return np.where(known, np.where(same == (node.op == "eq"), TRUE, FALSE), UNKNOWN).astype(np.uint8)
        if truths.COMPILED and (found := compared(node.op, *args)) is not None:
            return found
        result = COMPARISONS[node.op](*args).view(np.uint8) << 1
        missing = np.isnan(args[0]) | np.isnan(args[1])
        if np.any(missing):
            result[np.broadcast_to(missing, result.shape)] = UNKNOWN
        return result

    def _and(self, _: Node, args: list[Any]) -> Any:
        return np.minimum(args[0], args[1], dtype=np.uint8)

    def _or(self, _: Node, args: list[Any]) -> Any:
        return np.maximum(args[0], args[1], dtype=np.uint8)

    def _not(self, _: Node, args: list[Any]) -> Any:
        return (TRUE - args[0]).astype(np.uint8)

    def _is_na(self, node: Node, args: list[Any]) -> Any:
        missing = args[0] == UNKNOWN if node.args[0].kind is Kind.BOOL else np.isnan(args[0])
        return truth_of(missing)

    def _coalesce(self, node: Node, args: list[Any]) -> Any:
        first, second = args
        if node.kind is Kind.BOOL:
            return np.where(np.asarray(first) == UNKNOWN, second, first).astype(np.uint8)
        return np.where(np.isnan(first), second, first)

    def _select(self, node: Node, args: list[Any]) -> Any:
        condition, then, otherwise = args
        if node.kind is Kind.BOOL:
            chosen = np.where(np.asarray(condition) == TRUE, then, otherwise)
            return np.where(np.asarray(condition) == UNKNOWN, UNKNOWN, chosen).astype(np.uint8)
        chosen = np.where(np.asarray(condition) == TRUE, then, otherwise).astype(np.float64)
        return np.where(np.asarray(condition) == UNKNOWN, np.nan, chosen)

    def _history(self, node: Node, args: list[Any]) -> Any:
        source, offset = args[0], int(args[1])
        if not isinstance(source, np.ndarray):
            source = np.full(len(self.feeds.bars(node.clock)), source)
        missing: float = UNKNOWN if node.kind is Kind.BOOL else np.nan
        out = np.empty(len(source), dtype=np.uint8 if node.kind is Kind.BOOL else np.float64)
        offset = min(offset, len(source))
        out[:offset] = missing
        out[offset:] = source[: len(source) - offset]
        return out

    def _call(self, node: Node, args: list[Any]) -> Column:
        """An indicator over observations: bars where all inputs are valid. Elsewhere it keeps still."""
        name = str(node.attrs[0])
        spec = lookup(name)
        if spec is None:
            raise RuntimeError(f"no indicator is called {name!r}")
        if truths.COMPILED and spec.name in CROSSINGS:
            return self._crossing(node, args, is_above=spec.name == "cross_above")
        outputs = [output.name for output in spec.outputs]
        key = (name, *(arg.index for arg in node.args))
        if key not in self._calls:
            n = len(self.feeds.bars(node.clock))
            inputs, valid = self._observations(node.args[: len(spec.inputs)], args, n)
            parameters = call_parameters(node, self.static)
            columns = spec.batch(*inputs, **parameters) if len(inputs[0] if inputs else ()) or not n else None
            self._calls[key] = {}
            for output, values in zip(outputs, columns or [np.empty(0)] * len(outputs), strict=True):
                full = values
                if isinstance(valid, slice):
                    full = np.empty(n)
                    full[: valid.start] = np.nan
                    full[valid] = values
                elif valid is not None:
                    full = np.full(n, np.nan)
                    full[valid] = values
                self._calls[key][output] = without_infinity(np.asarray(full, dtype=np.float64))
        chosen = str(node.attrs[1]) if len(node.attrs) > 1 and node.attrs[1] else outputs[0]
        column = self._calls[key][chosen]
        return truth_from_float(column) if node.kind is Kind.BOOL else column

    def _crossing(self, node: Node, args: list[Any], *, is_above: bool) -> Column:
        n = len(self.feeds.bars(node.clock))
        left, right = (writable(each) if isinstance(each, np.ndarray) else np.full(n, float(each)) for each in args[:2])
        return crossed_whole(left, right) if is_above else crossed_whole(right, left)

    def _observations(
        self, nodes: tuple[Node, ...], values: list[Any], n: int
    ) -> tuple[list[NDArray[np.float64]], NDArray[np.bool_] | slice | None]:
        """Input columns with the holes taken out, and which bars remain (None: all; a slice: all from one on)."""
        columns = [
            writable(value if isinstance(value, np.ndarray) else np.full(n, value))
            for _, value in zip(nodes, values, strict=False)
        ]
        if truths.COMPILED and all(node.kind is not Kind.BOOL for node in nodes):
            firsts = [self._first_number(node, column) for node, column in zip(nodes, columns, strict=False)]
            if min(firsts, default=0) >= 0:
                first = max(firsts, default=0)
                return ([column[first:] for column in columns], slice(first, None)) if first else (columns, None)
        valid: NDArray[np.bool_] | None = None
        for node, column in zip(nodes, columns, strict=False):
            missing = column == UNKNOWN if node.kind is Kind.BOOL else np.isnan(column)
            if missing.any():
                valid = ~missing if valid is None else valid & ~missing
        if valid is not None:
            columns = [np.ascontiguousarray(column[valid]) for column in columns]
        return columns, valid

    def first_number(self, node: Node) -> int:
        """The first bar from which on a price column has no hole; -1 where it has one, or is made for this run."""
        column = self.column(node)
        is_own = column is getattr(self.feeds.bars(node.clock), str(node.attrs[0]), None)
        return self._first_number(node, writable(column)) if is_own else -1

    def _first_number(self, node: Node, column: Column) -> int:
        """`truths.first_number`, asked once of the prices themselves."""
        bars = self.feeds.bars(node.clock)
        if node.op == "field" and column is getattr(bars, str(node.attrs[0]), None):
            name = f"first number of {node.attrs[0]}"
            return bars.once(name, lambda: int(truth_columns.first_number(column)))
        return int(truth_columns.first_number(column))

    def _function(self, node: Node, args: list[Any]) -> Any:
        name = str(node.attrs[0])
        result = FUNCTIONS[name](*args)
        if node.kind is Kind.INT:
            result = np.where(np.abs(result) > scalar.LARGEST_INT, np.nan, result)
        return without_infinity(np.asarray(result, dtype=np.float64))

    def _time_part(self, node: Node, args: list[Any]) -> Column:
        zone = str(node.attrs[1]) or self.feeds.bars(node.clock).instrument.session_zone
        return clocktime.part(args[0], str(node.attrs[0]), zone)

    def _session(self, node: Node, args: list[Any]) -> Column:
        spec, zone = str(node.attrs[0]), str(node.attrs[1]) or self.feeds.bars(node.clock).instrument.session_zone
        inside: Column = truth_of(clocktime.inside_session(args[0], args[1], spec, zone))
        return inside

    def _state(self, node: Node, _: list[Any]) -> Column:
        from lingua.backends.scan import scan_state

        return scan_state(self, node, self._free)

    def _sample(self, node: Node, args: list[Any]) -> Column:
        index = self.feeds.visible(node.args[0].clock, node.clock)
        source = args[0]
        boolean = node.kind is Kind.BOOL
        out = np.full(len(index), UNKNOWN if boolean else np.nan, dtype=np.uint8 if boolean else np.float64)
        seen = index >= 0
        out[seen] = source[index[seen]] if isinstance(source, np.ndarray) else source
        return out

    def _developing(self, node: Node, _: list[Any]) -> Column:
        from lingua.backends.developing import developing_column

        return developing_column(self, node)

    def _inner(self, node: Node, args: list[Any]) -> Column:
        first, last = self.feeds.inside(node.args[0].clock, node.clock)
        return reduce_inside(args[0], first, last, str(node.attrs[0]))

    def _tick(self, node: Node, _: list[Any]) -> Column:
        ticks: Column = truth_of(self.feeds.ticks(node.clock, str(node.attrs[0])))
        return ticks


def writable(column: Column) -> NDArray[np.float64]:
    """The column as compiled code takes it: float64, contiguous, not read-only. Copied only where it is not."""
    return np.require(column, np.float64, ["C", "W"])


def without_infinity(column: Column) -> Column:
    """Overflow is `na`. The array is changed in place where it has one."""
    if truths.COMPILED and column.dtype == np.float64 and not truth_columns.has_infinity(writable(column)):
        return column
    infinite = np.isinf(column)
    if infinite.any():
        column = column.copy() if not column.flags.writeable else column
        column[infinite] = np.nan
    return column


def crossed(x: Column, y: Column, carry: Column, *, is_known: bool = False) -> Column:
    """`truths.crossings`. Without holes in NumPy, which compares as many numbers at a time as the processor can.
    `is_known`: that there are none."""
    out = np.empty(len(x), dtype=np.uint8)
    first = 0
    if not is_known:
        missing = np.isnan(x)
        missing |= np.isnan(y)
        first = int(missing.argmin()) if len(x) and missing[0] and not carry[0] else 0
        if missing[first:].any() or not len(x):
            truth_columns.crossings(x, y, out, carry)
            return out
    if not carry[0]:
        out[: first + 1] = UNKNOWN
        carry[:] = 1, x[first] > y[first]
        first += 1
    above = np.greater(x[first:], y[first:]).view(np.uint8)
    if len(above):
        made = out[first:]
        made[0] = above[0] > carry[1]
        np.greater(above[1:], above[:-1], out=made[1:].view(np.bool_))
        np.add(made, made, out=made)
        carry[1] = above[-1]
    return out


def crossed_whole(x: Column, y: Column) -> Column:
    """`crossed` over whole columns. Which of these have holes is asked of each once: in a sweep many share them."""
    carry = np.zeros(2, dtype=np.uint8)
    firsts = first_of(x), first_of(y)
    if min(firsts) < 0 or max(firsts) >= len(x):
        return crossed(x, y, carry)
    first = max(firsts)
    out = np.full(len(x), UNKNOWN, dtype=np.uint8) if first else np.empty(len(x), dtype=np.uint8)
    out[first:] = crossed(x[first:], y[first:], carry, is_known=True)
    return out


_FIRSTS: dict[int, tuple[weakref.ref[Column], int]] = {}


def first_of(column: Column) -> int:
    """`truths.first_number` of a column that does not change any more."""
    known = _FIRSTS.get(id(column))
    if known is not None and known[0]() is column:
        return known[1]
    found = int(truth_columns.first_number(column))
    number = id(column)
    _FIRSTS[number] = weakref.ref(column, lambda _: _FIRSTS.pop(number, None)), found
    return found


def compared(op: str, a: Any, b: Any) -> Column | None:
    """`a op b` in one pass; None where that has to be done in NumPy."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if op not in BY_COLUMN or len(a) != len(b):
            return None
        if not (np.isnan(a).any() or np.isnan(b).any()):
            return doubled(COMPARISONS[op](a, b))
        out = np.empty(len(a), dtype=np.uint8)
        compare, turned = BY_COLUMN[op]
        compare(writable(b if turned else a), writable(a if turned else b), out)
        return out
    turns = isinstance(b, np.ndarray)
    column, level = (b, a) if turns else (a, b)
    compare_level = BY_LEVEL.get(TURNED[op] if turns else op)
    if compare_level is None or not isinstance(column, np.ndarray) or level != level:
        return None
    if not np.isnan(column).any():
        return doubled(COMPARISONS[op](a, b))
    out = np.empty(len(column), dtype=np.uint8)
    compare_level(writable(column), float(level), out)
    return out


def doubled(flags: Column) -> Column:
    """A fresh bool column to the truth column: true is 2. NumPy adds many bytes at a time, and shifts one."""
    truth = flags.view(np.uint8)
    return np.add(truth, truth, out=truth)


def truth_of(flags: Any) -> Any:
    """bool column -> truth column"""
    return (
        np.asarray(flags, dtype=np.bool_).view(np.uint8) << 1 if isinstance(flags, np.ndarray) else scalar.truth(flags)
    )


def truth_from_float(column: Column) -> Column:
    """Outputs of indicators are 0.0 false, 2.0 true, NaN unknown."""
    return np.where(np.isnan(column), UNKNOWN, np.where(column > 0.5, TRUE, FALSE)).astype(np.uint8)


def _divide(a: Any, b: Any) -> Column:
    quotient: Column = np.divide(a, b)
    zero = np.asarray(b) == 0.0
    if np.any(zero):
        quotient[np.broadcast_to(zero, quotient.shape)] = np.nan
    return quotient


def _columnwise(function: Callable[[Column, Column], None]) -> Callable[[Any], Column]:
    def apply(x: Any) -> Column:
        column = writable(x)
        out = np.empty(len(column))
        function(column, out)
        return out

    return apply


def _lesser(a: Any, b: Any) -> Column:
    result: Column = np.where(np.asarray(a) < b, a, b).astype(np.float64)
    return np.where(np.isnan(a) | np.isnan(b), np.nan, result)


def _greater(a: Any, b: Any) -> Column:
    result: Column = np.where(np.asarray(a) > b, a, b).astype(np.float64)
    return np.where(np.isnan(a) | np.isnan(b), np.nan, result)


def _whole(function: Callable[[Any], Any]) -> Callable[[Any], Column]:
    """An int has no negative zero: rounding -0.4 gives 0, in both back ends."""
    return lambda x: np.asarray(function(x) + 0.0)


def _modulo(a: Any, b: Any) -> Column:
    return np.asarray(a - b * _whole(np.floor)(_divide(np.asarray(a, dtype=np.float64), b)))


def _nearest(x: Any, step: Any) -> Column:
    return np.asarray(_whole(np.rint)(_divide(np.asarray(x, dtype=np.float64), step)) * step)


ARITHMETIC: dict[str, Callable[..., Column]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": _divide, "neg": np.negative,
}  # fmt: skip
COMPARISONS: dict[str, Callable[..., Column]] = {
    "gt": np.greater, "ge": np.greater_equal, "lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal,
}  # fmt: skip
BY_COLUMN: dict[str, tuple[Callable[..., None], bool]] = {
    "gt": (truth_columns.above, False), "lt": (truth_columns.above, True),
    "ge": (truth_columns.at_least, False), "le": (truth_columns.at_least, True),
}  # fmt: skip
"""The compiled comparison, and whether its sides change places."""
BY_LEVEL: dict[str, Callable[..., None]] = {
    "gt": truth_columns.above_level, "ge": truth_columns.at_least_level, "lt": truth_columns.below_level,
    "le": truth_columns.at_most_level,
}  # fmt: skip
TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq", "ne": "ne"}
CROSSINGS = ("cross_above", "cross_below")
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": np.abs, "exp": _columnwise(elementary.exp), "log": _columnwise(elementary.log), "sqrt": np.sqrt,
    "sign": _whole(np.sign), "floor": _whole(np.floor), "ceil": _whole(np.ceil), "round": _whole(np.rint),
    "trunc": _whole(np.trunc), "min": _lesser, "max": _greater, "mod": _modulo,
    "clamp": lambda x, low, high: _lesser(_greater(x, low), high),
    "nearest": _nearest,
}  # fmt: skip
OPERATIONS: dict[str, Callable[[Batch, Node, list[Any]], Any]] = {
    "field": Batch._field, "add": Batch._arithmetic, "sub": Batch._arithmetic, "mul": Batch._arithmetic,
    "div": Batch._arithmetic, "neg": Batch._arithmetic, "pow": Batch._power, "gt": Batch._compare,
    "ge": Batch._compare, "lt": Batch._compare, "le": Batch._compare, "eq": Batch._compare, "ne": Batch._compare,
    "and": Batch._and, "or": Batch._or, "not": Batch._not, "is_na": Batch._is_na, "coalesce": Batch._coalesce,
    "select": Batch._select, "hist": Batch._history, "call": Batch._call, "fn1": Batch._function,
    "fnN": Batch._function, "time_part": Batch._time_part, "session": Batch._session, "state": Batch._state,
    "sample": Batch._sample, "developing": Batch._developing, "inner": Batch._inner, "tick": Batch._tick,
}  # fmt: skip


def reduce_inside(source: Any, first: Column, last: Column, reducer: str) -> Column:
    """Reduce the finer bars `first[i] .. last[i]-1` inside each bar i; `na` ones are left out, none left is `na`
    (`count` is then 0). Sums run left to right, so both back ends give the same bits."""
    out = np.full(len(first), np.nan)
    values = np.asarray(source, dtype=np.float64)
    for i in range(len(first)):
        if last[i] > first[i]:
            out[i] = reduce_values([v for v in values[first[i] : last[i]].tolist() if v == v], reducer)
    return out
