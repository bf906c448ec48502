//! Marker genes.

use super::made::{cells, dense, near, row};
use genolens::expression::{self, Cells, Frame, MarkerTest, Markers, Preset, RankGenes};
use genolens::ndarray::{Array2, array};
use genolens::polars::prelude::Column;
use genolens::sparse::Sparse;
use proptest::prelude::*;

/// Compares p-values by their logarithms.
fn chances_near(what: &str, found: &[f64], golden: &[f64]) {
    let logs = |chances: &[f64]| {
        chances
            .iter()
            .map(|p| p.max(1e-300).ln())
            .collect::<Vec<_>>()
    };
    near(what, &logs(found), &logs(golden), 1e-5);
}

fn compare(name: &str, markers: &Markers) {
    for group in markers.groups() {
        let what = |column: &str| format!("{name} {group} {column}");
        let scores = markers.scores(&group).unwrap();
        near(
            &what("scores"),
            scores.as_slice().unwrap(),
            &row(&what("scores")),
            1e-5,
        );
        let folds = markers.log_fold_changes(&group).unwrap();
        near(
            &what("folds"),
            folds.as_slice().unwrap(),
            &row(&what("logfoldchanges")),
            1e-5,
        );
        let p = markers.p_values(&group).unwrap();
        chances_near(&what("pvals"), p.as_slice().unwrap(), &row(&what("pvals")));
        if name == "t" || name == "w" {
            let p = markers.adjusted_p_values(&group).unwrap();
            chances_near(
                &what("adjusted"),
                p.as_slice().unwrap(),
                &row(&what("pvals_adj")),
            );
        }
    }
}

#[test]
fn scores_and_fold_changes_are_those_of_scanpy() {
    for cells in [cells(), dense()] {
        let logged = cells.normalize_total().unwrap().log1p().unwrap();
        let preset = || RankGenes::preset(Preset::ScanpyV1);
        let wilcoxon = || preset().test(MarkerTest::Wilcoxon);
        for (name, asked) in [
            ("t", preset()),
            (
                "t over",
                preset().test(MarkerTest::TTestOverestimatedVariance),
            ),
            ("w", wilcoxon()),
            ("w ties", wilcoxon().tie_correct(true)),
            ("t ref", preset().reference("t1")),
            ("w ref", wilcoxon().tie_correct(true).reference("t1")),
        ] {
            let markers = asked.run(&logged, "type").unwrap();
            assert_eq!(
                markers.groups().len(),
                if name.contains("ref") { 2 } else { 3 }
            );
            compare(name, &markers);
        }
    }
}

#[test]
fn coefficients_are_those_of_scikit_learn() {
    let logged = cells().normalize_total().unwrap().log1p().unwrap();
    let logistic = RankGenes::new().test(MarkerTest::LogisticRegression);
    let markers = logistic.run(&logged, "type").unwrap();
    for group in ["t0", "t1", "t2"] {
        let scores = markers.scores(group).unwrap();
        near(
            group,
            scores.as_slice().unwrap(),
            &row(&format!("logistic {group} scores")),
            1e-4,
        );
    }
    assert!(markers.p_values("t0").is_err());
    assert_eq!(markers.table("t0").unwrap().width(), 5);
    // Of two groups scanpy gives the first the coefficients of the second.
    let two = logistic.groups(&["t0", "t2"]).run(&logged, "type").unwrap();
    let golden = row("logistic two t0 scores");
    near(
        "t2",
        two.scores("t2").unwrap().as_slice().unwrap(),
        &golden,
        1e-4,
    );
    near(
        "t0",
        (-two.scores("t0").unwrap()).as_slice().unwrap(),
        &golden,
        1e-4,
    );
}

#[test]
fn tables_have_the_best_genes_first_and_the_shares_of_cells() {
    let logged = cells().normalize_total().unwrap().log1p().unwrap();
    let markers = expression::rank_genes(&logged, "type").unwrap();
    let table = markers.table("t1").unwrap();
    let names: Vec<&str> = table
        .column("names")
        .unwrap()
        .str()
        .unwrap()
        .iter()
        .flatten()
        .collect();
    assert_eq!(markers.top("t1", 5).unwrap(), names[..5]);
    let scores = table.column("scores").unwrap().f64().unwrap();
    assert!(scores.iter().flatten().is_sorted_by(|a, b| a >= b));
    for (name, golden) in [("pct_nz_group", "pts"), ("pct_nz_reference", "pts_rest")] {
        let golden = row(golden);
        let frame = Frame::new(markers.genes().to_vec());
        let shares: Vec<f64> = table
            .column(name)
            .unwrap()
            .f64()
            .unwrap()
            .iter()
            .flatten()
            .collect();
        let places = frame.places(&names).unwrap();
        for (share, place) in shares.iter().zip(places) {
            assert!((share - golden[place]).abs() < 1e-7);
        }
    }
    let all = markers.tables().unwrap();
    assert_eq!((all.height(), all.width()), (720, 8));
    // A pseudo-count of one in a hundred keeps genes that are absent from one side within reason.
    for group in markers.groups() {
        let folds = markers.log_fold_changes(&group).unwrap();
        assert!(folds.iter().all(|fold| fold.abs() < 14.0));
    }
    let counts = RankGenes::new()
        .logged(false)
        .run(&cells(), "type")
        .unwrap();
    assert_ne!(counts.scores("t0").unwrap(), markers.scores("t0").unwrap());
}

