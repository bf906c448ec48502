//! The optimisers, schedules and losses of `PyTorch` 2.15, as `tests/golden/training/steps.py` has run them.

use crate::device::{file, on_every_device, placed};
use crate::golden::table;
use genolens::ndarray::{Array1, Array2, Array3, ArrayD, IxDyn};
use genolens::network::{Activation, Architecture, Network};
use genolens::training::{
    Adadelta, Adam, AdamW, Arrays, Fit, Labels, Loss, RmsProp, Schedule, Sgd,
};

const GOLDEN: &str = include_str!("../../golden/training/steps.tsv");

/// The formula that both sides follow.
fn wave(count: usize, (step, size, start): (f64, f64, f64)) -> Vec<f32> {
    let at = |i: usize| ((start + step * i as f64).sin() * size) as f32;
    (0..count).map(at).collect()
}

fn rows(columns: usize, formula: (f64, f64, f64)) -> Array2<f32> {
    Array2::from_shape_vec((10, columns), wave(10 * columns, formula)).unwrap()
}

/// A network with weights that follow the formula, by way of a file, as there is no other way to set them.
fn network() -> Network {
    let network = Architecture::features(3)
        .dense(4)
        .activation(Activation::Tanh)
        .dense(2);
    let network = network.build().unwrap();
    let names = network.weight_names();
    let arrays: Vec<(Vec<usize>, Vec<u8>)> = names
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let shape = network.weight(name).unwrap().shape().to_vec();
            let values = wave(shape.iter().product(), (0.7, 0.5, i as f64));
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            (shape, bytes.collect())
        })
        .collect();
    let views = names.iter().zip(&arrays).map(|(name, (shape, bytes))| {
        use safetensors::{Dtype, tensor::TensorView};
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap();
        (name.as_str(), view)
    });
    let path = file("steps");
    std::fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
    placed(&network.load(&path).unwrap())
}

fn weights(network: &Network) -> Vec<f32> {
    let names = network.weight_names().into_iter();
    names
        .flat_map(|name| network.weight(&name).unwrap().into_iter())
        .collect()
}

fn assert_close(case: &str, found: &[f64], golden: &[f64], tolerance: f64) {
    assert_eq!(found.len(), golden.len(), "{case}");
    for (at, (found, golden)) in found.iter().zip(golden).enumerate() {
        let off = (found - golden).abs();
        let allowed = tolerance * golden.abs().max(1.0);
        assert!(
            off <= allowed,
            "{case}, number {at}: {found}, expected {golden}"
        );
    }
}

fn golden(case: &str) -> Vec<f64> {
    table(GOLDEN, case).row(0).to_vec()
}

fn cases() -> Vec<(&'static str, Fit)> {
    let sgd = || Fit::new().optimizer(Sgd::new()).learning_rate(0.1);
    let momentum = |sgd: Sgd| Fit::new().optimizer(sgd.momentum(0.9)).learning_rate(0.05);
    let adam = |adam: Adam, rate: f64| Fit::new().optimizer(adam).learning_rate(rate);
    let rms = |rms: RmsProp| Fit::new().optimizer(rms).learning_rate(0.01);
    let decayed = AdamW::new().weight_decay(0.5);
    let both = RmsProp::new().centered(true).momentum(0.5).epsilon(1e-3);
    let basset = RmsProp::new().alpha(0.98);
    let delta = Adadelta::new().rho(0.7).epsilon(1e-3).weight_decay(0.1);
    let cycle = Schedule::one_cycle().rise(0.4).divide(10.0, 100.0);
    let cycled = Fit::new()
        .optimizer(Sgd::new().momentum(0.9))
        .learning_rate(0.1);
    vec![
        ("sgd.plain", sgd()),
        ("sgd.default", Fit::new().optimizer(Sgd::new())),
        ("sgd.momentum", momentum(Sgd::new())),
        ("sgd.dampening", momentum(Sgd::new().dampening(0.3))),
        ("sgd.nesterov", momentum(Sgd::new().nesterov(true))),
        ("sgd.decay", momentum(Sgd::new().weight_decay(0.1))),
        ("adam.default", Fit::new().optimizer(Adam::new())),
        ("adam.rate", adam(Adam::new(), 0.05)),
        ("adam.betas", adam(Adam::new().betas(0.7, 0.95), 0.05)),
        ("adam.epsilon", adam(Adam::new().epsilon(0.1), 0.05)),
        ("adam.decay", adam(Adam::new().weight_decay(0.3), 0.05)),
        ("adam.decay", adam(Adam::new(), 0.05).weight_decay(0.3)),
        ("adam.amsgrad", adam(Adam::new().amsgrad(true), 0.2)),
        ("adamw.default", Fit::new().optimizer(AdamW::new())),
        (
            "adamw.decay",
            Fit::new().optimizer(decayed).learning_rate(0.05),
        ),
        (
            "adamw.amsgrad",
            Fit::new()
                .optimizer(AdamW::new().amsgrad(true))
                .learning_rate(0.2),
        ),
        ("rmsprop.default", Fit::new().optimizer(RmsProp::new())),
        ("rmsprop.basset", rms(basset).learning_rate(0.002)),
        ("rmsprop.momentum", rms(RmsProp::new().momentum(0.9))),
        ("rmsprop.centered", rms(RmsProp::new().centered(true))),
        ("rmsprop.both", rms(both.weight_decay(0.1))),
        ("adadelta.default", Fit::new().optimizer(Adadelta::new())),
        (
            "adadelta.options",
            Fit::new().optimizer(delta).learning_rate(0.5),
        ),
        (
            "limits.spared",
            Fit::new()
                .optimizer(decayed)
                .learning_rate(0.05)
                .spare_biases(true),
        ),
        ("limits.norm", sgd().clip_norm(0.3)),
        ("limits.value", sgd().clip_value(0.05)),
        ("limits.cap", sgd().max_norm(0.8)),
        ("loss.binary", sgd().loss(Loss::BinaryCrossEntropy)),
        (
            "loss.binary_weighted",
            sgd()
                .loss(Loss::BinaryCrossEntropy)
                .class_weights(&[1.0, 2.0, 1.0, 0.5]),
        ),
        ("loss.classes", sgd().loss(Loss::CrossEntropy)),
        (
            "loss.classes_weighted",
            sgd().loss(Loss::CrossEntropy).class_weights(&[0.5, 3.0]),
        ),
        ("loss.examples_weighted", sgd()),
        (
            "one_cycle.adam",
            adam(Adam::new(), 0.1).schedule(Schedule::one_cycle()),
        ),
        ("one_cycle.sgd", cycled.schedule(cycle)),
    ]
}

