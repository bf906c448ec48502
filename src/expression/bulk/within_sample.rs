//! Counts relative to the depth of the sample and the length of the gene.

use super::GeneLengths;
use super::counted::{library_sizes, scaled};
use crate::Result;
use crate::expression::{Cells, Values};

/// Divides counts by the sum of their sample, in millions: counts per million (CPM).
///
/// `samples` has shape `(samples, genes)`; every sample of the result sums to a million. Numbers are computed in double precision and kept
/// in single. As `RNAnorm`'s `CPM`, checked against `RNAnorm` 2.2.0.
///
/// # Errors
///
/// Fails when a count is negative or not finite, or a sample has none.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let samples = Cells::new(array![[1.0_f32, 3.0], [20.0, 20.0]], ["a", "b"], ["short", "long"])?;
/// assert_eq!(expression::cpm(&samples)?.gene("short")?.to_vec(), [250_000.0, 500_000.0]);
/// # Ok(()) }
/// ```
pub fn cpm(samples: &Cells) -> Result<Cells> {
    let sizes = library_sizes(samples)?;
    scaled(samples, &sizes.mapv(|size| 1e6 / size).to_vec(), None)
}

/// Divides counts per million by the length of the gene in kilobases: reads per kilobase and million (RPKM).
///
/// `samples` has shape `(samples, genes)`. Unlike those of [`tpm`], the samples of the result do not have the same sum, so that a share in
/// one sample cannot be compared with that in another. For fragments of two reads the same number is called [`fpkm`].
///
/// # Errors
///
/// As [`cpm`], and when a gene has no length.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells, GeneLengths}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let samples = Cells::new(array![[1.0_f32, 3.0]], ["a"], ["short", "long"])?;
/// let lengths = GeneLengths::new([("short", 500.0), ("long", 3000.0)])?;
/// assert_eq!(expression::rpkm(&samples, &lengths)?.gene("long")?[0], 250_000.0);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Mortazavi et al. 2008, <https://doi.org/10.1038/nmeth.1226>.
pub fn rpkm(samples: &Cells, lengths: &GeneLengths) -> Result<Cells> {
    let by_gene: Vec<f64> = lengths
        .of(samples.genes())?
        .iter()
        .map(|length| 1e3 / length)
        .collect();
    let sizes = library_sizes(samples)?;
    scaled(
        samples,
        &sizes.mapv(|size| 1e6 / size).to_vec(),
        Some(&by_gene),
    )
}

/// Computes fragments per kilobase and million (FPKM): [`rpkm`] of counts of fragments. As `RNAnorm`'s `FPKM`.
///
/// # Errors
///
/// As [`rpkm`].
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells, GeneLengths}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let samples = Cells::new(array![[1.0_f32, 3.0]], ["a"], ["short", "long"])?;
/// let lengths = GeneLengths::new([("short", 500.0), ("long", 3000.0)])?;
/// assert_eq!(expression::fpkm(&samples, &lengths)?, expression::rpkm(&samples, &lengths)?);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Trapnell et al. 2010, <https://doi.org/10.1038/nbt.1621>.
pub fn fpkm(samples: &Cells, lengths: &GeneLengths) -> Result<Cells> {
    rpkm(samples, lengths)
}

/// Divides counts by the length of the gene, and then by the sum of the sample in millions: transcripts per million (TPM).
///
/// `samples` has shape `(samples, genes)`; every sample of the result sums to a million. As `RNAnorm`'s `TPM`, except that a gene without
/// length is an error and not a column without numbers.
///
/// # Errors
///
/// As [`rpkm`].
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells, GeneLengths}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let samples = Cells::new(array![[1.0_f32, 3.0]], ["a"], ["short", "long"])?;
/// let lengths = GeneLengths::new([("short", 500.0), ("long", 1500.0)])?;
/// assert_eq!(expression::tpm(&samples, &lengths)?.gene("long")?[0], 500_000.0);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Li et al. 2010, <https://doi.org/10.1093/bioinformatics/btp692>; Wagner, Kin and Lynch 2012,
/// <https://doi.org/10.1007/s12064-012-0162-3>.
pub fn tpm(samples: &Cells, lengths: &GeneLengths) -> Result<Cells> {
    let by_gene: Vec<f64> = lengths
        .of(samples.genes())?
        .iter()
        .map(|length| 1e3 / length)
        .collect();
    library_sizes(samples)?;
    let rate = |gene: usize, count: f32| f64::from(count) * by_gene[gene];
    let sums: Vec<f64> = match samples.values() {
        Values::Sparse(values) => (0..values.nrows())
            .map(|row| {
                let (genes, counts) = values.row(row);
                genes
                    .iter()
                    .zip(counts)
                    .map(|(&gene, &count)| rate(gene as usize, count))
                    .sum()
            })
            .collect(),
        Values::Dense(values) => values
            .outer_iter()
            .map(|row| {
                row.iter()
                    .enumerate()
                    .map(|(gene, &count)| rate(gene, count))
                    .sum()
            })
            .collect(),
    };
    let by_sample: Vec<f64> = sums.iter().map(|sum| 1e6 / sum).collect();
    scaled(samples, &by_sample, Some(&by_gene))
}
