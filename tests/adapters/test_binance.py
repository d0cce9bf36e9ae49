"""The Binance adapter by itself: what a code means, what may still be asked, what is shown, what the settings are."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from venues import KEY, SECRET, Server, Terms, move, served, steer

from lingua_adapters.binance import open_venue
from lingua_adapters.binance.budget import Budget
from lingua_adapters.binance.codes import error_of
from lingua_adapters.binance.names import digits, native, venue_symbol
from lingua_adapters.binance.reading import Malformed, event_fill, event_report, order_report, row_bar, terms_of
from lingua_runtime.clock import RealClock
from lingua_runtime.ports import NotDone, NotFound, OrderRequest, OutcomeUnknown, Refused, VenueError
from lingua_runtime.states import State

ORDER = OrderRequest("a-1", "BTCUSDT", 1, "limit", 0.01, limit=39_000.0)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, -1013, Refused), (400, -2010, Refused), (400, -1121, Refused), (401, -2015, Refused),
        (400, -1022, Refused), (400, -2011, Refused), (400, None, Refused), (404, None, Refused), (400, -9999, Refused),
        (400, -2013, NotFound), (400, -2026, NotFound),
        (429, -1003, NotDone), (418, -1003, NotDone), (429, -1015, NotDone), (403, None, NotDone),
        (400, -1021, NotDone),
        (503, -1008, NotDone), (400, -1008, NotDone),
        (500, None, OutcomeUnknown), (502, None, OutcomeUnknown), (503, None, OutcomeUnknown),
        (504, -1007, OutcomeUnknown), (400, -1007, OutcomeUnknown), (400, -1006, OutcomeUnknown),
        (500, -1001, OutcomeUnknown), (400, -1000, OutcomeUnknown),
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["Order does not exist.", "Timeout", ""])
def test_an_error_is_told_by_its_code_and_never_by_its_words(
    status: int, code: int | None, kind: type, text: str
) -> None:
    assert type(error_of(status, code, text, 0.0)) is kind


def test_a_withdrawal_has_room_when_reading_has_none() -> None:
    now = [0.0]
    budget = Budget(100, lambda: now[0])
    for _ in range(7):
        budget.admit(10, "read")
    with pytest.raises(NotDone) as caught:
        budget.admit(1, "read")
    assert 0 < caught.value.wait_s <= 60
    budget.admit(20, "order")
    with pytest.raises(NotDone):
        budget.admit(1, "order")
    budget.admit(10, "cancel")
    with pytest.raises(NotDone):
        budget.admit(1, "cancel")
    now[0] = 61.0
    budget.admit(1, "read")
    budget.told({"X-MBX-USED-WEIGHT-1M": "99"})
    with pytest.raises(NotDone):
        budget.admit(1, "order")
    budget.close(30.0)
    with pytest.raises(NotDone) as caught:
        budget.admit(1, "cancel")
    assert caught.value.wait_s == 30.0


def run(work: Any, terms: Terms | None = None, **settings: Any) -> None:
    async def whole() -> None:
        async with served(terms) as server:
            venue = await open_venue({"url": server.url, "key": KEY, "secret": SECRET, **settings}, RealClock())
            try:
                await work(server, venue)
            finally:
                await venue.close()

    asyncio.run(asyncio.wait_for(whole(), 60))


def test_after_a_refusal_for_the_rate_nothing_is_sent_until_it_is_time() -> None:
    async def work(server: Server, venue: Any) -> None:
        await move(server, 40_000)
        await venue.account.balances()
        await steer(server, "faults", [{"on": "GET /api/v3/account", "do": "status", "status": 429, "retry_after": 30}])
        with pytest.raises(NotDone) as caught:
            await venue.account.balances()
        assert caught.value.wait_s == 30.0
        before = server.requests
        with pytest.raises(NotDone) as caught:
            await venue.account.cancel("BTCUSDT", "a-1")
        assert 28 < caught.value.wait_s <= 30
        assert server.requests == before

    run(work)


def test_an_iceberg_of_more_parts_than_the_exchange_takes_is_refused_here_with_what_would_do() -> None:
    async def work(server: Server, venue: Any) -> None:
        await move(server, 40_000)
        order = replace(ORDER, quantity=0.1)
        before = server.requests
        await venue.market.listing("BTCUSDT")
        asked = server.requests
        with pytest.raises(Refused, match=r"at most 10 parts, and this one has 11: show 0\.01 or more"):
            await venue.account.place([replace(order, show=0.0099)])
        assert server.requests == asked > before
        (report,) = await venue.account.place([replace(order, show=0.01)])
        assert report.state is State.ACCEPTED
        there = server.desk.exchange.find("me", client_id="a-1")
        assert there is not None
        assert float(there.show) == 0.01

    run(work)


def test_a_clock_that_goes_wrong_is_measured_again_and_an_order_is_not_sent_twice() -> None:
    async def work(server: Server, venue: Any) -> None:
        assert await venue.account.balances()
        await steer(server, "faults", [{"on": "clock", "do": "skew", "seconds": -20.0}])
        with pytest.raises(NotDone):
            await venue.account.place([ORDER])
        assert server.desk.exchange.find("me", client_id="a-1") is None
        assert abs(venue.rest.offset_ms + 20_000) < 500
        assert await venue.account.balances()
        await steer(server, "faults", [{"on": "clock", "do": "skew", "seconds": 20.0}])
        assert await venue.account.balances(), "what only reads is asked again with the right time"

    run(work, Terms(speed=1.0, begins_now=True))


def test_no_key_is_in_any_log_or_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []

    async def work(server: Server, venue: Any) -> None:
        await move(server, 40_000)
        shown.append(
            repr(venue) + repr(venue.account) + repr(venue.market) + repr(venue.rest) + str(vars(venue.market))
        )
        faults = [
            {"do": "status", "status": status, "text": f"{KEY} {SECRET}"} for status in (400, 401, 403, 429, 500, 503)
        ] + [{"do": "reset"}, {"do": "garbage", "text": f"{KEY} {SECRET}"}, {"do": "hang"}]  # fmt: skip
        for fault in faults:
            await steer(server, "faults", [{"on": "GET /api/v3/openOrders", **fault}])
            try:
                await venue.account.open_orders("BTCUSDT")
            except VenueError as problem:
                cause, text = problem, ""
                while cause is not None:
                    text += f"{cause!r} {cause} {vars(cause)}"
                    cause = cause.__cause__  # type: ignore[assignment]
                shown.append(text)
            venue.rest.budget._closed_until = 0.0
        for _ in range(1):
            events = venue.account.events()
            await steer(server, "faults", [{"on": "sockets", "do": "close"}])
            shown.append(repr(await anext(events)))
            await events.aclose()

    run(work, timeout_s=0.5)
    whole = " ".join([*shown, caplog.text])
    assert len(shown) >= 9
    assert KEY not in whole
    assert SECRET not in whole
    assert "signature=" not in whole


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"key": "k"}, "go together"), ({"colour": "red"}, "no setting"), ({"timeout_s": "x"}, "must be a number"),
        ({"timeout_s": 0}, "must be a number"), ({"url": "ftp://x"}, "must begin with"),
        ({"key": 5, "secret": "x"}, "a text"),
        ({"url": "http://example.com"}, "https://"), ({"recv_window_ms": 70_000}, "must be a number"),
    ],
)  # fmt: skip
def test_a_setting_that_is_wrong_is_named_and_its_value_is_not_shown(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        asyncio.run(open_venue(settings, RealClock()))


def test_without_keys_there_is_a_market_and_no_account() -> None:
    async def main() -> None:
        async with served() as server:
            venue = await open_venue({"url": server.url}, RealClock())
            assert venue.account is None
            assert (await venue.market.listing("BTCUSDT")).base == "BTC"
            await venue.close()

    asyncio.run(main())


def test_market_time_that_runs_faster_is_a_clock_of_the_venue() -> None:
    async def main() -> None:
        async with served(Terms(speed=100.0, history=300)) as server:
            venue = await open_venue({"url": server.url}, RealClock())
            clock = venue.clock
            assert clock is not None
            before = clock.now()
            await clock.sleep(20.0)
            assert clock.now() - before >= 20e9
            assert abs(clock.now() - await venue.market.now()) < 60e9
            await venue.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (0.1 + 0.2, "0.00001000", "0.3"), (1e-8, "0.00000001", "0.00000001"), (30000.3, "0.01000000", "30000.3"),
        (123456.0, "1.00000000", "123456"), (1e22, "1.00000000", "10000000000000000000000"), (0.0, "0.01", "0"),
        (150.0, "50.00000000", "150"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_multiples_of_their_step(value: float, step: str, text: str) -> None:
    from decimal import Decimal

    written = digits(value, step)
    assert Decimal(written) == Decimal(text)
    assert "E" not in written


def test_names_are_those_of_the_exchange() -> None:
    assert {venue_symbol(name) for name in ("BTCUSDT", "btc/usdt", "BINANCE:BTCUSDT", "BTC-USDT")} == {"BTCUSDT"}
    assert [native(each) for each in ("1m", "10m", "45m", "2w", "3d", "1mo", "3mo")] == [
        "1m", "5m", "15m", "1w", "1d", "1mo", "1mo",
    ]  # fmt: skip
    with pytest.raises(Refused):
        native("7fortnights")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
REPORT = {
    "e": "executionReport", "s": "BTCUSDT", "c": "a", "C": "", "S": "BUY", "o": "LIMIT", "X": "FILLED", "r": "NONE",
    "q": "1", "p": "5", "P": "0", "i": 7, "l": "1", "z": "1", "L": "5", "n": "0", "N": "BTC", "T": 1_704_067_200_000,
    "t": 3, "m": True, "x": "TRADE",
}  # fmt: skip
ANSWER = {
    "symbol": "BTCUSDT", "orderId": 7, "clientOrderId": "a", "side": "BUY", "type": "LIMIT", "status": "NEW",
    "origQty": "1", "executedQty": "0", "price": "5", "updateTime": 1_704_067_200_000,
}  # fmt: skip


@given(st.sampled_from(sorted(REPORT)), JSON)
def test_whatever_stands_in_a_field_a_report_is_believed_whole_or_not_at_all(name: str, value: Any) -> None:
    for read in (event_report, event_fill):
        try:
            found = read({**REPORT, name: value}, "BTCUSDT")
        except Malformed:
            continue
        assert found.quantity >= 0
        assert found.side in (1, -1)
        assert found.ts > 0
    try:
        report = order_report({**ANSWER, **({name: value} if name in ANSWER else {})}, "BTCUSDT", "BTCUSDT")
    except Malformed:
        return
    assert report.symbol == "BTCUSDT"
    assert 0 <= report.filled <= report.quantity


@given(JSON)
def test_what_is_no_message_is_refused_in_words(value: Any) -> None:
    for read in (
        row_bar,
        lambda x: event_report(x, "B"),
        lambda x: order_report(x, "B", "B"),
        lambda x: terms_of(x, "B", "B"),
    ):
        with pytest.raises(Malformed):
            read(value)
