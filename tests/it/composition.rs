//! Layers inside layers, and layers of a user's own.

use crate::device::{here, on_every_device, placed};
use genolens::attribution::Saliency;
use genolens::candle_core::{Device, Tensor, Var};
use genolens::ndarray::{Array1, Array2, Array3, ArrayD, Axis, Ix2, Ix3, concatenate, s};
use genolens::network::{
    Activation, Architecture, BothStrands, Branches, Chain, Convolution, Model, Network, Padding,
    Parameter, Residual, Shape, User, UserLayer, predict, to_array, to_tensor,
};
use genolens::random::Seed;
use genolens::sequence::Sequences;
use genolens::training::{Fit, Loss};

/// Numbers that look random, -1 to 1.
fn noise(shape: (usize, usize, usize), seed: u32) -> Array3<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    Array3::from_shape_simple_fn(shape, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    })
}

fn same(filters: usize, width: usize) -> Convolution {
    Convolution::new(filters, width).padding(Padding::Same)
}

/// Runs one layer of another network by hand: a network of that layer alone, with the same weights.
fn alone(network: &Network, chain: &Chain, prefix: &str, x: &Array3<f32>) -> ArrayD<f32> {
    let (_, channels, length) = x.dim();
    let mut single = Architecture::sequences(channels).length(length);
    for layer in chain.layers() {
        single = single.then(layer.clone());
    }
    let mut single = single.build().unwrap();
    for name in single.weight_names() {
        let weight = network.tensor(&format!("{prefix}{name}")).unwrap();
        single = single.with_tensor(&name, &weight).unwrap();
    }
    single.activations(x, single.len() - 1).unwrap()
}

fn near(found: &ArrayD<f32>, expected: &ArrayD<f32>) {
    assert_eq!(found.shape(), expected.shape());
    let largest = (found - expected)
        .iter()
        .fold(0.0_f32, |a, b| a.max(b.abs()));
    assert!(largest < 1e-5, "{largest}");
}

#[test]
fn a_residual_adds_what_it_reads() {
    let x = noise((3, 4, 21), 1);
    let body = Chain::new()
        .then(same(4, 5))
        .activation(Activation::Tanh)
        .then(same(4, 3));
    let network = Architecture::sequences(4)
        .length(21)
        .residual(body.clone())
        .build()
        .unwrap();
    let found = network.activations(&x, 0).unwrap();
    let inside = alone(&network, &body, "0.residual.", &x);
    near(&found, &(&inside + &x.clone().into_dyn()));
    near(&network.activations(&x, "0.2").unwrap(), &inside);
    near(
        &network.activations(&x, "0.residual.2.convolution").unwrap(),
        &inside,
    );

    let shortcut = Chain::new().convolution(6, 1);
    let body = Chain::new().convolution(6, 4).relu().convolution(6, 2);
    let block = Residual::new(body.clone())
        .shortcut(shortcut.clone())
        .cropped();
    let network = Architecture::sequences(4)
        .length(21)
        .then(block)
        .build()
        .unwrap();
    let inside = alone(&network, &body, "0.residual.", &x);
    let added = alone(&network, &shortcut, "0.residual.shortcut.", &x);
    // The body is 4 shorter: 2 positions from each end.
    let added = added.slice(s![.., .., 2..19]).to_owned().into_dyn();
    near(&network.activations(&x, 0).unwrap(), &(inside + added));
}

