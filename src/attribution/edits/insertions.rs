//! Letters put in at every position.

use super::IndelEffects;
use super::indels::{Indels, inserted};
use crate::network::Model;
use crate::sequence::{Sequences, Side, legal};
use crate::{Error, Result};

/// Computes what every letter does to the first output when it is put in front of every position.
///
/// # Errors
///
/// As [`Insertions::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let effects = attribution::insertion_effects(&network::deepbind(4), &peaks)?;
/// assert_eq!(effects.values().dim(), (1, 4, 10));
/// # Ok(()) }
/// ```
///
/// # References
///
/// An effect is that of tangermeme's `insertion_effect`.
pub fn insertion_effects(model: &dyn Model, sequences: &Sequences) -> Result<IndelEffects> {
    Insertions::new().run(model, sequences)
}

/// Puts letters in at every position, with options.
///
/// The sequence keeps its length: what passes an end is cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Insertions {
    texts: Vec<String>,
    side: Side,
    target: usize,
    batch: usize,
}

impl Insertions {
    /// Takes the defaults: each letter of the alphabet, cut off on the right, the first output, batches of 64.
    pub fn new() -> Self {
        Self {
            texts: Vec::new(),
            side: Side::Right,
            target: 0,
            batch: 64,
        }
    }

    /// Sets what is put in, one text after the other.
    pub fn texts(mut self, texts: &[&str]) -> Self {
        self.texts = texts.iter().map(ToString::to_string).collect();
        self
    }

    /// Sets at which side the sequence is cut to its length.
    pub fn side(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// Sets which output is meant, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the effects.
    ///
    /// # Errors
    ///
    /// Fails when the model cannot read the sequences, there is no such output, a text is empty, longer than the sequences or has letters
    /// that they have not, or the user interrupts.
    pub fn run(&self, model: &dyn Model, sequences: &Sequences) -> Result<IndelEffects> {
        let (alphabet, length) = (sequences.alphabet(), sequences.length()?);
        let texts: Vec<Vec<u8>> = if self.texts.is_empty() {
            alphabet
                .letters()
                .iter()
                .map(|&letter| vec![letter])
                .collect()
        } else {
            let texts = self.texts.iter();
            texts
                .map(|text| legal(alphabet, "texts", text))
                .collect::<Result<_>>()?
        };
        if let Some(text) = texts.iter().find(|text| text.len() > length) {
            let expected = format!("at most {length} letters each, as the sequences have");
            let got = format!("{} letters", text.len());
            return Err(Error::value("texts", expected, got));
        }
        let name = |text: &Vec<u8>| format!("+{}", String::from_utf8_lossy(text));
        let indels = Indels {
            task: "insertions",
            target: self.target,
            batch: self.batch,
            kinds: texts.iter().map(name).collect(),
        };
        indels.run((model, sequences), |index, kind, position| {
            let letters = sequences.letters(index);
            Some(inserted(letters, (position, &texts[kind]), self.side))
        })
    }
}

impl Default for Insertions {
    fn default() -> Self {
        Self::new()
    }
}
