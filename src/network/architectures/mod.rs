//! Published networks, each with its published sizes as the default.
//!
//! Every type describes one network: change sizes with its methods, look at the layers with `architecture()`, and draw first weights with
//! `build()`. The function of the same name takes the defaults. Where a size could not be checked against its source, the docs say so.
//! All read DNA as A, C, G, T, whatever order the published weights have.

mod basset;
mod beluga;
mod bpnet;
mod chrombpnet;
mod cnn_benchmark;
mod danq;
mod deepsea;
mod factorized_basset;
mod logistic_regression;
mod perceptron;
mod profiles;
mod residual_network;
mod tasks;

pub use basset::{Basset, basset};
pub use beluga::{Beluga, beluga};
pub use bpnet::{BpNet, bpnet};
pub use chrombpnet::{ChromBpNet, chrombpnet};
pub use cnn_benchmark::{CnnBenchmark, cnn_benchmark};
pub use danq::{DanQ, danq};
pub use deepsea::{DeepSea, deepsea};
pub use factorized_basset::{FactorizedBasset, factorized_basset};
pub use logistic_regression::logistic_regression;
pub use perceptron::{Perceptron, perceptron};
pub use profiles::Profiles;
pub use residual_network::{ResidualNetwork, residual_network};
