//! Asking the person for a line while a cell runs.

use super::info;
use super::receive::receive;
use jupyter_protocol::{InputRequest, JupyterMessage, JupyterMessageContent};
use jupyter_zmq_client::KernelStdinConnection;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use tokio::sync::mpsc as queue;

/// Passes questions to the stdin socket.
#[derive(Clone, Debug)]
pub(crate) struct Stdin {
    orders: queue::UnboundedSender<Order>,
    /// Two threads of a cell that ask at once ask one after the other.
    turn: Arc<Mutex<()>>,
}

#[derive(Debug)]
enum Order {
    Ask(Box<JupyterMessage>, mpsc::Sender<Option<String>>),
    Cancel,
}

impl Stdin {
    /// Makes the door and the task behind it.
    pub(crate) fn open(connection: KernelStdinConnection) -> (Self, impl Future<Output = ()>) {
        let (orders, inbox) = queue::unbounded_channel();
        let turn = Arc::default();
        (Self { orders, turn }, attend(connection, inbox))
    }

    /// Asks the front end that sent `parent`; blocks until the answer, or `None` when cancelled.
    pub(crate) fn ask(
        &self,
        parent: &Arc<JupyterMessage>,
        prompt: &str,
        password: bool,
    ) -> Option<String> {
        let request = InputRequest {
            prompt: prompt.to_owned(),
            password,
        };
        let mut message = request.as_child_of(parent);
        info::VERSION.clone_into(&mut message.header.version);
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let (answer, answered) = mpsc::channel();
        self.orders
            .send(Order::Ask(Box::new(message), answer))
            .ok()?;
        answered.recv().ok().flatten()
    }

    /// Answers a waiting question with nothing.
    pub(crate) fn cancel(&self) {
        // Without a task no question waits.
        let _closed = self.orders.send(Order::Cancel);
    }
}

async fn attend(connection: KernelStdinConnection, mut inbox: queue::UnboundedReceiver<Order>) {
    let (mut out, mut back) = connection.split();
    let mut waiting: Option<Question> = None;
    let mut given_up = HashSet::new();
    loop {
        tokio::select! {
            order = inbox.recv() => match order {
                Some(Order::Ask(message, answer)) => {
                    let id = message.header.msg_id.clone();
                    let sent = out.send(*message).await.is_ok();
                    waiting = sent.then_some(Question { id, answer });
                }
                Some(Order::Cancel) => given_up.extend(waiting.take().map(|question| question.id)),
                None => return,
            },
            message = receive(&mut back) => match message {
                Ok(Some(message)) => {
                    // The answer to a question that was given up is not the answer to the next one. Who does not say what is
                    // answered answers what waits.
                    let late = message.parent_header.is_some_and(|of| given_up.remove(&of.msg_id));
                    if let JupyterMessageContent::InputReply(reply) = message.content
                        && !late
                        && let Some(question) = waiting.take()
                    {
                        // The cell may have been killed in the meantime.
                        let _gone = question.answer.send(Some(reply.value));
                    }
                }
                Ok(None) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}

struct Question {
    id: String,
    answer: mpsc::Sender<Option<String>>,
}
