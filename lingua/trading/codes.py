"""Numbers that the order/fill step uses for names. `codes.pxd` repeats them for the compiled form (a test compares)."""

from __future__ import annotations

BUY, SELL, CLOSE, SHORT, COVER, TARGET, CANCEL = range(7)
VERBS = ("buy", "sell", "close", "short", "cover", "target", "cancel")

BY_QUANTITY, BY_MONEY, BY_EQUITY, BY_CASH, BY_POSITION, BY_ALLOCATION, BY_RISK, BY_RISK_MONEY, BY_ALL = range(9)

AT_MARKET, AT_OPEN, AT_AUCTION, AT_LIMIT, AT_STOP, AT_STOP_LIMIT, AT_TWAP, AT_VWAP = range(8)
ORDER_KINDS = ("market", "open", "auction", "limit", "stop", "stop_limit", "twap", "vwap")

LIFE_BARS, LIFE_SECONDS, LIFE_GTC = range(3)

IN_PRICE, IN_RATIO, IN_R, IN_LEVEL, IN_NOTHING = range(5)
FORMS = ("price", "ratio", "r", "level")

STOP_EXIT, TARGET_EXIT, TRAIL_EXIT, EXPIRE_EXIT = range(4)
EXIT_KINDS = ("stop", "target", "trail", "expire")

(
    FOR_ENTRY, FOR_RULE, FOR_STOP, FOR_TARGET, FOR_TRAIL, FOR_EXPIRE, FOR_REVERSAL, FOR_REBALANCE, FOR_LIQUIDATION,
    FOR_FLATTEN, FOR_SPLIT, FOR_DUST, FOR_UNWIND,
) = range(13)  # fmt: skip
REASONS = (
    "entry", "rule", "stop", "target", "trail", "expire", "reversal", "rebalance", "liquidation", "flatten", "split",
    "dust", "unwind",
)  # fmt: skip

(
    SUBMITTED, ACCEPTED, PARTIALLY_FILLED, FILLED, CANCELED, EXPIRED, REJECTED, DENIED, SUPPRESSED, IGNORED, FILTERED,
    NA_VALUE, ZERO_ROUNDED, BELOW_MINIMUM, WRONG_SIDE, SPENT, NOT_READY, HALTED, BROKEN,
) = range(19)  # fmt: skip
KINDS = (
    "submitted", "accepted", "partially_filled", "filled", "canceled", "expired", "rejected", "denied", "suppressed",
    "ignored", "filtered", "na_value", "zero_rounded", "below_minimum", "wrong_side", "spent", "not_ready", "halted",
    "broken",
)  # fmt: skip

