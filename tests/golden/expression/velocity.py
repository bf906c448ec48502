"""Writes velocity.tsv: RNA velocity of 50 pancreas cells by scVelo 0.3.4.

pip install scvelo==0.3.4
python velocity.py FILE

FILE is scVelo's own test file pancreas_50obs_preprocessed.h5ad, whose layers Ms and Mu and neighbours are used as they are.
First column: the mode (`deterministic`, `stochastic`) and the quantity. `gamma`, `steady`, `r2`, `adjusted` (r2 of a line through all
cells) and `genes` are one row over genes; `graph`, `against`, `chances` (use_negative_cosines False) and `signed` (True) are triplets row,
column, value, of which every 17th is kept, after `sums` of all four; `arrows` (on the first two principal components, without
automatic scale), `length` and `confidence` have one row a cell. `grid` has positions and arrows, `stream` the field on 50 x 50 points,
every 7th point of it.
"""
import sys

import anndata
import numpy as np
import scvelo as scv
from scipy.sparse import coo_matrix
from scvelo.plotting.velocity_embedding_grid import compute_velocity_on_grid
from scvelo.tools.velocity import Velocity

scv.settings.verbosity = 0

with open("velocity.tsv", "w") as out:

    def write(name, table):
        for row in np.atleast_2d(np.asarray(table, float)):
            print(name, *[f"{value:.7g}" for value in row], sep="\t", file=out)

    def triplets(name, matrix):
        matrix = coo_matrix(matrix)
        kept = np.flatnonzero(matrix.data)[::17]
        write(name, np.c_[matrix.row, matrix.col, matrix.data][kept])

    for mode in ["deterministic", "stochastic"]:
        cells = anndata.read_h5ad(sys.argv[1])
        scv.tl.velocity(cells, mode=mode)
        scv.tl.velocity_graph(cells, n_jobs=1, show_progress_bar=False)
        scv.tl.velocity_confidence(cells)
        names = {"gamma": "velocity_gamma", "steady": "velocity_qreg_ratio", "r2": "velocity_r2", "genes": "velocity_genes"}
        for name, column in names.items():
            if column in cells.var:
                write(f"{mode}.{name}", cells.var[column])
        if mode == "deterministic":
            fit = Velocity(cells, r2_adjusted=True)
            fit.compute_deterministic(perc=[5, 95])
            write(f"{mode}.adjusted", fit._r2)
        graph, against = cells.uns["velocity_graph"], cells.uns["velocity_graph_neg"]
        chances = scv.tl.transition_matrix(cells)
        signed = scv.tl.transition_matrix(cells, use_negative_cosines=True)
        write(f"{mode}.sums", [matrix.sum() for matrix in (graph, against, chances, signed)])
        for name, matrix in [("graph", graph), ("against", against), ("chances", chances), ("signed", signed)]:
            triplets(f"{mode}.{name}", matrix)
        cells.obsm["X_two"] = cells.obsm["X_pca"][:, :2].copy()
        # velocity_embedding sets the diagonal to zero. Where one row has no entry there, setdiag of scipy 1.14.1 exchanges entries of all
        # rows behind it, and the arrows of these cells are wrong; with an entry in every row they are as scVelo means them.
        full = signed.tolil()
        full.setdiag(1)
        scv.tl.velocity_embedding(cells, basis="two", autoscale=False, T=full.tocsr())
        write(f"{mode}.arrows", cells.obsm["velocity_two"])
        centred = cells.layers["velocity"][:, cells.var["velocity_genes"]]
        centred = centred - centred.mean(1)[:, None]
        write(f"{mode}.length", np.linalg.norm(centred, axis=1))
        write(f"{mode}.confidence", cells.obs["velocity_confidence"])
        if mode == "stochastic":
            place, arrows = cells.obsm["X_two"], cells.obsm["velocity_two"]
            positions, field = compute_velocity_on_grid(place, arrows, autoscale=False, n_neighbors=10, smooth=2)
            write("grid", np.c_[positions, field][::7])
            lines, field = compute_velocity_on_grid(place, arrows, n_neighbors=10, smooth=2, adjust_for_stream=True)
            write("stream.lines", lines)
            write("stream.along_x", field[0].ravel()[::7])
            write("stream.along_y", field[1].ravel()[::7])

    # What scVelo does to counts before: genes with few counts left out, both layers brought to their median depth.
    random = np.random.default_rng(3)
    spliced = random.poisson(random.gamma(1, 1, (12, 1)) * random.gamma(0.5, 3, 9)).astype(np.float32)
    unspliced = random.poisson(random.gamma(1, 1, (12, 1)) * random.gamma(0.5, 2, 9)).astype(np.float32)
    counts = anndata.AnnData(spliced.copy(), layers={"spliced": spliced.copy(), "unspliced": unspliced.copy()})
    write("counts.spliced", spliced)
    write("counts.unspliced", unspliced)
    scv.pp.filter_and_normalize(counts, min_shared_counts=8)
    write("counts.genes", counts.var_names.astype(int))
    write("counts.normal_spliced", counts.layers["spliced"])
    write("counts.normal_unspliced", counts.layers["unspliced"])
