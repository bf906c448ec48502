"""Writes bulk.tsv: normalised counts and factors of RNAnorm 2.2.0, and size factors by the formula of DESeq2.

pip install rnanorm==2.2.0 numpy==2.2.6
python bulk.py FOLDER

FOLDER holds RNAnorm's own example files: gtex_lung.first30.chr21.csv.gz (30 samples), gencode.v26.annotation.chr21.gtf.gz.
First column: the counts (`gtex`, or `small`: counts with zeros, ties and a gene without any, given here) and the quantity. Rows are
samples; lengths and factors are one row. Of the normalised `gtex` only every 7th sample and every 11th gene is kept.
"""
import sys

import numpy as np
import pandas as pd
from rnanorm import CTF, CUF, FPKM, TMM, TPM, UQ, CPM
from rnanorm.annotation import GTF

folder = sys.argv[1]
gtex = pd.read_csv(f"{folder}/gtex_lung.first30.chr21.csv.gz", index_col=0)
gtf = f"{folder}/gencode.v26.annotation.chr21.gtf.gz"

random = np.random.default_rng(5)
means = np.exp(random.normal(2, 1.2, 60)) * np.exp(random.normal(0, 0.4, (8, 1)))
small = random.negative_binomial(2, 2 / (2 + means))
small[:, 7] = 0
small[3, :12] += 400
small = pd.DataFrame(small)


def size_factors(counts, positive):
    """Anders and Huber 2010, equation 5; with `positive` as DESeq2's type poscounts."""
    counts = counts.to_numpy(float)
    with np.errstate(divide="ignore"):
        logs = np.log(counts)
    if positive:
        means = np.where(counts > 0, logs, 0).sum(0) / len(counts)
        means[counts.sum(0) == 0] = -np.inf
    else:
        means = logs.mean(0)
    factors = []
    for row, log in zip(counts, logs):
        used = np.isfinite(means) & (row > 0)
        factors.append(np.exp(np.median((log - means)[used])))
    factors = np.array(factors)
    return factors / np.exp(np.log(factors).mean()) if positive else factors


with open("bulk.tsv", "w") as out:

    def write(name, table):
        for row in np.atleast_2d(np.asarray(table, float)):
            print(name, *[f"{value:.16g}" for value in row], sep="\t", file=out)

    def some(table):
        return np.asarray(table)[::7, ::11] if len(table) == len(gtex) else table

    lengths = GTF(gtf).length.loc[gtex.columns]
    write("gtex.lengths", lengths)
    write("gtex.fpkm", some(FPKM(gtf=gtf).fit_transform(gtex)))
    write("gtex.tpm", some(TPM(gtf=gtf).fit_transform(gtex)))
    write("small.counts", small)
    for name, counts in [("gtex", gtex), ("small", small)]:
        write(f"{name}.cpm", some(CPM().fit_transform(counts)))
        for kind, model in [("uq", UQ()), ("tmm", TMM()), ("cuf", CUF()), ("ctf", CTF())]:
            if kind in ("uq", "tmm"):
                write(f"{name}.{kind}.factors", model.fit(counts).get_norm_factors(counts))
            if name == "small" or kind in ("uq", "tmm"):
                write(f"{name}.{kind}", some(model.fit_transform(counts)))
        write(f"{name}.sizes", size_factors(counts, False))
        write(f"{name}.positive", size_factors(counts, True))
    loose = TMM(m_trim=0.1, a_trim=0.2).fit(small)
    write("small.tmm.loose", loose.get_norm_factors(small))
