//! Safetensors files.

use super::aligned::short;
use super::allowance::Allowance;
use super::element::Element;
use super::tensors::Stored;
use crate::{Error, Result};
use safetensors::{Dtype, SafeTensors};

pub(super) fn read(bytes: &[u8], allowance: &mut Allowance) -> Result<Vec<Stored>> {
    let file = SafeTensors::deserialize(bytes).map_err(|problem| {
        let text = problem.to_string();
        let first = short(&text);
        let got = format!("{} bytes that are not ({first})", bytes.len());
        Error::value(allowance.origin(), "a complete safetensors file", got)
    })?;
    let mut tensors = file.tensors();
    // In the order of the file, which is that of the data.
    tensors.sort_by_key(|(_, view)| view.data().as_ptr() as usize);
    let stored = tensors.into_iter().map(|(name, view)| {
        let Some(element) = element(view.dtype()) else {
            let got = format!("{:?}", view.dtype());
            return Err(Error::value(&allowance.tensor(&name), "numbers", got));
        };
        allowance.take(&name, view.shape(), element.size())?;
        let tensor = element.tensor(view.data(), view.shape())?;
        let kind = element.name();
        Ok(Stored { name, kind, tensor })
    });
    stored.collect()
}

fn element(dtype: Dtype) -> Option<Element> {
    Some(match dtype {
        Dtype::F64 => Element::F64,
        Dtype::F32 => Element::F32,
        Dtype::F16 => Element::F16,
        Dtype::BF16 => Element::BF16,
        Dtype::I64 => Element::I64,
        Dtype::I32 => Element::I32,
        Dtype::I16 => Element::I16,
        Dtype::I8 => Element::I8,
        Dtype::U32 => Element::U32,
        Dtype::U16 => Element::U16,
        Dtype::U8 => Element::U8,
        Dtype::BOOL => Element::Bool,
        _ => return None,
    })
}
