"""How Poisson counts vary around a model on Anscombe's scale, by non-negative least squares of scipy.

Three outputs: nothing but chance, 25 counts more in half of the regions, and a strength that varies by a fifth from region to region. The
predictions are means of roots over all that the sequence does not show, off by 1.5 of the standard deviations that the forecast has, from
none to one. Writes predictions, these and measurements, then `a + b / m^2 + c m^2 + d s^2` of every output, from 20 rounds in which
squares weigh by the variance around them.
Usage: count_noise.py > count_noise.tsv
"""

import numpy as np
from scipy.optimize import nnls

random = np.random.default_rng(8)
n = 250
root = lambda count: 2 * np.sqrt(count + 3 / 8)
means = 1 + 100 * random.beta(0.4, 0.4, n)


def predicted(draw):
    # The mean of roots over many of the same region.
    return np.float32(root(random.poisson(np.stack([draw() for _ in range(2000)]))).mean(0))


kinds = [
    lambda: means,
    lambda: means + 25 * (random.random(n) < 0.5),
    lambda: means * random.gamma(25, 1 / 25, n),
]
for output, draw in enumerate(kinds):
    s = np.float32(0.01 + random.beta(0.5, 2, n))
    m = np.float32(predicted(draw) + 1.5 * s * random.normal(size=n)).clip(1.3)
    y = np.float32(root(random.poisson(draw())))
    print("predicted", output, *(repr(float(value)) for value in m), sep="\t")
    print("spread", output, *(repr(float(value)) for value in s), sep="\t")
    print("measured", output, *(repr(float(value)) for value in y), sep="\t")
    m, squares = np.float64(m), (np.float64(y) - np.float64(m)) ** 2
    columns = np.stack([np.ones(n), m**-2, m**2, np.float64(s) ** 2], 1)
    parts = np.array([squares.mean(), 0, 0, 0])
    for _ in range(20):
        weights = 1 / np.maximum(columns @ parts, 1e-3 * squares.mean())
        size = np.linalg.norm(columns * weights[:, None], axis=0)
        parts = nnls(columns * weights[:, None] / size, squares * weights)[0] / size
    print("parts", output, *(repr(float(part)) for part in parts), sep="\t")
