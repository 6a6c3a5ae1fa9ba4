"""What a schedule tells its target."""

import json

from mlops_local.targets import context_attributes, filled_in


def test_the_input_is_told_when_the_schedule_was_due():
    # GIVEN
    schedule = {"Arn": "arn:aws:scheduler:us-east-1:0:schedule/default/hourly"}
    written = json.dumps({"model": "rain", "time": "<aws.scheduler.scheduled-time>", "by": "<aws.scheduler.schedule-arn>"})

    # WHEN
    told = json.loads(filled_in(written, context_attributes(schedule, 1_764_000_000.7)))

    # THEN
    assert told == {"model": "rain", "time": "2025-11-24T16:00:00Z", "by": schedule["Arn"]}


def test_an_input_that_names_nothing_is_left_as_it_is():
    assert filled_in('{"a": "<b>"}', context_attributes({}, 0)) == '{"a": "<b>"}'


def test_each_execution_has_an_id_of_its_own():
    ids = {context_attributes({}, 0)["<aws.scheduler.execution-id>"] for _ in range(3)}
    assert len(ids) == 3
