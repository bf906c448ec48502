//! Examples in an HDF5 file.

use super::slab::Slab;
use super::stream::{Data, Stream};
use crate::storage::{self, Seekable, fault};
use crate::{Error, Result};
use hdf5_pure::{Dataset, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Letters of channels as the arrays of the library have them.
const CHANNELS: &str = "ACGT";

/// Reads a part (`"train"`, `"valid"` or `"test"`) of an HDF5 file of DeepSEA or Basset, with the defaults of [`Hdf5`].
///
/// # Errors
///
/// As [`Hdf5::open`].
///
/// # Examples
///
/// ```no_run
/// use genolens::{network, stream, training::Fit};
/// # fn main() -> genolens::Result<()> {
/// let data = stream::hdf5("deepsea_train/train.mat", "train")?;
/// println!("{data}");
/// let trained = Fit::new().epochs(1).run_from(&network::deepsea(919)?, &data)?;
/// # Ok(()) }
/// ```
pub fn hdf5(path: impl AsRef<Path>, part: &str) -> Result<Stream> {
    Hdf5::new().part(part).open(path)
}

/// Reads examples and labels from an HDF5 file, block by block, with options.
///
/// | layout | examples | labels | channels |
/// |---|---|---|---|
/// | DeepSEA, as MATLAB 7.3 writes it | `trainxdata` (1000, 4, n) | `traindata` (919, n) | A,G,C,T |
/// | DeepSEA, exported from Python | `trainxdata` (n, 4, 1000) or (n, 1000, 4) | `traindata` (n, 919) | A,G,C,T |
/// | Basset | `train_in` (n, 4, 1, 600) | `train_out` (n, 164) | A,C,G,T |
/// | others, by [`datasets`](Self::datasets) | (n, 4, length), (n, length, 4), (length, 4, n) or (n, features) | (n), (n, tasks) or (tasks, n) | A,C,G,T |
///
/// Examples come out as `(n, 4, length)` with channels A, C, G, T. The axis that counts examples is found by comparing examples and
/// labels; where that leaves two, [`last_axis`](Self::last_axis) says which. That DeepSEA has the channels A,G,C,T is taken from its
/// published models, which read them so; a file that differs needs [`channels`](Self::channels).
///
/// The file is read in blocks of the size of its chunks, and the last ones are kept, up to [`memory`](Self::memory). Training shuffles
/// the blocks, and the examples within as many blocks as are kept, so that no chunk is unpacked twice in an epoch. A file whose chunks
/// hold very many examples each costs more: a chunk is unpacked again for every block of examples that is cut from it.
///
/// The `valid.mat` and `test.mat` of DeepSEA are of an older MATLAB format, which is no HDF5; the message says what to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Hdf5 {
    names: Option<(String, String)>,
    part: String,
    last: Option<bool>,
    channels: Option<String>,
    memory: usize,
}

impl Hdf5 {
    /// Takes the defaults: the part `"train"`, and at most 64 MiB of blocks in memory for examples and as much for labels.
    pub fn new() -> Self {
        Self {
            names: None,
            part: "train".into(),
            last: None,
            channels: None,
            memory: 1 << 26,
        }
    }

    /// Sets which part is read: datasets `PARTxdata` and `PARTdata` (DeepSEA), or `PART_in` and `PART_out` (Basset).
    pub fn part(mut self, part: &str) -> Self {
        part.clone_into(&mut self.part);
        self
    }

    /// Sets the names of the datasets of examples and of labels, in place of a part.
    pub fn datasets(mut self, examples: &str, labels: &str) -> Self {
        self.names = Some((examples.to_owned(), labels.to_owned()));
        self
    }

    /// Tells whether the last axis counts examples, as MATLAB writes them, or the first.
    pub fn last_axis(mut self, last: bool) -> Self {
        self.last = Some(last);
        self
    }

    /// Sets which letters the channels of the file are, such as `"AGCT"`; they are put in the order A, C, G, T.
    pub fn channels(mut self, letters: &str) -> Self {
        self.channels = Some(letters.to_owned());
        self
    }

