"""Neighbours by scanpy, maps by umap-learn and scikit-learn, centres by scikit-learn: reads a piece of work per line, answers with its time in milliseconds, or its size."""

import io
import sys
import time

import numpy

import umap

ready = {}


def table(path, features):
    if path not in ready:
        ready.clear()
        ready[path] = numpy.fromfile(path + ".f32", dtype="<f4").reshape(-1, features)
    return ready[path]


def follow(cells):
    """The whole path from counts to communities and a map."""
    import scanpy

    scanpy.pp.normalize_total(cells)
    scanpy.pp.log1p(cells)
    scanpy.pp.highly_variable_genes(cells, n_top_genes=1000)
    scanpy.pp.pca(cells, n_comps=50)
    scanpy.pp.neighbors(cells)
    scanpy.tl.leiden(cells, flavor="igraph", n_iterations=2, directed=False)
    scanpy.tl.umap(cells)


def peak():
    """What this process needed at most, in megabytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024 / 1e6


def drawn(x):
    """Pictures of a map with named groups, as a notebook shows it on a fine screen and as a page can print it."""
    import anndata
    import matplotlib
    import scanpy

    matplotlib.use("agg")
    cells = anndata.AnnData(numpy.zeros((len(x), 1), "f4"), obsm={"X_umap": x[:, :2]})
    cells.obs["type"] = [f"type {row % 14}" for row in range(len(x))]
    cells.obs["type"] = cells.obs["type"].astype("category")
    begin = time.perf_counter()
    figure = scanpy.pl.umap(cells, color="type", show=False, return_fig=True)
    pictures = []
    for kind, resolution in (("png", 2 * figure.dpi), ("svg", figure.dpi)):
        picture = io.BytesIO()
        figure.savefig(picture, format=kind, dpi=resolution, bbox_inches="tight")
        pictures.append(picture.getvalue())
    taken = time.perf_counter() - begin
    matplotlib.pyplot.close(figure)
    return taken, sum(len(picture) for picture in pictures)


def work(what, path, features):
    """Does a piece of work; returns what it took, in thousandths of what is told."""
    if what == "memory":
        import anndata

        cells = anndata.read_h5ad(path + ".h5ad")
        follow(cells)
        return peak() / 1e3
    if what == "open":
        import anndata

        begin = time.perf_counter()
        cells = anndata.read_h5ad(path + ".h5ad")
        taken = time.perf_counter() - begin
        cells.X.data.astype("<f4").tofile(path + ".peer")
        return taken
    x = table(path, int(features))
    if what in ("plot", "bytes"):
        taken, size = drawn(x)
        return taken if what == "plot" else size / 1e6
    if what == "umap":
        begin = time.perf_counter()
        found = umap.UMAP(random_state=0).fit_transform(x)
        taken = time.perf_counter() - begin
        found.astype("<f4").tofile(path + ".peer")
        return taken
    if what == "tsne":
        from sklearn.manifold import TSNE

        begin = time.perf_counter()
        found = TSNE(random_state=0, n_jobs=2).fit_transform(x)
        taken = time.perf_counter() - begin
        found.astype("<f4").tofile(path + ".peer")
        return taken
    if what == "kmeans":
        from sklearn.cluster import KMeans

        begin = time.perf_counter()
        found = KMeans(20, n_init=10, random_state=0).fit(x)
        taken = time.perf_counter() - begin
        found.labels_.astype("<u4").tofile(path + ".peer")
        return taken
    import anndata
    import scanpy

    if what == "pca":
        from scipy.sparse import csr_matrix

        cells = anndata.AnnData(csr_matrix(x))
        begin = time.perf_counter()
        scanpy.pp.pca(cells, n_comps=50)
        taken = time.perf_counter() - begin
        numpy.ascontiguousarray(cells.varm["PCs"].T).astype("<f4").tofile(path + ".peer")
        return taken
    if what == "markers":
        from scipy.sparse import csr_matrix

        cells = anndata.AnnData(csr_matrix(x))
        cells.obs["group"] = [str(row % 8) for row in range(len(x))]
        cells.obs["group"] = cells.obs["group"].astype("category")
        begin = time.perf_counter()
        scanpy.tl.rank_genes_groups(cells, "group", method="wilcoxon")
        taken = time.perf_counter() - begin
        found = cells.uns["rank_genes_groups"]
        genes = numpy.array([int(name) for name in found["names"]["0"]])
        scores = numpy.empty(len(genes), "<f4")
        scores[genes] = found["scores"]["0"]
        scores.tofile(path + ".peer")
        return taken
    if what in ("normalize", "log1p", "variable"):
        from scipy.sparse import csr_matrix

        cells = anndata.AnnData(csr_matrix(x))
        begin = time.perf_counter()
        if what == "variable":
            scanpy.pp.highly_variable_genes(cells, n_top_genes=1000, flavor="seurat_v3")
            taken = time.perf_counter() - begin
            cells.var["highly_variable"].to_numpy().astype("<u4").tofile(path + ".peer")
            return taken
        scanpy.pp.normalize_total(cells)
        if what == "log1p":
            begin = time.perf_counter()
            scanpy.pp.log1p(cells)
        taken = time.perf_counter() - begin
        cells.X.data.astype("<f4").tofile(path + ".peer")
        return taken
    if what == "path":
        from scipy.sparse import csr_matrix

        cells = anndata.AnnData(csr_matrix(x))
        begin = time.perf_counter()
        follow(cells)
        taken = time.perf_counter() - begin
        cells.obs["leiden"].astype(int).to_numpy().astype("<u4").tofile(path + ".peer")
        return taken
    cells = anndata.AnnData(x)
    if what == "leiden":
        # The default flavour, leidenalg, takes a hundred times as long.
        scanpy.pp.neighbors(cells, n_neighbors=15, use_rep="X")
        begin = time.perf_counter()
        scanpy.tl.leiden(cells, flavor="igraph", n_iterations=2, directed=False)
        taken = time.perf_counter() - begin
        cells.obs["leiden"].astype(int).to_numpy().astype("<u4").tofile(path + ".peer")
        return taken
    begin = time.perf_counter()
    scanpy.pp.neighbors(cells, n_neighbors=15, use_rep="X")
    taken = time.perf_counter() - begin
    # Above 4,096 examples scanpy keeps one neighbour more, and the example itself.
    found = []
    for row, near in enumerate(cells.obsp["distances"]):
        others = near.indices[numpy.argsort(near.data, kind="stable")]
        found.append(others[others != row][:14])
    numpy.array(found).astype("<u4").tofile(path + ".peer")
    return taken


for line in sys.stdin:
    print(work(*line.split()) * 1e3, flush=True)
