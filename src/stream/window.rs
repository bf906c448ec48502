//! Pieces of a genome, cut out when they are needed.

use super::Genome;
use super::bed::Interval;
use super::code::Code;
use super::rows::Rows;
use crate::sequence::Unknown;
use crate::{Error, Result};
use ndarray::ArrayD;
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// A piece of a chromosome, which may pass its ends.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) chromosome: u32,
    start: i64,
    reverse: bool,
}

/// Windows of one width in a genome.
pub(super) struct Cut {
    bed: PathBuf,
    genome: Genome,
    code: Code,
    pub(super) width: u32,
    pub(super) windows: Vec<Window>,
    /// Windows over an end of a chromosome are left out.
    pub(super) drop: bool,
    /// Intervals on unknown chromosomes are left out.
    pub(super) skip: bool,
    /// Intervals that came, and which of them were kept.
    pub(super) seen: usize,
    pub(super) kept: Vec<usize>,
    pub(super) dropped: usize,
    strange: usize,
    padded: usize,
}

impl Cut {
    pub(super) fn new(bed: &Path, genome: &Genome, unknown: Unknown) -> Self {
        Self {
            bed: bed.to_owned(),
            code: genome.code(unknown),
            genome: genome.clone(),
            width: 0,
            windows: Vec::new(),
            drop: false,
            skip: false,
            seen: 0,
            kept: Vec::new(),
            dropped: 0,
            strange: 0,
            padded: 0,
        }
    }

    pub(super) fn fail(&self, line: usize, expected: String, got: impl std::fmt::Display) -> Error {
        let origin = self.bed.display().to_string();
        Error::parse(origin, line, (expected, got.to_string()))
    }

    /// Takes the window around an interval; gives the chromosome unless it was left out.
    pub(super) fn take(
        &mut self,
        line: usize,
        interval: &Interval<'_>,
        (center, reverse): (u32, bool),
    ) -> Result<Option<u32>> {
        self.seen += 1;
        let Some(chromosome) = self.genome.number(interval.chromosome) else {
            if self.skip {
                self.dropped += 1;
                self.strange += 1;
                return Ok(None);
            }
            let genome = self.genome.path().display();
            let known = self.genome.known();
            let expected = format!(
                "a chromosome of {genome}: {known}; or the option `skip_unknown_chromosomes`"
            );
            let got = format!("`{}`", interval.chromosome.escape_debug());
            return Err(self.fail(line, expected, got));
        };
        let letters = self.genome.letters(chromosome);
        if u64::from(interval.end) > letters {
            let expected = format!("an end up to {letters}, that of `{}`", interval.chromosome);
            return Err(self.fail(line, expected, interval.end));
        }
        let start = i64::from(center) - i64::from(self.width / 2);
        let passes = start < 0 || (start + i64::from(self.width)) as u64 > letters;
        if passes && self.drop {
            self.dropped += 1;
            return Ok(None);
        }
        self.padded += usize::from(passes);
        self.kept.push(self.seen - 1);
        self.windows.push(Window {
            chromosome,
            start,
            reverse,
        });
        Ok(Some(chromosome))
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = self.genome.notes().to_vec();
        let counts = [
            (self.padded, "windows padded at an end of their chromosome"),
            (
                self.dropped - self.strange,
                "windows left out that pass an end of their chromosome",
            ),
            (
                self.strange,
                "intervals left out whose chromosome the genome does not have",
            ),
        ];
        for (count, what) in counts {
            if count > 0 {
                notes.push(format!("{count} {what}"));
            }
        }
        notes
    }

    fn letters(&self, window: &Window) -> Result<Vec<u8>> {
        let (alphabet, width) = (self.code.alphabet, self.width as usize);
        let length = self.genome.letters(window.chromosome) as i64;
        let end = window.start + i64::from(self.width);
        let (from, to) = (window.start.clamp(0, length), end.clamp(0, length));
        let mut letters = vec![alphabet.unknown(); (from - window.start) as usize];
        let piece = (from as u64, to as u64);
        letters.extend(self.genome.part(window.chromosome, piece)?);
        letters.resize(width, alphabet.unknown());
        if window.reverse {
            letters.reverse();
            for letter in &mut letters {
                *letter = alphabet.complement(*letter);
            }
        }
        Ok(letters)
    }
}

impl Rows for Cut {
    fn len(&self) -> usize {
        self.windows.len()
    }

    fn shape(&self) -> Vec<usize> {
        vec![self.code.alphabet.size(), self.width as usize]
    }

    fn read(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        let letters = rows
            .par_iter()
            .map(|&row| self.letters(&self.windows[row]))
            .collect::<Vec<Result<_>>>();
        // Of several that fail the first is named, for any number of threads.
        let letters = letters.into_iter().collect::<Result<Vec<_>>>()?;
        self.code.encode(letters)
    }
}
