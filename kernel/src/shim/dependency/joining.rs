//! Joins what cargo has built with the image, for the compiler of a cell.

use super::addition::Addition;
use super::cargo::Built;
use super::sharing::{Fate, Sharing};
use super::stand_in::shared_folders;
use super::{bundle, description, manifest};
use crate::image::{Image, Kind};
use crate::place::Place;
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The addition that is being made.
#[derive(Debug)]
pub(super) struct Joining<'a> {
    pub(super) place: &'a Place,
    pub(super) image: &'a Image,
    pub(super) number: usize,
}

impl Joining<'_> {
    /// Links the shared object and writes down what the compiler of a cell must be told.
    pub(super) fn join(&self, sharing: &Sharing, built: &Built) -> Result<()> {
        Addition::prepare(self.place, self.number)?;
        let mut arguments = Vec::new();
        for folder in folders(&new_libraries(sharing, built))
            .into_iter()
            .chain(shared_folders(sharing.fates.iter()))
            .chain([self.image.crates().files(), self.image.folder().to_owned()])
        {
            arguments.push("-L".to_owned());
            arguments.push(format!("dependency={}", folder.display()));
        }
        let orders = description::orders(&arguments, sharing, built);
        let mut new = Vec::new();
        for (name, index) in sharing.direct() {
            let Some(file) = Self::file(sharing, built, index) else {
                continue;
            };
            arguments.push("--extern".to_owned());
            arguments.push(format!("{name}={}", file.display()));
            if sharing.fates[index] == Fate::Compile && sharing.units[index].kind == Kind::Library {
                new.push(name);
            }
        }
        let mut anchors = "use ::genolens as _;\n".to_owned();
        let folder = manifest::folder(self.place);
        let mut chain = Addition::chain(self.place);
        if self.has_changed(sharing, built)? {
            // The shared objects hold the crates as they were; those that are kept hold none of the person's.
            chain.retain(|earlier| Addition::is_kept(self.place, *earlier));
        }
        for earlier in &chain {
            let file = bundle::file(self.place, *earlier);
            add_bundle(&mut arguments, *earlier, &file);
            new.insert(0, bundle::name(*earlier));
            anchors.push_str(&format!("use ::{} as _;\n", bundle::name(*earlier)));
        }
        if new.len() > chain.len() && (chain.is_empty() || !built.compiled.is_empty()) {
            let all = [arguments.as_slice(), &built.link].concat();
            if let Some(file) = bundle::link(self.place, self.number, &new, &all)? {
                add_bundle(&mut arguments, self.number, &file);
                anchors.push_str(&format!("use ::{} as _;\n", bundle::name(self.number)));
                chain.push(self.number);
            } else {
                arguments = all;
            }
        }
        Addition::set_chain(self.place, &chain)?;
        let own = folder.join(self.number.to_string());
        std::fs::copy(folder.join("Cargo.lock"), folder.join("kept.lock"))?;
        std::fs::copy(folder.join("Cargo.lock"), own.join("Cargo.lock"))?;
        std::fs::write(own.join(description::ORDERS), orders)?;
        std::fs::write(own.join("anchors"), anchors)?;
        std::fs::write(own.join("arguments"), arguments.join("\n"))?;
        Ok(())
    }

    /// Tells whether a crate of the person's has been compiled that had been compiled before.
    fn has_changed(&self, sharing: &Sharing, built: &Built) -> Result<bool> {
        let file = manifest::folder(self.place).join("local");
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        let compiled = built.compiled.iter().map(|index| &sharing.units[*index]);
        let local: Vec<&str> = compiled
            .filter(|unit| unit.is_local())
            .map(|unit| unit.id.as_str())
            .collect();
        let again = |id: &&str| before.lines().any(|known| known == *id);
        let has_changed = local.iter().any(again);
        std::fs::write(&file, format!("{before}{}\n", local.join("\n")))?;
        Ok(has_changed)
    }

    /// The compiled file of a crate.
    pub(super) fn file(sharing: &Sharing, built: &Built, index: usize) -> Option<PathBuf> {
        if let Fate::Shared(files) = &sharing.fates[index] {
            return files.iter().map(PathBuf::from).find(|file| is_whole(file));
        }
        built.files[index]
            .iter()
            .find(|file| is_whole(file))
            .cloned()
    }
}

fn add_bundle(arguments: &mut Vec<String>, number: usize, file: &Path) {
    let folder = file.parent().unwrap_or(Path::new("."));
    arguments.extend([
        "-L".to_owned(),
        format!("dependency={}", folder.display()),
        "--extern".to_owned(),
        format!("{}={}", bundle::name(number), file.display()),
        "-C".to_owned(),
        format!("link-arg=-Wl,-rpath,{}", folder.display()),
    ]);
}

/// The folders of the compiled libraries.
fn folders(libraries: &[PathBuf]) -> BTreeSet<PathBuf> {
    let folders = libraries.iter().filter_map(|file| file.parent());
    folders.map(Path::to_owned).collect()
}

/// The compiled libraries that are not the image's.
pub(super) fn new_libraries(sharing: &Sharing, built: &Built) -> Vec<PathBuf> {
    let files = sharing.compiled().flat_map(|index| &built.files[index]);
    files.filter(|file| is_whole(file)).cloned().collect()
}

/// Tells whether a file holds code, and not only what the compiler must know of it.
pub(super) fn is_whole(file: &Path) -> bool {
    file.extension()
        .is_some_and(|ending| ending == "rlib" || ending == "so")
}
