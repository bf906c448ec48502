//! Cutting windows around variants out of a genome.

use super::{Alleles, Alphabet, Chromosomes, Sequences, Side, Variant, Variants};
use crate::progress::Task;
use crate::{Error, Result};
use std::collections::HashMap;

/// The longest window.
const MOST: usize = 1 << 28;

/// Cuts windows of one length around variants, with options.
///
/// The first letter of the reference is at position `length / 2`, counted from 0, in both windows. Where the alternative is shorter or
/// longer, the flank behind it is filled from the genome or cut, so that the letters in front stay where they are. Beyond the
/// ends of a chromosome there are unknown letters. A chromosome is found with and without `chr` in front of its name.
///
/// # Examples
///
/// ```
/// use genolens::sequence::{Alphabet, AlleleWindows, Sequences, Variants};
/// # fn main() -> genolens::Result<()> {
/// let genome = Sequences::new(Alphabet::Dna, [("chr1", "AACCGGTTACGT")])?;
/// let variants = Variants::parse("1\t5\t.\tG\tGAA\n")?;
/// let alleles = AlleleWindows::new(6).run(&genome, &variants)?;
/// assert_eq!(alleles.reference().text(0), "ACCGGT");
/// assert_eq!(alleles.alternative().text(0), "ACCGAA");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlleleWindows {
    length: usize,
    side: Side,
    leave_out: bool,
}

impl AlleleWindows {
    /// Takes the length of the windows, as the model reads them, with the defaults: the right flank is cut or filled, and a variant that
    /// does not fit the genome is an error.
    pub fn new(length: usize) -> Self {
        Self {
            length,
            side: Side::Right,
            leave_out: false,
        }
    }

    /// Sets which flank is cut or filled where the alternative has another length; the letters of the other stay where they are.
    pub fn side(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// Sets whether variants that do not fit the genome are left out and counted: those of an unknown chromosome, outside of it, or with
    /// another reference.
    pub fn leave_out(mut self, misfits: bool) -> Self {
        self.leave_out = misfits;
        self
    }

    /// Cuts the windows. An unknown letter, in the genome or in the reference, agrees with every letter.
    ///
    /// # Errors
    ///
    /// Fails when there are no variants or the length is 0 or huge; when a variant has an unknown chromosome, lies outside of it, or has
    /// another reference than the genome (naming the variant), unless such are left out; when none fits, the file of the genome cannot
    /// be read, or the user interrupts.
    pub fn run(&self, genome: &dyn Chromosomes, variants: &Variants) -> Result<Alleles> {
        if !(1..=MOST).contains(&self.length) {
            let expected = format!("1 to {MOST}");
            return Err(Error::value("length", expected, self.length));
        }
        if variants.is_empty() {
            return Err(Error::value("variants", "one or more", "empty"));
        }
        let mut known = HashMap::new();
        let mut task = Task::new("windows of variants", variants.len());
        let (mut kept, mut windows) = (Vec::new(), [Vec::new(), Vec::new()]);
        for (index, variant) in variants.as_slice().iter().enumerate() {
            let name = variant.chromosome();
            let number = *known.entry(name).or_insert_with(|| find(genome, name));
            match self.pair(genome, number, variant)? {
                Ok(pair) => {
                    kept.push(index);
                    for (windows, letters) in windows.iter_mut().zip(pair) {
                        windows.push((variant.to_string(), letters));
                    }
                }
                Err(_) if self.leave_out => {}
                Err(misfit) => return Err(misfit),
            }
            task.step("")?;
        }
        if kept.is_empty() {
            let expected = "some that fit the genome";
            let got = format!("{} that do not", variants.len());
            return Err(Error::value("variants", expected, got));
        }
        let [reference, alternative] =
            windows.map(|pairs| Sequences::from_legal(Alphabet::Dna, pairs));
        let left_out = variants.len() - kept.len();
        let variants = variants.select(&kept)?;
        Ok(Alleles::new(variants, (reference, alternative), left_out))
    }

    /// Cuts both windows of a variant; the inner error is one of the variant, the outer one of the genome.
    fn pair(
        &self,
        genome: &dyn Chromosomes,
        number: Option<usize>,
        variant: &Variant,
    ) -> Result<Result<[Vec<u8>; 2]>> {
        let Some(number) = number else {
            let argument = format!("chromosome of {variant}");
            let expected = format!("one of {}", genome.known());
            return Ok(Err(Error::value(&argument, expected, variant.chromosome())));
        };
        let size = genome.size(number);
        let reference = variant.reference().as_bytes();
        let start = usize::try_from(variant.position() - 1).unwrap_or(usize::MAX);
        let end = start.checked_add(reference.len());
        let Some(end) = end.filter(|&end| end <= size) else {
            let argument = format!("position of {variant}");
            let expected = format!(
                "inside `{}`, which has {size} letters",
                variant.chromosome()
            );
            return Ok(Err(Error::value(&argument, expected, variant.position())));
        };
        let half = self.length / 2;
        let reach = half + self.length;
        let (from, to) = (start.saturating_sub(reach), size.min(end + reach));
        let letters = genome.piece(number, from..to)?;
        let (before, rest) = letters.split_at(start - from);
        let (own, after) = rest.split_at(end - start);
        let unknown = Alphabet::Dna.unknown();
        let agrees =
            |(&a, &b): (&u8, &u8)| a.eq_ignore_ascii_case(&b) || a == unknown || b == unknown;
        if !own.iter().zip(reference).all(agrees) {
            let argument = format!("reference of {variant}");
            let expected = format!("{}, as the genome has", excerpt(own));
            return Ok(Err(Error::value(&argument, expected, excerpt(reference))));
        }
        let alternative = variant.alternative().as_bytes();
        // The first position of the variant, and the one behind it, in the window of the reference.
        let (first, last) = (half as isize, half + reference.len());
        let shift = match self.side {
            Side::Right => first,
            Side::Left => last as isize - alternative.len() as isize,
        };
        Ok(Ok([
            self.window([before, own, after], first),
            self.window([before, alternative, after], shift),
        ]))
    }

    /// Lays letters out so that the middle part begins at a position of the window.
    fn window(&self, [before, middle, after]: [&[u8]; 3], at: isize) -> Vec<u8> {
        let mut window = vec![Alphabet::Dna.unknown(); self.length];
        let start = at - before.len() as isize;
        let letters = before.iter().chain(middle).chain(after);
        for (place, &letter) in (start..).zip(letters) {
            let place = usize::try_from(place).ok();
            if let Some(own) = place.and_then(|place| window.get_mut(place)) {
                *own = letter;
            }
        }
        window
    }
}

/// Finds a chromosome, also by its other usual name.
fn find(genome: &dyn Chromosomes, name: &str) -> Option<usize> {
    let other = || match name.strip_prefix("chr") {
        Some(bare) => genome.find(bare),
        None => genome.find(&format!("chr{name}")),
    };
    genome.find(name).or_else(other)
}

/// The beginning of some letters, for a message.
fn excerpt(letters: &[u8]) -> String {
    let text: String = letters.iter().take(20).copied().map(char::from).collect();
    if letters.len() > 20 {
        text + "..."
    } else {
        text
    }
}
