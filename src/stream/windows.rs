//! Windows of a genome around the intervals of a BED file.

use super::Genome;
use super::bed::{Interval, each_interval};
use super::number::label;
use super::overlap::{Overlaps, Peaks};
use super::rows::{Constant, Rows, check_labels};
use super::stream::{Data, Stream};
use super::window::{Cut, Window};
use crate::sequence::Unknown;
use crate::training::Labels;
use crate::{Error, Result};
use ndarray::{ArrayD, Axis, IxDyn};
use std::path::{Path, PathBuf};

/// Reads windows of 1000 positions around the intervals of a BED file, all with label 1, with the defaults of [`Windows`].
///
/// # Errors
///
/// As [`Windows::open`].
///
/// # Examples
///
/// ```
/// use genolens::stream::{self, Genome};
/// # fn main() -> genolens::Result<()> {
/// # let folder = std::env::temp_dir();
/// # let (fasta, bed) = (folder.join("genolens_doc_windows.fa"), folder.join("genolens_doc_windows.bed"));
/// # std::fs::write(&fasta, format!(">chr1\n{}\n", "ACGT".repeat(500))).unwrap();
/// # std::fs::write(&bed, "chr1\t600\t700\nchr1\t1000\t1200\n").unwrap();
/// let genome = Genome::open(&fasta)?;
/// let peaks = stream::windows(&bed, &genome)?;
/// assert_eq!(peaks.shape(), [2, 4, 1000]);
/// # std::fs::remove_file(fasta).ok();
/// # std::fs::remove_file(bed).ok();
/// # Ok(()) }
/// ```
pub fn windows(bed: impl AsRef<Path>, genome: &Genome) -> Result<Stream> {
    Windows::new().width(1000).open(bed, genome)
}

/// What becomes of a window that passes an end of its chromosome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Edge {
    /// Unknown letters stand where the chromosome has none.
    #[default]
    Pad,
    /// The window is left out, and counted.
    Drop,
}

#[derive(Clone, Debug, PartialEq)]
enum Told {
    All(f32),
    Columns(Vec<usize>),
    Tasks(Vec<PathBuf>),
}

/// Reads windows of a genome around the intervals of a BED or `narrowPeak` file, with options.
///
/// A window is centred on the interval: for width `w` it begins at `(start + end) / 2 - w / 2`, or with [`summits`](Self::summits)
/// at `start + summit - w / 2`. Intervals on the reverse strand (column 6) are read as reverse complements. The examples are grouped
/// by chromosome, so that [`hold_out_groups`](crate::training::hold_out_groups) and grouped folds work.
///
/// Memory: some 30 bytes for each window, and the joined intervals of the task files; letters are read batch by batch.
///
/// # Examples
///
/// Labels for several tasks as for DeepSEA (doi:10.1038/nmeth.3547): windows of 1000 around bins of 200, a label 1 where more than
/// half of the bin lies in a peak of the task:
///
/// ```
/// use genolens::stream::{Genome, Windows};
/// use genolens::training::{Source, hold_out_groups};
/// # fn main() -> genolens::Result<()> {
/// # let folder = std::env::temp_dir().join("genolens_doc_tasks");
/// # std::fs::create_dir_all(&folder).unwrap();
/// # let file = |name: &str, text: &str| { let path = folder.join(name); std::fs::write(&path, text).unwrap(); path };
/// # let letters = "ACGT".repeat(500);
/// # let fasta = file("genome.fa", &format!(">chr1\n{letters}\n>chr2\n{letters}\n"));
/// # let bins = file("bins.bed", "chr1\t600\t800\nchr1\t800\t1000\nchr2\t1000\t1200\n");
/// # let (ctcf, gabpa) = (file("ctcf.bed", "chr1\t650\t900\n"), file("gabpa.bed", "chr2\t0\t2000\n"));
/// let genome = Genome::open(fasta)?;
/// let data = Windows::new().width(1000).tasks(&[ctcf, gabpa]).open(bins, &genome)?;
/// let labels = data.labels(&[0, 1, 2])?;
/// assert_eq!(labels.as_slice(), Some(&[1.0, 0.0, 0.0, 0.0, 0.0, 1.0][..]));
/// let split = hold_out_groups(&data.groups().unwrap_or_default(), &["chr2"])?;
/// assert_eq!(split.test(), [2]);
/// # std::fs::remove_dir_all(folder).ok();
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Windows {
    width: Option<u32>,
    summits: bool,
    stranded: bool,
    edge: Edge,
    skip: bool,
    told: Told,
    share: f64,
    bin: Option<u32>,
    unknown: Unknown,
}

