//! Models over candle tensors: layers, weights, prediction.
//!
//! A [`Model`] turns a tensor of examples into raw scores. [`Network`] is ours: an [`Architecture`] (typed layers in order)
//! and its weights. [`PublishedDeepBind`] reads the models that were published with DeepBind.
//!
//! ```text
//! Architecture --build--> Network --predict--> scores (n, outputs)
//!                            |  \--activations, penultimate, filters--> arrays
//!                            \--save, load--> safetensors
//! Tensors (PyTorch, Keras, ...) --Mapping--> Network, WeightReport
//! ```
//!
//! A network reads sequences ([`Architecture::sequences`]), images ([`Architecture::images`]) or features ([`Architecture::features`]).
//! [`use_device`] chooses once where networks are computed, on the CPU or on a GPU.
//!
//! # Examples
//!
//! ```
//! use genolens::{ndarray::Array3, network};
//! # fn main() -> genolens::Result<()> {
//! let model = network::deepbind(16);
//! let x = Array3::<f32>::zeros((2, 4, 101));
//! assert_eq!(network::predict(&model, &x)?.dim(), (2, 1));
//! # Ok(()) }
//! ```

mod activation;
mod answer;
mod architecture;
mod architectures;
mod attention;
mod batch_norm;
mod batches;
mod black_box;
mod both_strands;
mod branches;
mod builders;
mod chain;
mod contrast;
mod convolution;
mod convolve;
mod crop;
mod deepbind;
mod dense;
mod device;
mod diet;
mod dropout;
mod flatten;
mod graph;
mod grouped;
mod grouping;
mod head;
mod image_convolution;
mod image_convolve;
mod image_unrolled;
mod incremental;
mod initial;
mod input_gradient;
mod kernel;
mod layer;
mod layer_norm;
mod lstm;
mod misfit;
mod model;
mod model_outputs;
mod monte_carlo;
mod mutants;
#[expect(
    clippy::module_inception,
    reason = "the type `Network` lives in a file named after it"
)]
mod network;
mod normalised;
mod operation;
mod parameters;
mod pass;
mod place;
mod plain;
mod pointwise;
mod pool;
mod positional_encoding;
mod predict;
mod published;
mod published_file;
mod published_scan;
mod questions;
mod residual;
mod rms_norm;
mod rules;
mod shape;
mod sizes;
mod softmax;
mod strongest;
mod summary;
mod survey;
mod tensor;
mod tensors;
mod together;
mod transposed_convolution;
mod unrolled;
mod user;
mod weights;

pub use activation::Activation;
pub use answer::Answer;
pub use architecture::Architecture;
pub use architectures::{
    Basset, Beluga, BpNet, ChromBpNet, CnnBenchmark, DanQ, DeepSea, FactorizedBasset, Perceptron,
    Profiles, ResidualNetwork, basset, beluga, bpnet, chrombpnet, cnn_benchmark, danq, deepsea,
    factorized_basset, logistic_regression, perceptron, residual_network,
};
pub use attention::Attention;
pub use batch_norm::BatchNorm;
pub use black_box::BlackBox;
pub use both_strands::{BothStrands, Strands};
pub use branches::{Branches, Join};
pub use chain::Chain;
pub use convolution::{Convolution, Padding};
pub use crop::Crop;
pub use deepbind::deepbind;
pub use dense::Dense;
pub use device::{default_device, open_device, use_device};
pub use diet::Diet;
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use graph::{GraphConvolution, GraphPool, MaskedDense};
pub use image_convolution::ImageConvolution;
pub use layer::Layer;
pub use layer_norm::LayerNorm;
pub use lstm::Lstm;
pub use model::Model;
pub use model_outputs::ModelOutputs;
pub use monte_carlo::{MonteCarlo, Uncertain, predict_with_dropout};
pub use network::Network;
pub use parameters::Parameter;
pub use place::Place;
pub use plain::plainly;
pub use pool::{Pool, Pooling};
pub use positional_encoding::PositionalEncoding;
pub use predict::{Predict, predict, probabilities};
pub use published::PublishedDeepBind;
pub use residual::Residual;
pub use rms_norm::RmsNorm;
pub use shape::Shape;
pub use softmax::Softmax;
pub use summary::{Summary, SummaryRow};
pub use tensor::{to_array, to_tensor};
pub use transposed_convolution::TransposedConvolution;
pub(crate) use user::OwnLayer;
pub use user::{User, UserLayer};
pub use weights::{Loaded, Mapping, Tensors, WeightFormat, WeightReport, WeightRow};

pub(crate) use batches::in_batches;
pub(crate) use contrast::{Contrast, Entry, Groups, Ledger, Lift, doubles};
pub(crate) use grouping::Grouping;
pub(crate) use head::Head;
pub(crate) use incremental::{Edits, Evaluator, Kept, Origin};
pub(crate) use initial::unit;
pub(crate) use input_gradient::input_gradient;
pub(crate) use kernel::{Lanes, Work, run as with_widest};
pub(crate) use misfit::Misfit;
pub(crate) use mutants::{Mutants, Replacement, evaluator_of, replacements};
pub(crate) use operation::{
    Returned, change, mix, mix_back, mix_back_returning, mix_returning, pull, repeat, with_numbers,
};
pub(crate) use pass::{Pass, Watch};
pub(crate) use plain::is_ours;
pub(crate) use questions::{Copies, Questions, finite, same};
pub(crate) use rules::{Captured, Gated, Relevance, RelevanceRule, Rules};
pub(crate) use survey::Part;
pub(crate) use tensor::to_dimension;
