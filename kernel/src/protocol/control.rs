//! The control socket: interrupt and shutdown, also while a cell runs.

use super::receive::receive;
use super::session::Session;
use super::shell::{replies, route};
use jupyter_protocol::{InterruptReply, JupyterMessageContent};
use jupyter_zmq_client::KernelControlConnection;
use std::sync::Arc;
use std::time::Duration;

/// Reads requests for ever and answers each at once.
pub(crate) async fn attend(session: Arc<Session>, connection: KernelControlConnection) {
    let (out, mut requests) = connection.split();
    let replies = replies(out);
    loop {
        match receive(&mut requests).await {
            Ok(Some(request)) => {
                if let JupyterMessageContent::InterruptRequest(_) = request.content {
                    session.busy(&request);
                    session.interrupt();
                    session.finish(&request, InterruptReply::new(), &replies);
                } else {
                    route(&session, request, &replies).await;
                }
            }
            Ok(None) => {}
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
