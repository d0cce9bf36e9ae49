"""Say everything that is wrong with strategy files.

Errors give exit code 1; warnings and hints do not. With -v it also says how many bars each strategy needs, how much it
remembers and how much work one bar is.
"""

from __future__ import annotations

import argparse
import json
import sys

from lingua.cli import exits
from lingua.cli.program import add_output_arguments, add_set_argument, compile_file, parameter_values
from lingua.cli.terminal import wants_colour
from lingua.diagnostics.diagnostic import Diagnostic, Severity
from lingua.diagnostics.render import count_line, render_all, to_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help=".lingua files (`-` reads the standard input)")
    parser.add_argument("-v", "--verbose", action="store_true", help="bars needed, memory and work per bar")
    parser.add_argument("--json", action="store_true", help="one JSON object on the standard output")
    add_set_argument(parser)
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    values = parameter_values(options.set)
    every: list[Diagnostic] = []
    strategies = []
    for name in options.files:
        compiled = compile_file(name, values)
        every += compiled.problems
        shown = [p for p in compiled.problems if not options.quiet or p.severity is Severity.ERROR]
        if not options.json and shown:
            print(render_all(shown, colour=wants_colour(sys.stdout, options.no_color)))
        if options.verbose:
            from lingua.cli import facts

            for program in compiled.programs:
                if options.json:
                    strategies.append({"file": name, **facts.facts(program)})
                elif not options.quiet:
                    print("\n".join(facts.lines(program)))
    code = exits.WRONG if any(p.severity is Severity.ERROR for p in every) else exits.FINE
    if options.json:
        print(json.dumps(report(options, every, strategies), ensure_ascii=False))
    elif not options.quiet:
        files = "1 file" if len(options.files) == 1 else f"{len(options.files)} files"
        print(f"{files}: {count_line(every) or 'no problems'}")
    return code


def report(
    options: argparse.Namespace, every: list[Diagnostic], strategies: list[dict[str, object]]
) -> dict[str, object]:
    counts = {f"{severity}s": sum(p.severity is severity for p in every) for severity in Severity}
    found: dict[str, object] = {
        "ok": not counts["errors"],
        "files": options.files,
        **counts,
        "problems": [to_json(problem) for problem in every],
    }
    if options.verbose:
        found["strategies"] = strategies
    return found
