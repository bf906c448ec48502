//! The curves of a task that records numbers.

use super::curve::{Curve, curve};
use super::figure::{Figure, grid};
use crate::progress::{Report, State};

/// Draws what a task has recorded, one panel for each quantity; `None` where nothing makes a line yet.
pub(super) fn figure(report: &Report) -> Option<Figure> {
    let mut panels: Vec<Curve> = Vec::new();
    let mut quantities: Vec<&str> = Vec::new();
    for series in &report.series {
        if !quantities.contains(&series.what()) {
            quantities.push(series.what());
        }
    }
    for what in quantities {
        let lines = report.series.iter().filter(|series| series.what() == what);
        let mut panel: Option<Curve> = None;
        for line in lines.filter(|line| line.points().len() > 1) {
            let xs: Vec<f64> = line.points().iter().map(|point| point.0).collect();
            let ys: Vec<f64> = line.points().iter().map(|point| point.1).collect();
            panel = Some(match panel {
                None => curve(&xs, &ys).name(line.name()),
                Some(panel) => panel.add(line.name(), &xs, &ys),
            });
        }
        let style = |panel: Curve| panel.x_label(&report.axis).y_label(what).size(420.0, 250.0);
        panels.extend(panel.map(style));
    }
    match &panels[..] {
        [] => None,
        [one] => Some(one.figure()),
        several => Some(grid(several, 2)),
    }
}

/// Draws what remains of several tasks, with titles that say how far they came; `None` where none has recorded anything.
pub(super) fn figures(reports: &[&Report]) -> Option<Figure> {
    let titled = |report: &&Report| Some(figure(report)?.title(&title(report)));
    let figures: Vec<Figure> = reports.iter().filter_map(titled).collect();
    match &figures[..] {
        [] => None,
        [one] => Some(one.clone()),
        several => {
            let wide = several.iter().any(|figure| figure.extent().0 > 500.0);
            Some(grid(several, if wide { 1 } else { 2 }))
        }
    }
}

fn title(report: &Report) -> String {
    let mut title = report.task.clone();
    if report.state == State::Stopped {
        title += ", stopped";
    }
    if !report.detail.is_empty() {
        title = title + ": " + &report.detail;
    }
    title
}
