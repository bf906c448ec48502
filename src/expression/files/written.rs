//! Cells as the groups and datasets of an h5ad file.

use super::columns::{can_be_records, records, truth_type};
use crate::expression::{Cells, Frame, Uns, Values};
use crate::sparse::Sparse;
use crate::{Error, Result};
use hdf5_pure::{AttrValue, DatasetBuilder, FileBuilder, GroupBuilder};
use ndarray::Array2;
use polars::prelude::Column;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Numbers of a chunk that is packed, and of one axis of it: hdf5-pure 0.47 writes larger ones as HDF5 2.0 does not read them.
const CHUNK: usize = 1 << 18;
const AXIS: usize = 1 << 15;

/// How datasets are written.
#[derive(Clone, Copy)]
pub(super) struct Written {
    gzip: Option<u32>,
}

/// Adds a group to another one.
fn within(
    parent: &mut GroupBuilder,
    name: &str,
    fill: &dyn Fn(&mut GroupBuilder) -> Result<()>,
) -> Result<()> {
    let mut group = parent.create_group(name);
    fill(&mut group)?;
    parent.add_group(group.finish());
    Ok(())
}

/// Adds a group to the root.
fn add(
    root: &mut FileBuilder,
    name: &str,
    fill: &dyn Fn(&mut GroupBuilder) -> Result<()>,
) -> Result<()> {
    let mut group = root.create_group(name);
    fill(&mut group)?;
    root.add_group(group.finish());
    Ok(())
}

pub(super) fn text(value: &str) -> AttrValue {
    AttrValue::VarLenString(value.to_owned())
}

impl Written {
    pub(super) fn new(gzip: Option<u32>) -> Self {
        Self { gzip }
    }

    pub(super) fn cells(self, cells: &Cells) -> Result<FileBuilder> {
        let data = &*cells.data;
        let mut root = FileBuilder::new();
        root.set_attr("encoding-type", text("anndata"));
        root.set_attr("encoding-version", text("0.1.0"));
        match &data.values {
            Values::Dense(array) => self.dense(root.create_dataset("X"), array),
            Values::Sparse(matrix) => add(&mut root, "X", &|group| {
                self.sparse(group, matrix);
                Ok(())
            })?,
        }
        add(&mut root, "obs", &|group| {
            self.frame(group, "obs", &data.obs)
        })?;
        add(&mut root, "var", &|group| {
            self.frame(group, "var", &data.var)
        })?;
        add(&mut root, "layers", &|group| {
            dict(group);
            each(&data.layers, "layers", |name, values| {
                self.values(group, name, values)
            })
        })?;
        for (part, arrays, rows) in [
            ("obsm", &data.obsm, &data.obs),
            ("varm", &data.varm, &data.var),
        ] {
            add(&mut root, part, &|group| {
                self.coordinates(group, (part, cells), (arrays, rows))
            })?;
        }
        for (part, graphs) in [("obsp", &data.obsp), ("varp", &data.varp)] {
            add(&mut root, part, &|group| {
                dict(group);
                each(graphs, part, |name, graph| {
                    within(group, name, &|group| {
                        self.sparse(group, graph);
                        Ok(())
                    })
                })
            })?;
        }
        if let Some((values, var)) = &data.raw {
            add(&mut root, "raw", &|group| {
                encoded(group, "raw", "0.1.0");
                self.values(group, "X", values)?;
                within(group, "var", &|group| self.frame(group, "raw/var", var))?;
                within(group, "varm", &|group| {
                    self.coordinates(group, ("raw/varm", cells), (&data.raw_varm, var))
                })
            })?;
        }
        let uns = things(cells);
        add(&mut root, "uns", &|group| {
            dict(group);
            each(&uns, "uns", |name, thing| {
                self.thing(group, (name, &format!("uns/{name}")), thing)
            })
        })?;
        Ok(root)
    }

    /// Fills a group with arrays; those whose columns have names are tables.
    fn coordinates(
        self,
        group: &mut GroupBuilder,
        (part, cells): (&str, &Cells),
        (arrays, rows): (&BTreeMap<String, Arc<Array2<f32>>>, &Frame),
    ) -> Result<()> {
        dict(group);
        each(arrays, part, |name, array| {
            let place = format!("{part}/{name}");
            let Some(axes) = cells.axes(&place) else {
                self.dense(group.create_dataset(name), array);
                return Ok(());
            };
            let mut frame = Frame::new(rows.names().iter().map(String::as_str));
            for (axis, column) in axes.iter().zip(array.columns()) {
                frame = frame.with(Column::new(axis.as_str().into(), column.to_vec()))?;
            }
            within(group, name, &|group| self.frame(group, &place, &frame))
        })
    }

