"""Conditional F statistics (Sanderson, Spiller and Bowden 2021) of three lipids on the 28 variants.

Usage: conditional_f.py lipids_chd_28.csv
"""

import csv
import sys

import numpy as np
import scipy.optimize

rows = list(csv.DictReader(open(sys.argv[1])))
names = ["ldlc", "hdlc", "trig"]
x = np.array([[float(row[name]) for name in names] for row in rows])
s = np.array([[float(row[name + "se"]) for name in names] for row in rows])
for j in range(3):
    others = [other for other in range(3) if other != j]
    delta = np.linalg.lstsq(x[:, others], x[:, j], rcond=None)[0]
    left = x[:, j] - x[:, others] @ delta
    q = np.sum(left**2 / (s[:, j] ** 2 + s[:, others] ** 2 @ delta**2))
    print(names[j], q / (len(x) - 2))

# All exposures measured in the same 17,723 people, uncorrelated: the covariances of MendelianRandomization's mr_mvivw(nx = 17723), which
# prints 20.3, 12.9 and 13.3. nlminb of R on this objective, told the slope that the package tells it (weights taken as constant), stops with
# "false convergence" at 20.25715, 12.94565 and 13.34594; without that slope it ends at 12.18659 for each.
n, (k, count) = 17723, x.shape
spread = 1 / np.sqrt(n * s**2 + x**2)
left = (np.eye(count) - (spread * x).T @ (spread * x)) / (n - k + 1)
covariances = left / (spread[:, :, None] * spread[:, None, :])


def value(c):
    return np.sum((x @ c) ** 2 / np.einsum("a,jab,b->j", c, covariances, c)) / (k - count + 1)


for j in range(count):
    others = [other for other in range(count) if other != j]
    delta = np.linalg.lstsq(x[:, others], x[:, j], rcond=None)[0]
    start = np.zeros(count)
    start[j], start[others] = 1, -delta
    least = scipy.optimize.minimize(value, start, method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-12, "maxiter": 10_000})
    print(names[j], "least squares", value(start), "smallest", least.fun)
