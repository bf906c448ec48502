"""Writes diffusion.tsv: diffusion map, pseudotime and PAGA of points along a fork by scanpy.

pip install scanpy==1.11.5
python diffusion.py

The points come from a congruential generator, so that a test can make them again: 320 points in 4 dimensions along a stem that forks.
First column: `values` (15 eigenvalues), `component` (components 1 to 4 over the points, turned so that the largest entry is positive),
`pseudotime` from point 0, `connectivities` and `tree` (both directions) of PAGA for six groups.
"""
import anndata
import numpy as np
import scanpy

N = 320
state = 5
x = np.zeros((N, 4), np.float32)
group = np.zeros(N, int)
for i in range(N):
    along = (i // 2) / 16
    side = 1 if i % 2 else -1
    group[i] = int(along // 2.5) if along < 5 else (2 if along < 7.5 else 3) + (2 if side > 0 else 0)
    branch = side * max(along - 5, 0)
    for j in range(4):
        state = (state * 1664525 + 1013904223) % 2**32
        noise = (state >> 16) / 131072
        x[i, j] = noise + (along if j == 0 else branch if j == 1 else 0)

with open("diffusion.tsv", "w") as out:

    def write(name, rows, digits=7):
        for row in np.atleast_2d(rows):
            print(name, *[f"{value:.{digits}g}" for value in row], sep="\t", file=out)

    cells = anndata.AnnData(x)
    cells.obs["group"] = group.astype(str)
    cells.obs["group"] = cells.obs["group"].astype("category")
    scanpy.pp.neighbors(cells, n_neighbors=15, use_rep="X")
    scanpy.tl.diffmap(cells)
    cells.uns["iroot"] = 0
    scanpy.tl.dpt(cells)
    write("values", cells.uns["diffmap_evals"])
    for column in cells.obsm["X_diffmap"].T[1:5]:
        write("component", column * np.sign(column[np.abs(column).argmax()]), 5)
    write("pseudotime", cells.obs["dpt_pseudotime"], 6)
    scanpy.tl.paga(cells, groups="group")
    write("connectivities", cells.uns["paga"]["connectivities"].toarray(), 10)
    tree = cells.uns["paga"]["connectivities_tree"].toarray()
    write("tree", np.maximum(tree, tree.T), 10)
