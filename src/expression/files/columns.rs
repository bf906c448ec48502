//! Tables as the groups and datasets of an h5ad file.

use super::written::{Written, encoded, marked, plain, text, usable};
use crate::expression::Frame;
use crate::{Error, Result};
use hdf5_pure::{
    AttrValue, CharacterSet, CompoundTypeBuilder, Datatype, EnumTypeBuilder, GroupBuilder,
    StringPadding,
};
use polars::prelude::{Column, DataFrame, DataType};
use std::collections::HashMap;

/// The type of truth values of h5py.
pub(super) fn truth_type() -> Result<Datatype> {
    EnumTypeBuilder::with_base(hdf5_pure::make_i8_type())
        .value("FALSE", 0)
        .value("TRUE", 1)
        .build()
        .map_err(|error| Error::value("truth values", "a type of HDF5", error))
}

/// Fills a group with names and columns.
pub(super) fn frame(
    written: Written,
    group: &mut GroupBuilder,
    (place, frame): (&str, &Frame),
) -> Result<()> {
    encoded(group, "dataframe", "0.2.0");
    let columns = frame.table().columns();
    let names: Vec<String> = columns
        .iter()
        .map(|column| column.name().to_string())
        .collect();
    group.set_attr("_index", text("_index"));
    let order = if names.is_empty() {
        AttrValue::F64Array(Vec::new())
    } else {
        AttrValue::VarLenStringArray(names)
    };
    group.set_attr("column-order", order);
    let names = frame.names().iter();
    let names: Vec<&str> = names
        .map(|name| plain(&format!("names of {place}"), name))
        .collect::<Result<_>>()?;
    marked(
        group.create_dataset("_index").with_vlen_strings(&names),
        "string-array",
    );
    for column in columns {
        let name = column.name().as_str();
        usable(place, name)?;
        if ["_index", "__categories"].contains(&name) {
            return Err(Error::value(
                &format!("name in {place}"),
                "none that anndata keeps for itself",
                format!("`{name}`"),
            ));
        }
        self::column(written, group, (&format!("{place}/{name}"), frame, column))?;
    }
    Ok(())
}

fn column(
    written: Written,
    group: &mut GroupBuilder,
    (place, frame, column): (&str, &Frame, &Column),
) -> Result<()> {
    let name = column.name().as_str();
    let missing = column.null_count() > 0;
    match column.dtype() {
        DataType::String => {
            let labels: Vec<Option<&str>> = column.str()?.iter().collect();
            let categories = frame.categories(name);
            // A missing label has a place of its own among categories only.
            if missing || categories.is_some() {
                let known = (categories.unwrap_or_default(), frame.is_ordered(name));
                return categorical(written, group, (place, name), (&labels, known));
            }
            let texts = labels
                .iter()
                .map(|label| plain(place, label.unwrap_or_default()));
            let texts: Vec<&str> = texts.collect::<Result<_>>()?;
            marked(
                group.create_dataset(name).with_vlen_strings(&texts),
                "string-array",
            );
        }
        DataType::Boolean => {
            let truths: Vec<Option<bool>> = column.bool()?.iter().collect();
            let bytes = truths
                .iter()
                .map(|truth| u8::from(truth.unwrap_or(false)))
                .collect();
            nullable(
                written,
                (group, name, "nullable-boolean"),
                (truth_type()?, bytes),
                &mask(column),
            )?;
        }
        DataType::Float32 => {
            let values: Vec<f32> = column
                .f32()?
                .iter()
                .map(|value| value.unwrap_or(f32::NAN))
                .collect();
            let dataset = group.create_dataset(name).with_f32_data(&values);
            written.shaped(dataset, &[values.len()]);
            marked(dataset, "array");
        }
        DataType::Float64 => {
            let values: Vec<f64> = column
                .f64()?
                .iter()
                .map(|value| value.unwrap_or(f64::NAN))
                .collect();
            let dataset = group.create_dataset(name).with_f64_data(&values);
            written.shaped(dataset, &[values.len()]);
            marked(dataset, "array");
        }
        kind if kind.is_integer() => {
            let column = column.cast(&DataType::Int64)?;
            if column.null_count() > 0 && !missing {
                return Err(Error::value(
                    place,
                    "whole numbers of 64 bits",
                    "larger ones",
                ));
            }
            let bytes = column
                .i64()?
                .iter()
                .flat_map(|value| value.unwrap_or(0).to_le_bytes())
                .collect();
            let kind = (hdf5_pure::make_i64_type(), bytes);
            nullable(
                written,
                (group, name, "nullable-integer"),
                kind,
                &mask(&column),
            )?;
        }
        kind => {
            let expected = "a column of numbers, truth values or texts";
            return Err(Error::value(place, expected, format!("of {kind}")));
        }
    }
    Ok(())
}

fn mask(column: &Column) -> Vec<u8> {
    if column.null_count() == 0 {
        return Vec::new();
    }
    column
        .is_null()
        .iter()
        .map(|null| u8::from(null == Some(true)))
        .collect()
}

/// Writes a column as an array, or as values and a mask where some are missing.
fn nullable(
    written: Written,
    (group, name, kind): (&mut GroupBuilder, &str, &str),
    (datatype, bytes): (Datatype, Vec<u8>),
    mask: &[u8],
) -> Result<()> {
    let count = bytes.len() / datatype.type_size().max(1) as usize;
    if mask.is_empty() {
        let dataset = group
            .create_dataset(name)
            .with_raw_data(datatype, bytes, count as u64);
        written.shaped(dataset, &[count]);
        marked(dataset, "array");
        return Ok(());
    }
    let mut inner = group.create_group(name);
    encoded(&mut inner, kind, "0.1.0");
    for (part, datatype, bytes) in [
        ("values", datatype, bytes),
        ("mask", truth_type()?, mask.to_vec()),
    ] {
        let dataset = inner
            .create_dataset(part)
            .with_raw_data(datatype, bytes, count as u64);
        written.shaped(dataset, &[count]);
        marked(dataset, "array");
    }
    group.add_group(inner.finish());
    Ok(())
}

