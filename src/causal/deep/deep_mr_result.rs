//! What deep Mendelian randomisation finds.

use super::MutationEffects;
use super::deep_mr::Near;
use super::sequence_fit::{Gathered, SequenceFit, Variance, named};
use crate::causal::estimate::Inference;
use crate::causal::{Estimate, Estimates, Instruments, Intercept, MetaAnalysis, Pooled, draws};
use crate::{Error, Result};
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// How much one output of a model causes another, near every sequence and pooled; cheap to clone.
///
/// Effects are in units of the outcome per unit of the exposure.
#[derive(Clone, PartialEq)]
pub struct DeepMrResult {
    effects: MutationEffects,
    exposure: usize,
    outcome: usize,
    moderation: f64,
    near: Arc<[Near]>,
    estimates: Estimates,
    pooled: Pooled,
    members: Arc<[f64]>,
    error: f64,
    unidentified: f64,
}

impl DeepMrResult {
    pub(super) fn new(
        (effects, moderation): (&MutationEffects, f64),
        (exposure, outcome): (usize, usize),
        (mut near, pooling): (Vec<Near>, &MetaAnalysis),
    ) -> Result<Self> {
        let fits: Vec<_> = near
            .iter()
            .filter_map(|near| near.fit.as_ref().ok())
            .collect();
        if fits.is_empty() {
            let reason = near.iter().find_map(|near| near.fit.as_ref().err());
            let got = format!(
                "none of {} ({})",
                near.len(),
                reason.map_or("", String::as_str)
            );
            return Err(Error::value(
                "effects",
                "at least one sequence with enough instruments",
                got,
            ));
        }
        let name = |index: usize| effects.sequences().name(index).to_owned();
        let rows = |near: &[Near]| {
            let fits = near
                .iter()
                .filter_map(|near| Some((near.index, near.fit.as_ref().ok()?)));
            let rows = fits.map(|(index, fit)| (Some(name(index)), fit.estimate.clone()));
            Estimates::new(rows.collect())
        };
        let pooled = pooling.run_estimates(&rows(&near))?;
        let weights = pooled.weights();
        let pool = |of: &dyn Fn(&SequenceFit) -> f64| -> f64 {
            let fits = weights.iter().zip(&fits);
            fits.map(|(weight, fit)| weight * of(fit)).sum()
        };
        let members: Vec<f64> = (0..effects.members())
            .map(|member| pool(&|fit| fit.members[member]))
            .collect();
        let unidentified = pool(&|fit| fit.estimate.unidentified());
        // The truth is one more draw: how far it is from the mean of all, with what the mean of so many is off.
        let (count, shared) = (members.len() as f64, draws::deviation(&members).powi(2));
        let model = shared * (1.0 + 1.0 / count);
        let alone = pooled.standard_error().powi(2);
        // Near one sequence the mean over members is in the variance already.
        let shared = Variance {
            value: shared,
            freedom: count - 1.0,
        };
        for fit in near.iter_mut().filter_map(|near| near.fit.as_mut().ok()) {
            *fit = fit.sharing(shared);
        }
        let estimates = rows(&near);
        Ok(Self {
            effects: effects.clone(),
            exposure,
            outcome,
            moderation,
            near: near.into(),
            estimates,
            pooled,
            members: members.into(),
            error: (model + alone).sqrt(),
            unidentified,
        })
    }

    /// Returns the pooled effect.
    pub fn value(&self) -> f64 {
        self.pooled.value()
    }

    /// Returns its standard error: what all sequences share, from the members of the ensemble, and that of the meta-analysis.
    pub fn standard_error(&self) -> f64 {
        self.error
    }

    /// Returns how far from the pooled effect the truth can be and still be the same to the data, however many sequences there are: see
    /// [`DeepMr::without_confounding`](super::DeepMr::without_confounding). 0 otherwise.
    pub fn unidentified(&self) -> f64 {
        self.unidentified
    }

    /// Returns the interval of 95 % of the pooled effect, by Student's distribution of one degree of freedom less than members; it holds
    /// every value in the range that is [`unidentified`](Self::unidentified) in 95 % of cases.
    pub fn interval(&self) -> (f64, f64) {
        let half = self.inference().reach(self.error, 0.95, self.unidentified);
        (self.value() - half, self.value() + half)
    }

    /// Returns the p-value against no effect, both sides.
    pub fn p_value(&self) -> f64 {
        let Self {
            error,
            unidentified,
            ..
        } = *self;
        self.inference()
            .p_value_in_range(self.value(), error, unidentified)
    }

    /// Returns the pooled effects of each member of the ensemble on its own, shape `(members)`.
    pub fn members(&self) -> Array1<f64> {
        self.members.iter().copied().collect()
    }

