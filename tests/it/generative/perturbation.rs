//! Responses that are carried over: simple ways against golden numbers, a planted response, silenced genes, and careless calls.

use super::plain::{labelled, named};
use crate::golden;
use genolens::expression::Cells;
use genolens::generative::{
    Autoencoder, EnergyDistance, FittedAutoencoder, KnockDown, Latent, LatentModel, Perturbation,
    e_distance,
};
use genolens::ndarray::{Array2, Axis};
use genolens::training::Fit;

const GOLDEN: &str = include_str!("../../golden/generative/perturbation.tsv");

/// Three kinds, treated or not; every fourth gene answers, in every kind a little differently.
fn cells() -> Cells {
    let values = Array2::from_shape_fn((90, 12), |(cell, gene)| {
        let (kind, treated) = ((cell % 3) as f64, (cell / 3 % 2) as f64);
        let place = (cell * 12 + gene) as f64;
        let answer = 1.5 + 0.4 * (kind + gene as f64).sin();
        let response = if gene % 4 == 0 { answer } else { 0.0 };
        let own = (2.1 * kind + gene as f64).sin() + 0.3 * (1.3 * place * place).sin();
        (2.0 + own + treated * response) as f32
    });
    treated(values)
}

/// Says the kind of cells, and whether they were treated.
fn treated(values: Array2<f32>) -> Cells {
    let cells = labelled(&named(values), "cell_type", |cell| {
        ["B", "NK", "T"][cell % 3]
    });
    labelled(&cells, "condition", |cell| ["control", "IFN"][cell / 3 % 2])
}

fn response() -> Perturbation {
    Perturbation::new("condition", "control", "IFN").components(3)
}

fn linear(cells: &Cells, code: usize) -> FittedAutoencoder {
    let fit = Fit::new().epochs(600).batch(25).learning_rate(0.01);
    let model = Autoencoder::new(code).hidden(&[]);
    model.fit(fit.validation(0.0)).run(cells).unwrap()
}

/// To single precision: 1e-5 of the largest number of a row.
#[test]
fn simple_ways_are_as_near_as_numpy_says() {
    let cells = cells();
    let known = response().training_cells(&cells, "T").unwrap();
    assert_eq!(known.len(), 75);
    let found = response().run(&linear(&known, 3), &cells, "T").unwrap();
    for (place, way) in found.ways().iter().enumerate().take(3) {
        let numbers = [
            found.r_squared()[place],
            found.top_r_squared()[place],
            found.change_explained()[place],
            found.top_change_explained()[place],
            found.e_distance()[place],
        ];
        let numbers = Array2::from_shape_vec((1, 5), numbers.to_vec()).unwrap();
        golden::assert_named(way, &numbers, (&golden::table(GOLDEN, way), 1e-5));
    }
    // What was planted is found, also by the model, in a kind that it never saw treated.
    assert!(found.change_explained()[3] > 0.85, "{found}");
    assert!(found.top_change_explained()[3] > 0.85, "{found}");
    assert_eq!(found.change_explained()[0], 0.0);
    let top = found.top_genes();
    for gene in ["gene 0", "gene 4", "gene 8"] {
        assert!(top[..3].iter().any(|name| name == gene), "{top:?}");
    }
    let predicted = found.predicted();
    let labels = predicted.obs().labels("condition").unwrap();
    assert!(labels.iter().all(|label| label == "IFN") && predicted.len() == 15);
    assert_eq!(found.genes_frame().unwrap().shape(), (12, 8));
    assert_eq!(found.to_frame().unwrap().shape(), (4, 6));
}

/// Tolerance 1e-12.
#[test]
fn energy_distances_are_those_of_the_formulas() {
    let cells = cells();
    let rows = |treated: usize| -> Array2<f32> {
        let rows: Vec<usize> = (0..90)
            .filter(|r| r % 3 == 2 && r / 3 % 2 == treated)
            .collect();
        cells.values().dense().select(Axis(0), &rows)
    };
    let (a, b) = (rows(0), rows(1));
    let squared = EnergyDistance::new().squared(true).run(&a, &b).unwrap();
    let found = Array2::from_shape_vec((1, 2), vec![e_distance(&a, &b).unwrap(), squared]);
    golden::assert_near(&found.unwrap(), &golden::table(GOLDEN, "energy"), 1e-12);
    assert!(e_distance(&a, &a).unwrap().abs() < 1e-12);
}

/// A model of counts without a code: it reads logarithms of normalised counts, and tells means.
struct Logs;

impl LatentModel for Logs {
    fn encode(&self, cells: &Cells) -> genolens::Result<Latent> {
        let logs = cells.normalize_total()?.log1p()?;
        Latent::from_coordinates(logs.values().dense().into_owned())
    }

