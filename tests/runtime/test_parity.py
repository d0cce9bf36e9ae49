"""A paper run is the backtest, byte for byte: fills, trades, orders and equity of every bar."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `live` is not installed")

from lingua.artefact import to_json
from lingua.backtest.run import backtest
from lingua.compiler import compile_path
from lingua.data.market import load_market
from lingua.live.replay import open_live, replay
from lingua_runtime.config import config_of
from lingua_runtime.control import Standing
from lingua_runtime.journal import Journal
from lingua_runtime.node import Node
from lingua_runtime.replaying import replay_journal

EXAMPLES = Path(__file__).parents[2] / "examples"
PROGRAMS = ("ema_cloud", "squeeze")


async def paper(folder: Path, names: tuple[str, ...]) -> None:
    """All of them in one node, over the recorded bars, until these end; with a restart in the middle."""
    config = config_of(
        {"journal": "node.db", "accounts": {"demo": {"venue": "replay", "project": str(EXAMPLES)}}},
        folder / "node.toml",
    )
    node = Node(config)
    await node.start()
    for name in names:
        compiled = compile_path(EXAMPLES / f"{name}.lingua")
        await node.deploy(to_json(compiled).encode(), {"id": name[:16], "mode": "paper"}, by="ann")
    while any(view.bars < 300 for view in node.deployments()):
        await asyncio.sleep(0.01)
    await node.end()
    node = Node(config)
    await node.start()
    while any(view.standing in (Standing.RUNNING, Standing.STARTING) for view in node.deployments()):
        await asyncio.sleep(0.02)
    assert [view.why for view in node.deployments()] == ["the recorded bars have ended"] * len(names)
    await node.end()


def test_a_paper_run_with_a_restart_is_the_backtest_byte_for_byte(tmp_path: Path) -> None:
    asyncio.run(paper(tmp_path, PROGRAMS))
    journal = Journal(tmp_path / "node.db")
    for name in PROGRAMS:
        compiled = compile_path(EXAMPLES / f"{name}.lingua")
        told = [record.data for record in journal.read(name[:16]) if record.kind == "decisions"]
        result = backtest(compiled, None)
        market = load_market(compiled.program, None, near=EXAMPLES / f"{name}.lingua")
        live = open_live(compiled, market, execution=result.execution, capital=result.capital)
        expected = [json.dumps(each.to_dict()) for each in replay(live, market)]
        assert [json.dumps(each) for each in told] == expected
        assert [each["equity"] for each in told] == result.ledger.equity.tolist()
        assert [each["cash"] for each in told] == result.ledger.cash.tolist()
        fills = [fill for each in told for fill in each["fills"]]
        assert [pick(fill) for fill in fills] == [
            (fill.quantity, fill.price, fill.commission, fill.rule or None, fill.reason) for fill in result.ledger.fills
        ]
        trades = [trade for each in told for trade in each["trades"]]
        assert [trade["pnl"] for trade in trades] == [t.pnl for t in result.ledger.trades if t.exit_ts is not None]
        assert fills
    journal.close()
    assert [each.why for each in replay_journal(f"sqlite:///{tmp_path / 'node.db'}")] == [""] * len(PROGRAMS)


def pick(fill: dict[str, Any]) -> tuple[Any, ...]:
    return fill["quantity"], fill["price"], fill["commission"], fill["rule"], fill["reason"]
