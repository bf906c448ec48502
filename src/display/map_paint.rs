//! Draws maps: panels in rows, points, shades, lines, names and a caption.

use super::axis;
use super::canvas::{Anchor, Canvas, Paint as Ink, Rect, Text};
use super::chart::{self, MARGIN, MEDIUM, SMALL, TITLE};
use super::density::{Density, NODES};
use super::figure::{COLUMN, Draw};
use super::flat_png::Flat;
use super::font;
use super::frame::Frame;
use super::legend::{Bar, Columns};
use super::map_coloring::{self as coloring, NONE, Paint, Panel, UNLABELLED};
use super::map_page;
use super::map_plot::MapPlot;
use super::map_points::Sheet;
use super::palette::{self, Color, ColorMap};
use std::fmt::Write as _;

/// More points than this become one raster layer.
const MANY: usize = 2000;
/// What the raster layers of a picture may weigh together, in bytes; finer ones are made again with a quarter of the pixels.
const WEIGHT: usize = 55_000;
/// Room between panels.
const GAP: f64 = 10.0;
/// Height of a line of the caption.
const LINE: f64 = 15.0;
/// What the lines of density enclose.
const ENCLOSED: [f64; 5] = [0.9, 0.7, 0.5, 0.3, 0.1];

/// Where panels and caption stand.
struct Layout {
    columns: usize,
    /// Width of the plot of every panel.
    plot: (f64, f64),
    /// Room right of the plots, for each column.
    right: Vec<f64>,
    left: f64,
    top: f64,
    bottom: f64,
    /// Room above everything.
    head: f64,
    caption: Vec<String>,
}

impl MapPlot {
    /// Returns the panels, one without colours when there is none.
    pub(super) fn shown(&self) -> Vec<Panel> {
        if self.panels.is_empty() {
            let name = String::new();
            let paint = Paint::Plain;
            return vec![Panel { name, paint }];
        }
        self.panels.to_vec()
    }

    /// Returns how many panels stand in a row, and the size of their plots.
    pub(super) fn grid(&self) -> (usize, (f64, f64)) {
        let layout = self.layout(self.frame.size.map(|_| self.extent()));
        (layout.columns, layout.plot)
    }

    fn names_panels(&self) -> bool {
        self.panels.iter().any(|panel| !panel.name.is_empty())
    }

