"""A real Ray cluster of two workers, one of which is killed while the search runs."""

import json
import os
import signal
import threading
import time

import pytest

from lingua.optimize.search import LocalThreads, search
from lingua.optimize.storage import Storage

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'lingua-trading[ray]'")

PROGRAM = """strategy Cross {
  trade SYM @ 1d
  param fast = 5 in 2..13
  param slow = 20 in 14..25
  rule enter: ema(close, fast) crosses above ema(close, slow) => buy 90% with stop 10%
  rule leave: ema(close, fast) crosses below ema(close, slow) => sell
}
"""


@pytest.fixture(scope="module")
def cluster():
    """A head without processors and two workers with one each."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [made.add_node(num_cpus=1) for _ in range(2)]
    made.wait_for_nodes()
    ray.init(address=made.address, log_to_driver=False)
    yield made, nodes
    ray.shutdown()
    made.shutdown()


@pytest.mark.timeout(240)
def test_no_trial_is_lost_or_counted_twice_when_a_worker_is_killed(cluster, made_task, tmp_path) -> None:
    from lingua.optimize.cluster import RayWorkers

    made, nodes = cluster
    task = made_task(PROGRAM)
    seen: list[str] = []
    killed = threading.Event()

    class Watched(RayWorkers):
        def judge(self, task, combinations):
            for record in super().judge(task, combinations):
                seen.append(record.key)
                if len(seen) >= 20 and not killed.is_set():
                    made.remove_node(nodes[1], allow_graceful=False)
                    killed.set()
                yield record

    storage = Storage(tmp_path / "trials.sqlite")
    with Watched() as workers:
        outcome = search(task, trials=200, storage=storage, workers=workers)
    assert killed.is_set()
    assert len(ray.nodes()) == 3
    assert sum(node["Alive"] for node in ray.nodes()) == 2
    assert len(outcome.records) == len({record.key for record in outcome.records}) == 144
    assert len(storage.known(task)) == 144
    assert len(seen) == len(set(seen)) == 144
    local = search(task, trials=200, workers=LocalThreads(1))
    assert json.dumps(outcome.to_dict()) == json.dumps(local.to_dict())
    assert all(a.to_row() == b.to_row() for a, b in zip(outcome.records, local.records, strict=True))
    storage.close()


@pytest.mark.timeout(240)
def test_a_trial_whose_process_dies_is_run_again(cluster, made_task) -> None:
    from lingua.optimize.cluster import RayWorkers

    task = made_task(PROGRAM)

    stop = threading.Event()
    ended: list[int] = []

    def kill_one() -> None:
        while not stop.is_set() and not ended:
            for pid in workers_running("ray::judge_chunk"):
                os.kill(pid, signal.SIGKILL)
                ended.append(pid)
                return
            time.sleep(0.02)

    killer = threading.Thread(target=kill_one)
    killer.start()
    try:
        with RayWorkers() as workers:
            outcome = search(task, trials=200, workers=workers)
    finally:
        stop.set()
        killer.join()
    assert ended
    assert json.dumps(outcome.to_dict()) == json.dumps(search(task, trials=200).to_dict())


def workers_running(name: str) -> list[int]:
    """Processes of this test's own cluster that run a task of this name now: descendants of this process."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdecimal():
            continue
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                line = file.read().decode(errors="replace")
        except OSError:
            continue
        if line.startswith(name) and is_ours(int(entry)):
            found.append(int(entry))
    return found


def is_ours(pid: int) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        try:
            with open(f"/proc/{pid}/stat") as file:
                pid = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            return False
    return False
