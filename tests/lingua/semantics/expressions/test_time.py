"""Times, dates and sessions."""

import pytest

from lingua.ir.nodes import Kind


def test_a_session_looks_at_the_whole_bar(check) -> None:
    node = check('time in session("08:00-20:00", "UTC")').node()
    assert (node.op, node.attrs) == ("session", ("08:00-20:00", "UTC"))
    assert [arg.attrs[0] for arg in node.args] == ["open_time", "time"]
    assert check('open_time in session("08:00-20:00")').node().attrs == ("08:00-20:00", "")


@pytest.mark.parametrize(
    "text",
    ['session("8-20")', 'session("08:00-25:00")', 'session("08:00")', 'session("08:00-08:00")', "session(close)"],
)
def test_a_session_is_written_one_way(text: str, check) -> None:
    assert check(f"time in {text}").codes == ["L0226"]


def test_a_zone_is_a_known_one(check) -> None:
    checked = check('time in session("08:00-20:00", "New York")')
    assert checked.codes == ["L0226"]
    assert "America/New_York" in checked.problems[0].help


def test_only_the_time_of_the_bar_lies_in_a_session(check) -> None:
    assert check('close in session("08:00-20:00")').codes == ["L0211"]


@pytest.mark.parametrize("part", ["hour", "minute", "weekday", "day", "month", "year"])
def test_parts_of_the_time_are_functions_and_names(part: str, check) -> None:
    for text in (part, f"{part}(time)", f"time.{part}"):
        node = check(text).node()
        assert (node.op, node.attrs, node.kind) == ("time_part", (part, ""), Kind.INT)
    assert check(f'{part}(time, "Europe/London")').node().attrs == (part, "Europe/London")
    assert check(f"{part}(close)").codes == ["L0211"]


def test_dates_compare_with_times_only(check) -> None:
    node = check('time >= date("2024-01-31")').node()
    assert node.args[1].attrs == (1706659200.0,)
    assert check('date("2024-01-31 09:30") > time').node().args[0].attrs == (1706693400.0,)
    assert check('date("2024-01-31T09:30+01:00") > time').node().args[0].attrs == (1706689800.0,)
    assert check('time > date("31.1.2024")').codes == ["L0226"]
    assert check("time > 2024").codes == ["L0210"]


def test_a_length_of_time_may_be_added_to_a_time(check) -> None:
    assert check("time + 1h > open_time").node().op == "gt"
    assert check("1d + time").node().kind is Kind.TIME
    assert check("time + time").codes == ["L0210"]


def test_times_may_be_remembered_and_measured(check) -> None:
    checked = check("let last = value_when(close > open, time, 0)\nlet old = time - last > 3d\nstate t = time => prev")
    assert not checked.problems
    assert checked.node("last").kind is Kind.TIME
    assert checked.node("t").kind is Kind.TIME
    assert check("ema(time, 3)").problems[0].help == "take its seconds: `num(time)`"


def test_texts_are_only_compared(check) -> None:
    for text in (
        'if close > open then "a" else "b"',
        "symbol is na",
        "symbol[1]",
        "inner(5m, last(symbol))",
        '"a" ?? "b"',
    ):
        assert check(text).codes == ["L0211"], text
    assert check("symbol@1d").node().clock == check("symbol").node().clock
    assert check("data spy = SPY @ 1d\nlet a = spy.symbol").node("a").attrs == ("SPY",)


def test_symbols_are_compared_as_texts(check) -> None:
    assert check('symbol == "BTCUSDT"').node().op == "eq"
    assert check('symbol in {"BTCUSDT", "ETHUSDT"}').node().op == "or"
    assert check('symbol > "A"').codes == ["L0211"]
    assert check("symbol + 1").codes == ["L0211"]
