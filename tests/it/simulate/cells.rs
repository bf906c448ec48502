//! Simulated cells: of types, and on their way.

use genolens::Input;
use genolens::expression::Cells;
use genolens::ndarray::{Array2, Axis};
use genolens::simulate::{self, Differentiation, Tissue};

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

fn dense(cells: &Cells, layer: &str) -> Array2<f64> {
    cells.layer(layer).unwrap().dense().mapv(f64::from)
}

#[test]
fn the_same_seed_draws_the_same_cells() {
    let tissue = Tissue::new()
        .genes(200)
        .markers(10)
        .batches(2)
        .dropout(0.3)
        .doublets(0.1);
    let draw = || {
        (
            tissue.run(300).unwrap(),
            Differentiation::new().branches(2).run(150).unwrap(),
        )
    };
    let first = pool(1).install(draw);
    assert_eq!(pool(3).install(draw), first);
    assert_ne!(tissue.clone().seed(1).run(300).unwrap(), first.0);
    // The first ones do not depend on how many are drawn.
    let few: Vec<usize> = (0..70).collect();
    assert_eq!(tissue.run(70).unwrap(), first.0.select_cells(&few).unwrap());
}

#[test]
fn counts_are_around_depth_times_share() {
    let cells = Tissue::new()
        .genes(400)
        .types(3)
        .markers(30)
        .shares(&[1.0, 2.0, 1.0])
        .run(4000)
        .unwrap();
    let kinds = cells.obs().labels("cell_type").unwrap();
    assert_eq!(cells.obs().categories("cell_type").unwrap().len(), 3);
    let counts = cells.values().dense().mapv(f64::from);
    assert!(
        counts
            .iter()
            .all(|count| *count >= 0.0 && count.fract() == 0.0)
    );
    let depths = cells.obs().numbers("depth").unwrap();
    let markers = cells.var().labels("marker_of").unwrap();
    for kind in ["type 0", "type 1", "type 2"] {
        let of: Vec<usize> = (0..4000).filter(|cell| kinds[*cell] == kind).collect();
        let expected = if kind == "type 1" { 2000 } else { 1000 };
        assert!(of.len().abs_diff(expected) < 130, "{kind}: {}", of.len());
        let depth: f64 = of.iter().map(|cell| depths[*cell]).sum();
        let shares = cells.var().numbers(&format!("share in {kind}")).unwrap();
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let found = counts.select(Axis(0), &of).sum_axis(Axis(0));
        // Of a well measured gene the mean is known to a few percent.
        for (gene, share) in shares
            .iter()
            .enumerate()
            .filter(|(_, share)| **share > 0.003)
        {
            let ratio = found[gene] / (share * depth);
            assert!((ratio - 1.0).abs() < 0.15, "{kind} gene {gene}: {ratio}");
        }
        assert_eq!(markers.iter().filter(|marks| *marks == kind).count(), 30);
    }
}

#[test]
fn dropout_batches_and_doublets_do_what_they_say() {
    let plain = Tissue::new().genes(300).types(2).markers(20);
    let total = |tissue: &Tissue| tissue.run(500).unwrap().sparse().unwrap().row_sums().sum();
    let whole = total(&plain);
    assert!(total(&plain.clone().dropout(1.0)) < 0.9 * whole);
    assert!(total(&plain.clone().depth(1200.0)) > 1.8 * whole);
    let doublets = plain.clone().doublets(0.5).run(500).unwrap();
    let two = doublets.obs().mask("doublet").unwrap();
    assert!(two.iter().filter(|two| **two).count().abs_diff(250) < 60);
    let batches = plain.batches(3).batch_effect(1.0).run(900).unwrap();
    let labels = batches.obs().labels("batch").unwrap();
    let counts = batches.values().dense();
    let mean = |batch: &str| {
        let of: Vec<usize> = (0..900).filter(|cell| labels[*cell] == batch).collect();
        counts.select(Axis(0), &of).sum_axis(Axis(0))
    };
    let (first, second) = (mean("batch 0"), mean("batch 1"));
    let folds: Vec<f32> = (0..300)
        .filter(|gene| first[*gene] > 100.0 && second[*gene] > 100.0)
        .map(|gene| (first[gene] / second[gene]).ln().abs())
        .collect();
    assert!(folds.iter().sum::<f32>() / folds.len() as f32 > 0.5);
}

