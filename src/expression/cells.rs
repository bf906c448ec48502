//! Cells by genes, with all that belongs to them.

use super::{Frame, Values};
use crate::sparse::Sparse;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, Axis, CowArray, IxDyn};
use polars::prelude::{Column, DataFrame};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Holds cells (or samples) by genes, and what belongs to cells and genes; cheap to clone, never changed in place.
///
/// The parts are those of anndata: values (`X`), what is known of cells (`obs`) and genes (`var`), other matrices of the same shape
/// (`layers`), coordinates of cells (`obsm`) and of genes (`varm`), graphs of cells (`obsp`), and the values before genes were chosen
/// (`raw`).
///
/// # Examples
///
/// ```
/// use genolens::{expression::Cells, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[0.0_f32, 2.0], [1.0, 0.0], [4.0, 1.0]], ["a", "b", "c"], ["CD3D", "MS4A1"])?;
/// assert_eq!(cells.gene("MS4A1")?.to_vec(), [2.0, 0.0, 1.0]);
/// assert_eq!(cells.select_cells(&[2])?.shape(), (1, 2));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Cells {
    pub(super) data: Arc<Data>,
}

#[derive(Clone, PartialEq)]
pub(super) struct Data {
    pub(super) values: Values,
    pub(super) obs: Frame,
    pub(super) var: Frame,
    pub(super) layers: BTreeMap<String, Values>,
    pub(super) obsm: BTreeMap<String, Arc<Array2<f32>>>,
    pub(super) varm: BTreeMap<String, Arc<Array2<f32>>>,
    pub(super) obsp: BTreeMap<String, Sparse>,
    pub(super) varp: BTreeMap<String, Sparse>,
    pub(super) raw: Option<(Values, Frame)>,
    /// The base of the logarithm that was taken of the values, where it is known that one was.
    pub(super) log_base: Option<f64>,
}

impl Cells {
    /// Creates cells from values, shape `(cells, genes)`, and names of cells and genes.
    ///
    /// # Errors
    ///
    /// Fails when there is not one name for each cell and each gene.
    pub fn new<C: Into<String>, G: Into<String>>(
        values: impl Into<Values>,
        cells: impl IntoIterator<Item = C>,
        genes: impl IntoIterator<Item = G>,
    ) -> Result<Self> {
        Self::from_frames(values, Frame::new(cells), Frame::new(genes))
    }

    /// Creates cells from values, shape `(cells, genes)`, and what is known of cells (`obs`) and genes (`var`).
    ///
    /// # Errors
    ///
    /// Fails when a frame does not have one row for each cell or gene.
    pub fn from_frames(values: impl Into<Values>, obs: Frame, var: Frame) -> Result<Self> {
        let values = values.into();
        let (cells, genes) = values.shape();
        for (argument, frame, count) in [("cells", &obs, cells), ("genes", &var, genes)] {
            if frame.len() != count {
                let expected = format!("{count} names for values of shape ({cells}, {genes})");
                return Err(Error::value(argument, expected, frame.len()));
            }
        }
        Ok(Self {
            data: Arc::new(Data {
                values,
                obs,
                var,
                layers: BTreeMap::new(),
                obsm: BTreeMap::new(),
                varm: BTreeMap::new(),
                obsp: BTreeMap::new(),
                varp: BTreeMap::new(),
                raw: None,
                log_base: None,
            }),
        })
    }

