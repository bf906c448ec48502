"""Two-stage least squares by linearmodels 6.1, and the test of Wu and Hausman by numpy, for tests/golden/causal/two_stage.tsv.

Individuals are simulated here, with two instruments and a covariate, and written with 17 digits.
"""

import numpy as np
from linearmodels.iv import IV2SLS
from scipy.stats import t

rng = np.random.default_rng(8)
n = 80
z, c, u = rng.normal(size=(n, 2)), rng.normal(size=n) + 3, rng.normal(size=n)
x = z @ [0.8, -0.5] + 0.4 * c + u + rng.normal(size=n)
y = 1.5 * x - 2 * u + 0.7 * c + rng.normal(size=n)
for row in zip(x, y, z[:, 0], z[:, 1], c):
    print("individual", *(repr(float(value)) for value in row), sep="\t")
held = np.column_stack([np.ones(n), c])
found = IV2SLS(y, held, x, z).fit(cov_type="unadjusted", debiased=True)
plain = IV2SLS(y, np.column_stack([held, x]), None, None).fit(cov_type="unadjusted", debiased=True)
first = found.first_stage.diagnostics.iloc[0]
# The F statistic of linearmodels is over n: once more over the degrees of freedom.
both = np.column_stack([held, z])
rest = lambda a: np.sum((x - a @ np.linalg.lstsq(a, x, rcond=None)[0]) ** 2)
f = (rest(held) - rest(both)) / 2 / (rest(both) / (n - 4))
low, high = found.conf_int().iloc[-1]
# Its p-values are differences from 2, with few digits.
p = 2 * t.sf(abs(found.tstats.iloc[-1]), n - 3)
print("estimate", found.params.iloc[-1], found.std_errors.iloc[-1], low, high, p, sep="\t")
print("ordinary", plain.params.iloc[-1], plain.std_errors.iloc[-1], sep="\t")
print("first", f, first["partial.rsquared"], sep="\t")
# Wu and Hausman as a regression on the exposure and what the first stage leaves of it.
left = x - both @ np.linalg.lstsq(both, x, rcond=None)[0]
a = np.column_stack([held, x, left])
slopes = np.linalg.lstsq(a, y, rcond=None)[0]
error = np.sqrt(np.sum((y - a @ slopes) ** 2) / (n - 4) * np.linalg.inv(a.T @ a)[-1, -1])
print("endogeneity", 2 * t.sf(abs(slopes[-1] / error), n - 4), sep="\t")
