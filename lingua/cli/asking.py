"""Asking a node from the command line: where it is, who asks, and how answers are printed."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lingua.cli import exits
from lingua.cli.commands.secrets import live
from lingua.cli.terminal import print_table


def add_node_arguments(parser: argparse.ArgumentParser) -> None:
    node = parser.add_argument_group("node")
    node.add_argument("--to", metavar="URL", default="", help="the node (default: LINGUA_NODE, or this machine's)")
    node.add_argument("--key-file", metavar="FILE", default="", help="a file with the key (default: LINGUA_API_KEY)")
    node.add_argument("--folder", metavar="DIR", default=".", help="the node's folder, whose console key may be used")
    parser.add_argument("--json", action="store_true", help="JSON instead of tables")
    parser.add_argument("--no-color", action="store_true", help="no colours, even on a terminal")


def ask(options: argparse.Namespace, what: Callable[[Any], Any]) -> Any:
    """`what` a client of the node gives. A refusal ends the command with the node's own words."""
    client_module, control = live("lingua_runtime.client"), live("lingua_runtime.control")
    try:
        with client_module.connect(options.to, key_file=options.key_file, folder=Path(options.folder)) as client:
            return what(client)
    except control.ControlError as problem:
        raise exits.UsageFailure(problem.why, problem.mend) from None


def plain(value: Any) -> Any:
    """Views as plain data."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    return None if isinstance(value, float) and value != value else value


def show(
    options: argparse.Namespace, found: Sequence[Any], columns: Sequence[tuple[str, Callable[[Any], str], bool]]
) -> int:
    """A table of views, or their JSON. `columns`: heading, cell, whether it stands to the right."""
    if options.json:
        print(json.dumps(plain(list(found)), ensure_ascii=False, allow_nan=False))
        return exits.FINE
    if not found:
        print("none")
        return exits.FINE
    rows = [[cell(each) for _, cell, _ in columns] for each in found]
    right = [k for k, (_, _, is_right) in enumerate(columns) if is_right]
    print_table([heading for heading, _, _ in columns], rows, right=right, no_color=options.no_color)
    return exits.FINE


def when(ts: int) -> str:
    if ts <= 0:
        return "-"
    from lingua.backtest.times import iso

    return iso(ts // 10**9 * 10**9)


def number(value: float, digits: int = 10) -> str:
    return "-" if value != value else f"{value:,.{digits}g}"


def side(view: Any) -> str:
    return "buy" if view.side > 0 else "sell"
