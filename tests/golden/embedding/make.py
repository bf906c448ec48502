"""Writes pca.tsv: principal components of two small tables by scikit-learn, checked against the SVD of numpy.

pip install scikit-learn==1.9.1 numpy
python make.py

First column: table (`tall` has more rows than columns, `wide` fewer) and quantity: `x` as given, then `coordinates`, `loadings`,
`variance` and `ratio` of `sklearn.decomposition.PCA(svd_solver="full")`. Every direction is turned so that its largest
loading is positive.
"""
import numpy as np
from sklearn.decomposition import PCA

random = np.random.default_rng(11)


def activations(n, features):
    """Three groups of rows with their own levels, rectified, as a hidden layer looks."""
    levels = random.normal(0.5, 1.5, (3, features))
    x = levels[random.integers(0, 3, n)] + random.normal(0, 0.7, (n, features))
    return np.round(np.maximum(x, 0), 3).astype(np.float32)


with open("pca.tsv", "w") as out:

    def write(name, table):
        for row in np.atleast_2d(table):
            print(name, *[f"{value:.10g}" for value in row], sep="\t", file=out)

    for name, shape, components in [("tall", (40, 8), 5), ("wide", (9, 25), 4)]:
        x = activations(*shape)
        table = x.astype(float)
        found = PCA(components, svd_solver="full").fit(table)
        loadings = found.components_
        largest = np.take_along_axis(loadings, np.abs(loadings).argmax(axis=1)[:, None], axis=1)
        loadings = loadings * np.sign(largest)
        centred = table - table.mean(axis=0)
        coordinates = centred @ loadings.T

        u, s, v = np.linalg.svd(centred, full_matrices=False)
        assert np.allclose(s[:components] ** 2 / (len(x) - 1), found.explained_variance_, atol=1e-12)
        assert np.allclose(np.abs(v[:components]), np.abs(loadings), atol=1e-10)
        assert np.allclose(np.abs(found.transform(table)), np.abs(coordinates), atol=1e-10)

        write(f"{name}.x", x)
        write(f"{name}.coordinates", coordinates)
        write(f"{name}.loadings", loadings)
        write(f"{name}.variance", found.explained_variance_)
        write(f"{name}.ratio", found.explained_variance_ratio_)
