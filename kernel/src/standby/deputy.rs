//! The process that the front end has started, while a session that had waited answers in its place.

use super::descriptors;
use super::door::{DOOR, knock};
use super::order::Order;
use crate::command::Serve;
use crate::evaluator::Choice;
use crate::place::Place;
use crate::protocol::{END, INTERRUPT, Parent};
use anyhow::{Result, bail};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, interval, sleep_until, timeout};

/// How long who waits may take to say that it has taken over; a session of our own is there in less.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the session may take to end when it was told to.
const END_TAKES: Duration = Duration::from_secs(10);
/// How long its process may take to go after it has said that it has ended.
const GOING_TAKES: Duration = Duration::from_secs(2);

/// What the session says when it has moved to where it was asked for, and what it hears then; without that it does nothing.
pub(super) const READY: u8 = b'r';
pub(super) const GO: u8 = b'g';

/// The session's end of the socket.
static DEPUTY: OnceLock<UnixStream> = OnceLock::new();

/// Hands the order to a session that waits, if there is one, and stays until that has ended.
pub(crate) fn take(order: &Serve) -> Option<ExitCode> {
    if order.evaluator != Choice::Rust || Place::from_environment().is_some() {
        return None;
    }
    let door = std::env::var_os(DOOR).filter(|door| !door.is_empty())?;
    let stream = hand_over(Path::new(&door), &order.connection).ok()?;
    Some(stay(stream).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Hands everything over; fails as long as nobody else has begun to answer.
fn hand_over(door: &Path, connection: &Path) -> Result<UnixStream> {
    let order = Order::here(connection)?;
    let mut stream = knock(door)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    order.send(&stream)?;
    descriptors::send(&stream)?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    if answer != [READY] {
        bail!("the session goes on waiting for another");
    }
    stream.write_all(&[GO])?;
    Ok(stream)
}

/// Passes signals on until the session has ended; gives its exit code.
fn stay(stream: UnixStream) -> Result<u8> {
    stream.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut stream = tokio::net::UnixStream::from_std(stream)?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let parent = Parent::of_environment();
        let mut look = interval(Duration::from_secs(1));
        let mut end: Option<Instant> = None;
        loop {
            let told = end.is_some();
            let word = tokio::select! {
                code = stream.read_u8() => {
                    let code = code?;
                    // Its ports are free when its process is gone.
                    let _gone = timeout(GOING_TAKES, stream.read_u8()).await;
                    return Ok(code);
                }
                _ = interrupt.recv() => INTERRUPT,
                _ = terminate.recv() => END,
                _ = hang_up.recv() => END,
                _ = look.tick(), if !told => match &parent {
                    Some(parent) if parent.is_gone() => END,
                    _ => continue,
                },
                () = sleep_until(end.unwrap_or_else(Instant::now)), if told => bail!("the session does not end"),
            };
            if word == END && !told {
                end = Some(Instant::now() + END_TAKES);
            }
            // A session that hears nothing any more has ended, which is read above.
            let _ended = stream.write_u8(word).await;
        }
    })
}

/// Remembers the deputy of this session.
pub(super) fn remember(stream: UnixStream) {
    // A session is given away once.
    let _second = DEPUTY.set(stream);
}

/// Tells the deputy, if there is one, that the session has ended and left nothing.
pub(crate) fn report_end(well: bool) {
    if let Some(mut stream) = DEPUTY.get() {
        // The deputy may be gone.
        let _gone = stream.write_all(&[u8::from(!well)]);
    }
}
