"""The report: valid, offline, safe against what strangers write into names, small for any length of data."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from lingua.backtest.explanation import Explanation, Leaf
from lingua.backtest.result import Plot
from lingua.report.page import report_html
from lingua.report.payload import CELLS, payload, script_json

HOSTILE = '</script><img src=x onerror="alert(1)"><!--\u2028 & "q" \'q\' $title ${x}'
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Elements with their attributes; checks that every one that opens is closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.stack, self.elements, self.texts, self.ids = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if not self.stack or self.stack[-1] not in ("script", "style"):
            self.texts.append(data)


@pytest.fixture
def run(runs):
    return runs.make_hand_run(
        explanations={
            1: Explanation(
                "enter", "AAA", runs.START + 3 * runs.DAY, "fired", (Leaf("fast > slow", "2.0 > 1.0", "true"),),
                orders=("buy 10 at market",), condition="fast > slow",
            ),
            2: "faded the second rise",
        },
        source="strategy Hand { }",
    )  # fmt: skip


@pytest.fixture
def hostile(runs):
    bars = runs.make_bars(symbol=HOSTILE)
    trade = runs.make_trade(bars, 1, "long", 1, 2, 5, tag=HOSTILE, entry_rule=HOSTILE, exit_rule=HOSTILE)
    return runs.make_result(
        bars, [1000.0] * 10, trades=(trade,), strategy=HOSTILE, fingerprint=HOSTILE, source=HOSTILE,
        parameters={HOSTILE: HOSTILE}, stamps=(HOSTILE,), notes=(HOSTILE,), program=runs.make_program(rules=(HOSTILE,)),
        plots=(Plot(HOSTILE, HOSTILE, bars.close),),
        explanations={1: Explanation(HOSTILE, HOSTILE, 0, "blocked", (Leaf(HOSTILE, HOSTILE, "false"),), HOSTILE)},
    )  # fmt: skip


def data_of(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)[1])


def test_the_page_is_well_formed(run):
    text = report_html(run)
    page = Page(text)
    assert text.startswith("<!doctype html>")
    assert page.stack == []
    assert len(page.ids) == len(set(page.ids))
    assert ("html", {"lang": "en"}) in page.elements


def test_the_page_asks_no_network_for_anything(run):
    page = Page(report_html(run))
    assert [tag for tag, _ in page.elements if tag in ("link", "img", "iframe", "object", "embed", "base")] == []
    loaded = [attrs for _, attrs in page.elements if "src" in attrs or "srcset" in attrs or "action" in attrs]
    assert loaded == []
    style = re.search(r"<style>(.*?)</style>", report_html(run), re.S)[1]
    assert "url(" not in style
    assert "@import" not in style


def test_only_the_pages_own_scripts_may_run(run):
    text = report_html(run)
    scripts = re.findall(r"<script>(.*?)</script>", text, re.S)
    policy = next(attrs["content"] for _, attrs in Page(text).elements if "http-equiv" in attrs)
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]


def test_hostile_names_stay_text(hostile):
    text = report_html(hostile)
    page = Page(text)
    assert page.stack == []
    assert [tag for tag, _ in page.elements if tag == "img"] == []
    assert [attrs for _, attrs in page.elements if any(name.startswith("on") for name in attrs)] == []
    assert len(re.findall(r"<script", text)) == 3
    assert any(HOSTILE in piece for piece in page.texts)
    assert page.stack == []


def test_hostile_names_reach_the_script_unchanged(hostile):
    data = data_of(report_html(hostile))
    assert HOSTILE in data["trades"]["words"]
    assert data["stories"]["1"][0]["leaves"] == [[HOSTILE, HOSTILE, "false"]]


def test_data_cannot_end_its_script_element():
    assert "<" not in script_json({"a": "</script>", "b": "<!--"})
    assert json.loads(script_json({"a": "</script>&\u2028"})) == {"a": "</script>&\u2028"}


def test_every_trade_carries_its_explanation(run):
    data = data_of(report_html(run))
    assert data["trades"]["id"] == [1, 2, 2]
    assert data["stories"]["1"][0]["head"] == "enter (AAA, bar 2024-01-03) fired" or data["stories"]["1"][0]["orders"]
    assert data["stories"]["2"] == ["faded the second rise"]


def test_trades_are_drawn_at_their_fills(run):
    trades = data_of(report_html(run))["trades"]
    assert trades["entryPrice"] == [102, 107, 107]
    assert trades["exitPrice"] == [105, 106, 108]
    assert trades["entryBar"] == [3, 7, 7]
    assert trades["words"][trades["exitRule"][2]] == "stop"


def test_the_figures_of_the_page_are_those_of_the_result(run):
    texts = "\n".join(Page(report_html(run)).texts)
    assert "+2.75 %" in texts
    assert "GROSS" in texts
    assert "186.5 bp" in texts  # 29 earned before costs on 1,555
    assert "sum of net wins / sum of net losses" in texts


def test_plots_go_to_their_panes(runs):
    bars = runs.make_bars()
    plots = (Plot("upper", "price", bars.close + 1), Plot("rsi", "momentum", np.full(10, np.nan)))
    run = runs.make_result(bars, [1000.0] * 10, plots=plots)
    (symbol,) = data_of(report_html(run))["symbols"]
    assert [(line["title"], line["pane"]) for line in symbol["lines"]] == [("upper", "price"), ("rsi", "momentum")]
    assert symbol["lines"][1]["values"] == [None] * 10


def test_without_plots_indicators_go_by_their_unit(runs):
    bars = runs.make_bars()
    program = runs.make_program(outputs=(("fast", True), ("rsi", False)))
    series = ({"fast": bars.close, "rsi": np.full(10, 50.0)},)
    lines = payload(runs.make_result(bars, [1000.0] * 10, program=program, series=series))["symbols"][0]["lines"]
    assert [(line["title"], line["pane"]) for line in lines] == [("fast", "price"), ("rsi", "rsi")]


def test_a_daily_bar_stands_at_its_day_and_an_hour_at_its_open(runs):
    daily = payload(runs.make_result(runs.make_bars(), [1000.0] * 10))["symbols"][0]["time"]
    assert daily[0] * runs.SECOND == runs.START
    hours = runs.make_bars(step=3600 * runs.SECOND, timeframe="1h")
    assert payload(runs.make_result(hours, [1000.0] * 10))["symbols"][0]["time"][:2] == [
        runs.START // runs.SECOND,
        3600,
    ]


def test_long_series_are_put_together_without_losing_an_extreme(runs):
    length = 200_000
    close = 100 + np.sin(np.arange(length) / 50)
    close[77_777] = 150.0
    bars = runs.make_bars(close, step=60 * runs.SECOND, timeframe="1m")
    equity = 1000 + np.cos(np.arange(length) / 99)
    equity[123_456] = 500.0
    trades = tuple(runs.make_trade(bars, at, "long", 1, at * 40 + 5, at * 40 + 25) for at in range(4_000))
    run = runs.make_result(bars, equity, trades=trades)
    text = report_html(run)
    data = data_of(text)
    (symbol,) = data["symbols"]
    assert len(text) < 10_000_000
    assert symbol["size"] > 1
    assert len(symbol["time"]) * 6 <= CELLS
    assert max(symbol["bars"][1]) == 150
    assert min(data["curve"]["equity"]) == 500
    assert len(data["curve"]["time"]) < 10_000
    assert symbol["details"]
    detail = symbol["details"][0]
    start = detail["from"]
    np.testing.assert_allclose(detail["bars"][3], bars.close[start : start + len(detail["time"])], rtol=1e-6)


def test_pages_without_trades_or_live_rules_still_open(runs):
    bars = runs.make_bars()
    for run in (runs.make_result(bars, [1000.0] * 10), runs.make_result(bars, [1000.0] * 10, ready=(10,))):
        assert Page(report_html(run)).stack == []


def test_chart_library_keeps_its_notice(run):
    text = report_html(run)
    assert "TradingView Lightweight Charts™" in text
    assert 'href="https://www.tradingview.com/"' in text


def test_report_is_written_as_utf8(run, tmp_path):
    run.report(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == report_html(run)
