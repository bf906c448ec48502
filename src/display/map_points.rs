//! The points of a map: where they are, how large, and how many of them become pixels.

use super::axis;
use super::mark::mark;
use super::selection::Selection;
use crate::Result;
use ndarray::Array2;

/// Points in a plane.
#[derive(Debug)]
pub(crate) struct Points {
    pub(crate) places: Vec<(f64, f64)>,
    /// Columns of the matrix that they came from.
    pub(crate) columns: usize,
    /// The ends of both axes, a twentieth wider than the points.
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
    pub(crate) finite: usize,
}

impl Points {
    pub(crate) fn new(matrix: &Array2<f64>) -> Self {
        let columns = matrix.ncols();
        let rows = matrix.rows().into_iter().filter(|_| columns > 1);
        let places: Vec<(f64, f64)> = rows.map(|row| (row[0], row[1])).collect();
        let finite = |place: &&(f64, f64)| place.0.is_finite() && place.1.is_finite();
        let ends = |pick: fn(&(f64, f64)) -> f64| {
            let span = axis::span(places.iter().filter(finite).map(pick));
            let scale = axis::Scale::linear(span, 0.05, 1);
            (scale.low, scale.high)
        };
        Self {
            x: ends(|place| place.0),
            y: ends(|place| place.1),
            finite: places.iter().filter(finite).count(),
            columns,
            places,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Returns the name by which a selection is kept: pictures of the same points share it, whatever their colours.
    pub(crate) fn name(&self) -> String {
        let numbers = self.places.iter().flat_map(|(x, y)| [*x, *y]);
        format!("{:016x}", mark(numbers.flat_map(f64::to_le_bytes)))
    }

    /// Returns where a place lies in the plane, both from 0 to 1 and y upwards.
    pub(crate) fn share(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (
            (x - self.x.0) / (self.x.1 - self.x.0),
            (y - self.y.0) / (self.y.1 - self.y.0),
        )
    }

    /// Returns the shares of a point; none when it is not finite.
    pub(crate) fn shares(&self, point: usize) -> Option<(f64, f64)> {
        let (x, y) = self.share(*self.places.get(point)?);
        (x.is_finite() && y.is_finite()).then_some((x, y))
    }

    /// Returns the area of a point in square points (a 72nd inch squared).
    pub(crate) fn area(&self, wanted: Option<f64>) -> f64 {
        let usual = 120_000.0 / self.places.len().max(1) as f64;
        wanted.map_or(usual.clamp(0.5, 120.0), |area| area.clamp(0.05, 2000.0))
    }

    /// Returns the radius of a point in CSS pixels: in matplotlib the root of the area is the diameter.
    pub(crate) fn radius(&self, wanted: Option<f64>) -> f64 {
        self.area(wanted).sqrt() / 2.0 * 96.0 / 72.0
    }

    /// Asks our kernel what was selected last on a picture of these points.
    pub(crate) fn selection(&self) -> Result<Selection> {
        Selection::ask(&self.name(), self.len(), |polygon| self.inside(polygon))
    }

    /// Returns the points inside a polygon, by the even-odd rule.
    pub(crate) fn inside(&self, polygon: &[(f64, f64)]) -> Vec<usize> {
        let is_inside = |(x, y): (f64, f64)| {
            let mut inside = false;
            let mut before = polygon.len() - 1;
            for (at, &(right, top)) in polygon.iter().enumerate() {
                let (left, bottom) = polygon[before];
                if (top > y) != (bottom > y)
                    && x < (left - right) * (y - top) / (bottom - top) + right
                {
                    inside = !inside;
                }
                before = at;
            }
            inside
        };
        let all = self.places.iter().enumerate();
        all.filter(|(_, place)| polygon.len() > 2 && is_inside(**place))
            .map(|(at, _)| at)
            .collect()
    }
}

/// A grid of pixels that points are dropped on: one byte a pixel, 0 where there is nothing.
pub(crate) struct Sheet {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<u8>,
}

impl Sheet {
    pub(crate) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            pixels: vec![0; width * height],
        }
    }

    /// Fills the pixels whose middles lie in a disc, at least the one under its middle.
    pub(crate) fn disc(&mut self, (x, y): (f64, f64), radius: f64, index: u8) {
        let (wide, tall) = (self.width as f64, self.height as f64);
        if !(x > -radius && y > -radius && x < wide + radius && y < tall + radius) {
            return;
        }
        let rows = (y - radius - 0.5).ceil().max(0.0)..=(y + radius - 0.5).floor().min(tall - 1.0);
        let (first, last) = (*rows.start() as usize, *rows.end());
        let mut row = first;
        while row as f64 <= last {
            let down = row as f64 + 0.5 - y;
            let half = (radius * radius - down * down).max(0.0).sqrt();
            let from = (x - half - 0.5).ceil().max(0.0) as usize;
            let to = (x + half - 0.5).floor().min(wide - 1.0);
            if to >= 0.0 && from as f64 <= to {
                let line = row * self.width;
                self.pixels[line + from..=line + to as usize].fill(index);
            }
            row += 1;
        }
        if x >= 0.0 && y >= 0.0 && x < wide && y < tall {
            self.pixels[y as usize * self.width + x as usize] = index;
        }
    }
}
