//! What was run before, in this session and in others.

use crate::front_end::FrontEnd;
use jupyter_protocol::{ExecuteRequest, UnknownMessage};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

/// Asks for history, and tells each entry as session, line and input, with the result if there is one.
fn asked(front_end: &mut FrontEnd, request: Value) -> String {
    let (reply, _) = front_end.exchange(UnknownMessage {
        msg_type: "history_request".to_owned(),
        content: request,
    });
    let reply = serde_json::to_value(reply.content).unwrap();
    let told = |entry: &Value| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let input = text(&entry[2]).unwrap_or_else(|| {
            format!(
                "{} = {}",
                text(&entry[2][0]).unwrap(),
                text(&entry[2][1]).unwrap()
            )
        });
        format!("{}.{} {input}", entry[0], entry[1])
    };
    let entries = reply["history"].as_array().unwrap().iter().map(told);
    entries.collect::<Vec<_>>().join(", ")
}

#[test]
fn tail_range_and_search() {
    let mut front_end = FrontEnd::start();
    assert_eq!(asked(&mut front_end, json!({})), "");
    for code in ["print a", "display b", "print a", "print c"] {
        front_end.run(code).ok();
    }
    for (request, expected) in [
        // Fields that front ends leave out have their defaults.
        (
            json!({ "hist_access_type": "tail", "n": 2 }),
            "1.3 print a, 1.4 print c",
        ),
        (json!({ "hist_access_type": "tail", "n": 0 }), ""),
        (
            json!({ "hist_access_type": "range", "session": 0, "start": 1, "stop": 3,
                    "raw": true, "output": false }),
            "1.1 print a, 1.2 display b",
        ),
        (
            json!({ "hist_access_type": "search", "pattern": "print*", "unique": true }),
            "1.3 print a, 1.4 print c",
        ),
        (
            json!({ "hist_access_type": "search", "pattern": "*", "n": 1 }),
            "1.4 print c",
        ),
        (
            json!({ "hist_access_type": "search", "pattern": "*?b", "output": true }),
            "1.2 display b = ",
        ),
        (
            json!({ "hist_access_type": "range", "session": -1, "start": 0, "stop": 9 }),
            "",
        ),
    ] {
        assert_eq!(
            asked(&mut front_end, request.clone()),
            expected,
            "{request}"
        );
    }
}

#[test]
fn history_outlives_its_session() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    {
        let mut first = FrontEnd::start_in("echo", &home);
        first.run("result 5").ok();
        first.run("print b").ok();
        for (silent, store_history) in [(true, true), (false, false)] {
            let request = ExecuteRequest {
                silent,
                store_history,
                ..ExecuteRequest::new("print secret".to_owned())
            };
            first.run_as(request).ok();
        }
    }
    let file = home.path().join("state/history.jsonl");
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    let mut second = FrontEnd::start_in("echo", &home);
    // Before this session has an input, too, the one before is -1.
    let before = json!({ "hist_access_type": "range", "session": -1, "start": 1, "stop": 9 });
    assert_eq!(
        asked(&mut second, before.clone()),
        "1.1 result 5, 1.2 print b"
    );
    second.run("result 6").ok();
    // Two kernels at once have numbers of their own.
    let mut third = FrontEnd::start_in("echo", &home);
    third.run("print c").ok();
    second.run("print b").ok();
    assert_eq!(asked(&mut third, before), "2.1 result 6, 2.2 print b");
    assert_eq!(
        asked(&mut second, json!({ "n": 9, "output": true })),
        "1.1 result 5 = 5, 1.2 print b = , 3.1 print c = , 2.1 result 6 = 6, 2.2 print b = "
    );
    let search = json!({ "hist_access_type": "search", "pattern": "print ?", "unique": true });
    assert_eq!(asked(&mut second, search), "3.1 print c, 2.2 print b");
    let absolute = json!({ "hist_access_type": "range", "session": 1, "start": 2, "stop": 3 });
    assert_eq!(asked(&mut second, absolute), "1.2 print b");
}

#[test]
fn a_damaged_history_harms_nothing() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let state = home.path().join("state");
    std::fs::create_dir(&state).unwrap();
    std::fs::write(
        state.join("history.jsonl"),
        b"{\"session\":7,\"line\":1,\"input\":\"kept\"}\n\xff{{\n{\"session\":8,\"li",
    )
    .unwrap();
    let mut front_end = FrontEnd::start_in("echo", &home);
    front_end.run("print a").ok();
    assert_eq!(asked(&mut front_end, json!({})), "7.1 kept, 9.1 print a");
    drop(front_end);
    // Where the file should be is a folder, and the folder cannot be entered by name.
    std::fs::remove_dir_all(&state).unwrap();
    std::fs::write(&state, "a file").unwrap();
    let mut front_end = FrontEnd::start_in("echo", &home);
    front_end.run("print a").ok();
    assert_eq!(asked(&mut front_end, json!({})), "1.1 print a");
}
