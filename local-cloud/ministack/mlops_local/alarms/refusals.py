"""PutMetricAlarm requests that AWS would not take, and those that use what is not evaluated here."""

import math
import re

from ministack.services import cloudwatch

from . import actions, metric_math, service_model
from .evaluation import COMPARISONS

# Members of PutMetricAlarm that alarms here obey; any other is refused by its name.
IMPLEMENTED = frozenset(
    {
        "ActionsEnabled",
        "AlarmActions",
        "AlarmDescription",
        "AlarmName",
        "ComparisonOperator",
        "DatapointsToAlarm",
        "Dimensions",
        "EvaluateLowSampleCountPercentile",
        "EvaluationPeriods",
        "ExtendedStatistic",
        "InsufficientDataActions",
        "MetricName",
        "Metrics",
        "Namespace",
        "OKActions",
        "Period",
        "Statistic",
        "Tags",
        "Threshold",
        "TreatMissingData",
        "Unit",
    }
)
# The same of one query in ``Metrics``.
IMPLEMENTED_OF_QUERY = frozenset({"Expression", "Id", "Label", "MetricStat", "ReturnData"})

STATISTICS = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
MISSING_DATA_TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")
_OF_ONE_METRIC = ("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")
_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100(\.0{1,10})?)")
_QUERY_ID = re.compile(r"[a-z][a-zA-Z0-9_]*")
_SHORT_PERIODS = (10, 20, 30)
_HOUR, _DAY, _WEEK = 3600, 86_400, 604_800
_MAX_QUERIES = 10


def refusal(request: dict) -> str | None:
    """Why an alarm is refused; ``request`` has the types of the service model."""
    return (
        _unknown(request, IMPLEMENTED, "PutMetricAlarm")
        or service_model.violations("PutMetricAlarm", request, unchecked=("Tags",))
        or _name(request)
        or _comparison(request)
        or (_queries(request) if request.get("Metrics") else _one_metric(request))
        or _range(request)
        or _missing_data(request)
        or refused_actions(request)
    )


def refused_actions(request: dict) -> str | None:
    """The first action that is not run here."""
    for name in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for action in request.get(name) or []:
            if actions.action_service(action) is None:
                return (
                    f"'{name}' {action!r} is not run by the local cloud; it runs SNS topics and Lambda functions, "
                    "given by their ARN"
                )
    return None


def _unknown(request: dict, implemented: frozenset[str], where: str) -> str | None:
    unknown = sorted(name for name in request.keys() - implemented if request[name] is not None)
    return f"'{unknown[0]}' of {where} is not implemented by the local cloud; leave it out" if unknown else None


def _name(request: dict) -> str | None:
    if request["AlarmName"] in cloudwatch._composite_alarms:
        return (
            f"'AlarmName' {request['AlarmName']!r} is the name of a composite alarm; "
            "choose another one or delete that alarm"
        )
    return None


def _comparison(request: dict) -> str | None:
    # The service model no longer requires them, for the sake of PromQL alarms.
    for name in ("ComparisonOperator", "EvaluationPeriods"):
        if request.get(name) is None:
            return f"'{name}' is required for an alarm with a static threshold"
    operator = request["ComparisonOperator"]
    if operator not in COMPARISONS:
        return (
            f"'ComparisonOperator' {operator} is for anomaly detection, which is not implemented by the local cloud; "
            f"it knows {', '.join(COMPARISONS)}"
        )
    threshold = request.get("Threshold")
    if threshold is None:
        return "'Threshold' is required for an alarm with a static threshold"
    if not math.isfinite(threshold):
        return f"'Threshold' is {threshold}, must be a finite number"
    return None


def _one_metric(request: dict) -> str | None:
    if not request.get("MetricName"):
        return "one of 'MetricName' and 'Metrics' is required"
    for name in ("Namespace", "Period"):
        if not request.get(name):
            return f"'{name}' is required with 'MetricName'"
    given = [name for name in ("Statistic", "ExtendedStatistic") if request.get(name)]
    if len(given) != 1:
        return "exactly one of 'Statistic' and 'ExtendedStatistic' is required with 'MetricName'"
    extended = request.get("ExtendedStatistic")
    if extended and not _PERCENTILE.fullmatch(extended):
        return _not_computed("ExtendedStatistic", extended, "percentiles from p0 to p100")
    low_samples = request.get("EvaluateLowSampleCountPercentile")
    if low_samples is not None and low_samples != "evaluate":
        return (
            f"'EvaluateLowSampleCountPercentile' {low_samples!r} is not implemented by the local cloud; "
            "it knows 'evaluate', the default"
        )
    return _period("Period", request["Period"])


