//! What the whole and its parts say of a feature.

use super::partition::Told;
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

/// What the whole says of a feature, what its groups say, and whether they contradict each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Reversal {
    told: Told,
}

impl Reversal {
    /// Returns the story of the whole.
    pub fn whole(&self) -> &Story {
        &self.told.whole
    }

    /// Returns the common story of the groups, each with a mean of its own.
    pub fn within(&self) -> &Story {
        &self.told.within
    }

    /// Tells whether both have opposite signs.
    pub fn is_opposed(&self) -> bool {
        self.told.whole.effect * self.told.within.effect < 0.0
    }

    /// Returns the chance of opposite signs as clear as these were one of the slopes 0 or had the other sign; 1 where the signs agree.
    pub fn p_value(&self) -> f64 {
        if self.is_opposed() {
            self.told.whole.p_value().max(self.told.within.p_value())
        } else {
            1.0
        }
    }

    /// Returns how many groups have a sign opposite to that of the whole.
    pub fn opposed(&self) -> usize {
        let whole = self.told.whole.effect;
        let groups = self.told.groups.iter();
        groups.filter(|story| story.effect * whole < 0.0).count()
    }

    /// Returns how many groups have a story.
    pub fn groups(&self) -> usize {
        self.told.groups.len()
    }

    /// Returns the stories of the groups.
    pub(crate) fn parts(&self) -> &[Story] {
        &self.told.groups
    }

    /// Returns the feature and the outcome of every example, and its group.
    pub(crate) fn points(&self) -> (&[(f64, f64)], &[String]) {
        (&self.told.points, &self.told.labels)
    }
}

/// The stories that the whole and its parts tell of every feature; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Stories {
    told: Arc<[Told]>,
    left_out: Arc<[String]>,
}

impl Stories {
    pub(super) fn new(told: Vec<Told>, left_out: Vec<String>) -> Self {
        Self {
            told: told.into(),
            left_out: left_out.into(),
        }
    }

    /// Returns the story of a feature in a group, in the `whole`, or `within` groups.
    ///
    /// # Errors
    ///
    /// Fails when there is no such feature or part.
    pub fn get(&self, feature: &str, part: &str) -> Result<Story> {
        let told = self.find(feature)?;
        let mut stories = Self::all(told);
        let found = stories.find(|story| story.part == part);
        found.cloned().ok_or_else(|| {
            let parts: Vec<&str> = Self::all(told).map(|story| story.part.as_str()).collect();
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
        let told = self.find(feature)?.clone();
        Ok(Reversal { told })
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
        let rows: Vec<&Story> = self.told.iter().flat_map(Self::all).collect();
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
        let rows: Vec<Reversal> = self
            .told
            .iter()
            .map(|told| Reversal { told: told.clone() })
            .collect();
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

    fn all(told: &Told) -> impl Iterator<Item = &Story> {
        [&told.whole, &told.within].into_iter().chain(&told.groups)
    }

    fn find(&self, feature: &str) -> Result<&Told> {
        let found = self.told.iter().find(|told| told.whole.feature == feature);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.told.iter().map(|told| told.whole.feature()).collect();
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
        let rows = self.told.iter().map(|told| Reversal { told: told.clone() });
        let opposed: Vec<String> = rows
            .filter(Reversal::is_opposed)
            .map(|row| row.whole().feature.clone())
            .collect();
        let n = self.told.first().map_or(0, |told| told.whole.n);
        write!(f, "Stories(n = {n}, features = {}", self.told.len())?;
        if !opposed.is_empty() {
            write!(f, ", signs differ within groups: {}", opposed.join(", "))?;
        }
        write!(f, ")")
    }
}
