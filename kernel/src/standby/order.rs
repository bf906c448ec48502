//! What a kernel that is asked for hands to the session that waits.

use super::{likeness, signs};
use crate::environment::of_cells;
use crate::runtime::Surroundings;
use anyhow::{Context, Result, bail};
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// More is no environment: the system gives a program a few megabytes at most.
const LONGEST: usize = 16 << 20;

/// What was asked for, where, and by whom.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Order {
    /// What must be the same.
    identity: String,
    /// The connection file, with its whole path.
    pub(super) connection: PathBuf,
    pub(super) around: Surroundings,
}

impl Order {
    /// Writes down what this process was asked.
    pub(super) fn here(connection: &Path) -> Result<Self> {
        let around = Surroundings::here()?;
        Ok(Self {
            identity: identity(&around),
            connection: around.folder.join(connection),
            around,
        })
    }

    /// Tells whether a process may stand for the one that wrote this down, given what is around it.
    pub(super) fn fits(&self, around: &Surroundings) -> bool {
        self.identity == identity(around)
    }

    pub(super) fn send(&self, mut stream: &UnixStream) -> Result<()> {
        let connection = self.connection.clone().into_os_string();
        let mut fields = vec![OsString::from(&self.identity), connection];
        fields.extend(self.around.fields());
        let fields: Vec<&[u8]> = fields.iter().map(|field| field.as_bytes()).collect();
        let text = fields.join(&0);
        stream.write_all(&u32::try_from(text.len())?.to_le_bytes())?;
        stream.write_all(&text)?;
        Ok(())
    }

    pub(super) fn receive(mut stream: &UnixStream) -> Result<Self> {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST {
            bail!("{length} bytes are no order");
        }
        let mut text = vec![0; length];
        stream.read_exact(&mut text)?;
        let mut fields = text.split(|byte| *byte == 0).map(OsStr::from_bytes);
        let mut next = || fields.next().context("a field is missing");
        Ok(Self {
            identity: next()?.to_str().context("not an identity")?.to_owned(),
            connection: next()?.into(),
            around: Surroundings::of_fields(fields)?,
        })
    }
}

/// The program, what it was given for life, and what it has read of the environment already.
fn identity(around: &Surroundings) -> String {
    format!(
        "{}\n{}{}",
        signs::program(),
        likeness::likeness(),
        likeness::early(of_cells(around.variables.clone()).iter())
    )
}

#[cfg(test)]
mod tests {
    use super::Order;
    use crate::runtime::Surroundings;
    use std::io::Write;
    use std::os::unix::net::UnixStream;
    use std::path::Path;

    #[test]
    fn an_order_arrives_whole_and_fits_only_its_own_kind() {
        let (here, there) = UnixStream::pair().unwrap();
        let order = Order::here(Path::new("connection.json")).unwrap();
        order.send(&here).unwrap();
        let came = Order::receive(&there).unwrap();
        assert_eq!(came, order);
        assert!(came.connection.is_absolute());
        let mut around = Surroundings::here().unwrap();
        around
            .variables
            .insert("RAYON_NUM_THREADS".into(), "3".into());
        assert!(came.fits(&around));
        around
            .variables
            .insert("RUSTUP_TOOLCHAIN".into(), "x".into());
        assert!(!came.fits(&around));
        for nonsense in [&b"\xff\xff\xff\xff"[..], b"\x03\0\0\0a\0b", b"\x01"] {
            let (here, there) = UnixStream::pair().unwrap();
            (&here).write_all(nonsense).unwrap();
            drop(here);
            assert!(Order::receive(&there).is_err());
        }
    }
}
