//! Transcription, splicing and decay of one gene.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// How long a path is in the units of the rates.
const LENGTH: f64 = 10.0;

/// The rates of a gene and when it is transcribed, in a path from 0 to 1; infinite where it was on before, or stays on.
pub(super) struct Kinetics {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) gamma: f64,
    pub(super) on: f64,
    pub(super) off: f64,
    /// The branch in which it changes; without one, everywhere.
    pub(super) branch: Option<usize>,
}

impl Kinetics {
    pub(super) fn draw(branches: usize, generator: &mut ChaCha8Rng) -> Self {
        let [alpha, beta, gamma]: [f64; 3] =
            std::array::from_fn(|_| StandardNormal.sample(generator));
        let beta = (0.2 * beta).exp();
        let mut gamma = 0.7 * (0.3 * gamma).exp();
        // Where both rates are the same the formula below divides by zero.
        if (gamma - beta).abs() < 1e-3 {
            gamma = beta - 2e-3;
        }
        let own = branches > 1 && generator.random::<bool>();
        let branch = own.then(|| generator.random_range(0..branches));
        let first = if own { 0.5 } else { 0.0 };
        let mut times: [f64; 2] = std::array::from_fn(|_| generator.random_range(first..1.0));
        times.sort_by(f64::total_cmp);
        let (on, off) = match generator.random_range(0..4) {
            0 | 1 => (f64::NEG_INFINITY, times[0]),
            2 => (times[0], f64::INFINITY),
            _ => (times[0], times[1]),
        };
        Self {
            alpha: 10.0 * (0.5 * alpha).exp(),
            beta,
            gamma,
            on,
            off,
            branch,
        }
    }

    /// Returns how many unspliced and spliced molecules there are in a cell of this time and branch.
    pub(super) fn at(&self, time: f64, branch: usize) -> (f64, f64) {
        let time = match self.branch {
            Some(own) if own != branch => time.min(0.5),
            _ => time,
        };
        let rest = (self.alpha / self.beta, self.alpha / self.gamma);
        let start = if self.on == f64::NEG_INFINITY {
            rest
        } else {
            (0.0, 0.0)
        };
        let on = self.on.max(0.0);
        if time <= on.min(self.off) {
            return start;
        }
        let until = time.min(self.off);
        let state = self.after(start, self.alpha, (until - on) * LENGTH);
        self.after(state, 0.0, (time - until) * LENGTH)
    }

    /// Solves the two equations from a state on, at a constant rate of transcription.
    fn after(&self, (unspliced, spliced): (f64, f64), alpha: f64, time: f64) -> (f64, f64) {
        let (fast, slow) = ((-self.beta * time).exp(), (-self.gamma * time).exp());
        let later = unspliced * fast + alpha / self.beta * (1.0 - fast);
        let mixed = (alpha - self.beta * unspliced) / (self.gamma - self.beta) * (slow - fast);
        (
            later,
            spliced * slow + alpha / self.gamma * (1.0 - slow) + mixed,
        )
    }

    /// Returns the change of spliced molecules in a unit of time.
    pub(super) fn velocity(&self, unspliced: f64, spliced: f64) -> f64 {
        self.beta * unspliced - self.gamma * spliced
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    #[test]
    fn the_formula_solves_the_equations() {
        let mut generator = Seed::new(3).generator();
        for _ in 0..20 {
            let gene = Kinetics::draw(2, &mut generator);
            let (mut unspliced, mut spliced) = gene.at(0.0, 0);
            let steps = 100_000;
            let step = LENGTH / f64::from(steps);
            for index in 0..steps {
                let time = f64::from(index) / f64::from(steps);
                let sleeps = gene.branch == Some(1) && time >= 0.5;
                let alpha = if time >= gene.on && time < gene.off {
                    gene.alpha
                } else {
                    0.0
                };
                if !sleeps {
                    let change = gene.velocity(unspliced, spliced);
                    unspliced += step * (alpha - gene.beta * unspliced);
                    spliced += step * change;
                }
            }
            let exact = gene.at(1.0, 0);
            assert!(
                (exact.0 - unspliced).abs() < 0.02 && (exact.1 - spliced).abs() < 0.02,
                "{exact:?}, not {unspliced} and {spliced}"
            );
        }
    }
}
