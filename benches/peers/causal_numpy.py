"""Causal estimators in numpy and scipy: reads a piece of work per line, answers with its time in microseconds, or with its numbers."""

import sys
import time

import numpy as np
from scipy.optimize import brentq


def numbers(state):
    """The numbers of our side."""
    while True:
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        yield (state >> 8) / 2**23 - 1


def variants(n):
    draw, bx, by = numbers(1), [], []
    for at in range(n):
        effect = 0.1 * next(draw)
        bx.append(effect + 0.01 * next(draw))
        by.append(0.4 * effect + 0.05 * next(draw) + (0.1 if at % 7 == 0 else 0))
    return np.array(bx), np.full(n, 0.01), np.array(by), np.full(n, 0.03)


def studies(n):
    draw = numbers(2)
    rows = np.array([(next(draw), 0.2 + 0.1 * next(draw)) for _ in range(n)])
    return rows[:, 0], rows[:, 1]


BX, SX, BY, SY = variants(28)
STUDIES = studies(200)
RANDOM = np.random.default_rng(1)


def ivw():
    w = SY**-2
    xx = w @ (BX * BX)
    theta = w @ (BX * BY) / xx
    sigma = np.sqrt(w @ (BY - theta * BX) ** 2 / (len(BX) - 1))
    return theta, max(1, sigma) / np.sqrt(xx)


def egger():
    turn = np.where(BX < 0, -1, 1)
    x, y, w = BX * turn, BY * turn, SY**-2
    mean_x, mean_y = w @ x / w.sum(), w @ y / w.sum()
    dx = x - mean_x
    xx = w @ (dx * dx)
    slope = w @ (dx * (y - mean_y)) / xx
    sigma = np.sqrt(w @ (y - mean_y - slope * dx) ** 2 / (len(x) - 2))
    return slope, max(1, sigma) / np.sqrt(xx)


def medians(ratios, w):
    """Weighted medians of the rows."""
    order = np.argsort(ratios, axis=1)
    ratios, w = np.take_along_axis(ratios, order, 1), w[order]
    middle = (np.cumsum(w, axis=1) - w / 2) / w.sum(axis=1, keepdims=True)
    below = np.clip((middle < 0.5).sum(axis=1) - 1, 0, ratios.shape[1] - 2)
    rows = np.arange(len(ratios))
    low, high, a, b = middle[rows, below], middle[rows, below + 1], ratios[rows, below], ratios[rows, below + 1]
    return a + (b - a) * (0.5 - low) / (high - low)


def median_bootstrap(draws=10_000):
    w = (BX / SY) ** 2
    size = (draws, len(BX))
    drawn = (BY + SY * RANDOM.standard_normal(size)) / (BX + SX * RANDOM.standard_normal(size))
    return medians((BY / BX)[None], w)[0], medians(drawn, w).std(ddof=1)


