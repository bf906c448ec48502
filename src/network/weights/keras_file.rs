//! HDF5 files of Keras; hostile until read.

use super::aligned::short;
use super::allowance::Allowance;
use super::element::Element;
use super::tensors::Stored;
use crate::storage::Metered;
use crate::{Error, Result};
use candle_core::{Device, Tensor, WithDType};
use hdf5_pure::{
    AttrValue, DType, Dataset, Datatype, DatatypeByteOrder, File, Group, Layout, ReadSeekSource,
};
use std::collections::{HashMap, HashSet};
use std::io::Cursor;

/// How many groups a weight may lie in.
const DEPTH: usize = 16;

/// What a file says of the Keras that wrote it.
type Notes = Vec<(String, String)>;

/// Reads all weights, in the order of the layers where the file has one, and what the file says of the Keras that wrote it.
pub(super) fn read(bytes: Vec<u8>, allowance: &mut Allowance) -> Result<(Vec<Stored>, Notes)> {
    let origin = allowance.origin().to_owned();
    let damaged = |problem: hdf5_pure::Error| damaged(&origin, &problem);
    let bytes =
        ReadSeekSource::new(Cursor::new(bytes)).map_err(|problem| damaged(problem.into()))?;
    let file = File::from_source(Metered::new(bytes)).map_err(damaged)?;
    let root = file.root();
    // `save` puts the weights into a group, `save_weights` into the root.
    let home = root.group("model_weights").unwrap_or(root);
    let texts = home.attrs().map_err(damaged)?;
    let mut notes = Notes::new();
    for name in ["keras_version", "backend"] {
        if let Some(value) = texts.get(name).and_then(text) {
            notes.push((name.into(), value));
        }
    }
    let mut reader = Reader {
        stored: Vec::new(),
        allowance,
    };
    match listed(&texts, "layer_names") {
        Some(layers) => {
            let mut seen = HashSet::new();
            for layer in layers {
                if !seen.insert(layer.clone()) {
                    let got = format!("layer {} twice", short(&layer));
                    return Err(Error::value(&origin, "names that differ", got));
                }
                let group = home.group(&layer).map_err(damaged)?;
                reader.layer(&layer, &group)?;
            }
        }
        None => reader.walk("", &home, DEPTH)?,
    }
    if reader.stored.is_empty() {
        let expected =
            "HDF5 with weights, as `model.save_weights(\"model.weights.h5\")` of Keras writes it";
        return Err(Error::value(
            &origin,
            expected,
            "HDF5 without an array of numbers",
        ));
    }
    Ok((reader.stored, notes))
}

fn damaged(origin: &str, problem: &hdf5_pure::Error) -> Error {
    let text = problem.to_string();
    let first = short(&text);
    Error::value(
        origin,
        "a complete HDF5 file",
        format!("damaged or truncated ({first})"),
    )
}

struct Reader<'a> {
    stored: Vec<Stored>,
    allowance: &'a mut Allowance,
}

