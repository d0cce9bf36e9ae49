"""Lay out strategy files the one common way. Comments stay; meaning never changes.

Without options the files are rewritten. `lingua fmt -` reads the standard input and writes the standard output.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.program import STDIN, add_output_arguments, read_program, show

if TYPE_CHECKING:
    from lingua.syntax.source import Source


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help=".lingua files (`-` reads the standard input)")
    parser.add_argument("--check", action="store_true", help="change nothing; exit code 1 if a file would change")
    parser.add_argument("--diff", action="store_true", help="change nothing; print what would change")
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    changed, broken = [], False
    for name in options.files:
        source = read_program(name, options)
        formatted = format_or_show(source, options) if source is not None else None
        if source is None or formatted is None:
            broken = True
            continue
        if formatted != source.text:
            changed.append(name)
        if options.diff:
            print_diff(source, formatted)
        elif name == STDIN and not options.check:
            sys.stdout.write(formatted)
        elif formatted != source.text and not options.check:
            # Newlines are written as they are: the text is its own authority on them.
            Path(name).write_bytes(formatted.encode())
    if changed and not options.quiet and STDIN not in options.files:
        verb = "would change" if options.check or options.diff else "laid out"
        print("\n".join(f"{verb}: {name}" for name in changed), file=sys.stderr)
    return exits.WRONG if broken or (changed and options.check) else exits.FINE


def format_or_show(source: Source, options: argparse.Namespace) -> str | None:
    """The text laid out; None, after showing why, when it does not parse."""
    from lingua.syntax.format import format_file
    from lingua.syntax.parse import parse

    file, problems = parse(source)
    if any(problem.severity == "error" for problem in problems):
        show(problems, options)
        return None
    return format_file(file, source)


def print_diff(source: Source, formatted: str) -> None:
    import difflib

    before, after = source.text.splitlines(keepends=True), formatted.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, source.name, f"{source.name} (laid out)"):
        sys.stdout.write(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
