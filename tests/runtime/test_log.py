"""What the log tells people of the journal's records."""

from __future__ import annotations

from typing import Any

from lingua_runtime.journal import Record
from lingua_runtime.log import Log


def fill(seq: int, trade: str, symbol: str = "BTCUSDT", deployment: str = "d1") -> Record:
    data: dict[str, Any] = {"trade_id": trade, "symbol": symbol, "side": -1, "quantity": 0.5, "price": 100.0}
    return Record(seq, deployment, "fill", seq, data)


def test_an_execution_that_comes_by_several_ways_is_told_once() -> None:
    log = Log()
    for seq, record in enumerate([fill(1, "7"), fill(2, "7"), fill(3, "8"), fill(4, "7", "ETHUSDT"), fill(5, "7")]):
        assert record.seq == seq + 1
        log.take(record)
    assert [(event.seq, event.text) for event in log.latest()] == [
        (1, "BTCUSDT: sold 0.5 at 100"), (3, "BTCUSDT: sold 0.5 at 100"), (4, "ETHUSDT: sold 0.5 at 100"),
    ]  # fmt: skip


def test_a_restart_does_not_tell_again_what_an_earlier_process_told() -> None:
    log = Log()
    log.take(fill(1, "7"))
    log.take(fill(9, "7"))
    assert [event.seq for event in log.latest()] == [1]
    log.take(fill(10, "7", deployment="d2"))
    assert [event.deployment for event in log.latest()] == ["d1", "d2"]
