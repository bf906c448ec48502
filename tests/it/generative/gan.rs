//! Networks that compete: planted kinds come back, totals stay, and careless calls.

use super::plain::{labelled, named};
use crate::alone::{Stop, is_alone};
use genolens::expression::Cells;
use genolens::generative::{FittedGan, Gan};
use genolens::ndarray::{Array2, Axis};
use genolens::polars::prelude::Column;
use genolens::progress;
use genolens::sparse::Sparse;

/// Two kinds of cells, three of four T: each has three genes of its own and shares two.
pub(super) fn cells(count: usize) -> Cells {
    let values = Array2::from_shape_fn((count, 8), |(cell, gene)| {
        let own = match gene {
            0..3 => cell % 4 != 0,
            3..6 => cell % 4 == 0,
            _ => true,
        };
        let place = (cell * 8 + gene) as f64;
        let wave = (1.3 * place * place).sin() as f32;
        if own { 4.0 + wave } else { 0.0 }
    });
    labelled(&named(values), "type", |cell| {
        ["B", "T", "T", "T"][cell % 4]
    })
}

pub(super) fn small(gan: Gan) -> Gan {
    gan.latent(8)
        .hidden(&[32, 32])
        .batch(32)
        .learning_rate(2e-3)
}

fn means(cells: &Cells) -> Vec<f32> {
    cells.values().dense().mean_axis(Axis(0)).unwrap().to_vec()
}

/// Every gene within 0.8 of its mean in the kind, of 4 where it is expressed.
#[test]
fn cells_of_a_kind_come_when_asked_for() {
    let real = cells(256);
    let gan = small(Gan::wasserstein()).by("type").steps(400);
    let gan = gan.run(&real).unwrap();
    assert_eq!(gan.kinds(), ["B", "T"]);
    for (kind, first) in [("T", true), ("B", false)] {
        let made = gan.sample_of(kind, 200).unwrap();
        for (gene, mean) in means(&made).into_iter().enumerate() {
            let own = gene > 5 || (gene < 3) == first;
            let expected = if own { 4.0 } else { 0.0 };
            assert!((mean - expected).abs() < 0.8, "{kind} {gene}: {mean}");
        }
        assert!(made.obs().labels("type").unwrap().iter().all(|l| l == kind));
    }
    // A sample has the kinds as often as the real cells: three of four.
    let labels = gan.sample(400).unwrap().obs().labels("type").unwrap();
    let share = labels.iter().filter(|label| *label == "T").count() as f64 / 400.0;
    assert!((share - 0.75).abs() < 0.08, "{share}");
    // The first of many are the same as few, to rounding, and another seed gives others.
    let (few, many) = (gan.sample(5).unwrap(), gan.sample(600).unwrap());
    let off = |other: &Cells| {
        let (a, b) = (few.values().dense(), other.values().dense());
        let off = a
            .row(4)
            .into_iter()
            .zip(b.row(4))
            .map(|(a, b)| (a - b).abs());
        off.fold(0.0, f32::max)
    };
    assert!(off(&many) < 1e-4 && off(&gan.with_seed(1).sample(5).unwrap()) > 1e-2);
    // The critic first sees a difference, which then becomes smaller.
    let distance = gan.history().distance().to_vec();
    let largest = distance.iter().copied().fold(0.0, f64::max);
    assert!(distance[399] < 0.5 * largest, "{} {largest}", distance[399]);
}

fn brief(threads: usize, seed: u64) -> (Vec<f32>, Vec<f64>) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(|| {
        let gan = small(Gan::wasserstein()).steps(3).seed(seed);
        let gan = gan.run(&cells(64)).unwrap();
        let made = gan.sample(4).unwrap();
        let made = made.values().dense().iter().copied().collect();
        (made, gan.history().distance().to_vec())
    })
}

#[test]
fn the_same_seed_gives_the_same_cells_for_any_number_of_threads() {
    assert_eq!(brief(1, 0), brief(2, 0));
    assert_ne!(brief(1, 0), brief(1, 1));
}

/// Totals within 1e-4, as single precision allows.
#[test]
fn generated_cells_have_the_total_and_the_logarithm_of_the_real_ones() {
    let counts = cells(64).normalize_total().unwrap();
    let total = counts.values().dense().row(0).sum();
    let brief = |cells: &Cells| small(Gan::wasserstein()).steps(3).run(cells).unwrap();
    let made = brief(&counts).sample(10).unwrap();
    for row in made.values().dense().rows() {
        assert!((row.sum() / total - 1.0).abs() < 1e-4, "{}", row.sum());
    }
    let logs = brief(&counts.log1p().unwrap()).sample(10).unwrap();
    assert_eq!(logs.log_base(), Some(std::f64::consts::E));
    for row in logs.values().dense().rows() {
        let sum = row.iter().map(|value| value.exp_m1()).sum::<f32>();
        assert!((sum / total - 1.0).abs() < 1e-4, "{sum}");
    }
    // Genes can be absent.
    assert!(logs.values().dense().iter().any(|value| *value == 0.0));
    // Where totals differ, or none is asked for, there is none to keep.
    let free = brief(&cells(64))
        .sample(2)
        .unwrap()
        .values()
        .dense()
        .sum_axis(Axis(1));
    assert!((free[0] / free[1] - 1.0).abs() > 1e-4);
}

