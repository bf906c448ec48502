"""Writes legacy.h5ad, a small file as anndata 0.5 and 0.6 wrote them: tables, coordinates and categories as records, attributes of h5sparse.

Made with h5py 3.16.0. Checked with anndata 0.12, which reads the same (see the end); the values are formulas that the tests compute again.
"""

import os

import anndata
import h5py
import numpy as np

N, GENES = 7, 5
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "legacy.h5ad")
text = h5py.string_dtype()


def records(**fields):
    dtype = [(name, text if values.dtype == object else values.dtype, values.shape[1:]) for name, values in fields.items()]
    out = np.zeros(N if len(next(iter(fields.values()))) == N else GENES, dtype)
    for name, values in fields.items():
        out[name] = values
    return out


def names(prefix, n):
    return np.array([f"{prefix}{i}" for i in range(n)], object)


x = np.fromfunction(lambda i, j: (i * 3 + j) % 4 * (j % 2), (N, GENES)).astype(np.float32)
rows, columns = np.nonzero(x)
with h5py.File(path, "w") as f:
    for name in ["X", "raw.X"]:
        group = f.create_group(name)
        group.attrs["h5sparse_format"] = b"csr"
        group.attrs["h5sparse_shape"] = np.array(x.shape)
        group["data"] = x[rows, columns]
        group["indices"] = columns.astype(np.int32)
        group["indptr"] = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=N))]).astype(np.int32)
    f["obs"] = records(index=names("cell", N), kind=(np.arange(N) % 3).astype(np.int8), depth=np.arange(N) / 4)
    f["var"] = records(index=np.array([f"gene{i}".encode() for i in range(GENES)], "S5"), seen=np.arange(GENES) > 1)
    f["raw.var"] = records(index=names("gene", GENES))
    f["obsm"] = records(X_pca=np.fromfunction(lambda i, j: i - j, (N, 2)).astype(np.float32))
    f["uns/kind_categories"] = np.array(["B", "T", "NK"], object)
    f["uns/neighbors/params/n_neighbors"] = np.array([3])
    group = f.create_group("uns/neighbors/connectivities")
    group.attrs["h5sparse_format"] = b"csr"
    group.attrs["h5sparse_shape"] = np.array([N, N])
    group["data"] = np.ones(N)
    group["indices"] = (np.arange(N) + 1) % N
    group["indptr"] = np.arange(N + 1)

data = anndata.read_h5ad(path)
assert (data.X.toarray() == x).all() and (data.raw.X.toarray() == x).all()
assert list(data.obs["kind"]) == ["B", "T", "NK", "B", "T", "NK", "B"] and list(data.obs_names) == list(names("cell", N))
assert data.obsm["X_pca"].shape == (N, 2) and data.obsp["connectivities"].nnz == N
