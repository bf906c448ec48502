//! Two tables turned to the same alleles.

use genolens::causal::{
    AssociationColumns, Associations, Harmonise, Palindromes, harmonise, read_table,
};
use genolens::polars::prelude::*;

type Line<'a> = (&'a str, f64, &'a str, &'a str, Option<f64>);

fn associations(name: &str, lines: &[Line<'_>]) -> Associations {
    let column = |of: fn(&Line<'_>) -> String| -> Vec<String> { lines.iter().map(of).collect() };
    let table = df!(
        "SNP" => column(|line| line.0.into()),
        "beta" => lines.iter().map(|line| line.1).collect::<Vec<_>>(),
        "se" => vec![0.1; lines.len()],
        "effect_allele" => column(|line| line.2.into()),
        "other_allele" => column(|line| line.3.into()),
        "eaf" => lines.iter().map(|line| line.4).collect::<Vec<_>>(),
    );
    Associations::from_frame(name, &table.unwrap(), &AssociationColumns::new()).unwrap()
}

/// An exposure and an outcome whose variants differ in all ways that there are.
fn told_apart() -> (Associations, Associations) {
    let ldl = associations(
        "LDL",
        &[
            ("same", 0.1, "A", "G", None),
            ("turned", 0.1, "A", "G", None),
            ("strand", 0.1, "A", "G", None),
            ("both", 0.1, "a", "g", None),
            ("other", 0.1, "A", "G", None),
            ("absent", 0.1, "A", "G", None),
            ("unknown", 0.1, "A", "T", None),
            ("even", 0.1, "A", "T", Some(0.45)),
            ("rare", 0.1, "A", "T", Some(0.1)),
            ("flipped", 0.1, "A", "T", Some(0.1)),
            ("swapped", 0.1, "C", "G", Some(0.1)),
            ("swapped strand", 0.1, "C", "G", Some(0.1)),
            ("insertion", 0.1, "AC", "A", None),
            ("nothing", 0.1, "", "", None),
            ("twins", 0.1, "A", "A", None),
            ("half", 0.1, "A", "G", None),
        ],
    );
    let chd = associations(
        "CHD",
        &[
            ("half", 0.3, "A", "", None),
            ("twins", 0.3, "A", "A", None),
            ("nothing", 0.3, "", "", None),
            ("insertion", 0.3, "T", "GT", None),
            ("swapped strand", 0.3, "G", "C", Some(0.12)),
            ("swapped", 0.3, "G", "C", Some(0.88)),
            ("flipped", 0.3, "A", "T", Some(0.88)),
            ("rare", 0.3, "A", "T", Some(0.12)),
            ("even", 0.3, "A", "T", Some(0.1)),
            ("unknown", 0.3, "A", "T", Some(0.1)),
            ("other", 0.3, "A", "C", None),
            ("both", 0.3, "C", "T", None),
            ("strand", 0.3, "T", "C", None),
            ("turned", 0.3, "G", "A", None),
            ("same", 0.3, "A", "G", None),
        ],
    );
    (ldl, chd)
}

#[test]
fn every_variant_is_turned_or_dropped_for_a_reason() {
    let (ldl, chd) = told_apart();
    let found = harmonise(&ldl, &chd).unwrap();
    assert_eq!(found.dropped(), 7);
    let x = found.instruments();
    let effects: Vec<String> = x
        .ids()
        .iter()
        .zip(x.outcome_effects())
        .map(|(id, effect)| format!("{id} {effect}"))
        .collect();
    let report = found.report().unwrap();
    let reasons: Vec<String> = (0..report.height())
        .map(|row| {
            let cell = |name: &str| {
                report
                    .column(name)
                    .unwrap()
                    .str()
                    .unwrap()
                    .get(row)
                    .unwrap()
            };
            format!("{}: {}", cell("id"), cell("reason"))
        })
        .collect();
    insta::assert_snapshot!(format!("{}\n\n{}", effects.join("\n"), reasons.join("\n")), @r"
    same 0.3
    turned -0.3
    strand 0.3
    both -0.3
    rare 0.3
    flipped -0.3
    swapped -0.3
    swapped strand 0.3
    insertion -0.3

    same: as it is
    turned: alleles in the other order
    strand: read on the other strand
    both: read on the other strand, alleles in the other order
    other: other alleles
    absent: not in the table of the outcome
    unknown: alleles look alike on both strands, and frequencies do not tell
    even: alleles look alike on both strands, and frequencies do not tell
    rare: as it is
    flipped: read on the other strand, alleles in the other order
    swapped: alleles in the other order
    swapped strand: read on the other strand
    insertion: read on the other strand, alleles in the other order
    nothing: no two different alleles
    twins: no two different alleles
    half: no two different alleles
    ");
    let on_one_strand = Harmonise::new()
        .palindromes(Palindromes::SameStrand)
        .run(&ldl, &chd)
        .unwrap();
    assert_eq!(on_one_strand.dropped(), 5);
    let none = Harmonise::new()
        .palindromes(Palindromes::Drop)
        .run(&ldl, &chd)
        .unwrap();
    assert_eq!(none.dropped(), 11);
}

#[test]
fn files_with_quotes_and_gaps_are_read() {
    let folder = std::env::temp_dir().join(format!("genolens-causal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("table.csv");
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        read_table(&path)
    };
    let table =
        read("SNP,\"a \"\"quoted\"\", name\",n\r\nrs1,1.5,NA\r\n\"rs\n2\",-2e-3,7\r\n").unwrap();
    assert_eq!(table.shape(), (2, 3));
    let names: Vec<&str> = table
        .get_column_names()
        .iter()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(names, ["SNP", "a \"quoted\", name", "n"]);
    assert_eq!(table.column("n").unwrap().null_count(), 1);
    assert_eq!(
        table.column("SNP").unwrap().str().unwrap().get(1),
        Some("rs\n2")
    );
    assert_eq!(read("a\tb\n1\t2\n").unwrap().shape(), (1, 2));
    let told = |text: &str| {
        let message = read(text).unwrap_err().to_string();
        message
            .split_once("table.csv")
            .map(|parts| parts.1.to_owned())
            .unwrap_or(message)
    };
    let messages = [
        told(""),
        told("a,b\n1,2\n3\n"),
        told("a,b\n1,\"2\n"),
        {
            let table = read("SNP,beta,se,effect_allele,other_allele\nrs1,x,0.1,A,G\n").unwrap();
            Associations::from_frame("LDL", &table, &AssociationColumns::new())
                .unwrap_err()
                .to_string()
        },
        {
            let table =
                read("SNP,beta,se,effect_allele,other_allele\nrs1,,0.1,A,G\nrs2,1,0.1,A,G\n")
                    .unwrap();
            Associations::from_frame("LDL", &table, &AssociationColumns::new())
                .unwrap_err()
                .to_string()
        },
        {
            let table = read("SNP,b,se,effect_allele,other_allele\nrs1,1,0.1,A,G\n").unwrap();
            Associations::from_frame("LDL", &table, &AssociationColumns::new())
                .unwrap_err()
                .to_string()
        },
    ];
    std::fs::remove_dir_all(&folder).unwrap();
    insta::assert_snapshot!(messages.join("\n"), @r"
    , line 1: expected names of columns, got nothing
    , line 3: expected 2 fields, got 1
    , line 2: expected a closing quote, got the end of the file
    `column beta` is of str, expected numbers
    `column beta` is nothing in row 1, expected no gaps
    `column` is `beta`, expected one of: SNP, b, se, effect_allele, other_allele
    ");
}
