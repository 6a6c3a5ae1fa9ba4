"""Bins that the monitors can count again, whatever the data looks like."""

import numpy as np
import pytest

from trainer.baseline import category_bins, edges_id, number_bins, quantile_edges


def count_again(values: np.ndarray, bins: dict) -> list[int]:
    """Counts as the contract words it: bin i holds edges[i-1] <= x < edges[i], the last one is missing values."""
    edges = [-np.inf, *bins["edges"], np.inf]
    inside = [int(((values >= low) & (values < high)).sum()) for low, high in zip(edges[:-1], edges[1:], strict=True)]
    return [*inside, int(np.isnan(values).sum())]


SHAPES = {
    "smooth": np.random.default_rng(1).normal(size=1000),
    "mostly zero": np.concatenate([np.zeros(900), np.arange(100.0)]),
    "two values": np.repeat([0.0, 1.0], [950, 50]),
    "heavy top": np.concatenate([np.arange(500.0), np.full(500, 499.0)]),
    "constant": np.full(70, 5.0),
    "constant zero": np.zeros(70),
    "one row": np.array([3.25]),
    "with gaps": np.concatenate([np.full(30, np.nan), np.arange(300.0)]),
    "all missing": np.full(10, np.nan),
    "whole numbers": np.random.default_rng(2).integers(0, 7, size=500).astype(float),
}


@pytest.mark.parametrize("values", SHAPES.values(), ids=SHAPES.keys())
def test_counts_are_those_of_the_contract(values):
    # WHEN
    bins = number_bins(values)

    # THEN
    assert bins["counts"] == count_again(values, bins)
    assert len(bins["counts"]) == len(bins["edges"]) + 2
    assert sum(bins["counts"]) == len(values)
    assert all(low < high for low, high in zip(bins["edges"][:-1], bins["edges"][1:], strict=True))


def test_smooth_data_gives_ten_even_bins():
    assert number_bins(np.arange(1000.0))["counts"] == [100] * 10 + [0]


def test_a_common_value_gets_a_bin_of_its_own():
    bins = number_bins(SHAPES["mostly zero"])
    assert 901 in bins["counts"]


def test_a_constant_that_changes_is_seen_in_both_directions():
    edges = quantile_edges(np.full(70, 5.0))
    assert np.searchsorted(edges, [4.9, 5.0, 5.1], side="right").tolist() == [0, 1, 2]


def test_categories_end_with_other_and_missing():
    bins = category_bins(np.array(["b", "a", None, "b"], dtype=object))
    assert bins == {"categories": ["a", "b"], "counts": [1, 2, 0, 1]}


def test_rare_categories_are_other():
    values = np.array([f"v{i:03}" for i in range(80)] * 2 + ["common"] * 9, dtype=object)
    bins = category_bins(values)
    assert len(bins["categories"]) == 50
    assert "common" in bins["categories"]
    assert bins["counts"][-2] == 2 * (80 - 49)


def test_edges_id_names_edges_and_not_counts():
    one = {"a": {"edges": [1.0], "counts": [1, 2, 0]}}
    same = {"a": {"edges": [1.0], "counts": [9, 9, 9]}}
    other = {"a": {"edges": [1.5], "counts": [1, 2, 0]}}
    prediction = {"edges": [0.5], "counts": [1, 1, 0]}
    assert edges_id(one, prediction) == edges_id(same, prediction)
    assert edges_id(one, prediction) != edges_id(other, prediction)
    assert len(edges_id(one, prediction)) == 64
