//! What `DeepLIFT` promises: nothing is lost, in any layer.

use super::drawn_network::drawn_network;
use crate::device::here;
use genolens::attribution::{DeepLift, References, Rule, deep_lift};
use genolens::candle_core::{Device, Tensor};
use genolens::ndarray::{Array2, Array3, Axis, array};
use genolens::network::{
    Activation, Architecture, Branches, Chain, Model, Network, Pool, Pooling, Shape, User,
    UserLayer, predict,
};
use genolens::sequence::Sequences;

const LENGTH: usize = 26;

fn sequences() -> Sequences {
    Sequences::dna(["ACGTTGCATCGGATTACAGATTNCCA", "TTTTTCCCCCAAAAAGGGGGACGTAC"]).unwrap()
}

fn references() -> References {
    let mut state = 5_u32;
    let values = Array3::from_shape_simple_fn((3, 4, LENGTH), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 16_777_216.0
    });
    References::given(values)
}

/// Checks that what is left unexplained is nothing but rounding.
fn nothing_is_lost(network: &Network, method: &DeepLift, what: &str) {
    for (double, tolerance) in [(false, 1e-5), (true, 1e-10)] {
        let method = method.clone().double(double);
        let found = method.run(network, &sequences()).unwrap();
        let outputs = predict(network, &sequences()).unwrap();
        let size = outputs.iter().fold(1e-2_f32, |a, b| b.abs().max(a));
        let rest = found.unexplained().unwrap();
        let lost = rest.iter().fold(0.0_f64, |a, b| a.max(b.abs())) / f64::from(size);
        if rest.iter().any(|rest| rest.is_nan()) || lost > tolerance {
            let losses = method.completeness(network, &sequences()).unwrap();
            panic!("{what}, double {double}: {lost:e}\n{losses}\n{network}");
        }
    }
}

#[test]
fn nothing_is_lost_in_any_layer() {
    for seed in 0..60 {
        let network = drawn_network(seed, LENGTH);
        for rule in [Rule::Rescale, Rule::RevealCancel, Rule::Genomics] {
            let method = DeepLift::new().target(1).rule(rule);
            let method = method.references(references());
            nothing_is_lost(&network, &method, &format!("seed {seed}, {rule:?}"));
        }
    }
}

#[test]
fn all_references_are_explained() {
    let network = drawn_network(3, LENGTH);
    for references in [
        References::zeros(),
        References::uniform(),
        References::composition(),
        References::dinucleotide_shuffles(7),
    ] {
        let method = DeepLift::new().references(references).batch(3);
        nothing_is_lost(&network, &method, "references");
    }
    // Neither batches nor other sequences nor threads change anything.
    let x = sequences();
    let all = deep_lift(&network, &x).unwrap();
    let one = deep_lift(&network, &x.select(&[1]).unwrap()).unwrap();
    assert_eq!(all.get(1).unwrap().scores(), one.scores());
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let alone = pool.install(|| deep_lift(&network, &x)).unwrap();
    assert_eq!(all.scores(), alone.scores());
    let batches = DeepLift::new().batch(7).run(&network, &x).unwrap();
    let apart = batches.scores() - all.scores();
    assert!(apart.iter().all(|apart| apart.abs() < 1e-5));
}

#[test]
fn hypothetical_scores_are_those_of_the_letters_that_are_there() {
    let (network, x) = (drawn_network(5, LENGTH), sequences());
    let method = DeepLift::new().references(references());
    let hypothetical = method.clone().hypothetical(true).run(&network, &x).unwrap();
    let found = method.run(&network, &x).unwrap();
    let code = x.one_hot().unwrap();
    let expected = hypothetical.scores() * code.values();
    for (found, expected) in found.scores().iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-6);
    }
    assert_eq!(found.unexplained().unwrap().len(), 2);
    // The multipliers say the same.
    let multipliers = method.multipliers(&network, &x).unwrap();
    assert_eq!(multipliers.values().dim(), (2, 3, 4, LENGTH));
    let products = multipliers.values() * multipliers.references();
    let others = products.sum_axis(Axis(2)).insert_axis(Axis(2));
    let found = (multipliers.values() - &others).mean_axis(Axis(1)).unwrap();
    for (found, expected) in found.iter().zip(hypothetical.scores()) {
        assert!((found - expected).abs() < 1e-6);
    }
}

