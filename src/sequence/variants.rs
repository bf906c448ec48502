//! Differences from a genome, and reading them from VCF.

use super::fasta::excerpt;
use super::{AlleleWindows, Alleles, Alphabet, Chromosomes, Variant};
use crate::progress;
use crate::text::name_gzip_fault;
use crate::{Error, Result};
use flate2::read::MultiGzDecoder;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// The longest line that is read: half a million genotypes take a few megabytes.
const LINE: u64 = 1 << 26;

/// Lines between two looks at whether the user wants to stop.
const LOOK: usize = 1 << 14;

/// Variants in the order of their file; cheap to clone.
///
/// Only the first five columns of VCF are read. A line with several alternatives is several variants. Alternatives without letters
/// (`<DEL>`, `*`, breakends, `.`) have no sequence that a model could read: they are left out, and counted.
///
/// # Examples
///
/// ```
/// use genolens::sequence::Variants;
/// # fn main() -> genolens::Result<()> {
/// let text = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\nchr1\t7\trs1\tA\tG,AT,<DEL>\n";
/// let variants = Variants::parse(text)?;
/// assert_eq!((variants.len(), variants.left_out()), (2, 1));
/// assert_eq!(variants.get(1).to_string(), "chr1:7:A>AT");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Variants {
    variants: Arc<[Variant]>,
    left_out: usize,
}

impl Variants {
    /// Reads a VCF file, plain or gzipped (also by `bgzip`), line by line.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] when the file is absent or its gzip stream is truncated or broken; [`Error::Parse`], naming file and line, for fewer
    /// than five tab-separated columns, a position that is no whole number of 1 or more, letters other than `ACGTN`, and a file without a
    /// variant that has letters; [`Error::Interrupted`] when the user stops it.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let fail = |error| Error::read(path, error);
        let mut file = BufReader::new(File::open(path).map_err(fail)?);
        let gzipped = file.fill_buf().map_err(fail)?.starts_with(&[0x1f, 0x8b]);
        let mut reader: Box<dyn BufRead> = if gzipped {
            Box::new(BufReader::new(MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        let fail = |error| Error::read(path, name_gzip_fault(&error));
        read((&mut *reader, &fail), &path.display().to_string())
    }

    /// Reads a text.
    ///
    /// # Errors
    ///
    /// As [`Variants::open`], with `VCF text` in place of the file.
    pub fn parse(text: &str) -> Result<Self> {
        let fail = |error| Error::read("", error);
        read((&mut text.as_bytes(), &fail), "VCF text")
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.variants.len()
    }

    /// Tells whether there is none, which no reading gives.
    pub fn is_empty(&self) -> bool {
        self.variants.is_empty()
    }

    /// Returns how many alternatives the file has beside these, which are no letters.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Returns one of them.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Variants::len`].
    pub fn get(&self, index: usize) -> Variant {
        self.variants[index].clone()
    }

    /// Returns them in order.
    pub fn as_slice(&self) -> &[Variant] {
        &self.variants
    }

    /// Returns those with these indices, in this order.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        let one = |&index: &usize| {
            self.variants.get(index).cloned().ok_or_else(|| {
                let expected = format!("below {}, the number of variants", self.len());
                Error::value("indices", expected, index)
            })
        };
        let variants = indices.iter().map(one).collect::<Result<_>>()?;
        Ok(Self {
            variants,
            left_out: self.left_out,
        })
    }

    /// Cuts windows of this length around all variants out of a genome, once as it is and once with the variant.
    ///
    /// [`AlleleWindows`] says how, and has options.
    ///
    /// # Errors
    ///
    /// As [`AlleleWindows::run`].
    pub fn windows(&self, genome: &dyn Chromosomes, length: usize) -> Result<Alleles> {
        AlleleWindows::new(length).run(genome, self)
    }

    /// Returns a table with the columns chromosome, position (from 1), id, reference and alternative.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let column = |get: fn(&Variant) -> &str| self.variants.iter().map(get).collect::<Vec<_>>();
        let positions = self
            .variants
            .iter()
            .map(|variant| variant.position() as i64);
        Ok(df!(
            "chromosome" => column(Variant::chromosome),
            "position" => positions.collect::<Vec<_>>(),
            "id" => column(Variant::id),
            "reference" => column(Variant::reference),
            "alternative" => column(Variant::alternative),
        )?)
    }
}

