//! Log-likelihoods against 60 digits (`tests/golden/training/likelihood.py`), their slopes against differences, and no number lost anywhere.

use crate::golden::rows;
use genolens::candle_core::{DType, Device, Tensor, Var};
use genolens::ndarray::{Array2, array};
use genolens::training::{Likelihood, Loss, Mean, Reconstruction};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/training/likelihood.tsv");

/// Of values and slopes in single precision, which itself holds 6e-8.
const TOLERANCE: f64 = 1e-6;

const ALL: [(&str, Likelihood); 5] = [
    ("gaussian", Likelihood::Gaussian),
    ("poisson", Likelihood::Poisson),
    ("negative_binomial", Likelihood::NegativeBinomial),
    ("zinb", Likelihood::Zinb),
    ("categorical", Likelihood::Categorical),
];

/// Returns values and the slopes of their sum, by parameter.
fn both(
    likelihood: Likelihood,
    (x, parameters): (&[f64], &[Vec<f64>]),
    precision: DType,
) -> (Vec<f64>, Vec<Vec<f64>>) {
    let tensor = |values: &[f64]| {
        Tensor::new(values, &Device::Cpu)
            .unwrap()
            .to_dtype(precision)
            .unwrap()
    };
    let doubles = |tensor: &Tensor| -> Vec<f64> {
        let flat = tensor.to_dtype(DType::F64).unwrap();
        flat.flatten_all().unwrap().to_vec1().unwrap()
    };
    let x = tensor(x);
    let variables: Vec<Var> = if likelihood == Likelihood::Categorical {
        let (n, classes) = (x.dims()[0], parameters.len());
        let scores: Vec<f64> = (0..n)
            .flat_map(|row| parameters.iter().map(move |scores| scores[row]))
            .collect();
        let scores = tensor(&scores).reshape((n, classes)).unwrap();
        vec![Var::from_tensor(&scores).unwrap()]
    } else {
        let own = parameters.iter();
        own.map(|values| Var::from_tensor(&tensor(values)).unwrap())
            .collect()
    };
    let given: Vec<Tensor> = variables.iter().map(|v| v.as_tensor().clone()).collect();
    let out = likelihood.log_probability(&x, &given).unwrap();
    let gradients = out.sum_all().unwrap().backward().unwrap();
    let slopes = variables.iter().map(|variable| {
        let found = gradients.get(variable).unwrap();
        assert_eq!(found.dims(), variable.dims());
        doubles(found)
    });
    let mut slopes: Vec<Vec<f64>> = slopes.collect();
    if likelihood == Likelihood::Categorical {
        let classes = parameters.len();
        let flat = slopes.remove(0);
        slopes = (0..classes)
            .map(|class| flat.iter().skip(class).step_by(classes).copied().collect())
            .collect();
    }
    (doubles(&out), slopes)
}

#[test]
fn values_and_slopes_have_all_digits_of_single_precision() {
    let mut compared = 0;
    for (name, likelihood) in ALL {
        let cases: Vec<Vec<f64>> = rows(GOLDEN, name)
            .iter()
            .map(|row| row.iter().map(|cell| cell.parse().unwrap()).collect())
            .collect();
        let count = (cases[0].len() - 2) / 2;
        let column = |at: usize| -> Vec<f64> { cases.iter().map(|case| case[at]).collect() };
        let parameters: Vec<Vec<f64>> = (1..=count).map(column).collect();
        for precision in [DType::F32, DType::F64] {
            let (values, slopes) = both(likelihood, (&column(0), &parameters), precision);
            for (at, case) in cases.iter().enumerate() {
                let near = |found: f64, golden: f64, what: &str| {
                    // What single precision cannot hold is as near as it comes.
                    let golden = golden.clamp(f64::from(f32::MIN), f64::from(f32::MAX));
                    let found = found.clamp(f64::from(f32::MIN), f64::from(f32::MAX));
                    let most = TOLERANCE * golden.abs() + 1e-37;
                    assert!(
                        (found - golden).abs() <= most,
                        "{name} {case:?} {what}: {found}"
                    );
                };
                near(values[at], case[count + 1], "value");
                for parameter in 0..count {
                    near(
                        slopes[parameter][at],
                        case[count + 2 + parameter],
                        &format!("slope {parameter}"),
                    );
                }
                compared += 1;
            }
        }
    }
    assert_eq!(
        compared,
        2 * (5 * 7 * 6 + 3 * 4 * 3 * 5 + 5 * 7 + 4 * 3 * 3 + 9)
    );
}

