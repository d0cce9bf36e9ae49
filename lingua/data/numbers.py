"""Columns of numbers as people and vendors write them, to float64: exactly what Python's `float` makes of the text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lingua.data.table import Instants

Floats = NDArray[np.float64]
NOTHING = {"", "na", "n/a", "nan", "null", "none", "-", "--", "."}
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
DECIMAL_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d*")
SUFFIXES = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


def as_floats(values: Any) -> tuple[Floats, list[int]]:
    """(n,) numbers, and the positions of texts that are none. Empty cells, `na`, `nan`, `null` and `-` are NaN.

    Understood as well: `1,234.5`, `1.234,5` where a column is written so throughout, a leading $, and 1.2K, 3M, 4B.
    """
    if isinstance(values, Instants):
        return np.full(len(values.values), np.nan), []
    if isinstance(values, np.ndarray) and values.dtype.kind in "iufb":
        return values.astype(np.float64), []
    plain = _plain(values)
    if plain is not None:
        return plain, []
    texts = [str(value).strip() if value is not None else "" for value in values]
    out = np.full(len(texts), np.nan)
    swaps = _has_decimal_commas(texts)
    bad = []
    for k, text in enumerate(texts):
        if text.lower() in NOTHING:
            continue
        number = _number(text, swaps)
        if number is None:
            bad.append(k)
        else:
            out[k] = number
    return out, bad


def _plain(values: Any) -> Floats | None:
    if not isinstance(values, list | tuple):  # a Polars column of a large file
        import polars

        try:
            return np.asarray(values.cast(polars.Float64, strict=True).to_numpy(), dtype=np.float64)
        except polars.exceptions.PolarsError:
            values = values.to_list()
    try:
        return np.array(list(map(float, values)), dtype=np.float64)
    except (TypeError, ValueError):
        return None


def _has_decimal_commas(texts: list[str]) -> bool:
    """Whether every number is written with a decimal comma: `1,250` alone could be either, `1,25` could not."""
    written = [text for text in texts if text.lower() not in NOTHING and "," in text]
    others = [text for text in texts if "." in text and "," not in text]
    return (
        bool(written) and not others and all(DECIMAL_COMMA.fullmatch(text) for text in written)
        and not all(THOUSANDS.fullmatch(text) for text in written)
    )  # fmt: skip


def _number(text: str, swaps: bool) -> float | None:
    text = text.lstrip("$€£")
    scale = SUFFIXES.get(text[-1:].upper())
    if scale is not None and text[:-1]:
        text = text[:-1]
    if swaps:
        text = text.replace(".", "").replace(",", ".")
    elif THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if "_" in text:  # float("1_000") is Python's habit, not a vendor's
        return None
    try:
        return float(text) * scale if scale is not None else float(text)
    except ValueError:
        return None
