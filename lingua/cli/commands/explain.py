"""Say what a code means, or why a rule did or did not act.

lingua explain L0301
lingua explain FILE RULE --bar 2026-03-02T14:00Z --data prices.csv
lingua explain FILE RULE --misses --data prices.csv
"""

from __future__ import annotations

import argparse
import sys

from lingua.cli import exits
from lingua.cli.terminal import wants_colour
from lingua.diagnostics.catalogue import catalogue, find
from lingua.diagnostics.pages import page


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="CODE|FILE", help="a code such as L0301, or a strategy file")
    parser.add_argument("rule", metavar="RULE", nargs="?", help="the rule to explain")


def run(options: argparse.Namespace) -> int:
    return explain_code(options.what)


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