    pub(super) fn bar<'a>(&self, panel: &'a Panel) -> Option<Bar<'a>> {
        let range = panel.paint.range(self.look.range)?;
        Some(Bar {
            map: self.look.map,
            range,
            label: None,
        })
    }

    pub(super) fn legend(&self, panel: &Panel) -> Vec<(String, Color)> {
        match &panel.paint {
            Paint::Categories(labels) => labels.legend(self.look.palette, &self.look.highlighted),
            _ => Vec::new(),
        }
    }

    /// Returns the room that a panel needs right of its plot.
    fn beside_plot(&self, panel: &Panel, height: f64) -> f64 {
        let bar = self.bar(panel).map_or(0.0, |bar| bar.width());
        let names = self.legend(panel);
        if self.look.on_data || names.is_empty() {
            return bar + MARGIN;
        }
        Columns::new(&names, height).width() + MARGIN
    }

    /// Lays everything out in a size, or in the size that it takes by itself.
    fn layout(&self, size: Option<(f64, f64)>) -> Layout {
        let panels = self.shown();
        let side = match panels.len() {
            1 => 340.0,
            2 => 300.0,
            _ => 205.0,
        };
        let label = |label: &Option<String>| if label.is_some() { 18.0 } else { 0.0 };
        let left = MARGIN + label(&self.frame.y_label);
        let bottom = MARGIN + label(&self.frame.x_label);
        let top = if self.names_panels() { TITLE } else { MARGIN };
        let head = if self.frame.title.is_some() {
            TITLE
        } else {
            0.0
        };
        let room = size.map_or(COLUMN, |size| size.0);
        let beside = |columns: usize, height: f64| -> Vec<f64> {
            let column = |at: usize| panels.iter().skip(at).step_by(columns);
            let widest = |at| column(at).map(|panel| self.beside_plot(panel, height));
            (0..columns)
                .map(|at| widest(at).fold(0.0, f64::max))
                .collect()
        };
        let whole = |columns: usize| {
            let gaps = GAP * (columns - 1) as f64;
            (left + side) * columns as f64 + beside(columns, side).iter().sum::<f64>() + gaps
        };
        let fit = (1..=panels.len().min(4)).rev().find(|c| whole(*c) <= room);
        let columns = (self.look.columns.or(fit).unwrap_or(1)).min(panels.len());
        let rows = panels.len().div_ceil(columns);
        let gaps = |count: usize| GAP * (count - 1) as f64;
        let wide = size.map_or_else(|| whole(columns), |size| size.0);
        let caption = wrapped(
            self.caption.as_deref().unwrap_or_default(),
            wide - 2.0 * MARGIN,
        );
        let foot = LINE * caption.len() as f64;
        let plot = size.map_or((side, side), |(wide, tall)| {
            let tall = (tall - head - foot - gaps(rows)) / rows as f64 - top - bottom;
            let wide = wide - gaps(columns) - beside(columns, tall.max(10.0)).iter().sum::<f64>();
            ((wide / columns as f64 - left).max(10.0), tall.max(10.0))
        });
        let plot = (plot.0.round(), plot.1.round());
        Layout {
            columns,
            plot,
            right: beside(columns, plot.1),
            left,
            top,
            bottom,
            head,
            caption,
        }
    }

    /// Returns the points in the order in which they are drawn, with the place of their colour: 0 grey, then the categories or the steps.
    pub(super) fn order(&self, panel: &Panel) -> Vec<(usize, usize)> {
        let all = 0..self.points.len();
        let mut order: Vec<(usize, usize)> = match &panel.paint {
            Paint::Plain => all.map(|at| (at, 1)).collect(),
            Paint::Missing(_) => all.map(|at| (at, 0)).collect(),
            Paint::Categories(labels) => {
                let code = |at| labels.code(at, &self.look.highlighted);
                let most = self.look.palette.most();
                all.map(|at| (at, code(at).map_or(0, |code| code % most + 1)))
                    .collect()
            }
            Paint::Values(values) => {
                let range = panel.paint.range(self.look.range).unwrap_or((0.0, 1.0));
                let step = |at: usize| {
                    let step = values.get(at).and_then(|v| coloring::step(*v, range));
                    step.map_or(0, |step| usize::from(step) + 1)
                };
                all.map(|at| (at, step(at))).collect()
            }
        };
        let sorted = self.look.sorted && matches!(panel.paint, Paint::Values(_));
        // The sort is stable: points of one kind keep their order.
        order.sort_by_key(|(_, color)| {
            if sorted {
                *color
            } else {
                usize::from(*color > 0)
            }
        });
        order
    }

    /// Returns the colours that [`order`](Self::order) counts.
    pub(super) fn inks(&self, panel: &Panel) -> Vec<Color> {
        let mut colors = vec![NONE];
        match &panel.paint {
            Paint::Plain => colors.extend(self.look.palette.colors(1)),
            Paint::Missing(_) => {}
            Paint::Categories(labels) => {
                colors.extend(self.look.palette.colors(labels.names.len()));
            }
            Paint::Values(_) => colors.extend(coloring::ramp(self.look.map)),
        }
        colors
    }

    fn dots(&self, canvas: &mut Canvas, plot: Rect, panel: &Panel) {
        let (order, colors) = (self.order(panel), self.inks(panel));
        let radius = self.points.radius(self.look.area);
        if self.points.finite <= MANY {
            for (at, color) in order {
                if let Some((x, y)) = self.points.shares(at) {
                    let place = (plot.x + plot.width * x, plot.bottom() - plot.height * y);
                    canvas.circle(place, radius, Ink::fill(colors[color]));
                }
            }
            return;
        }
        let budget = WEIGHT / self.panels.len().max(1);
        let heavy = |png: &Vec<u8>| png.len() > budget;
        let layer = |zoom, step| self.layer(plot, (zoom, step), (&order, &colors, radius));
        let mut png = layer(2.0, 1);
        if png.as_ref().is_some_and(heavy) {
            png = layer(1.0, 1);
        }
        // Noise of many colours is left with few of them.
        if png.as_ref().is_some_and(heavy) && matches!(panel.paint, Paint::Values(_)) {
            png = layer(1.0, 16);
        }
        if let Some(png) = png {
            canvas.image(plot, &png);
        }
    }

    fn layer(
        &self,
        plot: Rect,
        (zoom, step): (f64, usize),
        (order, colors, radius): (&[(usize, usize)], &[Color], f64),
    ) -> Option<Vec<u8>> {
        let (wide, tall) = (plot.width * zoom, plot.height * zoom);
        let mut sheet = Sheet::new(wide as usize, tall as usize);
        for &(at, color) in order {
            if let Some((x, y)) = self.points.shares(at) {
                let color = match color {
                    0 => 0,
                    color => ((color - 1) / step * step + 1 + step / 2).min(colors.len() - 1),
                };
                // Index 0 is the paper.
                let place = (x * wide, (1.0 - y) * tall);
                sheet.disc(place, radius * zoom, (color + 1).min(255) as u8);
            }
        }
        Flat {
            width: sheet.width,
            height: sheet.height,
            pixels: sheet.pixels,
            colors: [palette::WHITE]
                .into_iter()
                .chain(colors.iter().copied().take(255))
                .collect(),
            clear: true,
        }
        .png()
    }

    /// Returns the density of the points when something shows it.
    fn density(&self) -> Option<Density> {
        if !self.look.contours && !self.look.shading {
            return None;
        }
        let shares: Vec<_> = (0..self.points.len())
            .filter_map(|at| self.points.shares(at))
            .collect();
        Density::new(&shares)
    }

    /// Returns the lines of equal density in shares of the plane.
    pub(super) fn contour_lines(&self) -> Vec<Vec<(f64, f64)>> {
        let density = self.density().filter(|_| self.look.contours);
        let lines = |density: Density| {
            let levels = ENCLOSED.map(|share| density.level(share));
            levels
                .iter()
                .flat_map(|level| density.lines(*level))
                .collect()
        };
        density.map(lines).unwrap_or_default()
    }

    fn shade(&self, canvas: &mut Canvas, plot: Rect) {
        let Some(density) = self.density().filter(|_| self.look.shading) else {
            return;
        };
        let flat = Flat {
            width: NODES,
            height: NODES,
            pixels: (0..NODES * NODES)
                .map(|at| {
                    let (row, column) = (NODES - 1 - at / NODES, at % NODES);
                    (density.values[row * NODES + column].sqrt() * 63.0).round() as u8
                })
                .collect(),
            colors: (0..64)
                .map(|step| ColorMap::Light.color(f64::from(step) / 90.0))
                .collect(),
            clear: true,
        };
        if let Some(png) = flat.png() {
            canvas.image(plot, &png);
        }
    }

    /// Writes the names of categories at the medians of their points.
    fn names(&self, canvas: &mut Canvas, plot: Rect, panel: &Panel) {
        let Paint::Categories(labels) = &panel.paint else {
            return;
        };
        for (name, at) in self.medians(labels.names.len(), |at| {
            labels.code(at, &self.look.highlighted)
        }) {
            let Some(text) = labels.names.get(name) else {
                continue;
            };
            let place = (
                plot.x + plot.width * at.0,
                plot.bottom() - plot.height * at.1,
            );
            let half = font::width(text, MEDIUM) / 2.0 + 3.0;
            let edge = Rect::new((place.0 - half, place.1 - 8.0), (2.0 * half, 16.0));
            canvas.rect(edge, Ink::fill(palette::WHITE).opacity(0.75));
            canvas.text(place, text, Text::new(MEDIUM).anchor(Anchor::Middle));
        }
    }

    /// Returns the median place of the points of each kind, in shares.
    pub(super) fn medians(
        &self,
        kinds: usize,
        kind: impl Fn(usize) -> Option<usize>,
    ) -> Vec<(usize, (f64, f64))> {
        let mut members: Vec<(Vec<f64>, Vec<f64>)> = vec![Default::default(); kinds];
        for at in 0..self.points.len() {
            if let (Some(kind), Some((x, y))) = (kind(at), self.points.shares(at)) {
                members[kind].0.push(x);
                members[kind].1.push(y);
            }
        }
        let median = |values: &mut Vec<f64>| {
            values.sort_by(f64::total_cmp);
            let n = values.len();
            f64::midpoint(values[(n - 1) / 2], values[n / 2])
        };
        let there = members
            .iter_mut()
            .enumerate()
            .filter(|(_, m)| !m.0.is_empty());
        there
            .map(|(kind, (x, y))| (kind, (median(x), median(y))))
            .collect()
    }

    fn panel_at(&self, canvas: &mut Canvas, (plot, layout): (Rect, &Layout), panel: &Panel) {
        let middle = plot.x + plot.width / 2.0;
        if !panel.name.is_empty() {
            let name = font::fit(&panel.name, MEDIUM + 1.0, plot.width + 30.0);
            let place = (middle, plot.y - TITLE / 2.0 + 1.0);
            canvas.text(place, &name, Text::new(MEDIUM + 1.0).anchor(Anchor::Middle));
        }
        self.shade(canvas, plot);
        self.dots(canvas, plot, panel);
        for line in self.contour_lines() {
            let pixels: Vec<(f64, f64)> = line
                .iter()
                .map(|(x, y)| (plot.x + plot.width * x, plot.bottom() - plot.height * y))
                .collect();
            canvas.path(&pixels, Ink::stroke(palette::INK, 0.8).opacity(0.75));
        }
        self.lines.draw(canvas, plot, |at| {
            let (x, y) = self.points.share(at);
            (plot.x + plot.width * x, plot.bottom() - plot.height * y)
        });
        if self.look.on_data {
            self.names(canvas, plot, panel);
        }
        canvas.rect(plot, Ink::stroke(palette::INK, 0.9));
        if let Paint::Missing(what) = &panel.paint {
            let text = font::fit(what, SMALL, plot.width - 8.0);
            let place = (middle, plot.y + 11.0);
            canvas.text(place, &text, Text::new(SMALL).anchor(Anchor::Middle));
        }
        if self.points.finite == 0 {
            chart::no_data(canvas, plot);
        }
        if let Some(label) = &self.frame.x_label {
            let text = font::fit(label, MEDIUM, plot.width);
            let place = (middle, plot.bottom() + 11.0);
            canvas.text(place, &text, Text::new(MEDIUM).anchor(Anchor::Middle));
        }
        if let Some(label) = &self.frame.y_label {
            let text = font::fit(label, MEDIUM, plot.height);
            let place = (plot.x - 11.0, plot.y + plot.height / 2.0);
            canvas.text(
                place,
                &text,
                Text::new(MEDIUM).anchor(Anchor::Middle).turn(-90),
            );
        }
        let names = self.legend(panel);
        if let Some(bar) = self.bar(panel) {
            bar.draw(canvas, plot);
        } else if !self.look.on_data && !names.is_empty() {
            Columns::new(&names, layout.plot.1).draw(canvas, plot);
        }
    }
}

