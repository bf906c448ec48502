//! Some of the cells, or of the genes, with all that belongs to them.

use super::Cells;
use super::cells::Data;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::Axis;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Cells {
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

    /// Takes the cells for which the mask is true, in order.
    ///
    /// # Errors
    ///
    /// Fails when there is not one truth value for each cell.
    pub fn filter_cells_by(&self, mask: &[bool]) -> Result<Self> {
        self.select_cells(&chosen("mask", mask, self.len())?)
    }

    /// Takes the genes for which the mask is true, in order; `raw` stays as it is.
    ///
    /// # Errors
    ///
    /// Fails when there is not one truth value for each gene.
    pub fn filter_genes_by(&self, mask: &[bool]) -> Result<Self> {
        self.select_genes(&chosen("mask", mask, self.shape().1)?)
    }

    /// Takes the genes of these names in the order given; `raw` stays as it is.
    ///
    /// # Errors
    ///
    /// Fails when a name is not there, stands for several genes, or comes twice.
    pub fn genes_named<T: AsRef<str>>(&self, names: &[T]) -> Result<Self> {
        self.select_genes(&self.data.var.places(names)?)
    }

    /// Takes the cells of these names in the order given.
    ///
    /// # Errors
    ///
    /// Fails when a name is not there or stands for several cells.
    pub fn cells_named<T: AsRef<str>>(&self, names: &[T]) -> Result<Self> {
        self.select_cells(&self.data.obs.places(names)?)
    }

    /// Takes the cells whose label in a column of `obs` is this one.
    ///
    /// # Errors
    ///
    /// Fails when there is no such column, or no cell with this label, naming labels that there are.
    pub fn cells_where(&self, column: &str, label: &str) -> Result<Self> {
        let labels = self.data.obs.labels(column)?;
        let mask: Vec<bool> = labels.iter().map(|known| known == label).collect();
        if !mask.contains(&true) {
            let known: BTreeSet<&str> = labels.iter().map(String::as_str).collect();
            let mut known: Vec<&str> = known.into_iter().take(20).collect();
            if known.is_empty() {
                known.push("none");
            }
            let expected = format!("a label of {column}, one of: {}", known.join(", "));
            return Err(Error::value("label", expected, format!("`{label}`")));
        }
        self.filter_cells_by(&mask)
    }
}

fn chosen(argument: &str, mask: &[bool], count: usize) -> Result<Vec<usize>> {
    if mask.len() != count {
        let expected = format!("{count} truth values");
        return Err(Error::value(argument, expected, mask.len()));
    }
    Ok((0..count).filter(|&place| mask[place]).collect())
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
