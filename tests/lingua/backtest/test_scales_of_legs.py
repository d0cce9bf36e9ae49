"""Prices of a data symbol are on the scale of its own day, whatever splits the traded symbol has had."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import lingua
from lingua.data.bars import Action
from lingua.live.replay import open_live, replay

FIRST = datetime(2024, 1, 2, tzinfo=UTC)
OWN = [100.0, 101.0, 102.0, 51.0, 52.0, 53.0, 54.0, 55.0]
OTHER = [200.0, 201.0, 202.0, 203.0, 204.0, 102.5, 103.0, 103.5]
PROGRAM = """
strategy Legs {
  trade AAA @ 1d
  data b = BBB
  let theirs = b.close
  let mine = close
  rule e: bar == 5 bars => buy 10 shares with stop 90% & buy 10 shares on b at limit b.close + 5 with stop 90%
  alert told: bar == 6 bars => "{theirs} {mine}"
}
"""


def frame(closes: list[float]) -> pl.DataFrame:
    days = [(FIRST + timedelta(days=k)).strftime("%Y-%m-%d") for k in range(len(closes))]
    edges = {"open": closes, "high": [c + 1 for c in closes], "low": [c - 1 for c in closes], "close": closes}
    return pl.DataFrame({"date": days, **edges, "volume": [1000.0] * len(closes)})


def split(day: int) -> Action:
    return Action(int((FIRST + timedelta(days=day)).timestamp()) * 10**9, 2.0)


SPLITS = {
    "neither": ([*OTHER[:5], 205.0, 206.0, 207.0], [100.0 + k for k in range(8)], [], []),
    "the traded symbol": ([*OTHER[:5], 205.0, 206.0, 207.0], OWN, [split(3)], []),
    "the data symbol": (OTHER, [100.0 + k for k in range(8)], [], [split(5)]),
    "both": (OTHER, OWN, [split(3)], [split(5)]),
}


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize("who", SPLITS)
def test_a_limit_on_a_leg_is_in_the_prices_of_its_day(who: str, incremental: bool) -> None:
    other, own, own_splits, other_splits = SPLITS[who]
    program = lingua.compile(PROGRAM)
    result = program.backtest(
        {"AAA": frame(own), "BBB": frame(other)}, actions={"AAA": own_splits, "BBB": other_splits},
        incremental=incremental,
    )  # fmt: skip
    # Decided at the close of bar 5; the limit lies 5 above the last price of BBB, so both legs fill at the next open.
    fills = [(fill.symbol, fill.price) for fill in result.ledger.fills if fill.reason == "entry"]
    assert fills == [(0, own[6]), (1, other[6])]
    assert result.series[0]["theirs"].tolist() == other
    assert result.series[0]["mine"].tolist() == own


@pytest.mark.parametrize("incremental", [False, True])
@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("b.close + 5", [other + 5 for other in OTHER]),
        ("max(b.close, 150)", [max(other, 150.0) for other in OTHER]),
        ("(max(close, 150))@b", [max(other, 150.0) for other in OTHER]),
        ("if b.close > 150 then 1 else 0", [float(other > 150) for other in OTHER]),
        ("(if close > 150 then 1 else 0)@b", [float(other > 150) for other in OTHER]),
        ("close / b.close", None),
    ],
)
def test_a_number_beside_a_price_of_a_leg_is_in_the_prices_of_its_day(
    written: str, right: list[float] | None, incremental: bool
) -> None:
    text = PROGRAM.replace("let theirs = b.close", f"let theirs = {written}").replace(
        '  alert told: bar == 6 bars => "{theirs} {mine}"\n', ""
    )
    result = lingua.compile(text).backtest(
        {"AAA": frame(OWN), "BBB": frame(OTHER)},
        actions={"AAA": [split(3)], "BBB": [split(5)]},
        incremental=incremental,
    )
    found = result.series[0]["theirs"]
    if right is not None:
        assert found.tolist() == pytest.approx(right, rel=1e-12)
    else:
        # A ratio of two symbols has one scale throughout: it does not jump when one of them splits.
        assert max(abs(found[1:] / found[:-1] - 1)) < 0.05


@pytest.mark.parametrize("who", SPLITS)
def test_an_alert_tells_prices_of_the_day(who: str) -> None:
    from lingua.data.market import load_market

    other, own, own_splits, other_splits = SPLITS[who]
    program = lingua.compile(PROGRAM)
    market = load_market(
        program.program, {"AAA": frame(own), "BBB": frame(other)},
        actions={"AAA": own_splits, "BBB": other_splits},
    )  # fmt: skip
    told = [alert.message for each in replay(open_live(program, market), market) for alert in each.alerts]
    assert told == [f"{other[6]:.8g} {own[6]:.8g}"]
