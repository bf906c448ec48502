"""Writes weights.tsv: importance weights from the formulas, in numpy, for every width and ridge that may be chosen.

pip install numpy==2.4.6
python weights.py > weights.tsv

source and target are examples that single precision holds. Bells stand around all target examples, in features divided by their standard
deviation over both samples; widths are in medians of the distances of all examples.

ulsif: width, ridge, how often it is chosen, weights. Closed form of Kanamori, Hido and Sugiyama 2009: (H + ridge I) a = h, H the second
moments of bells over the source, h their means over the target; a negative ratio is 0; weights have mean 1.
kliep: width, how often it is chosen, weights. The mixture of Sugiyama et al. 2008 by active sets and Newton's method: stopped when no bell
could raise the mean log-likelihood by more than 1e-12.

How often: the share of random foldings, 200 and 40, in which five-fold cross-validation finds the least loss there.
"""
import numpy as np

random = np.random.default_rng(22)
N, M = 40, 30


def draw(n, m):
    source = random.normal(0, 1, (n, 2))
    target = random.normal(0, 0.8, (m, 2)) + [0.8, 0]
    return source.astype(np.float32).astype(float), target.astype(np.float32).astype(float)


def squares(a, b):
    return ((a[:, None] - b[None]) ** 2).sum(2)


def show(name, *values):
    print(name, *[f"{value:.15g}" for value in np.concatenate([np.atleast_1d(value) for value in values])], sep="\t")


source, target = draw(N, M)
for row in source:
    show("source", row)
for row in target:
    show("target", row)
both = np.vstack([source, target])
middle, spread = both.mean(0), both.std(0)
standard = lambda x: (x - middle) / spread
S, T = standard(source), standard(target)
pairs = squares(standard(both), standard(both))[np.triu_indices(N + M, 1)]
median = np.median(np.sqrt(pairs))


def mixture(source, target):
    """Shares of bells, each divided by its mean over the source, of the largest mean log-likelihood over the target."""
    ratios = target / source.mean(0)
    shares = np.full(len(target), 1 / len(target))
    slopes = lambda: ratios.T @ (1 / (ratios @ shares)) / len(ratios)
    for _ in range(100_000):
        shares = shares * slopes()
        active = shares > 1e-9
        # Newton's step among the bells that count, their sum kept by a multiplier.
        scaled = ratios[:, active] / (ratios @ shares)[:, None]
        count = active.sum()
        system = np.zeros((count + 1, count + 1))
        system[:count, :count] = scaled.T @ scaled / len(ratios)
        system[:count, count] = system[count, :count] = 1
        right = np.append(scaled.mean(0), 0)
        step = np.linalg.lstsq(system, right, rcond=None)[0][:count]
        moved = shares.copy()
        moved[active] += step
        moved[~active] = 0
        if (moved >= 0).all():
            before, shares = shares, moved / moved.sum()
            if slopes().max() - 1 < 1e-12:
                return shares / source.mean(0)
            shares = before
        if slopes().max() - 1 < 1e-12:
            return shares / source.mean(0)
    raise SystemExit("no optimum")


WIDTHS = [0.3, 0.5, 0.7, 1.0, 1.5, 2.5]
RIDGES = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]


def bells(width):
    return [np.exp(-squares(x, T) / (2 * (width * median) ** 2)) for x in (S, T)]


def least_squares(own, other, ridge):
    return np.linalg.solve(own.T @ own / len(own) + ridge * np.eye(M), other.mean(0))


def chosen(fit, loss, options, times):
    """How often each option has the least loss over five folds."""
    counts = dict.fromkeys(options, 0)
    for _ in range(times):
        folds = random.permutation(N) % 5, random.permutation(M) % 5
        losses = dict.fromkeys(options, 0.0)
        for option in options:
            own, other = bells(option[0])
            for fold in range(5):
                known, held = folds[0] != fold, folds[0] == fold
                kept, left = folds[1] != fold, folds[1] == fold
                losses[option] += loss(own, other, held, left, fit(own, other, known, kept, option))
        counts[min(options, key=losses.get)] += 1 / times
    return counts


def quick_mixture(own, other, known, kept, option):
    """Shares from the bells' means over the whole source, as the constraint has it, by expectation and maximisation."""
    ratios = other[kept] / own.mean(0)
    shares = np.full(M, 1 / M)
    for _ in range(300):
        shares = shares * (ratios.T @ (1 / (ratios @ shares))) / len(ratios)
    return shares / own.mean(0)


squared = chosen(
    lambda own, other, known, kept, option: least_squares(own[known], other[kept], option[1]),
    lambda own, other, held, left, a: (np.maximum(own[held] @ a, 0) ** 2).mean() / 2 - np.maximum(other[left] @ a, 0).mean(),
    [(width, ridge) for width in WIDTHS for ridge in RIDGES], 200)
likely = chosen(quick_mixture, lambda own, other, held, left, a: -np.log(np.maximum(other[left] @ a, 1e-300)).sum(), [(width,) for width in WIDTHS], 40)
for width in WIDTHS:
    own, other = bells(width)
    for ridge in RIDGES:
        ratio = np.maximum(own @ least_squares(own, other, ridge), 0)
        show("ulsif", width, ridge, squared[width, ridge], ratio / ratio.mean())
    ratio = own @ mixture(own, other)
    show("kliep", width, likely[width,], ratio / ratio.mean())
