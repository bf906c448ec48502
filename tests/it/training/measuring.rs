//! Many tasks at once: missing labels, tasks with one class, tables.

use genolens::ndarray::{Array1, Array2, array};
use genolens::training::{
    Bootstrap, DeLong, Interpolation, Measure, Metric, auprc, auroc, measure, spearman,
};

const NAN: f32 = f32::NAN;

/// Numbers that look random, 0 to 1.
fn noise(place: usize) -> f32 {
    let mixed = (place as u32 + 1).wrapping_mul(2_654_435_761);
    ((mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d) >> 8) as f32 / 16_777_216.0
}

/// Four tasks: all labels, every third missing, negatives only, none.
fn four_tasks() -> (Array2<f32>, Array2<f32>) {
    let labels = Array2::from_shape_fn((90, 4), |(i, task)| match task {
        0 => f32::from(u8::from(noise(i) > 0.6)),
        1 if i % 3 == 0 => NAN,
        1 => f32::from(u8::from(noise(i + 500) > 0.8)),
        2 => 0.0,
        _ => NAN,
    });
    let scores = Array2::from_shape_fn((90, 4), |(i, task)| {
        let known = if labels[[i, task]] == 1.0 { 0.3 } else { 0.0 };
        // A score without a label does not count, whatever it is.
        if labels[[i, task]].is_nan() {
            NAN
        } else {
            noise(1000 + i * 4 + task) + known
        }
    });
    (scores, labels)
}

#[test]
fn every_task_is_measured_on_the_labels_it_has() {
    let (scores, labels) = four_tasks();
    let measurement = measure(&scores, &labels).unwrap();
    for task in 0..2 {
        let known: Vec<usize> = (0..90).filter(|&i| !labels[[i, task]].is_nan()).collect();
        let of =
            |all: &Array2<f32>| -> Array1<f32> { known.iter().map(|&i| all[[i, task]]).collect() };
        let (scores, labels) = (of(&scores), of(&labels));
        let found = measurement.get(task, Metric::Auroc).unwrap();
        assert_eq!(found, DeLong::new().run(&scores, &labels).unwrap());
        assert_eq!(found.estimate(), auroc(&scores, &labels).unwrap());
        let found = measurement
            .get(task, Metric::Auprc(Interpolation::Step))
            .unwrap();
        assert_eq!(found.estimate(), auprc(&scores, &labels).unwrap());
        assert!(!found.is_known());
    }
    assert_eq!(measurement.examples(), array![90.0, 60.0, 90.0, 0.0]);
    assert_eq!(measurement.positives()[2], 0.0);
    let values = measurement.values(Metric::Auroc).unwrap();
    assert!(values[2].is_nan() && values[3].is_nan());
    let mean = f64::midpoint(values[0], values[1]);
    assert!((measurement.mean(Metric::Auroc).unwrap() - mean).abs() < 1e-12);
    assert_eq!(measurement.problems(), ["", "", "zeros only", "no label"]);
    insta::assert_snapshot!(measurement.get(3, Metric::Auroc).unwrap_err(), @"`task` is 3, expected one with AUROC: this one has no label");
    insta::assert_snapshot!(measurement.get(4, Metric::Auroc).unwrap_err(), @"`task` is 4, expected below 4");
    insta::assert_snapshot!(measurement.get(0, Metric::Brier).unwrap_err(), @"`metric` is Brier, expected one of AUROC, AUPRC");
    let named = Measure::new().names(&["ARID3A", "CTCFL", "GABPA", "ZBTB7A"]);
    let named = named.run(&scores, &labels).unwrap();
    insta::assert_snapshot!(named.get(2, Metric::Auroc).unwrap_err(), @"`task` is GABPA, expected one with AUROC: this one has zeros only");
    insta::assert_snapshot!(named.table().text(), @r#"
task    examples  positives  AUROC       low     high    AUPRC
ARID3A  90        29         0.8078      0.7144  0.9012  0.7106
CTCFL   60        10         0.7120      0.5085  0.9155  0.5627
GABPA   90        0          zeros only                  zeros only
ZBTB7A  0         0          no label                    no label
mean AUROC 0.7599 of 2 of 4 tasks, mean AUPRC 0.6366 of 2 of 4 tasks.
"#);
    let frame = named.to_frame().unwrap();
    assert_eq!(frame.shape(), (4, 11));
    assert_eq!(frame.column("auroc").unwrap().null_count(), 2);
    assert_eq!(frame.column("auprc_low").unwrap().null_count(), 4);
    assert_eq!(frame.column("problem").unwrap().null_count(), 2);
    let low = frame
        .column("auroc_low")
        .unwrap()
        .f64()
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(low, named.low(Metric::Auroc).unwrap()[0]);
}

#[test]
fn all_metrics_of_all_tasks_can_have_intervals() {
    let (scores, labels) = four_tasks();
    let bootstrap = Bootstrap::new().resamples(100).level(0.9);
    let metrics = [Metric::Auprg, Metric::Auroc];
    let measured = Measure::new().metrics(&metrics).bootstrap(&bootstrap);
    let measurement = measured.run(&scores, &labels).unwrap();
    for metric in metrics {
        let alone = bootstrap.run(
            metric,
            &scores.column(0).to_owned(),
            &labels.column(0).to_owned(),
        );
        assert_eq!(measurement.get(0, metric).unwrap(), alone.unwrap());
        assert!(measurement.get(1, metric).unwrap().is_known());
    }
    assert_eq!(measurement.high(Metric::Auprg).unwrap().len(), 4);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build()
            .unwrap()
            .install(|| measured.run(&scores, &labels).unwrap())
    };
    // Numbers that are not there are equal too.
    assert_eq!(
        format!("{:?}", on(1).table()),
        format!("{:?}", on(3).table())
    );
    assert_eq!(on(1).table().text(), on(3).table().text());
}