fn weights_go_where_pytorch_takes_them() {
    let network = network();
    let x = rows(3, (0.9, 1.0, 0.0));
    let numbers = rows(2, (0.31, 2.0, 1.0));
    let binary = numbers.mapv(|number| f32::from(u8::from(number > 0.0)));
    let classes = vec![0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0_f32];
    for (case, fitting) in cases() {
        let (labels, loss): (&dyn Labels, Loss) = match case {
            "loss.binary" | "loss.binary_weighted" => (&binary, Loss::BinaryCrossEntropy),
            "loss.classes" | "loss.classes_weighted" => (&classes, Loss::CrossEntropy),
            _ => (&numbers, Loss::SquaredError),
        };
        let mut arrays = Arrays::new(&x, labels).unwrap();
        if case == "loss.examples_weighted" {
            let each = Array1::from(wave(10, (0.5, 1.0, 0.0))).mapv(f32::abs);
            arrays = arrays.weights(&each).unwrap();
        }
        // One step an epoch; one cycle has to know where it ends.
        let fitting = fitting.loss(loss).validation(0.0).batch(10);
        let path = file("steps_state");
        for steps in [1, 7, 20] {
            let fitting = if case.starts_with("one_cycle") {
                if steps < 20 {
                    continue;
                }
                fitting.clone().epochs(20)
            } else {
                // From where the last one stopped.
                let fitting = fitting.clone().epochs(steps).checkpoint(&path);
                if steps == 1 {
                    fitting
                } else {
                    fitting.resume(&path)
                }
            };
            let trained = fitting.run_from(&network, &arrays).unwrap();
            let found: Vec<f64> = weights(trained.network())
                .into_iter()
                .map(f64::from)
                .collect();
            let name = format!("optimizer.{case}.{steps}");
            assert_close(&name, &found, &golden(&name), 1e-5);
        }
    }
}

