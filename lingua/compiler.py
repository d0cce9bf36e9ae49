"""From text to a checked program: the whole front end as a list of steps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingua.collecting import no_collection
from lingua.diagnostics.diagnostic import Diagnostic, Severity
from lingua.ir.program import ParamValue, Program
from lingua.structs import Struct, field
from lingua.syntax.nodes import File
from lingua.syntax.parse import parse, read_source
from lingua.syntax.source import Source

if TYPE_CHECKING:
    from lingua.backtest.result import Result
    from lingua.semantics.imports import ImportedText, Library
    from lingua.semantics.testblocks import TestPlan

EDITION = 1


class CompileError(Exception):
    """A program has errors; `problems` lists all diagnostics, the text shows them as the command line does."""

    def __init__(self, problems: tuple[Diagnostic, ...]) -> None:
        self.problems = problems
        from lingua.diagnostics.render import render

        super().__init__("\n\n".join(render(p) for p in problems if p.severity is Severity.ERROR))


class Compiled(Struct, slots=False):
    """One compiled text: its tree, its problems, and a `Program` for each strategy without errors."""

    source: Source
    file: File
    problems: tuple[Diagnostic, ...]
    programs: tuple[Program, ...] = ()
    tests: tuple[TestPlan, ...] = ()
    overrides: Mapping[str, ParamValue] = field(default_factory=dict)
    imported: tuple[ImportedText, ...] = ()
    """Imported files, in import order; their texts are part of the fingerprint."""

    def __repr__(self) -> str:
        names = ", ".join(program.name for program in self.programs) or "no strategy"
        told = len(self.problems)
        return f"<Compiled {self.source.name}: {names}, {told} problem{'' if told == 1 else 's'}>"

    @property
    def ok(self) -> bool:
        return not any(p.severity is Severity.ERROR for p in self.problems)

    def check(self) -> tuple[Diagnostic, ...]:
        """All diagnostics, errors first as they stand in the text."""
        return self.problems

    @property
    def program(self) -> Program:
        """The only strategy of the text. Raises CompileError when the text has errors, ValueError when it holds none
        or several strategies (choose one with `compile(…, strategy=name)`)."""
        if not self.ok:
            raise CompileError(self.problems)
        if len(self.programs) != 1:
            names = ", ".join(program.name for program in self.programs) or "none"
            raise ValueError(
                f"{self.source.name} holds {len(self.programs)} strategies ({names}); name the one you mean"
            )
        return self.programs[0]

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the tree (no spans, no comments), edition, imported texts and parameter values."""
        parameters = {program.name: {param.name: param.value for param in program.params} for program in self.programs}
        import hashlib

        from lingua.semantics.depth import deep_recursion

        digest = hashlib.sha256()
        with deep_recursion():
            tree = repr(self.file.items)
        for part in (
            str(EDITION),
            tree,
            *(each.text for each in self.imported),
            json.dumps(parameters, sort_keys=True),
        ):
            digest.update(part.encode())
            digest.update(b"\0")
        return digest.hexdigest()

    def backtest(self, data: Any = None, **options: Any) -> Result:
        """Run the strategy over bars; see `lingua.backtest.run.backtest` for the options."""
        from lingua.backtest.run import backtest
        from lingua.data.errors import DataError

        try:
            return backtest(self, data, **options)
        except DataError as problem:
            raise problem.in_python() from None


def compile_source(
    source: Source,
    *,
    overrides: Mapping[str, ParamValue] | None = None,
    strategy: str = "",
    path: Path | None = None,
    library: Library | None = None,
) -> Compiled:
    """Parse and elaborate `source`. Never raises on any text: what is wrong is in `problems`.

    Args:
        overrides: parameter values of this run, by name.
        strategy: keep only the strategy of this name.
        path: where the text came from; imports are read relative to it.
        library: reads imports in place of the files beside `path`.
    """
    from lingua.semantics.imports import Library

    with no_collection():
        return _compiled(source, overrides or {}, strategy, library or Library(path))


def _compiled(source: Source, overrides: Mapping[str, ParamValue], strategy: str, library: Library) -> Compiled:
    from lingua.semantics import anchored, availability
    from lingua.semantics.elaborate import elaborate
    from lingua.semantics.repeats import without_repeats

    file, problems = parse(source)
    if any(problem.severity is Severity.ERROR for problem in problems) and not file.items:
        return Compiled(source, file, tuple(problems), overrides=overrides)
    is_broken = any(problem.severity is Severity.ERROR for problem in problems)
    found = elaborate(
        file, source, overrides=overrides, strategy=strategy, library=library, has_syntax_errors=is_broken
    )
    # The proof on the finished graph; the rules of each construct have already kept the future out.
    proof = [
        problem
        for program in found.programs
        for problem in (*availability.judge(program, source), *anchored.judge(program, source))
    ]
    told = without_repeats((*problems, *found.problems, *proof))
    every = sorted(told, key=lambda p: (p.source.name != source.name, p.span.start))
    return Compiled(source, file, tuple(every), found.programs, found.tests, dict(overrides), library.texts)


def compile_path(path: Path, *, overrides: Mapping[str, ParamValue] | None = None, strategy: str = "") -> Compiled:
    """`compile_source` of a file, or of what a `.lgx` artefact holds. A file that cannot be read as UTF-8 text is a
    problem like any other."""
    if path.suffix == ".lgx":
        from lingua.artefact_reader import compile_artefact

        return compile_artefact(path, overrides=overrides, strategy=strategy)
    source, problems = read_source(path)
    if source is None or problems:
        return Compiled(source or Source(str(path), ""), File(()), tuple(problems))
    return compile_source(source, overrides=overrides, strategy=strategy, path=path)
