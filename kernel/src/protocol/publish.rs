//! What goes out on iopub: one ordered queue that merges text and never drops.
//!
//! A cell that prints a hundred thousand lines must not become a hundred thousand messages, and a front end that
//! reads slowly must slow the cell down rather than lose its output.

use super::info;
use futures::FutureExt;
use jupyter_protocol::{
    IoPubWelcome, JupyterMessage, JupyterMessageContent, Status, Stdio, StreamContent,
};
use jupyter_zmq_client::{KernelIoPubXPubConnection, SubscriptionEvent};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long the first text of a cell waits for more text.
const GATHER: Duration = Duration::from_millis(20);
/// How much longer each further text waits, up to [`GATHER_MOST`]: who talks long is heard in fewer messages.
const GATHER_MORE: Duration = Duration::from_millis(1);
const GATHER_MOST: Duration = Duration::from_millis(100);
/// Text beyond this size starts a new message.
const LARGE: usize = 1024 * 1024;
/// The time between two updates when there is nothing else to send.
const TICK: Duration = Duration::from_millis(50);
/// How many waiting updates are looked through for one to replace.
const LOOKED_AT: usize = 32;
/// Bytes that may wait before a cell that says more must wait too.
const ROOM: usize = 16 * 1024 * 1024;

/// Takes messages from any thread and sends them in order.
#[derive(Default)]
pub(crate) struct Publisher {
    queue: Mutex<Queue>,
    room: Condvar,
    news: Notify,
    empty: Notify,
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
    bytes: usize,
    /// Whose text went out last, and how long the next one gathers.
    talk: Option<(Arc<JupyterMessage>, Duration)>,
    /// When the last update went out.
    updated: Option<Instant>,
}

struct Item {
    message: JupyterMessage,
    bytes: usize,
    kind: Kind,
}

enum Kind {
    /// Text that may still grow: whose it is, and since when it waits.
    Text(Arc<JupyterMessage>, Instant),
    /// A new content for a display, which a newer one may replace.
    Update(String),
    /// The news that the kernel starts, which waits for the first who can hear it.
    Starting,
    Other,
}

enum Next {
    Send(Box<JupyterMessage>),
    Wait(Duration),
    Empty,
}

impl Publisher {
    /// Adds text of a cell; waits while too much is queued.
    pub(crate) fn text(&self, parent: &Arc<JupyterMessage>, name: Stdio, text: String) {
        if text.is_empty() {
            return;
        }
        let mut queue = self.wait_for_room();
        queue.bytes += text.len();
        if let Some(last) = queue.items.back_mut()
            && let Kind::Text(owner, _) = &last.kind
            && Arc::ptr_eq(owner, parent)
            && last.bytes < LARGE
            && let JupyterMessageContent::StreamContent(stream) = &mut last.message.content
            && matches!(stream.name, Stdio::Stdout) == matches!(name, Stdio::Stdout)
        {
            stream.text.push_str(&text);
            last.bytes += text.len();
        } else {
            let bytes = text.len();
            queue.items.push_back(Item {
                message: StreamContent { name, text }.as_child_of(parent),
                bytes,
                kind: Kind::Text(Arc::clone(parent), Instant::now()),
            });
        }
        drop(queue);
        self.news.notify_one();
    }

    /// Adds a message whose content weighs `bytes`; waits while too much is queued.
    pub(crate) fn heavy(&self, message: JupyterMessage, bytes: usize) {
        let queue = self.wait_for_room();
        self.push(queue, message, bytes, Kind::Other);
    }

    /// Adds a new content for a display; takes the place of one that has not gone out yet.
    pub(crate) fn update(&self, message: JupyterMessage, bytes: usize, display_id: &str) {
        let mut queue = self.wait_for_room();
        let updates = queue.items.iter_mut().rev().take(LOOKED_AT);
        let old = updates
            .map_while(|item| match &item.kind {
                Kind::Update(id) => Some((id == display_id, item)),
                _ => None,
            })
            .find_map(|(same, item)| same.then_some(item));
        if let Some(old) = old {
            old.message = message;
            let before = std::mem::replace(&mut old.bytes, bytes);
            queue.bytes = queue.bytes - before + bytes;
            return;
        }
        self.push(queue, message, bytes, Kind::Update(display_id.to_owned()));
    }

    /// Adds a small message; never waits.
    pub(crate) fn light(&self, message: JupyterMessage) {
        self.push(self.lock(), message, 0, Kind::Other);
    }

