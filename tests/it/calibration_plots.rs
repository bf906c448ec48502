//! Reliability diagrams, intervals over data, radial plots, and what calibration and shift show of themselves.

use genolens::calibration::{
    self, Binning, BrierParts, Calibrator, Conformal, ConformalIntervals, Diagram, Draws, Forecast,
    Proportions, QuantileCalibration, Spacing, VarianceScaling,
};
use genolens::causal::Instruments;
use genolens::display::{self, Show};
use genolens::ndarray::{Array1, Array2, Array3, array};
use genolens::shift;

fn shown(value: &impl Show) {
    value.evcxr_display();
}

fn circles(svg: &str) -> usize {
    svg.matches("<circle").count()
}

/// A number that looks random, from 0 to 1.
fn noise(i: usize) -> f64 {
    let mut mixed = (i as u64 + 7).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// Scores that are three times too sure, and labels.
fn overconfident(n: usize, base: f64) -> (Array1<f32>, Array1<f32>) {
    let truth = |i: usize| base + 6.0 * (noise(3 * i) - 0.5);
    let scores = Array1::from_shape_fn(n, |i| (3.0 * truth(i)) as f32);
    let happens = |i: usize| noise(3 * i + 1) < 1.0 / (1.0 + (-truth(i)).exp());
    let labels = Array1::from_shape_fn(n, |i| f32::from(u8::from(happens(i))));
    (scores, labels)
}

fn diagram(n: usize, base: f64, spacing: Spacing) -> Diagram {
    let (scores, labels) = overconfident(n, base);
    let chances = scores.mapv(|score| 1.0 / (1.0 + (-score).exp()));
    let binning = Binning::new().bins(10).spacing(spacing);
    binning.run(&chances, &labels).unwrap().get(0).unwrap()
}

#[test]
fn a_reliability_diagram_shows_every_bin_its_interval_and_its_examples() {
    let one = diagram(2000, 0.0, Spacing::EqualWidth);
    let plot = one.plot();
    let svg = plot.svg();
    assert_eq!(circles(&svg), 10);
    assert!(svg.contains(&format!(">ECE {:.4}</text>", one.ece())));
    assert!(svg.contains(">predicted probability</text>") && svg.contains(">examples</text>"));
    insta::assert_snapshot!(plot.title("GABPA").description(), @"GABPA: Reliability diagram of predicted probability and observed share; 2000 examples in 10 bins, ECE 0.1397, MCE 0.1816 where 0.5512 was said and 0.3696 happened.");
    // A dot stands at the mean forecast and the share of events.
    let ends = |svg: &str, name: &str| -> Vec<f64> {
        let marks = svg.lines().filter(|line| line.starts_with("<circle"));
        let read = |line: &str| {
            let after = line.split(&format!("{name}=\"")).nth(1).unwrap();
            after.split('"').next().unwrap().parse().unwrap()
        };
        marks.map(read).collect()
    };
    let (x, y) = (ends(&svg, "cx"), ends(&svg, "cy"));
    let (forecast, observed) = (one.forecast(), one.observed());
    let width = (x[9] - x[0]) / (forecast[9] - forecast[0]);
    let height = (y[9] - y[0]) / (observed[9] - observed[0]);
    for at in 0..10 {
        assert!((x[at] - x[0] - width * (forecast[at] - forecast[0])).abs() < 0.03);
        assert!((y[at] - y[0] - height * (observed[at] - observed[0])).abs() < 0.03);
    }
    let two = plot
        .name("before")
        .add("after", &diagram(500, 1.0, Spacing::EqualMass));
    assert_eq!(circles(&two.svg()), 20);
    assert!(two.svg().contains("after, ECE") && two.description().contains("after, 500 examples"));
    let bars = plot.bars().svg();
    assert!(bars.contains(">gap</text>") && circles(&bars) == 0);
    assert_eq!(circles(&two.bars().svg()), 10);
}

#[test]
fn rare_events_have_room_on_axes_of_log_odds() {
    for spacing in [Spacing::EqualMass, Spacing::LogOdds, Spacing::EqualWidth] {
        let rare = diagram(3000, -4.0, spacing);
        let (plain, odds) = (rare.plot(), rare.plot().log_odds());
        assert_eq!(
            circles(&plain.svg()),
            rare.counts().iter().filter(|count| **count > 0.0).count()
        );
        assert!(odds.svg().contains(">0.01</text>") && !plain.svg().contains(">0.01</text>"));
        // Shares of 0 lie on the edge, hollow: a disc and its rim.
        let none = rare
            .observed()
            .iter()
            .filter(|share| **share == 0.0 || **share == 1.0)
            .count();
        assert_eq!(circles(&odds.svg()), circles(&plain.svg()) + none);
        assert!(!odds.bars().svg().contains("NaN"));
    }
    // Certainties have no log-odds, and one value has no span.
    let sure =
        calibration::reliability(&array![0.0_f32, 1.0, 1.0], &array![0.0_f32, 1.0, 1.0]).unwrap();
    insta::assert_snapshot!(sure.plot().log_odds().description(), @"Reliability diagram of predicted probability and observed share; 3 examples in 2 bins, ECE 0, MCE 0.");
    assert!(!sure.plot().log_odds().svg().contains("NaN"));
    let half = calibration::reliability(
        &Array1::from_elem(4, 0.5_f32),
        &array![0.0_f32, 1.0, 1.0, 0.0],
    )
    .unwrap();
    insta::assert_snapshot!(half.plot().bars().log_odds().description(), @"Reliability diagram of predicted probability and observed share; 4 examples in 1 bin, ECE 0, MCE 0.");
    assert!(!half.plot().bars().log_odds().svg().contains("NaN"));
}

#[test]
fn many_tasks_show_the_worst_and_classes_their_confidence() {
    let chances = Array2::from_shape_fn((200, 9), |(i, _)| noise(i) as f32);
    let labels = Array2::from_shape_fn((200, 9), |(i, task)| {
        f32::from(u8::from(noise(i) > 0.1 * task as f64))
    });
    let tasks = calibration::reliability(&chances, &labels).unwrap();
    let plot = tasks.plot();
    assert!(
        plot.description()
            .starts_with("The worst 6 of 9 tasks: Reliability diagram")
    );
    let errors: Vec<f64> = (0..9).map(|task| tasks.get(task).unwrap().ece()).collect();
    for task in 0..9 {
        let worse = errors.iter().filter(|error| **error > errors[task]).count();
        assert_eq!(plot.svg().contains(&format!(">task {task}, ")), worse < 6);
    }
    let scores = Array2::from_shape_fn((400, 3), |(i, class)| 6.0 * noise(i * 3 + class) as f32);
    let classes = Array1::from_shape_fn(400, |i| (i % 3) as f32);
    let found = calibration::Recalibrate::new()
        .run(&scores, &classes)
        .unwrap();
    let top = found.assessment().before().plot().bars();
    assert!(top.svg().contains(">confidence</text>") && top.svg().contains(">accuracy</text>"));
    let both = found.assessment().plot();
    assert!(both.svg().contains("before, ECE") && both.svg().contains("after, ECE"));
    assert!(
        both.description()
            .starts_with("Calibration: temperature: Reliability")
    );
}

#[test]
fn intervals_stand_over_the_numbers_that_they_should_hold() {
    let mean = Array1::from_shape_fn(100, |i| 3.0 * noise(i) as f32);
    let truth = Array1::from_shape_fn(100, |i| mean[i] + 2.0 * (noise(i + 500) - 0.5) as f32);
    let forecast = Forecast::new(&mean, &Array1::from_elem(100, 0.5_f32)).unwrap();
    let intervals = forecast.intervals(0.9).unwrap();
    let plot = intervals.plot(&truth, 0).unwrap();
    // The share is that of all examples, also of those that are not drawn.
    let share = format!(
        "hold the truth, {:.1} %",
        100.0 * intervals.coverage(&truth).unwrap()
    );
    assert!(plot.svg().contains(&share), "{share}");
    assert_eq!(circles(&plot.svg()), 60);
    insta::assert_snapshot!(plot.description(), @"Intervals of level 0.9: Intervals of which 87 of 100 hold the truth; 60 are drawn.");
    let at = display::interval_plot(
        &[0.0, 1.0, f64::NEG_INFINITY],
        &[1.0, 2.0, 0.0],
        &[0.5, 3.0, -9.0],
    );
    assert_eq!(circles(&at.svg()), 3);
    insta::assert_snapshot!(at.at(&[1.0, 2.0, f64::NAN]).description(), @"Intervals of which 1 of 2 hold the truth; 1 have no place and are left out.");
    insta::assert_snapshot!(display::interval_plot(&[0.0], &[1.0, 2.0], &[f64::NAN]).description(), @"Intervals of which 0 of 0 hold the truth; 1 lower ends, 2 upper ends and 1 numbers, which cannot be right; 1 have no place and are left out.");
    assert!(
        display::interval_plot(&[0.0; 0], &[0.0; 0], &[0.0; 0])
            .svg()
            .contains("no data")
    );
    let refused = [
        intervals.plot(&truth, 1).unwrap_err(),
        intervals
            .plot(&truth.slice(genolens::ndarray::s![..5]).to_owned(), 0)
            .unwrap_err(),
    ];
    insta::assert_snapshot!(refused.map(|error| error.to_string()).join("\n"), @r#"
    `output` is 1, expected below 1
    `truth` has shape (5, 1), expected (100, 1) as the forecasts
    "#);
}

#[test]
fn a_radial_plot_names_what_chance_would_not_do() {
    let (effects, errors) = ([0.5, 0.52, 0.45, 2.0, 0.6], [0.1, 0.05, 0.2, 0.25, 0.3]);
    let plain = display::radial(&effects, &errors);
    insta::assert_snapshot!(plain.description(), @"Radial plot of 5 effects.");
    let plot = plain
        .names(&["rs1", "rs2", "rs3", "rs4", "rs5"])
        .at("IVW", 0.52)
        .egger();
    // Least squares by hand: x = 1 / error, y = effect / error.
    let (x, y): (Vec<f64>, Vec<f64>) = effects
        .iter()
        .zip(&errors)
        .map(|(b, s)| (1.0 / s, b / s))
        .unzip();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / 5.0;
    let (mx, my) = (mean(&x), mean(&y));
    let xy: f64 = x.iter().zip(&y).map(|(a, b)| (a - mx) * (b - my)).sum();
    let slope = xy / x.iter().map(|a| (a - mx).powi(2)).sum::<f64>();
    let told = format!(
        "radial Egger at {slope:.4} with intercept {:.3}",
        my - slope * mx
    );
    assert!(
        plot.description().contains(&told),
        "{told}: {}",
        plot.description()
    );
    assert!(
        plot.description().ends_with("outliers rs4."),
        "{}",
        plot.description()
    );
    assert!(plot.svg().contains(">rs4</text>") && !plot.svg().contains(">rs1</text>"));
    assert_eq!(circles(&plot.svg()), 5);
    let odd = display::radial(&[0.0, f64::NAN, 1.0, 2.0], &[0.0, 0.1, -1.0])
        .at("x", f64::NAN)
        .egger();
    insta::assert_snapshot!(odd.description(), @"Radial plot of 4 effects; x at NaN; radial Egger at NaN with intercept NaN; 4 effects and 3 errors, which cannot be right; 4 have no place and are left out.");
    assert!(odd.svg().contains("no data"));
    let one = display::radial(&[1.0], &[0.5]).at("IVW", 1.0).egger();
    assert!(
        one.description().contains("IVW at 1; radial Egger at NaN")
            && one.description().contains("no outlier")
    );
    let (bx, by) = ([0.10, -0.20, 0.0, 0.12], [0.21, -0.39, 0.31, 0.22]);
    let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4])).unwrap();
    insta::assert_snapshot!(instruments.radial().at("IVW", 2.0).description(), @"Radial plot of 4 effects; IVW at 2; no outlier; 1 have no place and are left out.");
}

