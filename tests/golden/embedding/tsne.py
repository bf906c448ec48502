"""Writes tsne.tsv: joint probabilities of neighbours by scikit-learn; tells how well its maps of real cells and openTSNE's are.

pip install scikit-learn==1.6.1 openTSNE==1.0.4 'numpy<2.3' h5py
python tsne.py [pbmc68k_reduced.h5ad]

First column: `x` as given, 40 examples; `joint` the probabilities at perplexity 5, so that 16 neighbours count, shape (40, 40).
"""
import sys

import numpy as np
from sklearn.manifold import TSNE, trustworthiness
from sklearn.manifold._t_sne import _joint_probabilities_nn
from sklearn.neighbors import NearestNeighbors


def joint(x, perplexity):
    """As `TSNE.fit` makes them."""
    near = NearestNeighbors(n_neighbors=min(len(x) - 1, int(3 * perplexity + 1))).fit(x).kneighbors_graph(mode="distance")
    near.data **= 2
    return _joint_probabilities_nn(near, perplexity, 0)


def divergence(p, places):
    """By its definition: the one that scikit-learn reports sees squares of far points as one."""
    p, places = p.tocoo(), places.astype(float)
    apart = ((places[:, None] - places[None]) ** 2).sum(axis=-1)
    q = 1 / (1 + apart)
    np.fill_diagonal(q, 0)
    q /= q.sum()
    return (p.data * np.log(p.data / q[p.row, p.col])).sum()


random = np.random.default_rng(5)
x = np.round(random.normal(size=(40, 3)) + 4 * random.integers(0, 2, (40, 1)), 3).astype("f4")
with open("tsne.tsv", "w") as out:
    for name, table in [("x", x), ("joint", joint(x.astype(float), 5).toarray())]:
        for row in table:
            print(name, *[f"{value:.9g}" for value in row], sep="\t", file=out)

if len(sys.argv) > 1:
    import h5py
    import openTSNE

    cells = h5py.File(sys.argv[1])["obsm/X_pca"][:]
    p = joint(cells, 30)
    peers = [("scikit-learn", TSNE(random_state=0).fit_transform), ("openTSNE", openTSNE.TSNE(random_state=0).fit)]
    for name, fit in peers:
        places = np.array(fit(cells))
        print(name, "divergence", divergence(p, places), "trustworthiness", trustworthiness(cells, places, n_neighbors=15))
