"""The decision program: every instruction, na and unknown included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from stage import Stage, bars, flat, play

from lingua.trading import opcodes as op
from lingua.trading.evaluator import Evaluator
from lingua.trading.execution import Execution
from lingua.trading.setup import build

NAN = math.nan
A, B, C, OUT, CELL = 9, 10, 11, 12, 13


def rows_of(code, columns, cells=8):
    """What register OUT holds after each bar, through a rule-less run of one program."""
    n = len(columns[0])
    stage = Stage(n)
    for column in columns:
        stage.value(column)
    for _ in range(3 - len(columns)):
        stage.value([0.0] * n)
    given = stage.symbol(bars(flat(*[100] * n)), code=np.array(code, dtype=np.int32), temporaries=cells)
    run = build(stage.program(), stage.slot_of, [given], [], Execution(), 1000.0, watch=[OUT])
    run.run()
    return run.watched(0)[0].tolist()


def one(opcode, a, b=0.0, c=0.0):
    return rows_of([(opcode, OUT, A, B, C, 0)], [[a], [b], [c]])[0]


TABLE = [
    (op.MOVE, (3,), 3), (op.ADD, (2, 3), 5), (op.ADD, (2, NAN), NAN), (op.ADD, (1e308, 1e308), NAN),
    (op.SUB, (2, 3), -1), (op.MUL, (2, 3), 6), (op.DIV, (3, 2), 1.5), (op.DIV, (3, 0), NAN), (op.DIV, (0, 0), NAN),
    (op.POW, (2, 10), 1024), (op.POW, (0, 0), 1), (op.POW, (-8, 0.5), NAN), (op.POW, (0, -1), NAN),
    (op.POW, (NAN, 0), NAN), (op.POW, (10, 400), NAN), (op.NEG, (2,), -2), (op.GT, (2, 1), 2), (op.GT, (1, 1), 0),
    (op.GT, (NAN, 1), 1), (op.GE, (1, 1), 2), (op.LT, (1, 2), 2), (op.LE, (2, 1), 0), (op.EQ, (1, 1), 2),
    (op.EQ, (NAN, NAN), 1), (op.NE, (1, 2), 2), (op.AND, (2, 2), 2), (op.AND, (2, 1), 1), (op.AND, (1, 0), 0),
    (op.AND, (NAN, 2), 1), (op.OR, (0, 0), 0), (op.OR, (1, 0), 1), (op.OR, (1, 2), 2), (op.NOT, (2,), 0),
    (op.NOT, (1,), 1), (op.NOT, (NAN,), 1), (op.IS_NA, (NAN,), 2), (op.IS_NA, (0,), 0), (op.IS_UNKNOWN, (1,), 2),
    (op.IS_UNKNOWN, (2,), 0), (op.COALESCE, (NAN, 4), 4), (op.COALESCE, (3, 4), 3), (op.COALESCE_TRUTH, (1, 2), 2),
    (op.COALESCE_TRUTH, (0, 2), 0), (op.SELECT, (2, 5, 6), 5), (op.SELECT, (0, 5, 6), 6),
    (op.SELECT, (1, 5, 6), NAN), (op.SELECT_TRUTH, (1, 2, 2), 1), (op.SELECT_TRUTH, (2, 0, 2), 0),
    (op.ABS, (-3,), 3), (op.EXP, (0,), 1), (op.EXP, (1000,), NAN), (op.LOG, (0,), NAN), (op.LOG, (1,), 0),
    (op.SQRT, (9,), 3), (op.SQRT, (-1,), NAN), (op.SIGN, (-7,), -1), (op.SIGN, (0,), 0), (op.SIGN, (NAN,), NAN),
    (op.FLOOR, (-1.5,), -2), (op.CEIL, (-1.5,), -1), (op.ROUND, (2.5,), 2), (op.ROUND, (3.5,), 4),
    (op.ROUND, (-2.5,), -2), (op.ROUND, (NAN,), NAN), (op.TRUNC, (-1.7,), -1), (op.MIN, (1, 2), 1),
    (op.MIN, (1, NAN), NAN), (op.MAX, (1, 2), 2), (op.MOD, (-7, 3), 2), (op.MOD, (7, 0), NAN),
]  # fmt: skip


@pytest.mark.parametrize(("opcode", "inputs", "expected"), TABLE)
def test_an_instruction_gives_its_value(opcode, inputs, expected):
    found = one(opcode, *inputs)
    assert found == expected or (math.isnan(found) and math.isnan(expected))


def test_every_instruction_without_memory_is_in_the_table():
    memory = {op.HISTORY, op.HISTORY_TRUTH, op.PREVIOUS, op.STATE, op.STATE_TRUTH, op.HIGHEST_SINCE_ENTRY,
              op.LOWEST_SINCE_ENTRY}  # fmt: skip
    assert {row[0] for row in TABLE} | memory == set(range(41))


def equal(found, expected):
    return np.array_equal(np.array(found, dtype=float), np.array(expected, dtype=float), equal_nan=True)


def test_history_is_the_value_n_bars_ago():
    x = [1, 2, NAN, 4, 5, 6]
    assert equal(rows_of([(op.HISTORY, OUT, A, CELL, 0, 2)], [x]), [NAN, NAN, 1, 2, NAN, 4])
    assert equal(rows_of([(op.HISTORY, OUT, A, CELL, 0, 0)], [x]), x)
    assert equal(rows_of([(op.HISTORY_TRUTH, OUT, A, CELL, 0, 1)], [[2, 0, 1, 2]]), [1, 2, 0, 1])


def test_a_state_starts_where_init_is_valid_and_keeps_its_last_valid_value():
    # next = prev + b: register CELL + 3 takes prev, CELL + 4 the sum.
    code = [
        (op.PREVIOUS, CELL + 3, CELL, 0, 0, 0),
        (op.ADD, CELL + 4, CELL + 3, B, 0, 0),
        (op.STATE, OUT, A, CELL + 4, CELL, 1),
    ]
    init = [7, NAN, 7, 7, 7, 7]
    add = [1, 1, 1, 2, NAN, 3]
    assert equal(rows_of(code, [init, add]), [NAN, NAN, 7, 9, NAN, 12])


def test_since_entry_follows_the_position():
    n = 8
    stage = Stage(n)
    high = stage.value([9, 1, 5, 3, 8, 2, 7, 6])
    stage.rule("in_", [1, 5], stage.act("buy", ("qty", 1)))
    stage.rule("out", [4], stage.act("sell"))
    base = 9 + len(stage.constants)
    top = base + len(stage.columns)
    code = np.array(
        [(op.HIGHEST_SINCE_ENTRY, top, base, top + 1, 0, 0), (op.LOWEST_SINCE_ENTRY, top + 2, base, top + 3, 0, 0)],
        dtype=np.int32,
    )
    given = stage.symbol(bars(flat(*[100] * n)), code=code, temporaries=4)
    run = build(stage.program(), stage.slot_of, [given], [], Execution(), 1000.0, watch=[top, top + 2])
    run.run()
    highest, lowest = run.watched(0).tolist()
    assert high is not None
    assert equal(highest, [NAN, NAN, 5, 5, 8, NAN, 7, 7])
    assert equal(lowest, [NAN, NAN, 5, 3, 3, NAN, 7, 6])


def test_account_values_stand_in_the_first_registers():
    stage = Stage(5)
    stage.rule("in_", [1], stage.act("buy", ("qty", 10)))
    ledger, run = play(stage, bars(flat(100, 100, 100, 110, 120)))
    values = dict(zip(op.ACCOUNT, run.decider.evaluators[0].file()[:9], strict=True))
    # Bar 4 was quiet: what stands there is the bar of the decision, before the position.
    assert values["equity"] == 10_000
    _, run = play(stage, bars(flat(100, 100, 100, 110, 120)), skips=False)
    values = dict(zip(op.ACCOUNT, run.decider.evaluators[0].file()[:9], strict=True))
    assert values == pytest.approx(
        {"position": 10, "entry": 100, "weight": 1200 / 10_200, "equity": 10_200, "cash": 9_000, "pnl": 200,
         "bars_in_trade": 2, "last_fill": 100, "allocation": 10_200}
    )  # fmt: skip
    assert ledger.equity[-1] == 10_200


@pytest.mark.parametrize(
    "code",
    [(99, 0, 0, 0, 0, 0), (op.ADD, 50, 9, 9, 0, 0), (op.ADD, 9, 9, 77, 0, 0), (op.HISTORY, 9, 9, 10, 0, 10**6),
     (op.STATE, 9, 9, 9, 12, 0), (op.MOVE, 9, -1, 0, 0, 0), (op.HISTORY, 9, 9, 10, 0, -3)],
)  # fmt: skip
def test_no_program_reaches_outside_its_registers(code):
    with pytest.raises(ValueError, match="instruction 0"):
        Evaluator(np.array([code]), np.zeros(13), np.zeros((1, 4)), 9)
