"""Trials on a Ray cluster: the same judgement in other processes, on this machine or on many.

A trial is a pure function of the task and its values, so one whose worker died is simply run again: Ray does so itself
for a process or a machine that is lost, and what comes twice is counted once (`Runner`). The answer is that of a local
search to the last bit where the processors agree on it.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Iterator, Sequence
from typing import Any

from lingua.optimize.records import Record
from lingua.optimize.space import Values
from lingua.optimize.task import Task

MISSING = "searching on a cluster needs Ray: pip install 'lingua-trading[ray]'"
RETRIES = 8
"""How often a trial may lose its worker: more is no accident, the trial itself ends them."""
LARGEST_CHUNK = 8
"""Trials sent at a time: what a lost worker costs at most."""


def load_ray() -> Any:
    try:
        return importlib.import_module("ray")
    except ImportError as problem:
        raise ImportError(MISSING) from problem


class RayWorkers:
    """A connection to the cluster at `address`; "" starts one on this machine, or joins the one that runs here."""

    def __init__(self, address: str = "") -> None:
        self.address = address
        self._ray = load_ray()
        self._is_own = False
        self._sent: dict[str, Any] = {}

    def __enter__(self) -> RayWorkers:
        if not self._ray.is_initialized():
            try:
                self._ray.init(address=self.address or None, log_to_driver=False, include_dashboard=None)
            except ConnectionError as problem:
                raise ValueError(f"there is no Ray cluster at {self.address}: {problem}") from problem
            self._is_own = True
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_own:
            self._ray.shutdown()

    def judge(self, task: Task, combinations: Sequence[Values]) -> Iterator[Record]:
        """Records as they come. Raises RuntimeError when a trial ends every worker that tries it."""
        ray = self._ray
        key = task.fingerprint
        if key not in self._sent:
            # As bytes: arrays that Ray shares between processes are read-only, and compiled code wants to own them.
            self._sent[key] = ray.put(pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL))
        slots = max(1, int(ray.cluster_resources().get("CPU", 1)))
        size = min(LARGEST_CHUNK, max(1, len(combinations) // (4 * slots)))
        remote = ray.remote(num_cpus=1, max_retries=RETRIES)(judge_chunk)
        waiting = [
            remote.remote([self._sent[key]], key, list(combinations[k : k + size]))
            for k in range(0, len(combinations), size)
        ]
        try:
            while waiting:
                done, waiting = ray.wait(waiting, num_returns=1)
                for each in done:
                    yield from self._received(each)
        finally:
            for each in waiting:
                ray.cancel(each)

    def _received(self, reference: Any) -> list[Record]:
        try:
            return [Record.from_row(text, returns) for text, returns in self._ray.get(reference)]
        except self._ray.exceptions.RayTaskError:
            raise
        except self._ray.exceptions.RayError as problem:
            raise RuntimeError(f"a trial lost its worker {RETRIES} times: {type(problem).__name__}") from problem


_TASKS: dict[str, Task] = {}
"""In a worker: the tasks it has been sent, so that trials share their series there too."""


def judge_chunk(sent: list[Any], key: str, combinations: Sequence[Values]) -> list[tuple[str, bytes]]:
    """Runs in a worker. `sent` holds a reference to the pickled task, read once by each process."""
    if key not in _TASKS:
        _TASKS.clear()
        _TASKS[key] = pickle.loads(load_ray().get(sent[0]))
    return [_TASKS[key].judge(values).to_row() for values in combinations]
