"""Our neighbours and maps beside those of scanpy and umap-learn, turn by turn."""

import os
import statistics
import sys

import numpy
from race import TURNS, Side, race, say

THREADS = "2"
WORKS = [
    ("umap digits", "umap", "digits"),
    ("umap pbmc68k", "umap", "pbmc68k"),
    ("umap 20k", "umap", "20k"),
    ("umap 100k", "umap", "100k"),
    ("tsne digits", "tsne", "digits"),
    ("neighbors 20k", "neighbors", "20k"),
    ("pca 20k", "pca", "counts"),
    ("leiden 20k", "leiden", "20k"),
    ("kmeans 20k", "kmeans", "20k"),
    ("markers 20k", "markers", "counts"),
    ("normalize 20k", "normalize", "raw"),
    ("log1p 20k", "log1p", "raw"),
    ("variable genes 20k", "variable", "raw"),
    ("open h5ad 20k", "open", "raw"),
    ("path 20k", "path", "raw"),
    ("memory path 20k", "memory", "raw"),
    ("plot 100k", "plot", "100k"),
    ("plot 100k bytes", "bytes", "100k"),
]
# What is not a time in milliseconds.
UNITS = {"memory": "MB", "bytes": "kB"}
TABLES = os.environ["GENOLENS_TABLES"]
# By how much our maps may be less trustworthy, and how many examples say so.
LESS, SAMPLE = 0.005, 5000


def simulated(n):
    """Cells of 20 types, each along 6 directions of its own, with noise, as 50 components."""
    random = numpy.random.default_rng(0)
    centres = random.normal(0, 2, (20, 50))
    directions = random.normal(0, 0.8, (20, 6, 50))
    types = random.integers(0, 20, n)
    x = random.normal(0, 0.5, (n, 50)) + centres[types]
    for kind in range(20):
        own = types == kind
        x[own] += random.normal(0, 1, (own.sum(), 6)) @ directions[kind]
    return x


def raw():
    """Counts of 20,000 cells of 12 types, 2,000 genes of which a quarter is seen in a cell."""
    random = numpy.random.default_rng(1)
    changed = random.normal(0, 0.8, (12, 2000)) * (random.random((12, 2000)) < 0.15)
    rates = random.gamma(0.4, 1, 2000) * numpy.exp(changed[random.integers(0, 12, 20_000)])
    rates *= 900 * random.lognormal(0, 0.3, (20_000, 1)) / rates.sum(axis=1, keepdims=True)
    return random.poisson(rates)


def counts():
    """Their logarithms, at the same depth."""
    seen = raw()
    return numpy.log1p(seen * 1e4 / seen.sum(axis=1, keepdims=True))


def table(name):
    if name == "counts":
        return counts()
    if name == "raw":
        return raw()
    if name == "digits":
        from sklearn.datasets import load_digits

        return load_digits().data
    if name == "pbmc68k":
        import h5py

        path = os.path.join(os.environ.get("GENOLENS_DATA", ""), "h5ad", "pbmc68k_reduced.h5ad")
        if not os.path.exists(path):
            return None
        return h5py.File(path)["obsm/X_pca"][:]
    return simulated({"20k": 20_000, "100k": 100_000}[name])


def saved(x, path):
    """Counts as a file of cells."""
    import anndata
    from scipy.sparse import csr_matrix

    anndata.AnnData(csr_matrix(x)).write_h5ad(path + ".h5ad")


def near(x, k):
    from sklearn.neighbors import NearestNeighbors

    return NearestNeighbors(n_neighbors=k, algorithm="brute").fit(x)


