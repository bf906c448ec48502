//! Points with their lines, and funnels.

use genolens::causal::{self, Estimates, Instruments};
use genolens::display;
use genolens::ndarray::{Array1, Array2};

fn circles(svg: &str) -> usize {
    svg.matches("<circle").count()
}

/// The straight lines of two ends: their paths with colours.
fn lines(svg: &str) -> Vec<&str> {
    let paths = svg
        .lines()
        .filter(|line| line.starts_with("<path") && line.contains("stroke"));
    paths
        .filter(|path| path.matches('L').count() == 1)
        .collect()
}

#[test]
fn points_errors_groups_and_lines_are_drawn_and_told() {
    let plain = display::fit_plot(&[0.0, 1.0, 2.0], &[0.1, 0.9, 2.2]);
    assert_eq!(circles(&plain.svg()), 3);
    insta::assert_snapshot!(plain.description(), @"3 points.");
    let crossed = plain.errors(&[0.1, 0.1, 0.0], &[0.2, 0.0, f64::NAN]);
    let lines = |svg: &str| {
        lines(svg)
            .iter()
            .filter(|line| line.contains("#707070"))
            .count()
    };
    // Crosses stand only where there is an error: two arms, then one, then none.
    assert_eq!(lines(&crossed.svg()), lines(&plain.svg()) + 3);
    let grouped = plain
        .groups(&["a", "a", "b"])
        .line("a", 0.1, 0.8)
        .line("whole", 0.0, 1.0);
    insta::assert_snapshot!(grouped.title("Doses").description(), @"Doses: 3 points in 2 groups; a with slope 0.8 and intercept 0.1; whole with slope 1.");
    assert!(grouped.svg().contains(">whole</text>"));
    insta::assert_snapshot!(plain.errors(&[0.1], &[0.2]).groups(&["x", "y"]).description(), @"3 points in 2 groups; errors for 1 points, which cannot be right; groups for 2 points, which cannot be right.");
}

#[test]
fn lines_end_where_the_plot_or_their_group_ends() {
    let steep = display::fit_plot(&[0.0, 1.0], &[0.0, 1.0]).size(400.0, 300.0);
    for slope in [1e-9, 1.0, -1.0, 1e6, -1e6, 0.0] {
        for intercept in [-1e6, -1.0, 0.0, 0.5, 1e6] {
            let svg = steep.line("fit", intercept, slope).svg();
            for line in lines(&svg) {
                let ends = line
                    .split('"')
                    .nth(1)
                    .unwrap()
                    .trim_start_matches('M')
                    .split('L');
                for end in ends {
                    let (x, y) = end.split_once(' ').unwrap();
                    let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                    let inside = (-0.5..=400.5).contains(&x) && (-0.5..=300.5).contains(&y);
                    assert!(inside, "{slope} {intercept}: {line}");
                }
            }
        }
    }
    let bare = lines(&steep.line("fit", f64::NAN, 1.0).svg()).len();
    assert_eq!(lines(&steep.line("fit", 0.0, 1.0).svg()).len(), bare + 1);
}

#[test]
fn a_funnel_tells_how_many_lie_outside() {
    let pooled = display::funnel(&[0.0, 0.1, 3.0, 0.2], &[0.1, 0.2, 0.5, 0.4]).at("pooled", 0.1);
    assert_eq!(circles(&pooled.svg()), 4);
    insta::assert_snapshot!(pooled.description(), @"Funnel plot of 4 effects; pooled at 0.1; 1 lie outside the funnel of 95 %.");
    let turned = pooled.precision();
    assert!(
        turned.svg().contains("1 / standard error") && !pooled.svg().contains("1 / standard error")
    );
    // No axis of standard errors counts below 0.
    assert!(!pooled.svg().contains(">−0.2</text>"));
    let odd = display::funnel(
        &[0.0, f64::NAN, 1.0, 2.0, 5.0],
        &[0.0, 0.1, -1.0, f64::INFINITY],
    )
    .at("x", f64::NAN);
    insta::assert_snapshot!(odd.description(), @"Funnel plot of 5 effects; x at NaN; 5 effects and 4 errors, which cannot be right; 4 have no place and are left out.");
    insta::assert_snapshot!(odd.precision().description(), @"Funnel plot of 5 effects; x at NaN; 5 effects and 4 errors, which cannot be right; 5 have no place and are left out.");
    assert!(odd.precision().svg().contains("no data"));
    assert!(
        display::funnel(&[] as &[f64], &[] as &[f64])
            .svg()
            .contains("no data")
    );
}