impl Draw for MapPlot {
    fn extent(&self) -> (f64, f64) {
        let layout = self.layout(None);
        let rows = self.shown().len().div_ceil(layout.columns) as f64;
        let columns = layout.columns as f64;
        let wide = (layout.left + layout.plot.0) * columns
            + layout.right.iter().sum::<f64>()
            + GAP * (columns - 1.0);
        let tall = layout.head
            + (layout.top + layout.plot.1 + layout.bottom) * rows
            + GAP * (rows - 1.0)
            + LINE * layout.caption.len() as f64;
        self.frame.size_or(wide, tall)
    }

    fn draw(&self, canvas: &mut Canvas, area: Rect) {
        let layout = self.layout(Some((area.width, area.height)));
        let title = Frame {
            title: self.frame.title.clone(),
            ..Frame::default()
        };
        chart::title(canvas, &title, (area.x + layout.left, area));
        let panels = self.shown();
        let mut y = area.y + layout.head;
        for row in panels.chunks(layout.columns) {
            let mut x = area.x;
            for (panel, right) in row.iter().zip(&layout.right) {
                let corner = ((x + layout.left).round(), (y + layout.top).round());
                let plot = Rect::new(corner, layout.plot);
                self.panel_at(canvas, (plot, &layout), panel);
                x += layout.left + layout.plot.0 + right + GAP;
            }
            y += layout.top + layout.plot.1 + layout.bottom + GAP;
        }
        for (at, line) in layout.caption.iter().rev().enumerate() {
            let place = (
                area.x + layout.left,
                area.bottom() - LINE * (at as f64 + 0.5) - 2.0,
            );
            canvas.text(place, line, Text::new(SMALL).color(palette::FAINT));
        }
    }

