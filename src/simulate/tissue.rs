//! Cells of several types.

use super::background::pick;
use super::count::count;
use super::rows::{Rows, rows};
use crate::expression::{Cells, Frame};
use crate::random::Seed;
use crate::{Error, Result};
use ndarray::Array2;
use polars::prelude::Column;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::sync::Arc;

/// The most numbers in the table of what each type makes of each gene in each batch.
const MOST: usize = 1 << 28;

/// The most types.
const TYPES: usize = 10_000;

/// Draws counts of `n` cells of eight types and 2000 genes, with the defaults of [`Tissue`].
///
/// # Errors
///
/// As [`Tissue::run`].
///
/// # Examples
///
/// ```
/// use genolens::simulate;
/// # fn main() -> genolens::Result<()> {
/// let cells = simulate::cells(100, 7)?;
/// assert_eq!(cells.shape(), (100, 2000));
/// assert_eq!(cells.obs().labels("cell_type")?.len(), 100);
/// # Ok(()) }
/// ```
pub fn cells(n: usize, seed: impl Into<Seed>) -> Result<Cells> {
    Tissue::new().seed(seed).run(n)
}

/// Describes a tissue, from which cells are drawn whose type is known.
///
/// A gene makes up a share of all molecules that is drawn once (log-normal); a type has markers, of which it makes more. A cell has a
/// type and a depth (log-normal); its counts are negative binomial around depth times share, with variance `m + dispersion * m^2`.
/// On request a count is lost by dropout with chance `k / (k + m)`, batches differ by a factor for each gene, and some cells are two.
/// The same seed gives the same bytes on any number of threads, and the first cells are the same however many are drawn.
///
/// What is known of the truth comes along: in `obs` `cell_type`, `depth` (the counts to expect before dropout), and where asked for `batch`
/// and `doublet`; in `var` `marker_of` (empty for no type) and
/// the share of a gene in each type, such as `share in type 0`.
///
/// # Examples
///
/// ```
/// use genolens::simulate::Tissue;
/// # fn main() -> genolens::Result<()> {
/// let cells = Tissue::new().genes(300).types(3).markers(20).batches(2).dropout(0.5).run(200)?;
/// let markers = cells.var().labels("marker_of")?;
/// assert_eq!(markers.iter().filter(|of| *of == "type 1").count(), 20);
/// # Ok(()) }
/// ```
///
/// # References
///
/// In the manner of Splatter (Zappia, Phipson and Oshlack 2017, <https://doi.org/10.1186/s13059-017-1305-0>); dropout as in `M3Drop`
/// (Andrews and Hemberg 2019, <https://doi.org/10.1093/bioinformatics/bty1044>).
#[derive(Clone, Debug, PartialEq)]
pub struct Tissue {
    genes: usize,
    shares: Arc<[f64]>,
    markers: usize,
    fold: f64,
    depth: f64,
    spread: f64,
    dispersion: f64,
    dropout: f64,
    batches: usize,
    batch_effect: f64,
    doublets: f64,
    seed: Seed,
}

impl Tissue {
    /// Starts from the defaults: 2000 genes, 8 types of equal share with 50 markers each, made about 4 times as much, 600 counts in a
    /// cell, a dispersion of 0.3, and neither dropout nor batches nor doublets.
    pub fn new() -> Self {
        Self {
            genes: 2000,
            shares: Arc::new([1.0; 8]),
            markers: 50,
            fold: 4.0,
            depth: 600.0,
            spread: 0.3,
            dispersion: 0.3,
            dropout: 0.0,
            batches: 1,
            batch_effect: 0.3,
            doublets: 0.0,
            seed: Seed::default(),
        }
    }

    /// Sets how many genes there are.
    pub fn genes(mut self, genes: usize) -> Self {
        self.genes = genes;
        self
    }

    /// Sets how many types there are, all of the same share.
    pub fn types(mut self, types: usize) -> Self {
        self.shares = vec![1.0; types.min(TYPES + 1)].into();
        self
    }

    /// Sets the share of each type, of any sum.
    pub fn shares(mut self, shares: &[f64]) -> Self {
        self.shares = shares.into();
        self
    }

    /// Sets how many markers each type has, none of which is one of another type.
    pub fn markers(mut self, markers: usize) -> Self {
        self.markers = markers;
        self
    }

    /// Sets how many times as much of a marker its type makes: the median over markers, whose logarithms spread by 0.3.
    pub fn fold(mut self, fold: f64) -> Self {
        self.fold = fold;
        self
    }

