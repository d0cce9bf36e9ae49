"""The dashboard's few files, read once. They are the same for everybody: what they show is asked for with a session."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from importlib import resources

from fastapi import FastAPI, Request, Response

from lingua.report.page import CHARTS

FILES = {
    "/": ("lingua_runtime.dashboard", "index.html", "text/html; charset=utf-8"),
    "/assets/dashboard.css": ("lingua_runtime.dashboard", "dashboard.css", "text/css; charset=utf-8"),
    **{
        f"/assets/{name}.js": ("lingua_runtime.dashboard", f"{name}.js", "text/javascript; charset=utf-8")
        for name in ("main", "api", "chart", "dialogs", "format", "panels")
    },
    "/assets/charts.js": ("lingua.report", f"vendor/{CHARTS}", "text/javascript; charset=utf-8"),
    "/assets/icon.svg": ("lingua_runtime.dashboard", "icon.svg", "image/svg+xml"),
}


def add(app: FastAPI) -> None:
    for path, (package, name, kind) in FILES.items():
        body = resources.files(package).joinpath(*name.split("/")).read_bytes()
        app.add_api_route(path, _serve(body, kind), methods=["GET"], include_in_schema=False)


def _serve(body: bytes, kind: str) -> Callable[[Request], Awaitable[Response]]:
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'

    async def serve(request: Request) -> Response:
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"etag": tag})
        return Response(body, media_type=kind, headers={"etag": tag})

    return serve
