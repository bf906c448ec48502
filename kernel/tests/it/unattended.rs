//! Notebooks run where nobody watches: limits, reports, several at once, and what a stop leaves behind.

use crate::headless::{Desk, code, notebook};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn start(desk: &Desk, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_genolens"))
        .args(["run", "--evaluator", "echo"])
        .args(arguments)
        .current_dir(desk.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    let process = child.id().to_string();
    let done = Command::new("kill").args([name, &process]).status();
    assert!(done.unwrap().success());
}

/// Waits for something that another process does.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(20), "never {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_cell_that_takes_too_long_is_stopped_and_named() {
    let desk = Desk::new();
    desk.notebook(
        "n.ipynb",
        &["print one", "print two\nsleep 60000", "print three"],
    );
    let start = Instant::now();
    let done = desk.run(&["n.ipynb", "-o", "out.ipynb", "--timeout", "0.4"]);
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_eq!(done.status.code(), Some(1));
    assert!(desk.complaint(&done).ends_with(
        "error: cell 2 of n.ipynb failed: timeout: longer than 0.4 s: the cell was interrupted\n"
    ));
    let made = desk.read("out.ipynb");
    assert_eq!(made["cells"][1]["outputs"][0]["text"], json!(["two\n"]));
    assert_eq!(made["cells"][1]["outputs"][1]["ename"], "timeout");
    assert_eq!(made["cells"][2]["execution_count"], Value::Null);
    for (option, wanted) in [
        ("--timeout", "a number of seconds above 0"),
        ("--jobs", "a whole number above 0"),
    ] {
        for refused in ["0", "-1", "soon", "inf"] {
            let done = desk.run(&["n.ipynb", option, refused]);
            assert_eq!(done.status.code(), Some(2), "{refused}");
            let said = desk.complaint(&done);
            assert!(
                said.contains(&format!("'{refused}' for '{option} <")) && said.contains(wanted),
                "{said}"
            );
        }
    }
}

#[test]
fn allowed_errors_are_kept_and_the_rest_runs() {
    let desk = Desk::new();
    desk.notebook(
        "n.ipynb",
        &["error one", "print two", "sleep 60000", "print four"],
    );
    let done = desk.run(&[
        "n.ipynb",
        "-o",
        "out.ipynb",
        "--allow-errors",
        "--timeout=0.3",
        "--report=r/r.json",
    ]);
    assert!(done.status.success(), "{done:?}");
    let made = desk.read("out.ipynb");
    assert_eq!(made["cells"][0]["outputs"][0]["evalue"], "one");
    assert_eq!(made["cells"][1]["outputs"][0]["text"], json!(["two\n"]));
    assert_eq!(made["cells"][2]["outputs"][0]["ename"], "timeout");
    assert_eq!(made["cells"][3]["outputs"][0]["text"], json!(["four\n"]));
    let report = desk.read("r/r.json");
    assert_eq!(report["status"], "ok");
    let status = |cell: usize| report["notebooks"][0]["cells"][cell]["status"].clone();
    assert_eq!(
        [status(0), status(1), status(2)],
        ["error", "ok", "timeout"]
    );
}

