"""What a backtest refuses to run, as diagnostics that say so."""

from __future__ import annotations

from lingua.diagnostics.codes.refusals import NOT_RUN
from lingua.diagnostics.diagnostic import Diagnostic, Problems
from lingua.ir.program import NotExecuted, Program
from lingua.syntax.source import Source

MENDS = {
    "universe": "trade symbols by name: `trade AAPL, MSFT @ 1d`",
    "cross-section": "compare with a series of one symbol instead",
    "portfolio": "backtest its strategies one by one: `--strategy NAME`",
    "extern": "write the function in Lingua: `fn f(x) = …`",
    "optimize": "take the block out to run with the values of the params, or try others with `--set name=value`",
}


def refusals(program: Program, source: Source) -> tuple[Diagnostic, ...]:
    """A diagnostic for each construct of the program that a backtest does not execute; none when it can run."""
    problems = Problems(source)
    for item in program.not_executed:
        problems.add(
            NOT_RUN,
            item.span,
            construct=_words(item),
            label="not executed",
            help=MENDS.get(item.construct, "take it out"),
        )
    return tuple(problems.found)


def _words(item: NotExecuted) -> str:
    if item.construct == "optimize":
        return "an `optimize` block is"
    if item.construct == "cross-section":
        return f"the cross-section `{item.name}` is"
    return f"the {item.construct} `{item.name}` is"
