"""Instructions of the series machine (`lingua.backends.machine`).

An instruction is six ints `(op, target, a, b, c, d)`; all but `op` are registers unless said otherwise. `wires` is a
further list of registers, for instructions that read more than three. Truth is 0 false, 1 unknown, 2 true. Up to
`LAST_POINTWISE` an instruction makes one value of up to three.
"""

from __future__ import annotations

(
    # Operations of the graph, as `lingua.backends.scalar` defines them: no infinity comes out.
    MOVE, ADD, SUB, MUL, DIV, NEG, AS_INT, POW,
    GT, GE, LT, LE, EQ, NE,
    SAME, DIFFERENT,              # of strings, as their numbers: never unknown
    AND, OR, NOT, IS_NA, IS_UNKNOWN, COALESCE, COALESCE_TRUTH, TRUTH_EQ, TRUTH_NE,
    SELECT, SELECT_TRUTH, MIN, MAX, ABS, SQRT, EXP, LOG,
    SIGN, FLOOR, CEIL, ROUND, TRUNC, MOD, NEAREST,
    TRUTH,                        # of an indicator's output
    # Operations of formulas, as `lingua.indicators.pointwise` defines them: infinities pass, conditions are 0 or 1.
    PLUS, MINUS, TIMES, RATIO, CHOOSE,
    ABOVE, AT_LEAST, BELOW, AT_MOST, EQUAL, UNEQUAL, BOTH, EITHER,
) = range(54)  # fmt: skip
LAST_POINTWISE = EITHER

(
    HISTORY,      # a value, c cells from b on, a ring: target = value c bars ago; d register of the place in the ring
    STATE_BEGIN,  # a init, b cells [started, first bar, last valid value], c 1 for truth; jumps to d unless it goes on
    STATE_END,    # a next, b cells, c 1 for truth
    KERNEL,       # kernel d, fed with c registers from wire b on; outputs from target on
    SHAPE,        # the same for a machine of `kernels_structure`
    GATE,         # of an indicator: c inputs from wire b on (truth as -1 - register); when one is missing its a outputs
                  # from target on are NaN and it jumps to d
    NEED,         # the same for one number a; c outputs
    SHOW,         # an output a, unless the lookback b still runs or it is not finite; the lookback goes on
    SHOWN,        # the same for c outputs from wire b on; d lookback
    LINE,         # GATE, KERNEL, SHOW of an indicator that is kernel d alone, fed with a; b lookback; c 1 to start
    CELL,         # Python cell d, fed with c registers from wire b on; a outputs from target on
) = range(64, 75)  # fmt: skip
