"""Estimates, standard errors and p-values by their formulas, written with matrices or solved by scipy, on made-up numbers with unequal
errors, for tests/golden/causal/formulas.tsv.
"""

from itertools import combinations

import numpy as np
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.stats import chi2, norm, t

# One set for each branch of the framework of Rücker: E is C with a Q that is no larger than chance allows.
SETS = {
    "A": [
        (0.284, 0.029, 0.123, 0.029), (-0.166, 0.026, -0.105, 0.063), (0.093, 0.01, 0.089, 0.047),
        (0.085, 0.027, 0.046, 0.035), (-0.34, 0.011, -0.14, 0.041), (0.372, 0.025, 0.167, 0.021),
    ],
    "B": [
        (0.164, 0.023, 0.038, 0.052), (-0.176, 0.021, -0.225, 0.068), (0.341, 0.013, 0.235, 0.054),
        (-0.109, 0.019, -0.074, 0.04), (0.272, 0.023, 0.331, 0.029), (-0.313, 0.018, -0.227, 0.037),
    ],
    "C": [
        (0.338, 0.03, 0.265, 0.062), (-0.339, 0.023, -0.293, 0.04), (-0.245, 0.015, -0.204, 0.045),
        (-0.171, 0.019, -0.141, 0.054), (-0.097, 0.029, -0.186, 0.023), (-0.203, 0.028, -0.214, 0.048),
    ],
    "D": [
        (0.16, 0.027, 0.212, 0.043), (0.383, 0.01, 0.175, 0.043), (0.141, 0.021, 0.188, 0.066),
        (-0.137, 0.012, -0.232, 0.033), (-0.192, 0.015, -0.242, 0.029), (0.154, 0.018, 0.043, 0.054),
    ],
    "E": [
        (0.138, 0.013, 0.134, 0.034), (0.207, 0.017, 0.233, 0.03), (-0.366, 0.018, -0.255, 0.044),
        (0.209, 0.023, 0.249, 0.033), (-0.299, 0.029, -0.218, 0.058), (-0.244, 0.014, -0.206, 0.066),
    ],
}
# A line through two of three rows is no fit.
THREE = [(0.2587, 0.01, 0.989, 0.2744), (-0.05, 0.01, -0.4242, 0.07766), (0.05, 0.01, 0.9789, 0.07724)]
# Ratios in two groups, and ratios that hardly say anything.
MIXTURES = {
    "two": [
        (0.3, 0.02, 0.31, 0.05), (0.25, 0.02, 0.24, 0.04), (-0.2, 0.02, -0.21, 0.03), (0.4, 0.02, 0.37, 0.08),
        (0.3, 0.02, -0.31, 0.05), (0.2, 0.02, -0.22, 0.04), (-0.25, 0.02, 0.23, 0.04), (0.35, 0.02, -0.36, 0.07),
    ],
    "noisy": [
        (0.3, 0.02, 0.11, 0.05), (0.25, 0.02, 0.22, 0.04), (-0.2, 0.02, -0.05, 0.03), (0.4, 0.02, 0.33, 0.03),
        (0.3, 0.02, 0.05, 0.02), (0.35, 0.02, 2.4, 0.05),
    ],
    "weak": [(0.05, 0.02, 0.1, 0.3), (0.06, 0.02, -0.02, 0.25), (-0.05, 0.02, -0.03, 0.28)],
}
STUDIES = {
    "apart": ([0.31, -0.12, 0.84, 0.45, 0.02, 1.1, 0.37], [0.12, 0.2, 0.31, 0.09, 0.15, 0.4, 0.22]),
    "alike": ([0.31, 0.28, 0.4, 0.35, 0.22], [0.12, 0.2, 0.31, 0.09, 0.15]),
    "three": ([-0.5, 0.1, 0.9], [0.3, 0.25, 0.5]),
    "between": ([0.31, 0.05, 0.84, 0.45, 0.2], [0.16, 0.2, 0.31, 0.12, 0.25]),
}


def put(name, *values):
    print(name, *(value if isinstance(value, str) else repr(float(value)) for value in values), sep="\t")


def regression(columns, y, w):
    """Weighted least squares: coefficients, standard errors of known variances, residual error and sum of squares."""
    x, v = np.column_stack(columns), np.diag(w)
    covariance = np.linalg.inv(x.T @ v @ x)
    b = covariance @ x.T @ v @ y
    q = (y - x @ b) @ v @ (y - x @ b)
    return b, np.sqrt(np.diag(covariance)), np.sqrt(q / (len(y) - len(b))), q


