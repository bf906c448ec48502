//! Graphs and sets of genes by name, random graphs, what a graph gains, and careless calls.

use super::plain::{named, numbers};
use genolens::expression::{GeneGraph, GeneSets};
use genolens::generative::GraphControl;
use genolens::ndarray::{Array1, Array2};
use genolens::network::{Architecture, GraphConvolution, GraphPool};
use genolens::training::Fit;
use std::path::PathBuf;

fn genes(count: usize) -> Vec<String> {
    (0..count).map(|gene| format!("g{gene}")).collect()
}

/// Modules of genes, each of which is a ring with chords.
fn modules(count: usize, size: usize) -> GeneGraph {
    let mut edges = Vec::new();
    for module in 0..count {
        for gene in 0..size {
            for step in [1, 2] {
                let name = |gene: usize| format!("g{}", module * size + gene % size);
                edges.push((name(gene), name(gene + step)));
            }
        }
    }
    GeneGraph::new(&genes(count * size), edges).unwrap()
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("genolens_{}_{name}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn edges_that_are_left_out_are_said() {
    let text = "# source\ng0\tg1\t0.9\ng1\tg0\ng1\tg1\ng2\tTP53\nTP53\tMYC\n\ng2\tg3\r\n";
    let path = file("edges.tsv", text);
    let graph = GeneGraph::open(&path, &genes(5)).unwrap();
    std::fs::remove_file(path).ok();
    let left = graph.left_out();
    assert_eq!(
        (
            graph.len(),
            left.duplicates(),
            left.self_loops(),
            left.unknown_edges()
        ),
        (2, 1, 1, 2)
    );
    assert_eq!(left.unknown_names(), ["MYC", "TP53"]);
    assert_eq!(graph.degrees(), [1, 1, 1, 1, 0]);
    assert_eq!(graph.neighbors("g2").unwrap(), ["g3"]);
    assert_eq!(graph.reach().unwrap().row(0).0, [0, 1]);
    insta::assert_snapshot!(graph, @"2 edges between 5 genes, 1 genes without one; left out: 1 duplicates, 1 self loops, 2 edges with 2 unknown names (MYC, TP53)");
}

/// Every gene keeps its number of neighbours, no edge comes twice, none leads to its own gene, and almost all are new.
#[test]
fn random_graphs_keep_degrees() {
    let graph = modules(8, 10);
    for seed in 0..5_u64 {
        let other = graph.randomised(seed);
        assert_eq!(other.degrees(), graph.degrees());
        assert_eq!(other.len(), graph.len());
        let adjacency = other.adjacency().unwrap();
        assert!(adjacency.values().iter().all(|&value| value == 1.0));
        assert!((0..80).all(|gene| adjacency.get(gene, gene) == 0.0));
        assert!(graph.shared(&other) < 0.2, "{}", graph.shared(&other));
        assert_eq!(other, graph.randomised(seed));
    }
    assert_ne!(graph.randomised(1), graph.randomised(2));
}

#[test]
fn clusters_of_a_graph_are_its_modules() {
    let clusters = modules(4, 8).clusters().unwrap();
    let codes = clusters.labels().codes();
    for module in codes.chunks(8) {
        assert!(module.iter().all(|code| *code == module[0]));
    }
    assert_eq!(clusters.len(), 4);
}

/// Genes of a module rise together, hidden by noise, and the label is that of two modules: who averages over neighbours sees it.
fn planted(cells: usize) -> (Array2<f32>, Array1<f32>) {
    let (count, size) = (6, 8);
    let levels = numbers(cells * count, 31);
    let noise = numbers(cells * count * size, 32);
    let level = |cell: usize, module: usize| levels[cell * count + module] - 0.5;
    let x = Array2::from_shape_fn((cells, count * size), |(cell, gene)| {
        let noise = noise[cell * count * size + gene] - 0.5;
        (level(cell, gene / size) + 4.0 * noise) as f32
    });
    let labels = (0..cells)
        .map(|cell| f32::from(level(cell, 0) + level(cell, 1) > 0.0))
        .collect();
    (x, labels)
}

/// The network that pools clusters of the graph: with the planted graph it sees the modules, with random graphs other groups of genes.
#[test]
fn a_planted_graph_is_told_from_random_ones() {
    let (x, labels) = planted(400);
    let control = GraphControl::new()
        .graphs(4)
        .folds(5)
        .fit(Fit::new().epochs(15).batch(32).learning_rate(0.02))
        .design(|graph| {
            let clusters = graph.clusters()?;
            Ok(Architecture::features(graph.genes().len())
                .then(GraphConvolution::new(&graph.adjacency()?, 1)?)
                .then(GraphPool::new(clusters.labels().codes())?)
                .flatten()
                .dense(1))
        });
    let found = control.run(&modules(6, 8), &x, &labels).unwrap();
    assert!(found.helped() && found.gain().estimate() > 0.05, "{found}");
    assert_eq!(found.metric(), "auroc");
    assert!(
        found.to_string().contains(": the graph helped ("),
        "{found}"
    );
    // A graph that is itself one by chance gains nothing that could be told.
    let none = control
        .seed(5)
        .run(&modules(6, 8).randomised(77), &x, &labels)
        .unwrap();
    assert!(!none.helped(), "{none}");
    assert!(
        none.to_string().contains("did not help") || none.to_string().contains("did harm"),
        "{none}"
    );
    let table = found.table().unwrap();
    assert_eq!(table.shape(), (20, 5));
}

/// The interval from its formula; the same seed gives the same numbers.
#[test]
fn the_interval_is_that_of_repeated_folds() {
    let (x, labels) = planted(60);
    let fit = Fit::new().epochs(2);
    let run = |seed: u64| {
        let control = GraphControl::new()
            .graphs(2)
            .folds(2)
            .fit(fit.clone())
            .seed(seed);
        control.run(&modules(6, 8), &x, &labels).unwrap()
    };
    let found = run(3);
    assert_eq!(found, run(3), "the same seed, the same numbers");
    assert_ne!(found.with_graph(), run(4).with_graph());
    let gains = found.with_graph() - found.with_random_graphs();
    let mean = gains.mean().unwrap();
    let variance = gains.mapv(|gain| (gain - mean).powi(2)).sum() / 3.0;
    // Student's t with 3 degrees of freedom, 95 %.
    let reach = 3.182_446_305_284_263 * (variance * (1.0 / 4.0 + 1.0)).sqrt();
    let interval = found.gain();
    assert!((interval.estimate() - mean).abs() < 1e-12);
    assert!((interval.high() - mean - reach).abs() < 1e-9);
}

#[test]
fn sets_are_read_and_become_masks() {
    let sets =
        GeneSets::parse("T cells\tsource\tg0\tg1\tg1\nB cells\t\tg1\tg9\r\n\nnone\tx\tTP53\n")
            .unwrap();
    assert_eq!(sets.names(), ["T cells", "B cells", "none"]);
    assert_eq!(sets.get("T cells").unwrap(), ["g0", "g1"]);
    let known = sets.among(&genes(3), 1).unwrap();
    let mask = known.mask(&genes(3)).unwrap();
    assert_eq!((mask.row(0).0, mask.row(1).0), (&[0, 1][..], &[1][..]));
    assert_eq!(sets.among(&genes(3), 2).unwrap().names(), ["T cells"]);
    let coverage = sets.coverage(&genes(3)).unwrap();
    assert_eq!(
        coverage
            .column("known")
            .unwrap()
            .i64()
            .unwrap()
            .into_no_null_iter()
            .collect::<Vec<_>>(),
        [2, 1, 0]
    );
    assert_eq!(
        sets.to_string(),
        "3 sets of 1 to 2 genes, 1 repeated genes left out"
    );
    let path = file("sets.gmt", "T cells\tsource\tg0\tg1\n");
    assert_eq!(GeneSets::open(&path).unwrap().names(), ["T cells"]);
    std::fs::remove_file(path).ok();
}

fn told<T: std::fmt::Debug>(found: genolens::Result<T>) -> String {
    found.unwrap_err().to_string()
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let three = genes(3);
    let edges = |edges: &[(&str, &str)]| {
        GeneGraph::new(&three, edges.iter().copied())
            .map(drop)
            .unwrap_err()
            .to_string()
    };
    let opened = |text: &str| {
        let path = file("bad.tsv", text);
        let found = GeneGraph::open(&path, &genes(3))
            .map(drop)
            .unwrap_err()
            .to_string();
        std::fs::remove_file(&path).ok();
        found.replace(&path.display().to_string(), "FILE")
    };
    let parsed = |text: &str| GeneSets::parse(text).map(drop).unwrap_err().to_string();
    let twice = ["g0", "g0"].map(String::from);
    let sets = GeneSets::parse("one\tx\tg0\ntwo\tx\tTP53\n").unwrap();
    let (x, labels) = planted(40);
    let graph = modules(6, 8);
    let quick = || {
        GraphControl::new()
            .graphs(2)
            .folds(2)
            .fit(Fit::new().epochs(1))
    };
    let full = GeneGraph::new(&three, [("g0", "g1"), ("g1", "g2"), ("g0", "g2")]).unwrap();
    let small = named(Array2::<f32>::from_shape_fn((40, 3), |(i, j)| {
        (i * j % 3) as f32
    }));
    let said = [
        edges(&[]),
        edges(&[("g0", "g0")]),
        edges(&[("g0", "TP53"), ("MYC", "TP53")]),
        told(GeneGraph::new(&twice, [("g0", "g1")])),
        opened("g0\tg1\nalone\n"),
        opened("g0\t\n"),
        opened(""),
        told(full.neighbors("TP53")),
        parsed(""),
        parsed("name\n"),
        parsed("name\tdescription\n"),
        parsed("name\tx\tg0\n\nname\tx\tg1\n"),
        parsed("\tx\tg0\n"),
        told(GeneSets::new([("a", ["g0"]), ("a", ["g1"])])),
        told(GeneSets::new([("a", Vec::<String>::new())])),
        told(sets.get("three")),
        told(sets.mask(&three)),
        told(sets.mask(&twice)),
        told(sets.among(&["MYC".to_owned()], 1)),
        told(quick().graphs(1).run(&graph, &x, &labels)),
        told(quick().folds(1).run(&graph, &x, &labels)),
        told(quick().level(1.0).run(&graph, &x, &labels)),
        told(quick().run(&full, &x, &labels)),
        told(quick().run(&full, &small, &labels)),
        told(
            quick()
                .design(|_| Ok(Architecture::features(7).dense(1)))
                .run(&graph, &x, &labels),
        ),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    `edges` is none, expected at least one between two genes of the data
    `edges` is 1, all of them from a gene to itself, expected at least one between two genes of the data
    `edges` is 2, 2 of them with unknown names such as `MYC`, `TP53`, expected at least one between two genes of the data
    `genes` is `g0` twice, expected each once
    FILE, line 2: expected two names of genes, got `alone`
    FILE, line 1: expected two names of genes, got `g0	`
    `edges` is none, expected at least one between two genes of the data
    `gene` is `TP53`, expected one of the graph
    gene sets, line 1: expected a set of genes, got the end of the text
    gene sets, line 1: expected a name, a description and at least one gene, parted by tabs, got `name`
    gene sets, line 1: expected a name, a description and at least one gene, parted by tabs, got `name	description`
    gene sets, line 3: expected a name that was not there before, got `name`
    gene sets, line 1: expected a name, a description and at least one gene, parted by tabs, got `	x	g0`
    `sets` is `a` twice, expected names that differ
    `sets` is `a` with 0, expected a name and at least one gene each
    `name` is `three`, expected one of the 2 sets
    `genes` is none of `two`, expected at least one of every set, as `among` leaves them
    `genes` is `g0` twice, expected each once
    `genes` is 1 others, the first `MYC`, the first of the sets `g0`, expected genes of which a set has at least 1
    `graphs` is 1, expected at least 2
    `folds` is 1, expected 2 to 40, the number of examples
    `level` is 1, expected above 0 to below 1, such as 0.95
    `x` has shape (40, 48), expected (cells, 3), one column for each gene of the graph
    `graph` is GeneGraph(3 genes, 3 edges), expected one with edges that can change their places while every gene keeps its number of neighbours
    `x` has shape (40, 48), expected (n, 7)
    ");
}
