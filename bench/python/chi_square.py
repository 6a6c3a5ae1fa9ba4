"""Prints how many milliseconds scipy takes for the chi-square test of all features: counts file, repeats."""

import json
import sys
import time

import numpy
from scipy.stats import chi2_contingency


def main() -> None:
    path, repeats = sys.argv[1], int(sys.argv[2])
    with open(path, encoding="utf-8") as file:
        tables = [numpy.array([sample["reference"], sample["current"]]) for sample in json.load(file)]
    began = time.perf_counter()
    for _ in range(repeats):
        for table in tables:
            chi2_contingency(table, correction=False)
    print((time.perf_counter() - began) / repeats * 1000)


main()
