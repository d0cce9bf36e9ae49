"""The garbage collector rests while a program is compiled, and is always put back as it was."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

import lingua
from lingua.collecting import no_collection


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.enable()
    yield
    if not was_on:
        gc.disable()


def test_it_rests_inside_also_inside_itself() -> None:
    with no_collection():
        with no_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_fault_puts_it_back() -> None:
    with pytest.raises(ZeroDivisionError), no_collection():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_one_that_was_off_stays_off() -> None:
    gc.disable()
    with no_collection():
        pass
    assert not gc.isenabled()


def test_the_last_of_several_threads_puts_it_back() -> None:
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with no_collection():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    assert inside.wait(10)
    with no_collection():
        pass
    assert not gc.isenabled()
    leave.set()
    thread.join()
    assert gc.isenabled()


def test_compiling_leaves_it_on() -> None:
    for text in ("strategy S { rule r: close > 1 => buy }", "strategy {{{", ""):
        lingua.compile(text)
        assert gc.isenabled()
