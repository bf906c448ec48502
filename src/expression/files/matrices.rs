//! Matrices in HDF5 files of cells, dense or sparse.

use super::archive::{Archive, Node, encoding};
use super::frames::Categories;
use super::runs::Runs;
use crate::expression::{Frame, Values};
use crate::sparse::Sparse;
use crate::storage::{Element, Number, Numbers};
use crate::{Error, Result, progress};
use hdf5_pure::{AttrValue, Group};
use ndarray::Array2;

/// The most numbers of a sparse matrix that are made dense.
const DENSE: usize = 1 << 26;

/// What is known of a compressed matrix before its numbers are read.
pub(super) struct Compressed {
    pub(super) shape: (usize, usize),
    /// Whether columns are compressed (CSC), or rows (CSR).
    pub(super) columns: bool,
    pub(super) offsets: Vec<usize>,
    pub(super) indices: Numbers,
    pub(super) values: Numbers,
}

impl Archive {
    /// Reads a matrix of the shape that it must have; `None` (and a note) where it is none that can be read.
    pub(super) fn matrix(
        &mut self,
        place: &str,
        node: &Node,
        shape: (usize, usize),
    ) -> Result<Option<Values>> {
        match node {
            Node::Data(dataset) => {
                let numbers = Numbers::new(&self.file, place, dataset)?;
                Ok(Some(Values::from(self.array(place, &numbers, shape)?)))
            }
            Node::Group(group) => {
                let Some(parts) = self.compressed(place, group)? else {
                    return Ok(None);
                };
                self.same(place, parts.shape, shape)?;
                Ok(Some(Values::Sparse(self.sparse(place, &parts)?)))
            }
        }
    }

    /// Reads a matrix with a row for each name as an array, with names of its columns where it is a table; `None` (and a note) where it is
    /// none that can be read.
    pub(super) fn coordinates(
        &mut self,
        place: &str,
        node: &Node,
        names: &[String],
    ) -> Result<Option<(Array2<f32>, Vec<String>)>> {
        let rows = names.len();
        match node {
            Node::Data(dataset) => {
                let datatype = dataset.datatype().map_err(|error| self.fault(&error))?;
                if Element::new(&datatype).is_none() {
                    self.leave_out(place, "it holds no numbers");
                    return Ok(None);
                }
                let numbers = Numbers::new(&self.file, place, dataset)?;
                let width = match numbers.shape() {
                    [_] => 1,
                    [_, width] => *width,
                    shape => {
                        let why = format!("it has {} axes, not two", shape.len());
                        self.leave_out(place, &why);
                        return Ok(None);
                    }
                };
                let array = self.array(place, &numbers, (rows, width))?;
                Ok(Some((array, Vec::new())))
            }
            Node::Group(group) => {
                let attributes = self.attributes(node)?;
                if encoding(&attributes) == "dataframe" {
                    let frame = self.frame(place, node, &Categories::new())?;
                    return self.numeric(place, &frame, names).map(Some);
                }
                let Some(parts) = self.compressed(place, group)? else {
                    return Ok(None);
                };
                let columns = parts.shape.1;
                self.same(place, parts.shape, (rows, columns))?;
                if rows.checked_mul(columns).is_none_or(|all| all > DENSE) {
                    let why =
                        format!("it is sparse, and too large as an array ({rows} x {columns})");
                    self.leave_out(place, &why);
                    return Ok(None);
                }
                let array = self.sparse(place, &parts)?.dense();
                Ok(Some((array, Vec::new())))
            }
        }
    }