/// Ranks by comparing every pair.
fn slow_wilcoxon(values: &[f32], is_one: &[bool], corrected: bool) -> f64 {
    let n = values.len() as f64;
    let ones = is_one.iter().filter(|one| **one).count() as f64;
    let rank = |value: f32| {
        let below = values.iter().filter(|other| **other < value).count() as f64;
        let same = values.iter().filter(|other| **other == value).count() as f64;
        (below + f64::midpoint(same, 1.0), same)
    };
    let mut sum = 0.0;
    let mut ties = 0.0;
    for (value, one) in values.iter().zip(is_one) {
        let (rank, same) = rank(*value);
        sum += if *one { rank } else { 0.0 };
        // Each of `same` equal values brings its share of their cube.
        ties += same * same - 1.0;
    }
    let correction = if corrected {
        1.0 - ties / (n * n * n - n)
    } else {
        1.0
    };
    let deviation = (correction * ones * (n - ones) * (n + 1.0) / 12.0).sqrt();
    let z = (sum - ones * (n + 1.0) / 2.0) / deviation;
    if z.is_finite() { z } else { 0.0 }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn ranks_of_many_zeros_are_those_of_all_pairs(
        values in proptest::collection::vec(prop_oneof![2 => Just(0.0_f32), 1 => (1_u8..4).prop_map(f32::from), 1 => 0.1_f32..3.0], 12..40),
        corrected in any::<bool>(),
    ) {
        let n = values.len();
        let names = (0..n).map(|cell| format!("c{cell}"));
        let labels: Vec<&str> = (0..n).map(|cell| ["x", "y", "z"][cell % 3]).collect();
        let column = Array2::from_shape_vec((n, 1), values.clone()).unwrap();
        let cells = Cells::new(column, names, ["gene"]).unwrap();
        let cells = cells.with_obs(Column::new("group".into(), labels.clone())).unwrap();
        let asked = RankGenes::new().test(MarkerTest::Wilcoxon).tie_correct(corrected).logged(false);
        let markers = asked.run(&cells, "group").unwrap();
        let against = asked.clone().reference("z").run(&cells, "group").unwrap();
        for group in ["x", "y"] {
            let ones: Vec<bool> = labels.iter().map(|label| *label == group).collect();
            let slow = slow_wilcoxon(&values, &ones, corrected);
            prop_assert!((markers.scores(group).unwrap()[0] - slow).abs() < 1e-9);
            let kept: Vec<usize> = (0..n).filter(|cell| ones[*cell] || labels[*cell] == "z").collect();
            let some: Vec<f32> = kept.iter().map(|cell| values[*cell]).collect();
            let ones: Vec<bool> = kept.iter().map(|cell| ones[*cell]).collect();
            let slow = slow_wilcoxon(&some, &ones, corrected);
            prop_assert!((against.scores(group).unwrap()[0] - slow).abs() < 1e-9);
        }
    }
}

#[test]
fn samples_are_the_sums_of_their_cells() {
    let cells = cells();
    let samples = expression::pseudobulk(&cells, "batch", "type").unwrap();
    assert_eq!(samples.shape(), (6, 240));
    assert_eq!(samples.cells()[1], "b0 | t1");
    let counts = cells.values().dense();
    let (batch, kind) = (
        cells.obs().labels("batch").unwrap(),
        cells.obs().labels("type").unwrap(),
    );
    let members: Vec<usize> = (0..150)
        .filter(|&cell| batch[cell] == "b0" && kind[cell] == "t1")
        .collect();
    let sum: f32 = members.iter().map(|cell| counts[[*cell, 3]]).sum();
    assert_eq!(samples.gene("g003").unwrap()[1], sum);
    assert_eq!(
        samples.obs().numbers("n_cells").unwrap()[1],
        members.len() as f64
    );
    assert_eq!(
        samples.obs().labels("type").unwrap()[..3],
        ["t0", "t1", "t2"]
    );
    // Samples are tested as cells are.
    let tested =
        expression::rank_genes(&samples.normalize_total().unwrap().log1p().unwrap(), "type");
    assert_eq!(tested.unwrap().groups(), ["t0", "t1", "t2"]);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let logged = cells().normalize_total().unwrap().log1p().unwrap();
    let tests = [
        MarkerTest::TTest,
        MarkerTest::Wilcoxon,
        MarkerTest::LogisticRegression,
    ];
    let all = || tests.map(|test| RankGenes::new().test(test).run(&logged, "type").unwrap());
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(all)
    };
    let one = with(1);
    assert!(with(2) == one && with(5) == one);
}

