//! Explaining by what a black box says of coalitions of features.

use super::Contributions;
use super::coalitions::Coalitions;
use super::contributions::Parts;
use super::examples::Examples;
use super::options::Options;
use crate::attribution::Attribution;
use crate::network::{BlackBox, Copies, Model, ModelOutputs, Questions, same};
use crate::random::Seed;
use crate::sequence::Explainable;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2};

/// Scores of one example: 8 bytes each.
const MOST: usize = 100_000_000;

/// A method that asks for coalitions, and makes contributions of what it hears.
pub(super) trait Explainer {
    type Coalitions: Coalitions;

    const NAME: &'static str;

    /// Whether the contributions ought to add up to the score less that of no features.
    const ADDS_UP: bool;

    /// Whether features that do not differ from what stands in for them take part; else they contribute nothing.
    const ALL_TAKE_PART: bool;

    fn options(&self) -> &Options;

    /// Fails for options that make no sense.
    fn check(&self) -> Result<()>;

    /// Chooses the coalitions of so many features.
    fn coalitions(&self, features: usize, seed: Seed) -> Result<Self::Coalitions>;

    /// Finds the contributions, told the score of every coalition.
    fn solve(&self, coalitions: &Self::Coalitions, scores: &[f64]) -> Result<Solved>;
}

/// What is found of one example.
pub(super) struct Solved {
    pub(super) values: Vec<f64>,
    pub(super) errors: Option<Vec<f64>>,
    /// Intercept and weighted share of the variance that a surrogate explains.
    pub(super) fit: Option<(f64, f64)>,
}

pub(super) fn sequences<E: Explainer>(
    explainer: &E,
    model: &dyn Model,
    x: &dyn Explainable,
) -> Result<Attribution> {
    let options = explainer.options();
    let examples = Examples::of_sequences(&options.masking, x)?;
    let found = explain(explainer, &ModelOutputs(model), &examples)?;
    let attribution = examples.attribution(&found)?;
    let attribution = attribution.named(E::NAME).targeted(options.target);
    Ok(if E::ADDS_UP {
        attribution.lacking(found.unexplained())
    } else {
        attribution
    })
}

pub(super) fn features<E: Explainer>(
    explainer: &E,
    model: &dyn Model,
    x: &dyn Explainable,
) -> Result<Contributions> {
    let examples = Examples::of_sequences(&explainer.options().masking, x)?;
    explain(explainer, &ModelOutputs(model), &examples)
}

pub(super) fn rows<E: Explainer>(
    explainer: &E,
    black_box: &dyn BlackBox,
    x: &dyn Input,
) -> Result<Contributions> {
    let examples = Examples::of_rows(&explainer.options().masking, x)?;
    explain(explainer, black_box, &examples)
}

fn explain<E: Explainer>(
    explainer: &E,
    black_box: &dyn BlackBox,
    examples: &Examples,
) -> Result<Contributions> {
    let options = explainer.options();
    explainer.check()?;
    let questions = Questions {
        task: E::NAME,
        black_box,
        shape: &examples.shape,
        target: options.target,
        batch: options.batch,
    };
    let masked = |index: usize| {
        let seed = examples.seed(index, options.seed);
        let coalitions = |features: usize| explainer.coalitions(features, seed);
        let masked = examples.masked(index, (E::ALL_TAKE_PART, coalitions))?;
        let count = masked.count();
        if count > MOST {
            let expected = format!("at most {MOST} for one example");
            return Err(Error::value("evaluations", expected, count));
        }
        Ok(masked)
    };
    is_deterministic(&questions, &masked(0)?)?;
    let (n, features) = (examples.len(), examples.names.len());
    let mut parts = Parts {
        names: examples.names.clone(),
        values: Array2::zeros((n, features)),
        errors: None,
        base: Array1::zeros(n),
        outputs: Array1::zeros(n),
        fits: None,
        evaluations: 0,
    };
    questions.ask(n, masked, |index, masked, scores| {
        let answers = masked.answers(&scores);
        let solved = explainer.solve(&masked.coalitions, &answers)?;
        parts.evaluations += scores.len();
        parts.outputs[index] = answers[0];
        parts.base[index] = answers[1];
        for (value, &feature) in solved.values.iter().zip(&masked.varying) {
            parts.values[[index, feature]] = *value;
        }
        if let Some(found) = solved.errors {
            let errors = parts
                .errors
                .get_or_insert_with(|| Array2::zeros((n, features)));
            for (error, &feature) in found.iter().zip(&masked.varying) {
                errors[[index, feature]] = *error;
            }
        }
        if let Some((intercept, share)) = solved.fit {
            let fits = parts.fits.get_or_insert_with(|| Array2::zeros((n, 2)));
            fits[[index, 0]] = intercept;
            fits[[index, 1]] = share;
        }
        Ok(())
    })?;
    Ok(Contributions::new(E::NAME, options.target, parts))
}

/// Asks for all features and for none twice, since what is found of chance would look like any other explanation.
fn is_deterministic(questions: &Questions<'_>, copies: &dyn Copies) -> Result<()> {
    if questions.batch == 0 {
        return Err(Error::value("batch", "at least 1", 0));
    }
    let once = questions.batch(copies, 0..2)?;
    let again = questions.batch(copies, 0..2)?;
    same(copies, &once, &again)
}
