"""Pairs of letters in peaks of two experiments: the test of Kolmogorov and Smirnov by scipy 1.14.1.

    python peaks.py DATA > peaks.tsv

DATA is the folder that holds `encode`. Test peaks are every second of the 1000 strongest; training peaks are the others of them ("strong")
and all weaker ones ("weak", here every tenth).
"""

import gzip
import pathlib
import sys

import numpy as np
from scipy.stats import ks_2samp

PAIRS = [a + b for a in "ACGT" for b in "ACGT"]


def peaks(path):
    """Rank and sequence of every bound peak."""
    with gzip.open(path, "rt") as lines:
        rows = [line.split() for line in lines][1:]
    return [(int(event.split("_")[1]), sequence) for _, event, sequence, bound in rows if bound == "1"]


def counts(sequences):
    return np.array([[sum(s[i : i + 2] == pair for i in range(len(s) - 1)) for pair in PAIRS] for s in sequences])


data = pathlib.Path(sys.argv[1]) / "encode"
for factor in ["CTCFL", "GABPA"]:
    train = peaks(data / f"{factor}_AC.seq.gz")
    tested = counts([sequence for _, sequence in peaks(data / f"{factor}_B.seq.gz")])
    strong = [sequence for rank, sequence in train if rank <= 1000]
    weak = [sequence for rank, sequence in train if rank > 1000][::10]
    for name, sequences in [("strong", strong), ("weak", weak)]:
        found = [ks_2samp(*columns) for columns in zip(counts(sequences).T, tested.T)]
        print(f"{factor}.{name}.statistic", *[f"{one.statistic:.17g}" for one in found], sep="\t")
        print(f"{factor}.{name}.p", *[f"{one.pvalue:.17g}" for one in found], sep="\t")
