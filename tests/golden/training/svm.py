"""Writes svm.tsv: gapped k-mer kernels by enumeration and support vector machines of scikit-learn over them.

pip install scikit-learn==1.9.1 numpy==2.4.6
python svm.py

First column: case and quantity. `by_distance` are entries of the filters, from the pseudo-inverse of the table that counts the gapped
k-mers of every word; `kernel` is the normalised kernel from counts of all gapped k-mers of both strands; `numbers`, `bias` and `scores`
are the dual coefficients, the intercept and the decision values on the training sequences of `SVC(kernel="precomputed")`.
"""
from itertools import combinations, product

import numpy as np
from sklearn.svm import SVC

LETTERS = "ACGT"


def gapped(word, informative):
    for places in combinations(range(len(word)), informative):
        yield places, tuple(word[place] for place in places)


def filters(length, informative):
    """Entries of both least-squares filters for words that differ in 0, 1 ... letters."""
    words = list(product(LETTERS, repeat=length))
    names = {}
    table = np.zeros((0, 0))
    rows, columns = [], []
    for column, word in enumerate(words):
        for name in gapped(word, informative):
            rows.append(names.setdefault(name, len(names)))
            columns.append(column)
    table = np.zeros((len(names), len(words)))
    table[rows, columns] = 1
    estimate = np.linalg.pinv(table, rcond=1e-9) @ table
    first = np.array(words)
    distance = (first[:, None, :] != first[None, :, :]).sum(2)
    examples = [np.argmax(distance[0] == m) for m in range(length + 1)]
    by_distance = estimate[0, examples]
    end = next((m for m, value in enumerate(by_distance) if value < 0), length + 1)
    cut = np.where(distance < end, estimate, 0)
    return (estimate.T @ estimate)[0, examples], (cut.T @ cut)[0, examples]


def counts(text, length, informative):
    other = text[::-1].translate(str.maketrans("ACGT", "TGCA"))
    found = {}
    for strand in text, other:
        for start in range(len(text) - length + 1):
            word = strand[start:start + length]
            if "N" not in word:
                for name in gapped(word, informative):
                    found[name] = found.get(name, 0) + 1
    return found


def kernel(texts, length, informative):
    tables = [counts(text, length, informative) for text in texts]
    sums = np.array([[sum(a[name] * b.get(name, 0) for name in a) for b in tables] for a in tables], float)
    size = np.sqrt(np.diag(sums))
    return sums / size[:, None] / size[None, :]


def texts(seed, n, length, site):
    """Half of the sequences have a site, on either strand; some have an unknown letter."""
    random = np.random.default_rng(seed)
    found = []
    for i in range(n):
        letters = random.choice(list(LETTERS), length)
        if i < n // 2:
            start = random.integers(0, length - len(site))
            strand = site if i % 2 else site[::-1].translate(str.maketrans("ACGT", "TGCA"))
            letters[start:start + len(site)] = list(strand)
        if i % 7 == 3:
            letters[random.integers(0, length)] = "N"
        found.append("".join(letters))
    return found


def row(out, name, values):
    print(name, *[value if isinstance(value, str) else f"{value:.15g}" for value in values], sep="\t", file=out)


with open("svm.tsv", "w") as out:
    for length, informative in (4, 2), (5, 3), (5, 4):
        estimated, truncated = filters(length, informative)
        row(out, f"filter.{length}.{informative}.estimated", estimated)
        row(out, f"filter.{length}.{informative}.truncated", truncated)
    for case, (seed, n, width, (length, informative), cost, positive) in {
        "small": (1, 20, 24, (6, 4), 1.0, 1.0),
        "default": (2, 24, 40, (11, 7), 0.3, 1.0),
        "unequal": (3, 22, 30, (8, 5), 10.0, 3.0),
    }.items():
        sequences = texts(seed, n, width, "CCGGAAGT")
        labels = np.array([1 if i < n // 2 else 0 for i in range(n)])
        alike = kernel(sequences, length, informative)
        machine = SVC(C=cost, kernel="precomputed", tol=1e-12, class_weight={0: 1.0, 1: positive}).fit(alike, labels)
        numbers = np.zeros(n)
        numbers[machine.support_] = machine.dual_coef_[0]
        row(out, f"{case}.options", [length, informative, cost, positive])
        row(out, f"{case}.sequences", sequences)
        row(out, f"{case}.labels", labels.astype(float))
        for line in alike:
            row(out, f"{case}.kernel", line)
        row(out, f"{case}.numbers", numbers)
        row(out, f"{case}.bias", machine.intercept_)
        row(out, f"{case}.scores", machine.decision_function(alike))
