//! HDF5 files of 10x Genomics (Cell Ranger 1 to 8), and loom files.

use super::archive::{Archive, Node};
use super::matrices::Compressed;
use super::open::Open;
use crate::Result;
use crate::expression::{Cells, Frame, Values};
use crate::storage::Numbers;
use hdf5_pure::Group;
use polars::prelude::Column;
use std::collections::BTreeMap;

type Nodes = BTreeMap<String, Node>;

/// Tables of Cell Ranger 3 and what scanpy calls their columns.
const COLUMNS: [(&str, &str); 6] = [
    ("id", "gene_ids"),
    ("feature_type", "feature_types"),
    ("genome", "genome"),
    ("pattern", "pattern"),
    ("read", "read"),
    ("sequence", "sequence"),
];

/// Tells whether a group holds a matrix of 10x: compressed columns, one a cell.
fn holds_matrix(nodes: &Nodes) -> bool {
    ["data", "indices", "indptr", "shape", "barcodes"]
        .iter()
        .all(|name| nodes.contains_key(*name))
}

/// What is known of a matrix of 10x before its numbers are read.
pub(super) struct Found {
    pub(super) obs: Frame,
    pub(super) var: Frame,
    place: String,
    pub(super) parts: Compressed,
}

/// Reads a file of 10x; `None` where it is none.
pub(super) fn read(archive: &mut Archive, root: &Nodes, options: &Open) -> Result<Option<Cells>> {
    let Some(found) = find(archive, root, options)? else {
        return Ok(None);
    };
    let values = archive.sparse(&found.place, &found.parts)?;
    let cells = Cells::from_frames(values, found.obs, found.var)?;
    match &options.genome {
        Some(genome) if cells.var().column("genome").is_ok() => {
            of_genome(archive, &cells, genome).map(Some)
        }
        _ => Ok(Some(cells)),
    }
}

/// Finds the matrix of a file of 10x, of one genome where each has its own; `None` where there is none.
pub(super) fn find(archive: &mut Archive, root: &Nodes, options: &Open) -> Result<Option<Found>> {
    if let Some(Node::Group(group)) = root.get("matrix") {
        let nodes = archive.children(group)?;
        if holds_matrix(&nodes)
            && let Some(Node::Group(features)) = nodes.get("features")
        {
            return third(archive, &nodes, features).map(Some);
        }
    }
    let mut genomes = BTreeMap::new();
    for (name, node) in root {
        if let Node::Group(group) = node {
            let nodes = archive.children(group)?;
            if holds_matrix(&nodes) && nodes.contains_key("genes") {
                genomes.insert(name.clone(), nodes);
            }
        }
    }
    if genomes.is_empty() {
        return Ok(None);
    }
    let known: Vec<&str> = genomes.keys().map(String::as_str).collect();
    let name = match (&options.genome, &known[..]) {
        (Some(genome), _) => genome.as_str(),
        (None, [one]) => one,
        (None, _) => {
            return Err(archive.wrong(
                "genome",
                format!("one of: {}", known.join(", ")),
                "not said",
            ));
        }
    };
    let Some(nodes) = genomes.get(name) else {
        return Err(archive.wrong(
            "genome",
            format!("one of: {}", known.join(", ")),
            format!("`{name}`"),
        ));
    };
    let names = texts(archive, name, nodes, "gene_names")?;
    let ids = texts(archive, name, nodes, "genes")?;
    let var = Frame::new(names).with(Column::new("gene_ids".into(), ids))?;
    matrix(archive, name, nodes, var).map(Some)
}

/// Reads the layout of Cell Ranger 3 and later.
fn third(archive: &mut Archive, nodes: &Nodes, features: &Group) -> Result<Found> {
    let features = archive.children(features)?;
    let place = "matrix/features";
    let mut var = Frame::new(texts(archive, place, &features, "name")?);
    for (name, column) in COLUMNS {
        if features.contains_key(name) {
            let texts = texts(archive, place, &features, name)?;
            var = var.with(Column::new(column.into(), texts))?;
        }
    }
    for name in features
        .keys()
        .filter(|name| *name != "name" && *name != "_all_tag_keys")
    {
        if !COLUMNS.iter().any(|(known, _)| known == name) {
            archive.leave_out(
                &format!("{place}/{name}"),
                "it is no column that Cell Ranger documents",
            );
        }
    }
    matrix(archive, "matrix", nodes, var)
}

/// Takes the genes of one genome.
fn of_genome(archive: &Archive, cells: &Cells, genome: &str) -> Result<Cells> {
    let genomes = cells.var().labels("genome")?;
    let mask: Vec<bool> = genomes.iter().map(|known| known == genome).collect();
    if !mask.contains(&true) {
        let known: std::collections::BTreeSet<&str> = genomes.iter().map(String::as_str).collect();
        let known: Vec<&str> = known.into_iter().take(20).collect();
        return Err(archive.wrong(
            "genome",
            format!("one of: {}", known.join(", ")),
            format!("`{genome}`"),
        ));
    }
    cells.filter_genes_by(&mask)
}

