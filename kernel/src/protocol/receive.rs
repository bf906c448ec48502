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
    let part = |index: usize| serde_json::from_slice::<Value>(&raw.jparts[index]).ok();
    let object = |index: usize| part(index).filter(Value::is_object).unwrap_or(json!({}));
    // Who has no name cannot be answered; all else may be missing.
    let mut header = part(0)?;
    header["msg_id"].as_str()?;
    let kind = header["msg_type"].as_str()?.to_owned();
    for (name, default) in [("username", ""), ("session", ""), ("version", "5.0")] {
        if !header[name].is_string() {
            header[name] = json!(default);
        }
    }
    let mut content = part(3).unwrap_or(Value::Null);
    complete(&kind, &mut content);
    // The envelope is read as an unknown message, so that bad content does not lose the sender.
    header["msg_type"] = json!("unknown");
    let envelope = |header: &Value, parent_header: Value| {
        JupyterMessage::from_value(json!({
            "header": header, "parent_header": parent_header, "metadata": object(2), "content": {},
        }))
        .ok()
    };
    let mut message = envelope(&header, object(1)).or_else(|| {
        header.as_object_mut()?.remove("date");
        envelope(&header, json!({}))
    })?;
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