    /// Sets how many bytes of examples, and of labels, are kept in memory at most, as the file stores them.
    pub fn memory(mut self, bytes: usize) -> Self {
        self.memory = bytes;
        self
    }

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// Fails when the file is no HDF5 file or is broken, does not have the datasets (naming those it has), when shapes do not fit each
    /// other or leave two readings, and when channels are not the letters A, C, G and T.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Stream> {
        if self.memory < 1 << 16 {
            let expected = "at least 65536 bytes";
            return Err(Error::value("memory", expected, self.memory));
        }
        let file = Arc::new(Seekable::plain(path.as_ref())?);
        let path = file.path();
        let start = file.read(0, 20)?;
        if start.starts_with(b"MATLAB 5.0 MAT-file") {
            let what = "it is a MATLAB file of version 5, no HDF5; write it as HDF5 with h5py, or in MATLAB with `save -v7.3`";
            let what = io::Error::new(io::ErrorKind::Unsupported, what);
            return Err(Error::read(path, what));
        }
        let opened = storage::open(&file)?;
        let (examples, labels) = self.find(path, &opened)?;
        let (x, y) = (dims(path, &examples.1)?, dims(path, &labels.1)?);
        let last = self.axis((path, &examples.0, &x), &y)?;
        let axis = |dims: &[usize]| if last { dims.len() - 1 } else { 0 };
        let slab = |(name, dataset): &(String, Dataset), dims: &[usize]| {
            Slab::new(&file, (name, dataset), (axis(dims), self.memory))
        };
        let (rows, mut notes) = (slab(&examples, &x)?, Vec::new());
        let sizes: Vec<usize> = rest(&x, axis(&x));
        let rows = match sizes[..] {
            [_] => rows.arranged(&sizes, None),
            [first, second] => {
                let known = self.known_channels(&examples.0);
                let letters = places(&known)?;
                let first_is = first == 4;
                if first_is == (second == 4) {
                    let shape = format!("(n, 4, length) or (n, length, 4) in {}", path.display());
                    return Err(Error::shape(&examples.0, shape, &x));
                }
                let length = if first_is { second } else { first };
                let from = |channel: usize, position: usize| {
                    if first_is {
                        channel * length + position
                    } else {
                        position * 4 + channel
                    }
                };
                let order = letters
                    .iter()
                    .flat_map(|&channel| (0..length).map(move |p| from(channel, p) as u32));
                let order: Vec<u32> = order.collect();
                let plain = order
                    .iter()
                    .enumerate()
                    .all(|(to, &from)| to == from as usize);
                if known != CHANNELS {
                    notes.push(format!("channels {known} put in the order {CHANNELS}"));
                }
                rows.arranged(&[4, length], (!plain).then_some(order))
            }
            _ => {
                let shape = "(n, 4, length), (n, length, 4), (length, 4, n) or (n, features)";
                return Err(Error::shape(&examples.0, shape, &x));
            }
        };
        let tasks: Vec<usize> = rest(&y, axis(&y));
        let told = slab(&labels, &y)?.arranged(&tasks, None);
        Stream::new(Data {
            what: format!("{} and {} of {}", examples.0, labels.0, path.display()),
            examples: Box::new(rows.beside(&told)),
            labels: Box::new(told),
            groups: None,
            dropped: 0,
            notes,
        })
    }

    /// Finds the two datasets.
    fn find(&self, path: &Path, file: &File) -> Result<((String, Dataset), (String, Dataset))> {
        let part = &self.part;
        let pairs = match &self.names {
            Some(names) => vec![names.clone()],
            None => vec![
                (format!("{part}xdata"), format!("{part}data")),
                (format!("{part}_in"), format!("{part}_out")),
            ],
        };
        for (examples, labels) in &pairs {
            if let (Ok(x), Ok(y)) = (file.dataset(examples), file.dataset(labels)) {
                return Ok(((examples.clone(), x), (labels.clone(), y)));
            }
        }
        let mut names = file
            .root()
            .datasets()
            .map_err(|error| fault(path, &error))?;
        names.sort_unstable();
        names.truncate(20);
        let wanted: Vec<String> = pairs.iter().map(|(x, y)| format!("{x} and {y}")).collect();
        let expected = format!("the datasets {}", wanted.join(", or "));
        let got = match names.len() {
            0 => "without datasets at its root".to_owned(),
            _ => format!("one with {}", names.join(", ")),
        };
        Err(Error::value(&path.display().to_string(), expected, got))
    }

    /// Tells whether the last axis counts examples.
    fn axis(&self, (path, name, x): (&Path, &str, &[usize]), y: &[usize]) -> Result<bool> {
        let exists = !x.is_empty() && !y.is_empty();
        let first = exists && x.first() == y.first();
        let last = exists && x.last() == y.last();
        let fits = |is_last: bool| if is_last { last } else { first };
        let shape = |expected: String| {
            let expected = format!("{expected} in {}, whose labels are {y:?}", path.display());
            Err(Error::shape(name, expected, x))
        };
        match self.last {
            Some(is_last) if fits(is_last) => Ok(is_last),
            Some(is_last) => {
                let which = if is_last { "last" } else { "first" };
                shape(format!("a {which} axis as long as that of the labels"))
            }
            None if !first && !last => {
                shape("a first or last axis as long as that of the labels".to_owned())
            }
            None if first && last && x.len() > 1 => {
                shape("one axis that counts examples (say which with `last_axis`)".to_owned())
            }
            None => Ok(!first),
        }
    }

    /// Returns the letters of the channels of a dataset with this name.
    fn known_channels(&self, name: &str) -> String {
        match &self.channels {
            Some(letters) => letters.to_uppercase(),
            None if self.names.is_none() && name.ends_with("xdata") => "AGCT".into(),
            None => CHANNELS.into(),
        }
    }
}

impl Default for Hdf5 {
    fn default() -> Self {
        Self::new()
    }
}

fn dims(path: &Path, dataset: &Dataset) -> Result<Vec<usize>> {
    let shape = dataset.shape().map_err(|error| fault(path, &error))?;
    Ok(shape.iter().map(|&n| n as usize).collect())
}

/// Returns the sizes of the other axes that are longer than 1, but one at least for examples of one number.
fn rest(dims: &[usize], axis: usize) -> Vec<usize> {
    (0..dims.len())
        .filter(|&at| at != axis && dims[at] != 1)
        .map(|at| dims[at])
        .collect()
}

/// Returns where the letters A, C, G and T stand among the channels.
fn places(channels: &str) -> Result<Vec<usize>> {
    let fail = || {
        Error::value(
            "channels",
            "the letters A, C, G and T in some order",
            channels,
        )
    };
    if channels.len() != 4 {
        return Err(fail());
    }
    let place = |letter: char| channels.find(letter).ok_or_else(fail);
    CHANNELS.chars().map(place).collect()
}
