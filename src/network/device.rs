//! Where networks are computed: the one place that chooses.

use crate::{Error, Result};
use candle_core::{DType, Device, Tensor};
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};

/// Where new networks are made, unless it is the CPU.
static CHOSEN: Mutex<Option<Device>> = Mutex::new(None);

/// The GPUs in use. For candle, a GPU that is opened twice is two devices, whose tensors do not meet.
static OPENED: Mutex<BTreeMap<usize, Device>> = Mutex::new(BTreeMap::new());

/// Chooses where all networks are made from now on, and returns that device.
///
/// | name | device |
/// |---|---|
/// | `"cpu"` | the CPU, as long as nothing else is chosen |
/// | `"cuda"`, `"cuda:1"` | the first GPU of Nvidia, the second |
/// | `"auto"` | the first GPU if there is one that answers, else the CPU |
///
/// Everything that a network does is done where its weights are: prediction, training, gradients, attribution. Networks that exist stay
/// where they are; [`Network::to_device`](super::Network::to_device) makes copies elsewhere. A GPU adds up in another order than the CPU, so the
/// last bits differ; the same seed draws the same weights, batches and dropout on both. Needs the feature `cuda`: a notebook has it when `GENOLENS_FEATURES=cuda`
/// is set where Jupyter starts.
///
/// # Errors
///
/// Fails when there is no such device, genolens was built without CUDA, or the GPU does not answer; then the choice stays what it was.
///
/// # Examples
///
/// ```
/// use genolens::network::{self, Model};
/// # fn main() -> genolens::Result<()> {
/// let device = network::use_device("auto")?;
/// let network = network::deepbind(16);
/// assert!(network.device().same_device(&device));
/// # network::use_device("cpu")?;
/// # Ok(()) }
/// ```
pub fn use_device(name: &str) -> Result<Device> {
    let device = open_device(name)?;
    *CHOSEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(device.clone());
    Ok(device)
}

/// Returns where new networks are made: the CPU, unless [`use_device`] has chosen another device.
pub fn default_device() -> Device {
    let chosen = CHOSEN.lock().unwrap_or_else(PoisonError::into_inner);
    chosen.clone().unwrap_or(Device::Cpu)
}

/// Returns a device by its name as in [`use_device`], without choosing it for new networks; the same one whenever it is asked for.
///
/// # Errors
///
/// Fails when there is no such device, genolens was built without CUDA, or the GPU does not answer.
pub fn open_device(name: &str) -> Result<Device> {
    match name {
        "cpu" => Ok(Device::Cpu),
        "auto" => Ok(open(0).unwrap_or(Device::Cpu)),
        _ => {
            let number = match name.strip_prefix("cuda") {
                Some("") => Some(0),
                Some(rest) => rest
                    .strip_prefix(':')
                    .and_then(|number| number.parse().ok()),
                None => None,
            };
            let number = number.ok_or_else(|| {
                let expected = "`cpu`, `cuda`, `cuda:1` (the number of a GPU) or `auto`";
                Error::value("device", expected, format!("`{name}`"))
            })?;
            open(number).map_err(|reason| {
                let expected = match reason {
                    Absence::NotBuilt => {
                        "`cpu` or `auto`, as genolens was built without CUDA: build with the feature `cuda`, or set GENOLENS_FEATURES=cuda where Jupyter starts".into()
                    }
                    Absence::Silent(answer) => {
                        format!("a GPU that answers, or `cpu`, or `auto`; CUDA says: {answer}")
                    }
                };
                Error::value("device", expected, format!("`{name}`"))
            })
        }
    }
}

/// Why there is no GPU.
enum Absence {
    NotBuilt,
    Silent(String),
}

fn open(number: usize) -> std::result::Result<Device, Absence> {
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(device) = opened.get(&number) {
        return Ok(device.clone());
    }
    // Where CUDA is loaded as the program runs, a library that is missing is a panic.
    let made = catch_unwind(|| {
        // One stream for all threads: with one for each, a thread may read what another has not yet written.
        let device = Device::new_cuda_with_stream(number)?;
        // Whether the GPU can run what candle was built for shows when it runs something.
        let one = Tensor::zeros(1, DType::F32, &device)?.affine(1.0, 1.0)?;
        one.to_vec1::<f32>()?;
        Ok(device)
    });
    match made {
        Ok(Ok(device)) => {
            opened.insert(number, device.clone());
            Ok(device)
        }
        Ok(Err(candle_core::Error::NotCompiledWithCudaSupport)) => Err(Absence::NotBuilt),
        Ok(Err(error)) => Err(Absence::Silent(first_line(&error.to_string()))),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Absence::Silent(first_line(text.unwrap_or("nothing"))))
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().into()
}
