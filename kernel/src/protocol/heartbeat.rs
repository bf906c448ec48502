//! The heartbeat: every message comes back as it is.

use jupyter_zmq_client::KernelHeartbeatConnection;
use std::time::Duration;
use zeromq::{SocketRecv, SocketSend};

/// Echoes for ever.
pub(crate) async fn beat(mut connection: KernelHeartbeatConnection) {
    loop {
        if let Ok(message) = connection.socket.recv().await {
            // A front end that left before the answer needs none.
            let _gone = connection.socket.send(message).await;
        } else {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}
