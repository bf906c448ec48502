//! How far sets of places are from each other, each as a uniform distribution.

/// Sets of places in a plane, ready for energy distances.
///
/// The distance is `sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|)`, where `X` and `X'` are drawn from the one set and `Y` and `Y'` from the other,
/// independently and with equal chances, and `|.|` is Euclidean.
#[derive(Debug)]
pub(super) struct Energy {
    /// Every place that is in a set.
    places: Vec<(f64, f64)>,
    /// The sets, as indices of places.
    sets: Vec<Vec<usize>>,
    /// The mean distance of two places of every set.
    inside: Vec<f64>,
}

impl Energy {
    pub(super) fn new(sets: &[Vec<(f64, f64)>]) -> Self {
        let mut places: Vec<(f64, f64)> = sets.concat();
        let order = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
        places.sort_by(order);
        places.dedup();
        let index = |place: &(f64, f64)| {
            let found = places.binary_search_by(|other| order(other, place));
            found.unwrap_or_else(|at| at)
        };
        let indices = sets.iter().map(|set| set.iter().map(index).collect());
        let sets: Vec<Vec<usize>> = indices.collect();
        let inside = sets.iter().map(|set| {
            let means = set.iter().map(|&at| mean(&places, places[at], set));
            means.sum::<f64>() / set.len() as f64
        });
        Self {
            inside: inside.collect(),
            places,
            sets,
        }
    }

    /// Returns the distance of a set from each that follows it; an empty one is infinitely far from others.
    pub(super) fn following(&self, from: usize) -> Vec<f64> {
        let own = &self.sets[from];
        // Once the mean distance from every place is known, a pair costs no more than the places of one set.
        let field: Vec<f64> = (self.places.iter())
            .map(|&place| mean(&self.places, place, own))
            .collect();
        let distance = |to: usize| {
            let other = &self.sets[to];
            if own.is_empty() || other.is_empty() {
                return if own.len() == other.len() {
                    0.0
                } else {
                    f64::INFINITY
                };
            }
            let across: f64 = other.iter().map(|&at| field[at]).sum();
            let square = 2.0 * across / other.len() as f64 - self.inside[from] - self.inside[to];
            // Of equal sets rounding can leave a hair.
            if square < 1e-12 { 0.0 } else { square.sqrt() }
        };
        (from + 1..self.sets.len()).map(distance).collect()
    }
}

/// Returns the mean distance of a place from those of a set.
fn mean(places: &[(f64, f64)], (x, y): (f64, f64), set: &[usize]) -> f64 {
    let distances = set.iter().map(|&at| {
        let (dx, dy) = (places[at].0 - x, places[at].1 - y);
        (dx * dx + dy * dy).sqrt()
    });
    distances.sum::<f64>() / set.len() as f64
}
