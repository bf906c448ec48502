//! Cells by genes, with all that belongs to them.

use super::{Frame, Uns, Values};
use crate::sparse::Sparse;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, CowArray, IxDyn};
use polars::prelude::{Column, DataFrame};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Holds cells (or samples) by genes, and what belongs to cells and genes; cheap to clone, never changed in place.
///
/// The parts are those of anndata: values (`X`), what is known of cells (`obs`) and genes (`var`), other matrices of the same shape
/// (`layers`), coordinates of cells (`obsm`) and of genes (`varm`), graphs of cells (`obsp`) and of genes (`varp`), the values before
/// genes were chosen (`raw`), and what belongs to the cells as a whole (`uns`).
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
    /// Names of the columns of coordinates that have some, by path, such as `obsm/protein` or `raw/varm/loadings`.
    pub(super) axes: BTreeMap<String, Arc<Vec<String>>>,
    pub(super) raw: Option<(Values, Frame)>,
    pub(super) raw_varm: BTreeMap<String, Arc<Array2<f32>>>,
    /// The base of the logarithm that was taken of the values, where it is known that one was.
    pub(super) log_base: Option<f64>,
    /// The same of the raw values, where they were kept here.
    pub(super) raw_log_base: Option<f64>,
    pub(super) uns: BTreeMap<String, Uns>,
    pub(super) left_out: Vec<String>,
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
                axes: BTreeMap::new(),
                raw: None,
                raw_varm: BTreeMap::new(),
                log_base: None,
                raw_log_base: None,
                uns: BTreeMap::new(),
                left_out: Vec::new(),
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

    /// Returns the names of the columns of coordinates that have some, by path, such as `obsm/protein`: those that were a table in a file,
    /// or were given names by [`with_axes`](Self::with_axes).
    pub fn axes(&self, path: &str) -> Option<&[String]> {
        self.data.axes.get(path).map(|names| names.as_slice())
    }

    /// Returns a graph of the cells, shape `(cells, cells)`, such as `connectivities`.
    ///
    /// # Errors
    ///
    /// Fails when there is none of this name, naming those that there are.
    pub fn obsp(&self, name: &str) -> Result<&Sparse> {
        find("obsp", &self.data.obsp, name)
    }

    /// Returns a graph of the genes, shape `(genes, genes)`.
    ///
    /// # Errors
    ///
    /// Fails when there is none of this name, naming those that there are.
    pub fn varp(&self, name: &str) -> Result<&Sparse> {
        find("varp", &self.data.varp, name)
    }

    /// Returns what belongs to the cells as a whole, by its path, such as `neighbors/params/metric`.
    ///
    /// # Errors
    ///
    /// Fails when there is nothing at this path, naming what there is at the top.
    pub fn uns(&self, path: &str) -> Result<&Uns> {
        let (name, rest) = match path.split_once('/') {
            Some((name, rest)) => (name, Some(rest)),
            None => (path, None),
        };
        let found = find("uns", &self.data.uns, name)?;
        match rest {
            None => Ok(found),
            Some(rest) => found.get(rest).ok_or_else(|| {
                let expected = format!("a path in `{name}`, which is {found:?}");
                Error::value("uns", expected, format!("`{path}`"))
            }),
        }
    }

    /// Returns the names of parts: of `layers`, `obsm`, `varm`, `obsp`, `varp` or `uns`; none for any other word.
    pub fn names_of(&self, part: &str) -> Vec<String> {
        let data = &*self.data;
        match part {
            "layers" => data.layers.keys().cloned().collect(),
            "obsm" => data.obsm.keys().cloned().collect(),
            "varm" => data.varm.keys().cloned().collect(),
            "obsp" => data.obsp.keys().cloned().collect(),
            "varp" => data.varp.keys().cloned().collect(),
            "uns" => data.uns.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// Returns what the file that the cells came from has beside them, each with the reason why it was left out.
    pub fn left_out(&self) -> &[String] {
        &self.data.left_out
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
        let log_base = self.data.raw_log_base.or(self.data.log_base);
        Ok(raw.changed(|data| {
            data.log_base = log_base;
            data.varm.clone_from(&self.data.raw_varm);
            let axes = self.data.axes.iter();
            let of_raw = axes.filter_map(|(path, names)| {
                let path = path.strip_prefix("raw/")?;
                Some((path.to_owned(), names.clone()))
            });
            data.axes = of_raw.collect();
        }))
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
            data.axes.remove(&format!("obsm/{name}"));
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

    /// Sets all that is known of the cells.
    ///
    /// # Errors
    ///
    /// Fails when there is not one row for each cell.
    pub fn with_obs_frame(&self, obs: Frame) -> Result<Self> {
        rows_fit("obs", &obs, self.len())?;
        Ok(self.changed(|data| data.obs = obs))
    }

    /// Sets all that is known of the genes.
    ///
    /// # Errors
    ///
    /// Fails when there is not one row for each gene.
    pub fn with_var_frame(&self, var: Frame) -> Result<Self> {
        rows_fit("var", &var, self.shape().1)?;
        Ok(self.changed(|data| data.var = var))
    }

    /// Adds coordinates of the genes, shape `(genes, dimensions)`, or replaces those of this name.
    ///
    /// # Errors
    ///
    /// Fails when there is not one row for each gene.
    pub fn with_varm(&self, name: &str, coordinates: Array2<f32>) -> Result<Self> {
        let genes = self.shape().1;
        if coordinates.nrows() != genes {
            let expected = format!("({genes}, dimensions)");
            return Err(Error::shape(name, expected, coordinates.shape()));
        }
        Ok(self.changed(|data| {
            data.varm.insert(name.to_owned(), Arc::new(coordinates));
            data.axes.remove(&format!("varm/{name}"));
        }))
    }

    /// Names the columns of coordinates, by path, such as `obsm/protein`; an h5ad file then holds them as a table.
    ///
    /// # Errors
    ///
    /// Fails when there are no such coordinates, and when there is not one name for each column, or one comes twice.
    pub fn with_axes<N: Into<String>>(
        &self,
        path: &str,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Self> {
        let columns = match path.split_once('/') {
            Some(("obsm", name)) => self.obsm(name)?.ncols(),
            Some(("varm", name)) => self.varm(name)?.ncols(),
            _ => {
                let expected = "obsm/NAME or varm/NAME";
                return Err(Error::value("path", expected, format!("`{path}`")));
            }
        };
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.len() != columns {
            let expected = format!("{columns} names, one for each column");
            return Err(Error::value("names", expected, names.len()));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            let got = format!("`{twice}` twice");
            return Err(Error::value("names", "names that differ", got));
        }
        Ok(self.changed(|data| {
            data.axes.insert(path.to_owned(), Arc::new(names));
        }))
    }

    /// Adds a graph of the genes, shape `(genes, genes)`, or replaces the one of this name.
    ///
    /// # Errors
    ///
    /// Fails when the shape differs.
    pub fn with_varp(&self, name: &str, graph: Sparse) -> Result<Self> {
        let n = self.shape().1;
        if graph.shape() != (n, n) {
            let got = [graph.nrows(), graph.ncols()];
            return Err(Error::shape(name, format!("({n}, {n})"), &got));
        }
        Ok(self.changed(|data| {
            data.varp.insert(name.to_owned(), graph);
        }))
    }

    /// Adds what belongs to the cells as a whole at a path, such as `neighbors/params/metric`, or replaces what is there.
    pub fn with_uns(&self, path: &str, value: impl Into<Uns>) -> Self {
        self.changed(|data| Uns::put(&mut data.uns, path, value.into()))
    }

    /// Sets the values before genes were chosen, one column for each row of `var`.
    ///
    /// # Errors
    ///
    /// Fails when there is not one row for each cell, or not one column for each row of `var`.
    pub fn with_raw_values(&self, values: impl Into<Values>, var: Frame) -> Result<Self> {
        let values = values.into();
        let (cells, genes) = (self.len(), var.len());
        if values.shape() != (cells, genes) {
            let got = [values.shape().0, values.shape().1];
            return Err(Error::shape("raw", format!("({cells}, {genes})"), &got));
        }
        Ok(self.changed(|data| {
            data.raw = Some((values, var));
            data.raw_varm = BTreeMap::new();
            data.axes.retain(|path, _| !path.starts_with("raw/"));
        }))
    }

    /// Drops a part by its path, such as `layers/counts`, `obs/batch`, `obsm/X_umap`, `uns/pca` or `raw`.
    ///
    /// # Errors
    ///
    /// Fails when there is no such part.
    pub fn without(&self, path: &str) -> Result<Self> {
        let (part, name) = path.split_once('/').unwrap_or((path, ""));
        let mut known = true;
        let mut frames = (None, None);
        match (part, name) {
            ("raw", "") => known = self.data.raw.is_some(),
            ("obs", name) => frames.0 = Some(self.data.obs.without(name)?),
            ("var", name) => frames.1 = Some(self.data.var.without(name)?),
            (part, name) => known = self.names_of(part).iter().any(|known| known == name),
        }
        if !known {
            let expected = "a part that is there, such as `raw`, `obs/COLUMN` or `layers/NAME`";
            return Err(Error::value("path", expected, format!("`{path}`")));
        }
        Ok(self.changed(|data| {
            match part {
                "raw" => {
                    data.raw = None;
                    data.raw_varm = BTreeMap::new();
                }
                "layers" => drop(data.layers.remove(name)),
                "obsm" => drop(data.obsm.remove(name)),
                "varm" => drop(data.varm.remove(name)),
                "obsp" => drop(data.obsp.remove(name)),
                "varp" => drop(data.varp.remove(name)),
                "uns" => drop(data.uns.remove(name)),
                _ => {}
            }
            let within = format!("{path}/");
            data.axes
                .retain(|known, _| known != path && !known.starts_with(&within));
            if let Some(obs) = frames.0 {
                data.obs = obs;
            }
            if let Some(var) = frames.1 {
                data.var = var;
            }
        }))
    }

    /// Makes the names of cells and those of genes differ, see [`Frame::names_made_unique`].
    pub fn names_made_unique(&self) -> Self {
        self.changed(|data| {
            data.obs = data.obs.names_made_unique();
            data.var = data.var.names_made_unique();
        })
    }

    /// Keeps the values and genes of now as `raw`, with coordinates of the genes, for what follows may choose genes or scale.
    pub fn with_raw(&self) -> Self {
        self.changed(|data| {
            data.raw = Some((data.values.clone(), data.var.clone()));
            data.raw_varm.clone_from(&data.varm);
            data.raw_log_base = data.log_base;
            let axes = data.axes.iter();
            let of_genes = axes.filter(|(path, _)| path.starts_with("varm/"));
            let of_genes: Vec<_> = of_genes
                .map(|(path, names)| (format!("raw/{path}"), names.clone()))
                .collect();
            data.axes.retain(|path, _| !path.starts_with("raw/"));
            data.axes.extend(of_genes);
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

fn rows_fit(argument: &str, frame: &Frame, count: usize) -> Result<()> {
    if frame.len() != count {
        let expected = format!("{count} rows");
        return Err(Error::value(argument, expected, frame.len()));
    }
    Ok(())
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
