//! What variants do to the outputs.

use super::{BeforeAndAfter, ScoredVariants};
use crate::Result;
use crate::network::Model;
use crate::sequence::Alleles;

/// Computes the outputs of windows of a genome without and with variants.
///
/// # Errors
///
/// As [`VariantEffects::run`].
///
/// # Examples
///
/// With a genome that stays in its file: `let genome = stream::Genome::open("hg38.fa")?`.
///
/// ```
/// use genolens::sequence::{Alphabet, Sequences, Variants};
/// use genolens::{attribution, network};
/// # fn main() -> genolens::Result<()> {
/// let genome = Sequences::new(Alphabet::Dna, [("chr1", "AACCGGTTACGTACGTACGATTTACG")])?;
/// let variants = Variants::parse("chr1\t5\trs1\tG\tA,GT\nchr1\t11\trs2\tGTA\tG\n")?;
/// let alleles = variants.windows(&genome, 20)?;
/// let scored = attribution::variant_effects(&network::deepbind(4), &alleles)?;
/// assert_eq!(scored.table()?.height(), 3);
/// # Ok(()) }
/// ```
///
/// # References
///
/// For single letters the difference is that of tangermeme's `substitution_effect`.
pub fn variant_effects(model: &dyn Model, alleles: &Alleles) -> Result<ScoredVariants> {
    VariantEffects::new().run(model, alleles)
}

/// Scores variants, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantEffects {
    batch: usize,
    both_strands: bool,
}

impl VariantEffects {
    /// Takes the defaults: the windows as they are, batches of 64.
    pub fn new() -> Self {
        Self {
            batch: 64,
            both_strands: false,
        }
    }

    /// Sets the number of windows that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets whether outputs are the mean of those of a window and of its other strand: for models that do not look at both themselves.
    pub fn both_strands(mut self, both: bool) -> Self {
        self.both_strands = both;
        self
    }

    /// Computes all outputs for all pairs of windows.
    ///
    /// # Errors
    ///
    /// Fails when the model cannot read the windows, or the user interrupts.
    pub fn run(&self, model: &dyn Model, alleles: &Alleles) -> Result<ScoredVariants> {
        let run = BeforeAndAfter::new().batch(self.batch);
        let (reference, alternative) = (alleles.reference(), alleles.alternative());
        let mut change = run.compare(model, ("variants", reference), alternative)?;
        if self.both_strands {
            let windows = (
                reference.reverse_complement()?,
                alternative.reverse_complement()?,
            );
            change = change.averaged(&run.compare(model, ("variants", &windows.0), &windows.1)?);
        }
        Ok(ScoredVariants::new(alleles.variants().clone(), change))
    }
}

impl Default for VariantEffects {
    fn default() -> Self {
        Self::new()
    }
}
