//! Finds the lines of a cell behind the instructions of its object.
//!
//! Cells are compiled without lines. When one has crashed, it is compiled once more with them; that adds tables and leaves the
//! instructions where they were, which is looked at before the tables are believed.

use super::compile::{SOURCE_PREFIX, level, with_lines};
use crate::place::Place;
use addr2line::Context;
use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian, SectionId};
use anyhow::{Context as _, Result, bail};
use object::{Object, ObjectSection, ObjectSymbol};
use std::path::Path;

/// The lines of one object.
#[derive(Debug)]
pub(crate) struct Lines {
    object: Vec<u8>,
}

impl Lines {
    /// Compiles the cell behind an object that has been loaded.
    pub(crate) fn of(place: &Place, loaded: &Path) -> Result<Self> {
        let name = loaded.parent().and_then(Path::file_name);
        let name = name.and_then(|name| name.to_str()).context("no cell's")?;
        let source = place
            .sources()
            .join(format!("{SOURCE_PREFIX}{name}_lib.rs"));
        let source = std::fs::read_to_string(source)?;
        let instructions = std::fs::read(loaded)?;
        let wanted = code(&instructions)?;
        let now = level(place, &source);
        // The session may have asked for another level since.
        let before = ["0", "1", "2", "3"]
            .into_iter()
            .filter(|level| *level != now);
        for level in std::iter::once(now.as_str()).chain(before) {
            let made = with_lines(place, name, (level, &place.folder().join("lines")))?;
            let object = std::fs::read(made)?;
            if code(&object)? == wanted {
                return Ok(Self { object });
            }
        }
        bail!("the cell does not compile to the same instructions again")
    }

    /// The places in the source for the instructions at these offsets; where functions are folded into each other, the innermost
    /// comes first.
    pub(crate) fn places(&self, offsets: &[u64]) -> Result<Vec<Vec<String>>> {
        let file = object::File::parse(&*self.object)?;
        let section = |id: SectionId| -> Result<_> {
            let found = file.section_by_name(id.name());
            let data = found.and_then(|section| section.data().ok());
            Ok::<_, anyhow::Error>(EndianSlice::new(data.unwrap_or_default(), LittleEndian))
        };
        let context = Context::from_dwarf(Dwarf::load(section)?)?;
        let places = |offset: u64| -> Result<Vec<String>> {
            let mut places = Vec::new();
            let mut frames = context.find_frames(offset).skip_all_loads()?;
            while let Some(frame) = frames.next()? {
                places.extend(frame.location.and_then(|at| {
                    let line = at.line.filter(|line| *line > 0)?;
                    let column = at.column.unwrap_or(0).max(1);
                    Some(format!("{}:{line}:{column}", at.file?))
                }));
            }
            Ok(places)
        };
        offsets
            .iter()
            .map(|offset| match places(*offset)? {
                // What the compiler adds to a function, as the test for the end of the stack, has no line of its own.
                none if none.is_empty() => places(function(&file, *offset).unwrap_or(*offset)),
                found => Ok(found),
            })
            .collect()
    }
}

/// Where the function begins that an instruction belongs to.
fn function(file: &object::File<'_>, offset: u64) -> Option<u64> {
    let mut functions = file.symbols();
    let found = functions
        .find(|symbol| (symbol.address()..symbol.address() + symbol.size()).contains(&offset))?;
    Some(found.address())
}

/// Where the instructions are, and what they are.
fn code(object: &[u8]) -> Result<(u64, &[u8])> {
    let file = object::File::parse(object)?;
    let text = file.section_by_name(".text").context("no instructions")?;
    Ok((text.address(), text.data()?))
}
