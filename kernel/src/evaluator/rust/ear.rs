//! Hears the runtime: raw output and framed messages, in the order in which they were sent.

use super::frame::{Frame, LONGEST};
use super::words::{bundle, progress};
use crate::evaluator::{Bundle, Progress};
use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};
use serde_json::Value;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long a trickle of output gathers in its pipe before it is read again: a wake-up for every line would cost more than the line.
const GATHER: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 2_000_000,
};

/// How long a sender may pause within a frame.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much is read at once.
const GULP: usize = 64 * 1024;

/// How many things may wait to be heard until who speaks must wait.
const ROOM: usize = 256;

/// The frame that nobody waits for, since a loop must not stand still to say how far it is.
const PROGRESS: u8 = b'T';

/// One thing that was heard.
#[derive(Debug)]
pub(super) enum Heard {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    Display(Bundle),
    /// A new content for a display.
    Update(Bundle),
    /// The cell's output goes, at once or when more comes.
    Clear {
        wait: bool,
    },
    /// What the last expression of the cell displays: the result of the cell.
    Result(Bundle),
    Progress(Progress),
    /// The cell asks the person, and waits for a frame on this connection.
    Question {
        prompt: String,
        password: bool,
        answer: UnixStream,
    },
    /// The cell wants to know what is selected on a map, and waits for a frame on this connection.
    Wish {
        map: String,
        answer: UnixStream,
    },
    /// What the tools do for the cell.
    Note(String),
    /// A panic somewhere in the process: place and message.
    Panic {
        place: String,
        message: String,
    },
    /// The panic ended the cell.
    CellPanicked,
    /// An error reached the end of the cell through `?`: place and message.
    Failed {
        place: String,
        message: String,
    },
    /// Everything that was sent before [`Ear::settle`] has been heard.
    Settled,
}

/// Listens on the session's socket, on a thread of its own.
#[derive(Debug)]
pub(super) struct Ear {
    heard: Mutex<Receiver<Heard>>,
    wake: UnixStream,
}

impl Ear {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let listener = UnixListener::bind(path)
            .with_context(|| format!("cannot listen on {}", path.display()))?;
        listener.set_nonblocking(true)?;
        let (wake, woken) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        let (sender, heard) = sync_channel(ROOM);
        let raw = [Raw::Stdout, Raw::Stderr].map(|kind| pipe(&kind.path(path)));
        let [stdout, stderr] = raw;
        let listening = Listening {
            listener,
            woken,
            sender,
            raw: [(Raw::Stdout, stdout?), (Raw::Stderr, stderr?)],
            connections: Vec::new(),
            final_expression: false,
        };
        std::thread::Builder::new()
            .name("ear".to_owned())
            .spawn(move || listening.run())?;
        Ok(Self {
            heard: Mutex::new(heard),
            wake,
        })
    }

    /// Asks for [`Heard::Settled`] after everything that has been sent so far.
    pub(super) fn settle(&self) {
        let _ = (&self.wake).write_all(b"s");
    }

    /// Waits for the next thing; `None` when the ear is gone.
    pub(super) fn next(&self) -> Option<Heard> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.recv().ok()
    }
}

/// The two streams of raw output, each a named pipe beside the socket.
#[derive(Clone, Copy, Debug)]
pub(super) enum Raw {
    Stdout,
    Stderr,
}

impl Raw {
    /// Where the pipe is, given the socket.
    pub(super) fn path(self, socket: &Path) -> PathBuf {
        socket.with_extension(match self {
            Self::Stdout => "out",
            Self::Stderr => "err",
        })
    }

    fn heard(self, bytes: Vec<u8>) -> Heard {
        match self {
            Self::Stdout => Heard::Stdout(bytes),
            Self::Stderr => Heard::Stderr(bytes),
        }
    }
}

/// Makes a named pipe that stays open, whoever writes into it.
fn pipe(path: &Path) -> Result<File> {
    let open = || {
        mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)?;
        // Open for writing too, or the pipe would end with each process that writes.
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        open(path, flags, Mode::empty())
    };
    let pipe = open().with_context(|| format!("cannot make the pipe {}", path.display()))?;
    Ok(pipe.into())
}

#[derive(Debug)]
struct Connection {
    stream: UnixStream,
    open: bool,
}

struct Listening {
    listener: UnixListener,
    woken: UnixStream,
    sender: SyncSender<Heard>,
    raw: [(Raw, File); 2],
    connections: Vec<Connection>,
    /// Whether the last expression of a cell is being displayed.
    final_expression: bool,
}

impl Listening {
    fn run(mut self) {
        let mut trickles = false;
        loop {
            let mut waiting = vec![
                PollFd::new(&self.listener, PollFlags::IN),
                PollFd::new(&self.woken, PollFlags::IN),
            ];
            let frames = self.connections.iter();
            waiting.extend(frames.map(|one| PollFd::new(&one.stream, PollFlags::IN)));
            if !trickles {
                let raw = self.raw.iter();
                waiting.extend(raw.map(|(_, pipe)| PollFd::new(pipe, PollFlags::IN)));
            }
            match poll(&mut waiting, trickles.then_some(&GATHER)) {
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => return,
            }
            drop(waiting);
            let mut signals = [0; 16];
            let asked = match self.woken.read(&mut signals) {
                // The session is gone.
                Ok(0) => return,
                Ok(count) => count,
                Err(_) => 0,
            };
            self.accept();
            self.hear_frames();
            let count = self.drain();
            trickles = count > 0 && count < GULP / 2;
            for _ in 0..asked {
                if self.sender.send(Heard::Settled).is_err() {
                    return;
                }
            }
            self.connections.retain(|connection| connection.open);
        }
    }

