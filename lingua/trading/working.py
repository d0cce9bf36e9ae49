# cython: language_level=3
# ruff: noqa: F403 (C constants by star)
"""One working order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if TYPE_CHECKING:
    from lingua.trading.position import Exit
if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.lingua.trading.codes import *
else:
    from lingua.trading.codes import AT_LIMIT, AT_MARKET, AT_STOP_LIMIT, AT_TWAP, BY_QUANTITY

NAN: float = cython.declare(cython.double, float("nan"))


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Order:
    """`quantity` is what is left of it. `owner` is the traded symbol whose rule sent it (its registers hold the levels
    of the exits). A reduction with `unit` not -1 closes that unit alone.

    It may fill from the first traded bar that opens at or after `eligible_ts`, `wait_bars` later. It ends after
    `bars_left` traded bars (-1: no count), after `until_ts` (0: none), or `until_session` sessions on at the same hour
    (-1: none). `either` numbers a one-cancels-other group (-1: none). `reserve_each` is the cash one unit of quantity
    keeps, `reserve` what the order keeps beside that (order fees). `risk_each` is the planned loss of one unit.
    `asked` is what was wanted before limits and cash. `walked_ts` is the open of the bar that last filled some of it.
    `ended` is the kind of event that ended it before it was filled (0: none did). `show` is what an iceberg shows of it
    (NaN: all). `shares` are, of an order that is sent in slices, the parts of it that are due by the end of each bar of
    its window; `bars_left` counts down the same bars.
    """

    FIELDS = (
        "id", "market", "owner", "side", "kind", "reason", "rule", "tag", "is_increase", "is_target", "quantity",
        "filled", "notional", "share_commission", "charged", "limit", "stop", "is_triggered", "is_arrived",
        "bars_left", "until_ts", "until_session", "placed_ts", "placed_session", "eligible_ts", "wait_bars", "reserve",
        "reserve_each", "either", "size_by", "size_value", "unit", "risk_each", "is_before_settle", "is_done",
        "walked_ts", "asked", "ended", "show", "shares",
    )  # fmt: skip

    def __init__(self, market: cython.int, owner: cython.int, side: cython.int, rule: cython.int) -> None:
        self.id = -1
        self.market = market
        self.owner = owner
        self.side = side
        self.kind = AT_MARKET
        self.reason = 0
        self.rule = rule
        self.tag = -1
        self.is_increase = False
        self.is_target = False
        self.quantity = 0.0
        self.filled = 0.0
        self.notional = 0.0
        self.share_commission = 0.0
        self.charged = 0.0
        self.limit = NAN
        self.stop = NAN
        self.is_triggered = False
        self.is_arrived = False
        self.bars_left = -1
        self.until_ts = 0
        self.until_session = -1
        self.placed_ts = 0
        self.placed_session = 0
        self.eligible_ts = 0
        self.wait_bars = 0
        self.reserve = 0.0
        self.reserve_each = 0.0
        self.either = -1
        self.size_by = BY_QUANTITY
        self.size_value = NAN
        self.unit = -1
        self.risk_each = NAN
        self.is_before_settle = False
        self.is_done = False
        self.walked_ts = -1
        self.asked = 0.0
        self.ended = 0
        self.show = NAN
        self.shares: list[float] = []
        self.exits: list[Exit] = []

    @cython.cfunc
    def is_priced(self) -> cython.bint:
        """A limit or stop order, which works until its life ends."""
        return AT_LIMIT <= self.kind <= AT_STOP_LIMIT

    @cython.cfunc
    def is_sliced(self) -> cython.bint:
        """Sent in slices over a window: by time, or by the volume that its bars usually have."""
        return self.kind >= AT_TWAP
