//! How the bytes of a dataset lie in an HDF5 file.

use super::fault::fault;
use super::lzf;
use super::metered::Metered;
use super::pieces::Pieces;
use super::seekable::Seekable;
use crate::{Error, Result};
use flate2::read::ZlibDecoder;
use hdf5_pure::{Chunk, Dataset, File, Layout};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::Arc;

/// The largest chunk that is unpacked.
const LARGEST: u64 = 1 << 30;

/// Nothing that is packed becomes so many times larger.
const LARGER: u64 = 2000;

const DEFLATE: u16 = 1;
const SHUFFLE: u16 = 2;
const LZF: u16 = 32000;

/// A dataset as a box of bytes: positions before the axis of rows, rows, and positions after it.
pub(crate) struct Store {
    file: Arc<Seekable>,
    dims: Vec<usize>,
    axis: usize,
    size: usize,
    kind: Kind,
}

enum Kind {
    /// In one run from this byte.
    Run(u64),
    /// In memory, because it is tiny.
    Held(Vec<u8>),
    /// In chunks of this shape, by the number of the chunk along the axis of rows.
    Chunks {
        shape: Vec<usize>,
        found: BTreeMap<usize, Vec<Chunk>>,
        filters: Vec<(u16, usize)>,
    },
    /// Packed in another way, which the HDF5 library can undo for rows along the first axis.
    Library(Dataset),
}

impl Store {
    /// Finds the bytes of a dataset; also returns how many rows are best read at once.
    pub(crate) fn new(
        file: &Arc<Seekable>,
        dataset: &Dataset,
        (dims, axis, size): (&[u64], usize, usize),
    ) -> Result<(Self, usize)> {
        let fail = |error| fault(file.path(), &error);
        let dims: Vec<usize> = dims.iter().map(|&n| n as usize).collect();
        let all = dims.iter().try_fold(size, |all, &n| all.checked_mul(n));
        let most = file.length().saturating_mul(LARGER);
        let Some(all) = all.filter(|&all| all as u64 <= most) else {
            return Err(Error::read(file.path(), unwritten()));
        };
        let inner = dims[axis + 1..].iter().product::<usize>() * size;
        let row = dims[..axis].iter().product::<usize>() * inner;
        let (kind, wanted) = match dataset.layout().map_err(fail)? {
            Layout::Contiguous { address, .. } => {
                // Short runs cost a read each.
                let run = if axis == 0 {
                    (1 << 16) / row.max(1)
                } else {
                    1024 / inner.max(1)
                };
                let written = address.and_then(|address| address.checked_add(all as u64));
                if written.is_none_or(|end| end > file.length()) {
                    return Err(Error::read(file.path(), unwritten()));
                }
                (Kind::Run(address.unwrap_or_default()), run)
            }
            Layout::Compact { .. } => (Kind::Held(dataset.read_raw().map_err(fail)?), dims[axis]),
            Layout::Chunked { chunk_shape, .. } if chunk_shape.len() != dims.len() => {
                return Err(Error::read(file.path(), broken()));
            }
            Layout::Chunked { chunk_shape, .. } => {
                let bytes = chunk_shape
                    .iter()
                    .try_fold(size as u64, |all, &n| all.checked_mul(n));
                if bytes.is_none_or(|bytes| bytes == 0 || bytes > LARGEST) {
                    let shape: Vec<usize> = chunk_shape.iter().map(|&n| n as usize).collect();
                    let expected = format!("chunks of 1 to {LARGEST} bytes");
                    return Err(Error::shape("chunks of the dataset", expected, &shape));
                }
                let shape: Vec<usize> = chunk_shape.iter().map(|&n| n as usize).collect();
                let rows = shape[axis];
                (
                    Self::chunks(file, dataset, (shape, &dims, axis, size))?,
                    rows,
                )
            }
            _ => {
                let expected = "a contiguous or chunked dataset";
                let what = io::Error::new(io::ErrorKind::Unsupported, expected);
                return Err(Error::read(file.path(), what));
            }
        };
        let store = Self {
            file: file.clone(),
            dims,
            axis,
            size,
            kind,
        };
        Ok((store, wanted))
    }

