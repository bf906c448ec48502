//! Counts of samples made comparable, against `RNAnorm`, `edgeR` and plain arithmetic.

use crate::data;
use crate::golden::{assert_named, assert_near, table};
use flate2::read::MultiGzDecoder;
use genolens::expression::{self, Cells, GeneLengths, MedianOfRatios, Tmm, UpperQuartile};
use genolens::ndarray::{Array1, Array2, Axis, array};
use genolens::sparse::Sparse;
use proptest::prelude::*;
use std::io::{Read, Write};

const GOLDEN: &str = include_str!("../../golden/expression/bulk.tsv");

/// Factors are in double precision, and differ from those of the peer by rounding alone.
const FACTORS: f64 = 1e-10;

/// Values are kept in single precision.
const VALUES: f64 = 1e-7;

fn named(values: Array2<f32>) -> Cells {
    let (samples, genes) = values.dim();
    let samples = (0..samples).map(|sample| format!("s{sample}"));
    Cells::new(values, samples, (0..genes).map(|gene| format!("g{gene}"))).unwrap()
}

fn small() -> Cells {
    named(table(GOLDEN, "small.counts").mapv(|count| count as f32))
}

fn gtex() -> Option<Cells> {
    let path = data::file("rnanorm/gtex_lung.first30.chr21.csv.gz")?;
    let mut text = String::new();
    MultiGzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut lines = text.lines();
    let genes: Vec<&str> = lines.next().unwrap().split(',').skip(1).collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let counts = rows
        .iter()
        .flat_map(|row| &row[1..])
        .map(|count| count.parse().unwrap());
    let counts = Array2::from_shape_vec((rows.len(), genes.len()), counts.collect()).unwrap();
    Some(Cells::new(counts, rows.iter().map(|row| row[0]), genes).unwrap())
}

fn dense(cells: &Cells) -> Array2<f64> {
    cells.values().dense().mapv(f64::from)
}

fn line(factors: &Array1<f64>) -> Array2<f64> {
    factors.clone().insert_axis(Axis(0))
}

/// Every 7th sample and every 11th gene, of which the golden numbers of the larger table consist.
fn some(cells: &Cells) -> Array2<f64> {
    dense(cells)
        .slice(genolens::ndarray::s![..;7, ..;11])
        .to_owned()
}

#[test]
fn factors_and_values_are_those_of_rnanorm() {
    let samples = small();
    let golden = |name: &str| table(GOLDEN, &format!("small.{name}"));
    for (name, values) in [
        ("cpm", expression::cpm(&samples)),
        ("uq", expression::upper_quartile(&samples)),
        ("tmm", expression::tmm(&samples)),
        ("cuf", expression::cuf(&samples)),
        ("ctf", expression::ctf(&samples)),
    ] {
        assert_named(name, &dense(&values.unwrap()), (&golden(name), VALUES));
    }
    let loose = Tmm::new().ratio_trim(0.1).sum_trim(0.2);
    for (name, factors) in [
        ("uq.factors", UpperQuartile::new().factors(&samples)),
        ("tmm.factors", Tmm::new().factors(&samples)),
        ("tmm.loose", loose.factors(&samples)),
        ("sizes", expression::size_factors(&samples)),
        (
            "positive",
            MedianOfRatios::new().positive(true).factors(&samples),
        ),
    ] {
        assert_named(name, &line(&factors.unwrap()), (&golden(name), FACTORS));
    }
    // The reference can be named: that which is chosen changes nothing, another one does.
    let factors = Tmm::new().factors(&samples).unwrap();
    let of = |sample: &str| Tmm::new().reference(sample).factors(&samples).unwrap();
    assert!(
        ["s0", "s1", "s2", "s4", "s5", "s6", "s7"]
            .iter()
            .any(|sample| of(sample) == factors)
    );
    assert!(of("s3") != factors);
}

#[test]
fn factors_of_real_samples_are_those_of_edger() {
    let Some(samples) = gtex() else { return };
    for (name, factors, tolerance) in [
        ("uq", UpperQuartile::new().factors(&samples), FACTORS),
        ("tmm", Tmm::new().factors(&samples), FACTORS),
    ] {
        let Some(path) = data::file(&format!(
            "rnanorm/gtex.lung.30.chr21.{name}_factors_edgeR.tsv"
        )) else {
            return;
        };
        let text = std::fs::read_to_string(path).unwrap();
        let rows = text.lines().filter(|line| line.starts_with("GTEX"));
        let rows: Vec<Vec<&str>> = rows.map(|line| line.split('\t').collect()).collect();
        assert_eq!(rows.len(), samples.len());
        let factors = factors.unwrap();
        for (sample, row) in rows.iter().enumerate() {
            assert_eq!(row[0], samples.cells()[sample]);
            let golden: f64 = row[3].parse().unwrap();
            assert!(
                (factors[sample] - golden).abs() < tolerance,
                "{name} {}: {}, not {golden}",
                row[0],
                factors[sample]
            );
        }
        let golden = table(GOLDEN, &format!("gtex.{name}.factors"));
        assert_named(name, &line(&factors), (&golden, FACTORS));
    }
    for (name, factors) in [
        ("sizes", expression::size_factors(&samples)),
        (
            "positive",
            MedianOfRatios::new().positive(true).factors(&samples),
        ),
    ] {
        assert_named(
            name,
            &line(&factors.unwrap()),
            (&table(GOLDEN, &format!("gtex.{name}")), FACTORS),
        );
    }
}

