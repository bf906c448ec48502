//! Every layer against `PyTorch`: what it gives, and both kinds of gradients, in both precisions.

use super::case::{Case, apart, flat, tensor, wave};
use crate::device::on_every_device;
use genolens::candle_core::DType;
use genolens::network::{
    Activation, Attention, BatchNorm, Convolution, Dense, ImageConvolution, Layer, LayerNorm, Lstm,
    Padding, Pool, Pooling, PositionalEncoding, RmsNorm, Softmax, TransposedConvolution,
};
use std::collections::HashMap;
use std::fmt::Debug;
use std::str::FromStr;

/// The options of a case, by name.
struct Options<'a>(HashMap<&'a str, &'a str>);

impl<'a> Options<'a> {
    fn new(text: &'a str) -> Self {
        Self(
            text.split(' ')
                .filter_map(|word| word.split_once('='))
                .collect(),
        )
    }

    fn get<T: FromStr<Err: Debug>>(&self, name: &str) -> T {
        self.0[name].parse().unwrap()
    }

    fn is(&self, name: &str) -> bool {
        self.0.get(name) == Some(&"1")
    }

    fn padding(&self) -> Padding {
        match self.0["padding"] {
            "same" => Padding::Same,
            "full" => Padding::Full,
            "valid" => Padding::Valid,
            zeros => Padding::Zeros(zeros.parse().unwrap()),
        }
    }

    fn pool(&self, pooling: Pooling) -> Pool {
        let pool = Pool::local(pooling, self.get("width")).stride(self.get("stride"));
        let pool = pool.padding(self.get("padding"));
        let pool = if self.is("ceil") { pool.ceil() } else { pool };
        match pooling {
            Pooling::Average => pool.count_padding(self.is("counted")),
            Pooling::Max => pool,
        }
    }
}

fn layer(kind: &str, options: &Options<'_>) -> Layer {
    match kind {
        "max_pool" => options.pool(Pooling::Max).into(),
        "average_pool" => options.pool(Pooling::Average).into(),
        "adaptive_max_pool" => Pool::adaptive(Pooling::Max, options.get("windows")).into(),
        "adaptive_average_pool" => Pool::adaptive(Pooling::Average, options.get("windows")).into(),
        "global_max_pool" => Pool::global(Pooling::Max).into(),
        "global_average_pool" => Pool::global(Pooling::Average).into(),
        "relu" => Activation::Relu.into(),
        "leaky_relu" => Activation::LeakyRelu(options.get("slope")).into(),
        "elu" => Activation::Elu(options.get("scale")).into(),
        "gelu" => Activation::Gelu.into(),
        "gelu_tanh" => Activation::GeluTanh.into(),
        "silu" => Activation::Silu.into(),
        "sigmoid" => Activation::Sigmoid.into(),
        "tanh" => Activation::Tanh.into(),
        "softplus" => Activation::Softplus.into(),
        "exp" => Activation::Exp.into(),
        "threshold" => {
            let (threshold, value) = (options.get("threshold"), options.get("value"));
            Activation::Threshold { threshold, value }.into()
        }
        "convolution" => Convolution::new(options.get("filters"), options.get("width"))
            .stride(options.get("stride"))
            .padding(options.padding())
            .dilation(options.get("dilation"))
            .groups(options.get("groups"))
            .into(),
        "image_convolution" => ImageConvolution::new(options.get("filters"), 1)
            .size(options.get("height"), options.get("width"))
            .stride(options.get("stride"))
            .padding(options.padding())
            .dilation(options.get("dilation"))
            .into(),
        "transposed_convolution" => {
            TransposedConvolution::new(options.get("filters"), options.get("width"))
                .stride(options.get("stride"))
                .padding(options.get("padding"))
                .rest(options.get("rest"))
                .dilation(options.get("dilation"))
                .groups(options.get("groups"))
                .into()
        }
        "dense" => Dense::new(options.get("outputs")).into(),
        "batch_norm" => BatchNorm::new().epsilon(options.get("epsilon")).into(),
        "trained_batch_norm" => BatchNorm::new().momentum(options.get("momentum")).into(),
        "layer_norm" => LayerNorm::new().epsilon(options.get("epsilon")).into(),
        "rms_norm" => match options.get("epsilon") {
            0.0 => RmsNorm::new().into(),
            epsilon => RmsNorm::new().epsilon(epsilon).into(),
        },
        "softmax" => Softmax.into(),
        "lstm" => {
            let layer = Lstm::new(options.get("hidden"));
            let layer = if options.is("both") {
                layer.bidirectional()
            } else {
                layer
            };
            if options.is("last") {
                layer.last()
            } else {
                layer
            }
            .into()
        }
        "attention" => Attention::new(options.get("heads")).into(),
        "positional_encoding" => PositionalEncoding::new().into(),
        _ => panic!("no layer for {kind}"),
    }
}