def _queries(request: dict) -> str | None:
    given = [name for name in _OF_ONE_METRIC if request.get(name)]
    if given:
        return f"'{given[0]}' is given beside 'Metrics'; give it within 'Metrics'"
    if "EvaluateLowSampleCountPercentile" in request:
        return "'EvaluateLowSampleCountPercentile' is for alarms on one percentile; leave it out beside 'Metrics'"
    queries = request["Metrics"]
    if len(queries) > _MAX_QUERIES:
        return f"'Metrics' has {len(queries)} elements, at most {_MAX_QUERIES} are allowed"
    ids = [query["Id"] for query in queries]
    if len(set(ids)) != len(ids):
        return f"'Id' must be unique within 'Metrics', got {', '.join(ids)}"
    for query in queries:
        refused = _query(query, ids)
        if refused:
            return refused
    if sum(query.get("ReturnData", True) for query in queries) != 1:
        return "Exactly one element of the metrics list should return data; set 'ReturnData' to false on the others"
    periods = sorted({query["MetricStat"]["Period"] for query in queries if query.get("MetricStat")})
    if len(periods) != 1:
        shown = ", ".join(map(str, periods)) or "no metric"
        return f"'Metrics' with periods of {shown} are not implemented by the local cloud; give all metrics one period"
    return _cycle(queries)


def _query(query: dict, ids: list[str]) -> str | None:
    where = f"metric query {query['Id']!r}"
    unknown = _unknown(query, IMPLEMENTED_OF_QUERY, where)
    if unknown:
        return unknown
    if not _QUERY_ID.fullmatch(query["Id"]):
        return f"'Id' {query['Id']!r} must be letters, digits and underscores and begin with a lowercase letter"
    if bool(query.get("Expression")) == bool(query.get("MetricStat")):
        return f"{where} must have exactly one of 'Expression' and 'MetricStat'"
    if query.get("Expression"):
        try:
            missing = sorted(metric_math.names(metric_math.parse(query["Expression"])) - set(ids))
        except metric_math.UnsupportedExpression as error:
            return str(error)
        return f"{where} reads {missing[0]!r}, which is not in 'Metrics'" if missing else None
    stat = query["MetricStat"]
    for name in ("Namespace", "MetricName"):
        if not stat["Metric"].get(name):
            return f"'{name}' is required in the metric of {where}"
    if stat["Stat"] not in STATISTICS and not _PERCENTILE.fullmatch(stat["Stat"]):
        return _not_computed("Stat", stat["Stat"], f"{', '.join(STATISTICS)} and percentiles from p0 to p100")
    return _period("Period", stat["Period"])


def _cycle(queries: list[dict]) -> str | None:
    reads = {
        query["Id"]: metric_math.names(metric_math.parse(query["Expression"])) if query.get("Expression") else set()
        for query in queries
    }
    settled: set[str] = set()
    while len(settled) < len(reads):
        ready = {name for name, used in reads.items() if used <= settled} - settled
        if not ready:
            circle = ", ".join(sorted(reads.keys() - settled))
            return f"the expressions {circle} in 'Metrics' read each other in a circle"
        settled |= ready
    return None


def _not_computed(name: str, value: str, known: str) -> str:
    return f"'{name}' {value!r} is not computed by the local cloud; it knows {known}"


def _period(name: str, period: int) -> str | None:
    if period in _SHORT_PERIODS or period % 60 == 0:
        return None
    return f"'{name}' is {period}, must be 10, 20, 30 or a multiple of 60"


def _range(request: dict) -> str | None:
    periods = request["EvaluationPeriods"]
    needed = request.get("DatapointsToAlarm")
    if needed is not None and needed > periods:
        return (
            "Datapoints to alarm must be less than or equal to the number of evaluation periods: "
            f"'DatapointsToAlarm' is {needed}, 'EvaluationPeriods' is {periods}"
        )
    metrics = request.get("Metrics") or []
    period = next((q["MetricStat"]["Period"] for q in metrics if q.get("MetricStat")), request.get("Period"))
    limit, said = (_WEEK, "seven days") if period >= _HOUR else (_DAY, "a day")
    if periods * period > limit:
        return (
            f"Metrics cannot be checked across more than {said} (EvaluationPeriods * Period must be <= {limit}), "
            f"got {periods} * {period}"
        )
    return None


def _missing_data(request: dict) -> str | None:
    treatment = request.get("TreatMissingData")
    if treatment is None or treatment in MISSING_DATA_TREATMENTS:
        return None
    return f"'TreatMissingData' is {treatment!r}, must be one of {', '.join(MISSING_DATA_TREATMENTS)}"
