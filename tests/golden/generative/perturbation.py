"""Makes perturbation.tsv: how near simple predictions of a response are, by numpy and sklearn, and energy distances by their formula.

Means of control and perturbed cells of two kinds are carried to a third. R2 is scGen's squared Pearson correlation of means of genes
(all, and the top half by Welch's t), `change` is 1 - sum (measured - predicted)^2 / sum (measured - control)^2, the energy distance is that of
Szekely and Rizzo 2013 along 3 principal components. `squared` is that of scPerturb (Peidli et al. 2024): squared distances, n (n - 1) within.
Run: python perturbation.py > perturbation.tsv
"""

import numpy as np
from sklearn.decomposition import PCA

CELLS, GENES = 90, 12


def values():
    """The same numbers as the test makes."""
    cell, gene = np.meshgrid(np.arange(CELLS), np.arange(GENES), indexing="ij")
    kind, treated = cell % 3, cell // 3 % 2
    place = (cell * GENES + gene).astype(float)
    response = np.where(gene % 4 == 0, 1.5 + 0.4 * np.sin(kind + gene), 0.0)
    x = 2 + np.sin(2.1 * kind + gene) + 0.3 * np.sin(1.3 * place * place) + treated * response
    return x.astype(np.float32).astype(float)


def distances(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))


def energy(a, b):
    return 2 * distances(a, b).mean() - distances(a, a).mean() - distances(b, b).mean()


def squared(a, b):
    within = lambda x: (distances(x, x) ** 2).sum() / (len(x) * (len(x) - 1))
    return 2 * (distances(a, b) ** 2).mean() - within(a) - within(b)


x = values()
kind, treated = np.arange(CELLS) % 3, np.arange(CELLS) // 3 % 2 == 1
held = kind == 2
control, measured = x[held & ~treated], x[held & treated]
seen = ~(held & treated)


def step(places):
    return np.mean([places[(kind == k) & treated].mean(0) - places[(kind == k) & ~treated].mean(0) for k in (0, 1)], axis=0)


pca = PCA(3, svd_solver="full").fit(x[seen])
z = pca.transform(x)
ways = {
    "no change": control,
    "mean step of genes": control + step(x),
    "step along components": pca.inverse_transform(z[held & ~treated] + step(z)),
}
error = lambda a: a.var(0, ddof=1) / len(a)
t = (measured.mean(0) - control.mean(0)) / np.sqrt(error(control) + error(measured))
top = np.argsort(-abs(t))[: GENES // 2]
for name, cells in ways.items():
    mean, before, after = cells.mean(0), control.mean(0), measured.mean(0)
    row = []
    for genes in (np.arange(GENES), top):
        row.append(np.corrcoef(mean[genes], after[genes])[0, 1] ** 2)
    for genes in (np.arange(GENES), top):
        row.append(1 - ((after - mean)[genes] ** 2).sum() / ((after - before)[genes] ** 2).sum())
    row.append(energy(pca.transform(cells), pca.transform(measured)))
    print(name, *map(repr, map(float, row)), sep="\t")
print("energy", repr(float(energy(control, measured))), repr(float(squared(control, measured))), sep="\t")