#[test]
fn careless_questions_are_refused_by_name() {
    let cells = cells();
    let logged = cells.normalize_total().unwrap().log1p().unwrap();
    let ask = RankGenes::new;
    let labels = |odd: &str| {
        let mut labels = vec!["a"; 150];
        labels[3] = odd;
        logged
            .with_obs(Column::new("cluster".into(), labels))
            .unwrap()
    };
    let scaled = logged.with_values(array![[-1.0_f32]]).err();
    assert!(scaled.is_some());
    let negative = Cells::new(array![[-1.0_f32], [1.0]], ["a", "b"], ["x"]).unwrap();
    let empty = Sparse::from_rows(1, vec![vec![], vec![]]).unwrap();
    let empty = Cells::new(empty, ["a", "b"], ["x"]).unwrap();
    let asked = [
        expression::rank_genes(&logged, "leiden").err(),
        expression::rank_genes(&cells, "type").err(),
        expression::rank_genes(&negative, "type").err(),
        expression::rank_genes(&labels("b"), "cluster").err(),
        expression::rank_genes(&labels("a"), "cluster").err(),
        ask().groups(&["a"]).run(&labels("b"), "cluster").err(),
        ask().groups(&["t0", "t9"]).run(&logged, "type").err(),
        ask().groups(&["t0", "t0"]).run(&logged, "type").err(),
        ask().groups(&[]).run(&logged, "type").err(),
        ask().reference("t9").run(&logged, "type").err(),
        ask().pseudo_count(0.0).run(&logged, "type").err(),
        ask()
            .test(MarkerTest::LogisticRegression)
            .reference("t1")
            .run(&logged, "type")
            .err(),
        ask()
            .test(MarkerTest::LogisticRegression)
            .groups(&["t1"])
            .run(&logged, "type")
            .err(),
        expression::pseudobulk(&logged, "batch", "type").err(),
        expression::pseudobulk(&cells, "batch", "batch").err(),
        expression::pseudobulk(&empty, "batch", "type").err(),
    ];
    let markers = expression::rank_genes(&logged, "type").unwrap();
    let logistic = ask()
        .test(MarkerTest::LogisticRegression)
        .run(&logged, "type")
        .unwrap();
    let asked = asked
        .into_iter()
        .chain([markers.table("t5").err(), logistic.p_values("t1").err()]);
    let messages: Vec<String> = asked.map(|error| error.unwrap().to_string()).collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `column` is `leiden`, expected one of: batch, type
    `values` is only whole numbers, as counts are, expected log-normalised values (normalize_total, then log1p)
    `values` is -1 in cell `a`, gene `x`, expected finite numbers from 0 (were they scaled?)
    `column cluster` is 1 cell in `b`, expected at least 2 cells in every group tested
    `column cluster` is 150 of 150 cells in `a`, expected at least 2 cells outside of every group
    `column cluster` is 149 of 150 cells in `a`, expected at least 2 cells outside of every group
    `groups` is `t9`, expected one of: t0, t1, t2
    `groups` is `t0`, expected each group once, without the reference
    `groups` is none, expected at least one group to test
    `reference` is `t9`, expected one of: t0, t1, t2
    `pseudo_count` is 0, expected a number above 0
    `reference` is `t1`, expected none for a logistic regression, which reads all groups at once
    `groups` is 1, expected at least 2 for a logistic regression
    `values` is 2.161144 in cell `c000`, gene `g000`, expected counts: whole numbers from 0 (were they normalised? a layer may have the counts)
    `group` is `batch`, expected another column than the sample
    `column` is `batch`, expected one of: none
    `group` is `t5`, expected one of: t0, t1, t2
    `test` is a logistic regression, expected a test with p-values
    ");
    assert_eq!(
        format!("{markers:?}"),
        "Markers(3 groups against the rest, 240 genes, TTest)"
    );
}
