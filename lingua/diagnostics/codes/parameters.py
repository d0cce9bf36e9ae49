"""L08xx: parameters, requirements, optimisation (L080x, L081x) and test blocks (L083x)."""

from __future__ import annotations

from lingua.diagnostics.diagnostic import Code, Severity

ERROR, WARNING = Severity.ERROR, Severity.WARNING

OUTSIDE_DOMAIN = Code("L0801", "outside-domain", ERROR, "the default {value} of `{name}` is not in its domain {domain}")
EMPTY_RANGE = Code("L0802", "empty-range", ERROR, "the range {low}..{high} of `{name}` is empty")
BAD_STEP = Code("L0803", "bad-step", ERROR, "{cause}")
OFF_GRID = Code(
    "L0804", "off-grid", WARNING, "the default {value} of `{name}` is not a whole number of steps from {low}"
)
MIXED_DOMAIN = Code(
    "L0805", "mixed-domain", ERROR, "`{expr}` in the domain of `{name}` is {found}, and the default is {wanted}"
)
NOT_MET = Code("L0806", "requirement-not-met", ERROR, "`{expr}` does not hold: {values}")
NO_PARAMETER = Code("L0808", "unknown-parameter", ERROR, "no `param` is called `{name}`")
OVERRIDE_KIND = Code("L0809", "parameter-kind", ERROR, "`{name}` is {wanted}, and {value} is not")
OVERRIDE_DOMAIN = Code("L0810", "parameter-outside-domain", ERROR, "{value} is not in the domain {domain} of `{name}`")
NO_STRATEGY = Code("L0811", "unknown-strategy", ERROR, "{cause}")
BAD_DEFAULT = Code("L0812", "bad-default", ERROR, "the default of `{name}` is {found}, which no parameter can be")

# --- optimize ------------------------------------------------------------------------------------
NEEDS_FOLDS = Code(
    "L0815", "needs-folds", ERROR, "`optimize` without `folds` would choose the parameters on the bars it is judged on"
)
NOTHING_TO_SEARCH = Code(
    "L0816", "nothing-to-search", WARNING, "no `param` of `{name}` has a domain, so there is nothing to search"
)
NO_OBJECTIVE = Code("L0817", "no-objective", ERROR, "{cause}")

# --- tests ---------------------------------------------------------------------------------------
TEST_WITHOUT_STRATEGY = Code("L0831", "test-without-strategy", ERROR, "{cause}")
GIVEN_UNKNOWN = Code("L0832", "given-unknown", ERROR, "`{name}` cannot be given to a test")
GIVEN_VALUE = Code("L0833", "given-value", ERROR, "`{name}` takes {wanted}, and `{expr}` is {found}")
GIVEN_LENGTHS = Code("L0834", "given-lengths", ERROR, "`{name}` has {count} bars, and `{other}` has {others}")
USING_BREAKS = Code("L0835", "using-breaks", ERROR, "with these parameters the strategy is wrong: {cause}")
BAD_OBSERVATION = Code("L0836", "bad-observation", ERROR, "{cause}")
AT_BAR = Code("L0837", "at-bar", ERROR, "{cause}")
TEST_WITHOUT_EXPECT = Code("L0838", "test-without-expect", WARNING, "the test `{title}` expects nothing")
APPROXIMATION = Code("L0839", "approximation", ERROR, "`~` compares numbers, and `{expr}` is {found}")
