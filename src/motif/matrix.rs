//! Counts to probabilities to weights to information.

use super::Motif;
use ndarray::{Array1, Array2, Axis, Zip};

/// The other matrices of a motif, as logomaker's `transform_matrix` defines them (checked against logomaker 0.8.7).
impl Motif {
    /// Returns the probabilities with a pseudocount added to every count: `(count + pseudocount) / sum`.
    ///
    /// A negative pseudocount is taken as zero.
    pub fn smoothed(&self, pseudocount: f64) -> Array2<f64> {
        let counts = self.counts() + pseudocount.max(0.0);
        let sums = counts.sum_axis(Axis(1)).insert_axis(Axis(1));
        counts / sums
    }

    /// Returns the weights, log-odds in bits, with a pseudocount of 1: `log2(probability / background)`.
    pub fn weight(&self) -> Array2<f64> {
        self.weight_with(1.0)
    }

    /// Returns the weights in bits; without a pseudocount a letter that never occurs weighs minus infinity.
    pub fn weight_with(&self, pseudocount: f64) -> Array2<f64> {
        let mut weight = self.smoothed(pseudocount);
        for mut row in weight.rows_mut() {
            Zip::from(&mut row)
                .and(self.background())
                .for_each(|p, &b| *p = (*p / b).log2());
        }
        weight
    }

    /// Returns the information of each position in bits, shape `(positions,)`: `sum p log2(p / background)`.
    pub fn information(&self) -> Array1<f64> {
        information(self.probability(), self.background())
    }

    /// Returns the information of each position less what so few sites would show by chance, at least zero.
    ///
    /// The correction is `(letters - 1) / (2 ln 2 sites)` (Schneider, Stormo, Gold and Ehrenfeucht 1986,
    /// doi:10.1016/0022-2836(86)90165-8).
    pub fn corrected_information(&self) -> Array1<f64> {
        let sites = self.counts().sum_axis(Axis(1));
        let excess = (self.alphabet().size() - 1) as f64 / (2.0 * std::f64::consts::LN_2);
        (self.information() - excess / sites).mapv(|bits| bits.max(0.0))
    }

    /// Returns the information of the whole motif in bits.
    pub fn total_information(&self) -> f64 {
        self.information().sum()
    }

    /// Returns the heights of the letters of an information logo, shape `(positions, letters)`, in bits.
    ///
    /// A letter is as high as its probability times the information of its position.
    pub fn information_matrix(&self) -> Array2<f64> {
        self.probability() * &self.information().insert_axis(Axis(1))
    }
}

fn information(probability: &Array2<f64>, background: &Array1<f64>) -> Array1<f64> {
    probability.map_axis(Axis(1), |row| {
        let bits = |(&p, &b): (&f64, &f64)| if p > 0.0 { p * (p / b).log2() } else { 0.0 };
        // Rounding can leave a uniform position a hair below zero.
        row.iter().zip(background).map(bits).sum::<f64>().max(0.0)
    })
}
