//! What is written is read again.
//!
//! That anndata 0.12.19 opens what is written, plain and packed, was checked with tests/golden/expression/files.py (`--same`).

use super::folder::Folder;
use crate::data;
use genolens::expression::{Cells, Frame, Uns, WriteH5ad, open};
use genolens::ndarray::{Array2, ArrayD, IxDyn, array};
use genolens::polars::df;
use genolens::polars::prelude::Column;
use genolens::sparse::Sparse;
use std::sync::Arc;

/// Cells that have something of every kind.
fn cells() -> Cells {
    let values = array![[0.0_f32, 2.0], [1.5, f32::NAN], [4.0, -1.0]];
    let kind = Column::new("kind".into(), [Some("T"), None, Some("B")]);
    let obs = Frame::new(["a", "b\u{e9}", "a"])
        .with_categories(kind, &["T".to_owned(), "NK".to_owned(), "B".to_owned()])
        .map(|frame| frame.with_ordered("kind"))
        .and_then(|frame| frame.with(Column::new("plain".into(), ["x", "", "\u{3b2}"])))
        .and_then(|frame| frame.with(Column::new("whole".into(), [i64::MAX, -1, 0])))
        .and_then(|frame| frame.with(Column::new("few".into(), [Some(1_i64), None, Some(3)])))
        .and_then(|frame| frame.with(Column::new("kept".into(), [true, false, true])))
        .and_then(|frame| frame.with(Column::new("maybe".into(), [Some(true), None, Some(false)])))
        .and_then(|frame| frame.with(Column::new("single".into(), [0.5_f32, 1e30, -0.0])))
        .and_then(|frame| frame.with(Column::new("double".into(), [0.1_f64, f64::INFINITY, 3.0])))
        .unwrap();
    let sparse = Sparse::from_dense(&array![[0.0_f32, 1.0], [0.0, 0.0], [2.0, 0.0]]).unwrap();
    let square = Sparse::from_dense(&Array2::eye(3)).unwrap();
    let table = df!("x" => [1.5_f64, 2.0], "a/b" => ["p", "qq"], "n" => [1_i64, 2]).unwrap();
    let foreign = df!("name" => ["\u{e9}", "b"]).unwrap();
    let texts =
        ArrayD::from_shape_vec(IxDyn(&[2, 1]), vec!["#fff".to_owned(), String::new()]).unwrap();
    Cells::from_frames(values, obs, Frame::new(["g1", "g2"]))
        .and_then(|cells| cells.with_varm("old", array![[0.5], [1.5]]))
        .and_then(|cells| cells.with_axes("varm/old", ["first"]))
        .and_then(|cells| cells.with_raw().with_values(sparse.clone()))
        .and_then(|cells| cells.with_layer("counts", sparse.clone()))
        .and_then(|cells| cells.with_layer("dense", array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]]))
        .and_then(|cells| cells.with_obsm("X_pca", array![[1.0], [2.0], [3.0]]))
        .and_then(|cells| cells.with_obsm("protein", array![[1.0, 0.5], [2.0, 0.0], [3.0, 0.1]]))
        .and_then(|cells| cells.with_axes("obsm/protein", ["CD3", "CD19"]))
        .and_then(|cells| cells.with_obsm("empty", Array2::zeros((3, 0))))
        .and_then(|cells| cells.with_varm("PCs", array![[1.0], [2.0]]))
        .and_then(|cells| cells.with_obsp("connectivities", square))
        .and_then(|cells| cells.with_varp("none", Sparse::from_rows(2, vec![vec![], vec![]])?))
        .unwrap()
        .with_uns("truth", true)
        .with_uns("deep/er/whole", -7)
        .with_uns("deep/number", 2.5)
        .with_uns("text", "caf\u{e9}")
        .with_uns("colors", Uns::Texts(Arc::new(texts)))
        .with_uns("numbers", vec![1.0, f64::MAX])
        .with_uns(
            "truths",
            Uns::Truths(Arc::new(ArrayD::from_elem(IxDyn(&[2]), true))),
        )
        .with_uns(
            "wholes",
            Uns::Wholes(Arc::new(ArrayD::zeros(IxDyn(&[2, 0])))),
        )
        .with_uns("ranks", table)
        .with_uns("foreign", foreign)
        .with_uns("sparse", Uns::Sparse(sparse))
}

