"""The sample prices in the repository are sound, and so is buying and holding them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lingua.data.actions import jumps_of, refuse_jumps
from lingua.data.finder import Finder
from lingua.data.load import load_bars
from lingua.data.project import read_project
from lingua.data.quality import check_file

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
FILES = sorted(path for path in (EXAMPLES / "data").glob("*.csv") if ".actions" not in path.name)


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_each_sample_file_is_sound(path):
    found = check_file(path)
    assert found.may_run
    assert found.score > 99.9
    refuse_jumps(load_bars(path))


def test_apple_bought_and_held_earns_what_its_splits_say():
    bars = load_bars(EXAMPLES / "data" / "AAPL.csv")
    assert bars.factor is not None
    held = bars.close[-1] * bars.factor[-1] / bars.close[0] - 1
    assert held == pytest.approx(12.21, abs=0.01)
    assert [str(np.datetime64(a.ts, "ns"))[:10] for a in bars.actions if a.split == 2] == ["2000-06-21", "2005-02-28"]
    assert not jumps_of(bars)


def test_the_real_prices_are_the_published_ones(shared):
    for symbol in ("AAPL", "IBM", "MSFT"):
        ours, theirs = load_bars(EXAMPLES / "data" / f"{symbol}.csv"), load_bars(shared / "daily_us" / f"{symbol}.csv")
        for name in ("ts", "open", "high", "low", "close", "volume"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name))


def test_the_project_file_of_the_examples_finds_every_symbol_and_tells_what_is_generated():
    finder = Finder(read_project(EXAMPLES / "lingua.toml"), None)
    for symbol, entry in finder.project.symbols.items():
        bars = finder.find(symbol, "", is_only=False)
        assert (bars.symbol, bars.instrument.is_assumed) == (symbol, False)
        assert bool(entry.note) == symbol.endswith("USDT")
    assert len([note for note in finder.notes if "generated" in note]) == 3


def test_the_generated_files_are_what_the_script_makes(tmp_path):
    script = tmp_path / "generate.py"
    script.write_bytes((EXAMPLES / "data" / "generate.py").read_bytes())
    subprocess.run([sys.executable, str(script)], check=True)
    made = sorted(tmp_path.glob("*.csv"))
    assert len(made) == 3
    for path in made:
        assert path.read_bytes() == (EXAMPLES / "data" / path.name).read_bytes()


def test_the_samples_stay_small():
    assert sum(path.stat().st_size for path in (EXAMPLES / "data").iterdir() if path.is_file()) < 3_000_000


def test_reading_a_csv_loads_neither_pandas_nor_polars():
    code = (
        "import sys; from lingua.data.load import load_bars; from lingua.data import market, quality, write, info\n"
        f"load_bars({str(FILES[0])!r})\n"
        "print([m for m in ('pandas', 'polars', 'pyarrow', 'exchange_calendars') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.strip() == "[]"
