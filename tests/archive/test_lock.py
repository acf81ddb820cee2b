from __future__ import annotations

import multiprocessing
import threading
import time
from pathlib import Path

import pytest

from perilune.archive.lock import FileLock
from perilune.errors import StoreError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.sqlite.lock"


def test_one_holds_it_at_a_time(path: Path) -> None:
    inside, most = [0], [0]

    def work() -> None:
        lock = FileLock(path, 20.0)
        for _ in range(50):
            with lock.held():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                time.sleep(0)
                inside[0] -= 1
        lock.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_who_has_just_had_it_does_not_go_before_those_who_wait(path: Path) -> None:
    first, second = FileLock(path, 20.0), FileLock(path, 20.0)
    order: list[str] = []
    held = threading.Event()

    def waits() -> None:
        held.wait(10)
        with second.held():
            order.append("second")

    waiter = threading.Thread(target=waits)
    waiter.start()
    with first.held():
        held.set()
        time.sleep(0.1)
    with first.held():
        order.append("first")
    waiter.join()
    assert order == ["second", "first"]


def test_who_gave_up_waiting_does_not_keep_it_from_others(path: Path) -> None:
    holder, hasty, third = FileLock(path, 5.0), FileLock(path, 0.05), FileLock(path, 5.0)
    told = r"another process has held the store for 0\.05 s"
    with holder.held(), pytest.raises(StoreError, match=told), hasty.held():
        pass
    with third.held():
        pass
    with hasty.held():
        pass


def _hold(path: Path, told: multiprocessing.Queue[str]) -> None:
    with FileLock(path, 5.0).held():
        told.put("held")
        time.sleep(60)


def test_the_lock_of_a_killed_process_is_free(path: Path) -> None:
    context = multiprocessing.get_context("fork")
    told: multiprocessing.Queue[str] = context.Queue()
    child = context.Process(target=_hold, args=(path, told))
    child.start()
    assert told.get(timeout=20) == "held"
    child.kill()
    child.join()
    with FileLock(path, 5.0).held():
        pass


def test_a_process_forked_meanwhile_does_not_hold_it_on(path: Path) -> None:
    lock = FileLock(path, 5.0)
    context = multiprocessing.get_context("fork")
    with lock.held():
        child = context.Process(target=time.sleep, args=(1.0,))
        child.start()
    with FileLock(path, 0.3).held():
        pass
    child.kill()
    child.join()


def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened for writing"):
        FileLock(tmp_path / "missing" / "log.lock", 1.0)
