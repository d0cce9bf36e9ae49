"""Say what a code means, or why a rule did or did not act.

lingua explain L0301
lingua explain FILE RULE --bar 2026-03-02T14:00Z --data prices.csv
lingua explain FILE RULE --misses --data prices.csv
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.program import add_output_arguments, add_set_argument, add_strategy_argument, compile_or_fail
from lingua.cli.running import add_account_arguments, add_market_arguments, prepare
from lingua.cli.terminal import wants_colour
from lingua.diagnostics.catalogue import catalogue, find, looks_like_code
from lingua.diagnostics.pages import page

if TYPE_CHECKING:
    from lingua.compiler import Compiled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="CODE|FILE", help="a code such as L0301, or a strategy file")
    parser.add_argument("rule", metavar="RULE", nargs="?", help="the rule to explain")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--bar", metavar="T", help="a time such as 2012-03-01T21:00Z, or a number of a bar (-1 is the last)"
    )
    which.add_argument("--misses", action="store_true", help="bars on which one part of the condition was missing")
    parser.add_argument("--most", metavar="N", type=int, default=10, help="at most so many near misses (default: 10)")
    parser.add_argument("--ir", action="store_true", help="print the graph, with its series part and its decision part")
    add_set_argument(parser)
    add_strategy_argument(parser)
    add_market_arguments(parser)
    add_account_arguments(parser)
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    if looks_like_code(options.file) or (options.rule is None and find(options.file) is not None):
        return explain_code(options.file)
    compiled = compile_or_fail(options)
    if options.ir:
        from lingua.backends.emit import graph_text

        print(graph_text(compiled.program), end="")
        return exits.FINE
    if options.rule is None:
        names = ", ".join(rule.name for rule in compiled.program.rules) or "none"
        raise exits.UsageFailure("which rule?", f"the rules of {options.file}: {names}")
    return explain_rule(compiled, options)


def explain_rule(compiled: Compiled, options: argparse.Namespace) -> int:
    """Print why a rule acted or not, on one bar (the last unless stated) or wherever it nearly did."""
    from lingua.backtest.explain import NoSuchRule, explainer
    from lingua.report.explain import explanation_text

    ready = prepare(compiled, options)
    told = explainer(compiled, ready.market, ready.execution, ready.capital)
    try:
        rule = told.rule(options.rule)
    except NoSuchRule as problem:
        raise exits.UsageFailure(str(problem)) from problem
    found = []
    for number in range(len(told.bound)):
        if options.misses:
            found += told.misses(rule, number, options.most)
        else:
            try:
                found.append(told.explain(rule, told.bar_at(options.bar or "-1", number), number))
            except ValueError as problem:
                raise exits.UsageFailure(str(problem)) from problem
    if options.misses and not found:
        print(f"{rule.name} never failed by one part of its condition alone")
    if found:
        print("\n\n".join(explanation_text(one) for one in found))
    return exits.FINE


def explain_code(text: str) -> int:
    """Print the page of a code."""
    code = find(text)
    if code is None:
        import difflib

        close = difflib.get_close_matches(text.upper(), catalogue(), n=3, cutoff=0.5)
        hint = f"near it: {', '.join(close)}" if close else ""
        raise exits.UsageFailure(f"there is no code `{text}`", hint)
    found = page(code.number)
    if found is None:
        raise exits.Failure(f"{code.number} has no page", exits.INTERNAL)
    if wants_colour(sys.stdout):
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(found.text))
    else:
        print(found.text, end="")
    return exits.FINE
