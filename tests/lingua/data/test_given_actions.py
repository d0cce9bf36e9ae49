"""Splits and dividends that are given with the bars, and what a function says where a command names its options."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import lingua
from lingua.data.bars import Action
from lingua.data.errors import DataError

PROGRAM = "strategy S {\n  trade XYZ @ 1d\n  rule r: bar == 0 => buy 10 shares with stop 90%\n}\n"
ROWS = [("2024-01-02", 100.0), ("2024-01-03", 102.0), ("2024-01-04", 51.0), ("2024-01-05", 52.0), ("2024-01-08", 53.0)]
FRAME = pl.DataFrame(
    {"date": [d for d, _ in ROWS], **{n: [p for _, p in ROWS] for n in ("open", "high", "low", "close")},
     "volume": [1000.0] * 5}
)  # fmt: skip
SPLIT = "date,split,dividend\n2024-01-04,2,\n"


def test_a_split_is_given_with_a_frame_as_a_file_a_mapping_or_itself(tmp_path: Path) -> None:
    (tmp_path / "splits.csv").write_text(SPLIT)
    itself = (Action(1_704_326_400 * 10**9, 2.0),)
    for actions in (tmp_path / "splits.csv", {"xyz": str(tmp_path / "splits.csv")}, itself):
        result = lingua.compile(PROGRAM).backtest(FRAME, actions=actions, capital=10_000)
        # 10 shares at 102 are 20 at 51, worth 53 each in the end.
        assert result.metrics["final_equity"] == pytest.approx(10_000 - 10 * 102 + 20 * 53, abs=1e-9)


def test_a_split_is_given_with_a_file(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "XYZ.csv")
    (tmp_path / "splits.csv").write_text(SPLIT)
    with pytest.raises(DataError, match="unexplained split"):
        lingua.compile(PROGRAM).backtest(tmp_path / "XYZ.csv")
    result = lingua.compile(PROGRAM).backtest(tmp_path / "XYZ.csv", actions=tmp_path / "splits.csv", capital=10_000)
    assert result.metrics["final_equity"] == pytest.approx(10_040.0, abs=1e-9)


def test_a_function_names_its_arguments_not_options_of_a_command() -> None:
    program = lingua.compile(PROGRAM)
    with pytest.raises(DataError, match="pass `allow_jumps=True`"):
        program.backtest(FRAME)
    with pytest.raises(DataError, match=r'`mend=\["sort"\]` puts them in order') as told:
        program.backtest(FRAME.reverse())
    assert "--" not in str(told.value)


def test_who_edits_files_is_told_what_to_write_in_the_project_file() -> None:
    program = lingua.compile(PROGRAM)
    with pytest.raises(DataError) as jump:
        program.backtest(FRAME)
    assert "`allow_jumps = true` in lingua.toml" in jump.value.in_project().mend
    with pytest.raises(DataError) as unsorted:
        program.backtest(FRAME.reverse())
    assert '`mend = ["sort"]` in lingua.toml' in unsorted.value.in_project().mend
    assert unsorted.value.in_project().in_python().mend == unsorted.value.mend