    fn accept(&mut self) {
        while let Ok((stream, _)) = self.listener.accept() {
            // A frame arrives whole or its sender is dying, or stopped, which must not deafen the kernel.
            let open = stream.set_nonblocking(false).is_ok()
                && stream.set_read_timeout(Some(PATIENCE)).is_ok();
            self.connections.push(Connection { stream, open });
        }
    }

    /// Takes all raw output that is there, and counts its bytes.
    fn drain(&mut self) -> usize {
        let mut all = 0;
        let mut buffer = vec![0; GULP];
        for (kind, pipe) in &mut self.raw {
            // A pipe holds one gulp; a process that never stops writing must not keep everything else waiting.
            for _ in 0..4 {
                match pipe.read(&mut buffer) {
                    Ok(count) if count > 0 => {
                        all += count;
                        let _ = self.sender.send(kind.heard(buffer[..count].to_vec()));
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    _ => break,
                }
            }
        }
        all
    }

    /// Takes all frames that are there. A sender flushes what it has printed before it sends a frame and waits for the
    /// acknowledgement, so output that is there when a frame is seen came before it.
    fn hear_frames(&mut self) {
        for index in 0..self.connections.len() {
            while self.connections[index].open && is_readable(&self.connections[index].stream) {
                self.drain();
                let connection = &mut self.connections[index];
                let Ok(frame) = Frame::read(&mut connection.stream) else {
                    connection.open = false;
                    break;
                };
                if matches!(frame.kind, b'I' | b'S') {
                    if let Some(question) = question(&frame, connection) {
                        let _ = self.sender.send(question);
                    }
                    continue;
                }
                // Who sends may go on only when the message has its place in the order.
                let heard = match &frame.payload {
                    Some(payload) => self.understand(frame.kind, payload),
                    None => Some(too_long(frame.length)),
                };
                if let Some(heard) = heard {
                    let _ = self.sender.send(heard);
                }
                if frame.kind != PROGRESS {
                    let _ = self.connections[index].stream.write_all(&[6]);
                }
            }
        }
    }

    fn understand(&mut self, kind: u8, payload: &[u8]) -> Option<Heard> {
        let text = String::from_utf8_lossy(payload).into_owned();
        match kind {
            b'D' if self.final_expression => Some(Heard::Result(bundle(&text)?)),
            b'D' => Some(Heard::Display(bundle(&text)?)),
            b'U' => Some(Heard::Update(bundle(&text)?)),
            b'C' => Some(Heard::Clear {
                wait: text == "true",
            }),
            b'V' => Some(Heard::Result(Bundle::text(text))),
            b'B' | b'F' => {
                self.final_expression = kind == b'B';
                None
            }
            PROGRESS | b'O' => Some(Heard::Progress(progress(&text)?)),
            b'P' => {
                let (place, message) = text.split_once('\n').unwrap_or(("", &text));
                Some(Heard::Panic {
                    place: place.to_owned(),
                    message: message.to_owned(),
                })
            }
            b'X' => {
                self.final_expression = false;
                Some(Heard::CellPanicked)
            }
            b'E' => {
                let (place, message) = text.split_once('\n').unwrap_or(("", &text));
                Some(Heard::Failed {
                    place: place.to_owned(),
                    message: message.to_owned(),
                })
            }
            b'N' => Some(Heard::Note(text)),
            _ => None,
        }
    }
}

fn question(frame: &Frame, connection: &mut Connection) -> Option<Heard> {
    // A connection asks once, and whoever answers has it from then on.
    connection.open = false;
    let (payload, answer) = (
        frame.payload.as_deref()?,
        connection.stream.try_clone().ok()?,
    );
    if frame.kind == b'S' {
        let map = String::from_utf8_lossy(payload).into_owned();
        return Some(Heard::Wish { map, answer });
    }
    let question: Value = serde_json::from_slice(payload).ok()?;
    Some(Heard::Question {
        prompt: question["prompt"].as_str()?.to_owned(),
        password: question["password"].as_bool().unwrap_or(false),
        answer,
    })
}

/// Says that something was left out because no front end could show it.
fn too_long(length: usize) -> Heard {
    let (size, most) = (length >> 20, LONGEST >> 20);
    let words = format!("[an output of {size} MB was left out; at most {most} MB can be shown]\n");
    Heard::Stderr(words.into_bytes())
}

fn is_readable(stream: &UnixStream) -> bool {
    let mut waiting = [PollFd::new(stream, PollFlags::IN)];
    let now = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    matches!(poll(&mut waiting, Some(&now)), Ok(count) if count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_that_stops_within_a_frame_does_not_deafen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("channel");
        let ear = Ear::open(&path).unwrap();
        let mut half = UnixStream::connect(&path).unwrap();
        half.write_all(b"D\xff\0\0\0{").unwrap();
        let mut out = File::options()
            .write(true)
            .open(Raw::Stdout.path(&path))
            .unwrap();
        out.write_all(b"still heard").unwrap();
        ear.settle();
        let mut text = Vec::new();
        while let Some(heard) = ear.next() {
            match heard {
                Heard::Stdout(bytes) => text.extend(bytes),
                Heard::Settled => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(text, b"still heard");
    }
}
