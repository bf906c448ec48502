//! What the whole and its parts say of a feature.

use super::partition::Groups;
use crate::distribution::student;
use crate::{Error, Result};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// The effect of a feature in a part of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    part: String,
    feature: String,
    n: usize,
    effect: f64,
    error: f64,
    freedom: f64,
    intercept: Option<f64>,
}

impl Story {
    /// Fits a slope to pairs whose means were taken off, so many of them; nothing where `x` does not vary or too few are left.
    pub(super) fn fit(
        (part, feature): (&str, &str),
        pairs: &[(f64, f64)],
        means: usize,
    ) -> Option<Self> {
        let freedom = pairs.len() as f64 - means as f64 - 1.0;
        let (mut xx, mut xy) = (0.0, 0.0);
        for (x, y) in pairs {
            xx += x * x;
            xy += x * y;
        }
        if freedom < 1.0 || xx <= 0.0 {
            return None;
        }
        let effect = xy / xx;
        let left: f64 = pairs.iter().map(|(x, y)| (y - effect * x).powi(2)).sum();
        Some(Self {
            part: part.into(),
            feature: feature.into(),
            n: pairs.len(),
            effect,
            error: (left / freedom / xx).sqrt(),
            freedom,
            intercept: None,
        })
    }

    /// Lets the line go through a point.
    pub(super) fn through(mut self, (x, y): (f64, f64)) -> Self {
        self.intercept = Some(y - self.effect * x);
        self
    }

    /// Returns the group, `whole` or `within`.
    pub fn part(&self) -> &str {
        &self.part
    }

    /// Returns the feature.
    pub fn feature(&self) -> &str {
        &self.feature
    }

    /// Returns how many examples it rests on.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Returns the slope: units of the outcome for one of the feature.
    pub fn effect(&self) -> f64 {
        self.effect
    }

    /// Returns where the line meets 0 of the feature; groups together have no common place.
    pub fn intercept(&self) -> Option<f64> {
        self.intercept
    }

    /// Returns the standard error of the slope.
    pub fn standard_error(&self) -> f64 {
        self.error
    }

    /// Returns the 95 % interval of the slope, by Student's t.
    pub fn interval(&self) -> (f64, f64) {
        let half = student::quantile(0.95, self.freedom) * self.error;
        (self.effect - half, self.effect + half)
    }

    /// Returns the chance of a slope this far from 0 on either side, were there none.
    pub fn p_value(&self) -> f64 {
        if self.effect == 0.0 {
            return 1.0;
        }
        student::both_tails(self.effect / self.error, self.freedom)
    }
}

/// What the whole says of a feature, what its groups say, and whether they contradict each other; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Reversal {
    pub(super) whole: Story,
    within: Story,
    pub(super) groups: Arc<[Story]>,
    /// Feature and outcome of every example, and its group.
    points: Arc<[(f64, f64)]>,
    labels: Arc<[String]>,
}

impl Reversal {
    /// Fits the stories of a feature; nothing where the whole or all groups together have none.
    pub(super) fn of(
        feature: &str,
        points: Arc<[(f64, f64)]>,
        (parts, labels): (&Groups, &Arc<[String]>),
    ) -> Option<Self> {
        let centred = |rows: &[usize]| {
            let mean = |of: fn(&(f64, f64)) -> f64| {
                rows.iter().map(|row| of(&points[*row])).sum::<f64>() / rows.len() as f64
            };
            // What does not vary is its own mean, whatever rounding makes of the sum.
            let first = points[rows[0]].0;
            let constant = rows.iter().all(|row| points[*row].0 == first);
            let centre = (
                if constant {
                    first
                } else {
                    mean(|point| point.0)
                },
                mean(|point| point.1),
            );
            let pairs = rows
                .iter()
                .map(|row| (points[*row].0 - centre.0, points[*row].1 - centre.1));
            (pairs.collect::<Vec<(f64, f64)>>(), centre)
        };
        let fit = |part: &str, rows: &[usize]| {
            let (pairs, centre) = centred(rows);
            Some(Story::fit((part, feature), &pairs, 1)?.through(centre))
        };
        let whole = fit("whole", &(0..points.len()).collect::<Vec<usize>>())?;
        let apart: Vec<(f64, f64)> = parts.values().flat_map(|rows| centred(rows).0).collect();
        let within = Story::fit(("within", feature), &apart, parts.len())?;
        let groups = parts
            .iter()
            .filter_map(|(name, rows)| fit(name, rows))
            .collect();
        Some(Self {
            whole,
            within,
            groups,
            points,
            labels: labels.clone(),
        })
    }

    /// Returns the story of the whole.
    pub fn whole(&self) -> &Story {
        &self.whole
    }

    /// Returns the common story of the groups, each with a mean of its own.
    pub fn within(&self) -> &Story {
        &self.within
    }

    /// Tells whether both have opposite signs.
    pub fn is_opposed(&self) -> bool {
        self.whole.effect * self.within.effect < 0.0
    }

    /// Returns the chance of opposite signs as clear as these were one of the slopes 0 or had the other sign; 1 where the signs agree.
    pub fn p_value(&self) -> f64 {
        if self.is_opposed() {
            self.whole.p_value().max(self.within.p_value())
        } else {
            1.0
        }
    }

    /// Returns how many groups have a sign opposite to that of the whole.
    pub fn opposed(&self) -> usize {
        let whole = self.whole.effect;
        let groups = self.groups.iter();
        groups.filter(|story| story.effect * whole < 0.0).count()
    }

