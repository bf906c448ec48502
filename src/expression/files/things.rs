//! What belongs to cells as a whole (`uns`) in HDF5 files.

use super::archive::{Archive, Node, encoding};
use super::frames::{Categories, is_truth};
use crate::Result;
use crate::expression::Uns;
use crate::storage::{Element, Number, Numbers, is_text};
use hdf5_pure::{Dataset, Datatype};
use ndarray::{ArrayD, IxDyn};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Groups inside groups that are followed.
const DEEPEST: usize = 32;

/// Things that are read of one file: groups may hold each other.
const MOST: usize = 100_000;

/// How one number is kept, and how many are.
type Kinds<T> = (fn(T) -> Uns, fn(Arc<ArrayD<T>>) -> Uns);

impl Archive {
    /// Reads things by name; those that cannot be kept are left out.
    pub(super) fn things(&mut self, place: &str, node: &Node) -> Result<BTreeMap<String, Uns>> {
        let mut left = MOST;
        match self.thing(place, node, (0, &mut left))? {
            Some(Uns::Group(parts)) => Ok(Arc::unwrap_or_clone(parts)),
            Some(_) => {
                self.leave_out(place, "it is no group");
                Ok(BTreeMap::new())
            }
            None => Ok(BTreeMap::new()),
        }
    }

    fn thing(
        &mut self,
        place: &str,
        node: &Node,
        (depth, left): (usize, &mut usize),
    ) -> Result<Option<Uns>> {
        if depth > DEEPEST || *left == 0 {
            self.leave_out(place, "too many groups lie in each other");
            return Ok(None);
        }
        *left -= 1;
        let attributes = self.attributes(node)?;
        match (node, encoding(&attributes)) {
            (_, "null") => Ok(Some(Uns::Missing)),
            (Node::Data(dataset), _) => self.array_thing(place, dataset),
            (Node::Group(_), "dataframe") => Ok(Some(Uns::Frame(self.frame(
                place,
                node,
                &Categories::new(),
            )?))),
            (Node::Group(group), kind) => {
                let sparse = ["csr_matrix", "csc_matrix"].contains(&kind)
                    || attributes.contains_key("h5sparse_format");
                if sparse {
                    let Some(parts) = self.compressed(place, group)? else {
                        return Ok(None);
                    };
                    // Compressed columns are turned by counting rows, of which nothing but the shape says how many there are.
                    if parts.columns
                        && parts.shape.0 > parts.values.rows().saturating_mul(64).max(1 << 20)
                    {
                        self.leave_out(place, "it has many more rows than entries");
                        return Ok(None);
                    }
                    return Ok(Some(Uns::Sparse(self.sparse(place, &parts)?)));
                }
                if !["", "dict"].contains(&kind) {
                    self.leave_out(place, &format!("it is a {kind}"));
                    return Ok(None);
                }
                let mut parts = BTreeMap::new();
                for (name, node) in self.children(group)? {
                    if let Some(part) =
                        self.thing(&format!("{place}/{name}"), &node, (depth + 1, left))?
                    {
                        parts.insert(name, part);
                    }
                }
                Ok(Some(Uns::Group(Arc::new(parts))))
            }
        }
    }

    fn array_thing(&mut self, place: &str, dataset: &Dataset) -> Result<Option<Uns>> {
        let datatype = dataset.datatype().map_err(|error| self.fault(&error))?;
        let shape = self.shape(dataset)?;
        let single = shape.is_empty();
        if is_text(&datatype) {
            let mut texts = self.texts(place, dataset)?;
            return Ok(if single {
                texts.pop().map(Uns::Text)
            } else {
                Some(Uns::Texts(self.shaped(place, &shape, texts)?))
            });
        }
        if matches!(datatype, Datatype::Compound { .. }) {
            if shape.len() == 1 {
                return Ok(Some(Uns::Records(self.table(place, dataset)?)));
            }
            self.leave_out(place, &format!("its records have {} axes", shape.len()));
            return Ok(None);
        }
        let Some(element) = Element::new(&datatype) else {
            let kind = self.kind(dataset)?;
            self.leave_out(place, &format!("it holds {kind}"));
            return Ok(None);
        };
        let numbers = Numbers::new(&self.file, place, dataset)?;
        Ok(Some(if is_truth(&datatype) {
            let truths: Vec<bool> = numbers
                .all::<i64>()?
                .into_iter()
                .map(|number| number != 0)
                .collect();
            match truths.first() {
                Some(&truth) if single => Uns::Truth(truth),
                _ => Uns::Truths(self.shaped(place, &shape, truths)?),
            }
        } else if element.is_whole() {
            self.numbers_thing(place, &numbers, (Uns::Whole, Uns::Wholes))?
        } else {
            self.numbers_thing(place, &numbers, (Uns::Number, Uns::Numbers))?
        }))
    }

    fn numbers_thing<T: Number>(
        &self,
        place: &str,
        numbers: &Numbers,
        (one, many): Kinds<T>,
    ) -> Result<Uns> {
        let values: Vec<T> = numbers.all()?;
        match values.first() {
            Some(&value) if numbers.shape().is_empty() => Ok(one(value)),
            _ => Ok(many(self.shaped(place, numbers.shape(), values)?)),
        }
    }

    fn shaped<T>(&self, place: &str, shape: &[usize], values: Vec<T>) -> Result<Arc<ArrayD<T>>> {
        let count = values.len();
        let shaped = ArrayD::from_shape_vec(IxDyn(shape), values);
        let shaped = shaped.map_err(|_| {
            self.wrong(
                place,
                format!("as many entries as its shape {shape:?} says"),
                count,
            )
        })?;
        Ok(Arc::new(shaped))
    }
}
