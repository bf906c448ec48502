//! What a test of all genes in all groups gives.

use super::MarkerTest;
use crate::{Error, Result};
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// Genes tested in groups of cells; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Markers {
    pub(super) data: Arc<Data>,
}

#[derive(PartialEq)]
pub(super) struct Data {
    pub(super) test: MarkerTest,
    pub(super) reference: Option<String>,
    pub(super) genes: Vec<String>,
    pub(super) groups: Vec<(String, Group)>,
}

/// The numbers of one group, in the order of the genes.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Group {
    pub(super) scores: Vec<f64>,
    /// Empty where the test gives none.
    pub(super) p_values: Vec<f64>,
    pub(super) adjusted: Vec<f64>,
    pub(super) fold_changes: Vec<f64>,
    pub(super) shares: Vec<f64>,
    pub(super) other_shares: Vec<f64>,
}

impl Markers {
    /// Returns the groups in order.
    pub fn groups(&self) -> Vec<String> {
        self.data
            .groups
            .iter()
            .map(|group| group.0.clone())
            .collect()
    }

    /// Returns the genes in the order of the cells they were measured in, which is the order of every array here.
    pub fn genes(&self) -> &[String] {
        &self.data.genes
    }

    /// Returns the test.
    pub fn test(&self) -> MarkerTest {
        self.data.test
    }

    /// Returns the group that others were compared with; none when each was compared with all other cells.
    pub fn reference(&self) -> Option<&str> {
        self.data.reference.as_deref()
    }

    /// Returns the scores of all genes: t, z, or coefficients.
    ///
    /// # Errors
    ///
    /// Fails when there is no such group.
    pub fn scores(&self, group: &str) -> Result<Array1<f64>> {
        Ok(self.group(group)?.scores.clone().into())
    }

    /// Returns the p-values of all genes, both sides.
    ///
    /// # Errors
    ///
    /// Fails when there is no such group, and when the test gives no p-values.
    pub fn p_values(&self, group: &str) -> Result<Array1<f64>> {
        self.tested()?;
        Ok(self.group(group)?.p_values.clone().into())
    }

    /// Returns the p-values of all genes corrected for the number of genes (Benjamini and Hochberg).
    ///
    /// # Errors
    ///
    /// As [`p_values`](Self::p_values).
    pub fn adjusted_p_values(&self, group: &str) -> Result<Array1<f64>> {
        self.tested()?;
        Ok(self.group(group)?.adjusted.clone().into())
    }

    /// Returns the logarithms to base 2 of how many times more is expressed in the group.
    ///
    /// # Errors
    ///
    /// As [`scores`](Self::scores).
    pub fn log_fold_changes(&self, group: &str) -> Result<Array1<f64>> {
        Ok(self.group(group)?.fold_changes.clone().into())
    }

    /// Returns the names of the genes with the highest scores, the highest first.
    ///
    /// # Errors
    ///
    /// As [`scores`](Self::scores).
    pub fn top(&self, group: &str, genes: usize) -> Result<Vec<String>> {
        let order = falling(&self.group(group)?.scores);
        let genes = order.into_iter().take(genes);
        Ok(genes.map(|gene| self.data.genes[gene].clone()).collect())
    }

    /// Returns the genes of one group, the highest scores first, with the columns of scanpy's `rank_genes_groups_df`: `names`, `scores`,
    /// `logfoldchanges`, `pvals`, `pvals_adj` (where the test gives them), `pct_nz_group` and `pct_nz_reference`, the shares of the cells
    /// that express the gene.
    ///
    /// # Errors
    ///
    /// As [`scores`](Self::scores).
    pub fn table(&self, group: &str) -> Result<DataFrame> {
        let found = self.group(group)?;
        let order = falling(&found.scores);
        let names: Vec<&str> = order
            .iter()
            .map(|gene| self.data.genes[*gene].as_str())
            .collect();
        let mut columns = vec![Column::new("names".into(), names)];
        for (name, values) in [
            ("scores", &found.scores),
            ("logfoldchanges", &found.fold_changes),
            ("pvals", &found.p_values),
            ("pvals_adj", &found.adjusted),
            ("pct_nz_group", &found.shares),
            ("pct_nz_reference", &found.other_shares),
        ] {
            if !values.is_empty() {
                let values: Vec<f64> = order.iter().map(|gene| values[*gene]).collect();
                columns.push(Column::new(name.into(), values));
            }
        }
        Ok(DataFrame::new_infer_height(columns)?)
    }

    /// Returns the tables of all groups one below the other, with the group as first column.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn tables(&self) -> Result<DataFrame> {
        let table = |(name, _): &(String, Group)| -> Result<DataFrame> {
            let mut table = self.table(name)?;
            let names = vec![name.as_str(); table.height()];
            table.insert_column(0, Column::new("group".into(), names))?;
            Ok(table)
        };
        let mut tables = self.data.groups.iter().map(table);
        let mut all = tables.next().unwrap_or_else(|| Ok(DataFrame::empty()))?;
        for table in tables {
            all.vstack_mut(&table?)?;
        }
        Ok(all)
    }

    fn group(&self, name: &str) -> Result<&Group> {
        let known = self.data.groups.iter().find(|group| group.0 == name);
        known.map(|group| &group.1).ok_or_else(|| {
            let expected = format!("one of: {}", self.groups().join(", "));
            Error::value("group", expected, format!("`{name}`"))
        })
    }

    fn tested(&self) -> Result<()> {
        if self.data.test == MarkerTest::LogisticRegression {
            let expected = "a test with p-values";
            return Err(Error::value("test", expected, "a logistic regression"));
        }
        Ok(())
    }
}

fn falling(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    order
}

impl fmt::Debug for Markers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (groups, genes) = (self.data.groups.len(), self.data.genes.len());
        let against = self.reference().unwrap_or("the rest");
        write!(
            f,
            "Markers({groups} groups against {against}, {genes} genes, {:?})",
            self.data.test
        )
    }
}
