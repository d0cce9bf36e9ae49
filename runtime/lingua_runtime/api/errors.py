"""Whatever goes wrong, the answer is one JSON object: `code` for programs, `why` for people, `mend` for what to do."""

from __future__ import annotations

import json
from http import HTTPStatus

from starlette.responses import Response

from lingua_runtime.control import ControlError
from lingua_runtime.observe.redact import REDACTOR

STATUS: dict[str, int] = {
    "no_such_deployment": 404,
    "no_such_approval": 404,
    "no_such_account": 404,
    "no_such_user": 404,
    "no_such_key": 404,
    "not_signed_in": 401,
    "wrong_credentials": 401,
    "not_allowed": 403,
    "second_person": 403,
    "foreign_origin": 403,
    "foreign_host": 421,
    "exists": 409,
    "conflict": 409,
    "too_large": 413,
    "too_deep": 400,
    "bad_request": 400,
    "bad_json": 400,
    "invalid": 422,
    "too_many": 429,
    "too_slow": 408,
    "audit_unavailable": 503,
    "store_unavailable": 503,
    "not_ready": 503,
    "internal": 500,
}
"""Of a code that is not here, 409: the node refused what was asked for."""


class ApiError(Exception):
    def __init__(self, code: str, why: str, mend: str = "", *, headers: dict[str, str] | None = None) -> None:
        super().__init__(why)
        self.code, self.why, self.mend = code, why, mend
        self.headers = headers or {}


def error_response(problem: ApiError | ControlError) -> Response:
    headers = problem.headers if isinstance(problem, ApiError) else {}
    return error_body(STATUS.get(problem.code, 409), problem.code, problem.why, problem.mend, headers)


def error_body(status: int, code: str, why: str, mend: str = "", headers: dict[str, str] | None = None) -> Response:
    body = {"code": code, "why": REDACTOR.text(why), "mend": REDACTOR.text(mend)}
    return Response(
        json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )


def http_words(status: int) -> tuple[str, str, str]:
    """Code, why and mend for a status that the framework answers by itself."""
    match status:
        case 404:
            return "no_such_path", "there is nothing at this path", "/v1/openapi.json lists what there is"
        case 405:
            return "no_such_method", "this path does not take this method", "/v1/openapi.json lists what there is"
        case _:
            return "bad_request", HTTPStatus(status).phrase.lower(), ""
