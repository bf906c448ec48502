//! What dreams and designs look like.

use super::formula::{Formula, Stripe, counts, looks_for, rows};
use genolens::ndarray::{Array4, array};
use genolens::sequence::Sequences;
use genolens::synthesis::{self, ActivationMaximisation, Adversarial, Goal};

#[test]
fn dreams_and_designs_have_pictures() {
    let model = counts("TGACTCA");
    let options = ActivationMaximisation::sequences().steps(30).restarts(2);
    let dreams = options.random(&model, &[4, 25]).unwrap();
    let text = dreams.logo().description();
    assert!(text.contains("output 0: score"), "{text}");
    let curve = dreams.curve();
    assert!(curve.svg().contains("restart 1"));
    assert!(dreams.output_curves().svg().contains("Raising output 0"));
    save("dreams", &dreams.logos().above(&curve));

    let x = Array4::from_shape_fn((3, 1, 9, 7), |(i, _, r, c)| ((i + r * c) % 4) as f32 / 3.0);
    let dreams = ActivationMaximisation::images().run(&Stripe, &x).unwrap();
    save("images", &dreams.images());
    let found = Adversarial::new()
        .bounds(0.0, 1.0)
        .run(&Stripe, &x, &array![0, 0, 1])
        .unwrap();
    let images = found.images();
    assert!(images.svg().contains("called"));
    save("adversarial", &images);

    let dreams = synthesis::dream(&Formula, &rows(), 2).unwrap();
    assert!(dreams.bars().description().contains("output 2"));
    save("rows", &dreams.bars().above(&dreams.output_curves()));

    let x = Sequences::dna(["CCCCCCTGACGGACCCCC"]).unwrap();
    let model = looks_for("TGACTCA");
    let designs = synthesis::greedy_design(&model, &x, Goal::at_least(0, 0.0)).unwrap();
    let text = designs.logos().description();
    assert!(
        text.contains("substitution, 2 letters changed: 1.500"),
        "{text}"
    );
    save("designs", &designs.logos().above(&designs.curve()));
}

/// Keeps a picture for a person to look at, where one asks for it.
fn save(name: &str, figure: &genolens::display::Figure) {
    if let Some(folder) = std::env::var_os("GENOLENS_TEST_PICTURES") {
        let path = std::path::PathBuf::from(folder).join(format!("synthesis_{name}.png"));
        figure.save(path).unwrap();
    }
}
