//! Autoencoders against components, planted rates, and careless calls.

use super::counts::kinds;
use super::plain::{labelled, named, numbers};
use genolens::embedding::{Labels, NeighborSearch, lisi, pca};
use genolens::expression::{Cells, Values};
use genolens::generative::{Autoencoder, FittedAutoencoder, Noise};
use genolens::ndarray::{Array2, Axis};
use genolens::network::{Activation, Shape};
use genolens::polars::prelude::Column;
use genolens::shift;
use genolens::sparse::Sparse;
use genolens::training::{Fit, Likelihood};

fn distance(a: &Array2<f32>, b: &Array2<f64>) -> f64 {
    let off = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - b).powi(2));
    off.sum::<f64>() / b.len() as f64
}

/// The best linear code is that of the first components: nothing linear can be better, and training comes near it.
#[test]
fn a_linear_autoencoder_finds_the_first_components() {
    let (_, counts) = kinds(300, 12, 5);
    let x = counts.mapv(f32::ln_1p);
    let mean = x.mean_axis(Axis(0)).unwrap();
    let components = pca(&x, 2).unwrap();
    let scores = components.coordinates();
    // What the components leave unsaid.
    let centred = (&x - &mean).mapv(f64::from);
    let said: f64 = scores.iter().map(|v| v * v).sum();
    let best = (centred.iter().map(|v| v * v).sum::<f64>() - said) / x.len() as f64;
    let fit = Fit::new()
        .epochs(150)
        .batch(50)
        .learning_rate(0.01)
        .validation(0.0);
    let model = Autoencoder::new(2)
        .hidden(&[])
        .fit(fit)
        .run(&named(x.clone()))
        .unwrap();
    let found = model.reconstructed(&named(x.clone())).unwrap();
    let found = distance(&found.values().dense(), &x.mapv(f64::from));
    assert!(found >= best * (1.0 - 1e-4), "{found}, best {best}");
    assert!(found <= best * 1.05, "{found}, best {best}");
}

fn quick(likelihood: Likelihood) -> Autoencoder {
    let fit = Fit::new().epochs(30).batch(32).learning_rate(0.005);
    Autoencoder::new(2)
        .hidden(&[16])
        .likelihood(likelihood)
        .fit(fit)
}

/// Cells that were not learned from: their true rates are told better than by the counts themselves.
#[test]
fn counts_are_denoised() {
    let (rates, counts) = kinds(450, 20, 7);
    let rows = |from: usize, to: usize| (from..to).collect::<Vec<_>>();
    let all = named(Sparse::from_dense(&counts).unwrap());
    let (known, new) = (
        all.select_cells(&rows(0, 300)).unwrap(),
        all.select_cells(&rows(300, 450)).unwrap(),
    );
    let truth = rates.select(Axis(0), &rows(300, 450));
    let raw = distance(&new.values().dense(), &truth);
    for likelihood in [
        Likelihood::Poisson,
        Likelihood::NegativeBinomial,
        Likelihood::Zinb,
    ] {
        let model = quick(likelihood).run(&known).unwrap();
        let denoised = model.with_layer(&new, "denoised").unwrap();
        let off = distance(&denoised.layer("denoised").unwrap().dense(), &truth);
        assert!(off < 0.5 * raw, "{likelihood}: {off}, counts {raw}");
    }
}

#[test]
fn sparse_and_dense_cells_teach_the_same() {
    let (_, counts) = kinds(80, 10, 3);
    let model = |cells: &Cells| {
        let fit = Fit::new().epochs(2).batch(16);
        let model = quick(Likelihood::Zinb).batch_norm(true).fit(fit).run(cells);
        model.unwrap().codes(cells).unwrap().coordinates().clone()
    };
    let sparse = named(Sparse::from_dense(&counts).unwrap());
    assert_eq!(model(&sparse), model(&named(counts)));
}

