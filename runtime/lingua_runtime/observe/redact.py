"""Nothing that leaves the process as text carries a secret.

Two rules. A value that was announced (`REDACTOR.add`) is taken out wherever it stands, also as it looks in JSON, in an
address, in base64 or in a `repr`. What was never announced is taken out where its surroundings say what it is: after a
word such as `password=`, in an `Authorization` header, between `//` and `@` of an address, or by its own form (API
keys, session tokens).
"""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "[secret]"
SHORTEST = 8
"""Characters. A shorter value would blank ordinary words, so it is refused as a secret (`secrets.py`)."""
DEEPEST = 20

_NAME = (
    r"(?:pass(?:word|phrase|wd)?|secret|token|api[-_ ]?key|apikey|private[-_ ]?key|signature|authorization|cookie|"
    r"x-mbx-apikey|listen[-_ ]?key|session|credential)s?"
)
_SECRET_NAME = re.compile(rf"(?:^|[-_. ]){_NAME}$", re.IGNORECASE)
# Each is bounded where it could look at one stretch of text again and again: text from outside comes through here.
_PATTERNS = (
    (re.compile(r"\blk_[A-Za-z0-9]{6,}_[A-Za-z0-9_-]{16,}"), HIDDEN),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)(?<![a-z0-9+.-])([a-z][a-z0-9+.-]{0,30}://)[^\s/@\"']{1,2000}@"), rf"\1{HIDDEN}@"),
    # The value ends at a separator of a query, a list or a sentence; quoted ones at their quote.
    (
        re.compile(
            rf"(?i)((?<![A-Za-z]){_NAME}[\"']?\s*[:=]\s*)(?!\[secret\])(?:(?:bearer|basic)\s+)?"
            r"(?:([\"'])(?:(?!\2)(?:\\.|[^\\])){0,2000}\2|[\"']?[^\s&,;\"'<>}\])]+)"
        ),
        lambda found: f"{found[1]}{found[2] or ''}{HIDDEN}{found[2] or ''}",
    ),
)

# Most text has nothing of it, and this is found out a hundred times faster than by the patterns one by one.
_HINTS = re.compile(
    "pass|secret|token|key|sign|authorization|cookie|session|credential|bearer|basic|lk_|eyj|://", re.IGNORECASE
)


class Redactor:
    """Holds announced values and takes them out of text. Safe to use from several threads."""

    def __init__(self) -> None:
        self._forms: tuple[str, ...] = ()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()

    def add(self, value: str) -> None:
        """From now on `value` is a secret. One that is shorter than SHORTEST changes nothing."""
        if len(value) < SHORTEST:
            return
        with self._lock:
            fresh = forms(value) - set(self._forms)
            if fresh:
                self._forms = (*self._forms, *fresh)
                self._pattern = None

    def text(self, text: str) -> str:
        text = self.announced(text)
        if _HINTS.search(text) is None:
            return text
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def announced(self, text: str) -> str:
        """`text` without the values that were announced: the half of `text` that costs next to nothing."""
        known = self._forms
        if not known or not any(form in text for form in known):
            return text
        pattern = self._pattern
        if pattern is None:
            pattern = self._pattern = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))))
        return pattern.sub(HIDDEN, text)

    def data(self, value: Any, depth: int = 0) -> Any:
        """`value` with every text in it redacted, names of mappings too. What stands under a name such as `password`
        goes whole. Things that are no data of JSON become their text."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if depth >= DEEPEST:
            return "…"
        if isinstance(value, Mapping):
            return {
                self.text(str(name)): HIDDEN
                if isinstance(inner, str) and inner and _SECRET_NAME.search(str(name))
                else self.data(inner, depth + 1)
                for name, inner in value.items()
            }
        if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
            return [self.data(inner, depth + 1) for inner in value]
        return self.text(str(value))


def forms(value: str) -> set[str]:
    """How `value` looks where text is written: plain, escaped and encoded."""
    raw = value.encode("utf-8", "surrogatepass")
    written = {
        value,
        value.strip(),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        repr(raw)[2:-1],
        html.escape(value),
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        raw.hex(),
    }
    written |= {json.dumps(form)[1:-1] for form in (repr(value)[1:-1], html.escape(value))}
    return {form for form in written if len(form) >= SHORTEST}


REDACTOR = Redactor()
"""The process's own: secrets are the process's, whoever logs."""
