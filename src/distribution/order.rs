//! Numbers in order: medians and quantiles, between neighbours in proportion as R (type 7) and numpy have them.

/// Sorts numbers from the least to the greatest.
pub(crate) fn rising(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Where numbers stand from the greatest to the least; equal ones in the order in which they came.
pub(crate) fn falling(values: impl IntoIterator<Item = f64>) -> Vec<usize> {
    let values: Vec<f64> = values.into_iter().collect();
    let mut places: Vec<usize> = (0..values.len()).collect();
    places.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    places
}

/// The median; not a number where there is none.
pub(crate) fn median(values: Vec<f64>) -> f64 {
    let sorted = rising(values);
    match sorted.len() {
        0 => f64::NAN,
        n => f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
    }
}

/// The value below which a share of the numbers lie, without sorting them all; not a number where there is none.
pub(crate) fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    let Some((below, part)) = place(values.len(), share) else {
        return f64::NAN;
    };
    let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = above.iter().copied().min_by(f64::total_cmp);
    between(*low, high.unwrap_or(*low), part)
}

/// The same of numbers that rise.
pub(crate) fn sorted_quantile(sorted: &[f64], share: f64) -> f64 {
    let Some((below, part)) = place(sorted.len(), share) else {
        return f64::NAN;
    };
    let high = sorted.get(below + 1).unwrap_or(&sorted[below]);
    between(sorted[below], *high, part)
}

/// Returns the number below the quantile, and which part of the way to the next one is left.
fn place(count: usize, share: f64) -> Option<(usize, f64)> {
    let last = count.checked_sub(1)?;
    let place = share * last as f64;
    // A share that is no number has no place.
    let below = (!place.is_nan()).then_some((place.floor() as usize).min(last))?;
    Some((below, place - below as f64))
}

fn between(low: f64, high: f64, part: f64) -> f64 {
    // Between infinite values, such as the logarithmic loss of a sure mistake, there is no proportion.
    if part == 0.0 || low == high {
        return low;
    }
    low + part * (high - low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        let shuffled = vec![8.0, 1.0, 16.0, 2.0, 4.0];
        for (share, expected) in [(0.0, 1.0), (0.5, 4.0), (0.625, 6.0), (1.0, 16.0)] {
            assert_eq!(sorted_quantile(&values, share), expected);
            assert_eq!(quantile(shuffled.clone(), share), expected);
        }
        let values = [1.0, f64::INFINITY, f64::INFINITY];
        assert_eq!(sorted_quantile(&values, 0.0), 1.0);
        assert_eq!(sorted_quantile(&values, 0.8), f64::INFINITY);
        assert!(sorted_quantile(&[], 0.5).is_nan() && quantile(vec![1.0], f64::NAN).is_nan());
    }

    #[test]
    fn the_greatest_comes_first_and_equals_stay_in_order() {
        assert_eq!(falling([1.0, 3.0, 2.0, 3.0]), [1, 3, 2, 0]);
    }

    #[test]
    fn a_median_is_the_middle_or_between_the_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(Vec::new()).is_nan());
    }
}
