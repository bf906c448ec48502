//! One layer with an input, its weights, and the factors of its outputs.

use crate::device::{here, placed};
use genolens::candle_core::{DType, Tensor, Var};
use genolens::network::{Architecture, Layer, Model, Network};

/// Numbers from -1 to 1 that look random, on a grid; the same as in the golden script.
pub(crate) fn wave(count: usize, phase: f64, grid: f64) -> Vec<f64> {
    (0..count)
        .map(|k| ((1.3 * k as f64 + phase).sin() * grid).round_ties_even() / grid)
        .collect()
}

pub(crate) fn tensor(values: Vec<f64>, shape: &[usize], dtype: DType) -> Tensor {
    let tensor = Tensor::from_vec(values, shape, &here()).unwrap();
    tensor.to_dtype(dtype).unwrap()
}

pub(crate) fn flat(tensor: &Tensor) -> Vec<f64> {
    let tensor = tensor.to_dtype(DType::F64).unwrap();
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// A network of one layer whose input and weights can be differentiated.
pub(crate) struct Case {
    pub(crate) network: Network,
    pub(crate) x: Var,
    pub(crate) weights: Vec<(String, Var)>,
    training: bool,
}

impl Case {
    /// Gives the layer this input, and the weights of the golden script.
    pub(crate) fn new(layer: Layer, (x, shape): (Vec<f64>, &[usize]), dtype: DType) -> Self {
        let input = match *shape {
            [_, channels, _] => Architecture::sequences(channels),
            [_, channels, height, width] => Architecture::images(channels, height, width),
            [_, features] => Architecture::features(features),
            _ => panic!("{shape:?}"),
        };
        let network = input.then(layer).build().unwrap();
        let mut network = placed(&network.to_dtype(dtype).unwrap());
        let mut weights = Vec::new();
        for (index, name) in network.weight_names().into_iter().enumerate() {
            let own = network.tensor(&name).unwrap();
            let mut values = wave(own.elem_count(), index as f64 + 1.0, 32.0);
            for value in &mut values {
                *value /= 2.0;
                if name.ends_with("variance") {
                    *value = value.abs() + 0.5;
                }
            }
            let weight = Var::from_tensor(&tensor(values, own.dims(), dtype)).unwrap();
            network = network.with_tensor(&name, &weight).unwrap();
            weights.push((name.splitn(3, '.').last().unwrap().to_owned(), weight));
        }
        let x = Var::from_tensor(&tensor(x, shape, dtype)).unwrap();
        Self {
            network,
            x,
            weights,
            training: false,
        }
    }

    /// Lets the layer do what it does while training.
    pub(crate) fn training(mut self) -> Self {
        self.training = true;
        self
    }

    /// Returns what training made of a value that is observed, `moved mean` or `moved variance`.
    pub(crate) fn moved(&self, name: &str) -> Vec<f64> {
        let (_, after) = self.network.forward_training(&self.x, 1).unwrap();
        let names = after.weight_names();
        let end = name.replace("moved ", ".");
        let name = names.iter().find(|name| name.ends_with(&end)).unwrap();
        flat(&after.tensor(name).unwrap())
    }

    /// Computes what the layer gives, shaped as it gives it.
    pub(crate) fn out(&self, shape: &[usize]) -> Tensor {
        // The scores of a model have two axes.
        let out = if self.training {
            self.network.forward_training(&self.x, 1).unwrap().0
        } else {
            self.network.forward(&self.x).unwrap()
        };
        out.reshape(shape).unwrap()
    }

    /// Differentiates the weighted sum of the outputs by the input and each weight, by their names.
    pub(crate) fn gradients(&self, factors: &Tensor) -> Vec<(String, Vec<f64>)> {
        let out = self.out(factors.dims());
        let sum = (out * factors).unwrap().sum_all().unwrap();
        let gradients = sum.backward().unwrap();
        let of = |name: &str, var: &Var| match gradients.get(var) {
            Some(gradient) => {
                assert_eq!(gradient.dims(), var.dims(), "{name}");
                (name.to_owned(), flat(gradient))
            }
            None => (name.to_owned(), vec![0.0; var.elem_count()]),
        };
        let mut found = vec![of("input", &self.x)];
        found.extend(self.weights.iter().map(|(name, var)| of(name, var)));
        found
    }
}

/// Returns the first place where numbers differ by more than this share of the largest expected one.
pub(crate) fn apart(found: &[f64], expected: &[f64], share: f64) -> Option<String> {
    if found.len() != expected.len() {
        return Some(format!(
            "{} numbers, expected {}",
            found.len(),
            expected.len()
        ));
    }
    let largest = expected.iter().fold(1e-3_f64, |a, b| a.max(b.abs()));
    let place = found
        .iter()
        .zip(expected)
        .map(|(found, expected)| (found - expected).abs())
        .position(|apart| apart.is_nan() || apart > share * largest)?;
    Some(format!(
        "number {place} is {}, expected {}",
        found[place], expected[place]
    ))
}
