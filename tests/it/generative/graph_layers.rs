//! Layers of graphs, gene sets and diets against torch, simple sums, and other threads; careless calls.

use super::plain::{named, numbers};
use crate::golden;
use genolens::attribution::{ExplainGenes, GeneMethod};
use genolens::candle_core::{DType, Device, Tensor, Var};
use genolens::ndarray::{Array1, Array2, Axis};
use genolens::network::{
    Architecture, Diet, GraphConvolution, GraphPool, MaskedDense, Shape, UserLayer, plainly,
    predict,
};
use genolens::sparse::Sparse;
use genolens::training::{Fit, Loss};

/// Numbers of -1 to 1 that look random, as in the script.
fn filled(shape: &[usize], seed: usize) -> Tensor {
    let count: usize = shape.iter().product();
    let values: Vec<f64> = (0..count)
        .map(|at| (at as f64 * 12.9898 + seed as f64 * 78.233).sin())
        .collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

fn graph() -> Sparse {
    let mut dense = Array2::<f32>::zeros((5, 5));
    for (a, b) in [(0, 1), (1, 2), (2, 3), (1, 3)] {
        dense[[a, b]] = 1.0;
        dense[[b, a]] = 1.0;
    }
    Sparse::from_dense(&dense).unwrap()
}

fn mask() -> Sparse {
    let row = |inputs: &[u32]| inputs.iter().map(|&input| (input, 1.0)).collect();
    Sparse::from_rows(5, vec![row(&[0, 1]), row(&[1, 2, 4]), row(&[3])]).unwrap()
}

/// Compares the output and all slopes, of our own operations and of candle's.
fn check(name: &str, layer: &dyn UserLayer, x: &[usize], weights: &[(&[usize], usize)]) {
    let text = include_str!("../../golden/network/graph.tsv");
    let flat = |tensor: &Tensor| {
        let values = tensor.flatten_all().unwrap().to_vec1::<f64>().unwrap();
        Array1::from(values).insert_axis(Axis(0))
    };
    let compare = || {
        let x = Var::from_tensor(&filled(x, 1)).unwrap();
        let leaves: Vec<Var> = weights
            .iter()
            .map(|(shape, seed)| Var::from_tensor(&filled(shape, *seed)).unwrap())
            .collect();
        let tensors: Vec<Tensor> = leaves.iter().map(|leaf| leaf.as_tensor().clone()).collect();
        let out = layer.forward(&tensors, &x).unwrap();
        golden::assert_named(
            name,
            &flat(&out),
            (&golden::table(text, &format!("{name} output")), 1e-6),
        );
        let slopes = (&out * filled(out.dims(), 99))
            .unwrap()
            .sum_all()
            .unwrap()
            .backward()
            .unwrap();
        golden::assert_named(
            name,
            &flat(slopes.get(&x).unwrap()),
            (&golden::table(text, &format!("{name} x")), 1e-6),
        );
        for (at, leaf) in leaves.iter().enumerate() {
            let golden = golden::table(text, &format!("{name} weight {at}"));
            golden::assert_named(name, &flat(slopes.get(leaf).unwrap()), (&golden, 1e-6));
        }
    };
    compare();
    plainly(compare);
}

/// In double precision; the normalised graph and the features of the diet are kept in single precision, hence 1e-6.
#[test]
fn outputs_and_slopes_are_those_of_torch() {
    let convolution = GraphConvolution::new(&graph(), 2).unwrap().own(true);
    check(
        "convolution",
        &convolution,
        &[3, 2, 5],
        &[(&[2, 2], 2), (&[2], 3), (&[2, 2], 4)],
    );
    check(
        "masked",
        &MaskedDense::new(&mask()).unwrap(),
        &[3, 5],
        &[(&[6], 2), (&[3], 3)],
    );
    check(
        "pool",
        &GraphPool::new(&[0, 0, 1, 1, 1]).unwrap(),
        &[3, 2, 5],
        &[],
    );
    // Clusters whose nodes do not stand next to each other, one of them alone.
    check(
        "largest",
        &GraphPool::new(&[1, 0, 2, 0, 1]).unwrap().maximum(),
        &[3, 2, 5],
        &[],
    );
    let features = filled(&[5, 3], 4)
        .flatten_all()
        .unwrap()
        .to_vec1::<f64>()
        .unwrap();
    let features = Array2::from_shape_vec((5, 3), features)
        .unwrap()
        .mapv(|x| x as f32);
    let diet = Diet::new(&features, 2).unwrap().hidden(&[4]);
    check(
        "diet",
        &diet,
        &[3, 5],
        &[(&[4, 3], 5), (&[4], 6), (&[2, 4], 7), (&[2], 8)],
    );
}

fn random(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    let values = numbers(rows * columns, seed);
    Array2::from_shape_vec((rows, columns), values)
        .unwrap()
        .mapv(|x| x as f32 - 0.5)
}

/// Larger than what one thread takes at a time: the same bytes in one thread and in three.
#[test]
fn training_gives_the_same_bytes_for_any_number_of_threads() {
    let x = random(60, 40, 2);
    let mask =
        Sparse::from_dense(&random(12, 40, 3).mapv(|x| if x > 0.2 { 1.0 } else { 0.0 })).unwrap();
    let links = random(40, 40, 4);
    let links = Array2::from_shape_fn((40, 40), |(a, b)| {
        f32::from(a != b && links[[a.min(b), a.max(b)]] > 0.3)
    });
    let graph = Sparse::from_dense(&links).unwrap();
    let labels: Array1<f32> = x.column(0).mapv(|x| f32::from(x > 0.0));
    let networks = [
        Architecture::features(40)
            .then(MaskedDense::new(&mask).unwrap())
            .relu()
            .dense(1),
        Architecture::features(40)
            .then(GraphConvolution::new(&graph, 3).unwrap())
            .relu()
            .then(GraphConvolution::new(&graph, 2).unwrap())
            .flatten()
            .dense(1),
        Architecture::features(40)
            .then(Diet::new(&random(40, 3, 5), 4).unwrap().hidden(&[6]))
            .relu()
            .dense(1),
    ];
    for network in networks {
        let train = || {
            let trained = Fit::new()
                .epochs(3)
                .batch(20)
                .run(&network.build().unwrap(), &x, &labels)
                .unwrap();
            (predict(&trained, &x).unwrap(), trained)
        };
        let pool = |threads| genolens_pool(threads, train);
        let (one, trained) = pool(1);
        assert_eq!(one, pool(3).0);
        // Saved and read back.
        let path =
            std::env::temp_dir().join(format!("genolens_graph_{}.safetensors", std::process::id()));
        trained.save(&path).unwrap();
        let read = network.build().unwrap().load(&path).unwrap();
        assert_eq!(one, predict(&read, &x).unwrap());
        std::fs::remove_file(path).ok();
    }
}

fn genolens_pool<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
        .install(work)
}

