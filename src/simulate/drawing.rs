//! One sequence while things are embedded in it.

use super::background::pick;
use super::embedding::{Pair, What};
use super::room::Room;
use super::{Embedding, Plant, Position, Site};
use crate::Result;
use crate::motif::Motifs;
use crate::sequence::Alphabet;
use rand::RngExt;
use rand::seq::index::sample;
use rand_chacha::ChaCha8Rng;

/// A sequence with what was embedded so far.
#[derive(Clone)]
pub(super) struct Drawing {
    sequence: usize,
    alphabet: Alphabet,
    letters: Vec<u8>,
    room: Room,
    plants: Vec<Plant>,
    pairs: usize,
}

impl Drawing {
    pub(super) fn new(sequence: usize, alphabet: Alphabet, letters: Vec<u8>) -> Self {
        Self {
            sequence,
            alphabet,
            room: Room::new(letters.len()),
            letters,
            plants: Vec::new(),
            pairs: 0,
        }
    }

    /// Returns the letters and what was embedded, by position.
    pub(super) fn into_parts(mut self) -> (Vec<u8>, Vec<Plant>) {
        self.plants.sort_by_key(|plant| plant.start);
        (self.letters, self.plants)
    }

    /// Embeds everything; false when there was no room.
    pub(super) fn embed_all(
        &mut self,
        embeddings: &[Embedding],
        motifs: &Motifs,
        generator: &mut ChaCha8Rng,
    ) -> Result<bool> {
        for embedding in embeddings {
            let times = embedding.times.draw("times", generator)?;
            for _ in 0..times {
                if !self.embed(&embedding.what, motifs, generator)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn embed(&mut self, what: &What, motifs: &Motifs, generator: &mut ChaCha8Rng) -> Result<bool> {
        match what {
            What::Site(site, position) => {
                let Some(start) = position.draw(site.width(), &self.room, generator) else {
                    return Ok(false);
                };
                self.room.take(start..start + site.width());
                self.write(site, (start, None), motifs, generator)?;
                Ok(true)
            }
            What::Pair(pair, position) => self.embed_pair(pair, position, (motifs, generator)),
            What::All(of) => self.embed_all(of, motifs, generator),
            What::OneOf(of) => {
                let shares: Vec<f64> = of.iter().map(|(share, _)| *share).collect();
                let (_, one) = &of[pick(&shares, generator.random())];
                self.embed_all(std::slice::from_ref(one), motifs, generator)
            }
            What::SomeOf(count, of) => {
                let count = count.draw("some_of", generator)?.min(of.len());
                let mut chosen = sample(generator, of.len(), count).into_vec();
                chosen.sort_unstable();
                let chosen: Vec<Embedding> = chosen.into_iter().map(|i| of[i].clone()).collect();
                self.embed_all(&chosen, motifs, generator)
            }
        }
    }

    fn embed_pair(
        &mut self,
        pair: &Pair,
        position: &Position,
        (motifs, generator): (&Motifs, &mut ChaCha8Rng),
    ) -> Result<bool> {
        let gap = pair.gap.draw("gap", generator)?;
        let turned = pair.either_order && generator.random::<bool>();
        let (first, second) = if turned {
            (&pair.second, &pair.first)
        } else {
            (&pair.first, &pair.second)
        };
        let width = (first.width() + second.width()).saturating_add(gap);
        let Some(start) = position.draw(width, &self.room, generator) else {
            return Ok(false);
        };
        self.room.take(start..start + width);
        let number = Some(self.pairs);
        self.pairs += 1;
        self.write(first, (start, number), motifs, generator)?;
        let start = start + first.width() + gap;
        self.write(second, (start, number), motifs, generator)?;
        Ok(true)
    }

    /// Writes the letters of a site, whose place is taken, and notes it.
    fn write(
        &mut self,
        site: &Site,
        (start, pair): (usize, Option<usize>),
        motifs: &Motifs,
        generator: &mut ChaCha8Rng,
    ) -> Result<()> {
        let (letters, reverse) = site.draw(self.alphabet, generator)?;
        let end = start + letters.len();
        self.letters[start..end].copy_from_slice(&letters);
        let mut known = 0..motifs.len();
        let motif = known.find(|&motif| motifs.get(motif).name() == site.name());
        self.plants.push(Plant {
            sequence: self.sequence,
            motif: motif.unwrap_or_default(),
            name: site.name().into(),
            start,
            end,
            reverse,
            pair,
        });
        Ok(())
    }
}
