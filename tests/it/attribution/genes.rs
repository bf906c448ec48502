//! Scores of genes against captum, linear models and planted genes, and careless calls.

use crate::generative::plain::{named, numbers};
use crate::golden;
use genolens::attribution::{
    Baseline, ExplainGenes, GeneMethod, GeneScores, between_seeds, explain_genes, loadings,
};
use genolens::candle_core::{Device, Tensor, safetensors};
use genolens::expression::Cells;
use genolens::generative::{Autoencoder, Noise};
use genolens::ndarray::{Array1, Array2, Axis};
use genolens::network::{Activation, Architecture, Network, predict};
use genolens::polars::prelude::{Column, NamedFrom, Series};
use genolens::sparse::Sparse;
use genolens::training::{Fit, Likelihood};
use std::collections::HashMap;

/// Numbers of -1 to 1 that look random, as in the script.
fn filled(shape: (usize, usize), seed: usize) -> Array2<f32> {
    Array2::from_shape_fn(shape, |(row, column)| {
        ((row * shape.1 + column) as f64 * 12.9898 + seed as f64 * 78.233).sin() as f32
    })
}

/// Numbers of -0.5 to 0.5 that look random and depend on nothing.
fn random(rows: usize, columns: usize) -> Array2<f32> {
    let numbers = numbers(rows * columns, 7);
    Array2::from_shape_fn((rows, columns), |(row, column)| {
        (numbers[row * columns + column] - 0.5) as f32
    })
}

/// The network of the script.
fn network() -> Network {
    let network = Architecture::features(6)
        .dense(4)
        .relu()
        .dense(4)
        .activation(Activation::Sigmoid)
        .dense(3)
        .build()
        .unwrap();
    let mut tensors = HashMap::new();
    for (seed, (at, shape)) in [(0, (4, 6)), (2, (4, 4)), (4, (3, 4))]
        .into_iter()
        .enumerate()
    {
        let weight = filled(shape, 2 * seed).into_raw_vec_and_offset().0;
        let bias = filled((1, shape.0), 2 * seed + 1)
            .into_raw_vec_and_offset()
            .0;
        tensors.insert(
            format!("{at}.dense.weight"),
            Tensor::from_vec(weight, shape, &Device::Cpu).unwrap(),
        );
        tensors.insert(
            format!("{at}.dense.bias"),
            Tensor::from_vec(bias, shape.0, &Device::Cpu).unwrap(),
        );
    }
    let path =
        std::env::temp_dir().join(format!("genolens_genes_{}.safetensors", std::process::id()));
    safetensors::save(&tensors, &path).unwrap();
    let network = network.load(&path).unwrap();
    std::fs::remove_file(path).ok();
    network
}

fn cells() -> Cells {
    named((filled((5, 6), 10) + 1.0) * 2.0)
}

fn baseline() -> Baseline {
    Baseline::mean_of("two cells", &named(filled((2, 6), 11) + 1.0)).unwrap()
}

fn methods() -> [GeneMethod; 4] {
    [
        GeneMethod::Gradient,
        GeneMethod::GradientXInput,
        GeneMethod::IntegratedGradients { steps: 50 },
        GeneMethod::DeepLift,
    ]
}

#[test]
fn scores_are_those_of_captum() {
    let text = include_str!("../../golden/attribution/genes.tsv");
    for method in methods() {
        let explain = ExplainGenes::new()
            .method(method)
            .baseline(baseline())
            .target(1);
        let found = explain.run(&network(), &cells()).unwrap();
        for (what, values) in [("mean", found.mean()), ("size", found.size())] {
            let golden = golden::table(text, &format!("{method} {what}"));
            golden::assert_near(&values.insert_axis(Axis(0)), &golden, 1e-4);
        }
    }
}

/// Where a rectifier bends, 50 points miss a little of the way.
fn slack(method: GeneMethod) -> f64 {
    if method == GeneMethod::DeepLift {
        1e-5
    } else {
        5e-3
    }
}

