//! Layouts that are rare, and tables of text.

use super::folder::Folder;
use crate::data;
use flate2::write::GzEncoder;
use genolens::expression::{Open, Uns, Values, open};
use genolens::ndarray::Array2;
use std::io::Write;

/// A file that tests/golden/expression/small.py made.
fn golden(name: &str) -> String {
    format!(
        "{}/tests/golden/expression/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn x() -> Array2<f32> {
    Array2::from_shape_fn((6, 4), |(i, j)| {
        ((i * 5 + j * 3) % 7 * ((i + j) % 2)) as f32
    })
}

fn gzipped(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_genome_is_chosen_where_there_are_two() {
    let path = golden("genomes.h5");
    let cells = Open::new().genome("mm10").run(&path).unwrap();
    assert_eq!(*cells.values().dense(), x() * 2.0);
    assert_eq!(
        (cells.cells()[5].as_str(), cells.genes()[3].as_str()),
        ("CELL5-1", "mm10_G3")
    );
    assert_eq!(cells.var().labels("gene_ids").unwrap()[0], "mm10_ENSG0");
    let told = |options: Open| {
        options
            .run(&path)
            .unwrap_err()
            .to_string()
            .replace(&path, "genomes.h5")
    };
    insta::assert_snapshot!(told(Open::new()), @"`genome of genomes.h5` is not said, expected one of: hg19, mm10");
    insta::assert_snapshot!(told(Open::new().genome("hg38")), @"`genome of genomes.h5` is `hg38`, expected one of: hg19, mm10");
}

#[test]
fn ten_x_files_are_read_as_scanpy_does() {
    if let Some(path) = data::file("tenx/v3_filtered_feature_bc_matrix.h5") {
        let cells = Open::new().genome("GRCh38_chr21").run(&path);
        let all = open(&path).unwrap();
        assert_eq!(all.shape(), (1107, 507));
        let genomes = all.var().labels("genome").unwrap();
        let one = Open::new().genome(&genomes[0]).run(&path).unwrap();
        assert_eq!(
            one.shape().1,
            genomes
                .iter()
                .filter(|genome| **genome == genomes[0])
                .count()
        );
        assert!(cells.is_ok() || cells.unwrap_err().to_string().contains("one of"));
    }
    let (Some(folder), Some(file)) = (
        data::file("tenx/v3_filtered_feature_bc_matrix"),
        data::file("tenx/v3_filtered_feature_bc_matrix.h5"),
    ) else {
        return;
    };
    let (folder, file) = (open(folder).unwrap(), open(file).unwrap());
    assert_eq!(folder.values(), file.values());
    assert_eq!(folder.cells(), file.cells());
    assert_eq!(
        folder.var().labels("gene_ids").unwrap(),
        file.var().labels("gene_ids").unwrap()
    );
}

#[test]
fn a_loom_file_is_turned() {
    let cells = open(golden("small.loom")).unwrap();
    assert_eq!(*cells.values().dense(), x());
    assert_eq!(*cells.layer("spliced").unwrap().dense(), x() + 1.0);
    assert_eq!(
        (cells.cells()[5].as_str(), cells.genes()[3].as_str()),
        ("C5", "G3")
    );
    assert_eq!(
        cells.var().numbers("Length").unwrap(),
        [0.0, 100.0, 200.0, 300.0]
    );
    assert_eq!(cells.obs().numbers("Clusters").unwrap()[1], 1.0);
    insta::assert_snapshot!(cells.left_out().join("\n"), @r"
    col_attrs/Umap: it has shape [6, 2], which is no column
    col_graphs/KNN: graphs of loom files are not kept
    ");
}

#[test]
fn every_encoding_of_anndata_is_read_or_named() {
    let cells = open(golden("encodings.h5ad")).unwrap();
    assert!(matches!(cells.values(), Values::Sparse(_)));
    assert_eq!(*cells.values().dense(), x());
    assert_eq!(*cells.layer("dense").unwrap().dense(), x());
    assert_eq!(*cells.layer("fortran").unwrap().dense(), x() / 4.0);
    let obs = cells.obs();
    let few = obs.numbers("few").unwrap();
    assert!(few[1].is_nan() && few[3].is_nan() && few[5] == 6.0);
    assert_eq!(obs.column("few").unwrap().null_count(), 2);
    assert_eq!(obs.column("maybe").unwrap().null_count(), 2);
    assert_eq!(
        obs.mask("maybe").unwrap(),
        [true, false, false, true, false, true]
    );
    assert_eq!(obs.column("said").unwrap().null_count(), 2);
    assert_eq!(obs.labels("said").unwrap(), ["a", "", "", "b", "a", ""]);
    assert_eq!(obs.labels("code").unwrap(), ["3", "1", "", "3", "1", "1"]);
    assert_eq!(obs.categories("code").unwrap(), ["1", "2", "3"]);
    assert!(obs.is_ordered("code") && !obs.is_ordered("said"));
    assert_eq!(obs.numbers("big").unwrap(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    // Names that come twice are kept, and told apart when asked.
    assert_eq!(cells.genes(), ["7", "8", "8", "9"]);
    assert!(cells.gene("8").is_err());
    assert_eq!(cells.names_made_unique().genes(), ["7", "8", "8-1", "9"]);
    assert_eq!(cells.uns("flag").unwrap(), &Uns::Truth(true));
    assert_eq!(cells.uns("scalar").unwrap().number(), Some(2.5));
    assert_eq!(format!("{:?}", cells.uns("text").unwrap()), "texts(1 x 2)");
    let Uns::Frame(table) = cells.uns("table").unwrap() else {
        panic!()
    };
    assert_eq!(
        (table.names(), table.numbers("a").unwrap()),
        (&["p".to_owned(), "q".to_owned()][..], vec![1.0, 2.0])
    );
    let Uns::Sparse(sparse) = cells.uns("sparse").unwrap() else {
        panic!()
    };
    assert_eq!(sparse.dense(), x());
    assert_eq!(cells.obsm("one").unwrap()[[5, 1]], 11.0);
    insta::assert_snapshot!(cells.left_out().join("\n"), @r"
    uns/kind: it is a categorical
    obs/half: it holds f16, which is no column
    obsm/cube: it has 3 axes, not two
    ");
}

#[test]
fn tables_of_text_are_read_in_both_directions() {
    let folder = Folder::new("text");
    let comma = folder.file(
        "x.csv",
        "cell,g1,\"g,2\"\na,0,2.5\n\"b \"\"x\"\"\",NA,-1e3\r\n",
    );
    let cells = open(comma).unwrap();
    assert_eq!(cells.cells(), ["a", "b \"x\""]);
    assert_eq!(cells.genes(), ["g1", "g,2"]);
    assert_eq!(cells.gene("g,2").unwrap().to_vec(), [2.5, -1000.0]);
    assert!(cells.gene("g1").unwrap()[1].is_nan());
    // R writes no head of the names; most is zero, so that it stays sparse.
    let packed = folder.file("x.tsv.gz", gzipped("a\tb\tc\ng1\t0\t0\t7\ng2\t0\t0\t0\n"));
    let cells = Open::new().genes_in_rows(true).run(packed).unwrap();
    assert_eq!(
        (cells.cells(), cells.shape()),
        (&["a", "b", "c"].map(str::to_owned)[..], (3, 2))
    );
    assert!(matches!(cells.values(), Values::Sparse(_)));
    assert_eq!(cells.gene("g1").unwrap().to_vec(), [0.0, 0.0, 7.0]);
    if let Some(path) = data::file("rnanorm/gtex_lung.first30.chr21.csv.gz") {
        let cells = open(path).unwrap();
        assert_eq!(cells.len(), 30);
    }
}

#[test]
fn an_old_folder_of_ten_x_is_read() {
    let folder = Folder::new("market");
    folder.file("s1_genes.tsv", "E1\tG1\nE2\tG2\n");
    folder.file("s1_barcodes.tsv.gz", gzipped("a\nb\nc\n"));
    let matrix = "%%MatrixMarket matrix coordinate integer general\n% made by hand\n\n2 3 3\n2 3 5\n1 1 7\n1 3 1\n";
    let path = folder.file("s1_matrix.mtx", matrix);
    let cells = open(path).unwrap();
    assert_eq!(cells.gene("G1").unwrap().to_vec(), [7.0, 0.0, 1.0]);
    assert_eq!(cells.gene("G2").unwrap().to_vec(), [0.0, 0.0, 5.0]);
    assert_eq!(cells.var().labels("gene_ids").unwrap(), ["E1", "E2"]);
}

#[test]
fn text_that_makes_no_sense_is_named_with_its_line() {
    const HEAD: &str = "%%MatrixMarket matrix coordinate integer general\n";
    let folder = Folder::new("text_hostile");
    let table = |text: &str| folder.told(&open(folder.file("x.csv", text)).unwrap_err());
    let market = |text: &str| {
        folder.file("m/genes.tsv", "E1\nE2\n");
        folder.file("m/barcodes.tsv", "a\nb\nc\n");
        folder.told(&open(folder.file("m/matrix.mtx", text)).unwrap_err())
    };
    let messages = [
        table(""),
        table("one\n"),
        table("cell,a,b\nx,1\n"),
        table("cell,a,b\nx,1,two\n"),
        table("cell,a,b\nx,1,16777217\n"),
        table("cell,a,b\nx,1,1e300\n"),
        market("%%MatrixMarket matrix array real general\n"),
        market(HEAD),
        market(&format!("{HEAD}2 4 1\n1 1 1\n")),
        market(&format!("{HEAD}2 3 18446744073709551615\n1 1 1\n")),
        market(&format!("{HEAD}2 3 1\n3 1 1\n")),
        market(&format!("{HEAD}2 3 1\n0 1 1\n")),
        market(&format!("{HEAD}2 3 1\n1 1 1\n1 2 1\n")),
        market(&format!("{HEAD}2 3 1\n1 1\n")),
        market(&format!("{HEAD}2 3 1\n1 1 16777217\n")),
        {
            let path = folder.file("m/matrix.mtx", format!("{HEAD}2 3 0\n"));
            folder.told(&Open::new().genome("hg19").run(path).unwrap_err())
        },
        folder.told(&open(&folder).unwrap_err()),
        folder.told(&open(folder.path("none.h5ad")).unwrap_err()),
        folder.told(&open(folder.file("y.h5ad", "no HDF5")).unwrap_err()),
        folder.told(&open(folder.file("y.csv.gz", &gzipped("cell,a\nx,1\n")[..20])).unwrap_err()),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `x.csv` is empty, expected a table with a head
    x.csv, line 1: expected names parted by tabs, commas, semicolons or blanks, got a line without any
    x.csv, line 2: expected a name and 2 numbers, got 2 cells
    x.csv, line 2: expected numbers that single precision holds, got `two` at b
    x.csv, line 2: expected numbers that single precision holds, got `16777217` at b
    x.csv, line 2: expected numbers that single precision holds, got `1e300` at b
    m/matrix.mtx, line 1: expected %%MatrixMarket matrix coordinate integer|real|pattern general, got `%%matrixmarket matrix array real general`
    m/matrix.mtx, line 1: expected genes, cells and entries, got the end of the file
    m/matrix.mtx, line 2: expected 2 genes and 3 cells, as many as there are names, got 2 and 4
    m/matrix.mtx, line 3: expected 18446744073709551615 entries, as the head says, got 1
    m/matrix.mtx, line 3: expected a gene from 1 to 2 and a cell from 1 to 3, got 3 and 1
    m/matrix.mtx, line 3: expected a gene from 1 to 2 and a cell from 1 to 3, got 0 and 1
    m/matrix.mtx, line 4: expected 1 entries, as the head says, got more
    m/matrix.mtx, line 3: expected a number that single precision holds, got something else
    m/matrix.mtx, line 3: expected a number that single precision holds, got something else
    `genome` is `hg19`, expected none, which a folder of 10x does not tell
    cannot read FOLDER: it has none of the files features.tsv, features.tsv.gz, genes.tsv, genes.tsv.gz
    cannot read none.h5ad: No such file or directory (os error 2)
    cannot read y.h5ad: it is no HDF5 file
    cannot read y.csv.gz: the gzip stream is truncated
    ");
}

#[test]
fn parquet_is_read_column_by_column() {
    let cells = open(golden("table.parquet")).unwrap();
    assert_eq!(cells.cells()[6], "cell6");
    assert_eq!(
        cells.genes(),
        ["single", "double", "small", "large", "half seen"]
    );
    let i = |place: usize| place as f32;
    let expected = Array2::from_shape_fn((7, 5), |(row, column)| match column {
        0 => i(row) * 0.5,
        1 if row == 2 => f32::NAN,
        1 => i(row) / 4.0,
        2 => i(row % 3),
        3 => i(row) * 1000.0 - 2000.0,
        _ if row == 3 => f32::NAN,
        _ => i(row),
    });
    let found = cells.values().dense().into_owned();
    for (found, expected) in found.iter().zip(&expected) {
        assert!(found == expected || found.is_nan() && expected.is_nan());
    }
    assert_eq!(
        cells.left_out(),
        ["kind: it holds no numbers", "seen: it holds no numbers"]
    );
    let turned = Open::new()
        .genes_in_rows(true)
        .run(golden("table.parquet"))
        .unwrap();
    assert_eq!(turned.shape(), (5, 7));
    assert_eq!(turned.cells(), cells.genes());
    // Its first texts are no names: pandas has noted which are.
    let pandas = open(golden("pandas.parquet")).unwrap();
    assert_eq!(
        (pandas.cells()[6].as_str(), pandas.genes()),
        ("cell6", &["single".to_owned()][..])
    );
    let packed = golden("packed.parquet");
    let told = open(&packed).unwrap_err().to_string();
    insta::assert_snapshot!(told.replace(&packed, "packed.parquet"), @r#"cannot read packed.parquet: it is packed with ZSTD(ZstdLevel(1)), which is not known; `df.to_parquet(path, compression="snappy")` in Python makes one that is"#);
}

#[test]
fn broken_parquet_ends_in_a_message() {
    let folder = Folder::new("parquet");
    let whole = std::fs::read(golden("table.parquet")).unwrap();
    for at in (0..whole.len()).step_by(37) {
        let path = folder.file("cut.parquet", &whole[..at]);
        assert!(open(&path).is_err(), "{at}");
        for flip in [0x01, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] ^= flip;
            let path = folder.file("flipped.parquet", &bytes);
            if let Err(error) = open(&path) {
                assert!(!error.to_string().contains('\n'), "{error}");
            }
        }
    }
}
