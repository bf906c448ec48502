//! The test of every gene in every group.

use super::super::groups::Groups;
use super::super::steps::{Genes, looks_like_counts, not_negative};
use super::super::{Cells, Preset};
use super::false_discovery::benjamini_hochberg;
use super::markers::{Data, Group};
use super::summary::{Joined, Summary};
use super::welch::welch;
use super::wilcoxon::{Ranked, z};
use super::{MarkerTest, Markers, logistic};
use crate::progress::Task;
use crate::{Error, Result};
use rayon::prelude::*;
use std::sync::Arc;

/// How many genes are tested between two looks at an interrupt.
const BLOCK: usize = 512;

/// Tests for every group of cells, by the labels of a column of `obs`, which genes it expresses more or less than all other cells.
///
/// `cells` hold log-normalised values; where the values were scaled since, take `cells.raw()?`. The test is Welch's t-test, p-values are
/// corrected for the number of genes (Benjamini and Hochberg). Log fold changes are those of mean counts (the logarithm undone, then the
/// mean), to which 0.01 is added, one count in a hundred cells, so that a gene that is absent from one side has no fold change of 30.
/// [`RankGenes::preset`] has those of scanpy.
///
/// **Cells are not samples.** The groups were often found in the same values that are tested, and cells of one donor are alike: such
/// p-values are far too small and serve to rank genes. For claims about conditions, sum up the cells of each sample with
/// [`pseudobulk`](super::pseudobulk()) and test samples.
///
/// Checked against `scanpy.tl.rank_genes_groups` (1.11.5).
///
/// # Errors
///
/// Fails when there is no such column or a cell has no label in it, when a group has a single cell or all cells, when a value is negative
/// or not finite, and when all values are whole numbers, as counts are.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array, polars::prelude::Column};
/// # fn main() -> genolens::Result<()> {
/// let counts = array![[9.0_f32, 1.0], [8.0, 1.0], [1.0, 7.0], [2.0, 9.0]];
/// let cells = Cells::new(counts, ["a", "b", "c", "d"], ["CD3D", "MS4A1"])?;
/// let cells = cells.with_obs(Column::new("type".into(), ["T", "T", "B", "B"]))?;
/// let markers = expression::rank_genes(&cells.normalize_total()?.log1p()?, "type")?;
/// assert_eq!(markers.top("T", 1)?, ["CD3D"]);
/// assert!(markers.adjusted_p_values("B")?[1] < 0.05);
/// # Ok(()) }
/// ```
pub fn rank_genes(cells: &Cells, column: &str) -> Result<Markers> {
    RankGenes::new().run(cells, column)
}

/// Tests genes in groups of cells, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct RankGenes {
    test: MarkerTest,
    groups: Option<Vec<String>>,
    reference: Option<String>,
    tie_correct: bool,
    pseudo_count: f64,
    log_means: bool,
    logged: bool,
}

impl Default for RankGenes {
    fn default() -> Self {
        Self {
            test: MarkerTest::TTest,
            groups: None,
            reference: None,
            tie_correct: false,
            pseudo_count: 0.01,
            log_means: false,
            logged: true,
        }
    }
}

impl RankGenes {
    /// Asks for the test of [`rank_genes`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for test and fold changes of a version of scanpy: the t-test and fold changes of the means of logarithms in the first, the
    /// Wilcoxon test and fold changes of mean counts in the second, both with a pseudo-count of 1e-9.
    pub fn preset(preset: Preset) -> Self {
        let new = Self::new().pseudo_count(1e-9);
        match preset {
            Preset::ScanpyV1 => new.log_means(true),
            Preset::ScanpyV2Preview => new.test(MarkerTest::Wilcoxon),
        }
    }

    /// Sets the test.
    pub fn test(mut self, test: MarkerTest) -> Self {
        self.test = test;
        self
    }

