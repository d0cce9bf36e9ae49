"""Work that makes many objects and no rings of them goes on without the search for rings."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_users = 0
_was_on = False


@contextmanager
def no_collection() -> Iterator[None]:
    """Python's cyclic garbage collector rests inside the block; the last user of several threads puts it back as it
    was. For work that is bounded: a compilation spends a tenth to a third of its time being searched in vain."""
    global _users, _was_on
    with _lock:
        if _users == 0:
            _was_on = gc.isenabled()
            gc.disable()
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0 and _was_on:
                gc.enable()