    /// Returns how many groups have a story.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    fn stories(&self) -> impl Iterator<Item = &Story> {
        let together = [&self.whole, &self.within];
        together.into_iter().chain(self.groups.iter())
    }

    /// Returns the stories of the groups.
    pub(crate) fn parts(&self) -> &[Story] {
        &self.groups
    }

    /// Returns the feature and the outcome of every example, and its group.
    pub(crate) fn points(&self) -> (&[(f64, f64)], &[String]) {
        (&self.points, &self.labels)
    }
}

/// The stories that the whole and its parts tell of every feature; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Stories {
    reversals: Arc<[Reversal]>,
    left_out: Arc<[String]>,
}

impl Stories {
    pub(super) fn new(reversals: Vec<Reversal>, left_out: Vec<String>) -> Self {
        Self {
            reversals: reversals.into(),
            left_out: left_out.into(),
        }
    }

    /// Returns the story of a feature in a group, in the `whole`, or `within` groups.
    ///
    /// # Errors
    ///
    /// Fails when there is no such feature or part.
    pub fn get(&self, feature: &str, part: &str) -> Result<Story> {
        let reversal = self.find(feature)?;
        let mut stories = reversal.stories();
        let found = stories.find(|story| story.part == part);
        found.cloned().ok_or_else(|| {
            let parts: Vec<&str> = reversal
                .stories()
                .map(|story| story.part.as_str())
                .collect();
            Error::value(
                "part",
                format!("one of {}", parts.join(", ")),
                format!("`{part}`"),
            )
        })
    }

    /// Returns whether the groups contradict the whole about a feature.
    ///
    /// # Errors
    ///
    /// Fails when there is no such feature.
    pub fn reversal(&self, feature: &str) -> Result<Reversal> {
        self.find(feature).cloned()
    }

    /// Returns what has no story, and why.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Returns all stories: feature, part, n, effect, standard error, interval and chance.
    ///
    /// # Errors
    ///
    /// Fails only if polars refuses the columns.
    pub fn table(&self) -> Result<DataFrame> {
        let rows: Vec<&Story> = self.reversals.iter().flat_map(Reversal::stories).collect();
        let texts = |name: &str, of: fn(&Story) -> &str| {
            let values: Vec<&str> = rows.iter().map(|story| of(story)).collect();
            Column::new(name.into(), values)
        };
        let numbers = |name: &str, of: fn(&Story) -> f64| {
            let values: Vec<f64> = rows.iter().map(|story| of(story)).collect();
            Column::new(name.into(), values)
        };
        let counts: Vec<u64> = rows.iter().map(|story| story.n as u64).collect();
        let columns = vec![
            texts("feature", |story| &story.feature),
            texts("part", |story| &story.part),
            Column::new("n".into(), counts),
            numbers("effect", Story::effect),
            numbers("standard_error", Story::standard_error),
            numbers("lower", |story| story.interval().0),
            numbers("upper", |story| story.interval().1),
            numbers("p_value", Story::p_value),
        ];
        Ok(DataFrame::new(rows.len(), columns)?)
    }

    /// Returns a row for each feature: the effect in the whole and within groups, whether the signs differ, how many groups contradict the
    /// whole, and the chance of the test.
    ///
    /// # Errors
    ///
    /// Fails only if polars refuses the columns.
    pub fn reversals(&self) -> Result<DataFrame> {
        let rows = &self.reversals;
        let features: Vec<&str> = rows.iter().map(|row| row.whole().feature()).collect();
        let column = |name: &str, of: fn(&Reversal) -> f64| {
            Column::new(name.into(), rows.iter().map(of).collect::<Vec<f64>>())
        };
        let opposed: Vec<bool> = rows.iter().map(Reversal::is_opposed).collect();
        let groups: Vec<String> = rows
            .iter()
            .map(|row| format!("{} of {}", row.opposed(), row.groups()))
            .collect();
        let columns = vec![
            Column::new("feature".into(), features),
            column("whole", |row| row.whole().effect()),
            column("within", |row| row.within().effect()),
            Column::new("opposed".into(), opposed),
            Column::new("groups_opposed".into(), groups),
            column("p_value", Reversal::p_value),
        ];
        Ok(DataFrame::new(rows.len(), columns)?)
    }

    /// Returns what the whole and its groups say of every feature.
    pub(crate) fn all(&self) -> &[Reversal] {
        &self.reversals
    }

    fn find(&self, feature: &str) -> Result<&Reversal> {
        let mut known = self.reversals.iter();
        let found = known.find(|one| one.whole.feature == feature);
        found.ok_or_else(|| {
            let known = self.reversals.iter();
            let names: Vec<&str> = known.map(|one| one.whole.feature()).collect();
            Error::value(
                "feature",
                format!("one of {}", names.join(", ")),
                format!("`{feature}`"),
            )
        })
    }
}

impl fmt::Debug for Stories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let opposed = self.reversals.iter().filter(|one| one.is_opposed());
        let opposed: Vec<&str> = opposed.map(|one| one.whole.feature()).collect();
        let n = self.reversals.first().map_or(0, |one| one.whole.n);
        write!(f, "Stories(n = {n}, features = {}", self.reversals.len())?;
        if !opposed.is_empty() {
            write!(f, ", signs differ within groups: {}", opposed.join(", "))?;
        }
        write!(f, ")")
    }
}
