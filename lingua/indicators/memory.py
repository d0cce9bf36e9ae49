"""What an incremental form keeps between bars, as plain data, and back into a fresh form of the same parameters.

Kernels, formulas and forms need nothing for it: their members are walked in the order of their names. A compiled kernel
hands its members over by the functions that Cython writes for pickling (`auto_pickle(True)`); they come in the same
order, so what an interpreted form wrote a compiled one reads.
"""

from __future__ import annotations

import math
from array import array
from collections import deque
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from lingua.arrays import np

FIXED = (FunctionType, BuiltinFunctionType, MethodType, type)
"""Parts of a formula that never change; NumPy's functions neither."""
FIXED_SIGN = {"fixed": 0}


class NotStorableError(ValueError):
    """A form that keeps something outside Python; it can only be made again from its bars."""


def state_of(thing: Any) -> Any:
    """JSON-able, without the NaN that JSON does not know. Raises NotStorableError."""
    if thing is None or isinstance(thing, bool | str | int):
        return thing
    if isinstance(thing, float):
        return float(thing) if math.isfinite(thing) else {"float": str(float(thing))}
    if isinstance(thing, list | deque):
        return [state_of(each) for each in thing]
    if isinstance(thing, tuple):
        return {"tuple": [state_of(each) for each in thing]}
    if isinstance(thing, dict):
        return {"pairs": [[state_of(key), state_of(value)] for key, value in thing.items()]}
    if isinstance(thing, np.ndarray | memoryview | array) or type(thing).__name__ == "_memoryviewslice":
        return {"numbers": numbers_of(np.asarray(thing, dtype=np.float64).tolist())}
    if isinstance(thing, (*FIXED, np.ufunc)):
        return FIXED_SIGN
    return {"parts": [state_of(each) for each in parts(thing)]}


def numbers_of(values: list[float]) -> list[float | str]:
    """One that is not finite becomes its name."""
    return [each if math.isfinite(each) else str(each) for each in values]


def with_state(fresh: Any, state: Any) -> Any:
    """The value that `state_of` wrote; `fresh` is what stands in its place in a new form, and is filled where it has
    parts. Raises ValueError when the two do not belong together."""
    if isinstance(state, list):
        return _filled(fresh, state)
    if isinstance(state, dict):
        ((kind, content),) = state.items()
        if kind == "fixed":
            return fresh
        if kind == "float":
            return float(content)
        if kind == "tuple":
            olds = fresh if isinstance(fresh, tuple) and len(fresh) == len(content) else (None,) * len(content)
            return tuple([with_state(old, each) for old, each in zip(olds, content, strict=True)])
        if kind == "pairs":
            return {with_state(None, key): with_state(None, value) for key, value in content}
        if kind == "numbers":
            numbers = [float(each) for each in content]  # "nan" too
            return np.array(numbers, dtype=np.float64) if not isinstance(fresh, list) else numbers
        set_parts(fresh, content)
        return fresh
    return float(state) if isinstance(fresh, float) and isinstance(state, int) else state


def parts(thing: Any) -> list[Any]:
    """Members in the order of their names."""
    if hasattr(thing, "__reduce_cython__"):
        return list(_members(thing))
    names = _names(thing)
    if not names and not hasattr(thing, "__dict__"):
        raise NotStorableError(f"{type(thing).__name__} keeps what cannot be written down")
    return [getattr(thing, name) for name in names]


def set_parts(thing: Any, states: list[Any]) -> None:
    fresh = parts(thing) if thing is not None else []
    if len(fresh) != len(states):
        raise ValueError(f"{type(thing).__name__} has {len(fresh)} members, the snapshot {len(states)}")
    values = [with_state(old, state) for old, state in zip(fresh, states, strict=True)]
    if thing is not None and hasattr(thing, "__reduce_cython__"):
        thing.__setstate_cython__(tuple(values))
        return
    for name, value in zip(_names(thing), values, strict=True):
        setattr(thing, name, value)


def _members(thing: Any) -> tuple[Any, ...]:
    made = thing.__reduce_cython__()
    state = made[2] if len(made) > 2 else made[1][2]
    found: tuple[Any, ...] = state
    return found


def _names(thing: Any) -> list[str]:
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    return sorted({*getattr(thing, "__dict__", ()), *(name for name in slots if hasattr(thing, name))})


def _filled(fresh: Any, states: list[Any]) -> Any:
    """A list or a deque; elements with parts are filled where they stand."""
    olds = list(fresh) if isinstance(fresh, list | deque) and len(fresh) == len(states) else [None] * len(states)
    values = [with_state(old, state) for old, state in zip(olds, states, strict=True)]
    if isinstance(fresh, deque):
        return deque(values, maxlen=fresh.maxlen)
    if type(fresh) is not list and isinstance(fresh, list):
        fresh[:] = values
        return fresh
    if fresh is not None and not isinstance(fresh, list):
        return np.array(values, dtype=np.float64)
    return values
