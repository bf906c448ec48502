//! The files of a finished image and their sizes, so that a damaged image is not used.

use anyhow::{Context, Result};
use std::path::Path;

const NAME: &str = "inventory";

/// Folders that sessions add to.
const GROWING: [&str; 2] = ["replies", "cells"];

/// Notes what an image consists of; call it when all is there.
pub(super) fn write(image: &Path) -> Result<()> {
    let mut lines = String::new();
    list(image, image, &mut lines)?;
    std::fs::write(image.join(NAME), lines).context("cannot write the inventory of the image")
}

/// Says what is wrong with an image, if something is; one without an inventory is not judged.
pub(super) fn damage(image: &Path) -> Option<String> {
    let inventory = std::fs::read_to_string(image.join(NAME)).ok()?;
    inventory.lines().find_map(|line| {
        let (size, name) = line.split_once(' ')?;
        let size: u64 = size.parse().ok()?;
        match std::fs::metadata(image.join(name)) {
            Ok(found) if found.len() == size => None,
            Ok(found) => Some(format!(
                "{name} has {} bytes instead of {size}",
                found.len()
            )),
            Err(_) => Some(format!("{name} is missing")),
        }
    })
}

fn list(image: &Path, folder: &Path, lines: &mut String) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Ok(name) = path.strip_prefix(image) else {
            continue;
        };
        if path.is_dir() {
            if !GROWING.iter().any(|growing| name == Path::new(growing)) {
                list(image, &path, lines)?;
            }
        } else if let Some(name) = name.to_str() {
            let size = std::fs::metadata(&path)?.len();
            lines.push_str(&format!("{size} {name}\n"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{damage, write};

    #[test]
    fn a_missing_or_shortened_file_is_named_and_new_records_are_not_damage() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        for name in ["deps", "cells", "replies"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        file("library.so", "1234");
        file("deps/a.rmeta", "12");
        assert_eq!(damage(folder.path()), None);
        write(folder.path()).unwrap();
        file("cells/new", "x");
        assert_eq!(damage(folder.path()), None);
        file("library.so", "12");
        assert_eq!(
            damage(folder.path()).unwrap(),
            "library.so has 2 bytes instead of 4"
        );
        file("library.so", "1234");
        std::fs::remove_file(folder.path().join("deps/a.rmeta")).unwrap();
        assert_eq!(damage(folder.path()).unwrap(), "deps/a.rmeta is missing");
    }
}
