//! How points are moved: those that are connected towards each other, others apart.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the wider registers of its caller"
)]

use super::curve::Curve;
use super::density::{Density, Pressure};
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

/// Fewer points than this are moved by one thread.
const ALONE: usize = 512;

/// No coordinate moves further for one attraction or repulsion, times the learning rate.
const LONGEST: f32 = 4.0;

/// The squared distance of points in one place, which can be divided by.
const LEAST: f32 = 1e-12;

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

/// Radii before, as far from their mean as they are spread, that are to be kept.
pub(super) struct Radii {
    pub(super) density: Density,
    pub(super) radii: Vec<f64>,
}

/// Edges of all points that move, point after point.
struct Edges {
    offsets: Vec<usize>,
    others: Vec<u32>,
    /// In how large a share of the epochs an edge attracts, in units of 2^-32.
    rates: Vec<u32>,
    /// The weight of the strongest edge, which attracts in every epoch.
    strongest: f32,
}

/// Edges of a few points that are due, those of one point in a lane.
#[derive(Default)]
struct Due {
    others: Vec<[u32; LANES]>,
    /// How strong they are, where densities count.
    weights: Vec<Lanes>,
    counts: [usize; LANES],
    longest: usize,
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
    pressure: Option<Pressure>,
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
        kept: Option<&Radii>,
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
        let radii = kept.map(|kept| Radii {
            density: kept.density,
            radii: order
                .iter()
                .map(|&point| kept.radii[point as usize])
                .collect(),
        });
        let mut task = Task::new("UMAP", self.epochs);
        for number in 1..=self.epochs {
            let mut begin = 0;
            let mut pressure = radii
                .as_ref()
                .filter(|radii| radii.density.counts(number, self.epochs))
                .map(|radii| self.pressure(radii, &edges, &places));
            for part in 0..PARTS {
                let size = (n + PARTS - 1 - part) / PARTS;
                let mut epoch = self.epoch(&edges, &places, (number, 2));
                epoch.pressure = pressure.take();
                let moved = &mut moved[..size];
                epoch.advance(begin, &places[begin..begin + size], moved);
                pressure = epoch.pressure;
                places[begin..begin + size].copy_from_slice(moved);
                begin += size;
            }
            task.step("")?;
        }
        Ok(slots.iter().map(|&slot| places[slot as usize]).collect())
    }

    /// Moves points among others that stay: `graph` has shape `(moving, staying)`.
    pub(super) fn place<const D: usize>(
        &self,
        graph: &Sparse,
        start: &[[f32; D]],
        others: &[[f32; D]],
    ) -> Result<Vec<[f32; D]>> {
        let order: Vec<u32> = (0..start.len() as u32).collect();
        let edges = self.edges(graph, &order, |other| other);
        let mut places = start.to_vec();
        let mut moved = places.clone();
        let mut task = Task::new("UMAP", self.epochs);
        for number in 1..=self.epochs {
            let epoch = self.epoch(&edges, others, (number, 1));
            epoch.advance(0, &places, &mut moved);
            std::mem::swap(&mut places, &mut moved);
            task.step("")?;
        }
        Ok(places)
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
            pressure: None,
        }
    }

    /// Looks at the radii on the map.
    fn pressure<const D: usize>(
        &self,
        radii: &Radii,
        edges: &Edges,
        places: &[[f32; D]],
    ) -> Pressure {
        let total: f64 = edges.rates.iter().map(|rate| edges.weight(*rate)).sum();
        let squares = |point: usize, visit: &mut dyn FnMut(f32)| {
            for &other in &edges.others[edges.offsets[point]..edges.offsets[point + 1]] {
                let pairs = places[point].iter().zip(&places[other as usize]);
                let square: f32 = pairs.map(|(a, b)| (a - b) * (a - b)).sum();
                visit(square + LEAST);
            }
        };
        Pressure::new(radii.density, (&radii.radii, self.curve), (total, squares))
    }

    /// Lists the edges of points in this order, strong enough to attract at least once.
    fn edges(&self, graph: &Sparse, order: &[u32], slot: impl Fn(u32) -> u32) -> Edges {
        let strongest = graph.values().iter().fold(0.0_f32, |a, b| a.max(*b));
        let weakest = f64::from(strongest) / self.epochs.max(1) as f64;
        let mut edges = Edges {
            offsets: vec![0],
            others: Vec::with_capacity(graph.stored()),
            rates: Vec::with_capacity(graph.stored()),
            strongest,
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

impl Edges {
    fn weight(&self, rate: u32) -> f64 {
        f64::from(rate) / 4_294_967_296.0 * f64::from(self.strongest)
    }
}

impl Due {
    /// Lists the edges of so many points that are due in an epoch; a lane whose list has ended meets any point, without moving.
    fn fill<const DENSE: bool>(
        &mut self,
        edges: &Edges,
        epoch: u32,
        (first, points): (usize, usize),
    ) {
        self.counts = [0; LANES];
        for lane in 0..points {
            let range = edges.offsets[first + lane]..edges.offsets[first + lane + 1];
            if self.others.len() <= range.len() {
                self.others.resize(range.len() + 1, [0; LANES]);
            }
            if DENSE && self.weights.len() <= range.len() {
                self.weights.resize(range.len() + 1, [1.0; LANES]);
            }
            let mut count = 0;
            let rates = &edges.rates[range.clone()];
            for (&other, &rate) in edges.others[range].iter().zip(rates) {
                self.others[count][lane] = other;
                if DENSE {
                    self.weights[count][lane] = edges.weight(rate) as f32;
                }
                // The multiple of the rate has passed a whole number since the last epoch.
                count += usize::from(rate.wrapping_mul(epoch) < rate);
            }
            self.counts[lane] = count;
        }
        self.longest = self.counts.iter().copied().max().unwrap_or(0);
    }
}

impl<const D: usize> Epoch<'_, D> {
    /// Computes where the points from `first` on go.
    fn advance(&self, first: usize, from: &[[f32; D]], to: &mut [[f32; D]]) {
        let chunks = to.par_chunks_mut(CHUNK).zip(from.par_chunks(CHUNK));
        // To wake another thread for a few points takes longer than to move them.
        let chunks = chunks.enumerate().with_min_len(ALONE / CHUNK);
        chunks.for_each_init(Due::default, |due, (chunk, (to, from))| {
            let groups = to.chunks_mut(LANES).zip(from.chunks(LANES));
            for (group, (to, from)) in groups.enumerate() {
                let first = first + chunk * CHUNK + group * LANES;
                self.group(first, from, to, due);
            }
        });
    }

    fn group(&self, first: usize, from: &[[f32; D]], to: &mut [[f32; D]], due: &mut Due) {
        if self.pressure.is_some() {
            due.fill::<true>(self.edges, self.number, (first, from.len()));
        } else {
            due.fill::<false>(self.edges, self.number, (first, from.len()));
        }
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "the instructions were found")]
            // SAFETY: the processor has the instructions.
            unsafe {
                return self.march_abreast(first, from, to, due);
            }
        }
        self.march_as(first, from, to, due);
    }

    /// The same in wider registers; no product is fused with a sum, so the bits are the same.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn march_abreast(&self, first: usize, from: &[[f32; D]], to: &mut [[f32; D]], due: &Due) {
        self.march_as(first, from, to, due);
    }

    #[inline(always)]
    fn march_as(&self, first: usize, from: &[[f32; D]], to: &mut [[f32; D]], due: &Due) {
        if self.pressure.is_some() {
            self.march::<true>(first, from, to, due);
        } else {
            self.march::<false>(first, from, to, due);
        }
    }

    /// Moves a few points along their edges that are due, one edge of each at a time.
    #[inline(always)]
    fn march<const DENSE: bool>(
        &self,
        first: usize,
        from: &[[f32; D]],
        to: &mut [[f32; D]],
        due: &Due,
    ) {
        let mut own: [Lanes; D] = [[0.0; LANES]; D];
        for (lane, from) in from.iter().enumerate() {
            for d in 0..D {
                own[d][lane] = from[d];
            }
        }
        let [pull, push, a, b] = self.constants;
        let key = self.key;
        let slots: [u32; LANES] = std::array::from_fn(|lane| (first + lane) as u32);
        let mut states = slots.map(|slot| scrambled(key ^ slot) | 1);
        let mut drawn = [0_u32; LANES];
        // Nobody flees from where it has just been; points that stay are others than those that move.
        let itself = slots.map(|slot| {
            if self.attractions == 2 {
                slot
            } else {
                u32::MAX
            }
        });
        let n = self.places.len() as u64;
        let mut others = own;
        for (step, other_slots) in due.others[..due.longest].iter().enumerate() {
            let mut active = [0.0_f32; LANES];
            for lane in 0..LANES {
                let is_due = step < due.counts[lane];
                active[lane] = if is_due { self.alpha } else { 0.0 };
                let place = self.places[other_slots[lane] as usize];
                for d in 0..D {
                    others[d][lane] = place[d];
                }
            }
            for _ in 0..self.attractions {
                let mut spread = [0.0; LANES];
                if DENSE && let Some(pressure) = &self.pressure {
                    for (lane, spread) in spread.iter_mut().enumerate() {
                        let ends = [slots[lane], other_slots[lane]];
                        let square = square_apart(&own, &others, lane);
                        *spread = pressure.along(ends, square, due.weights[step][lane]);
                    }
                }
                for (lane, &active) in active.iter().enumerate() {
                    let square = square_apart(&own, &others, lane);
                    let power = power(square, b);
                    let factor = pull * power / (square * (1.0 + a * power));
                    shift::<D, DENSE>(&mut own, &others, (lane, [factor, spread[lane]], active));
                }
            }
            for _ in 0..self.negatives {
                for lane in 0..LANES {
                    states[lane] = next(states[lane]);
                    drawn[lane] = ((u64::from(states[lane]) * n) >> 32) as u32;
                }
                for lane in 0..LANES {
                    let place = self.places[drawn[lane] as usize];
                    for d in 0..D {
                        others[d][lane] = place[d];
                    }
                }
                for lane in 0..LANES {
                    let square = square_apart(&own, &others, lane);
                    let power = power(square, b);
                    let factor = push / ((0.001 + square) * (1.0 + a * power));
                    let is_other = drawn[lane] != itself[lane];
                    let active = if is_other { active[lane] } else { 0.0 };
                    shift::<D, false>(&mut own, &others, (lane, [factor, 0.0], active));
                }
            }
        }
        for (lane, to) in to.iter_mut().enumerate() {
            for d in 0..D {
                to[d] = own[d][lane];
            }
        }
    }
}

