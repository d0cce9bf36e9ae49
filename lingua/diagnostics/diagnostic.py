"""What a check says about a program: one mistake, one diagnostic, one concrete mend."""

from __future__ import annotations

from enum import StrEnum

from lingua.structs import Struct
from lingua.syntax.source import Source, Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Code(Struct):
    """One entry of the catalogue: `L0301`, a slug, a severity, and the message with `{fields}`.

    The entries live in `lingua/diagnostics/codes/<family>.py`; `catalogue.py` joins them. Numbers are never reused.
    """

    number: str
    slug: str
    severity: Severity
    message: str


class Label(Struct):
    """A second place, underlined with its own short text (`price`, `first defined here`)."""

    span: Span
    text: str


class Edit(Struct):
    """Replace `span` by `text`."""

    span: Span
    text: str


class Fix(Struct):
    """A mend an editor can apply: what it does, in words, and the edits."""

    title: str
    edits: tuple[Edit, ...]


class Diagnostic(Struct):
    """`message` is the cause in the user's words; `help` is one concrete mend (`write `close[1]` …`)."""

    code: Code
    message: str
    source: Source
    span: Span
    label: str = ""
    labels: tuple[Label, ...] = ()
    help: str = ""
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        return self.code.severity


class Problems:
    """Collects diagnostics of one file; an exact repeat (code, span, message) is kept once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: list[Diagnostic] = []
        self._seen: set[tuple[str, Span, str]] = set()

    def add(
        self,
        code: Code,
        span: Span,
        *,
        label: str = "",
        labels: tuple[Label, ...] = (),
        help: str = "",
        notes: tuple[str, ...] = (),
        fixes: tuple[Fix, ...] = (),
        **fields: object,
    ) -> None:
        """Report `code` at `span`; `fields` fill the message of the catalogue entry."""
        message = code.message.format(**fields)
        key = (code.number, span, message)
        if key not in self._seen:
            self._seen.add(key)
            self.found.append(Diagnostic(code, message, self.source, span, label, labels, help, notes, fixes))

    @property
    def has_errors(self) -> bool:
        return any(item.severity is Severity.ERROR for item in self.found)
