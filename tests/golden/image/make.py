"""Writes small_digits.csv and small_digits.tsv: the first hundred of the 8 x 8 digits, and what scikit-learn makes of them.

pip install scikit-learn==1.9.1
python make.py

Data: Alpaydin and Kaynak 1998, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0. A line of the table: number of
the image, label, sum of the pixels (0 to 16), and the first and last rows that have ink.
"""
import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
with open("small_digits.csv", "w") as out:
    for image, label in zip(digits.data[:100], digits.target[:100]):
        print(*(int(value) for value in image), label, sep=",", file=out)
with open("small_digits.tsv", "w") as out:
    for index, (image, label) in enumerate(zip(digits.images[:100], digits.target[:100])):
        rows = np.nonzero(image.sum(1))[0]
        print(index, label, int(image.sum()), rows[0], rows[-1], sep="\t", file=out)
