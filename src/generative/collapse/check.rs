//! How generated cells are compared with real ones.

use super::Collapse;
use super::collapse::Row;
use super::manifold::{Overlap, nearest_labels};
use crate::embedding::{Components, Pca};
use crate::expression::{Cells, Groups};
use crate::generative::reader::same_genes;
use crate::progress::Task;
use crate::random::Seed;
use crate::shift::{ClassifierTest, Mmd};
use crate::{Error, Result};
use ndarray::{Array2, Axis, concatenate};
use rand::seq::SliceRandom;

/// The fewest cells of either sort that a classifier learns from and is tested on.
const FEWEST: usize = 8;

/// Compares generated cells with real ones for every kind of cells, by the labels of a column of `obs`, with the defaults of
/// [`CollapseCheck`].
///
/// # Errors
///
/// As [`CollapseCheck::run`].
///
/// # Examples
///
/// ```
/// use genolens::{expression::Cells, generative, ndarray::Array2, polars::prelude::Column};
/// # fn main() -> genolens::Result<()> {
/// let genes = ["CD3D", "MS4A1"];
/// let wave = |cell: usize| ((cell * 37) % 11) as f32 / 11.0;
/// let real = Array2::from_shape_fn((40, 2), |(cell, gene)| if cell % 2 == gene { 4.0 + wave(cell) } else { wave(cell + 3) });
/// let real = Cells::new(real, (0..40).map(|cell| cell.to_string()), genes)?;
/// let kinds: Vec<&str> = (0..40).map(|cell| if cell % 2 == 0 { "T" } else { "B" }).collect();
/// let real = real.with_obs(Column::new("type".into(), kinds))?;
/// // A generator that has forgotten the B cells.
/// let made = Array2::from_shape_fn((20, 2), |(cell, gene)| if gene == 0 { 4.0 + wave(cell) } else { wave(cell + 2) });
/// let made = Cells::new(made, (0..20).map(|cell| cell.to_string()), genes)?;
/// let found = generative::collapse(&real, &made, "type")?;
/// assert_eq!(found.dropped(), ["B"]);
/// println!("{found}");
/// # Ok(()) }
/// ```
pub fn collapse(real: &Cells, generated: &Cells, by: &str) -> Result<Collapse> {
    CollapseCheck::new().run(real, generated, by)
}

/// Compares generated cells with real ones for every kind of cells, with options.
///
/// Both are placed along the principal components of all of them. Balls around cells, as wide as the distance to the `k`-th neighbour of
/// their own sort, tell **precision** (generated cells inside a real ball), **recall** (real cells inside a generated ball; Kynkäänniemi et
/// al. 2019, <https://arxiv.org/abs/1904.06991>), **density** (how many real balls a generated cell is in, over `k`) and **coverage** (real
/// balls with a generated cell; Naeem et al. 2020, <https://arxiv.org/abs/2002.09797>). A generator that makes few, good cells has a high
/// precision and density, and a low coverage. Beside them are the squared maximum mean discrepancy ([`Mmd`], with its p-value) and how well
/// a classifier tells both apart ([`ClassifierTest`]: area under the curve, 0.5 if not at all), by default a logistic regression on
/// components and their squares, which sees means and spreads.
///
/// A generated cell belongs to the kind that it was asked for, where its `obs` has the column, else to the one that its neighbours among
/// the real cells have. Even real cells do not cover others wholly: compare one half of them with the other to see what is to be expected.
///
/// Precision, recall, density and coverage are checked against the formulas in numpy.
#[derive(Clone, Debug)]
pub struct CollapseCheck {
    k: usize,
    components: usize,
    most: usize,
    classifier: ClassifierTest,
    seed: Seed,
}

impl CollapseCheck {
    /// Takes the defaults: 5 neighbours, 50 components, at most 2,000 cells of a kind and sort.
    pub fn new() -> Self {
        Self {
            k: 5,
            components: 50,
            most: 2_000,
            classifier: ClassifierTest::new(),
            seed: Seed::default(),
        }
    }

