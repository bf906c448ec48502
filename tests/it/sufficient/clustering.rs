//! Clusters of subsets: distances, density, both strands, motifs.

use super::subsets_of::{image_subsets, site_subsets};
use crate::golden::{assert_named, rows, table};
use genolens::motif::Motif;
use genolens::ndarray::Array2;
use genolens::sequence::Sequences;
use genolens::sufficient::{
    ClusterSubsets, Clusters, Dbscan, SubsetDistance, align, clusters, edit_distance,
};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/sufficient/clusters.tsv");

/// Labels of scikit-learn, with radius and minimum.
fn golden_labels(name: &str) -> Vec<(f64, usize, Vec<Option<usize>>)> {
    let label = |cell: &&str| usize::try_from(cell.parse::<i64>().unwrap()).ok();
    let all = rows(GOLDEN, name).into_iter().map(|row| {
        let labels = row[2..].iter().map(label).collect();
        (row[0].parse().unwrap(), row[1].parse().unwrap(), labels)
    });
    all.collect()
}

/// Numbers clusters by their first member, since ours are ordered by size.
fn in_order(labels: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut known = Vec::new();
    let mut place = |label: &usize| {
        known
            .iter()
            .position(|own| own == label)
            .unwrap_or_else(|| {
                known.push(*label);
                known.len() - 1
            })
    };
    labels
        .iter()
        .map(|label| label.as_ref().map(&mut place))
        .collect()
}

fn words() -> Vec<String> {
    let words = rows(GOLDEN, "word");
    words.iter().map(|row| row[0].to_owned()).collect()
}

#[test]
fn density_is_that_of_scikit_learn() {
    let points = table(GOLDEN, "point");
    let n = points.nrows();
    let distances = Array2::from_shape_fn((n, n), |(i, j)| {
        let apart = &points.row(i) - &points.row(j);
        apart.dot(&apart).sqrt()
    });
    for (epsilon, min_samples, golden) in golden_labels("point_labels") {
        let found = Dbscan::new(epsilon, min_samples).run(&distances).unwrap();
        assert_eq!(found, golden, "{epsilon} {min_samples}");
    }
}

