//! RNA velocity against scVelo, and against cells whose direction is known.

use crate::data;
use crate::golden::{assert_named, table};
use genolens::Error;
use genolens::embedding::{Map, NeighborSearch, Neighbors, Pca};
use genolens::expression::{
    self, Arrows, Cells, LocalMoments, RnaVelocity, SplicedCounts, Transitions, Values, Velocity,
    VelocityEvidence, VelocityGrid, VelocityModel, VelocityTest,
};
use genolens::ndarray::{Array1, Array2, Axis, array, s};
use genolens::polars::prelude::Column;
use genolens::simulate::Differentiation;
use genolens::sparse::Sparse;
use std::path::Path;

const GOLDEN: &str = include_str!("../../golden/expression/velocity.tsv");

/// scVelo computes in single precision.
const NEAR: f64 = 1e-4;

fn pancreas() -> Option<(Cells, Neighbors)> {
    let path = data::file("velocity/pancreas_50obs_preprocessed.h5ad")?;
    let cells = expression::open(path).unwrap();
    let neighbors = Neighbors::from_distances(cells.obsp("distances").unwrap()).unwrap();
    Some((cells, neighbors))
}

fn line(values: &[f64]) -> Array2<f64> {
    Array1::from(values.to_vec()).insert_axis(Axis(0))
}

/// Reads a table of single-precision numbers that numpy has saved.
fn npy(path: &Path) -> Array2<f64> {
    let bytes = std::fs::read(path).unwrap();
    let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = String::from_utf8_lossy(&bytes[10..10 + header]).into_owned();
    assert!(text.contains("'<f4'") && text.contains("'fortran_order': False"));
    let shape = text
        .split("'shape': (")
        .nth(1)
        .unwrap()
        .split(')')
        .next()
        .unwrap();
    let shape: Vec<usize> = shape
        .split(", ")
        .map(|size| size.parse().unwrap())
        .collect();
    let numbers = bytes[10 + header..].as_chunks::<4>().0.iter();
    let numbers = numbers.map(|bytes| f64::from(f32::from_le_bytes(*bytes)));
    Array2::from_shape_vec((shape[0], shape[1]), numbers.collect()).unwrap()
}

#[test]
fn moments_are_those_of_scvelo() {
    let Some((cells, neighbors)) = pancreas() else {
        return;
    };
    for (layer, values) in [
        ("None", cells.values()),
        ("spliced", cells.layer("spliced").unwrap()),
        ("unspliced", cells.layer("unspliced").unwrap()),
    ] {
        for (mode, nearest) in [("connectivities", false), ("distances", true)] {
            let moments = LocalMoments::new().nearest(nearest);
            // The peer's second moments are means of squares here, and not yet variances.
            let squares = Values::from(values.dense().mapv(|value| value * value));
            for (order, found) in [
                ("first", moments.mean(values, &neighbors)),
                ("second", moments.mean(&squares, &neighbors)),
            ] {
                let name = format!("velocity/moments/{layer}_{mode}_{order}.npy");
                let Some(path) = data::file(&name) else {
                    return;
                };
                assert_named(&name, &found.unwrap().mapv(f64::from), (&npy(&path), 1e-6));
            }
        }
    }
    let values = cells.layer("spliced").unwrap();
    let squares = Values::from(values.dense().mapv(|value| value * value));
    let of = |values: &Values| LocalMoments::new().mean(values, &neighbors).unwrap();
    let mean = of(values);
    let variance = LocalMoments::new().variance(values, &neighbors).unwrap();
    assert_eq!(variance, of(&squares) - &mean * &mean);
    let smooth = expression::moments(&cells, &neighbors).unwrap();
    for name in ["Ms", "Mu"] {
        let found = smooth.layer(name).unwrap().dense().mapv(f64::from);
        let golden = cells.layer(name).unwrap().dense().mapv(f64::from);
        assert_named(name, &found, (&golden, 1e-6));
    }
}

fn triplets(matrix: &Sparse, name: &str, expected: &str) {
    let golden = table(GOLDEN, expected);
    for row in golden.rows() {
        let found = f64::from(matrix.get(row[0] as usize, row[1] as usize));
        assert!((found - row[2]).abs() < NEAR, "{name} {row}: {found}");
    }
}

