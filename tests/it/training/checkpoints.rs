//! A training that stops and goes on is the same to the last bit, and a broken file is named.

use crate::device::{self, on_every_device, placed};
use genolens::ndarray::{Array1, Array3};
use genolens::network::{Architecture, Network, predict};
use genolens::training::{Adam, Augment, Fit, Optimizer, RmsProp, Schedule, Split, Trained};
use std::path::{Path, PathBuf};

fn data() -> (Array3<f32>, Array1<f32>) {
    let x = Array3::from_shape_fn((90, 4, 20), |(i, letter, position)| {
        let drawn = (i * 31 + position * 17 + i * position * 7) % 11 % 4;
        let planted = i % 3 == 0 && (5..9).contains(&position);
        f32::from(u8::from(
            letter == if planted { position % 2 } else { drawn },
        ))
    });
    (
        x,
        Array1::from_shape_fn(90, |i| f32::from(u8::from(i % 3 == 0))),
    )
}

/// With everything that has a state or draws at random: batch norm and dropout.
fn network() -> Network {
    let network = Architecture::sequences(4)
        .convolution(5, 7)
        .batch_norm()
        .relu();
    let network = network
        .global_max_pool()
        .dropout(0.3)
        .dense(6)
        .relu()
        .dense(1);
    placed(&network.build().unwrap())
}

fn file(name: &str) -> PathBuf {
    device::file(&format!("checkpoint_{name}"))
}

fn bits(trained: &Trained) -> Vec<u32> {
    let network = trained.network();
    let names = network.weight_names().into_iter();
    names
        .flat_map(|name| network.weight(&name).unwrap().into_iter().map(f32::to_bits))
        .collect()
}

fn ten_epochs_are_five_and_five() {
    let (x, labels) = data();
    let patient = Fit::new().batch(16).patience(20).seed(4);
    let turned = Augment::new().reverse_complement(0.5).shift(3).fill(0.25);
    let plateau = Schedule::plateau().patience(1).factor(0.5);
    let rms = RmsProp::new().momentum(0.9).centered(true);
    for (case, fitting) in [
        ("adam", patient.clone().augment(turned)),
        (
            "amsgrad",
            patient
                .clone()
                .optimizer(Adam::new().amsgrad(true))
                .schedule(plateau),
        ),
        (
            "rms",
            patient.clone().optimizer(rms).clip_norm(1.0).max_norm(2.0),
        ),
        (
            "last",
            patient
                .clone()
                .validation(0.0)
                .schedule(Schedule::cosine().period(4).warm_up(9)),
        ),
    ] {
        let path = file(case);
        let whole = fitting
            .clone()
            .epochs(10)
            .run(&network(), &x, &labels)
            .unwrap();
        let half = fitting.clone().epochs(5).checkpoint(&path);
        let half = half.run(&network(), &x, &labels).unwrap();
        assert_eq!(half.history().len(), 5, "{case}");
        // The file gives the weights, not the network.
        let other = network().with_seed(99).unwrap();
        let rest = fitting.clone().epochs(10).resume(&path);
        let rest = rest.run(&other, &x, &labels).unwrap();
        assert_eq!(bits(&whole), bits(&rest), "{case}");
        let debug = |trained: &Trained| format!("{:?}", trained.history().to_frame().unwrap());
        assert_eq!(debug(&whole), debug(&rest), "{case}");
        assert_eq!(whole.history().len(), 10, "{case}");
        // With nothing left to do, the file is the result.
        let done = fitting
            .epochs(5)
            .resume(&path)
            .run(&other, &x, &labels)
            .unwrap();
        assert_eq!(bits(&half), bits(&done), "{case}");
        std::fs::remove_file(path).unwrap();
    }
}

