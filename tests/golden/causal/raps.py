"""Roots of the equations of the robust adjusted profile score, and the standard errors of the model, for tests/golden/causal/raps.tsv.

Data are drawn here and printed with the results, so that both sides read the same numbers. Constants of the losses by scipy's quadrature.
"""

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

LOSSES = {
    "squared": (lambda t: t * t / 2, lambda t: t),
    "huber": (
        lambda t: np.where(np.abs(t) <= 1.345, t * t / 2, 1.345 * (np.abs(t) - 1.345 / 2)),
        lambda t: np.clip(t, -1.345, 1.345),
    ),
    "tukey": (
        lambda t: 4.685**2 / 6 * (1 - np.maximum(1 - (t / 4.685) ** 2, 0) ** 3),
        lambda t: t * np.maximum(1 - (t / 4.685) ** 2, 0) ** 2,
    ),
}


def solve(name, bx, sx, by, sy, overdispersed):
    rho, psi = LOSSES[name]
    mean = lambda f: quad(lambda z: f(z) * norm.pdf(z), -10, 10, points=[-4.685, -1.345, 1.345, 4.685], limit=500)[0]
    delta = mean(lambda z: z * psi(z))
    v = lambda b, t2: t2 + sy**2 + b**2 * sx**2
    t = lambda b, t2: (by - b * bx) / np.sqrt(v(b, t2))
    tau2 = 0.0
    for _ in range(3000):
        grid = np.linspace(-3, 3, 1201)
        low = grid[np.argmin([np.sum(rho(t(b, tau2))) for b in grid])]
        gamma = lambda b: (bx * (sy**2 + tau2) + b * by * sx**2) / v(b, tau2)
        score = lambda b: np.sum(gamma(b) * psi(t(b, tau2)) / np.sqrt(v(b, tau2)))
        beta = brentq(score, low - 0.005, low + 0.005, xtol=1e-15)
        second = lambda t2: np.sum((t(beta, t2) * psi(t(beta, t2)) - delta) / v(beta, t2))
        new = 0.0 if not overdispersed or second(0.0) <= 0 else brentq(second, 0, 100, xtol=1e-18)
        still, tau2 = abs(new - tau2) < 1e-15, new
        if still:
            break
    a, vv, s = sy**2 + tau2, v(beta, tau2), sx**2
    g = (bx * a + beta * by * s) / vv
    step = 1e-6
    c1, c2 = mean(lambda z: psi(z) ** 2), mean(lambda z: (z * psi(z) - delta) ** 2)
    c3 = mean(lambda z: z * z * (psi(z + step) - psi(z - step)) / (2 * step))
    a11, a12 = delta * np.sum((g**2 - s * a / vv) / vv), delta * np.sum(beta * s / vv**2)
    a22 = (delta + c3) * np.sum(1 / vv**2) / 2
    b11, b22 = c1 * np.sum(g**2 / vv), c2 * np.sum(1 / vv**2)
    through = a12 / a22 if overdispersed else 0
    return beta, np.sqrt(tau2), np.sqrt(b11 + through**2 * b22) / a11


def main():
    random = np.random.default_rng(5)
    for case, (k, tau, bad) in enumerate([(30, 0.0, 0), (60, 0.05, 0), (60, 0.05, 4)]):
        gamma = random.normal(0, 0.1, k)
        sx, sy = np.full(k, 0.03), np.full(k, 0.04)
        bx = np.round(gamma + random.normal(0, sx), 6)
        by = np.round(0.4 * gamma + random.normal(0, np.sqrt(sy**2 + tau**2)) + np.where(np.arange(k) < bad, 0.6, 0), 6)
        for row in zip(bx, sx, by, sy):
            print(f"data{case}", *(repr(float(x)) for x in row), sep="\t")
        # Squared errors have no lowest slope where variants are far off.
        for name in list(LOSSES)[bad > 0 :]:
            for overdispersed in [True, False]:
                found = solve(name, bx, sx, by, sy, overdispersed)
                print(f"result{case}", name, int(overdispersed), *(repr(float(x)) for x in found), sep="\t")


main()
