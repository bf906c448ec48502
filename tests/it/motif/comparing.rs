//! Matching to a collection, beside memelite's Tomtom.

use genolens::motif::{self, Compare, Motif, Motifs};
use genolens::ndarray::Array2;
use genolens::random::Seed;
use rand::RngExt;

const TOMTOM: &str = include_str!("../../golden/motif/tomtom.tsv");

fn small() -> Motifs {
    [
        ("ETS", "ACCGGAAGT"),
        ("GATA", "WGATAR"),
        ("EBOX", "CACGTG"),
        ("TATA", "TATAWAW"),
    ]
    .into_iter()
    .map(|(name, codes)| Motif::from_consensus(name, codes).unwrap())
    .collect()
}

#[test]
fn place_and_strand_are_told() {
    let query = Motif::from_consensus("q", "NNACTTCCGGTN").unwrap();
    let matches = small().matches(&query).unwrap();
    let best = matches.best();
    assert_eq!(
        (best.name.as_str(), best.offset, best.overlap, best.reverse),
        ("ETS", 2, 9, true)
    );
    let part = Motif::from_consensus("part", "CGGAAGT").unwrap();
    let best = small().matches(&part).unwrap().best();
    assert_eq!(
        (best.name.as_str(), best.offset, best.overlap, best.reverse),
        ("ETS", -2, 7, false)
    );
    assert_eq!(matches.len(), 4);
    assert_eq!(matches.top(2).len(), 2);
    assert_eq!(matches.table().unwrap().shape(), (4, 6));
    insta::assert_snapshot!(format!("{:?}", small().matches(&small().get(1)).unwrap()), @"Matches(GATA, n = 4, best = GATA at 1.000)");
}

#[test]
fn one_strand_only_when_asked() {
    let query = Motif::from_consensus("q", "ACTTCCGGT").unwrap();
    let forward = Compare::new()
        .both_strands(false)
        .run(&query, &small())
        .unwrap();
    assert!((0..4).all(|rank| !forward.get(rank).reverse));
    assert!(forward.best().score < 0.9);
    insta::assert_snapshot!(motif::compare(&query, &[].into_iter().collect()).unwrap_err(), @"`motifs` is empty, expected one motif or more");
    insta::assert_snapshot!(motif::compare(&query.to_rna(), &small()).unwrap_err(), @"`motifs` is DNA in ETS, expected RNA motifs as the query is");
}

#[test]
fn a_blurred_motif_finds_itself() {
    let Some(path) = crate::data::file("motifs/JASPAR2024.meme") else {
        return;
    };
    let motifs = motif::open(path).unwrap();
    let mut generator = Seed::new(1).generator();
    for index in (0..motifs.len()).step_by(60) {
        let motif = motifs.get(index);
        let noise = Array2::from_shape_fn(motif.probability().dim(), |_| {
            generator.random_range(0.0..0.01)
        });
        let blurred = Motif::from_counts("blurred", &(motif.probability() + &noise)).unwrap();
        let best = motifs.matches(&blurred).unwrap().best();
        assert_eq!(
            best.index,
            index,
            "{} found {} at {}",
            motif.name(),
            best.name,
            best.score
        );
    }
}

#[test]
fn ranking_agrees_with_tomtom() {
    let Some(path) = crate::data::file("motifs/JASPAR2024.meme") else {
        return;
    };
    let motifs = motif::open(path).unwrap();
    let (mut shared, mut firsts, mut queries) = (0, 0, 0);
    for line in TOMTOM.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let query: usize = cells[0].parse().unwrap();
        assert_eq!(motifs.get(query).name(), cells[1]);
        let theirs: Vec<usize> = cells[2..]
            .iter()
            .map(|cell| cell.parse().unwrap())
            .collect();
        let matches = motifs.matches(&motifs.get(query)).unwrap();
        let ours: Vec<usize> = (0..10).map(|rank| matches.get(rank).index).collect();
        assert!((matches.best().score - 1.0).abs() < 1e-9);
        shared += ours.iter().filter(|index| theirs.contains(index)).count();
        let neighbour = |list: &[usize]| list.iter().copied().find(|&index| index != query);
        firsts += usize::from(neighbour(&ours).is_some_and(|index| theirs[..3].contains(&index)));
        queries += 1;
    }
    assert_eq!(queries, 50);
    let told =
        format!("{shared} of 500 in both lists, {firsts} of 50 neighbours in Tomtom's first three");
    insta::assert_snapshot!(told, @"406 of 500 in both lists, 43 of 50 neighbours in Tomtom's first three");
}
