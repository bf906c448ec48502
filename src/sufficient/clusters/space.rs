//! Distances between many subsets.

use super::edit_distance::within;
use super::energy::Energy;
use super::jaccard::jaccard;
use crate::network::in_batches;
use crate::{Error, Result};
use candle_core::Device;
use ndarray::Array2;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows of distances that are computed at once.
const ROWS: usize = 16;
/// Numbers that are kept at most.
const MOST: usize = 1 << 28;

/// Different subsets and how far they are from each other.
#[derive(Debug)]
pub(super) enum Space {
    /// Strings and, where both strands are one, their opposites.
    ///
    /// Reversing and complementing two strings keeps their distance, so the smaller of the distances from a string to another and to its
    /// opposite is the same from either end and keeps the triangle inequality: it is a distance of pairs of opposites.
    Edit(Vec<Vec<u8>>, Option<Vec<Vec<u8>>>),
    Jaccard(Vec<Vec<usize>>),
    Energy(Energy),
}

impl Space {
    /// Returns the distances of one from those that follow it; those above the limit may be infinite.
    fn following(&self, from: usize, limit: f64) -> Vec<f64> {
        match self {
            Self::Edit(texts, opposites) => {
                let limit = limit.min(MOST as f64) as usize;
                let mut row = Vec::new();
                let mut distance = |to: usize| {
                    let text = &texts[to][..];
                    let near = within((&texts[from], text), limit, &mut row);
                    let opposite = opposites.as_ref().and_then(|opposites| {
                        let limit = near.map_or(limit, |near| near.saturating_sub(1));
                        within((&opposites[from], text), limit, &mut row)
                    });
                    let least = near.into_iter().chain(opposite).min();
                    least.map_or(f64::INFINITY, |distance| distance as f64)
                };
                (from + 1..texts.len()).map(&mut distance).collect()
            }
            Self::Jaccard(sets) => {
                let rest = sets[from + 1..].iter();
                rest.map(|other| jaccard(&sets[from], other)).collect()
            }
            Self::Energy(sets) => sets.following(from),
        }
    }

    /// Returns for every one the others within the limit.
    pub(super) fn neighbours(&self, count: usize, limit: f64) -> Result<Vec<Vec<u32>>> {
        let pairs = AtomicUsize::new(0);
        let batches = in_batches("cluster subsets", (count, ROWS, &Device::Cpu), |rows| {
            let near = |from: usize| {
                let distances = self.following(from, limit).into_iter().enumerate();
                let near = distances.filter(|(_, distance)| *distance <= limit);
                near.map(|(at, _)| (from + 1 + at) as u32)
                    .collect::<Vec<_>>()
            };
            let found: Vec<Vec<u32>> = rows.map(near).collect();
            let more: usize = found.iter().map(Vec::len).sum();
            if pairs.fetch_add(more, Ordering::Relaxed) + more > MOST / 2 {
                let expected = format!("a radius with at most {} pairs of neighbours", MOST / 2);
                return Err(Error::value("epsilon", expected, limit));
            }
            Ok(found)
        })?;
        let mut neighbours: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (from, near) in batches.into_iter().flatten().enumerate() {
            for &to in &near {
                neighbours[to as usize].push(from as u32);
            }
            neighbours[from].extend(near);
        }
        Ok(neighbours)
    }

    /// Returns all distances between subsets, told which of these each of them is.
    pub(super) fn matrix(&self, count: usize, of: &[usize]) -> Result<Array2<f64>> {
        let n = of.len();
        if n.saturating_mul(n) > MOST {
            let expected = format!("at most {} for a table of all distances", 1 << 14);
            return Err(Error::value("number of subsets", expected, n));
        }
        let batches = in_batches(
            "distances of subsets",
            (count, ROWS, &Device::Cpu),
            |rows| {
                let limit = f64::INFINITY;
                Ok(rows
                    .map(|row| self.following(row, limit))
                    .collect::<Vec<_>>())
            },
        )?;
        let rows: Vec<Vec<f64>> = batches.into_iter().flatten().collect();
        let distance = |(i, j): (usize, usize)| {
            let (low, high) = (of[i].min(of[j]), of[i].max(of[j]));
            match high - low {
                0 => 0.0,
                apart => rows[low][apart - 1],
            }
        };
        Ok(Array2::from_shape_fn((n, n), distance))
    }
}
