//! Tables of cells and genes in HDF5 files, as every generation of anndata has written them.

use super::archive::{Archive, Attributes, Node, encoding};
use crate::expression::Frame;
use crate::storage::{Element, Number, Numbers, is_text, records, texts_of};
use crate::{Error, Result};
use hdf5_pure::{AttrValue, CompoundMember, Dataset, Datatype, Group};
use polars::prelude::{
    BooleanChunked, Column, DataFrame, Int64Chunked, IntoColumn, NewChunkedArray, StringChunked,
};
use std::collections::BTreeMap;

/// Categories by column, for files that keep them apart (`uns/COLUMN_categories` before anndata 0.7).
pub(super) type Categories = BTreeMap<String, Vec<String>>;

/// A column, with its categories and whether they rise.
pub(super) struct Read {
    pub(super) column: Column,
    categories: Option<(Vec<String>, bool)>,
}

impl Read {
    fn plain(column: Column) -> Self {
        Self {
            column,
            categories: None,
        }
    }

    pub(super) fn add(self, frame: &Frame) -> Result<Frame> {
        let Some((categories, ordered)) = self.categories else {
            return frame.with(self.column);
        };
        let name = self.column.name().to_string();
        let frame = frame.with_categories(self.column, &categories)?;
        Ok(if ordered {
            frame.with_ordered(&name)
        } else {
            frame
        })
    }
}

impl Archive {
    /// Reads a table; `apart` has the categories of columns that are told elsewhere.
    pub(super) fn frame(&mut self, place: &str, node: &Node, apart: &Categories) -> Result<Frame> {
        match node {
            Node::Group(group) => self.frame_of_group(place, group),
            Node::Data(dataset) => self.frame_of_records(place, dataset, apart),
        }
    }

    fn frame_of_group(&mut self, place: &str, group: &Group) -> Result<Frame> {
        let attributes = self.attributes(&Node::Group(group.clone()))?;
        let children = self.children(group)?;
        let index = attributes.get("_index").and_then(AttrValue::as_str);
        let index = match index {
            Some(name) => name.to_owned(),
            None => ["_index", "index"]
                .into_iter()
                .find(|name| children.contains_key(*name))
                .unwrap_or("_index")
                .to_owned(),
        };
        let Some(node) = children.get(&index) else {
            return Err(self.wrong(place, format!("with names in `{index}`"), "without them"));
        };
        let apart = self.categories_apart(place, &children)?;
        let names = match self.column(&format!("{place}/{index}"), (&index, node), &apart)? {
            Some(read) => labels(&read.column)?,
            None => return Err(self.wrong(&format!("{place}/{index}"), "names", "something else")),
        };
        let mut frame = Frame::new(names);
        for name in order(&attributes, &children) {
            if name == index || name == "__categories" {
                continue;
            }
            let (place, Some(node)) = (format!("{place}/{name}"), children.get(&name)) else {
                self.leave_out(
                    &format!("{place}/{name}"),
                    "the table names a column that is not there",
                );
                continue;
            };
            let Some(read) = self.column(&place, (&name, node), &apart)? else {
                continue;
            };
            if read.column.len() != frame.len() {
                return Err(self.wrong(
                    &place,
                    format!("{} rows, one for each name", frame.len()),
                    read.column.len(),
                ));
            }
            frame = read.add(&frame)?;
        }
        Ok(frame)
    }

    /// Categories as anndata 0.7 kept them: datasets in a group of their own, with an attribute `ordered`.
    fn categories_apart(
        &mut self,
        place: &str,
        children: &BTreeMap<String, Node>,
    ) -> Result<BTreeMap<String, (Vec<String>, bool)>> {
        let mut apart = BTreeMap::new();
        if let Some(Node::Group(group)) = children.get("__categories") {
            for (name, node) in self.children(group)? {
                let place = format!("{place}/__categories/{name}");
                let ordered = truth(&self.attributes(&node)?, "ordered");
                if let Some(read) = self.column(&place, (&name, &node), &BTreeMap::new())? {
                    apart.insert(name, (labels(&read.column)?, ordered));
                }
            }
        }
        Ok(apart)
    }

