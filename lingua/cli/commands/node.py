"""Run a node: deployments trade on the accounts of its configuration, and the dashboard and API are served.

Its journal says where it stands: after a crash or a restart it reconciles with its venues and goes on. Ctrl-C ends it
and leaves positions and protective orders at the venues as they are.
"""

from __future__ import annotations

import argparse

from lingua.cli import exits
from lingua.cli.commands.secrets import live


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=("run", "repair"), default="run",
                        help="run it (the default), or cut a journal after its last whole record")  # fmt: skip
    parser.add_argument("--config", metavar="FILE", default="node.toml", help="its configuration (default: node.toml)")


def run(options: argparse.Namespace) -> int:
    main = live("lingua_runtime.main")
    try:
        if options.action == "repair":
            print(main.repair(options.config))
            return exits.FINE
        return int(main.serve(options.config))
    except main.NodeError as problem:
        raise exits.UsageFailure(problem.why, problem.mend) from None
