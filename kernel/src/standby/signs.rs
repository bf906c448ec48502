//! Signs that what a session was prepared with is no longer what a new one would get.

use crate::image::Recipe;
use crate::place::Place;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The files that decide which compiler compiles, each with what tells one content from the next.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signs(Vec<(PathBuf, Option<[i64; 5]>)>);

impl Signs {
    /// Looks at the compiler of the session, at where it was found, and at what rustup was told.
    pub(super) fn read(place: &Place) -> Self {
        let mut files = vec![place.rustc().to_owned(), place.cargo().to_owned()];
        let outside = crate::environment::outside();
        let path = outside.iter().filter(|(name, _)| *name == "PATH");
        let path = path.flat_map(|(_, path)| std::env::split_paths(path));
        files.extend(path.map(|folder| folder.join("rustc")));
        let home = std::env::home_dir().map(|home| home.join(".rustup"));
        let rustup = std::env::var_os("RUSTUP_HOME").map(PathBuf::from).or(home);
        files.extend(rustup.map(|rustup| rustup.join("settings.toml")));
        let source = std::path::absolute(Recipe::home()).unwrap_or_default();
        for folder in source.ancestors() {
            let names = ["rust-toolchain", "rust-toolchain.toml"];
            files.extend(names.map(|name| folder.join(name)));
        }
        let marked = files.into_iter().map(|file| {
            let mark = mark(&file);
            (file, mark)
        });
        Self(marked.collect())
    }
}

/// Tells one content of a file from the next.
fn mark(file: &Path) -> Option<[i64; 5]> {
    let about = std::fs::metadata(file).ok()?;
    Some([
        about.dev() as i64,
        about.ino() as i64,
        about.size() as i64,
        about.mtime(),
        about.mtime_nsec(),
    ])
}

/// Names the program of this process, also when its file has been replaced since it started.
pub(super) fn program() -> String {
    format!("{:?}", mark(Path::new("/proc/self/exe")))
}