def turned(bx, by):
    signs = np.where(bx < 0, -1, 1)
    return signs, bx * signs, by * signs


def by_normal(value, error):
    return 2 * norm.sf(abs(value / error))


def by_student(value, error, freedom):
    return 2 * t.sf(abs(value / error), freedom)


def grip(s, bx, sx, by, sy):
    k = len(bx)
    (intercept, slope), (intercept_error, error), sigma, q = regression([np.ones(k), bx**2], bx * by, 1 / (bx * sy) ** 2)
    put(f"grip {s}", slope, error, sigma, q, intercept, intercept_error, t.ppf(0.975, k - 2))
    wide = max(1, sigma)
    put(f"grip p {s}", by_student(slope, error * wide, k - 2), by_student(slope, error * sigma, k - 2), by_student(intercept, intercept_error * wide, k - 2))


def lines(s, bx, sx, by, sy):
    k, w = len(bx), 1 / sy**2
    _, x, y = turned(bx, by)
    (theta,), (error,), sigma, q = regression([x], y, w)
    put(f"ivw {s}", theta, error, sigma)
    first = regression([np.ones(k), x], y, w)
    (intercept, slope), (intercept_error, slope_error), own, q2 = first
    put(f"egger {s}", slope, slope_error, own, intercept, intercept_error)
    wide = max(1, own)
    put(
        f"egger p {s}",
        by_normal(slope, slope_error * wide),
        by_student(slope, slope_error * wide, k - 2),
        max(by_student(slope, slope_error * own, k - 2), by_normal(slope, slope_error * wide)),
        by_normal(intercept, intercept_error * wide),
        by_student(intercept, intercept_error * wide, k - 2),
    )
    p, p_gain, p2 = chi2.sf(q, k - 1), chi2.sf(q - q2, 1), chi2.sf(q2, k - 2)
    model = ("D" if p2 < 0.05 else "C") if p_gain < 0.05 else ("B" if p < 0.05 else "A")
    chosen = {"A": (theta, error), "B": (theta, error * max(1, sigma)), "C": (slope, slope_error), "D": (slope, slope_error * wide)}[model]
    put(f"rucker {s}", model, q, q2, p_gain, *chosen, by_normal(*chosen), intercept, intercept_error * (wide if model == "D" else 1))
    # Penalised: 100 times the chance of a distance from the median ratio, or from the first line.
    lower = lambda w, factor, residual: w * np.minimum(1, factor * chi2.sf(w * residual**2, 1))
    b, e, sigma, _ = regression([x], y, lower(w, 100, by - np.median(by / bx) * bx))
    put(f"penalised ivw {s}", b[0], e[0], sigma)
    b, e, sigma, _ = regression([np.ones(k), x], y, lower(w, 100, y - intercept - slope * x))
    put(f"penalised egger {s}", b[1], e[1], sigma, b[0], e[0])
    for psi in [0.0, 0.3, -0.6]:
        delta = sy**2 + (by * sx / bx) ** 2 - 2 * psi * by * sx * sy / bx
        put(f"ratios {s} {psi}", *(np.sqrt(delta) / abs(bx)))
        b, e, sigma, _ = regression([x], y, 1 / delta)
        put(f"delta {s} {psi}", b[0], e[0], sigma)
        b, e, sigma, _ = regression([x], y, lower(1 / delta, 20, by - np.median(by / bx) * bx))
        put(f"penalised delta {s} {psi}", b[0], e[0], sigma)


def robust(s, bx, sx, by, sy):
    """MM-estimation: the least scale by a search from all subsets, then reweighting from there at that scale."""
    _, x, y = turned(bx, by)
    share = lambda u: np.where(abs(u) >= 1, 1, u**2 * (3 - 3 * u**2 + u**4))
    for name, columns in [("ivw", [x]), ("egger", [np.ones(len(x)), x])]:
        rows, target = np.column_stack(columns) / sy[:, None], y / sy
        k, p = rows.shape

        def scale(b):
            off = target - rows @ b
            over = lambda log: np.sum(share(off / np.exp(log) / 1.54764)) / (k - p) - 0.5
            return np.exp(brentq(over, -20, 10, xtol=1e-15, rtol=1e-15))

        options = {"xatol": 1e-11, "fatol": 1e-14, "maxiter": 5000}
        starts = [np.linalg.lstsq(rows[list(at)], target[list(at)], rcond=None)[0] for at in [range(k), *combinations(range(k), p)]]
        best = min((minimize(scale, b, method="Nelder-Mead", options=options) for b in starts), key=lambda one: one.fun)
        b = best.x
        for _ in range(3000):
            w = np.maximum(1 - ((target - rows @ b) / best.fun / 4.685061) ** 2, 0) ** 2
            b = regression(rows.T, target, w)[0]
        put(f"robust {name} {s}", best.fun, *b)


