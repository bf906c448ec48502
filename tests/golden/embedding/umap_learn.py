"""Writes umap.tsv: radii, the correlation of radii with densMAP, and where new examples begin, by umap-learn.

pip install umap-learn==0.5.7 numba==0.61.2 'numpy<2.3' scikit-learn==1.6.1 h5py
python umap_learn.py pbmc68k_reduced.h5ad

First column: `x` as given, 120 examples; `radii` the logarithms of their radii. `correlation` of radii before and on the map of 600 examples that a test can make again: plain UMAP and
densMAP, five seeds each. `begin` where 80 of the 120 lie, `placed` where the other 40 begin by them, `settled` where these end, as the
mean of 50 seeds, and `spread` how these differ (standard deviation). `accuracy` is the share of held-out
cells (every fourth) whose 15 nearest on the map, transformed, have their type, for five seeds. `parts` says how well the order of
distances between 30 means is kept on the map, whose graph has as many parts, for five seeds.
"""
import sys

import h5py
import numpy as np
import umap
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr
from sklearn.neighbors import KNeighborsClassifier


class Congruential:
    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state * 1664525 + 1013904223) % 2**32
        return np.float32(np.float32(self.state >> 8) / np.float32(8388608) - np.float32(1))

    def table(self, n, features):
        return np.array([[self.next() for _ in range(features)] for _ in range(n)], dtype="f4")


def densities():
    """Six cubes whose sides double."""
    random = Congruential(23)
    centres = 40 * random.table(6, 5)
    sides = 2.0 ** np.arange(6, dtype="f4") / 4
    kinds = np.arange(600) % 6
    return centres[kinds] + sides[kinds, None] * random.table(600, 5)


def parts():
    """Thirty groups in five families."""
    random = Congruential(29)
    families = 60 * random.table(5, 8)
    centres = families[np.arange(30) % 5] + 12 * random.table(30, 8)
    return centres[np.arange(900) % 30] + random.table(900, 8)


def radii(x, epochs):
    """Those before the map is made; those after it would be logarithms of distances, not of squares. Many epochs keep weak edges."""
    return umap.UMAP(random_state=0, n_epochs=epochs, output_dens=True).fit_transform(x)[1]


with open("umap.tsv", "w") as out:

    def write(name, table):
        for row in np.atleast_2d(table):
            print(name, *[f"{value:.9g}" for value in row], sep="\t", file=out)

    random = np.random.default_rng(7)
    scale = np.exp(random.normal(0, 0.7, (120, 1)))
    x = np.round(scale * random.normal(size=(120, 4)), 3).astype("f4")
    write("x", x)
    write("radii", radii(x, 20_000))

    x = densities()
    before = radii(x, 1000)
    for name, densmap in [("plain", False), ("densmap", True)]:
        values = []
        for seed in range(5):
            found = umap.UMAP(random_state=seed, densmap=densmap).fit_transform(x)
            values.append(np.corrcoef(before, radii(found, 1000))[0, 1])
        print("correlation", name, *values, sep="\t", file=out)

    x = np.round(random.normal(size=(120, 3)), 3).astype("f4")
    begin = np.round(random.uniform(0, 10, (80, 2)), 3).astype("f4")
    begin[:2] = [[0, 0], [10, 10]]
    x[100] = x[3]
    fitted = umap.UMAP(init=begin, n_epochs=0, random_state=0).fit(x[:80])
    assert np.allclose(fitted.embedding_, begin, atol=1e-5)
    write("points", x)
    write("begin", begin)
    # Where new examples begin is where they end if nothing moves them.
    optimize, fitted.n_epochs = umap.umap_.optimize_layout_euclidean, None
    umap.umap_.optimize_layout_euclidean = lambda begin, *_, **__: begin
    write("placed", fitted.transform(x[80:]))
    umap.umap_.optimize_layout_euclidean = optimize
    ends = []
    for seed in range(50):
        fitted.transform_seed = seed
        ends.append(fitted.transform(x[80:]))
    write("settled", np.mean(ends, axis=0))
    write("spread", np.std(ends, axis=0, ddof=1))

    x = parts()
    values = []
    for seed in range(5):
        found = umap.UMAP(n_neighbors=10, random_state=seed).fit_transform(x)
        means = [[table[group::30].mean(axis=0) for group in range(30)] for table in (x, found)]
        values.append(spearmanr(pdist(means[0]), pdist(means[1]))[0])
    write("parts", values)

    if len(sys.argv) > 1:
        file = h5py.File(sys.argv[1])
        cells = file["obsm/X_pca"][:]
        types = file["obs/bulk_labels"]
        types = types["codes"][:] if isinstance(types, h5py.Group) else types[:]
        held = np.arange(len(cells)) % 4 == 3
        values = []
        for seed in range(5):
            fitted = umap.UMAP(random_state=seed).fit(cells[~held])
            near = KNeighborsClassifier(15).fit(fitted.embedding_, types[~held])
            values.append(near.score(fitted.transform(cells[held]), types[held]))
        write("accuracy", values)
