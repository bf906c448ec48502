//! The tensors that a pickle of `PyTorch` describes.

use super::aligned::short;
use super::allowance::{AXES, TENSORS};
use super::element::Element;
use super::format::SAVE;
use super::pickle::{Id, Pickle, Value};
use crate::{Error, Result};
use std::borrow::Cow;

/// Where the numbers of a tensor lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Described<'a> {
    pub(super) name: &'a str,
    pub(super) element: Element,
    /// The storage that holds them, perhaps among others.
    pub(super) storage: Cow<'a, str>,
    /// How many numbers of the storage come before the first.
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    /// How many numbers of the storage apart neighbours along every axis are.
    pub(super) strides: Vec<usize>,
}

/// Under these keys training scripts keep a state dict among other things.
const WRAPPERS: [&str; 9] = [
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "module",
    "net",
    "network",
    "weights",
    "params",
];

/// How many dictionaries a state dict may lie in.
const DEPTH: usize = 4;

/// More letters than the name of any storage has.
const KEY: usize = 255;

/// Returns the tensors of the state dict in a pickle.
pub(super) fn described<'a>(origin: &str, pickle: &'a Pickle) -> Result<Vec<Described<'a>>> {
    let mut id = pickle.root();
    for _ in 0..DEPTH {
        let Value::Dict(pairs) = pickle.get(id) else {
            return Err(no_dict(origin, pickle, id));
        };
        let mut found = Vec::new();
        for &(key, value) in pairs {
            let Some(name) = pickle.text(key) else {
                continue;
            };
            if let Some(tensor) = tensor(origin, pickle, (name, value))? {
                if found.len() == TENSORS {
                    let expected = format!("a state dict of at most {TENSORS} tensors");
                    return Err(Error::value(origin, expected, "one of more"));
                }
                found.push(tensor);
            }
        }
        if !found.is_empty() {
            return Ok(without_wrapper(found));
        }
        id = match inside(pickle, pairs) {
            Some(inside) => inside,
            None => return Err(no_tensors(origin, pickle, pairs)),
        };
    }
    let got = format!("dictionaries in dictionaries, {DEPTH} deep");
    Err(Error::value(
        origin,
        format!("a state dict, written by {SAVE}"),
        got,
    ))
}

