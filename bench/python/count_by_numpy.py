"""Prints how many seconds it takes to count in numpy: Parquet file, edges, categories."""

import sys
import time

import duckdb
import numpy


def main() -> None:
    path = sys.argv[1]
    edges = numpy.array([float(edge) for edge in sys.argv[2].split(",")])
    categories = numpy.array(sorted(sys.argv[3].split(",")))
    connection = duckdb.connect()
    began = time.perf_counter()
    columns = connection.execute(f"SELECT features.* FROM read_parquet('{path}')").fetchnumpy()
    counts = {}
    for name, column in columns.items():
        if name.startswith("x"):
            values = numpy.ma.filled(column, numpy.nan)
            present = values[~numpy.isnan(values)]
            bins = numpy.bincount(numpy.searchsorted(edges, present, side="right"), minlength=len(edges) + 1)
            counts[name] = [*bins, len(values) - len(present)]
        else:
            counts[name] = numpy.bincount(numpy.searchsorted(categories, column.astype(str)))
    seconds = time.perf_counter() - began
    if not counts:
        raise SystemExit("no column was counted")
    print(seconds)


main()
