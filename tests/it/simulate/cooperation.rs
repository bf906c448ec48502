//! Two factors of which one needs the other.

use genolens::motif::{self, Motif};
use genolens::ndarray::Array2;
use genolens::simulate::{Assays, Cooperation, known_motifs};

fn cooperation() -> Cooperation {
    let known = known_motifs();
    Cooperation::new(&known.find("GATA").unwrap(), &known.find("ETS").unwrap())
}

/// The formula of the simulator, written down once more and slowly.
fn occupancy(letters: &[u8], motif: &Motif) -> f64 {
    let shares = [0.27, 0.23, 0.23, 0.27];
    let mut free = 1.0;
    for start in 0..=letters.len() - motif.len() {
        let mut energy = 0.0;
        for (position, letter) in letters[start..start + motif.len()].iter().enumerate() {
            let letter = b"ACGT".iter().position(|known| known == letter).unwrap();
            let share = motif.probability()[(position, letter)] * (1.0 - 1e-5) + 0.25e-5;
            energy -= (share / shares[letter]).ln();
        }
        free *= 1.0 - 1.0 / (1.0 + energy.exp());
    }
    1.0 - free
}

#[test]
fn the_assays_follow_the_published_formula() {
    let known = known_motifs();
    let [gata, ets, ctcf] = ["GATA", "ETS", "CTCF"].map(|name| known.find(name).unwrap());
    let data = cooperation()
        .strengths(90.0, 200.0)
        .confounder(&ctcf)
        .run(60)
        .unwrap();
    for index in 0..60 {
        let sequences = data.sequences();
        let letters = sequences.letters(index);
        let [a, b, c] = [&gata, &ets, &ctcf].map(|motif| occupancy(letters, motif));
        let wanted = [1.0 + 90.0 * a + 20.0 * c, 1.0 + 200.0 * a * b + 30.0 * c];
        for (assay, wanted) in wanted.into_iter().enumerate() {
            let found = data.expected()[(index, assay)];
            assert!((found - wanted).abs() < 1e-9 * wanted, "{found} {wanted}");
        }
    }
    assert!(
        data.counts()
            .iter()
            .all(|count| count.fract() == 0.0 && *count >= 0.0)
    );
    let label = 2.0 * (data.counts()[(3, 1)] + 0.375).sqrt();
    assert!((f64::from(data.labels()[(3, 1)]) - label).abs() < 1e-5);
}

#[test]
fn counts_are_poisson_numbers_and_the_hidden_cause_comes_as_often_as_asked() {
    let data = cooperation().hidden(0.3).run(6000).unwrap();
    let bare = cooperation().run(6000).unwrap();
    assert_eq!(data.sequences(), bare.sequences());
    let shift: Array2<f64> = data.expected() - bare.expected();
    let hidden = shift.column(0).iter().filter(|shift| **shift > 1.0).count();
    assert!((1680..1920).contains(&hidden), "{hidden}");
    assert!(
        shift
            .iter()
            .all(|shift| *shift == 0.0 || (shift - 25.0).abs() < 1e-9)
    );
    assert_eq!(
        shift.column(0).mapv(|shift| shift > 1.0),
        shift.column(1).mapv(|shift| shift > 1.0)
    );
    // The noise over the root of the mean has variance 1: 12,000 draws, five standard errors.
    let (noise, mean) = (data.counts() - data.expected(), data.expected());
    let variance = (&noise * &noise / mean).mean().unwrap();
    assert!((variance - 1.0).abs() < 0.15, "{variance}");
    assert!((noise / mean.mapv(f64::sqrt)).mean().unwrap().abs() < 0.05);
}

#[test]
fn effects_are_slopes_over_the_exposure_motif() {
    let known = known_motifs();
    let [gata, ets] = ["GATA", "ETS"].map(|name| known.find(name).unwrap());
    let data = cooperation().strengths(100.0, 300.0).run(400).unwrap();
    let (truth, sequences) = (data.truth(), data.sequences());
    let has = |index: usize, name: &str| {
        let own = truth.of(index);
        (0..own.len())
            .map(|i| own.get(i))
            .find(|plant| plant.name == name)
    };
    let exposed = data.exposed();
    // One in two carries the exposure's motif, one in four both.
    assert!((160..240).contains(&exposed.len()), "{}", exposed.len());
    let both = exposed
        .iter()
        .filter(|index| has(**index, "ETS").is_some())
        .count();
    assert!((70..130).contains(&both), "{both}");
    for index in 0..400 {
        let effect = data.effect(index);
        assert!(effect.is_none() || exposed.contains(&index));
        let Some(effect) = effect else { continue };
        let plant = has(index, "GATA").unwrap();
        let assay = |letters: &[u8]| {
            let exposure = occupancy(letters, &gata);
            let means = [
                1.0 + 100.0 * exposure,
                1.0 + 300.0 * exposure * occupancy(letters, &ets),
            ];
            means.map(|mean| 2.0 * (mean + 0.375).sqrt())
        };
        let letters = sequences.letters(index).to_vec();
        let (whole, mut sums) = (assay(&letters), (0.0, 0.0));
        for place in plant.start..plant.end {
            for letter in *b"ACGT" {
                let mut changed = letters.clone();
                changed[place] = letter;
                let changed = assay(&changed);
                sums.0 += (changed[0] - whole[0]) * (changed[1] - whole[1]);
                sums.1 += (changed[0] - whole[0]).powi(2);
            }
        }
        let wanted = sums.0 / sums.1;
        assert!(
            (effect - wanted).abs() < 1e-6 * (1.0 + wanted.abs()),
            "{effect} {sums:?}"
        );
    }
    assert_eq!(data.effect(400), None);
}

