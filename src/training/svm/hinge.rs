//! The two values that meet at the optimum.

/// The threshold of scores that loses least, and the values of the problem and of its dual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hinge {
    pub(super) bias: f64,
    /// Half the squared length of the weights and the losses of all examples.
    pub(super) primal: f64,
    pub(super) dual: f64,
}

impl Hinge {
    /// Measures numbers with their scores and their labels, 1 or -1, where losses count as much as the caps.
    pub(super) fn new((numbers, scores): (&[f64], &[f64]), labels: &[f64], caps: &[f64]) -> Self {
        let bias = bias(scores, labels, caps);
        let (mut square, mut sum, mut loss) = (0.0, 0.0, 0.0);
        for i in 0..numbers.len() {
            square += numbers[i] * scores[i];
            sum += labels[i] * numbers[i];
            loss += caps[i] * (1.0 - labels[i] * (scores[i] + bias)).max(0.0);
        }
        Self {
            bias,
            primal: 0.5 * square + loss,
            dual: sum - 0.5 * square,
        }
    }
}

/// Finds the bias for which the sum of losses is least; in the middle, where many are.
fn bias(scores: &[f64], labels: &[f64], caps: &[f64]) -> f64 {
    // An example of class 1 loses below its corner, one of class -1 above it.
    let corner = |i: usize| labels[i] - scores[i];
    let mut corners: Vec<(f64, f64)> = (0..scores.len()).map(|i| (corner(i), caps[i])).collect();
    corners.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let ones = labels.iter().zip(caps).filter(|(label, _)| **label > 0.0);
    let mut slope = -ones.map(|(_, cap)| cap).sum::<f64>();
    let level = 1e-12 * slope.abs();
    for (at, (corner, cap)) in corners.iter().enumerate() {
        slope += cap;
        if slope > level {
            return *corner;
        }
        if slope >= -level {
            let next = corners.get(at + 1).map_or(*corner, |next| next.0);
            return f64::midpoint(*corner, next);
        }
    }
    0.0
}
