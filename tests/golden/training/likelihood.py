"""Writes likelihood.tsv: log-likelihoods and their slopes with 60 digits, at parameters that single precision holds exactly.

pip install torch==2.15.0 mpmath==1.3.0 scvi-tools==1.4.2
python likelihood.py

Rows: distribution, x, parameters, log-likelihood, slope by every parameter. Where double precision is safe, the same must come out of
torch.distributions, and of scvi-tools in double precision.
"""
import itertools

import mpmath as mp
import numpy as np
import torch
from scvi.distributions import ZeroInflatedNegativeBinomial
from torch import distributions as D

mp.mp.dps = 60
lines = []


def single(*numbers):
    return [float(np.float32(n)) for n in numbers]


def write(name, x, parameters, value, slopes):
    cells = [x, *parameters, value, *slopes]
    lines.append("\t".join([name] + [mp.nstr(mp.mpf(c), 17, min_fixed=1, max_fixed=0) for c in cells]))


def same(ours, theirs, what):
    assert abs(float(ours) - float(theirs)) <= 1e-9 * max(1e-3, abs(float(ours))), (what, float(ours), float(theirs))


def nb(x, m, t):
    x, m, t = mp.mpf(x), mp.mpf(m), mp.mpf(t)
    value = t * mp.log(t / (t + m)) + x * mp.log(m / (t + m)) + mp.loggamma(x + t) - mp.loggamma(t) - mp.loggamma(x + 1)
    by_mean = (x / m - 1) * t / (t + m)
    by_theta = mp.log(t / (t + m)) + (m - x) / (t + m) + mp.digamma(x + t) - mp.digamma(t)
    return value, by_mean, by_theta


def sigmoid(z):
    return 1 / (1 + mp.exp(-mp.mpf(z)))


MEANS = single(1e-30, 1e-8, 0.01, 0.7, 5, 300, 1e5)
THETAS = single(1e-6, 0.03, 1, 20, 1e3, 1e6)
COUNTS = [0, 1, 3, 40, 2000]

for x, m, t in itertools.product(COUNTS, MEANS, THETAS):
    value, by_mean, by_theta = nb(x, m, t)
    write("negative_binomial", x, [m, t], value, [by_mean, by_theta])
    if m > 1e-3 and t <= 1e3:
        logits = torch.log(torch.tensor(m, dtype=torch.float64)) - torch.log(torch.tensor(t, dtype=torch.float64))
        torch_value = D.NegativeBinomial(torch.tensor(t, dtype=torch.float64), logits=logits).log_prob(torch.tensor(float(x), dtype=torch.float64))
        same(value, torch_value, ("nb", x, m, t))
for x, m, t, z in itertools.product([0, 1, 40], single(1e-30, 0.01, 5, 1e4), single(1e-3, 1, 1e6), single(-60, -3, 0, 4, 60)):
    value, by_mean, by_theta = nb(x, m, t)
    dropped, drawn = sigmoid(z), sigmoid(-mp.mpf(z))
    if x == 0:
        whole = dropped + drawn * mp.exp(value)
        part = drawn * mp.exp(value) / whole
        result = mp.log(whole), part * by_mean, part * by_theta, dropped * drawn * (1 - mp.exp(value)) / whole
    else:
        result = mp.log(drawn) + value, by_mean, by_theta, -dropped
    write("zinb", x, [m, t, z], result[0], result[1:])
    if m > 1e-3 and t <= 1e3 and abs(z) < 10:
        tensors = {k: torch.tensor(v, dtype=torch.float64) for k, v in dict(mu=m, theta=t, zi_logits=z).items()}
        theirs = ZeroInflatedNegativeBinomial(**tensors, validate_args=False).log_prob(torch.tensor(float(x), dtype=torch.float64))
        # scvi-tools adds 1e-8 here and there.
        assert abs(float(result[0]) - float(theirs)) < 1e-4 * max(1, abs(float(result[0]))), (x, m, t, z)
for x, m in itertools.product(COUNTS, MEANS):
    value = x * mp.log(m) - mp.mpf(m) - mp.loggamma(x + 1)
    write("poisson", x, [m], value, [mp.mpf(x) / m - 1])
    same(value, D.Poisson(torch.tensor(m, dtype=torch.float64)).log_prob(torch.tensor(float(x), dtype=torch.float64)), ("poisson", x, m))
for x, m, s in itertools.product(single(-3, 0, 0.1, 1e4), single(-1e4, 0, 0.3), single(1e-6, 0.5, 1e5)):
    off = (mp.mpf(x) - m) / s
    write("gaussian", x, [m, s], -off**2 / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2, [off / s, (off**2 - 1) / s])
for scores in [single(0, 1, -2), single(90, -90, 0.5), single(1e4, 1e4, 1e4 + 0.01)]:
    total = mp.log(sum(mp.exp(mp.mpf(s)) for s in scores))
    for x in range(3):
        slopes = [(1 if c == x else 0) - mp.exp(mp.mpf(s) - total) for c, s in enumerate(scores)]
        write("categorical", x, scores, mp.mpf(scores[x]) - total, slopes)
open("likelihood.tsv", "w").write("\n".join(lines) + "\n")
