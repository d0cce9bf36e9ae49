"""What every adapter does, case by case.

B01-B29 orders, B30-B39 money, B40-B49 the stream of an account, B50-B69 the market, B70-B89 when things go wrong.
What an adapter cannot do stands in GAPS with the reason, and then has to fail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from rigs import PRICE, SYMBOL, Rig, rig
from venues import MINUTE

from lingua_runtime.ports import (
    BarEvent,
    NotDone,
    NotFound,
    OutcomeUnknown,
    PriceEvent,
    Refused,
    VenueError,
)
from lingua_runtime.states import State

ADAPTERS = ("simulated", "binance", "ccxt")
Case = Callable[[Rig], Awaitable[None]]
CASES: dict[str, tuple[Case, dict[str, Any]]] = {}
SERVED = ("B5", "B6", "B7", "B8")
"""Cases that need a connection or a market: the exchange in this program has neither."""
NEEDS_MARKET = "the exchange in this program has no market data of its own: bars come from `replay`"
NEEDS_WIRE = "the exchange in this program has no connection that could break"
OPTIONS = {
    "simulated": (),
    "binance": ("timeout_s", "heartbeat_s", "quiet_s", "feed", "trade_wait_s"),
    "ccxt": ("timeout_s",),
}
GAPS: dict[tuple[str, str], str] = {
    **{("ccxt", number): "ccxt has no brackets that all exchanges know" for number in ("B17", "B18", "B19", "B43")},
    ("ccxt", "B33"): "ccxt pages through the past by time: fills since the beginning are the newest page",
    ("ccxt", "B53"): "ccxt gives the bars that the exchange has",
    ("ccxt", "B81"): "ccxt reads the stream itself, and leaves out some of what makes no sense without a word",
    ("ccxt", "B83"): "ccxt takes an answer without a list for an empty list",
    ("ccxt", "B85"): "ccxt notices a dead stream after minutes",
    ("simulated", "B44"): "one process, one stream: there is nobody else to trade",
}


def case(**options: Any) -> Callable[[Case], Case]:
    def declare(work: Case) -> Case:
        number = work.__name__[:3].upper()
        assert number not in CASES, f"{number} is there twice"
        CASES[number] = (work, options)
        return work

    return declare


def params() -> list[Any]:
    found = []
    for number, (work, _) in sorted(CASES.items()):
        for adapter in ADAPTERS:
            marks = []
            if adapter == "simulated" and number[:2] in SERVED:
                reason = NEEDS_MARKET if number < "B70" else NEEDS_WIRE
                marks.append(pytest.mark.skip(reason=reason))
            elif (adapter, number) in GAPS:
                marks.append(pytest.mark.xfail(strict=True, reason=GAPS[adapter, number]))
            found.append(pytest.param(adapter, number, id=f"{number}-{work.__name__[4:]}-{adapter}", marks=marks))
    return found


# --- orders ----------------------------------------------------------------------------------------------


@case()
async def b01_a_market_order_fills_at_once(rig: Rig) -> None:
    (report,) = await rig.place(rig.request())
    assert (report.client_id, report.side, report.kind, report.symbol) == ("case-1", 1, "market", SYMBOL)
    looked = await rig.account.order(SYMBOL, "case-1")
    assert (looked.state, looked.filled, looked.quantity, looked.venue_id) == (
        State.FILLED,
        0.01,
        0.01,
        report.venue_id,
    )


@case()
async def b02_a_limit_order_rests_and_fills_at_its_price(rig: Rig) -> None:
    (report,) = await rig.place(rig.request("limit", limit=39_000.0))
    assert (report.state, report.filled, report.limit) == (State.ACCEPTED, 0.0, 39_000.0)
    await rig.move(38_999)
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.FILLED
    (fill,) = await rig.account.fills(SYMBOL, 0)
    assert (fill.price, fill.quantity, fill.side, fill.client_id, fill.is_maker) == (39_000.0, 0.01, 1, "case-1", True)


@case()
async def b03_a_stop_waits_and_becomes_a_market_order(rig: Rig) -> None:
    (report,) = await rig.place(rig.request("stop", -1, stop=39_000.0))
    assert (report.state, report.kind, report.stop) == (State.ACCEPTED, "stop", 39_000.0)
    await rig.move(39_000.01)
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.ACCEPTED
    await rig.move(38_990)
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.FILLED
    (fill,) = await rig.account.fills(SYMBOL, 0)
    assert (fill.side, fill.price) == (-1, 38_990.0)


@case()
async def b04_a_stop_limit_rests_at_its_limit_once_triggered(rig: Rig) -> None:
    (report,) = await rig.place(rig.request("stop_limit", -1, stop=39_000.0, limit=38_950.0))
    assert (report.kind, report.stop, report.limit) == ("stop_limit", 39_000.0, 38_950.0)
    await rig.move(38_900)
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.ACCEPTED
    await rig.move(38_960)
    looked = await rig.account.order(SYMBOL, "case-1")
    assert looked.state is State.FILLED


@case()
async def b05_a_buying_stop_waits_above_the_price(rig: Rig) -> None:
    await rig.place(rig.request("stop", 1, stop=41_000.0))
    await rig.move(40_999)
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.ACCEPTED
    await rig.move(41_001)
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.FILLED


@case()
async def b06_a_working_order_is_withdrawn(rig: Rig) -> None:
    await rig.place(rig.request("limit", limit=39_000.0))
    report = await rig.cancel("case-1")
    assert (report.client_id, report.state, report.filled) == ("case-1", State.CANCELED, 0.0)
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.CANCELED
    assert await rig.account.open_orders(SYMBOL) == []


@case()
async def b07_a_filled_order_cannot_be_withdrawn(rig: Rig) -> None:
    await rig.place(rig.request())
    with pytest.raises((Refused, NotFound)):
        await rig.cancel("case-1")
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.FILLED


@case()
async def b08_nobody_knows_an_order_that_was_never_sent(rig: Rig) -> None:
    with pytest.raises(NotFound):
        await rig.account.order(SYMBOL, "never")
    with pytest.raises((Refused, NotFound)):
        await rig.cancel("never")


@case()
async def b09_open_orders_are_those_that_work(rig: Rig) -> None:
    await rig.place(rig.request("limit", limit=39_000.0))
    await rig.place(rig.request("limit", limit=38_000.0))
    await rig.place(rig.request())
    await rig.cancel("case-1")
    (report,) = await rig.account.open_orders(SYMBOL)
    assert (report.client_id, report.limit, report.side, report.quantity) == ("case-2", 38_000.0, 1, 0.01)


@case()
async def b10_an_order_below_the_minimum_is_refused(rig: Rig) -> None:
    with pytest.raises(Refused):
        await rig.place(rig.request("limit", quantity=0.0001, limit=39_000.0))
    assert rig.at_venue("case-1") is None


@case()
async def b11_an_order_that_cannot_be_paid_is_refused(rig: Rig) -> None:
    with pytest.raises(Refused):
        await rig.place(rig.request("limit", quantity=50.0, limit=39_000.0))
    assert rig.at_venue("case-1") is None


@case()
async def b12_what_is_not_held_cannot_be_sold(rig: Rig) -> None:
    with pytest.raises(Refused):
        await rig.place(rig.request("market", -1, 1.5))
    assert rig.at_venue("case-1") is None


@case()
async def b13_a_stop_on_the_wrong_side_of_the_price_is_refused(rig: Rig) -> None:
    with pytest.raises(Refused):
        await rig.place(rig.request("stop", -1, stop=41_000.0))
    assert rig.at_venue("case-1") is None


@case()
async def b14_an_order_that_may_only_make_does_not_take(rig: Rig) -> None:
    if rig.name == "simulated":
        pytest.skip("every limit order may take there")
    with pytest.raises(Refused):
        await rig.place(rig.request("limit", limit=41_000.0, post_only=True))
    (report,) = await rig.place(rig.request("limit", limit=39_000.0, post_only=True))
    assert (report.kind, report.state) == ("limit", State.ACCEPTED)


@case()
async def b15_an_id_that_works_already_leads_to_one_order(rig: Rig) -> None:
    (first,) = await rig.place(rig.request("limit", limit=39_000.0, client_id="same"))
    try:
        (again,) = await rig.place(rig.request("limit", limit=39_000.0, client_id="same"))
    except Refused:
        pass
    else:
        assert again.venue_id == first.venue_id
    assert len(await rig.account.open_orders(SYMBOL)) == 1


@case()
async def b16_an_iceberg_shows_a_part(rig: Rig) -> None:
    assert rig.account.capabilities.has_icebergs, "such a strategy is not deployed there"
    await rig.place(rig.request("limit", quantity=0.1, limit=39_000.0, show=0.02))
    assert float(rig.at_venue("case-1").show) == 0.02


@case()
async def b17_a_bracket_is_two_orders_of_which_one_fills(rig: Rig) -> None:
    assert rig.account.capabilities.has_brackets
    reports = await rig.place(
        rig.request("limit", -1, limit=41_000.0, bracket="b"), rig.request("stop", -1, stop=39_000.0, bracket="b")
    )
    assert [(r.client_id, r.state, r.kind) for r in reports] == [
        ("case-1", State.ACCEPTED, "limit"), ("case-2", State.ACCEPTED, "stop"),
    ]  # fmt: skip
    await rig.move(38_990)
    assert (await rig.account.order(SYMBOL, "case-2")).state is State.FILLED
    assert (await rig.account.order(SYMBOL, "case-1")).state in (State.EXPIRED, State.CANCELED)
    assert len(await rig.account.fills(SYMBOL, 0)) == 1


@case()
async def b18_a_bracket_is_withdrawn_as_one(rig: Rig) -> None:
    assert rig.account.capabilities.has_brackets
    await rig.place(
        rig.request("limit", -1, limit=41_000.0, bracket="b"),
        rig.request("stop_limit", -1, stop=39_000.0, limit=38_900.0, bracket="b"),
    )
    report = await rig.cancel("case-2")
    assert (report.client_id, report.state) == ("case-2", State.CANCELED)
    assert await rig.account.open_orders(SYMBOL) == []


@case()
async def b19_a_buying_bracket_has_its_stop_above(rig: Rig) -> None:
    assert rig.account.capabilities.has_brackets
    await rig.place(
        rig.request("stop", 1, stop=41_000.0, bracket="b"), rig.request("limit", 1, limit=39_000.0, bracket="b")
    )
    await rig.move(38_999)
    assert (await rig.account.order(SYMBOL, "case-2")).state is State.FILLED
    assert (await rig.account.order(SYMBOL, "case-1")).state in (State.EXPIRED, State.CANCELED)


@case()
async def b20_an_order_that_fills_in_parts_says_how_far(rig: Rig) -> None:
    from decimal import Decimal

    rig.exchange.share = Decimal("0.25")
    await rig.place(rig.request("limit", quantity=0.1, limit=39_000.0))
    await rig.move(38_999)
    report = await rig.account.order(SYMBOL, "case-1")
    assert (report.state, report.filled, report.quantity) == (State.PARTIALLY_FILLED, 0.025, 0.1)
    canceled = await rig.cancel("case-1")
    assert (canceled.state, canceled.filled) == (State.CANCELED, 0.025)


@case()
async def b21_numbers_leave_with_exactly_their_digits(rig: Rig) -> None:
    await rig.place(rig.request("limit", quantity=0.1 + 0.2, limit=10_000.1 * 3))
    order = rig.at_venue("case-1")
    assert (str(order.quantity), str(order.limit)) in (("0.3", "30000.3"), ("0.30000", "30000.30"))


# --- fills and money -------------------------------------------------------------------------------------


@case()
async def b30_fills_tell_price_fee_and_whose_order_it_was(rig: Rig) -> None:
    await rig.place(rig.request(quantity=0.02))
    await rig.place(rig.request("market", -1, 0.01))
    bought, sold = await rig.account.fills(SYMBOL, 0)
    assert (bought.client_id, bought.side, bought.quantity, bought.price) == ("case-1", 1, 0.02, PRICE)
    assert (bought.fee, bought.fee_asset, bought.is_maker) == (pytest.approx(0.00002), "BTC", False)
    assert (sold.client_id, sold.side, sold.fee_asset) == ("case-2", -1, "USDT")
    assert sold.fee == pytest.approx(0.4)
    assert bought.trade_id != sold.trade_id


@case()
async def b31_fills_since_a_time_are_the_later_ones(rig: Rig) -> None:
    await rig.place(rig.request())
    (first,) = await rig.account.fills(SYMBOL, 0)
    if rig.server is not None:
        await rig.advance(10)
    else:
        rig.exchange.now += 10_000
    await rig.place(rig.request())
    later = await rig.account.fills(SYMBOL, first.ts + 1)
    assert [fill.client_id for fill in later] == ["case-2"]


@case()
async def b32_balances_tell_free_and_locked(rig: Rig) -> None:
    await rig.place(rig.request("limit", quantity=0.1, limit=39_000.0))
    found = {each.asset: each for each in await rig.account.balances()}
    assert (found["USDT"].free, found["USDT"].locked) == (96_100.0, 3_900.0)
    assert (found["BTC"].free, found["BTC"].locked) == (1.0, 0.0)


@case()
async def b33_more_fills_than_a_page_are_all_told(rig: Rig) -> None:
    from lingua_adapters.simulator.matching import Order

    for k in range(1_100):
        rig.exchange.place(Order(0, "me", f"old-{k}", SYMBOL, True, "market", rig.exchange.markets[SYMBOL].lot * 20))
    fills = await rig.account.fills(SYMBOL, 0)
    assert len(fills) == len({fill.trade_id for fill in fills}) == 1_100
    assert [fill.client_id for fill in fills[:2]] == ["old-0", "old-1"]


# --- the account's stream --------------------------------------------------------------------------------


@case()
async def b40_the_stream_tells_acceptance_and_fill(rig: Rig) -> None:
    heard = await rig.listen()
    await rig.place(rig.request("limit", limit=39_000.0))
    await rig.move(38_999)
    await heard.until(lambda: heard.fills("case-1"), "the fill")
    states = [report.state for report in heard.reports("case-1")]
    assert states[0] is State.ACCEPTED
    assert State.FILLED in states
    (fill,) = heard.fills("case-1")
    assert (fill.quantity, fill.price, fill.side, fill.fee_asset) == (0.01, 39_000.0, 1, "BTC")
    (looked,) = await rig.account.fills(SYMBOL, 0)
    assert looked.trade_id == fill.trade_id, "one fill has one name, whoever tells it"
    await heard.stop()


@case()
async def b41_the_stream_tells_a_withdrawal_under_the_orders_own_id(rig: Rig) -> None:
    heard = await rig.listen()
    await rig.place(rig.request("limit", limit=39_000.0))
    await rig.cancel("case-1")
    await heard.until(lambda: any(r.state is State.CANCELED for r in heard.reports("case-1")), "the withdrawal")
    await heard.stop()


@case()
async def b42_the_stream_tells_each_part_of_a_fill(rig: Rig) -> None:
    from decimal import Decimal

    heard = await rig.listen()
    rig.exchange.share = Decimal("0.5")
    await rig.place(rig.request("limit", quantity=0.1, limit=39_000.0))
    await rig.move(38_999)
    await rig.move(38_998)
    await heard.until(lambda: len(heard.fills("case-1")) >= 2, "two parts")
    assert [fill.quantity for fill in heard.fills("case-1")[:2]] == [0.05, 0.025]
    await heard.stop()


@case()
async def b43_a_stop_of_a_bracket_tells_the_end_of_both(rig: Rig) -> None:
    assert rig.account.capabilities.has_brackets
    heard = await rig.listen()
    await rig.place(
        rig.request("limit", -1, limit=41_000.0, bracket="b"), rig.request("stop", -1, stop=39_000.0, bracket="b")
    )
    await rig.move(38_990)
    await heard.until(lambda: heard.fills("case-2"), "the stop")
    ends = (State.EXPIRED, State.CANCELED)
    await heard.until(lambda: any(r.state in ends for r in heard.reports("case-1")), "the end of the other")
    await heard.stop()


@case()
async def b44_orders_of_other_accounts_are_not_told(rig: Rig) -> None:
    from decimal import Decimal

    from lingua_adapters.simulator.matching import Order

    assert rig.server is not None
    heard = await rig.listen()
    rig.exchange.place(Order(0, "other", "theirs", SYMBOL, True, "market", Decimal("0.01")))
    await rig.place(rig.request())
    await heard.until(lambda: heard.fills("case-1"), "one's own fill")
    assert not heard.reports("theirs")
    assert [fill.client_id for fill in await rig.account.fills(SYMBOL, 0)] == ["case-1"]
    await heard.stop()


# --- the market ------------------------------------------------------------------------------------------


@case()
async def b50_an_instrument_has_the_venues_terms(rig: Rig) -> None:
    assert rig.market is not None
    listing = await rig.market.listing(SYMBOL)
    terms = listing.instrument
    assert (terms.symbol, terms.tick, terms.lot, terms.min_quantity, terms.min_notional) == (
        SYMBOL, 0.01, 0.00001, 0.00001, 5.0,
    )  # fmt: skip
    assert (listing.base, listing.quote, terms.quote, listing.is_open) == ("BTC", "USDT", "USDT", True)
    assert not terms.is_assumed
    with pytest.raises(NotFound):
        await rig.market.listing("NOPEUSDT")


@case()
async def b51_past_bars_are_those_of_the_recording_bit_for_bit(rig: Rig) -> None:
    assert rig.market is not None
    kept = rig.stage.recordings[SYMBOL].bars
    found = await rig.market.bars(SYMBOL, "1m", int(kept.ts[9]), int(kept.ts[199]))
    assert found.ts.tolist() == kept.ts[10:200].tolist()
    for name in ("open_ts", "open", "high", "low", "close", "volume"):
        assert getattr(found, name).tolist() == getattr(kept, name)[10:200].tolist(), name


@case()
async def b52_a_bar_that_still_runs_is_not_among_past_bars(rig: Rig) -> None:
    assert rig.market is not None
    await rig.advance(90)
    kept = rig.stage.recordings[SYMBOL].bars
    found = await rig.market.bars(SYMBOL, "1m", int(kept.ts[290]), 2**62)
    assert found.ts.tolist() == kept.ts[291:301].tolist()


@case()
async def b53_bars_that_the_venue_does_not_have_are_made_by_our_rules(rig: Rig) -> None:
    from lingua.data.resample import resample
    from lingua.data.timeframe import Timeframe

    assert rig.market is not None
    kept = rig.stage.recordings[SYMBOL].bars
    found = await rig.market.bars(SYMBOL, "10m", 0, int(kept.ts[299]))
    # Sums of floats depend on how they are put together: from the longest bars that the venue has.
    expected = resample(resample(kept, Timeframe.parse("5m")), Timeframe.parse("10m"))
    assert found.ts.tolist() == expected.ts[:30].tolist()
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(found, name).tolist() == getattr(expected, name)[:30].tolist(), name


@case()
async def b54_bars_are_told_as_they_close(rig: Rig) -> None:
    from rigs import Heard

    assert rig.market is not None
    heard = Heard()
    heard.follow(rig.market.subscribe([(SYMBOL, "1m"), (SYMBOL, "5m")]))
    await heard.until(lambda: heard.ups, "the stream of the market")
    for _ in range(20):
        await rig.advance(30)
        await asyncio.sleep(0.01)
    kept = rig.stage.recordings[SYMBOL].bars
    await heard.until(lambda: len(heard.of(BarEvent)) >= 12, "ten bars of a minute, and two of five")
    minutes = [event for event in heard.of(BarEvent) if event.timeframe == "1m"]
    assert [event.bar.ts for event in minutes] == kept.ts[300:310].tolist()
    assert [event.bar.close for event in minutes] == kept.close[300:310].tolist()
    assert [event.bar.volume for event in minutes] == kept.volume[300:310].tolist()
    fives = [event for event in heard.of(BarEvent) if event.timeframe == "5m"]
    assert [event.bar.ts for event in fives] == [int(kept.ts[304]), int(kept.ts[309])]
    assert fives[0].bar.high == max(kept.high[300:305])
    assert all(isinstance(event.symbol, str) for event in heard.of(PriceEvent))
    await heard.stop()


@case()
async def b55_the_last_price_and_the_venues_time(rig: Rig) -> None:
    assert rig.market is not None
    assert await rig.market.price(SYMBOL) == PRICE
    assert abs(await rig.market.now() - rig.stage.now() * 1_000_000) <= MINUTE
    with pytest.raises(VenueError):
        await rig.market.price("NOPEUSDT")


@case()
async def b56_a_symbol_may_be_written_as_people_write_it(rig: Rig) -> None:
    assert rig.market is not None
    listing = await rig.market.listing("BTC/USDT")
    assert listing.instrument.symbol == "BTC/USDT"
    kept = rig.stage.recordings[SYMBOL].bars
    found = await rig.market.bars("BTC/USDT", "1m", int(kept.ts[0]), int(kept.ts[5]))
    assert found.symbol == "BTC/USDT"
    assert len(found) == 5


@case(feed="trades", trade_wait_s=0.0)
async def b57_bars_made_of_trades_are_those_of_the_exchange_bit_for_bit(rig: Rig) -> None:
    from rigs import Heard

    assert rig.market is not None
    heard = Heard()
    heard.follow(rig.market.subscribe([(SYMBOL, "1m"), (SYMBOL, "5m")]))
    await heard.until(lambda: heard.ups, "the stream of the market")
    for _ in range(22):
        await rig.advance(30)
        await asyncio.sleep(0.01)
    await heard.until(lambda: len(heard.of(BarEvent)) >= 12, "ten bars of a minute, and two of five")
    assert_bars(rig, [event for event in heard.of(BarEvent) if event.timeframe == "1m"][:10])
    if rig.name == "binance":
        repaired = [event.is_repaired for event in heard.of(BarEvent) if event.timeframe == "1m"]
        assert sum(repaired) <= 1, "none but the first, whose beginning nobody saw"
        prices = [event.price for event in heard.of(PriceEvent)]
        assert prices
    await heard.stop()


def assert_bars(rig: Rig, events: list[BarEvent]) -> None:
    """Those of the recording from number 300 on."""
    kept = rig.stage.recordings[SYMBOL].bars
    until = 300 + len(events)
    assert [event.bar.ts for event in events] == kept.ts[300:until].tolist()
    for name in ("open", "high", "low", "close", "volume"):
        assert [getattr(event.bar, name) for event in events] == getattr(kept, name)[300:until].tolist(), name


@pytest.mark.parametrize(
    "fault",
    [{"do": "drop", "chance": 0.2}, {"do": "duplicate", "chance": 0.5}, {"do": "swap", "chance": 0.3}],
    ids=["lost", "doubled", "out of order"],
)
def test_trades_that_come_badly_make_the_same_bars(fault: dict[str, Any]) -> None:
    """B63 of the adapter that makes bars of trades: what is missing is fetched before a bar is told."""

    async def run() -> None:
        async with rig("binance", feed="trades", trade_wait_s=1.0) as made:
            from rigs import Heard

            assert made.market is not None
            heard = Heard()
            heard.follow(made.market.subscribe([(SYMBOL, "1m")]))
            await heard.until(lambda: heard.ups, "the stream of the market")
            await made.faults({"on": "stream *trade*", "times": 0, **fault})
            for _ in range(24):
                await made.advance(30)
                await asyncio.sleep(0.02)
            await heard.until(lambda: len(heard.of(BarEvent)) >= 10, "ten bars")
            assert_bars(made, heard.of(BarEvent)[:10])
            await heard.stop()

    asyncio.run(asyncio.wait_for(run(), 100))


@case(feed="trades", trade_wait_s=0.0, heartbeat_s=0.4)
async def b62_a_stream_of_trades_that_breaks_leaves_no_bar_out(rig: Rig) -> None:
    from rigs import Heard

    assert rig.market is not None
    heard = Heard()
    heard.follow(rig.market.subscribe([(SYMBOL, "1m")]))
    await heard.until(lambda: heard.ups, "the stream of the market")
    for k, fault in enumerate(("close", "half_open")):
        await rig.advance(60)
        await rig.faults({"on": "sockets", "do": fault, "path": "/ws*"})
        await rig.advance(120)
        await heard.until(lambda k=k: len(heard.of(BarEvent)) >= 3 * (k + 1) - 1, f"the bars around {fault}")
    await rig.advance(61)
    await heard.until(lambda: len(heard.of(BarEvent)) >= 6, "the bars after it")
    assert_bars(rig, heard.of(BarEvent)[:6])
    await heard.stop()


@case(quiet_s=0.2)
async def b60_bars_that_the_stream_lost_are_repaired(rig: Rig) -> None:
    """Whatever of minute bars is dropped on the way: they come in order, none twice, none missing."""
    from rigs import Heard

    assert rig.market is not None
    heard = Heard()
    heard.follow(rig.market.subscribe([(SYMBOL, "1m")]))
    await heard.until(lambda: heard.ups, "the stream of the market")
    await rig.faults({"on": "stream *kline*", "do": "drop", "times": 0, "chance": 0.6})
    for _ in range(20):
        await rig.advance(30)
        await asyncio.sleep(0.01)
    kept = rig.stage.recordings[SYMBOL].bars
    await heard.until(lambda: len(heard.of(BarEvent)) >= 10, "ten bars")
    assert [event.bar.ts for event in heard.of(BarEvent)] == kept.ts[300:310].tolist()
    assert [event.bar.low for event in heard.of(BarEvent)] == kept.low[300:310].tolist()
    await heard.stop()


@case(heartbeat_s=0.4)
async def b61_a_stream_that_breaks_is_opened_again_and_nothing_is_missing(rig: Rig) -> None:
    from rigs import Heard

    assert rig.market is not None
    heard = Heard()
    heard.follow(rig.market.subscribe([(SYMBOL, "1m")]))
    await heard.until(lambda: heard.ups, "the stream of the market")
    for k, fault in enumerate(("close", "shutdown", "half_open")):
        await rig.advance(60)
        await rig.faults({"on": "sockets", "do": fault, "path": "/ws*"})
        await rig.advance(120)
        await heard.until(lambda k=k: len(heard.of(BarEvent)) >= 3 * (k + 1), f"the bars around {fault}")
    kept = rig.stage.recordings[SYMBOL].bars
    assert [event.bar.ts for event in heard.of(BarEvent)] == kept.ts[300:309].tolist()
    await heard.stop()


# --- when things go wrong --------------------------------------------------------------------------------


@case()
async def b70_a_refusal_for_the_rate_says_when_to_come_again_and_nothing_was_done(rig: Rig) -> None:
    await rig.faults({"on": "POST /api/v3/order", "do": "status", "status": 429, "retry_after": 1})
    with pytest.raises(NotDone) as caught:
        await rig.place(rig.request("limit", limit=39_000.0))
    assert rig.at_venue("case-1") is None
    assert caught.value.wait_s >= (1.0 if rig.name == "binance" else 0.0)


@case()
async def b71_an_error_of_the_server_leaves_the_outcome_unknown(rig: Rig) -> None:
    for status, when in ((503, "before"), (504, "after"), (500, "after"), (502, "before")):
        request = rig.request("limit", limit=39_000.0)
        await rig.faults({"on": "POST /api/v3/order", "do": "status", "status": status, "when": when})
        with pytest.raises(OutcomeUnknown):
            await rig.place(request)
        assert (rig.at_venue(request.client_id) is not None) == (when == "after")
        if when == "after":
            assert (await rig.account.order(SYMBOL, request.client_id)).state is State.ACCEPTED
        else:
            with pytest.raises(NotFound):
                await rig.account.order(SYMBOL, request.client_id)


@case()
async def b72_a_broken_connection_leaves_the_outcome_unknown(rig: Rig) -> None:
    for when in ("before", "after"):
        request = rig.request("limit", limit=39_000.0)
        await rig.faults({"on": "POST /api/v3/order", "do": "reset", "when": when})
        with pytest.raises(OutcomeUnknown):
            await rig.place(request)
        assert (rig.at_venue(request.client_id) is not None) == (when == "after")


@case(timeout_s=0.5)
async def b73_no_answer_in_time_leaves_the_outcome_unknown(rig: Rig) -> None:
    await rig.faults({"on": "POST /api/v3/order", "do": "hang", "when": "after"})
    with pytest.raises(OutcomeUnknown):
        await rig.place(rig.request("limit", limit=39_000.0))
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.ACCEPTED


@case()
async def b74_an_order_is_sent_once(rig: Rig) -> None:
    """Whatever is answered: not once more by itself, neither an order nor a withdrawal."""
    assert rig.server is not None
    await rig.place(rig.request("limit", limit=39_000.0))
    for do in ({"do": "status", "status": 503}, {"do": "reset"}, {"do": "status", "status": 504, "when": "after"}):
        for route in ("POST /api/v3/order", "DELETE /api/v3/order"):
            await rig.faults({"on": route, **do, "times": 0})
            before = rig.server.requests
            sent = rig.place(rig.request("limit", limit=38_000.0)) if route[0] == "P" else rig.cancel("case-1")
            with pytest.raises(VenueError):
                await sent
            assert rig.server.requests - before == 1, (do, route)
            await rig.no_faults()


@case()
async def b75_no_connection_at_all_means_nothing_was_done(rig: Rig) -> None:
    assert rig.server is not None
    await rig.place(rig.request("limit", limit=39_000.0))
    await rig.server.stop()
    with pytest.raises((NotDone, OutcomeUnknown)):  # a kept connection breaks first
        await rig.place(rig.request("limit", limit=38_000.0))
    with pytest.raises(NotDone):
        await rig.place(rig.request("limit", limit=38_000.0))


@case()
async def b76_an_answer_that_makes_no_sense_leaves_the_outcome_unknown(rig: Rig) -> None:
    for text in ("", "<html>", "[]", "{}", '{"orderId": "x"}', '{"symbol":"ETHUSDT","orderId":1,"clientOrderId":"q"}'):
        request = rig.request("limit", limit=39_000.0)
        await rig.faults({"on": "POST /api/v3/order", "do": "garbage", "when": "after", "text": text})
        with pytest.raises(OutcomeUnknown):
            await rig.place(request)
        assert (await rig.account.order(SYMBOL, request.client_id)).state is State.ACCEPTED, text


@case()
async def b77_a_withdrawal_that_is_refused_leaves_the_order_working(rig: Rig) -> None:
    await rig.place(rig.request("limit", limit=39_000.0))
    await rig.faults({"on": "DELETE /api/v3/order", "do": "reject", "code": -2011, "text": "Unknown order sent."})
    with pytest.raises((Refused, NotFound)):
        await rig.cancel("case-1")
    assert (await rig.account.order(SYMBOL, "case-1")).state is State.ACCEPTED


@case()
async def b78_a_wrong_key_is_refused_and_not_shown(rig: Rig) -> None:
    from venues import KEY, SECRET

    for code in (-2014, -2015, -1022):
        await rig.faults(
            {"on": "POST /api/v3/order", "do": "reject", "code": code, "text": f"no key {KEY} with {SECRET}"}
        )
        with pytest.raises(Refused) as caught:
            await rig.place(rig.request("limit", limit=39_000.0))
        shown = f"{caught.value} {caught.value!r} {caught.value.why} {caught.value.args} {rig.account!r}"
        assert SECRET not in shown
        assert KEY not in shown


@case(heartbeat_s=0.4)
async def b79_the_accounts_stream_is_opened_again_and_says_so(rig: Rig) -> None:
    heard = await rig.listen()
    for k, fault in enumerate(("close", "shutdown")):
        ups = heard.ups
        await rig.faults({"on": "sockets", "do": fault, "path": "/ws-api*"})
        await rig.place(rig.request(client_id=f"lost-{k}"))
        await heard.until(lambda ups=ups: heard.ups > ups, f"the stream again after {fault}")
        assert heard.downs
        await rig.place(rig.request(client_id=f"then-{k}"))
        await heard.until(lambda k=k: heard.fills(f"then-{k}"), "what happens after")
        await rig.no_faults()
    assert {fill.client_id for fill in await rig.account.fills(SYMBOL, 0)} >= {"lost-0", "lost-1"}
    await heard.stop()


@case(heartbeat_s=0.4)
async def b85_a_stream_that_says_nothing_any_more_is_opened_again(rig: Rig) -> None:
    heard = await rig.listen()
    ups = heard.ups
    await rig.faults({"on": "sockets", "do": "half_open", "path": "/ws-api*"})
    await rig.place(rig.request(client_id="lost"))
    await heard.until(lambda: heard.ups > ups, "the stream again")
    await rig.place(rig.request(client_id="then"))
    await heard.until(lambda: heard.fills("then"), "what happens after")
    assert {fill.client_id for fill in await rig.account.fills(SYMBOL, 0)} == {"lost", "then"}
    await heard.stop()


@case()
async def b80_a_fill_told_twice_has_one_name(rig: Rig) -> None:
    heard = await rig.listen()
    await rig.faults({"on": "user executionReport", "do": "duplicate", "times": 0})
    await rig.place(rig.request())
    await heard.until(lambda: heard.fills("case-1"), "the fill")
    assert len({fill.trade_id for fill in heard.fills("case-1")}) == 1
    assert len(await rig.account.fills(SYMBOL, 0)) == 1
    await heard.stop()


@case()
async def b81_a_message_of_the_account_that_lies_is_not_passed_on(rig: Rig) -> None:
    """Negative and impossible numbers, wrong kinds, no JSON: the adapter says that it lost something, and goes on."""
    heard = await rig.listen()
    lies: list[dict[str, Any]] = [
        {"l": "-0.01"}, {"L": "nan"}, {"q": "-1"}, {"S": "HOLD"}, {"X": "PERHAPS"}, {"i": "seven"}, {"T": "soon"},
        {"z": "99999"}, {"t": -5}, {"c": 7}, {"L": "0"}, {"i": -1}, {"s": None},
    ]  # fmt: skip
    for k, lie in enumerate(lies):
        before = len(heard.downs)
        await rig.faults({"on": "user executionReport", "do": "alter", "fields": lie, "times": 1, "skip": 1})
        await rig.place(rig.request(client_id=f"lie-{k}"))
        await heard.until(lambda before=before: len(heard.downs) > before, f"that {lie} is not believed")
        assert not heard.fills(f"lie-{k}"), lie
        await rig.no_faults()
    await rig.faults({"on": "user executionReport", "do": "garbage", "text": "{]", "times": 1})
    before = len(heard.downs)
    await rig.place(rig.request(client_id="lie-json"))
    await heard.until(lambda: len(heard.downs) > before, "that it is no JSON")
    await rig.place(rig.request(client_id="honest"))
    await heard.until(lambda: heard.fills("honest"), "the fill after all lies")
    fills = [fill for fill in heard.events if hasattr(fill, "trade_id")]
    assert all(fill.quantity > 0 and fill.price == PRICE and fill.symbol == SYMBOL for fill in fills)
    await heard.stop()


@case(quiet_s=0.2)
async def b82_a_message_of_the_market_that_lies_makes_no_bar(rig: Rig) -> None:
    from rigs import Heard

    assert rig.market is not None
    heard = Heard()
    heard.follow(rig.market.subscribe([(SYMBOL, "1m")]))
    await heard.until(lambda: heard.ups, "the stream of the market")
    lies: list[dict[str, Any]] = [
        {"k.c": "-1"}, {"k.h": "1"}, {"k.o": "x"}, {"k.t": 5}, {"k.v": "-3"}, {"k.T": 1}, {"k.x": "yes"},
        {"k.s": "ETHUSDT"}, {"k.i": "9m"}, {"k": []}, {"e": "joke"}, {"s": 9},
    ]  # fmt: skip
    for lie in lies:
        await rig.faults({"on": "stream *kline*", "do": "alter", "fields": lie, "times": 0})
        await rig.advance(60)
        await rig.no_faults()
    kept = rig.stage.recordings[SYMBOL].bars
    await heard.until(lambda: len(heard.of(BarEvent)) >= len(lies), "the bars, from elsewhere")
    assert [event.bar.ts for event in heard.of(BarEvent)] == kept.ts[300 : 300 + len(lies)].tolist()
    assert [event.bar.close for event in heard.of(BarEvent)] == kept.close[300 : 300 + len(lies)].tolist()
    await heard.stop()


@case()
async def b83_lists_that_lie_are_not_believed(rig: Rig) -> None:
    await rig.place(rig.request("limit", limit=39_000.0))
    for text in ("{}", "[1]", "null", '[{"symbol":"ETHUSDT"}]', '[{"symbol":"BTCUSDT","orderId":"a"}]'):
        await rig.faults({"on": "GET /api/v3/openOrders", "do": "garbage", "text": text})
        with pytest.raises(VenueError):
            await rig.account.open_orders(SYMBOL)
    for text in ("{}", '{"balances": 3}', '{"balances": [{"asset": "USDT", "free": "-5", "locked": "0"}]}'):
        await rig.faults({"on": "GET /api/v3/account", "do": "garbage", "text": text})
        with pytest.raises(VenueError):
            await rig.account.balances()


@pytest.mark.parametrize(("adapter", "number"), params())
def test_case(adapter: str, number: str) -> None:
    if adapter == "ccxt":
        pytest.importorskip("ccxt", reason="ccxt is not installed: pip install 'lingua-trading[ccxt]'")
    work, options = CASES[number]

    async def run() -> None:
        async with rig(adapter, **{name: options[name] for name in options if name in OPTIONS[adapter]}) as made:
            made.patience_s = 1.0 if (adapter, number) in GAPS else 20.0
            await work(made)

    asyncio.run(asyncio.wait_for(run(), 100))


def test_every_gap_is_one_of_a_case() -> None:
    assert {number for _, number in GAPS} <= set(CASES)
    assert {adapter for adapter, _ in GAPS} <= set(ADAPTERS)