    fn describe(&self) -> String {
        let n = self.points.len();
        let mut text = format!("Map of {n} points");
        if self.points.columns < 2 {
            let columns = self.points.columns;
            let _ = write!(text, "; no data: {columns} columns where two are needed");
        } else if n == 0 {
            text += "; no data";
        }
        for panel in self.panels.iter() {
            self.describe_panel(&mut text, panel);
        }
        let unknown: Vec<&str> = self.unknown_highlights();
        if !unknown.is_empty() {
            let _ = write!(text, "; nothing is called {}", unknown.join(", "));
        }
        if n > self.points.finite {
            let _ = write!(
                text,
                "; {} points are not finite and left out",
                n - self.points.finite
            );
        }
        if !self.lines.words.is_empty() {
            let _ = write!(text, "; {}", self.lines.words);
        }
        text.push('.');
        if let Some(caption) = &self.caption {
            let _ = write!(text, " {caption}");
        }
        self.frame.describe(&text)
    }

    fn is_explored(&self) -> bool {
        true
    }

    fn page(&self, plain: &str, room: usize) -> Option<String> {
        map_page::page(self, plain, room)
    }
}

impl MapPlot {
    fn describe_panel(&self, text: &mut String, panel: &Panel) {
        let (n, name) = (self.points.len(), &panel.name);
        let (given, lacking) = match &panel.paint {
            Paint::Plain => return,
            Paint::Missing(what) => {
                let _ = write!(text, "; no colours: {what}");
                return;
            }
            Paint::Categories(labels) => {
                let counts = labels.names.iter().zip(&labels.counts).take(12);
                let counts = counts.map(|(name, count)| format!("{name} ({count})"));
                let counts: Vec<String> = counts.collect();
                let kinds = labels.names.len();
                let _ = write!(text, "; {name} of {kinds} kinds: {}", counts.join(", "));
                if kinds > self.look.palette.most() {
                    *text += "; colours come again";
                }
                let lacking = labels.codes.iter().filter(|code| **code == UNLABELLED);
                (labels.codes.len(), lacking.count())
            }
            Paint::Values(values) => {
                if let Some((low, high)) = axis::span(values.iter().copied()) {
                    let (low, high) = (axis::plain(low), axis::plain(high));
                    let _ = write!(text, "; {name} from {low} to {high}");
                }
                (values.len(), values.iter().filter(|v| v.is_nan()).count())
            }
        };
        if given != n {
            let _ = write!(text, "; {given} for {n} points, which cannot be right");
        }
        if lacking > 0 {
            let _ = write!(text, "; {lacking} points have no {name} and are grey");
        }
    }

    fn unknown_highlights(&self) -> Vec<&str> {
        let known = |wanted: &&String| {
            self.panels.iter().any(|panel| match &panel.paint {
                Paint::Categories(labels) => labels.names.contains(wanted),
                _ => false,
            })
        };
        let wanted = self.look.highlighted.iter();
        wanted
            .filter(|name| !known(name))
            .map(String::as_str)
            .collect()
    }
}

/// Breaks a text into lines of a width.
fn wrapped(text: &str, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if font::width(line, SMALL) + font::width(word, SMALL) + 4.0 < room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}