def likelihood(s, psi, bx, sx, by, sy):
    """The whole likelihood, with the true effects on the exposure: the standard error from its matrix of second derivatives."""
    inverse = np.linalg.inv(np.array([[sx**2, psi * sx * sy], [psi * sx * sy, sy**2]]).transpose(2, 0, 1))
    a, b, d = inverse[:, 0, 0], inverse[:, 0, 1], inverse[:, 1, 1]
    best = lambda theta: ((a + theta * b) * bx + (b + theta * d) * by) / (a + 2 * theta * b + theta**2 * d)

    def height(theta):
        u, v = bx - best(theta), by - theta * best(theta)
        return np.sum(a * u * u + 2 * b * u * v + d * v * v)

    def slope(theta):
        g = best(theta)
        return -2 * np.sum(g * (b * (bx - g) + d * (by - theta * g)))

    grid = np.linspace(-5, 5, 2001)
    low = grid[np.argmin([height(theta) for theta in grid])]
    theta = brentq(slope, low - 1e-2, low + 1e-2, xtol=1e-15)
    g = best(theta)
    cross = g * (b + theta * d) - (b * (bx - g) + d * (by - theta * g))
    information = np.sum(d * g * g) - np.sum(cross**2 / (a + 2 * theta * b + theta**2 * d))
    put(f"likelihood {s} {psi}", theta, 1 / np.sqrt(information), height(theta))


def median(values, w):
    order = np.argsort(values)
    values, w = values[order], w[order]
    return np.interp(0.5, (np.cumsum(w) - w / 2) / np.sum(w), values)


def bandwidth(values):
    mad = 1.4826 * np.median(abs(values - np.median(values)))
    return 0.9 * min(np.std(values, ddof=1), mad) / len(values) ** 0.2


def mode(values, w, phi=1.0):
    h = phi * bandwidth(values)
    density = lambda x: np.sum(w * np.exp(-(((x - values) / h) ** 2) / 2))
    slope = lambda x: np.sum(w * (values - x) * np.exp(-(((x - values) / h) ** 2) / 2))
    grid = np.linspace(values.min(), values.max(), 2001)
    top = grid[np.argmax([density(x) for x in grid])]
    step = grid[1] - grid[0]
    return brentq(slope, top - 2 * step, top + 2 * step, xtol=1e-15)


def mode_on_grid(values, w):
    """The density of R before 4.4, with a Fourier transform of mass shared out on 512 points."""
    h, n = bandwidth(values), 512
    low, high = values.min() - 7 * h, values.max() + 7 * h
    step = (high - low) / (n - 1)
    mass = np.zeros(2 * n)
    for value, own in zip(values, w):
        place = (value - low) / step
        mass[int(place)] += own * (1 - place % 1)
        mass[int(place) + 1] += own * (place % 1)
    far = np.arange(2 * n) * step
    far[n + 1 :] = -far[n - 1 : 0 : -1]
    heights = np.fft.ifft(np.fft.fft(mass) * np.conj(np.fft.fft(norm.pdf(far, scale=h)))).real[:n]
    x = np.linspace(values.min() - 3 * h, values.max() + 3 * h, n)
    return x[np.argmax(np.interp(x, np.linspace(low, high, n), heights))]


def ratios(s, bx, sx, by, sy):
    values = by / bx
    first, delta = sy / abs(bx), np.sqrt(sy**2 / bx**2 + by**2 * sx**2 / bx**4)
    found = [median(values, np.ones(len(values)))]
    for error in [first, delta]:
        w = error**-2
        middle = median(values, w)
        lowered = w * np.minimum(1, 20 * chi2.sf(w * (values - middle) ** 2, 1))
        found += [middle, median(values, lowered)]
    put(f"median {s}", *found)
    equal = np.ones(len(values))
    put(f"mode {s}", mode(values, equal), mode(values, first**-2), mode(values, delta**-2), mode(values, delta**-2, 0.5))
    put(f"grid {s}", mode_on_grid(values, equal), mode_on_grid(values, first**-2), mode_on_grid(values, delta**-2))


