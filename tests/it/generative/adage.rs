//! ADAGE against its published network, numpy, its formulas, and careless calls.

use super::plain::{named, numbers};
use crate::{data, golden};
use genolens::expression::{Cells, Open};
use genolens::generative::{Adage, Autoencoder, Noise, Side, ZeroOne};
use genolens::ndarray::{Array1, Array2, Axis};
use genolens::network::Activation;
use genolens::sparse::Sparse;
use genolens::training::{Fit, Sgd};

/// The published network, and six samples that it has not seen.
fn published() -> Option<(Adage, Cells)> {
    let samples = Open::new().genes_in_rows(true);
    let samples = samples.run(data::file("adage/Anr-gene.pcl")?).unwrap();
    let network = data::file("adage/network_SdA.txt")?;
    Some((Adage::open(network, samples.genes()).unwrap(), samples))
}

/// The compendium that the network has learned from is not published with it. What is, are the activities of its 950 samples: what the
/// network says that they stand for must give the same activities back, as a denoising autoencoder promises. That holds for weights,
/// biases and their order as they are read here, and for none other.
#[test]
fn published_activities_come_back_from_what_they_stand_for() {
    let Some((adage, _)) = published() else {
        return;
    };
    let Some(path) = data::file("adage/activity_SdA.txt") else {
        return;
    };
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<f32> = (text.lines().skip(1))
        .flat_map(|line| line.split('\t').skip(1).map(|word| word.parse().unwrap()))
        .collect();
    let stored = Array2::from_shape_vec((950, 50), rows).unwrap();
    let said = adage.decoded(&stored).unwrap();
    let names = (0..950).map(|sample| sample.to_string());
    let samples = Cells::new(said, names, adage.genes()).unwrap();
    let found = adage.activities(&samples).unwrap();
    let pairs = stored.iter().zip(found.coordinates());
    let same = pairs.filter(|(a, b)| (**a > 0.5) == (**b > 0.5)).count();
    assert!(same as f64 > 0.99 * stored.len() as f64, "{same}");
    for (node, (a, b)) in stored
        .columns()
        .into_iter()
        .zip(found.coordinates().columns())
        .enumerate()
    {
        let r = genolens::training::pearson(&a.to_owned(), &b.to_owned()).unwrap();
        assert!(r > 0.95, "node {node}: {r}");
    }
}

#[test]
fn activities_and_signatures_of_the_published_network_are_those_of_numpy() {
    let Some((adage, samples)) = published() else {
        return;
    };
    let text = include_str!("../../golden/generative/adage.tsv");
    let scaled = ZeroOne::of(&samples).unwrap().scale(&samples).unwrap();
    let found = adage
        .activities(&scaled)
        .unwrap()
        .coordinates()
        .mapv(f64::from);
    for (found, golden) in found.iter().zip(&golden::table(text, "activities")) {
        assert!((found - golden).abs() < 1e-4, "{found}, expected {golden}");
    }
    let signatures = adage.signatures();
    for row in golden::table(text, "counts").rows() {
        let count = |side| signatures.get(row[0] as usize, side).unwrap().len() as f64;
        assert_eq!(
            [count(Side::Positive), count(Side::Negative)],
            [row[1], row[2]]
        );
    }
    for (name, side) in [("heaviest", Side::Positive), ("lightest", Side::Negative)] {
        for (node, genes) in golden::rows(text, name).into_iter().enumerate() {
            assert_eq!(signatures.get(node, side).unwrap().genes()[..10], genes[..]);
        }
    }
    assert_eq!(
        signatures.to_string(),
        "50 nodes, 13 to 104 genes on a side, beyond 2.5 standard deviations"
    );
}

fn sigmoid(x: &Array2<f64>) -> Array2<f64> {
    x.mapv(|x| 1.0 / (1.0 + (-x).exp()))
}

