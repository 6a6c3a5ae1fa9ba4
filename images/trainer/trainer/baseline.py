"""`baseline.json`: what the drift monitors compare the world with, fixed when a version is trained."""

import hashlib
import json
from collections import Counter
from typing import Any

import numpy as np

from .schema import Column, Schema
from .table import Table

BINS = 10
# rarer categories are counted as `other`: a column of free text must not make a baseline without end
MAX_CATEGORIES = 50


def baseline(schema: Schema, train: Table, scores: np.ndarray, auc: float) -> dict[str, Any]:
    """Bins and reference counts: of the features from the raw training rows, of the prediction from held-out scores."""
    features = {column.name: feature_bins(column, train.columns[column.name]) for column in schema.features}
    prediction = number_bins(scores)
    return {
        "edgesId": edges_id(features, prediction),
        "rows": train.rows,
        "features": features,
        "prediction": prediction,
        "quality": {"auc": auc, "rows": len(scores)},
        "schema": schema.document,
    }


def feature_bins(column: Column, values: np.ndarray) -> dict[str, Any]:
    return number_bins(values) if column.numeric else category_bins(values)


def number_bins(values: np.ndarray) -> dict[str, Any]:
    """Quantile bins; bin i holds edges[i-1] <= x < edges[i], the last one counts missing values."""
    present = values[~np.isnan(values)]
    edges = quantile_edges(present)
    bins = np.searchsorted(edges, present, side="right")
    counts = np.bincount(bins, minlength=len(edges) + 1)
    return {"edges": edges, "counts": [*(int(count) for count in counts), int(len(values) - len(present))]}


def quantile_edges(values: np.ndarray) -> list[float]:
    """Edges of ten quantile bins. A value so common that it fills whole bins gets one of its own."""
    if len(values) == 0:
        return []
    quantiles = [float(edge) for edge in np.quantile(values, np.arange(1, BINS) / BINS)]
    edges = set(quantiles)
    for common in {edge for edge in edges if quantiles.count(edge) > 1}:
        above = values[values > common]
        if len(above) > 0:
            edges.add(float(above.min()))
        elif len(edges) == 1:
            # a constant: anything above it must be seen, as anything below it is
            edges.add(common + max(abs(common), 1.0) * 1e-9)
    return sorted(edges)


def category_bins(values: np.ndarray) -> dict[str, Any]:
    """Categories by name, then `other`, then missing values."""
    counts = Counter(value for value in values if value is not None)
    ranked = sorted(counts, key=lambda category: (-counts[category], category))
    categories = sorted(ranked[:MAX_CATEGORIES])
    other = sum(counts[category] for category in ranked[MAX_CATEGORIES:])
    missing = sum(1 for value in values if value is None)
    return {"categories": categories, "counts": [*(counts[category] for category in categories), other, missing]}


def edges_id(features: dict[str, Any], prediction: dict[str, Any]) -> str:
    """Names these edges and categories; counts under another name are never added to these."""

    def without_counts(bins: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in bins.items() if key != "counts"}

    named = {
        "features": {name: without_counts(bins) for name, bins in features.items()},
        "prediction": without_counts(prediction),
    }
    canonical = json.dumps(named, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
