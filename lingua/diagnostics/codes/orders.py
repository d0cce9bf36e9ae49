"""L07xx: orders, sizing, exits, risk limits and execution options."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR, WARNING, HINT = Severity.ERROR, Severity.WARNING, Severity.HINT

# --- verbs and directions ------------------------------------------------------------------------
NEVER_OPENED = Code("L0701", "never-opened", WARNING, "`{verb}` closes {what}, and this strategy never {opens}")
WRONG_DIRECTION = Code(
    "L0703", "wrong-direction", ERROR, "`{verb}` {does}, and this strategy trades `direction {direction}`"
)

# --- amounts -------------------------------------------------------------------------------------
PLAIN_AMOUNT = Code("L0704", "plain-amount", ERROR, "`{expr}` is a plain number, and an amount must say of what")
WRONG_AMOUNT = Code("L0705", "wrong-amount", ERROR, "`{expr}` is {found}, which is no amount")
NEVER_POSITIVE = Code(
    "L0706", "never-positive", ERROR, "the amount `{expr}` is never above zero, so nothing would be done"
)
SHARE_OF_BASE = Code("L0708", "share-of-base", ERROR, "only a share can be taken `of {base}`, and `{expr}` is {found}")
WRONG_RISK = Code("L0709", "wrong-risk", ERROR, "`risk` takes a share of equity or money, and `{expr}` is {found}")
RISK_WITHOUT_STOP = Code(
    "L0710", "risk-without-stop", ERROR, "`risk {expr}` is sized by the distance to a stop, and there is none"
)

# --- exits and order prices ----------------------------------------------------------------------
STOP_ON_WRONG_SIDE = Code(
    "L0711", "stop-on-wrong-side", WARNING, "this {exit} lies {where} the price, so `{verb}` is always refused"
)
WRONG_DISTANCE = Code("L0712", "wrong-distance", ERROR, "a distance is a price or a share, and `{expr}` is {found}")
R_OF_STOP = Code("L0713", "stop-in-r", ERROR, "R is the distance to the first stop, so a stop cannot be measured in R")
R_WITHOUT_STOP = Code(
    "L0714", "r-without-stop", ERROR, "`{expr}` is measured in the distance to a stop, and there is none"
)
EXIT_ON_REDUCTION = Code("L0715", "exit-on-reduction", ERROR, "`{verb}` opens nothing that exits could belong to")
WRONG_CLOSING = Code("L0716", "wrong-closing", ERROR, "{cause}")
WRONG_LENGTH = Code(
    "L0717", "wrong-length", ERROR, "{what} is a number of bars or a length of time, and `{expr}` is {found}"
)
USELESS_LIFE = Code(
    "L0718", "useless-life", WARNING, "{order} order fills at once or not at all, so `for` means nothing"
)
TWO_STOPS = Code(
    "L0719", "two-exits", WARNING, "this {exit} and the one before it act from the fill on; only the nearer one matters"
)
EXPIRE_AFTER_HOLDING = Code(
    "L0720",
    "expire-after-holding",
    WARNING,
    "`expire after {expire}` comes later than `max_holding {holding}` and never acts",
)
UNKNOWN_RULE = Code("L0721", "unknown-rule", ERROR, "no rule is called `{name}`")
UNKNOWN_LEG = Code("L0722", "unknown-leg", ERROR, "`{name}` is neither traded nor declared as `data`")
ORDER_ON_CANCEL = Code("L0723", "order-on-cancel", ERROR, "`cancel` withdraws orders; it cannot place one")
PRICE_OF_ANOTHER = Code(
    "L0724", "price-of-another", WARNING, "`{expr}` is a price of {found}, and the order is for {wanted}"
)
NEVER_AT_ONCE = Code(
    "L0725", "buy-and-sell-at-once", ERROR, "`{first}` and `{second}` of one symbol cannot be sent together"
)

# --- the risk block ------------------------------------------------------------------------------
UNKNOWN_LIMIT = Code("L0726", "unknown-limit", ERROR, "no limit is called `{name}`")
LIMIT_VALUE = Code("L0727", "limit-value", ERROR, "`{name}` takes {wanted}, and `{expr}` is {found}")
LIMIT_PERIOD = Code("L0728", "limit-period", ERROR, "{cause}")
LIMIT_EFFECT = Code("L0729", "limit-effect", ERROR, "{cause}")
REPEATED_SETTING = Code("L0730", "repeated-setting", ERROR, "`{name}` is given twice")

# --- the execution block -------------------------------------------------------------------------
UNKNOWN_OPTION = Code("L0731", "unknown-option", ERROR, "the {block} block has no option `{name}`")
OPTION_VALUE = Code("L0732", "option-value", ERROR, "`{name}` takes {wanted}, and `{expr}` is {found}")
UNKNOWN_CHOICE = Code("L0733", "unknown-choice", ERROR, "`{word}` is not one of {known}")
CONTRADICTORY = Code("L0734", "contradictory-options", WARNING, "{cause}")
FILL_ON_CLOSE = Code(
    "L0735",
    "fill-on-close",
    ERROR,
    "a decision never fills on its own bar: its close is known only when the bar is over",
)

# --- once per strategy ---------------------------------------------------------------------------
REPEATED_ITEM = Code("L0736", "repeated-item", ERROR, "`{item}` is given twice, and a strategy has one")
PYRAMID_UNITS = Code("L0737", "pyramid-units", ERROR, "`pyramid` counts units of one position, and {count} is {why}")
BAD_HOLE = Code("L0738", "bad-hole", ERROR, "`{hole}` in an alert is not a name")
NO_RULES = Code("L0739", "no-rules", HINT, "`{name}` has no rules, so it never trades")

# --- pointed out ---------------------------------------------------------------------------------
NO_STOP = Code("L0740", "no-stop", HINT, "{rules} without a protective stop")
NO_SIZE = Code("L0741", "no-size", HINT, "`{verb}` says no amount, so it takes the whole allocation")
REPEATS = Code("L0742", "repeats", WARNING, "`{action}` acts again on every bar while `{condition}` stays true")
SAME_RULE = Code("L0743", "same-rule-twice", WARNING, "`{name}` does what `{other}` does, on the same condition")
ALWAYS_SUPPRESSED = Code(
    "L0744", "always-suppressed", WARNING, "`{name}` never {does}: whenever it is true, `{other}` is true and {wins}"
)
RULE_NEVER = Code("L0745", "rule-never-acts", WARNING, "`{name}` never acts: its condition is never true")
RULE_ALWAYS = Code("L0746", "rule-always-acts", WARNING, "`{name}` is true on every bar")
MORE_THAN_ALL = Code("L0747", "more-than-all", WARNING, "`{expr}` is more than all there is: {why}")
TARGET_AND_BUY = Code(
    "L0748",
    "target-and-buy",
    WARNING,
    "`target` moves the whole position to its own size, and `{verb}` in `{other}` changes it again",
)
SIGNED_POSITION = Code(
    "L0749", "signed-position", WARNING, "`position` is negative while short, so `{expr}` does nothing then"
)
NEVER_FILTERED = Code("L0750", "filter-never-opens", WARNING, "`{name}` is never true, so this strategy never enters")
POINTLESS_LIMIT = Code("L0751", "pointless-limit", WARNING, "{cause}")
NEVER_SENT = Code("L0753", "never-sent", WARNING, "{what} `{expr}` is missing on every bar, so no order is sent")
AMOUNT_OF_ANOTHER = Code(
    "L0752", "amount-of-another", WARNING, "`{expr}` is an amount of {asset}, and the order is for {symbol}"
)
