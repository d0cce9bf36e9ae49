"""The abstract syntax tree: frozen nodes, closed unions, spans that never take part in equality.

What analysis finds about a node is kept in tables beside the tree, never in it. Parentheses stay in the tree
(`Paren`): the formatter writes them back, and `(close@1h)[1]` must not become `close@1h[1]`.
"""

from __future__ import annotations

from typing import Literal

from lingua.structs import Struct, field
from lingua.syntax.source import NOWHERE, Span

# --- expressions ---------------------------------------------------------------------------------


class _Spanned(Struct):
    """What all nodes share."""

    span: Span = field(default=NOWHERE, kw_only=True, compare=False, repr=False)


class Number(_Spanned):
    """`14`, `0.25`, `1_000`, `1e-3`; `text` is the literal without underscores, `is_int` if it has no `.`, `e`."""

    text: str
    value: float
    is_int: bool


class Ratio(_Spanned):
    """`10%` or `5bp`; `value` is the share itself (0.1, 0.0005)."""

    text: str
    value: float


class RMultiple(_Spanned):
    """`2R`: twice the initial risk of the unit."""

    text: str
    value: float


class Duration(_Spanned):
    """`15m`, `1d`, `3mo`: a length of time or a timeframe; `unit` is one of ms s m h d w mo y."""

    count: int
    unit: str


class Quantity(_Spanned):
    """`20 bars`, `5 shares`, `2 ticks`, `100 USD`, `10 ETH`; `unit` as written, singular words pluralised."""

    text: str
    value: float
    unit: str


class String(_Spanned):
    """`"…"`; `value` is unescaped."""

    value: str


class Bool(_Spanned):
    value: bool


class Na(_Spanned):
    """`na`"""


class Name(_Spanned):
    name: str


class Paren(_Spanned):
    inner: Expr


class ListExpr(_Spanned):
    """`[1, 2, 3]`"""

    items: tuple[Expr, ...]


class SetExpr(_Spanned):
    """`{1, 2}`, right of `in`"""

    items: tuple[Expr, ...]


class Unary(_Spanned):
    op: Literal["-", "not"]
    operand: Expr


class Binary(_Spanned):
    op: Literal["+", "-", "*", "/", "^", "and", "or", "??"]
    left: Expr
    right: Expr


CompareOp = Literal[">", ">=", "<", "<=", "==", "!=", "crosses above", "crosses below", "crosses"]


class Compare(_Spanned):
    """`a > b`; `crosses over` is `crosses above`, `crosses under` is `crosses below`."""

    op: CompareOp
    left: Expr
    right: Expr


class IsNa(_Spanned):
    """`x is na`, `x is not na`"""

    operand: Expr
    negated: bool


class In(_Spanned):
    """`x in a..b` (both ends included), `x in {1, 2}` (`low` a SetExpr), `time in session(…)`."""

    operand: Expr
    low: Expr
    high: Expr | None


class If(_Spanned):
    """`if c then a else b`, or `c ? a : b` when `ternary`."""

    condition: Expr
    then: Expr
    otherwise: Expr
    ternary: bool = False


class Match(_Spanned):
    """`match { c => a, else => b }`"""

    arms: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr


class Index(_Spanned):
    """`x[n]`: the value `n` bars ago."""

    operand: Expr
    offset: Expr


class Field(_Spanned):
    """`bb.upper`, `btc.close`; `name_span` is the part after the dot."""

    operand: Expr
    name: str
    name_span: Span = field(default=NOWHERE, kw_only=True, compare=False, repr=False)


class Arg(_Spanned):
    """`n`, `fast: 5`, `n up to 60`"""

    name: str | None
    value: Expr
    up_to: Expr | None = None


class Call(_Spanned):
    """`ema(close, 20)`, `cs.rank(x)`; `function` is a Name or a Field chain."""

    function: Expr
    args: tuple[Arg, ...]


class At(_Spanned):
    """`e@1d`, `e@htf`, `e@btc`"""

    operand: Expr
    clock: Duration | Name


class Fold(_Spanned):
    """`sum over (i in 0..n-1: close[i] * w(i))`; both ends included."""

    kind: Literal["sum", "product", "min", "max", "all", "any"]
    variable: str
    low: Expr
    high: Expr
    body: Expr


