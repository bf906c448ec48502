"""Writes neighbors.tsv: nearest neighbours and graphs of a small table by umap-learn, checked against scanpy.

pip install umap-learn==0.5.7 numba==0.61.2 scanpy==1.11.5 scikit-learn==1.6.1 numpy scipy
python neighbors.py

The version of numba matters: compiled by numba 0.68.1, umap-learn 0.5.7 finds infinite widths wherever they are above 1.

First column: what. `x` is the table; `METRIC.distances` are the distances to the 9 nearest others; then, as row, column and strength,
the graph `METRIC`, `connectivity` (local connectivity 2.5), `mix` (set operation 0.25) and `target` (labels, weight 0.5, of which
the row `labels` tells: -1 is unknown).
"""
import numpy as np
import scanpy as sc
import anndata
from sklearn.metrics import pairwise_distances
from umap.umap_ import discrete_metric_simplicial_set_intersection, fuzzy_simplicial_set

K = 10
random = np.random.default_rng(5)
levels = random.normal(0, 2, (4, 6))
group = random.integers(0, 4, 50)
x = np.round(np.maximum(levels[group] + random.normal(0, 1, (50, 6)), -1), 3).astype(np.float32)
labels = np.where(random.random(50) < 0.2, -1, group)

with open("neighbors.tsv", "w") as out:

    def write(name, table):
        for row in np.atleast_2d(table):
            print(name, *[f"{value:.9g}" for value in row], sep="\t", file=out)

    def write_graph(name, graph):
        graph = graph.tocoo()
        for row, column, value in sorted(zip(graph.row, graph.col, graph.data)):
            print(name, row, column, f"{value:.7g}", sep="\t", file=out)

    def graph(metric, **options):
        far = pairwise_distances(x.astype(float), metric=metric)
        np.fill_diagonal(far, 0)
        order = np.argsort(far, axis=1, kind="stable")[:, :K]
        near = np.take_along_axis(far, order, axis=1)
        return fuzzy_simplicial_set(
            x, K, np.random.RandomState(0), metric, knn_indices=order, knn_dists=near.astype(np.float32), **options
        )[0], near[:, 1:]

    write("x", x)
    for metric in ["euclidean", "cosine", "correlation"]:
        found, near = graph(metric)
        write(f"{metric}.distances", near)
        write_graph(metric, found)
        if metric == "euclidean":
            cells = anndata.AnnData(x.copy())
            sc.pp.neighbors(cells, n_neighbors=K, use_rep="X")
            assert np.allclose(cells.obsp["connectivities"].toarray(), found.toarray(), atol=1e-5)
    write_graph("connectivity", graph("euclidean", local_connectivity=2.5)[0])
    write_graph("mix", graph("euclidean", set_op_mix_ratio=0.25)[0])
    write("labels", labels)
    write_graph(
        "target",
        discrete_metric_simplicial_set_intersection(graph("euclidean")[0], labels, far_dist=2.5 / (1 - 0.5)).tocsr(),
    )
