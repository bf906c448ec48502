"""Writes curves.tsv: areas and curves of scikit-learn for scores with and without ties.

pip install scikit-learn==1.9.1 numpy
python make.py

First column: case and quantity, of `roc_auc_score`, `average_precision_score`, `roc_curve(drop_intermediate=False)` and
`precision_recall_curve`, in scikit-learn's order.
"""
import numpy as np
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

random = np.random.default_rng(5)


def noisy(n, share, levels):
    """Scores that know something, on a grid of so many levels that single precision holds exactly."""
    labels = (random.random(n) < share).astype(int)
    scores = np.clip(0.5 + 0.15 * labels + random.normal(0, 0.2, n), 0, 1)
    return np.round(scores * levels) / levels, labels


distinct = random.permutation(32) / 32 - 0.5, random.integers(0, 2, 32)
zeros = np.array([0.0, -0.0, 0.5, -0.0, -0.5, 0.0, 0.5, -0.5]), np.array([1, 0, 1, 1, 0, 0, 0, 1])
cases = {
    "tied": noisy(120, 0.5, 8),
    "rare": noisy(160, 0.06, 32),
    "distinct": distinct,
    "zeros": zeros,
    "constant": (np.full(5, 0.25), np.array([1, 0, 0, 1, 0])),
    "perfect": (np.array([3.0, 2.0, 2.0, -1.0]), np.array([1, 1, 1, 0])),
    "reversed": (np.array([-3.0, 2.0, 2.0, 5.0]), np.array([1, 1, 0, 0])),
}
with open("curves.tsv", "w") as out:
    for name, (scores, labels) in cases.items():
        false, true, thresholds = roc_curve(labels, scores, drop_intermediate=False)
        precision, recall, _ = precision_recall_curve(labels, scores)
        quantities = {
            "scores": scores,
            "labels": labels,
            "auroc": [roc_auc_score(labels, scores)],
            "auprc": [average_precision_score(labels, scores)],
            "false_positive_rate": false,
            "true_positive_rate": true,
            "thresholds": thresholds,
            "precision": precision,
            "recall": recall,
        }
        for quantity, values in quantities.items():
            print(f"{name}.{quantity}", *[f"{value:.15g}" for value in values], sep="\t", file=out)
