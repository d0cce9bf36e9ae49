"""The application over a small node in memory, with a person of each role."""

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import argon2
import pytest
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent))

from double import Double

from lingua_runtime.api.app import create_app
from lingua_runtime.api.audit import Audit
from lingua_runtime.api.people import People
from lingua_runtime.api.roles import Role
from lingua_runtime.api.settings import ApiSettings
from lingua_runtime.api.store import Store
from lingua_runtime.observe import logs
from lingua_runtime.observe.metrics import Metrics

logs.configure(io.StringIO())
PASSWORD = "four plain words here"
QUICK = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The real algorithm with the smallest parameters: tests make many users."""


@dataclass
class Place:
    node: Double
    store: Store
    people: People
    audit: Audit
    metrics: Metrics
    app: Any
    client: TestClient
    keys: dict[str, str]

    def as_(self, who: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[who]}"}

    def records(self, **where: Any) -> list[tuple[str, str, str, str]]:
        return [(r.who, r.action, r.target, r.outcome) for r in self.audit.read(most=10_000, **where)]


def make_place(folder: Path, settings: ApiSettings | None = None, url: str = "") -> Iterator[Place]:
    store = Store(url or f"sqlite:///{folder / 'node.db'}")
    people = People(store, hasher=QUICK)
    keys = {}
    for role in Role:
        people.add_user(role.value, [role], f"{PASSWORD} {len(role.value)}")
        keys[role.value] = people.add_key(role.value, "test")[0]
    node, audit, metrics = Double(), Audit(store), Metrics()
    settings = settings or ApiSettings(rate=10_000, burst=100_000)
    app = create_app(node, people=people, audit=audit, settings=settings, metrics=metrics)
    with TestClient(
        app, base_url="http://localhost", client=("127.0.0.1", 5000), raise_server_exceptions=False
    ) as client:
        yield Place(node, store, people, audit, metrics, app, client, keys)
    store.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    yield from make_place(tmp_path)