/// Scores add up to what sets the output apart from that of the baseline, here for all cells together.
#[test]
fn scores_are_complete() {
    let (network, cells, baseline) = (network(), cells(), baseline());
    let out = predict(&network, &cells)
        .unwrap()
        .column(2)
        .mapv(f64::from)
        .mean()
        .unwrap();
    let base = named(filled((2, 6), 11) + 1.0)
        .values()
        .dense()
        .mean_axis(Axis(0))
        .unwrap();
    let base = predict(&network, &base.insert_axis(Axis(0))).unwrap()[[0, 2]];
    for method in &methods()[2..] {
        let explain = ExplainGenes::new()
            .method(*method)
            .baseline(baseline.clone())
            .target(2);
        let found = explain.run(&network, &cells).unwrap();
        assert!((found.mean().sum() - (out - f64::from(base))).abs() < slack(*method));
        assert!(found.unexplained().unwrap() < slack(*method));
        // Several baselines are averaged.
        let each = Baseline::each_of("two cells", filled((2, 6), 11) + 1.0).unwrap();
        assert!(
            explain
                .baseline(each)
                .run(&network, &cells)
                .unwrap()
                .unexplained()
                .unwrap()
                < slack(*method)
        );
    }
    let rough = ExplainGenes::new()
        .method(GeneMethod::IntegratedGradients { steps: 1 })
        .baseline(baseline);
    assert!(rough.run(&network, &cells).unwrap().unexplained().unwrap() > 1e-5);
}

/// A linear autoencoder with tied weights: the slope of a dimension by the genes is what the decoder makes genes of it by.
#[test]
fn slopes_of_a_linear_code_are_its_loadings() {
    let cells = named(filled((30, 6), 3));
    let fit = Fit::new().epochs(3).batch(10).validation(0.0);
    let model = Autoencoder::new(2)
        .hidden(&[])
        .tied(true)
        .noise(Noise::Masking(0.1))
        .fit(fit)
        .run(&cells)
        .unwrap();
    let weights = loadings(model.network(), cells.genes()).unwrap();
    for dimension in 0..2 {
        let explain = ExplainGenes::new().target(dimension);
        let slope = explain
            .clone()
            .method(GeneMethod::Gradient)
            .run(&model.encoder(), &cells)
            .unwrap();
        let own = weights
            .by_group()
            .row(dimension)
            .to_owned()
            .insert_axis(Axis(0));
        golden::assert_near(&slope.mean().insert_axis(Axis(0)), &own, 1e-6);
        // From zeros, every other method says weight times value.
        let mean = cells
            .values()
            .dense()
            .mapv(f64::from)
            .mean_axis(Axis(0))
            .unwrap();
        let product = &own * &mean.insert_axis(Axis(0));
        for method in &methods()[1..] {
            let found = explain
                .clone()
                .method(*method)
                .run(&model.encoder(), &cells)
                .unwrap();
            golden::assert_near(&found.mean().insert_axis(Axis(0)), &product, 1e-4);
        }
    }
    assert_eq!(weights.groups(), ["dimension 0", "dimension 1"]);
}

#[test]
fn blocks_groups_and_sparse_cells_change_nothing() {
    let values = (filled((7, 6), 12) - 0.3).mapv(|x| x.max(0.0));
    let kinds = Column::from(Series::new(
        "kind".into(),
        ["b", "a", "a", "b", "a", "b", "a"],
    ));
    let dense = named(values.clone()).with_obs(kinds).unwrap();
    let sparse = dense
        .with_values(Sparse::from_dense(&values).unwrap())
        .unwrap();
    let explain = ExplainGenes::new().method(GeneMethod::DeepLift);
    let whole = explain.clone().by("kind").run(&network(), &dense).unwrap();
    for block in [1, 3, 7, 100] {
        assert_eq!(
            whole,
            explain
                .clone()
                .by("kind")
                .block(block)
                .run(&network(), &sparse)
                .unwrap()
        );
    }
    assert_eq!(
        (whole.groups(), whole.cells()),
        (&["a".to_owned(), "b".into()][..], &[4, 3][..])
    );
    let all = explain.run(&network(), &dense).unwrap();
    golden::assert_near(
        &whole.mean().insert_axis(Axis(0)),
        &all.by_group().clone(),
        1e-12,
    );
    let b = named(
        dense
            .select_cells(&[0, 3, 5])
            .unwrap()
            .values()
            .dense()
            .into_owned(),
    );
    let alone = ExplainGenes::new()
        .method(GeneMethod::DeepLift)
        .run(&network(), &b)
        .unwrap();
    golden::assert_near(
        whole.group("b").unwrap().by_group(),
        alone.by_group(),
        1e-12,
    );
    assert_eq!(
        whole.table().unwrap().get_column_names(),
        ["gene", "score", "size", "a", "b"]
    );
}

