//! Comms between a front end and the kernel.

use crate::front_end::FrontEnd;
use crate::rust::{error, printed, session};
use jupyter_protocol::{
    CommClose, CommId, CommInfoRequest, CommMsg, CommOpen, JupyterMessageContent as Content,
};
use serde_json::{Map, Value, json};

const TARGET: &str = "genolens.variables";
const SELECTION: &str = "genolens.selection";

fn id(name: &str) -> CommId {
    CommId(name.to_owned())
}

/// What the kernel says on comms when it gets a message on one.
fn said(front_end: &mut FrontEnd, content: impl Into<Content>) -> Vec<(String, Value)> {
    let id = front_end.ask(content);
    let published = front_end.until_idle(&id);
    published.into_iter().map(on_comm).collect()
}

fn on_comm(message: Content) -> (String, Value) {
    match message {
        Content::CommMsg(message) => (message.comm_id.0, Value::Object(message.data)),
        Content::CommClose(close) => (
            format!("close {}", close.comm_id.0),
            Value::Object(close.data),
        ),
        other => panic!("not on a comm: {other:?}"),
    }
}

fn open(name: &str, target: &str) -> CommOpen {
    CommOpen {
        comm_id: id(name),
        target_name: target.to_owned(),
        ..CommOpen::default()
    }
}

fn message(name: &str, data: Value) -> CommMsg {
    CommMsg {
        comm_id: id(name),
        data: serde_json::from_value(data).unwrap(),
    }
}

/// The open comms to a target, or to any.
fn listed(front_end: &mut FrontEnd, target: Option<&str>) -> Vec<String> {
    let target_name = target.map(str::to_owned);
    let (reply, _) = front_end.exchange(CommInfoRequest { target_name });
    let Content::CommInfoReply(reply) = reply.content else {
        panic!("expected a comm_info_reply");
    };
    let mut names: Vec<String> = reply.comms.into_keys().map(|id| id.0).collect();
    names.sort();
    names
}

#[test]
fn a_comm_to_nothing_is_closed_with_a_reason() {
    let mut front_end = FrontEnd::start();
    let said = said(&mut front_end, open("a", "jupyter.widget"));
    assert_eq!(said.len(), 1);
    assert_eq!(said[0].0, "close a");
    let reason = said[0].1["reason"].as_str().unwrap();
    assert!(
        reason.contains("jupyter.widget") && reason.contains(TARGET),
        "{reason}"
    );
    assert!(listed(&mut front_end, None).is_empty());
}

#[test]
fn a_comm_is_opened_listed_asked_and_closed() {
    let mut front_end = FrontEnd::start();
    let table = json!({ "variables": [{ "name": "answer", "type": "Option<u8>" }] });
    for name in ["a", "b"] {
        let said = said(&mut front_end, open(name, TARGET));
        assert_eq!(said, [(name.to_owned(), table.clone())]);
    }
    assert_eq!(listed(&mut front_end, None), ["a", "b"]);
    assert_eq!(listed(&mut front_end, Some(TARGET)), ["a", "b"]);
    assert!(listed(&mut front_end, Some("jupyter.widget")).is_empty());
    let refreshed = said(&mut front_end, message("b", json!({ "method": "refresh" })));
    assert_eq!(refreshed, [("b".to_owned(), table)]);
    for wrong in [
        json!({}),
        json!({ "method": 5 }),
        json!({ "method": "erase" }),
    ] {
        let said = said(&mut front_end, message("b", wrong));
        assert!(said[0].1["error"].as_str().unwrap().contains("refresh"));
    }
    // Cells that change nothing are not told.
    front_end.run("print a").ok();
    let close = CommClose {
        comm_id: id("a"),
        data: Map::new(),
    };
    assert!(said(&mut front_end, close).is_empty());
    assert_eq!(listed(&mut front_end, None), ["b"]);
    assert!(said(&mut front_end, message("a", json!({ "method": "refresh" }))).is_empty());
}

