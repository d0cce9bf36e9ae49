"""A search as a terminal shows it: folds with both columns, what is left after counting the trials, what to believe."""

from __future__ import annotations

import math

from lingua.cli.terminal import print_table, wants_colour
from lingua.ir.program import ParamValue
from lingua.optimize.outcome import Outcome
from lingua.optimize.verdict import verdict
from lingua.semantics.overrides import value_text

TOP = 5
COLOURS = {"believe": "\x1b[32m", "doubt": "\x1b[33m", "reject": "\x1b[31m", "unknown": "\x1b[33m"}


def print_outcome(outcome: Outcome, *, no_color: bool = False) -> None:
    task = outcome.task
    goal = task.objectives[0].text
    names = ", ".join(bars.symbol for bars in task.market.traded)
    print(
        f"{task.program.name} on {names}, {outcome.day(0)} to {outcome.day(task.sessions)}, {task.sessions:,} sessions"
    )
    gap = task.purge if task.plan.purge is None else task.plan.purge
    told = f"look-back of {task.start:,} bars, {task.holding}" if task.plan.purge is None else "as given"
    print(f"{outcome.method}, {len(outcome.records):,} trials, {task.plan}, purged {gap} sessions ({told})\n")
    rows = []
    for each in outcome.folds:
        spans = "; ".join(f"{outcome.day(a)} to {outcome.day(b)}" for a, b in each.fold.test)
        values = "nothing was defined" if each.chosen is None else values_text(outcome.records[each.chosen].values)
        rows.append(
            [str(each.fold.number), spans, values, number(each.train), number(each.test), str(each.trades),
             share(each.beaten)]
        )  # fmt: skip
    headers = ["fold", "tested on", "chosen in training", f"{goal}, in", "out", "trades", "beats"]
    print_table(headers, rows, right=(3, 4, 5, 6), no_color=no_color)
    print(f"\nmean of the folds: {number(outcome.in_sample)} in sample, {number(outcome.out_of_sample)} out of sample")
    out = outcome.stitched
    print(
        f"tests together: {share(out.total_return, sign=True)}, Sharpe {number(out.sharpe)}, "
        f"drawdown {share(out.max_drawdown)}"
    )
    _print_best(outcome, goal, no_color)
    _print_front(outcome, no_color)
    _print_judgement(outcome, no_color)


def _print_best(outcome: Outcome, goal: str, no_color: bool) -> None:
    order = sorted(
        (number for number in range(len(outcome.records)) if outcome.scores()[number] == outcome.scores()[number]),
        key=lambda number: (-outcome.scores()[number], number),
    )[:TOP]
    rows = []
    for place in order:
        record = outcome.records[place]
        figures = record.figures
        rows.append(
            [values_text(record.values), number(float(record.overall[0])), number(figures["sharpe"]),
             share(figures["total_return"], sign=True), share(figures["max_drawdown"]), f"{figures['trades']:.0f}"]
        )  # fmt: skip
    print("\nbest over all sessions (in sample: they were chosen on these)")
    print_table(
        ["values", goal, "Sharpe", "return", "drawdown", "trades"], rows, right=(1, 2, 3, 4, 5), no_color=no_color
    )


def _print_front(outcome: Outcome, no_color: bool) -> None:
    goals = outcome.task.objectives
    if len(goals) < 2:
        return
    rows = [
        [values_text(outcome.records[k].values), *(number(float(v)) for v in outcome.records[k].overall)]
        for k in outcome.front[:20]
    ]
    print(f"\nPareto front: {len(outcome.front)} that no other beats in everything")
    print_table(["values", *(goal.text for goal in goals)], rows, right=range(1, len(goals) + 1), no_color=no_color)


def _print_judgement(outcome: Outcome, no_color: bool) -> None:
    import sys

    tried = f"{outcome.tried:,}"
    if outcome.tried > len(outcome.records):
        tried += f" ({len(outcome.records):,} now, the others earlier on the same bars)"
    over = outcome.overfitting
    rows = [
        ["trials", tried, "all count: each was a chance to be lucky"],
        [
            "deflated Sharpe",
            share(outcome.deflated_sharpe),
            f"probability of skill; luck alone shows {number(outcome.luck)}",
        ],
        ["overfitting (PBO)", share(over.probability), "how often the best of one half is poor in the other"],
        ["plateau", number(outcome.plateau.score), "1: the neighbours do as well; 0: a spike"],
    ]
    print()
    print_table(["measure", "value", "meaning"], rows, right=(1,), no_color=no_color)
    found = verdict(outcome)
    colour = COLOURS[found.level] if wants_colour(sys.stdout, no_color) else ""
    print(f"\n{colour}{found.text}{chr(27) + '[0m' if colour else ''}")
    for reason in found.reasons:
        print(f"  - {reason}")
    failed = sum(bool(record.problem) for record in outcome.records)
    if failed:
        first = next(record for record in outcome.records if record.problem)
        print(f"  - {failed} combinations could not run, the first with {values_text(first.values)}: {first.problem}")


def values_text(values: dict[str, ParamValue]) -> str:
    return " ".join(f"{name}={value_text(value)}" for name, value in values.items())


def number(value: float) -> str:
    return "na" if math.isnan(value) else f"{value:.2f}" if abs(value) < 1e4 else f"{value:,.0f}"


def share(value: float, sign: bool = False) -> str:
    return "na" if math.isnan(value) else f"{value:{'+' if sign else ''}.1%}"
