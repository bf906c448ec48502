//! Tests of whether a gene differs between groups.

/// A test of whether a gene differs between two groups of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MarkerTest {
    /// Welch's t-test: means differ, variances may.
    #[default]
    TTest,
    /// The same with the variance of the mean of the other cells taken as if they were as few as the group: careful with small groups.
    TTestOverestimatedVariance,
    /// Wilcoxon's rank sum test by its normal approximation, without correction for continuity.
    Wilcoxon,
    /// Coefficients of one logistic regression of all groups on all genes (with the penalty of scikit-learn); it gives no p-values.
    LogisticRegression,
}
