import threading
import time

import pytest
from mlops_local import clock as clocks


@pytest.fixture
def clock(tmp_path):
    moved = clocks.Clock(str(tmp_path / "clock"))
    yield moved
    moved._travel.stop()


def test_a_file_that_is_not_there_shifts_nothing(tmp_path):
    assert clocks.read_offset(str(tmp_path / "none")) == 0


def test_a_move_stops_at_each_due_time_and_ends_where_it_should(clock):
    # GIVEN
    start = clock.now()
    seen = []
    # WHEN
    stops = clock.advance(100, lambda begin, end: [begin + 10, begin + 60], lambda now: seen.append(now) or False)
    # THEN
    assert [round(moment - start) for moment in seen] == [10, 60, 100]
    assert stops == 3
    assert clock.now() - clock.real_now() == pytest.approx(100, abs=0.01)
    assert clock.offset_ms() == 100_000


def test_what_a_stop_starts_is_waited_for(clock):
    seen = []

    def tick(now: float) -> bool:
        threading.Thread(target=lambda: (time.sleep(0.05), seen.append(time.time()))).start()
        return True

    start = clock.now()
    clock.advance(1000, lambda begin, end: [begin + 10], tick)
    assert [round(moment - start) for moment in seen] == [10, 1000]


def test_who_ran_at_a_stop_can_read_the_new_time_before_the_next(clock):
    # GIVEN a process that reads the time as those of the local cloud do, at most every 20 ms
    read: list[tuple[float, float]] = []

    def tick(now: float) -> bool:
        if not read or time.monotonic() - read[-1][0] >= 0.02:
            read.append((time.monotonic(), now))
        seen.append(read[-1][1])
        return True

    seen: list[float] = []
    start = clock.now()
    # WHEN
    clock.advance(100, lambda begin, end: [begin + 10, begin + 20], tick)
    # THEN
    assert [round(moment - start) for moment in seen] == [10, 20, 100]


def test_a_stop_is_never_before_its_moment(clock):
    # GIVEN moments between two milliseconds
    late = []

    def due(start: float, end: float):
        for n in range(1, 200):
            moment = round(start) + n + 0.0003
            yield moment
            late.append(clock.now() - moment)

    # WHEN
    clock.advance(300, due, lambda now: False)
    # THEN what is due at the moment sees that it has come
    assert min(late) >= 0


def test_the_background_rests_while_the_clock_moves(clock):
    ran = []

    def tick(now: float) -> bool:
        other = threading.Thread(target=lambda: clock.unless_moving(lambda: ran.append("moving")))
        other.start()
        other.join()
        return False

    clock.advance(1, lambda begin, end: [], tick)
    clock.unless_moving(lambda: ran.append("still"))
    assert ran == ["still"]