Expr = (
    Number
    | Ratio
    | RMultiple
    | Duration
    | Quantity
    | String
    | Bool
    | Na
    | Name
    | Paren
    | ListExpr
    | SetExpr
    | Unary
    | Binary
    | Compare
    | IsNa
    | In
    | If
    | Match
    | Index
    | Field
    | Call
    | At
    | Fold
)


# --- types ---------------------------------------------------------------------------------------


class TypeRef(_Spanned):
    """`int`, `price`, `window<float, 64>`; `suffix` is the `name` of `T[name]`."""

    name: str
    args: tuple[TypeRef | int, ...] = ()
    suffix: str | None = None


# --- actions -------------------------------------------------------------------------------------

Verb = Literal["buy", "sell", "close", "short", "cover", "target", "cancel"]
Base = Literal["equity", "cash", "position", "allocation"]


class Amount(_Spanned):
    """`10% of equity`, `risk 1%` (`is_risk`), `position / 2`"""

    value: Expr
    base: Base | None = None
    is_risk: bool = False


class SymbolRef(_Spanned):
    """`BTCUSDT`, `"CME:ES"` (`quoted`), or the name of a `data` declaration."""

    name: str
    quoted: bool = False


class Order(_Spanned):
    """What follows `at`. `limit`/`stop` are prices; `show` the iceberg's visible part; `life` what follows `for`
    (an Expr in bars or a duration, or "gtc"): of `twap` and `vwap` the window over which they are sent."""

    kind: Literal["market", "open", "auction", "limit", "stop", "stop_limit", "twap", "vwap"]
    limit: Expr | None = None
    stop: Expr | None = None
    show: Expr | None = None
    life: Expr | Literal["gtc"] | None = None


class Exit(_Spanned):
    """One attached exit. `is_level` for `stop at x`; `expire after x` keeps its length in `value`."""

    kind: Literal["stop", "target", "trail", "expire"]
    value: Expr
    is_level: bool = False
    from_last: bool = False
    fixed: bool = False
    after: Expr | None = None
    closing: Expr | None = None


class Action(_Spanned):
    verb: Verb
    amount: Amount | None = None
    on: SymbolRef | None = None
    order: Order | None = None
    exits: tuple[Exit, ...] = ()
    tag: str | None = None
    cancel_rule: str | None = None
    verb_span: Span = field(default=NOWHERE, kw_only=True, compare=False, repr=False)


class Group(_Spanned):
    """Actions joined by `&` (all or none) or `|` (one cancels the others)."""

    actions: tuple[Action, ...]
    joined_by: Literal["&", "|"] = "&"


class Limit(_Spanned):
    """`daily_loss 2% => flatten for 1d`, `max_orders 12 per day`"""

    name: str
    value: Expr
    per: str | None = None
    effect: Literal["halt", "flatten"] | None = None
    lasting: Expr | None = None
    name_span: Span = field(default=NOWHERE, kw_only=True, compare=False, repr=False)


class Setting(_Spanned):
    """`slippage: 3bp`, `borrow: 3% per year`, `limit_fill: through 1 ticks`: leading bare words, then maybe a value."""

    name: str
    words: tuple[str, ...]
    value: Expr | None
    per: str | None = None
    name_span: Span = field(default=NOWHERE, kw_only=True, compare=False, repr=False)


# --- items of a strategy -------------------------------------------------------------------------


class _Named(_Spanned):
    name: str
    name_span: Span = field(default=NOWHERE, kw_only=True, compare=False, repr=False)


class Param(_Named):
    """`param n = 14 in 7..28 step 1`; `choices` for `in {…}`, `low`/`high` for `in a..b`."""

    type: TypeRef | None
    default: Expr
    low: Expr | None = None
    high: Expr | None = None
    choices: tuple[Expr, ...] | None = None
    step: Expr | None = None


class Indicator(_Named):
    type: TypeRef | None
    value: Expr


class Let(_Spanned):
    """`let x = e`, `let (a, b) = e`"""

    names: tuple[str, ...]
    type: TypeRef | None
    value: Expr
    name_spans: tuple[Span, ...] = field(default=(), kw_only=True, compare=False, repr=False)


class State(_Named):
    type: TypeRef | None
    init: Expr
    next: Expr


class Every(_Spanned):
    """`every weekly`, `every 1d`, `every 5 bars`, `every htf`"""

    period: Duration | Quantity | Name


