"""Makes collapse.tsv: precision, recall, density and coverage by their formulas, in numpy.

Precision and recall: Kynkaanniemi et al. 2019; density and coverage: Naeem et al. 2020 (k = 5, the point itself not counted).
Rows: name (a kind, or all), numbers. Run: python collapse.py > collapse.tsv
"""

import numpy as np

K = 5


def points(count, shift, spread):
    """The same numbers as the test makes."""
    place = np.arange(count * 4).reshape(count, 4)
    return (2 + spread * np.sin(1.3 * place * place + shift)).astype(np.float32).astype(float)


def distances(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))


def numbers(real, made):
    radius = lambda x: np.sort(distances(x, x), axis=1)[:, K]
    ours, theirs, between = radius(real), radius(made), distances(real, made)
    inside = between < ours[:, None]
    return [
        inside.any(0).mean(),
        (between < theirs[None]).any(1).mean(),
        inside.sum(0).mean() / K,
        (between.min(1) < ours).mean(),
    ]


real, made = points(60, 0.0, 1.0), points(48, 1.0, 2.2)
kinds = lambda x: np.arange(len(x)) % 3
names = ["B", "NK", "T"]
for kind, name in enumerate(names):
    print(name, *map(repr, map(float, numbers(real[kinds(real) == kind], made[kinds(made) == kind]))), sep="\t")
print("all", *map(repr, map(float, numbers(real, made))), sep="\t")
