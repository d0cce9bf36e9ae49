"""What to believe, in plain words: the same four questions for every search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from lingua.optimize.outcome import Outcome

SURE = 0.95
"""Deflated Sharpe ratio from which luck is unlikely: the usual one in twenty."""
OVERFIT = 0.5
"""PBO at which training says nothing about the test: the best of training is as often in the lower half as not."""
FIT = 0.2
SPIKE = 0.5
Level = Literal["believe", "doubt", "reject", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    level: Level
    text: str
    reasons: tuple[str, ...]


def verdict(outcome: Outcome) -> Verdict:
    """`reject` when luck explains the result or training misleads, `believe` when nothing speaks against it."""
    against, doubts, unknown, for_it = _questions(outcome)
    if outcome.best is None:
        return Verdict("unknown", "Nothing can be said: the objective is defined for no combination.", tuple(unknown))
    if against:
        return Verdict("reject", _rejection(outcome), (*against, *doubts, *unknown))
    if unknown and not doubts:
        return Verdict("unknown", "Too little to say: there is not enough data to judge the choice.", tuple(unknown))
    if doubts:
        text = "Doubtful: expect less than the out-of-sample column says, and risk little on it."
        return Verdict("doubt", text, (*doubts, *unknown))
    return Verdict("believe", "This held up: expect the out-of-sample column, not the in-sample one.", tuple(for_it))


def _rejection(outcome: Outcome) -> str:
    """Why not, by the gravest reason."""
    if outcome.stitched.sharpe <= 0:
        return "Do not trade this: it did not survive its tests."
    if outcome.deflated_sharpe < 0.5:
        return "Do not trade this: so many trials would have found as much by luck."
    return "Do not trust the choice of values: which combination is best changes with the time it is chosen on."


def _questions(outcome: Outcome) -> tuple[list[str], list[str], list[str], list[str]]:
    """(against, doubts, unknown, for it), each a sentence."""
    against: list[str] = []
    doubts: list[str] = []
    unknown: list[str] = []
    for_it: list[str] = []
    trials = f"{outcome.tried:,} trial{'' if outcome.tried == 1 else 's'}"
    sure = outcome.deflated_sharpe
    if sure != sure:
        unknown.append("the Sharpe ratio of the best is undefined")
    elif sure >= SURE:
        for_it.append(f"the best of {trials} is better than luck with a probability of {sure:.0%}")
    else:
        told = (
            f"after {trials} luck alone shows a Sharpe ratio of {outcome.luck:.2f}; "
            f"the best is above it with a probability of {sure:.0%}"
        )
        (against if sure < 0.5 else doubts).append(told)
    pbo = outcome.overfitting.probability
    if pbo != pbo:
        unknown.append("there are too few sessions or trials for the probability of overfitting")
    elif pbo < FIT:
        for_it.append(f"the best of one half of the time is in the lower half of the other in {pbo:.0%} of cases only")
    else:
        told = f"the best of one half of the time ends in the lower half of the other in {pbo:.0%} of cases"
        (against if pbo >= OVERFIT else doubts).append(told)
    out = outcome.stitched
    if out.sharpe != out.sharpe:
        unknown.append("the tests together carry no Sharpe ratio")
    elif out.sharpe <= 0:
        against.append(f"what was chosen in training lost in the tests: {out.total_return:+.1%} together")
    else:
        for_it.append(f"what was chosen in training earned {out.total_return:+.1%} in the tests together")
    flat = outcome.plateau.score
    if flat == flat and flat < SPIKE:
        doubts.append(f"the best stands on a spike: its neighbours keep {flat:.0%} of what sets it apart")
    elif flat == flat:
        for_it.append(f"its neighbours keep {flat:.0%} of what sets it apart")
    missing = sum(each.chosen is None or each.test != each.test for each in outcome.folds)
    if missing:
        unknown.append(f"the objective is undefined in {missing} of {len(outcome.folds)} folds")
    return against, doubts, unknown, for_it
