"""The project file says where bars are, and is told its mistakes."""

from __future__ import annotations

import pytest

from lingua.data.errors import DataError
from lingua.data.instruments import assume
from lingua.data.project import find_project, read_project
from lingua.data.timeframe import Timeframe
from lingua.trading.instrument import Instrument

WHOLE = """
[data]
folder = "prices"

[symbols.BTCUSDT]
files = ["btc_5m.csv", "btc_1h.csv"]
kind = "perp"
tick = 0.1
lot = 0.001
min_notional = 5
quote = "USDT"
initial_margin = 0.1
note = "a note"

[symbols."CME:ES"]
file = "es.csv"
stamps = "close"
zone = "America/Chicago"
mend = "sort,last"
kind = "future"
multiplier = 50
calendar = "CME"
allow_jumps = true
"""


def test_a_project_file_is_found_upwards_and_understood(tmp_path):
    (tmp_path / "lingua.toml").write_text(WHOLE)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    project = find_project(deep / "x.lingua")
    assert project.folder == tmp_path / "prices"
    bitcoin = project.entry("BTC/USDT")
    assert bitcoin is not None
    assert [path.name for path in bitcoin.files] == ["btc_5m.csv", "btc_1h.csv"]
    terms = bitcoin.instrument(Instrument("BTCUSDT"))
    assert (terms.kind, terms.tick, terms.lot, terms.quote, terms.is_assumed) == ("perp", 0.1, 0.001, "USDT", False)
    future = project.entry("CME:ES")
    assert future is not None
    assert future.mend == ("sort", "last")
    assert (future.stamps, future.zone, future.allow_jumps) == ("close", "America/Chicago", True)
    terms = future.instrument(Instrument("CME:ES"))
    assert (terms.multiplier, terms.calendar, terms.session_zone) == (50, "CMES", "America/Chicago")


def test_a_kind_brings_its_market_unless_one_is_named(tmp_path):
    (tmp_path / "lingua.toml").write_text(
        '[symbols.A]\nkind = "stock"\n[symbols.B]\nkind = "stock"\ncalendar = "LSE"\n'
    )
    project = read_project(tmp_path / "lingua.toml")
    american, british = (project.symbols[name].instrument(Instrument(name)) for name in "AB")
    assert (american.calendar, american.session_zone) == ("XNYS", "America/New_York")
    assert (british.calendar, british.session_zone) == ("XLON", "Europe/London")


def test_without_a_kind_the_record_stays_assumed(tmp_path):
    (tmp_path / "lingua.toml").write_text("[symbols.A]\ntick = 0.5\n")
    record = read_project(tmp_path / "lingua.toml").symbols["A"].instrument(Instrument("A", "fx", calendar="FX"))
    assert (record.is_assumed, record.tick, record.kind, record.calendar) == (True, 0.5, "fx", "FX")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[symbols.A]\nfiel = 'a.csv'\n", "did you mean `file`"),
        ("[symbol.A]\n", "did you mean `symbols`"),
        ("[data]\nfolders = 'x'\n", "did you mean `folder`"),
        ("[symbols.A]\nkind = 'share'\n", "one of spot, stock"),
        ("[symbols.A]\nstamps = 'start'\n", "one of open, close"),
        ("[symbols.A]\ntick = 'small'\n", "must be a number"),
        ("[symbols.A]\ntick = -1\n", "must be a number"),
        ("[symbols.A]\ntick = nan\n", "must be a number"),
        ("[symbols.A]\nlot = true\n", "must be a number"),
        ("[symbols.A]\nmultiplier = 0\n", "more than 0"),
        ("[symbols.A]\nfile = 3\n", "must be a text"),
        ("[symbols.A]\nfiles = ['a.csv', 3]\n", "must be a text"),
        ("[symbols.A]\ncalendar = 'MOON'\n", "no calendar is called"),
        ("[symbols.A]\nzone = 'Mars/Olympus'\n", "no time zone"),
        ("[symbols.A]\ntimeframe = '1 hour'\n", "not a timeframe"),
        ("[symbols.A]\nallow_jumps = 1\n", "true or false"),
        ("symbols = 3\n", "not a table"),
        ("[symbols]\nA = 'a.csv'\n", "not a table"),
        ("[symbols.A\n", "not TOML"),
        ("\x00\xff", "not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_key(tmp_path, text, cause):
    (tmp_path / "lingua.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=cause) as caught:
        read_project(tmp_path / "lingua.toml")
    assert "lingua.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("symbol", "kind", "calendar", "quote"),
    [
        ("EURUSD", "fx", "FX", "USD"), ("EUR/JPY", "fx", "FX", "JPY"), ("BTCUSDT", "spot", "24x7", "USDT"),
        ("BTC-USD", "spot", "24x7", "USD"), ("ETH_BTC", "spot", "24x7", "BTC"), ("CME:CL", "future", "CMES", "USD"),
        ("NYMEX:CL", "future", "CMES", "USD"), ("CL", "spot", "24x7", "USD"),
    ],
)  # fmt: skip
def test_what_a_name_tells_of_an_instrument(symbol, kind, calendar, quote):
    record = assume(symbol, [], Timeframe(1, "h"))
    assert (record.kind, record.calendar, record.quote, record.is_assumed) == (kind, calendar, quote, True)


def test_a_contract_named_with_its_venue_has_its_multiplier():
    assert assume("CME:CL", [], Timeframe(1, "d")).multiplier == 1000
    assert assume("COMEX:GC", [], Timeframe(1, "d")).multiplier == 100
