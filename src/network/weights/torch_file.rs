//! State dicts as `torch.save` writes them, today in a zip archive, before version 1.6 one pickle after the other.

use super::aligned::short;
use super::allowance::Allowance;
use super::archive::Archive;
use super::element::{Element, whole};
use super::format::{LEGACY, SAVE};
use super::pickle::{Pickle, Value};
use super::state_dict::{self, Described, described};
use super::tensors::Stored;
use crate::{Error, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Reads a zip archive.
pub(super) fn read(bytes: &[u8], allowance: &mut Allowance) -> Result<Vec<Stored>> {
    let origin = allowance.origin().to_owned();
    let archive = Archive::open(&origin, bytes)?;
    let pickle = archive.names().find(|name| {
        let folder = name.strip_suffix("data.pkl");
        folder.is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
    });
    let Some(name) = pickle.map(ToOwned::to_owned) else {
        return Err(no_pickle(&origin, &archive));
    };
    let folder = &name[..name.len() - "data.pkl".len()];
    let order = format!("{folder}byteorder");
    if archive.has(&order) && archive.read(&order, allowance)?.starts_with(b"big") {
        return Err(big_endian(&origin));
    }
    let pickle = archive.read(&name, allowance)?;
    let pickle = Pickle::read(&format!("{origin}: {}", short(&name)), &pickle)?;
    let tensors = described(&origin, &pickle)?;
    let mut storages: HashMap<&str, Cow<'_, [u8]>> = HashMap::new();
    let mut stored = Vec::new();
    for tensor in &tensors {
        let storage = match storages.entry(&tensor.storage) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let member = format!("{folder}data/{}", tensor.storage);
                new.insert(archive.read(&member, allowance)?)
            }
        };
        stored.push(gathered(tensor, storage, allowance)?);
    }
    Ok(stored)
}

fn big_endian(origin: &str) -> Error {
    let expected = "numbers with their smallest byte first";
    Error::value(origin, expected, "a file of a big-endian machine")
}

fn no_pickle(origin: &str, archive: &Archive<'_>) -> Error {
    let expected = format!("a state dict, written by {SAVE}");
    if archive
        .names()
        .any(|name| name.ends_with("model.weights.h5"))
    {
        let expected = "HDF5 (`model.save_weights(\"model.weights.h5\")` in Python writes it)";
        return Error::value(origin, expected, "a `.keras` archive");
    }
    if archive.names().any(|name| {
        std::path::Path::new(name)
            .extension()
            .is_some_and(|end| end == "npy")
    }) {
        let expected = "safetensors (`safetensors.numpy.save_file` in Python writes them)";
        return Error::value(origin, expected, "an archive of numpy arrays");
    }
    Error::value(origin, expected, "a zip archive without `data.pkl`")
}

/// Reads pickles one after the other: a number that tells the format, its version, the machine, the state dict, the names of the storages;
/// then the storages.
pub(super) fn read_legacy(bytes: &[u8], allowance: &mut Allowance) -> Result<Vec<Stored>> {
    let origin = allowance.origin().to_owned();
    let mut rest = &bytes[LEGACY.len()..];
    let mut next = || -> Result<Pickle> {
        let pickle = Pickle::read(&origin, rest)?;
        rest = &rest[pickle.length..];
        Ok(pickle)
    };
    let _version = next()?;
    let machine = next()?;
    if is_big(&machine) {
        return Err(big_endian(&origin));
    }
    let pickle = next()?;
    let tensors = described(&origin, &pickle)?;
    let names = next()?;
    let elements = elements(&pickle);
    let truncated = || Error::value(&origin, "a complete file", "damaged or truncated");
    let mut storages: HashMap<&str, &[u8]> = HashMap::new();
    for &name in names.parts(names.root()).unwrap_or_default() {
        let name = names.text(name).ok_or_else(truncated)?;
        let element = elements.get(name).ok_or_else(truncated)?;
        let (count, numbers) = rest.split_at_checked(8).ok_or_else(truncated)?;
        let count = usize::try_from(whole(count)).ok();
        let size = count.and_then(|count| count.checked_mul(element.size()));
        let split = size.and_then(|size| numbers.split_at_checked(size));
        let (numbers, after) = split.ok_or_else(truncated)?;
        storages.insert(name, numbers);
        rest = after;
    }
    let gathered = tensors.iter().map(|tensor| {
        let storage = storages.get(&*tensor.storage);
        gathered(tensor, storage.copied().unwrap_or_default(), allowance)
    });
    gathered.collect()
}

fn is_big(machine: &Pickle) -> bool {
    let Value::Dict(pairs) = machine.get(machine.root()) else {
        return false;
    };
    pairs.iter().any(|&(key, value)| {
        machine.text(key) == Some("little_endian")
            && matches!(machine.get(value), Value::Bool(false))
    })
}

/// What every storage holds, tensors of the state dict or others.
fn elements(pickle: &Pickle) -> HashMap<Cow<'_, str>, Element> {
    let all = 0..pickle.values().len();
    let storages = all.filter_map(|id| state_dict::storage(pickle, id));
    let known = storages.filter_map(|(key, class, _)| Some((key, state_dict::element(class)?)));
    known.collect()
}

/// Takes the numbers of a tensor out of a storage.
fn gathered(tensor: &Described<'_>, storage: &[u8], allowance: &mut Allowance) -> Result<Stored> {
    let (shape, strides, size) = (&tensor.shape, &tensor.strides, tensor.element.size());
    let count = allowance.take(tensor.name, shape, size)?;
    let reach = shape
        .iter()
        .zip(strides)
        .try_fold(0_usize, |reach, (&length, &stride)| {
            reach.checked_add(length.saturating_sub(1).checked_mul(stride)?)
        });
    let end = match count {
        0 => Some(0),
        _ => reach.and_then(|reach| {
            reach
                .checked_add(tensor.offset)?
                .checked_add(1)?
                .checked_mul(size)
        }),
    };
    if end.is_none_or(|end| end > storage.len()) {
        let expected = format!("one that fits the {} bytes it lies in", storage.len());
        return Err(Error::shape(
            &allowance.tensor(tensor.name),
            expected,
            shape,
        ));
    }
    let mut index = vec![0; shape.len()];
    // All axes whose neighbours lie side by side are copied at once.
    let mut run = 1;
    let mut inner = shape.len();
    while inner > 0 && (strides[inner - 1] == run || shape[inner - 1] == 1) {
        inner -= 1;
        run *= shape[inner];
    }
    let stored = |bytes: &[u8]| -> Result<Stored> {
        Ok(Stored {
            name: tensor.name.into(),
            kind: tensor.element.name(),
            tensor: tensor.element.tensor(bytes, shape)?,
        })
    };
    if inner == 0 && count > 0 {
        return stored(&storage[tensor.offset * size..][..count * size]);
    }
    let mut bytes = Vec::with_capacity(count * size);
    while bytes.len() < count * size {
        let place: usize = index
            .iter()
            .zip(strides)
            .map(|(&at, &stride)| at * stride)
            .sum();
        let start = (tensor.offset + place) * size;
        bytes.extend_from_slice(&storage[start..start + run * size]);
        for axis in (0..inner).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    stored(&bytes)
}
