"""Prints how evenly the package iterative-stratification deals several tasks out to folds.

pip install numpy==2.4.6 scikit-learn==1.9.1 iterative-stratification==0.1.9
python strata.py

The number in `tests/it/training/splitting.rs`: the distance of label distributions (LD of Sechidis, Tsoumakas and Vlahavas 2011) over ten
folds, the mean of twenty seeds, of `MultilabelStratifiedKFold` and of folds at random.
"""
import numpy as np
from iterstrat.ml_stratifiers import MultilabelStratifiedKFold
from sklearn.model_selection import KFold

n, tasks = 1000, 20
i, task = np.arange(n)[:, None], np.arange(tasks)[None, :]
noise = np.sin(i * 12.9898 + task * 78.233) * 43758.5453
labels = (noise - np.floor(noise) < 0.5 / (task + 1)).astype(int)


def distance(folds):
    odds = labels.sum(0) / (n - labels.sum(0))
    parts = [labels[test] for _, test in folds]
    found = [part.sum(0) / (len(part) - part.sum(0)) for part in parts]
    return np.abs(np.array(found) - odds).mean()


for name, kind in [("stratified", MultilabelStratifiedKFold), ("random", KFold)]:
    found = [distance(kind(n_splits=10, shuffle=True, random_state=seed).split(labels, labels)) for seed in range(20)]
    print(name, f"{np.mean(found):.6f}")
