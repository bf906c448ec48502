"""Conditional F statistics (Sanderson, Spiller and Bowden 2021) of three lipids on the 28 variants.

Usage: conditional_f.py lipids_chd_28.csv
"""

import csv
import sys

import numpy as np

rows = list(csv.DictReader(open(sys.argv[1])))
names = ["ldlc", "hdlc", "trig"]
x = np.array([[float(row[name]) for name in names] for row in rows])
s = np.array([[float(row[name + "se"]) for name in names] for row in rows])
for j in range(3):
    others = [other for other in range(3) if other != j]
    delta = np.linalg.lstsq(x[:, others], x[:, j], rcond=None)[0]
    left = x[:, j] - x[:, others] @ delta
    q = np.sum(left**2 / (s[:, j] ** 2 + s[:, others] ** 2 @ delta**2))
    print(names[j], q / (len(x) - 2))
