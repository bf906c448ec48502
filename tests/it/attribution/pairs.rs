//! Pairs of replacements against replaced texts.

use super::drawn::Draw;
use super::methods::{smooth, some};
use crate::alone::{Stop, is_alone};
use genolens::attribution::{
    DependencyMap, Epistasis, PairwiseMutagenesis, dependency_map, pairwise_mutagenesis,
};
use genolens::ndarray::Array5;
use genolens::network::{Model, deepbind, predict};
use genolens::progress;
use genolens::sequence::Sequences;

/// What two replacements do to the second output beyond what each does, from the texts.
fn directly(model: &dyn Model, x: &Sequences, positions: &[usize]) -> Array5<f64> {
    let count = positions.len();
    let score = |i: usize, replaced: &[(usize, usize)]| {
        let mut text = x.text(i).as_bytes().to_vec();
        for &(letter, position) in replaced {
            text[position] = b"ACGT"[letter];
        }
        f64::from(predict(model, &Sequences::dna([text]).unwrap()).unwrap()[[0, 1]])
    };
    Array5::from_shape_fn((x.len(), 4, count, 4, count), |(i, a, p, b, q)| {
        if p == q {
            return 0.0;
        }
        let (first, second) = ((a, positions[p]), (b, positions[q]));
        let alone = score(i, &[first]) + score(i, &[second]);
        score(i, &[first, second]) - alone + score(i, &[])
    })
}

fn near(found: &Epistasis, expected: &Array5<f64>) -> bool {
    let found = found.values().mapv(f64::from);
    found.dim() == expected.dim() && (&found - expected).iter().all(|d| d.abs() < 2e-6)
}

#[test]
fn pairs_are_what_replaced_texts_score() {
    let (model, x) = (smooth(), some());
    let options = PairwiseMutagenesis::new().target(1);
    let all: Vec<usize> = (0..10).collect();
    let expected = directly(&model, &x, &all);
    assert!(expected.iter().any(|value| value.abs() > 1e-3));
    let found = options.clone().run(&model, &x).unwrap();
    assert!(near(&found, &expected), "{:?}", found.values());
    let slow = options.clone().incremental(false).batch(5).run(&model, &x);
    assert!(near(&slow.unwrap(), &expected));
    let some = options.positions([7, 2, 2, 4]).run(&model, &x).unwrap();
    assert_eq!(some.positions(), [2, 4, 7]);
    assert!(near(&some, &directly(&model, &x, &[2, 4, 7])));
    assert_eq!(
        format!("{some:?}"),
        "Epistasis(n = 3, letters = 4, positions = 3)"
    );
}

#[test]
fn dependencies_are_the_largest_pairs() {
    let (model, x) = (smooth(), some());
    let pairs = pairwise_mutagenesis(&model, &x).unwrap();
    let map = dependency_map(&model, &x).unwrap();
    assert_eq!(map.values().dim(), (3, 10, 10));
    for ((i, p, q), &found) in map.values().indexed_iter() {
        let letters = (0..4).flat_map(|a| (0..4).map(move |b| (a, b)));
        let most = letters.map(|(a, b)| pairs.values()[[i, a, p, b, q]].abs());
        assert_eq!(found, most.fold(0.0, f32::max), "{i} {p} {q}");
    }
    assert_eq!(pairs.dependencies().values(), map.values());
    let one = map.get(1).unwrap();
    assert_eq!(one.sequences().text(0), "GGGNATTACA");
    assert_eq!(
        one.values().index_axis(genolens::ndarray::Axis(0), 0),
        map.values().index_axis(genolens::ndarray::Axis(0), 1)
    );
    let picture = one.heatmap().svg();
    assert!(picture.contains("dependency map"), "{picture}");
    // Every two positions once; every two letters that were not there once.
    assert_eq!(map.table().unwrap().height(), 3 * 45);
    let table = pairs.get(0).unwrap().table().unwrap();
    assert_eq!(table.height(), 45 * 9);
    let unknown = pairs.get(1).unwrap().table().unwrap();
    assert_eq!(unknown.height(), 36 * 9 + 9 * 12);
    let row = table.get(17).unwrap();
    let number = |column: usize| row[column].try_extract::<f64>().unwrap() as usize;
    let letter = |column: usize| "ACGT".find(row[column].get_str().unwrap()).unwrap();
    let value = pairs.values()[[0, letter(2), number(1), letter(4), number(3)]];
    assert_eq!(row[5].try_extract::<f32>().unwrap(), value);
}

