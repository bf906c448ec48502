"""Writes matrices.tsv: counts, and what logomaker and Biopython make of them.

pip install logomaker==0.8.7 biopython
python matrices.py > matrices.tsv

Columns: motif, position, counts (A C G T), weight (pseudocount 1), information heights (pseudocount 1), consensus letter of
Biopython. The background of logomaker is 0.3 0.2 0.2 0.3 in motifs with an odd number, else uniform.
"""
import logomaker
import numpy as np
import pandas as pd
from Bio.motifs.matrix import FrequencyPositionMatrix

random = np.random.default_rng(2024)
for motif in range(6):
    shares = random.dirichlet([0.3] * 4, size=12)
    counts = np.array([random.multinomial(40, p) for p in shares]).astype(float)
    table = pd.DataFrame(counts, columns=list("ACGT"))
    background = [0.3, 0.2, 0.2, 0.3] if motif % 2 else [0.25] * 4
    change = dict(from_type="counts", pseudocount=1, background=np.array(background))
    weight = logomaker.transform_matrix(table, to_type="weight", **change)
    information = logomaker.transform_matrix(table, to_type="information", **change)
    columns = {letter: table[letter].tolist() for letter in "ACGT"}
    consensus = str(FrequencyPositionMatrix("ACGT", columns).degenerate_consensus)
    for position in range(len(table)):
        numbers = [*counts[position].astype(int), *weight.iloc[position], *information.iloc[position]]
        cells = [str(n) if isinstance(n, (int, np.integer)) else f"{n:.9f}" for n in numbers]
        print(motif, position, *cells, consensus[position], sep="\t")
