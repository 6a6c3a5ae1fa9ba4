"""Writes an hour of an inference log as Parquet and prints its rows: file, rows, numeric features, categories."""

import sys

import duckdb

CATEGORICAL = 5


def main() -> None:
    path, rows, numeric, categories = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].split(",")
    # Box-Muller; one row in a hundred misses its value
    normal = "CASE WHEN random() < 0.01 THEN NULL ELSE sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) END"
    listed = ", ".join(f"'{category}'" for category in categories)
    text = f"[{listed}][1 + floor(random() * {len(categories)})::INT]"
    features = [f"'x{i}': {normal}" for i in range(numeric)] + [f"'s{i}': {text}" for i in range(CATEGORICAL)]
    connection = duckdb.connect()
    connection.execute("SELECT setseed(0.2611)")
    connection.execute(
        f"""
        COPY (
          SELECT {{{", ".join(features)}}} AS features, random() AS score, '1' AS version,
                 epoch_ms(TIMESTAMP '2026-11-24 03:00:00') + (i * 3600000 // {rows}) AS event_time_ms,
                 '2026-11-24' AS day, '03' AS hour
          FROM range({rows}) t(i)
        ) TO '{path}' (FORMAT parquet)
        """
    )
    print(rows)


main()
