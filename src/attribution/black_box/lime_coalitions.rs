//! The coalitions that LIME asks for.

use super::Draw;
use super::coalitions::{Coalitions, Kept};
use crate::Result;
use crate::progress;
use crate::random::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;
use std::collections::HashMap;

/// Coalitions, and how often each was drawn.
#[derive(Debug)]
pub(super) struct Drawn {
    pub(super) kept: Kept,
    pub(super) counts: Vec<f64>,
}

impl Drawn {
    /// Takes all coalitions, each as often as it would be drawn in the mean.
    pub(super) fn all(features: usize, samples: usize, draw: Draw) -> Self {
        let mut kept = Kept::new(features);
        let mut present = vec![false; features];
        for members in 1..(1_usize << features) - 1 {
            for (feature, is) in present.iter_mut().enumerate() {
                *is = members >> feature & 1 == 1;
            }
            kept.push(&present);
        }
        let samples = samples as f64;
        let mut counts = vec![samples / 2.0_f64.powi(features as i32); kept.count()];
        if draw == Draw::AnyNumber {
            let mut subsets = vec![1.0; features + 1];
            for size in 1..=features {
                subsets[size] = subsets[size - 1] * (features + 1 - size) as f64 / size as f64;
            }
            for (index, count) in counts.iter_mut().enumerate() {
                let size = (0..features).filter(|&at| kept.has(index, at)).count();
                *count = (samples - 1.0) / features as f64 / subsets[size];
            }
            counts[0] = 1.0;
        }
        Self { kept, counts }
    }

    /// Draws some, after that of all features.
    pub(super) fn some(
        features: usize,
        samples: usize,
        (draw, seed): (Draw, Seed),
    ) -> Result<Self> {
        let mut generator = seed.generator();
        let mut kept = Kept::new(features);
        // None is asked for, and counts if it is drawn.
        let mut counts = vec![1.0, 0.0];
        let mut known: HashMap<Vec<u64>, usize> =
            kept.keys().map(<[u64]>::to_vec).zip(0..).collect();
        let mut present = vec![true; features];
        let mut order: Vec<usize> = (0..features).collect();
        for sample in 1..samples {
            progress::check("LIME", sample, samples)
                .inspect_err(|_| progress::clear_interrupt())?;
            match draw {
                Draw::Half => present.fill_with(|| generator.random()),
                Draw::AnyNumber => {
                    let absent = generator.random_range(1..=features);
                    present.fill(true);
                    let (some, _) = order.partial_shuffle(&mut generator, absent);
                    for &feature in &*some {
                        present[feature] = false;
                    }
                }
            }
            if let Some(&at) = known.get(&kept.key(&present)) {
                counts[at] += 1.0;
            } else {
                known.insert(kept.key(&present), kept.push(&present));
                counts.push(1.0);
            }
        }
        Ok(Self { kept, counts })
    }
}

impl Coalitions for Drawn {
    fn count(&self) -> usize {
        self.kept.count()
    }

    fn present(&self, index: usize, features: &mut [bool]) {
        self.kept.present(index, features);
    }
}