    /// Sets the median of the counts of a cell.
    pub fn depth(mut self, counts: f64) -> Self {
        self.depth = counts;
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

    /// Sets the mean at which half of the counts are lost; 0 for none.
    pub fn dropout(mut self, mean: f64) -> Self {
        self.dropout = mean;
        self
    }

    /// Sets how many batches there are, of equal share.
    pub fn batches(mut self, batches: usize) -> Self {
        self.batches = batches;
        self
    }

    /// Sets by how much batches differ: the standard deviation of the logarithm of the factor of a gene.
    pub fn batch_effect(mut self, deviation: f64) -> Self {
        self.batch_effect = deviation;
        self
    }

    /// Sets the chance that what looks like one cell is two.
    pub fn doublets(mut self, chance: f64) -> Self {
        self.doublets = chance;
        self
    }

    /// Sets the seed; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    fn check(&self, n: usize) -> Result<()> {
        let within = |argument: &str, number: f64, most: f64| {
            if (0.0..=most).contains(&number) {
                return Ok(());
            }
            Err(Error::value(argument, format!("0 to {most}"), number))
        };
        let types = self.shares.len();
        super::rows::check(n, self.genes)?;
        for (argument, count) in [("types", types), ("batches", self.batches)] {
            if count == 0 {
                return Err(Error::value(argument, "1 or more", count));
            }
        }
        if types > TYPES {
            return Err(Error::value("types", format!("at most {TYPES}"), types));
        }
        let table = self
            .genes
            .saturating_mul(types)
            .saturating_mul(self.batches);
        if table > MOST {
            let expected = format!("at most {MOST} genes times types times batches");
            return Err(Error::value("genes", expected, table));
        }
        if self.markers.saturating_mul(types) > self.genes {
            let expected = format!(
                "at most {} for {types} types of {} genes",
                self.genes / types,
                self.genes
            );
            return Err(Error::value("markers", expected, self.markers));
        }
        let is_share = |share: &f64| share.is_finite() && *share >= 0.0;
        if !self.shares.iter().all(is_share) || self.shares.iter().sum::<f64>() <= 0.0 {
            let got = format!("{:?}", self.shares);
            return Err(Error::value(
                "shares",
                "at least 0, and above 0 somewhere",
                got,
            ));
        }
        if !(self.fold > 0.0 && self.fold <= 1e6) {
            return Err(Error::value("fold", "above 0, at most 1000000", self.fold));
        }
        if !(self.depth > 0.0 && self.depth <= 1e9) {
            return Err(Error::value(
                "depth",
                "above 0, at most 1000000000",
                self.depth,
            ));
        }
        within("depth_spread", self.spread, 3.0)?;
        within("dispersion", self.dispersion, 100.0)?;
        within("dropout", self.dropout, 1e9)?;
        within("batch_effect", self.batch_effect, 3.0)?;
        within("doublets", self.doublets, 1.0)
    }

    /// Draws `n` cells.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] naming the option that makes no sense, [`Error::Interrupted`].
    pub fn run(&self, n: usize) -> Result<Cells> {
        self.check(n)?;
        let types = self.shares.len();
        let (profiles, markers) = self.profiles();
        let (counts, known) = rows("cells", (n, self.genes), |cell, row| {
            Ok(self.one(cell, &profiles, row))
        })?;
        let names = |kind: &str, count| -> Vec<String> {
            (0..count).map(|i| format!("{kind} {i}")).collect()
        };
        let type_names = names("type", types);
        let labels: Vec<&str> = known
            .iter()
            .map(|cell| type_names[cell.kind].as_str())
            .collect();
        let depths: Vec<f64> = known.iter().map(|cell| cell.depth).collect();
        let mut obs = Frame::new((0..n).map(|cell| format!("cell{cell}")))
            .with_categories(Column::new("cell_type".into(), labels), &type_names)?
            .with(Column::new("depth".into(), depths))?;
        if self.batches > 1 {
            let batch_names = names("batch", self.batches);
            let labels: Vec<&str> = known
                .iter()
                .map(|cell| batch_names[cell.batch].as_str())
                .collect();
            obs = obs.with_categories(Column::new("batch".into(), labels), &batch_names)?;
        }
        if self.doublets > 0.0 {
            let doublets: Vec<bool> = known.iter().map(|cell| cell.doublet).collect();
            obs = obs.with(Column::new("doublet".into(), doublets))?;
        }
        let of: Vec<&str> = markers
            .iter()
            .map(|of| of.map_or("", |of| &type_names[of]))
            .collect();
        let mut var = Frame::new((0..self.genes).map(|gene| format!("gene{gene}")))
            .with(Column::new("marker_of".into(), of))?;
        for (name, shares) in type_names.iter().zip(self.shares_of(&markers, None).rows()) {
            var = var.with(Column::new(
                format!("share in {name}").into(),
                shares.to_vec(),
            ))?;
        }
        Cells::from_frames(counts, obs, var)
    }

