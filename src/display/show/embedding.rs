//! Principal components as maps.

use super::value::shown;
use crate::display::axis;
use crate::display::scatter::{Scatter, scatter};
use crate::embedding::Components;

impl Components {
    /// Draws the examples on the first two components.
    pub fn scatter(&self) -> Scatter {
        let label = |i: usize| {
            let share = self
                .explained_variance_ratio()
                .get(i)
                .copied()
                .unwrap_or(0.0);
            format!(
                "PC{} ({} %)",
                i + 1,
                axis::plain((share * 1000.0).round() / 10.0)
            )
        };
        scatter(self.coordinates())
            .x_label(&label(0))
            .y_label(&label(1))
    }
}

shown!(Components, |components| components
    .scatter()
    .figure()
    .bundle());