    fn values(self, group: &mut GroupBuilder, name: &str, values: &Values) -> Result<()> {
        match values {
            Values::Dense(array) => {
                self.dense(group.create_dataset(name), array);
                Ok(())
            }
            Values::Sparse(matrix) => within(group, name, &|group| {
                self.sparse(group, matrix);
                Ok(())
            }),
        }
    }

    fn dense(self, dataset: &mut DatasetBuilder, array: &Array2<f32>) {
        let values = array.as_standard_layout();
        dataset.with_f32_data(values.as_slice().unwrap_or_default());
        self.shaped(dataset, array.shape());
        marked(dataset, "array");
    }

    /// Sets the shape, and packs what is not a single number.
    pub(super) fn shaped(self, dataset: &mut DatasetBuilder, shape: &[usize]) {
        let sizes: Vec<u64> = shape.iter().map(|&n| n as u64).collect();
        dataset.with_shape(&sizes);
        if let (Some(level), false) = (self.gzip, shape.is_empty() || shape.contains(&0)) {
            let row: usize = shape[1..].iter().product();
            let mut chunk: Vec<u64> = sizes.iter().map(|&size| size.min(AXIS as u64)).collect();
            chunk[0] = chunk[0].min((CHUNK / row).max(1) as u64);
            dataset.with_chunks(&chunk).with_deflate(level);
        }
    }

    fn sparse(self, group: &mut GroupBuilder, matrix: &Sparse) {
        encoded(group, "csr_matrix", "0.1.0");
        let (rows, columns) = matrix.shape();
        group.set_attr(
            "shape",
            AttrValue::I64Array(vec![rows as i64, columns as i64]),
        );
        let small = |n: usize| i32::try_from(n).is_ok();
        let (stored, flat) = (matrix.stored(), [matrix.stored()]);
        self.shaped(
            group.create_dataset("data").with_f32_data(matrix.values()),
            &flat,
        );
        let indices = group.create_dataset("indices");
        if small(columns) && small(stored) {
            let narrow: Vec<i32> = matrix.indices().iter().map(|&index| index as i32).collect();
            indices.with_i32_data(&narrow);
        } else {
            let wide: Vec<i64> = matrix.indices().iter().map(|&index| index.into()).collect();
            indices.with_i64_data(&wide);
        }
        self.shaped(indices, &flat);
        let offsets = group.create_dataset("indptr");
        if small(columns) && small(stored) {
            let narrow: Vec<i32> = matrix
                .offsets()
                .iter()
                .map(|&offset| offset as i32)
                .collect();
            offsets.with_i32_data(&narrow);
        } else {
            let wide: Vec<i64> = matrix
                .offsets()
                .iter()
                .map(|&offset| offset as i64)
                .collect();
            offsets.with_i64_data(&wide);
        }
        self.shaped(offsets, &[rows + 1]);
    }