fn a_resumed_training_loses_patience_when_the_whole_one_does() {
    let (x, labels) = data();
    // Too fast to get better for long.
    let hasty = Fit::new()
        .batch(16)
        .patience(3)
        .learning_rate(0.05)
        .validation(0.3);
    let whole = hasty
        .clone()
        .epochs(200)
        .run(&network(), &x, &labels)
        .unwrap();
    let length = whole.history().len();
    assert!(length < 200);
    let path = file("patience");
    let half = hasty.clone().epochs(length - 1).checkpoint(&path);
    half.run(&network(), &x, &labels).unwrap();
    let rest = hasty.epochs(200).resume(&path).checkpoint(&path);
    let rest = rest.run(&network(), &x, &labels).unwrap();
    assert_eq!((rest.history().len(), bits(&rest)), (length, bits(&whole)));
    let again = Fit::new()
        .batch(16)
        .patience(3)
        .learning_rate(0.05)
        .validation(0.3);
    let again = again
        .epochs(200)
        .resume(&path)
        .run(&network(), &x, &labels)
        .unwrap();
    assert_eq!(
        (again.history().len(), bits(&again)),
        (length, bits(&whole))
    );
    std::fs::remove_file(path).unwrap();
}

#[test]
fn another_training_is_not_gone_on_with() {
    let (x, labels) = data();
    let path = file("other");
    let fitting = Fit::new().epochs(2).checkpoint(&path);
    fitting.run(&network(), &x, &labels).unwrap();
    let problem = |fitting: Fit| {
        let error = fitting
            .resume(&path)
            .run(&network(), &x, &labels)
            .unwrap_err();
        error
            .to_string()
            .replace(&path.display().to_string(), "FILE")
    };
    insta::assert_snapshot!(problem(Fit::new().batch(32)), @"`FILE: batch` is 64, expected that of this training, 32");
    insta::assert_snapshot!(problem(Fit::new().learning_rate(0.5)), @"`FILE: learning_rate` is 0.003, expected that of this training, 0.5");
    insta::assert_snapshot!(problem(Fit::new().seed(3)), @"`FILE: seed` is Seed(0), expected that of this training, Seed(3)");
    let fewer = Fit::new().rows(&(0..80).collect::<Vec<_>>());
    assert!(problem(fewer).starts_with("`FILE: examples` is 90, "));
    // As many rows, but others.
    let split = |first: usize| {
        let train: Vec<usize> = (first..first + 70).collect();
        Fit::new()
            .split(&Split::new(&train, &[88, 89]).unwrap())
            .epochs(2)
    };
    let fitting = split(0).checkpoint(&path);
    fitting.run(&network(), &x, &labels).unwrap();
    assert!(split(0).resume(&path).run(&network(), &x, &labels).is_ok());
    assert!(problem(split(1)).contains("`FILE: examples` is "));
    let wider = Architecture::sequences(4)
        .convolution(6, 7)
        .global_max_pool()
        .dense(1);
    let error = Fit::new()
        .resume(&path)
        .run(&wider.build().unwrap(), &x, &labels);
    assert!(error.unwrap_err().to_string().contains("network` is "));
    std::fs::remove_file(path).unwrap();
}

