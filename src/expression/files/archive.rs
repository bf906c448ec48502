//! An HDF5 file as a tree of groups and datasets.

use crate::storage::{self, Seekable, fault};
use crate::{Error, Result};
use hdf5_pure::{AttrValue, Dataset, File, Group};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

/// An HDF5 file, and what is left out while it is read.
pub(super) struct Archive {
    pub(super) file: Arc<Seekable>,
    pub(super) opened: File,
    left_out: Vec<String>,
}

/// What a name in a group stands for.
#[derive(Clone)]
pub(super) enum Node {
    Group(Group),
    Data(Dataset),
}

pub(super) type Attributes = HashMap<String, AttrValue>;

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = Arc::new(Seekable::plain(path)?);
        let opened = storage::open(&file)?;
        Ok(Self {
            file,
            opened,
            left_out: Vec::new(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn fault(&self, error: &hdf5_pure::Error) -> Error {
        fault(self.path(), error)
    }

    /// Notes that a part is left out, and why.
    pub(super) fn leave_out(&mut self, place: &str, why: &str) {
        self.left_out.push(format!("{place}: {why}"));
    }

    pub(super) fn left_out(self) -> Vec<String> {
        self.left_out
    }

    /// Says that a part is not as it should be.
    pub(super) fn wrong(
        &self,
        place: &str,
        expected: impl Into<String>,
        got: impl std::fmt::Display,
    ) -> Error {
        Error::value(
            &format!("{place} of {}", self.path().display()),
            expected,
            got,
        )
    }

    /// Returns what a group holds, by name.
    pub(super) fn children(&self, group: &Group) -> Result<BTreeMap<String, Node>> {
        let fail = |error| self.fault(&error);
        let datasets = group.iter_datasets().map_err(fail)?;
        let groups = group.iter_groups().map_err(fail)?;
        let datasets = datasets.map(|(name, dataset)| (name, Node::Data(dataset)));
        Ok(datasets
            .chain(groups.map(|(name, group)| (name, Node::Group(group))))
            .collect())
    }

    pub(super) fn attributes(&self, node: &Node) -> Result<Attributes> {
        match node {
            Node::Group(group) => group.attrs(),
            Node::Data(dataset) => dataset.attrs(),
        }
        .map_err(|error| self.fault(&error))
    }

    pub(super) fn texts(&self, place: &str, dataset: &Dataset) -> Result<Vec<String>> {
        storage::texts((&self.file, &self.opened), place, dataset)
    }

    /// Names the kind of what a dataset holds.
    pub(super) fn kind(&self, dataset: &Dataset) -> Result<String> {
        let kind = dataset
            .dtype()
            .map_err(|error| self.fault(&error))?
            .to_string();
        let inner = kind
            .strip_prefix("other(")
            .and_then(|kind| kind.strip_suffix(')'));
        Ok(inner.unwrap_or(&kind).to_owned())
    }

    pub(super) fn shape(&self, dataset: &Dataset) -> Result<Vec<usize>> {
        let shape = dataset.shape().map_err(|error| self.fault(&error))?;
        Ok(shape
            .iter()
            .map(|&n| usize::try_from(n).unwrap_or(usize::MAX))
            .collect())
    }
}

/// Returns how anndata says that a part is encoded; empty where it does not.
pub(super) fn encoding(attributes: &Attributes) -> &str {
    attributes
        .get("encoding-type")
        .and_then(AttrValue::as_str)
        .unwrap_or_default()
}
