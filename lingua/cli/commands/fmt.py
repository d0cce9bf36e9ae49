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
from lingua.diagnostics.diagnostic import Severity

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
        source, problems = read_program(name)
        formatted = None if problems else layout(source, options)
        show(problems, options)
        if formatted is None:
            broken = True
            continue
        if formatted != source.text:
            changed.append(name)
        if options.diff:
            print_diff(source, formatted)
        elif name == STDIN and not options.check:
            sys.stdout.write(formatted)
        elif formatted != source.text and not options.check:
            rewrite(Path(name), formatted)
    if not options.quiet:
        verb = "would change" if options.check or options.diff else "laid out"
        for name in changed:
            if name != STDIN or options.check:
                print(f"{verb}: {name}", file=sys.stderr)
    return exits.WRONG if broken or (changed and options.check) else exits.FINE


def layout(source: Source, options: argparse.Namespace) -> str | None:
    """The text laid out; None, after showing why, when it does not parse."""
    from lingua.syntax.format import format_text

    formatted, problems = format_text(source.text, source.name)
    if formatted is None:
        show((problem for problem in problems if problem.severity is Severity.ERROR), options)
    return formatted


def rewrite(path: Path, text: str) -> None:
    """Put `text` into the file, with the line ends that the file has."""
    ending = b"\r\n" if b"\r\n" in path.read_bytes() else b"\n"
    try:
        path.write_bytes(text.encode().replace(b"\n", ending))
    except OSError as problem:
        raise exits.UsageFailure(f"{path} cannot be written: {problem.strerror}") from problem


def print_diff(source: Source, formatted: str) -> None:
    import difflib

    before, after = source.text.splitlines(keepends=True), formatted.splitlines(keepends=True)
    for line in difflib.unified_diff(before, after, source.name, f"{source.name} (laid out)"):
        sys.stdout.write(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