/// Two numbers as a sequence of one position, and the weights of dense layers with a rectifier between them.
fn by_hand(
    layers: &[(Array2<f32>, Vec<f32>)],
    rule: Rule,
) -> impl Fn([f32; 2], [f32; 2]) -> Vec<f32> {
    let mut architecture = Architecture::sequences(2).length(1).flatten();
    for (index, (weight, _)) in layers.iter().enumerate() {
        if index > 0 {
            architecture = architecture.relu();
        }
        architecture = architecture.dense(weight.nrows());
    }
    let mut network = architecture.build().unwrap();
    for (index, (weight, bias)) in layers.iter().enumerate() {
        let name = |kind| format!("{}.dense.{kind}", 1 + 2 * index);
        let values: Vec<f32> = weight.iter().copied().collect();
        let weight = Tensor::from_vec(values, weight.dim(), &Device::Cpu).unwrap();
        network = network.with_tensor(&name("weight"), &weight).unwrap();
        let bias = Tensor::new(bias.as_slice(), &Device::Cpu).unwrap();
        network = network.with_tensor(&name("bias"), &bias).unwrap();
    }
    move |x: [f32; 2], reference: [f32; 2]| {
        // Letters of an alphabet of two would do; numbers are what the multipliers are told of.
        let given = |x: [f32; 2]| Array3::from_shape_vec((1, 2, 1), x.to_vec()).unwrap();
        let method = DeepLift::new()
            .rule(rule)
            .references(References::given(given(reference)));
        let code = Numbers(given(x));
        let found = method.multipliers(&network, &code).unwrap();
        found.values().iter().copied().collect()
    }
}

/// Numbers that are no letters.
struct Numbers(Array3<f32>);

impl genolens::Input for Numbers {
    fn array(
        &self,
    ) -> genolens::Result<genolens::ndarray::CowArray<'_, f32, genolens::ndarray::IxDyn>> {
        Ok(self.0.view().into_dyn().into())
    }
}

impl genolens::sequence::Explainable for Numbers {
    fn sequences(&self) -> genolens::Result<Sequences> {
        Sequences::dna(["A"])
    }
}

fn near(found: [f32; 2], expected: [f32; 2]) {
    let apart = (found[0] - expected[0]).abs() + (found[1] - expected[1]).abs();
    assert!(apart < 1e-5, "{found:?} {expected:?}");
}

#[test]
fn small_networks_are_as_computed_by_hand() {
    // 2 relu(a) + 2 relu(b - 1.5) at (1, 2) from (0, 0).
    let two = [
        (array![[1.0, 0.0], [0.0, 1.0]], vec![0.0, -1.5]),
        (array![[2.0, 2.0]], vec![0.0]),
    ];
    for rule in [Rule::Rescale, Rule::RevealCancel] {
        let found = by_hand(&two, rule)([1.0, 2.0], [0.0, 0.0]);
        near([found[0], found[1] * 2.0], [2.0, 1.0]);
    }
    // min(a, b) = a - relu(a - b): one number gets all by rescaling, and each half by revealed cancellation.
    let least = [
        (array![[1.0, 0.0], [1.0, -1.0]], vec![0.0, 0.0]),
        (array![[1.0, -1.0]], vec![0.0]),
    ];
    let found = by_hand(&least, Rule::RevealCancel)([3.0, 2.0], [0.0, 0.0]);
    near([found[0] * 3.0, found[1] * 2.0], [1.0, 1.0]);
    let found = by_hand(&least, Rule::Rescale)([3.0, 2.0], [0.0, 0.0]);
    near([found[0] * 3.0, found[1] * 2.0], [0.0, 2.0]);
    // relu(a - b) with both above the reference: what raises counts as if it came first and as if it came last.
    let sum = [(array![[1.0, -1.0]], vec![1.0]), (array![[1.0]], vec![0.0])];
    let found = by_hand(&sum, Rule::RevealCancel)([4.0, 6.0], [0.0, 0.0]);
    // First: relu(5) - relu(1) = 4, relu(-5) - relu(1) = -1; last: 0 - relu(-5) = 0, 0 - relu(5) = -5.
    near([found[0] * 4.0, found[1] * 6.0], [2.0, -3.0]);
}

