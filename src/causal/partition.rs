//! Whether the parts of the data tell another story than the whole.

use super::stories::{Reversal, Stories};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The rows of every group, by name.
pub(super) type Groups = BTreeMap<String, Vec<usize>>;

/// Fits an outcome on the whole of the data, on every group, and within groups: Simpson's paradox where the signs differ.
///
/// Shapes `(n, features)`, `(n,)` and `(n,)`. See [`Partition`] for names of features, and for what a model makes of them.
///
/// # Errors
///
/// [`Error::Shape`] when the lengths differ; [`Error::Value`] for numbers that are not finite and for fewer than two groups.
///
/// # Examples
///
/// ```
/// use genolens::causal;
/// # fn main() -> genolens::Result<()> {
/// let stones = causal::kidney_stones();
/// let stories = causal::partition(stones.x(), stones.y(), stones.groups())?;
/// let reversal = stories.reversal("0")?;
/// // On the whole open surgery seems worse; it is better for small and for large stones.
/// assert!(reversal.whole().effect() < 0.0 && reversal.within().effect() > 0.0);
/// assert_eq!((reversal.opposed(), reversal.groups()), (2, 2));
/// # Ok(()) }
/// ```
pub fn partition(x: &Array2<f64>, y: &Array1<f64>, groups: &[impl AsRef<str>]) -> Result<Stories> {
    Partition::new().run(x, y, groups)
}

/// Fits stories with options; [`partition`] has the defaults.
///
/// The effect of a feature is the slope of the outcome on this feature alone, with an intercept: for a feature of 0 and 1 the difference of the
/// two means, for an outcome of 0 and 1 of the two risks. *Within* is the common slope of all groups, each with an intercept of its own.
/// Whether the signs differ is tested by intersection and union: the chance is the larger of those of both slopes, 1 where their signs agree.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Partition};
/// # fn main() -> genolens::Result<()> {
/// let lines = causal::opposed_lines();
/// let stories = Partition::new().features(&["dose"]).run(lines.x(), lines.y(), lines.groups())?;
/// assert!(stories.reversal("dose")?.p_value() < 1e-6);
/// println!("{}", stories.table()?);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Simpson 1951, <https://doi.org/10.1111/j.2517-6161.1951.tb00088.x>; intersection-union tests: Berger 1982,
/// <https://doi.org/10.1080/00401706.1982.10487790>.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partition {
    features: Vec<String>,
}

impl Partition {
    /// Starts with features that are called by their numbers, from 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names the features.
    pub fn features(mut self, names: &[impl AsRef<str>]) -> Self {
        self.features = names.iter().map(|name| name.as_ref().into()).collect();
        self
    }

    /// Tells the stories of an outcome, shape `(n,)`.
    ///
    /// # Errors
    ///
    /// As [`partition`]; also for another number of names than features.
    pub fn run(
        &self,
        x: &Array2<f64>,
        y: &Array1<f64>,
        groups: &[impl AsRef<str>],
    ) -> Result<Stories> {
        if y.len() != x.nrows() {
            let expected = format!("({},), a number for each row of `x`", x.nrows());
            return Err(Error::shape("y", &expected, y.shape()));
        }
        finite("y", y.iter())?;
        self.tell(x, groups, |_| y.view())
    }

    /// Tells the stories of attributions, shape `(n, features)`: how what a model credits a feature with follows the feature.
    ///
    /// A model that has learned the paradox credits a feature the other way in the whole than in its parts.
    ///
    /// # Errors
    ///
    /// As [`partition`]; also for another number of names than features.
    pub fn run_attributions(
        &self,
        x: &Array2<f64>,
        attributions: &Array2<f64>,
        groups: &[impl AsRef<str>],
    ) -> Result<Stories> {
        if attributions.dim() != x.dim() {
            let expected = format!("{:?} as `x`", x.dim());
            return Err(Error::shape(
                "attributions",
                &expected,
                attributions.shape(),
            ));
        }
        finite("attributions", attributions.iter())?;
        self.tell(x, groups, |feature| attributions.column(feature))
    }

    fn tell<'a>(
        &self,
        x: &Array2<f64>,
        groups: &[impl AsRef<str>],
        outcome: impl Fn(usize) -> ArrayView1<'a, f64>,
    ) -> Result<Stories> {
        let names = self.names(x.ncols())?;
        finite("x", x.iter())?;
        if groups.len() != x.nrows() {
            let expected = format!("{}, one for each row of `x`", x.nrows());
            return Err(Error::value("groups", &expected, groups.len()));
        }
        let mut parts = Groups::new();
        for (row, group) in groups.iter().enumerate() {
            parts.entry(group.as_ref().into()).or_default().push(row);
        }
        if parts.len() < 2 {
            return Err(Error::value("groups", "two or more", parts.len()));
        }
        let labels: Arc<[String]> = groups.iter().map(|group| group.as_ref().into()).collect();
        let (mut reversals, mut left_out) = (Vec::new(), Vec::new());
        for (feature, name) in names.iter().enumerate() {
            let outcome = outcome(feature);
            let points = x
                .column(feature)
                .into_iter()
                .copied()
                .zip(outcome.iter().copied())
                .collect();
            match Reversal::of(name, points, (&parts, &labels)) {
                Some(one) => reversals.push(one),
                None => left_out.push(format!(
                    "{name}: it does not vary within any group, or too few rows"
                )),
            }
        }
        for one in &reversals {
            let missing = parts
                .keys()
                .filter(|group| !one.groups.iter().any(|story| story.part() == *group));
            left_out.extend(missing.map(|group| {
                format!(
                    "{} in {group}: it does not vary, or fewer than 3 rows",
                    one.whole.feature()
                )
            }));
        }
        Ok(Stories::new(reversals, left_out))
    }

    fn names(&self, features: usize) -> Result<Vec<String>> {
        if self.features.is_empty() {
            return Ok((0..features).map(|feature| feature.to_string()).collect());
        }
        if self.features.len() != features {
            let expected = format!("{features} names, one for each column of `x`");
            return Err(Error::value("features", &expected, self.features.len()));
        }
        Ok(self.features.clone())
    }
}

fn finite<'a>(argument: &str, values: impl IntoIterator<Item = &'a f64>) -> Result<()> {
    match values.into_iter().find(|value| !value.is_finite()) {
        Some(value) => Err(Error::value(argument, "finite numbers", value)),
        None => Ok(()),
    }
}
