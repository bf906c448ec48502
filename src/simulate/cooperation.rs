//! Two factors of which one needs the other, seen by two assays.

use super::count::count;
use super::occupancy::Factor;
use super::{Assays, Background, Embedding, Quantity, Recipe, Site};
use crate::motif::Motif;
use crate::random::Seed;
use crate::sequence::Alphabet;
use crate::{Error, Result};
use ndarray::Array2;
use rand::RngExt;
use std::sync::Arc;

/// Shares of the letters in the background.
const BACKGROUND: [f64; 4] = [0.27, 0.23, 0.23, 0.27];
/// What both assays count where nothing binds.
const BIAS: f64 = 1.0;

/// Simulates two assays of the same sequences: the binding of one factor, the exposure, causes that of another, the outcome.
///
/// Three quarters of the sequences carry the motif of the exposure, that of the outcome, or both, in equal parts. With `q` the share of the
/// time that a factor sits somewhere on a sequence, the assays count Poisson numbers of mean
///
/// ```text
/// exposure  1 + alpha q_exposure           + eta q_confounder + tau b
/// outcome   1 + beta  q_exposure q_outcome + nu  q_confounder + tau b
/// ```
///
/// where the confounder is a third factor with a motif in half of the sequences ([`confounder`](Self::confounder)), and `b` something that the
/// sequence does not show, present with a chance ([`hidden`](Self::hidden)). Strengths as published: `alpha` 100, `beta` 100, `eta` 20,
/// `nu` 30, `tau` 25.
///
/// # Examples
///
/// ```
/// use genolens::{motif::Motif, simulate::Cooperation};
/// # fn main() -> genolens::Result<()> {
/// let (gata, tal1) = (Motif::from_consensus("GATA1", "AGATAA")?, Motif::from_consensus("TAL1", "CAGATG")?);
/// let data = Cooperation::new(&gata, &tal1).strengths(100.0, 200.0).run(40)?;
/// assert_eq!(data.counts().dim(), (40, 2));
/// let effects: Vec<f64> = data.exposed().iter().filter_map(|index| data.effect(*index)).collect();
/// assert!(effects.iter().any(|effect| *effect > 0.5));
/// # Ok(()) }
/// ```
///
/// # References
///
/// The simulation of Malina, Cizin and Knowles 2022, <https://doi.org/10.1371/journal.pcbi.1009880>, with motifs on one strand as there.
#[derive(Clone, Debug)]
pub struct Cooperation {
    exposure: Motif,
    outcome: Motif,
    confounder: Option<Motif>,
    hidden: f64,
    strengths: (f64, f64),
    confounding: (f64, f64),
    shift: f64,
    length: usize,
    variants: f64,
    seed: Seed,
}

impl Cooperation {
    /// Starts from the published defaults: 100 letters, strengths of 100, nothing that confounds, no variants.
    pub fn new(exposure: &Motif, outcome: &Motif) -> Self {
        Self {
            exposure: exposure.clone(),
            outcome: outcome.clone(),
            confounder: None,
            hidden: 0.0,
            strengths: (100.0, 100.0),
            confounding: (20.0, 30.0),
            shift: 25.0,
            length: 100,
            variants: 0.0,
            seed: Seed::default(),
        }
    }

    /// Sets how much binding adds to the counts: `alpha` of the exposure, `beta` of the outcome.
    pub fn strengths(mut self, alpha: f64, beta: f64) -> Self {
        self.strengths = (alpha, beta);
        self
    }

    /// Adds a factor that acts on both assays, with its motif in half of the sequences.
    pub fn confounder(mut self, motif: &Motif) -> Self {
        self.confounder = Some(motif.clone());
        self
    }

    /// Sets how much the confounding factor adds: `eta` to the exposure, `nu` to the outcome.
    pub fn confounding(mut self, eta: f64, nu: f64) -> Self {
        self.confounding = (eta, nu);
        self
    }

    /// Sets the chance that something which no sequence shows adds `tau` to both assays.
    pub fn hidden(mut self, chance: f64) -> Self {
        self.hidden = chance;
        self
    }

    /// Sets `tau`, what the hidden confounder adds to both.
    pub fn shift(mut self, tau: f64) -> Self {
        self.shift = tau;
        self
    }

    /// Sets the number of letters.
    pub fn length(mut self, letters: usize) -> Self {
        self.length = letters;
        self
    }

