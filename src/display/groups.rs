//! Rows of a matrix, or values, sorted by the label that each has.

use super::map_coloring::Categories;
use ndarray::Array2;

/// Names of groups and the places of their members.
#[derive(Clone, Debug)]
pub(crate) struct Groups {
    pub(crate) names: Vec<String>,
    pub(crate) members: Vec<Vec<usize>>,
    /// How many labels there were.
    pub(crate) count: usize,
}

impl Groups {
    /// Sorts labels by the alphabet, numbers in them by size.
    pub(crate) fn new(labels: &[String]) -> Self {
        let some: Vec<Option<&str>> = labels.iter().map(|label| Some(label.as_str())).collect();
        let sorted = Categories::new(&some, &[]);
        let mut members = vec![Vec::new(); sorted.names.len()];
        for (at, code) in sorted.codes.iter().enumerate() {
            if let Some(group) = members.get_mut(*code as usize) {
                group.push(at);
            }
        }
        Self {
            names: sorted.names,
            members,
            count: labels.len(),
        }
    }

    /// Puts groups into an order; those that are not named come after the others, names that are not there are left out.
    pub(crate) fn ordered(&self, order: &[String]) -> Self {
        let named = order
            .iter()
            .filter_map(|name| self.names.iter().position(|n| n == name));
        let mut places: Vec<usize> = Vec::new();
        for place in named.chain(0..self.names.len()) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Self {
            names: places.iter().map(|at| self.names[*at].clone()).collect(),
            members: places.iter().map(|at| self.members[*at].clone()).collect(),
            count: self.count,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Returns the finite values of a group.
    pub(crate) fn of(&self, group: usize, values: &[f64]) -> Vec<f64> {
        let values = self.members[group].iter().filter_map(|at| values.get(*at));
        values.copied().filter(|v| v.is_finite()).collect()
    }

    /// Summarises the finite values of each group and column, shape `(groups, columns)`; NaN where there are none.
    pub(crate) fn each(
        &self,
        values: &Array2<f64>,
        summary: impl Fn(&mut [f64]) -> f64,
    ) -> Array2<f64> {
        Array2::from_shape_fn((self.len(), values.ncols()), |(group, column)| {
            let members = self.members[group]
                .iter()
                .filter(|at| **at < values.nrows());
            let cells = members.map(|at| values[[*at, column]]);
            let mut found: Vec<f64> = cells.filter(|v| v.is_finite()).collect();
            if found.is_empty() {
                return f64::NAN;
            }
            summary(&mut found)
        })
    }

    /// Says what is wrong when there is not one label for each row.
    pub(crate) fn complaint(&self, rows: usize) -> Option<String> {
        (self.count != rows).then(|| {
            format!(
                "{} labels for {rows} rows, which cannot be right",
                self.count
            )
        })
    }
}

/// Returns the mean.
pub(crate) fn mean(values: &mut [f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Scales every column to lie between 0 and 1, as `standard_scale="var"` of scanpy; columns of one value become 0.
pub(crate) fn standardised(values: &Array2<f64>) -> Array2<f64> {
    let mut scaled = values.clone();
    for mut column in scaled.columns_mut() {
        let Some((low, high)) = super::axis::span(column.iter().copied()) else {
            continue;
        };
        let wide = if high > low { high - low } else { 1.0 };
        column.mapv_inplace(|v| (v - low) / wide);
    }
    scaled
}
