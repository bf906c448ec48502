"""Writes files.tsv: what anndata 0.12 and scanpy 1.11.5 read from the shared files of cells.

python files.py DATA > files.tsv
python files.py --same A.h5ad B.h5ad      tells what anndata reads differently from two files
"""

import contextlib
import io
import sys
import warnings
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import scanpy
import scipy.sparse as sp

warnings.filterwarnings("ignore")


def fnv(texts):
    sum_ = 0xCBF29CE484222325
    for byte in "\n".join(texts).encode():
        sum_ = (sum_ ^ byte) * 0x100000001B3 % 2**64
    return f"{sum_:016x}"


def row(*cells):
    print("\t".join(str(cell) for cell in cells))


def matrix(file, place, x):
    """Shape, sum, and sum weighted by place, of numbers in single precision; of a table its columns of numbers."""
    if isinstance(x, pd.DataFrame):
        x = x.select_dtypes("number")
    kind = "sparse" if sp.issparse(x) else "dense"
    entries = sp.coo_matrix(x.astype(np.float32) if sp.issparse(x) else np.asarray(x, np.float32))
    weights = (entries.row.astype(np.int64) * 31 + entries.col * 17) % 101
    values = entries.data.astype(np.float64)
    row(file, "matrix", place, kind, *x.shape, repr(float(values.sum())), repr(float((values * weights).sum())))


def frame(file, place, table):
    names = [str(name) for name in table.index]
    row(file, "names", place, len(names), names[0], names[-1], fnv(names))
    for name in table.columns:
        column = table[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            labels = ["" if missing else str(label) for label, missing in zip(column, column.isna())]
            categories = [str(label) for label in column.cat.categories]
            row(file, "labels", f"{place}/{name}", int(column.isna().sum()), fnv(labels), int(column.cat.ordered), len(categories), fnv(categories))
        elif column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            row(file, "labels", f"{place}/{name}", 0, fnv([str(label) for label in column]), 0, 0, fnv([]))
        else:
            kind = {"b": "truth", "i": "whole", "u": "whole", "f": "number"}[np.dtype(column.dtype).kind]
            values = column.to_numpy(np.float64)
            row(file, "column", f"{place}/{name}", kind, int(np.isnan(values).sum()), repr(float(np.nansum(values))))


def thing(file, place, value):
    if isinstance(value, dict):
        for name in sorted(value):
            thing(file, f"{place}/{name}", value[name])
    elif isinstance(value, str):
        row(file, "thing", place, "text", value)
    elif isinstance(value, (bool, np.bool_)):
        row(file, "thing", place, "truth", str(bool(value)).lower())
    elif isinstance(value, (int, np.integer)):
        row(file, "thing", place, "whole", int(value))
    elif isinstance(value, (float, np.floating)):
        row(file, "thing", place, "number", repr(float(value)))
    elif isinstance(value, np.ndarray) and value.dtype.names:
        first = value.dtype.names[0]
        kind = "numbers" if value.dtype[0].kind in "iuf" else "texts"
        sum_ = repr(float(value[first].astype(np.float64).sum())) if kind == "numbers" else fnv([str(x) for x in value[first]])
        row(file, "thing", place, "records", len(value), "|".join(value.dtype.names), sum_)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "iuf":
        row(file, "thing", place, "numbers", "x".join(map(str, value.shape)), repr(float(value.astype(np.float64).sum())))
    elif isinstance(value, np.ndarray) and value.dtype.kind == "b":
        row(file, "thing", place, "truths", "x".join(map(str, value.shape)), int(value.sum()))
    elif isinstance(value, np.ndarray):
        row(file, "thing", place, "texts", "x".join(map(str, value.shape)), fnv([str(x) for x in value.ravel()]))
    else:
        row(file, "thing", place, type(value).__name__)


def cells(file, data):
    row(file, "shape", *data.shape)
    if data.X is not None:
        matrix(file, "X", data.X)
    for place, table in [("obs", data.obs), ("var", data.var)]:
        frame(file, place, table)
    for place in ["layers", "obsm", "varm", "obsp", "varp"]:
        for name, x in sorted(getattr(data, place).items()):
            matrix(file, f"{place}/{name}", x)
    if data.raw is not None:
        matrix(file, "raw/X", data.raw.X)
        frame(file, "raw/var", data.raw.var)
        for name, x in sorted(data.raw.varm.items()):
            matrix(file, f"raw/varm/{name}", x)
    thing(file, "uns", dict(data.uns))


def told(path):
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        cells("file", anndata.read_h5ad(path))
    return text.getvalue().splitlines()


if sys.argv[1] == "--same":
    rows = [told(path) for path in sys.argv[2:]]
    for sign, some, others in [("-", rows[0], rows[1]), ("+", rows[1], rows[0])]:
        for line in some:
            if line not in others:
                print(sign, line)
    sys.exit()

data = Path(sys.argv[1])
for name in ["h5ad/anndata_v0.11.4.h5ad", "h5ad/anndata_v0.7.8_lzf.h5ad", "h5ad/brainlarge_dataset_test.h5ad",
             "h5ad/pbmc68k_reduced.h5ad", "h5ad/pbmc_10k_protein_v3.h5ad", "velocity/pancreas_50obs_preprocessed.h5ad"]:
    cells(name, anndata.read_h5ad(data / name))
name = "tenx/v3_filtered_feature_bc_matrix.h5"
cells(name, scanpy.read_10x_h5(data / name, gex_only=False))
name = "tenx/v3_filtered_feature_bc_matrix"
cells(name, scanpy.read_10x_mtx(data / name, gex_only=False))
