//! One kernel from its connection file to its end.

use super::deputy::{Deputy, INTERRUPT};
use super::parent::Parent;
use super::publish::Publisher;
use super::session::Session;
use super::stdin::Stdin;
use super::worker::{Job, work};
use super::{connection, control, heartbeat, shell};
use crate::evaluator::Prospect;
use anyhow::{Context, Result};
use jupyter_protocol::ConnectionInfo;
use jupyter_zmq_client::{
    create_kernel_control_connection, create_kernel_heartbeat_connection,
    create_kernel_iopub_xpub_connection, create_kernel_shell_connection,
    create_kernel_stdin_connection,
};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Cells recurse deeply at times, and so does the analysis of their types.
const STACK: usize = 64 * 1024 * 1024;

/// Answers Jupyter until it is told to stop, also by a deputy; the evaluator starts while the kernel answers already.
pub(crate) fn serve(
    connection_file: &Path,
    prospect: Prospect,
    deputy: Option<UnixStream>,
) -> Result<()> {
    let info = connection::read(connection_file)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(STACK)
        .enable_all()
        .build()?;
    let ended = runtime.block_on(run(&info, prospect, deputy));
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

async fn run(info: &ConnectionInfo, prospect: Prospect, deputy: Option<UnixStream>) -> Result<()> {
    // From now on, so that a signal that comes early does not end the kernel where it stands.
    let signals = Signals::listen()?;
    let deputy = Deputy::at(deputy)?;
    let parent = Parent::of_environment();
    let id = uuid::Uuid::new_v4().to_string();
    let at = |name: &str, url: String| format!("cannot listen at {url} ({name})");
    let heart = create_kernel_heartbeat_connection(info)
        .await
        .with_context(|| at("heartbeat", info.hb_url()))?;
    let iopub = create_kernel_iopub_xpub_connection(info, &id)
        .await
        .with_context(|| at("iopub", info.iopub_url()))?;
    let stdin = create_kernel_stdin_connection(info, &id)
        .await
        .with_context(|| at("stdin", info.stdin_url()))?;
    let control = create_kernel_control_connection(info, &id)
        .await
        .with_context(|| at("control", info.control_url()))?;
    let shell = create_kernel_shell_connection(info, &id)
        .await
        .with_context(|| at("shell", info.shell_url()))?;

    let publisher = Arc::new(Publisher::default());
    publisher.starting();
    let (stdin, asking) = Stdin::open(stdin);
    let (jobs, inbox) = mpsc::channel();
    let Prospect {
        analysis,
        start,
        stop_start,
    } = prospect;
    let session = Arc::new(Session::new(
        Arc::clone(&publisher),
        stdin,
        (jobs, analysis, stop_start),
    ));
    tokio::spawn(heartbeat::beat(heart));
    tokio::spawn(asking);
    tokio::spawn(Arc::clone(&publisher).run(iopub));
    tokio::spawn(control::attend(Arc::clone(&session), control));
    tokio::spawn(shell::attend(Arc::clone(&session), shell));
    let (done, finished) = tokio::sync::oneshot::channel();
    let owner = Arc::clone(&session);
    std::thread::Builder::new()
        .name("evaluator".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            work(&owner, &inbox, start);
            // Nobody listens when the kernel ended without waiting.
            let _ended = done.send(());
        })?;

    until_over(&session, (parent, deputy), signals).await;
    session.kill();
    // The worker is gone already when it ended first.
    let _gone = session.jobs.send(Job::Stop);
    let _late = tokio::time::timeout(Duration::from_secs(3), finished).await;
    let _stuck = tokio::time::timeout(Duration::from_secs(1), publisher.drained()).await;
    // The last reply and the last idle are on their way out of the sockets.
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}

/// Waits for a shutdown request, a signal to end, or the end of the parent or of the deputy; a SIGINT is an interrupt.
async fn until_over(
    session: &Session,
    (parent, mut deputy): (Option<Parent>, Deputy),
    mut signals: Signals,
) {
    let mut look = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            () = session.over.notified() => return,
            _ = signals.terminate.recv() => return,
            _ = signals.hang_up.recv() => return,
            _ = signals.interrupt.recv() => session.interrupt(),
            word = deputy.word() => match word {
                INTERRUPT => session.interrupt(),
                _ => return,
            },
            _ = look.tick() => {
                if parent.as_ref().is_some_and(Parent::is_gone) {
                    return;
                }
            }
        }
    }
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}