#[test]
fn variants_change_one_letter_in_each_motif() {
    let data = cooperation().variants(0.5).run(100).unwrap();
    let (sequences, truth) = (data.sequences(), data.truth());
    assert_eq!(sequences.len(), 150);
    for index in 100..150 {
        let name = sequences.name(index).to_owned();
        let origin: usize = name[3..name.find(',').unwrap()].parse::<usize>().unwrap() - 1;
        let (old, new) = (sequences.letters(origin), sequences.letters(index));
        let changed: Vec<usize> = (0..100)
            .filter(|place| old[*place] != new[*place])
            .collect();
        let own = truth.of(origin);
        assert_eq!(changed.len(), own.len().max(1));
        for plant in (0..own.len()).map(|i| own.get(i)) {
            assert_eq!(
                changed
                    .iter()
                    .filter(|place| (plant.start..plant.end).contains(place))
                    .count(),
                1
            );
        }
        assert_eq!(data.effect(index), None);
    }
    insta::assert_snapshot!(format!("{data:?}"), @"Assays(150 sequences, 50 of them variants, exposure and outcome)");
}

#[test]
fn threads_do_not_change_a_byte() {
    let run = |threads: usize| -> Assays {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| cooperation().hidden(0.5).variants(0.25).run(100).unwrap())
    };
    let first = run(1);
    for threads in [2, 4, 8] {
        let other = run(threads);
        assert_eq!(
            (first.sequences(), first.counts()),
            (other.sequences(), other.counts())
        );
    }
    assert_ne!(
        first.sequences(),
        cooperation()
            .hidden(0.5)
            .variants(0.25)
            .seed(1)
            .run(100)
            .unwrap()
            .sequences()
    );
}

#[test]
fn the_published_motifs_fit() {
    let Some(path) = crate::data::file("motifs/encode_motifs.txt.gz") else {
        return;
    };
    let motifs = motif::open(path).unwrap();
    let [exposure, outcome, confounder] =
        ["GATA_disc1", "TAL1_known1", "SOX2_1"].map(|name| motifs.find(name).unwrap());
    let data = Cooperation::new(&exposure, &outcome)
        .confounder(&confounder)
        .run(200)
        .unwrap();
    // Where both factors can bind, an equal change of both means is a slope of 1 on this scale.
    let (truth, exposed) = (data.truth(), data.exposed());
    let both = exposed.iter().filter(|index| {
        let own = truth.of(**index);
        (0..own.len()).any(|i| own.get(i).name == "TAL1_known1")
    });
    let mut effects: Vec<f64> = both.filter_map(|index| data.effect(*index)).collect();
    effects.sort_by(f64::total_cmp);
    assert!(effects.len() > 30, "{effects:?}");
    assert!(
        (effects[effects.len() / 2] - 1.0).abs() < 0.01,
        "{effects:?}"
    );
}

#[test]
fn careless_calls_are_told() {
    let known = known_motifs();
    let gata = known.find("GATA").unwrap();
    let tell = |cooperation: Cooperation| cooperation.run(10).unwrap_err().to_string();
    let messages = [
        cooperation().run(0).unwrap_err().to_string(),
        tell(cooperation().length(29)),
        tell(cooperation().strengths(-1.0, 2.0)),
        tell(cooperation().strengths(1.0, f64::NAN)),
        tell(cooperation().confounding(1.0, f64::INFINITY)),
        tell(cooperation().shift(-2.0)),
        tell(cooperation().hidden(1.5)),
        tell(cooperation().variants(-0.1)),
        tell(Cooperation::new(&gata, &gata)),
        tell(cooperation().confounder(&gata)),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    `n` is 0, expected 1 or more
    `length` is 29, expected at least 30, room for the motifs apart
    `alpha` is -1, expected 0 to 1,000,000 counts
    `beta` is NaN, expected 0 to 1,000,000 counts
    `nu` is inf, expected 0 to 1,000,000 counts
    `tau` is -2, expected 0 to 1,000,000 counts
    `hidden` is 1.5, expected a chance from 0 to 1
    `variants` is -0.1, expected 0 to 10 for each sequence
    `motifs` is `GATA` twice, expected different names
    `motifs` is `GATA` twice, expected different names
    ");
}
