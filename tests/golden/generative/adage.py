"""Activities and genes of high weight of the published network of ADAGE, by numpy in double precision.

Writes adage.tsv. Needs numpy 2.2 and the files of greenelab/adage (commit 2575a60, BSD-3) that the catalogue has under adage/:
    python adage.py FOLDER_WITH_THE_FILES
"""

import sys
from pathlib import Path

import numpy as np

folder = Path(sys.argv[1])
lines = (folder / "network_SdA.txt").read_text().split("\n")
hidden, visible = lines.index("hidden bias vector "), lines.index("visible bias vector ")
weights = np.array([line.split() for line in lines[2:hidden]], float)
bias = np.array(lines[hidden + 1 : visible], float)
rows = [line.split("\t") for line in (folder / "Anr-gene.pcl").read_text().strip().split("\n")]
genes = [row[0] for row in rows[1:]]
values = np.array([row[1:] for row in rows[1:]], float).T

low, high = values.min(0), values.max(0)
scaled = (values - low) / (high - low)
activities = 1 / (1 + np.exp(-(scaled @ weights + bias)))

with open(Path(__file__).with_suffix(".tsv"), "w") as out:
    for row in activities:
        print("activities", *(f"{value:.9g}" for value in row), sep="\t", file=out)
    centred = (weights - weights.mean(0)) / weights.std(0, ddof=1)
    for node in range(weights.shape[1]):
        above, below = (centred[:, node] > 2.5).sum(), (centred[:, node] < -2.5).sum()
        print("counts", node, above, below, sep="\t", file=out)
    for node in range(3):
        heaviest = np.argsort(-weights[:, node], kind="stable")[:10]
        lightest = np.argsort(weights[:, node], kind="stable")[:10]
        print("heaviest", *(genes[gene] for gene in heaviest), sep="\t", file=out)
        print("lightest", *(genes[gene] for gene in lightest), sep="\t", file=out)
