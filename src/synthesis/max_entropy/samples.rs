//! What maximum-entropy sampling finds.

use super::mixing::{Mixing, autocorrelation};
use crate::Result;
use crate::motif::Motif;
use crate::sequence::Sequences;
use ndarray::{Array1, Array2, Array3, Array4, Axis};
use polars::df;
use polars::prelude::DataFrame;
use std::fmt;
use std::sync::Arc;

/// Sequences that a model takes for the same as each of some inputs; cheap to clone.
///
/// What they agree on is what the model looks at. Before trusting frequencies, look at whether the chains have mixed:
/// [`effective_samples`](Self::effective_samples) and [`r_hat`](Self::r_hat).
#[derive(Clone)]
pub struct MaxEntropySamples {
    parts: Arc<Parts>,
}

/// All that was found.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) inputs: Sequences,
    /// The place of every letter in the alphabet, `(n, chains, samples, length)`; an unknown letter stands behind all.
    pub(super) letters: Array4<u8>,
    /// `(n, chains, samples)`.
    pub(super) energies: Array3<f64>,
    /// `(n, chains)`.
    pub(super) acceptance: Array2<f64>,
    /// The shares of the letters that the field alone would give.
    pub(super) background: Array1<f64>,
    /// The positions that were held.
    pub(super) held: Array1<bool>,
    /// Steps of the burn-in, and between two samples.
    pub(super) steps: (usize, usize),
}

impl MaxEntropySamples {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// Returns what was explained.
    pub fn inputs(&self) -> &Sequences {
        &self.parts.inputs
    }

    /// Returns the number of inputs.
    pub fn len(&self) -> usize {
        self.parts.inputs.len()
    }

    /// Tells whether there is no input.
    pub fn is_empty(&self) -> bool {
        self.parts.inputs.is_empty()
    }

    /// Returns the samples of one input.
    ///
    /// # Errors
    ///
    /// Fails when there is no such input.
    pub fn get(&self, index: usize) -> Result<Self> {
        let parts = &self.parts;
        Ok(Self::new(Parts {
            inputs: parts.inputs.get(index)?,
            letters: parts.letters.select(Axis(0), &[index]),
            energies: parts.energies.select(Axis(0), &[index]),
            acceptance: parts.acceptance.select(Axis(0), &[index]),
            ..(**parts).clone()
        }))
    }

    /// Returns all samples, those of a chain in a row, named `NAME chain C step S`.
    pub fn sequences(&self) -> Sequences {
        let alphabet = self.parts.inputs.alphabet();
        let (letters, unknown) = (alphabet.letters(), alphabet.unknown());
        let rows = self.places().zip(self.parts.letters.rows());
        let pairs = rows.map(|((index, chain, step, _), row)| {
            let name = self.parts.inputs.name(index);
            let text = row.iter().map(|&place| letters.get(usize::from(place)));
            let text = text.map(|letter| letter.copied().unwrap_or(unknown));
            (format!("{name} chain {chain} step {step}"), text.collect())
        });
        Sequences::from_legal(alphabet, pairs)
    }

    /// Returns input, chain, step and energy of every sample, in the order of the samples.
    fn places(&self) -> impl Iterator<Item = (usize, usize, usize, f64)> {
        let (burn_in, every) = self.parts.steps;
        let energies = self.parts.energies.indexed_iter();
        energies.map(move |((index, chain, sample), &energy)| {
            (index, chain, burn_in + (sample + 1) * every, energy)
        })
    }

    /// Returns the energy of every sample, shape `(n, chains, samples)`: how far it is from the input, in the unit of the raw output.
    pub fn energies(&self) -> &Array3<f64> {
        &self.parts.energies
    }

    /// Returns after which step every sample of a chain was taken, shape `(samples)`.
    pub fn steps(&self) -> Array1<usize> {
        let (burn_in, every) = self.parts.steps;
        let count = self.parts.energies.dim().2;
        (1..=count).map(|sample| burn_in + sample * every).collect()
    }

    /// Returns the share of proposals that were accepted behind the burn-in, shape `(n, chains)`.
    pub fn acceptance(&self) -> &Array2<f64> {
        &self.parts.acceptance
    }

    /// Returns the share of samples with each letter, shape `(n, length, letters)`; an unknown letter counts as an equal share of each.
    pub fn frequencies(&self) -> Array3<f64> {
        let (n, chains, samples, length) = self.parts.letters.dim();
        let letters = self.parts.background.len();
        let mut counts = Array3::<f64>::zeros((n, length, letters));
        for ((index, _, _, position), &letter) in self.parts.letters.indexed_iter() {
            match counts.get_mut([index, position, usize::from(letter)]) {
                Some(count) => *count += 1.0,
                None => {
                    for letter in 0..letters {
                        counts[[index, position, letter]] += 1.0 / letters as f64;
                    }
                }
            }
        }
        counts / (chains * samples).max(1) as f64
    }

    /// Returns the shares of the letters where the model constrains nothing, shape `(letters)`: equal ones, but for the field.
    pub fn background(&self) -> &Array1<f64> {
        &self.parts.background
    }

