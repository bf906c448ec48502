"""Radial inverse-variance weighting and radial MR-Egger of the 28 lipid variants (Bowden et al. 2018, doi:10.1093/ije/dyy101).

Weights of first order, of second order, and modified ones that hold the variance at the estimate, which is repeated until it stays. Writes
estimate, Q, its parts by variant, and the variants whose part is too large at 0.05 over their number (numbered from 1).
Usage: radial.py lipids_chd_28.csv > radial.tsv
"""

import csv
import sys

import numpy as np
from scipy.stats import chi2

rows = list(csv.DictReader(open(sys.argv[1])))
bx, sx, by, sy = (np.array([float(row[name]) for row in rows]) for name in ["ldlc", "ldlcse", "chdlodds", "chdloddsse"])
ratio, k = by / bx, len(bx)


def tell(name, numbers, parts):
    print(name, *(repr(float(number)) for number in numbers), sep="\t")
    print(f"{name} parts", *(repr(float(part)) for part in parts), sep="\t")
    print(f"{name} outliers", *(np.flatnonzero(chi2.sf(parts, 1) < 0.05 / k) + 1), sep="\t")


def ivw(weights):
    slope = np.sum(weights * ratio) / np.sum(weights)
    parts = weights * (ratio - slope) ** 2
    return slope, parts


def egger(weights):
    x, y = np.sqrt(weights), ratio * np.sqrt(weights)
    (intercept, slope), *_ = np.linalg.lstsq(np.stack([np.ones(k), x], 1), y, rcond=None)
    return intercept, slope, (y - intercept - slope * x) ** 2


first = bx**2 / sy**2
second = 1 / (sy**2 / bx**2 + by**2 * sx**2 / bx**4)
slope, modified = np.inf, first
while abs(ivw(modified)[0] - slope) > 1e-14:
    slope = ivw(modified)[0]
    modified = bx**2 / (sy**2 + slope**2 * sx**2)
for name, weights in [("first", first), ("second", second), ("modified", modified)]:
    slope, parts = ivw(weights)
    tell(name, [slope, parts.sum()], parts)
    intercept, slope, parts = egger(weights)
    tell(f"{name} egger", [intercept, slope, parts.sum()], parts)
