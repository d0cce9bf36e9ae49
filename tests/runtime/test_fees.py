"""A fee in an asset of the venue's own costs what that asset costs there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from decimal import Decimal

from fair import Fair, walk
from rig import LISTING

import lingua
from lingua.artefact import to_json
from lingua_runtime.commands import Quote
from lingua_runtime.fees import Fees
from lingua_runtime.ports import FillReport, NotFound
from lingua_runtime.replaying import replay_journal

TREND = """
strategy Trend {
  trade BTCUSDT @ 1m
  execution { commission: 0.2%; cash_buffer: 2% }
  rule up: ema(close, 5) crosses above ema(close, 12) => buy 20%
  rule down: ema(close, 5) < ema(close, 12) => sell
}
"""


def fill(fee: float, asset: str, trade: str = "1") -> FillReport:
    return FillReport(trade, "1", "d-1", "BTCUSDT", 1, 2.0, 100.0, 0, fee, asset)


def test_a_fee_is_in_the_quote_the_base_or_has_to_be_priced() -> None:
    fees = Fees({"BTCUSDT": LISTING}, 0.002)
    assert fees.fee(fill(0.5, "USDT")) == 0.5
    assert fees.fee(fill(0.01, "BTC")) == 1.0
    assert fees.wanted(fill(0.01, "BTC"), 0) == []
    assert fees.wanted(fill(0.001, "BNB"), 0) == [Quote("BNB", "USDT")]
    assert fees.wanted(fill(0.001, "BNB"), 59 * 10**9) == [], "it was asked for a moment ago"
    assert fees.wanted(fill(0.001, "BNB"), 61 * 10**9) == [Quote("BNB", "USDT")]
    assert fees.told("BNB", "USDT", 600.0, 0) == []
    assert fees.fee(fill(0.001, "BNB")) == pytest.approx(0.6)
    assert fees.corrections() == []


def test_without_a_price_the_programs_commission_stands_in_until_there_is_one() -> None:
    fees = Fees({"BTCUSDT": LISTING}, 0.002)
    (alarm,) = fees.told("BNB", "USDT", float("nan"), 0)
    assert "0.200%" in alarm.text
    assert fees.told("BNB", "USDT", float("nan"), 1) == [], "said once"
    assert fees.fee(fill(0.001, "BNB")) == pytest.approx(0.4)
    assert fees.unanswered() == [Quote("BNB", "USDT")]
    fees.told("BNB", "USDT", 600.0, 2)
    ((symbol, money),) = fees.corrections()
    assert symbol == "BTCUSDT"
    assert money == pytest.approx(0.6 - 0.4)
    assert fees.corrections() == []


@pytest.mark.parametrize("knows_price", [True, False, None])
def test_equity_counts_it_and_a_replay_gives_the_same_money(knows_price: bool | None, tmp_path: Path) -> None:
    """None: the price is known only later."""

    async def main() -> None:
        world = Fair({"BTCUSDT": walk(3, 300)}, tmp_path)
        world.exchange.fee_asset = "BNB"
        world.exchange.deposit("me", "BNB", Decimal(100))
        world.exchange.prices["BNBUSDT"] = Decimal(600)
        world.knows = bool(knows_price)  # type: ignore[attr-defined]
        price = world.price

        async def told(symbol: str) -> float:
            if symbol == "BNBUSDT" and world.knows:  # type: ignore[attr-defined]
                return 600.0
            if symbol not in world.prices:
                raise NotFound("no such symbol")
            return await price(symbol)

        world.price = told  # type: ignore[method-assign]
        await world.run(60)
        node = await world.start()
        host = await world.deploy(artefact(), "t")
        await world.run(100)
        if knows_price is None:
            world.knows = True  # type: ignore[attr-defined]
            await world.run(100)
        assert world.exchange.trades
        await world.wait(5)
        await world.run(2)
        assert host.given is not None
        paid = sum(float(t.fee) * 600.0 for t in world.exchange.trades)
        worth = sum(float(t.quantity * t.price) for t in world.exchange.trades)
        booked = host.deployment.live.run.book.cost_commission
        wanted = 0.002 * worth if knows_price is False else paid
        assert all(t.fee_asset == "BNB" for t in world.exchange.trades)
        assert booked == pytest.approx(wanted, rel=1e-6)
        warned = [each for each in world.alarms() if "warning fee" in each]
        assert len(warned) == (0 if knows_price else 1)
        assert node.fills("t")[0].fee_asset == "BNB"
        await world.end()

    asyncio.run(main())
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""]


def artefact() -> str:
    compiled = lingua.compile(TREND)
    assert compiled.ok, compiled.problems
    return to_json(compiled)


def test_nothing_else_is_asked_for(tmp_path: Path) -> None:
    """Fees in the base cost no request."""

    async def main() -> None:
        world = Fair({"BTCUSDT": walk(3, 200)}, tmp_path)
        asked: list[Any] = []
        price = world.price

        async def told(symbol: str) -> float:
            asked.append(symbol)
            return await price(symbol)

        world.price = told  # type: ignore[method-assign]
        await world.run(60)
        await world.start()
        await world.deploy(artefact(), "t")
        await world.run(60)
        assert world.exchange.trades
        assert asked == []
        await world.end()

    asyncio.run(main())