    /// Returns how much the model constrains each position, shape `(n, length)`, in bits: the relative entropy of the letters there to those
    /// that the field alone would give.
    ///
    /// It is 0 where nothing could change: at an unknown letter, and where a position was held. Few effective samples make it too large, by about
    /// `(letters - 1) / (2 ln 2 samples)`.
    pub fn saliency(&self) -> Array2<f64> {
        let heights = self.heights();
        heights.sum_axis(Axis(2))
    }

    /// Returns the heights of the letters of an information logo, shape `(n, length, letters)`, in bits: the share of a letter times the saliency of
    /// its position.
    pub fn heights(&self) -> Array3<f64> {
        let mut heights = self.frequencies();
        let unknown = self.parts.background.len();
        for (index, mut rows) in heights.outer_iter_mut().enumerate() {
            for (position, mut row) in rows.outer_iter_mut().enumerate() {
                let was = self.parts.letters.get([index, 0, 0, position]);
                let is_unknown = was.is_some_and(|&letter| usize::from(letter) == unknown);
                if self.parts.held[position] || is_unknown {
                    row.fill(0.0);
                    continue;
                }
                let shares = row.iter().zip(&self.parts.background);
                let bits = shares.filter(|&(&share, _)| share > 0.0);
                let bits: f64 = bits.map(|(&p, &b)| p * (p / b).log2()).sum();
                row *= bits.max(0.0);
            }
        }
        heights
    }

    /// Returns the samples of the first input as a motif over all positions, with the unconstrained shares as background; take another one with `get`.
    ///
    /// # Errors
    ///
    /// Fails when there is no input.
    pub fn motif(&self) -> Result<Motif> {
        let first = self.get(0)?;
        let name = format!("{} samples", first.inputs().name(0));
        let motif = Motif::from_sequences(&name, &first.sequences())?;
        motif.with_background(&self.parts.background)
    }

    /// Returns for every input how many independent samples would tell the mean energy as well, shape `(n)`; far fewer than there are mean that the
    /// chains have hardly moved.
    ///
    /// From all chains together, with Geyer's initial monotone sequence (Gelman et al. 2013, Bayesian Data Analysis, section 11.5, and Stan), checked
    /// against `ArviZ`. No number for fewer than 4 samples a chain, or where the energy never changes.
    pub fn effective_samples(&self) -> Array1<f64> {
        let inputs = self.parts.energies.outer_iter();
        inputs
            .map(|chains| Mixing::new(&chains).effective_samples())
            .collect()
    }

    /// Returns for every input how much larger the spread of the energy is over all chains than within one, shape `(n)`; more than 1.01 says that the
    /// chains have not mixed.
    ///
    /// Chains are cut in halves (split R-hat, as in [`effective_samples`](Self::effective_samples)).
    pub fn r_hat(&self) -> Array1<f64> {
        let inputs = self.parts.energies.outer_iter();
        inputs.map(|chains| Mixing::new(&chains).r_hat()).collect()
    }

    /// Returns the autocorrelation of the energy, the mean over the chains, shape `(n, samples)`: how much a sample tells of the one so many samples
    /// later.
    pub fn autocorrelation(&self) -> Array2<f64> {
        let (n, _, samples) = self.parts.energies.dim();
        let mut all = Array2::zeros((n, samples));
        for (mut row, chains) in all.outer_iter_mut().zip(self.parts.energies.outer_iter()) {
            row.assign(&autocorrelation(&chains));
        }
        all
    }

    /// Returns the samples as a table with columns sequence, chain, step, energy and letters.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let places: Vec<_> = self.places().collect();
        let samples = self.sequences();
        let column = |get: fn(&(usize, usize, usize, f64)) -> usize| -> Vec<u64> {
            places.iter().map(|place| get(place) as u64).collect()
        };
        let names: Vec<&str> = places
            .iter()
            .map(|place| self.parts.inputs.name(place.0))
            .collect();
        let texts: Vec<&str> = (0..samples.len()).map(|row| samples.text(row)).collect();
        Ok(df!(
            "sequence" => names,
            "chain" => column(|place| place.1),
            "step" => column(|place| place.2),
            "energy" => places.iter().map(|place| place.3).collect::<Vec<f64>>(),
            "letters" => texts,
        )?)
    }

    /// Returns how well the chains of every input have mixed: a table with columns sequence, samples, acceptance, energy (the mean),
    /// `effective_samples` and `r_hat`.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn summary(&self) -> Result<DataFrame> {
        let (_, chains, samples) = self.parts.energies.dim();
        let means = self.parts.energies.outer_iter().map(|own| own.mean());
        Ok(df!(
            "sequence" => self.parts.inputs.names(),
            "samples" => vec![(chains * samples) as u64; self.len()],
            "acceptance" => self.parts.acceptance.outer_iter().map(|own| own.mean()).collect::<Vec<_>>(),
            "energy" => means.collect::<Vec<_>>(),
            "effective_samples" => self.effective_samples().to_vec(),
            "r_hat" => self.r_hat().to_vec(),
        )?)
    }
}

impl fmt::Debug for MaxEntropySamples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, chains, samples, length) = self.parts.letters.dim();
        write!(
            f,
            "MaxEntropySamples(n = {n}, chains = {chains}, samples = {samples}, length = {length})"
        )
    }
}
