//! Attributions as logos and heatmaps.

use super::value::shown;
use crate::attribution::Attribution;
use crate::display::Figure;
use crate::display::figure::grid;
use crate::display::heatmap::{Heatmap, heatmap};
use crate::display::logo::{Logo, logo};
use ndarray::{Array2, Axis};

/// Sequences that are shown of several.
const MOST: usize = 5;

impl Attribution {
    /// Draws the first sequence, every letter as tall as its score; take another one with `get`.
    pub fn logo(&self) -> Logo {
        self.drawn(0)
    }

    /// Draws the first five sequences under each other.
    pub fn logos(&self) -> Figure {
        let logos: Vec<Logo> = (0..self.len().min(MOST)).map(|i| self.drawn(i)).collect();
        grid(&logos, 1)
    }

    /// Draws the scores of all letters at all positions of the first sequence, negative ones blue.
    pub fn heatmap(&self) -> Heatmap {
        let names: Vec<char> = self.letters().chars().collect();
        let scores = if self.is_empty() {
            Array2::zeros((0, 0))
        } else {
            self.scores().index_axis(Axis(0), 0).to_owned()
        };
        let map = heatmap(&scores)
            .rows(&names)
            .center(0.0)
            .value_label("score");
        if self.is_empty() {
            map
        } else {
            map.title(&self.caption(0))
        }
    }

    fn caption(&self, index: usize) -> String {
        format!("{}: {}", self.sequences().name(index), self.method())
    }

    fn letters(&self) -> String {
        String::from_utf8_lossy(self.sequences().alphabet().letters()).into_owned()
    }

    fn drawn(&self, index: usize) -> Logo {
        let (_, rows, columns) = self.scores().dim();
        let mut heights = Array2::zeros((rows, if self.is_empty() { 0 } else { columns }));
        if let (false, Ok(observed)) = (self.is_empty(), self.observed()) {
            for (position, letter) in self.sequences().letters(index).iter().enumerate() {
                if let Some(row) = self.sequences().alphabet().index(*letter) {
                    heights[[row, position]] = observed[[index, position]];
                }
            }
        }
        let drawn = logo(&heights).letters(&self.letters()).y_label("score");
        if self.is_empty() {
            drawn
        } else {
            drawn.title(&self.caption(index))
        }
    }
}

shown!(Attribution, |scores| {
    if scores.len() > 1 {
        scores.logos().bundle()
    } else {
        scores.logo().figure().bundle()
    }
});
