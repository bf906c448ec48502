"""Writes integration.tsv: scores of how batches are mixed and types kept apart.

pip install scikit-learn==1.6.1 scipy==1.14.1
python integration.py

The points come from a congruential generator, so that a test can make them again: 3 types, 2 batches, the second type apart by batch.
Silhouettes are those of scikit-learn. scib-metrics needs another Python: `bras`, `kbet`, `lisi` and `graph` follow its formulas in numpy
and scipy, from exact neighbours (24 others of every point, 3 for `graph`). First column: quantity.
"""
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components
from scipy.stats import chi2
from sklearn.metrics import pairwise_distances, silhouette_samples

N, K = 150, 25
state = 9
x = np.zeros((N, 3))
types, batches = np.zeros(N, int), np.zeros(N, int)
for i in range(N):
    types[i], batches[i] = i % 3, i // 3 % 2
    for j in range(3):
        state = (state * 1664525 + 1013904223) % 2**32
        x[i, j] = (state >> 16) / 16384 + 5 * (types[i] == j) + (6 if types[i] == 1 and batches[i] and j == 0 else 0)
x = x.astype(np.float32).astype(float)

with open("integration.tsv", "w") as out:

    def write(name, values):
        print(name, *[f"{value:.12g}" for value in np.atleast_1d(values)], sep="\t", file=out)

    write("silhouette", silhouette_samples(x, types).mean())
    own = [1 - np.abs(silhouette_samples(x[types == t], batches[types == t])).mean() for t in range(3)]
    write("silhouette_batch", np.mean(own))

    scores = []
    for t in range(3):
        apart, batch = pairwise_distances(x[types == t], metric="cosine"), batches[types == t]
        same = batch[:, None] == batch
        a = np.where(same, apart, 0).sum(1) / (same.sum(1) - 1)
        b = np.where(same, 0, apart).sum(1) / (~same).sum(1)
        scores.append(np.mean(1 - np.abs((b - a) / np.maximum(a, b))))
    write("bras", np.mean(scores))

    apart = pairwise_distances(x)
    np.fill_diagonal(apart, -1)
    near = np.argsort(apart, axis=1, kind="stable")[:, :K]
    assert (near[:, 0] == np.arange(N)).all()
    observed = np.stack([(batches[near] == b).sum(1) for b in range(2)], axis=1)
    expected = np.bincount(batches) / N * K
    write("kbet", (chi2.sf(((observed - expected) ** 2 / expected).sum(1), 1) >= 0.05).mean())
    six = np.arange(N) * 7 // 40 % 6
    observed = np.stack([(six[near] == b).sum(1) for b in range(6)], axis=1)
    expected = np.bincount(six) / N * K
    write("kbet.six", (chi2.sf(((observed - expected) ** 2 / expected).sum(1), 5) >= 0.05).mean())

    def lisi(labels):
        values = []
        for i in range(N):
            d = apart[i, near[i, 1:]]
            low, high, beta = 0, np.inf, 1.0
            for _ in range(200):
                p = np.exp(-(d - d.min()) * beta)
                entropy = np.log(p.sum()) + beta * ((d - d.min()) * p).sum() / p.sum()
                if abs(entropy - np.log((K - 1) // 3)) < 1e-12:
                    break
                if entropy > np.log((K - 1) // 3):
                    low, beta = beta, (beta * 2 if high == np.inf else (beta + high) / 2)
                else:
                    high, beta = beta, (beta + low) / 2
            p /= p.sum()
            values.append(1 / sum(p[labels[near[i, 1:]] == g].sum() ** 2 for g in np.unique(labels)))
        return np.array(values)

    write("lisi.batches", lisi(batches))
    write("lisi.types", lisi(types))

    edges = np.zeros((N, N))
    np.put_along_axis(edges, near[:, 1:4], 1, axis=1)
    edges = edges + edges.T
    shares = []
    for b in range(6):
        among = np.flatnonzero(six == b)
        pieces = connected_components(csr_matrix(edges[np.ix_(among, among)]))[1]
        shares.append(np.bincount(pieces).max() / len(among))
    write("graph", np.mean(shares))
