"""The effect of maximum likelihood and its standard error on the 28 lipid variants, by a bounded search and differences of the profile.

Usage: max_likelihood.py lipids_chd_28.csv
"""

import csv
import sys

import numpy as np
from scipy.optimize import minimize_scalar

rows = list(csv.DictReader(open(sys.argv[1])))
bx, sx, by, sy = (np.array([float(row[name]) for row in rows]) for name in ["ldlc", "ldlcse", "chdlodds", "chdloddsse"])


def height(theta):
    return np.sum((by - theta * bx) ** 2 / (sy**2 + theta**2 * sx**2))


best = minimize_scalar(height, bounds=(0, 10), method="bounded", options={"xatol": 1e-12})
step = 1e-4
bend = (height(best.x + step) - 2 * best.fun + height(best.x - step)) / step**2
print(best.x, best.fun, np.sqrt(2 / bend) * np.sqrt(max(1, best.fun / (len(bx) - 1))))
