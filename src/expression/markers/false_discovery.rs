//! The share of false discoveries.

/// Turns p-values into the least false discovery rates at which they are discoveries (Benjamini and Hochberg 1995,
/// doi:10.1111/j.2517-6161.1995.tb02031.x).
pub(super) fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let n = p.len() as f64;
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[b].total_cmp(&p[a]));
    let mut adjusted = vec![1.0; p.len()];
    let mut least = 1.0_f64;
    for (place, gene) in order.into_iter().enumerate() {
        let rank = n - place as f64;
        least = least.min(p[gene] * (n / rank));
        adjusted[gene] = least;
    }
    adjusted
}