    /// Sets the neighbour that a ball reaches to, the cell itself not counted.
    pub fn neighbors(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets how many principal components are compared; fewer, where there are fewer genes or cells.
    pub fn components(mut self, components: usize) -> Self {
        self.components = components;
        self
    }

    /// Sets how many cells of a kind are compared at most, real and generated each; more are drawn at random.
    pub fn at_most(mut self, cells: usize) -> Self {
        self.most = cells;
        self
    }

    /// Sets the classifier that tells cells apart; it reads components, divided by their spread, and their squares.
    pub fn classifier(mut self, classifier: ClassifierTest) -> Self {
        self.classifier = classifier;
        self
    }

    /// Sets the seed of draws.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Compares cells with the same genes.
    ///
    /// # Errors
    ///
    /// Fails when genes or logarithms differ, when the column lacks labels in the real cells or names other kinds in the generated ones,
    /// when there are fewer than 2 cells of either sort, when an option makes no sense, or when the user interrupts.
    pub fn run(&self, real: &Cells, generated: &Cells, by: &str) -> Result<Collapse> {
        self.check(real, generated)?;
        let kinds = Groups::new(real.obs(), by)?;
        let both = [real.values().dense(), generated.values().dense()];
        let both = concatenate(Axis(0), &[both[0].view(), both[1].view()]);
        let both = both.map_err(|_| Error::shape("generated", "(cells, genes)", &[]))?;
        let most = both.nrows().min(both.ncols());
        // Along components of the real cells alone, cells that they do not know lie closer together.
        let places = Pca::new(self.components.min(most)).run(&both)?;
        let (real, made) = places.coordinates().view().split_at(Axis(0), real.len());
        let (real, made) = (&real.to_owned(), &made.to_owned());
        let labels = (real, &kinds.of_cell[..]);
        let recognised = nearest_labels(made, labels, (self.k, kinds.names.len()));
        let asked = if generated.obs().column(by).is_ok() {
            let asked = generated.obs().labels(by)?;
            let places = asked.iter().map(|name| kinds.place(by, name));
            Some(places.collect::<Result<Vec<_>>>()?)
        } else {
            None
        };
        let of_made = asked.as_ref().unwrap_or(&recognised);
        let mut task = Task::new("collapse", kinds.names.len() + 1);
        let mut rows = Vec::new();
        let all =
            (0..=kinds.names.len()).map(|kind| kinds.names.get(kind).map(|name| (kind, name)));
        for kind in all {
            let (name, chosen) = match kind {
                Some((kind, name)) => (name.as_str(), Some(kind)),
                None => ("all", None),
            };
            let of = |labels: &[usize]| -> Vec<usize> {
                let rows = 0..labels.len();
                rows.filter(|&row| chosen.is_none_or(|kind| labels[row] == kind))
                    .collect()
            };
            let (ours, theirs) = (of(&kinds.of_cell), of(of_made));
            let right = theirs
                .iter()
                .filter(|&&row| recognised[row] == of_made[row]);
            let agreed = right.count() as f64 / theirs.len() as f64;
            let mut row = Row {
                name: name.to_owned(),
                sizes: (ours.len(), theirs.len()),
                recognised: if asked.is_some() { agreed } else { f64::NAN },
                ..Row::default()
            };
            let pick = |rows: Vec<usize>, of: &Array2<f64>, sort: &str| {
                of.select(Axis(0), &self.drawn(rows, &format!("{sort} {name}")))
            };
            let (ours, theirs) = (pick(ours, real, "real"), pick(theirs, made, "made"));
            row.overlap = Some(Overlap::new(&ours, &theirs, self.k));
            self.tests(&mut row, &places, (&ours, &theirs))?;
            rows.push(row);
            task.step(name)?;
        }
        Ok(Collapse::new(rows, by))
    }

    fn check(&self, real: &Cells, generated: &Cells) -> Result<()> {
        for (name, value, least) in [
            ("neighbors", self.k, 1),
            ("components", self.components, 1),
            ("at_most", self.most, self.k + 1),
        ] {
            if value < least {
                return Err(Error::value(name, format!("at least {least}"), value));
            }
        }
        for (name, cells) in [("real", real), ("generated", generated)] {
            if cells.len() < 2 {
                return Err(Error::value(name, "at least 2 cells", cells.len()));
            }
        }
        same_genes(("generated", generated), real.genes(), "the real cells")?;
        if real.log_base() != generated.log_base() {
            let said = |base: Option<f64>| match base {
                Some(base) => format!("logarithms of base {base:.3}"),
                None => "values of which no logarithm is known".into(),
            };
            let (expected, got) = (said(real.log_base()), said(generated.log_base()));
            let expected = format!("{expected}, as the real cells");
            return Err(Error::value("generated", expected, got));
        }
        Ok(())
    }

    /// Draws so many rows as are compared, in order.
    fn drawn(&self, mut rows: Vec<usize>, name: &str) -> Vec<usize> {
        if rows.len() > self.most {
            rows.shuffle(&mut self.seed.named(name).generator());
            rows.truncate(self.most);
            rows.sort_unstable();
        }
        rows
    }

    /// Tests whether cells differ, where there are enough.
    fn tests(
        &self,
        row: &mut Row,
        places: &Components,
        (real, made): (&Array2<f64>, &Array2<f64>),
    ) -> Result<()> {
        let fewest = real.nrows().min(made.nrows());
        if fewest >= 2 {
            let single = |x: &Array2<f64>| x.mapv(|value| value as f32);
            let test = Mmd::new().permutations(99).seed(self.seed);
            let test = test.run(&single(real), &single(made))?;
            row.mmd = (test.statistic(), test.p());
        }
        if fewest >= FEWEST {
            let spread = places.explained_variance();
            let spread = spread.mapv(|variance: f64| variance.max(1e-12).sqrt());
            let features = |x: &Array2<f64>| {
                let x = x / &spread;
                let both = concatenate(Axis(1), &[x.view(), (&x * &x).view()]);
                let both = both.map_err(|_| Error::shape("components", "(n, m)", x.shape()))?;
                Ok::<_, Error>(both.mapv(|value| value as f32))
            };
            let test = self.classifier.run(&features(real)?, &features(made)?)?;
            row.auc = test.statistic();
        }
        Ok(())
    }
}

impl Default for CollapseCheck {
    fn default() -> Self {
        Self::new()
    }
}
