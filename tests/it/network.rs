//! Tests of the room `network`.

use crate::data;
use crate::device::{here, on_every_device};
use genolens::candle_core::{Device, Tensor, Var};
use genolens::ndarray::{Array1, Array2, Array3, Ix3, s};
use genolens::network::{
    Activation, Architecture, BatchNorm, Convolution, Model, Network, Padding, Pool, Pooling,
    Predict, PublishedDeepBind, deepbind, predict, probabilities, to_array, to_tensor,
};
use proptest::prelude::*;
use std::io::Read;
use std::path::PathBuf;

/// One-hot code of a text; letters other than ACGTU stay empty.
fn code(texts: &[&str]) -> Array3<f32> {
    let length = texts[0].len();
    let mut x = Array3::zeros((texts.len(), 4, length));
    for (i, text) in texts.iter().enumerate() {
        for (position, letter) in text.bytes().enumerate() {
            let letter = match letter {
                b'A' => 0,
                b'C' => 1,
                b'G' => 2,
                b'T' | b'U' => 3,
                _ => continue,
            };
            x[[i, letter, position]] = 1.0;
        }
    }
    x
}

/// Numbers that look random.
fn noise(shape: (usize, usize, usize), seed: u32) -> Array3<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    Array3::from_shape_simple_fn(shape, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    })
}

fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("genolens_{}_{name}", std::process::id()))
}

