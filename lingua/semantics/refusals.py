"""What a backtest refuses to run, as diagnostics that say so."""

from __future__ import annotations

from lingua.diagnostics.codes import refusals as codes
from lingua.diagnostics.diagnostic import Code, Diagnostic, Problems
from lingua.ir.program import NotExecuted, Program
from lingua.syntax.source import Source

CODES: dict[str, tuple[Code, str]] = {
    "universe": (codes.UNIVERSE_NOT_RUN, "trade symbols by name: `trade AAPL, MSFT @ 1d`"),
    "cross-section": (codes.UNIVERSE_NOT_RUN, "compare with a series of one symbol: `data index = SPY`"),
    "portfolio": (codes.PORTFOLIO_NOT_RUN, "name the one to run: `--strategy NAME`"),
    "extern": (codes.EXTERN_NOT_RUN, "write the function in Lingua: `fn f(x) = …`"),
}


def refusals(program: Program, source: Source) -> tuple[Diagnostic, ...]:
    """A diagnostic for each construct of the program that a backtest does not execute; none when it can run."""
    problems = Problems(source)
    for item in program.not_executed:
        code, help = CODES[item.construct]
        problems.add(
            code, item.span, construct=_words(item), name=item.name, label="not executed", help=help
        )  # fmt: skip
    return tuple(problems.found)


def _words(item: NotExecuted) -> str:
    if item.construct == "cross-section":
        return f"the comparison across symbols `{item.name}` is"
    return f"the universe `{item.name}` is"