/// Writes labels as codes and categories: those in order that are known, then those that come besides.
fn categorical(
    written: Written,
    group: &mut GroupBuilder,
    (place, name): (&str, &str),
    (labels, (known, ordered)): (&[Option<&str>], (&[String], bool)),
) -> Result<()> {
    let mut categories: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut codes: HashMap<&str, i32> = HashMap::new();
    for (code, category) in categories.iter().enumerate() {
        codes.entry(category).or_insert(code as i32);
    }
    let mut found: Vec<i32> = labels
        .iter()
        .map(|label| label.map_or(-1, |label| codes.get(label).copied().unwrap_or(-2)))
        .collect();
    if found.contains(&-2) {
        let mut others: Vec<&str> = labels
            .iter()
            .flatten()
            .copied()
            .filter(|label| !codes.contains_key(label))
            .collect();
        others.sort_unstable();
        others.dedup();
        for label in others {
            codes.insert(label, categories.len() as i32);
            categories.push(label);
        }
        found = labels
            .iter()
            .map(|label| label.map_or(-1, |label| codes.get(label).copied().unwrap_or(-1)))
            .collect();
    }
    let mut inner = group.create_group(name);
    encoded(&mut inner, "categorical", "0.2.0");
    let ordered = if ordered {
        AttrValue::U8(1)
    } else {
        AttrValue::U8(0)
    };
    inner.set_attr("ordered", ordered);
    let list: Vec<&str> = categories
        .iter()
        .map(|category| plain(place, category))
        .collect::<Result<_>>()?;
    marked(
        inner.create_dataset("categories").with_vlen_strings(&list),
        "string-array",
    );
    let dataset = inner.create_dataset("codes");
    if list.len() <= 127 {
        dataset.with_i8_data(&found.iter().map(|&code| code as i8).collect::<Vec<_>>());
    } else if list.len() <= 32_767 {
        dataset.with_i16_data(&found.iter().map(|&code| code as i16).collect::<Vec<_>>());
    } else {
        dataset.with_i32_data(&found);
    }
    written.shaped(dataset, &[found.len()]);
    marked(dataset, "array");
    group.add_group(inner.finish());
    Ok(())
}

/// Tells whether a table can be records that anndata opens: it takes texts of a fixed length for ASCII.
pub(super) fn can_be_records(table: &DataFrame) -> bool {
    table.columns().iter().all(|column| {
        let Ok(texts) = column.str() else {
            return true;
        };
        texts.iter().flatten().all(str::is_ascii)
    })
}

/// Returns a table as records: their type, and the bytes of one after the other.
pub(super) fn records(place: &str, table: &DataFrame) -> Result<(Datatype, Vec<u8>)> {
    let (mut kind, mut fields) = (CompoundTypeBuilder::new(), Vec::new());
    for column in table.columns() {
        let (datatype, bytes) = field(&format!("{place}/{}", column.name()), column)?;
        kind = kind.field(column.name(), datatype.clone());
        fields.push((datatype.type_size() as usize, bytes));
    }
    let wrong = |error| Error::value(place, "a table that can be records", error);
    let kind = kind.build().map_err(wrong)?;
    let mut bytes = Vec::with_capacity(fields.iter().map(|(_, bytes)| bytes.len()).sum());
    for row in 0..table.height() {
        for (size, field) in &fields {
            bytes.extend_from_slice(&field[row * size..][..*size]);
        }
    }
    Ok((kind, bytes))
}

fn field(place: &str, column: &Column) -> Result<(Datatype, Vec<u8>)> {
    Ok(match column.dtype() {
        DataType::String => {
            let texts: Vec<&str> = column
                .str()?
                .iter()
                .map(|text| plain(place, text.unwrap_or_default()))
                .collect::<Result<_>>()?;
            let size = texts
                .iter()
                .map(|text| text.len())
                .max()
                .unwrap_or(0)
                .max(1);
            let mut bytes = vec![0; size * texts.len()];
            for (text, slot) in texts.iter().zip(bytes.chunks_exact_mut(size)) {
                slot[..text.len()].copy_from_slice(text.as_bytes());
            }
            let datatype = Datatype::String {
                size: size as u32,
                padding: StringPadding::NullPad,
                charset: CharacterSet::Ascii,
            };
            (datatype, bytes)
        }
        DataType::Boolean => (
            truth_type()?,
            column
                .bool()?
                .iter()
                .map(|truth| u8::from(truth == Some(true)))
                .collect(),
        ),
        DataType::Float32 => {
            let values = column.f32()?.iter().map(|value| value.unwrap_or(f32::NAN));
            (
                hdf5_pure::make_f32_type(),
                values.flat_map(f32::to_le_bytes).collect(),
            )
        }
        DataType::Float64 => {
            let values = column.f64()?.iter().map(|value| value.unwrap_or(f64::NAN));
            (
                hdf5_pure::make_f64_type(),
                values.flat_map(f64::to_le_bytes).collect(),
            )
        }
        kind if kind.is_integer() && column.null_count() == 0 => {
            let column = column.cast(&DataType::Int64)?;
            (
                hdf5_pure::make_i64_type(),
                column
                    .i64()?
                    .iter()
                    .flat_map(|value| value.unwrap_or(0).to_le_bytes())
                    .collect(),
            )
        }
        kind => {
            return Err(Error::value(
                place,
                "a column of numbers, truth values or texts",
                format!("of {kind}"),
            ));
        }
    })
}