#[inline(always)]
fn square_apart<const D: usize>(own: &[Lanes; D], others: &[Lanes; D], lane: usize) -> f32 {
    let mut square = LEAST;
    for d in 0..D {
        let apart = own[d][lane] - others[d][lane];
        square += apart * apart;
    }
    square
}

#[inline(always)]
fn shift<const D: usize, const DENSE: bool>(
    own: &mut [Lanes; D],
    others: &[Lanes; D],
    (lane, factors, active): (usize, [f32; 2], f32),
) {
    for d in 0..D {
        let apart = own[d][lane] - others[d][lane];
        let mut step = clipped(factors[0] * apart);
        if DENSE {
            step += clipped(factors[1] * apart);
        }
        own[d][lane] += step * active;
    }
}

#[inline(always)]
fn clipped(step: f32) -> f32 {
    let step = if step > LONGEST { LONGEST } else { step };
    if step < -LONGEST { -LONGEST } else { step }
}

/// The next of a sequence of numbers other than 0 (Marsaglia 2003, doi:10.18637/jss.v008.i14).
#[inline(always)]
const fn next(state: u32) -> u32 {
    let state = state ^ (state << 13);
    let state = state ^ (state >> 17);
    state ^ (state << 5)
}

/// Mixes the bits of a number (Wellons 2018, the function `lowbias32`, released into the public domain).
#[inline(always)]
const fn scrambled(value: u32) -> u32 {
    let value = (value ^ (value >> 16)).wrapping_mul(0x21f0_aaad);
    let value = (value ^ (value >> 15)).wrapping_mul(0xd35a_2d97);
    value ^ (value >> 15)
}
