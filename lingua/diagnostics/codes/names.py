"""L02xx: names, types and units."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

# --- names ---------------------------------------------------------------------------------------
UNKNOWN_NAME = Code("L0201", "unknown-name", ERROR, "`{name}` is not defined")
UNKNOWN_FUNCTION = Code("L0202", "unknown-function", ERROR, "no function is called `{name}`")
DUPLICATE = Code("L0203", "duplicate-name", ERROR, "`{name}` is defined twice")
SHADOWING = Code("L0204", "shadowing", ERROR, "`{name}` is already {what}")
UNUSED = Code("L0205", "unused-name", WARNING, "{kind} `{name}` is never used")
CYCLE = Code("L0206", "definition-cycle", ERROR, "{names} are defined by each other")
RECURSION = Code("L0207", "recursive-function", ERROR, "`{name}` calls itself{through}")
SKETCH_SHADOWING = Code("L0208", "shadowing-in-sketch", WARNING, "`{name}` is already {what}; here it means yours")
UNKNOWN_FIELD = Code("L0209", "unknown-field", ERROR, "`{owner}` has no part called `{name}`")

# --- units and kinds -----------------------------------------------------------------------------
UNIT_MISMATCH = Code("L0210", "unit-mismatch", ERROR, "`{left}` is {first} and `{right}` is {second}")
WRONG_KIND = Code("L0211", "wrong-kind", ERROR, "`{expr}` is {found}, and {what} must be {wanted}")
WRONG_SCALE = Code(
    "L0212", "wrong-scale", WARNING, "`{expr}` runs from {low:g} to {high:g}, and `{share}` is only {value:g}"
)
INSTRUMENT_MIX = Code(
    "L0213", "instrument-mix", WARNING, "`{left}` is a price of {first} and `{right}` a price of {second}"
)
NOT_CONSTANT = Code(
    "L0214", "not-constant", ERROR, "{what} must be known before the run, and `{expr}` changes from bar to bar"
)
NOT_WHOLE = Code("L0215", "not-whole", ERROR, "{what} must be a whole number, and `{expr}` is {found}")
OUT_OF_BOUNDS = Code("L0216", "out-of-bounds", ERROR, "{what} must be {allowed}, and `{expr}` is {found}")
WRONG_ARGUMENTS = Code("L0217", "wrong-arguments", ERROR, "{cause}")
RECORD_AS_NUMBER = Code("L0218", "record-as-number", ERROR, "`{expr}` has several parts: {parts}")
NOT_A_VALUE = Code("L0219", "not-a-value", ERROR, "`{expr}` is {found}, not a value")
NEVER_TRUE = Code("L0220", "never-true", WARNING, "`{expr}` can never be true")
ALWAYS_TRUE = Code("L0221", "always-true", WARNING, "`{expr}` is always true")
COMPARES_NA = Code("L0222", "compares-na", ERROR, "a comparison with `na` is never true")
ALWAYS_NA = Code("L0229", "always-na", WARNING, "`{expr}` is `na` on every bar: arithmetic with `na` has no value")
NEEDS_CAP = Code("L0223", "needs-cap", ERROR, "`{expr}` changes from bar to bar, so the longest {what} must be given")
PROGRAM_TOO_LARGE = Code("L0224", "program-too-large", ERROR, "{cause}")
WRONG_TYPE = Code("L0225", "wrong-type", ERROR, "`{expr}` is {found}, and `{type}` was declared")
BAD_TEXT = Code("L0226", "bad-text", ERROR, "{cause}")
NEEDS_RATES = Code("L0227", "needs-rates", ERROR, "converting `{expr}` to {currency} needs a series of exchange rates")
WRONG_INPUT = Code("L0228", "wrong-input-unit", ERROR, "`{function}` works on {wanted}, and `{expr}` is {found}")
LENGTH_AS_LEVEL = Code("L0231", "length-as-level", WARNING, "`{expr}` compares {what} with {level} on one bar")

# --- habits of other languages -------------------------------------------------------------------
FOREIGN_NAME = Code("L0230", "foreign-name", ERROR, "`{written}` is {platform}, not Lingua")
