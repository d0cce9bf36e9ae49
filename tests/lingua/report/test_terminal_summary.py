"""The summary a trader sees first."""

import io
import re
import subprocess
import sys

import numpy as np
import pytest

from lingua.report.format import money, percent, price
from lingua.report.sparkline import sparkline
from lingua.report.terminal import print_summary, render_summary


@pytest.fixture
def run(runs):
    return runs.make_hand_run()


@pytest.mark.parametrize("width", [28, 40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(run, width):
    lines = render_summary(run, width).splitlines()
    assert max(map(len, lines)) <= max(width, 45)  # commands are never broken
    assert all(len(line) <= width for line in lines if "lingua" not in line)


def test_the_gross_stamp_is_the_first_line(run):
    first = render_summary(run).splitlines()[0]
    assert first.startswith("GROSS")
    assert "commission" in render_summary(run).split("\n\n")[0]


def test_costs_given_leave_no_gross_stamp(runs):
    given = runs.Execution(commission=0.001, slippage=0.0, is_given=frozenset({"commission", "slippage"}))
    long_only = runs.make_program(direction="long")
    bars = runs.make_bars()
    assert "GROSS" not in render_summary(runs.make_result(bars, [1000] * 10, execution=given, program=long_only))


def test_piped_output_is_plain_and_needs_no_rich(run):
    out = io.StringIO()
    print_summary(run, out)
    assert "\x1b" not in out.getvalue()
    assert "Sharpe" in out.getvalue()
    code = "import sys, lingua.report.terminal; print('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_colour_changes_no_character(run):
    colored = render_summary(run, 80, color=True)
    assert "\x1b[" in colored
    plain = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in plain.splitlines()] == render_summary(run, 80).splitlines()


def test_no_color_is_respected_on_a_terminal(run, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    out = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    print_summary(run, out, width=80)
    assert "\x1b[" in out.getvalue()
    out = Terminal()
    monkeypatch.setenv("NO_COLOR", "1")
    print_summary(run, out, width=80)
    assert "\x1b[" not in out.getvalue()


def test_a_stream_that_knows_no_blocks_gets_ascii(run):
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="cp1252")
    print_summary(run, out)
    out.flush()
    assert b"equity" in raw.getvalue()
    assert b"#" in raw.getvalue()


def test_too_many_guesses_name_the_mend(run):
    text = render_summary(run)
    assert "20.0 % of fills could not be decided inside their bar (1)." in text
    assert "detail: 1m" in text


def test_trades_before_settle_are_told(runs):
    bars = runs.make_bars()
    early = runs.make_trade(bars, 1, "long", 1, 2, 5, is_before_settle=True)
    text = render_summary(runs.make_result(bars, [1000] * 10, trades=(early,)))
    assert "1 of 1 trades were entered before the indicators had settled." in text


def test_a_run_that_was_never_live_says_so(runs):
    bars = runs.make_bars()
    text = render_summary(runs.make_result(bars, [1000] * 10, ready=(10,)))
    assert "never live" in text


def test_the_sparkline_ends_where_the_curve_ends():
    assert sparkline(np.array([1.0, 2, 3, 4]), 4) == "▁▃▆█"
    assert sparkline(np.array([5.0, 5, 5]), 3) == "▁▁▁"
    assert sparkline(np.arange(1000.0), 10)[-1] == "█"
    assert sparkline(np.array([]), 10) == ""
    assert len(sparkline(np.arange(5.0), 80)) == 5


def test_figures_are_written_as_people_read_them():
    assert percent(0.1234, 1, sign=True) == "+12.3 %"
    assert percent(float("nan")) == "na"
    assert money(1234.5) == "1,234.50"
    assert money(123456.7) == "123,457"
    assert money(2.5e9) == "2.50B"
    assert money(-3e20) == "-3.000e+20"
    assert price(0.00001234) == "0.0000123400".rstrip("0")
    assert price(101.5) == "101.50"
