//! Explanations of functions of rows: golden numbers of shap, lime and captum, and what Shapley values must be.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a black box is a function of a view"
)]

use crate::golden::{assert_near, rows, table};
use genolens::attribution::{
    Contributions, Distance, Draw, ExactShapley, KernelShap, Lime, Masking, ShapleySampling,
    Surrogate,
};
use genolens::ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, array, s};
use genolens::network::BlackBox;
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/attribution/black_box.tsv");
const CAPTUM: &str = include_str!("../../golden/attribution/black_box_captum.tsv");

fn golden(name: &str) -> Array2<f64> {
    table(GOLDEN, name)
}

/// The function of the golden numbers.
fn function(x: ArrayView2<'_, f32>) -> Array1<f64> {
    let one = |row: ArrayView1<'_, f32>| {
        let row: Vec<f64> = row.iter().map(|&v| f64::from(v)).collect();
        let [a, b, c, d, e, f] = row[..] else {
            return f64::NAN;
        };
        2.0 * a - 3.0 * b * c + (d + a - 1.0).max(0.0) + e.sin() + 0.5 * b * b + a * c * f
    };
    x.rows().into_iter().map(one).collect()
}

/// captum's `BasicModel_MultiLayer`.
fn rectified(x: ArrayView2<'_, f32>) -> Vec<f64> {
    let one = |row: ArrayView1<'_, f32>| {
        let sum = f64::from(row.sum());
        (sum - 10.0).max(0.0) + 3.0 * (sum + 1.0) - 1.0
    };
    x.rows().into_iter().map(one).collect()
}

fn background() -> Masking {
    Masking::new().background(golden("background").mapv(|v| v as f32))
}

#[test]
fn shapley_values_are_those_of_shap() {
    let x = golden("x").mapv(|v| v as f32);
    let exact = ExactShapley::new().masking(background()).batch(7);
    let exact = exact.rows(&function, &x).unwrap();
    assert_near(exact.values(), &golden("exact"), 1e-12);
    let outputs = golden("outputs").remove_axis(Axis(0));
    assert!((exact.outputs() - &outputs).iter().all(|d| d.abs() < 1e-12));
    let kernel = KernelShap::new().masking(background());
    let kernel = kernel.rows(&function, &x).unwrap();
    assert_near(kernel.values(), &golden("kernel"), 1e-11);
    // All features once, and the other coalitions for each of three rows.
    for found in [&exact, &kernel] {
        assert_eq!(found.evaluations(), 2 * (1 + 63 * 3));
        assert!(found.unexplained().iter().all(|rest| rest.abs() < 1e-12));
    }
}

#[test]
fn surrogates_are_those_of_lime() {
    let x = golden("x").mapv(|v| v as f32);
    let x = x.slice(s![..1, ..]).to_owned();
    let options = Lime::new().samples(64);
    let found = |options: &Lime| {
        let found = options.rows(&function, &x).unwrap();
        let mut row = found.values().row(0).to_vec();
        row.extend([found.intercepts().unwrap()[0], found.fits().unwrap()[0]]);
        Array2::from_shape_vec((1, 8), row).unwrap()
    };
    assert_near(&found(&options), &golden("plain"), 1e-12);
    let far = options.clone().distance(Distance::Euclidean).width(2.0);
    assert_near(&found(&far), &golden("far"), 1e-12);
    assert_near(
        &found(&options.clone().select(2)),
        &golden("forward"),
        1e-12,
    );
    // lime would take three one by one, too, were it not told otherwise.
    let highest = golden("highest");
    let chosen: Vec<usize> = (0..6).filter(|&at| highest[[0, at]] != 0.0).collect();
    let one_by_one = found(&options.clone().select(3));
    let same = (0..6).filter(|&at| one_by_one[[0, at]] != 0.0);
    assert_eq!(same.collect::<Vec<_>>(), chosen);
    assert_near(&one_by_one, &highest, 1e-12);
    assert_eq!(found(&options.clone().select(6)), found(&options));
}

