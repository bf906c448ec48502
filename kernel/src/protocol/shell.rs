//! The shell socket: requests of people, the cells among them for the worker.

use super::info;
use super::question;
use super::receive::receive;
use super::session::{Replies, Session};
use super::worker::Job;
use jupyter_protocol::{
    InterruptReply, IsCompleteReply, JupyterMessage, JupyterMessageContent as Content, ReplyStatus,
    ShutdownReply, UnknownMessage,
};
use jupyter_zmq_client::{Connection, KernelShellConnection};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::unbounded_channel;
use zeromq::SocketSend;

/// Reads requests for ever and sends answers as they come.
pub(crate) async fn attend(session: Arc<Session>, connection: KernelShellConnection) {
    let (out, mut requests) = connection.split();
    let replies = replies(out);
    loop {
        match receive(&mut requests).await {
            Ok(Some(request)) => route(&session, request, &replies),
            Ok(None) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Starts the task that sends the answers to one socket.
pub(crate) fn replies<S: SocketSend + Send + 'static>(mut out: Connection<S>) -> Replies {
    let (sender, mut inbox) = unbounded_channel();
    tokio::spawn(async move {
        while let Some(reply) = inbox.recv().await {
            // An error means that the one who asked has gone.
            let _gone = out.send(reply).await;
        }
    });
    sender
}

/// Answers at once what runs no cell, and leaves the rest to the worker.
pub(crate) fn route(session: &Arc<Session>, request: JupyterMessage, replies: &Replies) {
    let content: Content = match &request.content {
        Content::ExecuteRequest(what) => {
            let silent = what.silent;
            let request = Arc::new(request);
            session.enqueue(&request, silent);
            let job = Job::Request(request, Instant::now(), replies.clone());
            // The worker is gone only when the kernel is ending.
            let _ending = session.jobs.send(job);
            return;
        }
        Content::CompleteRequest(_)
        | Content::InspectRequest(_)
        | Content::IsCompleteRequest(_)
        | Content::HistoryRequest(_) => return question::answer(session, request, replies),
        Content::KernelInfoRequest(_) => info::kernel_info(),
        Content::CommInfoRequest(what) => session.comms.list(what.target_name.as_deref()).into(),
        Content::InterruptRequest(_) => {
            session.interrupt();
            InterruptReply::new().into()
        }
        Content::ShutdownRequest(what) => {
            session.over.notify_one();
            ShutdownReply {
                restart: what.restart,
                status: ReplyStatus::Ok,
                error: None,
            }
            .into()
        }
        Content::CommOpen(_) | Content::CommMsg(_) | Content::CommClose(_) => {
            session.busy(&request);
            match &request.content {
                Content::CommOpen(what) => session.comms.open(&request, what),
                Content::CommMsg(what) => session.comms.message(&request, what),
                Content::CommClose(what) => session.comms.close(what),
                _ => {}
            }
            return session.idle(&request);
        }
        _ if request.header.msg_type.ends_with("_request") => refusal(&request.header.msg_type),
        _ => {
            session.busy(&request);
            return session.idle(&request);
        }
    };
    session.busy(&request);
    session.finish(&request, content, replies);
}

/// Answers a request that this kernel does not know or cannot read.
fn refusal(kind: &str) -> Content {
    if kind == "is_complete_request" {
        // Its answer has no status for errors.
        return IsCompleteReply::unknown().into();
    }
    let why = format!("this kernel cannot answer this {kind}");
    let mut content = json!({
        "status": "error",
        "ename": "BadRequest",
        "evalue": why,
        "traceback": [],
    });
    if kind == "history_request" {
        // Front ends with strict types read no reply without it.
        content["history"] = json!([]);
    }
    UnknownMessage {
        msg_type: kind.replace("_request", "_reply"),
        content,
    }
    .into()
}
