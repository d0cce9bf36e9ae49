"""A checked strategy: the graph, and which of its nodes are rules, orders, exits, limits and outputs.

Everything here is plain data. Expressions are `Node`s of `Program.graph`; nodes with `uses_fills` belong to the
decision part, all others to the series part.
"""

from __future__ import annotations

from typing import Literal

from lingua.ir.asked import Asked
from lingua.ir.nodes import Graph, Node
from lingua.structs import Struct, field
from lingua.syntax.source import NOWHERE, Span

ParamValue = float | int | bool | str


class ParamDecl(Struct):
    """`kind` int num bool string function timeframe symbol; `unit` names the unit of numbers. `values` lists a `{…}`
    domain, `low`/`high`/`step` a range. `is_structural`: changing it changes the graph (fold bound, timeframe,
    function), so a run with another value elaborates again."""

    name: str
    kind: str
    unit: str
    default: ParamValue
    value: ParamValue
    low: float | None
    high: float | None
    step: float | None
    values: tuple[ParamValue, ...] | None
    is_structural: bool
    span: Span


class DataDecl(Struct):
    """A symbol the program reads: `alias` "" for the traded one(s); `timeframe` "" when the source does not say."""

    alias: str
    symbol: str
    timeframe: str


class Output(Struct):
    """A named series a user can look at: `name` is `bb.upper` for a field of a record."""

    name: str
    role: Literal["indicator", "let", "state", "signal"]
    node: Node
    span: Span


AmountKind = Literal["qty", "money", "equity", "cash", "position", "allocation", "risk", "all"]


class AmountPlan(Struct):
    """How much. `equity cash position allocation` are shares of that base; `risk` a share of equity (ratio) or money
    lost at the stop; `all`: no amount was given (the allocation, or the whole position)."""

    kind: AmountKind
    value: Node | None


class LifePlan(Struct):
    """How long an order works: `bars` and `duration` (seconds) carry a node; `bar` is the default single bar."""

    kind: Literal["bar", "bars", "duration", "gtc"]
    value: Node | None = None


class OrderPlan(Struct):
    kind: Literal["market", "open", "auction", "limit", "stop", "stop_limit", "twap", "vwap"]
    limit: Node | None = None
    stop: Node | None = None
    show: Node | None = None
    life: LifePlan = LifePlan("bar")


DistanceForm = Literal["price", "ratio", "r", "level"]


class DistancePlan(Struct):
    """`price`: a distance fixed at the decision; `ratio`: that share of the fill price; `r`: multiples of the unit's
    initial risk; `level`: a price level."""

    form: DistanceForm
    value: Node


class ExitPlan(Struct):
    """`expire`: `life` says after how long. `after`: armed once the unit has moved this far in favour."""

    kind: Literal["stop", "target", "trail", "expire"]
    distance: DistancePlan | None
    closing: Node | None = None
    after: DistancePlan | None = None
    from_last: bool = False
    fixed: bool = False
    life: LifePlan | None = None
    span: Span = NOWHERE


class ActionPlan(Struct):
    """`source` "" acts on the traded symbol, else on the leg of that `data` name."""

    verb: Literal["buy", "sell", "close", "short", "cover", "target", "cancel"]
    amount: AmountPlan
    source: str
    order: OrderPlan
    exits: tuple[ExitPlan, ...]
    tag: str
    cancel_rule: str
    span: Span


class GroupPlan(Struct):
    actions: tuple[ActionPlan, ...]
    joined_by: Literal["&", "|"]


class RulePlan(Struct):
    """`tick` is a truth series, true on the first base bar at which a new `every` period has closed; None: every bar.
    `leaves` are the comparisons of the condition in source order, for `explain`."""

    name: str
    condition: Node
    group: GroupPlan
    otherwise: GroupPlan | None
    once: bool
    tick: Node | None
    leaves: tuple[tuple[Span, Node], ...]
    span: Span


class FilterPlan(Struct):
    name: str
    condition: Node
    span: Span


class LimitPlan(Struct):
    """One line of the risk block. `value` as a share, count, bars or seconds (`unit` says which); `per` "" or a
    period; `lasting`: "" (latched) or a number of sessions/seconds/bars with its unit, as ("sessions", 1.0)."""

    name: str
    value: float
    unit: Literal["ratio", "count", "bars", "sessions", "seconds", "money"]
    per: str
    effect: Literal["limit", "halt", "flatten"]
    lasting: tuple[str, float] | None
    span: Span


class PlotPlan(Struct):
    title: str
    node: Node
    pane: str
    span: Span


class AlertPlan(Struct):
    """`message` keeps its `{name}` holes; `holes` gives the node of each."""

    name: str
    condition: Node
    message: str
    holes: tuple[tuple[str, Node | None], ...]


class PyramidPlan(Struct):
    units: int
    step: DistancePlan


OptionValue = float | int | str | bool | tuple[tuple[float, float], ...]
"""Pairs are the tiers of a commission: (traded from, share)."""


class ExecutionPlan(Struct):
    """The `execution` block after checking: option name to plain value. Ratios are shares (3bp is 0.0003), durations
    seconds with key suffix `_s`. Keys and defaults are those of `lingua.trading.execution.Execution`."""

    options: tuple[tuple[str, OptionValue], ...] = ()


class FoldsPlan(Struct):
    """`walk_forward(train: 365d, test: 90d)`: each argument as (name, unit, value), unit bars, sessions or seconds."""

    kind: str
    lengths: tuple[tuple[str, str, float], ...]


class OptimizePlan(Struct):
    """The `optimize` block: how the params are to be searched. What is not said is "", None or empty."""

    objectives: tuple[str, ...]
    folds: FoldsPlan | None
    method: str
    trials: int | None
    seed: int | None
    span: Span


class NotExecuted(Struct):
    """A construct that is checked but that a backtest refuses (universe, portfolio, extern)."""

    construct: str
    name: str
    span: Span


class Program(Struct):
    """One strategy, ready for a back end."""

    name: str
    graph: Graph
    symbols: tuple[str, ...]
    timeframe: str
    data: tuple[DataDecl, ...]
    params: tuple[ParamDecl, ...]
    requires: tuple[tuple[Node, Span], ...]
    outputs: tuple[Output, ...]
    rules: tuple[RulePlan, ...]
    filters: tuple[FilterPlan, ...]
    size: AmountPlan | None
    direction: Literal["long", "short", "both"]
    pyramid: PyramidPlan | None
    protect: tuple[ExitPlan, ...]
    limits: tuple[LimitPlan, ...]
    execution: ExecutionPlan
    plots: tuple[PlotPlan, ...]
    alerts: tuple[AlertPlan, ...]
    not_executed: tuple[NotExecuted, ...]
    is_sketch: bool
    """Only constructs of the original sketch are used."""
    optimize: OptimizePlan | None = None
    asked: Asked = field(default_factory=Asked, repr=False, compare=False)
    """What runs have found out about it; shared with the same program for other parameter values."""