#[test]
fn many_features_are_chosen_by_their_weights() {
    // Nine features of falling weight, the odd ones negative.
    let weight = |at: usize| (9 - at) as f64 * if at % 2 == 1 { -1.0 } else { 1.0 };
    let sum = |x: ArrayView2<f32>| -> Array1<f64> {
        let row = |row: ArrayView1<'_, f32>| {
            let values = row.iter().enumerate();
            values
                .map(|(at, &v)| weight(at) * f64::from(v))
                .sum::<f64>()
        };
        x.rows().into_iter().map(row).collect()
    };
    let x = Array2::<f32>::ones((1, 9));
    let found = Lime::new().select(7).rows(&sum, &x).unwrap();
    for at in 0..9 {
        let expected = if at < 7 { weight(at) } else { 0.0 };
        let value = found.values()[[0, at]];
        assert!((value - expected).abs() < 0.1, "{at}: {value}");
        assert_eq!(at >= 7, value == 0.0);
    }
    assert!(found.fits().unwrap()[0] < 1.0);
}

#[test]
fn sums_that_are_rectified_are_shared_as_by_captum() {
    let x = array![[20.0_f32, 50.0, 30.0]];
    let grouped = Masking::new().groups(&[vec![0, 1], vec![2]]);
    let baseline = Masking::new().background(array![[10.0_f32, 20.0, 10.0]]);
    for (masking, name) in [
        (Masking::new(), "each"),
        (grouped, "grouped"),
        (baseline, "baseline"),
    ] {
        let exact = ExactShapley::new().masking(masking.clone());
        let exact = exact.rows(&rectified, &x).unwrap();
        // captum adds up in single precision.
        assert_near(exact.values(), &table(CAPTUM, name), 1e-7);
        let kernel = KernelShap::new().masking(masking.clone());
        let kernel = kernel.rows(&rectified, &x).unwrap();
        assert_near(kernel.values(), exact.values(), 1e-12);
    }
    let lasso = Lime::new().samples(8).width(1.0);
    let lasso = lasso.surrogate(Surrogate::Lasso(0.01));
    let found = lasso.rows(&rectified, &x).unwrap();
    assert_near(found.values(), &table(CAPTUM, "lasso"), 1e-6);
    // The number of captum's tests, whose kernel is as good as flat, with their tolerance.
    let flat = lasso.surrogate(Surrogate::Lasso(1.0)).width(1_000.0);
    let found = flat.samples(500).rows(&rectified, &x).unwrap();
    let told = array![73.3716, 193.3349, 113.3349];
    assert!(
        (&found.values().row(0) - &told)
            .iter()
            .all(|d| d.abs() < 1.2)
    );
}

#[test]
fn a_lasso_leaves_out_what_says_little() {
    let x = array![[20.0_f32, 50.0, 30.0]];
    let lasso = |penalty| {
        let options = Lime::new().surrogate(Surrogate::Lasso(penalty));
        options
            .rows(&rectified, &x)
            .unwrap()
            .values()
            .row(0)
            .to_vec()
    };
    assert!(lasso(0.0).iter().all(|&value| value > 70.0));
    let some = lasso(30.0);
    assert!(some[0] == 0.0 && some[1] > 0.0, "{some:?}");
    assert_eq!(lasso(1e9), [0.0; 3]);
}

#[test]
fn what_works_together_is_shared_equally() {
    let product = |x: ArrayView2<f32>| -> Array1<f32> {
        x.rows().into_iter().map(|row| row.product()).collect()
    };
    let x = array![[2.0_f32, 3.0], [-1.0, 4.0]];
    for found in [
        ExactShapley::new().rows(&product, &x).unwrap(),
        KernelShap::new().rows(&product, &x).unwrap(),
        ShapleySampling::new()
            .antithetic(true)
            .rows(&product, &x)
            .unwrap(),
    ] {
        let expected = array![[3.0, 3.0], [-2.0, -2.0]];
        assert!(
            (found.values() - &expected).iter().all(|d| d.abs() < 1e-12),
            "{found:?}"
        );
    }
}

/// Products of pairs of eight numbers, with weights that look drawn.
fn pairs(x: ArrayView2<'_, f32>) -> Array1<f64> {
    let one = |row: ArrayView1<'_, f32>| {
        let mut sum = 0.0;
        for i in 0..row.len() {
            for j in 0..=i {
                let weight = ((i * 31 + j * 17 + 5) % 11) as f64 - 5.0;
                sum += weight * f64::from(row[i] * row[j]);
            }
        }
        sum
    };
    x.rows().into_iter().map(one).collect()
}