#[test]
fn sparsity_makes_codes_small_and_noise_changes_what_is_learned() {
    let (_, counts) = kinds(120, 10, 9);
    let cells = named(counts.mapv(f32::ln_1p));
    let size = |model: &Autoencoder| {
        let codes = model.run(&cells).unwrap().codes(&cells).unwrap();
        codes
            .coordinates()
            .iter()
            .map(|v| f64::from(v.abs()))
            .sum::<f64>()
    };
    let plain = quick(Likelihood::Gaussian);
    let (free, pulled) = (size(&plain), size(&plain.clone().sparsity(0.1)));
    assert!(pulled < 0.5 * free, "{pulled} {free}");
    assert_ne!(free, size(&plain.clone().noise(Noise::Masking(0.2))));
    assert_ne!(free, size(&plain.clone().noise(Noise::Gaussian(0.2))));
    // The same seed, the same bytes.
    assert_eq!(free, size(&plain));
}

/// The exponential of the entropy of the shares that units have in all activity, how many units are used, falls to less than 0.7 of what it
/// was; fewer sets of units tell cells apart.
#[test]
fn activity_gathers_in_few_units() {
    let (_, counts) = kinds(150, 12, 21);
    let cells = named(counts.mapv(f32::ln_1p));
    let used = |weight: f64| {
        let fit = Fit::new().epochs(30).batch(32).learning_rate(0.005);
        let model = Autoencoder::new(8).hidden(&[16]).fit(fit);
        let model = model.code_activation(Activation::Relu);
        let model = model.information_dimension(weight).run(&cells).unwrap();
        let codes = model.codes(&cells).unwrap();
        let sizes = codes.coordinates().mapv(f64::from).sum_axis(Axis(0));
        let shares = &sizes / sizes.sum();
        let entropy: f64 = shares
            .iter()
            .filter(|&&p| p > 0.0)
            .map(|p| -p * p.ln())
            .sum();
        let labels = model.active_units(&cells).unwrap();
        assert_eq!(labels.len(), 150);
        (entropy.exp(), labels.groups().len())
    };
    let (free, gathered) = (used(0.0), used(0.2));
    assert!(gathered.0 < 0.7 * free.0, "{gathered:?} {free:?}");
    assert!(gathered.1 < free.1, "{gathered:?} {free:?}");
}

/// Three kinds of cells in two batches; in one of them the logarithms of genes are moved.
fn batched(cells: usize) -> Cells {
    let (_, counts) = kinds(cells, 20, 31);
    let moves = numbers(20, 34);
    let mut x = counts.mapv(f32::ln_1p);
    for (cell, mut row) in x.rows_mut().into_iter().enumerate() {
        for (value, by) in row.iter_mut().zip(&moves) {
            *value += if cell % 2 == 0 { 0.0 } else { 1.5 * *by as f32 };
        }
    }
    labelled(&named(x), "run", |cell| ["first", "second"][cell % 2])
}

fn pulled(cells: &Cells, weight: f64) -> FittedAutoencoder {
    let fit = Fit::new().epochs(60).batch(60).learning_rate(0.005);
    let model = Autoencoder::new(3).hidden(&[16]).fit(fit);
    model.batches("run").alike(weight).run(cells).unwrap()
}