    /// Adds the news that the kernel starts.
    pub(crate) fn starting(&self) {
        let message = Status::starting().into();
        self.push(self.lock(), message, 0, Kind::Starting);
    }

    /// Waits until everything has gone out.
    pub(crate) async fn drained(&self) {
        loop {
            let empty = self.empty.notified();
            if self.lock().items.is_empty() {
                return;
            }
            empty.await;
        }
    }

    /// Sends what comes, and welcomes who subscribes, for ever.
    pub(crate) async fn run(self: Arc<Self>, mut socket: KernelIoPubXPubConnection) {
        let mut heard = false;
        loop {
            // Whoever has subscribed before a message was queued must get it.
            while let Some(subscription) = socket.recv_subscription().now_or_never() {
                heard |= welcome(&mut socket, subscription.ok()).await;
            }
            let wait = match self.next(heard) {
                Next::Send(message) => {
                    // An error concerns one front end that has gone; the others have the message.
                    let _gone = socket.send(addressed(*message)).await;
                    continue;
                }
                Next::Wait(time) => time,
                Next::Empty => Duration::from_hours(1),
            };
            tokio::select! {
                subscription = socket.recv_subscription() => {
                    heard |= welcome(&mut socket, subscription.ok()).await;
                }
                () = self.news.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    fn next(&self, heard: bool) -> Next {
        let mut queue = self.lock();
        if queue.items.is_empty() {
            self.empty.notify_waiters();
            return Next::Empty;
        }
        if let Some(left) = queue.patience(heard) {
            return Next::Wait(left);
        }
        let item = queue.pop();
        drop(queue);
        self.room.notify_all();
        item.map_or(Next::Empty, |item| Next::Send(Box::new(item.message)))
    }

    fn push(
        &self,
        mut queue: MutexGuard<'_, Queue>,
        message: JupyterMessage,
        bytes: usize,
        kind: Kind,
    ) {
        queue.bytes += bytes;
        queue.items.push_back(Item {
            message,
            bytes,
            kind,
        });
        drop(queue);
        self.news.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_for_room(&self) -> MutexGuard<'_, Queue> {
        self.room
            .wait_while(self.lock(), |queue| queue.bytes > ROOM)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// Tells how long the first message may still wait for what could be merged with it.
    fn patience(&self, heard: bool) -> Option<Duration> {
        let first = self.items.front()?;
        let alone = self.items.len() == 1;
        match &first.kind {
            Kind::Starting if alone && !heard => Some(Duration::from_hours(1)),
            Kind::Text(owner, since) if alone && first.bytes < LARGE => {
                self.gather(owner).checked_sub(since.elapsed())
            }
            Kind::Update(_) => {
                let mut items = self.items.iter().take(LOOKED_AT);
                let still = items.all(|item| matches!(item.kind, Kind::Update(_)));
                let updated = self.updated.filter(|_| still && self.bytes < ROOM)?;
                TICK.checked_sub(updated.elapsed())
            }
            _ => None,
        }
    }

    fn gather(&self, owner: &Arc<JupyterMessage>) -> Duration {
        match &self.talk {
            Some((talker, time)) if Arc::ptr_eq(talker, owner) => *time,
            _ => GATHER,
        }
    }

    fn pop(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        self.bytes -= item.bytes;
        match &item.kind {
            Kind::Text(owner, _) => {
                let next = self.gather(owner) + GATHER_MORE;
                self.talk = Some((Arc::clone(owner), next.min(GATHER_MOST)));
            }
            Kind::Update(_) => self.updated = Some(Instant::now()),
            Kind::Starting | Kind::Other => {}
        }
        Some(item)
    }
}

/// Greets who subscribes; tells whether somebody does.
async fn welcome(socket: &mut KernelIoPubXPubConnection, event: Option<SubscriptionEvent>) -> bool {
    match event {
        Some(SubscriptionEvent::Subscribe(topic)) => {
            let mut message: JupyterMessage = IoPubWelcome::new(topic.clone()).into();
            info::VERSION.clone_into(&mut message.header.version);
            message.zmq_identities = vec![topic.into()];
            let _gone = socket.send(message).await;
            return true;
        }
        Some(SubscriptionEvent::Unsubscribe(_)) => {}
        // A peer broke off; give the socket time to forget it.
        None => tokio::time::sleep(Duration::from_millis(5)).await,
    }
    false
}

/// Puts the topic of the message where subscribers filter.
fn addressed(mut message: JupyterMessage) -> JupyterMessage {
    info::VERSION.clone_into(&mut message.header.version);
    message.zmq_identities = vec![message.message_type().to_owned().into()];
    message
}