#[test]
fn orders_err_as_much_as_they_say() {
    let x = Array2::from_shape_fn((1, 8), |(_, at)| (at as f32 - 3.0) / 2.0 + 0.25);
    let exact = ExactShapley::new().rows(&pairs, &x).unwrap();
    let of = |options: &ShapleySampling| {
        let (mut sum, mut scaled, mut count) = (0.0, 0.0, 0.0);
        for seed in 0..60 {
            let found = options.clone().seed(seed).rows(&pairs, &x).unwrap();
            let errors = found.standard_errors().unwrap();
            let apart = found.values() - exact.values();
            for (apart, error) in apart.iter().zip(errors) {
                sum += apart * apart;
                scaled += (apart / error).powi(2);
                count += 1.0;
            }
            assert!(found.unexplained()[0].abs() < 1e-9);
        }
        (sum / count, scaled / count)
    };
    let (plain, calibrated) = of(&ShapleySampling::new().samples(100));
    assert!((0.75..1.35).contains(&calibrated), "{calibrated}");
    // Of products of pairs, an order and its reverse leave nothing to chance.
    let (paired, _) = of(&ShapleySampling::new().samples(50).antithetic(true));
    assert!(paired < 1e-20 && plain > 1e-3, "{paired} {plain}");
    let cubic = |x: ArrayView2<f32>| -> Array1<f64> { pairs(x).mapv(|v| v.abs().sqrt() * v) };
    let exact = ExactShapley::new().rows(&cubic, &x).unwrap();
    let found = ShapleySampling::new().samples(2_000).antithetic(true);
    let found = found.rows(&cubic, &x).unwrap();
    let errors = found.standard_errors().unwrap();
    let apart = found.values() - exact.values();
    assert!(
        apart
            .iter()
            .zip(errors)
            .all(|(apart, error)| apart.abs() < 4.0 * error)
    );
}

#[test]
fn drawn_coalitions_come_near_all_of_them() {
    let x = Array2::from_shape_fn((1, 16), |(_, at)| ((at * 7) % 16) as f32 / 8.0 - 0.9);
    let smooth = |x: ArrayView2<f32>| -> Array1<f64> { pairs(x).mapv(|v| (v / 40.0).tanh()) };
    let exact = ExactShapley::new().rows(&smooth, &x).unwrap();
    let largest = exact.values().iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    let furthest = |samples: usize, seed: u64| {
        let found = KernelShap::new().samples(samples).seed(seed);
        let found = found.rows(&smooth, &x).unwrap();
        assert!(found.unexplained()[0].abs() < 1e-12);
        let apart = (found.values() - exact.values()).mapv(f64::abs);
        apart.into_iter().fold(0.0, f64::max) / largest
    };
    let mean = |samples| (0..5).map(|seed| furthest(samples, seed)).sum::<f64>() / 5.0;
    let (few, some, many) = (mean(100), mean(1_000), mean(20_000));
    assert!(many < some && some < few, "{few} {some} {many}");
    assert!(some < 0.05 && many < 0.01, "{few} {some} {many}");
    assert_ne!(furthest(1_000, 1), furthest(1_000, 2));
    // LIME, too, comes near what all coalitions say.
    let lime = |samples: usize, draw| {
        let found = Lime::new().samples(samples).draw(draw).rows(&smooth, &x);
        found.unwrap()
    };
    for draw in [Draw::Half, Draw::AnyNumber] {
        let (all, some) = (lime(1 << 16, draw), lime(20_000, draw));
        let scale = all.values().iter().fold(0.0_f64, |a, b| a.max(b.abs()));
        let apart = (all.values() - some.values()).mapv(f64::abs);
        let furthest = apart.into_iter().fold(0.0, f64::max) / scale;
        assert!(furthest < 0.1, "{draw:?}: {furthest}");
    }
}

type Rows = Box<dyn Fn(&dyn BlackBox, &Array2<f32>) -> Contributions>;

