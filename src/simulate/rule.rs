//! Labels that follow from the truth.

use super::{Plants, Simulated};
use crate::{Error, Result};
use ndarray::Array2;
use std::fmt;

/// Tells of a sequence, from what was embedded in it, whether its label is 1.
///
/// # Examples
///
/// ```
/// use genolens::simulate::{Embedding, Recipe, Rule, known_motifs};
/// # fn main() -> genolens::Result<()> {
/// let known = known_motifs();
/// let both = Embedding::pair(&known.get(0), &known.get(1)).gap(5);
/// let one = Embedding::motif(&known.get(0));
/// let data = Recipe::new(100).embed(Embedding::one_of(&[(0.5, both), (0.5, one)])).run(30)?;
/// // A positive needs the pair: the first motif alone is not enough.
/// let pairs = data.labelled(&Rule::pair("ETS", "GATA"))?;
/// assert!(pairs.labels().sum() > 5.0 && pairs.labels().sum() < 25.0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Rule(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Anything,
    Count(String, usize),
    Pair(String, String),
    And(Box<Rule>, Box<Rule>),
    Or(Box<Rule>, Box<Rule>),
    Not(Box<Rule>),
}

impl Rule {
    /// Holds where anything was embedded.
    pub fn anything() -> Self {
        Self(Kind::Anything)
    }

    /// Holds where the motif of this name was embedded.
    pub fn has(motif: &str) -> Self {
        Self::at_least(motif, 1)
    }

    /// Holds where the motif of this name was embedded so often or more.
    pub fn at_least(motif: &str, times: usize) -> Self {
        Self(Kind::Count(motif.into(), times))
    }

    /// Holds where the two motifs were embedded as a pair, in either order.
    pub fn pair(first: &str, second: &str) -> Self {
        Self(Kind::Pair(first.into(), second.into()))
    }

    /// Holds where both do.
    pub fn and(&self, other: &Self) -> Self {
        Self(Kind::And(Box::new(self.clone()), Box::new(other.clone())))
    }

    /// Holds where one of them does, or both.
    pub fn or(&self, other: &Self) -> Self {
        Self(Kind::Or(Box::new(self.clone()), Box::new(other.clone())))
    }

    /// Holds where this one does not.
    pub fn negated(&self) -> Self {
        Self(Kind::Not(Box::new(self.clone())))
    }

    /// Checks that all motifs have names that are known.
    fn check(&self, known: &[String]) -> Result<()> {
        let check = |name: &String| {
            if known.contains(name) {
                return Ok(());
            }
            let expected = format!("one of {}", known.join(", "));
            Err(Error::value("rule", expected, format!("`{name}`")))
        };
        match &self.0 {
            Kind::Anything => Ok(()),
            Kind::Count(name, _) => check(name),
            Kind::Pair(first, second) => check(first).and_then(|()| check(second)),
            Kind::And(a, b) | Kind::Or(a, b) => a.check(known).and_then(|()| b.check(known)),
            Kind::Not(rule) => rule.check(known),
        }
    }

    /// Tells whether it holds for what was embedded in one sequence.
    fn holds(&self, plants: &Plants) -> bool {
        let all = || plants.all().iter();
        match &self.0 {
            Kind::Anything => !plants.is_empty(),
            Kind::Count(name, times) => all().filter(|plant| plant.name == *name).count() >= *times,
            Kind::Pair(first, second) => all().any(|one| {
                one.pair.is_some()
                    && one.name == *first
                    && all().any(|other| {
                        other.pair == one.pair && other.start != one.start && other.name == *second
                    })
            }),
            Kind::And(a, b) => a.holds(plants) && b.holds(plants),
            Kind::Or(a, b) => a.holds(plants) || b.holds(plants),
            Kind::Not(rule) => !rule.holds(plants),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Anything => write!(f, "anything"),
            Kind::Count(name, 1) => write!(f, "{name}"),
            Kind::Count(name, times) => write!(f, "{times} or more {name}"),
            Kind::Pair(first, second) => write!(f, "{first} with {second}"),
            Kind::And(a, b) => write!(f, "({a} and {b})"),
            Kind::Or(a, b) => write!(f, "({a} or {b})"),
            Kind::Not(rule) => write!(f, "not {rule}"),
        }
    }
}

impl Simulated {
    /// Returns labels for several tasks, 1 where the rule of a task holds, shape `(n, rules)`.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] when there is no rule or one names a motif that is not of the grammar.
    pub fn tasks(&self, rules: &[Rule]) -> Result<Array2<f32>> {
        if rules.is_empty() {
            return Err(Error::value("rules", "one rule or more", "none"));
        }
        let motifs = self.motifs();
        let known: Vec<String> = (0..motifs.len())
            .map(|i| motifs.get(i).name().into())
            .collect();
        rules.iter().try_for_each(|rule| rule.check(&known))?;
        let mut labels = Array2::zeros((self.sequences().len(), rules.len()));
        for (sequence, mut row) in labels.outer_iter_mut().enumerate() {
            let plants = self.truth().of(sequence);
            for (label, rule) in row.iter_mut().zip(rules) {
                *label = f32::from(u8::from(rule.holds(&plants)));
            }
        }
        Ok(labels)
    }

    /// Returns the same sequences with the labels of a rule.
    ///
    /// # Errors
    ///
    /// As [`Simulated::tasks`].
    pub fn labelled(&self, rule: &Rule) -> Result<Self> {
        let labels = self.tasks(std::slice::from_ref(rule))?.column(0).to_owned();
        Ok(self.clone().with_labels(labels))
    }
}