/// What the layer should compute, written down as directly as can be.
fn slow_convolution(
    x: &Array3<f32>,
    kernel: &Array3<f32>,
    (stride, dilation, left, right): (usize, usize, usize, usize),
) -> Array3<f32> {
    let (n, channels, length) = x.dim();
    let (filters, _, width) = kernel.dim();
    let positions = (length + left + right - dilation * (width - 1) - 1) / stride + 1;
    Array3::from_shape_fn((n, filters, positions), |(i, filter, position)| {
        let mut sum = 0.0_f64;
        for channel in 0..channels {
            for tap in 0..width {
                let at = (position * stride + tap * dilation) as isize - left as isize;
                if (0..length as isize).contains(&at) {
                    let weight = kernel[[filter, channel, tap]];
                    sum += f64::from(x[[i, channel, at as usize]]) * f64::from(weight);
                }
            }
        }
        sum as f32
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn convolution_equals_its_definition_in_both_directions(
        (n, channels, length) in (1_usize..5, 1_usize..5, 1_usize..30),
        (filters, width) in (1_usize..5, 1_usize..8),
        (stride, dilation, zeros) in (1_usize..4, 1_usize..4, 0_usize..9),
        seed in any::<u32>(),
    ) {
        let reach = dilation * (width - 1);
        prop_assume!(length + 2 * zeros > reach);
        let layer = Convolution::new(filters, width)
            .padding(Padding::Zeros(zeros))
            .stride(stride)
            .dilation(dilation);
        let network = Architecture::sequences(channels).then(layer).build().unwrap();
        let kernel = network.filters().unwrap();
        let x = noise((n, channels, length), seed);
        let expected = slow_convolution(&x, &kernel, (stride, dilation, zeros, zeros));

        let x = Var::from_tensor(&to_tensor(&x, &Device::Cpu).unwrap()).unwrap();
        let out = network.activations(&to_array(&x).unwrap(), 0).unwrap();
        let out = out.into_dimensionality::<Ix3>().unwrap();
        prop_assert_eq!(out.dim(), expected.dim());
        prop_assert!((&out - &expected).iter().all(|d| d.abs() < 1e-5));

        // The gradient of the input: every product above, the other way round.
        let weights = noise(expected.dim(), seed ^ 1);
        let factors = to_tensor(&weights, &Device::Cpu).unwrap();
        let out = network.forward(&x).unwrap().reshape(factors.shape()).unwrap();
        let gradient = (out * factors).unwrap().sum_all().unwrap().backward().unwrap();
        let gradient = to_array(gradient.get(&x).unwrap()).unwrap();
        let mut by_hand = Array3::<f32>::zeros((n, channels, length));
        for ((i, filter, position), weight) in weights.indexed_iter() {
            for channel in 0..channels {
                for tap in 0..width {
                    let at = (position * stride + tap * dilation) as isize - zeros as isize;
                    if (0..length as isize).contains(&at) {
                        by_hand[[i, channel, at as usize]] += weight * kernel[[filter, channel, tap]];
                    }
                }
            }
        }
        prop_assert!((gradient - by_hand).iter().all(|d| d.abs() < 1e-4));
    }

    #[test]
    fn slopes_are_the_derivatives(x in -6.0_f32..6.0) {
        prop_assume!(x.abs() > 0.01);
        for activation in [
            Activation::Relu, Activation::LeakyRelu(0.1), Activation::Elu(1.5), Activation::Gelu,
            Activation::Silu, Activation::Sigmoid, Activation::Tanh, Activation::Softplus,
        ] {
            let step = 1e-2;
            let rise = activation.value(x + step) - activation.value(x - step);
            prop_assert!((rise / (2.0 * step) - activation.slope(x)).abs() < 1e-3, "{activation} at {x}");
        }
    }

    #[test]
    fn overlapping_max_pools_add_up_their_gradients(
        values in proptest::collection::vec(0_u8..4, 6..20), width in 1_usize..5, stride in 1_usize..5,
    ) {
        prop_assume!(values.len() >= width);
        let x: Vec<f32> = values.iter().map(|&value| f32::from(value)).collect();
        let length = x.len();
        let mut expected = vec![0.0; length];
        for start in (0..=length - width).step_by(stride) {
            let window = &x[start..start + width];
            let best = window.iter().copied().fold(f32::MIN, f32::max);
            expected[start + window.iter().position(|&value| value == best).unwrap()] += 1.0;
        }
        let network = Architecture::sequences(1)
            .length(length)
            .then(Pool::local(Pooling::Max, width).stride(stride))
            .flatten()
            .build()
            .unwrap();
        let x = Var::from_vec(x, (1, 1, length), &Device::Cpu).unwrap();
        let gradient = network.forward(&x).unwrap().sum_all().unwrap().backward().unwrap();
        let gradient = gradient.get(&x).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        prop_assert_eq!(gradient, expected);
    }
}

#[test]
fn activations_at_known_points() {
    // From scipy: x * norm.cdf(x) and log1p(exp(x)).
    assert!((Activation::Gelu.value(1.0) - 0.841_344_7).abs() < 1e-6);
    assert!((Activation::Gelu.value(-2.0) + 0.045_500_26).abs() < 1e-6);
    assert!((Activation::Softplus.value(1.0) - 1.313_261_7).abs() < 1e-6);
    assert_eq!(Activation::Softplus.value(200.0), 200.0);
    assert_eq!(Activation::Sigmoid.value(-200.0), 0.0);
    assert_eq!(Activation::Relu.slope(0.0), 0.0);
}

#[test]
fn a_layer_table_can_be_read() {
    let network = Architecture::sequences(4)
        .length(101)
        .then(Convolution::new(16, 24).padding(Padding::Same))
        .batch_norm()
        .relu()
        .max_pool(4)
        .dropout(0.25)
        .flatten()
        .dense(2)
        .build()
        .unwrap();
    insta::assert_snapshot!(network.to_string(), @r"
        layer                      output        parameters
        input                      (n, 4, 101)            0
     0  convolution 16 x 24, same  (n, 16, 101)        1552
     1  batch norm                 (n, 16, 101)          32
     2  ReLU                       (n, 16, 101)           0
     3  max pool 4                 (n, 16, 25)            0
     4  dropout 0.25               (n, 16, 25)            0
     5  flatten                    (n, 400)               0
     6  dense 2                    (n, 2)               802
        sum                                            2386
    ");
    assert_eq!(format!("{network:?}"), "Network(7 layers, 2386 parameters)");
}

#[test]
fn layers_that_do_not_fit_are_named() {
    let problem = |architecture: Architecture| architecture.build().unwrap_err().to_string();
    insta::assert_snapshot!(problem(Architecture::sequences(4).convolution(8, 5).dense(1)),
        @"`input of layer 1 (dense 1)` has shape (n, 8, any), expected (n, features), made by `flatten()` or a global pool");
    insta::assert_snapshot!(problem(Architecture::sequences(4).length(3).convolution(8, 5)),
        @"`input of layer 0 (convolution 8 x 5)` has shape (n, 4, 3), expected (n, 4, length) with length at least 5");
    insta::assert_snapshot!(problem(Architecture::sequences(4).convolution(8, 5).flatten()),
        @"`input of layer 1 (flatten)` has shape (n, 8, any), expected (n, 8, length) with a known length, set by `length(..)` or a global pool before");
    insta::assert_snapshot!(problem(Architecture::sequences(4).convolution(0, 5)), @"`filters` is 0, expected at least 1");
    insta::assert_snapshot!(problem(Architecture::features(4).dropout(1.0)), @"`rate` is 1, expected 0 to below 1");
    insta::assert_snapshot!(problem(Architecture::features(0).dense(1)), @"`channels` is 0, expected at least 1");
    let x = Array3::<f32>::zeros((2, 3, 50));
    insta::assert_snapshot!(predict(&deepbind(4), &x).unwrap_err(), @"`x` has shape (2, 3, 50), expected (n, 4, any)");
    let none = Array3::<f32>::zeros((0, 4, 50));
    insta::assert_snapshot!(predict(&deepbind(4), &none).unwrap_err(), @"`x` has shape (0, 4, 50), expected (n, ...) with n at least 1");
}

#[test]
fn deepbind_reads_any_length() {
    for length in [1, 2, 23, 24, 101] {
        let x = noise((3, 4, length), 5);
        let out = predict(&deepbind(3), &x).unwrap();
        assert!(out.iter().all(|value| value.is_finite()));
    }
}

#[test]
fn predictions_do_not_depend_on_batches_or_threads() {
    let x = noise((37, 4, 60), 3);
    let network = deepbind(6);
    let whole = predict(&network, &x).unwrap();
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    for batch in [1, 5, 36, 100] {
        let run = || Predict::new().batch(batch).run(&network, &x).unwrap();
        let scores = run();
        assert_eq!(one.install(run), scores);
        // A product of other sizes adds up in another order.
        assert!((scores - &whole).iter().all(|d| d.abs() < 1e-5));
    }
    let odds = probabilities(&network, &x).unwrap();
    let expected = whole.mapv(|score| 1.0 / (1.0 + (-score).exp()));
    assert!((odds - expected).iter().all(|d| d.abs() < 1e-6));
    assert!(Predict::new().batch(0).run(&network, &x).is_err());
}

#[test]
fn seeds_decide_the_weights() {
    let filters = |seed: u64| deepbind(4).with_seed(seed).unwrap().filters().unwrap();
    assert_eq!(filters(3), filters(3));
    assert_ne!(filters(3), filters(4));
    // He's bound for 96 inputs, and nearly reached.
    let bound = (6.0_f32 / 96.0).sqrt();
    let largest = deepbind(64)
        .filters()
        .unwrap()
        .iter()
        .fold(0.0_f32, |a, b| a.max(b.abs()));
    assert!(largest <= bound && largest > 0.99 * bound);
}

#[test]
fn activations_lead_to_the_output() {
    let network = deepbind(5).with_seed(2).unwrap();
    let x = noise((4, 4, 40), 8);
    let hidden = network.penultimate(&x).unwrap();
    assert_eq!(
        hidden,
        network
            .activations(&x, 5)
            .unwrap()
            .into_dimensionality()
            .unwrap()
    );
    let weight = network.weight("6.dense.weight").unwrap();
    let weight: Array2<f32> = weight.into_dimensionality().unwrap();
    let by_hand = hidden.dot(&weight.t());
    assert!(
        (by_hand - predict(&network, &x).unwrap())
            .iter()
            .all(|d| d.abs() < 1e-5)
    );
    insta::assert_snapshot!(network.activations(&x, 7).unwrap_err(), @"`layer` is 7, expected below 7, the number of layers");
    insta::assert_snapshot!(network.weight("kernel").unwrap_err(), @"`name` is kernel, expected one of 0.convolution.kernel, 0.convolution.bias, 4.dense.weight, 4.dense.bias, 6.dense.weight, 6.dense.bias");
}

#[test]
fn weights_survive_a_file() {
    let path = temporary("weights.safetensors");
    let network = Architecture::sequences(4)
        .convolution(3, 5)
        .then(BatchNorm::new())
        .relu()
        .global_average_pool()
        .dense(2)
        .seed(9)
        .build()
        .unwrap();
    network.save(&path).unwrap();
    let copy = network.with_seed(1).unwrap().load(&path).unwrap();
    let x = noise((3, 4, 30), 1);
    assert_eq!(predict(&copy, &x).unwrap(), predict(&network, &x).unwrap());
    std::fs::remove_file(path).unwrap();
}

#[test]
fn damaged_weights_are_named() {
    let path = temporary("damaged.safetensors");
    let place = path.display().to_string();
    let problem = |network: &Network| {
        let message = network.load(&path).unwrap_err().to_string();
        message.replace(&place, "FILE")
    };
    let small = Architecture::features(2).dense(1).build().unwrap();
    small.save(&path).unwrap();
    let wide = Architecture::features(3).dense(1).build().unwrap();
    insta::assert_snapshot!(problem(&wide), @"`FILE: tensor 0.dense.weight` has shape (1, 2), expected (1, 3)");
    let deep = Architecture::features(2).dense(1).dense(1).build().unwrap();
    insta::assert_snapshot!(problem(&deep), @"`FILE: tensor 1.dense.weight` is missing, expected there, shape (1, 1)");
    deep.save(&path).unwrap();
    insta::assert_snapshot!(problem(&small), @"`FILE: tensor 1.dense.bias` is unknown, expected one for 0.dense.weight, 0.dense.bias");

    let bytes = std::fs::read(&path).unwrap();
    for cut in 0..bytes.len() {
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let message = problem(&deep);
        assert!(message.starts_with("`FILE` is "), "{message}");
        assert_eq!(message.lines().count(), 1);
    }
    std::fs::write(&path, b"this is not a safetensors file").unwrap();
    assert!(problem(&deep).contains("expected safetensors, a state dict"));
    std::fs::remove_file(&path).unwrap();
    assert!(problem(&deep).starts_with("cannot read FILE"));
}

fn published(name: &str) -> Option<PublishedDeepBind> {
    let path = data::file(&format!("deepbind/{name}.txt"))?;
    let model = PublishedDeepBind::open(path).unwrap();
    Some(model.to_device(&here()).unwrap())
}

/// The manual of deepbind 0.11: four sequences by four models.
fn published_models_give_their_published_scores() {
    let sequences = [
        "AGGUAAUAAUUUGCAUGAAAUAACUUGGAGAGGAUAGC",
        "AGACAGAGCUUCCAUCAGCGCUAGCAGCAGAGACCAUU",
        "GAGGTTACGCGGCAAGATAA",
        "TACCACTAGGGGGCGCCACC",
    ];
    let table = [
        (
            "D00210.001.RBFOX1",
            [7.451_420, -0.155_398, -0.140_683, -0.174_985],
        ),
        (
            "D00120.001.MBNL1",
            [-0.166_146, 4.113_817, 0.181_295, -0.152_521],
        ),
        (
            "D00410.003.GATA3",
            [-0.408_751, 0.516_956, 5.885_349, -0.379_695],
        ),
        (
            "D00328.003.CTCF",
            [-0.026_180, -0.248_167, -0.026_180, 17.682_623],
        ),
    ];
    for (name, scores) in table {
        let Some(model) = published(name) else { return };
        for (sequence, expected) in sequences.iter().zip(scores) {
            let score = predict(&model, &code(&[sequence])).unwrap()[[0, 0]];
            assert!(
                (f64::from(score) - expected).abs() < 1e-5,
                "{name} {sequence}: {score}"
            );
        }
    }
}

/// Sequences and labels of the tab-separated peak format.
fn peaks(path: &PathBuf) -> (Array3<f32>, Vec<bool>) {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .unwrap();
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    let sequences: Vec<&str> = rows.iter().map(|row| row[2]).collect();
    (
        code(&sequences),
        rows.iter().map(|row| row[3].trim() == "1").collect(),
    )
}

/// The share of pairs in which the positive scores higher; a tie counts one half.
fn pairs_in_order(scores: &Array1<f32>, labels: &[bool]) -> f64 {
    let of = |wanted: bool| {
        scores
            .iter()
            .zip(labels)
            .filter(move |(_, label)| **label == wanted)
    };
    let mut sum = 0.0;
    for (positive, _) in of(true) {
        for (negative, _) in of(false) {
            sum += match positive.partial_cmp(negative).unwrap() {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    sum / (of(true).count() * of(false).count()) as f64
}

/// Numbers of a scorer in C on held-out ENCODE peaks: AUROC, first positive and first negative score.
#[test]
fn published_models_tell_real_peaks_from_shuffles() {
    let table = [
        ("D00736.002.ARID3A", 0.873_964, [1.546_988, -2.579_035]),
        ("D00753.001.CTCFL", 0.986_396, [3.038_780, -4.305_584]),
        ("D00761.001.FOXA1", 0.979_016, [5.290_991, -2.043_846]),
        ("D00409.004.GABPA", 0.976_072, [3.303_750, -0.244_937]),
        ("D00650.007.SP1", 0.887_700, [0.301_489, -2.482_351]),
        ("D00714.004.ZBTB7A", 0.864_728, [1.163_804, -1.918_740]),
    ];
    for (name, expected, first) in table {
        let Some(model) = published(name) else { return };
        let factor = name.rsplit('.').next().unwrap();
        let Some(path) = data::file(&format!("encode/{factor}_B.seq.gz")) else {
            return;
        };
        let (x, labels) = peaks(&path);
        let scores = predict(&model, &x).unwrap().column(0).to_owned();
        let area = pairs_in_order(&scores, &labels);
        assert!((area - expected).abs() < 1e-4, "{name}: {area}");
        for (label, expected) in [true, false].into_iter().zip(first) {
            let at = labels.iter().position(|&other| other == label).unwrap();
            assert!(
                (f64::from(scores[at]) - expected).abs() < 1e-5,
                "{name}: {}",
                scores[at]
            );
        }
    }
}

fn published_models_look_at_both_strands_and_have_gradients() {
    let Some(model) = published("D00328.003.CTCF") else {
        return;
    };
    assert!(model.is_both_strands());
    let x = code(&["TACCACTAGGGGGCGCCACCNNACGTACCGATTTACGGACTTTACGAAC"]);
    let other = x.slice(s![.., ..;-1, ..;-1]).to_owned();
    let score = predict(&model, &x).unwrap()[[0, 0]];
    assert!((score - predict(&model, &other).unwrap()[[0, 0]]).abs() < 1e-5);
    // The gradient predicts a small change, away from an all-zero column, which is read as an unknown letter and so is a jump.
    let x = code(&["TACCACTAGGGGGCGCCACCGTACGTACCGATTTACGGACTTTACGAAC"]);
    let score = predict(&model, &x).unwrap()[[0, 0]];
    let gradient = |x: &Array3<f32>| {
        let x = Var::from_tensor(&to_tensor(x, &here()).unwrap()).unwrap();
        let out: Tensor = model.forward(&x).unwrap().sum_all().unwrap();
        let gradient = out.backward().unwrap();
        to_array(gradient.get(&x).unwrap())
            .unwrap()
            .into_dimensionality::<Ix3>()
            .unwrap()
    };
    let slope = gradient(&x);
    let step = &slope * 1e-5;
    let moved = predict(&model, &(&x + &step)).unwrap()[[0, 0]];
    let expected = (&slope * &step).sum();
    assert!(
        (moved - score - expected).abs() < 0.05 * expected,
        "{moved} {score} {expected}"
    );
}

#[test]
fn damaged_parameter_files_are_named() {
    let Some(path) = data::file("deepbind/D00409.004.GABPA.txt") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let broken = temporary("broken.txt");
    let problem = |text: &str| {
        std::fs::write(&broken, text).unwrap();
        let message = PublishedDeepBind::open(&broken).unwrap_err().to_string();
        message.replace(&broken.display().to_string(), "FILE")
    };
    insta::assert_snapshot!(problem(""), @"FILE, line 1: expected `# deepbind 0.1`, got ``");
    insta::assert_snapshot!(problem(">seq\nACGT"), @"FILE, line 1: expected `# deepbind 0.1`, got `>seq`");
    insta::assert_snapshot!(problem(&text.replace("num_detectors = 16", "num_detectors = 17")), @"FILE, line 7: expected 1632 numbers for `detectors`, got 1536");
    insta::assert_snapshot!(problem(&text.replace("detector_len = 24", "detector_len = -1")), @"FILE, line 4: expected `detector_len` from 1 to 4096, got `-1`");
    insta::assert_snapshot!(problem(&text.replace("thresholds", "threshold")), @"FILE, line 12: expected key `thresholds`, got the end of the file");
    insta::assert_snapshot!(problem(&text.replace("biases1 = -1.88", "biases1 = x1.88")), @"FILE, line 10: expected finite numbers for `biases1`, got `x1.886332750e+00`");
    for cut in (0..text.len()).step_by(997) {
        assert_eq!(problem(&text[..cut]).lines().count(), 1);
    }
    std::fs::remove_file(broken).unwrap();
}

on_every_device!(
    published_models_give_their_published_scores,
    published_models_look_at_both_strands_and_have_gradients,
);
