"""The exits that a working order carries, as a person would write them down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lingua.trading import codes


@dataclass(frozen=True, slots=True)
class Attached:
    """`level` is where the exit lies if the order fills at `reference` (its own price, else the last close): None for
    what is not a price or is not known before the fill. `text` says what it is, whatever the fill; `is_from_fill`:
    another fill moves the level."""

    kind: str
    level: float | None
    text: str
    is_from_fill: bool


def attached(order: Any, reference: float) -> tuple[Attached, ...]:
    """The exits of an order of the step, in source order."""
    risk = next(
        (
            abs(reference - level)
            for exit_ in order.exits
            if exit_.spec.kind == codes.STOP_EXIT and exit_.spec.after_form == codes.IN_NOTHING
            for level in [_level(exit_, order.side, reference, float("nan"))]
            if level == level
        ),
        float("nan"),
    )
    found = []
    for exit_ in order.exits:
        level = _level(exit_, order.side, reference, risk)
        moves = exit_.spec.kind != codes.EXPIRE_EXIT and exit_.spec.form != codes.IN_LEVEL
        found.append(
            Attached(codes.EXIT_KINDS[exit_.spec.kind], level if level == level else None, _text(exit_), moves)
        )
    return tuple(found)


def _level(exit_: Any, side: int, reference: float, risk: float) -> float:
    """NaN for an exit by time, and for a level that is known after the fill only."""
    spec = exit_.spec
    if spec.is_entry:
        return reference
    if spec.kind == codes.EXPIRE_EXIT or spec.is_late:
        return float("nan")
    value = float(exit_.value)
    if spec.form == codes.IN_LEVEL:
        return value
    distance = value * {codes.IN_RATIO: reference, codes.IN_R: risk}.get(spec.form, 1.0)
    return reference + side * distance * (1 if spec.kind == codes.TARGET_EXIT else -1)


def _text(exit_: Any) -> str:
    spec = exit_.spec
    kind = codes.EXIT_KINDS[spec.kind]
    if spec.kind == codes.EXPIRE_EXIT:
        return f"expire after {_life(spec.life, float(exit_.life))}"
    if spec.is_entry:
        text = f"{kind} at entry"
    elif spec.is_late:
        text = f"{kind} told after the fill"
    elif spec.form == codes.IN_LEVEL:
        text = f"{kind} at {exit_.value:,.8g}"
    else:
        start = "best price" if spec.kind == codes.TRAIL_EXIT else "fill"
        text = f"{kind} {_distance(spec.form, float(exit_.value))} from the {start}"
    if spec.after_form != codes.IN_NOTHING:
        text += f" after {_distance(spec.after_form, float(exit_.after))}"
    if exit_.closing == exit_.closing:
        text += f" closing {exit_.closing:,g}" if spec.closing_is_quantity else f" closing {100 * exit_.closing:g}%"
    return text + (" from last" if spec.from_last else "")


def _distance(form: int, value: float) -> str:
    return f"{100 * value:.6g}%" if form == codes.IN_RATIO else f"{value:g}R" if form == codes.IN_R else f"{value:,.6g}"


def _life(kind: int, value: float) -> str:
    if kind == codes.LIFE_BARS:
        return f"{value:g} bars"
    return f"{value / 86_400:g} days" if value % 86_400 == 0 else f"{value / 3600:g} hours"
