//! Variational models: parts against oracles, planted truths, and careless calls.

use super::counts::kinds;
use super::plain::{labelled, named};
use genolens::embedding::NeighborSearch;
use genolens::expression::{Cells, Frame};
use genolens::generative::{Autoencoder, Dispersion, FittedVae, Latent, LatentModel, Vae};
use genolens::ndarray::{Array2, Axis};
use genolens::polars::prelude::Column;
use genolens::sparse::Sparse;
use genolens::training::{Fit, Likelihood};

fn quick(epochs: usize) -> Fit {
    Fit::new()
        .epochs(epochs)
        .batch(32)
        .learning_rate(0.005)
        .patience(epochs)
}

fn small() -> Vae {
    Vae::new(2).hidden(&[16])
}

/// Cells of three kinds in two batches, of which the second has more of the first half of the genes.
fn batched(cells: usize, genes: usize) -> Cells {
    let (_, mut counts) = kinds(cells, genes, 5);
    for ((cell, gene), count) in counts.indexed_iter_mut() {
        if cell % 2 == 1 && gene < genes / 2 {
            *count = 3.0 * *count + 1.0;
        }
    }
    let cells = named(Sparse::from_dense(&counts).unwrap());
    let cells = labelled(&cells, "batch", |cell| ["early", "late"][cell % 2]);
    labelled(&cells, "kind", |cell| ["B", "NK", "T"][cell % 3])
}

/// The mean squared distance between two groups of positions over that within.
fn apart(model: &FittedVae, cells: &Cells, groups: usize) -> f64 {
    let latent = model.latent(cells).unwrap();
    let z = latent.coordinates();
    let mean = |group: usize| {
        let own: Vec<usize> = (0..z.nrows()).filter(|row| row % groups == group).collect();
        let own = z.select(Axis(0), &own);
        (
            own.mean_axis(Axis(0)).unwrap(),
            own.var_axis(Axis(0), 0.0).sum(),
        )
    };
    let ((a, within), (b, other)) = (mean(0), mean(1));
    let between = (&a - &b).mapv(|v| v * v).sum();
    f64::from(between / (within + other))
}

#[test]
fn every_kind_of_model_trains_and_says_finite_things() {
    let cells = batched(60, 10);
    for (model, what) in [
        (small(), "zinb"),
        (
            small()
                .likelihood(Likelihood::NegativeBinomial)
                .batches("batch"),
            "nb, batches",
        ),
        (small().likelihood(Likelihood::Poisson), "poisson"),
        (small().likelihood(Likelihood::Gaussian), "gaussian"),
        (
            small()
                .dispersion(Dispersion::GeneCell)
                .hidden(&[8, 8])
                .batches("batch"),
            "by cell",
        ),
        (
            small().dispersion(Dispersion::GeneBatch).batches("batch"),
            "by batch",
        ),
        (
            small().linear().batches("batch").batch_norm(false),
            "linear",
        ),
        (small().labels("kind").batches("batch").alike(1.0), "labels"),
        (small().clusters(3), "clusters"),
        (
            small()
                .learned_library(true)
                .batches("batch")
                .labels("kind")
                .alike(1.0)
                .tsne(1.0)
                .clusters(2)
                .dispersion(Dispersion::GeneBatch),
            "library",
        ),
        (
            small()
                .learned_library(true)
                .likelihood(Likelihood::Poisson)
                .linear(),
            "library, linear",
        ),
    ] {
        let model = model.fit(quick(2)).run(&cells).unwrap();
        let elbo = model.evidence(&cells).unwrap().elbo();
        let values = model
            .batch_free(&cells)
            .unwrap()
            .values()
            .dense()
            .into_owned();
        assert!(elbo.is_finite() && elbo < 0.0, "{what}: {elbo}");
        assert!(values.iter().all(|value| value.is_finite()), "{what}");
        assert!(model.units(&cells).unwrap().height() == 2, "{what}");
    }
}