#[test]
fn unspliced_counts_go_before_spliced_ones() {
    let cells = Differentiation::new()
        .genes(60)
        .dispersion(0.0)
        .depth_spread(0.0)
        .depth(20.0)
        .run(3000)
        .unwrap();
    let (spliced, unspliced) = (dense(&cells, "spliced"), dense(&cells, "unspliced"));
    let truth = dense(&cells, "velocity_true");
    let (beta, gamma) = (
        cells.var().numbers("beta").unwrap(),
        cells.var().numbers("gamma").unwrap(),
    );
    // With many molecules the velocity computed from counts is the true one, but for the noise of counting.
    for gene in 0..60 {
        let estimate = &unspliced.column(gene) * beta[gene] - &spliced.column(gene) * gamma[gene];
        let error = (&estimate - &truth.column(gene))
            .mapv(|x| x * x)
            .mean()
            .unwrap()
            .sqrt();
        let noise = (beta[gene].powi(2) * unspliced.column(gene).mean().unwrap()
            + gamma[gene].powi(2) * spliced.column(gene).mean().unwrap())
        .sqrt();
        assert!(
            error < 1.1 * noise + 1e-9,
            "gene {gene}: {error} above {noise}"
        );
    }
    // And the velocity is the slope of the spliced mean over time (ten units long).
    let time = cells.obs().numbers("time").unwrap();
    let window = |low: f64, of: &Array2<f64>, gene: usize| {
        let cells: Vec<usize> = (0..3000)
            .filter(|cell| (low..low + 0.02).contains(&time[*cell]))
            .collect();
        cells.iter().map(|cell| of[[*cell, gene]]).sum::<f64>() / cells.len() as f64
    };
    let mut agree = 0;
    let mut moving = 0;
    for gene in 0..60 {
        let slope = (window(0.52, &spliced, gene) - window(0.48, &spliced, gene)) / 0.4;
        let velocity = window(0.5, &truth, gene);
        if velocity.abs() > 30.0 {
            moving += 1;
            agree += usize::from((slope / velocity - 1.0).abs() < 0.5);
        }
    }
    assert!(
        moving >= 5 && agree * 10 >= moving * 8,
        "{agree} of {moving}"
    );
    let still = Differentiation::new().still(true).run(50).unwrap();
    assert!(
        dense(&still, "velocity_true")
            .iter()
            .all(|velocity| *velocity == 0.0)
    );
    assert!(
        Differentiation::new()
            .truth(false)
            .run(50)
            .unwrap()
            .layer("velocity_true")
            .is_err()
    );
}

#[test]
fn options_that_make_no_sense_are_named() {
    let tissue = |tissue: Tissue| tissue.run(3).unwrap_err().to_string();
    let path = |path: Differentiation| path.run(3).unwrap_err().to_string();
    let messages = [
        simulate::cells(0, 1).unwrap_err().to_string(),
        simulate::cells(usize::MAX, 1).unwrap_err().to_string(),
        tissue(Tissue::new().genes(0)),
        tissue(Tissue::new().genes(usize::MAX)),
        tissue(Tissue::new().types(0)),
        tissue(Tissue::new().markers(251)),
        tissue(Tissue::new().shares(&[1.0, f64::NAN])),
        tissue(Tissue::new().fold(0.0)),
        tissue(Tissue::new().depth(-1.0)),
        tissue(Tissue::new().depth_spread(f64::NAN)),
        tissue(Tissue::new().dispersion(-0.1)),
        tissue(Tissue::new().dropout(f64::INFINITY)),
        tissue(Tissue::new().batches(0)),
        tissue(Tissue::new().batch_effect(4.0)),
        tissue(Tissue::new().doublets(1.5)),
        simulate::differentiation(0, 1).unwrap_err().to_string(),
        path(Differentiation::new().genes(0)),
        path(Differentiation::new().branches(0)),
        path(Differentiation::new().depth(0.0)),
        path(Differentiation::new().depth_spread(5.0)),
        path(Differentiation::new().dispersion(f64::NAN)),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `n` is 0, expected 1 or more
    `n` is 18446744073709551615, expected at most 549755813 for 2000 genes
    `genes` is 0, expected 1 to 10000000
    `genes` is 18446744073709551615, expected 1 to 10000000
    `types` is 0, expected 1 or more
    `markers` is 251, expected at most 250 for 8 types of 2000 genes
    `shares` is [1.0, NaN], expected at least 0, and above 0 somewhere
    `fold` is 0, expected above 0, at most 1000000
    `depth` is -1, expected above 0, at most 1000000000
    `depth_spread` is NaN, expected 0 to 3
    `dispersion` is -0.1, expected 0 to 100
    `dropout` is inf, expected 0 to 1000000000
    `batches` is 0, expected 1 or more
    `batch_effect` is 4, expected 0 to 3
    `doublets` is 1.5, expected 0 to 1
    `n` is 0, expected 1 or more
    `genes` is 0, expected 1 to 10000000
    `branches` is 0, expected 1 to 1000
    `depth` is 0, expected above 0, at most 1000000
    `depth_spread` is 5, expected 0 to 3
    `dispersion` is NaN, expected 0 to 100
    ");
}
