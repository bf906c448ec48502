//! How dense points of a plane are, and lines of equal density.

/// Nodes along each axis.
pub(crate) const NODES: usize = 160;

/// Density on a grid over a plane, the highest 1.
pub(crate) struct Density {
    /// Rows of equal y, upwards.
    pub(crate) values: Vec<f64>,
    /// The density at each point of which the place is known.
    at_points: Vec<f64>,
}

impl Density {
    /// Smooths points, given in shares of the plane, with a Gaussian of Scott's width: the spread over the sixth root of their number.
    pub(crate) fn new(shares: &[(f64, f64)]) -> Option<Self> {
        let n = shares.len();
        if n < 3 {
            return None;
        }
        let spread = |pick: fn(&(f64, f64)) -> f64| {
            let mean = shares.iter().map(pick).sum::<f64>() / n as f64;
            let squares = shares.iter().map(|share| (pick(share) - mean).powi(2));
            (squares.sum::<f64>() / (n - 1) as f64).sqrt()
        };
        let nodes = NODES as f64;
        // Half of Scott's width: maps of cells have many separate groups, which the rule for a single one would blur.
        let width = |spread: f64| (0.5 * spread * (n as f64).powf(-1.0 / 6.0) * nodes).max(0.8);
        let (wide, tall) = (width(spread(|s| s.0)), width(spread(|s| s.1)));
        let place = |share: f64| ((share * nodes) as usize).min(NODES - 1);
        let mut values = vec![0.0; NODES * NODES];
        for &(x, y) in shares {
            values[place(y) * NODES + place(x)] += 1.0;
        }
        blur(&mut values, wide, (1, NODES));
        blur(&mut values, tall, (NODES, 1));
        let most = values.iter().copied().fold(0.0, f64::max);
        if most <= 0.0 {
            return None;
        }
        for value in &mut values {
            *value /= most;
        }
        let mut at_points: Vec<f64> = shares
            .iter()
            .map(|&(x, y)| values[place(y) * NODES + place(x)])
            .collect();
        at_points.sort_by(f64::total_cmp);
        Some(Self { values, at_points })
    }

    /// Returns the density that a share of the points exceeds.
    pub(crate) fn level(&self, share: f64) -> f64 {
        let last = self.at_points.len() - 1;
        self.at_points[((1.0 - share) * last as f64) as usize]
    }

    /// Returns the short straight parts of the line of a density, in shares of the plane, by marching squares.
    pub(crate) fn contour(&self, level: f64) -> Vec<[(f64, f64); 2]> {
        let mut parts = Vec::new();
        let nodes = NODES as f64;
        for j in 0..NODES - 1 {
            for i in 0..NODES - 1 {
                let node = |di: usize, dj: usize| self.values[(j + dj) * NODES + i + di] - level;
                let corners = [node(0, 0), node(1, 0), node(1, 1), node(0, 1)];
                let spots = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
                let mut crossings: Vec<(f64, f64)> = Vec::with_capacity(4);
                for side in 0..4 {
                    let (a, b) = (corners[side], corners[(side + 1) % 4]);
                    if (a > 0.0) != (b > 0.0) {
                        let (from, to): ((f64, f64), (f64, f64)) =
                            (spots[side], spots[(side + 1) % 4]);
                        let t = a / (a - b);
                        let x = i as f64 + 0.5 + from.0 + (to.0 - from.0) * t;
                        let y = j as f64 + 0.5 + from.1 + (to.1 - from.1) * t;
                        crossings.push((x / nodes, y / nodes));
                    }
                }
                parts.extend(crossings.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
            }
        }
        parts
    }

    /// Returns the lines of a density, their parts joined end to end.
    pub(crate) fn lines(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        use std::collections::BTreeMap;
        let key = |(x, y): (f64, f64)| ((x * 1e7).round() as i64, (y * 1e7).round() as i64);
        let parts = self.contour(level);
        let mut ends: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
        for (at, part) in parts.iter().enumerate() {
            for end in part {
                ends.entry(key(*end)).or_default().push(at);
            }
        }
        let mut used = vec![false; parts.len()];
        let mut lines = Vec::new();
        for start in 0..parts.len() {
            if std::mem::replace(&mut used[start], true) {
                continue;
            }
            let mut line = parts[start].to_vec();
            for _ in 0..2 {
                while let Some(&tip) = line.last() {
                    let here = ends.get(&key(tip)).map(Vec::as_slice).unwrap_or_default();
                    let Some(&next) = here.iter().find(|at| !used[**at]) else {
                        break;
                    };
                    used[next] = true;
                    let [a, b] = parts[next];
                    line.push(if key(a) == key(tip) { b } else { a });
                }
                line.reverse();
            }
            // Every second corner is enough: they are less than a cell apart.
            let last = line.len() - 1;
            let kept = line.iter().enumerate();
            let kept = kept.filter(|(at, _)| at % 2 == 0 || *at == last);
            lines.push(kept.map(|(_, place)| *place).collect());
        }
        lines
    }
}

/// Smooths rows or columns of the grid with a Gaussian, cut off at four widths.
fn blur(values: &mut [f64], width: f64, (along, across): (usize, usize)) {
    let reach = ((4.0 * width).ceil() as usize).min(NODES);
    let weights: Vec<f64> = (0..=reach)
        .map(|d| (-0.5 * (d as f64 / width).powi(2)).exp())
        .collect();
    let mut line = vec![0.0; NODES];
    for row in 0..NODES {
        for (at, value) in line.iter_mut().enumerate() {
            *value = values[row * across + at * along];
        }
        for at in 0..NODES {
            let range = at.saturating_sub(reach)..=(at + reach).min(NODES - 1);
            let sum = range
                .map(|other| line[other] * weights[other.abs_diff(at)])
                .sum();
            values[row * across + at * along] = sum;
        }
    }
}
