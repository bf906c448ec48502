"""Writes mixing.tsv: effective sample sizes and split R-hats of some chains, by ArviZ 0.21.0.

Run with ArviZ installed: python mixing.py > mixing.tsv
Columns: name, chains, samples, effective samples (`method="mean"`), R-hat (`method="split"`), and all numbers, chain after chain.
"""

import arviz
import numpy


def chains(kind, count, samples, generator):
    noise = generator.normal(size=(count, samples))
    if kind == "independent":
        return noise
    if kind == "slow":
        slow = numpy.zeros((count, samples))
        for i in range(1, samples):
            slow[:, i] = 0.9 * slow[:, i - 1] + noise[:, i]
        return slow
    if kind == "alternating":
        fast = numpy.zeros((count, samples))
        for i in range(1, samples):
            fast[:, i] = -0.7 * fast[:, i - 1] + noise[:, i]
        return fast
    if kind == "apart":
        return noise + 2.0 * numpy.arange(count)[:, None]
    return noise * 0.1 + numpy.linspace(0.0, 1.0, samples)


generator = numpy.random.default_rng(5)
sizes = [(4, 40), (3, 31), (1, 20), (2, 4), (2, 5)]
print("name\tchains\tsamples\teffective_samples\tr_hat\tvalues")
for kind in ["independent", "slow", "alternating", "apart", "rising"]:
    for count, samples in sizes:
        x = numpy.round(chains(kind, count, samples, generator), 4)
        found = [arviz.ess(x, method="mean"), arviz.rhat(x, method="split")]
        values = ",".join(f"{value:.4f}" for value in x.ravel())
        print(kind, count, samples, *(f"{float(value):.12g}" for value in found), values, sep="\t")