#[test]
fn everything_that_is_written_is_read_again() {
    let folder = Folder::new("write");
    let cells = cells();
    for options in [WriteH5ad::new(), WriteH5ad::new().gzip(4)] {
        let path = folder.path("x.h5ad");
        options.run(&cells, &path).unwrap();
        let back = open(&path).unwrap();
        assert_eq!(back.left_out(), [""; 0]);
        assert_eq!((back.obs(), back.var()), (cells.obs(), cells.var()));
        assert_eq!(back.values(), cells.values());
        let (raw, before) = (back.raw().unwrap(), cells.raw().unwrap());
        assert_eq!(raw.var(), before.var());
        assert_eq!(
            format!("{:?}", raw.values().dense()),
            format!("{:?}", before.values().dense())
        );
        for part in ["layers", "obsm", "varm", "obsp", "varp", "uns"] {
            assert_eq!(back.names_of(part), cells.names_of(part));
        }
        assert_eq!(
            back.layer("counts").unwrap(),
            cells.layer("counts").unwrap()
        );
        assert_eq!(back.layer("dense").unwrap(), cells.layer("dense").unwrap());
        assert_eq!(back.obsm("empty").unwrap().dim(), (3, 0));
        assert_eq!(
            back.obsm("protein").unwrap(),
            cells.obsm("protein").unwrap()
        );
        assert_eq!(back.axes("obsm/protein").unwrap(), ["CD3", "CD19"]);
        assert_eq!(back.axes("obsm/X_pca"), None);
        assert_eq!(raw.varm("old").unwrap(), before.varm("old").unwrap());
        assert_eq!(raw.axes("varm/old").unwrap(), ["first"]);
        assert_eq!(back.varm("PCs").unwrap(), cells.varm("PCs").unwrap());
        assert_eq!(
            back.obsp("connectivities").unwrap(),
            cells.obsp("connectivities").unwrap()
        );
        assert_eq!(back.varp("none").unwrap().shape(), (2, 2));
        for name in cells
            .names_of("uns")
            .iter()
            .filter(|name| *name != "foreign")
        {
            assert_eq!(back.uns(name).unwrap(), cells.uns(name).unwrap(), "{name}");
        }
        // Records with texts beyond ASCII, which anndata would not open, become a table.
        assert_eq!(
            format!("{:?}", back.uns("foreign").unwrap()),
            "Frame(n = 2, columns: name)"
        );
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn real_files_are_written_and_read_again() {
    let folder = Folder::new("write_real");
    for file in [
        "h5ad/anndata_v0.7.8_lzf.h5ad",
        "h5ad/pbmc68k_reduced.h5ad",
        "h5ad/pbmc_10k_protein_v3.h5ad",
        "velocity/pancreas_50obs_preprocessed.h5ad",
    ] {
        let Some(path) = data::file(file) else {
            continue;
        };
        let cells = open(path).unwrap();
        let copy = folder.path("x.h5ad");
        WriteH5ad::new().gzip(1).run(&cells, &copy).unwrap();
        let back = open(&copy).unwrap();
        assert!(
            back.values() == cells.values() && back.obs() == cells.obs(),
            "{file}"
        );
        for name in cells.names_of("uns") {
            assert_eq!(
                back.uns(&name).unwrap(),
                cells.uns(&name).unwrap(),
                "{file}: {name}"
            );
        }
        assert_eq!(back.log_base(), cells.log_base());
    }
}

#[test]
fn what_cannot_be_written_is_named() {
    let folder = Folder::new("write_careless");
    let cells = cells();
    let told = |cells: &Cells| folder.told(&cells.write(folder.path("x.h5ad")).unwrap_err());
    let column = |name: &str| Column::new(name.into(), [1.0, 2.0, 3.0]);
    let messages = [
        told(&cells.with_obs(column("a/b")).unwrap()),
        told(&cells.with_obs(column("_index")).unwrap()),
        told(
            &cells
                .with_layer("", array![[1.0_f32, 2.0], [3.0, 4.0], [5.0, 6.0]])
                .unwrap(),
        ),
        told(&cells.with_uns("text", "a\0b")),
        folder.told(
            &WriteH5ad::new()
                .gzip(10)
                .run(&cells, folder.path("x.h5ad"))
                .unwrap_err(),
        ),
        folder.told(&cells.write(folder.path("no/folder/x.h5ad")).unwrap_err()),
        cells.write("..").unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `name in obs` is `a/b`, expected a name without `/` and zero bytes, of one letter at least
    `name in obs` is `_index`, expected none that anndata keeps for itself
    `name in layers` is ``, expected a name without `/` and zero bytes, of one letter at least
    `uns/text` is `a\u{0}b`, expected text without zero bytes
    `gzip` is 10, expected a level from 0 to 9
    cannot write no/folder/x.h5ad: No such file or directory (os error 2)
    cannot write ..: it is no name of a file
    ");
}
