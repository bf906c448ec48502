//! Sets of genes, such as pathways.

use super::gene_graph::places;
use crate::sparse::Sparse;
use crate::{Error, Result};
use polars::prelude::{DataFrame, df};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Named sets of genes, such as pathways; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::expression::GeneSets;
/// # fn main() -> genolens::Result<()> {
/// let sets = GeneSets::parse("T cells\thttps://example.org\tCD3D\tCD3E\nB cells\t\tMS4A1\tCD79A\tCD79B\n")?;
/// let genes = ["CD3D", "CD3E", "MS4A1"].map(String::from);
/// assert_eq!(sets.mask(&genes)?.row(0).0, [0, 1]);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct GeneSets {
    sets: Arc<[Set]>,
    repeated: usize,
}

#[derive(Clone, Debug, PartialEq)]
struct Set {
    name: String,
    genes: Vec<String>,
}

impl GeneSets {
    /// Takes sets by name; a gene that comes twice in a set counts once.
    ///
    /// # Errors
    ///
    /// Fails without sets, for a set without genes or a name, and for a name that comes twice.
    pub fn new<N: Into<String>, G: Into<String>>(
        sets: impl IntoIterator<Item = (N, impl IntoIterator<Item = G>)>,
    ) -> Result<Self> {
        let (mut found, mut names, mut repeated) = (Vec::new(), BTreeSet::new(), 0);
        for (name, members) in sets {
            let name: String = name.into();
            let (mut genes, mut seen) = (Vec::new(), BTreeSet::new());
            for gene in members {
                let gene: String = gene.into();
                if seen.insert(gene.clone()) {
                    genes.push(gene);
                } else {
                    repeated += 1;
                }
            }
            if name.is_empty() || genes.is_empty() {
                let got = format!("`{name}` with {}", genes.len());
                return Err(Error::value(
                    "sets",
                    "a name and at least one gene each",
                    got,
                ));
            }
            if !names.insert(name.clone()) {
                return Err(Error::value(
                    "sets",
                    "names that differ",
                    format!("`{name}` twice"),
                ));
            }
            found.push(Set { name, genes });
        }
        if found.is_empty() {
            return Err(Error::value("sets", "at least one", "none"));
        }
        Ok(Self {
            sets: found.into(),
            repeated,
        })
    }