#[test]
fn what_is_kept_shows_itself() {
    let (scores, labels) = overconfident(300, 0.0);
    let found = calibration::recalibrate(&scores, &labels).unwrap();
    let before = found.assessment().before();
    shown(&found);
    shown(&found.assessment());
    shown(&found.calibrator());
    shown(&before);
    shown(&before.get(0).unwrap());
    shown(&before.get(0).unwrap().brier());
    let brier: BrierParts = before.get(0).unwrap().brier();
    assert!(brier.table().text().contains("resolution"));
    let calibrator: Calibrator = found.calibrator();
    assert_eq!(calibrator.len(), 1);

    let mean = Array1::from_shape_fn(60, |i| noise(i) as f32);
    let truth = Array1::from_shape_fn(60, |i| noise(i + 100) as f32);
    let forecast = Forecast::new(&mean, &Array1::from_elem(60, 0.3_f32)).unwrap();
    let quality = forecast.assess(&truth).unwrap();
    shown(&forecast);
    shown(&quality);
    shown(&forecast.intervals(0.8).unwrap());
    let both = quality.plot(Proportions::Quantile).description();
    assert!(
        both.contains("MACE") && both.contains("level of the quantile"),
        "{both}"
    );
    let quantiles = QuantileCalibration::fit(&forecast, &truth).unwrap();
    shown(&quantiles);
    assert!(quantiles.curve().description().contains("99 points"));
    let scaling = VarianceScaling::fit(&forecast, &truth).unwrap();
    shown(&scaling);
    assert!(scaling.table().text().contains("spread times"));
    shown(&ConformalIntervals::residuals(&mean, &truth, 0.9).unwrap());

    let chances = Array2::from_shape_fn((60, 2), |(i, class)| {
        let first = noise(i) as f32;
        if class == 0 { first } else { 1.0 - first }
    });
    let classes = Array1::from_shape_fn(60, |i| f32::from(u8::from(noise(i + 7) > 0.5)));
    let conformal = Conformal::new().run(&chances, &classes).unwrap();
    shown(&conformal);
    let sets = conformal.sets(&chances).unwrap();
    shown(&sets);
    assert!(sets.bars().description().contains("3 values"));

    let draws = Draws::new(&Array3::from_shape_fn((4, 50, 1), |(member, row, _)| {
        noise(member * 100 + row) as f32
    }))
    .unwrap();
    shown(&draws);
    shown(&draws.task_information());
    assert!(
        draws
            .task_information()
            .table()
            .text()
            .contains("epistemic")
    );
    let change = draws.difference(&draws.rows(&[0]).unwrap()).unwrap();
    shown(&change);
    assert!(change.forest().svg().contains(">unpaired</text>"));

    shown(&shift::mmd(&chances, &chances).unwrap());
    let features = shift::kolmogorov_smirnov(&chances, &(&chances + 0.4_f32)).unwrap();
    shown(&features);
    assert!(features.table().text().contains("concept shift"));
    let weights = shift::importance_weights(&chances, &chances).unwrap();
    shown(&weights);
    assert!(weights.histogram().description().contains("60 values"));
    let priors = shift::estimate_priors((&chances, &classes), &chances).unwrap();
    shown(&priors);
    assert!(priors.plot().svg().contains(">target</text>"));
}
