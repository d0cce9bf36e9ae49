"""Names that nothing uses. A name that begins with `_` is let be."""

from __future__ import annotations

from collections.abc import Iterable

from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.diagnostic import Edit, Fix, Problems
from lingua.ir.program import Program
from lingua.semantics.context import Context
from lingua.semantics.imports import Module
from lingua.semantics.mentions import mentioned
from lingua.semantics.scope import PartDef, Scope
from lingua.syntax import nodes as ast
from lingua.syntax.source import Span

MENDS = {
    "indicator": "use it, plot it (`plot: {name}`), or take it out",
    "data": "read it (`{name}.close`), trade it (`on {name}`), or take it out",
}
UNKNOWN = (codes.UNKNOWN_NAME.number, codes.UNKNOWN_FUNCTION.number)


def unused_of_strategy(ctx: Context, program: Program, *, is_partial: bool = False) -> None:
    """With errors (`is_partial`) not every use was met: a name that is mentioned anywhere counts as used."""
    if any(found.code.number in UNKNOWN for found in ctx.said):
        # A name that is misspelt where it is used would also be unused: that is one mistake.
        return
    spoken_of = mentioned(ctx.strategy) if is_partial else set()
    # A strategy without rules is there for its values.
    shows_only = not any(
        kind is not None for kind in (next(ctx.items(ast.Rule), None), next(ctx.items(ast.Alert), None))
    )
    whole = {item.name_span: item.span for item in ctx.strategy.items if isinstance(item, _NAMED)}
    groups = _used_groups(ctx.scope)
    for entry in ctx.scope.unused():
        if (entry.kind == "indicator" and shows_only) or entry.name in spoken_of:
            continue
        if isinstance(entry.definition, PartDef) and id(entry.definition.names) in groups:
            continue
        _report(ctx.problems, entry.kind, entry.name, entry.span, whole.get(entry.span))
    for item in ctx.items(ast.Universe):
        if item.name != ctx.universe:
            _report(ctx.problems, "universe", item.name, item.name_span, item.span)


_NAMED = (ast.Param, ast.Indicator, ast.State, ast.Signal, ast.Data)


def unused_of_file(
    problems: Problems, file: ast.File, root: Scope, loaded: list[tuple[ast.Import, Module]], traded: Iterable[str]
) -> None:
    """Constants, functions, imports and universes that no strategy uses; a file without strategies is a library."""
    if not any(isinstance(item, ast.Strategy) for item in file.items) or problems.has_errors:
        return
    whole = {item.name_span: item.span for item in file.items if isinstance(item, ast.Const | ast.Fn | ast.Extern)}
    for entry in root.unused():
        if entry.home is root and entry.kind != "import":
            _report(problems, entry.kind, entry.name, entry.span, whole.get(entry.span))
    for item, module in loaded:
        alias = root.values.get(item.alias) if item.alias is not None else None
        names = (*module.scope.values.values(), *module.scope.functions.values())
        if not (alias.used if alias is not None else any(each.used for each in names)):
            _report(problems, "import", item.alias or item.path, item.span, item.span)
    for each in file.items:
        if isinstance(each, ast.Universe) and each.name not in set(traded):
            _report(problems, "universe", each.name, each.name_span, each.span)


def _report(problems: Problems, kind: str, name: str, span: Span, whole: Span | None) -> None:
    if name.startswith("_"):
        return
    mend = MENDS.get(kind, "use it or take it out").format(name=name)
    fixes = (Fix(f"take out `{name}`", (Edit(whole, ""),)),) if whole is not None else ()
    problems.add(codes.UNUSED, span, kind=kind, name=name, help=mend, fixes=fixes)


def _used_groups(scope: Scope) -> set[int]:
    """`let (a, b) = …` has to name all parts; one that is used is enough."""
    return {id(e.definition.names) for e in scope.values.values() if e.used and isinstance(e.definition, PartDef)}
