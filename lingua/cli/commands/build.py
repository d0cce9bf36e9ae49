"""Write the compiled strategy as an .lgx file, or print what it was compiled to.

An .lgx file is JSON: source, graph, parameters, fingerprint, data needs. It is there to be read and compared; nothing
in it is executed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.program import add_output_arguments, add_program_arguments, compile_or_fail

if TYPE_CHECKING:
    from lingua.compiler import Compiled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_program_arguments(parser)
    add_output_arguments(parser)
    parser.add_argument("-o", "--output", metavar="FILE", help="write here (default: FILE with the ending .lgx)")
    parser.add_argument("--emit", choices=("ast", "ir", "numpy"), help="print the tree, the graph, or the NumPy kernel")


def run(options: argparse.Namespace) -> int:
    compiled = compile_or_fail(options)
    if options.emit is None:
        text, target = lgx(compiled), options.output or default_output(options.file)
    else:
        text, target = emitted(compiled, options.emit), options.output
    if target is None:
        sys.stdout.write(text)
        return exits.FINE
    try:
        Path(target).write_bytes(text.encode())
    except OSError as problem:
        raise exits.UsageFailure(f"{target} cannot be written: {problem.strerror}") from problem
    if not options.quiet:
        print(f"{target}: {compiled.program.name} {compiled.fingerprint[:12]}", file=sys.stderr)
    return exits.FINE


def default_output(file: str) -> str | None:
    """Beside the strategy; the standard output when that came from a pipe."""
    return None if file == "-" else str(Path(file).with_suffix(".lgx"))


def lgx(compiled: Compiled) -> str:
    from lingua.artefact import to_json

    return to_json(compiled)


def emitted(compiled: Compiled, what: str) -> str:
    from lingua import __version__
    from lingua.backends.emit import graph_text, kernel_text

    if what == "ast":
        from lingua.cli.tree import tree_text

        return tree_text(compiled.file)
    if what == "ir":
        return graph_text(compiled.program)
    return kernel_text(compiled.program, compiled.source, compiled.fingerprint, __version__)
