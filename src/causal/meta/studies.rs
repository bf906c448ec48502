//! Effects of studies with their variances, and the sums that meta-analysis is made of.

/// Effects and sampling variances.
#[derive(Clone, Copy, Debug)]
pub(super) struct Studies<'a> {
    pub(super) y: &'a [f64],
    pub(super) v: &'a [f64],
}

/// Sums of the weights `1 / (v + tau²)` and of what they weigh.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    pub(super) mean: f64,
    /// The sums of the weights, their squares and their cubes.
    pub(super) w: f64,
    pub(super) ww: f64,
    pub(super) www: f64,
    /// Squared distances from the mean, by weight and by squared weight.
    pub(super) q: f64,
    pub(super) qq: f64,
}

impl Studies<'_> {
    pub(super) fn len(&self) -> usize {
        self.y.len()
    }

    /// The degrees of freedom.
    pub(super) fn freedom(&self) -> f64 {
        self.len() as f64 - 1.0
    }

    pub(super) fn weights(&self, tau2: f64) -> impl Iterator<Item = f64> {
        self.v.iter().map(move |v| 1.0 / (v + tau2))
    }

    pub(super) fn sums(&self, tau2: f64) -> Sums {
        let (mut w, mut ww, mut www, mut wy) = (0.0, 0.0, 0.0, 0.0);
        for (weight, y) in self.weights(tau2).zip(self.y) {
            w += weight;
            ww += weight * weight;
            www += weight.powi(3);
            wy += weight * y;
        }
        let mean = wy / w;
        let (mut q, mut qq) = (0.0, 0.0);
        for (weight, y) in self.weights(tau2).zip(self.y) {
            let square = (y - mean).powi(2);
            q += weight * square;
            qq += weight * weight * square;
        }
        Sums {
            mean,
            w,
            ww,
            www,
            q,
            qq,
        }
    }

    /// The mean without weights, and the sum of squared distances from it.
    pub(super) fn plain(&self) -> (f64, f64) {
        let mean = self.y.iter().sum::<f64>() / self.len() as f64;
        (mean, self.y.iter().map(|y| (y - mean).powi(2)).sum())
    }

    /// The tau² at which Q has this value; 0 where it never is as large.
    pub(super) fn where_q_is(&self, target: f64) -> f64 {
        let at = |tau2: f64| self.sums(tau2);
        if at(0.0).q <= target {
            return 0.0;
        }
        // Q falls and is convex, so that Newton's method from below never goes too far.
        let mut tau2 = 0.0_f64;
        for _ in 0..500 {
            let sums = at(tau2);
            let step = (sums.q - target) / sums.qq;
            tau2 += step;
            if step.abs() <= 1e-15 * tau2 {
                break;
            }
        }
        tau2
    }
}

impl Sums {
    /// The trace of the matrix that projects the mean out, and of its square.
    pub(super) fn traces(&self) -> (f64, f64) {
        let ratio = self.ww / self.w;
        (
            self.w - ratio,
            self.ww - 2.0 * self.www / self.w + ratio * ratio,
        )
    }
}
