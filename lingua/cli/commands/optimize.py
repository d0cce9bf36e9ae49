"""Search for parameter values, and say how much of what is found to believe.

The file's `optimize` block says what is searched and how; the options below stand over it. Combinations are judged
on sessions that had no part in choosing them. Trials are kept in a file, so a search that was interrupted goes on.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lingua.cli import exits
from lingua.cli.program import STDIN, chosen_program, compile_or_fail
from lingua.cli.running import add_run_arguments, prepare

if TYPE_CHECKING:
    from lingua.optimize.outcome import Outcome
    from lingua.optimize.search import Progress, Workers
    from lingua.optimize.storage import Storage


MEMORY = ":memory:"
"""The name under which trials are kept nowhere."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run_arguments(parser)
    how = parser.add_argument_group("search")
    how.add_argument(
        "--objective", metavar="E", action="append", default=[],
        help="a figure or an expression of figures, such as sharpe or 'sharpe - max_drawdown'; "
        "given twice: a Pareto front",
    )  # fmt: skip
    how.add_argument("--trials", metavar="N", type=count, help="how many combinations at most (default: 200)")
    how.add_argument(
        "--method", choices=("grid", "random", "tpe", "bayes"), default="",
        help="how they are chosen (default: grid if it is small enough, else random)",
    )  # fmt: skip
    how.add_argument(
        "--folds", metavar="F", default="",
        help="5, or for example 'rolling(train: 365d, test: 90d)', 'k_fold(k: 5)', 'cpcv(n: 6, k: 2)'",
    )  # fmt: skip
    how.add_argument("--seed", metavar="N", type=whole, help="makes the choice repeatable (default: 0)")
    how.add_argument("--storage", metavar="FILE", default="", help="where trials are kept (`none`: nowhere)")
    where = parser.add_argument_group("where it runs")
    where.add_argument("--jobs", metavar="N", type=count, default=1, help="trials at a time (default: 1)")
    where.add_argument("--on", choices=("threads", "ray"), default="threads", help="this process, or a Ray cluster")
    where.add_argument("--address", metavar="A", default="", help="of the Ray cluster (default: one on this machine)")
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="one JSON object instead of the tables")
    output.add_argument("--report", metavar="FILE", help="write the report, an HTML file that opens offline")


def count(text: str) -> int:
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"`{text}` must be at least 1")
    return value


def whole(text: str) -> int:
    if not text.replace("_", "").isdecimal():
        raise argparse.ArgumentTypeError(f"`{text}` is not a whole number")
    return int(text)


def run(options: argparse.Namespace) -> int:
    outcome = searched(options)
    if options.report:
        write_report(outcome, options)
    if options.json:
        print(json.dumps(outcome.to_dict(), allow_nan=False, ensure_ascii=False))
    elif not options.quiet:
        from lingua.optimize.terminal import print_outcome

        print_outcome(outcome, no_color=options.no_color)
    return exits.FINE


def searched(options: argparse.Namespace) -> Outcome:
    from lingua.optimize.search import search
    from lingua.optimize.settings import settings_of, with_options
    from lingua.optimize.storage import StorageError
    from lingua.optimize.task import make_task

    compiled = compile_or_fail(options)
    try:
        settings = with_options(
            settings_of(chosen_program(compiled)), objectives=tuple(options.objective), folds=options.folds,
            method=options.method, trials=options.trials, seed=options.seed,
        )  # fmt: skip
    except ValueError as problem:
        raise exits.UsageFailure(str(problem), getattr(problem, "help", "")) from problem
    ready = prepare(compiled, options)
    task = make_task(compiled, ready.market, ready.execution, ready.capital, settings.objectives, settings.folds)
    try:
        with workers(options) as used, opened(options) as storage, Bar(options) as bar:
            try:
                return search(
                    task, method=settings.method, trials=settings.trials, seed=settings.seed, storage=storage,
                    workers=used, tell=bar.tell,
                )  # fmt: skip
            except KeyboardInterrupt:
                if storage.path != MEMORY:
                    bar.clear()
                    kept = f"{len(storage.known(task)):,} trials are kept in {storage.path}"
                    print(f"{kept}; the same command goes on from there", file=sys.stderr)
                raise
    except StorageError as problem:
        raise exits.UsageFailure(str(problem), "name another file with `--storage`") from problem
    except ImportError as problem:
        raise exits.UsageFailure(str(problem)) from problem


@contextmanager
def workers(options: argparse.Namespace) -> Iterator[Workers]:
    if options.on == "ray":
        from lingua.optimize.cluster import RayWorkers

        with RayWorkers(options.address) as cluster:
            yield cluster
        return
    from lingua.optimize.search import LocalThreads

    yield LocalThreads(options.jobs)


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Storage]:
    """The file of trials: named, or beside the strategy."""
    from lingua.optimize.storage import Storage

    name = options.storage
    if not name:
        file = Path(options.file)
        name = "none" if options.file == STDIN else str(file.with_name(f"{file.stem}.trials.sqlite"))
    storage = Storage(MEMORY if name == "none" else name)
    try:
        yield storage
    finally:
        storage.close()


class Bar:
    """Trials done, the best so far and the time left, on a terminal's standard error; nothing in a pipe."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._shown = sys.stderr.isatty() and not options.quiet and not options.json
        self._drawn = 0.0

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        if self._shown and self._drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def tell(self, progress: Progress) -> None:
        now = time.monotonic()
        if not self._shown or (now - self._drawn < 0.1 and progress.done < progress.total):
            return
        self._drawn = now
        sys.stderr.write(f"\r{bar_text(progress)}\x1b[K")
        sys.stderr.flush()


def bar_text(progress: Progress, width: int = 24) -> str:
    """`[######------] 120/240  best 1.32  0:42 left`"""
    full = width * progress.done // max(1, progress.total)
    best = "na" if progress.best is None else f"{progress.best:.4g}"
    left = ""
    if progress.left_s is not None:
        minutes, seconds = divmod(round(progress.left_s), 60)
        left = (
            f"  {minutes // 60}:{minutes % 60:02}:{seconds:02} left"
            if minutes >= 60
            else f"  {minutes}:{seconds:02} left"
        )
    return f"[{'#' * full}{'-' * (width - full)}] {progress.done:,}/{progress.total:,}  best {best}{left}"


def write_report(outcome: Outcome, options: argparse.Namespace) -> None:
    from lingua.optimize.page import write_search_report

    try:
        write_search_report(outcome, options.report)
    except OSError as problem:
        raise exits.UsageFailure(f"{options.report} cannot be written: {problem.strerror}") from problem
    if not options.quiet and not options.json:
        print(f"report: {options.report}", file=sys.stderr)
