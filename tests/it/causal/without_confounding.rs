//! Effects without what confounds: from counts, told on Anscombe's scale.

use genolens::causal::{self, DeepMr, MutationEffects};
use genolens::ndarray::{Array3, Array5};
use genolens::sequence::Sequences;

pub(super) const MEMBERS: usize = 3;
const LENGTH: usize = 30;
const SEQUENCES: usize = 12;

pub(super) fn scale(count: f64) -> f64 {
    2.0 * (count + 0.375).sqrt()
}

/// The share of the time that the factor is left where a letter of its motif, the first ten, is replaced.
fn left(letter: usize, position: usize) -> f64 {
    match position {
        0..10 if letter > 0 => 0.9 * ((letter * 5 + position * 3) % 7) as f64 / 6.0,
        _ => 0.9,
    }
}

/// Both assays of 1 count, and 100 and 1,000 more where the factor sits, and of something hidden that adds to both.
pub(super) fn effects(hidden: f64) -> MutationEffects {
    let assay = |output: usize, share: f64| 1.0 + hidden + [100.0, 1000.0][output] * share;
    let slip = |output: usize, member: usize| 1.0 + 0.002 * (member as f64 - 1.0) * output as f64;
    let level = |output: usize, member: usize, share: f64| {
        scale(assay(output, share) * slip(output, member))
    };
    let whole = |output: usize, member: usize| level(output, member, 0.9);
    let values = Array5::from_shape_fn((SEQUENCES, 2, MEMBERS, 4, LENGTH), |at| {
        let (row, output, member, letter, position) = at;
        if letter == 0 {
            return 0.0;
        }
        // Members differ a little in every mutation.
        let own = 1e-3 * ((row * 7 + member * 13 + letter * 3 + position * 11) % 5) as f64;
        let change = level(output, member, left(letter, position)) - whole(output, member);
        (change + own) as f32
    });
    let levels = Array3::from_shape_fn((SEQUENCES, 2, MEMBERS), |(_, output, member)| {
        whole(output, member) as f32
    });
    let sequences = Sequences::dna(vec!["A".repeat(LENGTH); SEQUENCES]).unwrap();
    let effects = MutationEffects::new(&sequences, &values).unwrap();
    effects.with_levels(&levels).unwrap()
}

/// The slope through the origin without what is hidden.
pub(super) fn truth() -> f64 {
    let (mut products, mut squares) = (0.0, 0.0);
    for position in 0..10 {
        for letter in 1..4 {
            let change = |strength: f64| {
                scale(1.0 + strength * left(letter, position)) - scale(1.0 + strength * 0.9)
            };
            products += change(100.0) * change(1000.0);
            squares += change(100.0).powi(2);
        }
    }
    products / squares
}

/// What is hidden bends a line of roots, and not one of counts; and the effect is told on the scale of roots again.
#[test]
fn what_adds_to_counts_falls_out_of_counts() {
    let roots = causal::deep_mr(&effects(25.0), 0, 1).unwrap().value();
    assert!((roots - truth()).abs() > 0.2, "{roots}");
    let counts = effects(25.0).on_counts().unwrap();
    let slope = causal::deep_mr(&counts, 0, 1).unwrap().value();
    assert!((slope - 10.0).abs() < 0.05, "{slope}");
    let found = |hidden: f64, background: f64| {
        let method = DeepMr::new().without_confounding(background);
        method.run(&effects(hidden), 0, 1).unwrap()
    };
    // Without anything hidden the background is all that is not the factor's.
    let nothing = found(0.0, 1.0);
    assert!(nothing.unidentified() < 0.002, "{nothing}");
    assert!((nothing.value() - truth()).abs() < 0.02, "{nothing}");
    for hidden in [25.0, 60.0] {
        let own = found(hidden, 1.0);
        assert!(own.unidentified() > 0.05, "{own}");
        // The truth is at the end at which nothing but the motif adds counts.
        let end = own.value() + own.unidentified();
        assert!((end - truth()).abs() < 0.02, "{own}, {}", truth());
        let (low, high) = own.interval();
        assert!(low < truth() && truth() < high, "{own}, {}", truth());
        assert!(own.standard_error() < 0.1, "{own}");
        // Every sequence says so, too.
        let near = own.estimates().get(0).unwrap();
        let half = near.interval().1 - near.value();
        assert!(half > near.unidentified(), "{near:?}");
        assert!(near.p_value() >= 0.0 && near.p_value() < 1e-3, "{near:?}");
    }
    // A background of which nothing is known changes less than what is hidden.
    let unknown = found(25.0, 0.0);
    assert!((unknown.value() - truth()).abs() < 0.25, "{unknown}");
    let two = effects(25.0).select(&[3, 1]).unwrap();
    assert_eq!(two.levels().unwrap().dim(), (2, 2, MEMBERS));
}

#[test]
fn careless_counts_are_refused() {
    let known = effects(0.0);
    let unknown = MutationEffects::new(known.sequences(), known.values()).unwrap();
    let run = |background: f64, effects: &MutationEffects| {
        let method = DeepMr::new().without_confounding(background);
        method.run(effects, 0, 1).unwrap_err()
    };
    let refused = [
        unknown.on_counts().unwrap_err(),
        unknown.with_levels(&Array3::zeros((1, 2, 3))).unwrap_err(),
        unknown
            .with_levels(&Array3::from_elem((SEQUENCES, 2, MEMBERS), f32::NAN))
            .unwrap_err(),
        known.on_counts().unwrap().on_counts().unwrap_err(),
        run(-1.0, &known),
        run(f64::NAN, &known),
        run(1.0, &unknown),
        run(1.0, &known.on_counts().unwrap()),
    ];
    insta::assert_snapshot!(refused.map(|error| error.to_string()).join("\n"), @r"
    `effects` is those without, expected effects with levels
    `levels` has shape (1, 2, 3), expected (12, 2, 3)
    `levels` is NaN, expected finite
    `effects` is effects in counts, expected effects on Anscombe's scale
    `background` is -1, expected 0 counts or more
    `background` is NaN, expected 0 counts or more
    `effects` is those without, expected effects with levels
    `effects` is effects in counts, expected effects on Anscombe's scale
    ");
}
