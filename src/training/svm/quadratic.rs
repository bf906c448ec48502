//! The dual of a support vector machine: a quadratic function in a box, on a plane.

use std::collections::VecDeque;

/// A step may end higher than this many before it, but not higher than all of them.
const MEMORY: usize = 10;

/// Minimises `a K a / 2 - sum of labels x a` where every `labels x a` is from 0 to its cap and `a` sums to 0.
///
/// Here `a` is the number of an example with the sign of its class, as it counts in scores. The method is the projected gradient with
/// steps of Barzilai and Borwein (1988, doi:10.1093/imanum/8.1.141) that may go up for a while (Birgin, Martinez and Raydan 2000,
/// doi:10.1137/S1052623497330963). Every turn needs one product with the kernel matrix. Always going down takes four times as many.
pub(super) struct Quadratic {
    /// 1 or -1.
    labels: Vec<f64>,
    caps: Vec<f64>,
    numbers: Vec<f64>,
    /// The product of the kernel matrix with the numbers.
    scores: Vec<f64>,
    step: f64,
    /// The last values.
    values: VecDeque<f64>,
}

impl Quadratic {
    pub(super) fn new(labels: Vec<f64>, caps: Vec<f64>) -> Self {
        let n = labels.len();
        Self {
            labels,
            caps,
            numbers: vec![0.0; n],
            scores: vec![0.0; n],
            step: 1.0,
            values: VecDeque::from([0.0]),
        }
    }

    pub(super) fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    pub(super) fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// Replaces the product, which rounding has worn, by a new one.
    pub(super) fn set_scores(&mut self, scores: Vec<f64>) {
        self.scores = scores;
    }

    /// Returns where to look for lower values: the way to the projection of a step down the gradient.
    pub(super) fn direction(&self) -> Vec<f64> {
        let aims: Vec<f64> = (0..self.numbers.len())
            .map(|i| self.numbers[i] - self.step * (self.scores[i] - self.labels[i]))
            .collect();
        let shift = self.shift(&aims);
        let way = |i: usize| self.clip(i, aims[i] + shift) - self.numbers[i];
        (0..aims.len()).map(way).collect()
    }

    /// Goes along a direction, given its product with the kernel matrix, to its end or to the lowest point on the way.
    pub(super) fn advance(&mut self, direction: &[f64], product: &[f64]) {
        let (mut slope, mut curve, mut square) = (0.0, 0.0, 0.0);
        for i in 0..direction.len() {
            slope += direction[i] * (self.scores[i] - self.labels[i]);
            curve += direction[i] * product[i];
            square += direction[i] * direction[i];
        }
        let highest = self.values.iter().fold(f64::NEG_INFINITY, |a, &b| a.max(b));
        let end = self.value() + slope + 0.5 * curve;
        let far = if end <= highest + 1e-4 * slope {
            1.0
        } else {
            // A whole step that goes up curves upwards.
            (-slope / curve).clamp(0.0, 1.0)
        };
        for i in 0..direction.len() {
            let number = self.numbers[i] + far * direction[i];
            self.numbers[i] = self.clip(i, number);
            self.scores[i] += far * product[i];
        }
        self.values.push_back(self.value());
        if self.values.len() > MEMORY {
            self.values.pop_front();
        }
        let step = square / curve;
        self.step = if step.is_finite() && step > 0.0 {
            step.clamp(1e-6, 1e6)
        } else {
            1.0
        };
    }

    fn value(&self) -> f64 {
        let terms = (0..self.numbers.len())
            .map(|i| self.numbers[i] * (0.5 * self.scores[i] - self.labels[i]));
        terms.sum()
    }

    /// Returns by how much the conditions of the optimum are violated most, as LIBSVM measures it.
    pub(super) fn violation(&self) -> f64 {
        let (mut up, mut down) = (f64::NEG_INFINITY, f64::INFINITY);
        for i in 0..self.numbers.len() {
            let (low, high) = self.bounds(i);
            let pull = self.labels[i] - self.scores[i];
            if self.numbers[i] < high {
                up = up.max(pull);
            }
            if self.numbers[i] > low {
                down = down.min(pull);
            }
        }
        (up - down).max(0.0)
    }

    /// Puts numbers that are all but at a bound on it.
    pub(super) fn settle(&mut self) {
        for i in 0..self.numbers.len() {
            let (low, high) = self.bounds(i);
            let near = 1e-9 * self.caps[i];
            if self.numbers[i] - low < near {
                self.numbers[i] = low;
            } else if high - self.numbers[i] < near {
                self.numbers[i] = high;
            }
        }
    }

    fn bounds(&self, i: usize) -> (f64, f64) {
        if self.labels[i] > 0.0 {
            (0.0, self.caps[i])
        } else {
            (-self.caps[i], 0.0)
        }
    }

    fn clip(&self, i: usize, number: f64) -> f64 {
        let (low, high) = self.bounds(i);
        number.clamp(low, high)
    }

    /// Finds what must be added to all aims for their sum in the box to be 0.
    fn shift(&self, aims: &[f64]) -> f64 {
        // The sum, and how fast it rises.
        let sum = |shift: f64| {
            let (mut sum, mut free) = (0.0, 0_usize);
            for (i, aim) in aims.iter().enumerate() {
                let (low, high) = self.bounds(i);
                let number = aim + shift;
                sum += number.clamp(low, high);
                free += usize::from(low < number && number < high);
            }
            (sum, free as f64)
        };
        let most = aims.iter().zip(&self.caps);
        let most = most.fold(0.0_f64, |most, (aim, cap)| most.max(aim.abs() + cap));
        let (mut low, mut high, mut shift) = (-most, most, 0.0);
        let close = 1e-14 * self.caps.iter().sum::<f64>();
        for _ in 0..200 {
            let (rest, free) = sum(shift);
            if rest.abs() <= close {
                break;
            }
            if rest > 0.0 {
                high = shift;
            } else {
                low = shift;
            }
            let newton = shift - rest / free;
            let middle = f64::midpoint(low, high);
            let next = if newton > low && newton < high {
                newton
            } else {
                middle
            };
            if next == shift {
                break;
            }
            shift = next;
        }
        shift
    }
}
