//! Reading requests, forgiving where front ends leave fields out.

use anyhow::Result;
use jupyter_protocol::{JupyterMessage, JupyterMessageContent, UnknownMessage};
use jupyter_zmq_client::{Connection, RawMessage};
use serde_json::{Value, json};
use zeromq::SocketRecv;

/// Waits for the next message; `None` for one that is unsigned or garbled, which must be ignored.
pub(crate) async fn receive<S: SocketRecv>(
    connection: &mut Connection<S>,
) -> Result<Option<JupyterMessage>> {
    let parts = connection.socket.recv().await?;
    Ok(RawMessage::from_multipart(parts, &connection.mac)
        .ok()
        .and_then(parse))
}

fn parse(raw: RawMessage) -> Option<JupyterMessage> {
    let mut value = json!({
        "header": serde_json::from_slice::<Value>(&raw.jparts[0]).ok()?,
        "parent_header": serde_json::from_slice::<Value>(&raw.jparts[1]).ok()?,
        "metadata": serde_json::from_slice::<Value>(&raw.jparts[2]).ok()?,
        "content": {},
    });
    let mut content = serde_json::from_slice::<Value>(&raw.jparts[3]).ok()?;
    let kind = value["header"]["msg_type"].as_str()?.to_owned();
    complete(&kind, &mut content);
    // The envelope is read as an unknown message, so that bad content does not lose the sender.
    value["header"]["msg_type"] = json!("unknown");
    let mut message = JupyterMessage::from_value(value).ok()?;
    message.content = JupyterMessageContent::from_type_and_content(&kind, content.clone())
        .unwrap_or_else(|_| {
            UnknownMessage {
                msg_type: kind.clone(),
                content,
            }
            .into()
        });
    message.header.msg_type = kind;
    message.zmq_identities = raw.zmq_identities;
    message.buffers = raw.jparts.into_iter().skip(4).collect();
    Some(message)
}

/// Fills in the defaults of the specification.
fn complete(kind: &str, content: &mut Value) {
    let length = content["code"]
        .as_str()
        .map_or(0, |code| code.chars().count());
    let defaults = match kind {
        "execute_request" => {
            json!({ "silent": false, "store_history": true, "user_expressions": {} })
        }
        "complete_request" | "inspect_request" => json!({ "cursor_pos": length }),
        "history_request" => json!({
            "hist_access_type": "tail", "output": false, "raw": true, "n": i32::MAX,
            "start": 0, "stop": i32::MAX, "pattern": "*", "unique": false,
        }),
        "comm_open" => json!({ "data": {}, "target_name": "" }),
        "comm_msg" | "comm_close" => json!({ "data": {} }),
        "shutdown_request" => json!({ "restart": false }),
        _ => return,
    };
    if let (Value::Object(content), Value::Object(defaults)) = (content, defaults) {
        for (name, default) in defaults {
            let slot = content.entry(name).or_insert(Value::Null);
            if slot.is_null() {
                *slot = default;
            }
        }
    }
}
