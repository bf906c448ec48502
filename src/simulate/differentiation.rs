//! Cells on their way, with spliced and unspliced counts.

use super::count::count;
use super::kinetics::Kinetics;
use super::rows::{Rows, rows};
use crate::expression::{Cells, Frame};
use crate::random::Seed;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::Array2;
use polars::prelude::Column;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

/// Draws spliced and unspliced counts of `n` cells on one path and 300 genes, with the defaults of [`Differentiation`].
///
/// # Errors
///
/// As [`Differentiation::run`].
///
/// # Examples
///
/// ```
/// use genolens::simulate;
/// # fn main() -> genolens::Result<()> {
/// let cells = simulate::differentiation(100, 7)?;
/// assert_eq!(cells.layer("unspliced")?.shape(), (100, 300));
/// assert!(cells.obs().numbers("time")?.iter().all(|time| (0.0..=1.0).contains(time)));
/// # Ok(()) }
/// ```
pub fn differentiation(n: usize, seed: impl Into<Seed>) -> Result<Cells> {
    Differentiation::new().seed(seed).run(n)
}

/// Describes cells that develop, for which the direction of time is known.
///
/// A gene is transcribed at rate `alpha` from the time at which it is switched on until it is switched off; unspliced molecules are
/// spliced at rate `beta`, spliced ones decay at rate `gamma`: `du/dt = alpha - beta u`, `ds/dt = beta u - gamma s`. Times run from 0 to 1,
/// rates count in tenths of that. At the start half of the genes are on and at rest. With two branches or more, half of the genes belong
/// to one branch each, and change in its cells only, after the middle of the time. Counts are negative binomial around what is there,
/// times the depth of the cell. The same seed gives the same bytes on any number of threads, and the first cells are the same however many
/// are drawn.
///
/// Values are the spliced counts; layers are `spliced`, `unspliced` and, where the truth is asked for, `velocity_true` (`ds/dt` before
/// counting, in counts of a cell of usual depth). Columns of `obs`: `time`, `branch` (`trunk` before the middle), `depth`; of `var`:
/// `alpha`, `beta`, `gamma`, `on`, `off`, `branch`. `obsm` `X_path` holds time and side, shape `(n, 2)`, a map that needs no computation.
///
/// # Examples
///
/// ```
/// use genolens::simulate::Differentiation;
/// # fn main() -> genolens::Result<()> {
/// let cells = Differentiation::new().genes(100).branches(2).run(200)?;
/// let ends = cells.obs().labels("branch")?;
/// assert!(["trunk", "branch 0", "branch 1"].iter().all(|end| ends.contains(&(*end).to_owned())));
/// # Ok(()) }
/// ```
///
/// # References
///
/// The kinetic model of La Manno et al. 2018, <https://doi.org/10.1038/s41586-018-0414-6>, solved as by Bergen et al. 2020,
/// <https://doi.org/10.1038/s41587-020-0591-3>.
#[derive(Clone, Debug, PartialEq)]
pub struct Differentiation {
    genes: usize,
    branches: usize,
    depth: f64,
    spread: f64,
    dispersion: f64,
    still: bool,
    truth: bool,
    seed: Seed,
}

impl Differentiation {
    /// Starts from the defaults: 300 genes, one branch, depth 1, whose logarithm spreads by 0.2, a dispersion of 0.1, cells that move, and
    /// their true velocity.
    pub fn new() -> Self {
        Self {
            genes: 300,
            branches: 1,
            depth: 1.0,
            spread: 0.2,
            dispersion: 0.1,
            still: false,
            truth: true,
            seed: Seed::default(),
        }
    }

    /// Sets how many genes there are.
    pub fn genes(mut self, genes: usize) -> Self {
        self.genes = genes;
        self
    }

    /// Sets how many fates there are: 1 for a path, 2 or more for a tree that parts in the middle.
    pub fn branches(mut self, branches: usize) -> Self {
        self.branches = branches;
        self
    }

    /// Sets the share of molecules that a usual cell has counted; of a gene that is on there are about ten of each kind.
    pub fn depth(mut self, share: f64) -> Self {
        self.depth = share;
        self
    }

    /// Sets the standard deviation of the logarithm of the depth.
    pub fn depth_spread(mut self, deviation: f64) -> Self {
        self.spread = deviation;
        self
    }

    /// Sets the dispersion of counts; 0 for Poisson counts.
    pub fn dispersion(mut self, dispersion: f64) -> Self {
        self.dispersion = dispersion;
        self
    }

    /// Sets whether cells stand still: as different as on the path, but each has as many unspliced molecules as keep the spliced ones at
    /// rest. Nothing moves, and no arrow is right.
    pub fn still(mut self, still: bool) -> Self {
        self.still = still;
        self
    }

    /// Sets whether the true velocity is kept, a dense layer of cells by genes.
    pub fn truth(mut self, truth: bool) -> Self {
        self.truth = truth;
        self
    }

