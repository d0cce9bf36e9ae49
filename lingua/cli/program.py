"""Reading a strategy file on behalf of a command, and showing what is wrong with it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.terminal import wants_colour
from lingua.diagnostics.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from lingua.compiler import Compiled
    from lingua.ir.program import ParamValue, Program
    from lingua.syntax.source import Source

STDIN = "-"


def add_program_arguments(parser: argparse.ArgumentParser) -> None:
    """`FILE --set name=value --strategy NAME`, as every command that runs one program has them."""
    parser.add_argument(
        "file", metavar="FILE", help="the strategy, a .lingua file or a .lgx artefact (`-` reads the standard input)"
    )
    add_set_argument(parser)
    add_strategy_argument(parser)


def add_strategy_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--strategy", metavar="NAME", default="", help="which strategy of the file, if it holds several"
    )


def add_set_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], help="another value for a param; may be repeated"
    )


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-color", action="store_true", help="no colours, even on a terminal")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors alone")


def parameter_values(settings: Iterable[str]) -> dict[str, ParamValue]:
    """`["fast=12", "ma=ema"]` to values: numbers, `10%` and `5bp` as shares, true and false, anything else as text."""
    values: dict[str, ParamValue] = {}
    for setting in settings:
        name, equals, text = setting.partition("=")
        name, text = name.strip(), text.strip()
        if not equals or not name or not text:
            raise exits.UsageFailure(
                f"`--set {setting}` is not of the form name=value", "write for example `--set fast=12`"
            )
        values[name] = parameter_value(text)
    return values


def parameter_value(text: str) -> ParamValue:
    if text in ("true", "false"):
        return text == "true"
    share = share_of(text)
    if share is not None:
        return share
    plain = text.replace("_", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        number = float(plain)
    except ValueError:
        return text.strip("\"'")
    if number != number or number in (float("inf"), float("-inf")):
        raise exits.UsageFailure(f"`{text}` is not a number a param can have")
    return number


def share_of(text: str) -> float | None:
    """`0.1%` is 0.001, `5bp` is 0.0005; None when the text has neither ending."""
    from decimal import Decimal, InvalidOperation

    for ending, scale in (("%", Decimal("0.01")), ("bp", Decimal("0.0001"))):
        if text.endswith(ending):
            try:
                # By decimals, so that 0.07% is the number a program's 0.07% is.
                return float(Decimal(text.removesuffix(ending).strip()) * scale)
            except InvalidOperation:
                return None
    return None


def compile_file(name: str, values: dict[str, ParamValue] | None = None, strategy: str = "") -> Compiled:
    """The file compiled, whatever is wrong with it. Raises UsageFailure when there is no such file."""
    from lingua.compiler import Compiled, compile_path, compile_source

    if name != STDIN:
        require_readable(Path(name))
        return compile_path(Path(name), overrides=values or {}, strategy=strategy)
    source, problems = read_stdin()
    if problems:
        from lingua.syntax.nodes import File

        return Compiled(source, File(()), problems)
    return compile_source(source, overrides=values or {}, strategy=strategy)


def read_program(name: str) -> tuple[Source, tuple[Diagnostic, ...]]:
    """The text of a file or of the standard input, and what keeps it from being text."""
    if name == STDIN:
        return read_stdin()
    from lingua.syntax.parse import read_source

    require_readable(Path(name))
    if name.endswith(".lgx"):
        raise exits.UsageFailure(
            f"{name} is an artefact, not a program's text", "name the .lingua file it was built from"
        )
    return read_source(name)


def read_stdin() -> tuple[Source, tuple[Diagnostic, ...]]:
    from lingua.syntax.parse import LARGEST_FILE, decode_source

    # One byte more than a program may have: enough to be refused for its size.
    return decode_source(sys.stdin.buffer.read(LARGEST_FILE + 1), "<stdin>")


def require_readable(path: Path) -> None:
    if path.is_dir():
        raise exits.UsageFailure(f"{path} is a folder", "name a .lingua file in it")
    if not path.exists():
        raise exits.UsageFailure(f"there is no file {path}", _meant(path))
    try:
        path.open("rb").close()
    except OSError as problem:
        raise exits.UsageFailure(f"{path} cannot be read: {problem.strerror}") from problem


def _meant(path: Path) -> str:
    """A guess at the file that was meant, from its folder."""
    from lingua.diagnostics.suggest import near_file

    if not path.parent.is_dir():
        return f"there is no folder {path.parent} either"
    near = near_file(path)
    return f"did you mean {path.with_name(near)}?" if near else ""


def show(problems: Iterable[Diagnostic], options: argparse.Namespace) -> None:
    """Diagnostics on stderr; with `--quiet` the errors alone."""
    from lingua.diagnostics.render import render_all

    quiet = getattr(options, "quiet", False)
    shown = [item for item in problems if not quiet or item.severity is Severity.ERROR]
    if shown:
        print(render_all(shown, colour=wants_colour(sys.stderr, options.no_color)), file=sys.stderr)


def chosen_program(compiled: Compiled) -> Program:
    """The one strategy that is to run. Ends the command where there is none, or several and none was named."""
    if len(compiled.programs) == 1:
        return compiled.programs[0]
    name = compiled.source.name
    if not compiled.programs:
        raise exits.Failure(f"{name} holds no strategy", exits.WRONG, "a strategy is `strategy Name { … }`")
    names = ", ".join(program.name for program in compiled.programs)
    raise exits.UsageFailure(f"{name} holds several strategies: {names}", "name one with `--strategy NAME`")


def compile_or_fail(options: argparse.Namespace) -> Compiled:
    """The program of `FILE` with its `--set` values. Its problems go to stderr; errors end the command with 1."""
    compiled = compile_file(options.file, parameter_values(options.set), options.strategy)
    show(compiled.problems, options)
    if not compiled.ok:
        from lingua.diagnostics.render import count_line

        errors = [problem for problem in compiled.problems if problem.severity is Severity.ERROR]
        raise exits.Failure(f"{compiled.source.name} has {count_line(errors)}", exits.WRONG)
    chosen_program(compiled)
    return compiled
