//! Turning the effects on two traits to the same allele.

use super::Instruments;
use super::associations::{Associations, Data};
use crate::{Error, Result};
use polars::prelude::{Column, DataFrame};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Puts the effects of variants on an exposure and on an outcome together, turned to the same allele.
///
/// Where the alleles of the outcome are those of the exposure in the other order, its effect is turned; where they are so on the other
/// strand, they are read there. The alleles A and T, or C and G, look alike on both strands: then the frequencies of the effect alleles
/// decide, and the variant is dropped where one is unknown or within 0.08 of one half. One without two different alleles is dropped, too. What became of every variant of the exposure
/// is listed in [`Harmonised::report`].
///
/// # Errors
///
/// Fails when the table of instruments cannot be made.
///
/// # Examples
///
/// ```
/// use genolens::{causal::{self, Associations, AssociationColumns}, polars::prelude::df};
/// # fn main() -> genolens::Result<()> {
/// let ldl = df!("SNP" => ["rs1", "rs2"], "beta" => [0.1, 0.2], "se" => [0.01, 0.01], "effect_allele" => ["A", "C"], "other_allele" => ["G", "G"])?;
/// let chd = df!("SNP" => ["rs2", "rs1"], "beta" => [0.3, -0.2], "se" => [0.1, 0.1], "effect_allele" => ["C", "C"], "other_allele" => ["G", "T"])?;
/// let columns = AssociationColumns::new();
/// let ldl = Associations::from_frame("LDL", &ldl, &columns)?;
/// let found = causal::harmonise(&ldl, &Associations::from_frame("CHD", &chd, &columns)?)?;
/// // rs1 was measured on the other strand with the other allele; rs2 cannot be told apart without frequencies.
/// assert_eq!(found.instruments().ids(), ["rs1"]);
/// assert_eq!(found.instruments().outcome_effects()[0], 0.2);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Hartwig, Davies, Hemani and Davey Smith 2016, doi:10.1093/ije/dyx028. The rules are those of `harmonise_data` of `TwoSampleMR`
/// with `action = 2`.
pub fn harmonise(exposure: &Associations, outcome: &Associations) -> Result<Harmonised> {
    Harmonise::new().run(exposure, outcome)
}

/// Harmonisation, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Harmonise {
    palindromes: Palindromes,
    margin: f64,
}

/// What is done with variants whose alleles look alike on both strands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palindromes {
    /// The frequencies decide where they can.
    #[default]
    ByFrequency,
    /// They are taken as they are: both tables are known to be on the same strand.
    SameStrand,
    /// They are dropped.
    Drop,
}

impl Default for Harmonise {
    fn default() -> Self {
        Self {
            palindromes: Palindromes::ByFrequency,
            margin: 0.08,
        }
    }
}

/// What became of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Kept,
    Turned,
    OtherStrand,
    OtherStrandTurned,
    NotInOutcome,
    Untold,
    Alleles,
    Ambiguous,
}

impl Fate {
    fn reason(self) -> &'static str {
        match self {
            Self::Kept => "as it is",
            Self::Turned => "alleles in the other order",
            Self::OtherStrand => "read on the other strand",
            Self::OtherStrandTurned => "read on the other strand, alleles in the other order",
            Self::NotInOutcome => "not in the table of the outcome",
            Self::Untold => "no two different alleles",
            Self::Alleles => "other alleles",
            Self::Ambiguous => "alleles look alike on both strands, and frequencies do not tell",
        }
    }

    /// How the effect on the outcome is turned; nothing if the variant is dropped.
    fn sign(self) -> Option<f64> {
        match self {
            Self::Kept | Self::OtherStrand => Some(1.0),
            Self::Turned | Self::OtherStrandTurned => Some(-1.0),
            _ => None,
        }
    }
}

impl Harmonise {
    /// Asks for what [`harmonise`] does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what is done with variants whose alleles look alike on both strands.
    pub fn palindromes(mut self, palindromes: Palindromes) -> Self {
        self.palindromes = palindromes;
        self
    }

    /// Sets how far from one half frequencies must be to decide (0.08 if it is not set).
    pub fn margin(mut self, margin: f64) -> Self {
        self.margin = margin;
        self
    }

