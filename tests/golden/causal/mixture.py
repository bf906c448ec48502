"""MR-Mix by a direct search with scipy, for tests/golden/causal/mixture.tsv: at every effect the likelihood of the mixture is maximised from
many starts, and the effect with the highest share of valid variants is refined.

Data are drawn here and printed with the results.
"""

import numpy as np
from scipy.optimize import minimize, minimize_scalar


def share(theta, bx, sx, by, sy):
    r, v = by - theta * bx, sy**2 + theta**2 * sx**2

    def height(eta):
        pi, extra = 1 / (1 + np.exp(-eta[0])), np.exp(eta[1])
        a, b = np.exp(-(r**2) / 2 / v) / np.sqrt(v), np.exp(-(r**2) / 2 / (v + extra)) / np.sqrt(v + extra)
        return -np.sum(np.log(pi * a + (1 - pi) * b))

    starts = [(0.4, np.log(x)) for x in [1e-4, 1e-3, 1e-2, 1e-1]]
    found = [minimize(height, start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 4000}) for start in starts]
    return 1 / (1 + np.exp(-min(found, key=lambda one: one.fun).x[0]))


def estimate(*data, around=None):
    if around is None:
        grid = np.linspace(-1, 1, 41)
        around = grid[np.argmax([share(theta, *data) for theta in grid])]
        grid = around + np.linspace(-0.05, 0.05, 11)
        around = grid[np.argmax([share(theta, *data) for theta in grid])]
    return minimize_scalar(
        lambda theta: -share(theta, *data), bounds=(around - 0.02, around + 0.02), method="bounded", options={"xatol": 1e-7}
    ).x


def main():
    random = np.random.default_rng(8)
    for case, (k, theta) in enumerate([(40, 0.3), (80, -0.5)]):
        gamma = random.normal(0, 0.1, k)
        sx, sy = np.full(k, 0.01), np.full(k, 0.012)
        bx = np.round(gamma + random.normal(0, sx), 6)
        bad = np.where(random.random(k) < 0.4, random.normal(0, 0.1, k), 0)
        by = np.round(theta * gamma + random.normal(0, sy) + bad, 6)
        for row in zip(bx, sx, by, sy):
            print(f"data{case}", *(repr(float(x)) for x in row), sep="\t")
        print(f"result{case}", repr(float(estimate(bx, sx, by, sy))), sep="\t", flush=True)


main()
