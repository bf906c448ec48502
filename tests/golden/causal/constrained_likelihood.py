"""Constrained maximum likelihood as a search from one place (an effect of 0), on the 28 lipid variants.

Prints the averaged estimate, the best criterion, and mean and deviation of 200 perturbations.
Usage: constrained_likelihood.py lipids_chd_28.csv
"""

import csv
import sys

import numpy as np

rows = list(csv.DictReader(open(sys.argv[1])))
bx, sx, by, sy = (np.array([float(row[name]) for row in rows]) for name in ["ldlc", "ldlcse", "chdlodds", "chdloddsse"])
N = 17723


def fit(bx, by, invalid):
    theta, truth = 0.0, np.zeros(len(bx))
    for _ in range(100):
        direct = np.zeros(len(bx))
        worst = np.argsort(-((by - theta * truth) ** 2) / sy**2)[:invalid]
        direct[worst] = by[worst] - theta * truth[worst]
        truth = (bx / sx**2 + theta * (by - direct) / sy**2) / (1 / sx**2 + theta**2 / sy**2)
        last, theta = theta, np.sum((by - direct) * truth / sy**2) / np.sum(truth**2 / sy**2)
        if abs(theta - last) < 1e-7:
            break
    height = np.sum(((by - theta * bx) ** 2 / (sy**2 + theta**2 * sx**2))[direct == 0])
    return theta, height + np.log(N) * invalid


def average(bx, by):
    theta, criterion = np.array([fit(bx, by, invalid) for invalid in range(len(bx) - 1)]).T
    weight = np.exp((criterion.min() - criterion) / 2)
    return np.sum(weight * theta) / weight.sum(), criterion.min()


print(*average(bx, by))
random = np.random.default_rng(1)
found = [average(random.normal(bx, sx), random.normal(by, sy))[0] for _ in range(200)]
print(np.mean(found), np.std(found, ddof=1))
