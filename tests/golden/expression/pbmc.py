"""Writes pbmc.tsv: marker genes of pbmc68k_reduced, of the raw values, by scanpy.

pip install scanpy==1.11.5 anndata==0.12.0 scipy==1.14.1 numpy==2.2.6
GENOLENS_DATA=... python pbmc.py

First column: test, group and what it is. Every 15th gene of the 765, in the order of the file, for four of the ten groups of
`bulk_labels`; then the ten first names of each.
"""
import os
import warnings

import anndata
import numpy as np
import scanpy as sc

warnings.filterwarnings("ignore")
cells = anndata.read_h5ad(os.path.join(os.environ["GENOLENS_DATA"], "h5ad/pbmc68k_reduced.h5ad"))
genes = list(cells.raw.var_names)
with open("pbmc.tsv", "w") as out:
    for name, options in [
        ("t", dict(method="t-test")),
        ("t over", dict(method="t-test_overestim_var")),
        ("w", dict(method="wilcoxon")),
        ("w ties", dict(method="wilcoxon", tie_correct=True)),
    ]:
        sc.tl.rank_genes_groups(cells, "bulk_labels", use_raw=True, **options)
        found = cells.uns["rank_genes_groups"]
        for group in ["CD14+ Monocyte", "CD19+ B", "CD34+", "Dendritic"]:
            place = {gene: i for i, gene in enumerate(found["names"][group])}
            order = np.array([place[gene] for gene in genes])[::15]
            for column in ["scores", "pvals", "pvals_adj", "logfoldchanges"]:
                values = [f"{value:.8g}" for value in found[column][group][order]]
                print(f"{name} {group} {column}", *values, sep="\t", file=out)
            print(f"{name} {group} names", *found["names"][group][:10], sep="\t", file=out)