def modes(ratios, w, points=512, batch=250):
    """The modes of the rows on a grid of 512 points that reaches three bandwidths beyond them, as in R, evaluated directly."""
    found = []
    for part in np.array_split(ratios, max(1, len(ratios) // batch)):
        middle = np.median(part, axis=1, keepdims=True)
        mad = 1.4826 * np.median(np.abs(part - middle), axis=1)
        h = (0.9 * np.minimum(part.std(axis=1, ddof=1), mad) / part.shape[1] ** 0.2)[:, None]
        # Most of the mass is near the middle: the grid is laid there, so that 512 points are fine enough.
        low, high = np.maximum(part.min(1, keepdims=True), middle - 12 * h), np.minimum(part.max(1, keepdims=True), middle + 12 * h)
        grid = low + (high - low) * np.linspace(0, 1, points)
        density = np.zeros_like(grid)
        for at in range(part.shape[1]):
            density += w[at] * np.exp(-0.5 * ((grid - part[:, at : at + 1]) / h) ** 2)
        found.append(grid[np.arange(len(part)), density.argmax(axis=1)])
    return np.concatenate(found)


def mode_bootstrap(draws=10_000):
    ratios = BY / BX
    errors = np.sqrt(SY**2 / BX**2 + BY**2 * SX**2 / BX**4)
    w = errors**-2 / np.sum(errors**-2)
    drawn = modes(ratios + errors * RANDOM.standard_normal((draws, len(BX))), w)
    return modes(ratios[None], w)[0], 1.4826 * np.median(np.abs(drawn - np.median(drawn)))


def rho(u, c=1.54764):
    v = np.minimum((u / c) ** 2, 1)
    return v * (3 - v * (3 - v))


def weight(u, c=1.54764):
    return np.maximum(1 - (u / c) ** 2, 0) ** 2


def lines(x, y, w):
    """Weighted least squares of the rows, two columns."""
    a, b, d = w @ (x[:, 0] ** 2), w @ (x[:, 0] * x[:, 1]), w @ (x[:, 1] ** 2)
    p, q = w @ (x[:, 0] * y), w @ (x[:, 1] * y)
    determinant = a * d - b * b
    return np.stack([(d * p - b * q) / determinant, (a * q - b * p) / determinant], -1)


def scales(r, s, steps):
    for _ in range(steps):
        s = s * np.sqrt(rho(r / s[:, None]).sum(axis=1) / (r.shape[1] - 2) / 0.5)
    return s


def robust_egger(bx=BX, by=BY, sy=SY, whole=False):
    turn = np.where(bx < 0, -1, 1)
    x, y = np.stack([1 / sy, bx * turn / sy], 1), by * turn / sy
    i, j = np.triu_indices(len(y), 1)
    b = np.linalg.solve(x[np.stack([i, j], 1)], y[np.stack([i, j], 1)][..., None])[..., 0]
    r = y - b @ x.T
    s = scales(r, np.median(np.abs(r), axis=1) / 0.6745, 1)
    b = lines(x, y, weight(r / s[:, None]))
    r = y - b @ x.T
    s = scales(r, s, 15)
    best = np.argsort(s)[:4]
    b, s = b[best], s[best]
    for _ in range(40):
        b = lines(x, y, weight((y - b @ x.T) / s[:, None]))
        s = scales(y - b @ x.T, s, 10)
    first, s = b[s.argmin()], s.min()
    b, c, n = first, 4.685061, len(y)
    for _ in range(60):
        b = lines(x, y, weight((y - x @ b) / s, c)[None])[0]
    u, u0 = (y - x @ b) / s, (y - x @ first) / s
    psi, v = u * weight(u, c), (u / c) ** 2
    bend = np.where(v < 1, (1 - v) * (1 - 5 * v), 0)
    chi, slope = rho(u0), 6 * u0**2 * weight(u0) / 1.54764**2
    bread = np.linalg.inv(x.T @ (x * bend[:, None])) * n * s
    lean = bread @ (x.T @ (bend * u) / n) / slope.mean()
    cross = np.outer(lean, bread @ (x.T @ (psi * chi) / n))
    covariance = bread @ (x.T @ (x * (psi**2)[:, None]) / n) @ bread - cross - cross.T
    covariance += np.mean(chi**2 - 0.25) * np.outer(lean, lean)
    found = b[1], np.sqrt(covariance[1, 1] / n) / min(1, s)
    return (*found, weight((y - x @ b) / s, c)) if whole else found


def reml(y=STUDIES[0], errors=STUDIES[1], whole=False):
    v = errors**2

    def score(tau2):
        w = 1 / (v + tau2)
        mean = w @ y / w.sum()
        return w**2 @ (y - mean) ** 2 - (w.sum() - w @ w / w.sum())

    tau2 = 0.0 if score(0.0) <= 0 else brentq(score, 0, 10 * y.var(), xtol=1e-15)
    w = 1 / (v + tau2)
    found = w @ y / w.sum(), 1 / np.sqrt(w.sum())
    return (*found, w / w.sum()) if whole else found


OUTPUTS, MEMBERS, LENGTH = 13, 5, 30
DEEP, SHARE = "deep mr 2000x12", 20


def scattered(place):
    """Numbers from -1 to 1 that look random, the same on our side."""
    mixed = place.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / 2.0**52 - 1


def made(n):
    """Effects of mutations, shape (n, outputs, members, 3 letters, length)."""
    row, output, member, letter, position = np.ogrid[:n, :OUTPUTS, :MEMBERS, 1:4, :LENGTH]
    place = (row * 4 + letter) * LENGTH + position
    own = (((row * OUTPUTS + output) * MEMBERS + member) * 4 + letter) * LENGTH + position
    slope = np.where(output == 0, 1.0, 0.2 + 0.05 * output)
    size = np.where((position >= 9) & (position < 18), 1.0, 0.02)
    error = 0.1 * scattered(1_000_000_007 + own)
    return (slope * (size * scattered(place)) + error).astype(np.float32).astype(float)


def near(x, y):
    """The robust MR-Egger estimate of one sequence, its error, and those of members with the weights of the fit; x, y (members, instruments)."""
    x, y = x * np.where(x.mean(axis=0) < 0, -1, 1), y * np.where(x.mean(axis=0) < 0, -1, 1)
    sy = y.std(axis=0, ddof=1)
    value, error, bisquare = robust_egger(x.mean(axis=0), y.mean(axis=0), sy, True)
    w = bisquare / sy**2
    dx = x - (x @ w / w.sum())[:, None]
    members = (dx * y) @ w / ((dx * dx) @ w)
    return value, np.sqrt(error**2 + members.var(ddof=1) / len(members)), members


def deep(effects, outcome):
    mean = effects[:, 0].mean(axis=1)
    strong = np.abs(mean - mean.mean()) >= mean.std(ddof=1)
    fits = [near(e[0][:, s], e[outcome][:, s]) for e, s in zip(effects, strong)]
    values, errors, members = (np.array(column) for column in zip(*fits))
    value, alone, w = reml(values, errors, True)
    model = (w @ members).var(ddof=1) * (1 + 1 / MEMBERS)
    return value, np.sqrt(model + alone**2)


def deep_time():
    """The seconds of 2,000 sequences and 12 pairs, from those of one pair on every hundredth sequence and of one meta-analysis of 2,000."""
    effects = made(SHARE)
    begin = time.perf_counter()
    deep(effects, 1)
    fits = time.perf_counter() - begin
    draws = np.random.default_rng(3)
    y, errors = draws.standard_normal(2000), 0.2 + 0.1 * draws.random(2000)
    begin = time.perf_counter()
    reml(y, errors)
    return fits * 100 * 12 + (time.perf_counter() - begin) * 12


WORKS = {
    "ivw": ivw,
    "egger": egger,
    "median bootstrap": median_bootstrap,
    "mode bootstrap": mode_bootstrap,
    "robust egger": robust_egger,
    "reml": reml,
    DEEP: lambda: deep(made(SHARE), 1),
}
for line in sys.stdin:
    verb, name = line.strip().split(" ", 1)
    work = WORKS[name]
    if verb == "time" and name == DEEP:
        print(deep_time() * 1e6, flush=True)
    elif verb == "value":
        print(*(float(x) for x in work()), sep=",", flush=True)
    else:
        begin, steps = time.perf_counter(), 0
        while steps == 0 or time.perf_counter() - begin < 0.33:
            work()
            steps += 1
        print((time.perf_counter() - begin) * 1e6 / steps, flush=True)