impl Windows {
    /// Takes the defaults: the intervals as they are, which must have one length; strands heeded; label 1 for all.
    pub fn new() -> Self {
        Self {
            width: None,
            summits: false,
            stranded: true,
            edge: Edge::Pad,
            skip: false,
            told: Told::All(1.0),
            share: 0.5,
            bin: None,
            unknown: Unknown::default(),
        }
    }

    /// Sets the number of positions of every window.
    pub fn width(mut self, width: u32) -> Self {
        self.width = Some(width);
        self
    }

    /// Centres windows on summits, column 10 of a `narrowPeak` file; where it says -1, on the middle of the interval.
    pub fn summits(mut self, summits: bool) -> Self {
        self.summits = summits;
        self
    }

    /// Tells whether intervals on the reverse strand are read as reverse complements; true by default.
    pub fn stranded(mut self, stranded: bool) -> Self {
        self.stranded = stranded;
        self
    }

    /// Sets what becomes of windows that pass an end of their chromosome; they are padded by default, and counted either way.
    pub fn edge(mut self, edge: Edge) -> Self {
        self.edge = edge;
        self
    }

    /// Leaves out, and counts, intervals on chromosomes that the genome does not have; by default they are an error.
    pub fn skip_unknown_chromosomes(mut self, skip: bool) -> Self {
        self.skip = skip;
        self
    }

    /// Gives all windows one label: 1 by default, 0 for a file of negatives.
    pub fn label(mut self, label: f32) -> Self {
        self.told = Told::All(label);
        self
    }

    /// Reads labels from columns of the file, counted from 1; `.`, `NA` and `nan` are missing labels.
    pub fn columns(mut self, columns: &[usize]) -> Self {
        self.told = Told::Columns(columns.to_vec());
        self
    }

    /// Reads the labels of one task from each of these BED files, 1 where the interval lies in one of theirs.
    pub fn tasks(mut self, files: &[impl AsRef<Path>]) -> Self {
        let files = files.iter().map(|file| file.as_ref().to_owned());
        self.told = Told::Tasks(files.collect());
        self
    }