    /// Reads a GMT file, as `MSigDB` and Enrichr give them, plain or gzipped: in every line a name, a description, which is left alone, and
    /// genes, parted by tabs.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or is no such file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Self::read(&crate::text::read(path)?, &path.display().to_string())
    }

    /// Reads the text of a GMT file.
    ///
    /// # Errors
    ///
    /// Fails when it is no such text.
    pub fn parse(text: &str) -> Result<Self> {
        Self::read(text, "gene sets")
    }

    fn read(text: &str, origin: &str) -> Result<Self> {
        let mut sets: Vec<(&str, Vec<&str>)> = Vec::new();
        let mut names = BTreeSet::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim_end_matches('\r');
            if line.trim().is_empty() {
                continue;
            }
            let mut parts = line.split('\t').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let genes: Vec<&str> = parts.skip(1).filter(|gene| !gene.is_empty()).collect();
            let fault = |expected: &str, got: String| {
                Err(Error::parse(origin, number + 1, (expected, got)))
            };
            if name.is_empty() || genes.is_empty() {
                let got = format!("`{}`", line.chars().take(40).collect::<String>());
                return fault(
                    "a name, a description and at least one gene, parted by tabs",
                    got,
                );
            }
            if !names.insert(name) {
                return fault("a name that was not there before", format!("`{name}`"));
            }
            sets.push((name, genes));
        }
        if sets.is_empty() {
            return Err(Error::parse(
                origin,
                1,
                ("a set of genes", "the end of the text"),
            ));
        }
        Self::new(sets)
    }

    /// Counts the sets.
    pub fn len(&self) -> usize {
        self.sets.len()
    }

    /// Tells whether there is no set; there always is one.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Returns the names, in order.
    pub fn names(&self) -> Vec<String> {
        self.sets.iter().map(|set| set.name.clone()).collect()
    }

    /// Returns the genes of a set.
    ///
    /// # Errors
    ///
    /// Fails when there is no such set.
    pub fn get(&self, name: &str) -> Result<&[String]> {
        let found = self.sets.iter().find(|set| set.name == name);
        let found = found.map(|set| &set.genes[..]);
        found.ok_or_else(|| {
            let expected = format!("one of the {} sets", self.len());
            Error::value("name", expected, format!("`{name}`"))
        })
    }

    /// Returns the sets of which at least so many genes are known, with these genes alone.
    ///
    /// # Errors
    ///
    /// Fails when no set remains, and when a gene is named twice.
    pub fn among(&self, genes: &[String], least: usize) -> Result<Self> {
        let known = places(genes)?;
        let mut sets = Vec::new();
        for set in self.sets.iter() {
            let members = set
                .genes
                .iter()
                .filter(|gene| known.contains_key(gene.as_str()));
            let genes: Vec<String> = members.cloned().collect();
            if genes.len() >= least.max(1) {
                let name = set.name.clone();
                sets.push(Set { name, genes });
            }
        }
        if sets.is_empty() {
            let expected = format!("genes of which a set has at least {}", least.max(1));
            let first = genes.first().map_or("none", String::as_str);
            let got = format!(
                "{} others, the first `{first}`, the first of the sets `{}`",
                genes.len(),
                self.sets[0].genes[0]
            );
            return Err(Error::value("genes", expected, got));
        }
        Ok(Self {
            sets: sets.into(),
            repeated: 0,
        })
    }

    /// Returns ones where a set has a gene, shape `(sets, genes)`, for `network::MaskedDense`: its units are the sets.
    ///
    /// # Errors
    ///
    /// Fails when a set has none of the genes, see [`among`](Self::among), and when a gene is named twice.
    pub fn mask(&self, genes: &[String]) -> Result<Sparse> {
        let places = places(genes)?;
        let mut rows = Vec::with_capacity(self.len());
        for set in self.sets.iter() {
            let known = set
                .genes
                .iter()
                .filter_map(|gene| places.get(gene.as_str()));
            let row: Vec<(u32, f32)> = known.map(|&place| (place, 1.0)).collect();
            if row.is_empty() {
                let expected = "at least one of every set, as `among` leaves them";
                return Err(Error::value(
                    "genes",
                    expected,
                    format!("none of `{}`", set.name),
                ));
            }
            rows.push(row);
        }
        Sparse::from_rows(genes.len(), rows)
    }

    /// Returns how many genes of every set are known: `set`, `genes`, `known`.
    ///
    /// # Errors
    ///
    /// Fails when a gene is named twice, and when polars cannot build the table.
    pub fn coverage(&self, genes: &[String]) -> Result<DataFrame> {
        let known = places(genes)?;
        let count = |set: &Set| {
            set.genes
                .iter()
                .filter(|gene| known.contains_key(gene.as_str()))
                .count() as i64
        };
        Ok(df!(
            "set" => self.names(),
            "genes" => self.sets.iter().map(|set| set.genes.len() as i64).collect::<Vec<_>>(),
            "known" => self.sets.iter().map(count).collect::<Vec<_>>(),
        )?)
    }
}

impl fmt::Debug for GeneSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GeneSets({self})")
    }
}

impl fmt::Display for GeneSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = self.sets.iter().map(|set| set.genes.len());
        let (least, most) = (sizes.clone().min().unwrap_or(0), sizes.max().unwrap_or(0));
        write!(f, "{} sets of {least} to {most} genes", self.len())?;
        if self.repeated > 0 {
            write!(f, ", {} repeated genes left out", self.repeated)?;
        }
        Ok(())
    }
}
