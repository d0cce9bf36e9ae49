"""What a run of the order/fill step is given: bars, series columns and the decision program, per traded symbol.

The register file of a traded symbol holds, in this order, the account values (`opcodes.ACCOUNT`, then `opcodes.LEG`
for each leg), constants, series columns, temporaries and persistent cells (`opcodes`). At each evaluated bar the step
writes the account values, copies column `j` of `columns` to register `series_offset + j`, runs `code`, and then reads
conditions, amounts and levels from the registers that `slot_of(node)` names.

    setup.build(program, slot_of, inputs, legs, execution, capital) -> setup.Run
        program     lingua.ir.program.Program
        slot_of     Callable[[Node], int]: the register a node's value stands in after the program ran
        inputs      Sequence[SymbolInput], in the source order of the traded symbols
        legs        Sequence[LegInput], one for each data declaration (alias not ""), in source order
        execution   lingua.trading.execution.Execution, presets and profile already resolved (`profiles.resolve`)
        capital     starting cash in the quote currency
    Run.run(progress=None) -> records.Ledger     all bars over the union clock
    Run.advance(ts, bars) -> Advance             one instant: the bars that close now (`LiveBar`), then decisions
    Run.ledger() -> records.Ledger               what happened so far
    Run.watched(symbol) -> array                 registers named in build(…, watch=…), a column for each bar
    Run.snapshot() -> dict, Run.restore(dict)    plain data, JSON-able; restore into a Run built from the same inputs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.bars import Bars

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SymbolInput:
    """One traded symbol. n bars, k series columns, m instructions, r registers.

    `columns` (k, n) float64 whose truths are 0, 1, 2, or k columns of which truths may be uint8. `code` (m, 6) int32.
    `registers` (r,) float64 is the initial file: constants in place, persistent cells as `opcodes` says. Rules act
    from bar `ready` on (from bar `settled` with `execution { warmup: settled }`). `attention` (n,) uint8 is 0 where
    no rule can act whatever the position is: no condition true, no `else` on a false one; None looks at every bar.
    `sessions` (n,) int64 is the date of each bar's session in days since 1970-01-01; None takes the UTC date of the
    bar's last nanosecond. `gap` (n,) int32 counts the missing or na bars of input columns up to and with this bar;
    None counts na closes. `detail` holds finer bars of the same symbol.
    """

    bars: Bars
    columns: Floats | Sequence[NDArray[Any]]
    code: NDArray[np.int32]
    registers: Floats
    series_offset: int
    ready: int
    settled: int = 0
    attention: NDArray[np.uint8] | None = None
    detail: Bars | None = None
    sessions: NDArray[np.int64] | None = None
    gap: NDArray[np.int32] | None = None


@dataclass(frozen=True, slots=True)
class LegInput:
    """A data symbol, `alias` being its name in the program; orders may act on it (`& sell on btc`)."""

    alias: str
    bars: Bars
    detail: Bars | None = None
    sessions: NDArray[np.int64] | None = None


@dataclass(frozen=True, slots=True)
class LiveBar:
    """One closed bar handed to `Run.advance`. `columns` (k,) are the series values of a traded symbol at this bar
    (None for a leg). `detail` rows are (open_ts, ts, open, high, low, close, volume)."""

    open_ts: int
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float = float("nan")
    columns: Floats | None = None
    session: int | None = None
    is_synthetic: bool = False
    gap: int = 0
    detail: tuple[tuple[int, int, float, float, float, float, float], ...] = field(default=())
