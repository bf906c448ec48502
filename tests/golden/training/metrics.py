"""Writes metrics.tsv: areas, correlations, divergences, tests and intervals for scores with and without ties.

pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 pyprg==0.1.1b7 matplotlib
python metrics.py

First column: case and quantity. `auprg` is that of the authors' package, pearson, spearman and Jensen-Shannon those of scipy, Brier score and
logarithmic loss those of scikit-learn; the Davis-Goadrich area is integrated numerically from its definition, and DeLong's variances come from
all pairs of a positive and a negative, without sorting.
"""
import numpy as np
from scipy.integrate import quad
from scipy.spatial.distance import jensenshannon
from scipy.stats import bootstrap, norm, pearsonr, spearmanr
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

# The package was written for a numpy that had this.
np.alen = lambda x: 1 if np.isscalar(x) else len(x)
from prg import prg  # noqa: E402

random = np.random.default_rng(11)


def noisy(n, share, levels, power):
    """Two scores of the same examples on a grid that single precision holds exactly."""
    labels = np.sort((random.random(n) < share).astype(int))
    both = random.normal(0, 0.15, n)
    scores = [np.clip(0.4 + p * labels + both + random.normal(0, 0.15, n), 0.01, 0.99) for p in power]
    return [np.clip(np.round(s * levels), 1, levels - 1) / levels for s in scores] + [labels]


def davis_goadrich(scores, labels):
    """The area below the curve whose true and false positives grow evenly between thresholds, by quadrature."""
    area, true, false = 0.0, 0, 0
    for threshold in np.unique(scores)[::-1]:
        new_true = int(labels[scores == threshold].sum())
        new_false = int((1 - labels[scores == threshold]).sum())
        if new_true:
            def precision(x, t=true, f=false, s=new_false / new_true):
                return 1 / (1 + s) if t + f == 0 else (t + x) / (t + x + f + s * x)
            area += quad(precision, 0, new_true, epsabs=1e-13, epsrel=1e-13)[0]
        true, false = true + new_true, false + new_false
    return area / labels.sum()


def pairs(scores, labels):
    """One for every pair of a positive and a negative in order, one half for a tie."""
    ones, zeros = scores[labels == 1], scores[labels == 0]
    return (ones[:, None] > zeros) + 0.5 * (ones[:, None] == zeros)


def covariance(first, second):
    """DeLong's covariance of two areas from their pairs."""
    a, b = first - first.mean(), second - second.mean()
    m, n = first.shape
    ones = (a.mean(1) * b.mean(1)).sum() / (m - 1) / m
    zeros = (a.mean(0) * b.mean(0)).sum() / (n - 1) / n
    return ones + zeros


cases = {
    "tied": noisy(150, 0.5, 8, (0.2, 0.1)),
    "rare": noisy(200, 0.06, 64, (0.3, 0.25)),
    "fine": noisy(120, 0.4, 4096, (0.25, 0.05)),
    "backwards": noisy(90, 0.3, 32, (-0.2, 0.0)),
}
with open("metrics.tsv", "w") as out:
    def write(name, values):
        print(name, *[f"{value:.15g}" for value in np.atleast_1d(values)], sep="\t", file=out)

    for name, (first, second, labels) in cases.items():
        write(f"{name}.scores", first)
        write(f"{name}.others", second)
        write(f"{name}.labels", labels)
        write(f"{name}.davis_goadrich", davis_goadrich(first, labels))
        write(f"{name}.auprg", prg.calc_auprg(prg.create_prg_curve(labels, first)))
        write(f"{name}.brier", brier_score_loss(labels, first))
        write(f"{name}.log_loss", log_loss(labels, first))
        write(f"{name}.accuracy", ((first > 0.5) == labels).mean())
        write(f"{name}.pearson", [pearsonr(first, labels)[0], pearsonr(first, second)[0]])
        write(f"{name}.spearman", [spearmanr(first, labels)[0], spearmanr(first, second)[0]])
        a, b = pairs(first, labels), pairs(second, labels)
        variances = covariance(a, a), covariance(b, b)
        error = np.sqrt(variances[0] + variances[1] - 2 * covariance(a, b))
        difference = a.mean() - b.mean()
        z = difference / error
        write(f"{name}.areas", [a.mean(), b.mean()])
        write(f"{name}.variances", variances)
        write(f"{name}.compared", [difference, error, z, 2 * norm.sf(abs(z))])

    # Intervals by drawing, with their standard errors.
    first, second, labels = cases["fine"]

    def area(ones, zeros):
        return ((ones[:, None] > zeros) + 0.5 * (ones[:, None] == zeros)).mean()

    def write_intervals(name, data, statistic, **how):
        for method in ("percentile", "BCa"):
            found = bootstrap(data, statistic, n_resamples=20000, vectorized=False, method=method, rng=3, **how)
            ends = found.confidence_interval
            write(f"bootstrap.{name}.{method}", [ends.low, ends.high, found.standard_error])

    write_intervals("auroc", (first[labels == 1], first[labels == 0]), area)
    write_intervals("pearson", (first, second), lambda x, y: pearsonr(x, y)[0], paired=True)

    # Profiles: rows of predictions, then of counts, then distances in nats and in bits.
    counts = random.poisson(random.gamma(0.5, 2.0, (6, 20))).astype(float)
    counts[:, 0] += 1
    predicted = np.round(random.dirichlet(np.full(20, 0.7), 6) * 65536) / 65536
    predicted[0] = counts[0] / 64
    predicted[1] = (counts[1] == 0) / 16
    for row in range(6):
        write("profiles.predicted", predicted[row])
        write("profiles.counts", counts[row])
        write("profiles.distance", [jensenshannon(predicted[row], counts[row]), jensenshannon(predicted[row], counts[row], 2)])
    assert all(np.isclose(roc_auc_score(y, x), pairs(x, y).mean()) for x, _, y in cases.values())
