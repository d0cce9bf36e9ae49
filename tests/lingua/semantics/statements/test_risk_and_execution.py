"""The risk block and the execution block."""

from __future__ import annotations

import dataclasses

import pytest

from lingua.semantics.options import OPTIONS
from lingua.semantics.risk import LIMITS
from lingua.trading.execution import Execution
from lingua.trading.lower import LIMITS as KNOWN_TO_THE_ENGINE
from lingua.trading.lower import PERIODS

RULE = "  rule r: close crosses above open => buy 10% with stop 2%"


def limit(items, text: str, more: str = ""):
    return items(f"  {more}\n{RULE}\n  risk {{ {text} }}")


def options(items, text: str, more: str = ""):
    return items(f"  {more}\n{RULE}\n  execution {{ {text} }}")


@pytest.mark.parametrize(
    ("text", "name", "value", "unit", "per", "effect", "lasting"),
    [
        ("max_drawdown 15% => halt", "max_drawdown", 0.15, "ratio", "", "halt", None),
        ("max_drawdown 15%", "max_drawdown", 0.15, "ratio", "", "limit", None),
        ("daily_loss 2% => flatten for 1d", "daily_loss", 0.02, "ratio", "", "flatten", ("sessions", 1.0)),
        ("daily_loss 2% => halt for 4h", "daily_loss", 0.02, "ratio", "", "halt", ("seconds", 14400.0)),
        ("weekly_loss 5% => halt for 10 bars", "weekly_loss", 0.05, "ratio", "", "halt", ("bars", 10.0)),
        ("daily_loss 2% => halt for n bars", "daily_loss", 0.02, "ratio", "", "halt", ("bars", 3.0)),
        ("max_orders 12 per day", "max_orders", 12, "count", "day", "limit", None),
        ("max_orders 100", "max_orders", 100, "count", "", "limit", None),
        ("max_exposure 150%", "max_exposure", 1.5, "ratio", "", "limit", None),
        ("max_open 5", "max_open", 5, "count", "", "limit", None),
        ("max_open_risk 4%", "max_open_risk", 0.04, "ratio", "", "limit", None),
        ("max_weight 12%", "max_weight", 0.12, "ratio", "", "limit", None),
        ("max_turnover 150% per month", "max_turnover", 1.5, "ratio", "month", "limit", None),
        ("max_holding 10d => flatten", "max_holding", 10, "sessions", "", "flatten", None),
        ("max_holding 48 bars", "max_holding", 48, "bars", "", "flatten", None),
        ("max_holding 6h", "max_holding", 21600, "seconds", "", "flatten", None),
        ("cooldown 3 bars", "cooldown", 3, "bars", "", "limit", None),
        ("cooldown n bars", "cooldown", 3, "bars", "", "limit", None),
        ("max_open n", "max_open", 3, "count", "", "limit", None),
    ],
)
def test_a_limit_is_read(items, text, name, value, unit, per, effect, lasting) -> None:
    (plan,) = limit(items, text, "param n = 3 in 1..5" if " n" in text else "").program.limits
    assert (plan.name, plan.value, plan.unit, plan.per, plan.effect, plan.lasting) == (
        name,
        value,
        unit,
        per,
        effect,
        lasting,
    )


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("max_drawdwn 15%", "L0726"),
        ("max_correlation 0.8", "L0726"),
        ("max_drawdown 15", "L0727"),
        ("max_drawdown 0%", "L0727"),
        ("max_drawdown 150%", "L0727"),
        ("max_open 2.5", "L0727"),
        ("max_open 0", "L0727"),
        ("max_open 5%", "L0727"),
        ("max_holding 5%", "L0727"),
        ("cooldown 0", "L0727"),
        ("daily_loss 100 USDT", "L0727"),
        ("max_drawdown close", "L0214"),
        ("max_orders 12 per decade", "L0728"),
        ("max_open 5 per day", "L0728"),
        ("daily_loss 2% per day", "L0728"),
        ("max_open 5 => halt", "L0729"),
        ("max_holding 5 bars => halt", "L0729"),
        ("max_drawdown 15% => halt for 5%", "L0727"),
        ("max_open 5; max_open 6", "L0730"),
    ],
)
def test_a_limit_that_means_nothing_is_an_error(items, text: str, number: str) -> None:
    assert limit(items, text).errors == [number]