#[test]
fn strings_are_clustered_as_by_scikit_learn() {
    let words = words();
    for (row, golden) in table(GOLDEN, "edit").rows().into_iter().enumerate() {
        for (word, &golden) in words.iter().zip(golden) {
            assert_eq!(edit_distance(&words[row], word) as f64, golden);
        }
    }
    for (epsilon, min_samples, golden) in golden_labels("word_labels") {
        let options = ClusterSubsets::new()
            .epsilon(epsilon)
            .min_samples(min_samples);
        let found = options.strings(&words).unwrap();
        assert_eq!(in_order(found.labels()), in_order(&golden));
        assert!(found.sizes().is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn distances_of_pixels_are_those_of_scipy() {
    let sets: Vec<Vec<usize>> = (rows(GOLDEN, "set").iter())
        .map(|row| row.iter().map(|cell| cell.parse().unwrap()).collect())
        .collect();
    let subsets = image_subsets(&sets, (9, 7));
    for (distance, name) in [
        (SubsetDistance::Jaccard, "jaccard"),
        (SubsetDistance::Energy, "energy"),
    ] {
        let found = ClusterSubsets::new().distance(distance).distances(&subsets);
        assert_named(name, &found.unwrap(), (&table(GOLDEN, name), 1e-12));
    }
    for (epsilon, min_samples, golden) in golden_labels("energy_labels") {
        let options = ClusterSubsets::new()
            .epsilon(epsilon)
            .min_samples(min_samples);
        let found = options.run(&subsets).unwrap();
        assert_eq!(found.distance(), SubsetDistance::Energy);
        assert_eq!(in_order(found.labels()), in_order(&golden));
        let image = found.image(0).unwrap();
        assert_eq!(image.dim(), (9, 7));
        let members = found.members(0).unwrap();
        let pixels: usize = members.iter().map(|&at| sets[at].len()).sum();
        assert!((image.sum() * members.len() as f64 - pixels as f64).abs() < 1e-9);
    }
}

fn letters() -> impl Strategy<Value = String> {
    "[ACGT-]{0,9}"
}

fn opposite(text: &str) -> String {
    let letters = text.chars().rev().map(|letter| match letter {
        'A' => 'T',
        'C' => 'G',
        'G' => 'C',
        'T' => 'A',
        gap => gap,
    });
    letters.collect()
}

/// The whole table of Wagner and Fischer.
fn plain_edit(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut table = Array2::<usize>::zeros((a.len() + 1, b.len() + 1));
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            table[[i, j]] = match (i, j) {
                (0, j) => j,
                (i, 0) => i,
                _ => (table[[i - 1, j - 1]] + usize::from(a[i - 1] != b[j - 1]))
                    .min(table[[i - 1, j]] + 1)
                    .min(table[[i, j - 1]] + 1),
            };
        }
    }
    table[[a.len(), b.len()]]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edit_distance_is_that_of_the_whole_table(a in letters(), b in letters()) {
        prop_assert_eq!(edit_distance(&a, &b), plain_edit(&a, &b));
    }

    /// Equal strings are counted once, only near ones are compared, and opposites are one: the plain way does none of that.
    #[test]
    fn clusters_are_those_of_all_distances(
        texts in prop::collection::vec("[ACGT]{1,2}-?[AC]{1,3}", 1..25),
        (epsilon, min_samples, both) in (0..4_u8, 1..6_usize, any::<bool>()),
    ) {
        let plain = |i: usize, j: usize| {
            let straight = plain_edit(&texts[i], &texts[j]);
            let turned = plain_edit(&opposite(&texts[i]), &texts[j]);
            if both { straight.min(turned) } else { straight }
        };
        let n = texts.len();
        let distances = Array2::from_shape_fn((n, n), |(i, j)| plain(i, j) as f64);
        // It is a distance of pairs of opposites.
        for (i, j, k) in (0..n.min(6)).flat_map(|i| (0..n).map(move |j| (i, j, usize::midpoint(i, j)))) {
            prop_assert!(distances[[i, j]] <= distances[[i, k]] + distances[[k, j]]);
            prop_assert_eq!(distances[[i, j]], distances[[j, i]]);
        }
        let radius = f64::from(epsilon);
        let expected = Dbscan::new(radius, min_samples).run(&distances).unwrap();
        let options = ClusterSubsets::new().epsilon(radius).min_samples(min_samples);
        let found = options.both_strands(both).strings(&texts).unwrap();
        prop_assert_eq!(in_order(found.labels()), in_order(&expected));
        // Turned or not, a string stays one of the two.
        for ((text, string), &reversed) in texts.iter().zip(found.strings()).zip(found.reversed()) {
            let expected = if reversed { opposite(text) } else { text.clone() };
            prop_assert_eq!(string, expected);
        }
    }
}

/// The strings of MAFF in K562 that Carter et al. print most often, with their numbers.
fn maff() -> Vec<&'static str> {
    let printed = [
        ("GCTGAGTCAT", 197),
        ("ATGACTCAGC", 185),
        ("GCTGAGTCA-C", 83),
        ("GCTGAGTCAC", 53),
        ("TGCTGA----GCA-TTT", 12),
    ];
    let all = printed.iter();
    all.flat_map(|&(text, count)| std::iter::repeat_n(text, count))
        .collect()
}

