//! The valley between the two modes of some numbers.

/// How many bars the histogram has.
const BARS: usize = 256;
/// How often it is smoothed at most.
const ROUNDS: usize = 10_000;

/// Returns the lowest place between two modes, of a histogram that is smoothed until it has two (Prewitt and Mendelsohn 1966,
/// doi:10.1111/j.1749-6632.1965.tb11715.x); `None` where it never has two.
pub(super) fn valley(numbers: &[f64]) -> Option<f64> {
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let width = (most - least) / BARS as f64;
    if !(width > 0.0 && width.is_finite()) {
        return None;
    }
    let mut bars = vec![0.0; BARS];
    for number in numbers {
        bars[(((number - least) / width) as usize).min(BARS - 1)] += 1.0;
    }
    for _ in 0..ROUNDS {
        bars = smoothed(&bars);
        let modes = modes(&bars);
        if let [low, high] = modes[..] {
            let bar = (low..=high).min_by(|&a, &b| bars[a].total_cmp(&bars[b]))?;
            return Some(least + (bar as f64 + 0.5) * width);
        }
        if modes.len() < 2 {
            return None;
        }
    }
    None
}

/// Means of three, the outer bars counting twice.
fn smoothed(bars: &[f64]) -> Vec<f64> {
    let last = bars.len() - 1;
    let mean =
        |bar: usize| (bars[bar.saturating_sub(1)] + bars[bar] + bars[(bar + 1).min(last)]) / 3.0;
    (0..bars.len()).map(mean).collect()
}

/// The bars after which it falls.
fn modes(bars: &[f64]) -> Vec<usize> {
    let mut rises = true;
    let mut found = Vec::new();
    for (bar, pair) in bars.windows(2).enumerate() {
        if rises && pair[1] < pair[0] {
            rises = false;
            found.push(bar);
        } else if !rises && pair[1] > pair[0] {
            rises = true;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thresholds of `skimage.filters.threshold_minimum`, scikit-image 0.25.2.
    #[test]
    fn valleys_are_those_of_scikit_image() {
        let number = |i: u32| {
            let i = f64::from(i);
            if i % 3.0 == 0.0 {
                0.5 + 0.1 * (i * 1.7).sin() * (i * 0.31).cos()
            } else {
                0.1 + 0.05 * (i * 0.9).sin() * (i * 2.3).sin()
            }
        };
        let numbers: Vec<f64> = (0..600).map(number).collect();
        let more: Vec<f64> = numbers.iter().map(|number| number * 1.5).collect();
        let both = [numbers.clone(), more].concat();
        for (numbers, golden) in [
            (numbers, 0.227_179_003_862_162),
            (both, 0.366_809_352_355_447_4),
        ] {
            let found = valley(&numbers).unwrap_or_default();
            assert!((found - golden).abs() < 1e-12, "{found}, expected {golden}");
        }
        assert_eq!(valley(&[1.0; 9]), None);
        assert_eq!(valley(&[]), None);
        assert_eq!(valley(&[1.0, f64::NAN]), None);
    }
}
