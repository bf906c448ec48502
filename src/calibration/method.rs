//! How scores become calibrated probabilities.

use std::fmt;

/// How raw scores `z` (log-odds) become calibrated probabilities.
///
/// For tasks, a curve is fitted for each; for classes that exclude each other, temperature is one number for all, and the others fit one
/// curve for each class against the others, after which probabilities are made to sum to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `sigmoid(z / T)`: one number, which keeps 0.5 where it is, the order of examples, and of classes the most probable one (Guo et
    /// al. 2017, <https://proceedings.mlr.press/v70/guo17a.html>). It cannot mend a base rate that has shifted.
    Temperature,
    /// `sigmoid(a z + b)`, fitted with Platt's softened targets (Platt 1999; Lin, Lin and Weng 2007,
    /// <https://doi.org/10.1007/s10994-007-5018-6>). Mends a base rate.
    Platt,
    /// Any curve that never falls (Zadrozny and Elkan 2002, <https://doi.org/10.1145/775047.775151>); wants about 1000 examples.
    Isotonic,
    /// The share of events in each of several bins that hold about as many examples (Zadrozny and Elkan 2001). Not always rising.
    Histogram,
    /// `sigmoid(a ln p - b ln(1 - p) + c)`, `a` and `b` at least 0 (Kull, Silva Filho and Flach 2017,
    /// <https://proceedings.mlr.press/v54/kull17a.html>): mends probabilities that are too sure on one side.
    Beta,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Temperature => "temperature",
            Self::Platt => "Platt",
            Self::Isotonic => "isotonic",
            Self::Histogram => "histogram binning",
            Self::Beta => "beta",
        })
    }
}
