"""Writes forecasts.tsv: scores of normal forecasts by the uncertainty toolbox.

pip install uncertainty-toolbox==0.1.1 numpy==2.4.6
python forecasts.py

First column: case and quantity. Scores: MACE, RMSCE and area (interval, then quantile proportions), sharpness, negative log-likelihood, CRPS,
check score, interval score.
"""
import numpy as np
import uncertainty_toolbox as uct

random = np.random.default_rng(12)
mean = random.normal(0, 2, 40)
spread = random.uniform(0.3, 2, 40)
cases = {
    "fixture": ([1, 2, 3], [0.1, 0.5, 1], [1.5, 3, 2]),
    "drawn": (mean, spread, mean + 0.4 + 1.3 * spread * random.normal(0, 1, 40)),
}
with open("forecasts.tsv", "w") as out:
    for case, data in cases.items():
        mean, spread, truth = (np.array(values).astype(np.float32).astype(np.float64) for values in data)
        of = mean, spread, truth
        calibration = [
            metric(*of, prop_type=kind)
            for metric in (uct.mean_absolute_calibration_error, uct.root_mean_squared_calibration_error, uct.miscalibration_area)
            for kind in ("interval", "quantile")
        ]
        scores = [uct.sharpness(spread), uct.nll_gaussian(*of), uct.crps_gaussian(*of), uct.check_score(*of), uct.interval_score(*of)]
        for name, values in [("mean", mean), ("spread", spread), ("truth", truth), ("scores", calibration + scores)]:
            print(f"{case}.{name}", *[f"{value:.15g}" for value in values], sep="\t", file=out)
