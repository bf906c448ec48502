//! What edits look like in a notebook, also in a stock kernel, which reads what a process prints.

use super::methods::{smooth, some};
use genolens::attribution::{
    GlobalImportance, Saliency, Spacing, deletion_effects, marginalisation, variant_effects,
};
use genolens::sequence::{Alphabet, Sequences, Variants};
use std::process::Command;

const KEY: &str = "GENOLENS_TEST_SHOWN";

#[test]
fn results_of_edits_show_themselves() {
    if std::env::var_os(KEY).is_some() {
        show();
        return;
    }
    let told = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "attribution::shown::results_of_edits_show_themselves",
        ])
        .arg("--nocapture")
        .env(KEY, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&told.stdout);
    for expected in [
        "TGACTCA: means over 3 sequences.",
        "2 mean effects.",
        "standard error",
        "2 effects. Means over 9 null sequences.",
        "A = AC, B = GT",
        "letters between the motifs",
        "−1",
        "2 variants. 1 left out.",
        "The 2 of 2 variants that change the first output most.",
        "rs1",
        "saliency",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

fn show() {
    let (model, x) = (smooth(), some());
    let change = marginalisation(&model, &x, "TGACTCA").unwrap();
    change.evcxr_display();
    change.mean().evcxr_display();
    let explained = change.explain(&model, &Saliency::new()).unwrap();
    explained.evcxr_display();
    let options = GlobalImportance::new().count(9);
    let found = options.run(&model, &x, &["GATA"]).unwrap();
    found.evcxr_display();
    let options = Spacing::new("AC", "GT").gaps(0..=3);
    options.run(&model, &x).unwrap().evcxr_display();
    deletion_effects(&model, &x).unwrap().evcxr_display();
    let variants = Variants::parse("c\t5\trs1\tT\tG,TA,<DEL>\n").unwrap();
    variants.evcxr_display();
    let genome = Sequences::new(Alphabet::Dna, [("c", "ACGTTGCATC")]).unwrap();
    let alleles = variants.windows(&genome, 10).unwrap();
    alleles.evcxr_display();
    let scored = variant_effects(&model, &alleles).unwrap();
    scored.evcxr_display();
}
