//! Steps on 700 real cells, against scanpy, Seurat and Cell Ranger.

use super::made::near;
use crate::{data, golden};
use genolens::expression::{
    self, Cells, FilterCells, Flavor, HighlyVariableGenes, MarkerTest, NormalizeTotal, Preset,
    RankGenes,
};

const GOLDEN: &str = include_str!("../../golden/expression/pbmc.tsv");

fn raw() -> Option<Cells> {
    let path = data::file("h5ad/pbmc68k_reduced.h5ad")?;
    Some(expression::open(path).unwrap().raw().unwrap())
}

/// The golden numbers in scanpy's own tests, made by Seurat and by Cell Ranger of the raw values as if they were counts; within 2e-5, as
/// there.
#[test]
fn variable_genes_are_those_of_seurat_and_cell_ranger() {
    let Some(raw) = raw() else { return };
    let cells = FilterCells::new().min_counts(1.0).run(&raw).unwrap();
    let cells = NormalizeTotal::new()
        .target(1e4)
        .run(&cells)
        .unwrap()
        .log1p()
        .unwrap();
    for (file, asked) in [
        ("seurat", HighlyVariableGenes::new()),
        (
            "cell_ranger",
            HighlyVariableGenes::new()
                .flavor(Flavor::CellRanger)
                .top(100),
        ),
    ] {
        let Some(path) = data::file(&format!("scanpy/{file}_hvg.csv")) else {
            return;
        };
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let rows: Vec<Vec<&str>> = lines.collect();
        let found = asked.run(&cells).unwrap();
        assert!(
            rows.iter()
                .zip(found.genes())
                .all(|(row, gene)| row[0].trim_matches('"') == gene)
        );
        let chosen: Vec<bool> = rows
            .iter()
            .map(|row| row[4].eq_ignore_ascii_case("true"))
            .collect();
        assert_eq!(found.var().mask("highly_variable").unwrap(), chosen);
        for (place, name) in header.iter().enumerate().take(4).skip(1) {
            let name = name.trim_matches('"');
            let golden: Vec<f64> = rows
                .iter()
                .map(|row| row[place].parse().unwrap_or(f64::NAN))
                .collect();
            near(name, &found.var().numbers(name).unwrap(), &golden, 2e-5);
        }
    }
}

#[test]
fn marker_genes_are_those_of_scanpy() {
    let Some(cells) = raw() else { return };
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
    ] {
        let markers = asked.run(&cells, "bulk_labels").unwrap();
        assert_eq!(markers.groups().len(), 10);
        for group in ["CD14+ Monocyte", "CD19+ B", "CD34+", "Dendritic"] {
            let numbers = |column: &str| {
                let row = &golden::rows(GOLDEN, &format!("{name} {group} {column}"))[0];
                row.iter()
                    .map(|text| text.parse::<f64>().unwrap())
                    .collect::<Vec<_>>()
            };
            let logs = |p: Vec<f64>| p.iter().map(|p| p.max(1e-300).ln()).collect::<Vec<_>>();
            let some = |all: &[f64]| all.iter().step_by(15).copied().collect::<Vec<_>>();
            let scores = markers.scores(group).unwrap();
            near("scores", &some(&scores.to_vec()), &numbers("scores"), 1e-5);
            let p = some(&markers.p_values(group).unwrap().to_vec());
            near("p-values", &logs(p), &logs(numbers("pvals")), 1e-5);
            let p = some(&markers.adjusted_p_values(group).unwrap().to_vec());
            near("adjusted", &logs(p), &logs(numbers("pvals_adj")), 1e-5);
            let folds = some(&markers.log_fold_changes(group).unwrap().to_vec());
            near("fold changes", &folds, &numbers("logfoldchanges"), 1e-5);
            let names = &golden::rows(GOLDEN, &format!("{name} {group} names"))[0];
            assert_eq!(&markers.top(group, 10).unwrap(), names);
        }
    }
    // One count in a hundred cells keeps fold changes within what counts can say.
    let markers = expression::rank_genes(&cells, "bulk_labels").unwrap();
    let folds = markers.log_fold_changes("Dendritic").unwrap();
    assert!(folds.iter().all(|fold| fold.abs() < 12.0));
}

/// Values that were scaled have no fold changes: the message says so.
#[test]
fn scaled_values_are_refused() {
    let Some(path) = data::file("h5ad/pbmc68k_reduced.h5ad") else {
        return;
    };
    let cells = expression::open(path).unwrap();
    let error = expression::rank_genes(&cells, "bulk_labels")
        .unwrap_err()
        .to_string();
    assert!(error.contains("were they scaled?"), "{error}");
}
