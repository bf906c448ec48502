//! How counts vary around a model, against `tests/golden/causal/count_noise.py`, and what that changes.

use super::without_confounding::{MEMBERS, effects, scale, truth};
use crate::golden::table;
use genolens::calibration::Forecast;
use genolens::causal::{CountNoise, DeepMr, MutationEffects};
use genolens::ndarray::{Array1, Array2, s};

const GOLDEN: &str = include_str!("../../golden/causal/count_noise.tsv");

fn forecast(mean: &Array2<f32>) -> Forecast {
    Forecast::new(mean, &Array2::<f32>::ones(mean.dim())).unwrap()
}

/// The golden rows of a name without the number of the output, shape `(n, outputs)`.
fn golden(name: &str) -> Array2<f64> {
    table(GOLDEN, name).slice(s![.., 1..]).t().to_owned()
}

fn learned() -> CountNoise {
    let single = |name: &str| golden(name).mapv(|value| value as f32);
    let forecast = Forecast::new(&single("predicted"), &single("spread")).unwrap();
    CountNoise::fit(&forecast, &single("measured")).unwrap()
}

#[test]
fn variances_as_of_scipy() {
    let (noise, parts) = (learned(), golden("parts"));
    assert_eq!(noise.outputs(), 3);
    for (output, parts) in parts.columns().into_iter().enumerate() {
        for m in [6.5_f64, 8.0, 12.0, 20.0] {
            let variance = parts[0] + parts[1] / (m * m) + parts[2] * m * m;
            let found = noise.variance(output, m).unwrap();
            assert!(
                (found / variance - 1.0).abs() < 1e-5,
                "{output} {m}: {found} {variance}"
            );
            let count = (m * m + variance) / 4.0 - 0.375;
            assert!((noise.mean_count(output, m).unwrap() / count - 1.0).abs() < 1e-5);
        }
    }
    // Planted: 25 counts in half of the regions.
    let added = noise.added();
    assert_eq!(added[0], 0.0);
    assert!((added[1] - 12.5).abs() < 1.0, "{added}");
}

/// Mean counts of what a model says where half of the regions have 25 more, and none of it is in the sequence.
#[test]
fn mean_counts_hold_what_is_hidden() {
    let noise = learned();
    for own in [1.0, 3.0, 10.0, 30.0, 100.0] {
        let both = f64::midpoint(scale(own), scale(own + 25.0));
        let found = noise.mean_count(1, both).unwrap();
        // Roots of Poisson counts are lower, too, by a quarter of a count wherever there are some.
        assert!((found - own - 12.75).abs() < 0.3, "{own}: {found}");
    }
    // The square of a mean root alone misses a third of what is hidden where nothing else is.
    let bare = 0.25 * f64::midpoint(scale(1.0), scale(26.0)).powi(2) - 0.375;
    assert!(bare < 13.5 - 3.5, "{bare}");
    // No mean root is below that of the hidden counts alone: counts do not fall again.
    let counts: Vec<f64> = (0..120)
        .map(|at| noise.mean_count(1, 0.1 * f64::from(at)).unwrap())
        .collect();
    assert!(
        counts.windows(2).all(|pair| pair[0] <= pair[1]),
        "{counts:?}"
    );
    assert!(counts[0] > 11.0, "{counts:?}");
}

/// What half of the regions have makes the mean of roots bend; effects are too low until it is known.
#[test]
fn effects_on_counts_know_what_is_hidden() {
    // The model says the mean over regions with 25 more and regions without.
    let (with, without) = (effects(25.0), effects(0.0));
    let values = (with.values() + without.values()) * 0.5;
    let levels = (with.levels().unwrap() + without.levels().unwrap()) * 0.5;
    let mixed = MutationEffects::new(with.sequences(), &values).unwrap();
    let mixed = mixed.with_levels(&levels).unwrap();
    let counts: Vec<f64> = (0..200).map(|at| f64::from(at) * 5.0).collect();
    let column = |of: &dyn Fn(f64, usize) -> f64| {
        Array2::from_shape_fn((400, 2), |(row, _)| of(counts[row / 2], row % 2) as f32)
    };
    let mean = column(&|count, _| f64::midpoint(scale(count + 1.0), scale(count + 26.0)));
    let seen = column(&|count, hidden| scale(count + 1.0 + 25.0 * hidden as f64));
    let noise = CountNoise::fit(&forecast(&mean), &seen).unwrap();
    assert!((noise.added() - 12.5).iter().all(|off| off.abs() < 0.01));
    let run = |effects: &MutationEffects| {
        let method = DeepMr::new().without_confounding(1.0);
        let found = method.run(effects, 0, 1).unwrap();
        // The end at which nothing but the motif adds counts.
        (found.value() + found.unidentified()) / truth() - 1.0
    };
    let (bare, known) = (run(&mixed), run(&mixed.with_noise(&noise).unwrap()));
    assert!(bare < -0.005, "{bare}");
    assert!(known.abs() < 0.003, "{known}");
    assert_eq!(
        mixed
            .with_noise(&noise)
            .unwrap()
            .select(&[0, 2])
            .unwrap()
            .members(),
        MEMBERS
    );
}

#[test]
fn careless_noise_is_refused() {
    let mean = Array2::from_elem((40, 2), 5.0_f32);
    let fit = |mean: &Array2<f32>, seen: &Array2<f32>| CountNoise::fit(&forecast(mean), seen);
    let of = |value: f32| {
        let mut seen = mean.clone();
        seen[[3, 1]] = value;
        fit(&mean, &seen).unwrap_err()
    };
    let (few, three) = (
        Array2::from_elem((29, 2), 5.0),
        Array2::from_elem((40, 3), 5.0),
    );
    let noise = fit(&three, &three).unwrap();
    assert_eq!(noise.added(), Array1::<f64>::zeros(3));
    let refused = [
        fit(&few, &few).unwrap_err(),
        fit(&mean, &three).unwrap_err(),
        of(f32::NAN),
        of(0.5),
        noise.variance(3, 5.0).unwrap_err(),
        noise.mean_count(0, f64::NAN).unwrap_err(),
        effects(0.0).with_noise(&noise).unwrap_err(),
    ];
    insta::assert_snapshot!(refused.map(|error| error.to_string()).join("\n"), @r"
    `truth` has shape (29, 2), expected (n, outputs), n at least 30
    `truth` has shape (40, 3), expected (40, 2) as the forecasts
    `truth` is NaN in row 3, expected finite
    `truth` is 0.5, expected on Anscombe's scale, at least 1.2247 as of no count
    `output` is 3, expected below 3
    `prediction` is NaN, expected finite
    `noise` is that of 3, expected that of 2 outputs, as the effects
    ");
}
