//! Numbers in the order of their size.

use crate::{Error, Result};
use rayon::prelude::*;

/// Places of numbers from the highest to the lowest, equal ones together.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    places: Vec<u32>,
    /// Where every tie ends among the places.
    ends: Vec<usize>,
}

impl Order {
    /// Orders numbers of which none is NaN.
    pub(crate) fn falling(values: &[f32]) -> Result<Self> {
        if u32::try_from(values.len()).is_err() {
            let expected = format!("at most {} numbers", u32::MAX);
            return Err(Error::value("scores", expected, values.len()));
        }
        // Key and place in one whole number: all are distinct, so that the order does not depend on threads.
        let key = |(place, &value): (usize, &f32)| {
            // 0 and -0 are a tie.
            let bits = (value + 0.0).to_bits();
            let rising = if bits >> 31 == 1 {
                !bits
            } else {
                bits | 1 << 31
            };
            u64::from(!rising) << 32 | place as u64
        };
        let mut keys: Vec<u64> = values.iter().enumerate().map(key).collect();
        keys.par_sort_unstable();
        let mut ends = Vec::new();
        for (at, pair) in keys.windows(2).enumerate() {
            if pair[0] >> 32 != pair[1] >> 32 {
                ends.push(at + 1);
            }
        }
        if !keys.is_empty() {
            ends.push(keys.len());
        }
        let places = keys.into_iter().map(|key| key as u32).collect();
        Ok(Self { places, ends })
    }

    /// Returns the places of every tie, from the highest number to the lowest.
    pub(crate) fn ties(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let spans = starts.zip(&self.ends);
        spans.map(|(start, &end)| &self.places[start..end])
    }

    /// Returns the rank of every number from 1, the lowest, to how many there are; equal ones share the middle of their ranks.
    ///
    /// With counts, every number stands there so many times.
    pub(crate) fn mid_ranks(&self, counts: Option<&[u32]>) -> Vec<f64> {
        let count = |place: u32| counts.map_or(1, |counts| u64::from(counts[place as usize]));
        let mut ranks = vec![0.0; self.places.len()];
        let mut left: u64 = self.places.iter().map(|&place| count(place)).sum();
        for tie in self.ties() {
            let here: u64 = tie.iter().map(|&place| count(place)).sum();
            let middle = left as f64 - (here as f64 - 1.0) / 2.0;
            for &place in tie {
                ranks[place as usize] = middle;
            }
            left -= here;
        }
        ranks
    }
}
