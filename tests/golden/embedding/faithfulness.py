"""Writes faithfulness.tsv: trustworthiness and continuity by scikit-learn, neighbours kept by its neighbour search.

pip install scikit-learn==1.6.1
python faithfulness.py

The points come from a congruential generator, so that a test can make them again. One row for each size of neighbourhood: k,
trustworthiness, continuity (trustworthiness of the points as a map of the map) and the share of neighbours kept.
"""
import numpy as np
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

N, FEATURES = 230, 6
state = 3
x = np.zeros((N, FEATURES), np.float32)
for i in range(N):
    for j in range(FEATURES):
        state = (state * 1664525 + 1013904223) % 2**32
        x[i, j] = (state >> 16) / 4096 + 6 * (i % 4 == j)
# A map that bends space and forgets most of it.
y = np.stack([x[:, 0] + x[:, 1] * 0.25, x[:, 2] * x[:, 2] / 8 - x[:, 3]], axis=1).astype(np.float32)
x, y = x.astype(float), y.astype(float)

with open("faithfulness.tsv", "w") as out:
    for k in [10, 15, 30, 100]:
        near = [NearestNeighbors(n_neighbors=k).fit(a).kneighbors(return_distance=False) for a in (x, y)]
        kept = np.mean([len(set(a) & set(b)) / k for a, b in zip(*near)])
        values = [trustworthiness(x, y, n_neighbors=k), trustworthiness(y, x, n_neighbors=k), kept]
        print("k", k, *[f"{value:.12g}" for value in values], sep="\t", file=out)
