"""Writes scanpy_pca.tsv: principal components of a sparse table by scanpy.

pip install scanpy==1.11.5
python scanpy_pca.py

The table has 340 rows and 310 columns and comes from a congruential generator, so that a test can make it again. First column:
`loadings` (`varm["PCs"]`, turned), `variance` and `ratio` of `scanpy.pp.pca` with 10 components.
"""
import anndata
import numpy as np
import scanpy
from scipy.sparse import csr_matrix

N, FEATURES, COMPONENTS = 340, 310, 10


def table():
    """Rows of 12 groups; in every group other columns are filled, and some columns at random."""
    x = np.zeros((N, FEATURES), np.float32)
    state = 1
    for i in range(N):
        for j in range(FEATURES):
            state = (state * 1664525 + 1013904223) % 2**32
            chance = state >> 16
            group = i % 12
            if chance % 16 < (8 if j * 12 // FEATURES == group else 2):
                x[i, j] = 1 + (chance >> 4) % 8 + group
    return x


with open("scanpy_pca.tsv", "w") as out:

    def write(name, rows):
        for row in np.atleast_2d(rows):
            print(name, *[f"{value:.7g}" for value in row], sep="\t", file=out)

    cells = anndata.AnnData(csr_matrix(table()))
    scanpy.pp.pca(cells, n_comps=COMPONENTS)
    write("loadings", cells.varm["PCs"].T)
    write("variance", cells.uns["pca"]["variance"])
    write("ratio", cells.uns["pca"]["variance_ratio"])