def test_a_misspelt_limit_gets_a_guess(items) -> None:
    assert limit(items, "max_drawdwn 15%").problem("L0726").help == "did you mean `max_drawdown`?"
    assert "portfolio" in limit(items, "max_correlation 0.8").problem("L0726").help
    assert limit(items, "max_drawdown 15").problem("L0727").help == "write `max_drawdown 15%`"


def test_one_limit_per_day_and_another_per_week_are_two(items) -> None:
    assert len(limit(items, "max_orders 5 per day; max_orders 12 per week").program.limits) == 2


def test_the_engine_knows_every_limit_and_every_period() -> None:
    assert set(LIMITS) == set(KNOWN_TO_THE_ENGINE)
    assert {period for rule in LIMITS.values() for period in rule.per} <= set(PERIODS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("slippage: 3bp", {"slippage": 0.0003}),
        ("slippage: 2 ticks", {"slippage_ticks": 2.0}),
        ("leg_timeout: 30s", {"leg_timeout_s": 30.0}),
        ("on_broken: unwind", {"on_broken": "unwind"}),
        ("slippage: volume 10%", {"slippage_volume_share": 0.1}),
        ("slippage_ticks: 1", {"slippage_ticks": 1.0}),
        ("slippage_volume_share: 10%", {"slippage_volume_share": 0.1}),
        ("slippage: s", {"slippage": 0.0005}),
        ("commission: 0.1%", {"commission": 0.001}),
        ("commission: 0", {"commission": 0.0}),
        ("commission: 0.1%; maker: 0.02%", {"commission": 0.001, "commission_maker": 0.0002}),
        ("commission: 0.005 USD per share", {"commission_per_unit": 0.005}),
        ("commission: 1 USD per order", {"commission_per_order": 1.0}),
        ("per_order: 1 USD; per_unit: 0.005; minimum: 1 USD",
         {"commission_per_order": 1.0, "commission_per_unit": 0.005, "commission_minimum": 1.0}),
        ("commission_per_unit: 2; commission_minimum: 1", {"commission_per_unit": 2.0, "commission_minimum": 1.0}),
        ("tiers: [[0, 0.1%], [1_000_000 USD, 0.08%]]", {"commission_tiers": ((0.0, 0.001), (1_000_000.0, 0.0008))}),
        ("commission: [[0, 0.1%], [50_000, 0.09%]]", {"commission_tiers": ((0.0, 0.001), (50_000.0, 0.0009))}),
        ('fees: "binance.spot"', {"fees": "binance.spot"}),
        ("latency: 1 bars", {"latency_bars": 1}),
        ("latency: 250ms", {"latency_s": 0.25}),
        ("detail: 1m", {"detail": "1m"}),
        ("fill_share: 10%", {"fill_share": 0.1}),
        ("limit_fill: touch", {"limit_fill": "touch"}),
        ("limit_fill: through", {"limit_fill": "through"}),
        ("limit_fill: through 2 ticks", {"limit_fill": "through", "limit_through_ticks": 2.0}),
        ("funding: 0.01%", {"funding": 0.0001}),
        ("funding: 0.03% per day", {"funding": pytest.approx(0.0001)}),
        ("funding: -0.01%", {"funding": -0.0001}),
        ("borrow: 3% per year", {"borrow": 0.03}),
        ("borrow: 3%", {"borrow": 0.03}),
        ("interest: 1% per month", {"interest": pytest.approx(0.12)}),
        ("rebalance: 2%", {"rebalance": 0.02}),
        ("cash_buffer: 0", {"cash_buffer": 0.0}),
        ("size_at: fill", {"size_at": "fill"}),
        ("stops: from next bar", {"stops_from": "next_bar"}),
        ("stops_from: next_bar", {"stops_from": "next_bar"}),
        ("warmup: settled", {"warmup": "settled"}),
        ("max_gap: 5", {"max_gap": 5}),
        ("max_gap: 5 bars", {"max_gap": 5}),
        ("allow_jumps: true", {"allow_jumps": True}),
        ("whole_units: true", {"whole_units": True}),
        ("risk_free: 2% per year", {"risk_free": 0.02}),
        ("leavers: hold", {"leavers": "hold"}),
        ("profile: pine", {"profile": "pine"}),
        ('profile: "backtesting"', {"profile": "backtesting"}),
        ("intrabar: favourable", {"intrabar": "favourable"}),
        ("fill_on: open", {"fill_on": "open"}),
    ],
)  # fmt: skip
def test_an_option_is_read(items, text: str, expected: dict[str, object]) -> None:
    found = options(items, text, "param s = 5bp in 0bp..10bp" if text.endswith(": s") else "")
    assert dict(found.program.execution.options) == expected
    assert found.codes == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("slipage: 3bp", "L0731"),
        ("leverage: 3", "L0731"),
        ("slippage: 3", "L0732"),
        ("slippage: 80%", "L0732"),
        ("slippage: nothing at all", "L0732"),
        ("slippage: unknown", "L0201"),
        ("slippage: close", "L0214"),
        ("commission: 1 USD", "L0732"),
        ("commission: 0.1% per trade per year", None),
        ("commission: 0.1% per week", "L0733"),
        ("per_order: 5%", "L0732"),
        ("per_order: -1", "L0732"),
        ("tiers: [1, 2]", "L0732"),
        ("tiers: [[5, 0.1%], [0, 0.2%]]", "L0732"),
        ('fees: "nowhere"', "L0733"),
        ("fees: binance.spot", "L0732"),
        ("latency: 5%", "L0732"),
        ("latency: 1.5 bars", "L0732"),
        ("detail: 5", "L0732"),
        ("detail: 1d", "L0401"),
        ("detail: 7m", "L0401"),
        ("limit_fill: maybe", "L0733"),
        ("borrow: 3% per fortnight", "L0733"),
        ("borrow: 3", "L0732"),
        ("size_at: close", "L0733"),
        ("warmup: 5", "L0733"),
        ("max_gap: 1.5", "L0732"),
        ("max_gap: -1", "L0732"),
        ("whole_units: yes", "L0732"),
        ("whole_units: 1", "L0732"),
        ("profile: excel", "L0733"),
        ("fill_on: close", "L0735"),
        ("slippage: 3bp; slippage: 5bp", "L0730"),
        ("latency: 1 bars; latency: 2 bars", "L0730"),
        ("slippage: 3bp per day", "L0732"),
    ],
)
def test_an_option_that_means_nothing_is_an_error(items, text: str, number: str | None) -> None:
    if number is not None:
        assert options(items, text).errors == [number]


