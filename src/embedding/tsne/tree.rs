//! The points of a map in a tree of squares, so that many that are far away push as one (Barnes and Hut 1986, doi:10.1038/324446a0).

use rayon::prelude::*;

/// Points that are pushed together.
pub(super) const LANES: usize = 8;

pub(super) type Lanes = [f64; LANES];

/// Points in a square that is not divided further.
const LEAF: usize = 8;

/// From so many points on, several threads put them in order.
const MANY: usize = 8192;

/// Squares, each before those it is divided into.
pub(super) struct Tree<const D: usize> {
    /// Points in the order of a curve that runs through every square before it goes on.
    pub(super) order: Vec<u32>,
    /// Where they are, in this order.
    pub(super) places: Vec<[f64; D]>,
    codes: Vec<(u64, u32)>,
    nodes: Vec<Node<D>>,
}

struct Node<const D: usize> {
    centre: [f64; D],
    count: f64,
    /// From beyond this squared distance its points are seen as one.
    limit: f64,
    /// The next node that is not part of this one.
    skip: u32,
    /// Its points; none if it is divided.
    begin: u32,
    end: u32,
}

/// What pushes a few points.
pub(super) struct Push<const D: usize> {
    /// `Σ q² (own - other)` for `q = 1 / (1 + distance²)`.
    pub(super) force: [Lanes; D],
    /// `Σ q`, the point itself counted.
    pub(super) sum: Lanes,
}

impl<const D: usize> Tree<D> {
    /// Bits of a place along one axis.
    const BITS: u32 = if D < 3 { 24 } else { 20 };

    pub(super) fn new(n: usize) -> Self {
        Self {
            order: (0..n as u32).collect(),
            places: vec![[0.0; D]; n],
            codes: Vec::new(),
            nodes: Vec::new(),
        }
    }

    /// Divides all points; `theta` is how large a square may be, as a share of its distance, to be seen as one point.
    pub(super) fn build(&mut self, places: &[[f64; D]], theta: f64) {
        let (mut low, mut high) = ([f64::INFINITY; D], [f64::NEG_INFINITY; D]);
        for place in places {
            for d in 0..D {
                low[d] = low[d].min(place[d]);
                high[d] = high[d].max(place[d]);
            }
        }
        let side = (0..D).fold(f64::MIN_POSITIVE, |side, d| side.max(high[d] - low[d]));
        let scale = f64::from(1_u32 << Self::BITS) / side;
        // The last order is nearly right.
        let code = |&point: &u32| (Self::code(&places[point as usize], &low, scale), point);
        self.codes.clear();
        if places.len() < MANY {
            self.codes.extend(self.order.iter().map(code));
            self.codes.sort_unstable();
        } else {
            self.codes.par_extend(self.order.par_iter().map(code));
            self.codes.par_sort_unstable();
        }
        let slots = self.order.iter_mut().zip(&mut self.places);
        for (&(_, point), (order, place)) in self.codes.iter().zip(slots) {
            *order = point;
            *place = places[point as usize];
        }
        // A square around a point is never seen as one from there.
        let ratio = (1.0 / (theta * theta)).max(D as f64);
        self.nodes.clear();
        self.divide((0, places.len()), Self::BITS, (side * side, ratio));
    }

    /// Takes one bit of each axis after the other.
    fn code(place: &[f64; D], low: &[f64; D], scale: f64) -> u64 {
        let mut code = 0;
        for d in 0..D {
            let most = (1_u64 << Self::BITS) - 1;
            let cell = (((place[d] - low[d]) * scale) as u64).min(most);
            for bit in 0..Self::BITS {
                code |= (cell >> bit & 1) << (bit as usize * D + d);
            }
        }
        code
    }

    /// Divides points whose codes differ in the last so many bits of each axis; returns the sum of their places.
    fn divide(
        &mut self,
        (begin, end): (usize, usize),
        mut bits: u32,
        (square, ratio): (f64, f64),
    ) -> [f64; D] {
        let first = self.codes[begin].0;
        let last = self.codes[end - 1].0;
        // What does not divide them is left out.
        let different = u64::BITS - (first ^ last).leading_zeros();
        bits = bits.min(different.div_ceil(D as u32));
        let level = f64::from(Self::BITS - bits);
        let own = self.nodes.len();
        self.nodes.push(Node {
            centre: [0.0; D],
            count: (end - begin) as f64,
            limit: square * (-2.0 * level).exp2() * ratio,
            skip: 0,
            begin: begin as u32,
            end: end as u32,
        });
        let mut sum = [0.0; D];
        if end - begin <= LEAF || bits == 0 {
            for place in &self.places[begin..end] {
                for d in 0..D {
                    sum[d] += place[d];
                }
            }
        } else {
            self.nodes[own].end = begin as u32;
            let shift = (bits - 1) * D as u32;
            let mut from = begin;
            while from < end {
                let digit = self.codes[from].0 >> shift;
                let rest = &self.codes[from..end];
                let to = from + rest.partition_point(|(code, _)| code >> shift <= digit);
                let part = self.divide((from, to), bits - 1, (square, ratio));
                for d in 0..D {
                    sum[d] += part[d];
                }
                from = to;
            }
        }
        let skip = self.nodes.len() as u32;
        let node = &mut self.nodes[own];
        node.centre = sum.map(|sum| sum / node.count);
        node.skip = skip;
        sum
    }

    /// Pushes a few points, which lie near each other, away from all.
    pub(super) fn push(&self, own: &[Lanes; D]) -> Push<D> {
        let low = own.map(|lanes| lanes.into_iter().fold(f64::INFINITY, f64::min));
        let high = own.map(|lanes| lanes.into_iter().fold(f64::NEG_INFINITY, f64::max));
        let mut push = Push {
            force: [[0.0; LANES]; D],
            sum: [0.0; LANES],
        };
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let mut square = 0.0;
            for d in 0..D {
                let apart = (low[d] - node.centre[d]).max(node.centre[d] - high[d]);
                let apart = apart.max(0.0);
                square += apart * apart;
            }
            if square > node.limit {
                push.add(own, &node.centre, node.count);
            } else if node.begin < node.end {
                for place in &self.places[node.begin as usize..node.end as usize] {
                    push.add(own, place, 1.0);
                }
            } else {
                at += 1;
                continue;
            }
            at = node.skip as usize;
        }
        push
    }
}

impl<const D: usize> Push<D> {
    fn add(&mut self, own: &[Lanes; D], other: &[f64; D], count: f64) {
        let mut square = [1.0; LANES];
        let mut apart = [[0.0; LANES]; D];
        for d in 0..D {
            for lane in 0..LANES {
                apart[d][lane] = own[d][lane] - other[d];
                square[lane] += apart[d][lane] * apart[d][lane];
            }
        }
        for lane in 0..LANES {
            let near = 1.0 / square[lane];
            let strength = count * near;
            self.sum[lane] += strength;
            for (force, apart) in self.force.iter_mut().zip(&apart) {
                force[lane] += strength * near * apart[lane];
            }
        }
    }
}