    /// Sets which share of an interval must be exceeded by what lies in those of a task, 0 to below 1; 0.5 as for DeepSEA by default,
    /// with 0 one shared position is enough.
    pub fn overlap(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Compares so many positions around the centre of the window with the tasks, in place of the interval.
    pub fn bin(mut self, positions: u32) -> Self {
        self.bin = Some(positions);
        self
    }

    /// Sets what an unknown letter becomes.
    pub fn unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// Opens a BED file, plain or gzipped.
    ///
    /// # Errors
    ///
    /// Fails when a file cannot be read or a line makes no sense (naming file and line), when a chromosome is not in the genome, when
    /// an interval passes the end of its chromosome, and when no window remains.
    pub fn open(&self, bed: impl AsRef<Path>, genome: &Genome) -> Result<Stream> {
        self.open_at(bed.as_ref(), genome, None)
    }

    /// Opens a BED file whose intervals have these labels, in their order: `(n)` or `(n, tasks)`, NaN where one is missing.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and when there is not one label for each interval.
    pub fn open_with(
        &self,
        bed: impl AsRef<Path>,
        genome: &Genome,
        labels: &dyn Labels,
    ) -> Result<Stream> {
        let labels = labels.labels()?.into_owned();
        self.open_at(bed.as_ref(), genome, Some(labels))
    }

    fn check(&self) -> Result<()> {
        for (name, size) in [("width", self.width), ("bin", self.bin)] {
            if let Some(size) = size
                && (size == 0 || size > 1 << 28)
            {
                return Err(Error::value(name, "1 to 268435456 positions", size));
            }
        }
        if !(0.0..1.0).contains(&self.share) {
            return Err(Error::value("overlap", "0 to below 1", self.share));
        }
        match &self.told {
            Told::All(label) if !label.is_finite() => {
                Err(Error::value("label", "a finite number", label))
            }
            Told::Columns(columns) if columns.is_empty() || columns.contains(&0) => {
                let expected = "at least one, counted from 1";
                Err(Error::value("columns", expected, format!("{columns:?}")))
            }
            Told::Tasks(files) if files.is_empty() => {
                Err(Error::value("tasks", "at least one file", "none"))
            }
            _ => Ok(()),
        }
    }

    fn open_at(&self, bed: &Path, genome: &Genome, given: Option<ArrayD<f32>>) -> Result<Stream> {
        self.check()?;
        let mut cut = Cut::new(bed, genome, self.unknown);
        (cut.width, cut.skip) = (self.width.unwrap_or_default(), self.skip);
        cut.drop = self.edge == Edge::Drop;
        let mut told = Vec::new();
        let mut bins = Vec::new();
        let mut line_of_first = 0;
        each_interval(bed, &mut |line, interval| {
            if self.width.is_none() {
                let width = interval.end - interval.start;
                if line_of_first == 0 {
                    (cut.width, line_of_first) = (width, line);
                }
                if width != cut.width {
                    let expected = format!(
                        "{} positions as in line {line_of_first}, or the option `width`",
                        cut.width
                    );
                    return Err(cut.fail(line, expected, width));
                }
            }
            let center = self.center(&cut, line, interval)?;
            let reverse = self.stranded && interval.is_reverse().unwrap_or_default();
            let Some(chromosome) = cut.take(line, interval, (center, reverse))? else {
                return Ok(());
            };
            match &self.told {
                Told::Columns(columns) if given.is_none() => {
                    for &column in columns {
                        told.push(read_label(&cut, (line, column), interval)?);
                    }
                }
                Told::Tasks(_) if given.is_none() => bins.push(match self.bin {
                    Some(bin) => {
                        let start = center.saturating_sub(bin / 2);
                        (chromosome, start, start.saturating_add(bin))
                    }
                    None => (chromosome, interval.start, interval.end),
                }),
                _ => {}
            }
            Ok(())
        })?;
        let rows = cut.windows.len();
        let labels: Box<dyn Rows> = match (given, &self.told) {
            (Some(labels), _) => {
                check_labels(&labels, cut.seen)?;
                Box::new(labels.select(Axis(0), &cut.kept))
            }
            (None, Told::All(label)) => Box::new(Constant {
                rows,
                label: *label,
            }),
            (None, Told::Columns(columns)) => {
                let shape = match columns.len() {
                    1 => vec![rows],
                    columns => vec![rows, columns],
                };
                let labels = ArrayD::from_shape_vec(IxDyn(&shape), told);
                Box::new(labels.map_err(|_| Error::shape("labels", "one row per window", &shape))?)
            }
            (None, Told::Tasks(files)) => {
                let tasks: Result<Vec<Peaks>> =
                    files.iter().map(|file| Peaks::read(file, genome)).collect();
                Box::new(Overlaps {
                    tasks: tasks?.into(),
                    share: self.share,
                    bins,
                })
            }
        };
        let groups = (
            genome.names(),
            cut.windows.iter().map(|w: &Window| w.chromosome).collect(),
        );
        Stream::new(Data {
            what: format!(
                "windows of {} in {}",
                bed.display(),
                genome.path().display()
            ),
            groups: Some(groups),
            dropped: cut.dropped,
            notes: cut.notes(),
            examples: Box::new(cut),
            labels,
        })
    }

    /// Returns the middle of a window.
    fn center(&self, cut: &Cut, line: usize, interval: &Interval<'_>) -> Result<u32> {
        let (start, end) = (interval.start, interval.end);
        let middle = start + (end - start) / 2;
        if !self.summits {
            return Ok(middle);
        }
        let Some(cell) = interval.cells.get(9) else {
            let got = format!("{} columns", interval.cells.len());
            return Err(cut.fail(line, "a summit in column 10".into(), got));
        };
        match cell.parse::<i64>() {
            Ok(-1) => Ok(middle),
            Ok(summit) if (0..i64::from(end - start)).contains(&summit) => {
                Ok(start + summit as u32)
            }
            _ => {
                let expected = format!("a summit in column 10, 0 to {} or -1", end - start - 1);
                Err(cut.fail(line, expected, format!("`{}`", cell.escape_debug())))
            }
        }
    }
}

impl Default for Windows {
    fn default() -> Self {
        Self::new()
    }
}

/// Reads a label from a column.
fn read_label(cut: &Cut, (line, column): (usize, usize), interval: &Interval<'_>) -> Result<f32> {
    let cell = interval.cells.get(column - 1).copied();
    cell.and_then(label).ok_or_else(|| {
        let got = match cell {
            Some(text) => format!("`{}`", text.escape_debug()),
            None => format!("{} columns", interval.cells.len()),
        };
        cut.fail(line, format!("a number in column {column}"), got)
    })
}