#[test]
fn an_overlapping_pool_loses_nothing() {
    // The published example in which tangermeme lost a third before it was mended.
    let network = Architecture::sequences(1)
        .length(8)
        .then(Pool::local(Pooling::Max, 4).stride(2))
        .flatten()
        .dense(1);
    let network = network.build().unwrap();
    let ones = Tensor::ones((1, 3), genolens::candle_core::DType::F32, &Device::Cpu).unwrap();
    let network = network.with_tensor("2.dense.weight", &ones).unwrap();
    let x = [0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    let x = Numbers(Array3::from_shape_vec((1, 1, 8), x.to_vec()).unwrap());
    let reference = Array3::from_elem((1, 1, 8), 0.25);
    let method = DeepLift::new().references(References::given(reference));
    let found = method.multipliers(&network, &x).unwrap();
    let sum: f32 = (&x.0 - 0.25)
        .iter()
        .zip(found.values())
        .map(|(a, b)| a * b)
        .sum();
    assert!((sum - (9.0 + 9.0 + 1.0 - 0.75)).abs() < 1e-5, "{sum}");
}

#[test]
fn layers_at_once_say_what_they_say_one_by_one() {
    let networks = |apart: bool| -> Vec<Network> {
        // Dropout does nothing here, but stands between what would be one operation.
        let stop = |architecture: Architecture| {
            if apart {
                architecture.dropout(0.2)
            } else {
                architecture
            }
        };
        let begin = || Architecture::sequences(4).length(LENGTH).seed(4);
        let wide = || stop(begin().convolution(9, 5)).relu();
        let whole = stop(wide()).global_max_pool();
        let pooled = stop(wide()).then(Pool::local(Pooling::Max, 4).stride(3));
        let normalised = stop(stop(begin().convolution(9, 5)).batch_norm()).relu();
        let normalised = stop(normalised).then(Pool::local(Pooling::Max, 3).stride(1).padding(1));
        [whole, pooled.flatten(), normalised.flatten()]
            .map(|architecture| architecture.dense(2).build().unwrap())
            .to_vec()
    };
    for references in [
        references(),
        References::dinucleotide_shuffles(5),
        References::zeros(),
    ] {
        let method = DeepLift::new().references(references);
        for (one, other) in networks(false).iter().zip(&networks(true)) {
            let found = method.multipliers(one, &sequences()).unwrap();
            let expected = method.multipliers(other, &sequences()).unwrap();
            let size = expected
                .values()
                .iter()
                .fold(0.0_f32, |a, b| a.max(b.abs()));
            for (found, expected) in found.values().iter().zip(expected.values()) {
                assert!(
                    (found - expected).abs() < 1e-4 * size,
                    "{found} {expected}\n{one}"
                );
            }
        }
    }
}

#[test]
fn what_every_layer_loses_is_told() {
    let network = drawn_network(7, LENGTH);
    let method = DeepLift::new().references(references());
    let losses = method.completeness(&network, &sequences()).unwrap();
    assert_eq!(losses.pairs(), 6);
    assert_eq!(losses.len(), network.summary().rows().len() - 1);
    assert!(losses.relative() < 1e-5, "{losses}");
    let table = losses.table().unwrap();
    assert_eq!(table.height(), losses.len());
    // A layer of a user's own with a wrong rule is found, by its name.
    let network = own(Squares { is_right: false });
    let losses = method.completeness(&network, &sequences()).unwrap();
    let (number, layer, loss) = losses.worst().unwrap();
    assert_eq!((number.as_str(), layer.as_str()), ("1.0.1", "squares"));
    assert!(loss > 0.01 && losses.relative() > 0.01, "{losses}");
    let others = losses.table().unwrap();
    let others = others
        .column("largest_loss")
        .unwrap()
        .f64()
        .unwrap()
        .to_vec();
    assert_eq!(
        others.iter().filter(|loss| loss.unwrap() > 1e-4).count(),
        1,
        "{losses}"
    );
    let found = method.run(&network, &sequences()).unwrap();
    assert!(
        found
            .unexplained()
            .unwrap()
            .iter()
            .any(|rest| rest.abs() > 0.01)
    );
}

/// A layer of a user's own with a rule.
#[derive(Debug)]
struct Squares {
    is_right: bool,
}

impl UserLayer for Squares {
    fn name(&self) -> &'static str {
        "squares"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> genolens::Result<Tensor> {
        Ok(x.sqr()?)
    }

    fn multipliers(
        &self,
        _: &[Tensor],
        (examples, references): (&Tensor, &Tensor),
        multipliers: &Tensor,
    ) -> genolens::Result<Option<Tensor>> {
        let sum = if self.is_right {
            (examples + references)?
        } else {
            (examples * 2.0)?
        };
        Ok(Some((sum * multipliers)?))
    }
}

/// A layer that tells nothing about rules, or that it is linear.
#[derive(Debug)]
struct Doubled {
    tells: bool,
}

impl UserLayer for Doubled {
    fn name(&self) -> &'static str {
        "doubled"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> genolens::Result<Tensor> {
        Ok((x * 2.0)?)
    }

    fn is_linear(&self) -> bool {
        self.tells
    }
}

fn own(layer: impl UserLayer + 'static) -> Network {
    let inside = Chain::new().convolution(3, 4).then(User::new(layer));
    Architecture::sequences(4)
        .length(LENGTH)
        .convolution(4, 3)
        .then(Branches::concatenate().with(inside))
        .relu()
        .global_max_pool()
        .dense(1)
        .build()
        .unwrap()
}

#[test]
fn layers_of_a_users_own_need_a_rule() {
    let method = DeepLift::new().references(references());
    for network in [
        own(Squares { is_right: true }),
        own(Doubled { tells: true }),
    ] {
        let found = method.run(&network, &sequences()).unwrap();
        assert!(
            found
                .unexplained()
                .unwrap()
                .iter()
                .all(|rest| rest.abs() < 1e-5)
        );
    }
    let refused = method.run(&own(Doubled { tells: false }), &sequences());
    insta::assert_snapshot!(refused.unwrap_err(), @"`layer 1.0.1 (doubled)` is one without, expected one with a rule: `UserLayer::is_linear` or `UserLayer::multipliers` tell it");
}

pub(super) struct Other;

impl Model for Other {
    fn forward(&self, x: &Tensor) -> genolens::Result<Tensor> {
        Ok(x.sum((1, 2))?.unsqueeze(1)?)
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

#[test]
fn careless_calls_are_refused_by_name() {
    let network = Architecture::sequences(4)
        .length(LENGTH)
        .flatten()
        .dense(2)
        .activation(Activation::Tanh)
        .build()
        .unwrap();
    let x = sequences();
    let method = DeepLift::new();
    let short = Sequences::dna(["ACG"]).unwrap();
    let wide = References::given(Array3::zeros((2, 4, LENGTH + 1)));
    let none = References::given(Array3::zeros((0, 4, LENGTH)));
    let refused = [
        method.run(&Other, &x),
        method.clone().target(2).run(&network, &x),
        method.clone().batch(0).run(&network, &x),
        method.run(&network, &short),
        method.clone().references(wide).run(&network, &x),
        method.clone().references(none).run(&network, &x),
        method.run(&network, &Sequences::dna(Vec::<&str>::new()).unwrap()),
    ];
    let said: Vec<String> = refused
        .into_iter()
        .map(|it| it.unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    `model` is another model, expected a network of the library, since layers are looked at
    `target` is 2, expected below 2, the number of outputs
    `batch` is 0, expected at least 1
    `x` has shape (21, 4, 3), expected (n, 4, 26)
    `references` has shape (2, 4, 27), expected (references, 4, 26) with 1 to 1000 references
    `references` has shape (0, 4, 26), expected (references, 4, 26) with 1 to 1000 references
    `sequences` is empty, expected one sequence or more
    ");
    assert!(here().is_cpu() || method.run(&network, &x).is_ok());
}