    /// Reads a column; `None` (and a note) where it is none that can be read.
    fn column(
        &mut self,
        place: &str,
        (name, node): (&str, &Node),
        apart: &BTreeMap<String, (Vec<String>, bool)>,
    ) -> Result<Option<Read>> {
        match node {
            Node::Data(dataset) => {
                let shape = self.shape(dataset)?;
                if shape.len() != 1 {
                    self.leave_out(place, &format!("it has {} axes, not one", shape.len()));
                    return Ok(None);
                }
                if let Some((categories, ordered)) = apart.get(name) {
                    let codes: Vec<i64> = Numbers::new(&self.file, place, dataset)?.all()?;
                    return self
                        .categorical((place, name), &codes, (categories.clone(), *ordered))
                        .map(Some);
                }
                let column = self.flat(place, (name, dataset))?;
                Ok(column.map(Read::plain))
            }
            Node::Group(group) => {
                let attributes = self.attributes(node)?;
                let children = self.children(group)?;
                let kind = encoding(&attributes).to_owned();
                let data = |part: &str| match children.get(part) {
                    Some(Node::Data(dataset)) => Ok(dataset),
                    _ => Err(self.wrong(place, format!("with a dataset `{part}`"), "without it")),
                };
                match kind.as_str() {
                    "categorical" => {
                        let (codes, categories) = (data("codes")?, data("categories")?);
                        let codes: Vec<i64> =
                            Numbers::new(&self.file, &format!("{place}/codes"), codes)?.all()?;
                        let place_of = format!("{place}/categories");
                        let Some(column) = self.flat(&place_of, ("categories", categories))? else {
                            return Ok(None);
                        };
                        let categories = (labels(&column)?, truth(&attributes, "ordered"));
                        self.categorical((place, name), &codes, categories)
                            .map(Some)
                    }
                    "nullable-integer" | "nullable-boolean" | "nullable-string-array" => {
                        let (values, mask) = (data("values")?, data("mask")?);
                        let mask: Vec<i64> =
                            Numbers::new(&self.file, &format!("{place}/mask"), mask)?.all()?;
                        let place = format!("{place}/values");
                        let Some(column) = self.flat(&place, (name, values))? else {
                            return Ok(None);
                        };
                        if column.len() != mask.len() {
                            return Err(self.wrong(
                                &place,
                                format!("{} values, as many as in the mask", mask.len()),
                                column.len(),
                            ));
                        }
                        Ok(Some(Read::plain(masked(&column, &mask)?)))
                    }
                    _ => {
                        let why = if kind.is_empty() {
                            "it is a group, no column".to_owned()
                        } else {
                            format!("it is a {kind}, no column")
                        };
                        self.leave_out(place, &why);
                        Ok(None)
                    }
                }
            }
        }
    }

    /// Reads numbers, truth values or texts in a row.
    pub(super) fn flat(
        &mut self,
        place: &str,
        (name, dataset): (&str, &Dataset),
    ) -> Result<Option<Column>> {
        let datatype = dataset.datatype().map_err(|error| self.fault(&error))?;
        if is_text(&datatype) {
            return Ok(Some(Column::new(name.into(), self.texts(place, dataset)?)));
        }
        let Some(element) = Element::new(&datatype) else {
            let kind = self.kind(dataset)?;
            self.leave_out(place, &format!("it holds {kind}, which is no column"));
            return Ok(None);
        };
        let numbers = Numbers::new(&self.file, place, dataset)?;
        Ok(Some(if is_truth(&datatype) {
            Column::new(name.into(), truths(&numbers.all()?))
        } else if element.is_whole() {
            Column::new(name.into(), numbers.all::<i64>()?)
        } else if element.size == 4 {
            Column::new(name.into(), numbers.all::<f32>()?)
        } else {
            Column::new(name.into(), numbers.all::<f64>()?)
        }))
    }