/// A hundred thousand draws of the worst that may come.
#[test]
fn nothing_is_infinite_or_no_number() {
    let mut state = 9_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    let n = 25_000;
    let mut positive = || match (next() * 8.0) as u32 {
        0 => 0.0,
        1 => f64::from(f32::MIN_POSITIVE),
        2 => f64::from(f32::MAX),
        3 => 1e-45,
        _ => 10_f64.powf(next() * 76.0 - 38.0),
    };
    let means: Vec<f64> = (0..n).map(|_| positive()).collect();
    let thetas: Vec<f64> = (0..n).map(|_| positive()).collect();
    let counts: Vec<f64> = (0..n)
        .map(|_| match (next() * 4.0) as u32 {
            0 | 1 => 0.0,
            2 => (next() * 5.0).floor(),
            _ => 10_f64.powf(next() * 38.0).floor(),
        })
        .collect();
    let any: Vec<f64> = (0..n)
        .map(|_| (next() - 0.5).signum() * 10_f64.powf(next() * 76.0 - 38.0))
        .collect();
    for (likelihood, x, parameters) in [
        (Likelihood::Poisson, &counts, vec![means.clone()]),
        (
            Likelihood::NegativeBinomial,
            &counts,
            vec![means.clone(), thetas.clone()],
        ),
        (
            Likelihood::Zinb,
            &counts,
            vec![means.clone(), thetas.clone(), any.clone()],
        ),
        (
            Likelihood::Gaussian,
            &any,
            vec![means.clone(), thetas.clone()],
        ),
    ] {
        let (values, slopes) = both(likelihood, (x, &parameters), DType::F32);
        assert!(values.iter().all(|value| value.is_finite()), "{likelihood}");
        for slopes in slopes {
            assert!(slopes.iter().all(|slope| slope.is_finite()), "{likelihood}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The loss of a network's scores: every slope is the difference that a small step makes.
    #[test]
    fn slopes_of_losses_are_differences(
        kind in 0_usize..4,
        mean in 0_usize..3,
        scores in prop::collection::vec(-3.0_f64..3.0, 2 * (3 * 4 + 4)),
        counts in prop::collection::vec(0_u32..6, 8),
        latent in 0_usize..3,
    ) {
        let likelihood = ALL[kind].1;
        // The mean of a Gaussian is the score itself.
        let mean = if kind == 0 { 0 } else { mean };
        let mean = [Mean::Rates, Mean::Sized(3.0), Mean::Shares][mean];
        let loss = Reconstruction::new(likelihood).mean(mean).latent(latent, 0.7);
        let outputs = loss.outputs(4);
        let mut scores = Array2::from_shape_vec((2, outputs), scores[..2 * outputs].to_vec()).unwrap();
        // Variances are above zero.
        scores.slice_mut(genolens::ndarray::s![.., outputs - latent..]).mapv_inplace(|score| (score / 3.0).exp());
        let counts = Array2::from_shape_vec((2, 4), counts).unwrap().mapv(|count| count as f32);
        let loss = Loss::Reconstruction(loss);
        let slopes = loss.gradient(&scores.mapv(|v| v as f32), &counts).unwrap();
        for at in 0..2 * outputs {
            let place = (at / outputs, at % outputs);
            let value = |step: f32| {
                let mut moved = scores.mapv(|v| v as f32);
                moved[place] += step;
                (f64::from(moved[place]), loss.value(&moved, &counts).unwrap())
            };
            let ((high, above), (low, below)) = (value(3e-3), value(-3e-3));
            let difference = (above - below) / (high - low);
            let slope = f64::from(slopes[[place.0, place.1]]);
            prop_assert!((slope - difference).abs() < 1e-4 * (1.0 + difference.abs()), "{likelihood} {mean:?} {place:?}: {slope} {difference}");
        }
    }
}

/// Raw scores that run away are a bad network, not a wrong number.
#[test]
fn losses_of_wild_scores_are_finite() {
    let counts = array![[0.0_f32, 1e6, 3.0], [0.0, 0.0, 0.0]];
    for (_, likelihood) in &ALL[..4] {
        for mean in [Mean::Rates, Mean::Sized(100.0), Mean::Shares] {
            if *likelihood == Likelihood::Gaussian && mean != Mean::Rates {
                continue;
            }
            let loss = Reconstruction::new(*likelihood).mean(mean);
            let outputs = loss.outputs(3);
            let loss = Loss::Reconstruction(loss);
            for wild in [-1e30_f32, -200.0, 0.0, 80.0, 1e3] {
                let mut scores = Array2::from_elem((2, outputs), 0.1);
                scores.column_mut(outputs / 2).fill(wild);
                scores.column_mut(0).fill(-wild.clamp(-1e3, 1e3));
                assert!(
                    loss.value(&scores, &counts).unwrap().is_finite(),
                    "{likelihood} {mean:?} {wild}"
                );
                let slopes = loss.gradient(&scores, &counts).unwrap();
                assert!(
                    slopes.iter().all(|slope| slope.is_finite()),
                    "{likelihood} {mean:?} {wild}"
                );
            }
        }
    }
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let tensor = |values: &[f32]| Tensor::new(values, &Device::Cpu).unwrap();
    let two = [tensor(&[1.0, 1.0]), tensor(&[1.0, 1.0])];
    let nb = Likelihood::NegativeBinomial;
    let mut said = Vec::new();
    let mut say = |error: genolens::Error| said.push(error.to_string());
    say(nb.log_probability(&tensor(&[0.0, 1.5]), &two).unwrap_err());
    say(nb.log_probability(&tensor(&[0.0, -1.0]), &two).unwrap_err());
    say(nb
        .log_probability(&tensor(&[0.0, f32::INFINITY]), &two)
        .unwrap_err());
    say(nb
        .log_probability(&tensor(&[0.0, 1.0]), &two[..1])
        .unwrap_err());
    say(nb
        .log_probability(&tensor(&[0.0, 1.0, 2.0]), &two)
        .unwrap_err());
    let bad = [tensor(&[1.0, -2.0]), tensor(&[1.0, 1.0])];
    say(nb.log_probability(&tensor(&[0.0, 1.0]), &bad).unwrap_err());
    let bad = [tensor(&[1.0, 1.0]), tensor(&[f32::NAN, 1.0])];
    say(nb.log_probability(&tensor(&[0.0, 1.0]), &bad).unwrap_err());
    let scores = [Tensor::zeros((2, 3), DType::F32, &Device::Cpu).unwrap()];
    say(Likelihood::Categorical
        .log_probability(&tensor(&[0.0, 3.0]), &scores)
        .unwrap_err());
    let (scores, counts) = (array![[0.0_f32, 0.0]], array![[1.0_f32, 0.5]]);
    let loss = |likelihood| Loss::Reconstruction(Reconstruction::new(likelihood));
    say(loss(Likelihood::Poisson)
        .value(&scores, &counts)
        .unwrap_err());
    say(loss(Likelihood::Zinb).value(&scores, &counts).unwrap_err());
    say(loss(Likelihood::Categorical)
        .value(&scores, &counts)
        .unwrap_err());
    let odd = Reconstruction::new(Likelihood::Poisson);
    let odd_mean = Reconstruction::new(Likelihood::Gaussian).mean(Mean::Shares);
    for odd in [
        odd.mean(Mean::Sized(0.0)),
        odd.latent(1, -1.0),
        odd.warm_up(2.0),
        odd_mean,
    ] {
        say(Loss::Reconstruction(odd)
            .value(&scores, &counts)
            .unwrap_err());
    }
    insta::assert_snapshot!(said.join("\n"), @r"
`x` is 1.5 at position 1, expected whole counts, at least 0
`x` is -1 at position 1, expected whole counts, at least 0
`x` is inf at position 1, expected whole counts, at least 0
`parameters` is 1, expected 2 for negative binomial
`parameters` has shape (2), expected one that broadcasts to [3]
`mean` is -2 at position 1, expected finite, at least 0
`inverse dispersion` is NaN at position 0, expected finite, at least 0
`x` is 3 at position 1, expected class numbers 0 to 2
`labels` is 0.5 at position 1, expected whole counts, at least 0
`output of the network` has shape (1, 2), expected (n, 6) for 2 values, zero-inflated negative binomial
`likelihood` is categorical, expected of numbers; classes have `Loss::CrossEntropy`
`typical total` is 0, expected above 0
`beta` is -1, expected at least 0
`warm_up` is 2, expected a share, 0 to 1
`mean` is Shares, expected `Mean::Rates` beside a Gaussian, whose mean is the score itself
");
}
