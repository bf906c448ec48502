//! A folder of its own for each test.

use std::path::{Path, PathBuf};

/// A folder that is gone when the test is over.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(test: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("genolens_cells_{test}_{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(super) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// What an error says, without where the folder is.
    pub(super) fn told(&self, error: &genolens::Error) -> String {
        let text = error.to_string();
        let text = text.replace(&format!("{}/", self.0.display()), "");
        text.replace(&self.0.display().to_string(), "FOLDER")
    }
}

impl AsRef<Path> for Folder {
    fn as_ref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}
