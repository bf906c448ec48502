//! The nearest neighbours by comparing with all, some rows at a time.

use super::Points;
use super::nearest::Near;
use crate::Result;
use crate::progress::Task;
use rayon::prelude::*;

/// Examples whose neighbours are searched together, and those they are compared with at a time.
const QUERIES: usize = 64;
const TARGETS: usize = 1024;

/// Examples between two looks at whether to stop.
const PIECE: usize = 1024;

/// Finds for every query the `k` nearest targets, nearest first; with `itself` false query `i` is not compared with target `i`.
///
/// Products find who may be among the nearest, up to a bound of their rounding; these are compared one by one.
pub(super) fn exact(
    queries: &Points,
    targets: &Points,
    (k, itself): (usize, bool),
) -> Result<Vec<Vec<Near>>> {
    let n = queries.len();
    let mut found = Vec::with_capacity(n);
    let mut task = Task::new("neighbours", n.div_ceil(PIECE));
    let everyone: Vec<u32> = (0..targets.len() as u32).collect();
    for begin in (0..n).step_by(PIECE) {
        let piece: Vec<u32> = (begin as u32..(begin + PIECE).min(n) as u32).collect();
        let blocks: Vec<Vec<Vec<Near>>> = piece
            .par_chunks(QUERIES)
            .map(|block| {
                let mut searches: Vec<Search> = block
                    .iter()
                    .map(|&query| Search::new(queries, targets, (query, k)))
                    .collect();
                let mut products = Vec::new();
                for others in everyone.chunks(TARGETS) {
                    queries.products(block, (targets, others), &mut products);
                    for (search, products) in searches.iter_mut().zip(products.chunks(others.len()))
                    {
                        search.look_at(others[0], products, itself);
                    }
                }
                searches.into_iter().map(Search::finish).collect()
            })
            .collect();
        found.extend(blocks.into_iter().flatten());
        task.step("")?;
    }
    Ok(found)
}

/// One query on its way through the targets.
struct Search<'a> {
    queries: &'a Points,
    targets: &'a Points,
    query: u32,
    k: usize,
    /// The least that the squared distance can be, less the part that belongs to the query, and whose it is.
    candidates: Vec<(f32, u32)>,
    /// Above this nobody can be among the nearest.
    limit: f32,
    room: usize,
}

impl<'a> Search<'a> {
    fn new(queries: &'a Points, targets: &'a Points, (query, k): (u32, usize)) -> Self {
        Self {
            queries,
            targets,
            query,
            k,
            candidates: Vec::with_capacity(4 * k + 32),
            limit: f32::INFINITY,
            room: 4 * k + 32,
        }
    }

    fn look_at(&mut self, first: u32, products: &[f32], itself: bool) {
        const ABREAST: usize = 16;
        let share = 1.0 - self.targets.slack();
        let squares = &self.targets.squares()[first as usize..];
        let mut lows = [0.0_f32; ABREAST];
        for (block, products) in products.chunks(ABREAST).enumerate() {
            let begin = block * ABREAST;
            let mut lowest = f32::INFINITY;
            for ((low, product), square) in lows.iter_mut().zip(products).zip(&squares[begin..]) {
                *low = share * square - 2.0 * product;
                lowest = if *low < lowest { *low } else { lowest };
            }
            if lowest > self.limit {
                continue;
            }
            for (lane, &low) in lows.iter().take(products.len()).enumerate() {
                let index = first + (begin + lane) as u32;
                if low <= self.limit && (itself || index != self.query) {
                    self.candidates.push((low, index));
                }
            }
            if self.candidates.len() >= self.room {
                self.tighten();
            }
        }
    }

    /// Forgets who cannot be among the nearest.
    fn tighten(&mut self) {
        if self.candidates.len() <= self.k {
            return;
        }
        let slack = 2.0 * self.targets.slack();
        let squares = self.targets.squares();
        let own = self.queries.squares()[self.query as usize];
        let mut highs: Vec<f32> = self
            .candidates
            .iter()
            .map(|&(low, index)| low + slack * (own + squares[index as usize]))
            .collect();
        let (_, limit, _) = highs.select_nth_unstable_by(self.k - 1, f32::total_cmp);
        self.limit = self.limit.min(*limit);
        let limit = self.limit;
        self.candidates.retain(|(low, _)| *low <= limit);
        // Where many are equally near, the list grows instead of being looked through again and again.
        self.room = self.room.max(2 * self.candidates.len());
    }

    fn finish(mut self) -> Vec<Near> {
        self.tighten();
        let query = self.query as usize;
        let near = self.candidates.iter().map(|&(_, index)| Near {
            distance: self.queries.distance(query, self.targets, index as usize),
            index,
        });
        let mut near: Vec<Near> = near.collect();
        near.sort_unstable_by(|a, b| a.order(*b));
        near.truncate(self.k);
        near
    }
}
