"""Serve a debugger: go through a run bar by bar, forward and back.

Editors start it themselves and talk to it over its standard input and output, in the Debug Adapter Protocol.
"""

from __future__ import annotations

import argparse
import importlib

from lingua.cli import exits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--stdio", action="store_true", help="standard input and output (the default)")


def run(options: argparse.Namespace) -> int:
    try:
        # By name, because the language does not depend on what serves editors.
        session = importlib.import_module("lingua_lsp.debugger.session")
    except ModuleNotFoundError as problem:
        raise exits.UsageFailure(
            f"the debugger needs {problem.name}, which is not installed", "install lingua-trading again"
        ) from problem
    return int(session.serve())
