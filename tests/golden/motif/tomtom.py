"""Writes tomtom.tsv: for 50 JASPAR 2024 motifs the ten best targets of memelite's Tomtom, best first.

pip install memelite==0.5.0
python tomtom.py JASPAR2024.meme > tomtom.tsv

Columns: place of the query in the file, its name, then the places of the ten targets. The query itself is among them.
"""
import sys

import numpy as np
from memelite import tomtom
from memelite.io import read_meme

motifs = read_meme(sys.argv[1])
names, matrices = list(motifs), [np.asarray(m, dtype=float) for m in motifs.values()]
queries = np.linspace(0, len(names) - 1, 50).astype(int)
p, scores, *_ = tomtom([matrices[q] for q in queries], matrices)
for q, row, score in zip(queries, p, scores):
    best = np.lexsort((-score, row))[:10]
    print(q, names[q].split()[0], *best, sep="\t")
