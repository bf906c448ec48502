"""Writes black_box.tsv: what shap and lime say about a function of six numbers.

pip install shap==0.51.0 lime==0.2.0.1 scikit-learn==1.9.1 numpy
python black_box.py

black_box.tsv has a name in the first column. `x`: two rows that are explained. `background`: three rows that stand in for what is
absent. `outputs`: the function of every row. `exact`: Shapley values by shap's `ExactExplainer`. `kernel`: those of its
`KernelExplainer` with all coalitions and without `l1_reg`. `complete`: a number of features, a number of samples, and how many of the
coalitions that `KernelExplainer` then takes are all those of their sizes. The rest is of lime's `LimeBase` for the first row and all 64
coalitions, zeros standing in: `plain` has coefficients, intercept and weighted R2 for cosine distances and width 0.25, `far` for Euclidean
distances and width 2, `forward` for two features that are chosen one by one, `highest` for the three with the largest weights.
"""
import itertools
import math

import numpy as np
import shap
from lime.lime_base import LimeBase


def function(rows):
    a, b, c, d, e, f = np.asarray(rows, dtype=np.float64).T
    return 2 * a - 3 * b * c + np.maximum(d + a - 1, 0) + np.sin(e) + 0.5 * b * b + a * c * f


# Eighths, which single precision holds as they are.
random = np.random.default_rng(5)
x = random.integers(-16, 17, (2, 6)) / 8
background = random.integers(-16, 17, (3, 6)) / 8

exact = shap.ExactExplainer(function, shap.maskers.Independent(background, max_samples=100))(x).values
kernel = shap.KernelExplainer(function, background).shap_values(x, nsamples=62, l1_reg=False, silent=True)
assert np.allclose(exact, kernel, atol=1e-9)


def complete(features, samples):
    explainer = shap.KernelExplainer(lambda rows: rows.sum(1), np.zeros((1, features)))
    explainer.shap_values(np.ones((1, features)), nsamples=samples, l1_reg=False, silent=True)
    sizes = explainer.maskMatrix[: explainer.nsamplesAdded].sum(1).astype(int)
    counts = np.bincount(sizes, minlength=features + 1)
    return sum(counts[size] for size in range(1, features) if counts[size] == math.comb(features, size))


coalitions = np.array(sorted(itertools.product([0, 1], repeat=6), reverse=True), dtype=float)
labels = function(coalitions * x[0])[:, None]
present = coalitions.sum(1)
cosine = 1 - np.sqrt(present / 6)


def lime(width, distances, features, selection):
    base = LimeBase(lambda d: np.sqrt(np.exp(-(d**2) / width**2)))
    intercept, found, score, _ = base.explain_instance_with_data(
        coalitions, labels, distances, 0, features, feature_selection=selection
    )
    coefficients = np.zeros(6)
    for feature, weight in found:
        coefficients[feature] = weight
    return [*coefficients, intercept, score]


with open("black_box.tsv", "w") as out:

    def write(name, rows):
        for row in np.atleast_2d(rows):
            print(name, *[f"{value:.15g}" for value in row], sep="\t", file=out)

    write("x", x)
    write("background", background)
    write("outputs", function(x))
    write("exact", exact)
    write("kernel", kernel)
    write("complete", [[m, n, complete(m, n)] for m, n in [(6, 40), (8, 100), (11, 300), (12, 2072), (13, 100), (20, 500)]])
    write("plain", lime(0.25, cosine, 6, "none"))
    write("far", lime(2.0, np.sqrt(6 - present), 6, "none"))
    write("forward", lime(0.25, cosine, 2, "forward_selection"))
    write("highest", lime(0.25, cosine, 3, "highest_weights"))
