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

#[cfg(test)]
mod tests {
    use super::parse;
    use jupyter_protocol::{JupyterMessageContent, UnknownMessage};
    use jupyter_zmq_client::RawMessage;
    use serde_json::{Value, json};

    const KINDS: [&str; 11] = [
        "execute_request",
        "complete_request",
        "inspect_request",
        "is_complete_request",
        "history_request",
        "comm_info_request",
        "comm_open",
        "comm_msg",
        "comm_close",
        "shutdown_request",
        "kernel_info_request",
    ];

    fn raw(parts: [Vec<u8>; 4]) -> RawMessage {
        RawMessage {
            zmq_identities: vec![b"who".to_vec().into()],
            jparts: parts.map(Into::into).to_vec(),
        }
    }

    fn parts(kind: &str, content: &Value) -> [Vec<u8>; 4] {
        let header = json!({
            "msg_id": "1", "username": "u", "session": "s", "msg_type": kind, "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        });
        [&header, &json!({}), &json!({}), content].map(|part| part.to_string().into_bytes())
    }

    #[test]
    fn what_is_missing_has_its_default_and_what_is_wrong_keeps_its_sender() {
        let parsed = |parts| parse(raw(parts)).unwrap();
        let request = parsed(parts("execute_request", &json!({ "code": "漢" })));
        let JupyterMessageContent::ExecuteRequest(request) = request.content else {
            panic!("not an execute_request");
        };
        assert!(!request.silent && request.store_history && request.stop_on_error);
        // Who does not offer to answer is not asked.
        assert!(!request.allow_stdin);
        let bare = br#"{"msg_id":"7","msg_type":"complete_request","date":"yesterday"}"#;
        let [_, _, _, content] = parts("", &json!({ "code": "漢a" }));
        let request = parsed([bare.to_vec(), b"[]".to_vec(), vec![0xff], content]);
        assert_eq!(request.header.msg_id, "7");
        assert_eq!(request.zmq_identities.len(), 1);
        assert!(matches!(
            request.content,
            JupyterMessageContent::CompleteRequest(what) if what.cursor_pos == 2
        ));
        let request = parsed(parts("history_request", &json!([1])));
        assert!(matches!(
            request.content,
            JupyterMessageContent::UnknownMessage(UnknownMessage { msg_type, .. })
                if msg_type == "history_request"
        ));
        assert!(parse(raw([b"[]".to_vec(), vec![], vec![], vec![]])).is_none());
    }

    #[test]
    fn no_message_is_too_strange_to_be_read() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state % below as u64) as usize
        };
        let values = [
            "null",
            "-1",
            "1e999",
            "[]",
            "{}",
            "\"\\ud800\"",
            "\"x\"",
            "true",
            "18446744073709551615",
        ];
        let names = [
            "code",
            "cursor_pos",
            "silent",
            "n",
            "session",
            "start",
            "pattern",
            "comm_id",
            "data",
            "hist_access_type",
            "msg_id",
            "date",
            "user_expressions",
            "target_name",
            "restart",
        ];
        let mut read = 0;
        for _ in 0..20_000 {
            let mut content = String::from("{");
            for _ in 0..random(5) {
                let (name, value) = (names[random(names.len())], values[random(values.len())]);
                content += &format!("\"{name}\":{value},");
            }
            content += "\"code\":\"let x\"}";
            let mut all = parts(KINDS[random(KINDS.len())], &Value::Null);
            all[3] = content.into_bytes();
            for _ in 0..random(4) {
                let part = &mut all[random(4)];
                let at = random(part.len());
                match random(3) {
                    0 => part[at] = random(256) as u8,
                    1 => part.truncate(at + 1),
                    _ => part.insert(at, b"{}[]\",:\\"[random(8)]),
                }
            }
            read += usize::from(parse(raw(all)).is_some());
        }
        // Most of them still name their sender, and must be answered.
        assert!((5_000..20_000).contains(&read), "{read}");
    }
}

#[cfg(test)]
mod any_message {
    use super::*;
    use crate::nonsense;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::to_vec;
    use zeromq::ZmqMessage;

    const NAMES: [&str; 16] = [
        "msg_id",
        "msg_type",
        "username",
        "session",
        "version",
        "date",
        "code",
        "cursor_pos",
        "silent",
        "comm_id",
        "execute_request",
        "complete_request",
        "history_request",
        "comm_open",
        "5.3",
        "2026-01-01T00:00:00Z",
    ];

    fn read(frames: Vec<Vec<u8>>) -> Option<JupyterMessage> {
        let mut frames = frames.into_iter();
        let mut message = ZmqMessage::from(frames.next()?);
        frames.for_each(|frame| message.push_back(frame.into()));
        RawMessage::from_multipart(message, &None)
            .ok()
            .and_then(parse)
    }

    proptest! {
        #[test]
        fn any_frames_are_a_message_or_ignored(
            frames in vec(prop_oneof![vec(any::<u8>(), 0..32), Just(b"<IDS|MSG>".to_vec()), Just(b"{}".to_vec())], 0..9),
        ) {
            let _ = read(frames);
        }

        #[test]
        fn any_json_is_a_message_or_ignored(mut header in nonsense::json(&NAMES), rest in vec(nonsense::json(&NAMES), 3), kind in 0..NAMES.len()) {
            let mut frames = vec![b"<IDS|MSG>".to_vec(), Vec::new(), to_vec(&header).unwrap()];
            frames.extend(rest.iter().map(|part| to_vec(part).unwrap()));
            let _ = read(frames.clone());
            // A header that says who asks for what is enough for an answer, whatever else is wrong.
            if !header.is_object() {
                header = json!({});
            }
            header["msg_id"] = json!("1");
            header["msg_type"] = json!(NAMES[kind]);
            frames[2] = to_vec(&header).unwrap();
            let message = read(frames);
            prop_assert_eq!(message.map(|message| message.header.msg_type), Some(NAMES[kind].to_owned()));
        }
    }

    #[test]
    fn a_message_nested_beyond_reason_is_ignored() {
        let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
        let empty = || b"{}".to_vec();
        let frames = vec![
            b"<IDS|MSG>".to_vec(),
            Vec::new(),
            deep,
            empty(),
            empty(),
            empty(),
        ];
        assert!(read(frames).is_none());
    }
}
