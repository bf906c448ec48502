//! Another process that the front end takes for this kernel, and that passes on the signals it gets.

use anyhow::Result;
use std::os::unix::net;
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;

/// What the deputy says when it was interrupted, and when it was told to end.
pub(crate) const INTERRUPT: u8 = b'i';
pub(crate) const END: u8 = b'e';

/// The way to the deputy, where there is one.
#[derive(Debug)]
pub(super) struct Deputy(Option<UnixStream>);

impl Deputy {
    /// Listens to a socket that does not block.
    pub(super) fn at(stream: Option<net::UnixStream>) -> Result<Self> {
        Ok(Self(stream.map(UnixStream::from_std).transpose()?))
    }

    /// Waits for the next word; that the deputy has died is a word too.
    pub(super) async fn word(&mut self) -> u8 {
        match &mut self.0 {
            Some(stream) => stream.read_u8().await.unwrap_or(END),
            None => std::future::pending().await,
        }
    }
}