(
    PLAIN, WHY_OPEN, WHY_OPPOSITE, WHY_WORKING, WHY_PYRAMID_FULL, WHY_PYRAMID_STEP, WHY_DIRECTION, WHY_FILTER,
    WHY_REDUCTION, WHY_AMOUNT_NA, WHY_PRICE_NA, WHY_EXIT_NA, WHY_NEGATIVE, WHY_LOT, WHY_MINIMUM, WHY_STOP_SIDE,
    WHY_ONCE, WHY_WARMUP, WHY_LIMIT, WHY_HALT, WHY_GAP, WHY_NO_CASH, WHY_UNPAID, WHY_LEG, WHY_SIBLING, WHY_WITHDRAWN,
    WHY_LIFE, WHY_REBALANCE, WHY_CUT, WHY_BORROWED_SIDE, WHY_CROSSES_ZERO, WHY_NOTHING_LEFT, WHY_REPLACED, WHY_RUIN,
    WHY_BROKEN, WHY_LEGS_APART,
) = range(36)  # fmt: skip
DETAILS = (
    "",
    "POSITION_OPEN: quantity={a:g}",
    "OPPOSITE_POSITION_OPEN: quantity={a:g}",
    "ENTRY_WORKING: order={a:g}",
    "PYRAMID_FULL: units={a:g}",
    "PYRAMID_STEP: moved={a:g}, step={b:g}",
    "DIRECTION: the strategy trades one side only",
    "FILTER: {filter}",
    "SUPPRESSED_BY_REDUCTION",
    "AMOUNT_NA",
    "PRICE_NA",
    "EXIT_NA",
    "AMOUNT_NOT_POSITIVE: amount={a:g}",
    "ROUNDED_TO_ZERO: quantity={a:g}, lot={b:g}",
    "BELOW_MINIMUM: quantity={a:g}, notional={b:g}",
    "STOP_ON_WRONG_SIDE: stop={a:g}, price={b:g}",
    "ONCE_SPENT",
    "WARMING_UP",
    "{limit}: limit={a:g}, would be {b:g}",
    "HALTED_BY: {limit}",
    "MAX_GAP: missing bars={a:g}, limit={b:g}",
    "NO_FREE_CASH: free={a:g}",
    "CANNOT_PAY: needs={a:g}, free={b:g}",
    "LEG_NOT_SENT: another leg of the group was refused",
    "OTHER_ORDER_FILLED",
    "WITHDRAWN_BY_REDUCTION",
    "LIFE_ENDED",
    "BELOW_REBALANCE: change={a:g}, threshold={b:g}",
    "CUT: wanted={a:g}, sent={b:g}",
    "SHORT_ON_SPOT",
    "WOULD_CROSS_ZERO: quantity={a:g}",
    "NOTHING_LEFT_TO_REDUCE",
    "REPLACED",
    "RUINED",
    "LEG_BROKEN: filled legs={a:g}, legs={b:g}",
    "LEGS_APART: another leg of the group did not fill",
)
"""Why an order was not sent, or ended. Searchable: the words before the colon are the reason."""

(
    MAX_DRAWDOWN, MAX_LOSS, MAX_ORDERS, MAX_EXPOSURE, MAX_WEIGHT, MAX_OPEN, MAX_OPEN_RISK, MAX_TURNOVER, MAX_HOLDING,
    COOLDOWN,
) = range(10)  # fmt: skip

PER_RUN, PER_HOUR, PER_SESSION, PER_WEEK, PER_MONTH, PER_QUARTER, PER_YEAR = range(7)

TO_LIMIT, TO_HALT, TO_FLATTEN = range(3)

LAST_FOREVER, LAST_SESSIONS, LAST_SECONDS, LAST_BARS = range(4)

# Columns of the tables a run leaves behind (`rows.Rows`).
(
    F_INSTANT, F_MARKET, F_BAR, F_DETAIL, F_AT_OPEN, F_SIDE, F_QUANTITY, F_PRICE, F_COMMISSION, F_SLIPPAGE, F_ORDER,
    F_RULE, F_REASON, F_MAKER, F_AMBIGUOUS, F_WIDTH,
) = range(16)  # fmt: skip
(
    T_ID, T_MARKET, T_SIDE, T_QUANTITY, T_ENTRY_BAR, T_ENTRY_DETAIL, T_ENTRY_AT_OPEN, T_ENTRY_PRICE, T_EXIT_BAR,
    T_EXIT_DETAIL, T_EXIT_AT_OPEN, T_EXIT_PRICE, T_PNL, T_COMMISSION, T_SLIPPAGE, T_CARRY, T_ENTRY_RULE, T_EXIT_RULE,
    T_REASON, T_TAG, T_RISK, T_MAE, T_MFE, T_BEFORE_SETTLE, T_AMBIGUOUS, T_WIDTH,
) = range(26)  # fmt: skip
(
    E_INSTANT, E_MARKET, E_BAR, E_KIND, E_RULE, E_ORDER, E_QUANTITY, E_PRICE, E_WHY, E_A, E_B, E_WIDTH,
) = range(12)  # fmt: skip

# What `plainness` writes of each rule for `plain`, and why a walk of `plain` ended: something it does not know, no more
# bars, no more room for rows.
(
    P_BUYS, P_CONDITION, P_TICK, P_RULE, P_AMOUNT, P_AMOUNT_SLOT, P_TAG, P_STOP_FORM, P_STOP_SLOT, P_TARGET_FORM,
    P_TARGET_SLOT, P_WIDTH,
) = range(12)  # fmt: skip
WALK_STOPS, WALK_ENDS, WALK_IS_FULL = range(3)
