//! Finds the line of a cell behind a line of a compiled source.

use super::preparation::{Prepared, without_commands};
use crate::shim::{FUNCTION, SOURCE_PREFIX};
use std::path::Path;
use syn::spanned::Spanned;

/// A cell that has run, kept so that a later panic in its functions can be traced to it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) name: String,
    pub(super) code: String,
    pub(super) prepared: Prepared,
}

/// Where something happened.
#[derive(Clone, Debug)]
pub(super) enum Spot<'a> {
    /// In a line of a cell; the column is one of the prepared text, from 1.
    Cell {
        cell: &'a Known,
        line: usize,
        column: Option<usize>,
    },
    /// In a source that is no cell's.
    Elsewhere(String),
    Nowhere,
}

impl<'a> Spot<'a> {
    /// Finds the line of a cell from which a line of a compiled source came.
    ///
    /// evcxr moves whole lines, items to the front in any order and statements behind, so the same text is the same line. Of several
    /// lines with the same text it is the one in the same item, then the one whose neighbours are the same too, and then the one that
    /// comes in the same order.
    pub(super) fn find(place: &str, known: &'a [Known], sources: &Path) -> Self {
        match in_cell(place, known, sources) {
            Some(spot) => spot,
            None if place.is_empty() => Self::Nowhere,
            None => Self::Elsewhere(short(place)),
        }
    }
}

impl Spot<'_> {
    /// Tells whether both are one place in a cell.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        let place = |spot: &Self| match spot {
            Self::Cell { cell, line, column } => Some((cell.name.clone(), *line, *column)),
            _ => None,
        };
        place(self).is_some() && place(self) == place(other)
    }
}

impl std::fmt::Display for Spot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cell { cell, line, .. } => write!(f, "{}, line {line}", cell.name),
            Self::Elsewhere(place) => f.write_str(place),
            Self::Nowhere => f.write_str("a place that is not known"),
        }
    }
}

fn in_cell<'a>(place: &str, known: &'a [Known], sources: &Path) -> Option<Spot<'a>> {
    let mut parts = place.rsplitn(3, ':');
    let (column, line, file) = (parts.next()?, parts.next()?, parts.next()?);
    let file = Path::new(file).file_name()?.to_str()?;
    if !file.starts_with(SOURCE_PREFIX) {
        return None;
    }
    let (column, line): (usize, usize) = (column.parse().ok()?, line.parse().ok()?);
    let source = std::fs::read_to_string(sources.join(file)).ok()?;
    let text = source.lines().nth(line.checked_sub(1)?)?;
    let whole_line = without_placeholders(text);
    let wanted = whole_line.trim();
    if wanted.is_empty() {
        return None;
    }
    let indent = text
        .chars()
        .take_while(|letter| letter.is_whitespace())
        .count();
    let compiled: Vec<String> = source.lines().map(without_placeholders).collect();
    let file = syn::parse_file(&source).ok();
    let home = file.as_ref().and_then(|file| item_at(line, &file.items));
    // The statements of a cell are in a function that evcxr has written around them.
    let item = home
        .filter(|item| !is_around_statements(item))
        .and_then(|item| source.get(item.span().byte_range()));
    // A statement that shares its line with others has a line of its own in the compiled source.
    let whole = |line: &str| line == wanted;
    let part = |line: &str| line.contains(wanted);
    let tests: [&dyn Fn(&str) -> bool; 2] = [&whole, &part];
    let begin = home.map_or(0, |item| item.span().start().line - 1);
    let order = compiled[begin..line - 1]
        .iter()
        .filter(|other| other.trim() == wanted)
        .count();
    let (cell, index, text) = tests.iter().find_map(|test| {
        let mut most = None;
        let mut best = Vec::new();
        for cell in known.iter().rev() {
            let lines = cell.prepared.text.lines().map(without_placeholders);
            let lines: Vec<String> = lines.collect();
            let within = |index| item_of_cell(index + 1, &cell.prepared).as_deref() == item;
            let same = lines
                .iter()
                .enumerate()
                .filter(|(_, text)| test(text.trim()));
            let candidates: Vec<_> = same
                .map(|(index, text)| {
                    let company = company((&lines, index), (&compiled, line - 1));
                    ((within(index), company), cell, index, text.clone())
                })
                .collect();
            let here = candidates.iter().map(|(company, ..)| *company).max();
            if here > most {
                most = here;
                best = candidates;
                best.retain(|(company, ..)| Some(*company) == here);
            }
        }
        let (_, cell, index, text) = best.get(order.min(best.len().checked_sub(1)?))?;
        Some((*cell, *index, text.clone()))
    })?;
    let start = text.find(wanted)?;
    let before = text[..start].chars().count();
    let column = (before + column)
        .checked_sub(indent)
        .filter(|column| *column > 0);
    Some(Spot::Cell {
        cell,
        line: index + 1,
        column,
    })
}

