"""Our generative models and their loss beside those of scvi-tools and PyTorch, turn by turn."""

import os
import sys

import numpy
from race import Side, race, say

THREADS = "2"
FILE, SHARES, MANY = (os.path.join(os.environ["GENOLENS_TABLES"], f"{name}.h5ad") for name in ["counts", "shares", "many"])
WORKS = [("vae epoch", f"epoch {FILE}"), ("zinb loss", "loss 2000"), ("gan epoch", f"gan {FILE}"), ("adage", f"adage {SHARES}")]
EPOCHS = 30
# By how much our held-out bound may be worse.
WORSE = 0.01


def write():
    """Counts of 5,000 cells of 8 types in 2 batches, 2,000 genes: negative binomial with a tenth lost; a fifth is held out."""
    import anndata
    import pandas
    import scipy.sparse

    random = numpy.random.default_rng(1)
    changed = random.normal(0, 1, (8, 2000)) * (random.random((8, 2000)) < 0.15)
    rates = random.gamma(0.4, 1, 2000) * numpy.exp(changed[random.integers(0, 8, 5000)])
    batch = random.integers(0, 2, 5000)
    rates *= numpy.exp(random.normal(0, 0.3, (2, 2000)))[batch]
    rates *= 2000 * random.lognormal(0, 0.3, (5000, 1)) / rates.sum(axis=1, keepdims=True)
    theta = random.gamma(4, 1, 2000)
    counts = random.poisson(random.gamma(theta, rates / theta))
    counts[random.random(counts.shape) < 0.1] = 0
    part = numpy.where(random.random(5000) < 0.2, "test", "train")
    obs = pandas.DataFrame({"batch": [f"b{b}" for b in batch], "part": part}, index=[f"c{i}" for i in range(5000)])
    anndata.AnnData(scipy.sparse.csr_matrix(counts.astype("float32")), obs=obs).write_h5ad(FILE)


def write_shares():
    """Numbers of 0 to 1, as many as the compendium that ADAGE was made with has: 950 samples of 5,549 genes."""
    import anndata

    anndata.AnnData(numpy.random.default_rng(2).random((950, 5549), dtype="float32")).write_h5ad(SHARES)


def write_many():
    """Counts of 100,000 cells in 2 batches, 300 draws of 2,000 genes in each: a tenth of the genes is seen in a cell."""
    import anndata
    import pandas
    import scipy.sparse

    random = numpy.random.default_rng(3)
    rates = random.gamma(0.4, 1, 2000)
    genes = random.choice(2000, (100_000, 300), p=rates / rates.sum()).astype("int32")
    counts = scipy.sparse.csr_matrix((numpy.ones(genes.size, "float32"), genes.ravel(), numpy.arange(0, genes.size + 1, 300)))
    counts.sum_duplicates()
    obs = pandas.DataFrame({"batch": [f"b{i % 2}" for i in range(100_000)]}, index=[f"c{i}" for i in range(100_000)])
    anndata.AnnData(counts, obs=obs).write_h5ad(MANY)


def main():
    wanted = sys.argv[1:]
    asked = lambda row: not wanted or any(part in row for part in wanted)
    for path, make in [(FILE, write), (SHARES, write_shares), (MANY, write_many)]:
        if not os.path.exists(path):
            make()
    print("work\tours\tpeer\tunit\tratio")
    mine = Side([os.environ["GENOLENS_BENCH"]], RAYON_NUM_THREADS=THREADS)
    threads = {name: THREADS for name in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"]}
    command = [sys.executable, os.path.join(os.path.dirname(__file__), "generative_scvi.py")]
    peer = Side(command, **threads)
    for row, work in WORKS:
        if asked(row):
            say(row, *race([(mine, work), (peer, work)]), "ms")
    row = f"held-out negative ELBO after {EPOCHS} epochs"
    if asked(row):
        ours, theirs = (side.ask(f"elbo {FILE} {EPOCHS}") for side in (mine, peer))
        say(row, ours, theirs, "nats")
        if ours > theirs * (1 + WORSE):
            raise SystemExit(f"our bound is worse by more than {WORSE:.0%}")
    mine.close()
    peer.close()
    row = "vae 100k memory"
    if asked(row):
        # In processes of their own: memory that was once held counts.
        sides = Side([os.environ["GENOLENS_BENCH"]], RAYON_NUM_THREADS=THREADS), Side(command, **threads)
        say(row, *(side.ask(f"memory {MANY}") for side in sides), "MB")
        for side in sides:
            side.close()


main()
