"""Changes of a program that keep its meaning or add to it: a name for an expression, a stop for an entry, a test."""

from __future__ import annotations

import re
from itertools import chain, count

from lingua.analysis.chunks import Place
from lingua.analysis.names import Space
from lingua.analysis.view import View
from lingua.diagnostics.diagnostic import Edit, Fix
from lingua.semantics.mentions import parts
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

STOP = "with stop 2 * atr(14)"
ENTRIES = ("buy", "short")


def attach_stop(view: View, span: Span) -> list[Fix]:
    """For each entry at a place that carries no stop: one of two ATRs."""
    found: list[Fix] = []
    for index in view.chunks_in(span):
        if view.chunks[index].place is not Place.ITEM or _protects(view, view.chunks[index].owner):
            continue
        for rule in view.pieces[index].items:
            if not isinstance(rule, ast.Rule):
                continue
            for action in _actions(rule):
                place = view.spanned(index, action.span)
                if action.verb not in ENTRIES or place.end < span.start or span.end < place.start:
                    continue
                if any(each.kind in ("stop", "trail") for each in action.exits):
                    continue
                text = f", {STOP.removeprefix('with ')}" if action.exits else f" {STOP}"
                end = view.spanned(index, action.exits[-1].span if action.exits else action.span).end
                found.append(Fix(f"attach a stop to `{action.verb}`", (Edit(Span(end, end), text),)))
    return found


def _actions(rule: ast.Rule) -> list[ast.Action]:
    groups = [rule.group, *([rule.otherwise] if rule.otherwise is not None else [])]
    return [action for group in groups for action in group.actions]


def _protects(view: View, owner: int) -> bool:
    return any(isinstance(item, ast.Protect) and view.chunks[index].owner == owner for index, item in view.items())


def extract_let(view: View, span: Span) -> Fix | None:
    """A name for the expression that is selected: a `let` on the line before the item, and the name in its place."""
    text = view.source.text
    chosen = text[span.start : span.end]
    span = Span(span.start + len(chosen) - len(chosen.lstrip()), span.end - len(chosen) + len(chosen.rstrip()))
    if span.end <= span.start:
        return None
    index = view.chunk_at(span.start)
    if view.chunks[index].place is not Place.ITEM or span.end > view.chunks[index].end:
        return None
    for item in view.pieces[index].items:
        whole = view.spanned(index, item.span)
        if isinstance(item, ast.Test | ast.Param) or not whole.start <= span.start <= span.end <= whole.end:
            continue
        for part in parts(item):
            if isinstance(part, ast.Expr) and view.spanned(index, part.span) == span and _is_worth_it(part):
                name = _free_name(view, view.chunks[index].owner, part)
                line = text.rfind("\n", 0, whole.start) + 1
                before = text[line : whole.start]
                blanks = before[: len(before) - len(before.lstrip())]
                let = f"{blanks}let {name} = {' '.join(text[span.start : span.end].split())}\n"
                return Fix(f"give it a name: `let {name}`", (Edit(Span(line, line), let), Edit(span, name)))
    return None


def _is_worth_it(part: ast.Expr) -> bool:
    return not isinstance(part, ast.Name | ast.Number | ast.String | ast.Bool | ast.Na | ast.ListExpr | ast.SetExpr)


def _free_name(view: View, owner: int, part: ast.Expr) -> str:
    match part:
        case ast.Call(ast.Name(name), args):
            length = next(
                (arg.value.text for arg in args if isinstance(arg.value, ast.Number) and arg.value.is_int), ""
            )
            wanted = f"{name}{length}"
        case ast.Compare() | ast.In() | ast.IsNa():
            wanted = "condition"
        case ast.Binary("and" | "or"):
            wanted = "condition"
        case _:
            wanted = "value"
    taken = {name for (where, space, name) in view.definitions if where in (owner, -1) and space is Space.VALUE}
    return next(name for name in chain((wanted,), (f"{wanted}_{n}" for n in count(2))) if name not in taken)


def rule_at(view: View, offset: int) -> tuple[str, str] | None:
    """Names of the strategy and the rule at a place."""
    index = view.chunk_at(offset)
    owner = view.chunks[index].owner
    if owner < 0:
        return None
    strategy = next((item.name for item in view.pieces[owner].items if isinstance(item, ast.Strategy)), None)
    for item in view.pieces[index].items:
        if isinstance(item, ast.Rule) and strategy is not None:
            span = view.spanned(index, item.span)
            if span.start <= offset <= span.end:
                return strategy, item.name
    return None


def test_block(strategy: str, rule: str, bars: dict[str, list[float]], title: str) -> str:
    """A test of the bars given, on the last of which `rule` acts."""
    lines = [f'test "{re.sub(chr(34), chr(39), title)}" for {strategy} {{']
    lines += [f"  given {name} = [{', '.join(f'{value:.10g}' for value in values)}]" for name, values in bars.items()]
    last = len(next(iter(bars.values()), [])) - 1
    lines += [f"  expect fired({rule}) at bar {last}", "}"]
    return "\n".join(lines) + "\n"
