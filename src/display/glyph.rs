//! Letters of logos as outlines that fill a unit box.

use super::font;
use skrifa::outline::OutlinePen;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

/// The side of the box: whole numbers keep the outlines short.
pub(crate) const UNIT: f64 = 1000.0;

static OUTLINES: OnceLock<BTreeMap<u8, String>> = OnceLock::new();

/// Returns the path of a letter, filling the box from (0, 0) at the upper left to (`UNIT`, `UNIT`).
pub(crate) fn outline(letter: u8) -> Option<&'static str> {
    let all = OUTLINES.get_or_init(|| {
        (b'A'..=b'Z')
            .filter_map(|letter| Some((letter, normalised(letter)?)))
            .collect()
    });
    all.get(&letter).map(String::as_str)
}

fn normalised(letter: u8) -> Option<String> {
    let mut pen = Pen::default();
    font::trace(char::from(letter), &mut pen)?;
    let points = || pen.steps.iter().flat_map(|step| &step.1);
    let fold = |pick: fn(&(f32, f32)) -> f32| {
        points()
            .map(pick)
            .fold((f32::MAX, f32::MIN), |(low, high), v| {
                (low.min(v), high.max(v))
            })
    };
    let ((left, right), (bottom, top)) = (fold(|p| p.0), fold(|p| p.1));
    // I is narrow: stretched over the whole box it would look like a block.
    let (mut left, mut right) = (left, right);
    let narrow = (top - bottom) * 0.5 - (right - left);
    if narrow > 0.0 {
        left -= narrow / 2.0;
        right += narrow / 2.0;
    }
    let mut path = String::new();
    for (name, points) in &pen.steps {
        path.push(*name);
        for (i, &(x, y)) in points.iter().enumerate() {
            let x = f64::from((x - left) / (right - left)) * UNIT;
            let y = f64::from((top - y) / (top - bottom)) * UNIT;
            let space = if i == 0 { "" } else { " " };
            let _ = write!(path, "{space}{x:.0} {y:.0}");
        }
    }
    Some(path)
}

#[derive(Default)]
struct Pen {
    steps: Vec<(char, Vec<(f32, f32)>)>,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.steps.push(('M', vec![(x, y)]));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.steps.push(('L', vec![(x, y)]));
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.steps.push(('Q', vec![(cx, cy), (x, y)]));
    }

    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.steps.push(('C', vec![(ax, ay), (bx, by), (x, y)]));
    }

    fn close(&mut self) {
        self.steps.push(('Z', Vec::new()));
    }
}