impl Reader<'_> {
    /// Reads the weights of a layer in the order in which Keras made them.
    fn layer(&mut self, layer: &str, group: &Group) -> Result<()> {
        let origin = self.allowance.origin().to_owned();
        let texts = group.attrs();
        let texts = texts.map_err(|problem| damaged(&origin, &problem))?;
        for weight in listed(&texts, "weight_names").unwrap_or_default() {
            let name = plain_name(layer, &weight);
            let data = group.dataset(&weight);
            let data = data.map_err(|problem| damaged(&self.allowance.tensor(&name), &problem))?;
            self.tensor(&name, &data)?;
        }
        Ok(())
    }

    /// Reads all arrays of numbers below a group.
    fn walk(&mut self, path: &str, group: &Group, depth: usize) -> Result<()> {
        let origin = self.allowance.origin().to_owned();
        let damaged = |problem: hdf5_pure::Error| damaged(&origin, &problem);
        let datasets = group.datasets().map_err(damaged)?;
        self.allowance.look(1 + datasets.len())?;
        for name in datasets {
            let data = group.dataset(&name).map_err(damaged)?;
            if data.dtype().is_ok_and(|dtype| element(&dtype).is_some()) {
                self.tensor(&format!("{path}{name}"), &data)?;
            }
        }
        let groups = group.groups().map_err(damaged)?;
        self.allowance.look(groups.len())?;
        for name in groups {
            if depth == 0 {
                return Err(Error::value(
                    &origin,
                    format!("{DEPTH} groups deep at most"),
                    "deeper",
                ));
            }
            // The optimizer's memory is as large as the weights and has their names.
            if !name.starts_with("optimizer") {
                let inside = group.group(&name).map_err(damaged)?;
                self.walk(&format!("{path}{name}/"), &inside, depth - 1)?;
            }
        }
        Ok(())
    }

    fn tensor(&mut self, name: &str, data: &Dataset) -> Result<()> {
        let argument = self.allowance.tensor(name);
        let damaged = |problem: hdf5_pure::Error| damaged(&argument, &problem);
        let dtype = data.dtype().map_err(damaged)?;
        let Some(element) = element(&dtype) else {
            return Err(Error::value(
                &argument,
                "numbers",
                short(&dtype.to_string()),
            ));
        };
        let shape = data.shape().map_err(damaged)?;
        let shape: Vec<usize> = shape.iter().map(|&size| size as usize).collect();
        let count = self.allowance.take(name, &shape, element.size())?;
        if let Ok(Layout::Chunked { chunk_shape, .. }) = data.layout() {
            self.allowance
                .check_chunks(name, (&shape, &chunk_shape), element.size())?;
        }
        let tensor = match element {
            Element::F64 => shaped(data.read_f64().map_err(damaged)?, &shape),
            Element::F32 => shaped(data.read_f32().map_err(damaged)?, &shape),
            Element::F16 => {
                let bytes = data.read_raw().map_err(damaged)?;
                (bytes.len() == count * element.size()).then(|| element.tensor(&bytes, &shape))
            }
            _ => shaped(data.read_i64().map_err(damaged)?, &shape),
        };
        let Some(tensor) = tensor else {
            let expected = "as many numbers as its shape says";
            return Err(Error::value(&argument, expected, "truncated"));
        };
        self.stored.push(Stored {
            name: name.into(),
            kind: element.name(),
            tensor: tensor?,
        });
        Ok(())
    }
}

/// Makes a tensor if there are as many numbers as its shape says.
fn shaped<T: WithDType>(values: Vec<T>, shape: &[usize]) -> Option<Result<Tensor>> {
    let fits = values.len() == shape.iter().product::<usize>();
    fits.then(|| Ok(Tensor::from_vec(values, shape, &Device::Cpu)?))
}

/// Names a weight by its layer and what it is: `conv1d/kernel` for `conv1d/kernel:0` and for `model/conv1d/kernel`.
fn plain_name(layer: &str, weight: &str) -> String {
    let weight = weight.strip_suffix(":0").unwrap_or(weight);
    let inside = format!("{layer}/");
    match weight.rfind(&inside) {
        Some(at) if at == 0 || weight[..at].ends_with('/') => weight[at..].into(),
        _ => inside + weight,
    }
}

/// Returns a list of names; a long one is cut into attributes with a number behind their name.
fn listed(texts: &HashMap<String, AttrValue>, name: &str) -> Option<Vec<String>> {
    if let Some(value) = texts.get(name) {
        return names(value);
    }
    let parts = (0..).map_while(|part| names(texts.get(&format!("{name}{part}"))?));
    let all: Vec<String> = parts.flatten().collect();
    (!all.is_empty()).then_some(all)
}

fn names(value: &AttrValue) -> Option<Vec<String>> {
    Some(match value {
        AttrValue::StringArray(values)
        | AttrValue::StringArraySized { values, .. }
        | AttrValue::AsciiStringArray(values)
        | AttrValue::AsciiStringArraySized { values, .. }
        | AttrValue::VarLenStringArray(values)
        | AttrValue::VarLenAsciiStringArray(values) => values.clone(),
        // An empty list has no strings to tell its type from.
        AttrValue::F64Array(values) if values.is_empty() => Vec::new(),
        _ => return None,
    })
}

fn text(value: &AttrValue) -> Option<String> {
    let (AttrValue::String(text)
    | AttrValue::StringSized { value: text, .. }
    | AttrValue::AsciiString(text)
    | AttrValue::AsciiStringSized { value: text, .. }
    | AttrValue::VarLenString(text)
    | AttrValue::VarLenAsciiString(text)) = value
    else {
        return None;
    };
    Some(short(text))
}

fn element(dtype: &DType) -> Option<Element> {
    Some(match dtype {
        DType::F64 => Element::F64,
        DType::F32 => Element::F32,
        DType::I64 => Element::I64,
        DType::I32 => Element::I32,
        DType::I16 => Element::I16,
        DType::I8 => Element::I8,
        DType::U32 => Element::U32,
        DType::U16 => Element::U16,
        DType::U8 => Element::U8,
        DType::Other(kind) => match **kind {
            Datatype::FloatingPoint {
                size: 2,
                byte_order: DatatypeByteOrder::LittleEndian,
                ..
            } => Element::F16,
            _ => return None,
        },
        _ => return None,
    })
}
