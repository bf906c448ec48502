//! The control socket: the same requests as on shell, past all that waits there.

use super::receive::receive;
use super::session::Session;
use super::shell::{replies, route};
use jupyter_zmq_client::KernelControlConnection;
use std::sync::Arc;
use std::time::Duration;

/// Reads requests for ever and answers each at once.
pub(crate) async fn attend(session: Arc<Session>, connection: KernelControlConnection) {
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
