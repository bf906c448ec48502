//! Neighbours of neighbours, again and again (Dong, Moses and Li 2011, doi:10.1145/1963405.1963487).
//!
//! The list of an example holds the nearest of all that were ever compared with it, whatever their order: so many threads may compare
//! at once, and the result is the same for any number of them.

use super::Points;
use super::forest::leaves;
use super::nearest::Near;
use crate::Result;
use crate::progress::Task;
use crate::random::Seed;
use rand::seq::SliceRandom;
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Trees with which the search begins.
const TREES: usize = 8;

/// So many neighbours of an example are compared with each other at a time, of those that are new and of the others.
const CANDIDATES: usize = 24;

/// The search ends when less than this share of all neighbours is new.
const SHARE: f64 = 0.002;

/// The nearest of an example so far.
struct List {
    /// Nearest first, and whether it came since its neighbours were last compared.
    near: Mutex<Vec<(Near, bool)>>,
    /// The bits of the distance above which nobody is taken; a distance is not negative, so they are ordered as it is.
    limit: AtomicU32,
}

struct Descent<'a> {
    points: &'a Points,
    k: usize,
    lists: Vec<List>,
}

/// Finds the `k` nearest others of almost every example, nearest first.
pub(super) fn descent(points: &Points, k: usize, seed: Seed) -> Result<Vec<Vec<Near>>> {
    let n = points.len();
    let most = (n as f64).log2().ceil().max(5.0) as usize;
    let mut task = Task::new("neighbours", TREES + most);
    let search = Descent {
        points,
        k,
        lists: (0..n)
            .map(|_| List {
                near: Mutex::new(Vec::with_capacity(k + 1)),
                limit: AtomicU32::new(f32::INFINITY.to_bits()),
            })
            .collect(),
    };
    for tree in 0..TREES {
        leaves(points, seed.named("tree").indexed(tree))
            .par_iter()
            .for_each(|leaf| search.compare(leaf, leaf.len()));
        task.step("")?;
    }
    for round in 0..most {
        let candidates = search.candidates(seed.named("candidates").indexed(round));
        candidates
            .par_iter()
            .with_min_len(64)
            .for_each(|(members, new)| search.compare(members, *new));
        task.step("")?;
        if (search.fresh() as f64) < SHARE * (n * k) as f64 {
            break;
        }
    }
    task.finish("");
    Ok(search.finished())
}

impl Descent<'_> {
    /// Compares the first members, which are new, with each other and with all others.
    fn compare(&self, members: &[u32], new: usize) {
        if new == 0 || members.len() < 2 {
            return;
        }
        let mut products = Vec::new();
        let points = self.points;
        points.products(&members[..new], (points, members), &mut products);
        let squares = points.squares();
        let share = 1.0 - points.slack();
        let lows: Vec<f32> = members
            .iter()
            .map(|&member| share * squares[member as usize])
            .collect();
        let limits: Vec<f32> = members.iter().map(|&member| self.reach(member)).collect();
        for (i, products) in products.chunks(members.len()).enumerate() {
            for j in i + 1..members.len() {
                let low = lows[i] + lows[j] - 2.0 * products[j];
                if low <= limits[i] || low <= limits[j] {
                    let (a, b) = (members[i], members[j]);
                    let distance = points.distance(a as usize, points, b as usize);
                    self.offer(a, Near { distance, index: b });
                    self.offer(b, Near { distance, index: a });
                }
            }
        }
    }

    /// The squared distance of products up to which somebody may be among the nearest.
    fn reach(&self, member: u32) -> f32 {
        let limit = f32::from_bits(self.lists[member as usize].limit.load(Ordering::Relaxed));
        self.points.square_of(limit) * (1.0 + 1e-5)
    }

    fn offer(&self, to: u32, near: Near) {
        let list = &self.lists[to as usize];
        if to == near.index || near.distance.to_bits() > list.limit.load(Ordering::Relaxed) {
            return;
        }
        let mut nearest = list.near.lock().unwrap_or_else(PoisonError::into_inner);
        let place = nearest.partition_point(|(other, _)| other.order(near).is_lt());
        if place >= self.k || nearest.get(place).is_some_and(|(other, _)| *other == near) {
            return;
        }
        nearest.insert(place, (near, true));
        nearest.truncate(self.k);
        if let (true, Some((last, _))) = (nearest.len() == self.k, nearest.last()) {
            list.limit.store(last.distance.to_bits(), Ordering::Relaxed);
        }
    }

    /// Who is to be compared around every example, and how many of them, first, are new.
    fn candidates(&self, seed: Seed) -> Vec<(Vec<u32>, usize)> {
        let n = self.lists.len();
        let forward: Vec<Vec<(u32, bool)>> = self
            .lists
            .par_iter()
            .map(|list| {
                let near = list.near.lock().unwrap_or_else(PoisonError::into_inner);
                near.iter().map(|(near, new)| (near.index, *new)).collect()
            })
            .collect();
        let mut backward: Vec<Vec<(u32, bool)>> = vec![Vec::new(); n];
        for (point, near) in forward.iter().enumerate() {
            for &(other, new) in near {
                backward[other as usize].push((point as u32, new));
            }
        }
        let both = forward.par_iter().zip(backward).enumerate();
        both.map(|(point, (forward, backward))| {
            let seed = seed.indexed(point);
            let all = forward.iter().copied().chain(backward);
            let (new, old): (Vec<_>, Vec<_>) = all.partition(|(_, new)| *new);
            let mut members = chosen(new, seed.named("new"));
            let count = members.len();
            // Whose turn has come is new no longer.
            let mut list = self.lists[point]
                .near
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            for (near, new) in list.iter_mut().filter(|(_, new)| *new) {
                *new = !members.contains(&near.index);
            }
            let old = chosen(old, seed.named("old"));
            members.extend(
                old.into_iter()
                    .filter(|old| !members[..count].contains(old))
                    .collect::<Vec<_>>(),
            );
            (members, count)
        })
        .collect()
    }

    fn fresh(&self) -> usize {
        let fresh = |list: &List| {
            let near = list.near.lock().unwrap_or_else(PoisonError::into_inner);
            near.iter().filter(|(_, new)| *new).count()
        };
        self.lists.par_iter().map(fresh).sum()
    }

    fn finished(self) -> Vec<Vec<Near>> {
        let lists = self.lists.into_iter();
        let lists = lists.map(|list| {
            list.near
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
        });
        lists
            .map(|list| list.into_iter().map(|(near, _)| near).collect())
            .collect()
    }
}

/// Takes each once, and of many some by chance.
fn chosen(candidates: Vec<(u32, bool)>, seed: Seed) -> Vec<u32> {
    let mut members: Vec<u32> = candidates.into_iter().map(|(index, _)| index).collect();
    members.sort_unstable();
    members.dedup();
    if members.len() > CANDIDATES {
        members.shuffle(&mut seed.generator());
        members.truncate(CANDIDATES);
    }
    members
}
