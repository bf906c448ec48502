//! Values as Rust.

use super::{Kind, Value};
use anyhow::{Result, bail};

/// Writes a value as a Rust expression of this type; the text of a value never reaches the code but as an escaped literal.
pub(super) fn literal(value: &Value, kind: &Kind) -> Result<String> {
    let several = |items: &[Value], inner: &Kind| -> Result<String> {
        let items: Vec<String> = items
            .iter()
            .map(|item| literal(item, inner))
            .collect::<Result<_>>()?;
        Ok(items.join(", "))
    };
    match (kind, value) {
        (Kind::Bool, Value::Bool(value)) => Ok(value.to_string()),
        (Kind::Integer(name), Value::Integer(value)) => integer(*value, name),
        (Kind::Integer(name), Value::Float(value))
            if value.fract() == 0.0 && value.abs() < 9e15 =>
        {
            integer(*value as i128, name)
        }
        (Kind::Float(name), Value::Integer(value)) => float(*value as f64, name),
        (Kind::Float(name), Value::Float(value)) => float(*value, name),
        (Kind::Text, Value::Text(text)) => Ok(format!("String::from({text:?})")),
        (Kind::Slice, Value::Text(text)) => Ok(format!("{text:?}")),
        (Kind::Path, Value::Text(text)) => Ok(format!("std::path::PathBuf::from({text:?})")),
        (Kind::Char, Value::Text(text)) if text.chars().count() == 1 => {
            Ok(format!("{:?}", text.chars().next().unwrap_or_default()))
        }
        (Kind::Optional(_), Value::Nothing) => Ok("None".to_owned()),
        (Kind::Optional(inner), value) => Ok(format!("Some({})", literal(value, inner)?)),
        (Kind::Vector(inner), Value::List(items)) => {
            Ok(format!("vec![{}]", several(items, inner)?))
        }
        (Kind::Array(inner, length), Value::List(items))
            if length.is_none_or(|length| length == items.len()) =>
        {
            Ok(format!("[{}]", several(items, inner)?))
        }
        (Kind::Tuple(kinds), Value::List(items)) if kinds.len() == items.len() => {
            let items: Vec<String> = items
                .iter()
                .zip(kinds)
                .map(|(item, kind)| Ok(literal(item, kind)? + ","))
                .collect::<Result<_>>()?;
            Ok(format!("({})", items.join(" ")))
        }
        (Kind::Map(name, key, inner), Value::Table(entries)) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(name, value)| {
                    let name = literal(&Value::parse_key(name, key), key)?;
                    Ok(format!("({name}, {})", literal(value, inner)?))
                })
                .collect::<Result<_>>()?;
            Ok(format!(
                "std::collections::{name}::from([{}])",
                entries.join(", ")
            ))
        }
        (Kind::Other(_), _) => bail!("expected {}", expectation(kind)),
        _ => bail!("expected {}, got {}", expectation(kind), value.describe()),
    }
}

impl Value {
    /// Reads the key of a table, which is always a text in JSON.
    fn parse_key(key: &str, kind: &Kind) -> Self {
        match kind {
            Kind::Text | Kind::Slice | Kind::Path | Kind::Char => Self::Text(key.to_owned()),
            _ => Self::parse(key).unwrap_or_else(|_| Self::Text(key.to_owned())),
        }
    }
}

fn integer(value: i128, name: &str) -> Result<String> {
    let (lowest, highest): (i128, i128) = match name {
        "i8" => (i8::MIN.into(), i8::MAX.into()),
        "i16" => (i16::MIN.into(), i16::MAX.into()),
        "i32" => (i32::MIN.into(), i32::MAX.into()),
        "i64" | "isize" => (i64::MIN.into(), i64::MAX.into()),
        "u8" => (0, u8::MAX.into()),
        "u16" => (0, u16::MAX.into()),
        "u32" => (0, u32::MAX.into()),
        "u64" | "usize" => (0, u64::MAX.into()),
        "u128" => (0, i128::MAX),
        _ => (i128::MIN, i128::MAX),
    };
    if !(lowest..=highest).contains(&value) {
        bail!("expected a whole number from {lowest} to {highest} ({name}), got {value}");
    }
    Ok(value.to_string())
}

fn float(value: f64, name: &str) -> Result<String> {
    if value.is_finite() && name == "f32" && value.abs() > f64::from(f32::MAX) {
        bail!("expected a number of type f32, got {value:?}, which is too large for it");
    }
    Ok(match value {
        value if value.is_nan() => format!("{name}::NAN"),
        f64::INFINITY => format!("{name}::INFINITY"),
        f64::NEG_INFINITY => format!("{name}::NEG_INFINITY"),
        value => format!("{value:?}"),
    })
}

fn expectation(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Char => "one letter".to_owned(),
        Kind::Integer(name) => format!("a whole number ({name})"),
        Kind::Float(name) => format!("a number ({name})"),
        Kind::Text | Kind::Slice | Kind::Path => "a text".to_owned(),
        Kind::Optional(inner) => format!("null or {}", expectation(inner)),
        Kind::Array(_, Some(length)) => format!("a list of {length}"),
        Kind::Vector(inner) | Kind::Array(inner, None) => {
            format!("a list such as [..] of {}", inner.spell())
        }
        Kind::Tuple(kinds) => format!("a list of {}", kinds.len()),
        Kind::Map(_, _, inner) => {
            format!("a table such as {{\"key\": ..}} of {}", inner.spell())
        }
        Kind::Other(name) => format!(
            "a type that a parameter can have (numbers, bool, char, String, &str, PathBuf, Option, Vec, arrays, tuples, maps), got {name}: declare it as `let name: T = ..`"
        ),
    }
}
