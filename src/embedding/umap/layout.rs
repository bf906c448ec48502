//! How points are moved: those that are connected towards each other, others apart.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the wider registers of its caller"
)]

use super::curve::Curve;
use super::power::{LANES, Lanes, power};
use crate::Result;
use crate::progress::Task;
use crate::random::Seed;
use crate::sparse::Sparse;
use rand::Rng;
use rayon::prelude::*;

/// Into so many parts the points are divided; one part moves at a time while the others stay where they are.
///
/// With one part, two points that attract each other jump past each other; with as many parts as points, nothing runs in parallel.
const PARTS: usize = 8;

/// Points that one thread moves before it takes others.
const CHUNK: usize = 8 * LANES;

/// No coordinate moves further for one attraction or repulsion, times the learning rate.
const LONGEST: f32 = 4.0;

/// What moves points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) curve: Curve,
    pub(super) repulsion: f64,
    pub(super) learning_rate: f64,
    pub(super) negatives: usize,
    pub(super) epochs: usize,
    pub(super) seed: Seed,
}

/// Edges of all points that move, point after point.
struct Edges {
    offsets: Vec<usize>,
    others: Vec<u32>,
    /// In how large a share of the epochs an edge attracts, in units of 2^-32.
    rates: Vec<u32>,
}

/// One epoch, as the points see it.
struct Epoch<'a, const D: usize> {
    edges: &'a Edges,
    /// Where all points are that attract or repel.
    places: &'a [[f32; D]],
    number: u32,
    alpha: f32,
    /// How often an edge attracts: once for each of its ends that move.
    attractions: usize,
    negatives: usize,
    /// `-2 a b`, `2 gamma b`, `a` and `b`.
    constants: [f32; 4],
    key: u32,
}

impl Layout {
    /// Moves points of a symmetric graph.
    ///
    /// Every point follows its own edges, twice each, since the edge of two points moves both and is listed with both. It sees the
    /// others where they were when its part of the points began to move; so the result is the same for any number of threads.
    pub(super) fn run<const D: usize>(
        &self,
        graph: &Sparse,
        start: &[[f32; D]],
    ) -> Result<Vec<[f32; D]>> {
        let n = start.len();
        let order = order(graph);
        let mut slots = vec![0_u32; n];
        for (slot, &point) in order.iter().enumerate() {
            slots[point as usize] = slot as u32;
        }
        let edges = self.edges(graph, &order, |point| slots[point as usize]);
        let mut places: Vec<[f32; D]> = order.iter().map(|&point| start[point as usize]).collect();
        let mut moved = vec![[0.0; D]; n.div_ceil(PARTS)];
        let mut task = Task::new("UMAP", self.epochs);
        for number in 1..=self.epochs {
            let mut begin = 0;
            for part in 0..PARTS {
                let size = (n + PARTS - 1 - part) / PARTS;
                let epoch = self.epoch(&edges, &places, (number, 2));
                let moved = &mut moved[..size];
                epoch.advance(begin, &places[begin..begin + size], moved);
                places[begin..begin + size].copy_from_slice(moved);
                begin += size;
            }
            task.step("")?;
        }
        Ok(slots.iter().map(|&slot| places[slot as usize]).collect())
    }

    fn epoch<'a, const D: usize>(
        &self,
        edges: &'a Edges,
        places: &'a [[f32; D]],
        (number, attractions): (usize, usize),
    ) -> Epoch<'a, D> {
        let Curve { a, b } = self.curve;
        let left = 1.0 - (number - 1) as f64 / self.epochs as f64;
        Epoch {
            edges,
            places,
            number: number as u32,
            alpha: (self.learning_rate * left) as f32,
            attractions,
            negatives: self.negatives,
            constants: [
                (-2.0 * a * b) as f32,
                (2.0 * self.repulsion * b) as f32,
                a as f32,
                b as f32,
            ],
            key: self.seed.indexed(number).generator().next_u32(),
        }
    }

    /// Lists the edges of points in this order, strong enough to attract at least once.
    fn edges(&self, graph: &Sparse, order: &[u32], slot: impl Fn(u32) -> u32) -> Edges {
        let strongest = graph.values().iter().fold(0.0_f32, |a, b| a.max(*b));
        let weakest = f64::from(strongest) / self.epochs.max(1) as f64;
        let mut edges = Edges {
            offsets: vec![0],
            others: Vec::with_capacity(graph.stored()),
            rates: Vec::with_capacity(graph.stored()),
        };
        for &point in order {
            let (others, weights) = graph.row(point as usize);
            for (&other, &weight) in others.iter().zip(weights) {
                if f64::from(weight) >= weakest && weight > 0.0 {
                    edges.others.push(slot(other));
                    // A cast to u32 stops at the largest.
                    let rate = f64::from(weight / strongest) * 4_294_967_296.0;
                    edges.rates.push(rate as u32);
                }
            }
            edges.offsets.push(edges.others.len());
        }
        edges
    }
}

/// Orders the points: part after part, and in each part by how often they move, so that points that move abreast end together.
fn order(graph: &Sparse) -> Vec<u32> {
    let n = graph.nrows();
    let load = |point: &u32| graph.row(*point as usize).1.iter().sum::<f32>();
    let mut order = Vec::with_capacity(n);
    for part in 0..PARTS {
        let mut members: Vec<u32> = (part as u32..n as u32).step_by(PARTS).collect();
        members.sort_by(|a, b| load(b).total_cmp(&load(a)));
        order.extend(members);
    }
    order
}