    /// Changes a copy.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Data)) -> Self {
        let mut data = (*self.data).clone();
        change(&mut data);
        Self {
            data: Arc::new(data),
        }
    }

    /// Returns how many cells and genes there are.
    pub fn shape(&self) -> (usize, usize) {
        self.data.values.shape()
    }

    /// Returns how many cells there are.
    pub fn len(&self) -> usize {
        self.shape().0
    }

    /// Tells whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the values, shape `(cells, genes)`.
    pub fn values(&self) -> &Values {
        &self.data.values
    }

    /// Returns the names of the cells.
    pub fn cells(&self) -> &[String] {
        self.data.obs.names()
    }

    /// Returns the names of the genes.
    pub fn genes(&self) -> &[String] {
        self.data.var.names()
    }

    /// Returns what is known of the cells.
    pub fn obs(&self) -> &Frame {
        &self.data.obs
    }

    /// Returns what is known of the genes.
    pub fn var(&self) -> &Frame {
        &self.data.var
    }

    /// Returns the values of one gene over all cells.
    ///
    /// # Errors
    ///
    /// Fails when no gene, or more than one, has this name.
    pub fn gene(&self, name: &str) -> Result<Array1<f32>> {
        let place = self.data.var.places(&[name])?[0];
        Ok(self.data.values.column(place))
    }

    /// Returns another matrix of cells by genes.
    ///
    /// # Errors
    ///
    /// Fails when there is no such layer, naming those that there are.
    pub fn layer(&self, name: &str) -> Result<&Values> {
        find("layer", &self.data.layers, name)
    }

    /// Returns coordinates of the cells, shape `(cells, dimensions)`, such as `X_pca`.
    ///
    /// # Errors
    ///
    /// Fails when there are none of this name, naming those that there are.
    pub fn obsm(&self, name: &str) -> Result<&Array2<f32>> {
        find("obsm", &self.data.obsm, name).map(|array| &**array)
    }

    /// Returns coordinates of the genes, shape `(genes, dimensions)`, such as `PCs`.
    ///
    /// # Errors
    ///
    /// Fails when there are none of this name, naming those that there are.
    pub fn varm(&self, name: &str) -> Result<&Array2<f32>> {
        find("varm", &self.data.varm, name).map(|array| &**array)
    }

    /// Returns a graph of the cells, shape `(cells, cells)`, such as `connectivities`.
    ///
    /// # Errors
    ///
    /// Fails when there is none of this name, naming those that there are.
    pub fn obsp(&self, name: &str) -> Result<&Sparse> {
        find("obsp", &self.data.obsp, name)
    }

    /// Returns the cells with the values before genes were chosen.
    ///
    /// # Errors
    ///
    /// Fails when none were kept.
    pub fn raw(&self) -> Result<Self> {
        let Some((values, var)) = &self.data.raw else {
            return Err(Error::value("raw", "cells with raw values", "none"));
        };
        let raw = Self::from_frames(values.clone(), self.data.obs.clone(), var.clone())?;
        Ok(raw.changed(|data| data.log_base = self.data.log_base))
    }

    /// Returns the base of the logarithm of one plus the values, where it is known that it was taken: e after
    /// [`log1p`](super::log1p()), and what the file says of values that were read.
    pub fn log_base(&self) -> Option<f64> {
        self.data.log_base
    }

    /// Sets other values of the same shape, of which it is not known whether they are logarithms.
    ///
    /// # Errors
    ///
    /// Fails when the shape differs.
    pub fn with_values(&self, values: impl Into<Values>) -> Result<Self> {
        let values = values.into();
        self.same_shape("values", &values)?;
        Ok(self.changed(|data| {
            data.values = values;
            data.log_base = None;
        }))
    }

    /// Adds another matrix of the same shape, or replaces the one of this name.
    ///
    /// # Errors
    ///
    /// Fails when the shape differs.
    pub fn with_layer(&self, name: &str, values: impl Into<Values>) -> Result<Self> {
        let values = values.into();
        self.same_shape(name, &values)?;
        Ok(self.changed(|data| {
            data.layers.insert(name.to_owned(), values);
        }))
    }

    /// Adds a column of what is known of the cells, or replaces the one of this name.
    ///
    /// # Errors
    ///
    /// Fails when it does not have one row for each cell.
    pub fn with_obs(&self, column: impl Into<Column>) -> Result<Self> {
        let obs = self.data.obs.with(column)?;
        Ok(self.changed(|data| data.obs = obs))
    }

    /// Adds a column of what is known of the genes, or replaces the one of this name.
    ///
    /// # Errors
    ///
    /// Fails when it does not have one row for each gene.
    pub fn with_var(&self, column: impl Into<Column>) -> Result<Self> {
        let var = self.data.var.with(column)?;
        Ok(self.changed(|data| data.var = var))
    }

    /// Adds coordinates of the cells, shape `(cells, dimensions)`, or replaces those of this name.
    ///
    /// # Errors
    ///
    /// Fails when there is not one row for each cell.
    pub fn with_obsm(&self, name: &str, coordinates: Array2<f32>) -> Result<Self> {
        if coordinates.nrows() != self.len() {
            let expected = format!("({}, dimensions)", self.len());
            return Err(Error::shape(name, expected, coordinates.shape()));
        }
        Ok(self.changed(|data| {
            data.obsm.insert(name.to_owned(), Arc::new(coordinates));
        }))
    }

    /// Adds a graph of the cells, shape `(cells, cells)`, or replaces the one of this name.
    ///
    /// # Errors
    ///
    /// Fails when the shape differs.
    pub fn with_obsp(&self, name: &str, graph: Sparse) -> Result<Self> {
        let n = self.len();
        if graph.shape() != (n, n) {
            let got = [graph.nrows(), graph.ncols()];
            return Err(Error::shape(name, format!("({n}, {n})"), &got));
        }
        Ok(self.changed(|data| {
            data.obsp.insert(name.to_owned(), graph);
        }))
    }

    /// Keeps the values and genes of now as `raw`, for what follows may choose genes or scale.
    pub fn with_raw(&self) -> Self {
        self.changed(|data| data.raw = Some((data.values.clone(), data.var.clone())))
    }

    /// Takes some cells in the order given.
    ///
    /// # Errors
    ///
    /// Fails when a cell is named that is not there, or twice where graphs are kept.
    pub fn select_cells(&self, cells: &[usize]) -> Result<Self> {
        let data = &*self.data;
        let obsp = |graph: &Sparse| graph.select_rows(cells)?.select_columns(cells);
        Ok(Self {
            data: Arc::new(Data {
                values: data.values.select_rows(cells)?,
                obs: data.obs.select(cells)?,
                layers: each(&data.layers, |values| values.select_rows(cells))?,
                obsm: each(&data.obsm, |array| {
                    Ok(Arc::new(array.select(Axis(0), cells)))
                })?,
                obsp: each(&data.obsp, obsp)?,
                raw: match &data.raw {
                    Some((values, var)) => Some((values.select_rows(cells)?, var.clone())),
                    None => None,
                },
                ..data.clone()
            }),
        })
    }

    /// Takes some genes in the order given, each once; `raw` stays as it is.
    ///
    /// # Errors
    ///
    /// Fails when a gene is named that is not there, or twice.
    pub fn select_genes(&self, genes: &[usize]) -> Result<Self> {
        let data = &*self.data;
        let varp = |graph: &Sparse| graph.select_rows(genes)?.select_columns(genes);
        Ok(Self {
            data: Arc::new(Data {
                values: data.values.select_columns(genes)?,
                var: data.var.select(genes)?,
                layers: each(&data.layers, |values| values.select_columns(genes))?,
                varm: each(&data.varm, |array| {
                    Ok(Arc::new(array.select(Axis(0), genes)))
                })?,
                varp: each(&data.varp, varp)?,
                ..data.clone()
            }),
        })
    }

    fn same_shape(&self, argument: &str, values: &Values) -> Result<()> {
        let (cells, genes) = self.shape();
        if values.shape() != (cells, genes) {
            let got = [values.shape().0, values.shape().1];
            return Err(Error::shape(argument, format!("({cells}, {genes})"), &got));
        }
        Ok(())
    }
}

fn find<'a, T>(kind: &str, parts: &'a BTreeMap<String, T>, name: &str) -> Result<&'a T> {
    parts.get(name).ok_or_else(|| {
        let known: Vec<&str> = parts.keys().map(String::as_str).collect();
        let known = if known.is_empty() {
            "none".into()
        } else {
            known.join(", ")
        };
        Error::value(kind, format!("one of: {known}"), format!("`{name}`"))
    })
}

fn each<T>(
    parts: &BTreeMap<String, T>,
    change: impl Fn(&T) -> Result<T>,
) -> Result<BTreeMap<String, T>> {
    let changed = parts
        .iter()
        .map(|(name, part)| Ok((name.clone(), change(part)?)));
    changed.collect()
}

impl Input for Cells {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        self.data.values.array()
    }

    fn sparse(&self) -> Option<&Sparse> {
        self.data.values.sparse()
    }

    fn about(&self) -> Option<&DataFrame> {
        Some(self.data.obs.table())
    }
}

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cells, genes) = self.shape();
        write!(f, "Cells({cells} cells x {genes} genes)")
    }
}
