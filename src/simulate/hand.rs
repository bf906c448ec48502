//! The hand that writes: no two digits are the same.

use super::numeral::Stroke;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use std::f32::consts::TAU;

/// Points from one point of a stroke to the next.
const STEPS: usize = 6;

/// How one digit is written: where it stands, how it leans, how thick it is, and how the hand trembles.
pub(super) struct Hand {
    /// The rows of the map from the unit square to pixels, and where its middle goes.
    map: [[f32; 2]; 2],
    middle: [f32; 2],
    /// Waves that bend the unit square: size and phase, for x and y.
    bend: [[f32; 2]; 2],
    tremble: f32,
    /// Half the width of a stroke in pixels, how much it swells, and where.
    radius: f32,
    swell: [f32; 2],
    /// The darkest ink.
    pub(super) ink: f32,
    /// How soft the edges are, in pixels.
    pub(super) soft: f32,
}

/// A point of a line, and half the width of the line there, in pixels.
pub(super) type Dot = [f32; 3];

impl Hand {
    /// Draws a hand for an image of this size; `stroke` is the usual width of a line in pixels.
    pub(super) fn draw(
        (size, stroke, jitter): (f32, f32, f32),
        generator: &mut ChaCha8Rng,
    ) -> Self {
        let mut normal = |spread: f32| -> f32 {
            let draw: f32 = StandardNormal.sample(generator);
            // A hand slips, but not off the page.
            draw.clamp(-2.5, 2.5) * spread * jitter
        };
        let tall = size * 0.70 * normal(0.09).exp();
        let wide = tall * 0.74 * normal(0.15).exp();
        let (turn, slant) = (normal(0.10), 0.08 + normal(0.18));
        let (sin, cos) = turn.sin_cos();
        // First leaned, then turned.
        let map = [
            [cos * wide, (-cos * slant - sin) * tall],
            [sin * wide, (cos - sin * slant) * tall],
        ];
        let middle = [0, 1].map(|_| size * (0.5 + normal(0.045)));
        let bends = [normal(0.035), normal(0.035)];
        let tremble = 0.022 * jitter;
        let radius = 0.5 * stroke * normal(0.22).exp();
        let swell = normal(0.12);
        let (ink, soft) = (
            1.0 - normal(0.06).abs(),
            (1.1 * normal(0.15).exp()) * size / 28.0,
        );
        let mut phase = || generator.random::<f32>() * TAU;
        Self {
            map,
            middle,
            bend: bends.map(|bend| [bend, phase()]),
            tremble,
            radius,
            swell: [swell, phase()],
            ink,
            soft,
        }
    }

    /// Writes a stroke: the points of the line that it leaves.
    pub(super) fn write(&self, stroke: Stroke, generator: &mut ChaCha8Rng) -> Vec<Dot> {
        let mut tremble = || -> f32 {
            let draw: f32 = StandardNormal.sample(generator);
            draw.clamp(-2.5, 2.5) * self.tremble
        };
        let points: Vec<[f32; 2]> = stroke
            .iter()
            .map(|&(x, y)| [x + tremble(), y + tremble()])
            .collect();
        let Some(&last) = points.last() else {
            return Vec::new();
        };
        let mut line = Vec::with_capacity((points.len() - 1) * STEPS + 1);
        for (at, pair) in points.windows(2).enumerate() {
            let before = points[at.saturating_sub(1)];
            let after = points.get(at + 2).copied().unwrap_or(last);
            for step in 0..STEPS {
                let share = step as f32 / STEPS as f32;
                line.push(self.place(between([before, pair[0], pair[1], after], share)));
            }
        }
        line.push(self.place(last));
        line
    }

    /// Puts a point of the unit square onto the page.
    fn place(&self, [x, y]: [f32; 2]) -> Dot {
        let [across, down] = self.bend;
        let x = x + across[0] * (TAU * 0.6 * y + across[1]).sin() - 0.5;
        let y = y + down[0] * (TAU * 0.6 * x + down[1]).sin() - 0.5;
        let [row, column] = self.map;
        let swell = 1.0 + self.swell[0] * (TAU * (x + y) + self.swell[1]).sin();
        [
            row[0] * x + row[1] * y + self.middle[0],
            column[0] * x + column[1] * y + self.middle[1],
            self.radius * swell,
        ]
    }
}

/// A smooth curve from the second of four points to the third (Catmull and Rom 1974).
fn between(points: [[f32; 2]; 4], share: f32) -> [f32; 2] {
    let (square, cube) = (share * share, share * share * share);
    let weights = [
        -cube + 2.0 * square - share,
        3.0 * cube - 5.0 * square + 2.0,
        -3.0 * cube + 4.0 * square + share,
        cube - square,
    ];
    [0, 1].map(|axis| {
        let parts = points.iter().zip(weights);
        0.5 * parts
            .map(|(point, weight)| point[axis] * weight)
            .sum::<f32>()
    })
}
