"""Elaborates the definitions of a small program without the rest of the compiler."""

from __future__ import annotations

from dataclasses import dataclass

from lingua.diagnostics.diagnostic import Diagnostic, Problems
from lingua.ir.nodes import BASE, Graph, Kind, Node
from lingua.ir.program import DataDecl
from lingua.semantics import types
from lingua.semantics.expressions import Expressions
from lingua.semantics.functions import define_local
from lingua.semantics.scope import DataDef, ExternDef, FnDef, Known, ParamDef, Scope, SignalDef, ValueDef
from lingua.semantics.values import FunctionValue, Scalar, TimeframeValue, Value
from lingua.syntax import nodes as ast
from lingua.syntax.parse import parse
from lingua.syntax.source import Source


@dataclass
class Checked:
    text: str
    x: Expressions
    scope: Scope
    problems: list[Diagnostic]
    values: dict[str, Value]

    @property
    def codes(self) -> list[str]:
        return [problem.code.number for problem in self.problems]

    def node(self, name: str = "it") -> Node:
        value = self.values[name]
        assert isinstance(value, Scalar), (value, self.said())
        return value.node

    def said(self) -> str:
        return "\n".join(f"{p.code.number} {p.message} | {p.help} | {p.notes}" for p in self.problems)


ITEMS = ("let", "param", "indicator", "state", "signal", "data", "rule", "filter", "const", "fn", "extern")


def check_items(
    text: str, *, timeframe: str = "1h", is_sketch: bool = False, path: str = "t.lingua", is_strict: bool = True
) -> Checked:
    """`text` is an expression, or the items of a strategy, or a whole file. All definitions and rule conditions are
    elaborated; the value of a bare expression is called `it`."""
    whole = text
    if "strategy S" not in text:
        is_items = text.split()[0] in ITEMS
        body = text if is_items else f"let it = {text}"
        tops = "\n".join(line for line in body.splitlines() if line.lstrip().split(" ")[0] in ("const", "fn", "extern"))
        rest = "\n".join(
            line for line in body.splitlines() if line.lstrip().split(" ")[0] not in ("const", "fn", "extern")
        )
        whole = f"{tops}\nstrategy S {{\n{rest}\n}}"
    source = Source(path, whole)
    file, syntax = parse(source)
    assert not (syntax and is_strict), [(p.message, p.help) for p in syntax]
    problems = Problems(source)
    outer = Scope(problems)
    data: dict[str, DataDecl] = {"": DataDecl("", "BTCUSDT", timeframe)}
    scope = Scope(problems, outer, is_sketch=is_sketch)
    x = Expressions(Graph(), problems, scope, base_timeframe=timeframe, data=data, is_sketch=is_sketch)
    strategy = next((item for item in file.items if isinstance(item, ast.Strategy)), ast.Strategy("S", ()))
    for item in file.items:
        match item:
            case ast.Const():
                outer.define(item.name, ValueDef(item.value, item.type), item.name_span, "const")
            case ast.Fn():
                outer.define(item.name, FnDef(item), item.name_span, "fn")
            case ast.Extern():
                outer.define(item.name, ExternDef(item), item.name_span, "extern")
    for item in strategy.items:
        match item:
            case ast.Let() | ast.State():
                define_local(scope, item)
            case ast.Indicator():
                scope.define(item.name, ValueDef(item.value, item.type), item.name_span, "indicator")
            case ast.Param():
                scope.define(item.name, _param(x, item, scope), item.name_span, "param")
            case ast.Signal():
                scope.define(item.name, SignalDef(item.clauses), item.name_span, "signal")
            case ast.Data():
                frame = (
                    f"{item.timeframe.count}{item.timeframe.unit}" if isinstance(item.timeframe, ast.Duration) else ""
                )
                data[item.name] = DataDecl(item.name, item.symbol.name, frame)
                scope.define(item.name, DataDef(item.name), item.name_span, "data")
    values: dict[str, Value] = {}
    for name, entry in scope.values.items():
        used = entry.used
        values[name] = x.value(ast.Name(name, span=entry.span), scope)
        entry.used = used
    for item in strategy.items:
        if isinstance(item, ast.Rule | ast.Filter):
            values[item.name] = x.truth(item.condition, scope)
    for entry in outer.functions.values():
        if not entry.used:
            x.check_function(entry)
    ordered = sorted(problems.found, key=lambda p: p.span.start)
    return Checked(whole, x, scope, ordered, values)


def _param(x: Expressions, item: ast.Param, scope: Scope) -> ParamDef | Known:
    if isinstance(item.default, ast.Duration) and item.choices:
        return Known(TimeframeValue(f"{item.default.count}{item.default.unit}"))
    found = x.value(item.default, scope)
    if isinstance(found, FunctionValue):
        return Known(found, tuple(x.value(choice, scope) for choice in item.choices or ()))
    assert isinstance(found, Scalar), x.problems.found
    unit = types.UNITS.get(item.type.name, found.node.unit) if item.type else found.node.unit
    kind = Kind.NUM if item.type and item.type.name in types.NUMBERS else found.node.kind
    value = found.node.attrs[0]
    return ParamDef(item.name, value, kind, unit)


__all__ = ["BASE", "Checked", "check_items"]
