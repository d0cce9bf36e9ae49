"""What comes in and goes out over HTTP. Pydantic checks what comes in, and describes what goes out; inside, the plain
views of `control.py` are used."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, create_model

from lingua_runtime.api.audit import AuditRecord
from lingua_runtime.api.people import KeyView, UserView
from lingua_runtime.api.roles import Role
from lingua_runtime.control import (
    MOST_LATE_ENTRIES,
    ApprovalView,
    DeploymentView,
    EquityPoint,
    Event,
    FillView,
    HealthView,
    Mode,
    OrderView,
    PositionView,
    StopHow,
)

ID = r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$"
WORD = r"^[^\x00-\x1f\x7f-\x9f]*$"
Id = Annotated[str, Field(pattern=ID, strict=True)]
Symbol = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/@^=-]{0,63}$", strict=True)]
Label = Annotated[str, Field(pattern=WORD, max_length=100, strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
BIGGEST = 2**63 - 1


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DeployBody(Body):
    """`artefact`: the file that `lingua build` writes, in base64. `confirm`: real orders are meant, the first of the
    two confirmations of `semi` and `live`. `late_entries`: after an outage, what was to be opened on a bar that is no
    more than so many bars old is opened all the same."""

    artefact: Annotated[str, Field(min_length=1, strict=True)]
    id: Id | None = None
    mode: Mode = Mode.PAPER
    strategy: Label | None = None
    account: Label | None = None
    symbols: Annotated[list[Symbol], Field(min_length=1, max_length=500)] | None = None
    capital: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)] | None = None
    set: Annotated[dict[Id, Number | StrictInt | StrictBool | Label], Field(max_length=200)] = {}
    timeframe: Annotated[str, Field(pattern=r"^[0-9]{1,5}(s|m|h|d|w|mo|y)$", strict=True)] | None = None
    commission: Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)] | None = None
    slippage: Annotated[float, Field(strict=True, ge=0, lt=1, allow_inf_nan=False)] | None = None
    late_entries: Annotated[int, Field(strict=True, ge=0, le=MOST_LATE_ENTRIES)] | None = None
    confirm: StrictBool = False
    dry_run: StrictBool = False
    replace: StrictBool = False


class ModeBody(Body):
    mode: Mode


class ArmBody(Body):
    """`phrase`: `arm DEPLOYMENT`, typed by hand."""

    phrase: Annotated[str, Field(max_length=200, strict=True)]


class StopBody(Body):
    how: StopHow


class AdoptBody(Body):
    symbol: Symbol


class ScopeBody(Body):
    """Neither named: everything. Then `everything` must be true."""

    deployment: Id | None = None
    account: Id | None = None
    everything: StrictBool = False


class SignInBody(Body):
    name: Annotated[str, Field(max_length=64, strict=True)]
    password: Annotated[str, Field(max_length=256, strict=True)]


class SetUpBody(SignInBody):
    token: Annotated[str, Field(max_length=200, strict=True)]


class PasswordBody(Body):
    old: Annotated[str, Field(max_length=256, strict=True)]
    new: Annotated[str, Field(max_length=256, strict=True)]


class UserBody(SignInBody):
    roles: Annotated[list[Role], Field(min_length=1, max_length=4)]


class UserChangeBody(Body):
    roles: Annotated[list[Role], Field(min_length=1, max_length=4)] | None = None
    password: Annotated[str, Field(max_length=256, strict=True)] | None = None
    is_active: StrictBool | None = None


class KeyBody(Body):
    """`days`: until it ends; 0 for no end."""

    label: Annotated[str, Field(pattern=WORD, min_length=1, max_length=100, strict=True)]
    roles: Annotated[list[Role], Field(max_length=4)] = []
    is_read_only: StrictBool = False
    days: Annotated[float, Field(strict=True, ge=0, le=3650, allow_inf_nan=False)] = 90.0


class Problem(BaseModel):
    """`code` for programs, `why` for people, `mend`: what to do."""

    code: StrictStr
    why: StrictStr
    mend: StrictStr


def _edge_type(hint: Any) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return edge(hint)
    if hint is float:
        return float | None  # what is no number is null in JSON
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (tuple, list, Sequence, typing.get_origin(Sequence[int])):
        return list[_edge_type(inner[0])]  # type: ignore[misc]  # a type that is made at run time
    if origin in (dict, Mapping, typing.get_origin(Mapping[int, int])):
        return dict[str, _edge_type(inner[1])]  # type: ignore[misc]  # as above
    if origin in (typing.Union, types.UnionType):
        return hint
    return hint


_EDGES: dict[type, type[BaseModel]] = {}


def edge(view: type) -> type[BaseModel]:
    """The model that describes a view's JSON."""
    if view not in _EDGES:
        hints = typing.get_type_hints(view)
        fields: dict[str, Any] = {
            field.name: (_edge_type(hints[field.name]), ...) for field in dataclasses.fields(view)
        }
        _EDGES[view] = create_model(view.__name__.removesuffix("View"), __doc__=view.__doc__, **fields)
    return _EDGES[view]