    fn chunks(
        file: &Arc<Seekable>,
        dataset: &Dataset,
        (shape, dims, axis, size): (Vec<usize>, &[usize], usize, usize),
    ) -> Result<Kind> {
        let filters: Vec<(u16, usize)> = dataset
            .filter_pipeline()
            .iter()
            .map(|filter| {
                let first = filter.client_data.first().copied().unwrap_or_default();
                (filter.id, first as usize)
            })
            .collect();
        let known = filters
            .iter()
            .all(|(id, _)| [DEFLATE, SHUFFLE, LZF].contains(id));
        let grid = dims.iter().zip(&shape).map(|(&n, &m)| n.div_ceil(m) as u64);
        let wanted = grid.fold(1, u64::saturating_mul);
        let bytes = shape.iter().fold(size as u64, |all, &n| all * n as u64);
        // Each chunk is somewhere in the file, and does not become so much larger either.
        let fits = wanted <= file.length()
            && (!known || wanted.saturating_mul(bytes) <= file.length().saturating_mul(LARGER));
        if !fits {
            return Err(Error::read(file.path(), unwritten()));
        }
        match dataset.chunks() {
            Ok(chunks) if known => {
                let mut found: BTreeMap<usize, Vec<Chunk>> = BTreeMap::new();
                let mut places = BTreeSet::new();
                for chunk in chunks {
                    let stored = chunk.address.checked_add(chunk.storage_size);
                    let begins = chunk.offset.len() == shape.len()
                        && chunk
                            .offset
                            .iter()
                            .zip(&shape)
                            .all(|(at, &n)| at % n as u64 == 0);
                    let held = stored.is_some_and(|end| end <= file.length());
                    if !begins || !held || chunk.storage_size > 2 * LARGEST {
                        return Err(Error::read(file.path(), broken()));
                    }
                    // One that lies outside holds nothing that is read.
                    if chunk
                        .offset
                        .iter()
                        .zip(dims)
                        .any(|(&at, &n)| at >= n as u64)
                    {
                        continue;
                    }
                    let axes = chunk.offset.iter().zip(&shape).zip(dims);
                    let place = axes.fold(0, |place, ((&at, &n), &all)| {
                        place * all.div_ceil(n) as u64 + at / n as u64
                    });
                    if !places.insert(place) {
                        return Err(Error::read(file.path(), broken()));
                    }
                    let number = chunk.offset[axis] as usize / shape[axis];
                    found.entry(number).or_default().push(chunk);
                }
                if (places.len() as u64) < wanted {
                    return Err(Error::read(file.path(), unwritten()));
                }
                Ok(Kind::Chunks {
                    shape,
                    found,
                    filters,
                })
            }
            _ if axis == 0 => Ok(Kind::Library(dataset.clone())),
            Err(error) => Err(fault(file.path(), &error)),
            Ok(_) => {
                let names = dataset.filter_pipeline();
                let names: Vec<String> = names.iter().map(ToString::to_string).collect();
                let what = format!(
                    "filters {} cannot be undone where the last axis counts examples; `h5repack -f GZIP=4` writes a file that can be read",
                    names.join(", ")
                );
                let what = io::Error::new(io::ErrorKind::Unsupported, what);
                Err(Error::read(file.path(), what))
            }
        }
    }

    /// Returns the sizes of all axes.
    pub(crate) fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// Reads rows, one after the other, into `bytes`.
    pub(crate) fn read(&self, (start, end): (usize, usize), bytes: &mut [u8]) -> Result<()> {
        match &self.kind {
            Kind::Run(address) => self.run(*address, (start, end), bytes),
            Kind::Held(all) => self.held(all, (start, end), bytes),
            Kind::Chunks {
                shape,
                found,
                filters,
            } => {
                let (first, last) = (start / shape[self.axis], (end - 1) / shape[self.axis]);
                for chunk in found.range(first..=last).flat_map(|(_, chunks)| chunks) {
                    let unpacked = self
                        .unpack(chunk, shape, filters)
                        .map_err(|error| Error::read(self.file.path(), error))?;
                    self.place((chunk, shape), &unpacked, (start, end), bytes);
                }
                Ok(())
            }
            Kind::Library(dataset) => {
                let fail = |error| fault(self.file.path(), &error);
                let count = (end - start) as u64;
                let raw = dataset.read_raw_rows(start as u64, count).map_err(fail)?;
                if raw.len() != bytes.len() {
                    return Err(Error::read(self.file.path(), broken()));
                }
                bytes.copy_from_slice(&raw);
                Ok(())
            }
        }
    }

    /// Returns the bytes of the positions before the axis of rows, and of those after it.
    fn sides(&self) -> (usize, usize) {
        let outer = self.dims[..self.axis].iter().product();
        let inner = self.dims[self.axis + 1..].iter().product::<usize>() * self.size;
        (outer, inner)
    }

    fn run(&self, address: u64, (start, end): (usize, usize), bytes: &mut [u8]) -> Result<()> {
        let (outer, inner) = self.sides();
        if outer == 1 {
            let at = address.saturating_add((start * inner) as u64);
            let got = self.file.raw(at, bytes);
            let got = got.map_err(|error| Error::read(self.file.path(), error))?;
            if got != bytes.len() {
                return Err(Error::read(self.file.path(), broken()));
            }
            return Ok(());
        }
        for o in 0..outer {
            let at = (o * self.dims[self.axis] + start) * inner;
            let wanted = (end - start) * inner;
            let piece = self.file.read(address.saturating_add(at as u64), wanted)?;
            if piece.len() != wanted {
                return Err(Error::read(self.file.path(), broken()));
            }
            for (row, piece) in piece.chunks_exact(inner).enumerate() {
                bytes[(row * outer + o) * inner..][..inner].copy_from_slice(piece);
            }
        }
        Ok(())
    }

