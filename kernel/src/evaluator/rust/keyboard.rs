//! What cells read from standard input: the answers of the person.
//!
//! Standard input of the process that runs the cells is a named pipe. Nobody says that a process waits for input, so the thread
//! that runs a cell is looked at now and then: when it stands still in a read of standard input, the person is asked, and the
//! answer goes into the pipe. Where nobody can be asked, or the system does not tell what a thread does, the input has ended.

use crate::evaluator::Sink;
use anyhow::{Context, Result};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often a running cell is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// A pipe takes this much at once, whoever reads.
const LONGEST: usize = 60_000;

/// The pipe, and our end of it, without which it has ended.
#[derive(Debug)]
pub(super) struct Keyboard {
    path: PathBuf,
    pipe: Option<File>,
    /// Whether the input of the last cell has ended where it could have gone on.
    ended: bool,
}

impl Keyboard {
    /// Makes the pipe beside the session's socket.
    pub(super) fn open(socket: &Path) -> Result<Self> {
        let path = socket.with_extension("in");
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .with_context(|| format!("cannot make the pipe {}", path.display()))?;
        let pipe = our_end(&path);
        Ok(Self {
            path,
            pipe,
            ended: false,
        })
    }

    /// Serves what a process reads until the cell is over; once nobody has answered, the input has ended for this cell.
    pub(super) fn serve(&mut self, process: u32, sink: &dyn Sink, over: &Receiver<()>) {
        self.ended = false;
        self.pipe = self.pipe.take().or_else(|| our_end(&self.path));
        while self.pipe.is_some() {
            if !matches!(over.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout)) {
                return;
            }
            match reads(process) {
                Some(true) => self.answer(sink),
                Some(false) => {}
                None => self.pipe = None,
            }
        }
        let _over = over.recv();
    }

    /// Tells whether the last cell read and nobody answered.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    fn answer(&mut self, sink: &dyn Sink) {
        let Some(mut line) = sink.input("", false) else {
            // Not to be opened again while who reads may not have noticed.
            self.pipe = None;
            self.ended = true;
            return;
        };
        line.truncate(line.floor_char_boundary(LONGEST));
        line.push('\n');
        if let Some(pipe) = &mut self.pipe {
            // The process may have been ended meanwhile.
            let _gone = pipe.write_all(line.as_bytes());
        }
    }
}

/// Opens the pipe for reading too, so that nobody has to be at the other end.
fn our_end(path: &Path) -> Option<File> {
    File::options().read(true).write(true).open(path).ok()
}

/// Tells whether the first thread of a process waits in a read of standard input; `None` if that cannot be known.
fn reads(process: u32) -> Option<bool> {
    let call = std::fs::read_to_string(format!("/proc/{process}/task/{process}/syscall")).ok()?;
    Some(call.starts_with(&format!("{} 0x0 ", libc::SYS_read)))
}