#[test]
fn causal_results_show_themselves() {
    let (bx, by) = ([0.10, -0.20, 0.15, 0.0001], [0.21, -0.39, 0.31, 0.22]);
    let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4])).unwrap();
    let instruments = instruments.with_names("cholesterol", "disease");
    let (ivw, egger) = (
        causal::ivw(&instruments).unwrap(),
        causal::egger(&instruments).unwrap(),
    );
    insta::assert_snapshot!(instruments.scatter().estimate(&ivw).estimate(&egger).description(), @"4 points; inverse-variance weighted with slope 2.007; MR-Egger with slope 0.8406 and intercept 0.1879.");
    // The last variant does not change the exposure, so that its ratio has no place.
    insta::assert_snapshot!(instruments.funnel().at("IVW", ivw.value()).description(), @"Funnel plot of 3 effects; IVW at 2.007; 0 lie outside the funnel of 95 %.");
    let both: Estimates = [ivw, egger].into_iter().collect();
    insta::assert_snapshot!(both.forest().description(), @"Dots of 2 rows, effect; inverse-variance weighted 2.007, 1.081 to 2.934; MR-Egger 0.8406, 0.1123 to 1.569.");
    let without = causal::leave_one_out(&instruments, &causal::Ivw::new()).unwrap();
    assert_eq!(circles(&without.forest().svg()), without.len());
    let pooled = causal::meta_analysis(&[0.3, 0.1, 0.4], &[0.1, 0.1, 0.2]).unwrap();
    insta::assert_snapshot!(pooled.forest().description(), @"Dots of 4 rows, effect; study; 1 0.3, 0.104 to 0.496; 2 0.1, −0.096 to 0.296; 3 0.4, 0.008007 to 0.792; pooled missing; pooled; 1 missing; 2 missing; 3 missing; pooled 0.2312, 0.06229 to 0.4001.");
    insta::assert_snapshot!(pooled.funnel().description(), @"Funnel plot of 3 effects; pooled at 0.2312; 0 lie outside the funnel of 95 %.");
    let lines = causal::opposed_lines();
    let stories = causal::partition(lines.x(), lines.y(), lines.groups()).unwrap();
    assert_eq!(
        circles(&stories.reversal("0").unwrap().plot().svg()),
        60 + 5
    );
}

/// Of eight features two flip, the last of them more surely; a ninth has no story.
/// A curve has its interval and ordinary regression beside it, from left to right whatever the order of exposures.
#[test]
fn a_response_is_drawn_beside_ordinary_regression() {
    let n = 120;
    let hidden = |row: usize| ((row * 7919) % 101) as f64 / 50.0 - 1.0;
    let z = Array2::from_shape_fn((n, 1), |(row, _)| (row % 30) as f64 / 10.0);
    let x: Vec<f64> = (0..n).map(|row| z[[row, 0]] + hidden(row)).collect();
    let y: Vec<f64> = (0..n)
        .map(|row| x[row].powi(2) - 3.0 * hidden(row))
        .collect();
    let quick = genolens::training::Fit::new().epochs(1);
    let method = causal::DeepIv::new().members(2).hidden(&[4]);
    let method = method.first_stage(quick.clone()).second_stage(quick);
    let found = method
        .run(&causal::Individuals::new(&x, &y, &z).unwrap())
        .unwrap();
    let plot = |exposures: &[f64]| found.effect(exposures).unwrap().plot();
    let (rising, mixed) = (plot(&[0.0, 1.0, 2.0]), plot(&[2.0, 0.0, 1.0]));
    assert_eq!(rising.svg(), mixed.svg());
    let truth = rising.add("truth", &[0.0, 1.0, 2.0], &[0.0, 1.0, 4.0]);
    let told = truth.description();
    assert!(
        told.starts_with("Line plot of outcome over exposure; with instruments; 3 points"),
        "{told}"
    );
    for part in [
        "shaded",
        "; without instruments; 3 points",
        "; truth; 3 points, x 0 to 2, y 0 to 4",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let one = plot(&[1.0]);
    assert!(
        one.description().contains("1 point"),
        "{}",
        one.description()
    );
}

#[test]
fn stories_are_drawn_the_surest_flips_first() {
    let lines = causal::opposed_lines();
    let y = lines.y();
    let x = Array2::from_shape_fn((60, 9), |(row, feature)| {
        let (own, noise) = (
            lines.x()[(row, 0)],
            (7.3 * row as f64 + feature as f64).sin(),
        );
        match feature {
            3 => own + 3.0 * noise,
            5 => own,
            8 => 1.0,
            _ => noise,
        }
    });
    let names = ["a", "b", "c", "weak", "d", "strong", "e", "f", "constant"];
    let stories = causal::Partition::new()
        .features(&names)
        .run(&x, y, lines.groups())
        .unwrap();
    let told = stories.plot().description();
    let panels: Vec<&str> = told.split("60 points").skip(1).collect();
    assert_eq!(panels.len(), 6);
    for (panel, slope) in panels.iter().zip(["−0.859", "−0.4722"]) {
        assert!(
            panel.contains(&format!("whole with slope {slope}")),
            "{told}"
        );
    }
    // Nothing to draw is no error.
    let nothing = causal::partition(
        &Array2::zeros((4, 1)),
        &Array1::zeros(4),
        &["a", "a", "b", "b"],
    );
    assert!(nothing.unwrap().plot().svg().starts_with("<svg"));
}
