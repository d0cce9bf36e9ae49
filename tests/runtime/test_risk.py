"""Limits by hand: each refuses what is above it, lets through what is not, and says both numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lingua_runtime.config import ConfigError
from lingua_runtime.risk import DAY, Guardian, Holding, Markets, Wanted, read_limits

MINUTE = 60 * 10**9


def guardian(markets: Markets | None = None, **limits: Any) -> Guardian:
    return Guardian(read_limits(limits, "risk"), "a", markets or Markets(), lambda: 1_000 * MINUTE)


def buy(quantity: float, price: float = 100.0, symbol: str = "BTC", **more: Any) -> Wanted:
    return Wanted("a", symbol, 1, quantity, price, **more)


def moving(**series: list[float]) -> Markets:
    markets = Markets()
    for symbol, closes in series.items():
        for k, close in enumerate(closes):
            markets.bar(symbol, (k + 1) * DAY, close, 1_000.0)
    return markets


@pytest.mark.parametrize(
    ("limits", "held", "least_refused", "name"),
    [
        ({"max_position": 5_000}, [], 50.1, "MAX_POSITION"),
        ({"max_position": "50%"}, [Holding("a", "BTC", 1_000.0)], 40.1, "MAX_POSITION"),
        ({"max_exposure": "150%"}, [Holding("a", "ETH", -10_000.0), Holding("b", "BTC", 1_000.0, False)], 40.1,
         "MAX_EXPOSURE"),
        ({"max_concentration": "40%"}, [Holding("a", "ETH", 6_000.0)], 40.1, "MAX_CONCENTRATION"),
    ],
)  # fmt: skip
def test_an_amount_above_a_limit_is_refused_and_one_below_is_not(
    limits: dict[str, Any], held: list[Holding], least_refused: float, name: str
) -> None:
    found = guardian(**limits)
    assert found.why_not(buy(least_refused - 0.2), 10_000.0, held) == ""
    assert found.why_not(buy(least_refused), 10_000.0, held).startswith(f"{name}: ")


def test_a_market_of_its_own_decides_liquidity_volatility_and_collar() -> None:
    calm = moving(BTC=[100.0 + (k % 2) for k in range(60)])
    assert guardian(calm, max_liquidity="2%").why_not(buy(20.0), 1e9, []) == ""
    assert guardian(calm, max_liquidity="2%").why_not(buy(20.1), 1e9, []).startswith("MAX_LIQUIDITY: 2.01%")
    assert guardian(calm, max_volatility="2%").why_not(buy(1.0), 1e9, []) == ""
    assert guardian(calm, max_volatility="0.5%").why_not(buy(1.0), 1e9, []).startswith("MAX_VOLATILITY: 1.0")
    last = calm.prices["BTC"]
    assert guardian(calm, collar="5%").why_not(buy(1.0, last * 0.96), 1e9, []) == ""
    assert guardian(calm, collar="5%").why_not(buy(1.0, last * 0.94), 1e9, []).startswith("COLLAR: 6.00%")


def test_orders_a_minute_are_counted() -> None:
    now = [0]
    found = Guardian(read_limits({"max_orders": 3}, "risk"), "a", Markets(), lambda: now[0])
    assert [found.why_not(buy(1.0), 1e9, []) for _ in range(3)] == ["", "", ""]
    assert found.why_not(buy(1.0), 1e9, []) == "MAX_ORDERS: 4, limit 3"
    now[0] = MINUTE
    assert found.why_not(buy(1.0), 1e9, []) == ""


def test_losses_are_measured_from_the_equity_before_the_period_and_a_drawdown_is_latched() -> None:
    found = guardian(daily_loss="3%", weekly_loss="5%", max_drawdown="20%")
    monday = 4 * DAY  # 1970-01-05
    assert found.watch(10_000.0, monday + MINUTE) == ""
    assert found.watch(9_701.0, monday + 2 * MINUTE) == ""
    assert found.watch(9_700.0, monday + 3 * MINUTE).startswith("DAILY_LOSS: 3.00%")
    assert found.why_not(buy(0.1), 9_700.0, []).startswith("DAILY_LOSS")
    assert found.watch(9_600.0, monday + DAY + MINUTE) == ""
    assert found.watch(9_500.0, monday + DAY + 2 * MINUTE).startswith("WEEKLY_LOSS: 5.00%")
    assert found.watch(9_500.0, monday + 8 * DAY) == ""
    assert found.watch(8_000.0, monday + 16 * DAY).startswith("MAX_DRAWDOWN: 20.00%")
    assert found.watch(9_999.0, monday + 17 * DAY).startswith("MAX_DRAWDOWN: 20.00%")
    found.rearm()
    assert found.watch(9_900.0, monday + 18 * DAY) == ""


def test_correlation_counts_the_side_and_value_at_risk_is_that_of_a_normal_variable() -> None:
    rng = np.random.default_rng(1)
    steps = rng.normal(0.0, 0.01, 200)
    other = 0.95 * steps + 0.05 * rng.normal(0.0, 0.01, 200)
    markets = moving(BTC=list(100 * np.cumprod(1 + steps)), ETH=list(50 * np.cumprod(1 + other)))
    found = guardian(markets, max_correlation=0.9)
    assert found.why_not(buy(1.0), 1e6, [Holding("b", "ETH", 5_000.0)]).startswith("MAX_CORRELATION: 1.00 with ETH")
    assert found.why_not(buy(1.0), 1e6, [Holding("b", "ETH", -5_000.0)]) == ""
    risk = found.value_at_risk([Holding("a", "BTC", 10_000.0)])
    assert risk == pytest.approx(2.3263 * 10_000 * np.std(steps[1:], ddof=1), rel=1e-3)
    assert guardian(markets, max_var="5%").why_not(buy(100.0), 1_000.0, []).startswith("MAX_VAR")
    assert guardian(markets, max_var="5%").why_not(buy(1.0), 1_000.0, []) == ""


@pytest.mark.parametrize(
    "table", [{"max_positon": 1}, {"max_exposure": 0}, {"daily_loss": 3}, {"collar": "x%"}, {"max_holding": "5y"}]
)
def test_a_limit_that_means_nothing_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="risk"):
        read_limits(table, "accounts.a.risk")
