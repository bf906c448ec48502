//! Rows of several parts in one order.

use crate::random::Seed;
use rand::RngExt;

/// Merges lists at random, each in its own order; if each is shuffled evenly, so is the result.
pub(super) fn at_random(parts: &[Vec<usize>], seed: Seed) -> Vec<usize> {
    let mut generator = seed.named("merge").generator();
    let mut left: usize = parts.iter().map(Vec::len).sum();
    let mut taken = vec![0; parts.len()];
    let mut merged = Vec::with_capacity(left);
    while left > 0 {
        let mut draw = generator.random_range(0..left);
        for (part, taken) in parts.iter().zip(&mut taken) {
            let rest = part.len() - *taken;
            if draw < rest {
                merged.push(part[*taken]);
                *taken += 1;
                break;
            }
            draw -= rest;
        }
        left -= 1;
    }
    merged
}

/// Merges lists so that every stretch has its share of each, as near as whole numbers come.
pub(super) fn evenly(parts: &[Vec<usize>]) -> Vec<usize> {
    let total: usize = parts.iter().map(Vec::len).sum();
    let mut taken = vec![0; parts.len()];
    let mut merged = Vec::with_capacity(total);
    for step in 1..=total {
        // Which part is furthest behind what it should have given by now.
        let behind = |part: usize| {
            let due = parts[part].len() as f64 * step as f64 / total as f64;
            due - taken[part] as f64
        };
        let open = (0..parts.len()).filter(|&part| taken[part] < parts[part].len());
        let next = open.max_by(|&a, &b| behind(a).total_cmp(&behind(b)).then(b.cmp(&a)));
        if let Some(part) = next {
            merged.push(parts[part][taken[part]]);
            taken[part] += 1;
        }
    }
    merged
}