#[test]
fn ratios_graph_and_arrows_are_those_of_scvelo() {
    let Some((cells, neighbors)) = pancreas() else {
        return;
    };
    for (mode, model) in [
        ("deterministic", VelocityModel::SteadyState),
        ("stochastic", VelocityModel::Stochastic),
    ] {
        let velocity = RnaVelocity::new()
            .model(model)
            .run(&cells, &neighbors)
            .unwrap();
        let genes = velocity.table().unwrap();
        let column = |name: &str| {
            let column = genes
                .column(name)
                .unwrap()
                .cast(&genolens::polars::prelude::DataType::Float64)
                .unwrap();
            line(
                &column
                    .f64()
                    .unwrap()
                    .into_no_null_iter()
                    .collect::<Vec<f64>>(),
            )
        };
        let golden = |name: &str| table(GOLDEN, &format!("{mode}.{name}"));
        assert_eq!(column("used"), golden("genes"), "{mode}");
        for (name, of) in [("gamma", "gamma"), ("gamma_steady", "steady"), ("r2", "r2")] {
            // Genes differ widely: each is compared by itself.
            for (found, golden) in column(name).iter().zip(&golden(of)) {
                assert!(
                    (found - golden).abs() <= NEAR * golden.abs().max(1.0),
                    "{mode} {name}: {found}, not {golden}"
                );
            }
        }
        if model == VelocityModel::SteadyState {
            for (found, golden) in column("r2_all").iter().zip(&golden("adjusted")) {
                assert!(
                    (found - golden).abs() <= NEAR * golden.abs().max(1.0),
                    "r2_all: {found}, not {golden}"
                );
            }
        }
        let chances = Transitions::new().run(&velocity).unwrap();
        let signed = Transitions::new().signed(true).run(&velocity).unwrap();
        let matrices = [
            ("graph", velocity.graph()),
            ("against", velocity.graph_against()),
            ("chances", &chances),
            ("signed", &signed),
        ];
        let sums = golden("sums");
        for (place, (name, matrix)) in matrices.into_iter().enumerate() {
            triplets(matrix, name, &format!("{mode}.{name}"));
            let sum = matrix.row_sums().sum();
            assert!(
                (sum / sums[[0, place]] - 1.0).abs() < NEAR,
                "{mode} {name}: {sum}, not {}",
                sums[[0, place]]
            );
        }
        let two = cells.obsm("X_pca").unwrap().slice(s![.., ..2]).to_owned();
        let arrows = velocity.arrows(&Map::new(two, "PCA").unwrap()).unwrap();
        assert_named(mode, arrows.vectors(), (&golden("arrows"), NEAR));
        assert_named(
            mode,
            &line(&velocity.lengths().to_vec()),
            (&golden("length"), NEAR),
        );
        assert_named(
            mode,
            &line(&velocity.confidence().to_vec()),
            (&golden("confidence"), NEAR),
        );
        if model == VelocityModel::Stochastic {
            fields_are_those_of_scvelo(&arrows);
        }
    }
}

fn fields_are_those_of_scvelo(arrows: &Arrows) {
    let field = VelocityGrid::new().neighbors(10).smooth(2.0);
    let grid = field.run(arrows).unwrap();
    let found = genolens::ndarray::concatenate![Axis(1), *grid.positions(), *grid.vectors()];
    assert_named(
        "grid",
        &found.slice(s![..;7, ..]).to_owned(),
        (&table(GOLDEN, "grid"), NEAR),
    );
    let stream = field.stream(arrows).unwrap();
    let lines = genolens::ndarray::stack![Axis(0), *stream.x(), *stream.y()];
    assert_named("stream", &lines, (&table(GOLDEN, "stream.lines"), NEAR));
    let blank = table(GOLDEN, "stream.along_x").mapv(f64::is_nan);
    assert!(blank.iter().any(|blank| !blank));
    for (name, along) in [("along_x", stream.along_x()), ("along_y", stream.along_y())] {
        let golden = table(GOLDEN, &format!("stream.{name}"));
        let largest = golden
            .iter()
            .filter(|x| x.is_finite())
            .fold(0.0, |a: f64, b| a.max(b.abs()));
        for ((found, golden), blank) in along.iter().step_by(7).zip(&golden).zip(&blank) {
            assert_eq!(found.is_nan(), *blank, "{name}");
            assert!(
                *blank || (found - golden).abs() < NEAR * largest,
                "{name}: {found}, not {golden}"
            );
        }
    }
}

