//! Autoencoders against components, planted rates, and careless calls.

use super::counts::kinds;
use super::plain::named;
use genolens::embedding::pca;
use genolens::expression::{Cells, Values};
use genolens::generative::{Autoencoder, Noise};
use genolens::ndarray::{Array2, Axis};
use genolens::network::Activation;
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
`cells` is none in cell `cell 3`, expected at least one count in each
`values of cells` is NaN, expected finite, for Gaussian
`values of cells` is NaN, expected finite, for Gaussian
`cells` is Cells(30 cells x 1 genes), expected at least 2 cells and 2 genes
`genes of cells` is 2, expected the 5 genes of the training, in their order
`cells` is none, expected at least 1 cell
`autoencoder` is one without, expected one with `code_activation(Activation::Relu)`
");
}