/// Three steps of gradient descent on all samples at once, from the formulas, in double precision.
#[test]
fn training_follows_the_formulas() {
    let (count, genes, nodes, rate) = (12, 7, 3, 0.3);
    let x = Array2::from_shape_vec((count, genes), numbers(count * genes, 4)).unwrap();
    let samples = named(x.mapv(|x| x as f32));
    let trained = |epochs, rate| {
        let fit = Fit::new()
            .epochs(epochs)
            .batch(count)
            .optimizer(Sgd::new())
            .learning_rate(rate)
            .validation(0.0);
        let model = Autoencoder::adage(nodes).noise(Noise::None).fit(fit);
        model.run(&samples).unwrap().adage().unwrap()
    };
    // So small a rate leaves the first weights as they are.
    let start = trained(1, 1e-30);
    let mut weights = start.weights().mapv(f64::from);
    assert!(
        weights.iter().any(|weight| weight.abs() > 1.0),
        "as wide as sigmoids need"
    );
    let (mut b, mut c) = (Array1::<f64>::zeros(nodes), Array1::<f64>::zeros(genes));
    for _ in 0..3 {
        let code = sigmoid(&(x.dot(&weights) + &b));
        let said = sigmoid(&(code.dot(&weights.t()) + &c));
        let back = (&said - &x) / x.len() as f64;
        let inner = back.dot(&weights) * &code.mapv(|h| h * (1.0 - h));
        let slope = x.t().dot(&inner) + back.t().dot(&code);
        weights = &weights - &(slope * rate);
        b = &b - &(inner.sum_axis(Axis(0)) * rate);
        c = &c - &(back.sum_axis(Axis(0)) * rate);
    }
    let found = trained(3, rate);
    for (found, truth) in [
        (found.weights().mapv(f64::from), weights),
        (
            found.node_bias().mapv(f64::from).insert_axis(Axis(0)),
            b.insert_axis(Axis(0)),
        ),
        (
            found.gene_bias().mapv(f64::from).insert_axis(Axis(0)),
            c.insert_axis(Axis(0)),
        ),
    ] {
        golden::assert_near(&found, &truth, 1e-5);
    }
}

/// Two groups of genes that rise and fall together become nodes, and the network fills in what is silenced.
#[test]
fn planted_groups_of_genes_become_signatures() {
    let levels = numbers(2 * 200, 3);
    let noise = numbers(200 * 60, 8);
    let values = Array2::from_shape_fn((200, 60), |(sample, gene)| {
        let group = usize::from(gene >= 6);
        let level = if gene < 12 {
            levels[2 * sample + group]
        } else {
            0.5
        };
        (0.8 * level + 0.2 * noise[sample * 60 + gene]) as f32
    });
    let samples = named(values);
    let scaled = ZeroOne::of(&samples).unwrap().scale(&samples).unwrap();
    let fit = Fit::new()
        .epochs(60)
        .batch(10)
        .optimizer(Sgd::new())
        .learning_rate(3.0)
        .validation(0.0);
    let model = Autoencoder::adage(4).fit(fit).run(&scaled).unwrap();
    let adage = model.adage().unwrap();
    // The same numbers on both ways to them.
    let (codes, activities) = (
        model.codes(&scaled).unwrap(),
        adage.activities(&scaled).unwrap(),
    );
    let pairs = codes.coordinates().iter().zip(activities.coordinates());
    assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-5));
    let genes = adage.signatures_beyond(2.0).unwrap().genes();
    let planted = genes
        .iter()
        .filter(|gene| gene["gene ".len()..].parse::<usize>().unwrap() < 12)
        .count();
    // One gene of five is planted.
    assert!(planted >= 6 && 3 * planted >= 2 * genes.len(), "{genes:?}");
}