/// Of cells that were not learned from. Chosen before: of neighbours nearly all are of the same batch without the pull (mixing below 0.3),
/// and of both with it (above 0.6), kinds staying apart (above 0.8); the discrepancy of each kind falls to a fifth, and what is
/// reconstructed differs half as much at most.
#[test]
fn batches_lie_alike_and_kinds_stay_apart() {
    let all = batched(450);
    let rows = |from: usize, to: usize| (from..to).collect::<Vec<_>>();
    let known = all.select_cells(&rows(0, 300)).unwrap();
    let new = all.select_cells(&rows(300, 450)).unwrap();
    let labels = |of: &dyn Fn(usize) -> usize| {
        Labels::new((0..150).map(|cell| of(cell).to_string())).unwrap()
    };
    let measured = |weight: f64| {
        let model = pulled(&known, weight);
        let codes = model.codes(&new).unwrap();
        let near = NeighborSearch::new().k(31).run(&codes).unwrap();
        let mixing = lisi(&near, &labels(&|cell| cell % 2)).unwrap().mixing();
        let apart = lisi(&near, &labels(&|cell| cell % 3)).unwrap();
        let part = |values: &Array2<f32>, kind: Option<usize>, batch: usize| {
            let chosen =
                |&cell: &usize| cell % 2 == batch && kind.is_none_or(|kind| cell % 3 == kind);
            let own: Vec<usize> = (0..150).filter(chosen).collect();
            values.select(Axis(0), &own)
        };
        let differ = |kind: usize| {
            let of = |batch| part(codes.coordinates(), Some(kind), batch);
            shift::mmd(&of(0), &of(1)).unwrap().statistic()
        };
        let said = model
            .reconstructed(&new)
            .unwrap()
            .values()
            .dense()
            .into_owned();
        let mean = |batch| part(&said, None, batch).mean_axis(Axis(0)).unwrap();
        let gap = (mean(0) - mean(1)).mapv(f32::abs).sum();
        let differ: f64 = (0..3).map(differ).sum();
        (mixing, apart.separation(), differ, gap)
    };
    let (free, alike) = (measured(0.0), measured(1.0));
    assert!(free.0 < 0.3 && alike.0 > 0.6, "{free:?} {alike:?}");
    assert!(alike.1 > 0.8, "{free:?} {alike:?}");
    assert!(alike.2 < 0.2 * free.2, "{free:?} {alike:?}");
    assert!(alike.3 < 0.5 * free.3, "{free:?} {alike:?}");
}

#[test]
fn batches_are_told_to_the_training_alone() {
    let cells = batched(60);
    let fit = Fit::new().epochs(2).batch(16);
    let model = Autoencoder::new(2).fit(fit).batches("run");
    let codes = |model: &Autoencoder, cells: &Cells| {
        let fitted = model.run(cells).unwrap();
        assert_eq!(fitted.network().architecture().input(), Shape::Features(20));
        let unlabelled = named(cells.values().clone());
        fitted.codes(&unlabelled).unwrap().coordinates().clone()
    };
    let first = codes(&model, &cells);
    // The same seed, the same bytes, on any number of threads; 1 is the weight unless told.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build();
    assert_eq!(first, pool.unwrap().install(|| codes(&model, &cells)));
    assert_eq!(first, codes(&model.clone().alike(1.0), &cells));
    assert_ne!(first, codes(&model.clone().alike(0.0), &cells));
    // Two batches are compared with each other, twice where neither is the reference.
    let close = |a: &Array2<f32>, b: &Array2<f32>| (a - b).iter().all(|off| off.abs() < 1e-4);
    let reference = model.clone().reference("second");
    assert!(close(&codes(&reference.clone().alike(2.0), &cells), &first));
    assert!(!close(&codes(&reference, &cells), &first));
    // Beside all else that stands before and behind a code.
    let (_, counts) = kinds(60, 20, 31);
    let counts = labelled(&named(counts), "run", |cell| ["a", "b", "c"][cell % 3]);
    let model = model.batch_norm(true).noise(Noise::Masking(0.1));
    let model = model.sparsity(0.01).likelihood(Likelihood::Zinb);
    let model = model.information_dimension(0.01).hidden(&[8, 4]);
    let codes = codes(&model, &counts);
    assert!(codes.iter().all(|code| code.is_finite()));
}

