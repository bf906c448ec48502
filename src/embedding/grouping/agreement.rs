//! How well two groupings of the same examples agree.

use super::Labels;
use crate::{Error, Result};
use ndarray::Array2;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// Compares two groupings of the same examples, such as clusters and known cell types.
///
/// Checked against scikit-learn.
///
/// # Errors
///
/// Fails when there are not as many labels in both.
///
/// # Examples
///
/// ```
/// use genolens::embedding::{self, Labels};
/// # fn main() -> genolens::Result<()> {
/// let found = embedding::compare(&Labels::new(["0", "0", "1", "1"])?, &Labels::new(["B", "B", "T", "T"])?)?;
/// assert_eq!(found.adjusted_rand(), 1.0);
/// # Ok(()) }
/// ```
pub fn compare(a: &Labels, b: &Labels) -> Result<Agreement> {
    if a.len() != b.len() {
        let expected = format!("{} labels, as many as in `a`", a.len());
        return Err(Error::value("b", expected, b.len()));
    }
    let mut counts = Array2::zeros((a.groups().len(), b.groups().len()));
    for (a, b) in a.codes().iter().zip(b.codes()) {
        counts[[*a as usize, *b as usize]] += 1;
    }
    Ok(Agreement {
        a: a.clone(),
        b: b.clone(),
        counts: Arc::new(counts),
    })
}

/// How well two groupings agree; cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Agreement {
    a: Labels,
    b: Labels,
    counts: Arc<Array2<u64>>,
}

impl Agreement {
    /// Returns how many examples are in both groups, shape `(groups of a, groups of b)`.
    pub fn counts(&self) -> &Array2<u64> {
        &self.counts
    }

    /// Returns the counts as a table: a row for each group of `a`, a column for each of `b`.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made, as when a group of `b` is called `group`.
    pub fn table(&self) -> Result<DataFrame> {
        let mut columns = vec![Column::new("group".into(), self.a.groups())];
        for (name, counts) in self.b.groups().iter().zip(self.counts.columns()) {
            columns.push(Column::new(name.as_str().into(), counts.to_vec()));
        }
        Ok(DataFrame::new(self.a.groups().len(), columns)?)
    }

    /// Returns the share of pairs on which both agree, with 0 for chance and 1 for equal groupings (ARI; Hubert and Arabie 1985,
    /// doi:10.1007/BF01908075).
    pub fn adjusted_rand(&self) -> f64 {
        let pairs = |count: f64| count * (count - 1.0) / 2.0;
        let both: f64 = self.counts.iter().map(|count| pairs(*count as f64)).sum();
        let sum = |sizes: Vec<f64>| -> f64 { sizes.into_iter().map(pairs).sum() };
        let (a, b) = self.sizes();
        let (a, b) = (sum(a), sum(b));
        let all = pairs(self.a.len() as f64);
        let (expected, most) = (a * b / all, f64::midpoint(a, b));
        // All in one group, or each alone: the groupings are equal if neither has a pair more.
        if all == 0.0 || (most - expected).abs() < 1e-12 * all {
            return 1.0;
        }
        (both - expected) / (most - expected)
    }

    /// Returns what one grouping tells of the other, as a share of the mean of what each tells of itself (NMI, arithmetic).
    pub fn normalized_mutual_information(&self) -> f64 {
        let (a, b) = self.sizes();
        if a.len() == 1 && b.len() == 1 {
            return 1.0;
        }
        let mutual = self.mutual_information();
        if mutual == 0.0 {
            return 0.0;
        }
        mutual / f64::midpoint(entropy(&a), entropy(&b))
    }

    /// Returns the same with 0 for what chance gives groups of these sizes (AMI, arithmetic; Vinh, Epps and Bailey 2010).
    pub fn adjusted_mutual_information(&self) -> f64 {
        let (a, b) = self.sizes();
        let n = self.a.len();
        let alone = |sizes: &[f64]| sizes.len() == n;
        if (a.len() == 1 && b.len() == 1) || (alone(&a) && alone(&b)) {
            return 1.0;
        }
        let expected = expected(&a, &b);
        let most = f64::midpoint(entropy(&a), entropy(&b));
        let room = most - expected;
        let room = if room < 0.0 {
            room.min(-f64::EPSILON)
        } else {
            room.max(f64::EPSILON)
        };
        (self.mutual_information() - expected) / room
    }

    /// Returns what one grouping tells of the other, in nats.
    pub fn mutual_information(&self) -> f64 {
        let n = self.a.len() as f64;
        let (a, b) = self.sizes();
        let counts = self.counts.indexed_iter().filter(|(_, count)| **count > 0);
        let terms = counts.map(|((i, j), count)| {
            let count = *count as f64;
            count / n * (n * count / (a[i] * b[j])).ln()
        });
        terms.sum::<f64>().max(0.0)
    }

    fn sizes(&self) -> (Vec<f64>, Vec<f64>) {
        let sizes = |labels: &Labels| labels.sizes().into_iter().map(|size| size as f64).collect();
        (sizes(&self.a), sizes(&self.b))
    }
}

fn entropy(sizes: &[f64]) -> f64 {
    let n: f64 = sizes.iter().sum();
    let sizes = sizes.iter().filter(|size| **size > 0.0);
    -sizes.map(|size| size / n * (size / n).ln()).sum::<f64>()
}

/// The mean mutual information of groups of these sizes whose members are shuffled.
fn expected(a: &[f64], b: &[f64]) -> f64 {
    let n: f64 = a.iter().sum();
    // Logarithms of factorials.
    let mut factorials = vec![0.0; n as usize + 1];
    for i in 1..factorials.len() {
        factorials[i] = factorials[i - 1] + (i as f64).ln();
    }
    let log = |value: f64| factorials[value as usize];
    let mut sum = 0.0;
    for &i in a {
        for &j in b {
            let fixed = log(i) + log(j) + log(n - i) + log(n - j) - log(n);
            let mut both = (i + j - n).max(1.0);
            while both <= i.min(j) {
                let ways =
                    fixed - log(both) - log(i - both) - log(j - both) - log(n - i - j + both);
                sum += both / n * (n * both / (i * j)).ln() * ways.exp();
                both += 1.0;
            }
        }
    }
    sum
}

impl fmt::Debug for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Agreement(ARI = {:.4}, NMI = {:.4})",
            self.adjusted_rand(),
            self.normalized_mutual_information()
        )
    }
}