fn texts(archive: &Archive, place: &str, nodes: &Nodes, name: &str) -> Result<Vec<String>> {
    match nodes.get(name) {
        Some(Node::Data(dataset)) => archive.texts(&format!("{place}/{name}"), dataset),
        _ => Err(archive.wrong(place, format!("with a dataset `{name}`"), "without it")),
    }
}

fn numbers(archive: &Archive, place: &str, nodes: &Nodes, name: &str) -> Result<Numbers> {
    match nodes.get(name) {
        Some(Node::Data(dataset)) => {
            Numbers::new(&archive.file, &format!("{place}/{name}"), dataset)
        }
        _ => Err(archive.wrong(place, format!("with a dataset `{name}`"), "without it")),
    }
}

/// Finds counts: genes by cells as compressed columns are cells by genes as compressed rows.
fn matrix(archive: &mut Archive, place: &str, nodes: &Nodes, var: Frame) -> Result<Found> {
    let obs = Frame::new(texts(archive, place, nodes, "barcodes")?);
    let shape: Vec<usize> = numbers(archive, place, nodes, "shape")?.all()?;
    if shape != [var.len(), obs.len()] {
        let expected = format!(
            "shape [{}, {}] for as many genes and barcodes",
            var.len(),
            obs.len()
        );
        return Err(archive.wrong(place, expected, format!("of shape {shape:?}")));
    }
    let offsets = numbers(archive, place, nodes, "indptr")?;
    let parts = Compressed {
        shape: (obs.len(), var.len()),
        columns: false,
        offsets: archive.offsets(place, &offsets, obs.len())?,
        indices: numbers(archive, place, nodes, "indices")?,
        values: numbers(archive, place, nodes, "data")?,
    };
    Ok(Found {
        obs,
        var,
        place: place.to_owned(),
        parts,
    })
}

/// Reads a loom file, genes by cells; `None` where it is none.
pub(super) fn loom(archive: &mut Archive, root: &Nodes) -> Result<Option<Cells>> {
    let (Some(Node::Data(matrix)), Some(Node::Group(genes)), Some(Node::Group(cells))) = (
        root.get("matrix"),
        root.get("row_attrs"),
        root.get("col_attrs"),
    ) else {
        return Ok(None);
    };
    let numbers = Numbers::new(&archive.file, "matrix", matrix)?;
    let [n_genes, n] = *numbers.shape() else {
        return Err(archive.wrong(
            "matrix",
            "two axes, genes and cells",
            format!("of shape {:?}", numbers.shape()),
        ));
    };
    let obs = loom_frame(
        archive,
        ("col_attrs", cells),
        (&["CellID", "obs_names", "cell_names"], n),
    )?;
    let var = loom_frame(
        archive,
        ("row_attrs", genes),
        (&["Gene", "var_names", "gene_names"], n_genes),
    )?;
    let sparse = |archive: &mut Archive, place: &str, node: &Node| -> Result<Option<Values>> {
        let values = archive.matrix(place, node, (n_genes, n))?;
        let turned = |values: Values| match values {
            Values::Dense(array) => Ok(Values::Sparse(crate::sparse::Sparse::from_dense(
                &array.t().to_owned(),
            )?)),
            Values::Sparse(matrix) => Ok(Values::Sparse(matrix.transposed())),
        };
        values.map(turned).transpose()
    };
    let Some(values) = sparse(archive, "matrix", &Node::Data(matrix.clone()))? else {
        return Ok(None);
    };
    let mut found = Cells::from_frames(values, obs, var)?;
    if let Some(Node::Group(layers)) = root.get("layers") {
        for (name, node) in archive.children(layers)? {
            if let Some(values) = sparse(archive, &format!("layers/{name}"), &node)? {
                found = found.with_layer(&name, values)?;
            }
        }
    }
    for name in ["row_graphs", "col_graphs"] {
        if let Some(Node::Group(group)) = root.get(name) {
            for graph in archive.children(group)?.into_keys() {
                archive.leave_out(
                    &format!("{name}/{graph}"),
                    "graphs of loom files are not kept",
                );
            }
        }
    }
    Ok(Some(found))
}

fn loom_frame(
    archive: &mut Archive,
    (place, group): (&str, &Group),
    (names, count): (&[&str], usize),
) -> Result<Frame> {
    let nodes = archive.children(group)?;
    let index = names.iter().find(|name| nodes.contains_key(**name));
    let mut frame = if let Some(index) = index {
        Frame::new(texts(archive, place, &nodes, index)?)
    } else {
        archive.leave_out(place, "it has no names, which are numbers here");
        Frame::new((0..count).map(|number| number.to_string()))
    };
    for (name, node) in &nodes {
        let place = format!("{place}/{name}");
        let Node::Data(dataset) = node else {
            archive.leave_out(&place, "it is a group, no column");
            continue;
        };
        if Some(&name.as_str()) == index {
            continue;
        }
        let shape = archive.shape(dataset)?;
        if shape != [frame.len()] {
            archive.leave_out(
                &place,
                &format!("it has shape {shape:?}, which is no column"),
            );
            continue;
        }
        if let Some(column) = archive.flat(&place, (name, dataset))? {
            frame = frame.with(column)?;
        }
    }
    Ok(frame)
}
