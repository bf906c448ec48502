//! Cells and what belongs to them.

use genolens::expression::{Cells, Frame, Values};
use genolens::ndarray::array;
use genolens::polars::prelude::Column;
use genolens::sparse::Sparse;

fn cells() -> Cells {
    let values = array![[0.0_f32, 2.0], [1.0, 0.0], [4.0, 1.0]];
    let cells = Cells::new(values.clone(), ["a", "b", "c"], ["CD3D", "MS4A1"]).unwrap();
    let graph = array![[0.0_f32, 1.0, 0.0], [1.0, 0.0, 0.5], [0.0, 0.5, 0.0]];
    cells
        .with_obs(Column::new("type".into(), ["T", "B", "T"]))
        .and_then(|cells| cells.with_layer("counts", Sparse::from_dense(&values)?))
        .and_then(|cells| cells.with_obsp("connectivities", Sparse::from_dense(&graph)?))
        .and_then(|cells| cells.with_obsm("X_pca", array![[1.0], [2.0], [3.0]]))
        .unwrap()
        .with_raw()
}

#[test]
fn a_choice_of_cells_and_genes_reaches_every_part() {
    let chosen = cells().select_cells(&[2, 0]).unwrap();
    assert_eq!(chosen.cells(), ["c", "a"]);
    assert_eq!(chosen.obs().labels("type").unwrap(), ["T", "T"]);
    assert_eq!(chosen.obsm("X_pca").unwrap(), array![[3.0], [1.0]]);
    assert_eq!(chosen.layer("counts").unwrap().dense()[[0, 0]], 4.0);
    let one = cells().select_cells(&[1, 2]).unwrap();
    assert_eq!(one.obsp("connectivities").unwrap().get(0, 1), 0.5);
    let gene = one.select_genes(&[1]).unwrap();
    assert_eq!(
        (gene.shape(), gene.genes()),
        ((2, 1), &["MS4A1".to_owned()][..])
    );
    assert_eq!(gene.raw().unwrap().shape(), (2, 2));
}

#[test]
fn careless_calls_are_refused_by_name() {
    let cells = cells();
    let asked = [
        cells.gene("CD8A").err(),
        cells.layer("spliced").err(),
        cells.raw().unwrap().raw().err(),
        cells.with_obs(Column::new("x".into(), [1.0, 2.0])).err(),
        cells.obs().numbers("type").err(),
        cells.obs().mask("type").err(),
        cells.obs().column("batch").err(),
        cells.select_cells(&[3]).err(),
        cells.select_genes(&[0, 0]).err(),
        cells.with_values(array![[1.0_f32]]).err(),
        cells
            .with_obsp("graph", Sparse::from_rows(1, vec![vec![]]).unwrap())
            .err(),
        Cells::new(array![[1.0_f32]], ["a", "b"], ["g"]).err(),
        Frame::new(["a", "a"]).places(&["a"]).err(),
        Values::from(array![[1.0_f32]]).select_columns(&[1]).err(),
    ];
    let messages: Vec<String> = asked.map(|error| error.unwrap().to_string()).into();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `names` is `CD8A`, expected among the 2 names
    `layer` is `spliced`, expected one of: counts
    `raw` is none, expected cells with raw values
    `column x` is 2, expected 3 rows
    `column type` is of str, expected numbers
    `column type` is of str, expected truth values
    `column` is `batch`, expected one of: type
    `cells` is 3, expected places below 3
    `columns` is column 0 twice, expected each column once
    `values` has shape (1, 1), expected (3, 2)
    `graph` has shape (1, 1), expected (3, 3)
    `cells` is 2, expected 1 names for values of shape (1, 1)
    `names` is `a`, which is there 2 times, expected names of one each
    `genes` is 1, expected places below 1
    ");
}

#[test]
fn names_masks_and_labels_choose() {
    let cells = cells()
        .with_uns("pca/params/n", 2)
        .with_uns("pca/name", "x");
    assert_eq!(
        cells.filter_cells_by(&[true, false, true]).unwrap().cells(),
        ["a", "c"]
    );
    assert_eq!(
        cells.filter_genes_by(&[false, true]).unwrap().genes(),
        ["MS4A1"]
    );
    assert_eq!(cells.cells_named(&["c", "a"]).unwrap().cells(), ["c", "a"]);
    assert_eq!(cells.genes_named(&["MS4A1"]).unwrap().shape(), (3, 1));
    assert_eq!(cells.cells_where("type", "T").unwrap().cells(), ["a", "c"]);
    assert_eq!(cells.uns("pca/params/n").unwrap().whole(), Some(2));
    let without = [
        "layers/counts",
        "obs/type",
        "obsm/X_pca",
        "obsp/connectivities",
        "raw",
        "uns/pca",
    ]
    .iter()
    .fold(cells.clone(), |cells, path| cells.without(path).unwrap());
    for part in ["layers", "obsm", "obsp", "uns"] {
        assert!(without.names_of(part).is_empty() && !cells.names_of(part).is_empty());
    }
    assert!(without.raw().is_err() && without.obs().table().width() == 0);
    let twice = Frame::new(["a", "a-1", "a", "a", "b"]);
    assert_eq!(
        twice.names_made_unique().names(),
        ["a", "a-1", "a-2", "a-3", "b"]
    );
    assert!(!twice.has_unique_names() && twice.names_made_unique().has_unique_names());
}

#[test]
fn careless_choices_are_refused_by_name() {
    let cells = cells().with_uns("pca/name", "x");
    let asked = [
        cells.filter_cells_by(&[true]).err(),
        cells.cells_where("type", "NK").err(),
        cells.genes_named(&["CD8A"]).err(),
        cells.without("layers/spliced").err(),
        cells.without("obs/batch").err(),
        cells.uns("umap").err(),
        cells.uns("pca/params").err(),
        cells.with_varm("PCs", array![[1.0_f32]]).err(),
        cells.with_obs_frame(Frame::new(["a"])).err(),
        cells
            .with_raw_values(array![[1.0_f32]], Frame::new(["a"]))
            .err(),
        cells.with_axes("obsp/x", ["a"]).err(),
        cells.with_axes("obsm/X_pca", ["a"; 9]).err(),
        cells
            .with_obsm("two", genolens::ndarray::Array2::zeros((3, 2)))
            .and_then(|cells| cells.with_axes("obsm/two", ["a", "a"]))
            .err(),
    ];
    let messages: Vec<String> = asked.map(|error| error.unwrap().to_string()).into();
    insta::assert_snapshot!(messages.join("\n"), @r#"
    `mask` is 1, expected 3 truth values
    `label` is `NK`, expected a label of type, one of: B, T
    `names` is `CD8A`, expected among the 2 names
    `path` is `layers/spliced`, expected a part that is there, such as `raw`, `obs/COLUMN` or `layers/NAME`
    `column` is `batch`, expected one of: type
    `uns` is `umap`, expected one of: pca
    `uns` is `pca/params`, expected a path in `pca`, which is {name: "x"}
    `PCs` has shape (1, 1), expected (2, dimensions)
    `obs` is 1, expected 3 rows
    `raw` has shape (1, 1), expected (3, 1)
    `path` is `obsp/x`, expected obsm/NAME or varm/NAME
    `names` is 9, expected 1 names, one for each column
    `names` is `a` twice, expected names that differ
    "#);
}
