import threading
import time

import pytest
from mlops_local import waits


@pytest.fixture
def started():
    """Starts threads that work as executions do, and lets all of them end."""
    threads = []

    def start(run):
        def work():
            with waits.working():
                run()

        thread = threading.Thread(target=work)
        threads.append(thread)
        thread.start()

    yield start
    for thread in threads:
        thread.join()


def test_what_is_due_is_told_once_everything_rests(started):
    # GIVEN
    released = threading.Event()
    near, far = time.time() + 3600, time.time() + 7200
    for moment in (far, near):
        started(lambda moment=moment: waits.wait(moment, released.is_set))
    # WHEN
    soonest = waits.next_due()
    released.set()
    waits.changed()
    # THEN
    assert soonest == near


def test_a_woken_wait_counts_as_at_work_until_it_rests_again(started):
    # GIVEN
    released = threading.Event()
    moment = time.time() + 3600
    started(lambda: waits.wait(moment, released.is_set))
    assert waits.settle()
    # WHEN the clock says that it is over, without the time having come
    woken = waits.wake(moment)
    # THEN
    assert woken
    assert not waits.settle(0.1)
    assert not waits.wake(moment)
    released.set()
    waits.changed()


def test_a_wait_is_over_at_its_time_or_when_it_is_ready(started):
    results = []
    started(lambda: results.append(waits.wait(time.time() - 1, lambda: False)))
    started(lambda: results.append(waits.wait(time.time() + 3600, lambda: True)))
    started(lambda: results.append(waits.wait(None, lambda: False, poll=0.01)))
    assert waits.settle()
    assert sorted(results) == [False, False, True]


def test_a_parent_that_waits_for_its_branches_does_not_hold_up_the_clock(started):
    released = threading.Event()

    def parent():
        with waits.resting():
            child = threading.Thread(target=branch)
            child.start()
            child.join()

    def branch():
        with waits.working():
            waits.wait(time.time() + 3600, released.is_set)

    started(parent)
    assert waits.settle()
    released.set()
    waits.changed()
