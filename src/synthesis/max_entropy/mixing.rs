//! Whether chains have forgotten where they began.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, concatenate, s};

/// What tells how well chains have mixed, from one number a sample, shape `(chains, samples)`.
///
/// Chains are cut in halves first, so that one that drifts disagrees with itself.
#[derive(Debug)]
pub(super) struct Mixing {
    /// `(half chains, half the samples)`.
    halves: Array2<f64>,
}

impl Mixing {
    pub(super) fn new(chains: &ArrayView2<'_, f64>) -> Self {
        let half = chains.ncols() / 2;
        let (first, second) = (
            chains.slice(s![.., ..half]),
            chains.slice(s![.., -(half as isize)..]),
        );
        // Two views with one number of columns always fit.
        let halves = concatenate(Axis(0), &[first, second]).unwrap_or_default();
        Self { halves }
    }

    /// Returns the mean variance within chains, and the variance that all chains together have.
    fn variances(&self) -> (f64, f64) {
        let (chains, samples) = (self.halves.nrows() as f64, self.halves.ncols() as f64);
        let means = self.halves.rows().into_iter().map(|row| mean(&row));
        let means: Array1<f64> = means.collect();
        let within = self.halves.rows().into_iter();
        let within = within.map(|row| covariance(&row, 0)).sum::<f64>() / chains;
        let grand = means.sum() / chains;
        let between = means.mapv(|mean| (mean - grand).powi(2)).sum() / (chains - 1.0);
        (within * samples / (samples - 1.0), within + between)
    }

    /// Returns the share of the spread that is within chains, as the scale by which more samples could shrink it: near 1 for chains that agree.
    ///
    /// No number for fewer than 4 samples a chain, or where nothing ever changes.
    pub(super) fn r_hat(&self) -> f64 {
        if self.halves.ncols() < 2 {
            return f64::NAN;
        }
        let (within, all) = self.variances();
        (all / within).sqrt()
    }

    /// Returns how many independent samples tell the mean as well as these do.
    ///
    /// No number for fewer than 4 samples a chain, or where nothing ever changes.
    pub(super) fn effective_samples(&self) -> f64 {
        let (chains, samples) = self.halves.dim();
        if samples < 2 {
            return f64::NAN;
        }
        let (within, all) = self.variances();
        if all <= 0.0 {
            return f64::NAN;
        }
        let correlation = |lag: usize| {
            let rows = self.halves.rows().into_iter();
            let shared = rows.map(|row| covariance(&row, lag)).sum::<f64>() / chains as f64;
            1.0 - (within - shared) / all
        };
        // Pairs of neighbouring lags are added while they are positive, and none counts more than the one before (Geyer 1992).
        let (mut sum, mut before) = (0.0, f64::INFINITY);
        let (mut lag, mut pair) = (0, (1.0, correlation(1)));
        while lag + 4 < samples && pair.0 + pair.1 > 0.0 {
            before = (pair.0 + pair.1).min(before);
            sum += before;
            lag += 2;
            pair = (correlation(lag), correlation(lag + 1));
        }
        // Of the last pair one half counts.
        let is_kept = pair.0 > 0.0 || pair.0 + pair.1 >= 0.0;
        let last = if is_kept { pair.0 } else { 0.0 };
        let count = (chains * samples) as f64;
        let time = (2.0 * sum + last - 1.0).max(1.0 / count.log10());
        count / time
    }
}

fn mean(row: &ArrayView1<'_, f64>) -> f64 {
    row.sum() / row.len() as f64
}

/// Returns the covariance of a row with itself so many samples later, divided by the number of samples.
fn covariance(row: &ArrayView1<'_, f64>, lag: usize) -> f64 {
    let mean = mean(row);
    let pairs = row.iter().zip(row.iter().skip(lag));
    let sum: f64 = pairs.map(|(a, b)| (a - mean) * (b - mean)).sum();
    sum / row.len() as f64
}

/// Returns the autocorrelation of chains `(chains, samples)`, the mean over them, for every lag; no number where nothing ever changes.
pub(super) fn autocorrelation(chains: &ArrayView2<'_, f64>) -> Array1<f64> {
    let at = |lag: usize| {
        let rows = chains.rows().into_iter();
        rows.map(|row| covariance(&row, lag)).sum::<f64>()
    };
    let none = at(0);
    (0..chains.ncols()).map(|lag| at(lag) / none).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_mix_as_arviz_says() {
        let golden = include_str!("../../../tests/golden/synthesis/mixing.tsv");
        let mut count = 0;
        for line in golden.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let number = |cell: usize| cells[cell].parse::<f64>().unwrap_or(f64::NAN);
            let values = cells[5].split(',').map(str::parse::<f64>);
            let values: Vec<f64> = values.map(|value| value.unwrap_or(f64::NAN)).collect();
            let shape = (number(1) as usize, number(2) as usize);
            let chains = ArrayView2::from_shape(shape, &values);
            let Ok(chains) = chains else {
                unreachable!("{line}")
            };
            let mixing = Mixing::new(&chains);
            let apart = mixing.effective_samples() / number(3) - 1.0;
            assert!(apart.abs() < 1e-9, "{}: {apart}", &line[..40]);
            // ArviZ asks for two chains there.
            if shape.0 > 1 {
                let apart = mixing.r_hat() / number(4) - 1.0;
                assert!(apart.abs() < 1e-9, "{}: {apart}", &line[..40]);
            }
            count += 1;
        }
        assert_eq!(count, 25);
    }

    #[test]
    fn nothing_is_said_of_chains_that_are_too_short_or_never_change() {
        for chains in [Array2::zeros((3, 20)), Array2::from_elem((2, 3), 1.5)] {
            let mixing = Mixing::new(&chains.view());
            assert!(mixing.effective_samples().is_nan() && mixing.r_hat().is_nan());
        }
    }
}