/// Takes the `module.` off all names, which `DataParallel` puts before them.
fn without_wrapper(mut tensors: Vec<Described<'_>>) -> Vec<Described<'_>> {
    let bare = tensors
        .iter()
        .map(|tensor| tensor.name.strip_prefix("module."));
    if let Some(bare) = bare.collect::<Option<Vec<&str>>>() {
        for (tensor, name) in tensors.iter_mut().zip(bare) {
            tensor.name = name;
        }
    }
    tensors
}

/// Finds the dictionary that a state dict may be inside of a dictionary without tensors.
fn inside(pickle: &Pickle, pairs: &[(Id, Id)]) -> Option<Id> {
    let holds = |wrapper: &str| {
        let named = pairs
            .iter()
            .find(|(key, _)| pickle.text(*key) == Some(wrapper));
        named.map(|&(_, value)| value)
    };
    let known = WRAPPERS.into_iter().find_map(holds);
    let mut dicts = pairs
        .iter()
        .filter(|(_, value)| matches!(pickle.get(*value), Value::Dict(_)));
    known.or_else(|| match (dicts.next(), dicts.next()) {
        (Some(&(_, only)), None) => Some(only),
        _ => None,
    })
}

fn no_dict(origin: &str, pickle: &Pickle, id: Id) -> Error {
    let class = match *pickle.get(id) {
        Value::Object(class) | Value::Call(class, _) => match *pickle.get(class) {
            // Old files name the class of a module together with its source.
            Value::Outside(module) => pickle
                .parts(module)
                .and_then(|module| pickle.class(*module.get(1)?)),
            _ => pickle.class(class),
        },
        _ => None,
    };
    let Some((module, name)) = class else {
        let expected = format!("a state dict, written by {SAVE}");
        return Error::value(origin, expected, "a pickle of something else");
    };
    if module.starts_with("__torch__") {
        let expected = "a state dict (`torch.save(torch.jit.load(path).state_dict(), \"weights.pth\")` in Python writes it)";
        return Error::value(origin, expected, "a compiled TorchScript model");
    }
    if module.starts_with("torch._") {
        let expected = format!("a state dict with names, written by {SAVE}");
        return Error::value(origin, expected, "a single tensor");
    }
    let expected = format!("a state dict, written by {SAVE}");
    let got = format!(
        "a whole model: an object of `{}`, which only its own code can read",
        short(&format!("{module}.{name}"))
    );
    Error::value(origin, expected, got)
}

fn no_tensors(origin: &str, pickle: &Pickle, pairs: &[(Id, Id)]) -> Error {
    let expected = format!("a state dict, written by {SAVE}");
    let keys = pairs.iter().filter_map(|(key, _)| pickle.text(*key));
    let keys: Vec<String> = keys
        .take(8)
        .map(|key| format!("`{}`", short(key)))
        .collect();
    let got = if keys.is_empty() {
        "an empty dictionary".into()
    } else {
        format!(
            "a dictionary of {}, none a tensor or one state dict",
            keys.join(", ")
        )
    };
    Error::value(origin, expected, got)
}

/// Reads what describes a tensor; `None` if it is something else.
fn tensor<'a>(
    origin: &str,
    pickle: &'a Pickle,
    (name, id): (&'a str, Id),
) -> Result<Option<Described<'a>>> {
    let mut id = id;
    // A parameter is a call around the call that makes its tensor.
    for _ in 0..DEPTH {
        let Value::Call(callable, arguments) = *pickle.get(id) else {
            return Ok(None);
        };
        let (Some((module, function)), Some(arguments)) =
            (pickle.class(callable), pickle.parts(arguments))
        else {
            return Ok(None);
        };
        let wrong = |got: String| {
            let argument = format!("{origin}: tensor {}", short(name));
            Error::value(&argument, "a dense tensor of numbers", got)
        };
        match (module, function) {
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                let Some(&inner) = arguments.first() else {
                    return Ok(None);
                };
                id = inner;
            }
            ("torch._tensor", "_rebuild_from_type_v2") => {
                let &[function, _, inner, ..] = arguments else {
                    return Ok(None);
                };
                let made = plain(pickle, (function, inner), name);
                return made.map(Some).ok_or_else(|| wrong("damaged".into()));
            }
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2" | "_rebuild_tensor_v3") => {
                let Value::Call(_, inner) = *pickle.get(id) else {
                    return Ok(None);
                };
                let made = plain(pickle, (callable, inner), name);
                return made.map(Some).ok_or_else(|| {
                    let kind = kind(pickle, inner);
                    wrong(kind.unwrap_or_else(|| "damaged".into()))
                });
            }
            ("torch._utils", other) => {
                return Err(wrong(format!("one made by `{}`", short(other))));
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Names the kind of storage if it is not one that can be read.
fn kind(pickle: &Pickle, arguments: Id) -> Option<String> {
    let &storage = pickle.parts(arguments)?.first()?;
    let Value::Outside(outside) = *pickle.get(storage) else {
        return None;
    };
    let (_, class) = pickle.class(*pickle.parts(outside)?.get(1)?)?;
    let known = class == "UntypedStorage" || element(class).is_some();
    (!known).then(|| format!("numbers of `{}`", short(class)))
}

/// Reads the arguments of the function that makes a tensor: storage, offset, shape, strides.
fn plain<'a>(
    pickle: &'a Pickle,
    (function, arguments): (Id, Id),
    name: &'a str,
) -> Option<Described<'a>> {
    let (_, function) = pickle.class(function)?;
    let parts = pickle.parts(arguments)?;
    let &[storage, offset, shape, strides, ..] = parts else {
        return None;
    };
    let (key, class, before) = self::storage(pickle, storage)?;
    let element = if function == "_rebuild_tensor_v3" {
        let (_, dtype) = pickle.class(*parts.get(6)?)?;
        Element::ALL
            .into_iter()
            .find(|element| element.name() == dtype)?
    } else {
        element(class)?
    };
    let sizes = |id: Id| -> Option<Vec<usize>> {
        let parts = pickle.parts(id).filter(|parts| parts.len() <= AXES)?;
        parts.iter().map(|&part| pickle.size(part)).collect()
    };
    let (shape, strides) = (sizes(shape)?, sizes(strides)?);
    (shape.len() == strides.len()).then_some(Described {
        name,
        element,
        storage: key,
        offset: pickle.size(offset)?.checked_add(before)?,
        shape,
        strides,
    })
}

/// Reads what stands for a storage: its name, its class, and where in it a view begins.
pub(super) fn storage(pickle: &Pickle, id: Id) -> Option<(Cow<'_, str>, &str, usize)> {
    let Value::Outside(outside) = *pickle.get(id) else {
        return None;
    };
    let &[_, class, key, _, _, ref rest @ ..] = pickle.parts(outside)? else {
        return None;
    };
    let key = match pickle.get(key) {
        Value::Text(text) if text.len() <= KEY => Cow::Borrowed(text.as_str()),
        Value::Int(number) => Cow::Owned(number.to_string()),
        _ => return None,
    };
    // Old files name views of a storage: the view, its offset and its size.
    let view = rest.first().and_then(|&view| pickle.parts(view));
    let before = view.and_then(|view| pickle.size(*view.get(1)?));
    Some((key, pickle.class(class)?.1, before.unwrap_or(0)))
}

/// Returns what a storage of this class holds.
pub(super) fn element(class: &str) -> Option<Element> {
    Some(match class {
        "DoubleStorage" => Element::F64,
        "FloatStorage" => Element::F32,
        "HalfStorage" => Element::F16,
        "BFloat16Storage" => Element::BF16,
        "LongStorage" => Element::I64,
        "IntStorage" => Element::I32,
        "ShortStorage" => Element::I16,
        "CharStorage" => Element::I8,
        "ByteStorage" => Element::U8,
        "BoolStorage" => Element::Bool,
        _ => return None,
    })
}
