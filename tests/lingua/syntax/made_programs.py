"""Random well-formed syntax trees: `files()` gives whole files in which every node of `lingua.syntax.nodes` occurs."""

from __future__ import annotations

import dataclasses
from typing import Any

from hypothesis import strategies as st

from lingua.syntax import nodes as n
from lingua_grammar.tables import load

RESERVED = load().reserved
PLAIN = ("a", "b", "fast", "slow", "close", "high", "position", "entry", "x1", "_y", "Z", "R", "bars", "long", "prev")
SOFT = tuple(sorted(word for word in load().words if word not in RESERVED))

plain_names = st.sampled_from(PLAIN)
names = st.one_of(plain_names, st.sampled_from(SOFT))
texts = st.text(max_size=12)
digits = st.one_of(
    st.integers(0, 10_000).map(str),
    st.decimals(0, 1000, places=2, allow_nan=False).map(str),
    st.sampled_from(("1e6", "2.5e-3", "0", "9007199254740992")),
)
small_digits = st.one_of(st.integers(0, 500).map(str), st.sampled_from(("0.5", "2.25")))

numbers = digits.map(lambda text: n.Number(text, float(text), text.isdecimal()))
ratios = st.one_of(
    small_digits.map(lambda text: n.Ratio(text + "%", float(text) / 100.0)),
    small_digits.map(lambda text: n.Ratio(text + "bp", float(text) / 10_000.0)),
)
multiples = small_digits.map(lambda text: n.RMultiple(text + "R", float(text)))
durations = st.builds(n.Duration, st.integers(0, 500), st.sampled_from(("ms", "s", "m", "h", "d", "w", "mo", "y")))
units = st.sampled_from(("bars", "shares", "lots", "contracts", "ticks", "USD", "ETH", "USDT", "SHIB", "CHF"))
quantities = st.builds(lambda text, unit: n.Quantity(text, float(text), unit), small_digits, units)
clocks = st.one_of(durations, st.builds(n.Name, names))
literals = st.one_of(
    numbers,
    ratios,
    multiples,
    durations,
    quantities,
    texts.map(n.String),
    st.booleans().map(n.Bool),
    st.just(n.Na()),
)
leaves = st.one_of(literals, st.builds(n.Name, names))


def tuples(of: st.SearchStrategy[Any], low: int = 0, high: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, min_size=low, max_size=high).map(tuple)


