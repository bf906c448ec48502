//! Notebooks run from the command line.

use insta::assert_snapshot;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// Holds a folder in which notebooks are run.
pub(crate) struct Desk(TempDir);

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Writes a notebook with one code cell for each source.
    pub(crate) fn notebook(&self, name: &str, sources: &[&str]) {
        let cells: Vec<Value> = sources
            .iter()
            .map(|source| code(source, &json!({})))
            .collect();
        self.write(name, notebook(&cells).to_string());
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.run_with("echo", arguments)
    }

    pub(crate) fn run_with(&self, evaluator: &str, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_genolens"))
            .args(["run", "--evaluator", evaluator])
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .unwrap()
    }

    pub(crate) fn read(&self, name: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// Gives what was said on standard error, without this folder's name.
    pub(crate) fn complaint(&self, done: &Output) -> String {
        let home = self.0.path().canonicalize().unwrap();
        let said = String::from_utf8(done.stderr.clone()).unwrap();
        said.replace(&format!("{}/", home.display()), "")
    }
}

pub(crate) fn code(source: &str, metadata: &Value) -> Value {
    json!({
        "cell_type": "code", "id": format!("id-{}", source.len()), "metadata": metadata,
        "source": source, "outputs": [{ "stale": true }], "execution_count": 99,
    })
}

pub(crate) fn notebook(cells: &[Value]) -> Value {
    json!({
        "cells": cells,
        "metadata": {
            "kernelspec": { "display_name": "Rust (genolens)", "language": "rust", "name": "genolens" },
            "mine": [1, { "kept": true }],
        },
        "nbformat": 4, "nbformat_minor": 5, "unknown": "kept",
    })
}

#[test]
fn outputs_are_kept_in_order_and_everything_else_as_it_was() {
    let desk = Desk::new();
    let prose = json!({ "cell_type": "markdown", "id": "p", "metadata": { "a": 1 }, "source": ["# A\n", "b"] });
    let shows = "print a\nwrite b\npicture one\nprint c\npicture two\nresult d";
    let tagged = json!({ "tags": ["t"], "x": null });
    let cells = [
        prose.clone(),
        code(shows, &tagged),
        code("  \n", &json!({})),
        code("eprint e", &json!({})),
    ];
    desk.write("n.ipynb", notebook(&cells).to_string());
    let done = desk.run(&["n.ipynb"]);
    assert!(done.status.success(), "{done:?}");
    let made = desk.read("target/genolens/n.ipynb");
    assert_eq!(made["cells"][0], prose);
    for kept in ["kernelspec", "mine"] {
        assert_eq!(made["metadata"][kept], notebook(&[])["metadata"][kept]);
    }
    assert_eq!(made["metadata"]["language_info"]["name"], "rust");
    assert_eq!(made["unknown"], "kept");
    let cell = &made["cells"][1];
    assert_eq!(cell["id"], cells[1]["id"]);
    assert_eq!(cell["metadata"], tagged);
    assert_eq!(cell["source"], shows);
    assert_eq!(cell["execution_count"], 1);
    let outputs = cell["outputs"].as_array().unwrap();
    let kinds: Vec<&str> = outputs
        .iter()
        .map(|output| output["output_type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "stream",
            "display_data",
            "stream",
            "display_data",
            "execute_result"
        ]
    );
    assert_eq!(
        outputs[0],
        json!({ "name": "stdout", "output_type": "stream", "text": ["a\n", "b"] })
    );
    assert_eq!(outputs[1]["data"]["text/plain"], json!(["one"]));
    assert_eq!(
        outputs[3]["metadata"],
        json!({ "image/svg+xml": { "alt": "two" } })
    );
    assert_eq!(outputs[4]["execution_count"], 1);
    // A cell without code does not run, and loses what it said before.
    assert_eq!(made["cells"][2]["execution_count"], Value::Null);
    assert_eq!(made["cells"][2]["outputs"], json!([]));
    assert_eq!(made["cells"][3]["execution_count"], 2);
    assert_eq!(made["cells"][3]["outputs"][0]["name"], "stderr");
}

