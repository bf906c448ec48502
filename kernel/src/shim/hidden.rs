//! Crates that a session meets only in the types of its variables.
//!
//! The compiler names a type by a path through the crates that a cell can name. A type that the library passes on without its name, such
//! as the schema of a data frame, is then named through the crate that defines it, which a cell must be told of before it can say so.

use super::names::Names;
use crate::image::Image;
use crate::place::Place;
use std::collections::BTreeSet;
use std::ffi::OsString;

/// The compiler's arguments for the crates of the image that the kept types name, unless it is told of them by `others`.
pub(super) fn libraries(place: &Place, image: &Image, others: &[OsString]) -> Vec<OsString> {
    let mut arguments = Vec::new();
    let names = Names::read(&place.names());
    let named = roots(names.kinds());
    if named.is_empty() {
        return arguments;
    }
    let entries = std::fs::read_dir(image.dependencies());
    let files: Vec<_> = entries.into_iter().flatten().flatten().collect();
    for name in named {
        let told = format!("{name}=");
        let is_told = |other: &OsString| other.to_string_lossy().starts_with(&told);
        if others.iter().any(is_told) {
            continue;
        }
        let start = format!("lib{name}-");
        let mut found = files.iter().filter(|file| {
            let file = file.file_name();
            let file = file.to_string_lossy();
            file.starts_with(&start) && file.ends_with(".rmeta")
        });
        // Of two versions nobody knows which is meant.
        if let (Some(file), None) = (found.next(), found.next()) {
            let mut argument = OsString::from(told);
            argument.push(file.path());
            arguments.extend(["--extern".into(), argument]);
        }
    }
    arguments
}

/// The first segments of the paths in these types, other than those that every cell knows.
fn roots<'a>(kinds: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for kind in kinds {
        for (at, _) in kind.match_indices("::") {
            let word = kind[..at]
                .rfind(|letter: char| !letter.is_alphanumeric() && letter != '_')
                .map_or(&kind[..at], |before| &kind[before + 1..at]);
            let first = !kind[..at - word.len()].ends_with("::");
            if first && !word.is_empty() && !["std", "core", "alloc", "genolens"].contains(&word) {
                found.insert(word);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::roots;

    #[test]
    fn first_segments_are_found() {
        let kinds = [
            "std::sync::Arc<polars_schema::Schema<genolens::a::B, ()>>",
            "Own<i32>",
            "&'static <é::X as twice::Y>::Z",
        ];
        let found: Vec<&str> = roots(kinds.into_iter()).into_iter().collect();
        assert_eq!(found, ["polars_schema", "twice", "é"]);
    }
}
