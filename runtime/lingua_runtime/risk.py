"""What may leave a node: limits of each account and of all of them, tested before every order that opens.

    [risk]                        # over all accounts
    [accounts.main.risk]          # of one account; both hold
    max_position = 50_000         # worth of one symbol in one account, or a share of equity: "30%"
    max_exposure = "150%"         # worth of everything held and on its way
    max_concentration = "40%"     # share of the exposure that one symbol may have (once there are several)
    max_liquidity = "2%"          # of the volume that a bar of the symbol usually has
    max_volatility = "8%"         # no entries in a symbol whose bars move more than that (deviation of 30 bars)
    collar = "5%"                 # no order further from the last price
    max_orders = 60               # a minute
    daily_loss = "3%"             # then nothing is opened until the next day
    weekly_loss = "6%"            # then until the next week
    max_drawdown = "15%"          # then until somebody re-arms
    max_var = "4%"                # of equity: the loss of one day that 99 of 100 days do not exceed
    max_correlation = 0.9         # no entry whose returns go with those of what is held more than that
    max_holding = "10d"           # then a position is closed

Exits and protection are never refused. What an order would add is counted in full, orders whose outcome is unknown
included. The limits that a program states are the program's own (`lingua.trading.limits`) and hold besides.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua_runtime.config import ConfigError

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
WINDOW = 250
"""Bars of which returns are kept for each symbol."""
LEAST = 30
"""Bars without which volatility, correlation and value at risk are not judged."""
QUANTILE = 2.3263478740408408
"""99 % of a normal variable lie below it."""


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """Money as it is, shares as numbers of 1; `is_share` says which of the first two are shares of equity. None: no
    such limit."""

    max_position: float | None = None
    max_exposure: float | None = None
    max_concentration: float | None = None
    max_liquidity: float | None = None
    max_volatility: float | None = None
    collar: float | None = None
    max_orders: float | None = None
    daily_loss: float | None = None
    weekly_loss: float | None = None
    max_drawdown: float | None = None
    max_var: float | None = None
    max_correlation: float | None = None
    max_holding: float | None = None
    """Seconds."""
    shares: frozenset[str] = frozenset()


def read_limits(table: Mapping[str, Any], where: str) -> RiskLimits:
    """Raises ConfigError."""
    known = [each.name for each in fields(RiskLimits) if each.name != "shares"]
    found: dict[str, float] = {}
    shares = set()
    for name, value in table.items():
        if name not in known:
            raise ConfigError(f"[{where}] no limit is called `{name}`; known are {', '.join(known)}")
        number, is_share = _amount(value, name, where)
        found[name] = number
        if is_share:
            shares.add(name)
    for name in ("daily_loss", "weekly_loss", "max_drawdown", "max_var", "max_concentration", "collar"):
        if name in found and not (0.0 < found[name] < 1.0):
            raise ConfigError(f'[{where}] {name} is a share such as "3%"')
    return RiskLimits(**found, shares=frozenset(shares))


def _amount(value: Any, name: str, where: str) -> tuple[float, bool]:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value > 0:
        return float(value), False
    if isinstance(value, str):
        text = value.strip()
        try:
            if text.endswith("%"):
                number = float(text[:-1]) / 100.0
                if number > 0:
                    return number, True
            if name == "max_holding" and text[-1:] in "smhd" and float(text[:-1]) > 0:
                return float(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[text[-1]], False
        except ValueError:
            pass
    raise ConfigError(f'[{where}] {name}: `{value}` is no limit; write a number above zero, or a share such as "5%"')


@dataclass(frozen=True, slots=True)
class Holding:
    """Something held or on its way. `is_held`: held already; `worth` signed, in the account's currency."""

    account: str
    symbol: str
    worth: float
    is_held: bool = True


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order that opens. `price`: at which it would be executed."""

    account: str
    symbol: str
    side: int
    quantity: float
    price: float
    multiplier: float = 1.0
    is_market: bool = False

    @property
    def worth(self) -> float:
        return self.quantity * self.price * self.multiplier


class Markets:
    """What is known of symbols: last prices, returns and volumes of their bars."""

    def __init__(self) -> None:
        self.prices: dict[str, float] = {}
        self._returns: dict[str, deque[tuple[int, float]]] = {}
        self._volumes: dict[str, deque[float]] = {}
        self._closes: dict[str, tuple[int, float]] = {}
        self._covariances: dict[tuple[str, ...], NDArray[np.float64] | None] = {}
        """Of returns, until the next bar."""

    def bar(self, symbol: str, ts: int, close: float, volume: float) -> None:
        if not close > 0.0:
            return
        before = self._closes.get(symbol)
        if before is not None and ts <= before[0]:
            return
        self._closes[symbol] = ts, close
        self._covariances.clear()
        self.prices[symbol] = close
        if before is not None:
            self._returns.setdefault(symbol, deque(maxlen=WINDOW)).append((ts, close / before[1] - 1.0))
        if volume == volume:
            self._volumes.setdefault(symbol, deque(maxlen=WINDOW)).append(volume)

    def volatility(self, symbol: str) -> float:
        """Deviation of the last returns; NaN while there are too few."""
        found = [change for _, change in list(self._returns.get(symbol, ()))[-LEAST:]]
        return float(np.std(found, ddof=1)) if len(found) >= LEAST else math.nan

    def volume(self, symbol: str) -> float:
        found = self._volumes.get(symbol, ())
        return float(np.median(found)) if len(found) >= LEAST else math.nan

    def together(self, symbols: Sequence[str]) -> NDArray[np.float64]:
        """(bars, symbols) returns at the times that all have."""
        columns = [list(self._returns.get(symbol, [])) for symbol in symbols]
        stamps = [[ts for ts, _ in each] for each in columns]
        if all(each == stamps[0] for each in stamps):
            return np.array([[change for _, change in each] for each in columns]).reshape(len(columns), -1).T
        maps = [dict(each) for each in columns]
        times = sorted(set.intersection(*(set(each) for each in maps))) if maps else []
        out = np.empty((len(times), len(symbols)))
        for k, each in enumerate(maps):
            out[:, k] = [each[ts] for ts in times]
        return out

    def covariance(self, symbols: Sequence[str]) -> NDArray[np.float64] | None:
        """Of the returns at the times that all have; None while there are too few."""
        key = tuple(symbols)
        if key not in self._covariances:
            returns = self.together(symbols)
            self._covariances[key] = np.atleast_2d(np.cov(returns.T)) if len(returns) >= LEAST else None
        return self._covariances[key]

    def bars_a_day(self, symbol: str) -> float:
        found = self._returns.get(symbol)
        if found is None or len(found) < 2:
            return 1.0
        (last, _), (first, _) = found[-1], found[0]
        span = (last - first) / (len(found) - 1)
        return max(DAY / span, 1.0) if span > 0 else 1.0


class Guardian:
    """The limits of one account, or of all. `why_not` is asked before an order leaves; `watch` at every bar, and says
    what it found: "" or the reason why nothing is opened any more."""

    def __init__(self, limits: RiskLimits, name: str, markets: Markets, now: Callable[[], int]) -> None:
        self.limits = limits
        self.name = name
        self.markets = markets
        self._now = now
        self._sent: deque[int] = deque()
        self._day = self._week = -1
        self._day_equity = self._week_equity = self.peak = self._last = math.nan
        self.halted = ""
        """Why nothing is opened for now."""
        self.latched = ""
        """Why nothing is opened until somebody re-arms."""

    # --- time ----------------------------------------------------------------------------------------

    def watch(self, equity: float, ts: int) -> str:
        """The account's equity at a bar. Losses are measured from the equity before the period began."""
        day, week = (ts - 1) // DAY, ((ts - 1) // DAY + 3) // 7
        if day != self._day:
            self._day, self._day_equity = day, equity if math.isnan(self.peak) else self._last
        if week != self._week:
            self._week, self._week_equity = week, equity if math.isnan(self.peak) else self._last
        self._last = equity
        self.peak = equity if math.isnan(self.peak) else max(self.peak, equity)
        limits = self.limits
        self.halted = ""
        for name, base, bound in (
            ("daily_loss", self._day_equity, limits.daily_loss), ("weekly_loss", self._week_equity, limits.weekly_loss)
        ):  # fmt: skip
            if bound is not None and equity <= base * (1.0 - bound):
                self.halted = f"{name.upper()}: {1.0 - equity / base:.2%}, limit {bound:.2%}"
        if limits.max_drawdown is not None and equity <= self.peak * (1.0 - limits.max_drawdown) and not self.latched:
            self.latched = f"MAX_DRAWDOWN: {1.0 - equity / self.peak:.2%}, limit {limits.max_drawdown:.2%}"
        return self.latched or self.halted

    def move(self, money: float) -> None:
        """Money has come in (negative: gone) that nobody has won or lost."""
        self._day_equity += money
        self._week_equity += money
        self._last += money
        self.peak += money

    def rearm(self) -> None:
        """A drawdown is measured from here on."""
        self.latched, self.peak = "", self._last

    # --- before an order -----------------------------------------------------------------------------

    def why_not(self, order: Wanted, equity: float, held: Iterable[Holding]) -> str:
        """Why it may not leave, as `NAME: what would be, the limit`; empty when it may."""
        limits, mine = self.limits, list(held)
        if self.latched or self.halted:
            return self.latched or self.halted
        for test in (self._rate, self._collar, self._volatile, self._liquid):
            why = test(order)
            if why:
                return why
        for name, value, bound in self._amounts(order, equity, mine):
            if bound is not None and value > bound * (1.0 + 1e-9):
                return f"{name}: {value:,.2f}, limit {bound:,.2f}"
        why = self._concentrated(order, mine) or self._correlated(order, mine)
        if why:
            return why
        if limits.max_var is not None:
            risk = self.value_at_risk([*mine, Holding(order.account, order.symbol, order.worth * order.side)])
            if risk > limits.max_var * equity:
                return f"MAX_VAR: {risk:,.2f}, limit {limits.max_var * equity:,.2f}"
        self._sent.append(self._now())
        return ""

    def _amounts(self, order: Wanted, equity: float, held: list[Holding]) -> list[tuple[str, float, float | None]]:
        position = order.worth + sum(
            abs(each.worth) for each in held if each.symbol == order.symbol and each.account == order.account
        )
        exposure = order.worth + sum(abs(each.worth) for each in held)
        return [
            ("MAX_POSITION", position, self._bound("max_position", equity)),
            ("MAX_EXPOSURE", exposure, self._bound("max_exposure", equity)),
        ]

    def _bound(self, name: str, equity: float) -> float | None:
        value: float | None = getattr(self.limits, name)
        return value * equity if value is not None and name in self.limits.shares else value

    def _rate(self, order: Wanted) -> str:
        now = self._now()
        while self._sent and self._sent[0] <= now - 60 * SECOND:
            self._sent.popleft()
        most = self.limits.max_orders
        return f"MAX_ORDERS: {len(self._sent) + 1}, limit {most:g}" if most and len(self._sent) + 1 > most else ""

    def _collar(self, order: Wanted) -> str:
        last, bound = self.markets.prices.get(order.symbol), self.limits.collar
        if bound is None or order.is_market or not last:
            return ""
        away = abs(order.price / last - 1.0)
        return f"COLLAR: {away:.2%} from {last:g}, limit {bound:.2%}" if away > bound else ""

    def _volatile(self, order: Wanted) -> str:
        bound, found = self.limits.max_volatility, self.markets.volatility(order.symbol)
        return f"MAX_VOLATILITY: {found:.2%}, limit {bound:.2%}" if bound is not None and found > bound else ""

    def _liquid(self, order: Wanted) -> str:
        bound, found = self.limits.max_liquidity, self.markets.volume(order.symbol)
        if bound is None or not found > 0 or order.quantity <= bound * found:
            return ""
        return f"MAX_LIQUIDITY: {order.quantity / found:.2%} of a bar's volume, limit {bound:.2%}"

    def _concentrated(self, order: Wanted, held: list[Holding]) -> str:
        bound = self.limits.max_concentration
        others = sum(abs(each.worth) for each in held if each.symbol != order.symbol)
        if bound is None or others <= 0.0:
            return ""
        own = order.worth + sum(abs(each.worth) for each in held if each.symbol == order.symbol)
        share = own / (own + others)
        return f"MAX_CONCENTRATION: {share:.2%}, limit {bound:.2%}" if share > bound else ""

    def _correlated(self, order: Wanted, held: list[Holding]) -> str:
        """The largest correlation with something else that is held, on the side on which it is held."""
        bound = self.limits.max_correlation
        if bound is None:
            return ""
        for symbol in dict.fromkeys(each.symbol for each in held if each.symbol != order.symbol and each.worth):
            both = self.markets.covariance((order.symbol, symbol))
            if both is None or not (both[0, 0] > 0.0 and both[1, 1] > 0.0):
                continue
            side = math.copysign(1.0, sum(each.worth for each in held if each.symbol == symbol))
            found = float(both[0, 1] / math.sqrt(both[0, 0] * both[1, 1])) * side * order.side
            if found > bound:
                return f"MAX_CORRELATION: {found:.2f} with {symbol}, limit {bound:g}"
        return ""

    def value_at_risk(self, held: Sequence[Holding]) -> float:
        """The loss of a day that 99 of 100 days do not exceed, by the covariance of the bars' returns (J.P. Morgan and
        Reuters, RiskMetrics Technical Document, 1996); 0 while there are too few of them."""
        worth: dict[str, float] = {}
        for each in held:
            worth[each.symbol] = worth.get(each.symbol, 0.0) + each.worth
        symbols = [symbol for symbol, value in worth.items() if value]
        if not symbols:
            return 0.0
        covariance = self.markets.covariance(symbols)
        if covariance is None:
            return 0.0
        money = np.array([worth[symbol] for symbol in symbols])
        a_day = max(self.markets.bars_a_day(symbol) for symbol in symbols)
        return QUANTILE * math.sqrt(max(float(money @ covariance @ money), 0.0) * a_day)

    def used(self, equity: float, held: Sequence[Holding]) -> dict[str, Any]:
        """How much of each limit is used, for people."""
        exposure = sum(abs(each.worth) for each in held)
        out: dict[str, Any] = {
            "equity": equity, "exposure": exposure, "value_at_risk": self.value_at_risk(held),
            "halted": self.halted, "latched": self.latched, "orders_a_minute": len(self._sent),
        }  # fmt: skip
        if not math.isnan(self.peak) and self.peak > 0:
            out["drawdown"] = 1.0 - equity / self.peak
            out["loss_today"] = 1.0 - equity / self._day_equity
            out["loss_this_week"] = 1.0 - equity / self._week_equity
        worths: dict[tuple[str, str], float] = {}
        for each in held:
            key = (each.account, each.symbol)
            worths[key] = worths.get(key, 0.0) + abs(each.worth)
        reached = {
            "max_position": max(worths.values(), default=0.0),
            "max_exposure": exposure,
            "max_orders": float(len(self._sent)),
            "max_var": out["value_at_risk"] / equity if equity > 0 else 0.0,
            "max_drawdown": out.get("drawdown", 0.0),
            "daily_loss": out.get("loss_today", 0.0),
            "weekly_loss": out.get("loss_this_week", 0.0),
        }
        limits: dict[str, Any] = {}
        for name in (each.name for each in fields(RiskLimits) if each.name != "shares"):
            bound = getattr(self.limits, name)
            if bound is not None and name in reached:
                in_money = name in ("max_position", "max_exposure")
                bound = {"limit": self._bound(name, equity) if in_money else bound, "used": max(reached[name], 0.0)}
            if bound is not None:
                limits[name] = bound
        out["limits"] = limits
        return out
