//! Communities of graphs.

use crate::golden::rows;
use genolens::embedding::{Clusters, Labels, Leiden, Quality, compare, leiden};
use genolens::ndarray::Array2;
use genolens::sparse::Sparse;
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/embedding/leiden.tsv");

/// The graphs of `tests/golden/embedding/leiden.py`.
fn graph(directed: bool) -> Sparse {
    let mut weights = Array2::<f32>::zeros((300, 300));
    let mut state = 7_u32;
    for i in 0..300 {
        for j in 0..300 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let chance = state >> 16;
            if i == j || (!directed && j < i) {
                continue;
            }
            let inside = i * 6 / 300 == j * 6 / 300;
            if chance % 100 < if inside { 14 } else { 3 } {
                let heavier = if inside { 4 } else { 0 };
                weights[[i, j]] = (1 + (chance >> 4) % 8 + heavier) as f32 / 16.0;
            }
        }
    }
    if !directed {
        weights = &weights + &weights.t();
    }
    Sparse::from_dense(&weights).unwrap()
}

/// The quality by its definition, over all pairs of nodes.
fn quality_of(graph: &Sparse, found: &Clusters, quality: Quality, resolution: f64) -> f64 {
    let (out, into) = (graph.row_sums(), graph.column_sums());
    let total = out.sum();
    let codes = found.labels().codes();
    let mut sum = 0.0;
    for i in 0..codes.len() {
        for j in 0..codes.len() {
            if codes[i] == codes[j] {
                sum += f64::from(graph.get(i, j));
                sum -= match quality {
                    Quality::Cpm if i == j => 0.0,
                    Quality::Cpm => resolution,
                    _ => resolution * out[i] * into[j] / total,
                };
            }
        }
    }
    if quality == Quality::Modularity {
        sum / total
    } else {
        sum
    }
}

fn assert_connected(graph: &Sparse, found: &Clusters) {
    let back = graph.transposed();
    let codes = found.labels().codes();
    for group in 0..found.len() {
        let members = found.labels().members(&group.to_string()).unwrap();
        let mut seen = vec![false; codes.len()];
        let mut stack = vec![members[0]];
        seen[members[0]] = true;
        let mut count = 0;
        while let Some(node) = stack.pop() {
            count += 1;
            for &other in graph.row(node).0.iter().chain(back.row(node).0) {
                let other = other as usize;
                if !seen[other] && codes[other] as usize == group {
                    seen[other] = true;
                    stack.push(other);
                }
            }
        }
        assert_eq!(count, members.len(), "cluster {group} falls apart");
    }
}

#[test]
fn communities_are_at_least_as_good_as_those_of_leidenalg() {
    // leidenalg 0.12.0 until nothing improves: five seeds by their mean, ten starts by the best of them; see
    // tests/golden/embedding/leiden.py.
    for row in rows(GOLDEN, "quality") {
        let graph = graph(row[0] == "directed");
        let quality = match row[1] {
            "RBConfiguration" => Quality::RbConfiguration,
            "modularity" => Quality::Modularity,
            _ => Quality::Cpm,
        };
        let resolution: f64 = row[2].parse().unwrap();
        let way = Leiden::new().quality(quality).resolution(resolution);
        let golden: Vec<f64> = row[3..].iter().map(|cell| cell.parse().unwrap()).collect();
        let mean = (0..5).map(|seed| way.clone().seed(seed).run(&graph).unwrap().quality());
        let (mean, expected) = (mean.sum::<f64>() / 5.0, golden.iter().sum::<f64>() / 5.0);
        assert!(mean >= expected * 0.999, "{row:?}: {mean}");
        let way = way.starts(10);
        let found = way.run(&graph).unwrap();
        let best = golden.iter().fold(f64::MIN, |a, &b| a.max(b));
        assert!(found.quality() >= best * (1.0 - 1e-9), "{row:?}: {found:?}");
        let expected = quality_of(&graph, &found, quality, resolution);
        assert!((found.quality() - expected).abs() < 1e-9 * expected.abs());
        assert_connected(&graph, &found);
    }
}

