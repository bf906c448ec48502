//! Dropout while training and at prediction.

use super::case::{flat, tensor};
use crate::device::{here, on_every_device, placed};
use genolens::candle_core::{DType, Device, Tensor, Var};
use genolens::ndarray::Array2;
use genolens::network::{
    Architecture, BatchNorm, MonteCarlo, Network, Predict, deepbind, predict, predict_with_dropout,
};

fn silent(rate: f64) -> Network {
    placed(&Architecture::features(500).dropout(rate).build().unwrap())
}

fn a_share_is_silenced_and_the_rest_is_louder() {
    let x = Tensor::ones((40, 500), DType::F32, &here()).unwrap();
    let x = Var::from_tensor(&x).unwrap();
    for rate in [0.0, 0.2, 0.5, 0.9] {
        let network = silent(rate);
        let (out, _) = network.forward_training(&x, 3).unwrap();
        let values = flat(&out);
        let louder = 1.0 / (1.0 - rate);
        assert!(
            values
                .iter()
                .all(|&value| value == 0.0 || (value - louder).abs() < 1e-6)
        );
        let share = values.iter().filter(|&&value| value == 0.0).count() as f64 / 20_000.0;
        // Five standard deviations of a share of 20,000.
        assert!(
            (share - rate).abs() <= 5.0 * (rate * (1.0 - rate) / 20_000.0).sqrt(),
            "{share}"
        );
        // The input was one: what comes back is what went through.
        let gradient = out.sum_all().unwrap().backward().unwrap();
        assert_eq!(flat(gradient.get(&x).unwrap()), values);
        let (again, _) = network.forward_training(&x, 3).unwrap();
        assert_eq!(flat(&again), values);
        let (other, _) = network.forward_training(&x, 4).unwrap();
        assert_eq!(flat(&other) == values, rate == 0.0);
        // Two examples are not silenced alike.
        assert_eq!(values[..500] == values[500..1000], rate == 0.0);
        let still = predict(&network, &Array2::<f32>::ones((2, 500))).unwrap();
        assert!(still.iter().all(|&value| value == 1.0));
    }
}

fn predictions_with_dropout_spread_as_they_should() {
    let network = Architecture::features(6)
        .dropout(0.25)
        .dense(2)
        .build()
        .unwrap();
    let network = placed(&network);
    let weight = [
        0.5, -1.0, 2.0, 0.25, 1.0, -0.5, 1.0, 1.0, 0.0, 0.0, 0.5, 3.0,
    ];
    let weight = tensor(weight.to_vec(), &[2, 6], DType::F32);
    let network = network.with_tensor("1.dense.weight", &weight).unwrap();
    let x = Array2::from_shape_fn((7, 6), |(i, j)| (i + 1) as f32 * 0.5 - j as f32 * 0.25);
    let still = predict(&network, &x).unwrap();
    let samples = 4000;
    let found = MonteCarlo::new()
        .samples(samples)
        .seed(5)
        .run(&network, &x)
        .unwrap();
    assert_eq!((found.mean().dim(), found.spread().dim()), ((7, 2), (7, 2)));
    assert_eq!(found.samples(), samples);
    let weight = Array2::from_shape_vec((2, 6), flat(&weight)).unwrap();
    for ((example, output), &still) in still.indexed_iter() {
        let parts = x.row(example).to_owned().mapv(f64::from) * weight.row(output);
        let spread = (parts.mapv(|part| part * part).sum() * 0.25 / 0.75).sqrt();
        let mean = f64::from(found.mean()[[example, output]]);
        assert!((mean - f64::from(still)).abs() <= 5.0 * spread / (samples as f64).sqrt());
        let share = f64::from(found.spread()[[example, output]]) / spread;
        assert!((share - 1.0).abs() < 0.1, "{share}");
    }
}

#[test]
fn predictions_with_dropout_do_not_depend_on_batches_or_threads() {
    let network = Architecture::features(6)
        .then(BatchNorm::new())
        .dropout(0.5)
        .dense(2)
        .build()
        .unwrap();
    let x = Array2::from_shape_fn((23, 6), |(i, j)| ((i * 7 + j * 3) % 11) as f32 - 5.0);
    let run = |batch: usize| {
        Predict::new()
            .batch(batch)
            .dropout(1)
            .samples(8)
            .run(&network, &x)
            .unwrap()
    };
    let whole = run(64);
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(one.install(|| run(64)), whole);
    for batch in [1, 5, 22] {
        // A product of other sizes adds up in another order.
        let apart = run(batch).mean() - whole.mean();
        assert!(apart.iter().all(|apart| apart.abs() < 1e-5));
    }
    assert_ne!(
        MonteCarlo::new()
            .seed(2)
            .samples(8)
            .run(&network, &x)
            .unwrap(),
        whole
    );
    insta::assert_snapshot!(format!("{whole:?}"), @"Uncertain(23 examples, 2 outputs)");
    assert!(
        whole
            .to_string()
            .starts_with("23 examples, 2 outputs, 8 predictions with dropout of each\n")
    );
}

#[test]
fn predictions_with_dropout_need_dropout() {
    let x = Array2::<f32>::ones((3, 6));
    let plain = Architecture::features(6).dense(1).build().unwrap();
    insta::assert_snapshot!(predict_with_dropout(&plain, &x).unwrap_err(), @"`network` is one without, expected one with dropout");
    let network = Architecture::features(6).dropout(0.5).build().unwrap();
    insta::assert_snapshot!(MonteCarlo::new().samples(1).run(&network, &x).unwrap_err(), @"`samples` is 1, expected at least 2");
    insta::assert_snapshot!(MonteCarlo::new().batch(0).run(&network, &x).unwrap_err(), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(predict_with_dropout(&deepbind(2), &x).unwrap_err(), @"`x` has shape (3, 6), expected (n, 4, any)");
}

fn the_noise_is_that_of_the_cpu() {
    let values: Vec<f64> = (0..2000).map(|i| f64::from(i) - 700.0).collect();
    let on_cpu = Tensor::from_vec(values.clone(), (40, 50), &Device::Cpu).unwrap();
    let architecture = Architecture::features(50).dropout(0.3);
    for dtype in [DType::F32, DType::F64] {
        let network = architecture.build().unwrap().to_dtype(dtype).unwrap();
        let x = tensor(values.clone(), &[40, 50], dtype);
        let found = placed(&network).forward_training(&x, 7).unwrap().0;
        // A pool has threads of its own, which compute as a CPU does.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
        let expected = pool.build().unwrap().install(|| {
            let x = on_cpu.to_dtype(dtype).unwrap();
            network.forward_training(&x, 7).unwrap().0
        });
        assert_eq!(flat(&found), flat(&expected));
    }
}

on_every_device!(
    the_noise_is_that_of_the_cpu,
    a_share_is_silenced_and_the_rest_is_louder,
    predictions_with_dropout_spread_as_they_should,
);
