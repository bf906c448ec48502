//! Support vector machines in safetensors files; hostile until read.

use super::filter::KmerFilter;
use super::gapped_kmer_svm::{Data, GappedKmerSvm};
use super::gapped_kmers::GappedKmers;
use crate::{Error, Result};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::HashMap;
use std::path::Path;

const FORMAT: &str = "genolens gapped k-mer svm 1";

const FILTERS: [(&str, KmerFilter); 3] = [
    ("counts", KmerFilter::Counts),
    ("estimated", KmerFilter::Estimated),
    ("truncated", KmerFilter::Truncated),
];

impl GappedKmerSvm {
    /// Writes the scores of all words and what training found to a safetensors file, 17 MB for words of 11 letters.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_at(path.as_ref())
    }

    /// Reads a file that [`save`](Self::save) wrote; its scores are the same to the last bit.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or is not such a file.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{ndarray::array, sequence::Sequences, training};
    /// # fn main() -> genolens::Result<()> {
    /// let x = Sequences::dna(["ACGGAAGTCA", "CCGGAAGTTC", "TTTGACATGA", "GACTTTACAG"])?;
    /// let kernel = training::GappedKmers::new().length(6).informative(4);
    /// let svm = training::FitSvm::new().kernel(&kernel).run(&x, &array![1.0, 1.0, 0.0, 0.0])?;
    /// let path = std::env::temp_dir().join("genolens_doc_svm.safetensors");
    /// svm.save(&path)?;
    /// assert_eq!(training::GappedKmerSvm::open(&path)?.bias(), svm.bias());
    /// # std::fs::remove_file(path).ok();
    /// # Ok(()) }
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        let data = read(&bytes).map_err(|got| {
            let expected = "a complete gapped k-mer support vector machine";
            Error::value(&path.display().to_string(), expected, got)
        })?;
        Ok(Self::new(data))
    }

    fn save_at(&self, path: &Path) -> Result<()> {
        let Data {
            kernel,
            words,
            numbers,
            bias,
            values,
            violation,
            converged,
            turns,
            ..
        } = self.data();
        let filter = FILTERS.iter().find(|(_, filter)| *filter == kernel.filter);
        let optional = |value: Option<String>| value.unwrap_or_else(|| "none".into());
        let texts = [
            ("format", FORMAT.into()),
            ("length", kernel.length.to_string()),
            ("informative", kernel.informative.to_string()),
            (
                "mismatches",
                optional(kernel.mismatches.map(|m| m.to_string())),
            ),
            ("filter", filter.map_or("", |(name, _)| name).into()),
            (
                "half_life",
                optional(kernel.half_life.map(|h| h.to_string())),
            ),
            ("both_strands", kernel.both_strands.to_string()),
            ("converged", converged.to_string()),
            ("turns", turns.to_string()),
        ];
        let texts: HashMap<String, String> = texts
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text))
            .collect();
        let found = [*bias, values.0, values.1, *violation];
        let doubles =
            |values: &[f64]| -> Vec<u8> { values.iter().flat_map(|v| v.to_le_bytes()).collect() };
        let arrays = [
            (
                "words",
                Dtype::F32,
                words.len(),
                words.iter().flat_map(|v| v.to_le_bytes()).collect(),
            ),
            (
                "numbers",
                Dtype::F64,
                numbers.len(),
                doubles(&numbers.to_vec()),
            ),
            ("found", Dtype::F64, found.len(), doubles(&found)),
        ];
        let views = arrays
            .iter()
            .map(|(name, kind, length, bytes)| {
                let view = TensorView::new(*kind, vec![*length], bytes);
                Ok((*name, view.map_err(candle_core::Error::wrap)?))
            })
            .collect::<Result<Vec<_>>>()?;
        let bytes = safetensors::serialize(views, Some(texts));
        let bytes = bytes.map_err(candle_core::Error::wrap)?;
        std::fs::write(path, bytes).map_err(|source| Error::write(path, source))
    }
}

/// Reads a file, or says what it is instead.
fn read(bytes: &[u8]) -> Result<Data, String> {
    let other = |_| format!("{} bytes of something else", bytes.len());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(other)?;
    let file = SafeTensors::deserialize(bytes).map_err(other)?;
    let texts = metadata.metadata().clone().unwrap_or_default();
    let text = |name: &str| texts.get(name).map_or("", String::as_str);
    if text("format") != FORMAT {
        return Err("a file of tensors without its mark".into());
    }
    let wrong = |name: &str| format!("`{name}` that is `{}`", text(name).escape_debug());
    let number = |name| text(name).parse::<usize>().map_err(|_| wrong(name));
    let truth = |name| text(name).parse::<bool>().map_err(|_| wrong(name));
    let filter = FILTERS.iter().find(|(name, _)| *name == text("filter"));
    let mut kernel = GappedKmers::new()
        .length(number("length")?)
        .informative(number("informative")?)
        .filter(filter.ok_or_else(|| wrong("filter"))?.1)
        .both_strands(truth("both_strands")?);
    if text("mismatches") != "none" {
        kernel = kernel.mismatches(number("mismatches")?);
    }
    if text("half_life") != "none" {
        let letters = text("half_life").parse();
        kernel = kernel.half_life(letters.map_err(|_| wrong("half_life"))?);
    }
    kernel.check().map_err(|problem| problem.to_string())?;
    let doubles = |name: &str, length: Option<usize>| -> Result<Vec<f64>, String> {
        let data = tensor(&file, (name, Dtype::F64), length)?;
        let values = data.as_chunks::<8>().0.iter();
        finite(name, values.map(|b| f64::from_le_bytes(*b)).collect())
    };
    let words = tensor(&file, ("words", Dtype::F32), Some(1 << (2 * kernel.length)))?;
    let words = words.as_chunks::<4>().0.iter();
    let found = doubles("found", Some(4))?;
    Ok(Data {
        by_distance: kernel.by_distance().to_vec(),
        words: finite("words", words.map(|b| f32::from_le_bytes(*b)).collect())?,
        numbers: doubles("numbers", None)?.into(),
        bias: found[0],
        values: (found[1], found[2]),
        violation: found[3],
        converged: truth("converged")?,
        turns: number("turns")?,
        kernel,
    })
}

fn tensor<'a>(
    file: &SafeTensors<'a>,
    (name, kind): (&str, Dtype),
    length: Option<usize>,
) -> Result<&'a [u8], String> {
    let view = file.tensor(name).map_err(|_| format!("none of `{name}`"))?;
    let fits = length.is_none_or(|length| view.shape() == [length]);
    if view.dtype() != kind || view.shape().len() != 1 || !fits {
        let (shape, kind) = (view.shape(), view.dtype());
        return Err(format!("`{name}` of type {kind:?} and shape {shape:?}"));
    }
    Ok(view.data())
}

fn finite<T: Copy + Into<f64>>(name: &str, values: Vec<T>) -> Result<Vec<T>, String> {
    if values.iter().all(|value| (*value).into().is_finite()) {
        Ok(values)
    } else {
        Err(format!("`{name}` that is not finite in places"))
    }
}
