//! Ways to measure how variable a gene is.

/// How it is measured how variable a gene is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavor {
    /// Dispersion (variance over mean) of values whose logarithm was taken, as a z-score among genes of like mean (Satija 2015,
    /// doi:10.1038/nbt.3192).
    #[default]
    Seurat,
    /// The same with median and median absolute deviation (Zheng 2017, doi:10.1038/ncomms14049).
    CellRanger,
    /// Variance of counts standardised by a curve through the variances of all genes (Stuart 2019, doi:10.1016/j.cell.2019.05.031);
    /// over batches the median rank decides, then the number of batches.
    SeuratV3,
    /// The same; the number of batches decides, then the median rank, as the paper says.
    SeuratV3Paper,
    /// Variance of the residuals of counts from a negative binomial without other structure than depth (Lause 2021,
    /// doi:10.1186/s13059-021-02451-7).
    PearsonResiduals,
}

impl Flavor {
    /// Tells whether it reads counts, not logarithms.
    pub(super) fn reads_counts(self) -> bool {
        !matches!(self, Self::Seurat | Self::CellRanger)
    }
}
