"""Tails and quantiles of the chi-squared distribution by scipy, for tests/golden/causal/chi_squared.tsv."""

from scipy.stats import chi2

print("what", "freedom", "argument", "value", sep="\t")
for freedom in [0.5, 1, 2, 3, 7.5, 25, 27, 100, 1000]:
    for x in [1e-3, 0.1, 1, 3.84, 20, 80, 99.5304, 700]:
        if chi2.sf(x, freedom) > 1e-280:
            print("above", freedom, x, repr(float(chi2.sf(x, freedom))), sep="\t")
    for level in [0.001, 0.025, 0.5, 0.95, 0.975, 0.999]:
        print("quantile", freedom, level, repr(float(chi2.ppf(level, freedom))), sep="\t")
