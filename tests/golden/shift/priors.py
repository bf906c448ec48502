"""Writes priors.tsv: shares of classes in unlabelled data from the formulas, in numpy and scipy.

pip install numpy==2.4.6 scipy==1.17.1
python priors.py > priors.tsv

"plain" is a model that tells three classes apart; "vague" one that hardly does, so that the confusion is nearly singular and the length of
the change of weights costs as much as what it explains; "silent" one whose third class is never the most probable one, so that the
confusion of votes is singular.

known, labels, target: probabilities that single precision holds. Then the shares by method, soft (mean probabilities) and hard (votes):
em      the largest likelihood of the target (Saerens et al. 2002), by scipy's SLSQP on the shares
bbse    confusion^-1 heard, times the shares of the source, negative ones 0 (Lipton et al. 2018)
rlls    the change t of the weights that makes |C t - rest| + cost |t| smallest, by BFGS from many starts and at the kinks; cost is
        0.003 (2 b / 3n + sqrt(2 b / n)), b = ln(2 classes / 0.05), n the smaller number of examples (Azizzadenesheli et al. 2019)
"""
import numpy as np
from scipy.optimize import minimize

random = np.random.default_rng(26)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def draw(n, shares, sharp, shift):
    classes = random.choice(3, p=shares, size=n)
    x = random.normal(0, 1, n) + 1.5 * classes
    scores = sharp * (np.outer(x, 1.5 * np.arange(3)) - (1.5 * np.arange(3)) ** 2 / 2) + shift
    return classes, softmax(scores).astype(np.float32).astype(float)


def votes(chances):
    return np.eye(3)[chances.argmax(1)]


def show(name, *rows):
    for row in rows:
        print(name, *[f"{value:.15g}" for value in row], sep="\t")


def shares(weights, source):
    found = np.maximum(weights, 0) * source
    return found / found.sum()


def regularised(confusion, rest, cost):
    loss = lambda t: np.linalg.norm(confusion @ t - rest) + cost * np.linalg.norm(t)

    def slope(t):
        left, length = confusion @ t - rest, np.linalg.norm(t)
        return confusion.T @ left / max(np.linalg.norm(left), 1e-300) + cost * t / max(length, 1e-300)

    # Where the loss has no derivative: no change, and (of the least length) nothing left.
    kinks = [np.zeros(3), np.linalg.pinv(confusion, rcond=1e-12) @ rest]
    best = min(kinks, key=loss)
    for _ in range(200):
        start = kinks[1] * random.uniform(0, 1) + random.normal(0, 0.1, 3)
        found = minimize(loss, start, jac=slope, method="BFGS", options={"gtol": 1e-13, "maxiter": 5000}).x
        if loss(found) < loss(best) - 1e-13:
            best = found
    return best


for case, n, m, sharp, shift in [("plain", 80, 60, 1.0, 0), ("vague", 60, 50, 0.02, 0), ("silent", 80, 60, 1.0, np.array([0, 0, -30.0]))]:
    labels, known = draw(n, [0.4, 0.3, 0.3], sharp, shift)
    _, target = draw(m, [0.6, 0.25, 0.15], sharp, shift)
    show(f"{case}.known", *known)
    show(f"{case}.labels", labels)
    show(f"{case}.target", *target)
    source = np.bincount(labels, minlength=3) / n
    bits = np.log(2 * 3 / 0.05)
    size = min(n, m)
    cost = 0.003 * (2 * bits / (3 * size) + np.sqrt(2 * bits / size))
    if case == "plain":
        loss = lambda q: -np.log(target @ (q / source)).mean()
        slope = lambda q: -((target / source) / (target @ (q / source))[:, None]).mean(0)
        found = minimize(loss, source, jac=slope, method="SLSQP", bounds=[(0, 1)] * 3,
                         constraints={"type": "eq", "fun": lambda q: q.sum() - 1, "jac": lambda q: np.ones(3)}, options={"ftol": 1e-16, "maxiter": 1000})
        show(f"{case}.em", found.x)
    for kind, said in [("soft", lambda x: x), ("hard", votes)]:
        confusion = np.stack([said(known)[labels == k].sum(0) / n for k in range(3)], 1)
        heard = said(target).mean(0)
        if np.linalg.cond(confusion) < 1e6:
            show(f"{case}.bbse.{kind}", shares(np.linalg.solve(confusion, heard), source))
        change = regularised(confusion, heard - confusion.sum(1), cost)
        show(f"{case}.rlls.{kind}", shares(1 + change, source))
