//! The numbers of captum 0.9.0 and tangermeme 1.6.0 for a small network, made by `tests/golden/attribution/make.py`.

use crate::device::{on_every_device, placed};
use crate::golden::{assert_near, rows, table};
use genolens::attribution::{
    Attribution, Effect, GradientXInput, IntegratedGradients, Quadrature, References, Saliency,
    SaturationMutagenesis,
};
use genolens::ndarray::{Array2, Axis};
use genolens::network::{Architecture, Convolution, Network, Padding, predict};
use genolens::sequence::Sequences;
use std::path::Path;

const GOLDEN: &str = include_str!("../../golden/attribution/scores.tsv");

/// Of the largest number: theirs are in double precision, ours in single.
const TOLERANCE: f64 = 1e-5;

pub(super) fn network() -> Network {
    let weights = "tests/golden/attribution/weights.safetensors";
    let network = Architecture::sequences(4)
        .length(24)
        .then(Convolution::new(6, 5).padding(Padding::Same))
        .relu()
        .max_pool(4)
        .flatten()
        .dense(5)
        .relu()
        .dense(2)
        .build()
        .unwrap()
        .load(Path::new(env!("CARGO_MANIFEST_DIR")).join(weights))
        .unwrap();
    placed(&network)
}

pub(super) fn sequences() -> Sequences {
    let texts: Vec<&str> = rows(GOLDEN, "sequence").iter().map(|row| row[0]).collect();
    Sequences::dna(texts).unwrap()
}

fn assert_golden(found: &Attribution, name: &str) {
    let rows = found.scores().mapv(f64::from);
    let rows = rows.into_shape_with_order((12, 24)).unwrap();
    assert_near(&rows, &table(GOLDEN, name), TOLERANCE);
}

fn outputs_are_those_of_pytorch() {
    let found: Array2<f64> = predict(&network(), &sequences()).unwrap().mapv(f64::from);
    assert_near(&found, &table(GOLDEN, "output"), TOLERANCE);
}

fn gradients_are_those_of_captum() {
    let (model, x) = (network(), sequences());
    let options = Saliency::new().target(1);
    assert_golden(&options.run(&model, &x).unwrap(), "saliency");
    let signed = options.absolute(false).run(&model, &x).unwrap();
    assert_golden(&signed, "gradient");
    let product = GradientXInput::new().target(1).run(&model, &x).unwrap();
    assert_golden(&product, "input_x_gradient");
}

fn integrated_gradients_are_those_of_captum() {
    let (model, x) = (network(), sequences());
    let from_zeros = IntegratedGradients::new().target(1).steps(9);
    for (rule, name) in [
        (Quadrature::GaussLegendre, "gausslegendre"),
        (Quadrature::Left, "riemann_left"),
        (Quadrature::Right, "riemann_right"),
        (Quadrature::Middle, "riemann_middle"),
        (Quadrature::Trapezoid, "trapezoid"),
    ] {
        let found = from_zeros.clone().quadrature(rule).batch(4).run(&model, &x);
        assert_golden(&found.unwrap(), name);
    }
    let texts = rows(GOLDEN, "reference");
    let texts = Sequences::dna(texts.iter().map(|row| row[0])).unwrap();
    let references = References::given(texts.one_hot().unwrap().values().clone());
    let options = from_zeros.steps(20).references(references);
    let found = options.run(&model, &x).unwrap();
    assert_golden(&found, "several");
    // captum says by how much the scores exceed the output.
    let unexplained = found.unexplained().unwrap().clone().insert_axis(Axis(1));
    assert_near(&-unexplained, &table(GOLDEN, "delta"), 1e-3);
}

fn mutagenesis_is_that_of_tangermeme() {
    let (model, x) = (network(), sequences());
    let run = |effect| {
        let options = SaturationMutagenesis::new().target(1).effect(effect);
        options.run(&model, &x).unwrap()
    };
    assert_golden(&run(Effect::Projected), "projected");
    assert_golden(&run(Effect::Hypothetical), "hypothetical");
    // Their raw outputs are ours before the output of the whole sequence is taken off.
    let before = table(GOLDEN, "output");
    let mut replaced = table(GOLDEN, "replaced");
    for (row, mut outputs) in replaced.rows_mut().into_iter().enumerate() {
        outputs -= before[[row / 4, 1]];
    }
    let found = run(Effect::Difference).scores().mapv(f64::from);
    let found = found.into_shape_with_order((12, 24)).unwrap();
    assert_near(&found, &replaced, TOLERANCE);
}

on_every_device!(
    outputs_are_those_of_pytorch,
    gradients_are_those_of_captum,
    integrated_gradients_are_those_of_captum,
    mutagenesis_is_that_of_tangermeme,
);