class Rule(_Named):
    condition: Expr
    group: Group
    otherwise: Group | None = None
    once: bool = False
    every: Every | None = None


class SignalClause(_Spanned):
    """`long when A`, or `confidence C`"""

    kind: Literal["long", "short", "flat", "confidence"]
    value: Expr


class Signal(_Named):
    clauses: tuple[SignalClause, ...]


class Filter(_Named):
    condition: Expr


class Data(_Named):
    symbol: SymbolRef
    timeframe: Duration | Name | None = None


class Trade(_Spanned):
    symbols: tuple[SymbolRef, ...]
    timeframe: Duration | Name | None = None


class Universe(_Named):
    count: Expr
    by: Expr
    source: str
    refresh: Duration | None = None


class Size(_Spanned):
    amount: Amount


class Direction(_Spanned):
    value: Literal["long", "short", "both"]


class Pyramid(_Spanned):
    count: int
    step: Expr


class Protect(_Spanned):
    exits: tuple[Exit, ...]


class Risk(_Spanned):
    limits: tuple[Limit, ...]


class Execution(_Spanned):
    settings: tuple[Setting, ...]


class Require(_Spanned):
    condition: Expr


class Optimize(_Spanned):
    settings: tuple[Setting, ...]


class Plot(_Spanned):
    values: tuple[Expr, ...]
    pane: str | None = None


class Alert(_Named):
    condition: Expr
    message: str


class Given(_Spanned):
    """`given close = […]`, `given btc.close = […]` (`owner` "btc"), `given bars "file"` (`path`),
    `given bars = random(1, 200)` (`name` "bars")."""

    name: str
    value: Expr | None = None
    owner: str | None = None
    path: str | None = None


class Using(_Spanned):
    args: tuple[Arg, ...]


class Expect(_Spanned):
    """`expect always a ~ b within c at bar n`"""

    condition: Expr
    mode: Literal["always", "never", "eventually"] | None = None
    approximately: Expr | None = None
    within: Expr | None = None
    at_bar: Expr | None = None


class Test(_Spanned):
    """`test "name" [for Strategy] { … }`"""

    title: str
    strategy: str | None
    parts: tuple[Given | Using | Expect, ...]


Item = (
    Param
    | Indicator
    | Rule
    | Let
    | State
    | Signal
    | Filter
    | Data
    | Trade
    | Universe
    | Size
    | Direction
    | Pyramid
    | Protect
    | Risk
    | Execution
    | Require
    | Optimize
    | Plot
    | Alert
    | Test
)

# --- the top level -------------------------------------------------------------------------------


class Edition(_Spanned):
    number: int


class Import(_Spanned):
    """`import "std/cloud" as c`"""

    path: str
    alias: str | None = None


class Const(_Named):
    type: TypeRef | None
    value: Expr


class FnParam(_Named):
    type: TypeRef | None = None
    default: Expr | None = None


class Fn(_Named):
    """`fn f(x) = e`, or a block of `let` and `state` with one `return` (`is_block`)."""

    params: tuple[FnParam, ...]
    returns: TypeRef | None
    body: tuple[Let | State, ...]
    result: Expr
    is_block: bool


class Extern(_Named):
    params: tuple[FnParam, ...]
    returns: TypeRef
    source: str


class Strategy(_Named):
    items: tuple[Item, ...]


class Capital(_Spanned):
    value: Expr


class Run(_Spanned):
    strategy: str
    args: tuple[Arg, ...]
    symbols: tuple[SymbolRef, ...]
    timeframe: Duration | Name | None = None
    weight: Expr | None = None


class Allocate(_Spanned):
    value: Expr
    refresh: Duration | None = None


class Portfolio(_Named):
    items: tuple[Capital | Run | Allocate | Risk, ...]


Top = Edition | Import | Const | Fn | Extern | Universe | Strategy | Portfolio | Test


class Comment(Struct):
    """A comment as written, delimiters included; `own_line` if nothing but blanks stands before it on its line."""

    text: str
    span: Span
    own_line: bool


class File(_Spanned):
    """`broken` names what items with syntax errors would have defined: to use one of them is no second mistake."""

    items: tuple[Top, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
    broken: tuple[str, ...] = field(default=(), compare=False)