    /// Takes the columns of a table that hold numbers, which single precision must hold; the others are left out.
    fn numeric(
        &mut self,
        place: &str,
        frame: &Frame,
        names: &[String],
    ) -> Result<(Array2<f32>, Vec<String>)> {
        if frame.names() != names {
            let expected = "the names of the cells or genes, in their order";
            return Err(self.wrong(&format!("names of {place}"), expected, "others"));
        }
        let (mut columns, mut known) = (Vec::new(), Vec::new());
        for column in frame.table().columns() {
            let name = column.name().as_str();
            let at = format!("{place}/{name}");
            if !column.dtype().is_primitive_numeric() {
                self.leave_out(
                    &at,
                    "it holds no numbers, as the array made of the table does",
                );
                continue;
            }
            let numbers: Option<Vec<f32>> = match column.i64() {
                Ok(whole) => whole
                    .iter()
                    .map(|number| number.map_or(Some(f32::NAN), f32::signed))
                    .collect(),
                Err(_) => frame.numbers(name)?.into_iter().map(f32::double).collect(),
            };
            let Some(numbers) = numbers else {
                self.leave_out(&at, "it holds numbers that single precision does not");
                continue;
            };
            columns.push(numbers);
            known.push(name.to_owned());
        }
        let shape = (names.len(), columns.len());
        let array = Array2::from_shape_fn(shape, |(row, column)| columns[column][row]);
        Ok((array, known))
    }

    /// Reads a graph of so many nodes; an array keeps what is not zero.
    pub(super) fn graph(
        &mut self,
        place: &str,
        node: &Node,
        nodes: usize,
    ) -> Result<Option<Sparse>> {
        Ok(match self.matrix(place, node, (nodes, nodes))? {
            Some(Values::Sparse(graph)) => Some(graph),
            Some(Values::Dense(array)) => Some(Sparse::from_dense(&array)?),
            None => None,
        })
    }

    fn array(&self, place: &str, numbers: &Numbers, shape: (usize, usize)) -> Result<Array2<f32>> {
        let found = match *numbers.shape() {
            [rows] => (rows, 1),
            [rows, columns] => (rows, columns),
            _ => {
                let expected = format!("shape ({}, {})", shape.0, shape.1);
                return Err(self.wrong(place, expected, format!("of shape {:?}", numbers.shape())));
            }
        };
        self.same(place, found, shape)?;
        let values = numbers.all()?;
        Array2::from_shape_vec(shape, values)
            .map_err(|_| self.wrong(place, "as many numbers as its shape says", "fewer"))
    }

    fn same(&self, place: &str, found: (usize, usize), shape: (usize, usize)) -> Result<()> {
        if found == shape {
            return Ok(());
        }
        let expected = format!("shape ({}, {})", shape.0, shape.1);
        Err(self.wrong(
            place,
            expected,
            format!("of shape ({}, {})", found.0, found.1),
        ))
    }

