"""L01xx: what stands in the text is not a program."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR, HINT = Severity.ERROR, Severity.HINT

# --- the shape of a program ----------------------------------------------------------------------
UNEXPECTED = Code("L0101", "unexpected", ERROR, "{found} cannot stand here: {expected} expected")
UNKNOWN_ITEM = Code("L0102", "unknown-item", ERROR, "`{word}` does not begin an item {where}")
MISSING = Code("L0103", "missing", ERROR, "`{sign}` is missing before {found}")
UNCLOSED_BLOCK = Code("L0104", "unclosed-block", ERROR, "this `{{` is never closed")
UNCLOSED_BRACKET = Code("L0105", "unclosed-bracket", ERROR, "this `{sign}` is never closed")
UNCLOSED_STRING = Code("L0106", "unclosed-string", ERROR, "this text in quotes does not end on its line")
UNCLOSED_COMMENT = Code("L0107", "unclosed-comment", ERROR, "this comment is never closed")
BAD_ESCAPE = Code("L0108", "bad-escape", ERROR, "`{escape}` means nothing inside quotes")
BAD_CHARACTER = Code("L0109", "bad-character", ERROR, "{found} is not part of the language")
BAD_NUMBER = Code("L0110", "bad-number", ERROR, "`{text}` is not a number Lingua knows")
BARE_DATE = Code("L0111", "bare-date", ERROR, "`{text}` would be a subtraction, not a date")
STRAY_CLOSING = Code("L0112", "stray-closing", ERROR, "`{sign}` closes nothing")
RESERVED_NAME = Code("L0113", "reserved-name", ERROR, "`{word}` is a word of the language and cannot be a name")
CHAINED_COMPARISON = Code("L0114", "chained-comparison", ERROR, "comparisons cannot be chained")
SWALLOWED_STATEMENT = Code(
    "L0115", "swallowed-statement", ERROR, "`{word}` is read as the amount of `{verb}` on the line before"
)
REPEATED_PART = Code("L0116", "repeated-part", ERROR, "`{word}` is given twice in one action")
MIXED_GROUP = Code("L0117", "mixed-group", ERROR, "`&` and `|` cannot be mixed in one group of actions")
NOT_A_FUNCTION = Code("L0118", "not-a-function", ERROR, "only a name can be called")
UNKNOWN_WORD = Code("L0119", "unknown-word", ERROR, "`{word}` is not one of {known}")
WRONG_PLACE = Code("L0120", "wrong-place", ERROR, "`{word}` does not belong {where}")
SYMBOL_NEEDS_QUOTES = Code("L0121", "symbol-needs-quotes", ERROR, "`{symbol}` is a symbol only inside quotes")
INCOMPLETE = Code("L0122", "incomplete", ERROR, "{what} is not finished: {expected} expected")

# --- habits of other languages -------------------------------------------------------------------
FOREIGN_OPERATOR = Code("L0130", "foreign-operator", ERROR, "`{sign}` is not an operator of Lingua")
REASSIGNMENT = Code("L0131", "reassignment", ERROR, "`{sign}` changes a value, and values in Lingua never change")
MODULO = Code("L0132", "modulo", ERROR, "`%` makes a share (`10%`); it does not divide")
EQUALS_IN_CONDITION = Code("L0133", "equals-in-condition", ERROR, "`=` defines; it does not compare")
OTHER_QUOTES = Code("L0134", "other-quotes", ERROR, "text stands in double quotes")
IF_STATEMENT = Code("L0135", "if-statement", ERROR, "`if` chooses between values; it does not run statements")
DECLARATION = Code("L0136", "declaration", ERROR, "`{word}` declares nothing in Lingua")
BARE_ASSIGNMENT = Code("L0137", "bare-assignment", ERROR, "`{name} = …` needs a word in front that says what it is")
INPUTS = Code("L0138", "inputs", ERROR, "inputs are declared one by one as `param`")
PLOT_CALL = Code("L0139", "plot-call", ERROR, "`{word}` does not plot: plotting is a declaration")
STRATEGY_CALL = Code("L0140", "strategy-call", ERROR, "a script header such as `{word}(…)` is not needed")
FUNCTION_HABIT = Code("L0141", "function-habit", ERROR, "functions are written `fn`")
ORDER_HABIT = Code("L0142", "order-habit", ERROR, "an order stands after `=>` in a rule")
ELSE_STATEMENT = Code("L0143", "else-statement", ERROR, "`{word}` belongs to a statement, and Lingua has none")
LOOP = Code("L0144", "loop", ERROR, "`{word}` loops, and Lingua has no loops")
FOREIGN_STATEMENT = Code("L0145", "foreign-statement", ERROR, "`{word}` is a statement of another language")
NOT_IN = Code("L0148", "not-in", ERROR, "`not in` is written with `not` in front")
MISSPELT_WORD = Code("L0149", "misspelt-word", ERROR, "`{word}` is written `{right}`")
WRONG_SIGN = Code("L0150", "wrong-sign", ERROR, "`{sign}` cannot stand after {after}: `{right}` expected")
ARROW_AS_COMPARISON = Code("L0151", "arrow-as-comparison", ERROR, "`=>` begins an action; it does not compare")
PINE_VERSION = Code("L0152", "pine-version", HINT, "`{text}` is only a comment here")

# --- limits and the file itself ------------------------------------------------------------------
TOO_LARGE = Code("L0190", "too-large", ERROR, "{what}")
NUMBER_TOO_LARGE = Code("L0191", "number-too-large", ERROR, "this number is too large: {why}")
NOT_UTF8 = Code("L0192", "not-utf8", ERROR, "byte {position:,} of the file is not UTF-8 text")
UNREADABLE = Code("L0193", "unreadable", ERROR, "the file cannot be read: {why}")
TOO_MANY_ERRORS = Code("L0194", "too-many-errors", ERROR, "more than {count} mistakes; the rest is not shown")
BROKEN_ARTEFACT = Code("L0195", "broken-artefact", ERROR, "this is no artefact that can be used: {why}")
ARTEFACT_DIFFERS = Code("L0196", "artefact-differs", ERROR, "this artefact says its fingerprint is {why}")