#[test]
fn counts_are_made_ready_as_by_scvelo() {
    let golden = |name: &str| table(GOLDEN, &format!("counts.{name}"));
    let layer = |name: &str| golden(name).mapv(|count| count as f32);
    let names = |count: usize| (0..count).map(|place| place.to_string());
    let cells = Cells::new(layer("spliced"), names(12), names(9))
        .and_then(|cells| cells.with_layer("spliced", layer("spliced")))
        .and_then(|cells| cells.with_layer("unspliced", layer("unspliced")))
        .unwrap();
    let ready = SplicedCounts::new().shared_counts(8).run(&cells).unwrap();
    let genes: Vec<f64> = ready
        .genes()
        .iter()
        .map(|gene| gene.parse().unwrap())
        .collect();
    assert_eq!(line(&genes), golden("genes"));
    for name in ["spliced", "unspliced"] {
        let found = ready.layer(name).unwrap().dense().mapv(f64::from);
        assert_named(name, &found, (&golden(&format!("normal_{name}")), 1e-6));
    }
    assert_eq!(ready.values(), ready.layer("spliced").unwrap());
}

/// Neighbours of simulated cells, as a pipeline finds them.
fn near(cells: &Cells) -> Neighbors {
    let logs = cells
        .with_values(Values::from(
            cells.layer("spliced").unwrap().dense().mapv(f32::ln_1p),
        ))
        .unwrap();
    let components = Pca::new(20).run(&logs).unwrap();
    let x = components.coordinates().mapv(|x| x as f32);
    NeighborSearch::new().k(30).run(&x).unwrap()
}

fn path(cells: &Cells) -> Map {
    Map::new(cells.obsm("X_path").unwrap().clone(), "path").unwrap()
}

fn estimate(cells: &Cells) -> Velocity {
    let ready = SplicedCounts::new().run(cells).unwrap();
    expression::velocity(&ready, &near(&ready)).unwrap()
}

/// The share of arrows along time, of cells that are not at an end, where there is nowhere to go.
fn forward(cells: &Cells, velocity: &Velocity) -> f64 {
    let arrows = velocity.arrows(&path(cells)).unwrap();
    let times = cells.obs().numbers("time").unwrap();
    let inner: Vec<usize> = (0..times.len())
        .filter(|cell| (0.05..0.95).contains(&times[*cell]))
        .collect();
    let ahead = inner
        .iter()
        .filter(|cell| arrows.vectors()[[**cell, 0]] > 0.0)
        .count();
    ahead as f64 / inner.len() as f64
}

#[test]
fn arrows_point_where_time_goes() {
    for (seed, branches) in [(1, 1), (2, 1), (3, 2)] {
        let cells = Differentiation::new()
            .branches(branches)
            .seed(seed)
            .run(600)
            .unwrap();
        for model in [VelocityModel::SteadyState, VelocityModel::Stochastic] {
            let ready = SplicedCounts::new().run(&cells).unwrap();
            let velocity = RnaVelocity::new()
                .model(model)
                .run(&ready, &near(&ready))
                .unwrap();
            let share = forward(&cells, &velocity);
            assert!(share > 0.9, "seed {seed}, {model:?}: {share}");
        }
    }
}

#[test]
fn exchanged_layers_turn_the_arrows_round() {
    let cells = Differentiation::new().seed(4).run(500).unwrap();
    let [spliced, unspliced] =
        ["spliced", "unspliced"].map(|name| cells.layer(name).unwrap().clone());
    let turned = cells
        .with_layer("spliced", unspliced)
        .and_then(|cells| cells.with_layer("unspliced", spliced))
        .unwrap();
    assert!(forward(&cells, &estimate(&cells)) > 0.9);
    let share = forward(&turned, &estimate(&turned));
    assert!(share < 0.15, "{share}");
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let cells = Differentiation::new().run(300).unwrap();
    let run = || {
        let velocity = estimate(&cells);
        let arrows = velocity.arrows(&path(&cells)).unwrap();
        let stream = arrows.stream().unwrap().along_y().mapv(f64::to_bits);
        (
            velocity.graph().clone(),
            velocity.values().clone(),
            arrows.vectors().clone(),
            stream,
            arrows.grid().unwrap().drawn(),
            VelocityTest::new()
                .draws(19)
                .run(&velocity)
                .unwrap()
                .null()
                .mapv(f64::to_bits),
        )
    };
    let pool = |threads: usize| pool_of(threads).install(run);
    let first = pool(1);
    assert!(first == pool(2) && first == pool(5));
}

