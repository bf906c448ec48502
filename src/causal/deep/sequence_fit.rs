//! The instruments of one sequence, and the effect that they tell.

use super::super::pairs::sign;
use super::super::{Estimate, Instruments};
use super::{MutationEffects, SequenceEstimator};
use crate::causal::draws;
use crate::causal::estimate::Inference;
use crate::{Error, Result};
use ndarray::{Array2, ArrayView4};

/// A letter, and where it is put.
pub(super) type Place = (usize, usize);

/// What is known of the instruments of one sequence, all turned to raise the exposure.
pub(super) struct Gathered {
    pub(super) bx: Vec<f64>,
    pub(super) sx: Vec<f64>,
    pub(super) by: Vec<f64>,
    pub(super) sy: Vec<f64>,
    /// The effects on both of every member, shape `(members, instruments)`.
    x: Array2<f64>,
    pub(super) y: Array2<f64>,
}

/// The estimate of one sequence, and those of every member.
#[derive(Clone, PartialEq)]
pub(super) struct SequenceFit {
    pub(super) estimate: Estimate,
    pub(super) members: Vec<f64>,
    variances: Vec<Variance>,
}

/// A part of the variance of an estimate, and the degrees of freedom of which it was estimated.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Variance {
    pub(super) value: f64,
    pub(super) freedom: f64,
}

impl SequenceFit {
    /// Takes an estimate of which the variance has these parts.
    fn new(estimate: Estimate, members: Vec<f64>, variances: Vec<Variance>) -> Self {
        // Of the sum, by Satterthwaite 1946 (doi:10.2307/3002019).
        let sum: f64 = variances.iter().map(|part| part.value).sum();
        let parts = variances.iter();
        let squares: f64 = parts.map(|part| part.value.powi(2) / part.freedom).sum();
        let estimate = estimate.with_total(sum.sqrt(), Inference::Student(sum * sum / squares));
        Self {
            estimate,
            members,
            variances,
        }
    }

    /// The same with a variance that all sequences have in common.
    pub(super) fn sharing(&self, shared: Variance) -> Self {
        let variances = self.variances.iter().copied().chain([shared]).collect();
        Self::new(self.estimate.clone(), self.members.clone(), variances)
    }
}