def check(what, name, x):
    """Says how good the last results of both sides are."""
    from sklearn.manifold import trustworthiness

    if what == "pca":
        ours, peer = (numpy.fromfile(os.path.join(TABLES, f"{name}.{side}"), dtype="<f4").reshape(50, -1) for side in ("ours", "peer"))
        cosines = numpy.abs((ours[:10] * peer[:10]).sum(axis=1))
        print(f"{what} {name}: least cosine of the first 10 directions {cosines.min():.6f}", file=sys.stderr, flush=True)
        return
    if what == "markers":
        ours, peer = (numpy.fromfile(os.path.join(TABLES, f"{name}.{side}"), dtype="<f4") for side in ("ours", "peer"))
        print(f"{what} {name}: scores differ by at most {numpy.abs(ours - peer).max():.5f}", file=sys.stderr, flush=True)
        return
    if what == "kmeans":
        found = []
        for side in ("ours", "peer"):
            codes = numpy.fromfile(os.path.join(TABLES, f"{name}.{side}"), dtype="<u4")
            found.append(sum(((x[codes == code] - x[codes == code].mean(axis=0)) ** 2).sum() for code in range(20)))
        print(f"{what} {name}: inertia ours {found[0]:.6g}, peer {found[1]:.6g}", file=sys.stderr, flush=True)
        if found[0] > 1.01 * found[1]:
            raise SystemExit(f"{what} {name}: ours is worse")
        return
    if what in ("normalize", "log1p", "open"):
        ours, peer = (numpy.fromfile(os.path.join(TABLES, f"{name}.{side}"), dtype="<f4") for side in ("ours", "peer"))
        apart = numpy.abs(ours - peer).max() / peer.max()
        print(f"{what} {name}: values differ by at most {apart:.1e} of the largest", file=sys.stderr, flush=True)
        if apart > 1e-6:
            raise SystemExit(f"{what} {name}: ours differs")
        return
    if what == "variable":
        ours, peer = (numpy.fromfile(os.path.join(TABLES, f"{name}.{side}"), dtype="<u4") for side in ("ours", "peer"))
        print(f"{what} {name}: {ours.sum()} and {peer.sum()} genes, {(ours & peer).sum()} the same", file=sys.stderr, flush=True)
        return
    if what in ("leiden", "path"):
        from sklearn.metrics import adjusted_rand_score

        ours, peer = (numpy.fromfile(os.path.join(TABLES, f"{name}.{side}"), dtype="<u4") for side in ("ours", "peer"))
        found = f"{ours.max() + 1} and {peer.max() + 1} clusters, ARI {adjusted_rand_score(ours, peer):.4f}"
        print(f"{what} {name}: {found}", file=sys.stderr, flush=True)
        return
    sample = numpy.random.default_rng(1).permutation(len(x))[:SAMPLE]
    found = []
    for side in ("ours", "peer"):
        path = os.path.join(TABLES, f"{name}.{side}")
        if what in ("umap", "tsne"):
            map = numpy.fromfile(path, dtype="<f4").reshape(len(x), 2)
            found.append(trustworthiness(x[sample], map[sample], n_neighbors=15))
        else:
            others = numpy.fromfile(path, dtype="<u4").reshape(len(x), 14)[sample]
            truth = near(x, 15).kneighbors(x[sample], return_distance=False)
            found.append(numpy.mean([len(set(a) & set(b)) / 14 for a, b in zip(others, truth)]))
    quality = "recall" if what == "neighbors" else "trustworthiness"
    print(f"{what} {name}: {quality} ours {found[0]:.5f}, peer {found[1]:.5f}", file=sys.stderr, flush=True)
    if found[0] < found[1] - LESS:
        raise SystemExit(f"{what} {name}: ours is worse")


def sides():
    """Both sides, each a process that waits for work."""
    mine = Side([os.environ["GENOLENS_BENCH"]], RAYON_NUM_THREADS=THREADS)
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"]
    script = os.path.join(os.path.dirname(__file__), "embedding_umap.py")
    peer = Side([sys.executable, "-W", "ignore", script], **{name: THREADS for name in names})
    return mine, peer


def peaks(work):
    """What each side needs at most, in a process that does nothing else."""
    found = [[], []]
    for _ in range(TURNS):
        for side, own in zip(sides(), found):
            own.append(side.ask(work))
            side.close()
    return [statistics.median(own) for own in found]


def main():
    wanted = sys.argv[1:]
    print("work\tours\tpeer\tunit\tratio")
    mine, peer = sides()
    for row, what, name in WORKS:
        if wanted and not any(part in row for part in wanted):
            continue
        x = table(name)
        if x is None:
            print(f"skipped: {row}, its data are absent", file=sys.stderr)
            continue
        x = numpy.ascontiguousarray(x, dtype="<f4")
        x.tofile(os.path.join(TABLES, f"{name}.f32"))
        work = f"{what} {os.path.join(TABLES, name)} {x.shape[1]}"
        if what == "memory":
            saved(x, os.path.join(TABLES, name))
            say(row, *peaks(work), UNITS[what])
            continue
        if what == "open":
            saved(x, os.path.join(TABLES, name))
        say(row, *race([(mine, work), (peer, work)]), UNITS.get(what, "ms"))
        if what not in ("plot", "bytes"):
            check(what, name, x)
    mine.close()
    peer.close()


if __name__ == "__main__":
    main()
