"""Datapoints of an alarm's metric, one a period, from MiniStack's metric store."""

from collections.abc import Mapping

from ministack.services import cloudwatch

from . import metric_math
from .evaluation import Datapoint


def period_of(alarm: Mapping) -> int:
    """The alarm's period in seconds; of metric math, the longest of its metrics'."""
    if alarm.get("Metrics"):
        return max(int(q["MetricStat"]["Period"]) for q in alarm["Metrics"] if q.get("MetricStat"))
    return int(alarm.get("Period") or 60)


def statistic_of(alarm: Mapping) -> str:
    """``Average``, ``p99`` and so on."""
    return alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"


def datapoints(alarm: Mapping, end: float, periods: int) -> list[Datapoint]:
    """What was measured in the ``periods`` periods before ``end``."""
    if alarm.get("Metrics"):
        return _computed(alarm["Metrics"], end, periods, period_of(alarm))
    dimensions = {d["Name"]: d["Value"] for d in alarm.get("Dimensions") or []}
    return _measured(
        alarm["Namespace"], alarm["MetricName"], dimensions, alarm.get("Unit"), statistic_of(alarm), end, periods,
        period_of(alarm),
    )


def namespaces(alarm: Mapping) -> set[str]:
    """Namespaces of the metrics that the alarm reads."""
    return {namespace for namespace, _, _ in _metrics(alarm)}


def newest_timestamp(alarm: Mapping) -> float | None:
    """Timestamp of the newest point of any metric that the alarm reads."""
    newest = None
    for namespace, name, dimensions in _metrics(alarm):
        for point in cloudwatch._metrics.get((namespace, name, cloudwatch._dims_key(dimensions))) or []:
            if newest is None or point["Timestamp"] > newest:
                newest = point["Timestamp"]
    return newest


def _metrics(alarm: Mapping):
    if not alarm.get("Metrics"):
        yield alarm["Namespace"], alarm["MetricName"], {d["Name"]: d["Value"] for d in alarm.get("Dimensions") or []}
        return
    for query in alarm["Metrics"]:
        if query.get("MetricStat"):
            metric = query["MetricStat"]["Metric"]
            yield metric["Namespace"], metric["MetricName"], _dimensions(metric)


def _dimensions(metric: Mapping) -> dict[str, str]:
    return {d["Name"]: d["Value"] for d in metric.get("Dimensions") or []}


def _measured(
    namespace: str, name: str, dimensions: dict, unit: str | None, statistic: str, end: float, periods: int, period: int
) -> list[Datapoint]:
    # A metric is one combination of dimensions: others of the same name are other metrics.
    points = cloudwatch._metrics.get((namespace, name, cloudwatch._dims_key(dimensions))) or []
    by_age: dict[int, list] = {}
    for point in points:
        behind = end - point["Timestamp"]
        if 0 < behind <= periods * period and (unit is None or point.get("Unit") == unit):
            by_age.setdefault(-int(-behind // period), []).append(point)
    found = []
    for age, measured in sorted(by_age.items()):
        stats = cloudwatch._calc_stats(measured)
        value = cloudwatch._stat_value(stats, statistic, measured) if stats else None
        if value is not None:
            found.append(Datapoint(age, end - age * period, float(value), stats["SampleCount"]))
    return found


def _computed(queries: list, end: float, periods: int, period: int) -> list[Datapoint]:
    measured: dict[str, dict[int, float]] = {}
    trees = {}
    result = queries[0]["Id"]
    for query in queries:
        if query.get("ReturnData", True):
            result = query["Id"]
        if query.get("Expression"):
            trees[query["Id"]] = metric_math.parse(query["Expression"])
            continue
        stat = query["MetricStat"]
        series = _measured(
            stat["Metric"]["Namespace"], stat["Metric"]["MetricName"], _dimensions(stat["Metric"]), stat.get("Unit"),
            stat["Stat"], end, periods, period,
        )
        measured[query["Id"]] = {point.age: point.value for point in series}

    def value_at(name: str, age: int) -> float | None:
        if name in trees:
            tree = trees[name]
            return metric_math.value(tree, {used: value_at(used, age) for used in metric_math.names(tree)})
        return measured.get(name, {}).get(age)

    found = []
    for age in range(1, periods + 1):
        value = value_at(result, age)
        if value is not None:
            found.append(Datapoint(age, end - age * period, value, 1.0))
    return found
