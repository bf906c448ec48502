//! The same weights in scvi-tools: forward pass, loss and its parts.

use super::plain::{labelled, named};
use crate::golden::{assert_named, table};
use genolens::generative::{LatentModel, Vae};
use genolens::ndarray::{Array2, Axis, concatenate};
use genolens::network;
use genolens::training::{Likelihood, Loss, Mean, Reconstruction};
use std::path::Path;

/// Within 1e-5 of the largest number, which single precision allows; chosen before the first run.
fn compare(stem: &str, text: &str, (model, loss): (Vae, Reconstruction)) {
    let golden = |name: &str| table(text, name);
    let counts = golden("counts").mapv(|count| count as f32);
    let n = counts.nrows();
    let cells = labelled(&named(counts.clone()), "batch", |cell| ["0", "1"][cell % 2]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("tests/golden/generative/{stem}.safetensors"));
    let model = model.dimensions(3).hidden(&[8]).batches("batch");
    let model = model.load(path, &cells).unwrap();
    let wide = |values: &Array2<f32>| values.mapv(f64::from);
    let mean = model.encode(&cells).unwrap();
    assert_named("mean", &wide(mean.coordinates()), (&golden("mean"), 1e-5));
    let variance = model.latent_variance(&cells).unwrap();
    assert_named("variance", &wide(&variance), (&golden("variance"), 1e-5));
    let rate = model.reconstructed(&cells).unwrap();
    assert_named(
        "rate",
        &wide(&rate.values().dense()),
        (&golden("rate"), 1e-5),
    );
    // In evaluation the network places cells at their means, as the script did.
    let one_hot = Array2::from_shape_fn((n, 2), |(cell, batch)| {
        f32::from(u8::from(cell % 2 == batch))
    });
    let x = concatenate(Axis(1), &[counts.mapv(f32::ln_1p).view(), one_hot.view()]).unwrap();
    let out = network::predict(model.network(), &x).unwrap();
    let drawn = (out.shape()[1] - loss.outputs(12)) / 2;
    for beta in [0.0, 1.0] {
        let value = Loss::Reconstruction(loss.latent(drawn, beta))
            .value(&out, &counts)
            .unwrap();
        let expected = golden("reconstruction") + golden("divergence") * beta;
        let expected = expected.mean().unwrap();
        assert!((value / expected - 1.0).abs() < 1e-5, "{value} {expected}");
    }
    let divergence = model
        .evidence(&cells)
        .unwrap()
        .divergence_by_cell()
        .to_vec();
    let divergence = Array2::from_shape_vec((n, 1), divergence).unwrap();
    assert_named("divergence", &divergence, (&golden("divergence"), 1e-5));
}

#[test]
fn encoder_decoder_and_loss_are_those_of_scvi_tools() {
    let loss = Reconstruction::new(Likelihood::Zinb).mean(Mean::Shares);
    let text = include_str!("../../golden/generative/scvi_tools.tsv");
    compare("scvi_tools", text, (Vae::scvi(), loss));
}

/// Also where library sizes are learned: their divergence from the prior of the batch is part of the bound.
#[test]
fn learned_library_sizes_are_those_of_scvi_tools() {
    let loss = Reconstruction::new(Likelihood::Zinb).mean(Mean::Rates);
    let text = include_str!("../../golden/generative/scvi_library.tsv");
    let model = Vae::scvi().learned_library(true);
    compare("scvi_library", text, (model, loss));
}
