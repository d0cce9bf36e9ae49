"""Where in a program the machine stands: the item, the open bracket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.syntax.blocks import block_of
from lingua.syntax.source import Span

if TYPE_CHECKING:
    from lingua.syntax.recovery import Recovery

CLOSERS = {"LPAR": ("RPAR", ")"), "LSQB": ("RSQB", "]"), "FOLD": ("RPAR", ")"), "LBRACE": ("RBRACE", "}")}
VALUE_KINDS = frozenset(
    {"word", "NUMBER", "PERCENT", "RMULT", "DURATION", "UNITNUM", "STRING", "LPAR", "LSQB", "MINUS"}
)
ITEM_KEYWORDS = frozenset(
    """
    _CONST _FN _EXTERN _IMPORT _STRATEGY _PARAM _INDICATOR _RULE _LET _STATE _SIGNAL _FILTER _DATA
    _TRADE _UNIVERSE _SIZE _SIZE_WORD _DIRECTION _PYRAMID _PROTECT _RISK _EXECUTION _OPTIMIZE _REQUIRE
    _REQUIRE_WORD _PLOT _PLOT_WORD _ALERT _TEST _PORTFOLIO _CAPITAL _RUN _ALLOCATE _GIVEN _USING _EXPECT
    _EDITION
    """.split()  # noqa: SIM905 - words read best without quotes
)


def item_of(recovery: Recovery) -> tuple[str, int]:
    """The keyword of the innermost item the machine is in and its place on the stack; ("", 0) if none."""
    machine = recovery.machine
    for place in range(len(machine.states) - 1, 0, -1):
        symbol = machine.symbol(place)
        if symbol in ITEM_KEYWORDS:
            return symbol, place
        if block_of(machine, place) is not None:
            break
    return "", 0


def open_bracket(recovery: Recovery) -> int:
    """Stack place of the innermost bracket that is still open, or 0."""
    machine = recovery.machine
    for place in range(len(machine.states) - 1, 0, -1):
        if machine.symbol(place) in CLOSERS:
            return place
    return 0


def opening_span(recovery: Recovery, place: int) -> Span:
    end = recovery.machine.ends[place]
    return Span(end - 1, end)
