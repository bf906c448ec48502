//! Keeps one session waiting for the kernels of a lab.

use super::door::Door;
use super::memory::Memory;
use super::waiting::{GIVEN, THERE};
use crate::place;
use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, getppid};
use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often the lab and the memory are looked at.
const LOOK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 500_000_000,
};
/// How long the kernel that has taken a session has the machine for itself.
const REST: Duration = Duration::from_secs(3);
/// The time between two attempts at first and at last: there may be no image, or no compiler.
const AGAIN: Duration = Duration::from_secs(5);
const MUCH_LATER: Duration = Duration::from_mins(1);
/// How long a session may take until it waits.
const PREPARING_TAKES: Duration = Duration::from_mins(1);
/// How long a session that nobody wants may take to end.
const END_TAKES: Duration = Duration::from_secs(3);

static ENDED: AtomicBool = AtomicBool::new(false);

/// Keeps a session waiting at this door as long as its lab, which must be the parent of this process, lives.
pub(crate) fn keep(door: &Door, lab: i32) -> Result<()> {
    let lab = Pid::from_raw(lab).context("not the number of a process")?;
    // What happens to the terminal of the lab is the lab's business.
    let _leader = rustix::process::setsid();
    end_with_parent();
    let _lock = door.occupy()?;
    let mut service = Service {
        door,
        memory: Memory::find(),
        waiting: None,
        given: Vec::new(),
        next: Instant::now(),
        pause: AGAIN,
    };
    while !ENDED.load(Ordering::SeqCst) && getppid() == Some(lab) {
        service.look();
        service.rest();
    }
    service.drop_session();
    door.remove();
    // One that had to be killed has left its folder.
    place::clean_up();
    Ok(())
}

struct Service<'a> {
    door: &'a Door,
    memory: Memory,
    waiting: Option<Waiting>,
    /// Those that work for a kernel now, and are still children of this process.
    given: Vec<Child>,
    /// When to prepare a session, if none waits.
    next: Instant,
    pause: Duration,
}

/// A session that waits, and the pipes that tell each side about the other.
struct Waiting {
    process: Child,
    /// While this is open the session is wanted.
    wanted: Option<ChildStdin>,
    news: File,
    there: bool,
    since: Instant,
}

enum News {
    None,
    There,
    Given,
    Gone,
}

impl Service<'_> {
    fn look(&mut self) {
        self.given
            .retain_mut(|process| matches!(process.try_wait(), Ok(None)));
        if self.memory.is_short() {
            self.drop_session();
        }
        let Some(waiting) = &mut self.waiting else {
            if Instant::now() >= self.next && self.memory.has_room() {
                self.waiting = Waiting::prepare(self.door).ok();
                self.later();
            }
            return;
        };
        match waiting.news() {
            News::None if waiting.there || waiting.since.elapsed() < PREPARING_TAKES => {}
            News::There => {
                waiting.there = true;
                self.pause = AGAIN;
            }
            News::Given => {
                self.given
                    .extend(self.waiting.take().map(|one| one.process));
                self.next = Instant::now() + REST;
            }
            News::None | News::Gone => self.drop_session(),
        }
    }

    /// Sets the time of the next attempt, in case this one comes to nothing.
    fn later(&mut self) {
        self.next = Instant::now() + self.pause;
        self.pause = MUCH_LATER.min(self.pause * 2);
    }

    fn rest(&self) {
        let news = self.waiting.iter().map(|one| &one.news);
        let mut polled: Vec<_> = news.map(|news| PollFd::new(news, PollFlags::IN)).collect();
        // A signal ends the rest too.
        let _interrupted = poll(&mut polled, Some(&LOOK));
    }

    fn drop_session(&mut self) {
        let Some(mut waiting) = self.waiting.take() else {
            return;
        };
        drop(waiting.wanted.take());
        let told = Instant::now();
        while matches!(waiting.process.try_wait(), Ok(None)) {
            if matches!(waiting.news(), News::Given) {
                // At the last moment.
                self.given.push(waiting.process);
                return;
            }
            if told.elapsed() > END_TAKES {
                let _ended = waiting.process.kill();
                let _status = waiting.process.wait();
                place::clean_up();
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = std::fs::remove_file(self.door.socket());
    }
}

impl Waiting {
    fn prepare(door: &Door) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("stand-by")
            .arg(door.folder())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (Some(wanted), Some(news)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("the session has no pipes");
        };
        Ok(Self {
            process,
            wanted: Some(wanted),
            news: File::from(OwnedFd::from(news)),
            there: false,
            since: Instant::now(),
        })
    }

    /// Tells what the session has said since it was last asked.
    fn news(&mut self) -> News {
        let mut polled = [PollFd::new(&self.news, PollFlags::IN)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        if !matches!(poll(&mut polled, Some(&now)), Ok(count) if count > 0) {
            return News::None;
        }
        let mut word = [0];
        match self.news.read(&mut word) {
            Ok(1) if word[0] == THERE => News::There,
            Ok(1) if word[0] == GIVEN => News::Given,
            _ => News::Gone,
        }
    }
}

/// Has the end of the parent told as a signal, and takes that and other wishes to end as one to end in order.
#[expect(unsafe_code, reason = "signal handlers are set by plain C calls")]
fn end_with_parent() {
    extern "C" fn note(_signal: libc::c_int) {
        ENDED.store(true, Ordering::SeqCst);
    }
    let handler = note as extern "C" fn(libc::c_int);
    // SAFETY: plain calls; the handler does nothing but a store into an atomic.
    unsafe {
        for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGINT] {
            libc::signal(signal, handler as libc::sighandler_t);
        }
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
    }
}