#[test]
fn branches_are_joined_in_order() {
    let x = noise((2, 4, 16), 2);
    let a = Chain::new().then(same(3, 3)).relu();
    let b = Chain::new()
        .then(same(3, 7))
        .activation(Activation::Sigmoid);
    let build = |branches: Branches| {
        let branches = branches.with(a.clone()).with(b.clone());
        Architecture::sequences(4)
            .length(16)
            .then(branches)
            .build()
            .unwrap()
    };
    let parts = |network: &Network| {
        let a = alone(network, &a, "0.branches.0.", &x);
        (a, alone(network, &b, "0.branches.1.", &x))
    };
    let network = build(Branches::add());
    let (left, right) = parts(&network);
    near(&network.activations(&x, 0).unwrap(), &(&left + &right));
    near(&network.activations(&x, "0.1.1").unwrap(), &right);
    let network = build(Branches::multiply());
    let (left, right) = parts(&network);
    near(&network.activations(&x, 0).unwrap(), &(&left * &right));
    let network = build(Branches::concatenate());
    let (left, right) = parts(&network);
    let expected = concatenate(Axis(1), &[left.view(), right.view()]).unwrap();
    near(&network.activations(&x, 0).unwrap(), &expected);

    // A gate: features beside what they pass, and an empty chain that hands its input on.
    let gate = Branches::multiply()
        .with(Chain::new())
        .with(Chain::new().dense(5).activation(Activation::Sigmoid));
    let network = Architecture::features(5)
        .then(gate)
        .dense(1)
        .build()
        .unwrap();
    let x = Array2::from_shape_fn((3, 5), |(i, j)| (i as f32 - j as f32) / 3.0);
    let gated = network
        .activations(&x, 0)
        .unwrap()
        .into_dimensionality::<Ix2>()
        .unwrap();
    let open = network
        .activations(&x, "0.1.1")
        .unwrap()
        .into_dimensionality::<Ix2>()
        .unwrap();
    assert_eq!(gated, &x * &open);
    assert_eq!(network.penultimate(&x).unwrap(), gated);
}

#[test]
fn both_strands_give_one_answer() {
    let x = noise((3, 4, 30), 3);
    let other = x.slice(s![.., ..;-1, ..;-1]).to_owned();
    let chain = Chain::new()
        .convolution(5, 6)
        .relu()
        .global_max_pool()
        .dense(2);
    for (block, joined) in [
        (
            BothStrands::max(chain.clone()),
            f32::max as fn(f32, f32) -> f32,
        ),
        (BothStrands::mean(chain.clone()), |a, b| f32::midpoint(a, b)),
    ] {
        let network = Architecture::sequences(4)
            .length(30)
            .then(block)
            .build()
            .unwrap();
        let given = alone(&network, &chain, "0.both_strands.", &x);
        let reverse = alone(&network, &chain, "0.both_strands.", &other);
        let mut expected = given.clone();
        expected.zip_mut_with(&reverse, |a, &b| *a = joined(*a, b));
        near(&predict(&network, &x).unwrap().into_dyn(), &expected);
        assert_eq!(
            predict(&network, &x).unwrap(),
            predict(&network, &other).unwrap()
        );
        // Inside stands what the given strand makes of the layers.
        near(&network.activations(&x, "0.3").unwrap(), &given);
        assert_eq!(network.filters().unwrap().dim(), (5, 4, 6));
    }

    // Where positions are kept, those of the other strand are turned around.
    let chain = Chain::new().then(same(3, 5));
    let network = Architecture::sequences(4)
        .length(30)
        .then(BothStrands::mean(chain.clone()))
        .build()
        .unwrap();
    let given = alone(&network, &chain, "0.both_strands.", &x)
        .into_dimensionality::<Ix3>()
        .unwrap();
    let reverse = alone(&network, &chain, "0.both_strands.", &other)
        .into_dimensionality::<Ix3>()
        .unwrap();
    let expected = (given + reverse.slice(s![.., .., ..;-1])) / 2.0;
    near(&network.activations(&x, 0).unwrap(), &expected.into_dyn());
}

/// Everything at once.
fn nested() -> Architecture {
    let block = Residual::new(
        Chain::new()
            .then(same(6, 3))
            .batch_norm()
            .activation(Activation::Tanh),
    );
    let pooled = Branches::concatenate()
        .with(Chain::new().global_max_pool())
        .with(
            Chain::new()
                .residual(Chain::new().then(same(6, 3)))
                .global_average_pool()
                .dense(3),
        );
    let inside = Chain::new()
        .then(block)
        .then(pooled)
        .activation(Activation::Softplus);
    Architecture::sequences(4)
        .convolution(6, 4)
        .activation(Activation::Tanh)
        .then(BothStrands::mean(inside))
        .dense(1)
}

