"""Plain frozen classes with slots: what a dataclass is, made in a tenth of the time.

    class Moved(Struct):
        name: str
        by: int = 0

`dataclass` writes and compiles five methods for each class when it is imported, and loads `inspect` to do so: for the
compiler's two hundred classes that is longer than checking a program. Here methods are shared, and a constructor is
compiled when the first object of its class is made. To type checkers, `match` and the functions of `dataclasses`, a
struct is a dataclass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeVar, dataclass_transform

MISSING: Any = object()
"""No default."""


class FieldSpec:
    """What `field` says of one field."""

    __slots__ = ("compare", "default", "factory", "init", "kw_only", "repr")

    def __init__(
        self, default: Any, factory: Callable[[], Any] | None, init: bool, kw_only: bool, compare: bool, repr: bool
    ) -> None:
        self.default = default
        self.factory = factory
        self.init = init
        self.kw_only = kw_only
        self.compare = compare
        self.repr = repr


def field(
    *,
    default: Any = MISSING,
    default_factory: Callable[[], Any] | None = None,
    init: bool = True,
    kw_only: bool = False,
    compare: bool = True,
    repr: bool = True,
) -> Any:
    """As `dataclasses.field`."""
    return FieldSpec(default, default_factory, init, kw_only, compare, repr)


class _Interop:
    """An attribute that the functions of `dataclasses`, and what prints dataclasses, look for; made when asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: _Shape) -> Any:
        return getattr(_twin(owner), self.name)


def _first_init(self: Any, *args: Any, **kwargs: Any) -> None:
    """Stands for the constructor of a class until its first object is made."""
    for kind in type(self).__mro__:
        if vars(kind).get("__init__") is _first_init:
            kind.__init__ = _constructor(kind)  # type: ignore[misc]  # its own, not of a class below it
    type(self).__init__(self, *args, **kwargs)


def _nothing(thing: object) -> tuple[()]:
    return ()


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class _Shape(type):
    """Makes the classes. `eq`: equal if the fields are, else only to itself; `slots`: no further attributes (a
    `cached_property` needs them)."""

    _fields: dict[str, FieldSpec]
    _is_frozen: bool
    _has_eq: bool
    _compared: Any
    _shown: tuple[str, ...]

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        space: dict[str, Any],
        frozen: bool = True,
        eq: bool = True,
        slots: bool = True,
    ) -> _Shape:
        own: dict[str, FieldSpec] = {}
        for each, annotation in space.get("__annotations__", {}).items():
            if not annotation.startswith("ClassVar"):
                given = space.pop(each, MISSING)
                own[each] = given if isinstance(given, FieldSpec) else FieldSpec(given, None, True, False, True, True)
        fields: dict[str, FieldSpec] = {}
        for base in reversed(bases):
            fields.update(getattr(base, "_fields", {}))
        fields.update(own)
        compared = [each for each, spec in fields.items() if spec.compare]
        if slots:
            space["__slots__"] = tuple(own)
        if not eq:
            space["__eq__"], space["__hash__"] = object.__eq__, object.__hash__
        elif not frozen:
            space["__hash__"] = None
        space.setdefault("__init__", _first_init)
        space["__match_args__"] = tuple([each for each, spec in fields.items() if spec.init and not spec.kw_only])
        made = super().__new__(cls, name, bases, space)
        made._fields, made._is_frozen, made._has_eq = fields, frozen, eq
        # Of one name `attrgetter` gives no tuple, and only tuples hold NaN equal to itself.
        made._compared = attrgetter(*compared, compared[0]) if compared else _nothing
        made._shown = tuple([each for each, spec in fields.items() if spec.repr])
        return made


@dataclass_transform(frozen_default=False, field_specifiers=(field,))
class _OpenShape(_Shape):
    """Makes those that are changed in place."""

    def __new__(
        cls, name: str, bases: tuple[type, ...], space: dict[str, Any], eq: bool = True, slots: bool = True
    ) -> _Shape:
        return super().__new__(cls, name, bases, space, frozen=False, eq=eq, slots=slots)


