"""Writes classes.tsv: reliability and calibrators of scikit-learn and netcal for one task and for four classes.

pip install scikit-learn==1.9.1 netcal==1.4.0 numpy==2.4.6
python make.py

First column: case and quantity. Scores are rounded so that single precision holds them exactly; probabilities are made single before
anything reads them.
"""
import warnings

import numpy as np
from netcal.metrics import ACE, ECE, MCE
from sklearn.calibration import _sigmoid_calibration, calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

warnings.simplefilter("ignore")
random = np.random.default_rng(8)
out = open("classes.tsv", "w")


def write(name, *rows):
    for row in rows:
        # Nine digits tell all single numbers apart.
        digits = 9 if name.endswith(("scores", "labels", "probabilities")) else 15
        print(name, *[f"{value:.{digits}g}" for value in np.atleast_1d(row)], sep="\t", file=out)


def sigmoid(score):
    return 1 / (1 + np.exp(-score))


for case, n, slope, shift in [("sure", 300, 2.5, 0.0), ("rare", 400, 1.0, 3.0)]:
    truth = random.normal(0, 1.5, n)
    labels = (random.random(n) < sigmoid(truth - (3 if case == "rare" else 0))).astype(int)
    scores = np.round((truth * slope + shift - (3 if case == "rare" else 0)) * 64) / 64
    chances = sigmoid(scores).astype(np.float32).astype(np.float64)
    write(f"{case}.scores", scores)
    write(f"{case}.labels", labels)
    write(f"{case}.probabilities", chances)
    for strategy in ["uniform", "quantile"]:
        observed, forecast = calibration_curve(labels, chances, n_bins=10, strategy=strategy)
        write(f"{case}.{strategy}", forecast, observed)
    write(f"{case}.netcal", [metric(10).measure(chances, labels) for metric in (ECE, MCE, ACE)])
    write(f"{case}.losses", [brier_score_loss(labels, chances), log_loss(labels, chances)])
    # What CalibratedClassifierCV(method="sigmoid") fits: 1 / (1 + exp(a z + b)).
    write(f"{case}.platt", _sigmoid_calibration(scores, labels))
    curve = IsotonicRegression(out_of_bounds="clip").fit(scores, labels)
    places = np.linspace(scores.min() - 1, scores.max() + 1, 41)
    write(f"{case}.isotonic", places, curve.predict(places))
    log_chances = np.stack([-np.logaddexp(0, -scores), np.logaddexp(0, scores)], 1)
    # As the authors' package betacal: a side that falls is left out.
    sides = [0, 1]
    while True:
        beta = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000).fit(log_chances[:, sides], labels)
        if (beta.coef_ >= 0).all():
            break
        sides = [side for side, slope in zip(sides, beta.coef_[0]) if slope >= 0]
    slopes = dict(zip(sides, beta.coef_[0]))
    write(f"{case}.beta", [slopes.get(0, 0), slopes.get(1, 0), beta.intercept_[0]])
    nll = lambda t: np.mean(np.logaddexp(0, scores / t) - labels * scores / t)
    write(f"{case}.temperature", [minimize_scalar(nll, bounds=(0.01, 100), method="bounded", options={"xatol": 1e-12}).x])

n, k = 90, 4
truth = random.normal(0, 1.2, (n, k))
classes = np.array([random.choice(k, p=softmax(row)) for row in truth])
scores = np.round(truth * 2 * 64) / 64
chances = softmax(scores, axis=1).astype(np.float32).astype(np.float64)
write("classes.scores", *scores)
write("classes.labels", classes)
write("classes.probabilities", *chances)
write("classes.netcal", [metric(15).measure(chances, classes) for metric in (ECE, MCE, ACE)])
write("classes.losses", [brier_score_loss(np.eye(k)[classes], chances, scale_by_half=False), log_loss(classes, chances)])
nll = lambda t: -np.mean(log_softmax(scores / t, axis=1)[np.arange(n), classes])
write("classes.temperature", [minimize_scalar(nll, bounds=(0.01, 100), method="bounded", options={"xatol": 1e-12}).x])
