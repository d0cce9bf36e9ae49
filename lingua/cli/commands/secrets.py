"""Keep what a node needs and nobody may read: keys of venues, addresses of messages, passwords.

They lie in one encrypted file. Its passphrase comes from LINGUA_PASSPHRASE, from the file that LINGUA_PASSPHRASE_FILE
names, or is asked for. A value is never taken from the command line, where others could see it.
"""

from __future__ import annotations

import argparse
import getpass
import importlib
import os
import sys
from pathlib import Path
from typing import Any

from lingua.cli import exits

DEFAULT = "secrets.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--file", metavar="FILE", default=DEFAULT, help=f"the encrypted file (default: {DEFAULT})")
    actions = parser.add_subparsers(dest="action", metavar="{set,list,remove}", required=True)
    one = actions.add_parser("set", help="keep a value, asked for or read from the standard input")
    one.add_argument("name", metavar="NAME", help="such as `binance_key`")
    actions.add_parser("list", help="the names; never a value")
    gone = actions.add_parser("remove", help="forget one")
    gone.add_argument("name", metavar="NAME")


def run(options: argparse.Namespace) -> int:
    runtime = live("lingua_runtime.secrets")
    try:
        kept = runtime.Secrets(Path(options.file), passphrase=lambda: passphrase(runtime, Path(options.file)))
        if options.action == "set":
            runtime.checked(options.name)
            kept.set(options.name, asked(f"value of {options.name}: "))
            print(f"{options.name} is kept in {options.file}", file=sys.stderr)
        elif options.action == "remove":
            kept.remove(options.name)
        else:
            print("\n".join(kept.names()))
    except runtime.SecretsError as problem:
        raise exits.UsageFailure(problem.why, problem.mend) from None
    return exits.FINE


def passphrase(runtime: Any, file: Path) -> str:
    if os.environ.get(runtime.PASSPHRASE) or os.environ.get(runtime.PASSPHRASE_FILE) or not sys.stdin.isatty():
        return str(runtime.passphrase_from(os.environ))
    first = getpass.getpass("passphrase of the file: ")
    if not file.exists() and getpass.getpass("once more: ") != first:
        raise exits.UsageFailure("the two are not the same")
    return first


def asked(prompt: str) -> str:
    """Typed without being shown, or the first line of the standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def live(module: str) -> Any:
    """By name, because the language does not depend on the node."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as problem:
        raise exits.UsageFailure(
            f"this needs {problem.name}, which is not installed", "pip install 'lingua-trading[live]'"
        ) from problem