/// Counts: what is explained is what the network reads.
#[test]
fn genes_of_a_code_of_counts_are_explained() {
    let counts = filled((40, 5), 2).mapv(|x| ((x + 1.0) * 4.0).floor() + 1.0);
    let cells = named(counts.clone());
    let fit = Fit::new().epochs(2).batch(10);
    let model = Autoencoder::new(2)
        .hidden(&[8])
        .likelihood(Likelihood::NegativeBinomial)
        .fit(fit)
        .run(&cells)
        .unwrap();
    let read = model.read(&cells).unwrap();
    let sparse = model
        .read(
            &cells
                .with_values(Sparse::from_dense(&counts).unwrap())
                .unwrap(),
        )
        .unwrap();
    assert_eq!(read.values().dense(), sparse.values().dense());
    let codes = model.codes(&cells).unwrap().coordinates().clone();
    assert_eq!(predict(&model.encoder(), &read).unwrap(), codes);
    assert!(
        ExplainGenes::new()
            .method(GeneMethod::DeepLift)
            .run(&model.encoder(), &read)
            .unwrap()
            .unexplained()
            .unwrap()
            < 1e-4
    );
}

/// Two genes of twenty decide. All seeds find them; the others differ from seed to seed.
#[test]
fn planted_genes_are_the_same_for_all_seeds() {
    let x = random(300, 20);
    let cells = named(x.clone());
    let labels: Array1<f32> = x
        .rows()
        .into_iter()
        .map(|row| f32::from(row[3] - row[11] > 0.0))
        .collect();
    let found = between_seeds(3, |seed| {
        let network = Architecture::features(20)
            .dense(8)
            .relu()
            .dense(1)
            .seed(seed)
            .build()?;
        let trained = Fit::new()
            .epochs(15)
            .learning_rate(0.01)
            .seed(seed)
            .run(&network, &cells, &labels)?;
        ExplainGenes::new()
            .method(GeneMethod::Gradient)
            .run(&trained, &cells)
    });
    let found = found.unwrap();
    let mut top = found.top(2).genes().to_vec();
    top.sort();
    assert_eq!(top, ["gene 11", "gene 3"]);
    let (mean, error) = (found.mean(), found.error());
    assert!(mean[3] > 5.0 * error[3] && mean[11] < -5.0 * error[11]);
    assert_eq!(found.overlap(2), 1.0);
    // Standard errors from their formula.
    let column = found.scores().column(3);
    let spread = column.std(1.0) / 3_f64.sqrt();
    assert!((found.error()[3] - spread).abs() < 1e-12);
    assert!(found.rank_agreement() > 0.0 && found.rank_agreement() < 1.0);
    assert_eq!(
        found.table().unwrap().get_column_names(),
        ["gene", "score", "error", "size", "seeds_agree"]
    );
    assert!(
        found.to_string().starts_with("3 seeds, rank agreement 0."),
        "{found}"
    );
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let (network, cells) = (network(), cells());
    let explain = ExplainGenes::new;
    let said = |found: genolens::Result<GeneScores>| found.unwrap_err().to_string();
    let odd = named(filled((2, 6), 1) * f32::NAN);
    let turned = cells.select_genes(&[1, 0, 2, 3, 4, 5]).unwrap();
    let softmax = Architecture::features(6)
        .then(genolens::network::User::new(Doubled))
        .dense(1)
        .build()
        .unwrap();
    let linear = |_| explain_genes(&network, &cells);
    let mut number = 0;
    let changing = std::cell::RefCell::new(&mut number);
    let all = [
        said(explain().target(3).run(&network, &cells)),
        said(explain().block(0).run(&network, &cells)),
        said(explain().by("kind").run(&network, &cells)),
        said(
            explain()
                .method(GeneMethod::IntegratedGradients { steps: 0 })
                .run(&network, &cells),
        ),
        said(explain().run(&network, &named(filled((2, 5), 1)))),
        said(
            explain()
                .method(GeneMethod::DeepLift)
                .run(&network, &named(filled((2, 5), 1))),
        ),
        said(explain().run(&network, &odd)),
        said(explain().run(&network, &cells.select_cells(&[]).unwrap())),
        said(explain().method(GeneMethod::DeepLift).run(&softmax, &cells)),
        said(
            explain()
                .baseline(Baseline::each_of("mine", filled((1, 4), 1)).unwrap())
                .run(&network, &cells),
        ),
        // The same genes in another order are others.
        said(
            explain()
                .baseline(Baseline::mean_of("mine", &turned).unwrap())
                .run(&network, &cells),
        ),
        Baseline::mean_of("none", &cells.select_cells(&[]).unwrap())
            .unwrap_err()
            .to_string(),
        Baseline::mean_of("odd", &odd).unwrap_err().to_string(),
        Baseline::each_of("none", Array2::zeros((0, 3)))
            .unwrap_err()
            .to_string(),
        said(explain_genes(&network, &cells).unwrap().group("kind 3")),
        said(loadings(&network, &cells.genes()[..0])),
        said(loadings(&network, cells.genes())),
        said(loadings(
            &Architecture::features(3).relu().build().unwrap(),
            cells.genes(),
        )),
        between_seeds(1, linear).unwrap_err().to_string(),
        between_seeds(2, |_| {
            let mut number = changing.borrow_mut();
            **number += 1;
            let genes = 2 + **number;
            explain_genes(
                &Architecture::features(genes).dense(1).build()?,
                &named(filled((2, genes), 1)),
            )
        })
        .unwrap_err()
        .to_string(),
    ];
    insta::assert_snapshot!(all.join("\n"), @r"
    `target` is 3, expected below 3, the number of outputs
    `block` is 0, expected at least 1
    `name` is `kind`, expected one of: 
    `steps` is 0, expected at least 1 for GaussLegendre
    `cells` has shape (2, 5), expected (n, 6), the genes that the model reads
    `cells` has shape (2, 5), expected (n, 6), the genes that the model reads
    `values of cells` is NaN, expected finite
    `cells` is Cells(0 cells x 6 genes), expected at least one cell and one gene
    `layer 0 (doubled)` is one without, expected one with a rule: `UserLayer::is_linear` or `UserLayer::multipliers` tell it
    `baseline` has shape (1, 4), expected (baselines, 6), the genes of the cells
    `genes of the baseline` is others, expected the 6 genes of the cells, in their order
    `cells of the baseline` is 0, expected at least one
    `values of the baseline` is NaN, expected finite
    `values of the baseline` has shape (0, 3), expected (baselines, genes), both at least 1
    `group` is `kind 3`, expected one of all cells
    `genes` is 0, expected 1 to 3, the outputs of the last layer
    `genes` is 6, expected 1 to 3, the outputs of the last layer
    `model` is one without layers, expected a network whose last layer is dense
    `seeds` is 1, expected at least 2
    `explain` is others for seed 1, expected the same genes in the same order for every seed
    ");
}

/// A layer that `DeepLIFT` has no rule for.
#[derive(Debug)]
struct Doubled;

impl genolens::network::UserLayer for Doubled {
    fn name(&self) -> &'static str {
        "doubled"
    }

    fn output(
        &self,
        input: genolens::network::Shape,
    ) -> genolens::Result<genolens::network::Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> genolens::Result<Tensor> {
        Ok((x * 2.0)?.sqr()?)
    }
}

#[test]
fn activations_of_other_kinds_are_explained() {
    for activation in [Activation::Tanh, Activation::Gelu, Activation::Softplus] {
        let network = Architecture::features(6)
            .dense(4)
            .activation(activation)
            .batch_norm()
            .dense(1)
            .build()
            .unwrap();
        for method in &methods()[2..] {
            let found = ExplainGenes::new()
                .method(*method)
                .run(&network, &cells())
                .unwrap();
            assert!(
                found.unexplained().unwrap() < 1e-5,
                "{activation:?} {method}"
            );
        }
    }
}
