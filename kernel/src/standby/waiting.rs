//! The session that waits, until it is given away or no longer wanted.

use super::deputy::{GO, READY, remember};
use super::descriptors;
use super::door::{Door, is_ours};
use super::order::Order;
use super::signs::Signs;
use crate::evaluator::rust;
use crate::image::{Recipe, is_ready};
use crate::place::{self, Place};
use crate::runtime::Surroundings;
use crate::shim::stop_tools;
use crate::{environment, protocol, tenancy, umask};
use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, poll};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// What the service hears when the session is there, and when it is given away.
pub(super) const THERE: u8 = b't';
pub(super) const GIVEN: u8 = b'g';

/// How long a kernel may take to write its order.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long it may take to say that the session shall begin; one that has died is heard at once.
const LONG_PATIENCE: Duration = Duration::from_secs(10);
/// How long the session may take to end when its deputy has, before it is ended.
const END_TAKES: Duration = Duration::from_secs(10);

const WAITING: u8 = 0;
const TAKEN: u8 = 1;
const UNWANTED: u8 = 2;

/// Prepares a session and waits behind this door; returns when that session has ended.
pub(crate) fn wait(door: &Door) -> Result<()> {
    let place = Place::enter()?;
    umask::keep_private();
    // What happens to the terminal of the lab is the lab's business.
    let _leader = rustix::process::setsid();
    let state = Arc::new(AtomicU8::new(WAITING));
    end_with(descriptors::move_away(0)?, &place, &state)?;
    let mut service = descriptors::move_away(1)?;
    let signs = Signs::read(&place);
    let recipe = Recipe::read(&|_| {})?;
    if !is_ready(&recipe)? {
        bail!("there is no image yet");
    }
    let image = recipe.folder()?;
    let prospect = rust::prepare()?;
    let listener = UnixListener::bind(door.socket()).context("cannot wait at the door")?;
    service.write_all(&[THERE])?;
    let (stream, order) = loop {
        let (stream, _) = listener.accept()?;
        let Ok((order, descriptors)) = receive(&stream) else {
            continue;
        };
        let around = Surroundings {
            variables: environment::outside(),
            ..Surroundings::here()?
        };
        if !order.fits(&around) {
            continue;
        }
        if Signs::read(&place) != signs || Recipe::read(&|_| {})?.folder()? != image {
            bail!("the library or its compiler has changed");
        }
        if state.swap(TAKEN, Ordering::SeqCst) == UNWANTED {
            bail!("nobody wants this session");
        }
        let _ = std::fs::remove_file(door.socket());
        service.write_all(&[GIVEN])?;
        move_to(&order.around, &place)?;
        (&stream).write_all(&[READY])?;
        stream.set_read_timeout(Some(LONG_PATIENCE))?;
        let mut answer = [0];
        (&stream).read_exact(&mut answer)?;
        if answer != [GO] {
            bail!("the kernel has changed its mind");
        }
        descriptors::put_on(&descriptors)?;
        break (stream, order);
    };
    drop((listener, service));
    stream.set_nonblocking(true)?;
    remember(stream.try_clone()?);
    end_after(stream.try_clone()?, &place)?;
    protocol::serve(&order.connection, prospect, Some(stream))
}

/// Reads what a process of the same user wants.
fn receive(stream: &UnixStream) -> Result<(Order, [std::os::fd::OwnedFd; 3])> {
    if !is_ours(stream) {
        bail!("somebody else is at the door");
    }
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok((Order::receive(stream)?, descriptors::receive(stream)?))
}

/// Moves this process, and the one that runs the cells as soon as it runs one, to where the session was asked for.
fn move_to(around: &Surroundings, place: &Place) -> Result<()> {
    let cells = Surroundings {
        variables: environment::of_cells(around.variables.clone()),
        ..around.clone()
    };
    cells.write(&place.channel().with_extension(Surroundings::EXTENSION))?;
    let mut variables = environment::inside(place, around.variables.clone());
    for name in [tenancy::LOCK, place::VERSION] {
        variables.extend(std::env::var_os(name).map(|value| (name.into(), value)));
    }
    variables.insert(umask::KEPT.into(), around.mask.clone().into());
    Surroundings {
        variables,
        ..around.clone()
    }
    .move_to()
}

/// Ends this process with the one that holds the other end of a pipe, unless the session has been given away by then.
fn end_with(mut pipe: File, place: &Place, state: &Arc<AtomicU8>) -> Result<()> {
    let (place, state) = (place.clone(), Arc::clone(state));
    let watch = move || {
        let _end = pipe.read(&mut [0]);
        let waits = state.compare_exchange(WAITING, UNWANTED, Ordering::SeqCst, Ordering::SeqCst);
        if waits.is_ok() {
            leave(&place, 0);
        }
    };
    std::thread::Builder::new()
        .name("service".to_owned())
        .spawn(watch)?;
    Ok(())
}

/// Sees to it that this process ends after its deputy, whatever it does.
fn end_after(stream: UnixStream, place: &Place) -> Result<()> {
    let place = place.clone();
    let watch = move || {
        while !has_hung_up(&stream) {}
        std::thread::sleep(END_TAKES);
        leave(&place, 1);
    };
    std::thread::Builder::new()
        .name("deputy".to_owned())
        .spawn(watch)?;
    Ok(())
}

fn has_hung_up(stream: &UnixStream) -> bool {
    let mut waiting = [PollFd::new(stream, PollFlags::empty())];
    let _interrupted = poll(&mut waiting, None);
    !waiting[0].revents().is_empty()
}

/// Ends this process and leaves nothing; what it has started ends with it.
fn leave(place: &Place, code: i32) {
    stop_tools(place);
    for _ in 0..10 {
        place.remove();
        if !place.folder().exists() {
            break;
        }
        // A tool may just have written something.
        std::thread::sleep(Duration::from_millis(20));
    }
    std::process::exit(code);
}
