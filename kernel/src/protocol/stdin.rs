//! Asking the person for a line while a cell runs.

use super::info;
use super::receive::receive;
use jupyter_protocol::{InputRequest, JupyterMessage, JupyterMessageContent};
use jupyter_zmq_client::KernelStdinConnection;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::mpsc as queue;

/// Passes questions to the stdin socket.
#[derive(Clone, Debug)]
pub(crate) struct Stdin {
    orders: queue::UnboundedSender<Order>,
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
        (Self { orders }, attend(connection, inbox))
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
    let mut waiting: Option<mpsc::Sender<Option<String>>> = None;
    loop {
        tokio::select! {
            order = inbox.recv() => match order {
                Some(Order::Ask(message, answer)) => {
                    waiting = out.send(*message).await.is_ok().then_some(answer);
                }
                Some(Order::Cancel) => waiting = None,
                None => return,
            },
            message = receive(&mut back) => match message {
                Ok(Some(message)) => {
                    if let JupyterMessageContent::InputReply(reply) = message.content
                        && let Some(answer) = waiting.take()
                    {
                        // The cell may have been killed in the meantime.
                        let _gone = answer.send(Some(reply.value));
                    }
                }
                Ok(None) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
        }
    }
}
