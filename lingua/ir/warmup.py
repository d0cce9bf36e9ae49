"""How many bars a value needs: `lookback` until its first value, `settle` until its start no longer matters.

One recursion serves the compiler, which has no data and bounds a higher timeframe by its length, and a run, which
counts the bars that are there: they differ only in `Conversion`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from lingua.data.timeframe import Timeframe
from lingua.indicators.declaration import ANCHORED
from lingua.indicators.registry import lookup
from lingua.ir.analysis import FreePrevious, reachable
from lingua.ir.asked import Asked
from lingua.ir.nodes import Constancy, Node
from lingua.structs import OpenStruct, Struct, field

NEVER = math.inf
"""`settle` of an anchored value: it depends on the first bar for ever."""
START_WEIGHT = 1e-6

StaticValue = Callable[[Node], float | int | str | bool]
Conversion = Callable[[Node, float], float]
"""(a `sample`, `developing` or `inner` node, bars needed on its argument's clock) -> bars needed on the node's clock"""


class Known(OpenStruct):
    """What a `Warmup` has found out, by node number."""

    lookback: dict[int, float] = field(default_factory=dict)
    settled: dict[int, float] = field(default_factory=dict)
    free: FreePrevious = field(default_factory=FreePrevious)


class Warmup:
    """Bars before the first value (`lookback`) and before the start stops mattering (`settled`), per node. `asked`
    keeps what calls of indicators need with the values of their parameters."""

    def __init__(
        self, static: StaticValue, convert: Conversion, known: Known | None = None, asked: Asked | None = None
    ) -> None:
        self._static = static
        self._asked = asked
        self._convert = convert
        known = known or Known()
        self._free = known.free
        self._lookback = known.lookback
        self._settled = known.settled

    def lookback(self, node: Node) -> float:
        return self._walk(node, self._lookback, settle=False)

    def settled(self, node: Node) -> float:
        """`lookback` with the settling time of every recursive part added; NEVER when anchored."""
        return self._walk(node, self._settled, settle=True)

    def _walk(self, root: Node, known: dict[int, float], *, settle: bool) -> float:
        if root.index not in known:
            for node in reachable([root]):
                if node.index not in known:
                    known[node.index] = self._own(node, known, settle=settle)
        return known[root.index]

    def _own(self, node: Node, known: dict[int, float], *, settle: bool) -> float:
        if node.constancy <= Constancy.PARAM:
            return 0
        longest = max((known[arg.index] for arg in node.args if arg.constancy >= Constancy.SERIES), default=0)
        match node.op:
            case "hist":
                return longest + int(self._static(node.args[1]))
            case "call":
                if self._asked is None:
                    return longest + self._of_call(node, self._static, settle=settle)
                question = (node.index, settle)
                return longest + self._asked.once(
                    question, self._static, lambda static: self._of_call(node, static, settle=settle)
                )
            case "state":
                return longest + (self._of_state(node) if settle else 0)
            case "sample" | "developing" | "inner":
                return self._convert(node, longest)
            case _:
                return longest

    def _of_call(self, node: Node, static: StaticValue, *, settle: bool) -> float:
        spec = lookup(str(node.attrs[0]))
        if spec is None:
            return 0
        parameters = call_parameters(node, static)
        bars = spec.lookback(**parameters)
        if not settle:
            return bars
        more = spec.settle(**parameters)
        return NEVER if more == ANCHORED else bars + more

    def _of_state(self, node: Node) -> float:
        """A state settles only if it is `a * prev + b` with constant |a| < 1."""
        factor = _factor_of_previous(node.args[1], node.attrs[0], self._static, self._free)
        if factor is None or not abs(factor) < 1:
            return NEVER
        return 0 if factor == 0 else math.ceil(math.log(START_WEIGHT) / math.log(abs(factor)))


def call_parameters(node: Node, static: StaticValue) -> dict[str, float | int | str]:
    """Parameter values of an indicator call, by name."""
    spec = lookup(str(node.attrs[0]))
    if spec is None:
        return {}
    values: dict[str, float | int | str] = {}
    for parameter, arg in zip(spec.parameters, node.args[len(spec.inputs) :], strict=False):
        value = static(arg)
        values[parameter.name] = int(value) if parameter.kind == "int" and not isinstance(value, str) else value
    return spec.bind(values)


def _factor_of_previous(node: Node, state: object, static: StaticValue, free: FreePrevious) -> float | None:
    """`a` when `node` is `a * prev + b`; None when it is not of that form. 0.0 when `prev` does not occur."""
    if state not in free.of(node):
        return 0.0
    if node.op == "prev":
        return 1.0
    parts = [_factor_of_previous(arg, state, static, free) for arg in node.args]
    if any(part is None for part in parts):
        return None
    first = parts[0] or 0.0
    second = (parts[1] or 0.0) if len(parts) > 1 else 0.0
    match node.op:
        case "add":
            return first + second
        case "sub":
            return first - second
        case "neg":
            return -first
        case "mul" if second == 0.0 and node.args[1].constancy <= Constancy.PARAM:
            return first * float(static(node.args[1]))
        case "mul" if first == 0.0 and node.args[0].constancy <= Constancy.PARAM:
            return second * float(static(node.args[0]))
        case "div" if second == 0.0 and node.args[1].constancy <= Constancy.PARAM and static(node.args[1]):
            return first / float(static(node.args[1]))
        case _:
            return None


def by_length(base: Timeframe | None, timeframe_of: Callable[[str], str]) -> Conversion:
    """Without data: a bar of a longer timeframe is at most its nominal length of base bars, plus the one running."""

    def convert(node: Node, bars: float) -> float:
        if node.op == "inner" or bars == NEVER:
            return 0 if node.op == "inner" and bars != NEVER else bars
        own = timeframe_of(node.clock.source) if not node.clock.timeframe else node.clock.timeframe
        theirs = node.args[0].clock
        other = theirs.timeframe or timeframe_of(theirs.source)
        if not own or not other or own == other:
            return bars
        ratio = Timeframe.parse(other).seconds / Timeframe.parse(own).seconds
        # The period running when the data begins is discarded, so one more is needed; value n stands when n+1 closed.
        return math.ceil((bars + 2) * ratio) - 1 if ratio > 1 else bars

    return convert


class Budget(Struct):
    """What a program costs, computed from the graph alone."""

    lookback: float
    settled: float
    largest: Node | None
    memory_numbers: int
    operations_per_bar: int


def budget(roots: Iterable[Node], static: StaticValue, convert: Conversion) -> Budget:
    """Warm-up of the whole, the call that needs most, numbers kept between bars, rough operations a bar."""
    warmup = Warmup(static, convert)
    roots = list(roots)
    memory = operations = 0
    largest: Node | None = None
    for node in reachable(roots):
        if node.constancy <= Constancy.PARAM:
            continue
        operations += 1
        if node.op == "hist":
            memory += int(static(node.args[1])) + 1
        elif node.op in ("state", "sample", "since_entry"):
            memory += 3
        elif node.op == "call":
            spec = lookup(str(node.attrs[0]))
            if spec is not None:
                parameters = call_parameters(node, static)
                memory += spec.memory(**parameters)
                operations += spec.cost(**parameters)
            if largest is None or warmup.settled(node) > warmup.settled(largest):
                largest = node
    return Budget(
        max((warmup.lookback(root) for root in roots), default=0),
        max((warmup.settled(root) for root in roots), default=0),
        largest,
        memory,
        operations,
    )
