//! Hears the runtime: raw output and framed messages, in the order in which they were sent.

use crate::evaluator::{Bundle, Progress};
use anyhow::{Context, Result};
use rustix::event::{PollFd, PollFlags, poll};
use serde_json::Value;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

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
        let (sender, heard) = channel();
        std::thread::Builder::new()
            .name("ear".to_owned())
            .spawn(move || Listening::new(listener, woken, sender).run())?;
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

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Stdout,
    Stderr,
    Frames,
}

#[derive(Debug)]
struct Connection {
    kind: Kind,
    stream: UnixStream,
    open: bool,
    /// The kind of the first frame, which has been read to tell frames from raw output.
    first: Option<u8>,
}

struct Listening {
    listener: UnixListener,
    woken: UnixStream,
    sender: Sender<Heard>,
    connections: Vec<Connection>,
    /// Whether the last expression of a cell is being displayed.
    final_expression: bool,
}

impl Listening {
    fn new(listener: UnixListener, woken: UnixStream, sender: Sender<Heard>) -> Self {
        Self {
            listener,
            woken,
            sender,
            connections: Vec::new(),
            final_expression: false,
        }
    }

    fn run(mut self) {
        loop {
            let mut waiting = vec![
                PollFd::new(&self.listener, PollFlags::IN),
                PollFd::new(&self.woken, PollFlags::IN),
            ];
            waiting.extend(
                self.connections
                    .iter()
                    .map(|connection| PollFd::new(&connection.stream, PollFlags::IN)),
            );
            match poll(&mut waiting, None) {
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
            self.drain();
            for _ in 0..asked {
                if self.sender.send(Heard::Settled).is_err() {
                    return;
                }
            }
            self.connections.retain(|connection| connection.open);
        }
    }

    fn accept(&mut self) {
        while let Ok((mut stream, _)) = self.listener.accept() {
            let mut kind = [0];
            let _ = stream.set_nonblocking(false);
            if stream.read_exact(&mut kind).is_err() {
                continue;
            }
            // Raw output announces itself by a digit; anything else is the letter of a first frame.
            let (kind, first) = match kind[0] {
                b'1' => (Kind::Stdout, None),
                b'2' => (Kind::Stderr, None),
                letter => (Kind::Frames, Some(letter)),
            };
            // A frame arrives whole or its sender is dying; raw output is taken as far as it is there.
            let _ = stream.set_nonblocking(kind != Kind::Frames);
            self.connections.push(Connection {
                kind,
                stream,
                open: true,
                first,
            });
        }
    }

    /// Takes all raw output that is there.
    fn drain(&mut self) {
        let mut buffer = vec![0; 1 << 16];
        for connection in &mut self.connections {
            if connection.kind == Kind::Frames {
                continue;
            }
            loop {
                match connection.stream.read(&mut buffer) {
                    Ok(0) => connection.open = false,
                    Ok(count) => {
                        let bytes = buffer[..count].to_vec();
                        let _ = self.sender.send(match connection.kind {
                            Kind::Stdout => Heard::Stdout(bytes),
                            _ => Heard::Stderr(bytes),
                        });
                        continue;
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => connection.open = false,
                }
                break;
            }
        }
    }

    /// Takes all frames that are there. A sender flushes what it has printed before it sends a frame and waits for the
    /// acknowledgement, so output that is there when a frame is seen came before it.
    fn hear_frames(&mut self) {
        for index in 0..self.connections.len() {
            while self.connections[index].kind == Kind::Frames
                && is_readable(&self.connections[index].stream)
            {
                self.drain();
                let connection = &mut self.connections[index];
                let Ok((kind, payload)) = read_frame(connection) else {
                    connection.open = false;
                    break;
                };
                // Who sends may go on only when the message has its place in the order.
                if let Some(heard) = self.understand(kind, &payload) {
                    let _ = self.sender.send(heard);
                }
                if kind != PROGRESS {
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
            PROGRESS => {
                let message: Value = serde_json::from_str(&text).ok()?;
                Some(Heard::Progress(Progress {
                    task: message["task"].as_str().unwrap_or_default().to_owned(),
                    done: message["done"].as_u64().unwrap_or_default(),
                    total: message["total"].as_u64(),
                    detail: message["detail"].as_str().unwrap_or_default().to_owned(),
                    elapsed_s: message["elapsed_s"].as_f64().unwrap_or_default(),
                }))
            }
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
            _ => None,
        }
    }
}

fn bundle(text: &str) -> Option<Bundle> {
    let mut message: Value = serde_json::from_str(text).ok()?;
    Some(Bundle {
        data: message["data"].as_object_mut().map(std::mem::take)?,
        metadata: message["metadata"]
            .as_object_mut()
            .map(std::mem::take)
            .unwrap_or_default(),
        display_id: message["display_id"].as_str().map(str::to_owned),
    })
}

fn is_readable(stream: &UnixStream) -> bool {
    let mut waiting = [PollFd::new(stream, PollFlags::IN)];
    let now = rustix::event::Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    matches!(poll(&mut waiting, Some(&now)), Ok(count) if count > 0)
}

fn read_frame(connection: &mut Connection) -> std::io::Result<(u8, Vec<u8>)> {
    let stream = &mut connection.stream;
    let mut kind = [0];
    match connection.first.take() {
        Some(first) => kind[0] = first,
        None => stream.read_exact(&mut kind)?,
    }
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    let mut payload = Vec::new();
    Read::take(&mut *stream, length as u64).read_to_end(&mut payload)?;
    if payload.len() < length {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    Ok((kind[0], payload))
}