    /// Finds the parts of a compressed matrix; `None` (and a note) where the group is none.
    pub(super) fn compressed(&mut self, place: &str, group: &Group) -> Result<Option<Compressed>> {
        let node = Node::Group(group.clone());
        let attributes = self.attributes(&node)?;
        let legacy = attributes
            .get("h5sparse_format")
            .and_then(AttrValue::as_str);
        let columns = match (encoding(&attributes), legacy) {
            ("csr_matrix", _) | ("", Some("csr")) => false,
            ("csc_matrix", _) | ("", Some("csc")) => true,
            (other, _) => {
                let why = if other.is_empty() {
                    "it is no matrix".to_owned()
                } else {
                    format!("it is a {other}, no matrix")
                };
                self.leave_out(place, &why);
                return Ok(None);
            }
        };
        let shape = attributes
            .get("shape")
            .or_else(|| attributes.get("h5sparse_shape"));
        let shape: Vec<usize> = shape
            .and_then(AttrValue::to_i64s)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|n| n.try_into().ok())
            .collect();
        let [rows, width] = shape[..] else {
            let sizes = shape
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            return Err(self.wrong(
                &format!("shape of {place}"),
                "two sizes",
                format!("[{sizes}]"),
            ));
        };
        let children = self.children(group)?;
        let part = |name: &str| match children.get(name) {
            Some(Node::Data(dataset)) => {
                Numbers::new(&self.file, &format!("{place}/{name}"), dataset)
            }
            _ => Err(self.wrong(place, format!("with a dataset `{name}`"), "without it")),
        };
        let (offsets, indices, values) = (part("indptr")?, part("indices")?, part("data")?);
        let offsets = self.offsets(place, &offsets, if columns { width } else { rows })?;
        Ok(Some(Compressed {
            shape: (rows, width),
            columns,
            offsets,
            indices,
            values,
        }))
    }

    /// Reads where lines begin, of which there must be as many as the shape says.
    pub(super) fn offsets(
        &self,
        place: &str,
        offsets: &Numbers,
        lines: usize,
    ) -> Result<Vec<usize>> {
        if offsets.shape().len() != 1 || offsets.rows() != lines.saturating_add(1) {
            let place = format!("{place}/indptr");
            let expected = format!(
                "{} numbers in a row, one more than {lines}",
                lines.saturating_add(1)
            );
            return Err(self.wrong(&place, expected, format!("of shape {:?}", offsets.shape())));
        }
        offsets.all()
    }

    /// Checks that the parts of a compressed matrix fit each other and its shape, before numbers are read.
    pub(super) fn checked(
        &self,
        place: &str,
        parts: &Compressed,
        shape: (usize, usize),
    ) -> Result<()> {
        self.same(place, parts.shape, shape)?;
        let (stored, ends) = (
            parts.values.rows(),
            parts.offsets.last().copied().unwrap_or(0),
        );
        if parts.indices.rows() != stored {
            let expected = format!("{stored} numbers, one for each value");
            return Err(self.wrong(&format!("{place}/indices"), expected, parts.indices.rows()));
        }
        if ends != stored {
            let expected = format!("numbers that end at the {stored} values");
            return Err(self.wrong(
                &format!("{place}/indptr"),
                expected,
                format!("ending at {ends}"),
            ));
        }
        if parts.offsets.windows(2).any(|pair| pair[0] > pair[1]) {
            return Err(self.wrong(
                &format!("{place}/indptr"),
                "numbers that do not fall",
                "falling",
            ));
        }
        Ok(())
    }

    /// Brings compressed columns into runs of rows in a temporary file, some columns at a time.
    pub(super) fn runs(&self, place: &str, parts: &Compressed) -> Result<Runs> {
        self.checked(place, parts, parts.shape)?;
        let (rows, columns) = parts.shape;
        if rows.max(columns) > 1 << 32 {
            return Err(self.wrong(place, "at most 2^32 rows and columns", rows.max(columns)));
        }
        let mut runs = Runs::new(parts.shape)?;
        let (most, offsets) = (Runs::entries_of_run(rows), &parts.offsets);
        let mut first = 0;
        while first < columns {
            progress::check("turning the matrix", first, columns)?;
            let fits = |end: &usize| offsets[end + 1] - offsets[first] <= most;
            let end = (first + 1..columns).take_while(fits).last();
            let end = end.map_or(first + 1, |end| end + 1);
            let entries = offsets[first]..offsets[end];
            let entries = (
                parts.indices.read(entries.clone())?,
                parts.values.read(entries)?,
            );
            let ends = offsets[first..=end].iter().map(|end| end - offsets[first]);
            let lines = Sparse::compressed((end - first, rows), ends.collect(), entries)
                .map_err(|error| self.broken(place, &error))?;
            runs.push(&lines.transposed(), first as u32)?;
            first = end;
        }
        Ok(runs)
    }

    fn broken(&self, place: &str, error: &Error) -> Error {
        self.wrong(
            place,
            "a matrix whose parts fit",
            format!("broken ({error})"),
        )
    }

    /// Reads a compressed matrix, always as compressed rows.
    pub(super) fn sparse(&self, place: &str, parts: &Compressed) -> Result<Sparse> {
        self.checked(place, parts, parts.shape)?;
        let shape = if parts.columns {
            (parts.shape.1, parts.shape.0)
        } else {
            parts.shape
        };
        let entries = (parts.indices.all()?, parts.values.all()?);
        let matrix = Sparse::compressed(shape, parts.offsets.clone(), entries)
            .map_err(|error| self.broken(place, &error))?;
        if !parts.columns {
            return Ok(matrix);
        }
        if matrix.nrows() > 1 << 32 {
            return Err(self.wrong(place, "at most 2^32 columns", matrix.nrows()));
        }
        Ok(matrix.transposed())
    }
}
