"""A decision told to a person: as text for the terminal, as plain data for the report's page, as HTML."""

from __future__ import annotations

from html import escape
from typing import Any

from lingua.backtest.explanation import Explanation, Story
from lingua.report.format import instant

SAYING = {
    "fired": "fired",
    "false": "did not act: its condition was false",
    "na": "did not act: a value was missing",
    "blocked": "was true, but did not act",
    "not ready": "was not live yet",
}
MARKS = {"true": "✓", "false": "✗", "unknown": "?"}


def headline(one: Explanation) -> str:
    """`enter (BTCUSDT, bar 2024-03-01 14:00) fired`"""
    where = f"{one.symbol}, bar {instant(one.ts)}" if one.symbol else f"bar {instant(one.ts)}"
    return f"{one.rule} ({where}) {SAYING[one.verdict]}"


def explanation_text(one: Explanation) -> str:
    """Headline, one line a leaf with its value and mark, then what failed or blocked, then the orders. No newline at
    the end."""
    lines = [headline(one)]
    if one.condition:
        lines.append(f"  {' '.join(one.condition.split())}")
    width = max((len(leaf.text) for leaf in one.leaves), default=0)
    lines += [f"  {MARKS[leaf.truth]} {leaf.text:{width}}  {leaf.value}".rstrip() for leaf in one.leaves]
    lines += [f"  {text}" for text in _reasons(one)]
    lines += [f"  → {order}" for order in one.orders]
    return "\n".join(lines)


def explanation_data(story: Story) -> list[dict[str, Any] | str]:
    """For the page's script, which puts every text in place as text, never as markup."""
    return [
        one
        if isinstance(one, str)
        else {
            "head": headline(one),
            "verdict": one.verdict,
            "condition": " ".join(one.condition.split()),
            "leaves": [[leaf.text, leaf.value, leaf.truth] for leaf in one.leaves],
            "reasons": _reasons(one),
            "orders": list(one.orders),
        }
        for one in stories(story)
    ]


def explanation_html(one: Explanation) -> str:
    """A fragment without styles of its own; every text is escaped."""
    rows = "".join(
        f'<tr class="{leaf.truth}"><td>{MARKS[leaf.truth]}</td><td><code>{escape(leaf.text)}</code></td>'
        f"<td>{escape(leaf.value)}</td></tr>"
        for leaf in one.leaves
    )
    condition = f"<p><code>{escape(' '.join(one.condition.split()))}</code></p>" if one.condition else ""
    reasons = "".join(f"<p>{escape(text)}</p>" for text in _reasons(one))
    orders = "".join(f"<li>{escape(order)}</li>" for order in one.orders)
    return (
        f'<div class="explanation {one.verdict.replace(" ", "-")}"><p><b>{escape(headline(one))}</b></p>{condition}'
        f"<table>{rows}</table>{reasons}{f'<ul>{orders}</ul>' if orders else ''}</div>"
    )


def stories(story: Story) -> list[Explanation | str]:
    return [story] if isinstance(story, (str, Explanation)) else list(story)


def _reasons(one: Explanation) -> list[str]:
    """The blocker, else which parts were not true."""
    if one.blocker:
        return [f"blocked by: {one.blocker}" if one.verdict == "blocked" else one.blocker]
    if one.verdict == "fired" or not one.failing:
        return []
    return [f"failing: {', '.join(leaf.text for leaf in one.failing)}"]
