//! Requests that are unknown, wrong, or no requests at all.

use crate::front_end::FrontEnd;
use jupyter_protocol::{JupyterMessageContent as Content, KernelInfoRequest, UnknownMessage};
use serde_json::{Value, json};

fn message(kind: &str, content: Value) -> UnknownMessage {
    UnknownMessage {
        msg_type: kind.to_owned(),
        content,
    }
}

#[test]
fn a_request_that_cannot_be_answered_is_refused_between_busy_and_idle() {
    let mut front_end = FrontEnd::start();
    for (kind, content) in [
        ("dream_request", json!({})),
        ("create_subshell_request", json!({})),
        ("debug_request", json!({ "type": "request" })),
        ("execute_request", json!({})),
        ("execute_request", json!({ "code": ["print"] })),
        ("complete_request", json!({ "code": 7 })),
        (
            "inspect_request",
            json!({ "code": "a", "cursor_pos": "end" }),
        ),
        ("history_request", json!({ "hist_access_type": "dream" })),
        ("comm_info_request", json!({ "target_name": 5 })),
    ] {
        let (reply, published) = front_end.exchange(message(kind, content));
        assert!(published.is_empty(), "{kind}: {published:?}");
        assert_eq!(reply.header.msg_type, kind.replace("request", "reply"));
        let reply = serde_json::to_value(reply.content).unwrap();
        assert_eq!(reply["status"], "error", "{kind}");
        assert_eq!(reply["ename"], "BadRequest", "{kind}");
        assert!(reply["evalue"].as_str().unwrap().contains(kind));
        assert!(reply["traceback"].is_array());
    }
    let (reply, _) = front_end.exchange(message("is_complete_request", json!({})));
    assert_eq!(
        serde_json::to_value(reply.content).unwrap()["status"],
        "unknown"
    );
    front_end.run("print alive").ok();
}

#[test]
fn what_wants_no_answer_gets_none_and_is_framed_all_the_same() {
    let mut front_end = FrontEnd::start();
    for (kind, content) in [
        ("comm_open", json!({ "target_name": 5 })),
        ("comm_open", json!({ "comm_id": [] })),
        ("comm_msg", json!({})),
        ("comm_msg", json!({ "comm_id": "nobody", "data": 3 })),
        ("comm_close", json!({ "comm_id": "nobody" })),
        ("gossip", json!({ "about": "kernels" })),
    ] {
        let id = front_end.ask(message(kind, content));
        let published = front_end.until_idle(&id);
        assert!(published.is_empty(), "{kind}: {published:?}");
    }
    front_end.run("print alive").ok();
}

#[test]
fn the_kernel_says_what_it_can_on_control_too() {
    let mut front_end = FrontEnd::start();
    let reply = front_end.control(KernelInfoRequest {});
    assert!(
        matches!(reply, Content::KernelInfoReply(info) if info.protocol_version == "5.5"),
        "the answer to kernel_info on control"
    );
    front_end.expect_state(&jupyter_protocol::ExecutionState::Busy);
    front_end.expect_state(&jupyter_protocol::ExecutionState::Idle);
}