#[test]
fn lengths_are_unions_of_exons() {
    if let (Some(toy), Some(samples), Some(annotation)) = (
        data::file("rnanorm/toy.gtf"),
        gtex(),
        data::file("rnanorm/gencode.v26.annotation.chr21.gtf.gz"),
    ) {
        let toy = expression::gene_lengths(toy).unwrap();
        let expected = [
            ("Gene_1", 200.0),
            ("Gene_2", 300.0),
            ("Gene_3", 500.0),
            ("Gene_4", 1000.0),
            ("Gene_5", 1000.0),
        ];
        assert_eq!(toy, GeneLengths::new(expected).unwrap());
        let lengths = expression::gene_lengths(annotation).unwrap();
        let found = line(&lengths.of(samples.genes()).unwrap());
        assert_eq!(found, table(GOLDEN, "gtex.lengths"));
        let tpm = expression::tpm(&samples, &lengths).unwrap();
        assert_near(&some(&tpm), &table(GOLDEN, "gtex.tpm"), VALUES);
        let fpkm = expression::fpkm(&samples, &lengths).unwrap();
        assert_near(&some(&fpkm), &table(GOLDEN, "gtex.fpkm"), VALUES);
        assert_near(
            &some(&expression::cpm(&samples).unwrap()),
            &table(GOLDEN, "gtex.cpm"),
            VALUES,
        );
        assert!(
            lengths
                .without_versions()
                .unwrap()
                .get("ENSG00000141956")
                .is_some()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn sparse_and_dense_samples_give_the_same((n, genes) in (1_usize..6, 1_usize..30), seed in any::<u32>()) {
        let mut state = seed;
        let counts = Array2::from_shape_simple_fn((n, genes), || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 24) as f32 - 100.0).max(0.0)
        });
        prop_assume!(counts.rows().into_iter().all(|row| row.sum() > 0.0));
        let samples = named(counts.clone());
        let sparse = samples.with_values(Sparse::from_dense(&counts).unwrap()).unwrap();
        let lengths = GeneLengths::new((0..genes).map(|gene| (format!("g{gene}"), 100.0 + gene as f64))).unwrap();
        let both = |run: &dyn Fn(&Cells) -> genolens::Result<Cells>| (run(&samples), run(&sparse));
        let pairs = [
            both(&expression::cpm),
            both(&|samples| expression::tpm(samples, &lengths)),
            both(&|samples| expression::rpkm(samples, &lengths)),
            both(&expression::upper_quartile),
            both(&expression::tmm),
            both(&|samples| MedianOfRatios::new().positive(true).run(samples)),
        ];
        for (dense, sparse) in pairs {
            match (dense, sparse) {
                (Ok(dense), Ok(sparse)) => prop_assert_eq!(dense.values().dense(), sparse.values().dense()),
                (dense, sparse) => prop_assert_eq!(dense.unwrap_err().to_string(), sparse.unwrap_err().to_string()),
            }
        }
        // Shares sum to one million, whatever the lengths; depth does not matter.
        for values in [expression::cpm(&samples).unwrap(), expression::tpm(&samples, &lengths).unwrap()] {
            for row in dense(&values).rows() {
                prop_assert!((row.sum() - 1e6).abs() < 1.0);
            }
        }
        let deeper = named(&counts * 8.0);
        prop_assert_eq!(expression::tpm(&deeper, &lengths).unwrap(), expression::tpm(&samples, &lengths).unwrap());
        if let Ok(factors) = Tmm::new().factors(&samples) {
            prop_assert!((factors.mapv(f64::ln).sum()).abs() < 1e-9);
        }
    }
}

fn read(text: &[u8]) -> String {
    let path = std::env::temp_dir().join(format!(
        "genolens-{}-{}.gtf",
        std::process::id(),
        text.len()
    ));
    std::fs::File::create(&path)
        .unwrap()
        .write_all(text)
        .unwrap();
    let outcome = expression::gene_lengths(&path);
    std::fs::remove_file(&path).unwrap();
    match outcome {
        Ok(lengths) => format!("{lengths:?} {:?}", lengths.get("a;b")),
        Err(error) => error
            .to_string()
            .replace(&path.display().to_string(), "x.gtf"),
    }
}

