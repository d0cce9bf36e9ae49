"""From productions of the grammar to nodes of the tree: one method per production, named as in `lingua.lark`.

A method gets the span it covers and the values of its parts; tokens come as `Token`, an absent optional part as None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from lingua.diagnostics.codes import syntax as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Problems
from lingua.diagnostics.suggest import did_you_mean
from lingua.syntax import nodes as n
from lingua.syntax.literals import Literals
from lingua.syntax.scanner import Token
from lingua.syntax.source import Span

GROWS = frozenset(
    "if_then match ternary coalesce either both negation compare is_na is_not_na is_in in_range in_set add subtract"  # noqa: SIM905 - words read best without quotes
    " multiply divide minus power index field call at paren list fold type".split()
)
DIRECTIONS = ("long", "short", "both")


class TreeBuilder(Literals):
    """Makes the nodes and reports what the grammar cannot refuse (`with` twice, an unknown escape, …)."""

    grows = GROWS

    def __init__(self, problems: Problems, comments: tuple[n.Comment, ...] = ()) -> None:
        self.problems = problems
        self.comments = comments
        self.callbacks: dict[str, Callable[..., Any]] = {"list": self.list_, "match": self.match_, "call": self.call_}

    def callback(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = self.callbacks.get(name) or getattr(self, name)
        return found

    # --- the top level -----------------------------------------------------------------------

    def start(self, span: Span, *items: n.Top) -> n.File:
        return n.File(items, self.comments, span=span)

    def expression(self, span: Span, value: n.Expr) -> n.Expr:
        return value

    def edition(self, span: Span, number: Token) -> n.Edition:
        return n.Edition(self.count(number), span=span)

    def import_def(self, span: Span, path: Token, alias: Token | None) -> n.Import:
        return n.Import(self.text(path), _text(alias), span=span)

    def const_def(self, span: Span, name: Token, type: n.TypeRef | None, value: n.Expr) -> n.Const:
        return n.Const(name.text, type, value, span=span, name_span=name.span)

    def fn_short(
        self, span: Span, name: Token, params: tuple[n.FnParam, ...], returns: n.TypeRef | None, result: n.Expr
    ) -> n.Fn:
        return n.Fn(name.text, params, returns, (), result, False, span=span, name_span=name.span)

    def fn_block(
        self, span: Span, name: Token, params: tuple[n.FnParam, ...], returns: n.TypeRef | None, *body: Any
    ) -> n.Fn:
        return n.Fn(name.text, params, returns, body[:-1], body[-1], True, span=span, name_span=name.span)

    def result(self, span: Span, value: n.Expr) -> n.Expr:
        return value

    def params(self, span: Span, *params: n.FnParam) -> tuple[n.FnParam, ...]:
        return params

    def fparam(self, span: Span, name: Token, type: n.TypeRef | None, default: n.Expr | None) -> n.FnParam:
        return n.FnParam(name.text, type, default, span=span, name_span=name.span)

    def extern_def(
        self, span: Span, name: Token, params: tuple[n.FnParam, ...], returns: n.TypeRef, source: Token
    ) -> n.Extern:
        return n.Extern(name.text, params, returns, self.text(source), span=span, name_span=name.span)

    def type(
        self, span: Span, name: Token, args: tuple[n.TypeRef | int, ...] | None, suffix: Token | None
    ) -> n.TypeRef:
        return n.TypeRef(name.text, args or (), _text(suffix), span=span)

    def type_args(self, span: Span, *args: n.TypeRef | int) -> tuple[n.TypeRef | int, ...]:
        return args

    def type_size(self, span: Span, number: Token) -> int:
        return self.count(number)

    def strategy(self, span: Span, name: Token, *items: n.Item) -> n.Strategy:
        return n.Strategy(name.text, items, span=span, name_span=name.span)

    # --- items -------------------------------------------------------------------------------

    def param_def(
        self, span: Span, name: Token, type: n.TypeRef | None, default: n.Expr, domain: Any, step: n.Expr | None
    ) -> n.Param:
        low, high, choices = domain or (None, None, None)
        return n.Param(name.text, type, default, low, high, choices, step, span=span, name_span=name.span)

    def domain_range(self, span: Span, low: n.Expr, high: n.Expr) -> tuple[n.Expr, n.Expr, None]:
        return low, high, None

    def domain_choices(self, span: Span, *choices: n.Expr) -> tuple[None, None, tuple[n.Expr, ...]]:
        return None, None, choices

    def indicator_def(self, span: Span, name: Token, type: n.TypeRef | None, value: n.Expr) -> n.Indicator:
        return n.Indicator(name.text, type, value, span=span, name_span=name.span)

    def rule_def(
        self,
        span: Span,
        name: Token,
        once: Token | None,
        every: n.Every | None,
        condition: n.Expr,
        group: n.Group,
        otherwise: n.Group | None,
    ) -> n.Rule:
        return n.Rule(name.text, condition, group, otherwise, once is not None, every, span=span, name_span=name.span)

    def every_duration(self, span: Span, period: Token) -> n.Every:
        return n.Every(self.duration(period.span, period), span=span)

    def every_quantity(self, span: Span, period: Token) -> n.Every:
        return n.Every(self.quantity(period.span, period), span=span)

    def every_name(self, span: Span, period: Token) -> n.Every:
        return n.Every(n.Name(period.text, span=period.span), span=span)

    def let_one(self, span: Span, name: Token, type: n.TypeRef | None, value: n.Expr) -> n.Let:
        return n.Let((name.text,), type, value, span=span, name_spans=(name.span,))

    def let_many(self, span: Span, *parts: Any) -> n.Let:
        *names, type, value = parts
        return n.Let(
            tuple(name.text for name in names),
            type,
            value,
            span=span,
            name_spans=tuple(name.span for name in names),
        )

    def state_def(self, span: Span, name: Token, type: n.TypeRef | None, init: n.Expr, next: n.Expr) -> n.State:
        return n.State(name.text, type, init, next, span=span, name_span=name.span)

    def signal_def(self, span: Span, name: Token, *clauses: n.SignalClause) -> n.Signal:
        return n.Signal(name.text, clauses, span=span, name_span=name.span)

    def signal_side(self, span: Span, side: Token, value: n.Expr) -> n.SignalClause:
        return n.SignalClause(cast(Any, side.text.split()[0]), value, span=span)

    def signal_confidence(self, span: Span, value: n.Expr) -> n.SignalClause:
        return n.SignalClause("confidence", value, span=span)

    def filter_def(self, span: Span, name: Token, condition: n.Expr) -> n.Filter:
        return n.Filter(name.text, condition, span=span, name_span=name.span)

    def data_def(self, span: Span, name: Token, symbol: n.SymbolRef, clock: n.Duration | n.Name | None) -> n.Data:
        return n.Data(name.text, symbol, clock, span=span, name_span=name.span)

    def trade_def(self, span: Span, symbols: tuple[n.SymbolRef, ...], clock: n.Duration | n.Name | None) -> n.Trade:
        return n.Trade(symbols, clock, span=span)

    def universe_def(
        self, span: Span, name: Token, count: n.Expr, by: n.Expr, source: Token, refresh: n.Duration | None
    ) -> n.Universe:
        return n.Universe(name.text, count, by, self.text(source), refresh, span=span, name_span=name.span)

    def refresh(self, span: Span, period: Token) -> n.Duration:
        return self.duration(period.span, period)

    def size_def(self, span: Span, amount: n.Amount) -> n.Size:
        return n.Size(amount, span=span)

    def direction_def(self, span: Span, value: Token) -> n.Direction:
        return n.Direction(cast(Any, self.one_of_words(value, DIRECTIONS)), span=span)

    def pyramid_def(self, span: Span, count: Token, step: n.Expr) -> n.Pyramid:
        return n.Pyramid(self.count(count), step, span=span)

    def protect_def(self, span: Span, *exits: n.Exit) -> n.Protect:
        return n.Protect(exits, span=span)

    def risk_def(self, span: Span, *limits: n.Limit) -> n.Risk:
        return n.Risk(limits, span=span)

    def limit(
        self,
        span: Span,
        name: Token,
        value: n.Expr,
        per: Token | None,
        effect: tuple[Any, n.Expr | None] | None,
    ) -> n.Limit:
        kind, lasting = effect or (None, None)
        return n.Limit(name.text, value, _text(per), kind, lasting, span=span, name_span=name.span)

    def effect(self, span: Span, kind: Token, lasting: n.Expr | None) -> tuple[str, n.Expr | None]:
        return kind.text, lasting

    def execution_def(self, span: Span, *settings: n.Setting) -> n.Execution:
        return n.Execution(settings, span=span)

    def optimize_def(self, span: Span, *settings: n.Setting) -> n.Optimize:
        return n.Optimize(settings, span=span)

    def setting_words(self, span: Span, name: Token, *rest: Token | None) -> n.Setting:
        *words, per = cast(Any, rest)
        return n.Setting(
            name.text, tuple(word.text for word in words), None, _text(per), span=span, name_span=name.span
        )

    def setting_mixed(self, span: Span, name: Token, *rest: Any) -> n.Setting:
        *words, value, per = rest
        return n.Setting(
            name.text, tuple(word.text for word in words), value, _text(per), span=span, name_span=name.span
        )

    def setting_value(self, span: Span, name: Token, value: n.Expr, per: Token | None) -> n.Setting:
        return n.Setting(name.text, (), value, _text(per), span=span, name_span=name.span)

    def require_def(self, span: Span, condition: n.Expr) -> n.Require:
        return n.Require(condition, span=span)

    def plot_def(self, span: Span, *parts: Any) -> n.Plot:
        return n.Plot(parts[:-1], parts[-1], span=span)

    def pane(self, span: Span, text: Token) -> str:
        return self.text(text)

    def alert_def(self, span: Span, name: Token, condition: n.Expr, message: Token) -> n.Alert:
        return n.Alert(name.text, condition, self.text(message), span=span, name_span=name.span)

    # --- actions -----------------------------------------------------------------------------

    def all_of(self, span: Span, *actions: n.Action) -> n.Group:
        return n.Group(actions, "&", span=span)

    def one_of(self, span: Span, *actions: n.Action) -> n.Group:
        return n.Group(actions, "|", span=span)

    def action(self, span: Span, verb: Token, amount: n.Amount | None, *clauses: tuple[str, Any, Span]) -> n.Action:
        parts = self._clauses(clauses)
        return n.Action(
            cast(Any, verb.text),
            amount,
            parts.get("on"),
            parts.get("at"),
            parts.get("with", ()),
            parts.get("tag"),
            span=span,
            verb_span=verb.span,
        )

    def cancel(self, span: Span, verb: Token, rule: Token | None, *clauses: tuple[str, Any, Span]) -> n.Action:
        parts = self._clauses(clauses)
        return n.Action(
            "cancel",
            None,
            parts.get("on"),
            parts.get("at"),
            parts.get("with", ()),
            parts.get("tag"),
            _text(rule),
            span=span,
            verb_span=verb.span,
        )

    def _clauses(self, clauses: tuple[tuple[str, Any, Span], ...]) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for word, value, span in clauses:
            if word in parts:
                self.problems.add(
                    codes.REPEATED_PART,
                    span,
                    word=word,
                    help="put both exits after one `with`, separated by a comma"
                    if word == "with"
                    else f"keep one `{word}`",
                )
            else:
                parts[word] = value
        return parts

    def on_clause(self, span: Span, symbol: n.SymbolRef) -> tuple[str, Any, Span]:
        return "on", symbol, span

    def at_clause(self, span: Span, order: n.Order) -> tuple[str, Any, Span]:
        return "at", order, span

    def with_clause(self, span: Span, *exits: n.Exit) -> tuple[str, Any, Span]:
        return "with", exits, span

    def tag_clause(self, span: Span, text: Token) -> tuple[str, Any, Span]:
        return "tag", self.text(text), span

    def risk_amount(self, span: Span, value: n.Expr) -> n.Amount:
        return n.Amount(value, None, True, span=span)

    def amount(self, span: Span, value: n.Expr, base: Token | None) -> n.Amount:
        return n.Amount(value, cast(Any, base and base.text), span=span)

    def plain_order(self, span: Span, kind: Token, life: Any) -> n.Order:
        return n.Order(cast(Any, kind.text), life=life, span=span)

    def sliced_order(self, span: Span, kind: Token, window: n.Expr) -> n.Order:
        return n.Order(cast(Any, kind.text), life=window, span=span)

    def limit_order(self, span: Span, price: n.Expr, show: n.Expr | None, life: Any) -> n.Order:
        return n.Order("limit", limit=price, show=show, life=life, span=span)

    def stop_order(self, span: Span, price: n.Expr, limit: n.Expr | None, life: Any) -> n.Order:
        return n.Order("stop" if limit is None else "stop_limit", limit=limit, stop=price, life=life, span=span)

    def life(self, span: Span, value: n.Expr) -> n.Expr:
        return value

    def life_gtc(self, span: Span, word: Token) -> str:
        return "gtc"

    def exit_stop(
        self, span: Span, level: Token | None, value: n.Expr, last: Token | None, after: n.Expr | None
    ) -> n.Exit:
        return n.Exit("stop", value, level is not None, from_last=last is not None, after=after, span=span)

    def exit_target(self, span: Span, level: Token | None, value: n.Expr, closing: n.Expr | None) -> n.Exit:
        return n.Exit("target", value, level is not None, closing=closing, span=span)

    def exit_trail(
        self, span: Span, fixed: Token | None, level: Token | None, value: n.Expr, after: n.Expr | None
    ) -> n.Exit:
        return n.Exit("trail", value, level is not None, fixed=fixed is not None, after=after, span=span)

    def exit_expire(self, span: Span, value: n.Expr) -> n.Exit:
        return n.Exit("expire", value, span=span)

    # --- portfolio and test --------------------------------------------------------------------

    def portfolio(self, span: Span, name: Token, *items: Any) -> n.Portfolio:
        return n.Portfolio(name.text, items, span=span, name_span=name.span)

    def capital(self, span: Span, value: n.Expr) -> n.Capital:
        return n.Capital(value, span=span)

    def run(self, span: Span, name: Token, *parts: Any) -> n.Run:
        *args, symbols, clock, weight = parts
        return n.Run(name.text, args[0] if args else (), symbols, clock, weight, span=span)

    def run_args(self, span: Span, *args: n.Arg) -> tuple[n.Arg, ...]:
        return args

    def allocate(self, span: Span, value: n.Expr, refresh: n.Duration | None) -> n.Allocate:
        return n.Allocate(value, refresh, span=span)

    def test_def(self, span: Span, title: Token, strategy: Token | None, *parts: Any) -> n.Test:
        return n.Test(self.text(title), _text(strategy), parts, span=span)

    def given_value(self, span: Span, name: Token, value: n.Expr) -> n.Given:
        return n.Given(name.text, value, span=span)

    def given_other(self, span: Span, owner: Token, name: Token, value: n.Expr) -> n.Given:
        return n.Given(name.text, value, owner.text, span=span)

    def given_file(self, span: Span, name: Token, path: Token) -> n.Given:
        return n.Given(self.one_of_words(name, ("bars",)), path=self.text(path), span=span)

    def given_other_file(self, span: Span, owner: Token, name: Token, path: Token) -> n.Given:
        return n.Given(self.one_of_words(name, ("bars",)), owner=owner.text, path=self.text(path), span=span)

    def using(self, span: Span, *args: n.Arg) -> n.Using:
        return n.Using(args, span=span)

    def expect(
        self,
        span: Span,
        mode: Token | None,
        condition: n.Expr,
        about: tuple[n.Expr, n.Expr | None] | None,
        at_bar: n.Expr | None,
    ) -> n.Expect:
        value, within = about or (None, None)
        return n.Expect(condition, cast(Any, mode and mode.text), value, within, at_bar, span=span)

    def about(self, span: Span, value: n.Expr, within: n.Expr | None) -> tuple[n.Expr, n.Expr | None]:
        return value, within

    def symbols(self, span: Span, *symbols: n.SymbolRef) -> tuple[n.SymbolRef, ...]:
        return symbols

    def symbol_name(self, span: Span, name: Token) -> n.SymbolRef:
        return n.SymbolRef(name.text, span=span)

    def symbol_text(self, span: Span, text: Token) -> n.SymbolRef:
        return n.SymbolRef(self.text(text), True, span=span)

    # --- expressions -----------------------------------------------------------------------------

    def if_then(self, span: Span, condition: n.Expr, then: n.Expr, otherwise: n.Expr) -> n.If:
        return n.If(condition, then, otherwise, span=span)

    def ternary(self, span: Span, condition: n.Expr, then: n.Expr, otherwise: n.Expr) -> n.If:
        return n.If(condition, then, otherwise, True, span=span)

    def match_(self, span: Span, *parts: Any) -> n.Match:
        return n.Match(parts[:-1], parts[-1], span=span)

    def arm(self, span: Span, condition: n.Expr, value: n.Expr) -> tuple[n.Expr, n.Expr]:
        return condition, value

    def coalesce(self, span: Span, left: n.Expr, right: n.Expr) -> n.Binary:
        return n.Binary("??", left, right, span=span)

    def either(self, span: Span, left: n.Expr, right: n.Expr) -> n.Binary:
        return n.Binary("or", left, right, span=span)

    def both(self, span: Span, left: n.Expr, right: n.Expr) -> n.Binary:
        return n.Binary("and", left, right, span=span)

    def negation(self, span: Span, operand: n.Expr) -> n.Unary:
        return n.Unary("not", operand, span=span)

    def compare(self, span: Span, left: n.Expr, op: str, right: n.Expr) -> n.Compare:
        return n.Compare(cast(Any, op), left, right, span=span)

    def compare_op(self, span: Span, sign: Token) -> str:
        words = sign.text.split()
        if len(words) == 2:
            return "crosses above" if words[1] in ("above", "over") else "crosses below"
        return sign.text

    def is_na(self, span: Span, operand: n.Expr) -> n.IsNa:
        return n.IsNa(operand, False, span=span)

    def is_not_na(self, span: Span, operand: n.Expr) -> n.IsNa:
        return n.IsNa(operand, True, span=span)

    def is_in(self, span: Span, operand: n.Expr, low: n.Expr) -> n.In:
        return n.In(operand, low, None, span=span)

    def in_range(self, span: Span, operand: n.Expr, low: n.Expr, high: n.Expr) -> n.In:
        return n.In(operand, low, high, span=span)

    def in_set(self, span: Span, operand: n.Expr, *items: n.Expr) -> n.In:
        opening = self.problems.source.text.find("{", operand.span.end, span.end)
        members = n.SetExpr(items, span=Span(max(opening, operand.span.end), span.end))
        return n.In(operand, members, None, span=span)

    def add(self, span: Span, left: n.Expr, right: n.Expr) -> n.Binary:
        return n.Binary("+", left, right, span=span)

    def subtract(self, span: Span, left: n.Expr, right: n.Expr) -> n.Binary:
        return n.Binary("-", left, right, span=span)

    def multiply(self, span: Span, left: n.Expr, right: n.Expr) -> n.Binary:
        return n.Binary("*", left, right, span=span)

    def divide(self, span: Span, left: n.Expr, right: n.Expr) -> n.Binary:
        return n.Binary("/", left, right, span=span)

    def minus(self, span: Span, operand: n.Expr) -> n.Unary:
        return n.Unary("-", operand, span=span)

    def power(self, span: Span, base: n.Expr, exponent: n.Expr) -> n.Binary:
        return n.Binary("^", base, exponent, span=span)

    def index(self, span: Span, operand: n.Expr, offset: n.Expr) -> n.Index:
        return n.Index(operand, offset, span=span)

    def field(self, span: Span, operand: n.Expr, name: Token) -> n.Field:
        return n.Field(operand, name.text, span=span, name_span=name.span)

    def call_(self, span: Span, function: n.Expr, *args: n.Arg) -> n.Call:
        if not _is_path(function):
            self.problems.add(
                codes.NOT_A_FUNCTION,
                function.name_span if isinstance(function, n.Field) else function.span,
                help=f"a value has no methods: write `{function.name}(…)` with the value as its first argument"
                if isinstance(function, n.Field)
                else "put an operator between the two, or name the function: `f(x)`",
            )
        return n.Call(function, args, span=span)

    def at(self, span: Span, operand: n.Expr, clock: n.Duration | n.Name) -> n.At:
        return n.At(operand, clock, span=span)

    def name(self, span: Span, token: Token) -> n.Name:
        return n.Name(token.text, span=span)

    def paren(self, span: Span, inner: n.Expr) -> n.Paren:
        return n.Paren(inner, span=span)

    def list_(self, span: Span, *items: n.Expr) -> n.ListExpr:
        return n.ListExpr(items, span=span)

    def fold(self, span: Span, kind: Token, variable: Token, low: n.Expr, high: n.Expr, body: n.Expr) -> n.Fold:
        word = re.split(r"\s", kind.text, maxsplit=1)[0]
        return n.Fold(cast(Any, word), variable.text, low, high, body, span=span)

    def plain_arg(self, span: Span, value: n.Expr, up_to: n.Expr | None) -> n.Arg:
        return n.Arg(None, value, up_to, span=span)

    def named_arg(self, span: Span, name: Token, value: n.Expr, up_to: n.Expr | None) -> n.Arg:
        return n.Arg(name.text, value, up_to, span=span)

    # --- words the grammar takes as names --------------------------------------------------------

    def one_of_words(self, token: Token, known: tuple[str, ...]) -> str:
        """The word of `token`, which must be one of `known`; else the first of them, and a diagnostic."""
        if token.text in known:
            return token.text
        meant = did_you_mean(token.text, known) or known[0]
        self.problems.add(
            codes.UNKNOWN_WORD,
            token.span,
            word=token.text,
            known=", ".join(f"`{word}`" for word in known),
            help=f"write `{meant}`",
            fixes=(Fix(f"replace by `{meant}`", (Edit(token.span, meant),)),),
        )
        return meant


def _text(token: Token | None) -> str | None:
    return None if token is None else token.text


def _is_path(function: n.Expr) -> bool:
    while isinstance(function, n.Field):
        function = function.operand
    return isinstance(function, n.Name)
