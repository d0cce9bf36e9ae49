"""Messages that another one has said already.

A foreign call is translated whole, with its arguments: that quotes, `=` or a method inside it are foreign too is told
by that one message.
"""

from __future__ import annotations

from collections.abc import Iterable

from lingua.diagnostics.codes import future, syntax
from lingua.diagnostics.codes import names as codes
from lingua.diagnostics.diagnostic import Diagnostic

TRANSLATED = (codes.FOREIGN_NAME, future.LOOK_AHEAD, future.WHOLE_SERIES)
TOLD_WITH_IT = (syntax.OTHER_QUOTES, syntax.WRONG_SIGN, syntax.NOT_A_FUNCTION)


def without_repeats(problems: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The messages, less those about a part of what another one mends as a whole."""
    every = list(problems)
    mended = [
        (problem.source.name, edit.span)
        for problem in every
        if problem.code in TRANSLATED
        for fix in problem.fixes
        for edit in fix.edits
    ]
    if not mended:
        return every
    return [
        problem
        for problem in every
        if problem.code not in TOLD_WITH_IT
        or not any(
            problem.source.name == name and span.start <= problem.span.start and problem.span.end <= span.end
            for name, span in mended
        )
    ]