    /// Adds so many variants for each sequence, which differ from a sequence by one letter in each of its motifs, or anywhere where it has none.
    pub fn variants(mut self, share: f64) -> Self {
        self.variants = share;
        self
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Makes `n` sequences, and their variants after them.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for a strength that is negative or not finite, a chance outside 0 to 1, a share of variants below 0 or above 10,
    /// motifs of one name, and whatever [`Recipe::run`] refuses, such as motifs that do not fit.
    pub fn run(&self, n: usize) -> Result<Assays> {
        self.check()?;
        let data = self.recipe()?.run(n)?;
        let plants = data.truth();
        let mut letters: Vec<Vec<u8>> = (0..n)
            .map(|index| data.sequences().letters(index).to_vec())
            .collect();
        let mut origins: Vec<usize> = (0..n).collect();
        let mut generator = self.seed.named("variants").generator();
        for _ in 0..(self.variants * n as f64).round() as usize {
            let origin = generator.random_range(0..n);
            let mut variant = letters[origin].clone();
            let own = plants.of(origin);
            let mut spans: Vec<_> = (0..own.len())
                .map(|i| own.get(i))
                .map(|plant| plant.start..plant.end)
                .collect();
            if spans.is_empty() {
                spans.push(0..variant.len());
            }
            for span in spans {
                let place = generator.random_range(span);
                variant[place] = other(variant[place], generator.random_range(1..4));
            }
            letters.push(variant);
            origins.push(origin);
        }
        let law = self.law();
        let mut expected = Array2::zeros((letters.len(), 2));
        let mut counts = Array2::zeros((letters.len(), 2));
        for (index, letters) in letters.iter().enumerate() {
            let mut generator = self.seed.named("counts").indexed(index).generator();
            let hidden = generator.random::<f64>() < self.hidden;
            for (assay, mean) in law.all(&codes(letters), hidden).into_iter().enumerate() {
                expected[(index, assay)] = mean;
                counts[(index, assay)] = count(mean, 0.0, &mut generator);
            }
        }
        let (made, seen) = ((letters, origins), (expected, counts));
        Ok(Assays::new(made, seen, (plants, Arc::new(law))))
    }

    fn recipe(&self) -> Result<Recipe> {
        let site = |motif: &Motif| Site::motif(motif).reversed(0.0);
        let motifs = [
            Some(&self.exposure),
            Some(&self.outcome),
            self.confounder.as_ref(),
        ];
        let lengths = motifs.into_iter().flatten().map(Motif::len);
        let (longest, all) = lengths.fold((0, 0), |(longest, all), length| {
            (length.max(longest), all + length)
        });
        if longest + all > self.length {
            let expected = format!("at least {}, room for the motifs apart", longest + all);
            return Err(Error::value("length", &expected, self.length));
        }
        let alone = [
            Embedding::motif(site(&self.exposure)),
            Embedding::motif(site(&self.outcome)),
        ];
        let pair = Embedding::pair(site(&self.exposure), site(&self.outcome));
        let pair = pair
            .gap(Quantity::uniform(longest..=self.length - all))
            .either_order(true);
        let [exposure, outcome] = alone;
        let mut recipe = Recipe::new(self.length)
            .background(&Background::composition(self.length, BACKGROUND))
            .embed(Embedding::some_of(
                Quantity::bernoulli(0.75),
                &[exposure, outcome, pair],
            ))
            .positives(1.0)
            .seed(self.seed);
        if let Some(motif) = &self.confounder {
            let embedding = Embedding::motif(site(motif));
            recipe = recipe.embed(Embedding::some_of(Quantity::bernoulli(0.5), &[embedding]));
        }
        Ok(recipe)
    }

    fn law(&self) -> Law {
        let factor = |motif| Factor::new(motif, BACKGROUND);
        Law {
            exposure: factor(&self.exposure),
            outcome: factor(&self.outcome),
            confounder: self.confounder.as_ref().map(factor),
            strengths: self.strengths,
            confounding: self.confounding,
            shift: self.shift,
        }
    }

    fn check(&self) -> Result<()> {
        let ((alpha, beta), (eta, nu)) = (self.strengths, self.confounding);
        let named = [
            ("alpha", alpha),
            ("beta", beta),
            ("eta", eta),
            ("nu", nu),
            ("tau", self.shift),
        ];
        if let Some((name, value)) = named
            .into_iter()
            .find(|(_, value)| !(0.0..=1e6).contains(value))
        {
            return Err(Error::value(name, "0 to 1,000,000 counts", value));
        }
        if !(0.0..=1.0).contains(&self.hidden) {
            return Err(Error::value("hidden", "a chance from 0 to 1", self.hidden));
        }
        if !(0.0..=10.0).contains(&self.variants) {
            return Err(Error::value(
                "variants",
                "0 to 10 for each sequence",
                self.variants,
            ));
        }
        let motifs = [
            Some(&self.exposure),
            Some(&self.outcome),
            self.confounder.as_ref(),
        ];
        for (index, motif) in motifs.iter().flatten().enumerate() {
            if motifs
                .iter()
                .flatten()
                .take(index)
                .any(|other| other.name() == motif.name())
            {
                let got = format!("`{}` twice", motif.name());
                return Err(Error::value("motifs", "different names", got));
            }
        }
        Ok(())
    }
}

/// What the assays count on average.
#[derive(Clone, Debug)]
pub(super) struct Law {
    exposure: Factor,
    outcome: Factor,
    confounder: Option<Factor>,
    strengths: (f64, f64),
    confounding: (f64, f64),
    shift: f64,
}

impl Law {
    /// Returns both means of a sequence, as numbers from 0 to 3.
    fn all(&self, codes: &[u8], hidden: bool) -> [f64; 2] {
        let confounder = self
            .confounder
            .as_ref()
            .map_or(0.0, |factor| factor.occupancy(codes));
        let shift = if hidden { self.shift } else { 0.0 };
        let [exposure, outcome] = self.causal(codes);
        [
            exposure + self.confounding.0 * confounder + shift,
            outcome + self.confounding.1 * confounder + shift,
        ]
    }

    /// Returns both means without anything that confounds.
    pub(super) fn causal(&self, codes: &[u8]) -> [f64; 2] {
        let exposure = self.exposure.occupancy(codes);
        let outcome = self.outcome.occupancy(codes);
        [
            BIAS + self.strengths.0 * exposure,
            BIAS + self.strengths.1 * exposure * outcome,
        ]
    }
}

/// Returns the letters as numbers from 0 to 3, and 4 for any other.
pub(super) fn codes(letters: &[u8]) -> Vec<u8> {
    let code = |letter: &u8| Alphabet::Dna.index(*letter).map_or(4, |code| code as u8);
    letters.iter().map(code).collect()
}

/// Returns the letter so many places after another.
fn other(letter: u8, places: usize) -> u8 {
    let code = Alphabet::Dna.index(letter).unwrap_or(0);
    Alphabet::Dna.letters()[(code + places) % 4]
}