#[test]
fn genes_that_nobody_has_do_no_harm() {
    let (_, mut counts) = kinds(60, 6, 11);
    counts.column_mut(0).mapv_inplace(|count| count + 1.0);
    counts.column_mut(2).fill(0.0);
    let cells = named(counts);
    let model = quick(Likelihood::Zinb).run(&cells).unwrap();
    let said = model.reconstructed(&cells).unwrap();
    assert!(said.values().dense().iter().all(|value| value.is_finite()));
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let (_, counts) = kinds(30, 5, 1);
    let cells = named(counts.clone());
    let mut said = Vec::new();
    let mut say =
        |model: Autoencoder, cells: &Cells| said.push(model.run(cells).unwrap_err().to_string());
    say(Autoencoder::new(0), &cells);
    say(Autoencoder::new(6), &cells);
    say(Autoencoder::new(2).hidden(&[0]), &cells);
    say(Autoencoder::new(2).noise(Noise::Masking(1.0)), &cells);
    say(Autoencoder::new(2).noise(Noise::Gaussian(-1.0)), &cells);
    say(Autoencoder::new(2).sparsity(f64::NAN), &cells);
    say(Autoencoder::new(2).information_dimension(-1.0), &cells);
    say(quick(Likelihood::Categorical), &cells);
    say(
        quick(Likelihood::Zinb),
        &named(counts.mapv(|count| count + 0.5)),
    );
    let runs = |labels: &[Option<&str>]| {
        let labels: Vec<Option<&str>> = (0..30).map(|cell| labels[cell % labels.len()]).collect();
        cells.with_obs(Column::new("run".into(), labels)).unwrap()
    };
    let batches = || quick(Likelihood::Gaussian).batches("run");
    let two = runs(&[Some("a"), Some("b")]);
    say(batches(), &cells);
    say(batches(), &runs(&[Some("a")]));
    say(batches(), &runs(&[None]));
    say(batches(), &runs(&[Some("a"), Some("b"), None]));
    say(batches().alike(f64::NAN), &two);
    say(batches().alike(-1.0), &two);
    say(batches().reference("c"), &two);
    say(quick(Likelihood::Gaussian).alike(1.0), &two);
    say(quick(Likelihood::Gaussian).reference("a"), &two);
    say(
        Autoencoder::new(2).hidden(&[]).tied(true).batches("run"),
        &two,
    );
    let mut empty = counts.clone();
    empty.row_mut(3).fill(0.0);
    say(quick(Likelihood::Zinb), &named(empty));
    let mut odd = counts.clone();
    odd[[0, 0]] = f32::NAN;
    say(quick(Likelihood::Gaussian), &named(odd.clone()));
    // Also where numbers lie in memory column by column.
    let turned = odd.t().as_standard_layout().into_owned().reversed_axes();
    say(
        quick(Likelihood::Gaussian),
        &named(Values::Dense(turned.into())),
    );
    say(
        quick(Likelihood::Gaussian),
        &named(counts.select(Axis(1), &[0])),
    );
    let fit = Fit::new().epochs(1);
    let model = Autoencoder::new(2).fit(fit).run(&cells).unwrap();
    let other = named(counts.select(Axis(1), &[0, 1]));
    said.push(model.codes(&other).unwrap_err().to_string());
    let none = cells.select_cells(&[]).unwrap();
    said.push(model.codes(&none).unwrap_err().to_string());
    said.push(model.active_units(&cells).unwrap_err().to_string());
    insta::assert_snapshot!(said.join("\n"), @r"
`code` is 0, expected 1 to 5, the number of genes
`code` is 6, expected 1 to 5, the number of genes
`outputs` is 0, expected at least 1
`masking` is 1, expected 0 to below 1
`noise` is -1, expected a standard deviation, at least 0
`sparsity` is NaN, expected at least 0
`information_dimension` is -1, expected at least 0
`likelihood` is categorical, expected Gaussian or one of counts
`values of cells` is 0.5, expected whole counts, at least 0, for zero-inflated negative binomial
`column` is `run`, expected one of: none
`batches` is `run`, which has only `a`, expected a column with at least 2 different labels
`batches` is `run`, which has none, expected a column with at least 2 different labels
`column run` is null for 10 of 30 cells, expected a label for every cell
`alike` is NaN, expected at least 0
`alike` is -1, expected at least 0
`reference` is `c`, expected one of: a, b
`batches` is none, expected a column, where `alike` or `reference` is about batches
`batches` is none, expected a column, where `alike` or `reference` is about batches
`tied` is some, expected no hidden layers, batch norm, sparsity, information dimension or batches beside it
`cells` is none in cell `cell 3`, expected at least one count in each
`values of cells` is NaN, expected finite, for Gaussian
`values of cells` is NaN, expected finite, for Gaussian
`cells` is Cells(30 cells x 1 genes), expected at least 2 cells and 2 genes
`genes of cells` is 2, expected the 5 genes of the training, in their order
`cells` is none, expected at least 1 cell
`autoencoder` is one without, expected one with `code_activation(Activation::Relu)`
");
}
