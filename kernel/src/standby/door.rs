//! Where a session waits: a socket in a folder that is the user's alone.

use crate::{place, tenancy, umask};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

/// The variable that tells the kernels of a lab where a session waits.
pub(crate) const DOOR: &str = "GENOLENS_STANDBY";

/// A folder with a socket, when a session waits behind it.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    folder: PathBuf,
}

impl Door {
    /// Makes the folder, which goes when it is told to.
    pub(crate) fn create() -> Result<Self> {
        let name = format!("{}{}-", place::PREFIX, std::process::id());
        let (folder, _) = umask::privately(|| tempfile::Builder::new().prefix(&name).tempdir());
        let folder = folder.context("cannot create a folder for the standby")?;
        Ok(Self {
            folder: folder.keep(),
        })
    }

    /// The door in this folder.
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("door")
    }

    /// Takes the folder until this process ends: others remove one in which nobody lives.
    pub(super) fn occupy(&self) -> Result<File> {
        tenancy::occupy(&self.folder)
    }

    pub(crate) fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Connects to whoever waits there, if that can only be a process of the same user.
pub(super) fn knock(socket: &Path) -> Result<UnixStream> {
    let folder = socket.parent().context("the socket is in no folder")?;
    let user = rustix::process::geteuid().as_raw();
    let about = std::fs::symlink_metadata(folder)?;
    if !about.is_dir() || about.uid() != user || about.mode() & 0o077 != 0 {
        bail!("{} is open to others", folder.display());
    }
    let about = std::fs::symlink_metadata(socket)?;
    if !about.file_type().is_socket() || about.uid() != user {
        bail!("{} is not a socket of this user", socket.display());
    }
    let stream = UnixStream::connect(socket)?;
    if !is_ours(&stream) {
        bail!("somebody else answers at {}", socket.display());
    }
    Ok(stream)
}

/// Tells whether the process at the other end belongs to the same user.
pub(super) fn is_ours(stream: &UnixStream) -> bool {
    let mut peer = libc::ucred {
        pid: 0,
        uid: libc::uid_t::MAX,
        gid: 0,
    };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the descriptor is open, and the buffer is as long as is said.
    #[expect(unsafe_code, reason = "asks the system who is at the other end")]
    let asked = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        )
    };
    asked == 0 && peer.uid == rustix::process::geteuid().as_raw()
}
