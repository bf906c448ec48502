//! What sets a sequence apart from its references, layer by layer.

use super::gradient::{each_sequence, network_behind, of_each_sequence, output_of};
use super::multipliers::Multipliers;
use super::{Attribution, Completeness, References};
use crate::network::{
    Contrast, Groups, Ledger, Lift, Model, Network, Pass, Shape, doubles, is_ours, to_tensor,
};
use crate::progress;
use crate::sequence::Explainable;
use crate::{Error, Result};
use candle_core::{DType, Device, Var};
use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, Axis, concatenate, s};
use std::sync::Arc;

/// Computes `DeepLIFT` scores of the first output, averaged over 20 shuffles of every sequence (`DeepSHAP`).
///
/// # Errors
///
/// Fails when the model is no network of the library, one of its layers has no rule, `x` has a shape that it cannot read, or the
/// user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTACTTGACTCA"])?;
/// let scores = attribution::deep_lift(&network::deepbind(4), &peaks)?;
/// assert!(scores.unexplained().unwrap()[0].abs() < 1e-5);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Shrikumar, Greenside and Kundaje 2017, <https://proceedings.mlr.press/v70/shrikumar17a.html>; averaged over references: Lundberg and Lee 2017,
/// <https://arxiv.org/abs/1705.07874>. Checked against tangermeme's `deep_lift_shap` and captum's `DeepLift`.
pub fn deep_lift(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    DeepLift::new().run(model, x)
}

/// How what sets inputs apart passes a function such as the rectifier.
///
/// Linear layers hand on what every number contributes (the linear rule) in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rule {
    /// In proportion to what sets the input of the function apart.
    #[default]
    Rescale,
    /// What raises and what lowers the sum of a dense layer or a convolution counts on its own, each as if it came first and as if it
    /// came last. Where nothing else stands between the linear layer and the function but batch norms and dropout; elsewhere as
    /// [`Rescale`](Self::Rescale).
    RevealCancel,
    /// [`RevealCancel`](Self::RevealCancel) behind dense layers and [`Rescale`](Self::Rescale) behind convolutions, as the
    /// authors advise for genomics.
    Genomics,
}

impl Rule {
    fn lift(self) -> Lift {
        match self {
            Self::Rescale => Lift::Rescale,
            Self::RevealCancel => Lift::RevealCancel,
            Self::Genomics => Lift::Genomics,
        }
    }
}

/// Compares sequences with references, layer by layer, with options.
///
/// Every layer of the library has a rule, and each rule is exact: the scores of a sequence add up to its output less the mean output
/// of its references, but for rounding. [`completeness`](Self::completeness) shows for every layer what is lost. Layers of a user's own
/// need a rule, see [`UserLayer`](crate::network::UserLayer).
///
/// Maxima hand all on to the place of the larger one. What is no function of one number is taken apart: softmax and norms into
/// exponentials, sums, roots and products, and a product hands to each factor the mean of the other.
///
/// The score of a letter is what it contributes compared with the references: the hypothetical score where it is, 0 elsewhere.
/// Computed on the CPU.
#[derive(Clone, Debug)]
pub struct DeepLift {
    target: usize,
    rule: Rule,
    references: References,
    hypothetical: bool,
    double: bool,
    batch: usize,
}

impl DeepLift {
    /// Takes the defaults: the first output, rescaling, 20 dinucleotide shuffles, single precision, 32 references at once.
    pub fn new() -> Self {
        Self {
            target: 0,
            rule: Rule::Rescale,
            references: References::dinucleotide_shuffles(20),
            hypothetical: false,
            double: false,
            batch: 32,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets how what sets inputs apart passes a function.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Sets what sequences are compared with.
    pub fn references(mut self, references: References) -> Self {
        self.references = references;
        self
    }

    /// Sets whether letters that are not there get the score that they would have if they were, by the same multipliers.
    pub fn hypothetical(mut self, hypothetical: bool) -> Self {
        self.hypothetical = hypothetical;
        self
    }

    /// Sets whether everything is computed in double precision.
    pub fn double(mut self, double: bool) -> Self {
        self.double = double;
        self
    }

    /// Sets the number of references that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when the model is no network of the library, one of its layers has no rule, `x` or the references have a shape that it
    /// cannot read, there is no such output, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        let network = self.network(model)?;
        let (found, unexplained) = each_sequence("DeepLIFT", (&network, x), |all, index, x| {
            let references = self.references.of(all, index, x)?;
            let (mut scores, mut apart) = (Array2::<f64>::zeros(x.dim()), 0.0);
            self.each_batch((&network, None), (x, &references), |references, found| {
                for (reference, multipliers) in references.outer_iter().zip(found.rows()) {
                    scores += &hypothetical(&reference, &multipliers);
                }
                apart += found.apart.sum();
                Ok(())
            })?;
            let count = references.dim().0 as f64;
            scores /= count;
            let x = x.mapv(f64::from);
            let explained = (&scores * &x).sum();
            if !self.hypothetical {
                scores *= &x;
            }
            Ok((scores, apart / count - explained))
        })?;
        Ok(found.targeted(self.target).lacking(unexplained.into()))
    }

    /// Computes what the output changes by per unit of every input number, for every reference: how far each layer's contributions
    /// reach.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn multipliers(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Multipliers> {
        let network = self.network(model)?;
        let found = of_each_sequence("DeepLIFT", (&network, x), |all, index, x| {
            let references = self.references.of(all, index, x)?;
            let mut multipliers = Array3::zeros(references.dim());
            let mut done = 0;
            self.each_batch((&network, None), (x, &references), |references, found| {
                let end = done + references.dim().0;
                let mut here = multipliers.slice_mut(s![done..end, .., ..]);
                here.assign(&found.multipliers.mapv(|value| value as f32));
                done = end;
                Ok(())
            })?;
            Ok((references, multipliers))
        })?;
        Multipliers::new(x.sequences()?, &found)
    }

