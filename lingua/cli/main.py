"""The command `lingua`. Only the module of the command that was asked for is imported.

The command line is read by argparse: typer takes 85 ms before a command begins (numpy's own import takes 60), argparse
10, and `lingua check` is to feel instant.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from lingua.cli import exits

GROUPS: dict[str, dict[str, str]] = {
    "write": {
        "new": "write a new strategy from a template",
        "check": "say everything that is wrong with a file",
        "fmt": "lay out files the one common way",
        "doc": "show what a function, word or setting means",
    },
    "try": {
        "backtest": "run a strategy over past prices",
        "optimize": "search for parameter values, and say how much of it to believe",
        "stress": "try a strategy in worlds that are not quite as the past was",
        "compare": "put strategies, parameter sets or periods side by side",
        "freeze": "write the values a search chose into the program",
        "test": "run the tests written in a file",
        "explain": "say why a rule acted or not, or what a code such as L0301 means",
        "values": "write every indicator, let, state and signal, a row for each bar",
    },
    "use": {
        "run": "run a strategy bar by bar, as it runs live, and print what it decides",
        "next": "print the orders for the next bar",
        "sim": "simulate an exchange on this machine, with its own protocol",
        "data": "check, clean, resample and convert price files",
        "build": "write the compiled strategy, its graph or its Python",
        "lsp": "serve an editor (the language server)",
        "dap": "serve a debugger, bar by bar",
        "node": "run deployed strategies on accounts, and serve the dashboard",
        "deploy": "send a strategy to a node",
        "paper": "send a strategy to a node, filled by the backtest's own step",
        "live": "send a strategy to a node, with real orders",
        "user": "say who may use a node, and make keys for them",
        "secrets": "keep the keys of venues in an encrypted file",
    },
}
GROUPS["watch"] = {
    "status": "say how every deployment stands",
    "orders": "list orders",
    "positions": "list what is held",
    "fills": "list executions",
    "log": "print what happened, and who did what",
    "replay": "tell a journal again, and compare every decision and order",
    "drift": "compare what a venue did with what paper would have done",
    "pause": "open nothing more",
    "resume": "open positions again",
    "stop": "stop a deployment: flatten, leave protected, or hand over",
    "arm": "confirm that a live deployment may trade",
    "disarm": "take that back",
    "mode": "change a deployment's mode",
    "approve": "let an order that waits for a person leave",
    "reject": "drop it",
    "adopt": "take over what a venue holds and nobody knows",
    "rollback": "put the version back that ran before",
    "kill": "close everything, and open nothing until re-armed",
    "rearm": "lift that latch",
}
COMMANDS = {name: summary for group in GROUPS.values() for name, summary in group.items()}
MODULES = {
    **dict.fromkeys(("status", "orders", "positions", "fills", "log"), "look"),
    **dict.fromkeys(
        ("pause", "resume", "stop", "arm", "disarm", "mode", "approve", "reject", "adopt", "rollback", "kill", "rearm"),
        "steer",
    ),
    **dict.fromkeys(("deploy", "paper", "live"), "deploy"),
}
"""Commands that share a module."""
REPORT_TO = "report it with the command line and this text"


class Parser(argparse.ArgumentParser):
    """argparse with our exit code, a short message and a guess at what was meant."""

    def error(self, message: str) -> NoReturn:
        raise exits.UsageFailure(message, f"`{self.prog} --help` lists what it takes")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    tolerate_any_character()
    try:
        code = dispatch(words)
        sys.stdout.flush()
        return code
    except exits.Failure as failure:
        complain(str(failure), failure.help)
        return failure.code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return exits.INTERRUPTED
    except BrokenPipeError:
        # The reader (`head`, a pager) has had enough. Python would complain once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FINE
    except Exception as fault:
        if os.environ.get("LINGUA_DEBUG"):
            raise
        if told := tell(fault):
            return told
        complain(
            f"internal error: {type(fault).__name__}: {fault}",
            f"this is a fault of Lingua, not of your program; {REPORT_TO}; LINGUA_DEBUG=1 shows where it happened",
        )
        return exits.INTERNAL


def tell(fault: Exception) -> int:
    """The exit code of a fault that is the user's, after showing it; 0 for one of ours. Their classes are known only
    if something has imported them, so nothing is imported for the question."""
    data, compiler = sys.modules.get("lingua.data.errors"), sys.modules.get("lingua.compiler")
    if data is not None and isinstance(fault, data.DataError):
        cause, _, mend = str(fault).partition("\n  = help: ")
        complain(cause, mend)
        return exits.USAGE if isinstance(fault, data.OptionError) else exits.DATA
    if compiler is not None and isinstance(fault, compiler.CompileError):
        from lingua.cli.terminal import wants_colour
        from lingua.diagnostics.render import render_all

        print(render_all(getattr(fault, "problems", ()), colour=wants_colour(sys.stderr)), file=sys.stderr)
        complain("it cannot be run")
        return exits.WRONG
    return 0


def dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        if words[1:]:
            return dispatch([words[1], "--help"])
        print(overview())
        return exits.FINE if words else exits.USAGE
    name = words[0]
    if name in ("--version", "-V", "version"):
        from lingua.cli.version import print_version

        return print_version()
    if name not in COMMANDS:
        raise exits.UsageFailure(f"there is no command `{name}`", guess(name))
    module = importlib.import_module(f"lingua.cli.commands.{MODULES.get(name, name)}")
    parser = Parser(
        prog=f"lingua {name}",
        description=module.__doc__,
        formatter_class=layout,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    try:
        options = parser.parse_args(words[1:])
    except SystemExit as done:  # --help
        return int(done.code or 0)
    return int(module.run(options))


def layout(prog: str) -> argparse.HelpFormatter:
    """How help is set out. argparse makes one for each option that is declared, and would load `shutil`, with three
    compressors, to ask for the width."""
    return argparse.RawDescriptionHelpFormatter(prog, width=terminal_width() - 2)


def terminal_width() -> int:
    """In columns: what COLUMNS says, else the terminal, else 80."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80  # type: ignore[union-attr]  # see `except`
    except (AttributeError, ValueError, OSError):  # no standard output, a closed one, no terminal
        return 80


def overview() -> str:
    lines = ["Lingua: a language for trading strategies.", "", "usage: lingua COMMAND …"]
    for group, commands in GROUPS.items():
        lines += ["", f"{group}:"]
        lines += [f"  {name:<10} {summary}" for name, summary in commands.items()]
    lines += ["", "`lingua COMMAND --help` tells more. `lingua --version` tells how this installation runs."]
    return "\n".join(lines)


def guess(name: str) -> str:
    import difflib

    close = difflib.get_close_matches(name, COMMANDS, n=1)
    if close:
        return f"did you mean `lingua {close[0]}`?"
    if name.endswith(".lingua"):
        return f"did you mean `lingua backtest {name}`?"
    return "`lingua --help` lists the commands"


def complain(message: str, help: str = "") -> None:
    from lingua.diagnostics.render import clean_lines

    print("lingua: " + "\n".join(clean_lines(message)), file=sys.stderr)
    if help:
        print("  help: " + "\n        ".join(clean_lines(help)), file=sys.stderr)


def tolerate_any_character() -> None:
    """A terminal that cannot show a character gets a `?` for it; that is no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


if __name__ == "__main__":
    sys.exit(main())
