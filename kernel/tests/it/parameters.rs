//! Parameters from the command line.

use crate::headless::{Desk, code, notebook};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};

fn tags(cell: &Value) -> &Value {
    &cell["metadata"]["tags"][0]
}

#[test]
fn the_values_stand_after_the_cell_that_declares_them() {
    let desk = Desk::new();
    let cells = [
        code("print first", &json!({})),
        code(
            "let epochs: usize = 20;\nlet name = \"a\";",
            &json!({ "tags": ["parameters"] }),
        ),
        code("print last", &json!({})),
    ];
    desk.write("n.ipynb", notebook(&cells).to_string());
    // The toy language cannot read them, which is no matter here.
    let run = |value: &str| {
        desk.run(&[
            "n.ipynb",
            "--inplace",
            "--allow-errors",
            "-p",
            value,
            "-p",
            "name=b\"\n",
        ])
    };
    assert!(run("epochs=5").status.success());
    let made = desk.read("n.ipynb");
    let cell = &made["cells"][2];
    assert_eq!(tags(cell), "injected-parameters");
    assert_eq!(cell["execution_count"], 3);
    assert!(cell["id"].is_string());
    assert_eq!(
        cell["source"],
        json!([
            "// Parameters\n",
            "let epochs: usize = 5;\n",
            "let name: &str = \"b\\\"\\n\";"
        ])
    );
    // The next values take the place of these.
    assert!(run("epochs=6").status.success());
    let again = desk.read("n.ipynb");
    assert_eq!(again["cells"].as_array().unwrap().len(), 4);
    assert_eq!(again["cells"][2]["source"][1], "let epochs: usize = 6;\n");
}

#[test]
fn without_a_cell_that_declares_them_they_stand_first() {
    let desk = Desk::new();
    desk.notebook("n.ipynb", &["print x"]);
    let done = desk.run(&[
        "n.ipynb",
        "-o",
        "out.ipynb",
        "--allow-errors",
        "-p",
        "epochs=-5",
    ]);
    assert!(done.status.success());
    let made = desk.read("out.ipynb");
    assert_eq!(made["cells"][0]["source"][1], "let epochs: i64 = -5;");
    assert_eq!(made["cells"][1]["outputs"][0]["text"], json!(["x\n"]));
}

#[test]
fn a_wrong_parameter_is_refused_before_anything_runs() {
    let desk = Desk::new();
    let cell = code(
        "let epochs: usize = 20;",
        &json!({ "tags": ["parameters"] }),
    );
    desk.write("n.ipynb", notebook(&[cell]).to_string());
    let refused = |parameter: &str| {
        let done = desk.run(&["n.ipynb", "-p", parameter]);
        assert_eq!(done.status.code(), Some(1));
        assert!(!desk.path("target").exists());
        desk.complaint(&done)
    };
    assert_snapshot!(refused("epoch=5"), @"error: n.ipynb: parameter epoch: unknown; the cell tagged `parameters` declares epochs");
    assert_snapshot!(refused("epochs=many"), @r#"error: n.ipynb: parameter epochs: expected a whole number (usize), got the text "many""#);
    assert_eq!(
        desk.run(&["n.ipynb", "-p", "epochs"]).status.code(),
        Some(2)
    );
}

#[test]
fn rust_cells_get_the_values() {
    let desk = Desk::new();
    let cells = [
        code(
            "let epochs: usize = 20;\nlet name = \"GABPA\";\nlet rates: Vec<f64> = vec![];",
            &json!({ "tags": ["parameters"] }),
        ),
        code("(epochs, name, rates)", &json!({})),
    ];
    desk.write("n.ipynb", notebook(&cells).to_string());
    let done = Command::new(env!("CARGO_BIN_EXE_genolens"))
        .args([
            "run",
            "n.ipynb",
            "-o",
            "out.ipynb",
            "--timing",
            "--report=r.json",
        ])
        .args([
            "-p",
            "epochs=3",
            "-p",
            "name=\\\"); panic!(\"\n:dep x\u{202e}",
            "-p",
            "rates=[1, inf]",
        ])
        .current_dir(desk.path(""))
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let shown = &desk.read("out.ipynb")["cells"][2]["outputs"][0]["data"]["text/plain"];
    assert_eq!(
        shown,
        &json!([format!(
            "{:?}",
            (
                3,
                "\\\"); panic!(\"\n:dep x\u{202e}",
                vec![1.0, f64::INFINITY]
            )
        )])
    );
    let cell = &desk.read("r.json")["notebooks"][0]["cells"][2];
    let part = |name: &str| cell[name].as_f64().unwrap();
    assert!(part("compile_s") > 0.0);
    let sum = part("compile_s") + part("link_s") + part("run_s");
    assert!(sum <= part("seconds") + 0.05, "{cell}");
}

#[test]
fn papermill_gets_its_cell_from_standard_input() {
    let asked = |request: &Value, options: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_genolens"))
            .arg("parameters")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(request.to_string().as_bytes())
            .unwrap();
        let done = child.wait_with_output().unwrap();
        String::from_utf8(if done.status.success() {
            done.stdout
        } else {
            done.stderr
        })
        .unwrap()
    };
    let ask = |request: &Value| asked(request, &[]);
    let cell = "let x: f32 = 0.0; // how much\nlet mut s = \"a\";";
    assert_eq!(
        ask(&json!({ "cell": cell, "parameters": { "x": 1 } })),
        "// Parameters\nlet x: f32 = 1.0;\n"
    );
    assert_eq!(
        ask(&json!({ "cell": null, "parameters": { "x": { "a": "b" } } })),
        "// Parameters\nlet x: std::collections::BTreeMap<String, String> = \
         std::collections::BTreeMap::from([(String::from(\"a\"), String::from(\"b\"))]);\n"
    );
    assert!(
        ask(&json!({ "cell": cell, "parameters": { "y": 1 } }))
            .starts_with("error: parameter y: unknown")
    );
    assert_eq!(
        asked(&json!({ "cell": cell }), &["--list"]).trim(),
        r#"[{"name":"x","type":"f32","default":"0.0","help":"how much"},{"name":"s","type":"&str","default":"\"a\"","help":""}]"#
    );
}