impl Gathered {
    /// Takes the effects at some places. An error estimated from few members is itself uncertain: `moderation` is the share of the mean
    /// variance over all instruments in every variance.
    pub(super) fn new(
        effects: &ArrayView4<'_, f32>,
        (exposure, outcome): (usize, usize),
        (places, moderation): (&[Place], f64),
    ) -> Result<Self> {
        let members = effects.dim().1;
        let take = |output: usize| {
            Array2::from_shape_fn((members, places.len()), |(member, at)| {
                let (letter, position) = places[at];
                f64::from(effects[[output, member, letter, position]])
            })
        };
        let (mut x, mut y) = (take(exposure), take(outcome));
        for (mut x, mut y) in x.columns_mut().into_iter().zip(y.columns_mut()) {
            let turn = sign(x.sum());
            x *= turn;
            y *= turn;
        }
        let (bx, sx) = summary("exposure", &x, moderation)?;
        let (by, sy) = summary("outcome", &y, moderation)?;
        Ok(Self {
            bx,
            sx,
            by,
            sy,
            x,
            y,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.bx.len()
    }

    pub(super) fn instruments(&self) -> Result<Instruments> {
        Instruments::new((&self.bx, &self.sx), (&self.by, &self.sy))
    }

    /// Estimates from every member on its own.
    pub(super) fn each_member(
        &self,
        one: impl Fn(&[f64], &[f64]) -> Result<f64>,
    ) -> Result<Vec<f64>> {
        let rows = self.x.rows().into_iter().zip(self.y.rows());
        rows.map(|(x, y)| one(&x.to_vec(), &y.to_vec())).collect()
    }

    /// Estimates the effect on counts, and tells what it is on Anscombe's scale if nothing but the factor's own counts is there, above a
    /// background of both assays. They are at least those that the strongest mutation takes away, and at most all of `level`, the
    /// exposure's counts as it is: the rest can be other sites of the factor, or what confounds.
    pub(super) fn fit_unconfounded(
        &self,
        how: SequenceEstimator,
        (background, level): (f64, f64),
    ) -> Result<SequenceFit> {
        let least = self.bx.iter().copied().fold(0.0, f64::max);
        let most = least.max(level - background);
        let slope = |effect: f64, own: f64| {
            // Odd, so that a factor that takes counts away is as strong as one that adds them.
            let change = |scale: f64, lost: f64| {
                let at = |counts: f64| 2.0 * (scale.abs() * counts + background + 0.375).sqrt();
                scale.signum() * (at(own - lost) - at(own))
            };
            let pairs = self.bx.iter();
            let pairs = pairs.map(|lost| (change(1.0, *lost), change(effect, *lost)));
            let (products, squares) = pairs.fold((0.0, 0.0), |(products, squares), (x, y)| {
                (products + x * y, squares + x * x)
            });
            products / squares
        };
        let ends = |effect: f64| (slope(effect, least), slope(effect, most));
        let middle = |effect: f64| {
            let (one, other) = ends(effect);
            f64::midpoint(one, other)
        };
        let SequenceFit {
            estimate,
            members,
            variances,
        } = self.fit(how)?;
        let value = estimate.value();
        let step = 1e-4 * value.abs().max(1e-2);
        let rise = (middle(value + step) - middle(value - step)) / (2.0 * step);
        let scaled = |part: Variance| Variance {
            value: part.value * rise * rise,
            ..part
        };
        Ok(SequenceFit::new(
            estimate.translated(ends(value)),
            members.into_iter().map(middle).collect(),
            variances.into_iter().map(scaled).collect(),
        ))
    }

    /// Estimates the effect.
    pub(super) fn fit(&self, estimator: SequenceEstimator) -> Result<SequenceFit> {
        let (found, members) = estimator.fit(self)?;
        let count = members.len() as f64;
        let model = Variance {
            value: draws::deviation(&members).powi(2) / count,
            freedom: count - 1.0,
        };
        let coefficients = if found.intercept().is_some() { 2 } else { 1 };
        let line = Variance {
            value: found.standard_error().powi(2),
            freedom: (self.len() - coefficients) as f64,
        };
        Ok(SequenceFit::new(found, members, vec![model, line]))
    }
}

/// Means and moderated standard deviations over members.
fn summary(name: &str, values: &Array2<f64>, moderation: f64) -> Result<(Vec<f64>, Vec<f64>)> {
    let columns = || values.columns().into_iter().map(|column| column.to_vec());
    let mean = |column: Vec<f64>| column.iter().sum::<f64>() / column.len() as f64;
    let variances: Vec<f64> = columns()
        .map(|column| draws::deviation(&column).powi(2))
        .collect();
    let typical = variances.iter().sum::<f64>() / variances.len() as f64;
    let moderated = variances
        .iter()
        .map(|own| (1.0 - moderation) * own + moderation * typical);
    let errors: Vec<f64> = moderated.map(f64::sqrt).collect();
    if errors.iter().any(|error| *error <= 0.0) {
        let expected = format!("effects on the {name} on which members differ");
        return Err(Error::value("effects", expected, "the same of all members"));
    }
    Ok((columns().map(mean).collect(), errors))
}

/// The mutations of a sequence as instruments, under names such as `A12G`, positions counted from 1.
pub(super) fn named(
    effects: &MutationEffects,
    index: usize,
    (gathered, places): (&Gathered, &[Place]),
) -> Result<Instruments> {
    let letters = effects.sequences().letters(index);
    let alphabet = effects.sequences().alphabet().letters();
    let name = |(letter, position): &Place| {
        format!(
            "{}{}{}",
            letters[*position] as char,
            position + 1,
            alphabet[*letter] as char
        )
    };
    gathered.instruments()?.with_ids(places.iter().map(name))
}