/// A decoder of gene sets: genes of no set are their bias alone, and weights that the mask forbids do not exist.
#[test]
fn a_masked_decoder_makes_genes_of_their_sets_only() {
    let cells = random(40, 5, 7);
    let network = Architecture::features(5)
        .dense(3)
        .then(MaskedDense::backwards(&mask()).unwrap())
        .build()
        .unwrap();
    assert_eq!(network.parameters(), 5 * 3 + 3 + 6 + 5);
    let fit = Fit::new()
        .epochs(20)
        .loss(Loss::SquaredError)
        .learning_rate(0.02);
    let trained = fit.run(&network, &cells, &cells).unwrap();
    let layer = MaskedDense::backwards(&mask()).unwrap();
    let weight = trained.network().weight("1.masked_dense.weight").unwrap();
    let bias = trained.network().weight("1.masked_dense.bias").unwrap();
    let tensor = |values: &genolens::ndarray::ArrayD<f32>| {
        Tensor::from_slice(values.as_slice().unwrap(), values.len(), &Device::Cpu).unwrap()
    };
    // One set alone, active: only its genes leave their bias.
    let active = Tensor::new(&[[0.0_f32, 1.0, 0.0]], &Device::Cpu).unwrap();
    let said = layer
        .forward(&[tensor(&weight), tensor(&bias)], &active)
        .unwrap()
        .to_vec2::<f32>()
        .unwrap();
    for (gene, said) in said[0].iter().enumerate() {
        assert_eq!(
            [1, 2, 4].contains(&gene),
            *said != bias[[gene]],
            "gene {gene}"
        );
    }
}

