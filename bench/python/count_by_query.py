"""Prints how many seconds the monitor's query takes: Parquet file, query file."""

import sys
import time

import duckdb


def main() -> None:
    path, query = sys.argv[1], open(sys.argv[2], encoding="utf-8").read()
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA bench")
    connection.execute(f"CREATE VIEW bench.inference_log AS SELECT * FROM read_parquet('{path}')")
    began = time.perf_counter()
    row = connection.execute(query).fetchone()
    seconds = time.perf_counter() - began
    if row is None or row[0] == 0:
        raise SystemExit("the query counted no row")
    print(seconds)


main()
