//! What all methods have in common, so that others can take any of them.

use super::{
    Attribution, ClassActivation, DeepLift, ExactShapley, ExpectedGradients, GradCam,
    GradientXInput, GuidedBackpropagation, IntegratedGradients, KernelShap, LayerwiseRelevance,
    Lime, Occlusion, Saliency, SaturationMutagenesis, ShapleySampling, SmoothGrad,
};
use crate::Result;
use crate::network::Model;
use crate::sequence::Explainable;

/// A way to explain what a model says of sequences.
///
/// Every type of this room that has a method `run(&model, &x)` is one, and a method of your own becomes one.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{Method, Saliency}, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let methods: [Box<dyn Method>; 1] = [Box::new(Saliency::new())];
/// let scores = methods[0].explain(&network::deepbind(4), &Sequences::dna(["ACGT"])?)?;
/// assert_eq!(scores.method(), "saliency");
/// # Ok(()) }
/// ```
pub trait Method: Send + Sync {
    /// Computes the scores of all letters at all positions.
    ///
    /// # Errors
    ///
    /// Fails as the method's own `run` does.
    fn explain(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution>;
}

macro_rules! methods {
    ($($method:ident)*) => {
        $(impl Method for $method {
            fn explain(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
                self.run(model, x)
            }
        })*
    };
}

methods!(
    ClassActivation
    DeepLift
    ExactShapley
    ExpectedGradients
    GradCam
    GradientXInput
    GuidedBackpropagation
    IntegratedGradients
    KernelShap
    LayerwiseRelevance
    Lime
    Occlusion
    Saliency
    SaturationMutagenesis
    ShapleySampling
    SmoothGrad
);
