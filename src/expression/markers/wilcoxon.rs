//! The rank sum test of one gene, in which only values above zero are sorted.

use crate::distribution::normal;

/// The values of one gene above zero in rising order, each with its group.
pub(super) struct Ranked {
    entries: Vec<u64>,
}

impl Ranked {
    /// Sorts values from 0.
    pub(super) fn new(cells: &[u32], values: &[f32], of_cell: &[u32]) -> Self {
        let entries = cells.iter().zip(values).filter(|(_, value)| **value > 0.0);
        // The bits of numbers above zero have the order of the numbers.
        let mut entries: Vec<u64> = entries
            .map(|(cell, value)| {
                u64::from(value.to_bits()) << 32 | u64::from(of_cell[*cell as usize])
            })
            .collect();
        entries.sort_unstable();
        Self { entries }
    }

    /// Sums the ranks of some groups among the cells of those that have a place; `size` counts the latter, zeros too.
    ///
    /// `places` has for every group its place in the result, or `None`. Also returns the sum of `t³ - t` over ties of `t` cells.
    pub(super) fn sums(
        &self,
        places: &[Option<usize>],
        sizes: &[usize],
        results: usize,
    ) -> (Vec<f64>, f64) {
        let mut zeros = vec![0.0; results];
        for (place, size) in places.iter().zip(sizes) {
            if let Some(place) = place {
                zeros[*place] += *size as f64;
            }
        }
        let place = |entry: &u64| places[(*entry & u64::from(u32::MAX)) as usize];
        let mut above = 0.0;
        for entry in &self.entries {
            if let Some(place) = place(entry) {
                zeros[place] -= 1.0;
                above += 1.0;
            }
        }
        let all_zeros: f64 = zeros.iter().sum();
        debug_assert!(above >= 0.0);
        let cubes = |tied: f64| tied * tied * tied - tied;
        let mut ties = cubes(all_zeros);
        let middle = f64::midpoint(1.0, all_zeros);
        let mut sums: Vec<f64> = zeros.iter().map(|zeros| zeros * middle).collect();
        let mut before = all_zeros;
        let mut members = vec![0.0; results];
        let mut entries = self.entries.as_slice();
        while let Some(first) = entries.first() {
            let value = first >> 32;
            let tied = entries
                .iter()
                .take_while(|entry| *entry >> 32 == value)
                .count();
            let (here, after) = entries.split_at(tied);
            entries = after;
            if let [only] = here {
                if let Some(place) = place(only) {
                    before += 1.0;
                    sums[place] += before;
                }
                continue;
            }
            let mut count = 0.0;
            for place in here.iter().filter_map(place) {
                members[place] += 1.0;
                count += 1.0;
            }
            let middle = before + f64::midpoint(1.0, count);
            for (sum, members) in sums.iter_mut().zip(&mut members) {
                *sum += std::mem::take(members) * middle;
            }
            before += count;
            ties += cubes(count);
        }
        (sums, ties)
    }
}

/// Returns z and its chance for the sum of the ranks of `m` cells among them and `n` others (Wilcoxon 1945, doi:10.2307/3001968);
/// `ties` is 0 where ties shall not be corrected for. When all are tied, z is 0.
pub(super) fn z(sum: f64, (m, n): (f64, f64), ties: f64) -> (f64, f64) {
    let all = m + n;
    let correction = 1.0 - ties / (all * all * all - all);
    let deviation = (correction.max(0.0) * m * n * (all + 1.0) / 12.0).sqrt();
    let z = (sum - m * (all + 1.0) / 2.0) / deviation;
    let z = if z.is_finite() { z } else { 0.0 };
    (z, normal::both_tails(z))
}