    fn thing(
        self,
        group: &mut GroupBuilder,
        (name, place): (&str, &str),
        thing: &Uns,
    ) -> Result<()> {
        match thing {
            Uns::Missing => {}
            Uns::Truth(truth) => {
                let dataset = group.create_dataset(name);
                dataset.with_raw_data(truth_type()?, vec![u8::from(*truth)], 1);
                marked(dataset.with_shape(&[]), "numeric-scalar");
            }
            Uns::Whole(value) => {
                marked(
                    group
                        .create_dataset(name)
                        .with_i64_data(&[*value])
                        .with_shape(&[]),
                    "numeric-scalar",
                );
            }
            Uns::Number(value) => {
                marked(
                    group
                        .create_dataset(name)
                        .with_f64_data(&[*value])
                        .with_shape(&[]),
                    "numeric-scalar",
                );
            }
            Uns::Text(value) => {
                let value = plain(place, value)?;
                marked(
                    group
                        .create_dataset(name)
                        .with_vlen_strings(&[value])
                        .with_shape(&[]),
                    "string",
                );
            }
            Uns::Truths(truths) => {
                let bytes: Vec<u8> = truths.iter().map(|&truth| u8::from(truth)).collect();
                let dataset = group.create_dataset(name);
                dataset.with_raw_data(truth_type()?, bytes, truths.len() as u64);
                self.shaped(dataset, truths.shape());
                marked(dataset, "array");
            }
            Uns::Wholes(values) => {
                let dataset = group.create_dataset(name);
                dataset.with_i64_data(values.as_standard_layout().as_slice().unwrap_or_default());
                self.shaped(dataset, values.shape());
                marked(dataset, "array");
            }
            Uns::Numbers(values) => {
                let dataset = group.create_dataset(name);
                dataset.with_f64_data(values.as_standard_layout().as_slice().unwrap_or_default());
                self.shaped(dataset, values.shape());
                marked(dataset, "array");
            }
            Uns::Texts(texts) => {
                let list: Vec<&str> = texts
                    .iter()
                    .map(|text| plain(place, text))
                    .collect::<Result<_>>()?;
                let shape: Vec<u64> = texts.shape().iter().map(|&n| n as u64).collect();
                marked(
                    group
                        .create_dataset(name)
                        .with_vlen_strings(&list)
                        .with_shape(&shape),
                    "string-array",
                );
            }
            Uns::Sparse(matrix) => within(group, name, &|group| {
                self.sparse(group, matrix);
                Ok(())
            })?,
            Uns::Frame(frame) => {
                within(group, name, &|group| self.frame(group, place, frame))?;
            }
            Uns::Records(table) if !can_be_records(table) => {
                let rows = Frame::new((0..table.height()).map(|row| row.to_string()));
                let mut columns = table.columns().iter();
                let frame = columns.try_fold(rows, |frame, column| frame.with(column.clone()))?;
                within(group, name, &|group| self.frame(group, place, &frame))?;
            }
            Uns::Records(table) => {
                let (kind, bytes) = records(place, table)?;
                let dataset = group.create_dataset(name);
                dataset.with_compound_data(kind, bytes, table.height() as u64);
                marked(dataset, "rec-array");
            }
            Uns::Group(parts) => within(group, name, &|group| {
                dict(group);
                each(parts, place, |name, thing| {
                    self.thing(group, (name, &format!("{place}/{name}")), thing)
                })
            })?,
        }
        Ok(())
    }

    fn frame(self, group: &mut GroupBuilder, place: &str, frame: &Frame) -> Result<()> {
        super::columns::frame(self, group, (place, frame))
    }
}

/// What belongs to the cells as a whole, among which scanpy notes that logarithms were taken.
fn things(cells: &Cells) -> BTreeMap<String, Uns> {
    let mut uns = cells.data.uns.clone();
    match cells.data.log_base {
        None => drop(uns.remove("log1p")),
        Some(base) if base == std::f64::consts::E => {
            uns.entry("log1p".to_owned())
                .or_insert_with(|| Uns::Group(BTreeMap::new().into()));
        }
        Some(base) => Uns::put(&mut uns, "log1p/base", Uns::Number(base)),
    }
    uns
}

fn each<T>(
    parts: &BTreeMap<String, T>,
    place: &str,
    mut one: impl FnMut(&str, &T) -> Result<()>,
) -> Result<()> {
    parts.iter().try_for_each(|(name, part)| {
        usable(place, name)?;
        one(name, part)
    })
}

/// Refuses a name that HDF5 would take for a path or cut off.
pub(super) fn usable(place: &str, name: &str) -> Result<()> {
    if name.is_empty() || name == "." || name.contains(['/', '\0']) {
        let expected = "a name without `/` and zero bytes, of one letter at least";
        return Err(Error::value(
            &format!("name in {place}"),
            expected,
            format!("`{}`", name.escape_default()),
        ));
    }
    Ok(())
}

/// Refuses a text that would be cut off.
pub(super) fn plain<'a>(place: &str, text: &'a str) -> Result<&'a str> {
    if text.contains('\0') {
        return Err(Error::value(
            place,
            "text without zero bytes",
            format!("`{}`", text.escape_default()),
        ));
    }
    Ok(text)
}

pub(super) fn marked(dataset: &mut DatasetBuilder, kind: &str) {
    dataset
        .set_attr("encoding-type", text(kind))
        .set_attr("encoding-version", text("0.2.0"));
}

pub(super) fn encoded(group: &mut GroupBuilder, kind: &str, version: &str) {
    group.set_attr("encoding-type", text(kind));
    group.set_attr("encoding-version", text(version));
}

fn dict(group: &mut GroupBuilder) {
    encoded(group, "dict", "0.1.0");
}
