//! What fails, and how it is told.

use crate::front_end::FrontEnd;
use insta::assert_snapshot;
use jupyter_protocol::ReplyStatus;
use std::process::Command;

#[test]
fn an_error_is_told_once_and_in_the_reply() {
    let mut front_end = FrontEnd::start();
    let ran = front_end.run("print before\nerror it broke\nprint never");
    assert_snapshot!(ran.story(), @r#"
    input 1
    Stdout "before\n"
    error error: it broke
    "#);
    assert_eq!(ran.reply.status, ReplyStatus::Error);
    let error = ran.reply.error.unwrap();
    assert_eq!(
        (error.ename.as_str(), error.evalue.as_str()),
        ("error", "it broke")
    );
    assert_eq!(error.traceback, ["\u{1b}[31merror\u{1b}[0m: it broke"]);
}

#[test]
fn a_fault_of_the_evaluator_is_an_error_and_the_session_lives() {
    let mut front_end = FrontEnd::start();
    let ran = front_end.run("panic a bug");
    assert_snapshot!(ran.story(), @r"
    input 1
    error kernel fault: a bug
    ");
    front_end.run("print alive").ok();
}

#[test]
fn an_evaluator_that_cannot_start_says_why_in_each_cell() {
    let mut front_end = FrontEnd::start_with("broken");
    for number in 1..3 {
        let ran = front_end.run("print a");
        assert_eq!(ran.reply.execution_count.0, number);
        assert_eq!(
            ran.story(),
            format!(
                "input {number}\nerror not started: the kernel could not start: the toolchain is missing"
            )
        );
    }
}

#[test]
fn a_bad_connection_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.json");
    let said = || {
        let done = Command::new(env!("CARGO_BIN_EXE_genolens"))
            .args(["serve", "--evaluator", "echo", "-f"])
            .arg(&file)
            .output()
            .unwrap();
        assert_eq!(done.status.code(), Some(1));
        let said = String::from_utf8(done.stderr).unwrap();
        said.replace(&file.display().to_string(), "c.json")
    };
    assert_snapshot!(said(), @"error: cannot read the connection file c.json: No such file or directory (os error 2)");
    std::fs::write(&file, "{\n  \"ip\": 7\n}").unwrap();
    assert_snapshot!(said(), @"error: c.json is not a connection file: invalid type: integer `7`, expected a string at line 2 column 9");
    let json = r#"{"ip":"127.0.0.1","transport":"tcp","shell_port":1,"iopub_port":1,"stdin_port":1,
        "control_port":1,"hb_port":1,"key":"k","signature_scheme":"md5"}"#;
    std::fs::write(&file, json).unwrap();
    assert_snapshot!(said(), @r#"error: c.json: signature_scheme is "md5", expected "hmac-sha256""#);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.json");
    let json = format!(
        r#"{{"ip":"127.0.0.1","transport":"tcp","shell_port":0,"iopub_port":0,"stdin_port":0,
        "control_port":0,"hb_port":{port},"key":"k","signature_scheme":"hmac-sha256"}}"#
    );
    std::fs::write(&file, json).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_genolens"))
        .args(["serve", "--evaluator", "echo", "-f"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stderr).unwrap();
    let start = format!("error: cannot listen at tcp://127.0.0.1:{port} (heartbeat): ");
    assert!(said.starts_with(&start), "{said}");
}
