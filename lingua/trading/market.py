# cython: language_level=3

"""One instrument as the step sees it: contract terms, its bars, and the bar at which the run stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lingua.trading import shim as cython
from lingua.trading.shim import COMPILING

if TYPE_CHECKING:
    from lingua.trading.instrument import Instrument
if not TYPE_CHECKING and COMPILING:
    import cython
if cython.compiled:
    if not TYPE_CHECKING:
        from cython.cimports.libc.math import fabs, floor
else:
    from lingua.trading.shim import fabs, floor

FLOATS = ("open", "high", "low", "close", "volume")
STAMPS = ("ts", "open_ts", "session")
DETAIL_FLOATS = ("detail_open", "detail_high", "detail_low", "detail_close", "detail_volume")
DETAIL_STAMPS = ("detail_ts", "detail_open_ts")
KINDS = {
    **{name: np.dtype(np.float64) for name in FLOATS + DETAIL_FLOATS},
    **{name: np.dtype(np.int64) for name in STAMPS + DETAIL_STAMPS + ("detail_from",)},
    "tradable": np.dtype(np.uint8),
    "detail_tradable": np.dtype(np.uint8),
}


@cython.final
@cython.auto_pickle(False)
@cython.cclass
class Market:
    """`bar` is the last bar processed (-1 before the first), `mark` the last valid close (NaN before one).

    `session` counts sessions so that a difference is a number of sessions (calendar days where trading never stops).
    `tradable` bars may fill orders. `detail_from[i] : detail_from[i + 1]` are the finer bars inside bar i.
    """

    def __init__(self, index: cython.int, symbol: str, terms: Instrument, is_daily: bool, has_volume: bool) -> None:
        self.index = index
        self.symbol = symbol
        self.size = 0
        self.bar = -1
        self.detail_size = 0
        self.mark = float("nan")
        self.next_action = 0
        self.actions: list[tuple[int, float, float]] = []
        self.is_daily = is_daily
        self.has_volume = has_volume
        self.has_detail = False
        self.is_calendar = bool(terms.calendar == "24x7")
        self.may_short = bool(terms.may_short)
        self.is_perp = bool(terms.kind == "perp")
        self.fee_in_base = bool(terms.fee_asset == "base")
        self.multiplier = float(terms.multiplier)
        self.tick = float(terms.tick)
        self.tick_inverse = _inverse(terms.tick)
        self.lot = float(terms.lot)
        self.lot_inverse = _inverse(terms.lot)
        self.min_quantity = float(terms.min_quantity)
        self.min_notional = float(terms.min_notional)
        self.initial_margin = float(terms.initial_margin)
        self.maintenance_margin = float(terms.maintenance_margin)
        self.liquidation_fee = float(terms.liquidation_fee)
        self.store: Any = {}
        if not cython.compiled:
            self.open: list[float] = []
            self.high: list[float] = []
            self.low: list[float] = []
            self.close: list[float] = []
            self.volume: list[float] = []
            self.ts: list[int] = []
            self.open_ts: list[int] = []
            self.session: list[int] = []
            self.tradable: list[int] = []
            self.detail_from: list[int] = []
            self.detail_open: list[float] = []
            self.detail_high: list[float] = []
            self.detail_low: list[float] = []
            self.detail_close: list[float] = []
            self.detail_volume: list[float] = []
            self.detail_ts: list[int] = []
            self.detail_open_ts: list[int] = []
            self.detail_tradable: list[int] = []

    def load(self, arrays: dict[str, Any]) -> None:
        """Take the columns named in `KINDS`. Raises ValueError unless each is one contiguous array of its kind, the
        bars are equally many, and `detail_from` rises within the finer bars."""
        for name, kind in KINDS.items():
            column = arrays.get(name)
            if not isinstance(column, np.ndarray) or column.dtype != kind or column.ndim != 1:
                raise ValueError(f"{self.symbol}: column {name!r} must be a one-dimensional array of {kind}")
            if not column.flags.c_contiguous:
                raise ValueError(f"{self.symbol}: column {name!r} must be contiguous")
        size, finer = len(arrays["ts"]), len(arrays["detail_ts"])
        for name in FLOATS + STAMPS + ("tradable",):
            if len(arrays[name]) < size:
                raise ValueError(f"{self.symbol}: column {name!r} is shorter than the stamps")
        for name in (*DETAIL_FLOATS, "detail_open_ts", "detail_tradable"):
            if len(arrays[name]) < finer:
                raise ValueError(f"{self.symbol}: column {name!r} is shorter than the finer stamps")
        starts = arrays["detail_from"]
        if len(starts) != size + 1 or starts[0] < 0 or starts[-1] > finer or np.any(np.diff(starts) < 0):
            raise ValueError(f"{self.symbol}: the finer bars do not divide among the bars")
        if self.bar >= size:
            raise ValueError(f"{self.symbol}: the run is already past these bars")
        self.store = dict(arrays)
        self.has_detail = finer > 0
        self._bind()
        self.size = size
        self.detail_size = finer

    def _bind(self) -> None:
        if cython.compiled:
            self.open = _floats(self.store["open"])
            self.high = _floats(self.store["high"])
            self.low = _floats(self.store["low"])
            self.close = _floats(self.store["close"])
            self.volume = _floats(self.store["volume"])
            self.ts = _stamps(self.store["ts"])
            self.open_ts = _stamps(self.store["open_ts"])
            self.session = _stamps(self.store["session"])
            self.tradable = _flags(self.store["tradable"])
            self.detail_from = _stamps(self.store["detail_from"])
            self.detail_open = _floats(self.store["detail_open"])
            self.detail_high = _floats(self.store["detail_high"])
            self.detail_low = _floats(self.store["detail_low"])
            self.detail_close = _floats(self.store["detail_close"])
            self.detail_volume = _floats(self.store["detail_volume"])
            self.detail_ts = _stamps(self.store["detail_ts"])
            self.detail_open_ts = _stamps(self.store["detail_open_ts"])
            self.detail_tradable = _flags(self.store["detail_tradable"])
        else:
            for name in KINDS:
                setattr(self, name, self.store[name].tolist())

    def arrays(self) -> dict[str, Any]:
        """The columns given to `load`."""
        return dict(self.store)

    def plan_actions(self, actions: list[tuple[int, float, float]]) -> None:
        """(stamp, split, dividend) in order of their ex-dates."""
        self.actions = [(int(ts), float(split), float(dividend)) for ts, split, dividend in actions]

    def stand_at(self, bar: cython.Py_ssize_t) -> None:
        if not -1 <= bar < max(self.size, 1) or (bar >= 0 and self.size == 0):
            raise ValueError(f"{self.symbol}: no bar {bar}")
        self.bar = bar

    def advance_bar(self) -> None:
        if self.bar + 1 >= self.size:
            raise ValueError(f"{self.symbol}: no bar after {self.bar}")
        self.bar += 1

    @cython.cfunc
    def passive(self, price: cython.double, side: cython.int) -> cython.double:
        """The tick at or behind `price` for a buyer (side 1: down) or a seller (side -1: up); `-side` is the rule of
        stop prices, whose passive side is further off. Noise of a ten-millionth of a tick is not rounded away."""
        if self.tick <= 0.0:
            return price
        return _on_grid(price, self.tick, self.tick_inverse, side < 0)

    @cython.cfunc
    def lots(self, quantity: cython.double) -> cython.double:
        """`quantity` down to whole lots."""
        if self.lot <= 0.0:
            return quantity
        return _on_grid(quantity, self.lot, self.lot_inverse, False)

    @cython.cfunc
    def is_below_minimum(self, quantity: cython.double, price: cython.double) -> cython.bint:
        # A share of 1e-12: a quantity that is the minimum by decimals is not below it by binary noise.
        return (
            quantity < self.min_quantity * (1.0 - 1e-12)
            or quantity * price * self.multiplier < self.min_notional * (1.0 - 1e-12)
        )  # fmt: skip

    @cython.cfunc
    def elapsed_sessions(self, since: cython.longlong) -> cython.longlong:
        return self.session[self.bar] - since


def _inverse(step: float) -> float:
    """1 / step where that is a whole number, else 0: n / 100 is the decimal, n * 0.01 is not always."""
    if step <= 0.0:
        return 0.0
    whole = float(round(1.0 / step))
    return whole if whole >= 1.0 and abs(1.0 / step - whole) <= 1e-9 * whole else 0.0


@cython.cfunc
def _on_grid(x: cython.double, step: cython.double, inverse: cython.double, up: cython.bint) -> cython.double:
    n: cython.double = floor(x / step + 0.5)
    near: cython.double = n / inverse if inverse > 0.0 else n * step
    if fabs(near - x) <= 1e-7 * step:
        return near
    n = floor(x / step)
    if up:
        n += 1.0
    return n / inverse if inverse > 0.0 else n * step


@cython.cfunc
def _floats(column: object) -> cython.p_double:
    address: cython.size_t = column.ctypes.data  # type: ignore[attr-defined]
    return cython.cast(cython.p_double, address)  # type: ignore[no-any-return]


@cython.cfunc
def _stamps(column: object) -> cython.p_longlong:
    address: cython.size_t = column.ctypes.data  # type: ignore[attr-defined]
    return cython.cast(cython.p_longlong, address)  # type: ignore[no-any-return]


@cython.cfunc
def _flags(column: object) -> cython.p_uchar:
    address: cython.size_t = column.ctypes.data  # type: ignore[attr-defined]
    return cython.cast(cython.p_uchar, address)  # type: ignore[no-any-return]
