//! Maximum-entropy samples as logos and traces.

use super::value::shown;
use crate::display::Figure;
use crate::display::curve::{Curve, curve};
use crate::display::logo::{Logo, logo};
use crate::synthesis::MaxEntropySamples;
use ndarray::{Array2, Axis};

/// Chains that are drawn in one picture.
const CHAINS: usize = 8;

impl MaxEntropySamples {
    /// Draws what the samples of the first input agree on: letters as tall as their share times the bits by which the position differs
    /// from the field alone; take another one with `get`.
    pub fn logo(&self) -> Logo {
        self.drawn(&self.first_heights(), "samples")
    }

    /// Draws the letters of the first input, each as tall as the samples constrain its position.
    pub fn input_logo(&self) -> Logo {
        let heights = self.first_heights();
        let mut own = Array2::zeros(heights.dim());
        if !self.is_empty() {
            let letters = self.inputs().letters(0).iter().enumerate();
            for (position, letter) in letters {
                if let Some(row) = self.inputs().alphabet().index(*letter) {
                    own[[row, position]] = heights.column(position).sum();
                }
            }
        }
        self.drawn(&own, "input")
    }

    /// Draws the first input above what its samples agree on.
    pub fn logos(&self) -> Figure {
        self.input_logo().figure().above(&self.logo())
    }

    /// Draws the energy of the first input's chains over their steps, up to eight of them: lines that rise say that the chains have
    /// not yet forgotten the input.
    pub fn trace(&self) -> Curve {
        let steps = self.steps().to_vec();
        let none: [f64; 0] = [];
        let mut drawn = curve(&none, &none);
        if let Some(chains) = self.energies().outer_iter().next() {
            for (chain, energies) in chains.outer_iter().enumerate().take(CHAINS) {
                let name = format!("chain {chain}");
                drawn = match chain {
                    0 => curve(&steps, &energies.to_vec()).name(&name),
                    _ => drawn.add(&name, &steps, &energies.to_vec()),
                };
            }
        }
        drawn.x_label("step").y_label("energy")
    }

    /// Returns the heights of the letters of the first input, shape `(letters, length)`.
    fn first_heights(&self) -> Array2<f64> {
        if self.is_empty() {
            return Array2::zeros((self.background().len(), 0));
        }
        let heights = self.heights().index_axis_move(Axis(0), 0);
        heights.reversed_axes().as_standard_layout().into_owned()
    }

    fn drawn(&self, heights: &Array2<f64>, what: &str) -> Logo {
        let letters = String::from_utf8_lossy(self.inputs().alphabet().letters()).into_owned();
        let name = self.inputs().names().first().cloned().unwrap_or_default();
        // As tall as the rarest letter could be, so that both logos of an input have one scale.
        let rarest = self.background().iter().copied().fold(1.0, f64::min);
        logo(heights)
            .letters(&letters)
            .y_range(0.0, -rarest.log2())
            .y_label("bits")
            .title(&format!("{name}: {what}"))
    }
}

shown!(MaxEntropySamples, |samples| samples.logos().bundle());
