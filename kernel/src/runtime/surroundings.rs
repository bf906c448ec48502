//! What a cell finds around it: folder, environment, mask of new files, number of open files, ignored signals.

use super::ignored::{ignore, ignored};
use crate::environment::{Variables, become_that_of};
use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// What one process finds around it, for another that was started elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Surroundings {
    pub(crate) folder: PathBuf,
    pub(crate) variables: Variables,
    /// The mask of new files, as an octal number.
    pub(crate) mask: String,
    /// How many files may be open, unless that is asked to grow.
    pub(crate) files: Option<u64>,
    /// The signals that are ignored, as bits.
    pub(crate) ignored: u32,
}

impl Surroundings {
    /// How the file is called from which the process of the cells learns them.
    pub(crate) const EXTENSION: &str = "around";

    /// Looks around this process.
    pub(crate) fn here() -> Result<Self> {
        let ((), mask) = crate::umask::privately(|| ());
        Ok(Self {
            folder: std::env::current_dir().context("the working folder is gone")?,
            variables: std::env::vars_os().collect(),
            mask,
            files: getrlimit(Resource::Nofile).current,
            ignored: ignored(),
        })
    }

    /// Moves this process there, but for the mask, which has to wait until nothing private is written any more.
    pub(crate) fn move_to(&self) -> Result<()> {
        std::env::set_current_dir(&self.folder)
            .with_context(|| format!("cannot work in {}", self.folder.display()))?;
        become_that_of(&self.variables);
        ignore(self.ignored);
        let limit = getrlimit(Resource::Nofile);
        if limit.current != self.files {
            let wanted = Rlimit {
                current: self.files,
                maximum: limit.maximum,
            };
            setrlimit(Resource::Nofile, wanted).context("cannot change the limit of open files")?;
        }
        Ok(())
    }

    /// Moves this process there with the mask; the name of the session's channel stays.
    pub(super) fn enter(mut self) -> Result<()> {
        let channel = "GENOLENS_CHANNEL";
        if let Some(value) = std::env::var_os(channel) {
            self.variables.insert(channel.into(), value);
        }
        self.move_to()?;
        crate::umask::set(&self.mask);
        Ok(())
    }

    /// Writes them down as fields without the byte zero, which no field can hold.
    pub(crate) fn fields(&self) -> Vec<OsString> {
        let files = self.files.map(|files| files.to_string());
        let mut fields = vec![
            self.folder.clone().into_os_string(),
            OsString::from(&self.mask),
            files.unwrap_or_default().into(),
            self.ignored.to_string().into(),
        ];
        for (name, value) in &self.variables {
            let mut line = name.clone();
            line.push("=");
            line.push(value);
            fields.push(line);
        }
        fields
    }

    /// Reads what [`Self::fields`] has written.
    pub(crate) fn of_fields<'a>(mut fields: impl Iterator<Item = &'a OsStr>) -> Result<Self> {
        let mut next = || fields.next().context("a field is missing");
        let (folder, mask, files, ignored) = (next()?, next()?, next()?, next()?);
        let files = files.to_str().context("not a number of files")?;
        let ignored = ignored.to_str().context("no signals")?;
        let variables = fields.map(|line| {
            let bytes = line.as_bytes();
            // A name may begin with the sign that ends it.
            let end = bytes.iter().skip(1).position(|byte| *byte == b'=');
            let end = end.context("a variable has no value")? + 1;
            let part = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
            Ok((part(&bytes[..end]), part(&bytes[end + 1..])))
        });
        Ok(Self {
            folder: folder.into(),
            mask: mask.to_str().context("not a mask")?.to_owned(),
            files: (!files.is_empty()).then(|| files.parse()).transpose()?,
            ignored: ignored.parse()?,
            variables: variables.collect::<Result<_>>()?,
        })
    }

    pub(super) fn read(file: &Path) -> Result<Self> {
        let bytes = std::fs::read(file)?;
        Self::of_fields(bytes.split(|byte| *byte == 0).map(OsStr::from_bytes))
    }

    /// Writes them into a file that is complete once it is there.
    pub(crate) fn write(&self, file: &Path) -> Result<()> {
        let draft = file.with_extension("draft");
        let fields = self.fields();
        let fields: Vec<&[u8]> = fields.iter().map(|field| field.as_bytes()).collect();
        std::fs::write(&draft, fields.join(&0))?;
        std::fs::rename(&draft, file)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Surroundings;
    use std::ffi::{OsStr, OsString};
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn any_variable_comes_back() {
        let strange = OsString::from_vec(vec![0xff, b'=', b'\n']);
        let pairs = [
            ("PLAIN", OsStr::new("1")),
            ("EMPTY", OsStr::new("")),
            ("STRANGE", &strange),
            ("=C:", OsStr::new("x=y")),
        ];
        let pairs = pairs.map(|(name, value)| (name.into(), value.to_owned()));
        for files in [None, Some(1024)] {
            let around = Surroundings {
                folder: "/a folder\n".into(),
                variables: pairs.clone().into(),
                mask: "22".to_owned(),
                files,
                ignored: 1 << 12,
            };
            let fields = around.fields();
            let back = Surroundings::of_fields(fields.iter().map(OsString::as_os_str)).unwrap();
            assert_eq!(back, around);
            let desk = tempfile::tempdir().unwrap();
            let file = desk.path().join("channel.around");
            around.write(&file).unwrap();
            assert_eq!(Surroundings::read(&file).unwrap(), around);
        }
    }
}
