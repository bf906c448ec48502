"""The restricted likelihood of the 12 trials of the BCG vaccine without the first one, solved as metafor does (Fisher scoring that stops
when tau² changes by less than 1e-5) and to the end: the first prints what its documentation does, the second what is right.

Usage: metafor_steps.py metafor_dat_bcg.csv
"""

import csv
import sys

import numpy as np

rows = list(csv.DictReader(open(sys.argv[1])))[1:]
a, b, c, d = (np.array([float(row[name]) for row in rows]) for name in ["tpos", "tneg", "cpos", "cneg"])
y, v = np.log(a / (a + b) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)
for still in [1e-5, 1e-15]:
    tau2, change = np.var(y, ddof=1) - np.mean(v), 1
    while abs(change) > still:
        w = 1 / (v + tau2)
        p = np.diag(w) - np.outer(w, w) / np.sum(w)
        change = (y @ p @ p @ y - np.trace(p)) / np.trace(p @ p)
        tau2 += change
    w = 1 / (v + tau2)
    q = np.sum((y - np.sum(y / v) / np.sum(1 / v)) ** 2 / v)
    print(still, f"{np.sum(w * y) / np.sum(w):.9f} {tau2:.9f} {np.sum(w) ** -0.5:.9f} {q:.9f}")