#[test]
fn annotations_that_make_no_sense_are_refused_with_their_line() {
    let good = b"# made up\n\n1\t.\texon\t5\t9\t.\t+\t.\tnote \"gene_id x; gene_id y\"; gene_id \"a;b\";\r\n1\t.\texon\t8\t10\t.\t+\t.\tgene_id \"a;b\"\n2\t.\texon\t1\t1\t.\t+\t.\tgene_id \"a;b\"".as_slice();
    let long = [b"1\t.\t".as_slice(), &vec![b'x'; 1 << 20]].concat();
    let zipped = {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(good).unwrap();
        packed.finish().unwrap()
    };
    let messages = [
        read(good),
        read(&zipped),
        read(&zipped[..zipped.len() - 20]),
        read(b"# nothing\n"),
        read(b"# two fields\n1\t."),
        read(b"1\t.\texon\t0\t9\t.\t+\t.\tgene_id \"a\";"),
        read(b"1\t.\texon\t-3\t9\t.\t+\t.\tgene_id \"ab\";"),
        read(b"1\t.\texon\t9\t5\t.\t+\t.\tgene_id \"abc\";"),
        read(b"1\t.\texon\t1\t99999999999999999999\t.\t+\t.\tgene_id \"abcd\";"),
        read(b"1\t.\texon\t5\t9\t.\t+\t.\tgene_id=a;Parent=t"),
        read(b"1\t.\texon\t5\t9\t.\t+\t.\tgene_id \"\"; transcript_id \"t\""),
        read(b"1\t.\texon\t5\t9\t.\t+\t.\tgene_id \"\xff\";"),
        read(&long),
        expression::gene_lengths("absent.gtf")
            .unwrap_err()
            .to_string(),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r#"
    GeneLengths(n = 1) Some(7.0)
    GeneLengths(n = 1) Some(7.0)
    cannot read x.gtf: incomplete deflate stream
    `path` is `x.gtf`, which has none, expected an annotation with exons
    x.gtf, line 2: expected 9 fields separated by tabs, got 2
    x.gtf, line 1: expected a position from 1 to 2^40, got `0`
    x.gtf, line 1: expected a position from 1 to 2^40, got `-3`
    x.gtf, line 1: expected an end at or after the start, got 9 to 5
    x.gtf, line 1: expected a position from 1 to 2^40, got `99999999999999999999`
    x.gtf, line 1: expected an exon with `gene_id "..."`, got `gene_id=a;Parent=t`
    x.gtf, line 1: expected an exon with `gene_id "..."`, got `gene_id ""; transcript_id "t"`
    x.gtf, line 1: expected UTF-8 text, got other bytes
    x.gtf, line 1: expected a line of at most a mebibyte, got a longer one
    cannot read absent.gtf: No such file or directory (os error 2)
    "#);
}

#[test]
fn careless_calls_are_refused_by_name() {
    let samples = named(array![[1.0_f32, 2.0, 3.0], [0.0, 0.0, 9.0]]);
    let with = |values: Array2<f32>| samples.with_values(values).unwrap();
    let lengths = |of: &[(&str, f64)]| GeneLengths::new(of.iter().copied());
    let apart = named(array![[1.0_f32, 0.0], [0.0, 1.0]]);
    let messages = [
        expression::cpm(&with(array![[1.0, 2.0, -3.0], [1.0, 1.0, 1.0]])).err(),
        expression::cpm(&with(array![[1.0, 2.0, f32::NAN], [1.0, 1.0, 1.0]])).err(),
        expression::cpm(&with(array![[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])).err(),
        expression::tpm(&samples, &lengths(&[("g0", 10.0)]).unwrap()).err(),
        lengths(&[]).err(),
        lengths(&[("g0", 0.0)]).err(),
        lengths(&[("g0", 1.0), ("g0", 2.0)]).err(),
        lengths(&[("g0.1", 1.0), ("g0.2", 2.0)])
            .unwrap()
            .without_versions()
            .err(),
        UpperQuartile::new().quantile(0.3).factors(&samples).err(),
        UpperQuartile::new().quantile(1.0).factors(&samples).err(),
        Tmm::new().ratio_trim(0.5).factors(&samples).err(),
        Tmm::new().sum_trim(f64::NAN).factors(&samples).err(),
        Tmm::new().above(f64::NAN).factors(&samples).err(),
        Tmm::new().reference("s9").factors(&samples).err(),
        Tmm::new().factors(&apart).err(),
        expression::size_factors(&apart).err(),
    ];
    let messages: Vec<String> = messages.map(|error| error.unwrap().to_string()).into();
    insta::assert_snapshot!(messages.join("\n"), @r"
    `samples` is -3, expected counts, finite and at least 0
    `samples` is NaN, expected counts, finite and at least 0
    `samples` is `s1`, which has none, expected counts in every sample
    `lengths` is without 2 of them, first `g1`, expected a length for each of 3 genes
    `lengths` is none, expected one gene or more
    `length of g0` is 0, expected a number above 0
    `lengths` is `g0` twice, 1 and 2, expected each gene once
    `lengths` is `g0` twice, 1 and 2, expected each gene once
    `samples` is `s1`, where it is 0, expected a quantile 0.3 above 0 in every sample
    `quantile` is 1, expected above 0 and below 1
    `ratio_trim` is 0.5, expected at least 0 and below 0.5
    `sum_trim` is NaN, expected at least 0 and below 0.5
    `above` is NaN, expected a number
    `names` is `s9`, expected among the 2 names
    `samples` is `s1`, which has none, expected genes left to compare with the reference `s0`
    `samples` is without such a gene, expected a gene with counts in every sample, or positive(true)
    ");
}
