"""Handle a node's deployments: pause, resume, stop, arm, disarm, kill, re-arm, approve, reject, adopt, roll back."""

from __future__ import annotations

import argparse
import json
from typing import Any

from lingua.cli import exits
from lingua.cli.asking import add_node_arguments, ask, plain

SENTENCES = {
    "pause": "Open nothing more in a deployment; exits and protection go on.",
    "resume": "Let a paused deployment open positions again.",
    "stop": "Stop a deployment. What becomes of what it holds must be said.",
    "arm": "Confirm that a live deployment may trade: the second of two confirmations, by another person.",
    "disarm": "Take that confirmation back: nothing is opened any more.",
    "kill": "Close everything named, whatever it takes, and open nothing until `lingua rearm`, restarts included.",
    "rearm": "Lift the latch of a kill or of a limit. Live deployments must be armed again after it.",
    "approve": "Let an order that waits for a person leave.",
    "reject": "Drop an order that waits for a person.",
    "adopt": "Make what a venue holds and nobody here knows the deployment's.",
    "rollback": "Put the version back that ran before the last replacement.",
    "mode": "Change the mode of a deployment.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    command = parser.prog.split()[-1]
    parser.description = SENTENCES[command]
    parser.set_defaults(command=command)
    if command in ("kill", "rearm"):
        scope = parser.add_mutually_exclusive_group(required=True)
        scope.add_argument("--strategy", "--deployment", metavar="DEPLOYMENT", dest="deployment", default="")
        scope.add_argument("--account", metavar="ACCOUNT", default="")
        scope.add_argument("--everything", action="store_true")
    elif command in ("approve", "reject"):
        parser.add_argument("approval", metavar="ID", help="as `lingua status` lists it")
    else:
        parser.add_argument("deployment", metavar="DEPLOYMENT")
    if command == "stop":
        how = parser.add_mutually_exclusive_group(required=True)
        for name, text in (("flatten", "close what is held first"),
                           ("leave-protected", "leave it with its protective orders at the venue"),
                           ("hand-over", "withdraw every order: what is held is yours to look after")):  # fmt: skip
            how.add_argument(f"--{name}", dest="how", action="store_const", const=name, help=text)
    if command == "arm":
        parser.add_argument("--phrase", metavar="TEXT", help="`arm DEPLOYMENT` (asked for on a terminal)")
    if command == "adopt":
        parser.add_argument("symbol", metavar="SYMBOL")
    if command == "mode":
        parser.add_argument("mode", choices=("advisory", "paper", "semi", "live"))
    add_node_arguments(parser)


def run(options: argparse.Namespace) -> int:
    found = ask(options, lambda client: act(client, options))
    if options.json:
        print(json.dumps(plain(found), ensure_ascii=False, allow_nan=False))
    elif isinstance(found, dict):
        print("; ".join(f"{name}: {', '.join(value) or 'nothing'}" for name, value in found.items()))
    elif found is not None:
        print(f"{found.id}: {found.standing}, {found.mode}{f' ({found.why})' if found.why else ''}")
    return exits.FINE


def act(client: Any, options: argparse.Namespace) -> Any:
    match options.command:
        case "kill" | "rearm":
            return getattr(client, options.command)(deployment=options.deployment, account=options.account)
        case "approve" | "reject":
            getattr(client, options.command)(options.approval)
            return None
        case "stop":
            return client.stop(options.deployment, options.how)
        case "arm":
            phrase = options.phrase
            if phrase is None:
                try:
                    phrase = input(f"it will send real orders; type `arm {options.deployment}`: ")
                except EOFError:
                    mend = f"where nobody can type: --phrase 'arm {options.deployment}'"
                    raise exits.UsageFailure("nothing was typed, so it is not armed", mend) from None
            return client.arm(options.deployment, phrase.strip())
        case "adopt":
            return client.adopt(options.deployment, options.symbol)
        case "rollback":
            return client.roll_back(options.deployment)
        case "mode":
            return client.set_mode(options.deployment, options.mode)
        case _:
            return getattr(client, options.command)(options.deployment)