#[test]
fn the_layer_table_says_what_layers_are() {
    let network = Architecture::features(5)
        .then(GraphConvolution::new(&graph(), 2).unwrap())
        .relu()
        .then(GraphPool::new(&[0, 0, 1, 1, 1]).unwrap())
        .flatten()
        .then(GraphPool::new(&[1, 0, 1, 0]).unwrap().maximum())
        .then(Diet::new(&random(2, 3, 1), 16).unwrap().hidden(&[2]))
        .then(MaskedDense::new(&Sparse::from_dense(&Array2::eye(16)).unwrap()).unwrap())
        .build()
        .unwrap();
    insta::assert_snapshot!(network.to_string(), @r"
       layer                                                  output     parameters
       input                                                  (n, 5)              0
    0  graph convolution 2, 5 nodes, 4 edges                  (n, 2, 5)           4
    1  ReLU                                                   (n, 2, 5)           0
    2  means of 2 clusters of 5 nodes                         (n, 2, 2)           0
    3  flatten                                                (n, 4)              0
    4  maxima of 2 clusters of 4 nodes                        (n, 2)              0
    5  diet 16, 56 parameters where a dense layer has 48      (n, 16)            56
    6  masked dense 16, 16 weights (6.25 % of a dense layer)  (n, 16)            32
       sum                                                                       92
    ");
}

/// Genes are of two kinds that their features tell. With 40 patients and 300 genes the diet net learns the kinds, and the dense net learns
/// patients by heart.
#[test]
fn a_diet_generalises_where_a_dense_layer_learns_by_heart() {
    let (genes, known, new) = (300, 40, 200);
    let kind = |gene: usize| if gene < genes / 2 { 1.0 } else { -1.0 };
    let x = random(known + new, genes, 21);
    let labels: Array1<f32> = (x.rows().into_iter())
        .map(|row| {
            f32::from(
                row.iter()
                    .enumerate()
                    .map(|(gene, x)| kind(gene) * x)
                    .sum::<f32>()
                    > 0.0,
            )
        })
        .collect();
    let noise = random(genes, 4, 22);
    let features = Array2::from_shape_fn((genes, 4), |(gene, feature)| {
        noise[[gene, feature]] + if feature == 0 { kind(gene) } else { 0.0 }
    });
    let rows: Vec<usize> = (0..known).collect();
    let others: Vec<usize> = (known..known + new).collect();
    let score = |network: Architecture| {
        let network = network.relu().dense(1).build().unwrap();
        let fit = Fit::new().epochs(40).batch(10).validation(0.0).rows(&rows);
        let trained = fit.run(&network, &x, &labels).unwrap();
        let scores = predict(&trained, &x.select(Axis(0), &others)).unwrap();
        let truth = labels.select(Axis(0), &others);
        (
            genolens::training::auroc(&scores, &truth).unwrap(),
            network.parameters(),
        )
    };
    let (diet, small) =
        score(Architecture::features(genes).then(Diet::new(&features, 8).unwrap().hidden(&[8])));
    let (dense, large) = score(Architecture::features(genes).dense(8));
    assert!(
        diet > 0.9 && diet > dense + 0.05,
        "diet {diet}, dense {dense}"
    );
    assert!(10 * small < large, "{small} {large}");
}

/// Against a search through every cluster, and the slopes against where it ends: the first of equal numbers.
#[test]
fn maxima_are_the_largest_and_slopes_go_where_they_stand() {
    let clusters: Vec<u32> = (0..30).map(|node| node * 7 % 30 % 4).collect();
    let layer = GraphPool::new(&clusters).unwrap().maximum();
    // Whole numbers, so that many tie.
    let x = random(50, 30, 5).mapv(|x| (6.0 * x).round() + 0.0);
    let slopes = random(50, 4, 6);
    let tensor = |of: &Array2<f32>| {
        Tensor::from_slice(of.as_slice().unwrap(), of.dim(), &Device::Cpu).unwrap()
    };
    let compare = || {
        let leaf = Var::from_tensor(&tensor(&x)).unwrap();
        let out = layer.forward(&[], &leaf).unwrap();
        let said = out.to_vec2::<f32>().unwrap();
        let sum = (out * tensor(&slopes)).unwrap().sum_all().unwrap();
        let found = sum.backward().unwrap().get(&leaf).unwrap().clone();
        let mut expected = Array2::<f32>::zeros(x.dim());
        for (row, values) in x.rows().into_iter().enumerate() {
            for cluster in 0..4 {
                let nodes = (0..30).filter(|&node| clusters[node] as usize == cluster);
                let first = nodes.rev().max_by(|&a, &b| values[a].total_cmp(&values[b]));
                let first = first.unwrap();
                assert_eq!(said[row][cluster], values[first]);
                expected[[row, first]] += slopes[[row, cluster]];
            }
        }
        let expected: Vec<Vec<f32>> = expected
            .rows()
            .into_iter()
            .map(|row| row.to_vec())
            .collect();
        assert_eq!(found.to_vec2::<f32>().unwrap(), expected);
    };
    compare();
    plainly(compare);
    let mut odd = random(1, 30, 7);
    odd[[0, 3]] = f32::NAN;
    let said = layer.forward(&[], &tensor(&odd)).unwrap();
    for (cluster, said) in said.to_vec2::<f32>().unwrap()[0].iter().enumerate() {
        assert_eq!(said.is_nan(), cluster == clusters[3] as usize);
    }
}

/// Scores add up to what the output differs by from that of the baseline: within a hundred-thousandth.
#[test]
fn maxima_have_a_rule_of_deep_lift() {
    let network = Architecture::features(5)
        .then(GraphConvolution::new(&graph(), 2).unwrap())
        .relu()
        .then(GraphPool::new(&[0, 1, 0, 1, 1]).unwrap().maximum())
        .flatten()
        .dense(1)
        .build()
        .unwrap();
    // Some values are those of the baseline.
    let cells = named(random(40, 5, 8).mapv(|x| x.max(0.0)));
    let lift = ExplainGenes::new().method(GeneMethod::DeepLift);
    let scores = lift.run(&network, &cells).unwrap();
    assert!(scores.unexplained().unwrap() < 1e-5, "{scores}");
    assert!(scores.size().iter().all(|size| size.is_finite()));
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let dense = |rows: usize, columns: usize, value: f32| {
        Sparse::from_dense(&Array2::from_elem((rows, columns), value)).unwrap()
    };
    let lopsided = Sparse::from_rows(3, vec![vec![(1, 1.0)], vec![], vec![]]).unwrap();
    let build = |network: Architecture| network.build().unwrap_err().to_string();
    let told = |found: Result<(), genolens::Error>| found.unwrap_err().to_string();
    let said = [
        told(MaskedDense::new(&dense(0, 3, 1.0)).map(drop)),
        told(MaskedDense::new(&dense(2, 3, 0.0)).map(drop)),
        told(MaskedDense::new(&dense(1, 1, f32::NAN)).map(drop)),
        told(GraphConvolution::new(&dense(2, 3, 1.0), 2).map(drop)),
        told(GraphConvolution::new(&dense(2, 2, -1.0), 2).map(drop)),
        told(GraphConvolution::new(&lopsided, 2).map(drop)),
        told(GraphConvolution::new(&graph(), 0).map(drop)),
        told(GraphPool::new(&[]).map(drop)),
        told(GraphPool::new(&[0, 2, 2]).map(drop)),
        told(GraphPool::new(&[0, 9]).map(drop)),
        told(Diet::new(&Array2::zeros((0, 3)), 2).map(drop)),
        told(Diet::new(&Array2::zeros((3, 3)), 0).map(drop)),
        told(Diet::new(&Array2::from_elem((3, 3), f32::INFINITY), 2).map(drop)),
        build(Architecture::features(3).then(Diet::new(&Array2::eye(3), 2).unwrap().hidden(&[0]))),
        build(Architecture::features(4).then(Diet::new(&Array2::eye(3), 2).unwrap())),
        build(Architecture::features(4).then(MaskedDense::new(&mask()).unwrap())),
        build(Architecture::features(4).then(GraphConvolution::new(&graph(), 2).unwrap())),
        build(Architecture::sequences(4).then(GraphPool::new(&[0, 0]).unwrap())),
        build(Architecture::features(3).then(GraphPool::new(&[0, 0]).unwrap().maximum())),
        build(
            Architecture::features(5)
                .then(GraphConvolution::new(&graph(), 2).unwrap())
                .dense(1),
        ),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    `mask` has shape (0, 3), expected (units, inputs) with at least one entry
    `mask` has shape (2, 3), expected (units, inputs) with at least one entry
    `mask` is NaN, expected finite
    `adjacency` has shape (2, 3), expected (nodes, nodes) with nodes at least 1
    `adjacency` is -1, expected weights of at least 0
    `adjacency` is one with an edge that has another weight, or none, on its way back, expected a symmetric matrix
    `channels` is 0, expected at least 1
    `clusters` is empty, expected at least one node
    `clusters` is none of number 1, and some of 2, expected numbers from 0 without a gap
    `clusters` is 9, expected numbers below 2, from 0 without a gap
    `features` has shape (0, 3), expected (inputs, features), both at least 1
    `units` is 0, expected at least 1
    `features` is inf, expected finite
    `input of layer 0 (diet 2, 2 parameters where a dense layer has 8)` has shape (n, 3), expected hidden layers of at least one unit in its auxiliary network
    `input of layer 0 (diet 2, 602 parameters where a dense layer has 8)` has shape (n, 4), expected (n, 3), one number for each input that is described
    `input of layer 0 (masked dense 3, 6 weights (40.00 % of a dense layer))` has shape (n, 4), expected (n, 5), one feature for each column of the mask
    `input of layer 0 (graph convolution 2, 5 nodes, 4 edges)` has shape (n, 4), expected (n, 5) or (n, channels, 5), one place for each node of the graph
    `input of layer 0 (means of 1 clusters of 2 nodes)` has shape (n, 4, any), expected (n, 2) or (n, channels, 2), one place for each node
    `input of layer 0 (maxima of 1 clusters of 2 nodes)` has shape (n, 3), expected (n, 2) or (n, channels, 2), one place for each node
    `input of layer 1 (dense 1)` has shape (n, 2, 5), expected (n, features), made by `flatten()` or a global pool
    ");
    let same = GraphConvolution::new(&graph(), 2).unwrap();
    assert_eq!(
        same.output(Shape::Features(5)).unwrap().to_string(),
        "(n, 2, 5)"
    );
    // No cell is no reason to panic.
    let none = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    let weights = [none(&[2, 1]), none(&[2])];
    let out = same.forward(&weights, &none(&[0, 5])).unwrap();
    assert_eq!(out.dims(), [0, 2, 5]);
    let looped = Sparse::from_dense(&Array2::from_elem((2, 2), 1.0)).unwrap();
    let looped = GraphConvolution::new(&looped, 1).unwrap();
    assert_eq!(looped.describe(), "graph convolution 1, 2 nodes, 3 edges");
}
