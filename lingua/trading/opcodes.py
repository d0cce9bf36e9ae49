"""The decision program: instructions over a file of float64 registers, evaluated once per bar of a traded symbol.

What reads fills (`position > 0 and close < entry * 0.98`) cannot be computed as a column beforehand; it is lowered to
these instructions and run inside the bar loop, batch and live alike. Truth is 0 false, 1 unknown, 2 true; a number is
`na` when NaN. No instruction leaves an infinity in a register: it becomes NaN.

An instruction is six ints `(op, target, a, b, c, d)`; a, b, c are registers unless said otherwise. Registers, in this
order: account values (`ACCOUNT`, then `LEG` for each leg), constants, series columns, temporaries, persistent cells.
Persistent cells keep their value from bar to bar; all start as NaN, and the cell a ring or state counts in as 0.
"""

from __future__ import annotations

ACCOUNT = (
    "position", "entry", "weight", "equity", "cash", "pnl", "bars_in_trade", "last_fill", "allocation",
)  # fmt: skip
"""Account registers of the traded symbol, from register 0 on. `position` is signed; `entry`, `bars_in_trade` and
`last_fill` are NaN when flat (`last_fill` before any fill); `pnl` is unrealised money; `weight` signed share of
equity."""

LEG = ("position", "entry", "pnl")
"""Account registers of each leg (data symbol), following ACCOUNT in the order of the program's data declarations."""

(
    MOVE, ADD, SUB, MUL, DIV, POW, NEG,
    GT, GE, LT, LE, EQ, NE,
    AND, OR, NOT, IS_NA, IS_UNKNOWN, COALESCE, COALESCE_TRUTH,
    SELECT,        # target = b if a is true, c if a is false, NaN if unknown
    SELECT_TRUTH,  # the same for truth: unknown (1) if a is unknown
    ABS, EXP, LOG, SQRT, SIGN, FLOOR, CEIL, ROUND, TRUNC, MIN, MAX, MOD,
    HISTORY,       # target = value of a, n = d bars ago; ring of n + 1 cells from cell b: [filled count, values…]
    HISTORY_TRUTH, # the same, unknown instead of NaN before
    PREVIOUS,      # target = last valid value of the state whose cells begin at a: [started, age, value]
    STATE,         # a init, b next, c first of three cells [started, age, value], d bars of lookback before the start
    STATE_TRUTH,   # the same for truth: 1 is "not valid"
    HIGHEST_SINCE_ENTRY,  # a value, b cell; NaN when flat, reset at every flat bar
    LOWEST_SINCE_ENTRY,
) = range(41)  # fmt: skip
