//! The tensors of a DeepBind parameter file.

use super::allowance::Allowance;
use super::tensors::Stored;
use crate::network::published_file::PublishedFile;
use crate::{Error, Result};
use candle_core::{Device, Tensor};

/// Reads the numbers under the names of the file; filters get the shape `(detectors, 4, width)`, dense weights `(inputs, outputs)`.
pub(super) fn read(bytes: &[u8], allowance: &mut Allowance) -> Result<Vec<Stored>> {
    let origin = allowance.origin();
    let text = std::str::from_utf8(bytes).map_err(|_| {
        let problem = ("a DeepBind parameter file", "bytes that are not text");
        Error::parse(origin, 1, problem)
    })?;
    let file = PublishedFile::parse(origin, text)?;
    let (filters, width, hidden) = (file.detectors, file.width, file.hidden);
    let plain = |name: &str, values: &[f32], shape: &[usize]| -> Result<Stored> {
        Ok(Stored {
            name: name.into(),
            kind: "float32",
            tensor: Tensor::from_slice(values, shape, &Device::Cpu)?,
        })
    };
    let outputs = hidden.max(1);
    // In the file the index runs detector first, then letter, then position.
    let mut detectors = plain("detectors", &file.coefficients, &[width, 4, filters])?;
    detectors.tensor = detectors.tensor.permute((2, 1, 0))?.contiguous()?;
    let mut stored = vec![
        detectors,
        plain("thresholds", &file.thresholds, &[filters])?,
        plain("weights1", &file.weights1, &[file.features(), outputs])?,
        plain("biases1", &file.biases1, &[outputs])?,
    ];
    if hidden > 0 {
        stored.push(plain("weights2", &file.weights2, &[hidden, 1])?);
        stored.push(plain("biases2", &file.biases2, &[1])?);
    }
    for tensor in &stored {
        allowance.take(&tensor.name, tensor.tensor.dims(), 4)?;
    }
    Ok(stored)
}
