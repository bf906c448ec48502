//! What the notebook's runtime calls by name in the loaded library.

use super::board::Board;
use super::{learning, mime};
use crate::progress::{self, Report, Watcher};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// The time between two states of one board.
const TICK: Duration = Duration::from_millis(50);

/// How much longer it rests than it draws, so that watching costs at most about a fiftieth of one core.
const REST: u32 = 49;

/// Sends the state of running tasks to the kernel: from a thread of its own while they run, at once when they end.
#[derive(Debug, Default)]
struct Channel {
    state: Mutex<Shown>,
    news: Condvar,
    /// Held while a state is drawn and sent, so that none overtakes a newer one.
    pen: Mutex<()>,
}

#[derive(Debug, Default)]
struct Shown {
    board: Option<Board>,
    changed: bool,
}

impl Channel {
    fn state(&self) -> MutexGuard<'_, Shown> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pen(&self) -> MutexGuard<'_, ()> {
        self.pen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends newest states for ever.
    fn run(&self) {
        loop {
            let waiting = self.news.wait_while(self.state(), |shown| !shown.changed);
            drop(waiting);
            let start = Instant::now();
            self.send_newest();
            std::thread::sleep(TICK.max(REST * start.elapsed()));
        }
    }

    fn send_newest(&self) {
        let _pen = self.pen();
        let board = {
            let mut shown = self.state();
            shown.changed = false;
            shown.board.clone()
        };
        let Some(board) = board.filter(|board| !board.is_over()) else {
            return;
        };
        let curve = board
            .recording()
            .last()
            .and_then(|task| learning::figure(task));
        let curve = curve.map(|figure| figure.svg());
        mime::send(mime::PROGRESS, &board.json(curve.as_deref(), None));
    }

    fn send_last(&self, board: &Board) {
        let _pen = self.pen();
        let picture = learning::figures(&board.recording());
        let picture = picture.map(|figure| figure.bundle().json());
        mime::send(mime::PROGRESS_OVER, &board.json(None, picture.as_deref()));
    }
}

/// Lets the library's tasks report to the channel.
#[derive(Debug)]
struct Reporter(&'static Channel);

static CHANNEL: OnceLock<Channel> = OnceLock::new();

impl Watcher for Reporter {
    fn report(&self, report: &Report) {
        let mut shown = self.0.state();
        let taken = shown.board.as_mut().is_some_and(|board| board.take(report));
        if !taken {
            shown.board = Some(Board::new(report));
        }
        let over = match &shown.board {
            Some(board) if board.is_worth_showing() => board.is_over().then(|| board.clone()),
            _ => return,
        };
        shown.changed = over.is_none();
        drop(shown);
        match over {
            Some(board) => self.0.send_last(&board),
            None => self.0.news.notify_one(),
        }
    }
}

/// Begins to report progress to the kernel.
#[expect(unsafe_code, reason = "the runtime looks the function up by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn genolens_notebook_start() {
    let begun = CHANNEL.get().is_some();
    let channel = CHANNEL.get_or_init(Channel::default);
    let thread = std::thread::Builder::new().name("progress".into());
    if begun || thread.spawn(|| channel.run()).is_ok() {
        progress::watch(Reporter(channel));
    }
}

/// Ends what a cell shows of its tasks: one that it keeps in a variable may never go on.
#[expect(unsafe_code, reason = "the runtime looks the function up by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn genolens_cell_over() {
    let Some(channel) = CHANNEL.get() else {
        return;
    };
    let board = channel.state().board.take();
    if let Some(mut board) = board.filter(|board| board.is_worth_showing() && !board.is_over()) {
        board.close();
        channel.send_last(&board);
    }
}

/// Makes the next step of the running task fail; safe in a signal handler.
#[expect(unsafe_code, reason = "the runtime looks the function up by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn genolens_interrupt() {
    progress::interrupt();
}

/// Forgets an interrupt that no task has seen.
#[expect(unsafe_code, reason = "the runtime looks the function up by its name")]
#[unsafe(no_mangle)]
pub extern "C" fn genolens_clear_interrupt() {
    progress::clear_interrupt();
}