#[test]
fn communities_of_real_cells_are_as_good_as_those_of_leidenalg() {
    let Some(path) = crate::data::file("h5ad/pbmc68k_reduced.h5ad") else {
        return;
    };
    let cells = genolens::expression::open(path).unwrap();
    let graph = cells.obsp("connectivities").unwrap();
    // leidenalg 0.12.0, RBConfiguration, until nothing improves: 3248.575 with seed 0, 3203.777 with seed 1.
    let found = leiden(graph).unwrap();
    assert!(found.quality() > 3248.575 * 0.999, "{found:?}");
    let best = Leiden::new().starts(8).run(graph).unwrap();
    assert!(best.quality() > 3248.575, "{best:?}");
    assert_connected(graph, &best);
}

#[test]
fn agreement_is_that_of_scikit_learn() {
    let a = Labels::new((0..200).map(|i: i32| (i * i % 7).to_string())).unwrap();
    let b = |close: bool| {
        Labels::new((0..200).map(|i: i32| {
            let other = if close && i % 5 != 0 {
                i * i % 7
            } else {
                i * 5 / 200
            };
            other.to_string()
        }))
        .unwrap()
    };
    for (name, close) in [("agreement", false), ("agreement.close", true)] {
        let found = compare(&a, &b(close)).unwrap();
        let values = [
            found.adjusted_rand(),
            found.normalized_mutual_information(),
            found.adjusted_mutual_information(),
            found.mutual_information(),
        ];
        for (value, golden) in values.iter().zip(&rows(GOLDEN, name)[0]) {
            let golden: f64 = golden.parse().unwrap();
            assert!((value - golden).abs() < 1e-10, "{name}: {value} {golden}");
        }
    }
    let one = Labels::new(vec!["x"; 5]).unwrap();
    let alone = Labels::new((0..5).map(|i| i.to_string())).unwrap();
    let same = compare(&one, &one).unwrap();
    assert_eq!(same.adjusted_rand(), 1.0);
    assert_eq!(same.normalized_mutual_information(), 1.0);
    assert_eq!(same.adjusted_mutual_information(), 1.0);
    let other = compare(&one, &alone).unwrap();
    assert_eq!(other.adjusted_rand(), 0.0);
    assert_eq!(other.normalized_mutual_information(), 0.0);
    assert!(other.adjusted_mutual_information().abs() < 1e-10);
    assert_eq!(compare(&alone, &alone).unwrap().adjusted_rand(), 1.0);
    assert_eq!(other.counts().dim(), (1, 5));
    assert_eq!(other.table().unwrap().shape(), (1, 6));
}

#[test]
fn seeds_and_rounds() {
    let graph = graph(false);
    let first = leiden(&graph).unwrap();
    assert_eq!(leiden(&graph).unwrap(), first);
    let seeded = Leiden::new().seed(5).run(&graph).unwrap();
    assert_eq!(seeded.labels().len(), 300);
    let once = Leiden::new().iterations(1).run(&graph).unwrap();
    assert!(once.quality() <= first.quality() + 1e-9);
    // A symmetric graph does not care whether it is directed.
    let joined = Leiden::new().directed(false).run(&graph).unwrap();
    assert_eq!(joined.labels(), first.labels());
    // Clusters are named from the largest to the smallest.
    let sizes = first.sizes();
    assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]));
    assert_eq!(first.labels().groups()[0], "0");
    assert_eq!(first.table().unwrap().shape(), (first.len(), 3));
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let graph = graph(true);
    let way = Leiden::new().starts(6).resolution(1.3);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let found = pool.unwrap().install(|| way.run(&graph).unwrap());
        (found.labels().codes().to_vec(), found.quality().to_bits())
    };
    let one = run(1);
    for threads in [1, 2, 4, 8] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

