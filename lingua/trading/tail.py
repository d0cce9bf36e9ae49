"""The end of a list whose items keep their numbers: how interpreted code reads bars when those before are forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class Tail:
    """`items` are numbered from `first` on."""

    __slots__ = ("first", "items")

    def __init__(self, items: list[Any], first: int) -> None:
        self.items = items
        self.first = first

    def __getitem__(self, number: int) -> Any:
        return self.items[number - self.first]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def append(self, item: Any) -> None:
        self.items.append(item)
