"""Write the values that a search chose into the program, with the fingerprint of what was searched.

Everything else of the file stays as it is. Without options the best of the last search of this program is taken.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lingua.cli import exits
from lingua.cli.commands.optimize import whole
from lingua.cli.program import (
    STDIN,
    add_output_arguments,
    add_set_argument,
    add_strategy_argument,
    compile_file,
    parameter_values,
    show,
)

if TYPE_CHECKING:
    from lingua.compiler import Compiled
    from lingua.ir.program import ParamValue


@dataclass(frozen=True, slots=True)
class Choice:
    values: dict[str, ParamValue]
    remarks: list[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the strategy that was searched")
    parser.add_argument("--storage", metavar="FILE", default="", help="where its trials are (default: beside it)")
    parser.add_argument(
        "--from", metavar="JSON", dest="source", default="", help="what `lingua optimize --json` printed"
    )
    parser.add_argument("--trial", metavar="N", type=whole, help="this trial of the JSON instead of the best")
    parser.add_argument("-o", "--output", metavar="FILE", help="write here (default: NAME.frozen.lingua beside it)")
    parser.add_argument("--in-place", action="store_true", help="write into FILE itself")
    add_set_argument(parser)
    add_strategy_argument(parser)
    add_output_arguments(parser)


def run(options: argparse.Namespace) -> int:
    from lingua.optimize.freezing import FreezeError, frozen

    if options.file == STDIN or not options.file.endswith(".lingua"):
        raise exits.UsageFailure("`freeze` writes into the text of a program", "name a .lingua file")
    if options.in_place and options.output:
        raise exits.UsageFailure("`--in-place` and `-o` say two things", "give one of them")
    if options.trial is not None and not options.source:
        raise exits.UsageFailure("`--trial` counts the trials of a JSON", "give it with `--from FILE`")
    compiled = compile_file(options.file, strategy=options.strategy)
    show(compiled.problems, options)
    if not compiled.ok:
        raise exits.Failure(f"{options.file} has errors", exits.WRONG)
    choice = chosen(compiled, options)
    values = {**choice.values, **parameter_values(options.set)}
    told = " ".join(f"{name}={value}" for name, value in values.items())
    by_hand = [f"set by hand: {', '.join(options.set)}"] if options.set else []
    try:
        text = frozen(compiled, values, [f"frozen: {told}", *choice.remarks, *by_hand])
    except FreezeError as problem:
        raise exits.Failure(str(problem), exits.WRONG) from problem
    return write(text, options)


def write(text: str, options: argparse.Namespace) -> int:
    file = Path(options.file)
    target = file if options.in_place else Path(options.output or file.with_name(f"{file.stem}.frozen.lingua"))
    if target == file and not options.in_place:
        raise exits.UsageFailure(f"{target} is the program itself", "`--in-place` writes into it")
    try:
        target.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise exits.UsageFailure(f"{target} cannot be written: {problem.strerror}") from problem
    if not options.quiet:
        print(f"frozen: {target}", file=sys.stderr)
    return exits.FINE


def chosen(compiled: Compiled, options: argparse.Namespace) -> Choice:
    if options.source:
        return from_json(compiled, options)
    if options.set and not options.storage and not stored_path(options).exists():
        return Choice({}, ["not from a search"])
    return from_storage(compiled, options)


def stored_path(options: argparse.Namespace) -> Path:
    file = Path(options.file)
    return Path(options.storage) if options.storage else file.with_name(f"{file.stem}.trials.sqlite")


def from_storage(compiled: Compiled, options: argparse.Namespace) -> Choice:
    """The best over all sessions of the last search of exactly this program."""
    from lingua.optimize.storage import Storage, StorageError

    path = stored_path(options)
    if not path.exists():
        raise exits.UsageFailure(
            f"there are no trials in {path}",
            f"search first: `lingua optimize {options.file}`, or give values by `--set`",
        )
    try:
        storage = Storage(path)
    except StorageError as problem:
        raise exits.UsageFailure(str(problem)) from problem
    try:
        found = [each for each in storage.searches() if each.program == compiled.fingerprint]
        if not found:
            raise exits.Failure(
                f"{path} holds no search of {options.file} as it is now", exits.WRONG,
                "the program has changed since: search again",
            )  # fmt: skip
        last = found[0]
        records = storage.records(last.id)
    finally:
        storage.close()
    sign = 1.0 if last.spec["objectives"][0]["maximize"] else -1.0
    ranked = [each for each in records if each.overall[0] == each.overall[0]]
    if not ranked:
        raise exits.Failure("the search has no trial with a defined objective", exits.WRONG)
    best = max(ranked, key=lambda each: sign * float(each.overall[0]))
    goal = last.spec["objectives"][0]["text"]
    return Choice(dict(best.values), remarks(last.id, last.program, last.data, goal, len(records), last.spec["folds"]))


def from_json(compiled: Compiled, options: argparse.Namespace) -> Choice:
    try:
        held: dict[str, Any] = json.loads(Path(options.source).read_text(encoding="utf-8"))
        number = held["best"]["trial"] if options.trial is None else options.trial
        trial = next((each for each in held["all"] if each["trial"] == number), None)
        goal, folds, trials = held["objectives"][0]["text"], held["folds"]["plan"], held["trials"]
        marks = (held["search"], held["fingerprint"], held["data"])
    except OSError as problem:
        raise exits.UsageFailure(f"{options.source} cannot be read: {problem.strerror}") from problem
    except (ValueError, KeyError, TypeError, IndexError) as problem:
        raise exits.UsageFailure(
            f"{options.source} is not what `lingua optimize --json` prints",
            "write it with `lingua optimize FILE --json`",
        ) from problem
    if trial is None:
        raise exits.UsageFailure(f"the search has no trial {number}", f"they are numbered from 0 to {trials - 1}")
    if marks[1] != compiled.fingerprint:
        raise exits.Failure(
            f"{options.source} is of another version of {options.file}", exits.WRONG, "search again with this one"
        )
    return Choice(dict(trial["values"]), remarks(*marks, goal, trials, folds))


def remarks(search: str, program: str, data: str, goal: str, trials: int, folds: str) -> list[str]:
    return [
        f"chosen by {goal} from {trials:,} trials, {folds}",
        f"search {search[:16]} of program {program[:16]} on bars {data[:16]}",
    ]
