//! h5ad files of every generation of anndata.

use super::archive::{Archive, Node};
use super::frames::Categories;
use crate::expression::{Cells, Frame, Uns, Values};
use crate::sparse::Sparse;
use crate::storage::{Element, records};
use crate::{Error, Result};
use hdf5_pure::{Dataset, Datatype};
use ndarray::Array2;
use std::collections::BTreeMap;
use std::sync::Arc;

type Nodes = BTreeMap<String, Node>;

/// Name, array, and the names of its columns where it is a table.
type Coordinates = (String, Array2<f32>, Vec<String>);

type Arrays = BTreeMap<String, Arc<Array2<f32>>>;
type Axes = BTreeMap<String, Arc<Vec<String>>>;

/// Tells whether the root of a file is that of an h5ad file.
pub(super) fn is_h5ad(root: &Nodes) -> bool {
    root.contains_key("obs") && root.contains_key("var")
}

/// Reads all that the library keeps of a file; the rest is noted as left out.
pub(super) fn read(mut archive: Archive, root: &Nodes) -> Result<Cells> {
    let (obs, var, uns) = tables(&mut archive, root)?;
    let (n, genes) = (obs.len(), var.len());
    let values = if let Some(node) = root.get("X") {
        let values = archive.matrix("X", node, (n, genes))?;
        values.ok_or_else(|| archive.wrong("X", "an array or a sparse matrix", "something else"))?
    } else {
        archive.leave_out("X", "the file has none, and every value is zero");
        Values::Sparse(Sparse::from_rows(genes, vec![Vec::new(); n])?)
    };
    let mut cells = Cells::from_frames(values, obs, var)?;
    for (name, node) in parts(&mut archive, root, "layers")? {
        if let Some(values) = archive.matrix(&format!("layers/{name}"), &node, (n, genes))? {
            cells = cells.with_layer(&name, values)?;
        }
    }
    for part in ["obsm", "varm"] {
        let names = if part == "obsm" {
            cells.cells()
        } else {
            cells.genes()
        };
        let found = coordinates(&mut archive, root, (part, names))?;
        cells = cells.changed(|data| {
            let known = if part == "obsm" {
                &mut data.obsm
            } else {
                &mut data.varm
            };
            keep((known, &mut data.axes), part, found);
        });
    }
    for (name, node) in parts(&mut archive, root, "obsp")? {
        if let Some(graph) = archive.graph(&format!("obsp/{name}"), &node, n)? {
            cells = cells.with_obsp(&name, graph)?;
        }
    }
    for (name, node) in parts(&mut archive, root, "varp")? {
        if let Some(graph) = archive.graph(&format!("varp/{name}"), &node, genes)? {
            cells = cells.with_varp(&name, graph)?;
        }
    }
    cells = raw(&mut archive, root, cells)?;
    for (name, node) in root {
        if ![
            "X", "obs", "var", "layers", "obsm", "varm", "obsp", "varp", "uns", "raw", "raw.X",
            "raw.var", "raw.varm",
        ]
        .contains(&name.as_str())
        {
            let kind = match node {
                Node::Group(_) => "a group",
                Node::Data(_) => "a dataset",
            };
            archive.leave_out(name, &format!("it is {kind} that anndata does not know"));
        }
    }
    let mut uns = uns;
    for name in ["connectivities", "distances"] {
        cells = graph_out(cells, &mut uns, name)?;
    }
    let left_out = archive.left_out();
    // scanpy notes here that it took logarithms, and of which base where it is not e.
    let log_base = uns.get("log1p").map(|log1p| {
        log1p
            .get("base")
            .and_then(Uns::number)
            .unwrap_or(std::f64::consts::E)
    });
    Ok(cells.changed(|data| {
        data.log_base = log_base;
        data.uns = uns;
        data.left_out = left_out;
    }))
}

/// Reads what is known of cells and genes, and what belongs to them as a whole.
pub(super) fn tables(
    archive: &mut Archive,
    root: &Nodes,
) -> Result<(Frame, Frame, BTreeMap<String, Uns>)> {
    let mut uns = match root.get("uns") {
        Some(node) => archive.things("uns", node)?,
        None => BTreeMap::new(),
    };
    let mut frames = Vec::new();
    for part in ["obs", "var"] {
        let Some(node) = root.get(part) else {
            return Err(archive.wrong(part, "a table", "none"));
        };
        // Before anndata 0.7 categories were among the things that belong to all cells.
        let mut apart = Categories::new();
        if matches!(node, Node::Data(_)) {
            for (name, thing) in &uns {
                if let (Some(column), Some(categories)) =
                    (name.strip_suffix("_categories"), thing.texts())
                {
                    apart.insert(column.to_owned(), categories.to_vec());
                }
            }
        }
        let frame = archive.frame(part, node, &apart)?;
        for column in apart
            .keys()
            .filter(|column| frame.categories(column).is_some())
        {
            uns.remove(&format!("{column}_categories"));
        }
        frames.push(frame);
    }
    match (frames.pop(), frames.pop()) {
        (Some(var), Some(obs)) => Ok((obs, var, uns)),
        _ => Err(archive.wrong("obs", "a table", "none")),
    }
}

fn parts(archive: &mut Archive, root: &Nodes, part: &str) -> Result<Nodes> {
    match root.get(part) {
        Some(Node::Group(group)) => archive.children(group),
        Some(Node::Data(_)) => {
            archive.leave_out(part, "it is no group");
            Ok(Nodes::new())
        }
        None => Ok(Nodes::new()),
    }
}

