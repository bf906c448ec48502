//! The coalitions that Kernel SHAP asks for, and what they weigh.

use super::coalitions::{Coalitions, Kept};
use crate::Result;
use crate::progress;
use crate::random::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;
use std::collections::HashMap;

/// Coalitions with weights; the first two, all features and none, have none.
#[derive(Debug)]
pub(super) struct Weighted {
    pub(super) kept: Kept,
    pub(super) weights: Vec<f64>,
}

impl Weighted {
    /// Takes sizes of coalitions, smallest and largest first, as long as there are samples for all coalitions of a size, and draws from the
    /// other sizes. Coalitions come with their complements.
    pub(super) fn new(features: usize, samples: usize, seed: Seed) -> Result<Self> {
        let mut weighted = Self {
            kept: Kept::new(features),
            weights: vec![0.0; 2],
        };
        let sizes = Size::all(features);
        let mut left = samples as f64;
        let mut share: f64 = sizes.iter().map(|size| size.share).sum();
        let mut complete = 0;
        for size in &sizes {
            // A little less than one by rounding is still one.
            if left * size.share / share < size.subsets * (1.0 - 1e-8) {
                break;
            }
            weighted.take_all(size);
            left -= size.subsets;
            share -= size.share;
            complete += 1;
        }
        if complete < sizes.len() && left >= 2.0 {
            weighted.draw(&sizes[complete..], (left as usize, share), seed)?;
        }
        Ok(weighted)
    }

    fn take_all(&mut self, size: &Size) {
        let features = self.kept.features();
        let weight = size.share / size.subsets;
        let mut members: Vec<usize> = (0..size.members).collect();
        loop {
            let mut present = vec![false; features];
            for &member in &members {
                present[member] = true;
            }
            self.add(&present, weight);
            if size.is_paired {
                for is in &mut present {
                    *is = !*is;
                }
                self.add(&present, weight);
            }
            // The next in the order of a dictionary: the last member that can move does, and those after it follow.
            let room = features - size.members;
            let Some(at) = (0..size.members).rfind(|&at| members[at] < room + at) else {
                return;
            };
            let first = members[at] + 1;
            for (step, member) in members[at..].iter_mut().enumerate() {
                *member = first + step;
            }
        }
    }

    fn add(&mut self, present: &[bool], weight: f64) -> usize {
        self.weights.push(weight);
        self.kept.push(present)
    }

    /// Draws until there are so many more, or hardly any new ones are found.
    fn draw(&mut self, sizes: &[Size], (left, share): (usize, f64), seed: Seed) -> Result<()> {
        let features = self.kept.features();
        let mut generator = seed.generator();
        let mut known: HashMap<Vec<u64>, usize> = HashMap::new();
        let mut order: Vec<usize> = (0..features).collect();
        // A pair brings in twice what one coalition does.
        let chance = |size: &Size| size.share / if size.is_paired { 2.0 } else { 1.0 };
        let chances: f64 = sizes.iter().map(chance).sum();
        let first = self.kept.count();
        let mut turns = 0;
        while self.kept.count() - first + 2 <= left && turns < 4 * left {
            progress::check("kernel SHAP", turns, left)
                .inspect_err(|_| progress::clear_interrupt())?;
            turns += 1;
            let mut place = generator.random::<f64>() * chances;
            let passed = |size: &&Size| {
                place -= chance(size);
                place < 0.0
            };
            let Some(size) = sizes.iter().find(passed).or(sizes.last()) else {
                break;
            };
            let mut present = vec![false; features];
            let (some, _) = order.partial_shuffle(&mut generator, size.members);
            for &member in &*some {
                present[member] = true;
            }
            self.count(&mut known, &present);
            if size.is_paired {
                for is in &mut present {
                    *is = !*is;
                }
                self.count(&mut known, &present);
            }
        }
        let counts: f64 = self.weights[first..].iter().sum();
        for weight in &mut self.weights[first..] {
            *weight *= share / counts;
        }
        Ok(())
    }

    fn count(&mut self, known: &mut HashMap<Vec<u64>, usize>, present: &[bool]) {
        let key = self.kept.key(present);
        if let Some(&at) = known.get(&key) {
            self.weights[at] += 1.0;
        } else {
            let at = self.add(present, 1.0);
            known.insert(key, at);
        }
    }
}