#[test]
fn graphs_that_fall_apart() {
    // Two rings, a pair and a lonely node.
    let mut weights = Array2::<f32>::zeros((13, 13));
    for i in 0..5 {
        weights[[i, (i + 1) % 5]] = 1.0;
        weights[[5 + i, 5 + (i + 1) % 5]] = 1.0;
    }
    weights[[10, 11]] = 1.0;
    let weights = &weights + &weights.t();
    let found = Leiden::new()
        .resolution(0.1)
        .run(&Sparse::from_dense(&weights).unwrap())
        .unwrap();
    assert_eq!(found.sizes(), [5, 5, 2, 1]);
    // No edge at all: every node is alone.
    let none = leiden(&Sparse::from_dense(&Array2::zeros((3, 3))).unwrap()).unwrap();
    assert_eq!(none.sizes(), [1, 1, 1]);
    assert_eq!(none.quality(), 0.0);
    // No resolution: all that hangs together is one community.
    let all = Leiden::new().resolution(0.0).run(&graph(false)).unwrap();
    assert_eq!(all.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn communities_are_connected_and_their_quality_is_what_it_says(
        edges in proptest::collection::vec((0_usize..25, 0_usize..25, 0.0_f32..2.0), 0..80),
        (kind, resolution) in (0_usize..3, 0.0_f64..3.0),
    ) {
        let mut weights = Array2::<f32>::zeros((25, 25));
        for (i, j, weight) in edges {
            weights[[i, j]] = weight;
        }
        let graph = Sparse::from_dense(&weights).unwrap();
        let quality = [Quality::RbConfiguration, Quality::Modularity, Quality::Cpm][kind];
        let found = Leiden::new().quality(quality).resolution(resolution).run(&graph).unwrap();
        assert_connected(&graph, &found);
        if graph.stored() > 0 {
            let expected = quality_of(&graph, &found, quality, resolution);
            prop_assert!((found.quality() - expected).abs() < 1e-9, "{} {}", found.quality(), expected);
        }
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    let graph = graph(false);
    let text = |found: genolens::Result<Clusters>| found.unwrap_err().to_string();
    insta::assert_snapshot!([
        text(leiden(&Sparse::from_dense(&Array2::zeros((2, 3))).unwrap())),
        text(leiden(&Sparse::from_dense(&Array2::zeros((0, 0))).unwrap())),
        text(leiden(&graph.map(|weight| -weight))),
        text(leiden(&graph.map(|_| f32::NAN))),
        text(Leiden::new().resolution(f64::NAN).run(&graph)),
        text(Leiden::new().resolution(-1.0).run(&graph)),
        text(Leiden::new().iterations(0).run(&graph)),
        text(Leiden::new().starts(0).run(&graph)),
        Labels::new(Vec::<String>::new()).unwrap_err().to_string(),
        compare(&Labels::new(["a"]).unwrap(), &Labels::new(["a", "b"]).unwrap()).unwrap_err().to_string(),
        Labels::new(["a", "b"]).unwrap().members("c").unwrap_err().to_string(),
        Labels::of(&Array2::<f32>::zeros((2, 2)), "type").unwrap_err().to_string(),
    ].join("\n"), @r"
    `graph` has shape (2, 3), expected (n, n) with at least one node
    `graph` has shape (0, 0), expected (n, n) with at least one node
    `graph` is -0.375, expected weights that are finite and not negative
    `graph` is NaN, expected weights that are finite and not negative
    `resolution` is NaN, expected finite and not negative
    `resolution` is -1, expected finite and not negative
    `iterations` is 0, expected at least 1
    `starts` is 0, expected at least 1
    `labels` is empty, expected one for each example
    `b` is 2, expected 1 labels, as many as in `a`
    `group` is `c`, expected one of: a, b
    `x` is nothing that is known of the examples, expected an input with `type`
    ");
}