/// A line of the golden file: a name and a shape, and numbers.
struct Line<'a> {
    name: &'a str,
    shape: Vec<usize>,
    values: Vec<f64>,
}

fn line(text: &str) -> Line<'_> {
    let cells: Vec<&str> = text.split('\t').collect();
    let numbers = cells[2].split(' ').filter(|cell| !cell.is_empty());
    Line {
        name: cells[0],
        shape: cells[1]
            .split('x')
            .map(|size| size.parse().unwrap())
            .collect(),
        values: numbers.map(|cell| cell.parse().unwrap()).collect(),
    }
}

fn layers_compute_what_pytorch_computes() {
    let text = include_str!("../../golden/network/layers.tsv");
    let mut wrong = Vec::new();
    let mut count = 0;
    for block in text.split("case\t").skip(1) {
        let mut lines = block.lines();
        let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
        let name = head[0];
        let [grid, size] = [head[2], head[3]].map(|cell| cell.parse::<f64>().unwrap());
        let shape: Vec<usize> = head[1]
            .split('x')
            .map(|size| size.parse().unwrap())
            .collect();
        let kind = name.split(' ').next().unwrap();
        let training = kind == "trained_batch_norm";
        let golden: Vec<Line<'_>> = lines.map(line).collect();
        count += 1;
        for (dtype, (forward, backward)) in [(DType::F32, (1e-5, 1e-4)), (DType::F64, (2e-8, 2e-8))]
        {
            let x = wave(shape.iter().product(), 0.0, grid);
            let x = x.into_iter().map(|x| x * size).collect();
            let case = Case::new(layer(kind, &Options::new(name)), (x, &shape), dtype);
            let case = if training { case.training() } else { case };
            let out = &golden[0];
            let found = case.out(&out.shape);
            assert_eq!(found.dtype(), dtype, "{name}");
            let mut check = |part: &str, found: &[f64], expected: &[f64], share: f64| {
                if let Some(problem) = apart(found, expected, share) {
                    wrong.push(format!("{name}, {part}, {}: {problem}", dtype.as_str()));
                }
            };
            check("out", &flat(&found), &out.values, forward);
            let factors = tensor(wave(out.values.len(), 0.5, 32.0), &out.shape, dtype);
            let gradients = case.gradients(&factors);
            let names: Vec<&str> = gradients.iter().map(|(name, _)| name.as_str()).collect();
            let (golden, moved) = golden[1..].split_at(gradients.len());
            let expected: Vec<&str> = golden.iter().map(|line| line.name).collect();
            assert_eq!(names, expected, "{name}");
            for ((part, found), line) in gradients.iter().zip(golden) {
                check(part, found, &line.values, backward);
            }
            for line in moved {
                check(line.name, &case.moved(line.name), &line.values, forward);
            }
        }
    }
    assert!(count > 130, "only {count} cases");
    assert!(
        wrong.is_empty(),
        "{} of {count} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

on_every_device!(layers_compute_what_pytorch_computes,);
