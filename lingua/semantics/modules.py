"""What is said of functions and constants as such: those of this file and of imported ones, called or not."""

from __future__ import annotations

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.diagnostic import Severity
from lingua.ir.nodes import Constancy, Graph
from lingua.semantics.context import Context
from lingua.semantics.declarations import evaluate
from lingua.semantics.expressions import Expressions
from lingua.semantics.externs import check_extern
from lingua.semantics.imports import Library, Module
from lingua.semantics.mentions import mentioned
from lingua.semantics.scope import Entry, Known, Scope, ValueDef
from lingua.semantics.values import Failed, Scalar
from lingua.syntax import nodes as ast
from lingua.syntax.nodes import Expr


def check_functions(ctx: Context, scope: Scope) -> None:
    """Constants must be constant; functions nobody calls are looked through for their own mistakes."""
    for entry in list(scope.values.values()):
        if isinstance(entry.definition, ValueDef) and entry.kind == "const" and entry.home is scope:
            _check_constant(ctx, entry, entry.definition.expr)
    for entry in list(scope.functions.values()):
        if not entry.used and entry.home is scope:
            ctx.x.check_function(entry)


def _check_constant(ctx: Context, entry: Entry, expr: Expr) -> None:
    found = evaluate(ctx, entry)
    if isinstance(found, Scalar) and found.node.constancy > Constancy.CONST:
        text = ctx.text(expr)
        ctx.report(
            codes.NOT_CONSTANT, expr.span, what=f"the constant `{entry.name}`", expr=text,
            help=f"make it a function, `fn {entry.name}() = {text}`, or a `let` of the strategy",
        )  # fmt: skip


def check_modules(library: Library) -> None:
    """Imported files are looked through once; what is wrong in them is no second mistake where it is used."""
    for module in library.modules.values():
        if module.is_checked or module.is_std:
            continue
        module.is_checked = True
        for item in module.file.items:
            if isinstance(item, ast.Extern):
                check_extern(module.problems, item)
        _check_module(module)


def _check_module(module: Module) -> None:
    scope = Scope(module.problems, module.scope)
    x = Expressions(Graph(), module.problems, scope, base_timeframe="", data={})
    ctx = Context(ast.Strategy("", ()), x, scope, module.problems, False)
    before = {id(entry): entry.used for entry in (*module.scope.values.values(), *module.scope.functions.values())}
    for table in (module.scope.values, module.scope.functions):
        for entry in list(table.values()):
            known = len(module.problems.found)
            if isinstance(entry.definition, ValueDef):
                _check_constant(ctx, entry, entry.definition.expr)
            elif table is module.scope.functions:
                x.check_function(entry)
            if any(problem.severity is Severity.ERROR for problem in module.problems.found[known:]):
                entry.definition = Known(Failed())
    for entry in (*module.scope.values.values(), *module.scope.functions.values()):
        entry.used = before.get(id(entry), False)
    excuse(module.file, module.scope, None)


def excuse(file: ast.File, scope: Scope, loaded: list[tuple[ast.Import, Module]] | None) -> None:
    """Names that broken items and failed imports would have defined: to use one is no second mistake."""
    around = scope.parent
    assert around is not None
    names = set(file.broken)
    if loaded is not None:
        read = [item for item, _ in loaded]
        if any(isinstance(item, ast.Import) and item.alias is None and item not in read for item in file.items):
            names |= {name for name in mentioned(file) if not _is_known(name)}
    for name in names:
        for table in (around.values, around.functions):
            if name not in table:
                table[name] = Entry(name, Known(Failed()), file.span, "name", around)
                table[name].used = True


def _is_known(name: str) -> bool:
    from lingua.semantics import observables
    from lingua.semantics.calls import is_function

    return name in observables.NAMES or is_function(name)
