import re

import pytest
from alarms_in_process import METRIC, Refused, call, describe, put_composite, put_metric, reset
from mlops_local.alarms import protocol, refusals, service_model
from ministack.services.cloudformation import provisioners

TOPIC = "arn:aws:sns:us-east-1:000000000000:t"
ALARM = {"AlarmName": "a", **METRIC}


@pytest.fixture(autouse=True)
def clean():
    reset()
    yield
    reset()


def without(*names: str) -> dict:
    return {name: value for name, value in ALARM.items() if name not in names}


def metric(identity: str, **more) -> dict:
    stat = {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum", **more}
    return {"Id": identity, "MetricStat": stat, "ReturnData": False}


def math(*queries: dict, **more) -> dict:
    return {**without("Namespace", "MetricName", "Period", "Statistic"), "Metrics": list(queries), **more}


def sample(shape):
    """A value that the model allows."""
    if shape.type_name == "structure":
        union = shape.metadata.get("union")
        names = list(shape.members)[:1] if union else shape.required_members
        return {name: sample(shape.members[name]) for name in names}
    if shape.type_name == "list":
        return [sample(shape.member)]
    if shape.type_name == "string":
        return shape.metadata.get("enum", ["value"])[0]
    return {"boolean": True, "integer": 60, "double": 1.5}[shape.type_name]


class TestEveryMember:
    """Of AWS's own service model: a member is obeyed or refused by its name, never taken and ignored."""

    @pytest.mark.parametrize("name", service_model.input_shape("PutMetricAlarm").members)
    def test_of_the_request(self, name):
        value = sample(service_model.input_shape("PutMetricAlarm").members[name])
        refused = refusals.refusal({**ALARM, name: value})
        if name in refusals.IMPLEMENTED:
            assert refused is None or f"'{name}' of PutMetricAlarm" not in refused
        else:
            assert refused == f"'{name}' of PutMetricAlarm is not implemented by the local cloud; leave it out"

    @pytest.mark.parametrize("name", service_model.input_shape("PutMetricAlarm").members["Metrics"].member.members)
    def test_of_a_query(self, name):
        value = sample(service_model.input_shape("PutMetricAlarm").members["Metrics"].member.members[name])
        refused = refusals.refusal(math({**metric("m"), "ReturnData": True, name: value}))
        if name in refusals.IMPLEMENTED_OF_QUERY:
            assert refused is None or "not implemented by the local cloud; leave it out" not in refused
        else:
            assert refused == f"'{name}' of metric query 'm' is not implemented by the local cloud; leave it out"

    def test_what_is_implemented_is_in_the_model(self):
        shape = service_model.input_shape("PutMetricAlarm")
        assert refusals.IMPLEMENTED <= shape.members.keys()
        assert refusals.IMPLEMENTED_OF_QUERY <= shape.members["Metrics"].member.members.keys()
        assert list(refusals.STATISTICS) == shape.members["Statistic"].metadata["enum"]

    @pytest.mark.parametrize("name", service_model.input_shape("PutMetricAlarm").members["ComparisonOperator"].enum)
    def test_of_the_comparisons(self, name):
        refused = refusals.refusal({**ALARM, "ComparisonOperator": name})
        assert refused is None if name in refusals.COMPARISONS else "anomaly detection" in refused


@pytest.mark.parametrize(
    "request_",
    [
        ALARM,
        {**ALARM, "Period": 10},
        {**ALARM, "Period": 60, "EvaluationPeriods": 1440},
        {**ALARM, "Period": 3600, "EvaluationPeriods": 168},
        {**ALARM, "EvaluationPeriods": 3, "DatapointsToAlarm": 3},
        {**ALARM, "EvaluateLowSampleCountPercentile": "evaluate"},
        {**ALARM, "AlarmActions": [TOPIC] * 5},
        {**ALARM, "OKActions": ["arn:aws:lambda:us-east-1:000000000000:function:f"]},
        *({**without("Statistic"), "ExtendedStatistic": stat} for stat in ("p0.0", "p0", "p99.9", "p100")),
        *({**ALARM, "TreatMissingData": treatment} for treatment in refusals.MISSING_DATA_TREATMENTS),
        math({**metric("m"), "ReturnData": True}),
        math(metric("m"), metric("n"), {"Id": "e", "Expression": "m / FILL(n, 1)", "Label": "rate"}),
    ],
)
def test_takes_what_it_evaluates(request_):
    assert refusals.refusal(request_) is None


REFUSED = [
    ({**ALARM, "Period": 15}, "'Period' is 15, must be 10, 20, 30 or a multiple of 60"),
    ({**ALARM, "Period": 90}, "'Period' is 90"),
    ({**ALARM, "EvaluationPeriods": 1441}, r"more than a day .*<= 86400\), got 1441 \* 60"),
    ({**ALARM, "Period": 3600, "EvaluationPeriods": 169}, r"more than seven days .*<= 604800\)"),
    ({**ALARM, "DatapointsToAlarm": 2}, "'DatapointsToAlarm' is 2, 'EvaluationPeriods' is 1"),
    ({**ALARM, "DatapointsToAlarm": 0}, "Value '0' at 'datapointsToAlarm' failed"),
    ({**ALARM, "EvaluationPeriods": 0}, "Value '0' at 'evaluationPeriods' failed .* greater than or equal to 1"),
    ({**ALARM, "TreatMissingData": "bad"}, "'TreatMissingData' is 'bad', must be one of breaching, notBreaching"),
    ({**ALARM, "ExtendedStatistic": "p99"}, "exactly one of 'Statistic' and 'ExtendedStatistic'"),
    (without("Statistic"), "exactly one of 'Statistic' and 'ExtendedStatistic'"),
    (without("MetricName"), "one of 'MetricName' and 'Metrics' is required"),
    (without("Namespace"), "'Namespace' is required"),
    (without("Period"), "'Period' is required"),
    (without("Threshold"), "'Threshold' is required"),
    (without("ComparisonOperator"), "'ComparisonOperator' is required"),
    (without("EvaluationPeriods"), "'EvaluationPeriods' is required"),
    (without("AlarmName"), "Value null at 'alarmName' failed"),
    ({**ALARM, "AlarmName": "n" * 256}, "at 'alarmName' failed .* less than or equal to 255"),
    ({**ALARM, "Namespace": ":n"}, "at 'namespace' failed .* regular expression"),
    ({**ALARM, "Unit": "Parsecs"}, "Value 'Parsecs' at 'unit' failed .* enum value set"),
    ({**ALARM, "Statistic": "Median"}, "Value 'Median' at 'statistic' failed"),
    ({**ALARM, "Threshold": "high"}, "at 'threshold' failed .* a number"),
    ({**ALARM, "Dimensions": [{"Name": "n"}]}, "Value null at 'dimensions.1.member.value' failed"),
    ({**ALARM, "AlarmActions": [TOPIC] * 6}, "at 'alarmActions' failed .* less than or equal to 5"),
    ({**ALARM, "OKActions": ["arn:aws:automate:us-east-1:ec2:stop"]}, "'OKActions' .*ec2:stop' is not run"),
    ({**ALARM, "EvaluateLowSampleCountPercentile": "ignore"}, "'EvaluateLowSampleCountPercentile' 'ignore' is not"),
    ({**ALARM, "ComparisonOperator": "GreaterThanUpperThreshold"}, "anomaly detection"),
    *(
        ({**without("Statistic"), "ExtendedStatistic": stat}, f"'{re.escape(stat)}' is not computed")
        for stat in ("p101", "p-1", "tm90", "TM(2%:98%)", "IQM", "PR(1:2)", "median")
    ),
    ({**ALARM, "Metrics": [metric("m")]}, "'MetricName' is given beside 'Metrics'"),
    (math(metric("m")), "Exactly one element of the metrics list should return data"),
    (math({**metric("m"), "ReturnData": True}, {"Id": "e", "Expression": "m"}), "Exactly one element"),
    (math(metric("m"), {**metric("m"), "ReturnData": True}), "'Id' must be unique"),
    (math({**metric("M"), "ReturnData": True}), "begin with a lowercase letter"),
    (math({"Id": "e"}), "exactly one of 'Expression' and 'MetricStat'"),
    (math(metric("m"), {"Id": "e", "Expression": "m + x"}), "reads 'x', which is not in 'Metrics'"),
    (math(metric("m"), {"Id": "e", "Expression": "ANOMALY_DETECTION_BAND(m, 2)"}), "ANOMALY_DETECTION_BAND.*not impl"),
    (math(metric("m"), {"Id": "e", "Expression": "IF(m > 1, 1, 0)"}), "IF.*is not implemented"),
    (math(metric("m"), metric("n", Period=300), {"Id": "e", "Expression": "m + n"}), "periods of 60, 300 are not"),
    (math({"Id": "e", "Expression": "1"}), "periods of no metric"),
    (
        math(metric("m"), {"Id": "e", "Expression": "f"}, {"Id": "f", "Expression": "e", "ReturnData": False}),
        "the expressions e, f in 'Metrics' read each other in a circle",
    ),
    (math({**metric("m", Stat="tm90"), "ReturnData": True}), "'Stat' 'tm90' is not computed"),
    (math({**metric("m", Period=7), "ReturnData": True}), "'Period' is 7"),
]


@pytest.mark.parametrize(("request_", "message"), REFUSED)
def test_refuses(request_, message):
    assert re.search(message, refusals.refusal(request_))


def test_several_broken_constraints_are_told_at_once():
    refused = refusals.refusal({"AlarmName": "", "EvaluationPeriods": 0})
    assert refused.startswith("2 validation errors detected: Value '' at 'alarmName'")
    assert "; Value '0' at 'evaluationPeriods'" in refused


def test_a_refused_request_changes_nothing():
    put_metric("a", Threshold=5)
    with pytest.raises(Refused, match="ValidationError: 'ThresholdMetricId' of PutMetricAlarm is not implemented"):
        put_metric("a", Threshold=6, ThresholdMetricId="band")
    assert describe("a")["Threshold"] == 5


def test_a_name_belongs_to_one_type_of_alarm():
    put_metric("a")
    with pytest.raises(Refused, match="'a' is the name of a metric alarm"):
        put_composite("a", "TRUE")
    put_composite("c", "TRUE")
    with pytest.raises(Refused, match="'c' is the name of a composite alarm"):
        put_metric("c")


class TestTemplates:
    def test_text_is_taken_for_the_numbers_that_it_stands_for(self):
        record = provisioners._cw_metric_alarm_record(
            "a", {**METRIC, "Period": "60", "Threshold": "1.5", "ActionsEnabled": "false", "EvaluationPeriods": "2"}
        )
        assert (record["Period"], record["Threshold"], record["ActionsEnabled"]) == (60, 1.5, False)

    @pytest.mark.parametrize("name", ["ThresholdMetricId", "EvaluationInterval", "Nonsense"])
    def test_fail_by_name_on_what_is_not_evaluated(self, name):
        with pytest.raises(ValueError, match=f"'{name}' of PutMetricAlarm is not implemented"):
            provisioners._cw_metric_alarm_record("a", {**METRIC, name: "60"})


class TestQueryProtocol:
    PARAMS = {
        "Action": ["PutMetricAlarm"],
        "AlarmName": ["a"],
        "MetricName": ["Drift"],
        "Namespace": ["Test"],
        "Period": ["60"],
        "Statistic": ["Sum"],
        "EvaluationPeriods": ["2"],
        "Threshold": ["1"],
        "ComparisonOperator": ["GreaterThanThreshold"],
        "Dimensions.member.1.Name": ["Model"],
        "Dimensions.member.1.Value": ["rain"],
        "AlarmActions.member.1": [TOPIC],
    }

    def put(self, **more) -> tuple[int, str]:
        status, _, body = protocol.cloudwatch._put_metric_alarm({**self.PARAMS, **more}, {}, False)
        return status, body.decode()

    def test_is_understood(self):
        status, body = self.put()
        assert (status, "<PutMetricAlarmResponse" in body) == (200, True)
        described = describe("a")
        assert described["Dimensions"] == [{"Name": "Model", "Value": "rain"}]
        assert (described["Period"], described["AlarmActions"]) == (60, [TOPIC])

    def test_is_refused_alike(self):
        status, body = self.put(ThresholdMetricId=["band"])
        assert status == 400
        assert "<Code>ValidationError</Code>" in body
        assert "'ThresholdMetricId' of PutMetricAlarm is not implemented" in body


class TestRules:
    @pytest.mark.parametrize(
        ("rule", "message"),
        [
            ("ALARM(nobody)", r"alarms \[arn:aws:cloudwatch:.*:alarm:nobody\] in the alarm rule do not exist"),
            ("ALARM(child) XOR TRUE", "Unsupported token 'XOR' at char 13"),
            ("ALARM(child) AND", "Unsupported token '<EOF>'"),
            ("(ALARM(child)", "Unsupported token"),
            ("child", "Unsupported token 'child' at char 0"),
            ("UNKNOWN(child)", "Unsupported token 'UNKNOWN'"),
            ("", "Value '' at 'alarmRule' failed"),
        ],
    )
    def test_fail_where_they_cannot_be_read(self, rule, message):
        put_metric("child")
        with pytest.raises(Refused, match=f"ValidationError: .*{message}"):
            put_composite("c", rule)

    @pytest.mark.parametrize(
        ("rule", "state"),
        [
            ("TRUE", "ALARM"),
            ("FALSE", "OK"),
            ("INSUFFICIENT_DATA(child)", "ALARM"),
            ("NOT INSUFFICIENT_DATA(child) OR OK(child)", "OK"),
            ("TRUE OR FALSE AND FALSE", "ALARM"),
            ("(TRUE OR FALSE) AND FALSE", "OK"),
            ('INSUFFICIENT_DATA("arn:aws:cloudwatch:us-east-1:000000000000:alarm:child")', "ALARM"),
        ],
    )
    def test_are_evaluated_when_they_are_put(self, rule, state):
        put_metric("child")
        put_composite("c", rule)
        assert describe("c")["StateValue"] == state

    def test_fail_on_more_alarms_than_the_service_takes(self):
        rule = " OR ".join(f"ALARM(a{number})" for number in range(101))
        with pytest.raises(Refused, match="'AlarmRule' names 101 alarms, at most 100"):
            put_composite("c", rule)

    def test_fail_by_name_on_members_that_are_not_known(self):
        with pytest.raises(Refused, match="'Nonsense' of PutCompositeAlarm is not implemented"):
            call("_put_composite_alarm", AlarmName="c", AlarmRule="TRUE", Nonsense=1)