    /// Sets the groups that are tested, in this order; the others still belong to the rest. A logistic regression reads these only.
    pub fn groups(mut self, names: &[&str]) -> Self {
        self.groups = Some(names.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    /// Compares with the cells of one group instead of all other cells.
    pub fn reference(mut self, group: &str) -> Self {
        self.reference = Some(group.to_owned());
        self
    }

    /// Sets whether the Wilcoxon test corrects for ties, of which zeros are many: without, its p-values are too large.
    pub fn tie_correct(mut self, tie_correct: bool) -> Self {
        self.tie_correct = tie_correct;
        self
    }

    /// Sets what is added to both means before their ratio is taken; small ones let genes that are absent from one side have fold changes
    /// as large as `log2` of its inverse.
    pub fn pseudo_count(mut self, count: f64) -> Self {
        self.pseudo_count = count;
        self
    }

    /// Sets whether fold changes are those of the means of logarithms, which are lower for genes that few cells express.
    pub fn log_means(mut self, log_means: bool) -> Self {
        self.log_means = log_means;
        self
    }

    /// Sets whether the values are logarithms; if not, they are tested and compared as they are.
    pub fn logged(mut self, logged: bool) -> Self {
        self.logged = logged;
        self
    }

    /// Tests the groups of a column.
    ///
    /// # Errors
    ///
    /// As [`rank_genes`], when a group is named that is not there or twice, or the reference alone, when the pseudo-count is not above 0,
    /// and when a logistic regression has a reference or does not end.
    pub fn run(&self, cells: &Cells, column: &str) -> Result<Markers> {
        not_negative(cells)?;
        if !(self.pseudo_count > 0.0 && self.pseudo_count.is_finite()) {
            let expected = "a number above 0";
            return Err(Error::value("pseudo_count", expected, self.pseudo_count));
        }
        if self.logged && cells.log_base().is_none() && looks_like_counts(cells.values()) {
            let expected = "log-normalised values (normalize_total, then log1p)";
            return Err(Error::value(
                "values",
                expected,
                "only whole numbers, as counts are",
            ));
        }
        let groups = Groups::new(cells.obs(), column)?;
        let mut asked = Asked::new(self, &groups, column)?;
        asked.log = self.logged.then(|| cells.log_base().map_or(1.0, f64::ln));
        let of_cell: Vec<u32> = groups.of_cell.iter().map(|group| *group as u32).collect();
        let genes = Genes::new(cells.values());
        let coefficients = if self.test == MarkerTest::LogisticRegression {
            Some(self.regress(cells, &groups, &asked)?)
        } else {
            None
        };

        let mut found = vec![Group::default(); asked.tested.len()];
        let starts: Vec<usize> = (0..genes.len()).step_by(BLOCK).collect();
        let mut task = Task::new("marker genes", starts.len());
        for start in starts {
            let block = (start..genes.len().min(start + BLOCK)).into_par_iter();
            let block: Vec<Vec<Found>> = block
                .map(|gene| {
                    let (cells, values) = genes.gene(gene);
                    let entries = (&*cells, &*values);
                    let summary = Summary::new(entries, (&of_cell, &asked.sizes), asked.log);
                    let scores = match self.test {
                        MarkerTest::Wilcoxon => self.wilcoxon(entries, &of_cell, &asked),
                        MarkerTest::LogisticRegression => coefficients
                            .iter()
                            .flat_map(|found| found.column(gene))
                            .map(|score| (*score, 1.0))
                            .collect(),
                        _ => self.t_test(&summary, &asked),
                    };
                    self.found(&summary, &asked, &scores)
                })
                .collect();
            for gene in block {
                for (found, new) in found.iter_mut().zip(gene) {
                    found.scores.push(new.score);
                    found.p_values.push(new.p);
                    found.fold_changes.push(new.fold_change);
                    found.shares.push(new.share);
                    found.other_shares.push(new.other_share);
                }
            }
            task.step("")?;
        }
        for found in &mut found {
            if coefficients.is_some() {
                found.p_values.clear();
            } else {
                found.adjusted = benjamini_hochberg(&found.p_values);
            }
        }
        let names = asked
            .tested
            .iter()
            .map(|group| groups.names[*group].clone());
        Ok(Markers {
            data: Arc::new(Data {
                test: self.test,
                reference: self.reference.clone(),
                genes: cells.genes().to_vec(),
                groups: names.zip(found).collect(),
            }),
        })
    }

    fn t_test(&self, summary: &Summary, asked: &Asked) -> Vec<(f64, f64)> {
        let tested = asked.tested.iter();
        let scores = tested.map(|group| {
            let (own, rest) = asked.sides(summary, *group);
            let over = self.test == MarkerTest::TTestOverestimatedVariance;
            welch(&own, &rest, if over { own.size } else { rest.size })
        });
        scores.collect()
    }

    fn wilcoxon(
        &self,
        (cells, values): (&[u32], &[f32]),
        of_cell: &[u32],
        asked: &Asked,
    ) -> Vec<(f64, f64)> {
        let ranked = Ranked::new(cells, values, of_cell);
        let sizes = &asked.sizes;
        let size = |group: usize| sizes[group] as f64;
        let corrected = |ties: f64| if self.tie_correct { ties } else { 0.0 };
        let tested = asked.tested.iter();
        let Some(reference) = asked.reference else {
            let places: Vec<Option<usize>> = (0..sizes.len()).map(Some).collect();
            let (sums, ties) = ranked.sums(&places, sizes, sizes.len());
            let all: f64 = (0..sizes.len()).map(size).sum();
            let scores = tested.map(|&group| {
                z(
                    sums[group],
                    (size(group), all - size(group)),
                    corrected(ties),
                )
            });
            return scores.collect();
        };
        let mut places = vec![None; sizes.len()];
        let scores = tested.map(|&group| {
            places.fill(None);
            places[group] = Some(0);
            places[reference] = Some(1);
            let (sums, ties) = ranked.sums(&places, sizes, 2);
            z(sums[0], (size(group), size(reference)), corrected(ties))
        });
        scores.collect()
    }

    /// Returns coefficients, shape `(groups tested, genes)`.
    fn regress(
        &self,
        cells: &Cells,
        groups: &Groups,
        asked: &Asked,
    ) -> Result<ndarray::Array2<f64>> {
        if let Some(reference) = &self.reference {
            let expected = "none for a logistic regression, which reads all groups at once";
            return Err(Error::value(
                "reference",
                expected,
                format!("`{reference}`"),
            ));
        }
        if asked.tested.len() < 2 {
            let expected = "at least 2 for a logistic regression";
            return Err(Error::value("groups", expected, asked.tested.len()));
        }
        let place = |group: usize| asked.tested.iter().position(|tested| *tested == group);
        let chosen = groups.of_cell.iter().enumerate();
        let chosen = chosen.filter_map(|(cell, group)| Some((cell, place(*group)?)));
        let (places, of_cell): (Vec<usize>, Vec<usize>) = chosen.unzip();
        let values = cells.values().select_rows(&places)?;
        logistic::coefficients(&values, &of_cell, asked.tested.len())
    }

    fn found(&self, summary: &Summary, asked: &Asked, scores: &[(f64, f64)]) -> Vec<Found> {
        let groups = asked.tested.iter().zip(scores);
        let found = groups.map(|(group, &(score, p))| {
            let (own, rest) = asked.sides(summary, *group);
            let (a, b) = match asked.log {
                Some(log) if self.log_means => {
                    ((own.mean * log).exp_m1(), (rest.mean * log).exp_m1())
                }
                _ => (own.counts, rest.counts),
            };
            Found {
                score,
                p,
                fold_change: ((a + self.pseudo_count) / (b + self.pseudo_count)).log2(),
                share: own.share,
                other_share: rest.share,
            }
        });
        found.collect()
    }
}

/// What is compared with what.
struct Asked {
    tested: Vec<usize>,
    reference: Option<usize>,
    sizes: Vec<usize>,
    /// The groups that each group is compared with.
    others: Vec<Vec<usize>>,
    /// The logarithm of the base of the values, where they are logarithms.
    log: Option<f64>,
}

impl Asked {
    fn new(options: &RankGenes, groups: &Groups, column: &str) -> Result<Self> {
        let reference = options.reference.as_deref();
        let reference = reference
            .map(|name| groups.place("reference", name))
            .transpose()?;
        let mut tested = Vec::new();
        match &options.groups {
            None => {
                tested.extend((0..groups.names.len()).filter(|group| Some(*group) != reference));
            }
            Some(names) => {
                for name in names {
                    let place = groups.place("groups", name)?;
                    if tested.contains(&place) || Some(place) == reference {
                        let expected = "each group once, without the reference";
                        return Err(Error::value("groups", expected, format!("`{name}`")));
                    }
                    tested.push(place);
                }
            }
        }
        if tested.is_empty() {
            return Err(Error::value("groups", "at least one group to test", "none"));
        }
        let sizes = groups.sizes();
        let all: usize = sizes.iter().sum();
        let small = tested
            .iter()
            .chain(&reference)
            .find(|group| sizes[**group] < 2);
        if let Some(group) = small {
            let argument = format!("column {column}");
            let got = format!("1 cell in `{}`", groups.names[*group]);
            return Err(Error::value(
                &argument,
                "at least 2 cells in every group tested",
                got,
            ));
        }
        if reference.is_none()
            && let Some(group) = tested.iter().find(|group| all - sizes[**group] < 2)
        {
            let argument = format!("column {column}");
            let expected = "at least 2 cells outside of every group";
            let got = format!(
                "{} of {all} cells in `{}`",
                sizes[*group], groups.names[*group]
            );
            return Err(Error::value(&argument, expected, got));
        }
        let others = (0..sizes.len()).map(|group| match reference {
            Some(reference) => vec![reference],
            None => (0..sizes.len()).filter(|other| *other != group).collect(),
        });
        Ok(Self {
            tested,
            reference,
            others: others.collect(),
            sizes,
            log: None,
        })
    }

    /// Returns what is known of a group, and of what it is compared with.
    fn sides(&self, summary: &Summary, group: usize) -> (Joined, Joined) {
        (
            summary.joined(&[group]),
            summary.joined(&self.others[group]),
        )
    }
}

/// One gene in one group.
struct Found {
    score: f64,
    p: f64,
    fold_change: f64,
    share: f64,
    other_share: f64,
}
