//! What is asked of a variational model: planted differences, planted dispersion and dropout, and careless calls.

use super::counts::kinds;
use super::plain::{labelled, named};
use genolens::expression::Cells;
use genolens::generative::{
    Differential, DifferentialMode, FittedVae, PredictiveCheck, Vae, differential,
};
use genolens::ndarray::{Array2, Axis};
use genolens::polars::prelude::DataFrame;
use genolens::sparse::Sparse;
use genolens::training::{Fit, Likelihood};
use rand::SeedableRng;
use rand::distr::Distribution;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Gamma, Poisson};

fn fit(epochs: usize) -> Fit {
    Fit::new()
        .epochs(epochs)
        .batch(50)
        .learning_rate(0.01)
        .patience(epochs)
}

fn column(table: &DataFrame, name: &str) -> Vec<f64> {
    table
        .column(name)
        .unwrap()
        .f64()
        .unwrap()
        .iter()
        .flatten()
        .collect()
}

/// Cells that differ in depth only, of a planted inverse dispersion and chance of dropout.
fn planted(theta: f64, dropout: impl Fn(usize) -> f64) -> Cells {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let counts = Array2::from_shape_fn((500, 8), |(cell, gene)| {
        let mean = (4.0 + gene as f64) * if cell % 2 == 0 { 1.0 } else { 1.5 };
        let rate: f64 = Gamma::new(theta, mean / theta).unwrap().sample(&mut random);
        let uniform: f64 = rand::distr::StandardUniform.sample(&mut random);
        let count: f64 = Poisson::new(rate.max(1e-9)).unwrap().sample(&mut random);
        if uniform < dropout(gene) {
            0.0
        } else {
            count as f32
        }
    });
    let some: Vec<usize> = (0..500)
        .filter(|&cell| counts.row(cell).sum() > 0.0)
        .collect();
    named(Sparse::from_dense(&counts).unwrap())
        .select_cells(&some)
        .unwrap()
}

/// Every gene has an inverse dispersion of 2: found within 40 % on average over genes, since totals are observed with their own noise.
#[test]
fn a_planted_dispersion_is_found() {
    let cells = planted(2.0, |_| 0.0);
    let model = Vae::new(1)
        .hidden(&[8])
        .likelihood(Likelihood::NegativeBinomial);
    let model = model.fit(fit(60)).run(&cells).unwrap();
    let names = model.network().weight_names();
    let name = names
        .iter()
        .find(|name| name.ends_with("per_gene.value"))
        .unwrap();
    let log = model.network().weight(name).unwrap().mean().unwrap();
    assert!((log.exp() / 2.0 - 1.0).abs() < 0.4, "{}", log.exp());
    let checked = PredictiveCheck::new().draws(2).run(&model, &cells).unwrap();
    let table = checked.to_frame().unwrap();
    for (seen, drawn) in column(&table, "mean")
        .iter()
        .zip(column(&table, "drawn_mean"))
    {
        assert!((drawn / seen - 1.0).abs() < 0.1, "{seen} {drawn}");
    }
}

/// Counts drawn from a fitted model have the zeros of the cells, also where a third of the counts was lost.
#[test]
fn drawn_counts_look_like_the_cells() {
    let cells = planted(20.0, |_| 0.3);
    let zinb = Vae::new(1).hidden(&[8]).fit(fit(60)).run(&cells).unwrap();
    let checked = PredictiveCheck::new().draws(2).run(&zinb, &cells).unwrap();
    assert!(checked.worst_zeros() < 0.1, "{checked:?}");
    // Without a dropout, Poisson counts cannot have these zeros.
    let poisson = Vae::new(1).hidden(&[8]).likelihood(Likelihood::Poisson);
    let poisson = poisson.fit(fit(20)).run(&cells).unwrap();
    let worse = PredictiveCheck::new()
        .draws(2)
        .run(&poisson, &cells)
        .unwrap();
    assert!(
        worse.worst_zeros() > 2.0 * checked.worst_zeros(),
        "{worse:?}"
    );
}