#[test]
fn sparse_samples_are_scaled_as_dense_ones() {
    let values =
        Array2::from_shape_vec((3, 3), vec![0.0, 2.0, -1.0, 4.0, 3.0, 0.0, 1.0, 2.0, 0.0]).unwrap();
    let scaled = |samples: &Cells| {
        ZeroOne::of(samples)
            .unwrap()
            .scale(samples)
            .unwrap()
            .values()
            .dense()
            .into_owned()
    };
    let none = named(values.clone()).select_cells(&[]).unwrap();
    let adage = Adage::new(
        none.genes(),
        Array2::zeros((3, 2)),
        (Array1::zeros(2), Array1::zeros(3)),
    )
    .unwrap();
    assert_eq!(
        adage.activities(&none).unwrap().coordinates().dim(),
        (0, 2),
        "no samples, no rows"
    );
    let dense = scaled(&named(values.clone()));
    assert_eq!(dense, scaled(&named(Sparse::from_dense(&values).unwrap())));
    assert_eq!(dense.column(0).to_vec(), [0.0, 1.0, 0.25]);
}

fn file(text: &str) -> String {
    let path = std::env::temp_dir().join(format!("genolens_adage_{}.txt", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let genes = ["PA1", "PA2"].map(String::from);
    let found = Adage::open(&path, &genes).map(|adage| format!("{adage:?}"));
    let said = found.unwrap_or_else(|error| error.to_string());
    std::fs::remove_file(&path).ok();
    said.replace(&path.display().to_string(), "FILE")
}

#[test]
fn files_that_are_no_network_are_told_so() {
    let good = "layer 1 \nweight matrix \n0.1\t0.2\t0.3\n0.4\t0.5\t0.6\nhidden bias vector \n1\n2\n3\nvisible bias vector \n-1\n-2\n";
    let said = [
        file(good),
        file(""),
        file("layer 1\n"),
        file(&good.replace("0.5", "five")),
        file(&good.replace("0.5", "inf")),
        file(&good.replace("\t0.6", "")),
        file(&good.replace("hidden bias vector \n1", "hidden bias vector \n")),
        file(&good.replace("-2", "-2\n-3")),
        file(&good.replace("-2\n", "")),
        file(&format!("{good}layer 2 \n")),
        file(&good.replace("0.4\t0.5\t0.6\n", "").replace("-2\n", "")),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    Adage(2 genes, 3 nodes)
    FILE, line 1: expected the line `layer 1`, got the end of the file
    FILE, line 1: expected the line `weight matrix`, got the end of the file
    FILE, line 4: expected a finite number, got `five`
    FILE, line 4: expected a finite number, got `inf`
    FILE, line 4: expected 3 weights, as in the first row, got 2
    FILE, line 9: expected 3 lines with the bias of a node each, not 2, got `visible bias vector`
    FILE, line 12: expected one bias of a gene a line, 2 in all, got number 3 in a line of 1
    FILE, line 10: expected 2 lines with the bias of a gene each, not 1, got the end of the file
    FILE, line 12: expected the end of the file, networks of one layer being read, got `layer 2`
    `genes` is 2, expected 1 for weights of shape (1, 3)
    ");
}

fn told<T: std::fmt::Debug>(found: genolens::Result<T>) -> String {
    found.unwrap_err().to_string()
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let genes = ["PA1", "PA2"].map(String::from);
    let new = |genes: &[String], weights, biases: (Vec<f32>, Vec<f32>)| {
        Adage::new(genes, weights, (biases.0.into(), biases.1.into()))
    };
    let weights = Array2::<f32>::eye(2);
    let adage = new(&genes, weights.clone(), (vec![0.0; 2], vec![0.0; 2])).unwrap();
    let two = Cells::new(Array2::from_elem((1, 2), 0.5_f32), ["a"], &genes).unwrap();
    let wide = two.with_values(Array2::from_elem((1, 2), 1.5_f32)).unwrap();
    let odd = two
        .with_values(Array2::from_elem((1, 2), f32::NAN))
        .unwrap();
    let fit = Fit::new().epochs(1).validation(0.0);
    let x = named(Array2::from_shape_fn((10, 4), |(i, j)| {
        ((i + j) % 3) as f32 / 2.0
    }));
    let model =
        |model: Autoencoder, x: &Cells| model.fit(fit.clone()).run(x).unwrap_err().to_string();
    let plain = Autoencoder::new(2).fit(fit.clone()).run(&x).unwrap();
    let said = [
        told(new(&genes, Array2::zeros((0, 2)), (vec![], vec![]))),
        told(new(
            &genes[..1],
            weights.clone(),
            (vec![0.0; 2], vec![0.0; 2]),
        )),
        told(new(&genes, weights.clone(), (vec![0.0], vec![0.0; 2]))),
        told(new(
            &["PA1", "PA1"].map(String::from),
            weights.clone(),
            (vec![0.0; 2], vec![0.0; 2]),
        )),
        told(new(
            &genes,
            weights * f32::NAN,
            (vec![0.0; 2], vec![0.0; 2]),
        )),
        told(adage.activities(&wide)),
        told(adage.activities(&odd)),
        told(adage.activities(&named(Array2::from_elem((1, 3), 0.5_f32)))),
        told(adage.activities(&named(Array2::from_elem((1, 2), 0.5_f32)))),
        told(adage.decoded(&Array2::from_elem((1, 3), 0.5))),
        told(adage.decoded(&Array2::from_elem((1, 2), -0.5))),
        told(adage.signatures_beyond(-1.0)),
        told(adage.signatures().get(2, Side::Positive)),
        told(adage.signatures().get(usize::MAX, Side::Negative)),
        told(ZeroOne::of(&odd)),
        told(ZeroOne::of(&two.select_cells(&[]).unwrap())),
        told(ZeroOne::of(&two).unwrap().scale(&odd)),
        told(ZeroOne::of(&two).unwrap().scale(&x)),
        model(Autoencoder::adage(2).hidden(&[3]), &x),
        model(Autoencoder::adage(2).sparsity(0.1), &x),
        model(
            Autoencoder::adage(2).likelihood(genolens::training::Likelihood::Poisson),
            &x,
        ),
        model(
            Autoencoder::adage(2),
            &x.with_values(Array2::from_elem((10, 4), 3.0_f32)).unwrap(),
        ),
        told(plain.adage()),
        told(
            Autoencoder::adage(2)
                .code_activation(Activation::Tanh)
                .fit(fit.clone())
                .run(&x)
                .unwrap()
                .adage(),
        ),
    ];
    insta::assert_snapshot!(said.join("\n"), @r"
    `weights` has shape (0, 2), expected (genes, nodes), both at least 1
    `genes` is 1, expected 2 for weights of shape (2, 2)
    `biases of nodes` is 1, expected 2 for weights of shape (2, 2)
    `genes` is `PA1` twice, expected each once
    `weights and biases` is NaN, expected finite
    `values of samples` is 1.5, expected 0 to 1, as `ZeroOne` makes them
    `values of samples` is NaN, expected 0 to 1, as `ZeroOne` makes them
    `genes of samples` is 3, expected the 2 genes of the network, in their order
    `genes of samples` is others, expected the 2 genes of the network, in their order
    `activities` has shape (1, 3), expected (samples, 2)
    `activities` is -0.5, expected 0 to 1
    `deviations` is -1, expected at least 0
    `node` is 2, expected below 2, the number of nodes
    `node` is 18446744073709551615, expected below 2, the number of nodes
    `values of samples` is NaN of gene `PA1`, expected finite
    `samples` is 0, expected at least one
    `values of samples` is NaN, expected finite
    `genes of samples` is 4, expected the 2 genes of the compendium, in their order
    `tied` is some, expected no hidden layers, batch norm, sparsity, information dimension or batches beside it
    `tied` is some, expected no hidden layers, batch norm, sparsity, information dimension or batches beside it
    `likelihood` is Poisson, expected none beside shares, which have cross-entropy
    `values of samples` is 3, expected 0 to 1, as `ZeroOne` makes them
    `autoencoder` is Network(6 layers, 1798 parameters), expected one that learned with `Autoencoder::adage`: tied weights, sigmoids, shares of 0 to 1
    `autoencoder` is Network(4 layers, 22 parameters), expected one that learned with `Autoencoder::adage`: tied weights, sigmoids, shares of 0 to 1
    ");
}