#[test]
fn strands_of_a_site_are_one_cluster_when_they_are_merged() {
    let apart = ClusterSubsets::new()
        .min_samples(46)
        .strings(&maff())
        .unwrap();
    assert_eq!(apart.sizes(), [333, 185]);
    assert_eq!(apart.mode(1).unwrap(), "ATGACTCAGC");
    let merged = ClusterSubsets::new().min_samples(46).both_strands(true);
    let merged = merged.strings(&maff()).unwrap();
    assert_eq!(merged.sizes(), [518]);
    assert_eq!(merged.noise().len(), 12);
    assert_eq!(merged.mode(0).unwrap(), "GCTGAGTCAT");
    insta::assert_snapshot!(merged.table().unwrap(), @r"
    shape: (3, 4)
    ┌─────────┬─────────────┬───────┬──────────┐
    │ cluster ┆ string      ┆ count ┆ share    │
    │ ---     ┆ ---         ┆ ---   ┆ ---      │
    │ u32     ┆ str         ┆ u32   ┆ f64      │
    ╞═════════╪═════════════╪═══════╪══════════╡
    │ 0       ┆ GCTGAGTCAT  ┆ 382   ┆ 0.737452 │
    │ 0       ┆ GCTGAGTCA-C ┆ 83    ┆ 0.160232 │
    │ 0       ┆ GCTGAGTCAC  ┆ 53    ┆ 0.102317 │
    └─────────┴─────────────┴───────┴──────────┘
    ");
    insta::assert_snapshot!(format!("{merged:?}"), @"Clusters(n = 1, sizes = [518], noise = 12 of 530)");
    // Those that were found on the other strand are told.
    let turned = merged.reversed().iter().filter(|turned| **turned).count();
    assert_eq!(turned, 185);
    let motif = merged.motif(0).unwrap();
    assert_eq!(
        (motif.len(), motif.consensus().as_str()),
        (10, "GCTGAGTCAT")
    );
    assert_eq!(motif.sites().round(), 518.0);
}

#[test]
fn gaps_count_as_equal_shares_and_shifted_strings_are_aligned() {
    let texts = [
        "CCGGAAG", "CCGGAAG", "CGGAAGT", "ACCGG-AG", "CCGG-AG", "GGAAG",
    ];
    let found = ClusterSubsets::new().min_samples(3).epsilon(3.0);
    let found = found.strings(&texts).unwrap();
    assert_eq!(found.sizes(), [6]);
    let motif = found.motif(0).unwrap();
    // Six strings cover CGGAAG; one begins later, one has a letter more at each end, two lack one letter.
    assert_eq!(motif.consensus(), "CCGGAAG");
    let counts = motif.counts();
    assert_eq!(counts.row(3).to_vec(), [0.0, 0.0, 6.0, 0.0]);
    assert_eq!(counts.row(4).to_vec(), [4.5, 0.5, 0.5, 0.5]);
    assert_eq!(counts.row(0).to_vec(), [0.5, 4.5, 0.5, 0.5]);
}

#[test]
fn subsets_are_laid_on_a_known_motif() {
    let texts = ["CCGGAAG", "CTTCCGG", "GG-AGT", "TTTTTT"];
    let found = ClusterSubsets::new().min_samples(1).epsilon(20.0);
    let found = found.strings(&texts).unwrap();
    let ets = Motif::from_consensus("ETS", "ACCGGAAGT").unwrap();
    let aligned = found.align(0, &ets).unwrap();
    assert_eq!(aligned.starts()[..3], [1, 1, 3]);
    insta::assert_snapshot!(aligned.table().unwrap(), @r"
    shape: (4, 4)
    ┌─────────┬───────┬────────┬───────────┐
    │ string  ┆ start ┆ strand ┆ bits      │
    │ ---     ┆ ---   ┆ ---    ┆ ---       │
    │ str     ┆ i64   ┆ str    ┆ f64       │
    ╞═════════╪═══════╪════════╪═══════════╡
    │ CCGGAAG ┆ 1     ┆ +      ┆ 12.651484 │
    │ CCGGAAG ┆ 1     ┆ -      ┆ 12.651484 │
    │ GG-AGT  ┆ 3     ┆ +      ┆ 9.036775  │
    │ TTTTTT  ┆ 8     ┆ +      ┆ 1.807355  │
    └─────────┴───────┴────────┴───────────┘
    ");
    // Seven letters that fit: a site of 20 has a pseudocount of 1 for each letter.
    let weight = (21.0_f64 / 24.0 / 0.25).log2();
    assert!((aligned.bits()[0] - 7.0 * weight).abs() < 1e-12);
    assert_eq!(aligned.bits()[0], aligned.bits()[1]);
    let counts = aligned.motif().unwrap().counts();
    assert_eq!(counts.row(3).to_vec(), [0.25, 0.25, 3.25, 0.25]);
    assert_eq!(aligned.divergence().unwrap().len(), 9);
    let same = found.align(0, &aligned.motif().unwrap()).unwrap();
    assert!(same.divergence().unwrap().sum() < aligned.divergence().unwrap().sum());
}

#[test]
fn subsets_of_sequences_are_clustered_and_aligned() {
    let peaks = Sequences::dna([
        "TTTTACCGGAAGTTTTTTTT",
        "TTTTTTTTTACTTCCGGTTT",
        "TTACCGGAAGTTTTTTTTTT",
        "TTTTTTTTACCGGAAGTTTT",
    ])
    .unwrap();
    let found = site_subsets(&peaks);
    assert_eq!(found.len(), 4);
    let merged = ClusterSubsets::new().min_samples(2).both_strands(true);
    let merged = merged.run(&found).unwrap();
    assert_eq!(
        (merged.len(), merged.mode(0).unwrap().as_str()),
        (1, "CCGGAA")
    );
    let apart = ClusterSubsets::new()
        .min_samples(1)
        .epsilon(1.0)
        .run(&found)
        .unwrap();
    assert_eq!(apart.sizes(), [3, 1]);
    let aligned = align(&found, &Motif::from_consensus("ETS", "ACCGGAAGT").unwrap()).unwrap();
    assert_eq!(aligned.starts(), [1; 4]);
    // Twice the same subsets, under two names.
    let first = found.select(&[0, 2]).unwrap();
    let both = ClusterSubsets::new().min_samples(1);
    let both = both.groups(&[("all", &found), ("some", &first)]).unwrap();
    assert_eq!(
        both.counts().rows().into_iter().next().unwrap().to_vec(),
        [3, 2]
    );
    assert_eq!(both.group_of(), [0, 0, 0, 0, 1, 1]);
    insta::assert_snapshot!(both.summary().unwrap(), @r"
    shape: (2, 7)
    ┌─────────┬──────┬──────────┬───────────┬────────┬─────┬──────┐
    │ cluster ┆ size ┆ share    ┆ different ┆ mode   ┆ all ┆ some │
    │ ---     ┆ ---  ┆ ---      ┆ ---       ┆ ---    ┆ --- ┆ ---  │
    │ u32     ┆ u32  ┆ f64      ┆ u32       ┆ str    ┆ u32 ┆ u32  │
    ╞═════════╪══════╪══════════╪═══════════╪════════╪═════╪══════╡
    │ 0       ┆ 5    ┆ 0.833333 ┆ 1         ┆ CCGGAA ┆ 3   ┆ 2    │
    │ 1       ┆ 1    ┆ 0.166667 ┆ 1         ┆ TTCCGG ┆ 1   ┆ 0    │
    └─────────┴──────┴──────────┴───────────┴────────┴─────┴──────┘
    ");
    // By what is known of the examples.
    let outcomes = ["right", "wrong", "right", "right"];
    let outcomes = ClusterSubsets::new()
        .min_samples(1)
        .by_example(&found, &outcomes);
    let outcomes = outcomes.unwrap();
    assert_eq!(outcomes.groups(), ["right", "wrong"]);
    assert_eq!(
        outcomes.counts(),
        Array2::from_shape_vec((2, 2), vec![3, 0, 0, 1]).unwrap()
    );
    // Few subsets: the default asks for three neighbours.
    assert_eq!(clusters(&found).unwrap().sizes(), [3]);
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let peaks = Sequences::dna(["TTTTACCGGAAGTTTTTTTT"]).unwrap();
    let found = site_subsets(&peaks);
    let images = image_subsets(&[vec![1, 2]], (2, 3));
    let said = |result: genolens::Result<Clusters>| result.unwrap_err().to_string();
    let options = ClusterSubsets::new;
    insta::assert_snapshot!(said(options().epsilon(-1.0).run(&found)), @"`epsilon` is -1, expected a number, 0 or more");
    insta::assert_snapshot!(said(options().min_samples(0).run(&found)), @"`min_samples` is 0, expected at least 1");
    insta::assert_snapshot!(said(options().distance(SubsetDistance::Edit).run(&images)), @"`distance` is Edit, expected Energy or Jaccard, since there are no letters");
    insta::assert_snapshot!(said(options().both_strands(true).run(&images)), @"`distance` is Energy, expected Edit, for both strands");
    insta::assert_snapshot!(said(options().distance(SubsetDistance::Energy).strings(&["ACG"])), @"`distance` is Energy, expected Edit, since strings have no positions");
    insta::assert_snapshot!(said(options().distance(SubsetDistance::Jaccard).both_strands(true).run(&found)), @"`distance` is Jaccard, expected Edit, for both strands");
    insta::assert_snapshot!(said(options().strings(&["ACG", "AXG"])), @"`string 1` is `X` at position 2, expected a letter of DNA (ACGT or N) or a gap `-`");
    insta::assert_snapshot!(said(options().groups(&[])), @"`groups` is empty, expected one group or more");
    insta::assert_snapshot!(said(options().groups(&[("a", &found), ("b", &images)])), @"`group b` is of 2 x 3 pixels, expected of DNA as a");
    insta::assert_snapshot!(said(options().by_example(&found, &["a", "b"])), @"`labels` has shape (2), expected (1), a label for each example");
    let one = options().min_samples(1).run(&images).unwrap();
    insta::assert_snapshot!(one.motif(0).unwrap_err(), @"`subsets` is of 2 x 3 pixels, expected of sequences");
    insta::assert_snapshot!(one.mode(3).unwrap_err(), @"`cluster` is 3, expected below 1, the number of clusters");
    let one = options().min_samples(1).strings(&["ACG"]).unwrap();
    insta::assert_snapshot!(one.shares(0).unwrap_err(), @"`subsets` is strings, which have no places, expected subsets of inputs");
    insta::assert_snapshot!(one.image(0).unwrap_err(), @"`subsets` is of DNA, expected of images");
    let protein = Motif::from_probabilities("p", &Array2::from_elem((2, 20), 0.05)).unwrap();
    insta::assert_snapshot!(one.align(0, &protein).unwrap_err(), @"`motif` is of protein, expected of DNA as the subsets are");
    insta::assert_snapshot!(align(&images, &protein).unwrap_err(), @"`subsets` is of 2 x 3 pixels, expected of sequences");
    // No subset is no fault.
    let none = options().strings(&[""; 0]).unwrap();
    assert!(none.is_empty() && none.table().unwrap().height() == 0);
    let none = clusters(&found.select(&[]).unwrap()).unwrap();
    assert!(none.is_empty() && none.labels().is_empty());
}

#[test]
fn careless_distances_are_told_what_is_wrong() {
    let dbscan = Dbscan::new(1.0, 2);
    let run = |values: Vec<f64>, n: usize| {
        let distances = Array2::from_shape_vec((n, values.len() / n), values).unwrap();
        dbscan.run(&distances).unwrap_err().to_string()
    };
    insta::assert_snapshot!(run(vec![0.0, 1.0], 1), @"`distances` has shape (1, 2), expected (n, n), a row and a column for every point");
    insta::assert_snapshot!(run(vec![0.0, 1.0, 2.0, 0.0], 2), @"`distance of 0 and 1` is 1, and 2 from 1 to 0, expected the same both ways");
    insta::assert_snapshot!(run(vec![0.0, f64::NAN, f64::NAN, 0.0], 2), @"`distance of 0 and 1` is NaN, expected 0 or more");
    assert_eq!(dbscan.run(&Array2::zeros((0, 0))).unwrap(), []);
}