/// Chances of 0 to 0.56, by gene: each found within 0.1, and within 0.04 on average. What 500 cells say has a standard error of up to
/// 0.022.
#[test]
fn planted_chances_of_dropout_are_found() {
    let chance = |gene: usize| 0.08 * gene as f64;
    let cells = planted(20.0, chance);
    let model = Vae::new(1).hidden(&[8]).learned_library(true);
    let model = model.fit(fit(100).learning_rate(0.02)).run(&cells).unwrap();
    let found = model.dropout_chances(&cells).unwrap();
    let found = found.mapv(f64::from).mean_axis(Axis(0)).unwrap();
    let off: Vec<f64> = (0..8)
        .map(|gene| (found[gene] - chance(gene)).abs())
        .collect();
    assert!(off.iter().all(|&off| off < 0.1), "{found}");
    assert!(off.iter().sum::<f64>() / 8.0 < 0.04, "{found}");
}

/// Two kinds of cells, of which the second has three times as much of the first four genes.
fn two_kinds() -> (FittedVae, Cells) {
    let (_, mut counts) = kinds(300, 16, 3);
    for ((cell, gene), count) in counts.indexed_iter_mut() {
        // All of one kind at first.
        *count = if gene < 4 && cell % 2 == 1 {
            3.0 * (*count + 2.0)
        } else {
            *count + 2.0
        };
    }
    let cells = named(Sparse::from_dense(&counts).unwrap());
    let cells = labelled(&cells, "kind", |cell| ["control", "treated"][cell % 2]);
    let model = Vae::new(3)
        .hidden(&[16])
        .likelihood(Likelihood::NegativeBinomial);
    (model.fit(fit(80)).run(&cells).unwrap(), cells)
}

#[test]
fn planted_differences_are_called() {
    let (model, cells) = two_kinds();
    let found = differential(&model, &cells, ("kind", "treated", "control")).unwrap();
    let table = found.to_frame().unwrap();
    // Shares of all other genes fall, since theirs rise.
    let planted = |table: &DataFrame, place: &str| -> Vec<f64> {
        let names = table.column("gene").unwrap().str().unwrap();
        let own = |name: &str| ["gene 0", "gene 1", "gene 2", "gene 3"].contains(&name);
        let both = names.iter().flatten().zip(column(table, place));
        both.filter(|(name, _)| own(name))
            .map(|(_, value)| value)
            .collect()
    };
    let mut changes = column(&table, "log2_change");
    changes.sort_by(f64::total_cmp);
    let own = planted(&table, "log2_change");
    assert!(
        own.iter()
            .all(|&change| change >= changes[12] && change > 0.25),
        "{own:?}"
    );
    let own = planted(&table, "probability");
    assert!(own.iter().all(|&chance| chance > 0.5), "{own:?}");
    let larger = Differential::new()
        .mode(DifferentialMode::Larger)
        .draws(500);
    let larger = larger
        .run(&model, &cells, ("kind", "control", "treated"))
        .unwrap();
    let own = planted(&larger.to_frame().unwrap(), "bayes_factor");
    assert!(own.iter().all(|&factor| factor < -1.0), "{own:?}");
    // A group beside itself has no difference.
    let same = differential(&model, &cells, ("kind", "control", "control")).unwrap();
    let called = same.to_frame().unwrap();
    let called = called
        .column("called")
        .unwrap()
        .bool()
        .unwrap()
        .sum()
        .unwrap();
    assert!(called == 0, "{same:?}");

    let mut said = Vec::new();
    let mut say = |options: Differential, groups: (&str, &str, &str)| {
        said.push(options.run(&model, &cells, groups).unwrap_err().to_string());
    };
    let groups = ("kind", "treated", "control");
    say(Differential::new().draws(0), groups);
    say(Differential::new().pairs(0), groups);
    say(Differential::new().delta(-1.0), groups);
    say(Differential::new().fdr(2.0), groups);
    say(Differential::new().pseudo_count(f64::NAN), groups);
    say(Differential::new(), ("kind", "treated", "cured"));
    say(Differential::new(), ("type", "treated", "control"));
    said.push(
        PredictiveCheck::new()
            .draws(0)
            .run(&model, &cells)
            .unwrap_err()
            .to_string(),
    );
    insta::assert_snapshot!(said.join("\n"), @"
`draws` is 0, expected at least 1
`pairs` is 0, expected at least 1
`delta` is -1, expected above 0
`fdr` is 2, expected a share, 0 to 1
`pseudo_count` is NaN, expected above 0
`groups` is `cured`, expected a label of the column `kind`
`column` is `type`, expected one of: kind
`draws` is 0, expected at least 1
");
}
