"""Writes steps.tsv: steps from counts to variable genes, scaled values, scores and marker genes by scanpy.

pip install scanpy==1.11.5 anndata==0.12.0 scipy==1.14.1 scikit-learn==1.6.1 numpy==2.2.6 scikit-misc==0.5.3 scikit-image
python steps.py

First column: what it is. `counts` are 150 simulated cells by 240 genes; `batch` and `type` belong to the cells, `mito` to the genes.
The other names are those of the function of scanpy, then of the column. Not a number is written as nan. Of matrices the first two cells
are written, of numbers that genes have (and not of truth values, ranks and counts of batches) every fourth.
"""
import warnings

import anndata
import numpy as np
import pandas as pd
import scanpy as sc
from scipy import sparse

warnings.filterwarnings("ignore")
sc.settings.verbosity = 0
random = np.random.default_rng(7)
CELLS, GENES = 150, 240
out = open("steps.tsv", "w")


def write(name, table):
    table = np.asarray(table, dtype=float)
    for row in np.atleast_2d(table):
        print(name, *[f"{value:.7g}" for value in row], sep="\t", file=out)


def first(name, values):
    write(name, (values.toarray() if sparse.issparse(values) else values)[:2])


def thinned(name, values):
    values = np.asarray(values, dtype=float)
    told = name.split()[-1].startswith(("highly", "n_"))
    write(name, values if told else values[::4])


def labels(name, values):
    print(name, *values, sep="\t", file=out)


kind = random.integers(0, 3, CELLS)
batch = np.arange(CELLS) % 2
mean = random.gamma(0.5, 2.0, GENES)
fold = np.exp(random.normal(0, 1.2, (3, GENES)) * (random.random(GENES) < 0.3))
depth = random.gamma(6, 1 / 6, CELLS)
shift = np.exp(random.normal(0, 0.3, (2, GENES)))
rate = mean * fold[kind] * shift[batch] * depth[:, None]
counts = random.negative_binomial(2, 2 / (2 + rate)).astype(np.float32)
counts[:, counts.sum(axis=0) == 0] += random.integers(0, 2, (CELLS, 1))
# A gene that is in every cell alike and one that is in no cell.
counts[:, 5], counts[:, 6] = 1, 0
names = [f"g{gene:03}" for gene in range(GENES)]
made = anndata.AnnData(sparse.csr_matrix(counts))
made.var_names = names
made.obs_names = [f"c{cell:03}" for cell in range(CELLS)]
made.obs["batch"] = pd.Categorical([f"b{b}" for b in batch])
made.obs["type"] = pd.Categorical([f"t{t}" for t in kind])
made.var["mito"] = random.random(GENES) < 0.1
write("counts", counts)
labels("batch", made.obs["batch"])
labels("type", made.obs["type"])
write("mito", made.var["mito"])

quality = made.copy()
sc.pp.calculate_qc_metrics(quality, qc_vars=["mito"], percent_top=(50, 100, 200), inplace=True)
for column in quality.obs.columns[2:]:
    write(f"quality obs {column}", quality.obs[column])
for column in quality.var.columns[1:]:
    thinned(f"quality var {column}", quality.var[column])

normal = sc.pp.normalize_total(made, copy=True)
first("normalize_total", normal.X)
excluded = sc.pp.normalize_total(made, exclude_highly_expressed=True, max_fraction=0.03, copy=True)
first("normalize_total exclude", excluded.X)
logged = normal.copy()
sc.pp.log1p(logged)
first("log1p", logged.X)
first("log1p base 2", sc.pp.log1p(normal, base=2, copy=True).X)


def variable(name, cells, **options):
    table = sc.pp.highly_variable_genes(cells, inplace=False, **options)
    # With batches the table has the order of names, which here is that of the genes.
    assert list(table.index) == names or isinstance(table.index, pd.RangeIndex)
    for column in table.columns:
        if column not in ("mean_bin", "gene_name"):
            thinned(f"{name} {column}", table[column])


expressed = logged[:, np.ravel(logged.X.sum(axis=0)) > 0]
for flavor in ["seurat", "cell_ranger"]:
    variable(flavor, logged, flavor=flavor)
    variable(f"{flavor} top", logged, flavor=flavor, n_top_genes=40)
    variable(f"{flavor} batch", logged, flavor=flavor, batch_key="batch")
    variable(f"{flavor} batch top", logged, flavor=flavor, batch_key="batch", n_top_genes=40)
for flavor in ["seurat_v3", "seurat_v3_paper"]:
    variable(flavor, made, flavor=flavor, n_top_genes=40)
    variable(f"{flavor} batch", made, flavor=flavor, n_top_genes=40, batch_key="batch")
residuals = dict(flavor="pearson_residuals", n_top_genes=40)
for name, options in [("pearson", {}), ("pearson batch", dict(batch_key="batch"))]:
    table = sc.experimental.pp.highly_variable_genes(made, inplace=False, **residuals, **options)
    for column in table.columns:
        thinned(f"{name} {column}", table.loc[names, column])
some = made[:, np.ravel(made.X.sum(axis=0)) > 0].copy()
first("pearson_residuals", sc.experimental.pp.normalize_pearson_residuals(some, inplace=False)["X"])

first("scale", sc.pp.scale(logged, copy=True).X)
first("scale clipped", sc.pp.scale(logged, max_value=2, copy=True).X)
first("scale around", sc.pp.scale(logged, max_value=2, zero_center=False, copy=True).X)
with_totals = logged.copy()
with_totals.obs["total"] = np.ravel(made.X.sum(axis=1))
with_totals.obs["genes"] = np.ravel((made.X > 0).sum(axis=1)).astype(float)
first("regress numbers", sc.pp.regress_out(with_totals, ["total", "genes"], copy=True).X)
first("regress labels", sc.pp.regress_out(with_totals, ["type"], copy=True).X)

# Divided in double precision, so that equal shares of cells of unequal depth are equal, which matters to ranks.
dense = logged.copy()
totals = counts.sum(axis=1, dtype=float)
shares = counts.astype(float) * (np.median(totals) / totals)[:, None]
dense.X = np.log1p(shares.astype(np.float32))
for name, options in [
    ("t", dict(method="t-test")),
    ("t over", dict(method="t-test_overestim_var")),
    ("w", dict(method="wilcoxon")),
    ("w ties", dict(method="wilcoxon", tie_correct=True)),
    ("t ref", dict(method="t-test", reference="t1")),
    ("w ref", dict(method="wilcoxon", reference="t1", tie_correct=True)),
    ("logistic", dict(method="logreg", C=1.0, tol=1e-10, max_iter=100000)),
    ("logistic two", dict(method="logreg", groups=["t0", "t2"], tol=1e-10, max_iter=100000)),
]:
    cells = dense.copy()
    sc.tl.rank_genes_groups(cells, "type", pts=True, **options)
    found = cells.uns["rank_genes_groups"]
    for group in found["names"].dtype.names:
        order = np.argsort(found["names"][group].astype(str))
        for column in ["scores", "pvals", "pvals_adj", "logfoldchanges"]:
            if column in found and (column != "pvals_adj" or name in ("t", "w")):
                thinned(f"{name} {group} {column}", found[column][group][order])
    if "pts" in found and name == "t":
        write("pts", found["pts"].loc[names, "t1"])
        write("pts_rest", found["pts_rest"].loc[names, "t1"])
# All genes of the pool as controls: nothing is drawn.
sc.tl.score_genes(dense, names[10:30], ctrl_size=1000, n_bins=6)
write("score", dense.obs["score"])
out.close()