@dataclasses.dataclass(frozen=True, slots=True)
class Who:
    """Whoever asks. `may`: names of routes; `may_with_money`: also where orders are real. `token`: of a session that
    was begun or renewed; also set as a cookie."""

    name: str
    roles: tuple[str, ...]
    how: str
    is_read_only: bool
    may: tuple[str, ...] = ()
    may_with_money: tuple[str, ...] = ()
    token: str = ""
    expires_s: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class NewKey:
    """`key` is shown this once."""

    key: str
    about: KeyView


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """`records` are whole; `problem` is what is wrong with the next, if anything."""

    records: int
    is_whole: bool
    problem: str


@dataclasses.dataclass(frozen=True, slots=True)
class Done:
    is_done: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class NeedsSetUp:
    is_needed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Alive:
    is_alive: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Ready:
    is_ready: bool
    problems: int


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """`seq`: the newest event in it; the stream goes on from there. `orders`: the working ones."""

    ts: int
    seq: int
    health: HealthView
    deployments: tuple[DeploymentView, ...]
    positions: tuple[PositionView, ...]
    orders: tuple[OrderView, ...]
    approvals: tuple[ApprovalView, ...]
    risk: Mapping[str, Any]


ANSWERS: dict[str, Any] = {
    "healthz": edge(Alive),
    "readyz": edge(Ready),
    "sign_in": edge(Who),
    "set_up": edge(UserView),
    "needs_set_up": edge(NeedsSetUp),
    "whoami": edge(Who),
    "renew": edge(Who),
    "sign_out": edge(Done),
    "change_password": edge(Done),
    "health": edge(HealthView),
    "snapshot": edge(Snapshot),
    "deployments": list[edge(DeploymentView)],  # type: ignore[misc]  # as above, and below
    "deployment": edge(DeploymentView),
    "equity": list[edge(EquityPoint)],  # type: ignore[misc]
    "performance": dict[str, Any],
    "orders": list[edge(OrderView)],  # type: ignore[misc]
    "positions": list[edge(PositionView)],  # type: ignore[misc]
    "fills": list[edge(FillView)],  # type: ignore[misc]
    "approvals": list[edge(ApprovalView)],  # type: ignore[misc]
    "risk": dict[str, Any],
    "log": list[edge(Event)],  # type: ignore[misc]
    "deploy": edge(DeploymentView),
    "roll_back": edge(DeploymentView),
    "set_mode": edge(DeploymentView),
    "arm": edge(DeploymentView),
    "disarm": edge(DeploymentView),
    "pause": edge(DeploymentView),
    "resume": edge(DeploymentView),
    "stop": edge(DeploymentView),
    "adopt": edge(DeploymentView),
    "approve": edge(Done),
    "reject": edge(Done),
    "kill": dict[str, Any],
    "rearm": dict[str, Any],
    "users": list[edge(UserView)],  # type: ignore[misc]
    "add_user": edge(UserView),
    "change_user": edge(UserView),
    "keys": list[edge(KeyView)],  # type: ignore[misc]
    "add_key": edge(NewKey),
    "drop_key": edge(KeyView),
    "audit": list[edge(AuditRecord)],  # type: ignore[misc]
    "check_audit": edge(Checked),
}
"""What a route answers with; `metrics` answers with text."""