/// Better than what one mean for each gene and the best dispersion say of cells that were not learned from.
#[test]
fn held_out_cells_are_explained_and_denoised() {
    let (rates, counts) = kinds(450, 20, 7);
    let rows = |from: usize, to: usize| (from..to).collect::<Vec<_>>();
    let all = named(Sparse::from_dense(&counts).unwrap());
    let known = all.select_cells(&rows(0, 300)).unwrap();
    let new = all.select_cells(&rows(300, 450)).unwrap();
    let model = small()
        .likelihood(Likelihood::NegativeBinomial)
        .fit(quick(40))
        .run(&known)
        .unwrap();
    let denoised = model
        .reconstructed(&new)
        .unwrap()
        .values()
        .dense()
        .into_owned();
    let truth = rates.select(Axis(0), &rows(300, 450));
    let distance = |a: &Array2<f32>| {
        let off = a
            .iter()
            .zip(&truth)
            .map(|(a, b)| (f64::from(*a) - b).powi(2));
        off.sum::<f64>()
    };
    let (off, raw) = (distance(&denoised), distance(&new.values().dense()));
    assert!(off < 0.5 * raw, "{off}, counts {raw}");
    // Importance sampling comes nearer to the truth than the bound, from below.
    let bound = model.log_likelihood(&new, 1).unwrap().mean().unwrap();
    let near = model.log_likelihood(&new, 20).unwrap().mean().unwrap();
    assert!(near > bound, "{near} {bound}");
    // The analytic divergence is what drawing once says on average: within 0.5 nats, of noise of about 1 / sqrt(150) each.
    let elbo = model.evidence(&new).unwrap().elbo();
    assert!((elbo - bound).abs() < 0.5, "{elbo} {bound}");
}

#[test]
fn the_same_seed_teaches_the_same_sparse_or_dense_on_any_number_of_threads() {
    let (_, counts) = kinds(80, 10, 3);
    let model = |cells: &Cells| {
        let model = small().fit(quick(2)).run(cells).unwrap();
        model.latent(cells).unwrap().coordinates().clone()
    };
    let sparse = named(Sparse::from_dense(&counts).unwrap());
    let first = model(&sparse);
    assert_eq!(first, model(&named(counts)));
    let pool = |threads| on_threads(threads, || model(&sparse));
    assert_eq!(first, pool(1));
    assert_eq!(first, pool(3));
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(work)
}

/// The decoder knows the batch: positions need not say it, and batch-free expression does not.
#[test]
fn batches_are_taken_out() {
    let cells = batched(240, 12);
    let told = small()
        .batches("batch")
        .alike(20.0)
        .fit(quick(30))
        .run(&cells)
        .unwrap();
    let untold = small().fit(quick(30)).run(&cells).unwrap();
    let (with, without) = (apart(&told, &cells, 2), apart(&untold, &cells, 2));
    assert!(with < 0.5 * without, "{with} {without}");
    let gap = |values: &Cells| {
        let values = values.values().dense().into_owned();
        let of = |batch: usize| {
            let own: Vec<usize> = (0..240).filter(|cell| cell % 2 == batch).collect();
            values.select(Axis(0), &own).mean_axis(Axis(0)).unwrap()
        };
        (of(0) - of(1)).mapv(f32::abs).sum()
    };
    let (own, free) = (
        gap(&told.normalised(&cells).unwrap()),
        gap(&told.batch_free(&cells).unwrap()),
    );
    assert!(free < 0.5 * own, "{free} {own}");
}

#[test]
fn labels_of_some_cells_are_told_of_others() {
    let cells = batched(240, 12);
    let kinds = ["B", "NK", "T"];
    let some = (0..240).map(|cell| (cell % 10 < 3).then_some(kinds[cell % 3]));
    let some = Column::new("some".into(), some.collect::<Vec<_>>());
    let cells = cells.with_obs(some).unwrap();
    let model = small().labels("some").fit(quick(30)).run(&cells).unwrap();
    let chances = model.label_chances(&cells).unwrap();
    // Of cells of which nothing is known, or another thing, the model says the same.
    let without = Cells::from_frames(
        cells.values().clone(),
        Frame::new(cells.cells().to_vec()),
        Frame::new(cells.genes().to_vec()),
    );
    let other = labelled(&cells, "some", |_| "platelet");
    for cells in [without.unwrap(), other] {
        assert_eq!(chances, model.label_chances(&cells).unwrap());
    }
    assert_eq!(chances.get_column_names(), kinds);
    let column = |name: &str| -> Vec<f32> {
        let column = chances.column(name).unwrap().f32().unwrap();
        column.iter().flatten().collect()
    };
    let chances: Vec<Vec<f32>> = kinds.iter().map(|name| column(name)).collect();
    let right = (0..240).filter(|&cell| {
        let best = (0..3).max_by(|&a, &b| chances[a][cell].total_cmp(&chances[b][cell]));
        cell % 10 >= 3 && best == Some(cell % 3)
    });
    // 168 cells had no label; by chance 56 would be right.
    let right = right.count();
    assert!(right > 126, "{right} of 168");
}

