//! Whether velocities can be believed.

use super::flows::{Flows, LANES};
use super::rest::{Rest, Row};
use super::{Velocity, VelocityEvidence};
use crate::progress::Task;
use crate::random::Seed;
use crate::{Error, Result};
use ndarray::Array2;
use rand::RngExt;
use rayon::prelude::*;
use std::ops::Range;

/// How many draws are made side by side, so that what is known of a gene is found once for all of them.
const DRAWS: usize = 32;

/// Asks of an estimate whether its genes agree, which arrows on a map do not show: they look as decided for noise.
///
/// Between two neighbouring cells `i` and `j`, a gene says by `(x_j - x_i) (v_i + v_j) / 2` how far the way from one to the other goes
/// along its velocity: above zero from `i` to `j`, below zero the other way round. These flows, one for each gene over all edges between
/// neighbours, are scaled to length one and compared. Noise that a cell's own velocity shares with its own position cancels, since the
/// flow from `j` to `i` is that from `i` to `j` with its sign changed.
///
/// * **Permutation null.** The coherence is the mean inner product of the flows of two genes. It is compared with that of cells at rest:
///   each keeps its means over neighbours, has as many unspliced molecules as keep the spliced ones at rest, and the noise of another
///   cell, both layers and all genes together. Ratios, velocities and flows are estimated anew for each draw. The null is a floor and no
///   exact test: of simulated cells at rest, 9 of 20 (at usual depth) and 1 of 20 (at a fifth of it) were more coherent than all of 19
///   draws, where 1 of 20 should be. That neighbours are chosen by the same noise is not why: with neighbours by the true place, 9 of 20
///   were, too (of 200 cells, 60 genes). A part is that both kinds of molecules are brought to the same depth each, so that their ratio
///   changes in all genes at once where the composition of cells does: a null that keeps this common ratio let 7 of 60 pass, but it also
///   hid 4 of 10 that move, and is not used. Look at the size: coherence was about 0.01 there; of simulated cells that move 0.3 with 30
///   to 100 genes, and 0.06, far above the null, with 1000.
/// * **Reversal.** The agreement of a gene is the correlation of its flow with the sum of those of all others: below zero, it would have
///   the arrows point the other way round. Genes are drawn anew with replacement, and the chance of reversal is the share of draws whose
///   flow is against that of all genes. It says something only where the coherence is far above the null, and a common direction can
///   still be wrong when most genes break the model alike.
///
/// # References
///
/// In the spirit of the randomised velocities of La Manno et al. 2018, <https://doi.org/10.1038/s41586-018-0414-6>; what can go wrong:
/// Bergen et al. 2021, <https://doi.org/10.15252/msb.202110282>. The flows and the null are our own.
#[derive(Clone, Debug, PartialEq)]
pub struct VelocityTest {
    draws: usize,
    edges: usize,
    seed: Seed,
}

impl VelocityTest {
    /// Starts from the defaults: 99 draws, at most 40,000 edges.
    pub fn new() -> Self {
        Self {
            draws: 99,
            edges: 40_000,
            seed: Seed::default(),
        }
    }

    /// Sets how many times cells at rest are drawn, 19 to 100,000.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets how many edges between neighbours are compared at most; they are spread evenly over the cells.
    pub fn edges(mut self, edges: usize) -> Self {
        self.edges = edges;
        self
    }