    /// Puts two tables together.
    ///
    /// # Errors
    ///
    /// As [`harmonise`], and when the margin is not from 0 to below 0.5.
    pub fn run(&self, exposure: &Associations, outcome: &Associations) -> Result<Harmonised> {
        if !(0.0..0.5).contains(&self.margin) {
            return Err(Error::value("margin", "0 to below 0.5", self.margin));
        }
        let (x, y) = (&exposure.data, &outcome.data);
        let places = y.ids.iter().enumerate().map(|(at, id)| (id.as_str(), at));
        let places: HashMap<&str, usize> = places.collect();
        let fate = |at: usize| match places.get(x.ids[at].as_str()) {
            Some(other) => self.fate((x, at), (y, *other)),
            None => Fate::NotInOutcome,
        };
        let fates: Vec<Fate> = (0..x.ids.len()).map(fate).collect();
        let kept: Vec<(usize, usize, f64)> = (0..x.ids.len())
            .filter_map(|at| Some((at, *places.get(x.ids[at].as_str())?, fates[at].sign()?)))
            .collect();
        let of_x: Vec<usize> = kept.iter().map(|kept| kept.0).collect();
        let of_y: Vec<usize> = kept.iter().map(|kept| kept.1).collect();
        let mut effects = y.effects.choose(&of_y);
        for (value, kept) in effects.values.iter_mut().zip(&kept) {
            // A turned 0 stays 0, without a sign.
            *value = *value * kept.2 + 0.0;
        }
        let alleles: Vec<(&str, &str)> = of_x
            .iter()
            .map(|at| (x.alleles[*at].0.as_str(), x.alleles[*at].1.as_str()))
            .collect();
        let (effect, other): (Vec<&str>, Vec<&str>) = alleles.into_iter().unzip();
        let mut found = Instruments::from_effects(vec![x.effects.choose(&of_x)], effects)?
            .with_ids(of_x.iter().map(|at| x.ids[*at].clone()))?
            .with_alleles(&effect, &other)?;
        let frequencies: Vec<f64> = of_x.iter().map(|at| x.frequencies[*at]).collect();
        if frequencies.iter().all(|frequency| !frequency.is_nan()) {
            found = found.with_frequencies(&frequencies)?;
        }
        Ok(Harmonised {
            instruments: found,
            report: x.ids.iter().cloned().zip(fates).collect(),
        })
    }

    fn fate(&self, (x, at): (&Data, usize), (y, other): (&Data, usize)) -> Fate {
        let (own, theirs) = (&x.alleles[at], &y.alleles[other]);
        let told = |alleles: &(String, String)| {
            !(alleles.0.is_empty() || alleles.1.is_empty() || alleles.0 == alleles.1)
        };
        if !(told(own) && told(theirs)) {
            return Fate::Untold;
        }
        let turned = (theirs.1.clone(), theirs.0.clone());
        if complement(&own.0).as_ref() == Some(&own.1) {
            if *own != *theirs && *own != turned {
                return Fate::Alleles;
            }
            let as_written = if own == theirs {
                Fate::Kept
            } else {
                Fate::Turned
            };
            return match self.palindromes {
                Palindromes::SameStrand => as_written,
                Palindromes::Drop => Fate::Ambiguous,
                Palindromes::ByFrequency => {
                    let (fx, fy) = (x.frequencies[at], y.frequencies[other]);
                    let tells = |f: f64| (f - 0.5).abs() > self.margin;
                    if !(tells(fx) && tells(fy)) {
                        return Fate::Ambiguous;
                    }
                    // The same allele is rare, or frequent, in both; otherwise the effect is that of the other one.
                    match ((fx < 0.5) == (fy < 0.5), as_written) {
                        (true, Fate::Kept) => Fate::Kept,
                        (true, _) => Fate::OtherStrand,
                        (false, Fate::Kept) => Fate::OtherStrandTurned,
                        (false, _) => Fate::Turned,
                    }
                }
            };
        }
        let strand = complement(&theirs.0).zip(complement(&theirs.1));
        let strand_turned = strand.clone().map(|(a, b)| (b, a));
        if own == theirs {
            Fate::Kept
        } else if *own == turned {
            Fate::Turned
        } else if strand.as_ref() == Some(own) {
            Fate::OtherStrand
        } else if strand_turned.as_ref() == Some(own) {
            Fate::OtherStrandTurned
        } else {
            Fate::Alleles
        }
    }
}

/// The letters on the other strand, in their order; nothing for what is no text of DNA.
fn complement(allele: &str) -> Option<String> {
    let letter = |letter| match letter {
        'A' => Some('T'),
        'C' => Some('G'),
        'G' => Some('C'),
        'T' => Some('A'),
        _ => None,
    };
    let found: Option<String> = allele.chars().rev().map(letter).collect();
    found.filter(|found| !found.is_empty())
}

/// Variants of two tables turned to the same alleles, and what became of each; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Harmonised {
    instruments: Instruments,
    report: Arc<[(String, Fate)]>,
}

impl Harmonised {
    /// Returns the variants that could be used.
    pub fn instruments(&self) -> Instruments {
        self.instruments.clone()
    }

    /// Returns how many variants of the exposure were dropped.
    pub fn dropped(&self) -> usize {
        let dropped = self.report.iter().filter(|(_, fate)| fate.sign().is_none());
        dropped.count()
    }

    /// Returns a table with one row for each variant of the exposure: `id`, `kept` and `reason`.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn report(&self) -> Result<DataFrame> {
        let ids: Vec<&str> = self.report.iter().map(|row| row.0.as_str()).collect();
        let kept: Vec<bool> = self
            .report
            .iter()
            .map(|row| row.1.sign().is_some())
            .collect();
        let reasons: Vec<&str> = self.report.iter().map(|row| row.1.reason()).collect();
        Ok(DataFrame::new_infer_height(vec![
            Column::new("id".into(), ids),
            Column::new("kept".into(), kept),
            Column::new("reason".into(), reasons),
        ])?)
    }
}

impl fmt::Debug for Harmonised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Harmonised({:?}, {} dropped)",
            self.instruments,
            self.dropped()
        )
    }
}