    fn categorical(
        &self,
        (place, name): (&str, &str),
        codes: &[i64],
        (categories, ordered): (Vec<String>, bool),
    ) -> Result<Read> {
        let label = |&code: &i64| match usize::try_from(code) {
            Err(_) if code == -1 => Ok(None),
            Ok(code) if code < categories.len() => Ok(Some(categories[code].as_str())),
            _ => Err(self.wrong(
                place,
                format!("codes from -1 to {}", categories.len() as i64 - 1),
                code,
            )),
        };
        let labels: Vec<Option<&str>> = codes.iter().map(label).collect::<Result<_>>()?;
        Ok(Read {
            column: StringChunked::from_slice_options(name.into(), &labels).into_column(),
            categories: Some((categories, ordered)),
        })
    }

    /// Reads a table that is one dataset of records, as anndata wrote before 0.7; the field `index` (or else the first one) has the names.
    fn frame_of_records(
        &mut self,
        place: &str,
        dataset: &Dataset,
        apart: &Categories,
    ) -> Result<Frame> {
        let columns = self.fields(place, dataset)?;
        let index = columns
            .iter()
            .position(|column| ["index", "_index"].contains(&column.name().as_str()))
            .unwrap_or(0);
        let Some(names) = columns.get(index) else {
            return Err(self.wrong(place, "a table with names", "one without columns"));
        };
        let mut frame = Frame::new(labels(names)?);
        for (at, column) in columns.into_iter().enumerate() {
            let name = column.name().to_string();
            let place = format!("{place}/{name}");
            match apart.get(&name) {
                _ if at == index => {}
                Some(categories) if column.dtype() == &polars::prelude::DataType::Int64 => {
                    let codes: Vec<i64> = column
                        .i64()?
                        .iter()
                        .map(|code| code.unwrap_or(-1))
                        .collect();
                    let read =
                        self.categorical((&place, &name), &codes, (categories.clone(), false))?;
                    frame = read.add(&frame)?;
                }
                _ => frame = frame.with(column)?,
            }
        }
        Ok(frame)
    }

    /// Reads the fields of records in a row; a field that is no column is left out.
    pub(super) fn fields(&mut self, place: &str, dataset: &Dataset) -> Result<Vec<Column>> {
        let datatype = dataset.datatype().map_err(|error| self.fault(&error))?;
        let Datatype::Compound { members, .. } = &datatype else {
            return Err(self.wrong(place, "records", "something else"));
        };
        let (bytes, size) = records(&self.file, dataset)?;
        let mut columns = Vec::new();
        for member in members {
            let place = format!("{place}/{}", member.name);
            match self.field(&place, member, (&bytes, size))? {
                Some(column) => columns.push(column),
                None => self.leave_out(&place, "it is a field of records that is no column"),
            }
        }
        Ok(columns)
    }

    fn field(
        &self,
        place: &str,
        member: &CompoundMember,
        (bytes, size): (&[u8], usize),
    ) -> Result<Option<Column>> {
        let (datatype, name) = (&member.datatype, member.name.as_str());
        let offset = usize::try_from(member.byte_offset).unwrap_or(usize::MAX);
        let width = datatype.type_size() as usize;
        if offset.checked_add(width).is_none_or(|end| end > size) {
            return Err(self.wrong(
                place,
                "a field inside its record",
                "one that reaches beyond it",
            ));
        }
        if is_text(datatype) {
            let texts = texts_of(
                (&self.file, &self.opened),
                place,
                (datatype, (bytes, size, offset)),
            )?;
            return Ok(Some(Column::new(name.into(), texts)));
        }
        let Some(element) = Element::new(datatype) else {
            return Ok(None);
        };
        let packed: Vec<u8> = bytes
            .chunks_exact(size.max(1))
            .flat_map(|record| &record[offset..offset + width])
            .copied()
            .collect();
        Ok(Some(if is_truth(datatype) {
            Column::new(name.into(), truths(&self.turned(place, element, &packed)?))
        } else if element.is_whole() {
            Column::new(name.into(), self.turned::<i64>(place, element, &packed)?)
        } else if element.size == 4 {
            Column::new(name.into(), self.turned::<f32>(place, element, &packed)?)
        } else {
            Column::new(name.into(), self.turned::<f64>(place, element, &packed)?)
        }))
    }