    /// Computes what every layer fails to hand on; nothing but rounding, if its rule is right.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn completeness(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Completeness> {
        let network = self.network(model)?;
        let found = of_each_sequence("DeepLIFT", (&network, x), |all, index, x| {
            let references = self.references.of(all, index, x)?;
            let mut sheets = Vec::new();
            for references in references.axis_chunks_iter(Axis(0), self.batch) {
                let ledger = Arc::new(Ledger::new(1 + references.dim().0));
                let ledger = Some(&ledger);
                let references = references.to_owned();
                self.each_batch((&network, ledger), (x, &references), |_, found| {
                    sheets.extend(ledger.map(|ledger| (ledger.entries(), found.apart)));
                    Ok(())
                })?;
            }
            Ok(sheets)
        })?;
        Ok(Completeness::new(network.parts(), found.concat()))
    }

    /// Explains one example, shape `(letters, length)`, by what it contributes compared with references: scores, and what they leave
    /// unexplained.
    pub(super) fn one(
        &self,
        network: &Network,
        (x, references): (&ArrayView2<'_, f32>, &Array3<f32>),
    ) -> Result<(Array2<f64>, f64)> {
        let (mut scores, mut apart) = (Array2::<f64>::zeros(x.dim()), 0.0);
        self.each_batch((network, None), (x, references), |references, found| {
            for (reference, multipliers) in references.outer_iter().zip(found.rows()) {
                let way = x.mapv(f64::from) - reference.mapv(f64::from);
                scores += &(way * multipliers);
            }
            apart += found.apart.sum();
            Ok(())
        })?;
        let count = references.dim().0 as f64;
        scores /= count;
        let unexplained = apart / count - scores.sum();
        Ok((scores, unexplained))
    }

    fn precision(&self) -> DType {
        if self.double { DType::F64 } else { DType::F32 }
    }

    /// Returns the network behind a model, where and as precise as it is computed here.
    pub(super) fn network(&self, model: &dyn Model) -> Result<Network> {
        if self.batch == 0 {
            return Err(Error::value("batch", "at least 1", 0));
        }
        let network = network_behind(model)?;
        let network = if is_ours(network.device()) {
            network.clone()
        } else {
            network.to_device(&Device::Cpu)?
        };
        network.to_dtype(self.precision())
    }

    /// Computes multipliers for some references at a time.
    fn each_batch(
        &self,
        (network, ledger): (&Network, Option<&Arc<Ledger>>),
        (x, references): (&ArrayView2<'_, f32>, &Array3<f32>),
        mut then: impl FnMut(ArrayView3<'_, f32>, Found) -> Result<()>,
    ) -> Result<()> {
        let steps = references.dim().0.div_ceil(self.batch);
        for (step, references) in references.axis_chunks_iter(Axis(0), self.batch).enumerate() {
            // One sequence can take long: an interrupt must not wait for its end.
            progress::check("DeepLIFT", step, steps)?;
            let rows = concatenate![Axis(0), x.insert_axis(Axis(0)), references];
            let found = self.lifted((network, ledger), &rows)?;
            then(references, found)?;
        }
        Ok(())
    }

    /// Computes multipliers for a sequence, which is the first row, and its references.
    fn lifted(
        &self,
        (network, ledger): (&Network, Option<&Arc<Ledger>>),
        rows: &Array3<f32>,
    ) -> Result<Found> {
        let (size, letters, length) = rows.dim();
        let rules = Contrast {
            groups: Groups { size },
            lift: self.rule.lift(),
            ledger: ledger.cloned(),
        };
        let x = to_tensor(rows, &Device::Cpu)?.to_dtype(self.precision())?;
        let x = Var::from_tensor(&x)?;
        // Features have no letters.
        let read = match network.architecture().input() {
            Shape::Features(_) => x.flatten_from(1)?,
            _ => x.as_tensor().clone(),
        };
        let out = network.score(&read, &mut Pass::ruled(Arc::new(rules)))?;
        let out = output_of(&out, self.target)?;
        let outputs = doubles(&out)?;
        // Nothing is asked of the sequence itself: multipliers stand in the rows of the references.
        let found = out.narrow(0, 1, size - 1)?.sum_all()?;
        let found = if found.track_op() {
            found.backward()?.remove(&x)
        } else {
            None
        };
        let multipliers = match found {
            Some(found) => doubles(&found.narrow(0, 1, size - 1)?)?,
            // Nothing of the input reaches the output.
            None => vec![0.0; (size - 1) * letters * length],
        };
        let shape = (size - 1, letters, length);
        let multipliers = Array3::from_shape_vec(shape, multipliers)
            .map_err(|_| Error::shape("multipliers", format!("{shape:?}"), &[]))?;
        let apart = outputs[1..].iter().map(|other| outputs[0] - other);
        Ok(Found {
            multipliers,
            apart: apart.collect(),
        })
    }
}

/// Multipliers for some references of a sequence, and what sets the outputs apart.
struct Found {
    multipliers: Array3<f64>,
    apart: Array1<f64>,
}

impl Found {
    fn rows(&self) -> impl Iterator<Item = ArrayView2<'_, f64>> {
        self.multipliers.outer_iter()
    }
}

/// Returns what every letter would contribute, compared with one reference.
fn hypothetical(reference: &ArrayView2<'_, f32>, multipliers: &ArrayView2<'_, f64>) -> Array2<f64> {
    let reference = reference.mapv(f64::from);
    multipliers - &(reference * multipliers).sum_axis(Axis(0))
}

impl Default for DeepLift {
    fn default() -> Self {
        Self::new()
    }
}