impl Coalitions for Weighted {
    fn count(&self) -> usize {
        self.kept.count()
    }

    fn present(&self, index: usize, features: &mut [bool]) {
        self.kept.present(index, features);
    }
}

/// All coalitions with so many members, together with their complements.
#[derive(Debug)]
struct Size {
    members: usize,
    /// Whether the complements have another size.
    is_paired: bool,
    /// How many there are, complements included.
    subsets: f64,
    /// What they weigh together.
    share: f64,
}

impl Size {
    /// Returns sizes from one member to half of all.
    fn all(features: usize) -> Vec<Self> {
        let m = features as f64;
        let mut choose = 1.0;
        let one = |members: usize| {
            let s = members as f64;
            choose *= (m - s + 1.0) / s;
            let is_paired = 2 * members != features;
            let times = if is_paired { 2.0 } else { 1.0 };
            Self {
                members,
                is_paired,
                // Products of fractions round; the number of subsets is whole, or too large to matter.
                subsets: times * f64::round(choose),
                share: times * (m - 1.0) / (s * (m - s)),
            }
        };
        (1..=features / 2).map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many coalitions there are of each size, and what they weigh together.
    fn by_size(found: &Weighted) -> Vec<(usize, f64)> {
        let features = found.kept.features();
        let mut sizes = vec![(0, 0.0); features + 1];
        for (index, weight) in found.weights.iter().enumerate().skip(2) {
            let size = (0..features)
                .filter(|&at| found.kept.has(index, at))
                .count();
            sizes[size].0 += 1;
            sizes[size].1 += weight;
        }
        sizes
    }

    fn choose(features: usize, size: usize) -> usize {
        (0..size).fold(1, |all, at| all * (features - at) / (at + 1))
    }

    #[test]
    fn as_many_sizes_are_complete_as_in_shap() -> Result<()> {
        // The numbers are those of tests/golden/attribution/black_box.tsv.
        for (features, samples, complete) in [
            (6, 40, 12),
            (8, 100, 16),
            (11, 300, 22),
            (12, 2072, 596),
            (13, 100, 26),
            (20, 500, 40),
        ] {
            let found = Weighted::new(features, samples, Seed::new(1))?;
            let sizes = by_size(&found);
            let all = sizes[1..features].iter().zip(1..);
            let all = all.filter(|((count, _), size)| *count == choose(features, *size));
            assert_eq!(all.map(|(size, _)| size.0).sum::<usize>(), complete);
            assert!(found.weights.len() - 2 <= samples);
            assert!(found.weights.len() + 10 > samples, "{features}, {samples}");
            let keys: std::collections::HashSet<&[u64]> = found.kept.keys().collect();
            assert_eq!(keys.len(), found.kept.count());
            // A coalition weighs what its complement does, and together they weigh what the kernel says.
            for size in 1..features {
                let (own, other) = (sizes[size], sizes[features - size]);
                assert!(own.0 == other.0 && (own.1 - other.1).abs() < 1e-9);
            }
            let m = features as f64;
            let kernel = |s: usize| (m - 1.0) / (s as f64 * (m - s as f64));
            let expected: f64 = (1..features).map(kernel).sum();
            assert!((found.weights.iter().sum::<f64>() - expected).abs() < 1e-9);
            assert!((sizes[1].1 - kernel(1)).abs() < 1e-9);
        }
        Ok(())
    }

    #[test]
    fn few_features_are_taken_in_all_coalitions() -> Result<()> {
        for features in 0..12 {
            let found = Weighted::new(features, 2 * features + 2_048, Seed::new(0))?;
            let all = (1 << features) - 2_i32;
            assert_eq!(found.kept.count(), 2 + all.max(0) as usize);
            for (size, (count, weight)) in by_size(&found).into_iter().enumerate() {
                let inside = (1..features).contains(&size);
                assert_eq!(count, if inside { choose(features, size) } else { 0 });
                let (s, m) = (size as f64, features as f64);
                assert!(!inside || (weight - (m - 1.0) / (s * (m - s))).abs() < 1e-12);
            }
        }
        Ok(())
    }
}
