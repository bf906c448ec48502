"""Writes small files in layouts of which the shared data has none: genomes.h5 (Cell Ranger 1 and 2), small.loom and encodings.h5ad.

Made with h5py 3.16.0, anndata 0.12.19, scanpy 1.11.5, which read the same; the values are formulas that the tests compute again.
"""

import os

import anndata
import h5py
import numpy as np
import pandas as pd
import scanpy
import scipy.sparse as sp

N, GENES = 6, 4
here = os.path.dirname(os.path.abspath(__file__))
x = np.fromfunction(lambda i, j: (i * 5 + j * 3) % 7 * ((i + j) % 2), (N, GENES)).astype(np.int64)


def path(name):
    full = os.path.join(here, name)
    if os.path.exists(full):
        os.remove(full)
    return full


def compressed(group, matrix, dtype):
    matrix = sp.csr_matrix(matrix)
    group["data"] = matrix.data.astype(dtype)
    group["indices"] = matrix.indices.astype(np.int64)
    group["indptr"] = matrix.indptr.astype(np.int64)


name = path("genomes.h5")
with h5py.File(name, "w") as f:
    for genome, factor in [("hg19", 1), ("mm10", 2)]:
        group = f.create_group(genome)
        compressed(group, x * factor, np.int32)
        group["shape"] = np.array([GENES, N], np.int32)
        group["barcodes"] = np.array([f"CELL{i}-1".encode() for i in range(N)])
        group["genes"] = np.array([f"{genome}_ENSG{j}".encode() for j in range(GENES)])
        group["gene_names"] = np.array([f"{genome}_G{j}".encode() for j in range(GENES)])
read = scanpy.read_10x_h5(name, genome="mm10")
assert (read.X.toarray() == 2 * x).all() and read.var_names[3] == "mm10_G3" and read.var["gene_ids"].iloc[0] == "mm10_ENSG0"

name = path("small.loom")
with h5py.File(name, "w") as f:
    f.create_dataset("matrix", data=x.T.astype(np.float32), chunks=(2, 3), compression="gzip", shuffle=True)
    f.create_dataset("layers/spliced", data=(x.T + 1).astype(np.uint16), chunks=(4, 2), compression="lzf", fletcher32=True)
    f["row_attrs/Gene"] = np.array([f"G{j}" for j in range(GENES)], object)
    f["row_attrs/Length"] = np.arange(GENES) * 100
    f["col_attrs/CellID"] = np.array([f"C{i}" for i in range(N)], object)
    f["col_attrs/Clusters"] = np.arange(N) % 2
    f["col_attrs/Umap"] = np.zeros((N, 2))
    f.create_group("col_graphs/KNN")

anndata.settings.allow_write_nullable_strings = True
obs = pd.DataFrame(index=[f"c{i}" for i in range(N)])
obs["few"] = pd.array([1, None, 3, None, 5, 6], dtype="UInt8")
obs["maybe"] = pd.array([True, None, False, True, None, True], dtype="boolean")
obs["said"] = pd.array(["a", None, "", "b", "a", None], dtype="string")
obs["code"] = pd.Categorical([3, 1, None, 3, 1, 1], categories=[1, 2, 3], ordered=True)
obs["half"] = np.arange(N, dtype=np.float16)
obs["big"] = np.arange(N).astype(">i4")
var = pd.DataFrame(index=pd.Index([7, 8, 8, 9]).astype(str))
uns = {"none": None, "flag": np.bool_(True), "table": pd.DataFrame({"a": [1, 2]}, index=["p", "q"]),
       "sparse": sp.csc_matrix(x), "text": np.array([["a", "b"]], object), "kind": pd.Categorical(["u", "v"]), "scalar": 2.5}
data = anndata.AnnData(sp.csc_matrix(x), obs, var, uns=uns, layers={"dense": x.astype(np.uint8), "fortran": np.asfortranarray(x / 4)})
data.obsm["one"] = np.arange(2.0 * N).reshape(N, 2)
data.obsm["cube"] = np.zeros((N, 2, 2))
name = path("encodings.h5ad")
data.write_h5ad(name, compression="gzip")