def test_a_misspelt_option_gets_a_guess(items) -> None:
    assert options(items, "slipage: 3bp").problem("L0731").help == "did you mean `slippage`?"
    assert "pine" in options(items, "profile: pin").problem("L0733").help
    assert options(items, "slippage: 3").problem("L0732").help == "write `slippage: 3bp`"
    assert options(items, "slippage: 0.001").problem("L0732").help == "write `slippage: 0.1%`"
    assert limit(items, "max_drawdown 0.1").problem("L0727").help == "write `max_drawdown 10%`"
    assert options(items, "commission: 0.1").problem("L0732").help == "write `commission: 0.1%`"
    assert options(items, "commission: 0.001").problem("L0732").help == "write `commission: 0.1%`"
    assert options(items, "fee: 0.1%").problem("L0731").help == "did you mean `commission`?"
    assert "protect { stop 5%" in limit(items, "stop_loss 5%").problem("L0726").help
    assert "instrument" in options(items, "margin: 3").problem("L0731").help


@pytest.mark.parametrize(
    "text",
    [
        "commission: 0.1%; tiers: [[0, 0.1%]]",
        "latency: 1 bars; latency: 2h",
        "limit_fill: touch; limit_through_ticks: 2",
    ],
)
def test_options_that_contradict_each_other_are_pointed_out(items, text: str) -> None:
    assert options(items, text).codes == ["L0734"]


def test_every_option_of_the_engine_has_a_word() -> None:
    words = {"latency_bars": "latency", "latency_s": "latency", "leg_timeout_s": "leg_timeout"}
    for option in dataclasses.fields(Execution):
        if option.name != "is_given":
            assert words.get(option.name, option.name) in OPTIONS
