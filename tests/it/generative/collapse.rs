//! Whether a collapse is seen: against the formulas, planted collapses, real halves, and careless calls.

use super::gan::{cells, small};
use super::plain::{labelled, named};
use crate::golden;
use genolens::expression::{Cells, open};
use genolens::generative::{CollapseCheck, Gan, collapse};
use genolens::ndarray::{Array1, Array2};

const GOLDEN: &str = include_str!("../../golden/generative/collapse.tsv");

fn points(count: usize, shift: f64, spread: f64) -> Cells {
    let values = Array2::from_shape_fn((count, 4), |(row, column)| {
        let place = (row * 4 + column) as f64;
        (2.0 + spread * (1.3 * place * place + shift).sin()) as f32
    });
    labelled(&named(values), "type", |cell| ["B", "NK", "T"][cell % 3])
}

/// All components of four genes are a rotation, which keeps distances. Tolerance 1e-12.
#[test]
fn overlaps_are_those_of_the_formulas() {
    let (real, made) = (points(60, 0.0, 1.0), points(48, 1.0, 2.2));
    let found = collapse(&real, &made, "type").unwrap();
    assert_eq!(found.kinds(), ["B", "NK", "T", "all"]);
    for (place, kind) in found.kinds().iter().enumerate() {
        let expected = golden::table(GOLDEN, kind);
        let found = [
            found.precision()[place],
            found.recall()[place],
            found.density()[place],
            found.coverage()[place],
        ];
        let found = Array2::from_shape_vec((1, 4), found.to_vec()).unwrap();
        golden::assert_named(kind, &found, (&expected, 1e-12));
    }
}

/// One half of the real cells against the other: nothing to be seen. Against few cells of one kind: all of it.
#[test]
fn a_collapse_is_told_from_a_good_sample() {
    let all = cells(400);
    // Every fourth cell is a B cell: blocks of four have both kinds.
    let block = |first: usize| {
        let rows: Vec<usize> = (0..400).filter(|row| row / 4 % 2 == first).collect();
        all.select_cells(&rows).unwrap()
    };
    let (real, good) = (block(0), block(1));
    let found = collapse(&real, &good, "type").unwrap();
    assert!(found.dropped().is_empty(), "{found}");
    assert!(
        found.coverage().iter().all(|coverage| *coverage > 0.8),
        "{found}"
    );
    assert!(
        found.recognised().iter().all(|share| *share == 1.0),
        "{found}"
    );
    // Three cells, again and again, without saying which kind they are.
    let rows: Vec<usize> = (0..150).map(|i| [1, 2, 3][i % 3]).collect();
    let few = real
        .select_cells(&rows)
        .unwrap()
        .without("obs/type")
        .unwrap();
    let found = collapse(&real, &few, "type").unwrap();
    assert_eq!(found.dropped(), ["B"]);
    assert_eq!(found.generated().to_vec(), [0, 150, 150]);
    assert!(
        found.coverage()[1] < 0.5 && found.precision()[1] == 1.0,
        "{found}"
    );
    assert!(found.auc()[1] > 0.6 && found.mmd_p()[1] < 0.05, "{found}");
    assert!(found.recognised()[1].is_nan() && found.auc()[0].is_nan());
    assert_eq!(found.to_frame().unwrap().shape(), (3, 11));
    insta::assert_snapshot!(found, @r"
    type   real generated recognised  precision     recall    density   coverage        mmd      mmd_p        auc
    B        50         0          -          -      0.000          -      0.000          -          -          -
    T       150       150          -      1.000      0.000      0.800      0.080      0.149      0.010      0.995
    all     200       150          -      1.000      0.000      0.800      0.060      0.140      0.010      1.000
    ");
}

/// A generator of many steps covers more than one of few.
#[test]
fn learning_is_seen() {
    let real = cells(128);
    let covered = |steps: usize| {
        let gan = small(Gan::wasserstein()).by("type").steps(steps);
        let made = gan.run(&real).unwrap().sample(128).unwrap();
        collapse(&real, &made, "type").unwrap().coverage()[2]
    };
    let (early, late) = (covered(2), covered(300));
    assert!(early < 0.1 && late > 0.3, "{early} {late}");
}

/// Of 700 cells of blood, one half against the other: hardly to be told apart. Against the cells of one kind: a collapse.
#[test]
fn halves_of_real_cells_cover_each_other() {
    let Some(path) = crate::data::file("h5ad/pbmc68k_reduced.h5ad") else {
        return;
    };
    let all = open(path).unwrap().raw().unwrap();
    let half = |odd: usize| {
        let rows: Vec<usize> = (0..all.len()).filter(|row| row % 2 == odd).collect();
        all.select_cells(&rows).unwrap()
    };
    let (real, good) = (half(0), half(1));
    let last = |values: Array1<f64>| values[values.len() - 1];
    let found = collapse(&real, &good, "bulk_labels").unwrap();
    assert!(last(found.coverage()) > 0.85, "{found}");
    assert!((0.4..0.6).contains(&last(found.auc())), "{found}");
    assert!(
        last(found.mmd_p()) > 0.01 && last(found.recognised()) > 0.5,
        "{found}"
    );
    let labels = good.obs().labels("bulk_labels").unwrap();
    let rows: Vec<usize> = (0..good.len())
        .filter(|&row| labels[row] == "Dendritic")
        .collect();
    let found = collapse(&real, &good.select_cells(&rows).unwrap(), "bulk_labels").unwrap();
    assert!(
        last(found.coverage()) < 0.6 && last(found.auc()) > 0.6,
        "{found}"
    );
    assert!(
        found.dropped().iter().any(|kind| kind == "CD19+ B"),
        "{found}"
    );
}

/// A kind may be called as the row of all cells is.
#[test]
fn a_kind_that_is_called_all_can_be_dropped() {
    let real = points(40, 0.0, 1.0);
    let away = real.values().dense().mapv(|value| value + 90.0);
    let away = real.with_values(away).unwrap();
    let real = labelled(&real, "type", |cell| ["all", "some"][cell % 2]);
    let made = labelled(&away, "type", |_| "some");
    assert_eq!(
        collapse(&real, &made, "type").unwrap().dropped(),
        ["all", "some"]
    );
}

#[test]
fn careless_calls_are_told_what_to_change() {
    let real = points(30, 0.0, 1.0);
    let logs = real.log1p().unwrap();
    let other = real.select_genes(&[0, 1]).unwrap();
    let strange = labelled(&real, "type", |_| "NK cell");
    let run = |check: CollapseCheck| check.run(&real, &real, "type").unwrap_err();
    let messages = [
        collapse(&real, &real, "kind").unwrap_err(),
        collapse(&real, &logs, "type").unwrap_err(),
        collapse(&real, &other, "type").unwrap_err(),
        collapse(&real, &strange, "type").unwrap_err(),
        collapse(&real, &real.select_cells(&[0]).unwrap(), "type").unwrap_err(),
        run(CollapseCheck::new().neighbors(0)),
        run(CollapseCheck::new().components(0)),
        run(CollapseCheck::new().at_most(5)),
    ];
    let messages: Vec<String> = messages.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `column` is `kind`, expected one of: type
    `generated` is logarithms of base 2.718, expected values of which no logarithm is known, as the real cells
    `genes of generated` is 2, expected the 4 genes of the real cells, in their order
    `type` is `NK cell`, expected one of: B, NK, T
    `generated` is 1, expected at least 2 cells
    `neighbors` is 0, expected at least 1
    `components` is 0, expected at least 1
    `at_most` is 5, expected at least 6
    ");
}