#[test]
fn the_table_of_variables_follows_the_cells() {
    let mut kernel = session();
    assert_eq!(
        said(&mut kernel, open("a", TARGET)),
        [("a".to_owned(), json!({ "variables": [] }))]
    );
    let told = |messages: Vec<Content>| {
        let on_comms = |message: &Content| matches!(message, Content::CommMsg(_));
        messages
            .into_iter()
            .filter(on_comms)
            .map(on_comm)
            .collect::<Vec<_>>()
    };
    let told_by = told(
        kernel
            .run("let counts = vec![1u8, 2]; let name = \"x\".to_string();")
            .ok(),
    );
    let rows = |told: &[(String, Value)]| {
        assert_eq!(told.len(), 1, "{told:?}");
        let rows = told[0].1["variables"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        // How a type is spelled, with or without its path, is not the matter here.
        let last = |row: &Value| text(&row["type"]).rsplit("::").next().unwrap().to_owned();
        rows.iter()
            .map(|row| format!("{}: {}", text(&row["name"]), last(row)))
            .collect::<Vec<_>>()
    };
    assert_eq!(rows(&told_by), ["counts: Vec<u8>", "name: String"]);
    assert!(told(kernel.run("counts.len()").ok()).is_empty());
    let told_by = told(kernel.run("let counts = name;").ok());
    assert_eq!(rows(&told_by), ["counts: String"]);
}

/// What the kernel says when a page has sent what was drawn on a map.
fn drawn(front_end: &mut FrontEnd, data: &Value) -> Value {
    let open = CommOpen {
        data: serde_json::from_value(data.clone()).unwrap(),
        ..open("lasso", SELECTION)
    };
    let [(what, said)] = said(front_end, open).try_into().unwrap();
    assert_eq!(what, "close lasso");
    said
}

#[test]
fn a_selection_is_kept_or_refused_and_its_comm_closed() {
    let mut front_end = FrontEnd::start();
    let map = "0123456789abcdef";
    let triangle = json!({ "map": map, "polygon": [[0, 0], [1, 0.5], [0, 1]] });
    assert_eq!(drawn(&mut front_end, &triangle), json!({ "kept": 3 }));
    let nothing = json!({ "map": map, "polygon": [] });
    assert_eq!(drawn(&mut front_end, &nothing), json!({ "kept": 0 }));
    for wrong in [
        json!({}),
        json!({ "map": "x", "polygon": [] }),
        json!({ "map": map, "polygon": [[0, "1"]] }),
        json!({ "map": map, "polygon": { "length": 1e9 } }),
    ] {
        let said = drawn(&mut front_end, &wrong);
        assert!(said["reason"].as_str().unwrap().contains("expected"));
    }
    assert!(listed(&mut front_end, None).is_empty());
}

#[test]
fn cells_have_what_was_drawn_on_their_maps() {
    let mut kernel = session();
    let shown = kernel
        .run(
            "use genolens::{display, embedding::Map, ndarray::array};\n\
             let one = Map::new(array![[0.0, 0.0], [2.0, 2.0], [0.5, 0.4]], \"UMAP\")?;\n\
             let two = Map::new(array![[0.5, 0.5], [9.0, 9.0]], \"UMAP\")?;\n\
             display::show(&one.scatter().labels(\"k\", &[\"a\", \"b\", \"b\"]));\n\
             display::show(&two);",
        )
        .ok();
    let pages = shown.iter().filter_map(|message| match message {
        Content::DisplayData(_) => {
            let page = serde_json::to_value(message).unwrap();
            page["data"]["text/html"].as_str().map(str::to_owned)
        }
        _ => None,
    });
    let names: Vec<String> = pages
        .map(|page| {
            let name = page.split_once("\"map\":\"").unwrap().1;
            name.split_once('"').unwrap().0.to_owned()
        })
        .collect();
    assert_eq!(names.len(), 2);
    let (_, message, _) = error(&kernel.run("one.selection()?;"));
    insta::assert_snapshot!(message, @"cannot read the selection: nothing has come from a picture of this map; draw around points with the lasso first, or where the page says that there is no way back, paste the expression under it");
    let around = json!([[-1, -1], [1, -1], [1, 1], [-1, 1]]);
    for name in &names {
        drawn(&mut kernel, &json!({ "map": name, "polygon": around }));
    }
    let tell = "println!(\"{:?} {:?}\", one.selection()?.indices(), two.selection()?);";
    assert_eq!(
        printed(kernel.run(tell)),
        "[0, 2] Selection(1 of 2 points selected)\n"
    );
    // The same map in other colours, made again, shares what is selected; a selection can be kept.
    let again = "let kept = Map::new(one.coordinates().clone(), \"PCA\")?.scatter().selection()?;";
    kernel.run(again).ok();
    drawn(&mut kernel, &json!({ "map": names[0], "polygon": [] }));
    let tell = "println!(\"{kept} {:?} {}\", kept.mask(), one.selection()?);";
    assert_eq!(
        printed(kernel.run(tell)),
        "2 of 3 points selected [true, false, true] 0 of 3 points selected\n"
    );
}