#[test]
fn nested_layers_have_a_table() {
    let network = nested().length(20).build().unwrap();
    insta::assert_snapshot!(network.to_string(), @r#"
               layer                          output      parameters
               input                          (n, 4, 20)           0
            0  convolution 6 x 4              (n, 6, 17)         102
            1  tanh                           (n, 6, 17)           0
            2  both strands, mean             (n, 9)               0
          2.0    residual                     (n, 6, 17)           0
        2.0.0      convolution 6 x 3, same    (n, 6, 17)         114
        2.0.1      batch norm                 (n, 6, 17)          12
        2.0.2      tanh                       (n, 6, 17)           0
          2.1    branches, concatenated       (n, 9)               0
      2.1.0.0      global max pool            (n, 6)               0
      2.1.1.0      residual                   (n, 6, 17)           0
    2.1.1.0.0        convolution 6 x 3, same  (n, 6, 17)         114
      2.1.1.1      global average pool        (n, 6)               0
      2.1.1.2      dense 3                    (n, 3)              21
          2.2    softplus                     (n, 9)               0
            3  dense 1                        (n, 1)              10
               sum                                               373
    "#);
    insta::assert_snapshot!(network.weight_names().join("\n"), @r#"
    0.convolution.kernel
    0.convolution.bias
    2.both_strands.0.residual.0.convolution.kernel
    2.both_strands.0.residual.0.convolution.bias
    2.both_strands.0.residual.1.batch_norm.scale
    2.both_strands.0.residual.1.batch_norm.shift
    2.both_strands.0.residual.1.batch_norm.mean
    2.both_strands.0.residual.1.batch_norm.variance
    2.both_strands.1.branches.1.0.residual.0.convolution.kernel
    2.both_strands.1.branches.1.0.residual.0.convolution.bias
    2.both_strands.1.branches.1.2.dense.weight
    2.both_strands.1.branches.1.2.dense.bias
    3.dense.weight
    3.dense.bias
    "#);
    let rows = network.summary();
    assert_eq!(rows.rows()[4].number, "2.0");
    assert!(rows.table().html().contains("\u{a0}\u{a0}residual"));
}

fn gradients_of_nested_layers_are_slopes() {
    let mut network = placed(&nested().build().unwrap());
    let name = "2.both_strands.0.residual.0.convolution.kernel";
    let kernel = Var::from_tensor(&network.tensor(name).unwrap()).unwrap();
    network = network.with_tensor(name, &kernel).unwrap();
    let x = noise((2, 4, 18), 4);
    let input = Var::from_tensor(&to_tensor(&x, &here()).unwrap()).unwrap();
    let gradients = network
        .forward(&input)
        .unwrap()
        .sum_all()
        .unwrap()
        .backward()
        .unwrap();
    let slopes = to_array(gradients.get(&input).unwrap())
        .unwrap()
        .into_dimensionality::<Ix3>()
        .unwrap();
    let score = |network: &Network, x: &Array3<f32>| predict(network, x).unwrap().sum();
    let step = 1e-2;
    let mut checked = 0;
    for (place, slope) in slopes.indexed_iter().step_by(7) {
        let moved = |by: f32| {
            let mut x = x.clone();
            x[place] += by;
            score(&network, &x)
        };
        let expected = (moved(step) - moved(-step)) / (2.0 * step);
        assert!(
            (slope - expected).abs() < 2e-3,
            "{place:?}: {slope} {expected}"
        );
        checked += 1;
    }
    assert!(checked > 10 && slopes.iter().any(|slope| slope.abs() > 0.01));
    let slopes = gradients
        .get(&kernel)
        .unwrap()
        .flatten_all()
        .unwrap()
        .to_vec1::<f32>()
        .unwrap();
    let values = kernel.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    for index in (0..values.len()).step_by(11) {
        let moved = |by: f32| {
            let mut values = values.clone();
            values[index] += by;
            let other = Tensor::from_vec(values, kernel.shape(), &here()).unwrap();
            score(&network.with_tensor(name, &other).unwrap(), &x)
        };
        let expected = (moved(step) - moved(-step)) / (2.0 * step);
        assert!(
            (slopes[index] - expected).abs() < 2e-3,
            "{index}: {} {expected}",
            slopes[index]
        );
    }
}

fn everything_inside_learns() {
    let network = placed(&nested().build().unwrap());
    let x = noise((40, 4, 18), 5);
    let labels: Array1<f32> = (0..40)
        .map(|i| f32::from(u8::from(x[[i, 0, 3]] > 0.0)))
        .collect();
    let fitting = Fit::new()
        .epochs(2)
        .batch(20)
        .validation(0.0)
        .learning_rate(0.01);
    let trained = fitting.run(&network, &x, &labels).unwrap();
    for name in network.weight_names() {
        assert_ne!(
            trained.network().weight(&name).unwrap(),
            network.weight(&name).unwrap(),
            "{name}"
        );
    }
    // What a batch norm observes is the mean of what it read, both strands together.
    let once = Fit::new()
        .epochs(1)
        .batch(40)
        .validation(0.0)
        .learning_rate(1e-12)
        .run(&network, &x, &labels)
        .unwrap();
    let read = network
        .activations(&x, "2.0.0")
        .unwrap()
        .into_dimensionality::<Ix3>()
        .unwrap();
    let first = network
        .activations(&x, 1)
        .unwrap()
        .into_dimensionality::<Ix3>()
        .unwrap();
    let turned = first.slice(s![.., ..;-1, ..;-1]).to_owned();
    let chain = Chain::new().then(same(6, 3));
    let other = alone(&network, &chain, "2.both_strands.0.residual.", &turned);
    let other = other.into_dimensionality::<Ix3>().unwrap();
    let mean = |x: Array3<f32>| x.mean_axis(Axis(0)).unwrap().mean_axis(Axis(1)).unwrap();
    let mean = (mean(read) + mean(other)) / 2.0;
    let observed = once
        .network()
        .weight("2.both_strands.0.residual.1.batch_norm.mean")
        .unwrap();
    near(&observed, &(mean * 0.1).into_dyn());
}

#[test]
fn layers_inside_that_do_not_fit_are_named() {
    let problem = |architecture: Architecture| architecture.build().unwrap_err().to_string();
    let dna = || Architecture::sequences(4).length(50);
    insta::assert_snapshot!(problem(dna().relu().residual(Chain::new().relu().dense(3))), @"`input of layer 1.1 (dense 3)` has shape (n, 4, 50), expected (n, features), made by `flatten()` or a global pool");
    insta::assert_snapshot!(problem(dna().residual(Chain::new().convolution(4, 3))), @"`output inside layer 0 (residual)` has shape (n, 4, 48), expected the shape of what it is added to, (n, 4, 50)");
    insta::assert_snapshot!(problem(dna().then(Residual::new(Chain::new().convolution(4, 4)).cropped())), @"`output inside layer 0 (residual, cropped)` has shape (n, 4, 47), expected a length that can be cut out of the middle of (n, 4, 50)");
    insta::assert_snapshot!(problem(dna().then(Residual::new(Chain::new()).shortcut(Chain::new().dense(1)))), @"`input of layer 0.shortcut.0 (dense 1)` has shape (n, 4, 50), expected (n, features), made by `flatten()` or a global pool");
    insta::assert_snapshot!(problem(dna().then(Branches::add())), @"`branches` is 0, expected at least 1 chain");
    let uneven = Branches::concatenate()
        .with(Chain::new().convolution(2, 3))
        .with(Chain::new().convolution(2, 5));
    insta::assert_snapshot!(problem(dna().then(uneven)), @"`output inside layer 0 (branches, concatenated)` has shape (n, 2, 46), expected (n, channels, 48) (or `flatten()` in every branch) from branch 1, as from those before");
    let mixed = Branches::add()
        .with(Chain::new().flatten())
        .with(Chain::new().flatten().dense(3));
    insta::assert_snapshot!(problem(dna().then(mixed)), @"`output inside layer 0 (branches, added)` has shape (n, 3), expected (n, 200) from branch 1, as from those before");
    let inner = Branches::add()
        .with(Chain::new())
        .with(Chain::new().convolution(0, 3));
    insta::assert_snapshot!(problem(dna().residual(Chain::new().then(inner))), @"`filters` is 0, expected at least 1");
    insta::assert_snapshot!(problem(Architecture::features(3).then(BothStrands::max(Chain::new()))), @"`input of layer 0 (both strands, maximum)` has shape (n, 3), expected (n, channels, length)");
    let deep = |length| {
        dna()
            .length(length)
            .convolution(8, 5)
            .max_pool(4)
            .residual(Chain::new().then(same(8, 3)))
            .convolution(2, 3)
            .max_pool(2)
    };
    insta::assert_snapshot!(problem(deep(15)), @"`input of layer 3 (convolution 2 x 3)` has shape (n, 8, 2), expected (n, 8, length) with length at least 3; the network reads sequences from length 20");
    assert!(deep(20).build().is_ok() && deep(19).build().is_err());
    let any = Architecture::sequences(4)
        .convolution(8, 5)
        .max_pool(4)
        .convolution(2, 3)
        .max_pool(2)
        .build()
        .unwrap();
    insta::assert_snapshot!(predict(&any, &noise((2, 4, 11), 1)).unwrap_err(), @"`input of layer 2 (convolution 2 x 3)` has shape (n, 8, 1), expected (n, 8, length) with length at least 3; the network reads sequences from length 20");
    assert!(predict(&any, &noise((2, 4, 20), 1)).is_ok());
    insta::assert_snapshot!(any.activations(&noise((2, 4, 30), 1), "9.1").unwrap_err(), @"`layer` is 9.1, expected one of 0, 1, 2, 3");
}

/// Scales every channel by what it learns, and keeps only every second position.
#[derive(Debug)]
struct Halve {
    lie: bool,
}

impl UserLayer for Halve {
    fn name(&self) -> &'static str {
        "halve"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        let Shape::Sequence { channels, length } = input else {
            return Err("(n, channels, length)".into());
        };
        let length = length.map(|length| if self.lie { length } else { length / 2 });
        Ok(Shape::Sequence { channels, length })
    }

    fn parameters(&self, input: Shape) -> Vec<Parameter> {
        let Shape::Sequence { channels, .. } = input else {
            return Vec::new();
        };
        vec![Parameter::new("factor", &[1, channels, 1]).filled(1.5)]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor) -> genolens::Result<Tensor> {
        let half = x.dim(2)? / 2;
        let places = Tensor::arange_step(0_u32, 2 * half as u32, 2, x.device())?;
        Ok(x.contiguous()?
            .index_select(&places, 2)?
            .broadcast_mul(&weights[0])?)
    }

    fn train(&self, weights: &[Tensor], x: &Tensor, _: Seed) -> genolens::Result<Tensor> {
        Ok((self.forward(weights, x)? * 2.0)?)
    }
}

fn halving(lie: bool) -> Network {
    Architecture::sequences(4)
        .convolution(5, 3)
        .then(User::new(Halve { lie }))
        .activation(Activation::Tanh)
        .global_max_pool()
        .dense(1)
        .build()
        .unwrap()
}

#[test]
fn a_layer_of_ones_own_does_what_the_others_do() {
    let network = halving(false);
    let sequences = Sequences::dna(["ACGTTGCATC", "GGGATTACAC"]).unwrap();
    let code = sequences.one_hot().unwrap();
    let before = network.activations(code.values(), 0).unwrap();
    let expected = before
        .slice(s![.., .., ..;2])
        .mapv(|value| value * 1.5)
        .into_dyn();
    near(
        &network.activations(code.values(), "1.halve").unwrap(),
        &expected,
    );
    assert!(network.to_string().contains("halve"));

    let slopes = Saliency::new()
        .absolute(false)
        .run(&network, &sequences)
        .unwrap();
    let moved = |by: f32| {
        let mut x = code.values().clone();
        x[[0, 1, 4]] += by;
        predict(&network, &x).unwrap()[[0, 0]]
    };
    let expected = (moved(5e-3) - moved(-5e-3)) / 1e-2;
    assert!((slopes.scores()[[0, 1, 4]] - expected).abs() < 1e-3);

    let x = noise((30, 4, 12), 9);
    let labels = Array1::from_shape_fn(30, |i| (i % 2) as f32);
    let fitting = Fit::new()
        .loss(Loss::SquaredError)
        .validation(0.0)
        .epochs(1)
        .batch(30);
    let trained = fitting.run(&network, &x, &labels).unwrap();
    assert_ne!(
        trained.network().weight("1.halve.factor").unwrap(),
        network.weight("1.halve.factor").unwrap()
    );
    // The loss of the first step is that of the doubled output.
    let doubled = network
        .with_tensor(
            "1.halve.factor",
            &Tensor::full(3.0_f32, (1, 5, 1), &Device::Cpu).unwrap(),
        )
        .unwrap();
    let scores = predict(&doubled, &x).unwrap();
    let loss = (&scores.column(0) - &labels)
        .mapv(|d| f64::from(d * d))
        .mean()
        .unwrap();
    assert!((trained.history().train_loss()[0] - loss).abs() < 1e-5);

    let path =
        std::env::temp_dir().join(format!("genolens_{}_halve.safetensors", std::process::id()));
    trained.network().save(&path).unwrap();
    let copy = halving(false).with_seed(5).unwrap().load(&path).unwrap();
    std::fs::remove_file(path).unwrap();
    assert_eq!(predict(&copy, &x).unwrap(), predict(&trained, &x).unwrap());
}

#[derive(Debug)]
struct Odd(&'static str, Vec<Parameter>);

impl UserLayer for Odd {
    fn name(&self) -> &'static str {
        self.0
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Features(_) => Ok(input),
            _ => Err("(n, features), as odd layers read".into()),
        }
    }

    fn parameters(&self, _: Shape) -> Vec<Parameter> {
        self.1.clone()
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> genolens::Result<Tensor> {
        Ok(x.narrow(0, 0, 1)?)
    }
}

#[test]
fn a_layer_that_lies_is_found_out() {
    let x = noise((3, 4, 12), 6);
    insta::assert_snapshot!(predict(&halving(true), &x).unwrap_err(), @"`output of layer 1 (halve)` has shape (3, 5, 5), expected (n, 5, 10), as the layer said, with n 3");
    let inside = Chain::new().then(User::new(Odd("odd", Vec::new())));
    let network = Architecture::features(4)
        .dense(4)
        .residual(inside)
        .build()
        .unwrap();
    let x = Array2::<f32>::zeros((3, 4));
    insta::assert_snapshot!(predict(&network, &x).unwrap_err(), @"`output of layer 1.0 (odd)` has shape (1, 4), expected (n, 4), as the layer said, with n 3");
    let problem = |layer: Odd| {
        let network = Architecture::features(4).then(User::new(layer)).build();
        network.unwrap_err().to_string()
    };
    insta::assert_snapshot!(problem(Odd("a.b", Vec::new())), @"`name of a user layer` is `a.b`, expected letters, digits, `_` and `-`");
    let twice = vec![Parameter::new("w", &[2]), Parameter::new("w", &[3])];
    insta::assert_snapshot!(problem(Odd("odd", twice)), @"`parameters of layer 0 (odd)` is `w`, `w`, expected names that differ");
    let wrong = Architecture::sequences(4)
        .then(User::new(Odd("odd", Vec::new())))
        .build();
    insta::assert_snapshot!(wrong.unwrap_err(), @"`input of layer 0 (odd)` has shape (n, 4, any), expected (n, features), as odd layers read");
}

on_every_device!(
    gradients_of_nested_layers_are_slopes,
    everything_inside_learns,
);
