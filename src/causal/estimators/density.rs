//! The highest place of a density made of Gaussian bells with one width.

/// How far a bell reaches on the grid, in bandwidths.
const REACH: f64 = 6.0;
/// Steps of the grid in a bandwidth.
const STEPS: f64 = 4.0;

/// Room to work in.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    sorted: Vec<(f64, f64)>,
    grid: Vec<f64>,
}

/// Finds the exact maximum.
///
/// With bells of width `h`, the density satisfies `f'' >= -f / h²`, so that at a distance `d` from its maximum it is at least
/// `cos(d / h)` times that. Every point of a grid that falls short of the best one by more is not beside the maximum; the others are
/// looked at with Newton's method. Of maxima that are equal to 1e-12, the one nearest 0 is taken.
pub(super) fn mode(values: &[f64], w: &[f64], (h, scratch): (f64, &mut Scratch)) -> f64 {
    let Scratch { sorted, grid } = scratch;
    sorted.clear();
    sorted.extend(values.iter().copied().zip(w.iter().copied()));
    sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let step = h / STEPS;
    // Half a step to the next point, and what is cut off from the bells.
    let short = (0.5 / STEPS).cos() * (1.0 - 1e-6);
    let mut best = (f64::NEG_INFINITY, f64::NAN);
    let mut rest = &sorted[..];
    // Values so far apart that they do not know of each other stand on grids of their own.
    while !rest.is_empty() {
        let gap = rest
            .windows(2)
            .position(|two| two[1].0 - two[0].0 > 2.0 * REACH * h);
        let (island, others) = rest.split_at(gap.map_or(rest.len(), |gap| gap + 1));
        rest = others;
        if island.iter().map(|value| value.1).sum::<f64>() < best.0 {
            continue;
        }
        let start = island[0].0 - step;
        fill(grid, island, (start, step, h));
        let top = grid.iter().copied().fold(0.0, f64::max);
        for at in 0..grid.len() {
            let beside = |other: Option<usize>| {
                other
                    .and_then(|other| grid.get(other))
                    .copied()
                    .unwrap_or(0.0)
            };
            let is_peak = grid[at] >= beside(at.checked_sub(1)) && grid[at] >= beside(Some(at + 1));
            if grid[at] < short * top.max(best.0) || !is_peak {
                continue;
            }
            let x = start + at as f64 * step;
            let (height, x) = climb(island, (x - step, x, x + step), h);
            let same = (height - best.0).abs() <= 1e-12 * height;
            if height > best.0 && !same || same && x.abs() < best.1.abs() {
                best = (height, x);
            }
        }
    }
    best.1
}

/// The density at the points of a grid, by recurrence from the point nearest to each value.
fn fill(grid: &mut Vec<f64>, island: &[(f64, f64)], (start, step, h): (f64, f64, f64)) {
    let last = island[island.len() - 1].0;
    let count = ((last - start) / step).ceil() as usize + 2;
    grid.clear();
    grid.resize(count, 0.0);
    let shrink = (-step * step / (h * h)).exp();
    let reach = (REACH * STEPS) as usize;
    for (value, w) in island {
        let near = (((value - start) / step).round() as usize).min(count - 1);
        let off = start + near as f64 * step - value;
        let bell = w * (-off * off / (2.0 * h * h)).exp();
        grid[near] += bell;
        // From u to u + step, a bell changes by exp(-(u step + step² / 2) / h²).
        for (sign, room) in [(1.0, count - 1 - near), (-1.0, near)] {
            let mut factor = (-(sign * off * step + step * step / 2.0) / (h * h)).exp();
            let mut height = bell;
            let points = reach.min(room);
            if sign > 0.0 {
                for point in &mut grid[near + 1..=near + points] {
                    height *= factor;
                    factor *= shrink;
                    *point += height;
                }
            } else {
                for point in grid[near - points..near].iter_mut().rev() {
                    height *= factor;
                    factor *= shrink;
                    *point += height;
                }
            }
        }
    }
}

/// Climbs to the maximum between two points; returns its height and place.
fn climb(island: &[(f64, f64)], (mut low, mut x, mut high): (f64, f64, f64), h: f64) -> (f64, f64) {
    let mut height = 0.0;
    for _ in 0..60 {
        let (mut f, mut slope, mut bend) = (0.0, 0.0, 0.0);
        for (value, w) in island {
            let u = (x - value) / h;
            if u.abs() < 9.0 {
                let bell = w * (-u * u / 2.0).exp();
                f += bell;
                slope -= u * bell;
                bend += (u * u - 1.0) * bell;
            }
        }
        height = f;
        if slope > 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - h * slope / bend;
        let next = if bend < 0.0 && newton > low && newton < high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        let done = (next - x).abs() <= 1e-13 * h.max(x.abs() * 1e-3);
        x = next;
        if done {
            break;
        }
    }
    (height, x)
}

/// Finds the first maximum on the grid of R's `density` with its defaults (before R 4.4): values are shared out between points of a grid of
/// 512 over four bandwidths more on both sides, bells are laid over them, and the result is read off, in proportion, at 512 points that
/// reach three bandwidths beyond the values.
pub(super) fn on_grid(values: &[f64], w: &[f64], h: f64) -> f64 {
    const N: usize = 512;
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (from, to) = (least - 3.0 * h, most + 3.0 * h);
    let (low, high) = (from - 4.0 * h, to + 4.0 * h);
    let step = (high - low) / (N - 1) as f64;
    let bell = |steps: usize| (-(steps as f64 * step / h).powi(2) / 2.0).exp();
    let bells: Vec<f64> = (0..N).map(bell).collect();
    let mut heights = vec![0.0; N];
    let mut lay = |at: usize, w: f64| {
        for (place, height) in heights.iter_mut().enumerate() {
            *height += w * bells[place.abs_diff(at)];
        }
    };
    for (value, w) in values.iter().zip(w) {
        let place = (value - low) / step;
        let below = (place.floor() as usize).min(N - 2);
        let part = place - below as f64;
        lay(below, w * (1.0 - part));
        lay(below + 1, w * part);
    }
    let read = |x: f64| {
        let place = (x - low) / step;
        let below = (place.floor() as usize).min(N - 2);
        heights[below] + (place - below as f64) * (heights[below + 1] - heights[below])
    };
    let mut best = (f64::NEG_INFINITY, from);
    for at in 0..N {
        let x = from + (to - from) * at as f64 / (N - 1) as f64;
        let height = read(x);
        if height > best.0 {
            best = (height, x);
        }
    }
    best.1
}