/// Every broken file must give an error in one line, never a panic or a wrong training.
#[test]
fn broken_files_are_named() {
    let (x, labels) = data();
    let path = file("broken");
    let run = |path: &Path| {
        Fit::new()
            .epochs(3)
            .resume(path)
            .run(&network(), &x, &labels)
    };
    Fit::new()
        .epochs(2)
        .checkpoint(&path)
        .run(&network(), &x, &labels)
        .unwrap();
    let whole = std::fs::read(&path).unwrap();
    assert!(run(&path).is_ok());
    let header = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize;
    let text = String::from_utf8(whole[8..8 + header].to_vec()).unwrap();
    let with = |from: &str, to: &str| {
        let text = text.replacen(from, to, 1);
        assert!(
            text != String::from_utf8_lossy(&whole[8..8 + header]),
            "{from}"
        );
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.bytes());
        bytes.extend(&whole[8 + header..]);
        bytes
    };
    // Numbers of the state: steps, best epoch, its loss, rate and loss of plateaus, bad epochs and those that are not counted.
    let (_, place) = text
        .split_once(r#""state":{"dtype":"F64","shape":[7],"data_offsets":["#)
        .unwrap();
    let place: usize = place.split(',').next().unwrap().parse().unwrap();
    let state = |number: usize, value: f64| {
        let mut bytes = whole.clone();
        let place = 8 + header + place + 8 * number;
        bytes[place..place + 8].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    let mut not_finite = whole.clone();
    let end = not_finite.len();
    // Every number is NaN.
    not_finite[8 + header..end].fill(0xff);
    let cases = [
        ("cut", whole[..whole.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("noise", (0..500_u32).map(|i| (i * 7 % 251) as u8).collect()),
        ("other", with("genolens training 1", "genolens training 9")),
        ("missing", with("\"weight.0\"", "\"waight.0\"")),
        ("memory", with("\"memory.0.1\"", "\"memory.0.9\"")),
        ("state", with("\"state\"", "\"stata\"")),
        ("history", with("\"history\"", "\"histery\"")),
        ("tasks", with("\"tasks\":\"1 1\"", "\"tasks\":\"1 9\"")),
        (
            "huge",
            with("\"tasks\":\"1 1\"", "\"tasks\":\"1 18446744073709551615\""),
        ),
        ("words", with("\"tasks\":\"1 1\"", "\"tasks\":\"one two\"")),
        ("nothing", with("\"tasks\":\"1 1\"", "\"tasks\":\"1 0 1\"")),
        ("nan", not_finite),
        ("steps", state(0, 1e300)),
        ("steps back", state(0, -1.0)),
        ("best", state(1, f64::INFINITY)),
        ("rate", state(3, f64::INFINITY)),
        ("bad", state(5, 1e300)),
        ("cooling", state(6, -1.0)),
    ];
    for (case, bytes) in cases {
        std::fs::write(&path, bytes).unwrap();
        let error = run(&path).unwrap_err().to_string();
        let name = path.display().to_string();
        assert!(
            error.contains(&name) && !error.contains('\n'),
            "{case}: {error}"
        );
    }
    std::fs::remove_file(&path).unwrap();
    assert!(
        run(&path)
            .unwrap_err()
            .to_string()
            .starts_with("cannot read ")
    );
    let nowhere = Fit::new().epochs(1).checkpoint("/nowhere/at/all");
    let error = nowhere.run(&network(), &x, &labels).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("cannot write /nowhere/at/all"),
        "{error}"
    );
}

fn a_training_goes_on_on_the_cpu() {
    let (x, labels) = data();
    // Without a batch norm: the bias before it means nothing, and follows the rounding.
    let network = Architecture::sequences(4).convolution(5, 7).relu();
    let network = network.global_max_pool().dropout(0.3).dense(6).relu();
    let network = network.dense(1).build().unwrap();
    let rms = RmsProp::new().momentum(0.9).centered(true);
    for (case, optimizer) in [
        ("other_adam", Optimizer::from(Adam::new().amsgrad(true))),
        ("other_rms", rms.into()),
    ] {
        let path = file(case);
        let fitting = Fit::new().batch(16).patience(20).seed(4);
        let fitting = fitting.optimizer(optimizer).clip_norm(1.0).max_norm(2.0);
        let half = fitting.clone().epochs(3).checkpoint(&path);
        half.run(&placed(&network), &x, &labels).unwrap();
        // Threads of a pool compute as a CPU does.
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1);
        let (rest, whole) = pool.build().unwrap().install(|| {
            let fitting = fitting.epochs(6);
            let rest = fitting.clone().resume(&path).run(&network, &x, &labels);
            let whole = fitting.run(&network, &x, &labels);
            (rest.unwrap(), whole.unwrap())
        });
        let scores = |trained: &Trained| predict(trained, &x).unwrap();
        let (rest, whole) = (scores(&rest), scores(&whole));
        let apart = (&rest - &whole).iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        assert!(apart < 1e-3, "{case}: {apart}");
        std::fs::remove_file(path).unwrap();
    }
}

on_every_device!(
    a_training_goes_on_on_the_cpu,
    ten_epochs_are_five_and_five,
    a_resumed_training_loses_patience_when_the_whole_one_does,
);