    fn decode(&self, latent: &Latent) -> genolens::Result<Cells> {
        let means = latent.coordinates().mapv(f32::exp_m1);
        let names = (0..means.nrows()).map(|cell| cell.to_string());
        let genes = (0..means.ncols()).map(|gene| format!("gene {gene}"));
        Cells::new(means, names, genes)
    }
}

/// Counts are compared as logarithms of normalised values, with what a model tells of means: on two scales, changes would be misses.
#[test]
fn counts_are_compared_on_one_scale() {
    let counts = treated(cells().values().dense().mapv(|value| (9.0 * value).round()));
    let found = response().run(&Logs, &counts, "T").unwrap();
    assert!(
        found
            .change_explained()
            .iter()
            .skip(1)
            .all(|share| *share > 0.7),
        "{found}"
    );
    // Means that are told are normalised once more, which changes little.
    assert!(
        (found.r_squared()[3] - found.r_squared()[1]).abs() < 0.02,
        "{found}"
    );
}

#[test]
fn a_silenced_gene_takes_along_those_it_goes_with() {
    // Genes 0, 2 and 4 have one level in a cell, the others another.
    let cells = treated(Array2::from_shape_fn((90, 6), |(cell, gene)| {
        let place = (cell * 2 + gene % 2) as f64;
        let noise = (1.3 * ((cell * 6 + gene) as f64).powi(2)).sin();
        (2.0 + (0.7 * place * place).sin() + 0.1 * noise) as f32
    }));
    let model = linear(&cells, 2);
    let found = KnockDown::new(&["gene 4"]).run(&model, &cells).unwrap();
    let mut strongest = found.strongest(2);
    strongest.sort();
    assert_eq!(strongest, ["gene 0", "gene 2"]);
    let change = found.change();
    assert!(change[0] < -0.3 && change[2] < -0.3, "{change}");
    // Half of it is half of the change, for a linear model.
    let half = KnockDown::new(&["gene 4"]).fold(0.5);
    let twice = KnockDown::new(&["gene 4", "gene 4"]).fold(0.5);
    assert_eq!(
        half.run(&model, &cells).unwrap().change(),
        twice.run(&model, &cells).unwrap().change()
    );
    let half = half.run(&model, &cells).unwrap();
    assert!((half.change()[0] / change[0] - 0.5).abs() < 1e-3);
    assert_eq!(found.to_frame().unwrap().shape(), (6, 5));
    insta::assert_snapshot!(format!("{found:?}"), @"KnockedDown(gene 4)");
}

#[test]
fn careless_calls_are_told_what_to_change() {
    let cells = cells();
    let model = linear(&cells.select_cells(&[0, 1, 2, 3, 4, 5]).unwrap(), 1);
    let run = |response: Perturbation, kind: &str| response.run(&model, &cells, kind).unwrap_err();
    let known = response().training_cells(&cells, "T").unwrap();
    let lone = cells.select_cells(&(0..30).map(|row| 3 * row).collect::<Vec<_>>());
    let other = cells.select_genes(&[0, 1]).unwrap();
    let messages = [
        run(Perturbation::new("treatment", "control", "IFN"), "T"),
        run(Perturbation::new("condition", "none", "IFN"), "T"),
        run(Perturbation::new("condition", "control", "LPS"), "T"),
        run(Perturbation::new("condition", "IFN", "IFN"), "T"),
        run(response(), "Mono"),
        run(response().top(0), "T"),
        run(response().components(0), "T"),
        response().run(&model, &known, "T").unwrap_err(),
        response().run(&model, &lone.unwrap(), "B").unwrap_err(),
        response().predict(&model, &other, "T").unwrap_err(),
        KnockDown::new(&[]).run(&model, &cells).unwrap_err(),
        KnockDown::new(&["STAT1"]).run(&model, &cells).unwrap_err(),
        KnockDown::new(&["gene 1"])
            .fold(-1.0)
            .run(&model, &cells)
            .unwrap_err(),
        e_distance(&Array2::<f32>::zeros((1, 2)), &cells).unwrap_err(),
        e_distance(&cells, &other).unwrap_err(),
    ];
    let messages: Vec<String> = messages.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `column` is `treatment`, expected one of: cell_type, condition
    `control` is `none`, expected one of: IFN, control
    `perturbed` is `LPS`, expected one of: IFN, control
    `perturbed` is IFN, expected another value than that of untreated cells
    `kind` is `Mono`, expected one of: B, NK, T
    `top` is 0, expected at least 1
    `components` is 0, expected at least 1
    `cells` is 0, expected at least 2 `IFN` cells of `T`, to compare with; else see `predict`
    `cells` is none, expected another kind with control and perturbed cells, to learn from
    `genes of cells` is 2, expected the 12 genes of the training, in their order
    `genes` is none, expected at least 1
    `names` is `STAT1`, expected among the 12 names
    `fold` is -1, expected at least 0
    `a` has shape (1, 2), expected (n, features) with n at least 2
    `b` has shape (90, 2), expected (n, 12) as `a`
    ");
}
