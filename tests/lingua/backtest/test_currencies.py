"""Prices in other money: `convert` by the last closed rate, and one currency for one account."""

from dataclasses import replace

import numpy as np
import pytest

import lingua
from lingua.data.errors import DataError


@pytest.fixture
def market(runs):
    """Hourly bars under a name, every close a little on from the last."""

    def make(symbol, price, quote="USD", seed=1):
        steps = np.random.default_rng(seed).normal(0, 0.004, 200)
        bars = runs.make_bars(price * np.exp(np.cumsum(steps)), step=3600 * runs.SECOND, timeframe="1h")
        return replace(bars, symbol=symbol, instrument=replace(bars.instrument, symbol=symbol, quote=quote, kind="fx"))

    return make


def value(text, bars, **more):
    program = f"strategy S {{ {text} rule r: close > open => buy 1 with stop 5% }}"
    compiled = lingua.compile(program)
    assert compiled.ok, compiled.problems
    return compiled.backtest({bars.symbol: bars, **{each.symbol: each for each in more.values()}}).series[0]["a"]


def test_a_price_is_converted_by_the_last_closed_rate_of_the_pair(market):
    stock, rate = market("SAP", 90.0, "EUR"), market("EURUSD", 1.1, seed=2)
    found = value("trade SAP @ 1h data r = EURUSD let a = convert(close, USD)", stock, rate=rate)
    assert (found == stock.close * rate.close).all()
    late = replace(rate, ts=rate.ts + 24 * 3600 * 10**9, open_ts=rate.open_ts + 24 * 3600 * 10**9)
    found = value("trade SAP @ 1h data r = EURUSD let a = convert(close, USD)", stock, rate=late)
    assert np.isnan(found[:24]).all()
    assert (found[24:] == stock.close[24:] * rate.close[:-24]).all()


def test_a_pair_the_other_way_round_divides_and_the_traded_pair_is_a_rate_too(market):
    pair = market("USDJPY", 150.0, "JPY")
    assert (value("trade USDJPY @ 1h let a = convert(high, USD)", pair) == pair.high / pair.close).all()


def test_money_in_its_own_currency_stays_and_coins_of_a_dollar_are_dollars(market):
    coin = market("BTCUSDT", 9000.0, "USDT")
    assert (value("trade BTCUSDT @ 1h let a = convert(close, USD)", coin) == coin.close).all()


@pytest.mark.parametrize(
    ("trade", "call", "mend"),
    [
        ("SAP", "convert(close, USD)", "`data rate = EURUSD`"),
        ("USDJPY", "convert(close, EUR)", "`data rate = EURJPY`"),
        ("BTCUSDT", "convert(close, GBP)", "`data rate = GBPUSDT`"),
        ("SAP", "convert(close, usd)", "`convert(close, USD)`"),
        ("SAP", "convert(volume, USD)", "`convert(close, USD)`"),
    ],
)
def test_what_cannot_be_converted_is_told_with_the_pair_that_is_missing(trade, call, mend):
    problems = lingua.check(f"strategy S {{ trade {trade} @ 1h rule r: {call} > 5 => buy 1 with stop 5% }}")
    assert [mend in problem.help for problem in problems] == [True]


def test_profits_in_different_currencies_are_not_added(market):
    program = lingua.compile("strategy S { trade EURUSD, USDJPY @ 1h rule r: close > open => buy 1 with stop 5% }")
    both = {"EURUSD": market("EURUSD", 1.1), "USDJPY": market("USDJPY", 150.0, "JPY")}
    with pytest.raises(DataError, match="EURUSD in USD and USDJPY in JPY"):
        program.backtest(both)
    leg = lingua.compile(
        "strategy S { trade EURUSD @ 1h data j = USDJPY direction both"
        " rule r: j.close > j.open => buy 1 with stop 5% & short 1 on j with stop 5% }"
    )
    with pytest.raises(DataError, match="different currencies"):
        leg.backtest(both)


def test_a_symbol_that_is_only_read_may_be_in_any_money(market):
    program = lingua.compile(
        "strategy S { trade EURUSD @ 1h data j = USDJPY rule r: j.close > j.open => buy 1 with stop 5% }"
    )
    found = program.backtest({"EURUSD": market("EURUSD", 1.1), "USDJPY": market("USDJPY", 150.0, "JPY")})
    assert not [note for note in found.notes if "kept in" in note]


def test_other_money_than_dollars_is_told(market):
    program = lingua.compile("strategy S { trade USDJPY @ 1h rule r: close > open => buy 1 with stop 5% }")
    assert "the account is kept in JPY" in program.backtest({"USDJPY": market("USDJPY", 150.0, "JPY")}).notes
    mixed = lingua.compile("strategy S { trade BTCUSDT, EURUSD @ 1h rule r: close > open => buy 1 with stop 5% }")
    found = mixed.backtest({"BTCUSDT": market("BTCUSDT", 9000.0, "USDT"), "EURUSD": market("EURUSD", 1.1)})
    assert "USD, USDT count as the same money" in found.notes
