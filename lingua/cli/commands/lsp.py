"""Serve an editor: the language server.

Editors start it themselves and talk to it over its standard input and output. With --tcp or --ws it listens on a port
of this machine for one client.
"""

from __future__ import annotations

import argparse
import importlib

from lingua.cli import exits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="standard input and output (the default)")
    way.add_argument("--tcp", metavar="PORT", type=port, help="listen on this port")
    way.add_argument("--ws", metavar="PORT", type=port, help="listen on this port for a WebSocket")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    # Editors' clients add it to the command line of every server; the protocol itself says when to stop.
    parser.add_argument("--clientProcessId", metavar="ID", type=int, help=argparse.SUPPRESS)


def run(options: argparse.Namespace) -> int:
    try:
        # By name, because the language does not depend on the server.
        main = importlib.import_module("lingua_lsp.main")
    except ModuleNotFoundError as problem:
        raise exits.UsageFailure(
            f"the language server needs {problem.name}, which is not installed",
            "pip install 'lingua-trading[lsp]'",
        ) from problem
    try:
        return int(main.serve(tcp=options.tcp, websocket=options.ws, host=options.host))
    except OSError as problem:
        raise exits.UsageFailure(f"{options.host} cannot be listened on: {problem.strerror or problem}") from problem


def port(text: str) -> int:
    number = int(text) if text.isascii() and text.isdigit() else -1
    if not 0 < number < 65536:
        raise argparse.ArgumentTypeError(f"`{text}` is not a port; write a number from 1 to 65535")
    return number