#[test]
fn numbers_have_correlations() {
    let labels = Array2::from_shape_fn((40, 3), |(i, task)| match task {
        0 => noise(i) * 10.0,
        1 if i % 2 == 0 => NAN,
        1 => noise(i + 70),
        _ => 2.5,
    });
    let scores = Array2::from_shape_fn((40, 3), |(i, task)| noise(i + 70 * task) + noise(i + 300));
    let both = Measure::new().metrics(&[Metric::Pearson, Metric::Spearman]);
    let measurement = both.run(&scores, &labels).unwrap();
    let first = spearman(&scores.column(0).to_owned(), &labels.column(0).to_owned()).unwrap();
    assert_eq!(
        measurement.get(0, Metric::Spearman).unwrap().estimate(),
        first
    );
    insta::assert_snapshot!(measurement, @"mean Pearson 0.6541 of 2 of 3 tasks, mean Spearman 0.6434 of 2 of 3 tasks");
    insta::assert_snapshot!(measurement.get(2, Metric::Pearson).unwrap_err(), @"`task` is 2, expected one with Pearson: this one has the same label everywhere");
    let flat = both
        .run(&Array1::<f32>::ones(4), &array![1.0_f32, 2.0, 3.0, 4.0])
        .unwrap();
    insta::assert_snapshot!(flat, @"no Pearson: the same score everywhere, no Spearman: the same score everywhere");
}

#[test]
fn what_makes_no_sense_is_named() {
    let (scores, labels) = four_tasks();
    let wrong = |measure: Measure, scores: &Array2<f32>, labels: &Array2<f32>| {
        measure.run(scores, labels).unwrap_err().to_string()
    };
    let mut one = scores.clone();
    one[[7, 0]] = NAN;
    insta::assert_snapshot!(wrong(Measure::new(), &one, &labels), @"`scores` is NaN in row 7 of task 0, expected a finite number wherever there is a label");
    let mut one = labels.clone();
    one[[8, 1]] = 0.5;
    insta::assert_snapshot!(wrong(Measure::new(), &scores, &one), @"`labels` is 0.5 in row 8 of task 1, expected 0, 1 or NaN where missing; numbers have `Metric::Pearson` and `Metric::Spearman`");
    one[[8, 1]] = f32::INFINITY;
    insta::assert_snapshot!(wrong(Measure::new().metrics(&[Metric::Pearson]), &scores, &one), @"`labels` is inf in row 8 of task 1, expected finite, or NaN where missing");
    insta::assert_snapshot!(wrong(Measure::new().metrics(&[Metric::Brier]), &(&scores * 3.0), &labels), @"`scores` is 2.3020325 in row 0 of task 0, expected probabilities 0 to 1, as `network::probabilities` gives them");
    insta::assert_snapshot!(wrong(Measure::new().metrics(&[]), &scores, &labels), @"`metrics` is none, expected at least one");
    insta::assert_snapshot!(wrong(Measure::new().level(0.0), &scores, &labels), @"`level` is 0, expected above 0 to below 1, such as 0.95");
    insta::assert_snapshot!(wrong(Measure::new().names(&["a"]), &scores, &labels), @"`names` is 1, expected 4, one per task");
    insta::assert_snapshot!(wrong(Measure::new().bootstrap(&Bootstrap::new().resamples(1)), &scores, &labels), @"`resamples` is 1, expected at least 20");
    insta::assert_snapshot!(wrong(Measure::new(), &scores, &Array2::zeros((90, 3))), @"`scores` has shape (90, 4), expected (90, 3) as the labels");
    insta::assert_snapshot!(wrong(Measure::new(), &scores, &Array2::zeros((0, 4))), @"`labels` has shape (0, 4), expected (n) or (n, tasks), both at least 1");
    insta::assert_snapshot!(wrong(Measure::new(), &scores, &(&labels * NAN)), @"`labels` is NaN everywhere, expected a number somewhere; NaN is a missing label");
}