    /// The share of every gene in every type and batch, shape `(batches * types, genes)`, and the type that a gene marks.
    fn profiles(&self) -> (Array2<f64>, Vec<Option<usize>>) {
        let types = self.shares.len();
        let mut order: Vec<usize> = (0..self.genes).collect();
        let mut generator = self.seed.named("markers").generator();
        for place in 0..types * self.markers {
            order.swap(place, generator.random_range(place..self.genes));
        }
        let mut markers = vec![None; self.genes];
        for (place, &gene) in order[..types * self.markers].iter().enumerate() {
            markers[gene] = Some(place % types);
        }
        let mut profiles = Array2::zeros((self.batches * types, self.genes));
        for batch in 0..self.batches {
            let shares = self.shares_of(&markers, (self.batches > 1).then_some(batch));
            let rows = ndarray::s![batch * types..(batch + 1) * types, ..];
            profiles.slice_mut(rows).assign(&shares);
        }
        (profiles, markers)
    }

    /// The share of every gene in every type, shape `(types, genes)`, with or without what a batch does to it.
    fn shares_of(&self, markers: &[Option<usize>], batch: Option<usize>) -> Array2<f64> {
        let types = self.shares.len();
        let mut shares = Array2::zeros((types, self.genes));
        let seed = self.seed.named("genes");
        for (gene, marks) in markers.iter().enumerate() {
            let mut generator = seed.indexed(gene).generator();
            let [base, fold]: [f64; 2] =
                std::array::from_fn(|_| StandardNormal.sample(&mut generator));
            let mut share = (1.8 * base).exp();
            if let Some(batch) = batch {
                let seed = self.seed.named("batches").indexed(batch).indexed(gene);
                let factor: f64 = StandardNormal.sample(&mut seed.generator());
                share *= (self.batch_effect * factor).exp();
            }
            for of in 0..types {
                let factor = if *marks == Some(of) {
                    self.fold * (0.3 * fold).exp()
                } else {
                    1.0
                };
                shares[[of, gene]] = share * factor;
            }
        }
        for mut row in shares.rows_mut() {
            let sum = row.sum();
            row /= sum;
        }
        shares
    }

    /// Draws one cell and returns what is known of it.
    fn one(&self, cell: usize, profiles: &Array2<f64>, row: &mut Rows) -> Known {
        let mut generator = self.seed.named("cells").indexed(cell).generator();
        let types = self.shares.len();
        let batch = if self.batches > 1 {
            generator.random_range(0..self.batches)
        } else {
            0
        };
        let doublet = self.doublets > 0.0 && generator.random::<f64>() < self.doublets;
        let (kind, depth) = self.draw(&mut generator);
        let profile = profiles.row(batch * types + kind);
        let other = doublet.then(|| self.draw(&mut generator));
        let other = other.map(|(kind, depth)| (profiles.row(batch * types + kind), depth));
        for (gene, share) in profile.iter().enumerate() {
            let mut mean = depth * share;
            if let Some((profile, depth)) = &other {
                mean += depth * profile[gene];
            }
            let counted = count(mean, self.dispersion, &mut generator);
            let lost = counted > 0.0
                && self.dropout > 0.0
                && generator.random::<f64>() * (self.dropout + mean) < self.dropout;
            if counted > 0.0 && !lost {
                row.push(gene, counted);
            }
        }
        let depth = depth + other.map_or(0.0, |(_, depth)| depth);
        Known {
            kind,
            batch,
            depth,
            doublet,
        }
    }

    fn draw(&self, generator: &mut ChaCha8Rng) -> (usize, f64) {
        let kind = pick(&self.shares, generator.random());
        let depth: f64 = StandardNormal.sample(generator);
        (kind, self.depth * (self.spread * depth).exp())
    }
}

impl Default for Tissue {
    fn default() -> Self {
        Self::new()
    }
}

/// What is known of a cell.
struct Known {
    kind: usize,
    batch: usize,
    depth: f64,
    doublet: bool,
}
