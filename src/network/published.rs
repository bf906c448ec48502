//! The models that were published with DeepBind.

use super::convolve::{Geometry, convolve};
use super::kernel::Codes;
use super::operation::{largest, with_numbers};
use super::published_file::PublishedFile;
use super::published_scan::Scan;
use super::{Activation, Model, default_device, is_ours, pointwise};
use crate::{Error, Result};
use candle_core::{D, DType, Device, Tensor};
use rayon::prelude::*;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// A model that was published with DeepBind, computed exactly as its own program does.
///
/// A window of 1.5 times the filter width slides over the sequence; a window may be overhung by filters, with one quarter of each
/// letter outside; the score is the largest over all windows and, if the model says so, over both strands. It is a raw score,
/// neither a probability nor comparable between models. Where `x` has no letter (an N), all four count one quarter.
///
/// Reads `(n, 4, length)`, letters A, C, G, T (or U), length at least 1; gives `(n, 1)`. Differentiable in `x`.
///
/// Checked against the four scores by four models in the manual of deepbind 0.11, to 1e-5, and against a scorer in C on six ENCODE sets.
///
/// # References
///
/// Alipanahi et al. 2015, doi:10.1038/nbt.3300.
#[derive(Clone)]
pub struct PublishedDeepBind {
    file: Arc<PublishedFile>,
    /// Filters `(detectors, 4, width)`, their thresholds, and the dense layers as weight and bias.
    detectors: Tensor,
    thresholds: Tensor,
    dense: Vec<(Tensor, Tensor)>,
    device: Device,
}

impl PublishedDeepBind {
    /// Reads a parameter file such as `D00328.003.txt`.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or does not hold a model; the message names the file, the line and the key.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_at(path.as_ref())
    }

    fn open_at(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        let file = PublishedFile::parse(&path.display().to_string(), &bytes)?;
        Self::new(file, &default_device())
    }

    fn new(file: PublishedFile, device: &Device) -> Result<Self> {
        let mut dense = file.layers(device)?;
        let (detectors, thresholds) = dense.remove(0);
        Ok(Self {
            file: Arc::new(file),
            detectors,
            thresholds,
            dense,
            device: device.clone(),
        })
    }

    /// Returns the same model on another device.
    ///
    /// # Errors
    ///
    /// Fails when the device has no room.
    pub fn to_device(&self, device: &Device) -> Result<Self> {
        Self::new((*self.file).clone(), device)
    }

    /// Tells whether the other strand is looked at, too.
    pub fn is_both_strands(&self) -> bool {
        self.file.reverse_complement
    }

    /// Returns the number of filters.
    pub fn detectors(&self) -> usize {
        self.file.detectors
    }

    /// Returns the width of a filter.
    pub fn width(&self) -> usize {
        self.file.width
    }

    /// Returns the filters, shape `(detectors, 4, width)`.
    ///
    /// # Errors
    ///
    /// Fails when the device does not answer.
    pub fn filters(&self) -> Result<ndarray::Array3<f32>> {
        super::tensor::to_dimension(&self.detectors)
    }

    /// Scores letters, as long as nobody differentiates by them and there is nothing else than letters.
    fn scan(&self, x: &Tensor) -> Result<Option<Tensor>> {
        if x.track_op() || !is_ours(x.device()) || x.dtype() != DType::F32 || x.dim(0)? == 0 {
            return Ok(None);
        }
        let scan = Scan::new(&self.file);
        let x = x.contiguous()?;
        let scores: Option<Vec<f32>> = with_numbers(&x, |values: &[f32]| {
            let examples = values.par_chunks(example(&x));
            Ok(examples.map(|x| scan.score(&Codes::read(x)?)).collect())
        })?;
        match scores {
            Some(scores) => Ok(Some(Tensor::from_vec(scores, (x.dim(0)?, 1), x.device())?)),
            None => Ok(None),
        }
    }

    /// Scores one strand, shape `(n)`.
    fn strand(&self, x: &Tensor) -> Result<Tensor> {
        let (n, letters, length) = x.dims3()?;
        let width = self.file.width;
        let window = (width * 3 / 2).min(length);
        let windows = length - window + 1;
        let positions: Vec<u32> = (0..windows)
            .flat_map(|start| (start..start + window).map(|position| position as u32))
            .collect();
        let positions = Tensor::from_vec(positions, windows * window, x.device())?;
        let outside = Tensor::full(0.25_f32, (n * windows, letters, width - 1), x.device())?;
        let inside = x
            .contiguous()?
            .index_select(&positions, 2)?
            .reshape((n, letters, windows, window))?
            .transpose(1, 2)?
            .contiguous()?
            .reshape((n * windows, letters, window))?;
        let padded = Tensor::cat(&[&outside, &inside, &outside], 2)?;
        let geometry = Geometry {
            left: 0,
            right: 0,
            stride: 1,
            dilation: 1,
        };
        let found = convolve(&padded, (&self.detectors, &self.thresholds), geometry)?;
        let found = pointwise::apply(Activation::Relu, &found)?;
        let best = largest(&found)?;
        let mut features = if self.file.average {
            // Maximum and mean of each detector stand side by side.
            Tensor::stack(&[&best, &found.mean(D::Minus1)?], 2)?.flatten_from(1)?
        } else {
            best
        };
        for (index, (weight, bias)) in self.dense.iter().enumerate() {
            if index > 0 {
                features = pointwise::apply(Activation::Relu, &features)?;
            }
            features = features.matmul(weight)?.broadcast_add(bias)?;
        }
        Ok(largest(&features.reshape((n, windows))?)?)
    }
}

/// How many numbers the letters of one example are.
fn example(x: &Tensor) -> usize {
    x.elem_count() / x.dims()[0].max(1)
}

impl Model for PublishedDeepBind {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        if !matches!(*x.dims(), [_, 4, length] if length > 0) {
            return Err(Error::shape(
                "x",
                "(n, 4, length) with length at least 1",
                x.dims(),
            ));
        }
        if let Some(scores) = self.scan(x)? {
            return Ok(scores);
        }
        let empty = x.detach().sum_keepdim(1)?.eq(0.0)?.to_dtype(x.dtype())?;
        let x = x.broadcast_add(&empty.affine(0.25, 0.0)?)?;
        let forward = self.strand(&x)?;
        if !self.file.reverse_complement {
            return Ok(forward.unsqueeze(1)?);
        }
        let reverse = self.strand(&x.contiguous()?.flip(&[1, 2])?)?;
        Ok(largest(&Tensor::stack(&[&forward, &reverse], 1)?)?.unsqueeze(1)?)
    }

    fn device(&self) -> &Device {
        &self.device
    }
}

impl fmt::Debug for PublishedDeepBind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = &self.file;
        let (detectors, width, hidden) = (file.detectors, file.width, file.hidden);
        write!(
            f,
            "PublishedDeepBind({detectors} detectors x {width}, hidden {hidden})"
        )
    }
}