class _Shared:
    """The methods of all; each looks at the fields of its class."""

    __slots__ = ()

    if TYPE_CHECKING:
        _fields: ClassVar[dict[str, FieldSpec]]
        _compared: ClassVar[Any]
        _shown: ClassVar[tuple[str, ...]]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        kind = self.__class__
        if other.__class__ is not kind:
            return NotImplemented
        values = kind._compared
        return bool(values(self) == values(other))

    def __hash__(self) -> int:
        return hash(self.__class__._compared(self))

    def __repr__(self) -> str:
        kind = self.__class__
        return f"{kind.__qualname__}({', '.join([f'{name}={getattr(self, name)!r}' for name in kind._shown])})"

    def __getstate__(self) -> list[Any]:
        return [getattr(self, name) for name in self.__class__._fields]

    def __setstate__(self, state: list[Any]) -> None:
        for name, value in zip(self.__class__._fields, state, strict=True):
            object.__setattr__(self, name, value)


class Struct(_Shared, metaclass=_Shape):
    """Base of plain classes: fields are the annotated names, in order, those of the base first."""

    __dataclass_fields__: ClassVar[dict[str, Any]] = _Interop("__dataclass_fields__")  # type: ignore[assignment]  # a descriptor
    __dataclass_params__: ClassVar[Any] = _Interop("__dataclass_params__")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise _frozen(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise _frozen(f"cannot delete field {name!r}")


class OpenStruct(_Shared, metaclass=_OpenShape):
    """The same for objects that are changed in place, and so have no hash."""

    __dataclass_fields__: ClassVar[dict[str, Any]] = _Interop("__dataclass_fields__")  # type: ignore[assignment]  # a descriptor
    __dataclass_params__: ClassVar[Any] = _Interop("__dataclass_params__")


S = TypeVar("S", bound=Struct | OpenStruct)


def replace(thing: S, **changes: Any) -> S:
    """As `dataclasses.replace`."""
    for name, spec in type(thing)._fields.items():
        if spec.init and name not in changes:
            changes[name] = getattr(thing, name)
    return type(thing)(**changes)


def fields(thing: Struct) -> Mapping[str, FieldSpec]:
    """Its fields by name, in order."""
    return type(thing)._fields


# --- made when needed --------------------------------------------------------------------------------


def _constructor(kind: Any) -> Any:
    """`__init__` of a class, as one would write it."""
    space: dict[str, Any] = {"MISSING": MISSING, "put": object.__setattr__}
    positional: list[str] = []
    named: list[str] = []
    lines: list[str] = []
    for name, spec in kind._fields.items():
        value = name
        if spec.factory is not None:
            space[f"make_{name}"] = spec.factory
            value = f"make_{name}() if {name} is MISSING else {name}" if spec.init else f"make_{name}()"
        if spec.init:
            (named if spec.kw_only else positional).append(_parameter(name, spec, space))
        elif spec.factory is None:
            continue
        slot = getattr(kind, name, None)
        if not kind._is_frozen:
            lines.append(f"self.{name} = {value}")
        elif slot is not None:
            space[f"set_{name}"] = slot.__set__
            lines.append(f"set_{name}(self, {value})")
        else:
            lines.append(f"put(self, {name!r}, {value})")
    if hasattr(kind, "__post_init__"):
        lines.append("self.__post_init__()")
    head = ", ".join(["self", *positional, *(["*", *named] if named else [])])
    text = f"def __init__({head}):\n " + "\n ".join(lines or ["pass"])
    exec(compile(text, f"<constructor of {kind.__qualname__}>", "exec"), space)
    made = space["__init__"]
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    return made


def _parameter(name: str, spec: FieldSpec, space: dict[str, Any]) -> str:
    if spec.factory is not None:
        return f"{name}=MISSING"
    if spec.default is MISSING:
        return name
    space[f"default_{name}"] = spec.default
    return f"{name}=default_{name}"


def _frozen(told: str) -> AttributeError:
    from dataclasses import FrozenInstanceError

    return FrozenInstanceError(told)


@cache
def _twin(kind: _Shape) -> Any:
    """A dataclass with the same fields."""
    import dataclasses

    annotations: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        annotations.update(vars(base).get("__annotations__", {}))
    made = []
    for name, spec in kind._fields.items():
        how: dict[str, Any] = {each: getattr(spec, each) for each in ("init", "kw_only", "compare", "repr")}
        if spec.default is not MISSING:
            how["default"] = spec.default
        if spec.factory is not None:
            how["default_factory"] = spec.factory
        made.append((name, annotations[name], dataclasses.field(**how)))
    return dataclasses.make_dataclass(kind.__name__, made, frozen=kind._is_frozen, eq=kind._has_eq)
