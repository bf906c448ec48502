//! Datasets of texts, and of records in which there are texts.

use super::heap::Heap;
use super::seekable::Seekable;
use super::store::Store;
use super::{fault, unsupported};
use crate::{Error, Result};
use hdf5_pure::{Dataset, Datatype, File, StringPadding};
use std::sync::Arc;

/// Records of a dataset as bytes, and the size of one.
pub(crate) fn records(file: &Arc<Seekable>, dataset: &Dataset) -> Result<(Vec<u8>, usize)> {
    let fail = |error| fault(file.path(), &error);
    let dims = dataset.shape().map_err(fail)?;
    let size = dataset.datatype().map_err(fail)?.type_size() as usize;
    if dims.contains(&0) || size == 0 {
        return Ok((Vec::new(), size));
    }
    let dims = if dims.is_empty() { vec![1] } else { dims };
    let (store, _) = Store::new(file, dataset, (&dims, 0, size))?;
    let all: usize = store.dims().iter().product();
    let mut bytes = vec![0; all * size];
    store.read((0, store.dims()[0]), &mut bytes)?;
    Ok((bytes, size))
}

/// Tells whether a type is text.
pub(crate) fn is_text(datatype: &Datatype) -> bool {
    matches!(
        datatype,
        Datatype::String { .. }
            | Datatype::VariableLength {
                is_string: true,
                ..
            }
    )
}

/// Reads all texts of a dataset; `name` says where it is.
pub(crate) fn texts(
    (file, opened): (&Arc<Seekable>, &File),
    name: &str,
    dataset: &Dataset,
) -> Result<Vec<String>> {
    let datatype = dataset
        .datatype()
        .map_err(|error| fault(file.path(), &error))?;
    let (bytes, size) = records(file, dataset)?;
    texts_of((file, opened), name, (&datatype, (&bytes, size, 0)))
}

/// Reads the texts that stand at one place of every record: bytes of the records, size of one, and where in it the text begins.
pub(crate) fn texts_of(
    (file, opened): (&Arc<Seekable>, &File),
    name: &str,
    (datatype, (bytes, size, offset)): (&Datatype, (&[u8], usize, usize)),
) -> Result<Vec<String>> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let utf8 = |text: &[u8], row: usize| {
        let text = std::str::from_utf8(text).map(str::to_owned);
        text.map_err(|_| {
            let argument = format!("entry {row} of {name} of {}", file.path().display());
            Error::value(&argument, "text in UTF-8", "other bytes")
        })
    };
    let width = datatype.type_size() as usize;
    let fields = bytes
        .chunks_exact(size)
        .map(|record| record.get(offset..offset + width).unwrap_or_default());
    match datatype {
        Datatype::String { padding, .. } => {
            let trimmed = |field: &[u8]| {
                let end = match padding {
                    StringPadding::NullTerminate => field.iter().position(|&byte| byte == 0),
                    StringPadding::NullPad => field
                        .iter()
                        .rposition(|&byte| byte != 0)
                        .map(|end| end + 1)
                        .or(Some(0)),
                    StringPadding::SpacePad => field
                        .iter()
                        .rposition(|&byte| byte != b' ')
                        .map(|end| end + 1)
                        .or(Some(0)),
                };
                end.unwrap_or(field.len())
            };
            fields
                .enumerate()
                .map(|(row, field)| utf8(&field[..trimmed(field)], row))
                .collect()
        }
        Datatype::VariableLength {
            is_string: true, ..
        } => {
            let mut heap = Heap::new(file, opened)?;
            fields
                .enumerate()
                .map(|(row, field)| heap.bytes(field).and_then(|text| utf8(text, row)))
                .collect()
        }
        _ => Err(unsupported(file.path(), &format!("{name} holds no text"))),
    }
}
