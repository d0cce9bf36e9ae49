"""The picture, the notebook's table, and the words for a decision."""

import sys
from html.parser import HTMLParser

import pytest

from lingua.backtest.explanation import Explanation, Leaf
from lingua.report.explain import explanation_data, explanation_html, explanation_text
from lingua.report.notebook import notebook_html

BLOCKED = Explanation(
    "dip", "ETHUSDT", 1_772_460_000_000_000_000, "blocked",
    (Leaf("rsi[1] < floor", "27.3 < 30", "true"), Leaf("calm", "1.4 % < 2 %", "true")),
    blocker="filter liquid", condition="rsi[1] < floor and\n  calm",
)  # fmt: skip
FALSE = Explanation(
    "dip", "ETHUSDT", 1_772_460_000_000_000_000, "false",
    (Leaf("rsi[1] < floor", "41.0 < 30", "false"), Leaf("z > 1", "na > 1", "unknown")),
)  # fmt: skip


def test_a_blocked_rule_names_its_blocker():
    assert explanation_text(BLOCKED).splitlines() == [
        "dip (ETHUSDT, bar 2026-03-02 14:00) was true, but did not act",
        "  rsi[1] < floor and calm",
        "  ✓ rsi[1] < floor  27.3 < 30",
        "  ✓ calm            1.4 % < 2 %",
        "  blocked by: filter liquid",
    ]


def test_a_false_rule_names_the_parts_that_failed():
    text = explanation_text(FALSE)
    assert "  ✗ rsi[1] < floor  41.0 < 30" in text
    assert "  ? z > 1           na > 1" in text
    assert "failing: rsi[1] < floor, z > 1" in text
    assert FALSE.failing == FALSE.leaves


def test_a_fired_rule_lists_its_orders():
    fired = Explanation("enter", "", 0, "fired", orders=("buy 10 at market",))
    assert explanation_text(fired) == "enter (bar 1970-01-01) fired\n  → buy 10 at market"


def test_html_of_a_decision_escapes_everything():
    bad = Explanation("<b>", "<i>", 0, "na", (Leaf("<u>", "<s>", "unknown"),), "<p>", ("<a>",), "<q>")
    html = explanation_html(bad)
    for mark in ("<i>", "<u>", "<s>", "<a>", "<q>"):
        assert mark not in html
    assert "&lt;u&gt;" in html


def test_a_story_may_be_a_sentence_or_several_decisions():
    assert explanation_data("bought") == ["bought"]
    assert [type(one) for one in explanation_data([BLOCKED, "then sold"])] == [dict, str]


def test_the_picture_is_a_png(runs, tmp_path):
    run = runs.make_hand_run(strategy="Cost $5 and $6_x")
    run.png(tmp_path / "p.png")
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_message_names_it(runs, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        runs.make_hand_run().png(tmp_path / "p.png")


def test_the_notebook_table_escapes_names_and_closes_its_elements(runs):
    run = runs.make_hand_run(strategy="<script>alert(1)</script>")
    html = run._repr_html_()
    assert html == notebook_html(run)
    assert "<script" not in html
    assert "GROSS" in html
    opened = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Balance().feed(html)
    assert opened == []