fn coordinates(
    archive: &mut Archive,
    root: &Nodes,
    (part, names): (&str, &[String]),
) -> Result<Vec<Coordinates>> {
    if let Some(Node::Data(dataset)) = root.get(part) {
        return arrays_of_records(archive, (part, dataset), names.len());
    }
    let nodes = parts(archive, root, part)?;
    coordinates_of(archive, &nodes, (part, names))
}

fn coordinates_of(
    archive: &mut Archive,
    nodes: &Nodes,
    (part, names): (&str, &[String]),
) -> Result<Vec<Coordinates>> {
    let mut found = Vec::new();
    for (name, node) in nodes {
        if let Some((array, axes)) = archive.coordinates(&format!("{part}/{name}"), node, names)? {
            found.push((name.clone(), array, axes));
        }
    }
    Ok(found)
}

/// Adds coordinates to those that are known, and the names of their columns.
fn keep((known, axes): (&mut Arrays, &mut Axes), part: &str, found: Vec<Coordinates>) {
    for (name, array, columns) in found {
        if !columns.is_empty() {
            axes.insert(format!("{part}/{name}"), Arc::new(columns));
        }
        known.insert(name, Arc::new(array));
    }
}

/// Reads coordinates that are one dataset of records, as anndata wrote before 0.7.
fn arrays_of_records(
    archive: &mut Archive,
    (part, dataset): (&str, &Dataset),
    rows: usize,
) -> Result<Vec<Coordinates>> {
    let datatype = dataset.datatype().map_err(|error| archive.fault(&error))?;
    let Datatype::Compound { members, .. } = &datatype else {
        archive.leave_out(part, "it is no group and holds no records");
        return Ok(Vec::new());
    };
    let (bytes, size) = records(&archive.file, dataset)?;
    let mut found = Vec::new();
    for member in members {
        let place = format!("{part}/{}", member.name);
        let (base, width) = match &member.datatype {
            Datatype::Array {
                base_type,
                dimensions,
            } if dimensions.len() == 1 => (&**base_type, dimensions[0] as usize),
            other => (other, 1),
        };
        let Some(element) = Element::new(base) else {
            archive.leave_out(&place, "it holds no numbers");
            continue;
        };
        let offset = usize::try_from(member.byte_offset).unwrap_or(usize::MAX);
        let end = width
            .checked_mul(element.size)
            .and_then(|length| offset.checked_add(length));
        let Some(end) = end.filter(|&end| end <= size) else {
            return Err(archive.wrong(
                &place,
                "a field inside its record",
                "one that reaches beyond it",
            ));
        };
        let packed: Vec<u8> = bytes
            .chunks_exact(size.max(1))
            .flat_map(|record| &record[offset..end])
            .copied()
            .collect();
        let mut values = vec![0.0_f32; packed.len() / element.size];
        element.numbers(&packed, &mut values).map_err(|at| {
            archive.wrong(
                &format!("entry {at} of {place}"),
                "a number that f32 holds",
                "a larger one",
            )
        })?;
        let count = values.len();
        let array = Array2::from_shape_vec((rows, width), values).map_err(|_| {
            archive.wrong(
                &place,
                format!("{rows} rows of {width} numbers"),
                format!("{count} numbers"),
            )
        })?;
        found.push((member.name.clone(), array, Vec::new()));
    }
    Ok(found)
}

/// Adds the values before genes were chosen.
fn raw(archive: &mut Archive, root: &Nodes, cells: Cells) -> Result<Cells> {
    let inside = match root.get("raw") {
        Some(Node::Group(group)) => archive.children(group)?,
        _ => ["X", "var", "varm"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), root.get(&format!("raw.{name}"))?.clone())))
            .collect(),
    };
    let (Some(values), Some(var)) = (inside.get("X"), inside.get("var")) else {
        if !inside.is_empty() {
            archive.leave_out("raw", "it has no values, or no names of genes");
        }
        return Ok(cells);
    };
    let var = archive.frame("raw/var", var, &Categories::new())?;
    let Some(values) = archive.matrix("raw/X", values, (cells.len(), var.len()))? else {
        return Ok(cells);
    };
    let varm = match inside.get("varm") {
        Some(Node::Group(varm)) => archive.children(varm)?,
        Some(Node::Data(_)) => {
            archive.leave_out("raw/varm", "it is no group");
            Nodes::new()
        }
        None => Nodes::new(),
    };
    let varm = coordinates_of(archive, &varm, ("raw/varm", var.names()))?;
    let cells = cells.with_raw_values(values, var)?;
    Ok(cells.changed(|data| keep((&mut data.raw_varm, &mut data.axes), "raw/varm", varm)))
}

/// Takes a graph of cells from where anndata kept it before 0.7.
fn graph_out(cells: Cells, uns: &mut BTreeMap<String, Uns>, name: &str) -> Result<Cells> {
    let found = uns
        .get("neighbors")
        .and_then(|neighbors| neighbors.get(name));
    let Some(Uns::Sparse(graph)) = found else {
        return Ok(cells);
    };
    if graph.shape() != (cells.len(), cells.len()) || cells.obsp(name).is_ok() {
        return Ok(cells);
    }
    let cells = cells.with_obsp(name, graph.clone())?;
    if let Some(Uns::Group(parts)) = uns.get_mut("neighbors") {
        Arc::make_mut(parts).remove(name);
    }
    Ok(cells)
}

/// Says that a file is HDF5, but none of cells.
pub(super) fn unknown(archive: &Archive, root: &Nodes) -> Error {
    let names: Vec<&str> = root.keys().map(String::as_str).take(20).collect();
    let got = if names.is_empty() {
        "an empty one".to_owned()
    } else {
        format!("one with {}", names.join(", "))
    };
    Error::value(
        &archive.path().display().to_string(),
        "a file of cells: h5ad (obs and var), 10x (matrix or genomes) or loom",
        got,
    )
}
