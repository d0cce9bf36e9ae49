"""What the handlers share, and the one way in which anything is done: written down, done, and what came of it written
down too."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from lingua_runtime.api.audit import ASKED, DONE, FAILED, REFUSED, Audit
from lingua_runtime.api.errors import ApiError
from lingua_runtime.api.gate import Caller
from lingua_runtime.api.people import People
from lingua_runtime.api.roles import Effect, Role
from lingua_runtime.api.settings import ApiSettings
from lingua_runtime.api.store import StoreError
from lingua_runtime.api.tail import Tail
from lingua_runtime.control import Control, ControlError, Mode
from lingua_runtime.observe.logs import logger
from lingua_runtime.observe.metrics import Metrics

T = TypeVar("T")
MONEY = (Mode.LIVE, Mode.SEMI)
PATIENCE_S = 1.0
"""What reduces risk waits this long for the audit log and no longer."""


class Desk:
    def __init__(
        self,
        control: Control,
        people: People,
        audit: Audit,
        settings: ApiSettings,
        metrics: Metrics,
    ) -> None:
        self.control, self.people, self.audit = control, people, audit
        self.settings, self.metrics = settings, metrics
        self.tail = Tail(control, metrics)
        self._log = logger("api")
        self._late: set[asyncio.Future[Any]] = set()
        self._measured, self._measured_at = b"", 0.0

    def measured(self, fresh_s: float) -> bytes:
        """All metrics in Prometheus' form, of this moment or not older than `fresh_s`."""
        now = time.monotonic()
        if not self._measured or now - self._measured_at > fresh_s:
            self._measured, self._measured_at = self.metrics.text(self.control), now
        return self._measured

    async def act(
        self,
        caller: Caller,
        target: str,
        detail: Mapping[str, Any],
        work: Callable[[], Awaitable[T]],
        *,
        named: Callable[[T], str] | None = None,
    ) -> T:
        """Do `work` between two records of the audit log. `named`: the target as it is known afterwards."""
        await self._note(caller, target, ASKED, detail)
        try:
            value = await work()
        except (ControlError, ApiError) as problem:
            await self._note(
                caller, target, REFUSED, {**detail, "code": problem.code, "why": problem.why}, is_after=True
            )
            raise
        except BaseException as problem:
            await self._note(caller, target, FAILED, {**detail, "why": type(problem).__name__}, is_after=True)
            raise
        await self._note(caller, named(value) if named is not None else target, DONE, detail, is_after=True)
        return value

    def must(self, caller: Caller, *modes: Mode) -> None:
        """Raises ApiError unless the caller may act where the deployment's mode is one of `modes`."""
        route = caller.route
        assert route is not None
        assert caller.person is not None
        if route.money is not None and any(mode in MONEY for mode in modes) and not caller.person.may(route.money):
            needed = " or ".join(role.value for role in Role if role in route.money)
            raise ApiError(
                "not_allowed",
                f"where orders are real, `{route.name}` is for {needed}",
                "ask somebody who has that role",
            )

    async def must_be_second(self, caller: Caller, deployment: str) -> None:
        """Raises ApiError where whoever put the program or the mode there wants to arm it too. At the console that is
        allowed: the typed phrase is the second confirmation."""
        assert caller.person is not None
        if caller.person.how == "console":
            return

        def first() -> set[str]:
            people = set()
            for action in ("deploy", "set_mode", "roll_back"):
                for record in self.audit.read(action=action, target=deployment, is_newest=True, most=200):
                    if record.outcome == DONE and (action != "set_mode" or record.detail.get("mode") in MONEY):
                        people.add(record.who)
                        break
            return people

        try:
            before = await asyncio.to_thread(first)
        except StoreError as problem:
            raise ApiError("audit_unavailable", str(problem), "nobody can say who deployed it") from None
        if caller.person.name in before:
            raise ApiError(
                "second_person",
                f"`{caller.person.name}` deployed {deployment} or made it live, and cannot be the one who arms it",
                "a second person arms it; alone, do it at the console of the node's machine",
            )

    async def _note(
        self, caller: Caller, target: str, outcome: str, detail: Mapping[str, Any], *, is_after: bool = False
    ) -> None:
        route = caller.route
        assert route is not None
        # No task of its own: each turn of a busy loop that a write takes longer is a turn that whoever asked waits.
        write = asyncio.get_running_loop().run_in_executor(
            None, self.audit.write, caller.name, route.name, target, caller.source, outcome, detail
        )
        if route.effect is not Effect.REDUCES and not is_after:
            try:
                await write
            except StoreError as problem:
                raise ApiError(
                    "audit_unavailable", str(problem), "nothing was done; what reduces risk still can be"
                ) from None
            return
        self._late.add(write)
        write.add_done_callback(self._late.discard)
        try:
            await asyncio.wait_for(asyncio.shield(write), PATIENCE_S)
        except (StoreError, TimeoutError) as problem:
            self.metrics.error("audit")
            self._log.critical(
                f"done without a record in the audit log: {problem or 'it took too long'}",
                who=caller.name, action=route.name, target=target, outcome=outcome,
            )  # fmt: skip
            if not write.done():
                write.add_done_callback(_look)


def _look(task: asyncio.Future[Any]) -> None:
    """An exception that was looked at is not reported as lost."""
    if not task.cancelled():
        task.exception()