def debiased(s, bx, sx, by, sy):
    w = sy**-2

    def error(theta, divisor, balanced):
        tau2 = max(0, np.sum(((by - theta * bx) ** 2 - sy**2 - theta**2 * sx**2) * w) / np.sum(w)) if balanced else 0
        variance = np.sum(w * bx**2 * (1 + tau2 * w) + w**2 * sx**2 * theta**2 * (bx**2 + sx**2))
        return np.sqrt(variance) / divisor, np.sqrt(tau2)

    divisor = np.sum(w * (bx**2 - sx**2))
    theta = np.sum(w * bx * by) / divisor
    put(f"debiased {s}", theta, *error(theta, divisor, True), error(theta, divisor, False)[0])
    variance = np.sum(w**2 * (4 * (bx**2 - sx**2) * sx**2 + 2 * sx**4))
    shared = np.sum(2 * w**2 * bx * by * sx**2)
    for penalty in [1, 3]:
        # The larger root of d² - divisor d = penalty variance.
        larger = max(np.roots([1, -divisor, -penalty * variance]).real)
        theta = (np.sum(w * bx * by) + shared / variance * (larger - divisor)) / larger
        put(f"penalized {s} {penalty}", theta, *error(theta, larger, True), error(theta, larger, False)[0])


def steiger(s, bx, sx, by, sy):
    at = np.arange(len(bx))
    nx, ny = 5000 + 100 * at, 8000 - 150 * at
    share = lambda f, n: np.sum(f / (n - 2 + f))
    x, y = share((bx / sx) ** 2, nx), share((by / sy) ** 2, ny)
    z = (np.arctanh(np.sqrt(x)) - np.arctanh(np.sqrt(y))) / np.sqrt(1 / (min(nx) - 3) + 1 / (min(ny) - 3))
    put(f"steiger {s}", x, y, 2 * norm.sf(abs(z)))


def several(s, bx, sx, by, sy):
    other = np.array([0.12, -0.31, 0.05, 0.22, -0.18, 0.27])
    plain = regression([bx, other], by, sy**-2)
    put(f"several {s}", *plain[0], *plain[1], plain[2])
    for name, by_which in [("exposure", bx), ("other", other)]:
        signs = np.where(by_which < 0, -1, 1)
        b, e, sigma, _ = regression([signs * bx, signs * other, np.ones(len(bx))], signs * by, sy**-2)
        put(f"several {s} {name}", *b, *e, sigma)


def contaminated(name, bx, sx, by, sy):
    values, errors = by / bx, sy / abs(bx)
    psi = 1.5 * np.std(values, ddof=1)
    wide = psi**2 + errors**2
    invalid = -(values**2) / wide / 2 - np.log(wide) / 2
    valid = lambda theta: -(((theta - values) / errors) ** 2) / 2 - np.log(errors)
    height = lambda theta: np.sum(np.maximum(valid(theta), invalid))
    grid = np.linspace(values.min() - 20 * errors.max(), values.max() + 20 * errors.max(), 20001)
    heights = np.array([height(theta) for theta in grid])
    step, top = grid[1] - grid[0], grid[np.argmax(heights)]
    best = minimize_scalar(lambda x: -height(x), bounds=(top - step, top + step), method="bounded", options={"xatol": 1e-13}).x
    kept = valid(best) >= invalid
    best = np.average(values[kept], weights=errors[kept] ** -2)
    q = np.sum(((values[kept] - best) / errors[kept]) ** 2)
    sigma = np.sqrt(q / (sum(kept) - 1))
    wider = max(1, sigma) ** 2
    above = lambda theta: height(theta) - (height(best) - wider * chi2.ppf(0.95, 1) / 2)
    over = np.array([above(theta) >= 0 for theta in grid])
    ends = [brentq(above, grid[at], grid[at + 1], xtol=1e-15) for at in np.flatnonzero(over[1:] != over[:-1])]
    if over[0]:
        ends = [-np.inf, *ends]
    if over[-1]:
        ends = [*ends, np.inf]
    put(f"contaminated {name}", best, sigma, chi2.sf(2 * (height(best) - height(0)) / wider, 1), *ends)