    fn held(&self, all: &[u8], (start, end): (usize, usize), bytes: &mut [u8]) -> Result<()> {
        let (outer, inner) = self.sides();
        for o in 0..outer {
            for row in start..end {
                let at = (o * self.dims[self.axis] + row) * inner;
                let Some(piece) = all.get(at..at + inner) else {
                    return Err(Error::read(self.file.path(), broken()));
                };
                let to = ((row - start) * outer + o) * inner;
                bytes[to..to + inner].copy_from_slice(piece);
            }
        }
        Ok(())
    }

    /// Reads a chunk and undoes its filters, the last first.
    fn unpack(
        &self,
        chunk: &Chunk,
        shape: &[usize],
        filters: &[(u16, usize)],
    ) -> io::Result<Vec<u8>> {
        let wanted = shape.iter().product::<usize>() * self.size;
        let mut bytes = vec![0; chunk.storage_size as usize];
        if self.file.raw(chunk.address, &mut bytes)? != bytes.len() {
            return Err(broken());
        }
        for (place, &(filter, first)) in filters.iter().enumerate().rev() {
            if chunk.filter_mask >> place.min(31) & 1 == 1 {
                continue;
            }
            if filter == DEFLATE {
                let most = bytes.len().saturating_mul(LARGER as usize);
                let mut unpacked = Vec::with_capacity(wanted.min(most));
                let limit = wanted as u64 + 1;
                let unpacking = ZlibDecoder::new(bytes.as_slice())
                    .take(limit)
                    .read_to_end(&mut unpacked);
                unpacking.map_err(|_| broken())?;
                bytes = unpacked;
            } else if filter == LZF {
                bytes = lzf::unpacked(&bytes, wanted).ok_or_else(broken)?;
            } else {
                bytes = gathered(&bytes, first);
            }
        }
        if bytes.len() != wanted {
            return Err(broken());
        }
        Ok(bytes)
    }

    /// Copies what a chunk has of some rows to where it belongs.
    fn place(
        &self,
        (chunk, shape): (&Chunk, &[usize]),
        unpacked: &[u8],
        (start, end): (usize, usize),
        bytes: &mut [u8],
    ) {
        let last = self.dims.len() - 1;
        let offset: Vec<usize> = chunk.offset.iter().map(|&n| n as usize).collect();
        // The part of the chunk that lies in the dataset, and in the rows that were asked for.
        let low = |axis: usize| if axis == self.axis { start } else { 0 };
        let high = |axis: usize| {
            if axis == self.axis {
                end
            } else {
                self.dims[axis]
            }
        };
        let axes = 0..shape.len();
        let from: Vec<usize> = axes
            .clone()
            .map(|axis| low(axis).saturating_sub(offset[axis]))
            .collect();
        let to: Vec<usize> = axes
            .clone()
            .map(|axis| high(axis).saturating_sub(offset[axis]).min(shape[axis]))
            .collect();
        if from.iter().zip(&to).any(|(from, to)| from >= to) {
            return;
        }
        // How many numbers of the result lie between neighbours along each axis.
        let mut steps = vec![0; shape.len()];
        let mut step = 1;
        for axis in axes.clone().rev().filter(|&axis| axis != self.axis) {
            steps[axis] = step;
            step *= self.dims[axis];
        }
        steps[self.axis] = step;
        let mut at = from.clone();
        loop {
            let source = at.iter().zip(shape).fold(0, |all, (&a, &n)| all * n + a);
            let target: usize = axes
                .clone()
                .map(|axis| (offset[axis] + at[axis] - low(axis)) * steps[axis])
                .sum();
            let count = to[last] - from[last];
            let piece = &unpacked[source * self.size..][..count * self.size];
            if steps[last] == 1 {
                bytes[target * self.size..][..piece.len()].copy_from_slice(piece);
            } else {
                for (number, piece) in piece.chunks_exact(self.size).enumerate() {
                    let target = (target + number * steps[last]) * self.size;
                    bytes[target..target + self.size].copy_from_slice(piece);
                }
            }
            // The next place, all axes but the last.
            let Some(axis) = (0..last).rev().find(|&axis| at[axis] + 1 < to[axis]) else {
                return;
            };
            at[axis] += 1;
            at[axis + 1..last].copy_from_slice(&from[axis + 1..last]);
        }
    }
}

/// Puts the bytes of numbers together that the filter "shuffle" has spread.
fn gathered(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut out = bytes.to_vec();
    if size < 2 || size > bytes.len() {
        return out;
    }
    let count = bytes.len() / size;
    for place in 0..size {
        for number in 0..count {
            out[number * size + place] = bytes[place * count + number];
        }
    }
    out
}

fn unwritten() -> io::Error {
    let what = "parts of a dataset were never written, or the HDF5 file is truncated";
    io::Error::new(io::ErrorKind::InvalidData, what)
}

pub(crate) fn broken() -> io::Error {
    let what = "the HDF5 file is truncated or broken";
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Opens an HDF5 file of which only pieces are read.
pub(crate) fn open(file: &Arc<Seekable>) -> Result<File> {
    File::from_source(Metered::new(Pieces(file.clone())))
        .map_err(|error| fault(file.path(), &error))
}