/// The share of ten neighbours by genes that are neighbours on the map is larger with the cost of t-SNE.
#[test]
fn a_map_keeps_neighbours_when_told_to() {
    let (_, counts) = kinds(150, 20, 13);
    let cells = named(Sparse::from_dense(&counts).unwrap());
    let genes = counts.mapv(f32::ln_1p);
    let kept = |model: Vae| {
        let model = model.fit(quick(20)).run(&cells).unwrap();
        let near = |x: &dyn genolens::Input| {
            NeighborSearch::new()
                .k(10)
                .run(x)
                .unwrap()
                .indices()
                .clone()
        };
        let (known, found) = (near(&genes), near(&model.latent(&cells).unwrap()));
        let rows = known.rows().into_iter().zip(found.rows());
        let same = rows.map(|(a, b)| a.iter().filter(|&&a| b.iter().any(|&b| a == b)).count());
        same.sum::<usize>()
    };
    let (with, without) = (kept(small().tsne(20.0)), kept(small()));
    assert!(with > without, "{with} {without}");
}

#[test]
fn clusters_gather_cells_of_a_kind() {
    let cells = batched(150, 12);
    let model = small()
        .batches("batch")
        .clusters(3)
        .cluster_weight(5.0)
        .fit(quick(20));
    let model = model.run(&cells).unwrap();
    let chances = model.cluster_chances(&cells).unwrap();
    assert!(
        chances
            .rows()
            .into_iter()
            .all(|row| (row.sum() - 1.0).abs() < 1e-5)
    );
    let found: Vec<usize> = (0..150)
        .map(|cell| {
            let row = chances.row(cell);
            (0..3).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap()
        })
        .collect();
    // Cells of a kind mostly share a cluster; by chance 49 pairs would.
    let same = (0..147)
        .filter(|&cell| found[cell] == found[cell + 3])
        .count();
    assert!(same > 98, "{same} of 147");
}

/// One step along a dimension multiplies shares by the exponential of its loadings, up to a factor that all genes share.
#[test]
fn a_linear_decoder_has_loadings_that_make_what_it_says() {
    let cells = batched(60, 8);
    let model = small().linear().fit(quick(3)).run(&cells).unwrap();
    let said = |z: [f32; 2]| {
        let latent = Latent::from_coordinates(Array2::from(vec![z])).unwrap();
        let cells = model.decode(&latent).unwrap();
        cells.values().dense().row(0).to_owned()
    };
    let loadings = model.loadings().unwrap();
    assert_eq!(loadings.dim(), (8, 2));
    let rest = (said([1.0, 0.0]) / said([0.0, 0.0])).mapv(f32::ln) - loadings.column(0);
    let spread = rest.fold(0.0_f32, |most, v| most.max((v - rest[0]).abs()));
    assert!(spread < 1e-4, "{rest}");
    let told = small().linear().batches("batch").fit(quick(1)).run(&cells);
    assert_eq!(told.unwrap().loadings().unwrap().dim(), (8, 2));
}

#[test]
fn what_was_saved_is_read_again() {
    let cells = batched(40, 6);
    let options = small().batches("batch").labels("kind").fit(quick(1));
    let model = options.run(&cells).unwrap();
    let path = std::env::temp_dir().join("genolens_test_vae.safetensors");
    model.save(&path).unwrap();
    let copy = options.load(&path, &cells).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        copy.evidence(&cells).unwrap(),
        model.evidence(&cells).unwrap()
    );
}

