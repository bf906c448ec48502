//! What is known of one gene in every group.

use super::super::steps::undone;

/// Sums over the cells of every group.
pub(super) struct Summary {
    /// How many cells each group has.
    pub(super) sizes: Vec<f64>,
    /// Means of the values as they are.
    pub(super) means: Vec<f64>,
    /// Sums of the squared distances from the mean.
    pub(super) squares: Vec<f64>,
    /// Means of the counts, the logarithm undone.
    pub(super) counts: Vec<f64>,
    /// How many cells express the gene.
    pub(super) expressing: Vec<f64>,
}

/// Size, mean, squared distances, mean of counts and share of expressing cells of some groups together.
#[derive(Clone, Copy)]
pub(super) struct Joined {
    pub(super) size: f64,
    pub(super) mean: f64,
    pub(super) variance: f64,
    pub(super) counts: f64,
    pub(super) share: f64,
}

impl Summary {
    /// Sums up the values of some cells; of the others they are zero. `log` is the logarithm of the base of the values.
    pub(super) fn new(
        (cells, values): (&[u32], &[f32]),
        (of_cell, sizes): (&[u32], &[usize]),
        log: Option<f64>,
    ) -> Self {
        let groups = sizes.len();
        let mut stored = vec![0.0; groups];
        let (mut means, mut squares) = (vec![0.0; groups], vec![0.0; groups]);
        let (mut counts, mut expressing) = (vec![0.0; groups], vec![0.0; groups]);
        for (cell, value) in cells.iter().zip(values) {
            let group = of_cell[*cell as usize] as usize;
            let value = f64::from(*value);
            stored[group] += 1.0;
            means[group] += value;
            counts[group] += log.map_or(value, |log| undone(value * log));
            expressing[group] += f64::from(u8::from(value != 0.0));
        }
        let sizes: Vec<f64> = sizes.iter().map(|size| *size as f64).collect();
        for group in 0..groups {
            means[group] /= sizes[group];
            counts[group] /= sizes[group];
            squares[group] = (sizes[group] - stored[group]) * means[group] * means[group];
        }
        for (cell, value) in cells.iter().zip(values) {
            let group = of_cell[*cell as usize] as usize;
            let away = f64::from(*value) - means[group];
            squares[group] += away * away;
        }
        Self {
            sizes,
            means,
            squares,
            counts,
            expressing,
        }
    }

    /// Joins groups without subtracting one sum from another, so that nothing cancels.
    pub(super) fn joined(&self, groups: &[usize]) -> Joined {
        let sum = |values: &[f64]| groups.iter().map(|group| values[*group]).sum::<f64>();
        let size = sum(&self.sizes);
        let weighted = |values: &[f64]| {
            let parts = groups
                .iter()
                .map(|group| values[*group] * self.sizes[*group]);
            parts.sum::<f64>() / size
        };
        // A mean times its size over its size may differ in the last digit.
        let mean_of = |values: &[f64]| match groups {
            [only] => values[*only],
            _ => weighted(values),
        };
        let mean = mean_of(&self.means);
        let between = |group: &usize| self.sizes[*group] * (self.means[*group] - mean).powi(2);
        let squares = sum(&self.squares) + groups.iter().map(between).sum::<f64>();
        Joined {
            size,
            mean,
            variance: squares / (size - 1.0),
            counts: mean_of(&self.counts),
            share: sum(&self.expressing) / size,
        }
    }
}