/// All methods, with as many samples as make them draw.
fn all_methods(masking: &Masking, seed: u64) -> [Rows; 5] {
    let exact = ExactShapley::new().masking(masking.clone());
    let kernel = KernelShap::new().masking(masking.clone()).seed(seed);
    let few = kernel.clone().samples(24);
    let drawn = ShapleySampling::new().masking(masking.clone()).seed(seed);
    let lime = Lime::new().masking(masking.clone()).seed(seed);
    let lime = lime.samples(30).surrogate(Surrogate::Ridge(0.0));
    [
        Box::new(move |f, x| exact.rows(f, x).unwrap()),
        Box::new(move |f, x| kernel.rows(f, x).unwrap()),
        Box::new(move |f, x| few.rows(f, x).unwrap()),
        Box::new(move |f, x| drawn.rows(f, x).unwrap()),
        Box::new(move |f, x| lime.rows(f, x).unwrap()),
    ]
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let x = Array2::from_shape_fn((5, 8), |(i, at)| ((i * 5 + at * 3) % 13) as f32 / 4.0 - 1.0);
    let found = |threads: usize, seed: u64, x: &Array2<f32>| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let methods = all_methods(&Masking::new(), seed);
            let found = methods
                .iter()
                .map(|method| method(&pairs, x).values().clone());
            found.collect::<Vec<_>>()
        })
    };
    let one = found(1, 3, &x);
    assert_eq!(one, found(3, 3, &x));
    let other = found(3, 4, &x);
    // What is drawn depends on the seed: few coalitions, orders, a surrogate.
    for drawn in 2..5 {
        assert_ne!(one[drawn], other[drawn]);
    }
    assert_eq!((&one[0], &one[1]), (&other[0], &other[1]));
    // A row is explained alike wherever it is.
    let turned = x.select(Axis(0), &[3, 1, 4, 0, 2]);
    for (one, turned) in one.iter().zip(found(2, 3, &turned)) {
        assert_eq!(one.select(Axis(0), &[3, 1, 4, 0, 2]), turned);
    }
}

#[test]
fn what_does_not_change_contributes_nothing() {
    let mut x = Array2::from_shape_fn((2, 8), |(i, at)| (i + at) as f32 / 4.0 + 0.5);
    x[[0, 3]] = 0.0;
    x[[1, 6]] = 0.0;
    for method in &all_methods(&Masking::new(), 1)[..4] {
        let found = method(&pairs, &x);
        assert_eq!((found.values()[[0, 3]], found.values()[[1, 6]]), (0.0, 0.0));
        assert!(found.values()[[0, 6]] != 0.0);
        if let Some(errors) = found.standard_errors() {
            assert_eq!(errors[[0, 3]], 0.0);
        }
    }
    let found = ExactShapley::new().rows(&pairs, &x).unwrap();
    assert_eq!(found.evaluations(), 2 * (1 << 7));
    let nothing = KernelShap::new()
        .rows(&pairs, &Array2::zeros((1, 8)))
        .unwrap();
    assert_eq!(nothing.values(), Array2::<f64>::zeros((1, 8)));
}

#[test]
fn one_feature_takes_it_all() {
    let square = |x: ArrayView2<f32>| -> Vec<f32> { x.iter().map(|v| v * v + 1.0).collect() };
    for method in &all_methods(&Masking::new(), 0) {
        let found = method(&square, &array![[3.0_f32]]);
        assert!((found.values()[[0, 0]] - 9.0).abs() < 1e-9, "{found:?}");
        assert_eq!((found.base()[0], found.outputs()[0]), (1.0, 10.0));
    }
}

