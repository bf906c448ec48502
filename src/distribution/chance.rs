//! How a p-value reads.

/// Writes a p-value with four digits, and one that would round to nothing as a bound: no chance is 0.
pub(crate) fn told(p: f64) -> String {
    if p < 1e-4 {
        "p < 0.0001".into()
    } else {
        format!("p {p:.4}")
    }
}