/// Positions go in and out of both families through one door.
#[test]
fn a_line_between_cells_ends_at_both() {
    let cells = batched(60, 8);
    let model = small().fit(quick(5)).run(&cells).unwrap();
    let line = model.interpolated(&cells, (0, 1), 5).unwrap();
    assert_eq!(line.cells()[1], "0.250");
    let ends = model
        .normalised(&cells)
        .unwrap()
        .values()
        .dense()
        .into_owned();
    let line = line.values().dense().into_owned();
    let off = (&line.row(4) - &ends.row(1)).mapv(f32::abs).sum();
    assert!(off < 1e-3, "{off}");
    let coder = Autoencoder::new(2)
        .likelihood(Likelihood::Poisson)
        .fit(quick(1));
    let coder = coder.run(&cells).unwrap();
    let models: [&dyn LatentModel; 2] = [&model, &coder];
    for model in models {
        let decoded = model.decode(&model.encode(&cells).unwrap()).unwrap();
        assert_eq!(decoded.shape(), (60, 8));
        assert_eq!(decoded.obs().labels("kind").unwrap()[2], "T");
    }
}

/// What diverges is stopped and named, and weights from before are kept.
#[test]
fn divergence_keeps_the_last_good_state() {
    let cells = batched(60, 8);
    let fit = Fit::new()
        .epochs(60)
        .batch(16)
        .learning_rate(1e30)
        .patience(60);
    match small().batch_norm(false).fit(fit).run(&cells) {
        Ok(model) => {
            assert!(model.history().divergence().is_some());
            assert!(
                model
                    .latent(&cells)
                    .unwrap()
                    .coordinates()
                    .iter()
                    .all(|v| v.is_finite())
            );
        }
        Err(error) => assert!(error.to_string().contains("diverged"), "{error}"),
    }
}