/// The item that holds a line, from 1.
fn item_at<'a>(
    line: usize,
    items: impl IntoIterator<Item = &'a syn::Item>,
) -> Option<&'a syn::Item> {
    let holds = |item: &&syn::Item| {
        let span = item.span();
        (span.start().line..=span.end().line).contains(&line)
    };
    items.into_iter().find(holds)
}

fn is_around_statements(item: &syn::Item) -> bool {
    let syn::Item::Fn(function) = item else {
        return false;
    };
    function.sig.abi.is_some() && function.sig.ident.to_string().starts_with(FUNCTION)
}

/// The text of the item that holds a line of a cell, from 1.
fn item_of_cell(line: usize, cell: &Prepared) -> Option<String> {
    // The brace stands on a line of its own, so that lines count from 2.
    let text = format!("{{\n{}\n}}", without_commands(&cell.text));
    let block: syn::Block = syn::parse_str(&text).ok()?;
    let items = block.stmts.iter().filter_map(|statement| match statement {
        syn::Stmt::Item(item) => Some(item),
        _ => None,
    });
    let item = item_at(line + 1, items)?;
    text.get(item.span().byte_range()).map(str::to_owned)
}

/// How many lines around a line of a cell are those around a line of the compiled source: the same words stand in many places.
fn company((cell, index): (&[String], usize), (compiled, line): (&[String], usize)) -> usize {
    let same = |(one, other): &(&String, &String)| one.trim() == other.trim();
    let before = cell[..index]
        .iter()
        .rev()
        .zip(compiled[..line].iter().rev());
    let behind = cell[index + 1..].iter().zip(&compiled[line + 1..]);
    before.take_while(same).count() + behind.take_while(same).count()
}

/// A place outside the cells without the folders of this machine: which crate, and where in it.
fn short(place: &str) -> String {
    if let Some((_, inside)) = place.split_once("/library/")
        && (place.starts_with("/rustc/") || place.contains("/rustlib/"))
    {
        return format!("the standard library, {inside}");
    }
    let inside_crate = place
        .split_once("/registry/src/")
        .and_then(|(_, rest)| rest.split_once('/'));
    inside_crate.map_or(place, |(_, inside)| inside).to_owned()
}

/// The shim has replaced the placeholders of new variables by `_` and spaces.
fn without_placeholders(line: &str) -> String {
    let mut text = line.to_owned();
    while let Some(at) = text.find(crate::shim::PLACEHOLDER) {
        let digits = text[at + crate::shim::PLACEHOLDER.len()..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let width = crate::shim::PLACEHOLDER.len() + digits;
        text.replace_range(at..at + width, &format!("{:width$}", "_"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn places_outside_the_cells_are_told_without_the_folders_of_the_machine() {
        assert_eq!(
            short("/rustc/0123abc/library/alloc/src/raw_vec/mod.rs:28:5"),
            "the standard library, alloc/src/raw_vec/mod.rs:28:5"
        );
        assert_eq!(
            short("/home/u/.cargo/registry/src/index.crates.io-1949/rand-0.10.0/src/lib.rs:7:1"),
            "rand-0.10.0/src/lib.rs:7:1"
        );
        assert_eq!(short("src/motif/open.rs:3:1"), "src/motif/open.rs:3:1");
    }
}