fn pool_of(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

#[test]
fn cells_take_the_estimates_along() {
    let cells = Differentiation::new().run(200).unwrap();
    let velocity = estimate(&cells);
    let with = velocity.cells().unwrap();
    let all = with.layer("velocity").unwrap().dense().into_owned();
    let used: Vec<usize> = with.var().places(&velocity.genes()).unwrap();
    assert_eq!(&all.select(Axis(1), &used), velocity.values());
    assert_eq!(
        with.obs().numbers("velocity_confidence").unwrap(),
        velocity.confidence().to_vec()
    );
    let marked = with.var().mask("velocity_genes").unwrap();
    assert_eq!(marked.iter().filter(|used| **used).count(), used.len());
    let (portrait, gamma) = velocity.portrait(&velocity.genes()[0]).unwrap();
    for (point, value) in portrait.rows().into_iter().zip(velocity.values().column(0)) {
        assert!(
            (f64::from(point[1]) - gamma * f64::from(point[0]) - f64::from(*value)).abs() < 1e-5
        );
    }
    let arrows = velocity.arrows(&path(&cells)).unwrap();
    assert!(
        arrows
            .lengths()
            .iter()
            .all(|length| (0.0..=2.0).contains(length))
    );
    // An arrow of the 95th percentile spans a twentieth of the map.
    let mut lengths: Vec<f64> = arrows
        .drawn()
        .rows()
        .into_iter()
        .map(|row| row.dot(&row).sqrt())
        .collect();
    lengths.sort_by(f64::total_cmp);
    let time = cells.obs().numbers("time").unwrap();
    let side =
        time.iter().fold(0.0_f64, |a, b| a.max(*b)) - time.iter().fold(1.0_f64, |a, b| a.min(*b));
    assert!((lengths[189] / (0.05 * side) - 1.0).abs() < 0.05);
}

#[test]
fn careless_calls_are_refused_by_name() {
    let cells = Differentiation::new().genes(40).run(60).unwrap();
    let neighbors = near(&cells);
    let velocity = expression::velocity(&cells, &neighbors).unwrap();
    let plain = Cells::new(array![[1.0_f32], [2.0]], ["a", "b"], ["g"]).unwrap();
    let few = Neighbors::new(&array![[1], [0]], &array![[1.0], [1.0]]).unwrap();
    let broken = cells
        .with_layer("spliced", Array2::from_elem((60, 40), f32::NAN))
        .unwrap();
    let negative = cells
        .with_layer("spliced", Array2::from_elem((60, 40), -1.0))
        .unwrap();
    let none = cells
        .with_var(Column::new("highly_variable".into(), vec![false; 40]))
        .unwrap();
    let run = |model: RnaVelocity| model.run(&cells, &neighbors).err();
    let map = |of: Array2<f32>| Map::new(of, "made up").unwrap();
    let arrows = velocity.arrows(&path(&cells)).unwrap();
    let one = velocity.arrows(&map(Array2::zeros((60, 1)))).unwrap();
    let still = velocity.arrows(&map(Array2::zeros((60, 2)))).unwrap();
    let messages: [Option<Error>; 19] = [
        expression::moments(&plain, &few).err(),
        expression::velocity(&plain, &few).err(),
        expression::moments(&cells, &few).err(),
        expression::velocity(&cells, &few).err(),
        expression::velocity(&broken, &neighbors).err(),
        SplicedCounts::new().run(&negative).err(),
        SplicedCounts::new()
            .shared_counts(1_000_000)
            .run(&cells)
            .err(),
        run(RnaVelocity::new().percentile(101.0)),
        run(RnaVelocity::new().least_r2(f64::NAN)),
        run(RnaVelocity::new().least_ratio(1e6)),
        expression::velocity(&none, &neighbors).err(),
        velocity.arrows(&map(Array2::zeros((3, 2)))).err(),
        Transitions::new().scale(-1.0).run(&velocity).err(),
        VelocityGrid::new().points(1).run(&arrows).err(),
        VelocityGrid::new().neighbors(61).run(&arrows).err(),
        one.grid().err(),
        still.stream().err(),
        VelocityTest::new().draws(5).run(&velocity).err(),
        VelocityTest::new().edges(0).run(&velocity).err(),
    ];
    let messages: Vec<String> = messages.map(|error| error.unwrap().to_string()).into();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `layer` is `spliced`, expected one of: none
    `layer` is `spliced`, expected one of: none
    `neighbors` is of 2 cells, expected those of 60 cells
    `neighbors` is of 2 cells, expected those of 60 cells
    `values` is NaN, expected finite
    `spliced` is -1, expected counts of at least 0
    `shared_counts` is 1000000, expected at most what some gene has in cells with counts of both kinds
    `percentile` is 101, expected 0 to 100
    `least_r2` is NaN, expected a number
    `cells` is with 0 of 40, expected two genes or more with r2 above 0.01 and ratio above 1000000 (80 % of r2 are below 0.9250)
    `cells` is with 0 of 40, expected two genes or more with r2 above 0.01 and ratio above 0.01 (80 % of r2 are below 0.9250)
    `map` is of 3, expected one of 60 cells
    `scale` is -1, expected above 0, at most 50
    `points` is 1, expected 2 to 1000
    `neighbors` is 61, expected 1 to 60
    `map` has shape (60, 1), expected (n, 2)
    `map` is one with all in one, expected one with cells in two places or more
    `draws` is 5, expected 19 to 100000
    `edges` is 0, expected 1 or more
    ");
    assert!(
        RnaVelocity::new()
            .variable_genes(false)
            .run(&none, &neighbors)
            .is_ok()
    );
}

#[test]
fn cells_that_move_are_told_from_cells_at_rest() {
    let evidence = |simulation: Differentiation| {
        let cells = simulation.genes(60).truth(false).run(200).unwrap();
        VelocityTest::new()
            .draws(19)
            .run(&estimate(&cells))
            .unwrap()
    };
    for seed in 1..4 {
        let moving = evidence(Differentiation::new().seed(seed));
        assert_eq!(moving.beyond(), 0.0, "{moving:?}");
        assert!(
            moving.coherence() > 0.1 && moving.reversal() < 0.01 && moving.against() < 0.1,
            "{moving:?}"
        );
    }
    // At rest, genes contradict each other, and coherence is that of the null or little more.
    for seed in 1..5 {
        let still = evidence(Differentiation::new().still(true).seed(seed));
        let most = still.null().iter().copied().fold(0.0, f64::max);
        assert!(
            still.coherence() < 0.05 && still.coherence() < most + 0.03,
            "{still:?}"
        );
        assert!(still.against() > 0.15, "{still:?}");
    }
}

#[test]
fn a_gene_that_runs_backwards_is_found() {
    // One gene has its layers exchanged.
    let cells = Differentiation::new().genes(40).seed(2).run(300).unwrap();
    let [mut spliced, mut unspliced] =
        ["spliced", "unspliced"].map(|name| cells.layer(name).unwrap().dense().into_owned());
    let before = VelocityTest::new()
        .draws(19)
        .run(&estimate(&cells))
        .unwrap();
    let agreement = |evidence: &VelocityEvidence, gene: &str| {
        let table = evidence.table().unwrap();
        let names = table.column("gene").unwrap().str().unwrap().clone();
        let place = names.iter().position(|name| name == Some(gene)).unwrap();
        table
            .column("agreement")
            .unwrap()
            .f64()
            .unwrap()
            .get(place)
            .unwrap()
    };
    let gene = before
        .table()
        .unwrap()
        .column("gene")
        .unwrap()
        .str()
        .unwrap()
        .get(0)
        .unwrap()
        .to_owned();
    let place = cells.var().places(&[&gene]).unwrap()[0];
    for cell in 0..cells.len() {
        std::mem::swap(&mut spliced[[cell, place]], &mut unspliced[[cell, place]]);
    }
    let turned = cells
        .with_layer("spliced", spliced)
        .and_then(|cells| cells.with_layer("unspliced", unspliced))
        .unwrap();
    let after = VelocityTest::new()
        .draws(19)
        .run(&estimate(&turned))
        .unwrap();
    assert!(
        agreement(&before, &gene) > 0.1,
        "{}",
        agreement(&before, &gene)
    );
    assert!(
        agreement(&after, &gene) < -0.1,
        "{}",
        agreement(&after, &gene)
    );
}
