"""Writes kmeans.tsv: clusters by scikit-learn.

pip install scikit-learn==1.6.1 numpy
python kmeans.py

First column: `x` as given, 150 examples; `start` 5 of them as centres, `labels` and `centres` and `inertia` of Lloyd's algorithm from
there until nothing changes; `best` the inertia of ten starts, for five seeds.
"""
import numpy as np
from sklearn.cluster import KMeans

random = np.random.default_rng(3)
x = np.round(random.normal(size=(150, 4)) + 2.5 * random.normal(size=(7, 4))[random.integers(0, 7, 150)], 3).astype("f4")
start = x[:5]
found = KMeans(5, init=start.astype(float), n_init=1, tol=0).fit(x.astype(float))
with open("kmeans.tsv", "w") as out:
    best = [KMeans(7, n_init=10, random_state=seed).fit(x.astype(float)).inertia_ for seed in range(5)]
    rows = [("x", x), ("start", start), ("labels", [found.labels_]), ("centres", found.cluster_centers_)]
    for name, table in [*rows, ("inertia", [[found.inertia_]]), ("best", [best])]:
        for row in table:
            print(name, *[f"{value:.10g}" for value in row], sep="\t", file=out)
