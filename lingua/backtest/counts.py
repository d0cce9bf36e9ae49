"""How often something that a reader must know of happened: what was refused, what was a guess."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from lingua.backtest.metric import metric

if TYPE_CHECKING:
    from lingua.backtest.result import Result


def count(run: Result, kind: str) -> float:
    return float(run.ledger.counts.get(kind, 0))


@metric("Fills", "executions, partial ones each", unit="count", group="counts")
def fills(run: Result) -> float:
    return float(run.fill_count)


@metric("Ambiguous fills", "fills whose order inside the bar could not be decided", unit="count", group="counts")
def ambiguous_fills(run: Result) -> float:
    return count(run, "ambiguous")


@metric("Ambiguous share", "ambiguous fills / fills", unit="share", group="counts")
def ambiguous_share(run: Result) -> float:
    return ambiguous_fills(run) / run.fill_count if run.fill_count else math.nan


@metric("Rejected", "orders that cash or margin could not pay at the fill", unit="count", group="counts")
def rejected(run: Result) -> float:
    return count(run, "rejected")


@metric("Denied", "orders refused by the risk block", unit="count", group="counts")
def denied(run: Result) -> float:
    return count(run, "denied")


@metric("Suppressed", "entries silenced by an exit that was true on the same bar", unit="count", group="counts")
def suppressed(run: Result) -> float:
    return count(run, "suppressed")


@metric("Ignored", "entries while that side was open or already working", unit="count", group="counts")
def ignored(run: Result) -> float:
    return count(run, "ignored")


@metric("Filtered", "entries stopped by a filter", unit="count", group="counts")
def filtered(run: Result) -> float:
    return count(run, "filtered")


@metric("Zero-rounded", "entries that rounded down to no quantity", unit="count", group="counts")
def zero_rounded(run: Result) -> float:
    return count(run, "zero_rounded")


@metric("Below minimum", "orders below the venue's minimum", unit="count", group="counts")
def below_minimum(run: Result) -> float:
    return count(run, "below_minimum")


@metric("Missing value", "actions with an `na` amount, price or exit level", unit="count", group="counts")
def na_value(run: Result) -> float:
    return count(run, "na_value")


@metric("Stop on the wrong side", "entries whose stop lay on the wrong side", unit="count", group="counts")
def wrong_side(run: Result) -> float:
    return count(run, "wrong_side")


@metric("Cut", "entries made smaller by a risk limit", unit="count", group="counts")
def cut(run: Result) -> float:
    return count(run, "cut")


@metric("Halted", "entries after a risk limit had halted the strategy", unit="count", group="counts")
def halted(run: Result) -> float:
    return count(run, "halted")


@metric("Expired", "orders whose life ended unfilled", unit="count", group="counts")
def expired(run: Result) -> float:
    return count(run, "expired")


@metric("Trades before settle", "entered while an indicator still felt its start value", unit="count", group="counts")
def trades_before_settle(run: Result) -> float:
    return float(np.count_nonzero(run.trips.is_before_settle))