#[test]
fn a_failing_cell_is_printed_and_what_ran_is_written() {
    let desk = Desk::new();
    desk.notebook(
        "n.ipynb",
        &["print one", "print two\nerror it broke", "print three"],
    );
    let done = desk.run(&["n.ipynb", "-o", "out.ipynb", "--html"]);
    assert_eq!(done.status.code(), Some(1));
    assert_snapshot!(desk.complaint(&done).trim(), @r"
    cell 2:
       1 | print two
       2 | error it broke

    error: it broke

    error: cell 2 of n.ipynb failed: error: it broke
    ");
    let made = desk.read("out.ipynb");
    assert_eq!(made["cells"][0]["outputs"][0]["text"], json!(["one\n"]));
    assert_eq!(made["cells"][1]["outputs"][0]["text"], json!(["two\n"]));
    assert_eq!(
        made["cells"][1]["outputs"][1],
        json!({ "ename": "error", "evalue": "it broke", "output_type": "error",
                "traceback": ["\u{1b}[31merror\u{1b}[0m: it broke"] })
    );
    assert_eq!(made["cells"][2]["outputs"], json!([]));
    assert_eq!(made["cells"][2]["execution_count"], Value::Null);
    assert!(desk.path("out.html").is_file());
}

#[test]
fn an_expected_failure_and_a_skipped_cell_do_not_stop_the_notebook() {
    let desk = Desk::new();
    let expected = json!({ "tags": ["raises-exception"] });
    let skipped = json!({ "tags": ["skip-execution"] });
    let cells = [
        code("error as planned", &expected),
        code("print on", &json!({})),
        code("error never seen", &skipped),
    ];
    desk.write("n.ipynb", notebook(&cells).to_string());
    let done = desk.run(&["n.ipynb", "-o", "out.ipynb"]);
    assert!(done.status.success(), "{done:?}");
    assert_eq!(
        desk.read("out.ipynb")["cells"][1]["outputs"][0]["text"],
        json!(["on\n"])
    );
}

#[test]
fn updates_reach_earlier_cells_and_clearing_and_progress_leave_nothing() {
    let desk = Desk::new();
    desk.notebook(
        "n.ipynb",
        &[
            "display k=old",
            "update k=new\nprint a\nclear wait\nprint b",
            "progress 50\nnote busy",
        ],
    );
    let done = desk.run(&["n.ipynb", "-o", "out.ipynb"]);
    assert!(done.status.success(), "{done:?}");
    let made = desk.read("out.ipynb");
    assert_eq!(
        made["cells"][0]["outputs"][0]["data"]["text/plain"],
        json!(["new"])
    );
    assert_eq!(
        made["cells"][1]["outputs"],
        json!([{ "name": "stdout", "output_type": "stream", "text": ["b\n"] }])
    );
    assert_eq!(made["cells"][2]["outputs"], json!([]));
}

#[test]
fn a_question_to_the_pager_is_passed_over() {
    let desk = Desk::new();
    desk.notebook("n.ipynb", &["?print", "print a"]);
    let done = desk.run(&["n.ipynb", "-o", "out.ipynb"]);
    assert!(done.status.success(), "{}", desk.complaint(&done));
    let cells = &desk.read("out.ipynb")["cells"];
    assert_eq!(cells[0]["outputs"], json!([]));
    assert_eq!(cells[1]["outputs"][0]["text"], json!(["a\n"]));
}

#[test]
fn what_is_no_notebook_is_refused_by_name() {
    let desk = Desk::new();
    let refused = |name: &str, content: &str| {
        desk.write(name, content);
        let done = desk.run(&[name]);
        assert_eq!(done.status.code(), Some(1));
        desk.complaint(&done)
    };
    assert_snapshot!(refused("text.ipynb", "{\n \"cells\": [,]\n}"), @"error: text.ipynb is not a notebook: it is not JSON: expected value at line 2 column 12");
    assert_snapshot!(refused("list.ipynb", "[]"), @"error: list.ipynb is not a notebook: it has no number `nbformat`");
    assert_snapshot!(refused("old.ipynb", r#"{"nbformat": 3, "worksheets": []}"#), @"error: old.ipynb has notebook format 3, expected 4; convert it with `jupyter nbconvert --to notebook`");
    assert_snapshot!(refused("empty.ipynb", r#"{"nbformat": 4}"#), @"error: empty.ipynb is not a notebook: it has no list `cells`");
    assert_snapshot!(refused("cell.ipynb", r#"{"nbformat": 4, "cells": [{"cell_type": "code", "source": 7}]}"#), @"error: cell.ipynb: cell 1 has no type or no source");
    let mut python = notebook(&[]);
    python["metadata"]["kernelspec"] =
        json!({ "display_name": "Python 3", "language": "python", "name": "python3" });
    assert_snapshot!(refused("python.ipynb", &python.to_string()), @r#"error: python.ipynb is written in python for the kernel "Python 3", expected rust"#);
    let done = desk.run(&["nowhere.ipynb"]);
    assert_snapshot!(desk.complaint(&done), @"error: cannot read nowhere.ipynb: No such file or directory (os error 2)");
}

#[test]
fn a_folder_of_notebooks_runs_to_its_end() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("all")).unwrap();
    desk.notebook("all/a.ipynb", &["error a"]);
    desk.notebook("all/b.ipynb", &["print b"]);
    desk.write("all/readme.txt", "no notebook");
    let done = desk.run(&["all", "-o", "made"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        desk.complaint(&done)
            .ends_with("error: 1 of 2 notebooks failed\n")
    );
    assert_eq!(desk.read("made/b.ipynb")["cells"][0]["execution_count"], 1);
    let done = desk.run(&["made/empty"]);
    assert_eq!(done.status.code(), Some(1));
    std::fs::create_dir(desk.path("empty")).unwrap();
    let done = desk.run(&["empty"]);
    assert_snapshot!(desk.complaint(&done), @"error: no notebook in the folder empty");
}

#[test]
fn ctrl_c_interrupts_the_cell_and_keeps_what_ran() {
    let desk = Desk::new();
    desk.notebook("n.ipynb", &["print one", "sleep 30000"]);
    let child = Command::new(env!("CARGO_BIN_EXE_genolens"))
        .args(["run", "--evaluator", "echo", "n.ipynb", "-o", "out.ipynb"])
        .current_dir(desk.path(""))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(700));
    let process = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &process])
            .status()
            .unwrap()
            .success()
    );
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(1));
    let complaint = desk.complaint(&done);
    assert!(
        complaint
            .ends_with("error: cell 2 of n.ipynb failed: interrupted: the cell was interrupted\n"),
        "{complaint}"
    );
    assert_eq!(desk.read("out.ipynb")["cells"][0]["execution_count"], 1);
}

#[test]
fn cells_find_files_beside_their_notebook() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("sub")).unwrap();
    desk.notebook("sub/n.ipynb", &["print a"]);
    assert!(desk.run(&["sub/n.ipynb"]).status.success());
    // The result lies below the folder in which the command was given.
    assert!(Path::new(&desk.path("target/genolens/n.ipynb")).is_file());
}