def _branches(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    paths = st.recursive(st.builds(n.Name, names), lambda path: st.builds(n.Field, path, names), max_leaves=2)
    args = st.builds(n.Arg, st.none() | names, inner, st.none() | inner)
    return st.one_of(
        st.builds(n.Paren, inner),
        st.builds(n.ListExpr, tuples(inner)),
        st.builds(n.Unary, st.sampled_from(("-", "not")), inner),
        st.builds(n.Binary, st.sampled_from(("+", "-", "*", "/", "^", "and", "or", "??")), inner, inner),
        st.builds(
            n.Compare,
            st.sampled_from((">", ">=", "<", "<=", "==", "!=", "crosses above", "crosses below", "crosses")),
            inner,
            inner,
        ),
        st.builds(n.IsNa, inner, st.booleans()),
        st.builds(n.In, inner, inner, st.none() | inner),
        st.builds(n.In, inner, tuples(inner, 1).map(n.SetExpr), st.none()),
        st.builds(n.If, inner, inner, inner, st.booleans()),
        st.builds(n.Match, tuples(st.tuples(inner, inner)), inner),
        st.builds(n.Index, inner, inner),
        st.builds(n.Field, inner, names),
        st.builds(n.Call, paths, tuples(args)),
        st.builds(n.At, inner, clocks),
        st.builds(n.Fold, st.sampled_from(("sum", "product", "min", "max", "all", "any")), names, inner, inner, inner),
    )


expressions = st.recursive(leaves, _branches, max_leaves=8)
short_expressions = st.recursive(leaves, _branches, max_leaves=3)
e = short_expressions
arguments = st.builds(n.Arg, st.none() | names, e, st.none() | e)
types = st.recursive(
    st.builds(n.TypeRef, names),
    lambda inner: st.builds(n.TypeRef, names, tuples(st.one_of(inner, st.integers(0, 99)), 0, 2), st.none() | names),
    max_leaves=3,
)
maybe_type = st.none() | types

# --- actions ---------------------------------------------------------------------------------------

symbols = st.one_of(st.builds(n.SymbolRef, names), st.builds(n.SymbolRef, texts, st.just(True)))
amounts = st.one_of(
    st.builds(n.Amount, e, st.none() | st.sampled_from(("equity", "cash", "position", "allocation"))),
    st.builds(n.Amount, e, st.none(), st.just(True)),
)
lives = st.one_of(st.none(), st.just("gtc"), e)
orders = st.one_of(
    st.builds(lambda kind, life: n.Order(kind, life=life), st.sampled_from(("market", "open", "auction")), lives),
    st.builds(lambda price, show, life: n.Order("limit", limit=price, show=show, life=life), e, st.none() | e, lives),
    st.builds(lambda price, life: n.Order("stop", stop=price, life=life), e, lives),
    st.builds(lambda stop, limit, life: n.Order("stop_limit", limit=limit, stop=stop, life=life), e, e, lives),
)
exits = st.one_of(
    st.builds(
        lambda value, at, last, after: n.Exit("stop", value, at, from_last=last, after=after),
        e,
        st.booleans(),
        st.booleans(),
        st.none() | e,
    ),
    st.builds(lambda value, at, part: n.Exit("target", value, at, closing=part), e, st.booleans(), st.none() | e),
    st.builds(
        lambda value, at, fixed, after: n.Exit("trail", value, at, fixed=fixed, after=after),
        e,
        st.booleans(),
        st.booleans(),
        st.none() | e,
    ),
    e.map(lambda value: n.Exit("expire", value)),
)
_clauses = (st.none() | symbols, st.none() | orders, tuples(exits, 0, 2), st.none() | texts)
actions = st.one_of(
    st.builds(
        n.Action, st.sampled_from(("buy", "sell", "close", "short", "cover", "target")), st.none() | amounts, *_clauses
    ),
    st.builds(n.Action, st.just("cancel"), st.none(), *_clauses, cancel_rule=st.none() | plain_names),
)
groups = st.one_of(
    st.builds(n.Group, tuples(actions, 1, 2), st.just("&")), st.builds(n.Group, tuples(actions, 2, 3), st.just("|"))
)
limits = st.builds(
    lambda name, value, per, effect, lasting: n.Limit(name, value, per, effect, lasting if effect else None),
    names,
    e,
    st.none() | names,
    st.sampled_from((None, "halt", "flatten")),
    st.none() | e,
)
words = names.filter(lambda word: word not in ("per", "crosses"))
# After bare words only a literal can follow: a bracket would make a call, a minus a subtraction.
settings = st.one_of(
    st.builds(n.Setting, names, tuples(words, 1, 2), st.none() | literals, st.none() | names),
    st.builds(n.Setting, names, st.just(()), e, st.none() | names),
)

# --- items -------------------------------------------------------------------------------------------

lets = st.builds(n.Let, tuples(names, 1, 3), maybe_type, expressions)
states = st.builds(n.State, names, maybe_type, e, expressions)
params = st.one_of(
    st.builds(
        lambda name, type, default, low, high, step: n.Param(name, type, default, low, high, None, step),
        names,
        maybe_type,
        e,
        e,
        e,
        st.none() | e,
    ),
    st.builds(
        lambda name, type, default, choices, step: n.Param(name, type, default, None, None, choices, step),
        names,
        maybe_type,
        e,
        st.none() | tuples(e, 1),
        st.none() | e,
    ),
)
everies = st.builds(n.Every, st.one_of(durations, quantities, st.builds(n.Name, names)))
universes = st.builds(n.Universe, names, e, e, texts, st.none() | durations)
risks = st.builds(n.Risk, tuples(limits))
givens = st.one_of(
    st.builds(n.Given, names, e, st.none() | names),
    st.builds(lambda owner, path: n.Given("bars", owner=owner, path=path), st.none() | names, texts),
)
expects = st.builds(
    lambda condition, mode, value, within, bar: n.Expect(condition, mode, value, within if value else None, bar),
    e,
    st.sampled_from((None, "always", "never", "eventually")),
    st.none() | e,
    st.none() | e,
    st.none() | e,
)
tests = st.builds(
    n.Test, texts, st.none() | names, tuples(st.one_of(givens, tuples(arguments, 1).map(n.Using), expects))
)
items = st.one_of(
    params,
    st.builds(n.Indicator, names, maybe_type, expressions),
    st.builds(n.Rule, names, expressions, groups, st.none() | groups, st.booleans(), st.none() | everies),
    lets,
    states,
    st.builds(
        n.Signal,
        names,
        tuples(st.builds(n.SignalClause, st.sampled_from(("long", "short", "flat", "confidence")), e), 1),
    ),
    st.builds(n.Filter, names, e),
    st.builds(n.Data, names, symbols, st.none() | clocks),
    st.builds(n.Trade, tuples(symbols, 1), st.none() | clocks),
    universes,
    st.builds(n.Size, amounts),
    st.builds(n.Direction, st.sampled_from(("long", "short", "both"))),
    st.builds(n.Pyramid, st.integers(0, 20), e),
    st.builds(n.Protect, tuples(exits)),
    risks,
    st.builds(n.Execution, tuples(settings)),
    st.builds(n.Require, e),
    st.builds(n.Optimize, tuples(settings)),
    st.builds(n.Plot, tuples(e, 1), st.none() | texts),
    st.builds(n.Alert, names, e, texts),
    tests,
)
fn_params = st.builds(n.FnParam, names, maybe_type, st.none() | e)
functions = st.one_of(
    st.builds(n.Fn, names, tuples(fn_params), maybe_type, st.just(()), e, st.just(False)),
    st.builds(n.Fn, names, tuples(fn_params), maybe_type, tuples(st.one_of(lets, states)), e, st.just(True)),
)
portfolios = st.builds(
    n.Portfolio,
    names,
    tuples(
        st.one_of(
            st.builds(n.Capital, e),
            st.builds(n.Run, names, tuples(arguments), tuples(symbols, 1), st.none() | clocks, st.none() | e),
            st.builds(n.Allocate, e, st.none() | durations),
            risks,
        )
    ),
)
tops = st.one_of(
    st.builds(n.Edition, st.integers(0, 9)),
    st.builds(n.Import, texts, st.none() | names),
    st.builds(n.Const, names, maybe_type, e),
    functions,
    st.builds(n.Extern, names, tuples(fn_params), types, texts),
    universes,
    st.builds(n.Strategy, names, tuples(items, 0, 4)),
    portfolios,
    tests,
)


def files() -> st.SearchStrategy[n.File]:
    return tuples(tops, 0, 3).map(n.File)


def without_parentheses(node: Any) -> Any:
    """`node` with every `Paren` replaced by what it holds."""
    if isinstance(node, n.Paren):
        return without_parentheses(node.inner)
    if isinstance(node, tuple):
        return tuple(without_parentheses(part) for part in node)
    if dataclasses.is_dataclass(node) and not isinstance(node, type):
        values = {
            field.name: without_parentheses(getattr(node, field.name))
            for field in dataclasses.fields(node)
            if field.init and field.compare
        }
        return type(node)(**values)
    return node