    fn turned<T: Number>(&self, place: &str, element: Element, bytes: &[u8]) -> Result<Vec<T>> {
        let mut out = vec![T::default(); bytes.len() / element.size];
        element.numbers(bytes, &mut out).map_err(|row| {
            self.wrong(
                &format!("entry {row} of {place}"),
                "a number that 64 bits hold",
                "a larger one",
            )
        })?;
        Ok(out)
    }

    /// Reads a dataset of records as a table without names.
    pub(super) fn table(&mut self, place: &str, dataset: &Dataset) -> Result<DataFrame> {
        let columns = self.fields(place, dataset)?;
        let height = columns.first().map_or(0, Column::len);
        Ok(DataFrame::new(height, columns)?)
    }
}

/// Returns the columns in the order of the table, and after them those that it does not name.
fn order(attributes: &Attributes, children: &BTreeMap<String, Node>) -> Vec<String> {
    let told = attributes.get("column-order");
    let mut names: Vec<String> = match told {
        Some(value) => match (value.as_strings(), value.as_str()) {
            (Some(names), _) => names.to_vec(),
            (None, Some(name)) => vec![name.to_owned()],
            (None, None) => Vec::new(),
        },
        None => Vec::new(),
    };
    let others: Vec<String> = children
        .keys()
        .filter(|name| !names.contains(name))
        .cloned()
        .collect();
    names.extend(others);
    names
}

fn truth(attributes: &Attributes, name: &str) -> bool {
    attributes.get(name).and_then(AttrValue::as_i64) == Some(1)
}

/// Tells whether a type is that of the truth values of h5py.
pub(super) fn is_truth(datatype: &Datatype) -> bool {
    match datatype {
        Datatype::Enumeration { members, .. } => {
            let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
            names == ["FALSE", "TRUE"]
        }
        _ => false,
    }
}

fn truths(numbers: &[i64]) -> Vec<bool> {
    numbers.iter().map(|&number| number != 0).collect()
}

/// Returns a column as texts, numbers as Python writes them.
fn labels(column: &Column) -> Result<Vec<String>> {
    use polars::prelude::DataType::{Boolean, Float32, Float64};
    Ok(match column.dtype() {
        Boolean => column
            .bool()?
            .iter()
            .map(|truth| if truth == Some(true) { "True" } else { "False" }.to_owned())
            .collect(),
        Float32 => column
            .f32()?
            .iter()
            .map(|number| format!("{:?}", number.unwrap_or(f32::NAN)))
            .collect(),
        Float64 => column
            .f64()?
            .iter()
            .map(|number| format!("{:?}", number.unwrap_or(f64::NAN)))
            .collect(),
        _ => {
            let column = column.cast(&polars::prelude::DataType::String)?;
            column
                .str()?
                .iter()
                .map(|label| label.unwrap_or_default().to_owned())
                .collect()
        }
    })
}

/// Sets null where the mask is true.
fn masked(column: &Column, mask: &[i64]) -> Result<Column> {
    use polars::prelude::DataType::{Boolean, Int64, String};
    let name = column.name().clone();
    Ok(match column.dtype() {
        Int64 => {
            let values = column
                .i64()?
                .iter()
                .zip(mask)
                .map(|(value, &mask)| value.filter(|_| mask == 0));
            Int64Chunked::from_iter_options(name, values).into_column()
        }
        Boolean => {
            let values = column
                .bool()?
                .iter()
                .zip(mask)
                .map(|(value, &mask)| value.filter(|_| mask == 0));
            BooleanChunked::from_iter_options(name, values).into_column()
        }
        String => {
            let values = column
                .str()?
                .iter()
                .zip(mask)
                .map(|(value, &mask)| value.filter(|_| mask == 0));
            StringChunked::from_iter_options(name, values).into_column()
        }
        other => {
            return Err(Error::value(
                "values",
                "whole numbers, truth values or texts",
                format!("of {other}"),
            ));
        }
    })
}