#[test]
fn rates_are_those_of_the_schedulers_of_pytorch() {
    let losses = Array1::from(golden("losses"));
    let with = |schedule: Schedule, epochs: usize| schedule.rates(0.2, epochs, 1).to_vec();
    let after = |schedule: Schedule| schedule.rates_after(0.2, &losses).to_vec();
    let wide = Schedule::one_cycle().rise(0.5).divide(5.0, 7.0);
    let plateau = Schedule::plateau().factor(0.5).patience(1).cooldown(2);
    let plateau = plateau.threshold(0.05).lowest(0.03);
    let warm = Schedule::cosine().warm_up(4).warm_up_from(0.1);
    for (case, rates) in [
        ("step", with(Schedule::step(3, 0.5), 12)),
        ("cosine", with(Schedule::cosine(), 12)),
        ("cosine.lowest", with(Schedule::cosine().lowest(0.03), 12)),
        ("cosine.period", with(Schedule::cosine().period(5), 12)),
        ("warm_up", with(Schedule::constant().warm_up(5), 12)),
        ("warm_up.cosine", with(warm, 12)),
        ("one_cycle", with(Schedule::one_cycle(), 12)),
        ("one_cycle.options", with(wide, 30)),
        ("plateau", after(Schedule::plateau().patience(2))),
        ("plateau.options", after(plateau)),
    ] {
        let name = format!("rates.{case}");
        assert_close(&name, &rates, &golden(&name), 1e-8);
    }
    // Epochs of four steps keep their rate, unless steps are counted.
    let by_epoch = Schedule::step(1, 0.5).rates(0.2, 2, 4);
    assert_eq!(by_epoch.to_vec(), [[0.2; 4], [0.1; 4]].concat());
    let by_step = Schedule::step(1, 0.5).by_step().rates(0.2, 1, 4);
    assert_eq!(by_step.to_vec(), [0.2, 0.1, 0.05, 0.025]);
}

#[test]
fn losses_and_slopes_are_those_of_pytorch() {
    let table = |formula| Array2::from_shape_vec((4, 3), wave(12, formula)).unwrap();
    let scores = table((1.3, 3.0, 0.2));
    let soft = table((0.8, 0.5, 0.1)).mapv(|v| v + 0.5);
    let sums = soft.sum_axis(genolens::ndarray::Axis(1));
    let shares = &soft / &sums.insert_axis(genolens::ndarray::Axis(1));
    let hard = soft.mapv(|v| f32::from(u8::from(v > 0.5)));
    let numbers = table((0.4, 4.0, 0.5));
    let counts = numbers.mapv(|v| (v.abs() * 2.0).floor());
    let rates = scores.mapv(|v| v.abs() + 0.1);
    let classes = vec![2.0_f32, 0.0, 1.0, 1.0];
    let profile = |strands: usize| {
        let counts = wave(30, (0.45, 6.0, 0.3)).into_iter();
        let counts = counts.map(|v| v.abs().floor()).collect();
        Array3::from_shape_vec((3, strands, 10 / strands), counts).unwrap()
    };
    let heads = |totals: usize| {
        let width = 10 + totals;
        Array2::from_shape_vec((3, width), wave(3 * width, (1.1, 2.0, 0.0))).unwrap()
    };
    let equal = Loss::Multinomial {
        profile: 1.0,
        counts: 1.0,
    };
    let unequal = Loss::Multinomial {
        profile: 0.7,
        counts: 3.0,
    };
    let large = &scores * 100.0;
    let (one, two) = (heads(1), heads(2));
    let (joined, apart) = (profile(1), profile(2));
    let cases: Vec<(&str, Loss, &Array2<f32>, &dyn Labels)> = vec![
        ("binary", Loss::BinaryCrossEntropy, &scores, &soft),
        ("binary_large", Loss::BinaryCrossEntropy, &large, &hard),
        ("classes", Loss::CrossEntropy, &scores, &classes),
        ("classes_large", Loss::CrossEntropy, &large, &classes),
        ("shares", Loss::CrossEntropy, &scores, &shares),
        ("squared", Loss::SquaredError, &scores, &numbers),
        ("poisson", Loss::Poisson, &scores, &counts),
        ("poisson_rate", Loss::PoissonRate, &rates, &counts),
        ("multinomial.1", equal, &one, &joined),
        ("multinomial.2", unequal, &two, &apart),
    ];
    for (case, loss, scores, labels) in cases {
        let name = format!("loss.{case}.value");
        let value = loss.value(scores, labels).unwrap();
        assert_close(&name, &[value], &golden(&name), 1e-6);
        let name = format!("loss.{case}.gradient");
        let gradient: ArrayD<f32> = loss.gradient(scores, labels).unwrap();
        assert_eq!(gradient.shape(), scores.shape());
        let gradient: Vec<f64> = gradient.iter().map(|&slope| f64::from(slope)).collect();
        assert_close(&name, &gradient, &golden(&name), 1e-6);
    }
    let empty = ArrayD::<f32>::zeros(IxDyn(&[0, 3]));
    insta::assert_snapshot!(Loss::Poisson.value(&empty, &empty).unwrap_err(), @"`labels` has shape (0, 3), expected (0, ...), one row per example of the scores, at least 1");
    insta::assert_snapshot!(Loss::Poisson.value(&scores, &numbers).unwrap_err(), @"`labels` is -0.63098276 at position 7, expected counts, at least 0");
}

on_every_device!(weights_go_where_pytorch_takes_them,);