#[test]
fn a_run_in_place_that_is_killed_keeps_what_was_done_and_what_was_there() {
    let desk = Desk::new();
    desk.notebook("n.ipynb", &["print one", "print two", "sleep 60000"]);
    let mut child = start(&desk, &["n.ipynb", "--inplace"]);
    until("second cell written", || {
        desk.read("n.ipynb")["cells"][1]["execution_count"] == 2
    });
    signal(&child, "-KILL");
    child.wait().unwrap();
    let left = desk.read("n.ipynb");
    assert_eq!(left["cells"][0]["outputs"][0]["text"], json!(["one\n"]));
    assert_eq!(left["cells"][1]["outputs"][0]["text"], json!(["two\n"]));
    // The cell that was not reached keeps what it showed, and has no number that would claim it ran.
    assert_eq!(left["cells"][2]["outputs"], json!([{ "stale": true }]));
    assert_eq!(left["cells"][2]["execution_count"], Value::Null);
    let files: Vec<_> = std::fs::read_dir(desk.path("")).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(
        desk.run(&["n.ipynb", "--inplace", "-o", "x"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_link_stays_a_link_and_a_mode_stays_a_mode() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.notebook("real.ipynb", &["print one"]);
    let private = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(desk.path("real.ipynb"), private).unwrap();
    std::os::unix::fs::symlink("real.ipynb", desk.path("n.ipynb")).unwrap();
    assert!(desk.run(&["n.ipynb", "--inplace"]).status.success());
    assert!(desk.path("n.ipynb").is_symlink());
    assert_eq!(desk.read("real.ipynb")["cells"][0]["execution_count"], 1);
    let mode = std::fs::metadata(desk.path("real.ipynb"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_resumed_run_skips_what_is_finished_until_the_code_changes() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("all")).unwrap();
    desk.notebook("all/a.ipynb", &["print a"]);
    desk.notebook("all/b.ipynb", &["error b"]);
    let status = |arguments: &[&str]| {
        let common = ["all", "--inplace", "--resume", "--report=r.json"];
        desk.run(&[&common, arguments].concat());
        let report = desk.read("r.json");
        let of = |place: usize| {
            report["notebooks"][place]["status"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        [of(0), of(1)]
    };
    assert_eq!(status(&[]), ["ok", "failed"]);
    assert_eq!(status(&[]), ["skipped", "failed"]);
    let mut mended = desk.read("all/b.ipynb");
    mended["cells"][0]["source"] = json!("print b");
    desk.write("all/b.ipynb", mended.to_string());
    assert_eq!(status(&[]), ["skipped", "ok"]);
    assert_eq!(status(&[]), ["skipped", "skipped"]);
    // Another value is another run; the toy language cannot read it, which is no matter here.
    assert_eq!(status(&["-p", "x=1", "--allow-errors"]), ["ok", "ok"]);
}

#[test]
fn times_are_printed_and_kept_only_when_asked_for() {
    let desk = Desk::new();
    desk.notebook("n.ipynb", &["timing 1.5", "error no time"]);
    let done = desk.run(&["n.ipynb", "--inplace", "--timing", "--allow-errors"]);
    let said = String::from_utf8(done.stdout).unwrap();
    let line = |name: &str| {
        let line = said.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        line("seconds"),
        ["seconds", "compile", "link", "run", "all"]
    );
    assert_eq!(line("cell 1")[..5], ["cell", "1", "0.25", "0.05", "1.50"]);
    assert_eq!(line("cell 2")[..5], ["cell", "2", "-", "-", "-"]);
    assert_eq!(
        line("all cells")[..5],
        ["all", "cells", "0.25", "0.05", "1.50"]
    );
    let made = desk.read("n.ipynb");
    let metadata = &made["cells"][0]["metadata"];
    assert_eq!(metadata["genolens"]["run_s"], 1.5);
    let moment = |name: &str| {
        let text = metadata["execution"][name].as_str().unwrap().to_owned();
        assert!(
            text.starts_with("20") && text.len() == 27 && text.ends_with('Z'),
            "{text}"
        );
        text
    };
    assert!(moment("iopub.execute_input") <= moment("shell.execute_reply"));
    // Times of an earlier run would be wrong.
    desk.run(&["n.ipynb", "--inplace", "--allow-errors"]);
    assert_eq!(desk.read("n.ipynb")["cells"][0]["metadata"], json!({}));
}

#[test]
fn the_report_tells_what_became_of_every_cell() {
    let desk = Desk::new();
    let tagged = |tag: &str| json!({ "tags": [tag] });
    let cells = [
        json!({ "cell_type": "markdown", "id": "p", "metadata": {}, "source": "# A" }),
        code("print a\npicture b\ntiming 2", &json!({})),
        code("error as planned", &tagged("raises-exception")),
        code("print never", &tagged("skip-execution")),
        code("error unplanned", &json!({})),
        code("print after", &json!({})),
    ];
    desk.write("n.ipynb", notebook(&cells).to_string());
    desk.write("m.ipynb", "no notebook");
    let done = desk.run(&["n.ipynb", "m.ipynb", "--report", "r.json"]);
    assert_eq!(done.status.code(), Some(1));
    let report = desk.read("r.json");
    assert_eq!(report["status"], "failed");
    let first = &report["notebooks"][0];
    assert!(first["path"].as_str().unwrap().ends_with("/n.ipynb"));
    assert_eq!(
        first["error"],
        json!({ "cell": "cell 5", "value": "error: unplanned" })
    );
    let cells = first["cells"].as_array().unwrap();
    let told: Vec<String> = cells
        .iter()
        .map(|cell| format!("{} {}", cell["cell"], cell["status"]))
        .collect();
    assert_snapshot!(told.join(", "), @r#"2 "ok", 3 "expected error", 4 "skipped", 5 "error", 6 "not run""#);
    assert_eq!(
        [&cells[0]["outputs"], &cells[0]["compile_s"]],
        [&json!(2), &json!(0.25)]
    );
    assert_eq!(cells[3]["error"]["traceback"], json!(["error: unplanned"]));
    assert!(
        report["notebooks"][1]["error"]["value"]
            .as_str()
            .unwrap()
            .contains("not JSON")
    );
}

#[test]
fn several_notebooks_run_at_once_and_speak_one_after_the_other() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("all")).unwrap();
    for name in ["a", "b", "c", "d"] {
        let busy = ["print x", "sleep 1500", "print y", "sleep 1500"];
        desk.notebook(&format!("all/{name}.ipynb"), &busy);
    }
    desk.notebook("all/bad.ipynb", &["error on purpose"]);
    let start = Instant::now();
    let done = desk.run(&["all", "--jobs", "5"]);
    // One after the other they would sleep for 12 seconds.
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(done.status.code(), Some(1));
    assert_eq!(desk.complaint(&done), "error: 1 of 5 notebooks failed\n");
    let said = String::from_utf8(done.stdout).unwrap();
    let mut blocks = said.split("\n== ").skip(1);
    assert_eq!(blocks.clone().count(), 5);
    for name in ["a", "b", "c", "d"] {
        let block = blocks
            .clone()
            .find(|block| block.contains(&format!("/{name}.ipynb\n")))
            .unwrap();
        assert_eq!(block.matches("] cell ").count(), 4, "{block}");
        assert!(block.contains(&format!("{name}.ipynb ran in ")), "{block}");
        let made = desk.read(&format!("target/genolens/{name}.ipynb"));
        assert_eq!(made["cells"][3]["execution_count"], 4);
    }
    assert!(blocks.any(|block| block.contains("error on purpose")));
}

#[test]
fn two_notebooks_are_never_written_to_one_file() {
    let desk = Desk::new();
    for folder in ["a", "b"] {
        std::fs::create_dir(desk.path(folder)).unwrap();
        desk.notebook(&format!("{folder}/n.ipynb"), &["print x"]);
    }
    let done = desk.run(&["a", "b"]);
    assert_snapshot!(desk.complaint(&done), @"error: a/n.ipynb and b/n.ipynb would both be written to target/genolens/n.ipynb: run them apart, or use --inplace");
    assert!(desk.run(&["a", "b", "--inplace"]).status.success());
    let done = desk.run(&["a", "b", "-o", "x.ipynb"]);
    assert_snapshot!(desk.complaint(&done), @"error: --output names one notebook, but there are 2 to run: name a folder");
}

#[test]
fn ctrl_c_stops_every_notebook_and_starts_no_more() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("all")).unwrap();
    for name in ["a", "b", "c"] {
        desk.notebook(&format!("all/{name}.ipynb"), &["print x", "sleep 60000"]);
    }
    let child = start(&desk, &["all", "--jobs=2", "-o", "made", "--report=r.json"]);
    for name in ["a", "b"] {
        until("first cells written", || {
            desk.path(&format!("made/{name}.ipynb")).is_file()
        });
    }
    std::thread::sleep(Duration::from_millis(200));
    signal(&child, "-INT");
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    for name in ["a", "b"] {
        let made = desk.read(&format!("made/{name}.ipynb"));
        assert_eq!(made["cells"][1]["outputs"][0]["ename"], "interrupted");
    }
    assert!(!desk.path("made/c.ipynb").exists());
    assert_eq!(
        desk.read("r.json")["notebooks"][2]["error"]["value"],
        "not started"
    );
}

#[test]
fn a_run_that_is_killed_takes_its_notebooks_along() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("all")).unwrap();
    for name in ["a", "b"] {
        desk.notebook(
            &format!("all/{name}.ipynb"),
            &["print x", "print y\nsleep 60000"],
        );
    }
    let mut child = start(&desk, &["all", "--jobs=2", "-o", "made"]);
    for name in ["a", "b"] {
        until("first cells written", || {
            desk.path(&format!("made/{name}.ipynb")).is_file()
        });
    }
    signal(&child, "-KILL");
    child.wait().unwrap();
    for name in ["a", "b"] {
        let read = || desk.read(&format!("made/{name}.ipynb"));
        until("what was said written", || {
            read()["cells"][1]["execution_count"] == 2
        });
    }
}

#[test]
fn a_wish_to_end_is_obeyed_and_keeps_what_was_said() {
    let desk = Desk::new();
    desk.notebook("n.ipynb", &["print x", "print y\nsleep 60000", "print z"]);
    let child = start(&desk, &["n.ipynb", "-o", "out.ipynb", "--allow-errors"]);
    until("first cell written", || desk.path("out.ipynb").is_file());
    signal(&child, "-TERM");
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let made = desk.read("out.ipynb");
    assert_eq!(made["cells"][1]["outputs"][0]["text"], json!(["y\n"]));
    assert_eq!(made["cells"][2]["execution_count"], Value::Null);
}
