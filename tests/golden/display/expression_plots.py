"""Writes expression_plots.tsv: what scanpy's dot plots and seaborn's violins show of a small table.

pip install scanpy==1.11.5 anndata scipy numpy pandas matplotlib
python expression_plots.py

First column: what. `x` is the table, 40 cells by 5 genes, `groups` the group of each cell; `sizes` and `colors` are `dot_size_df` and
`dot_color_df` of `scanpy.pl.DotPlot`, rows are groups, `cutoff` and `standard` those with `expression_cutoff=1` (sizes) and
`standard_scale="var"` (colors); `matrix` is `values_df` of `scanpy.pl.MatrixPlot`. `violin` are the densities at 100 places from the
lowest to the highest value of the third gene in each group by `scipy.stats.gaussian_kde`, which seaborn uses, the highest 1.
"""
import anndata
import matplotlib
import numpy as np
import pandas as pd
import scanpy as sc
from scipy.stats import gaussian_kde

matplotlib.use("agg")
random = np.random.default_rng(3)
group = random.integers(0, 3, 40)
x = np.round(np.maximum(random.normal(0, 1, (40, 5)) + random.normal(0.8, 1, (3, 5))[group], 0), 3).astype(np.float32)
names = np.array(["B", "NK", "T"])[group]
genes = [f"g{i}" for i in range(5)]
cells = anndata.AnnData(x, obs=pd.DataFrame({"group": pd.Categorical(names)}, index=[str(i) for i in range(40)]), var=pd.DataFrame(index=genes))

with open("expression_plots.tsv", "w") as out:

    def write(name, table):
        for row in np.atleast_2d(table):
            print(name, *[value if isinstance(value, str) else f"{value:.9g}" for value in row], sep="\t", file=out)

    write("x", x)
    write("groups", names)
    plot = sc.pl.DotPlot(cells, genes, "group")
    write("sizes", plot.dot_size_df.to_numpy())
    write("colors", plot.dot_color_df.to_numpy())
    write("cutoff", sc.pl.DotPlot(cells, genes, "group", expression_cutoff=1.0).dot_size_df.to_numpy())
    write("standard", sc.pl.DotPlot(cells, genes, "group", standard_scale="var").dot_color_df.to_numpy())
    write("matrix", sc.pl.MatrixPlot(cells, genes, "group").values_df.to_numpy())
    for name in ["B", "NK", "T"]:
        values = x[names == name, 2].astype(float)
        density = gaussian_kde(values)(np.linspace(values.min(), values.max(), 100))
        write("violin", density / density.max())