#[test]
fn genes_that_nobody_has_do_no_harm() {
    let (_, mut counts) = kinds(60, 6, 11);
    counts.column_mut(0).mapv_inplace(|count| count + 1.0);
    counts.column_mut(2).fill(0.0);
    let cells = named(counts);
    let model = small().fit(quick(3)).run(&cells).unwrap();
    let said = model.reconstructed(&cells).unwrap();
    assert!(said.values().dense().iter().all(|value| value.is_finite()));
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let cells = batched(30, 5);
    let counts = cells.values().dense().into_owned();
    let mut said = Vec::new();
    let mut say = |model: Vae, cells: &Cells| {
        said.push(model.fit(quick(1)).run(cells).unwrap_err().to_string());
    };
    say(Vae::new(0), &cells);
    say(Vae::new(6), &cells);
    say(small().hidden(&[0]), &cells);
    say(small().dropout(1.0), &cells);
    say(small().beta(-1.0), &cells);
    say(small().warm_up(2.0), &cells);
    say(small().alike(1.0), &cells);
    say(small().alike(f64::NAN).batches("batch"), &cells);
    say(small().dispersion(Dispersion::GeneBatch), &cells);
    say(small().tsne(-1.0), &cells);
    say(small().tsne(1.0).perplexity(1.0), &cells);
    say(small().clusters(1), &cells);
    say(
        small()
            .learned_library(true)
            .likelihood(Likelihood::Gaussian),
        &cells,
    );
    let alike = named(Array2::from_elem((30, 5), 2.0));
    say(small().learned_library(true), &alike);
    say(small().likelihood(Likelihood::Categorical), &cells);
    say(small(), &named(counts.mapv(|count| count + 0.5)));
    let mut empty = counts.clone();
    empty.row_mut(3).fill(0.0);
    say(small(), &named(empty));
    say(small().batches("donor"), &cells);
    let early = cells.cells_where("batch", "early").unwrap();
    say(small().batches("batch"), &early);
    let holes: Vec<Option<&str>> = (0..30)
        .map(|cell| [Some("a"), Some("b"), None][cell % 3])
        .collect();
    let holes = cells.with_obs(Column::new("holes".into(), holes)).unwrap();
    say(small().batches("holes"), &holes);
    let none = vec![None::<&str>; 30];
    say(
        small().labels("none"),
        &cells.with_obs(Column::new("none".into(), none)).unwrap(),
    );
    insta::assert_snapshot!(said.join("\n"), @r"
`dimensions` is 0, expected 1 to 5, the number of genes
`dimensions` is 6, expected 1 to 5, the number of genes
`outputs` is 0, expected at least 1
`dropout` is 1, expected 0 to below 1
`beta` is -1, expected at least 0
`warm_up` is 2, expected a share, 0 to 1
`batches` is none, expected a column, where `alike` or the dispersion is about batches
`alike` is NaN, expected at least 0
`batches` is none, expected a column, where `alike` or the dispersion is about batches
`tsne` is -1, expected at least 0
`perplexity` is 1, expected above 1
`clusters` is 1, expected 0, or 2 to 30, the number of cells
`likelihood` is Gaussian, expected one of counts, where library sizes are learned
`cells` is the same in all cells, expected totals that differ, in every batch, where library sizes are learned
`likelihood` is categorical, expected Gaussian or one of counts
`values of cells` is 1.5, expected whole counts, at least 0, for zero-inflated negative binomial
`cells` is none in cell `cell 3`, expected at least one count in each
`column` is `donor`, expected one of: batch, kind
`batches` is `batch`, which has only `early`, expected a column with at least 2 different labels
`column holes` is null for 10 of 30 cells, expected a label for every cell
`labels` is `none`, which has none, expected a column with at least 2 different labels
");
}

#[test]
fn careless_questions_are_told_what_is_wrong() {
    let cells = batched(30, 5);
    let counts = cells.values().dense().into_owned();
    let mut said = Vec::new();
    let model = small().batches("batch").fit(quick(1)).run(&cells).unwrap();
    let mut tell = |error: genolens::Error| said.push(error.to_string());
    tell(
        model
            .latent(&named(counts.select(Axis(1), &[0, 1])))
            .unwrap_err(),
    );
    tell(
        model
            .latent(&labelled(&cells, "batch", |_| "noon"))
            .unwrap_err(),
    );
    tell(model.latent(&cells.select_cells(&[]).unwrap()).unwrap_err());
    tell(model.loadings().unwrap_err());
    let poisson = small().likelihood(Likelihood::Poisson).fit(quick(1));
    tell(
        poisson
            .run(&cells)
            .unwrap()
            .dropout_chances(&cells)
            .unwrap_err(),
    );
    // A hidden layer as wide as there are genes is no linear decoder.
    let wide = small().decoder(&[5]).batch_norm(false).fit(quick(1));
    tell(wide.run(&cells).unwrap().loadings().unwrap_err());
    tell(model.label_chances(&cells).unwrap_err());
    tell(model.cluster_chances(&cells).unwrap_err());
    tell(model.log_likelihood(&cells, 0).unwrap_err());
    tell(model.interpolated(&cells, (0, 1), 1).unwrap_err());
    tell(model.interpolated(&cells, (0, 99), 3).unwrap_err());
    let wide = Latent::from_coordinates(Array2::zeros((1, 3))).unwrap();
    tell(model.decode(&wide).unwrap_err());
    tell(Latent::from_coordinates(Array2::from_elem((1, 2), f32::NAN)).unwrap_err());
    insta::assert_snapshot!(said.join("\n"), @r"
`genes of cells` is 2, expected the 5 genes of the training, in their order
`batches` is `noon`, expected one of: early, late
`cells` is none, expected at least 1 cell
`decoder` is one with hidden layers, expected a linear one
`model` is Poisson, expected one of zero-inflated counts
`decoder` is one with hidden layers, expected a linear one
`model` is one without, expected a model that was trained with `labels`
`model` is one without, expected a model that was trained with `clusters`
`draws` is 0, expected at least 1
`steps` is 1, expected at least 2
`rows` is 99, expected below the 30 rows
`latent` has shape (1, 3), expected (n, 2) with n at least 1
`latent` is NaN, expected finite numbers
");
}