impl FromIterator<Variant> for Variants {
    fn from_iter<I: IntoIterator<Item = Variant>>(variants: I) -> Self {
        Self {
            variants: variants.into_iter().collect(),
            left_out: 0,
        }
    }
}

impl fmt::Debug for Variants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, left_out) = (self.len(), self.left_out);
        write!(f, "Variants(n = {n}, left out = {left_out})")
    }
}

type Failure<'a> = &'a dyn Fn(std::io::Error) -> Error;

fn read((reader, fail): (&mut dyn BufRead, Failure<'_>), origin: &str) -> Result<Variants> {
    let (mut line, mut number) = (Vec::new(), 0);
    let (mut variants, mut left_out) = (Vec::new(), 0);
    loop {
        line.clear();
        let got = reader.take(LINE).read_until(b'\n', &mut line);
        let got = got.map_err(fail)?;
        if got == 0 {
            break;
        }
        number += 1;
        if number % LOOK == 0 {
            let told = progress::check("lines of a VCF", number, number + 1);
            told.inspect_err(|_| progress::clear_interrupt())?;
        }
        let wrong = |problem: (String, String)| Error::parse(origin, number, problem);
        if got as u64 == LINE {
            let expected = format!("lines of at most {LINE} bytes");
            return Err(wrong((expected, "a longer one".into())));
        }
        let line = line.trim_ascii_end();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        left_out += alternatives(line, &mut variants).map_err(wrong)?;
    }
    if variants.is_empty() {
        let got = match left_out {
            0 => "none".into(),
            count => format!("{count} alternatives without letters"),
        };
        return Err(Error::parse(origin, number.max(1), ("a variant", got)));
    }
    Ok(Variants {
        variants: variants.into(),
        left_out,
    })
}

/// Adds the variants of a line and returns how many alternatives have no letters, or what was expected and what came.
fn alternatives(line: &[u8], variants: &mut Vec<Variant>) -> Result<usize, (String, String)> {
    let mut cells = line.split(|&byte| byte == b'\t');
    let mut cell = || -> Result<&str, (String, String)> {
        let Some(cell) = cells.next() else {
            let count = line.split(|&byte| byte == b'\t').count();
            return Err(("5 tab-separated columns or more".into(), count.to_string()));
        };
        let text = str::from_utf8(cell);
        Ok(text
            .map_err(|_| ("UTF-8 text".to_owned(), "other bytes".to_owned()))?
            .trim())
    };
    let (chromosome, position, id) = (cell()?, cell()?, cell()?);
    let (reference, alternatives) = (cell()?, cell()?);
    let quoted = |text: &str| format!("`{}`", excerpt(text).escape_debug());
    if chromosome.is_empty() {
        return Err(("a chromosome in column CHROM".into(), "nothing".into()));
    }
    let number = position.parse().ok().filter(|&position: &u64| position > 0);
    let number = number.ok_or_else(|| {
        let expected = "a whole number of 1 or more in column POS";
        (expected.to_owned(), quoted(position))
    })?;
    let letters = |text: &str| !text.is_empty() && text.bytes().all(|b| Alphabet::Dna.accepts(b));
    if !letters(reference) {
        let expected = "letters of DNA (ACGT or N) in column REF";
        return Err((expected.into(), quoted(reference)));
    }
    let mut left_out = 0;
    for alternative in alternatives.split(',') {
        let symbolic = matches!(alternative, "." | "*" | "<*>")
            || alternative.starts_with('<') && alternative.ends_with('>')
            || alternative.contains(['[', ']'])
            // A single breakend has a point at one end.
            || alternative.len() > 1 && (alternative.starts_with('.') || alternative.ends_with('.'));
        if symbolic {
            left_out += 1;
            continue;
        }
        if !letters(alternative) {
            let expected =
                "letters of DNA (ACGT or N), `*`, `.`, `<...>` or a breakend in column ALT";
            return Err((expected.into(), quoted(alternative)));
        }
        let variant = Variant::new((chromosome, number), reference, alternative);
        let variant = variant.map_err(|error| ("a variant".to_owned(), error.to_string()))?;
        variants.push(variant.named(if id.is_empty() { "." } else { id }));
    }
    Ok(left_out)
}
