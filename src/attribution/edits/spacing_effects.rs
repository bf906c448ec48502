//! What two motifs do at every distance.

use crate::attribution::MeanEffect;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// What two motifs do in one order, on one pair of strands, at one distance.
#[derive(Clone, Debug, PartialEq)]
pub struct SpacingEffect {
    /// Whether the second motif comes first.
    pub swapped: bool,
    /// Whether the first and the second motif stand on the other strand.
    pub reversed: [bool; 2],
    /// The letters between the end of one and the beginning of the other.
    pub gap: usize,
    /// The mean effect of both.
    pub effect: MeanEffect,
    /// What it is more than the sum of the effects of each alone, where that was asked for.
    pub interaction: Option<MeanEffect>,
}

impl SpacingEffect {
    /// Returns the order and the strands in a few letters: `A+ B-` has the first motif first, and the second on the other strand.
    pub fn arrangement(&self) -> String {
        let strand = |reversed: bool| if reversed { '-' } else { '+' };
        let [first, second] = self.reversed.map(strand);
        if self.swapped {
            format!("B{second} A{first}")
        } else {
            format!("A{first} B{second}")
        }
    }
}

/// What two motifs do in all orders, on all strands and at all distances; cheap to clone.
///
/// The distances of one arrangement follow each other; of several outputs those of one distance do.
#[derive(Clone)]
pub struct SpacingEffects {
    first: Arc<str>,
    second: Arc<str>,
    effects: Arc<[SpacingEffect]>,
}

impl SpacingEffects {
    pub(super) fn new((first, second): (&str, &str), effects: Vec<SpacingEffect>) -> Self {
        Self {
            first: first.into(),
            second: second.into(),
            effects: effects.into(),
        }
    }

    /// Returns the motif that is called A.
    pub fn first(&self) -> &str {
        &self.first
    }

    /// Returns the motif that is called B.
    pub fn second(&self) -> &str {
        &self.second
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.effects.len()
    }

    /// Tells whether there is none, which no run gives.
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }

    /// Returns one of them.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`SpacingEffects::len`].
    pub fn get(&self, index: usize) -> SpacingEffect {
        self.effects[index].clone()
    }

    /// Returns them in order.
    pub fn as_slice(&self) -> &[SpacingEffect] {
        &self.effects
    }

    /// Returns the one with the largest mean effect on an output, if there is such an output.
    pub fn best(&self, output: usize) -> Option<SpacingEffect> {
        let own = self.effects.iter();
        let own = own.filter(|one| one.effect.output == output && !one.effect.mean.is_nan());
        own.max_by(|a, b| a.effect.mean.total_cmp(&b.effect.mean))
            .cloned()
    }

    /// Returns a table with the columns arrangement, gap, text, output, sequences, mean, `standard_error`, low, high, p and interaction.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> crate::Result<DataFrame> {
        let number =
            |get: fn(&SpacingEffect) -> f64| self.effects.iter().map(get).collect::<Vec<_>>();
        let count = |get: fn(&SpacingEffect) -> usize| {
            self.effects
                .iter()
                .map(|one| get(one) as i64)
                .collect::<Vec<_>>()
        };
        let interaction = self.effects.iter();
        let interaction = interaction.map(|one| one.interaction.as_ref().map(|mean| mean.mean));
        Ok(df!(
            "arrangement" => self.effects.iter().map(SpacingEffect::arrangement).collect::<Vec<_>>(),
            "gap" => count(|one| one.gap),
            "text" => self.effects.iter().map(|one| one.effect.name.as_str()).collect::<Vec<_>>(),
            "output" => count(|one| one.effect.output),
            "sequences" => count(|one| one.effect.sequences),
            "mean" => number(|one| one.effect.mean),
            "standard_error" => number(|one| one.effect.standard_error),
            "low" => number(|one| one.effect.low),
            "high" => number(|one| one.effect.high),
            "p" => number(|one| one.effect.p),
            "interaction" => interaction.collect::<Vec<_>>(),
        )?)
    }
}

impl fmt::Debug for SpacingEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (self.first(), self.second());
        write!(
            f,
            "SpacingEffects(A = {first}, B = {second}, n = {})",
            self.len()
        )
    }
}