    /// Sets the seed; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    fn check(&self, n: usize) -> Result<()> {
        super::rows::check(n, self.genes)?;
        if !(1..=1000).contains(&self.branches) {
            return Err(Error::value("branches", "1 to 1000", self.branches));
        }
        if !(self.depth > 0.0 && self.depth <= 1e6) {
            return Err(Error::value(
                "depth",
                "above 0, at most 1000000",
                self.depth,
            ));
        }
        for (argument, number, most) in [
            ("depth_spread", self.spread, 3.0),
            ("dispersion", self.dispersion, 100.0),
        ] {
            if !(0.0..=most).contains(&number) {
                return Err(Error::value(argument, format!("0 to {most}"), number));
            }
        }
        Ok(())
    }

    /// Draws `n` cells.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] naming the option that makes no sense, [`Error::Interrupted`].
    pub fn run(&self, n: usize) -> Result<Cells> {
        self.check(n)?;
        let seed = self.seed.named("kinetics");
        let genes: Vec<Kinetics> = (0..self.genes)
            .map(|gene| Kinetics::draw(self.branches, &mut seed.indexed(gene).generator()))
            .collect();
        let (spliced, known) = rows("spliced counts", (n, self.genes), |cell, row| {
            Ok(self.one(cell, &genes, row, true))
        })?;
        let (unspliced, _) = rows("unspliced counts", (n, self.genes), |cell, row| {
            Ok(self.one(cell, &genes, row, false))
        })?;
        let cells = Cells::from_frames(spliced.clone(), self.obs(&known)?, of_genes(&genes)?)?;
        let side = self.branches as f32 - 1.0;
        let path = Array2::from_shape_fn((n, 2), |(cell, axis)| {
            let Known {
                time,
                branch,
                side: off,
                ..
            } = &known[cell];
            let past = (*time as f32 - 0.5).max(0.0);
            match axis {
                0 => *time as f32,
                _ => past * (2.0 * *branch as f32 - side) + *off as f32,
            }
        });
        let cells = with_counts(&cells, spliced, unspliced)?.with_obsm("X_path", path)?;
        if !self.truth {
            return Ok(cells);
        }
        let mut velocity = Array2::<f32>::zeros((n, self.genes));
        if !self.still {
            let rows = velocity.as_slice_mut().unwrap_or_default();
            rows.par_chunks_mut(self.genes)
                .zip(&known)
                .for_each(|(row, cell)| {
                    for (value, gene) in row.iter_mut().zip(&genes) {
                        let (unspliced, spliced) = gene.at(cell.time, cell.branch);
                        *value = (self.depth * gene.velocity(unspliced, spliced)) as f32;
                    }
                });
        }
        cells.with_layer("velocity_true", velocity)
    }

    /// Draws one cell: what is known of it, and its counts of one kind.
    fn one(&self, cell: usize, genes: &[Kinetics], row: &mut Rows, spliced: bool) -> Known {
        let seed = self.seed.named("path").indexed(cell);
        let known = self.known(&mut seed.generator());
        let mut generator = seed
            .named(if spliced { "spliced" } else { "unspliced" })
            .generator();
        for (gene, kinetics) in genes.iter().enumerate() {
            let (mut there_unspliced, there_spliced) = kinetics.at(known.time, known.branch);
            if self.still {
                there_unspliced = kinetics.gamma / kinetics.beta * there_spliced;
            }
            let there = if spliced {
                there_spliced
            } else {
                there_unspliced
            };
            let counted = count(
                self.depth * known.depth * there,
                self.dispersion,
                &mut generator,
            );
            if counted > 0.0 {
                row.push(gene, counted);
            }
        }
        known
    }

    fn known(&self, generator: &mut ChaCha8Rng) -> Known {
        let time = generator.random();
        let branch = generator.random_range(0..self.branches);
        let [depth, side]: [f64; 2] = std::array::from_fn(|_| StandardNormal.sample(generator));
        Known {
            time,
            branch,
            depth: (self.spread * depth).exp(),
            side: 0.02 * side,
        }
    }

    fn obs(&self, known: &[Known]) -> Result<Frame> {
        let column = |name: &str, number: fn(&Known) -> f64| {
            Column::new(name.into(), known.iter().map(number).collect::<Vec<_>>())
        };
        let mut names = vec!["trunk".to_owned()];
        names.extend((0..self.branches).map(|branch| format!("branch {branch}")));
        let branches: Vec<&str> = known
            .iter()
            .map(|cell| names[if cell.time < 0.5 { 0 } else { cell.branch + 1 }].as_str())
            .collect();
        Frame::new((0..known.len()).map(|cell| format!("cell{cell}")))
            .with(column("time", |cell| cell.time))?
            .with_categories(Column::new("branch".into(), branches), &names)?
            .with(column("depth", |cell| cell.depth))
    }
}

impl Default for Differentiation {
    fn default() -> Self {
        Self::new()
    }
}

fn of_genes(genes: &[Kinetics]) -> Result<Frame> {
    let column = |name: &str, number: fn(&Kinetics) -> f64| {
        Column::new(name.into(), genes.iter().map(number).collect::<Vec<_>>())
    };
    let branches: Vec<String> = genes
        .iter()
        .map(|gene| {
            gene.branch
                .map_or_else(String::new, |branch| format!("branch {branch}"))
        })
        .collect();
    Frame::new((0..genes.len()).map(|gene| format!("gene{gene}")))
        .with(column("alpha", |gene| gene.alpha))?
        .with(column("beta", |gene| gene.beta))?
        .with(column("gamma", |gene| gene.gamma))?
        .with(column("on", |gene| gene.on))?
        .with(column("off", |gene| gene.off))?
        .with(Column::new("branch".into(), branches))
}

fn with_counts(cells: &Cells, spliced: Sparse, unspliced: Sparse) -> Result<Cells> {
    cells
        .with_layer("spliced", spliced)?
        .with_layer("unspliced", unspliced)
}

/// What is known of a cell.
struct Known {
    time: f64,
    branch: usize,
    depth: f64,
    side: f64,
}