def pooled(name, y, error):
    y, v = np.array(y), np.array(error) ** 2
    k, one = len(y), np.ones((len(y), 1))

    def projection(w):
        w = np.diag(w)
        return w - w @ one @ np.linalg.inv(one.T @ w @ one) @ one.T @ w

    tr = np.trace
    at = lambda tau2: projection(1 / (v + tau2))
    fixed, flat = at(0), projection(np.ones(k))
    total = lambda tau2: y @ at(tau2) @ y
    solved = lambda f, high=100: brentq(f, 0, high, xtol=1e-16) if f(0) > 0 else 0.0

    def spread(p, tau2):
        """The standard deviation of y'Py when variances are v + tau²."""
        whole = np.diag(v + tau2)
        return np.sqrt(2 * tr(p @ whole @ p @ whole))

    def highest(height, slope):
        """The highest of all places where the slope is 0, and of 0."""
        grid = np.concatenate([[0], np.geomspace(1e-8, 10, 1000)])
        slopes = [slope(tau2) for tau2 in grid]
        tops = [brentq(slope, grid[i], grid[i + 1], xtol=1e-16) for i in range(len(grid) - 1) if slopes[i] > 0 >= slopes[i + 1]]
        return max([0.0, *tops], key=height)

    def restricted(tau2):
        return -np.sum(np.log(v + tau2)) - np.log(np.sum(1 / (v + tau2))) - total(tau2)

    def plain(tau2):
        return -np.sum(np.log(v + tau2)) - total(tau2)

    def of_restricted(tau2):
        p = at(tau2)
        return y @ p @ p @ y - tr(p)

    def of_plain(tau2):
        p = at(tau2)
        return y @ p @ p @ y - np.sum(1 / (v + tau2))

    def bayes(tau2):
        """What the iteration of empirical Bayes adds."""
        w = 1 / (v + tau2)
        mean = np.sum(w * y) / np.sum(w)
        return np.sum(w * (k / (k - 1) * (y - mean) ** 2 - v)) / np.sum(w) - tau2

    dl = max(0, (y @ fixed @ y - (k - 1)) / tr(fixed))
    he = max(0, (y @ flat @ y - tr(flat @ np.diag(v))) / (k - 1))
    hs = max(0, (y @ fixed @ y - k) / np.sum(1 / v))
    first = np.var(y)
    sj = first * total(first) / (k - 1)
    pm, ml, reml, eb = solved(lambda tau2: total(tau2) - (k - 1)), highest(plain, of_plain), highest(restricted, of_restricted), solved(bayes)
    exact = lambda tau2: np.sqrt(2 * k * k / (k - 1)) / np.sum(1 / (v + tau2))
    methods = {
        "FE": (0.0, None), "DL": (dl, spread(fixed, dl) / tr(fixed)), "HE": (he, spread(flat, he) / (k - 1)),
        "HS": (hs, spread(fixed, hs) / np.sum(1 / v)), "SJ": (sj, None), "PM": (pm, exact(pm)), "EB": (eb, exact(eb)),
        "ML": (ml, np.sqrt(2 / np.sum((v + ml) ** -2))), "REML": (reml, np.sqrt(2 / tr(at(reml) @ at(reml)))),
    }
    q, quantile = y @ fixed @ y, t.ppf(0.975, k - 1)
    typical = (k - 1) / tr(fixed)
    for method, (tau2, tau2_error) in methods.items():
        w = 1 / (v + tau2)
        mean, error = np.sum(w * y) / np.sum(w), np.sum(w) ** -0.5
        factor = np.sqrt(np.sum(w * (y - mean) ** 2) / (k - 1))
        share, times = (max(0, (q - k + 1) / q), q / (k - 1)) if method == "FE" else (tau2 / (tau2 + typical), tau2 / typical + 1)
        put(f"pooled {name} {method}", "none" if tau2_error is None else repr(float(tau2_error)), tau2, mean, error, error * factor, error * max(1, factor))
        beyond = quantile * np.sqrt(tau2 + error**2)
        put(f"inferred {name} {method}", by_normal(mean, error), by_student(mean, error * factor, k - 1), quantile * error * factor, share, times, mean - beyond, mean + beyond)
    ends = [solved(lambda tau2: total(tau2) - chi2.ppf(level, k - 1), 1e4) for level in [0.975, 0.025]]
    put(f"profile {name}", q, *ends)


def main():
    for s, rows in SETS.items():
        for row in rows:
            put(f"data {s}", *row)
        data = np.array(rows).T
        for what in [grip, lines, robust, ratios, debiased, steiger, several]:
            what(s, *data)
        for psi in [0.0, 0.3, -0.6]:
            likelihood(s, psi, *data)
    for row in THREE:
        put("data three", *row)
    robust("three", *np.array(THREE).T)
    for name, rows in MIXTURES.items():
        for row in rows:
            put(f"data {name}", *row)
        contaminated(name, *np.array(rows).T)
    for name, (y, error) in STUDIES.items():
        put(f"effects {name}", *y)
        put(f"errors {name}", *error)
        pooled(name, y, error)


main()
