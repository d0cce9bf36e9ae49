# cython: language_level=3
# ruff: noqa: F403, I001 (C constants by star; two import forms)
"""A position: its units, and the exits that belong to each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs, isnan
        from cython.cimports.lingua.trading.codes import *
        from cython.cimports.lingua.trading.market import Market
        from cython.cimports.lingua.trading.plan import ExitSpec
else:
    from lingua.trading.codes import (
        EXPIRE_EXIT, IN_LEVEL, IN_NOTHING, IN_PRICE, IN_RATIO, STOP_EXIT, TARGET_EXIT, TRAIL_EXIT,
    )  # fmt: skip
    from lingua.trading.market import Market
    from lingua.trading.plan import ExitSpec
    from lingua.trading.shim import fabs, isnan

NAN: float = cython.declare(cython.double, float("nan"))
FAR: float = cython.declare(cython.double, 1e300)


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Exit:
    """One exit of one unit. `value closing after life` were evaluated at the decision; `level` and `after_level` are
    prices, NaN until known. `takes_rest`: the last rung of a ladder that closes the whole unit."""

    FIELDS = (
        "number", "value", "closing", "after", "life", "level", "after_level", "is_armed", "is_done", "takes_rest",
    )  # fmt: skip

    def __init__(self, spec: ExitSpec, number: cython.int) -> None:
        self.spec = spec
        self.number = number
        self.value = NAN
        self.closing = NAN
        self.after = NAN
        self.life = NAN
        self.level = NAN
        self.after_level = NAN
        self.is_armed = False
        self.is_done = False
        self.takes_rest = False


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Unit:
    """What one entry order bought or sold: the piece that stops, targets and trails belong to.

    `entry` is the average fill, `r` the frozen |fill - initial stop|. `high`/`low` are the extremes since the fill and
    `reach` the best price of the bars after the entry bar (which arms `after`). `stop` and `target` are the nearest
    live levels. `is_fresh`: filled away from the open of the bar being walked; `guarded_from`: first bar on which
    the exits are live.
    """

    FIELDS = (
        "id", "market", "owner", "side", "quantity", "original", "entry", "entry_bar", "entry_detail",
        "entry_at_open", "entry_ts", "entry_session", "rule", "tag", "r", "planned_risk", "commission", "slippage",
        "carry", "high", "low", "reach", "stop", "stop_kind", "target", "is_before_settle", "is_ambiguous",
        "is_target", "is_leaving", "is_fresh", "is_off_open", "guarded_from", "fill_row",
    )  # fmt: skip

    def __init__(self) -> None:
        self.id = -1
        self.market = 0
        self.owner = 0
        self.side = 1
        self.quantity = 0.0
        self.original = 0.0
        self.entry = NAN
        self.entry_bar = -1
        self.entry_detail = -1
        self.entry_at_open = False
        self.entry_ts = 0
        self.entry_session = 0
        self.rule = -1
        self.tag = -1
        self.r = NAN
        self.planned_risk = NAN
        self.commission = 0.0
        self.slippage = 0.0
        self.carry = 0.0
        self.high = NAN
        self.low = NAN
        self.reach = NAN
        self.stop = NAN
        self.stop_kind = STOP_EXIT
        self.target = NAN
        self.is_before_settle = False
        self.is_ambiguous = False
        self.is_target = False
        self.is_leaving = False
        self.is_fresh = False
        self.is_off_open = False
        self.guarded_from = 0
        self.fill_row = -1
        self.exits: list[Exit] = []

    @cython.cfunc
    def distance(self, form: cython.int, value: cython.double) -> cython.double:
        """How far from the fill, in price: a ratio is that share of the fill price, R a multiple of the risk."""
        if form == IN_PRICE:
            return value
        if form == IN_RATIO:
            return value * self.entry
        return value * self.r

    @cython.cfunc
    def anchor(self, market: Market, keep_r: cython.bint) -> cython.int:
        """Give every exit its price from the unit's entry. The initial stop comes first, because R is made of it.

        With `keep_r` (a target position whose average moved) R stays as it was frozen, and what has been armed,
        tightened or filled stays.
        """
        e: Exit
        spec: ExitSpec
        price: cython.double
        turn: cython.int
        side: cython.int = self.side
        if not keep_r:
            price = NAN
            for turn in range(2):
                for e in self.exits:
                    spec = e.spec
                    if spec.kind != (STOP_EXIT if turn == 0 else TRAIL_EXIT) or spec.after_form != IN_NOTHING:
                        continue
                    if spec.is_late or not isnan(price):
                        continue
                    price = self._stop_price(e, market)
            self.r = fabs(self.entry - price)
            self.planned_risk = self.r * self.original * market.multiplier
        for e in self.exits:
            spec = e.spec
            if spec.kind == EXPIRE_EXIT or e.is_done:
                continue
            if spec.after_form != IN_NOTHING and not e.is_armed:
                if spec.after_form == IN_LEVEL:
                    e.after_level = e.after
                else:
                    e.after_level = self.entry + side * self.distance(spec.after_form, e.after)
                continue
            if spec.is_late or (keep_r and spec.kind == TRAIL_EXIT):
                continue
            if spec.kind == TARGET_EXIT:
                price = e.value if spec.form == IN_LEVEL else self.entry + side * self.distance(spec.form, e.value)
                e.level = market.passive(price, -side)
            else:
                e.level = self._stop_price(e, market)
            e.is_armed = True
        self.refresh()
        return 0

    @cython.cfunc
    def _stop_price(self, e: Exit, market: Market) -> cython.double:
        spec: ExitSpec = e.spec
        price: cython.double
        if spec.is_entry:
            price = self.entry
        elif spec.form == IN_LEVEL:
            price = e.value
        else:
            price = self.entry - self.side * self.distance(spec.form, e.value)
        # A seller's stop rounds down, a buyer's up: the passive side of a stop is the further one.
        return market.passive(price, self.side)

    @cython.cfunc
    def refresh(self) -> cython.int:
        """Recompute the nearest live stop and target."""
        e: Exit
        kind: cython.int
        self.stop = NAN
        self.target = NAN
        for e in self.exits:
            if not e.is_armed or e.is_done or isnan(e.level):
                continue
            kind = e.spec.kind
            if kind == TARGET_EXIT:
                if isnan(self.target) or (self.target - e.level) * self.side > 0.0:
                    self.target = e.level
            elif isnan(self.stop) or (e.level - self.stop) * self.side > 0.0:
                self.stop = e.level
                self.stop_kind = kind
        return 0

    @cython.cfunc
    def scale(self, factor: cython.double) -> cython.int:
        """A split of `factor` new shares for one: quantities grow, prices and distances shrink."""
        e: Exit
        spec: ExitSpec
        self.quantity *= factor
        self.original *= factor
        self.entry /= factor
        self.r /= factor
        self.high /= factor
        self.low /= factor
        self.reach /= factor
        for e in self.exits:
            spec = e.spec
            e.level /= factor
            e.after_level /= factor
            if spec.form == IN_PRICE or spec.form == IN_LEVEL:
                e.value /= factor
            if spec.after_form == IN_PRICE or spec.after_form == IN_LEVEL:
                e.after /= factor
            if spec.closing_is_quantity:
                e.closing *= factor
        self.refresh()
        return 0


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Position:
    """All units of one instrument, oldest first. `quantity` is signed and leaves dust out; `entry` is the average.

    `dust` (signed) is what rounding left behind, kept until the next exit sweeps it.
    Between `lower` and `upper` no exit can act.
    """

    FIELDS = (
        "market", "quantity", "entry", "dust", "dust_cost", "last_fill", "last_unit_fill", "closed_bar",
        "closed_ts", "closed_session", "was_long", "was_short", "needs_close", "lower", "upper",
        "recorded",
    )  # fmt: skip

    def __init__(self, market: cython.int) -> None:
        self.market = market
        self.quantity = 0.0
        self.entry = NAN
        self.dust = 0.0
        self.dust_cost = 0.0
        self.last_fill = NAN
        self.last_unit_fill = NAN
        self.closed_bar = -1
        self.closed_ts = -1
        self.closed_session = -1
        self.was_long = False
        self.was_short = False
        self.needs_close = False
        self.lower = -FAR
        self.upper = FAR
        self.recorded = 0.0
        self.units: list[Unit] = []

    @cython.cfunc
    def total(self) -> cython.int:
        """Recompute quantity, average entry and bounds from the units."""
        unit: Unit
        quantity: cython.double = 0.0
        cost: cython.double = 0.0
        if len(self.units) == 1:
            unit = self.units[0]
            self.quantity = unit.side * unit.quantity
            self.entry = unit.entry
        else:
            for unit in self.units:
                quantity += unit.side * unit.quantity
                cost += unit.side * unit.quantity * unit.entry
            self.quantity = quantity
            self.entry = cost / quantity if quantity != 0.0 else NAN
        self.bounds()
        return 0

    @cython.cfunc
    def bounds(self) -> cython.int:
        """Recompute `lower`, `upper` and whether a close must be looked at."""
        unit: Unit
        e: Exit
        self.lower = -FAR
        self.upper = FAR
        self.needs_close = False
        for unit in self.units:
            if unit.side > 0:
                if unit.stop > self.lower:
                    self.lower = unit.stop
                if unit.target < self.upper:
                    self.upper = unit.target
            else:
                if unit.stop < self.upper:
                    self.upper = unit.stop
                if unit.target > self.lower:
                    self.lower = unit.target
            for e in unit.exits:
                if e.is_done:
                    continue
                if e.spec.kind == TRAIL_EXIT or e.spec.kind == EXPIRE_EXIT or not e.is_armed:
                    self.needs_close = True
        return 0

    @cython.cfunc
    def first(self) -> Unit:
        unit: Unit = self.units[0]
        return unit

    @cython.cfunc
    def newest(self) -> Unit:
        unit: Unit = self.units[len(self.units) - 1]
        return unit
