//! What no front end sends and no cell says, on purpose.

use crate::front_end::FrontEnd;
use crate::rust::session;
use jupyter_protocol::{ExecuteRequest, IsCompleteRequest};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

#[test]
fn frames_of_any_kind_and_unsigned_requests_are_ignored() {
    let mut front_end = FrontEnd::start();
    let header = br#"{"msg_id":"1","msg_type":"execute_request","username":"","session":"","version":"5.3"}"#;
    let code = br#"{"code":"print stolen"}"#;
    let frame = prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(b"<IDS|MSG>".to_vec()),
        Just(header.to_vec()),
        Just(code.to_vec()),
        Just(b"{}".to_vec()),
        "[0-9a-f]{64}".prop_map(String::into_bytes),
    ];
    let frames = vec(frame, 1..9);
    let mut runner = TestRunner::deterministic();
    for _ in 0..500 {
        front_end.throw(frames.new_tree(&mut runner).unwrap().current());
    }
    let wrong = "0123456789abcdef".repeat(4).into_bytes();
    for signature in [wrong, Vec::new(), b"no hexadecimal number".to_vec()] {
        let empty = || b"{}".to_vec();
        front_end.throw(
            [
                b"<IDS|MSG>".to_vec(),
                signature,
                header.to_vec(),
                empty(),
                empty(),
                code.to_vec(),
            ]
            .to_vec(),
        );
    }
    // The next thing that is heard belongs to a request of ours.
    front_end.run("print alive").ok();
}

#[test]
fn code_that_is_nested_beyond_reason_ends_no_kernel() {
    let mut kernel = session();
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{", "}"),
        ("-", "1"),
        ("&", "x"),
        ("x.f(", ")"),
        ("Vec::<", ">"),
        ("if x { } else ", "{}"),
        ("|x| ", "1"),
    ] {
        let deep = format!("let y = {}{};", open.repeat(20_000), close.repeat(20_000));
        let (_, _) = kernel.exchange(IsCompleteRequest { code: deep.clone() });
        let ran = kernel.run_as(ExecuteRequest {
            stop_on_error: false,
            ..ExecuteRequest::new(deep)
        });
        assert!(ran.reply.error.is_some(), "{open}");
    }
    kernel.run("1 + 1").ok();
}
