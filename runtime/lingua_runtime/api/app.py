"""The node over HTTP: `create_app(control, …)`."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from lingua_runtime.api import dashboard, models
from lingua_runtime.api.audit import Audit
from lingua_runtime.api.desk import Desk
from lingua_runtime.api.errors import ApiError, error_body, error_response, http_words
from lingua_runtime.api.gate import Gate
from lingua_runtime.api.handlers import Handlers
from lingua_runtime.api.people import People
from lingua_runtime.api.roles import ROUTES, STREAM
from lingua_runtime.api.settings import ApiSettings
from lingua_runtime.api.store import StoreError
from lingua_runtime.api.stream import events
from lingua_runtime.control import Control, ControlError
from lingua_runtime.observe.metrics import Metrics

ABOUT = (
    "What can be seen of a Lingua node and done to it. Times are UTC nanoseconds, money in the account's currency. "
    "Whatever goes wrong is answered by one object: `code`, `why`, `mend`."
)
REFUSALS = {
    400: "The request is not well-formed",
    401: "Nobody, or not any more",
    403: "Somebody who may not",
    404: "There is no such thing",
    408: "The body did not arrive in time",
    409: "The node refuses it",
    413: "Too large",
    421: "Not a name of this node",
    422: "A value is not what it must be",
    429: "Asked too often",
    500: "The node failed to answer",
    503: "Not now",
}


def create_app(
    control: Control,
    *,
    people: People,
    audit: Audit,
    settings: ApiSettings | None = None,
    metrics: Metrics | None = None,
) -> FastAPI:
    """An ASGI application. Its lifespan must be run: it reads the node's events."""
    settings = settings if settings is not None else ApiSettings()
    metrics = metrics if metrics is not None else Metrics()
    desk = Desk(control, people, audit, settings, metrics)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with contextlib.suppress(ControlError):
            desk.tail.seed()
        task = asyncio.ensure_future(desk.tail.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    app = FastAPI(
        title="Lingua node", version="1", description=ABOUT, lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url="/v1/openapi.json", redirect_slashes=False,
    )  # fmt: skip
    app.state.desk = desk
    handlers = Handlers(desk)
    for route in ROUTES:
        responses: dict[int | str, dict[str, Any]] = {}
        if route.name == "readyz":
            responses[503] = {"model": models.ANSWERS["readyz"], "description": "Not ready"}
        created = route.name in ("deploy", "add_user", "add_key")
        if route.name == "metrics":
            responses[200] = {"description": "Text", "content": {"text/plain": {"schema": {"type": "string"}}}}
        handler = getattr(handlers, route.name)
        app.add_api_route(
            route.path,
            handler,
            dependencies=[Depends(_only(handler))],
            methods=[route.method],
            name=route.name,
            operation_id=route.name,
            summary=route.summary,
            description=_who(route.roles, route.money),
            status_code=201 if created else 200,
            response_model=models.ANSWERS.get(route.name),
            responses=responses,
            openapi_extra={} if route.is_open else {"security": [{"bearer": []}]},
        )
    app.add_api_websocket_route(STREAM.path, events(desk), name=STREAM.name)
    dashboard.add(app)

    app.add_exception_handler(ControlError, _known)
    app.add_exception_handler(ApiError, _known)
    app.add_exception_handler(StoreError, _store)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_middleware(Gate, people=people, audit=audit, settings=settings, metrics=metrics)
    if settings.origins:
        # Without credentials: a page elsewhere has to hold a key, it cannot use a session.
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.origins), allow_methods=["GET", "POST", "PATCH", "DELETE"],
            allow_headers=["authorization", "content-type"], allow_credentials=False, max_age=600,
        )  # fmt: skip
    _describe(app)
    return app


def _only(handler: Callable[..., Any]) -> Callable[[Request], Awaitable[None]]:
    """A query holds what the route knows, each once: a misspelt `deployment` must not show everything."""
    names = set(inspect.signature(handler).parameters) - {"request", "body"}

    async def check(request: Request) -> None:  # asynchronous: else it would be given to a thread
        for name in request.query_params:
            if name not in names or name in request.path_params:
                known = ", ".join(sorted(names - set(request.path_params))) or "nothing"
                raise ApiError("invalid", "query: this path does not know all of it", f"it takes {known}")
            if len(request.query_params.getlist(name)) > 1:
                raise ApiError("invalid", f"query.{name}: it is there more than once")

    return check


def _who(roles: frozenset[Any], money: frozenset[Any] | None) -> str:
    if not roles:
        return "For anybody."
    text = f"For: {', '.join(sorted(roles))}."
    return text if money is None else f"{text} Where orders are real: {', '.join(sorted(money))}."


def _describe(app: FastAPI) -> None:
    """Adds to the description what is the same for every route: keys, and the one shape of refusals."""
    made = app.openapi

    def described() -> dict[str, Any]:
        schema = made()
        parts = schema.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = models.Problem.model_json_schema()
        refusal = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for item in schema["paths"].values():
            for operation in item.values():
                for status, words in REFUSALS.items():
                    if str(status) not in operation["responses"] or status == 422:
                        operation["responses"][str(status)] = {"description": words, "content": refusal}
        schemes = parts.setdefault("securitySchemes", {})
        schemes["bearer"] = {"type": "http", "scheme": "bearer", "description": "A key, or a session's token"}
        return schema

    app.openapi = described  # type: ignore[method-assign]  # as FastAPI's documentation has it


async def _known(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, ControlError | ApiError)
    return error_response(problem)


async def _store(_: Request, problem: Exception) -> Response:
    return error_body(503, "store_unavailable", str(problem), "try again")


async def _invalid(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    first = problem.errors()[0]
    if first["type"] == "json_invalid":
        return error_body(400, "bad_json", "the body is not JSON")
    # Where and what must be, never what was there: it may be a password.
    where = ".".join(str(part)[:40] for part in first["loc"][:4])
    return error_body(422, "invalid", f"{where}: {first['msg'].lower()}"[:300], "/v1/openapi.json says what it takes")


async def _http(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    code, why, mend = http_words(problem.status_code)
    return error_body(problem.status_code, code, why, mend, dict(problem.headers or {}))
