//! Pairs of rows and columns.

use ndarray::ArrayView2;

/// Returns the column of every row of a square matrix, each taken once, for which the costs add up to the least.
///
/// Rows come one after the other, each along the cheapest path of exchanges, which prices of rows and columns keep from going below 0:
/// `O(n^3)` (Kuhn 1955, doi:10.1002/nav.3800020109; Jonker and Volgenant 1987, doi:10.1007/BF02278710). Costs are finite.
pub(super) fn cheapest(costs: &ArrayView2<'_, f64>) -> Vec<usize> {
    let n = costs.nrows();
    let (mut of_rows, mut of_columns) = (vec![0.0; n], vec![0.0; n]);
    let mut owners: Vec<Option<usize>> = vec![None; n];
    for new in 0..n {
        let mut least = vec![f64::INFINITY; n];
        // The column from which a path reaches another; a column without one is reached from the new row.
        let mut before: Vec<Option<usize>> = vec![None; n];
        let mut reached = vec![false; n];
        let mut at: Option<usize> = None;
        loop {
            let row = at.and_then(|column| owners[column]).unwrap_or(new);
            let mut next: Option<usize> = None;
            for column in (0..n).filter(|&column| !reached[column]) {
                let cost = costs[[row, column]] - of_rows[row] - of_columns[column];
                if cost < least[column] {
                    least[column] = cost;
                    before[column] = at;
                }
                if next.is_none_or(|next| least[column] < least[next]) {
                    next = Some(column);
                }
            }
            let Some(next) = next else { break };
            let step = least[next];
            of_rows[new] += step;
            for column in 0..n {
                if reached[column] {
                    of_columns[column] -= step;
                    if let Some(owner) = owners[column] {
                        of_rows[owner] += step;
                    }
                } else {
                    least[column] -= step;
                }
            }
            reached[next] = true;
            at = Some(next);
            if owners[next].is_none() {
                break;
            }
        }
        // Every column on the path goes to the owner of the one before, the first to the new row.
        while let Some(column) = at {
            at = before[column];
            owners[column] = at.map_or(Some(new), |before| owners[before]);
        }
    }
    let mut columns = vec![0; n];
    for (column, owner) in owners.into_iter().enumerate() {
        if let Some(row) = owner {
            columns[row] = column;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::cheapest;
    use ndarray::Array2;

    /// The least over all orders.
    fn searched(costs: &Array2<f64>, row: usize, free: &mut Vec<usize>) -> f64 {
        if free.is_empty() {
            return 0.0;
        }
        let mut best = f64::INFINITY;
        for place in 0..free.len() {
            let column = free.swap_remove(place);
            best = best.min(costs[[row, column]] + searched(costs, row + 1, free));
            free.push(column);
            let last = free.len() - 1;
            free.swap(place, last);
        }
        best
    }

    /// Whole numbers, so that many ways tie and sums are exact.
    #[test]
    fn no_other_order_is_cheaper() {
        for case in 0..300_usize {
            let n = case % 7;
            let costs = Array2::from_shape_fn((n, n), |(row, column)| {
                let at = (case * 49 + row * 7 + column) as f64;
                (5.0 * (at * 12.9898).sin()).round()
            });
            let columns = cheapest(&costs.view());
            let mut taken = columns.clone();
            taken.sort_unstable();
            assert_eq!(taken, (0..n).collect::<Vec<_>>());
            let pairs = columns.iter().enumerate();
            let cost: f64 = pairs.map(|(row, &column)| costs[[row, column]]).sum();
            assert_eq!(cost, searched(&costs, 0, &mut taken), "{costs}");
        }
    }

    /// A planted order of 300: found, and in no time.
    #[test]
    fn a_large_order_is_found() {
        let n = 300;
        let wave = |at: usize| (at as f64 * 12.9898).sin().abs();
        let costs = Array2::from_shape_fn((n, n), |(row, column)| {
            let planted = column == (row * 7 + 3) % n;
            wave(row * n + column) - if planted { 2.0 } else { 0.0 }
        });
        let planted: Vec<usize> = (0..n).map(|row| (row * 7 + 3) % n).collect();
        assert_eq!(cheapest(&costs.view()), planted);
    }
}
