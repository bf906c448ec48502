"""Writes leiden.tsv: the quality of communities that leidenalg finds, and the agreement of labels by scikit-learn.

pip install leidenalg==0.12.0 igraph scikit-learn==1.6.1
python leiden.py

The graphs come from a congruential generator, so that a test can make them again. First column: `quality` with the columns graph
(`symmetric` or `directed`), partition, resolution, the quality with the seeds 0 to 4; or `agreement` with ARI, NMI, AMI and mutual
information of the two label columns `i * i % 7` and `i * 5 // 200` of 200 examples.
"""
import igraph
import leidenalg
import numpy as np
from sklearn import metrics

N, GROUPS = 300, 6


def graph(directed):
    """Edges within groups are more frequent and heavier than between them."""
    weights = np.zeros((N, N))
    state = 7
    for i in range(N):
        for j in range(N):
            state = (state * 1664525 + 1013904223) % 2**32
            chance = state >> 16
            if i == j or (not directed and j < i):
                continue
            inside = i * GROUPS // N == j * GROUPS // N
            if chance % 100 < (14 if inside else 3):
                weights[i, j] = (1 + (chance >> 4) % 8 + (4 if inside else 0)) / 16
    return weights if directed else weights + weights.T


with open("leiden.tsv", "w") as out:
    for name, weights in [("symmetric", graph(False)), ("directed", graph(True))]:
        sources, targets = weights.nonzero()
        g = igraph.Graph(n=N, edges=list(zip(sources, targets)), directed=True)
        g.es["weight"] = weights[sources, targets]
        for partition, resolution in [
            ("RBConfiguration", 1.0),
            ("RBConfiguration", 2.5),
            ("modularity", 1.0),
            ("CPM", 0.05),
        ]:
            kind = {
                "RBConfiguration": leidenalg.RBConfigurationVertexPartition,
                "modularity": leidenalg.ModularityVertexPartition,
                "CPM": leidenalg.CPMVertexPartition,
            }[partition]
            options = {} if partition == "modularity" else {"resolution_parameter": resolution}
            found = [
                leidenalg.find_partition(g, kind, weights="weight", n_iterations=-1, seed=seed, **options).quality()
                for seed in range(5)
            ]
            print("quality", name, partition, resolution, *[f"{value:.10g}" for value in found], sep="\t", file=out)
    i = np.arange(200)
    a, b = i * i % 7, i * 5 // 200
    values = [
        metrics.adjusted_rand_score(a, b),
        metrics.normalized_mutual_info_score(a, b),
        metrics.adjusted_mutual_info_score(a, b),
        metrics.mutual_info_score(a, b),
    ]
    print("agreement", *[f"{value:.12g}" for value in values], sep="\t", file=out)
    # One that agrees in most examples.
    b = np.where(i % 5 == 0, b, a)
    values = [
        metrics.adjusted_rand_score(a, b),
        metrics.normalized_mutual_info_score(a, b),
        metrics.adjusted_mutual_info_score(a, b),
        metrics.mutual_info_score(a, b),
    ]
    print("agreement.close", *[f"{value:.12g}" for value in values], sep="\t", file=out)