    /// Sets the seed; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Tests an estimate.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, or fewer than two genes move; when interrupted.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{embedding, expression::{self, VelocityTest}, simulate};
    /// # fn main() -> genolens::Result<()> {
    /// let cells = simulate::differentiation(150, 1)?;
    /// let velocity = expression::velocity(&cells, &embedding::neighbors(&cells)?)?;
    /// let evidence = VelocityTest::new().draws(19).run(&velocity)?;
    /// assert!(evidence.coherence() > 0.1 && evidence.beyond() == 0.0, "{evidence:?}");
    /// # Ok(()) }
    /// ```
    pub fn run(&self, velocity: &Velocity) -> Result<VelocityEvidence> {
        if !(19..=100_000).contains(&self.draws) {
            return Err(Error::value("draws", "19 to 100000", self.draws));
        }
        if self.edges == 0 {
            return Err(Error::value("edges", "1 or more", self.edges));
        }
        let parts = velocity.parts();
        let edges = self.pairs(velocity);
        let genes = parts.x.ncols();
        let pieces: Vec<Range<usize>> = (0..genes)
            .step_by(LANES)
            .map(|first| first..genes.min(first + LANES))
            .collect();
        let flows: Vec<Flows<'_>> = pieces
            .par_iter()
            .map(|genes| {
                let rows = |of: &Array2<f32>| side_by_side(of, genes.clone());
                Flows::new(&edges, (rows(&parts.x), rows(&parts.v)))
            })
            .collect();
        let mut observed = Common::new(edges.len());
        for flows in &flows {
            observed.add(flows);
        }
        let moving = observed.count;
        if moving < 2 {
            return Err(Error::value(
                "velocity",
                "two genes or more that move",
                format!("one with {moving}"),
            ));
        }
        // The product of each gene's flow with that of all: with its own it is one.
        let along: Vec<Option<f64>> = flows
            .par_iter()
            .flat_map_iter(|flows| {
                let along = flows.along(&observed.sum).into_iter().zip(flows.moves());
                along.map(|(along, moves)| moves.then_some(along))
            })
            .collect();
        drop(flows);
        let total = observed.square();
        let agreement = |along: &f64| {
            let others = total - 2.0 * along + 1.0;
            if others > 0.0 {
                (along - 1.0) / others.sqrt()
            } else {
                0.0
            }
        };
        let names = velocity.genes();
        let agreements = along
            .iter()
            .zip(names)
            .filter_map(|(along, name)| Some((name, agreement(along.as_ref()?))));
        let agreements: Vec<(String, f64)> = agreements.collect();
        let along: Vec<f64> = along.into_iter().flatten().collect();
        let seed = self.seed.named("velocity test");
        let mut turned = 0;
        for draw in 0..1000 {
            let mut generator = seed.named("genes").indexed(draw).generator();
            let sum: f64 = (0..moving)
                .map(|_| along[generator.random_range(0..moving)])
                .sum();
            turned += usize::from(sum < 0.0);
        }
        let rest = Rest::new(velocity)?;
        let steps = self.draws.div_ceil(DRAWS) * pieces.len();
        let mut task = Task::new("velocity test", steps);
        let mut null = Vec::with_capacity(self.draws);
        for first in (0..self.draws).step_by(DRAWS) {
            let draws = first..self.draws.min(first + DRAWS);
            let mut drawn: Vec<(Vec<usize>, Common)> = draws
                .map(|draw| {
                    let order = order(velocity.len(), seed.named("cells").indexed(draw));
                    (order, Common::new(edges.len()))
                })
                .collect();
            for genes in &pieces {
                let genes = rest.genes(genes.clone());
                drawn.par_iter_mut().for_each(|(order, common)| {
                    common.add(&Flows::new(&edges, genes.draw(order)));
                });
                task.step("")?;
            }
            null.extend(drawn.iter().map(|(_, common)| common.coherence()));
        }
        Ok(VelocityEvidence::new(
            agreements,
            observed.coherence(),
            null.into(),
            turned as f64 / 1000.0,
        ))
    }

    /// Chooses pairs of neighbours, spread evenly over cells and over neighbours near and far.
    fn pairs(&self, velocity: &Velocity) -> Vec<(u32, u32)> {
        let near = velocity.parts().neighbors.indices();
        let total = near.len();
        let edges = self.edges.min(total);
        let place = |edge: usize| (edge as u128 * total as u128 / edges as u128) as usize;
        let pair = |place: usize| {
            let (cell, rank) = (place / near.ncols(), place % near.ncols());
            (cell as u32, near[[cell, rank]])
        };
        (0..edges).map(|edge| pair(place(edge))).collect()
    }
}

impl Default for VelocityTest {
    fn default() -> Self {
        Self::new()
    }
}

/// Draws an order of cells.
fn order(cells: usize, seed: Seed) -> Vec<usize> {
    let mut generator = seed.generator();
    let mut order: Vec<usize> = (0..cells).collect();
    for place in 1..cells {
        order.swap(place, generator.random_range(0..=place));
    }
    order
}

/// Takes some columns of an array, so that those of a cell lie side by side.
fn side_by_side(of: &Array2<f32>, columns: Range<usize>) -> Vec<Row<f32>> {
    let rows = of.rows().into_iter().map(|row| {
        let mut out = [0.0; LANES];
        for (out, column) in out.iter_mut().zip(columns.clone()) {
            *out = row[column];
        }
        out
    });
    rows.collect()
}

/// The sum of the flows of all genes that move.
struct Common {
    sum: Vec<f64>,
    count: usize,
}

impl Common {
    fn new(edges: usize) -> Self {
        Self {
            sum: vec![0.0; edges],
            count: 0,
        }
    }

    fn add(&mut self, flows: &Flows<'_>) {
        flows.add_to(&mut self.sum);
        let moves = flows.moves().into_iter();
        self.count += moves.filter(|moves| *moves).count();
    }

    fn square(&self) -> f64 {
        self.sum.iter().map(|value| value * value).sum()
    }

    /// The mean inner product of the flows of two genes.
    fn coherence(&self) -> f64 {
        let count = self.count as f64;
        if self.count < 2 {
            0.0
        } else {
            (self.square() - count) / (count * (count - 1.0))
        }
    }
}
