"""Writes clusters.tsv: distances and clusters of SciPy and scikit-learn.

pip install numpy scipy==1.17.1 scikit-learn==1.9.1
python clusters.py > clusters.tsv

clusters.tsv has a name in the first column. `point`: two coordinates; `word`: letters and gaps; `set`: pixels of an image of 9 x 7.
`edit`: Levenshtein distances of one of the first words from all. `jaccard`, `energy`: distances of one set from all, the energy distance
`sqrt(2 E|X-Y| - E|X-X'| - E|Y-Y'|)` with means over all pairs, pixel distances by SciPy `cdist`. `point_labels`, `word_labels`,
`energy_labels`: radius, minimum, and the labels of `DBSCAN(metric="precomputed")`, -1 for noise.
"""
import numpy as np
from scipy.spatial.distance import cdist
from sklearn.cluster import DBSCAN
from sklearn.metrics import pairwise_distances

random = np.random.default_rng(6)


def write(name, *cells):
    print(name, *cells, sep="\t")


def labels(distances, epsilon, min_samples):
    found = DBSCAN(eps=epsilon, min_samples=min_samples, metric="precomputed").fit(distances)
    return found.labels_


def edit(a, b):
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a):
        new = [i + 1]
        for j, other in enumerate(b):
            new.append(min(row[j] + (letter != other), row[j + 1] + 1, new[-1] + 1))
        row = new
    return row[-1]


# Points with whole coordinates: many distances are equal to the radius, and many points are between clusters.
points = np.vstack([random.integers(0, 14, (80, 2)), random.integers(0, 5, (20, 2))])
for point in points:
    write("point", *point)
distances = cdist(points, points)
for epsilon, min_samples in [(1.0, 3), (1.5, 5), (2.0, 8), (0.5, 2), (3.0, 12)]:
    write("point_labels", epsilon, min_samples, *labels(distances, epsilon, min_samples))

# Words near two sites, with gaps, and others.
words = []
for _ in range(150):
    site = ["GCTGAGTCAT", "TGACC--GTTC", ""][random.choice(3, p=[0.5, 0.35, 0.15])]
    word = list(site) if site else list(random.choice(list("ACGT-"), random.integers(4, 14)))
    for _ in range(random.choice(4, p=[0.3, 0.3, 0.25, 0.15])):
        at = random.integers(len(word))
        if random.random() < 0.5:
            word[at] = random.choice(list("ACGT-"))
        else:
            del word[at]
    words.append("".join(word).strip("-"))
for word in words:
    write("word", word)
distances = np.array([[edit(a, b) for b in words] for a in words], dtype=float)
for row in distances[:8]:
    write("edit", *row.astype(int))
for epsilon, min_samples in [(2.0, 10), (1.0, 4), (3.0, 30)]:
    write("word_labels", epsilon, min_samples, *labels(distances, epsilon, min_samples))

# Sets of pixels of a 9 x 7 image.
sets = []
for _ in range(24):
    row, column = random.integers(0, 6), random.integers(0, 4)
    pixels = {(row + random.integers(3)) * 7 + column + random.integers(3) for _ in range(random.integers(1, 9))}
    sets.append(sorted(int(pixel) for pixel in pixels))
for pixels in sets:
    write("set", *pixels)
belongs = np.zeros((len(sets), 63), dtype=bool)
for row, pixels in zip(belongs, sets):
    row[pixels] = True
for row in pairwise_distances(belongs, metric="jaccard"):
    write("jaccard", *(repr(float(value)) for value in row))


def energy(a, b):
    a, b = np.array([divmod(pixel, 7) for pixel in a]), np.array([divmod(pixel, 7) for pixel in b])
    square = 2 * cdist(a, b).mean() - cdist(a, a).mean() - cdist(b, b).mean()
    return np.sqrt(max(square, 0.0)) if abs(square) > 1e-12 else 0.0


distances = np.array([[energy(a, b) for b in sets] for a in sets])
for row in distances:
    write("energy", *(repr(float(value)) for value in row))
for epsilon, min_samples in [(0.9, 3), (1.3, 5)]:
    write("energy_labels", epsilon, min_samples, *labels(distances, epsilon, min_samples))
