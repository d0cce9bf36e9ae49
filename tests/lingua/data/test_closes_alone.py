"""Files that have closes and no other prices: refused with the mend, and taken where one asks for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lingua
from lingua.data.errors import DataError
from lingua.data.load import load_bars

DAYS = [f"2024-01-{day:02d}" for day in range(2, 30)]
PROGRAM = """
strategy Up {
  trade XYZ @ 1d
  rule enter: close > close[1] => buy 10 shares with stop 90%
}
"""


def written(path: Path, header: str, *columns: list[float]) -> Path:
    rows = [",".join([day, *(f"{column[k]:g}" for column in columns)]) for k, day in enumerate(DAYS)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


CLOSES = [100.0 + k % 5 for k in range(len(DAYS))]
OPENS = [99.0 + k % 7 for k in range(len(DAYS))]


@pytest.mark.parametrize("header", ["date,close", "Date,NAV", "date,price", "observation_date,Value"])
def test_closes_stand_for_the_other_prices_when_told_so(tmp_path: Path, header: str) -> None:
    path = written(tmp_path / "XYZ.csv", header, CLOSES)
    with pytest.raises(DataError) as told:
        load_bars(path)
    assert "--mend close" in told.value.mend
    bars = load_bars(path, mend=["close"])
    assert all((column == CLOSES).all() for column in (bars.open, bars.high, bars.low, bars.close))
    result = lingua.compile(PROGRAM).backtest(path, mend=["close"])
    # Decided at the close of the second bar, filled at the close of the third.
    assert result.ledger.fills[0].price == CLOSES[2]


def test_highs_and_lows_alone_may_be_missing_too(tmp_path: Path) -> None:
    path = written(tmp_path / "XYZ.csv", "date,open,close", OPENS, CLOSES)
    with pytest.raises(DataError, match="no column for high, low") as told:
        load_bars(path)
    assert "--mend close" in told.value.mend
    bars = load_bars(path, mend=["close"])
    assert (bars.open == OPENS).all()
    assert (bars.high == np.maximum(OPENS, CLOSES)).all()
    assert (bars.low == np.minimum(OPENS, CLOSES)).all()


def test_a_file_with_all_prices_is_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path / "XYZ.csv", "date,open,high,low,close", OPENS, [110.0] * 28, [90.0] * 28, CLOSES)
    plain, told = load_bars(path), load_bars(path, mend=["close"])
    for name in ("open", "high", "low", "close"):
        assert (getattr(plain, name) == getattr(told, name)).all()


def test_what_is_no_close_is_not_guessed(tmp_path: Path) -> None:
    path = written(tmp_path / "XYZ.csv", "date,temperature", CLOSES)
    with pytest.raises(DataError, match="no column for"):
        load_bars(path, mend=["close"])