#[test]
fn drawn_networks_have_the_same_pairs() {
    let mut count = 0;
    for seed in 5000..5090 {
        let mut draw = Draw::new(seed);
        let length = 6 + draw.below(20);
        let Some(network) = draw.network(length) else {
            continue;
        };
        count += 1;
        let x = Sequences::dna([draw.text(length)]).unwrap();
        let options = DependencyMap::new().positions([0, 2, length / 2, length - 1]);
        let found = options.clone().run(&network, &x).unwrap();
        let expected = options.incremental(false).run(&network, &x).unwrap();
        let output = predict(&network, &x).unwrap()[[0, 0]].abs();
        let most = expected
            .values()
            .iter()
            .fold(output, |a, &b| a.max(b))
            .max(1e-3);
        let apart = (found.values() - expected.values()).mapv(f32::abs);
        let apart = apart.iter().fold(0.0_f32, |a, &b| a.max(b)) / most;
        // Four outputs of single precision are added.
        assert!(apart < 3e-5, "{seed}: {apart:e}\n{network}");
    }
    assert!(count > 30, "{count}");
}

#[test]
fn careless_pairs_are_named() {
    let (model, x) = (smooth(), some());
    let map = |options: DependencyMap| options.run(&model, &x).unwrap_err();
    insta::assert_snapshot!(map(DependencyMap::new().positions([])), @"`positions` is 0, expected at least 1");
    insta::assert_snapshot!(map(DependencyMap::new().positions([3, 10])), @"`positions` is 10, expected below 10, the length of the sequences");
    insta::assert_snapshot!(map(DependencyMap::new().positions([usize::MAX])), @"`positions` is 18446744073709551615, expected below 10, the length of the sequences");
    insta::assert_snapshot!(map(DependencyMap::new().positions(0..usize::MAX)), @"`positions` is 16384, expected below 10, the length of the sequences");
    insta::assert_snapshot!(map(DependencyMap::new().target(2)), @"`target` is 2, expected below 2, the number of outputs");
    insta::assert_snapshot!(map(DependencyMap::new().batch(0)), @"`batch` is 0, expected at least 1");
    let nothing = Sequences::dna([""; 0]).unwrap();
    insta::assert_snapshot!(dependency_map(&model, &nothing).unwrap_err(), @"`sequences` is empty, expected one sequence or more");
    let long = Sequences::dna(["ACGT".repeat(1300)]).unwrap();
    insta::assert_snapshot!(pairwise_mutagenesis(&model, &long).unwrap_err(), @"`positions` is 5200, expected so few that the result holds at most 268435456 numbers");
    let pairs = PairwiseMutagenesis::new()
        .positions(0..2)
        .run(&model, &x)
        .unwrap();
    insta::assert_snapshot!(pairs.get(3).unwrap_err(), @"`index` is 3, expected below 3, the number of sequences");
    insta::assert_snapshot!(pairs.dependencies().get(9).unwrap_err(), @"`index` is 9, expected below 3, the number of sequences");
}

#[test]
fn pairs_stop_when_asked() {
    if !is_alone("attribution::pairs::pairs_stop_when_asked") {
        return;
    }
    let (model, x) = (deepbind(2), Sequences::dna(["ACGTTGCA"; 3]).unwrap());
    for task in ["dependency map", "pairwise mutagenesis"] {
        progress::watch(Stop { task, after: 1 });
        let stopped = match task {
            "dependency map" => dependency_map(&model, &x).unwrap_err(),
            _ => pairwise_mutagenesis(&model, &x).unwrap_err(),
        };
        assert!(stopped.is_interrupted(), "{task}: {stopped}");
    }
    assert_eq!(
        dependency_map(&model, &x.select(&[0]).unwrap())
            .unwrap()
            .len(),
        1
    );
}