#[test]
fn contributions_are_a_table() {
    let x = golden("x").mapv(|v| v as f32);
    let names = ["a", "b", "c", "d", "e", "f"];
    let options = ShapleySampling::new().masking(background().names(&names));
    let found = options.rows(&function, &x).unwrap();
    let table = found.table().unwrap();
    assert_eq!(table.shape(), (12, 4));
    assert_eq!(
        table.get_column_names(),
        ["example", "feature", "contribution", "standard_error"]
    );
    let value = table.column("contribution").unwrap().f64().unwrap().get(8);
    assert_eq!(value, Some(found.values()[[1, 2]]));
    let second = found.get(1).unwrap();
    assert_eq!(second.values().row(0), found.values().row(1));
    assert_eq!(second.outputs()[0], found.outputs()[1]);
    insta::assert_snapshot!(found.get(2).unwrap_err(), @"`index` is 2, expected below 2, the number of examples");
    insta::assert_snapshot!(format!("{found:?}"), @"Contributions(Shapley sampling, n = 2, features = 6)");
    let svg = found.bars().svg();
    assert!(
        names.iter().all(|name| svg.contains(&format!(">{name}<"))),
        "{svg}"
    );
    assert_eq!(rows(GOLDEN, "x").len(), found.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Efficiency, symmetry, dummy and linearity, and what all methods agree on.
    #[test]
    fn shapley_values_keep_their_axioms(
        weights in prop::collection::vec(-4_i32..5, 5),
        products in prop::collection::vec(-4_i32..5, 10),
        x in prop::collection::vec(-8_i32..9, 5),
        b in prop::collection::vec(-8_i32..9, 10),
        seed in 0_u64..1000,
    ) {
        // The last feature is never looked at; the first two are looked at alike.
        let value = |row: &[f64], linear: f64, others: f64| {
            let [p, q, r, t] = [row[0], row[1], row[2], row[3]];
            let weight = |at: usize| f64::from(weights[at]);
            let product = |at: usize| f64::from(products[at]);
            let straight = weight(0) * (p + q) + weight(2) * r + weight(3) * t;
            let bent = product(0) * p * q + product(1) * (p + q) * r + product(2) * p * q * t
                + (product(3) * r - t).max(0.0) + (product(4) * (p + q)).sin();
            linear * straight + others * bent
        };
        let of = |linear: f64, others: f64| move |x: ArrayView2<f32>| -> Array1<f64> {
            let row = |row: ArrayView1<'_, f32>| {
                value(&row.iter().map(|&v| f64::from(v)).collect::<Vec<_>>(), linear, others)
            };
            x.rows().into_iter().map(row).collect()
        };
        let eighths = |numbers: &[i32]| numbers.iter().map(|&v| v as f32 / 8.0).collect::<Vec<_>>();
        let mut x = Array2::from_shape_vec((1, 5), eighths(&x)).unwrap();
        let mut rows = Array2::from_shape_vec((2, 5), eighths(&b)).unwrap();
        x[[0, 1]] = x[[0, 0]];
        for row in 0..2 {
            rows[[row, 1]] = rows[[row, 0]];
        }
        let masking = Masking::new().background(rows.clone());
        let exact = ExactShapley::new().masking(masking.clone());
        let (straight, bent, both) = (of(1.0, 0.0), of(0.0, 1.0), of(1.0, 1.0));
        let found = exact.rows(&both, &x).unwrap();
        let values = found.values().row(0).to_owned();
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * (1.0 + a.abs());
        prop_assert!(near(found.outputs()[0] - found.base()[0], values.sum()));
        prop_assert!(near(values[0], values[1]));
        prop_assert_eq!(values[4], 0.0);
        let parts = exact.rows(&straight, &x).unwrap().values() + exact.rows(&bent, &x).unwrap().values();
        prop_assert!(values.iter().zip(&parts).all(|(a, b)| near(*a, *b)));
        let kernel = KernelShap::new().masking(masking.clone()).seed(seed);
        let kernel = kernel.rows(&both, &x).unwrap();
        prop_assert!(values.iter().zip(kernel.values()).all(|(a, b)| near(*a, *b)));
        // A sum over features leaves no choice.
        let mean = rows.mean_axis(Axis(0)).unwrap();
        for method in &all_methods(&masking, seed) {
            let found = method(&straight, &x);
            for at in 0..5 {
                let weight = [0, 0, 2, 3].get(at).map_or(0.0, |&from: &usize| f64::from(weights[from]));
                let expected = weight * f64::from(x[[0, at]] - mean[at]);
                prop_assert!(near(expected, found.values()[[0, at]]), "{:?} {:?}", found, found.values());
            }
        }
    }
}
