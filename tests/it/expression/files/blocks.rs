//! Blocks of cells.

use super::folder::Folder;
use crate::alone::is_alone;
use crate::data;
use genolens::expression::{Cells, blocks, open};
use hdf5_pure::{AttrValue, FileBuilder};
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// A file that tests/golden/expression/small.py or legacy.py made.
fn golden(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    folder.join("tests/golden/expression").join(name)
}

/// Checks that blocks are what the whole file has.
fn same(path: &Path, size: usize) {
    let whole = open(path).unwrap();
    let one = blocks(path).unwrap();
    assert_eq!((one.len(), one.shape()), (1, whole.shape()));
    let blocks = one.with_size(size);
    let mut start = 0;
    for cells in &blocks {
        let cells = cells.unwrap();
        let places: Vec<usize> = (start..start + cells.len()).collect();
        let part = whole.select_cells(&places).unwrap();
        assert_eq!(cells.values(), part.values(), "{}", path.display());
        assert_eq!(cells.cells(), part.cells());
        assert_eq!(cells.genes(), whole.genes());
        start += cells.len();
    }
    assert_eq!(start, whole.len());
    assert_eq!(blocks.obs(), whole.obs());
}

#[test]
fn blocks_are_the_cells_of_the_whole_file() {
    // The first has compressed columns.
    same(&golden("encodings.h5ad"), 4);
    for file in [
        "h5ad/pbmc68k_reduced.h5ad",
        "h5ad/brainlarge_dataset_test.h5ad",
        "h5ad/anndata_v0.7.8_lzf.h5ad",
        "tenx/v3_filtered_feature_bc_matrix.h5",
        "tenx/v3_filtered_feature_bc_matrix",
    ] {
        if let Some(path) = data::file(file) {
            same(&path, 130);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn entries_of_a_folder_come_in_any_order(
        entries in prop::collection::vec((0_usize..5, 0_usize..4, -9_i32..9), 0..30),
        size in 1_usize..6,
    ) {
        let folder = Folder::new("any order");
        let lines: String = entries
            .iter()
            .map(|(cell, gene, value)| format!("{} {} {value}\n", gene + 1, cell + 1))
            .collect();
        let head = "%%MatrixMarket matrix coordinate integer general";
        folder.file("matrix.mtx", format!("{head}\n4 5 {}\n{lines}", entries.len()));
        folder.file("genes.tsv", "g0\ng1\ng2\ng3\n");
        folder.file("barcodes.tsv", "c0\nc1\nc2\nc3\nc4\n");
        same(folder.as_ref(), size);
    }
}

#[test]
fn careless_calls_are_refused_by_name() {
    let told = |name: &str| {
        let path = golden(name);
        let error = blocks(&path).unwrap_err().to_string();
        error.replace(&path.display().to_string(), name)
    };
    let legacy = blocks(golden("legacy.h5ad")).unwrap().with_size(4);
    let folder = Folder::new("no folder");
    let messages = [
        told("small.py"),
        told("small.loom"),
        told("genomes.h5"),
        folder.told(&blocks(&folder).unwrap_err()),
        legacy.block(2).unwrap_err().to_string(),
        format!("{legacy:?}, {:?}", legacy.block(1).unwrap()),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `small.py` is another one, expected an h5ad file, with obs and var, or a file or folder of 10x
    `small.loom` is another one, expected an h5ad file, with obs and var, or a file or folder of 10x
    `genome of genomes.h5` is not said, expected one of: hg19, mm10
    cannot read FOLDER: it has none of the files features.tsv, features.tsv.gz, genes.tsv, genes.tsv.gz
    `number` is 2, expected below the 2 blocks
    CellBlocks(7 cells x 5 genes, 2 blocks of 4), Cells(3 cells x 5 genes)
    ");
}

/// Cells and genes of a file whose values take 96 MB.
const SHAPE: (usize, usize) = (40_000, 300);

fn value(cell: usize, gene: usize) -> f32 {
    ((cell * 7 + gene * 3) % 11) as f32
}

/// Writes a file in which every value is stored, cell by cell or gene by gene.
fn write(path: &Path, columns: bool) {
    let (cells, genes) = SHAPE;
    let (lines, width) = if columns {
        (genes, cells)
    } else {
        (cells, genes)
    };
    let mut file = FileBuilder::new();
    let text = |text: &str| AttrValue::VarLenString(text.to_owned());
    for (part, count) in [("obs", cells), ("var", genes)] {
        let names: Vec<String> = (0..count).map(|i| i.to_string()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut group = file.create_group(part);
        group.set_attr("encoding-type", text("dataframe"));
        group.set_attr("_index", text("_index"));
        group.create_dataset("_index").with_vlen_strings(&names);
        file.add_group(group.finish());
    }
    let kind = if columns { "csc_matrix" } else { "csr_matrix" };
    let mut group = file.create_group("X");
    group.set_attr("encoding-type", text(kind));
    group.set_attr(
        "shape",
        AttrValue::I64Array(vec![cells as i64, genes as i64]),
    );
    let ends: Vec<i64> = (0..=lines).map(|line| (line * width) as i64).collect();
    group.create_dataset("indptr").with_i64_data(&ends);
    let places: Vec<i32> = (0..lines).flat_map(|_| 0..width as i32).collect();
    group.create_dataset("indices").with_i32_data(&places);
    drop(places);
    let of_line = |line: usize| {
        (0..width).map(move |place| {
            if columns {
                value(place, line)
            } else {
                value(line, place)
            }
        })
    };
    let values: Vec<f32> = (0..lines).flat_map(of_line).collect();
    group.create_dataset("data").with_f32_data(&values);
    drop(values);
    file.add_group(group.finish());
    file.write(path).unwrap();
}

/// The most memory that this process has had so far, in MB, where the system tells.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1e3)
}

#[cfg(unix)]
use std::os::unix::process::parent_id;

/// Not asked: elsewhere the test is skipped.
#[cfg(not(unix))]
fn parent_id() -> u32 {
    std::process::id()
}

/// The files are written by this process and read by one of its own, which never has them whole.
#[test]
#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn blocks_take_little_memory() {
    if peak().is_none() {
        eprintln!("skipped: this system does not tell how much memory a process has had");
        return;
    }
    let child = std::env::var_os("GENOLENS_TEST_ALONE").is_some();
    let writer = if child {
        parent_id()
    } else {
        std::process::id()
    };
    let path = |name: &str| std::env::temp_dir().join(format!("genolens_{name}_{writer}.h5ad"));
    let files = [(path("rows"), false, 24.0), (path("columns"), true, 56.0)];
    if !child {
        for (path, columns, _) in &files {
            write(path, *columns);
        }
    }
    let alone = std::panic::catch_unwind(|| {
        is_alone("expression::files::blocks::blocks_take_little_memory")
    });
    match alone {
        Ok(true) => {}
        told => {
            for (path, _, _) in &files {
                std::fs::remove_file(path).ok();
            }
            assert!(told.is_ok());
            return;
        }
    }
    let expected: f64 = (0..SHAPE.0)
        .flat_map(|cell| (0..SHAPE.1).map(move |gene| f64::from(value(cell, gene))))
        .sum();
    for (path, _, most) in &files {
        let before = peak().unwrap();
        let sum = |cells: Cells| cells.values().dense().mapv(f64::from).sum();
        let blocks = blocks(path).unwrap().with_size(500);
        let total: f64 = blocks.iter().map(|cells| sum(cells.unwrap())).sum();
        assert_eq!(total, expected);
        // The values alone would take 96 MB. What a system tells has pages of the program, too, and is rough by a few MB.
        let taken = peak().unwrap() - before;
        assert!(taken < *most, "{}: {taken} MB", path.display());
    }
}
