import pytest
from mlops_local.moments import earliest, in_order


def test_a_timer_that_starts_on_the_way_is_stopped_at_in_its_order():
    # GIVEN timers that start when a planned moment is reached
    timers: list[float] = []

    def upcoming() -> float | None:
        return min(timers, default=None)

    # WHEN
    stops = []
    for moment in in_order([10.0, 20.0, 30.0], 0.0, 40.0, upcoming):
        stops.append(moment)
        timers = [timer for timer in timers if timer > moment]
        if moment == 10.0:
            timers += [25.0, 35.0, 41.0]
    # THEN
    assert stops == [10.0, 20.0, 25.0, 30.0, 35.0]


def test_a_timer_at_a_planned_moment_is_one_stop():
    assert list(in_order([10.0], 0.0, 40.0, lambda: 10.0)) == [10.0]


def test_a_timer_that_nobody_ends_does_not_hold_the_clock():
    assert list(in_order([10.0, 20.0], 0.0, 40.0, lambda: 15.0)) == [10.0, 15.0, 20.0]


@pytest.mark.parametrize(("timers", "first"), [([None, 7.0, 3.0], 3.0), ([None, None], None), ([], None)])
def test_the_first_of_several_kinds_of_timers(timers, first):
    assert earliest(*[lambda timer=timer: timer for timer in timers])() == first
