"""The squared maximum mean discrepancy between batches and its slopes, by the formula in double precision.

Writes discrepancy.tsv. Needs numpy:
    python discrepancy.py
"""

from pathlib import Path

import numpy as np

BATCHES = np.array([0, 1, 2, 0, 1, 0, 2, 1, 1, 3])
WIDTHS = [0.25, 1, 4]


def value(z, reference):
    """Sums the estimate without bias over batches, each against all others or the reference (Gretton et al. 2012, equation 3)."""
    n = len(z)
    squares = ((z[:, None] - z[None]) ** 2).sum(-1)
    mean = squares.sum() / (n * (n - 1))
    kernel = sum(np.exp(-squares / (2 * width * mean)) for width in WIDTHS)
    total = 0
    for batch in range(4):
        own = np.flatnonzero(BATCHES == batch)
        others = np.flatnonzero(BATCHES != batch if reference is None else BATCHES == reference)
        if batch == reference or min(len(own), len(others)) < 2:
            continue
        for side in [own, others]:
            inside = kernel[np.ix_(side, side)]
            total += (inside.sum() - np.trace(inside)) / (len(side) * (len(side) - 1))
        total -= 2 * kernel[np.ix_(own, others)].mean()
    return total


def slopes(z, reference, step=1e-5):
    """Central differences."""
    out = np.zeros_like(z)
    for at in np.ndindex(z.shape):
        moved = np.zeros_like(z)
        moved[at] = step
        out[at] = (value(z + moved, reference) - value(z - moved, reference)) / (2 * step)
    return out


z = np.sin(np.float32(1.3) * np.arange(30, dtype=np.float32)).astype(float).reshape(10, 3)
z[:, 0] += 5
with open(Path(__file__).with_suffix(".tsv"), "w") as file:
    for name, reference in [("all", None), ("reference", 1)]:
        print(f"{name} value", f"{value(z, reference):.10g}", sep="\t", file=file)
        print(f"{name} slopes", *(f"{slope:.10g}" for slope in slopes(z, reference).ravel()), sep="\t", file=file)