impl<const D: usize> Epoch<'_, D> {
    /// Computes where the points from `first` on go.
    fn advance(&self, first: usize, from: &[[f32; D]], to: &mut [[f32; D]]) {
        let chunks = to.par_chunks_mut(CHUNK).zip(from.par_chunks(CHUNK));
        chunks.enumerate().for_each(|(chunk, (to, from))| {
            let mut due = std::array::from_fn(|_| Vec::new());
            let groups = to.chunks_mut(LANES).zip(from.chunks(LANES));
            for (group, (to, from)) in groups.enumerate() {
                let first = first + chunk * CHUNK + group * LANES;
                self.group(first, from, to, &mut due);
            }
        });
    }

    fn group(
        &self,
        first: usize,
        from: &[[f32; D]],
        to: &mut [[f32; D]],
        due: &mut [Vec<u32>; LANES],
    ) {
        for (lane, due) in due.iter_mut().enumerate() {
            due.clear();
            if lane < from.len() {
                let range = self.edges.offsets[first + lane]..self.edges.offsets[first + lane + 1];
                let rates = &self.edges.rates[range.clone()];
                for (&other, &rate) in self.edges.others[range].iter().zip(rates) {
                    // The multiple of the rate has passed a whole number since the last epoch.
                    if rate.wrapping_mul(self.number) < rate {
                        due.push(other);
                    }
                }
            }
        }
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "the instructions were found")]
            // SAFETY: the processor has the instructions.
            unsafe {
                return self.march_abreast(first, from, to, due);
            }
        }
        self.march(first, from, to, due);
    }

    /// The same in wider registers; no product is fused with a sum, so the bits are the same.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn march_abreast(
        &self,
        first: usize,
        from: &[[f32; D]],
        to: &mut [[f32; D]],
        due: &[Vec<u32>; LANES],
    ) {
        self.march(first, from, to, due);
    }

    /// Moves a few points along their edges that are due, one edge of each at a time.
    #[inline(always)]
    fn march(&self, first: usize, from: &[[f32; D]], to: &mut [[f32; D]], due: &[Vec<u32>; LANES]) {
        let mut own: [Lanes; D] = [[0.0; LANES]; D];
        for (lane, from) in from.iter().enumerate() {
            for d in 0..D {
                own[d][lane] = from[d];
            }
        }
        let mut states: [u32; LANES] =
            std::array::from_fn(|lane| scrambled(self.key ^ (first + lane) as u32));
        let n = self.places.len() as u64;
        let longest = due.iter().map(Vec::len).max().unwrap_or(0);
        for step in 0..longest {
            let mut active = [0.0_f32; LANES];
            let mut others: [[f32; LANES]; D] = own;
            for (lane, due) in due.iter().enumerate() {
                if let Some(&other) = due.get(step) {
                    active[lane] = self.alpha;
                    let place = self.places[other as usize];
                    for d in 0..D {
                        others[d][lane] = place[d];
                    }
                }
            }
            for _ in 0..self.attractions {
                self.attract(&mut own, &others, &active);
            }
            for _ in 0..self.negatives {
                for lane in 0..LANES {
                    states[lane] = states[lane].wrapping_add(0x9e37_79b9);
                    let drawn = (u64::from(scrambled(states[lane])) * n) >> 32;
                    let place = self.places[drawn as usize];
                    // Nobody flees from where it has just been.
                    let itself = drawn == (first + lane) as u64 && self.attractions == 2;
                    for d in 0..D {
                        others[d][lane] = if itself { own[d][lane] } else { place[d] };
                    }
                }
                self.repel(&mut own, &others, &active);
            }
        }
        for (lane, to) in to.iter_mut().enumerate() {
            for d in 0..D {
                to[d] = own[d][lane];
            }
        }
    }

    #[inline(always)]
    fn attract(&self, own: &mut [Lanes; D], others: &[Lanes; D], active: &Lanes) {
        let [pull, _, a, b] = self.constants;
        let square = square_apart(own, others);
        let power = power(&square, b);
        let mut factor = [0.0; LANES];
        for lane in 0..LANES {
            let power = power[lane];
            factor[lane] = pull * power / (square[lane] * (1.0 + a * power));
        }
        moved(own, others, (&factor, active));
    }

    #[inline(always)]
    fn repel(&self, own: &mut [Lanes; D], others: &[Lanes; D], active: &Lanes) {
        let [_, push, a, b] = self.constants;
        let square = square_apart(own, others);
        let power = power(&square, b);
        let mut factor = [0.0; LANES];
        for lane in 0..LANES {
            factor[lane] = push / ((0.001 + square[lane]) * (1.0 + a * power[lane]));
        }
        moved(own, others, (&factor, active));
    }
}

#[inline(always)]
fn square_apart<const D: usize>(own: &[Lanes; D], others: &[Lanes; D]) -> Lanes {
    /// Points in one place have a distance that can be divided by.
    const LEAST: f32 = 1e-12;
    let mut square = [LEAST; LANES];
    for d in 0..D {
        for lane in 0..LANES {
            let apart = own[d][lane] - others[d][lane];
            square[lane] += apart * apart;
        }
    }
    square
}

#[inline(always)]
fn moved<const D: usize>(
    own: &mut [Lanes; D],
    others: &[Lanes; D],
    (factor, active): (&Lanes, &Lanes),
) {
    for d in 0..D {
        for lane in 0..LANES {
            let step = factor[lane] * (own[d][lane] - others[d][lane]);
            let step = if step > LONGEST { LONGEST } else { step };
            let step = if step < -LONGEST { -LONGEST } else { step };
            own[d][lane] += step * active[lane];
        }
    }
}

/// Mixes the bits of a number (Wellons 2018, the function `lowbias32`, released into the public domain).
#[inline(always)]
const fn scrambled(value: u32) -> u32 {
    let value = (value ^ (value >> 16)).wrapping_mul(0x21f0_aaad);
    let value = (value ^ (value >> 15)).wrapping_mul(0xd35a_2d97);
    value ^ (value >> 15)
}
