"""What each route does. Their names are those of the table in `roles.py`, which says who may."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import dataclasses
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import pydantic_core
from fastapi import Path, Query, Request, Response

from lingua_runtime.api import models
from lingua_runtime.api.desk import Desk
from lingua_runtime.api.errors import ApiError
from lingua_runtime.api.gate import COOKIE, Caller
from lingua_runtime.api.people import Person
from lingua_runtime.api.roles import ROUTES, Effect, Role
from lingua_runtime.api.store import StoreError
from lingua_runtime.api.tail import clean
from lingua_runtime.control import ControlError, DeploymentView
from lingua_runtime.observe.metrics import CONTENT_TYPE
from lingua_runtime.observe.redact import REDACTOR

T = TypeVar("T")
IdPath = Annotated[str, Path(pattern=models.ID)]
IdQuery = Annotated[str, Query(pattern=r"^$|" + models.ID)]
Most = Annotated[int, Query(ge=1, le=5_000)]
METRICS_FRESH_S = 0.5
"""Whoever scrapes does so every few seconds; what several ask for in a row is made once."""
Since = Annotated[int, Query(ge=0, le=models.BIGGEST)]


class Handlers:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.control, self.people = desk, desk.control, desk.people

    # --- without signing in ---

    async def healthz(self) -> Response:
        alive = self.control.health().is_alive
        return answer(models.Alive(alive), 200 if alive else 503)

    async def readyz(self) -> Response:
        health = self.control.health()
        return answer(models.Ready(health.is_ready, len(health.problems)), 200 if health.is_ready else 503)

    async def sign_in(self, request: Request, body: models.SignInBody) -> Response:
        caller = caller_of(request)
        name = body.name if REDACTOR.text(body.name) == body.name else "?"

        async def work() -> tuple[str, Person]:
            return await self._thread(self.people.sign_in, body.name, body.password)

        # The name is what was typed, not who it is: the target, until the password is right.
        token, person = await self.desk.act(caller, name, {}, work)
        return self._session(request, token, person)

    async def needs_set_up(self) -> Response:
        return answer(models.NeedsSetUp(not await self._thread(self.people.has_users)))

    async def set_up(self, request: Request, body: models.SetUpBody) -> Response:
        async def work() -> Any:
            return await self._thread(self.people.set_up, body.token.strip(), body.name, body.password)

        return answer(await self.desk.act(caller_of(request), body.name, {}, work))

    # --- oneself ---

    async def whoami(self, request: Request) -> Response:
        person = person_of(request)
        return answer(who(person))

    async def renew(self, request: Request) -> Response:
        person = person_of(request)
        if person.how != "session":
            raise ApiError("conflict", "a key needs no renewal")
        return self._session(request, await self._thread(self.people.renew, person), person)

    async def sign_out(self, request: Request) -> Response:
        person = person_of(request)

        async def work() -> None:
            if person.how == "session":
                await self._thread(self.people.sign_out, person)

        await self.desk.act(caller_of(request), person.name, {}, work)
        response = answer(models.Done())
        response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
        return response

    async def change_password(self, request: Request, body: models.PasswordBody) -> Response:
        person = person_of(request)

        async def work() -> None:
            await self._thread(self.people.change_password, person, body.old, body.new)

        await self.desk.act(caller_of(request), person.name, {}, work)
        return answer(models.Done())

    # --- seeing ---

    async def metrics(self) -> Response:
        return Response(self.desk.measured(METRICS_FRESH_S), media_type=CONTENT_TYPE)

    async def health(self) -> Response:
        return answer(self.control.health())

    async def snapshot(self) -> Response:
        return answer(self.desk.tail.snapshot(0.2))

    async def deployments(self) -> Response:
        return answer(self.control.deployments())

    async def deployment(self, deployment: IdPath) -> Response:
        return answer(self.control.deployment(deployment))

    async def equity(self, deployment: IdPath, most: Most = 2_000) -> Response:
        return answer(self.control.equity(deployment, most=most))

    async def performance(self, deployment: IdPath) -> Response:
        return answer(self.control.performance(deployment))

    async def orders(self, deployment: IdQuery = "", is_open: bool = False, most: Most = 500) -> Response:
        return answer(self.control.orders(deployment, is_open=is_open, most=most))

    async def positions(self, deployment: IdQuery = "") -> Response:
        return answer(self.control.positions(deployment))

    async def fills(self, deployment: IdQuery = "", since_ts: Since = 0, most: Most = 500) -> Response:
        return answer(self.control.fills(deployment, since_ts=since_ts, most=most))

    async def approvals(self, deployment: IdQuery = "") -> Response:
        return answer(self.control.approvals(deployment))

    async def risk(self) -> Response:
        return answer(self.control.risk())

    async def log(
        self,
        deployment: IdQuery = "",
        after_seq: Annotated[int, Query(ge=-1, le=models.BIGGEST)] = -1,
        most: Annotated[int, Query(ge=1, le=1_000)] = 200,
    ) -> Response:
        """Events after a number, in sequence; the newest ones where `after_seq` is -1."""
        return answer([clean(event) for event in self.control.log(deployment, after_seq=after_seq, most=most)])

    # --- deployments ---

    async def deploy(self, request: Request, body: models.DeployBody) -> Response:
        caller = caller_of(request)
        try:
            artefact = base64.b64decode(body.artefact, validate=True)
        except (binascii.Error, ValueError):
            raise ApiError(
                "invalid", "body.artefact: it is not base64", "send the file that `lingua build` writes"
            ) from None
        if len(artefact) > self.desk.settings.artefact_most:
            raise ApiError("too_large", f"an artefact has at most {self.desk.settings.artefact_most} bytes")
        options = body.model_dump(exclude={"artefact"}, exclude_none=True, mode="json")
        if body.replace and body.id is None:
            raise ApiError("invalid", "body.id: which deployment is to be replaced", "name it")
        before = []
        if body.id is not None:
            # A name may mean a later version of that name; whichever runs counts, and so does one that is called so.
            before = [each.mode for each in self.control.deployments() if each.id == body.id]
            with contextlib.suppress(ControlError):
                before.append(self.control.deployment(body.id).mode)
        detail = {**options, "bytes": len(artefact)}

        async def work() -> DeploymentView:
            self.desk.must(caller, body.mode, *before)
            return await self.control.deploy(artefact, options, by=caller.name)

        view = await self.desk.act(caller, body.id or "", detail, work, named=lambda done: done.id)
        return answer(view, 201)

    async def roll_back(self, request: Request, deployment: IdPath) -> Response:
        return await self._handle(request, deployment, {}, self.control.roll_back)

    async def set_mode(self, request: Request, deployment: IdPath, body: models.ModeBody) -> Response:
        async def work(one: str, *, by: str) -> DeploymentView:
            self.desk.must(caller_of(request), body.mode)
            return await self.control.set_mode(one, body.mode, by=by)

        return await self._handle(request, deployment, {"mode": body.mode.value}, work)

    async def arm(self, request: Request, deployment: IdPath, body: models.ArmBody) -> Response:
        """The phrase is `arm DEPLOYMENT`. Whoever deployed it or made it live cannot be the one who arms it."""
        caller = caller_of(request)

        async def work(one: str, *, by: str) -> DeploymentView:
            await self.desk.must_be_second(caller, self.control.deployment(one).id)
            if body.phrase != f"arm {one}":
                raise ApiError("invalid", f"body.phrase: it is not `arm {one}`", "type it by hand")
            return await self.control.arm(one, body.phrase, by=by)

        return await self._handle(request, deployment, {}, work)

    async def disarm(self, request: Request, deployment: IdPath) -> Response:
        return await self._handle(request, deployment, {}, self.control.disarm)

    async def pause(self, request: Request, deployment: IdPath) -> Response:
        return await self._handle(request, deployment, {}, self.control.pause)

    async def resume(self, request: Request, deployment: IdPath) -> Response:
        return await self._handle(request, deployment, {}, self.control.resume)

    async def stop(self, request: Request, deployment: IdPath, body: models.StopBody) -> Response:
        async def work(one: str, *, by: str) -> DeploymentView:
            return await self.control.stop(one, body.how, by=by)

        return await self._handle(request, deployment, {"how": body.how.value}, work)

    async def adopt(self, request: Request, deployment: IdPath, body: models.AdoptBody) -> Response:
        async def work(one: str, *, by: str) -> DeploymentView:
            return await self.control.adopt(one, body.symbol, by=by)

        return await self._handle(request, deployment, {"symbol": body.symbol}, work)

    # --- risk ---

    async def approve(self, request: Request, approval: IdPath) -> Response:
        caller = caller_of(request)
        await self.desk.act(caller, approval, {}, lambda: self.control.approve(approval, by=caller.name))
        return answer(models.Done())

    async def reject(self, request: Request, approval: IdPath) -> Response:
        caller = caller_of(request)
        await self.desk.act(caller, approval, {}, lambda: self.control.reject(approval, by=caller.name))
        return answer(models.Done())

    async def kill(self, request: Request, body: models.ScopeBody) -> Response:
        return await self._scope(request, body, self.control.kill)

    async def rearm(self, request: Request, body: models.ScopeBody) -> Response:
        return await self._scope(request, body, self.control.rearm)

    # --- administration ---

    async def users(self) -> Response:
        return answer(await self._thread(self.people.users))

    async def add_user(self, request: Request, body: models.UserBody) -> Response:
        roles = [role.value for role in body.roles]

        async def work() -> Any:
            return await self._thread(self.people.add_user, body.name, roles, body.password)

        return answer(await self.desk.act(caller_of(request), body.name, {"roles": roles}, work), 201)

    async def change_user(self, request: Request, user: IdPath, body: models.UserChangeBody) -> Response:
        roles = [role.value for role in body.roles] if body.roles is not None else None
        detail = {"roles": roles, "is_active": body.is_active, "new_password": body.password is not None}

        async def work() -> Any:
            return await self._thread(
                lambda: self.people.change_user(user, roles=roles, password=body.password, is_active=body.is_active)
            )

        return answer(await self.desk.act(caller_of(request), user, detail, work))

    async def keys(self, request: Request) -> Response:
        return answer(await self._thread(self.people.keys, self._owner(request)))

    async def add_key(self, request: Request, body: models.KeyBody) -> Response:
        person = person_of(request)
        if person.how == "key":
            # Else a key that ends, or has few roles, could make one that does not or has more.
            raise ApiError("not_allowed", "a key cannot make keys", "sign in with a password")
        roles = [role.value for role in body.roles]
        detail = {"label": body.label, "roles": roles, "is_read_only": body.is_read_only}

        async def work() -> Any:
            return await self._thread(
                lambda: self.people.add_key(
                    person.name, body.label, roles=roles, is_read_only=body.is_read_only, days=body.days
                )
            )

        text, view = await self.desk.act(
            caller_of(request), person.name, detail, work, named=lambda made: f"{person.name}/{made[1].id}"
        )
        return answer(models.NewKey(text, view), 201)

    async def drop_key(self, request: Request, key: IdPath) -> Response:
        owner = self._owner(request)

        async def work() -> Any:
            return await self._thread(lambda: self.people.drop_key(key, owner=owner))

        return answer(await self.desk.act(caller_of(request), key, {}, work))

    async def audit(
        self,
        after_seq: Since = 0,
        most: Annotated[int, Query(ge=1, le=1_000)] = 200,
        who: IdQuery = "",
        action: IdQuery = "",
        target: IdQuery = "",
        is_newest: bool = False,
    ) -> Response:
        read = self.desk.audit.read
        records = await self._thread(
            lambda: read(after_seq=after_seq, most=most, who=who, action=action, target=target, is_newest=is_newest)
        )
        return answer(records)

    async def check_audit(self) -> Response:
        count, problem = await self._thread(self.desk.audit.check)
        return answer(models.Checked(count, problem == "", problem))

    # --- what they share ---

    async def _handle(self, request: Request, deployment: str, detail: dict[str, Any], work: Any) -> Response:
        caller = caller_of(request)

        async def allowed() -> DeploymentView:
            self.desk.must(caller, self.control.deployment(deployment).mode)
            view: DeploymentView = await work(deployment, by=caller.name)
            return view

        return answer(await self.desk.act(caller, deployment, detail, allowed))

    async def _scope(self, request: Request, body: models.ScopeBody, work: Any) -> Response:
        caller = caller_of(request)
        if body.everything == bool(body.deployment or body.account) or (body.deployment and body.account):
            raise ApiError(
                "invalid",
                "body: it names one of `deployment`, `account` and `everything`",
                'such as {"everything": true}',
            )
        target = body.deployment or body.account or "everything"
        detail = body.model_dump(exclude_none=True)
        return answer(
            await self.desk.act(
                caller, target, detail,
                lambda: work(deployment=body.deployment or "", account=body.account or "", by=caller.name),
            )
        )  # fmt: skip

    def _owner(self, request: Request) -> str:
        """Whose keys: an administrator's view has everybody's."""
        person = person_of(request)
        return "" if Role.ADMINISTRATOR in person.roles else person.name

    def _session(self, request: Request, token: str, person: Person) -> Response:
        seconds = self.desk.settings.session_s
        response = answer(dataclasses.replace(who(person), token=token, expires_s=seconds))
        response.set_cookie(
            COOKIE, token, max_age=seconds, path="/", httponly=True, samesite="strict",
            secure=self.desk.settings.is_secure or request.url.scheme == "https",
        )  # fmt: skip
        return response

    async def _thread(self, work: Callable[..., T], *arguments: Any) -> T:
        try:
            return await asyncio.to_thread(work, *arguments)
        except StoreError as problem:
            raise ApiError("store_unavailable", str(problem), "try again") from None


def answer(value: Any, status: int = 200) -> Response:
    """`value` as JSON; what is no number is null there. Values that were announced as secrets are not in it, whatever
    wrote them there."""
    if isinstance(value, tuple | list) or not hasattr(value, "__iter__"):
        body = pydantic_core.to_json(value, inf_nan_mode="null", fallback=str)
    else:
        body = pydantic_core.to_json(dict(value), inf_nan_mode="null", fallback=str)
    if not isinstance(value, models.NewKey | models.Who):
        text = body.decode()
        clean_text = REDACTOR.announced(text)
        body = clean_text.encode() if clean_text is not text else body
    return Response(body, status_code=status, media_type="application/json")


def caller_of(request: Request) -> Caller:
    caller: Caller = request.scope["state"]["caller"]
    return caller


def person_of(request: Request) -> Person:
    person = caller_of(request).person
    assert person is not None, "the gate lets nobody through to this route without"
    return person


def who(person: Person) -> models.Who:
    routes = [route for route in ROUTES if route.effect is Effect.SEES or not person.is_read_only]
    may = tuple(route.name for route in routes if person.may(route.roles))
    with_money = tuple(
        route.name for route in routes if person.may(route.roles) and (route.money is None or person.may(route.money))
    )
    return models.Who(person.name, roles_of(person), person.how, person.is_read_only, may, with_money)


def roles_of(person: Person) -> tuple[str, ...]:
    return tuple(role.value for role in Role if role in person.roles)