#[test]
fn sparse_and_dense_cells_teach_the_same() {
    let dense = cells(64);
    let sparse = Sparse::from_dense(&dense.values().dense()).unwrap();
    let sparse = dense.with_values(sparse).unwrap();
    let made = |cells: &Cells| {
        let gan = small(Gan::scgan()).steps(2).run(cells).unwrap();
        gan.sample(3).unwrap().values().dense().into_owned()
    };
    assert_eq!(made(&dense), made(&sparse));
}

/// The first GAN learns, too, where it is easy; and what it calls a distance never passes its bound.
#[test]
fn a_classic_gan_has_a_bounded_distance() {
    for gan in [Gan::classic(), Gan::classic().minimax()] {
        let gan = small(gan).steps(60).run(&cells(128)).unwrap();
        let history = gan.history();
        assert_eq!(history.distance_name(), "Jensen-Shannon divergence");
        assert!(
            history
                .distance()
                .iter()
                .all(|d| *d <= std::f64::consts::LN_2)
        );
        assert!(history.penalty().iter().all(|penalty| *penalty == 0.0));
        assert_eq!(history.to_frame().unwrap().shape(), (60, 4));
    }
}

fn diverging(rate: f64) -> genolens::Result<FittedGan> {
    let gan = small(Gan::wasserstein()).learning_rate(rate);
    gan.critic_steps(1).steps(30).run(&cells(64))
}

#[test]
fn divergence_is_named_and_the_last_good_networks_are_kept() {
    // The first step of the critic is so long that the penalty of the second is no number.
    let gan = diverging(1e9).unwrap();
    assert_eq!(gan.history().len(), 1);
    assert!(gan.history().to_string().contains("diverged"));
    let made = gan.sample(3).unwrap();
    assert!(made.values().dense().iter().all(|value| value.is_finite()));
    let error = diverging(1e38).unwrap_err().to_string();
    insta::assert_snapshot!(error, @r"
    training of the GAN diverged: a loss is no number in step 1, learning rate 1e38
    ");
}

#[test]
fn careless_calls_are_told_what_to_change() {
    let real = cells(64);
    let quick = || small(Gan::wasserstein()).steps(1);
    let one = real.with_obs(Column::new("type".into(), vec!["T"; 64]));
    let negative = real.with_values(real.values().dense().mapv(|v| v - 1.0));
    let nan = real.with_values(real.values().dense().mapv(|v| v / 0.0 * 0.0));
    let learned = quick().by("type").run(&real).unwrap();
    let plain = quick().run(&real).unwrap();
    let messages = [
        quick().batch(65).run(&real).unwrap_err(),
        quick().batch(1).run(&real).unwrap_err(),
        quick().by("kind").run(&real).unwrap_err(),
        quick().by("type").run(&one.unwrap()).unwrap_err(),
        quick().run(&negative.unwrap()).unwrap_err(),
        quick().run(&nan.unwrap()).unwrap_err(),
        quick().steps(0).run(&real).unwrap_err(),
        quick().penalty(-1.0).run(&real).unwrap_err(),
        quick().learning_rate(0.0).run(&real).unwrap_err(),
        quick().final_rate(-1.0).run(&real).unwrap_err(),
        quick().hidden(&[0]).run(&real).unwrap_err(),
        learned.sample_of("NK", 1).unwrap_err(),
        plain.sample_of("T", 1).unwrap_err(),
        plain.sample(0).unwrap_err(),
    ];
    let messages: Vec<String> = messages.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `cells` is Cells(64 cells x 8 genes), expected at least 65 (the batch) with 2 genes
    `batch` is 1, expected at least 2
    `column` is `kind`, expected one of: type
    `column type` is `T` alone, expected at least 2 kinds of cells
    `values of cells` is -1, expected at least 0
    `values of cells` is NaN, expected finite, for Gaussian
    `steps` is 0, expected at least 1
    `penalty` is -1, expected at least 0
    `learning_rate` is 0, expected above 0
    `final_rate` is -1, expected above 0
    `outputs` is 0, expected at least 1
    `kind` is `NK`, expected one of: B, T
    `kind` is `T`, expected none, for the GAN learned without kinds
    `cells` is 0, expected at least 1
    ");
    insta::assert_snapshot!(learned.history().len(), @"1");
    insta::assert_snapshot!(format!("{learned:?}"), @"FittedGan(8 genes, 2 kinds, GanHistory(1 steps))");
}

#[test]
fn an_interrupted_training_stops_or_gives_what_it_has() {
    if !is_alone("generative::gan::an_interrupted_training_stops_or_gives_what_it_has") {
        return;
    }
    progress::watch(Stop {
        task: "gan",
        after: 2,
    });
    let (real, long) = (cells(64), small(Gan::wasserstein()).steps(100_000));
    assert!(long.run(&real).unwrap_err().is_interrupted());
    let gan = long.keep_interrupted(true).run(&real).unwrap();
    assert!(gan.history().is_interrupted() && gan.history().len() < 100_000);
    assert_eq!(gan.sample(2).unwrap().len(), 2);
}