    /// Returns the meta-analysis of the sequences, with the variance between them. **Its interval takes their errors as independent**,
    /// which those of one model are not: see [`interval`](Self::interval).
    pub fn pooled(&self) -> &Pooled {
        &self.pooled
    }

    /// Returns the estimates of the sequences that had enough instruments, under their names.
    pub fn estimates(&self) -> &Estimates {
        &self.estimates
    }

    /// Returns the name of the exposure.
    pub fn exposure(&self) -> &str {
        &self.effects.names()[self.exposure]
    }

    /// Returns the name of the outcome.
    pub fn outcome(&self) -> &str {
        &self.effects.names()[self.outcome]
    }

    /// Returns the places of the sequences that are pooled, counted from 0, in the order of [`estimates`](Self::estimates).
    pub fn indices(&self) -> Vec<usize> {
        let pooled = self.near.iter().filter(|near| near.fit.is_ok());
        pooled.map(|near| near.index).collect()
    }

    /// Returns how many sequences were left out.
    pub fn skipped(&self) -> usize {
        self.near.len() - self.estimates.len()
    }

    /// Returns the instruments of a sequence, counted from 0 among all, such as for a picture: `found.instruments(3)?.scatter()`; in counts
    /// after [`DeepMr::without_confounding`](super::DeepMr::without_confounding).
    ///
    /// # Errors
    ///
    /// Fails when there is no such sequence, or it has no instruments that differ among members.
    pub fn instruments(&self, index: usize) -> Result<Instruments> {
        let Some(near) = self.near.get(index) else {
            return Err(Error::value(
                "index",
                format!("below {}", self.near.len()),
                index,
            ));
        };
        if near.places.is_empty() {
            let expected = format!("a sequence with mutations that change {}", self.exposure());
            return Err(Error::value(
                "index",
                expected,
                format!("{index}, which has none"),
            ));
        }
        let options = (&near.places[..], self.moderation);
        let gathered = Gathered::new(
            &self.effects.of(index),
            (self.exposure, self.outcome),
            options,
        )?;
        Ok(named(&self.effects, index, (&gathered, &near.places))?
            .with_names(self.exposure(), self.outcome()))
    }

    /// Returns a table with one row for each sequence: `sequence`, `instruments`, `estimate`, `standard_error`, `lower` and `upper` (95 %),
    /// `p_value`, `intercept` and `intercept_p` (of MR-Egger), `weight` (1 in all) and `skipped`, why there is no estimate.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let near = || self.near.iter();
        let names: Vec<&str> = near()
            .map(|near| self.effects.sequences().name(near.index))
            .collect();
        let counts: Vec<u64> = near().map(|near| near.places.len() as u64).collect();
        let mut columns = vec![
            Column::new("sequence".into(), names),
            Column::new("instruments".into(), counts),
        ];
        let numbers: [(&str, Value); 7] = [
            ("estimate", |e| Some(e.value())),
            ("standard_error", |e| Some(e.standard_error())),
            ("lower", |e| Some(e.interval().0)),
            ("upper", |e| Some(e.interval().1)),
            ("p_value", |e| Some(e.p_value())),
            ("intercept", |e| Some(e.intercept()?.value())),
            ("intercept_p", |e| e.intercept().map(Intercept::p_value)),
        ];
        for (title, value) in numbers {
            let of = |near: &Near| near.fit.as_ref().ok().and_then(|fit| value(&fit.estimate));
            let values: Vec<Option<f64>> = near().map(of).collect();
            columns.push(Column::new(title.into(), values));
        }
        let mut weights = self.pooled.weights().into_iter();
        let weights: Vec<Option<f64>> = near()
            .map(|near| near.fit.as_ref().ok().and_then(|_| weights.next()))
            .collect();
        columns.push(Column::new("weight".into(), weights));
        let reasons: Vec<Option<&str>> = near()
            .map(|near| near.fit.as_ref().err().map(String::as_str))
            .collect();
        columns.push(Column::new("skipped".into(), reasons));
        Ok(DataFrame::new_infer_height(columns)?)
    }

    fn inference(&self) -> Inference {
        Inference::Student(self.members.len() as f64 - 1.0)
    }
}

/// What every estimate has, or some.
type Value = fn(&Estimate) -> Option<f64>;

impl fmt::Display for DeepMrResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lower, upper) = self.interval();
        writeln!(
            f,
            "{} on {}: {:.3} (95 % {lower:.3} to {upper:.3}, p {:.2e})",
            self.exposure(),
            self.outcome(),
            self.value(),
            self.p_value()
        )?;
        write!(
            f,
            "{} sequences, {} skipped, {} members, standard deviation {:.3} between sequences",
            self.estimates.len(),
            self.skipped(),
            self.members.len(),
            self.pooled.tau_squared().sqrt()
        )
    }
}

impl fmt::Debug for DeepMrResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeepMrResult({self})")
    }
}
