//! Pictures, updates and progress.

use crate::front_end::FrontEnd;
use insta::assert_snapshot;
use jupyter_protocol::JupyterMessageContent as Content;

#[test]
fn two_pictures_and_the_text_between_keep_their_order() {
    let mut front_end = FrontEnd::start();
    let ran = front_end.run("print a\npicture one\nprint b\npicture two\nwrite c\nresult d");
    assert_snapshot!(ran.story(), @r#"
    input 1
    Stdout "a\n"
    display one
    Stdout "b\n"
    display two
    Stdout "c"
    result 1 d
    "#);
    let value = serde_json::to_value(&ran.messages[2]).unwrap();
    assert_eq!(value["metadata"]["image/svg+xml"]["alt"], "one");
    assert!(
        value["data"]["image/svg+xml"]
            .as_str()
            .unwrap()
            .starts_with("<svg")
    );
}

#[test]
fn a_display_is_updated_and_cleared() {
    let mut front_end = FrontEnd::start();
    let ran = front_end.run("display k=old\nupdate k=new\nclear wait\nclear\nprint end");
    assert_snapshot!(ran.story(), @r#"
    input 1
    display old as k
    update new as k
    clear, wait true
    clear, wait false
    Stdout "end\n"
    "#);
}

#[test]
fn sixteen_mebibytes_arrive() {
    let mut front_end = FrontEnd::start();
    let size = 16 * 1024 * 1024;
    let messages = front_end
        .run(&format!("big {size}\nbig {size}\nprint end"))
        .ok();
    assert_eq!(messages.len(), 4);
    for message in &messages[1..3] {
        let value = serde_json::to_value(message).unwrap();
        assert_eq!(value["data"]["text/plain"].as_str().unwrap().len(), size);
    }
}

#[test]
fn progress_is_one_display_with_few_updates_and_the_last_state() {
    let mut front_end = FrontEnd::start();
    let messages = front_end.run("progress 10000\nprint end").ok();
    let displays: Vec<&Content> = messages
        .iter()
        .filter(|message| matches!(message, Content::DisplayData(_)))
        .collect();
    let updates: Vec<&Content> = messages
        .iter()
        .filter(|message| matches!(message, Content::UpdateDisplayData(_)))
        .collect();
    assert_eq!(displays.len(), 1);
    assert!(
        (1..100).contains(&updates.len()),
        "{} updates",
        updates.len()
    );
    let first = serde_json::to_value(displays[0]).unwrap();
    let last = serde_json::to_value(updates[updates.len() - 1]).unwrap();
    assert_eq!(first["transient"], last["transient"]);
    assert_snapshot!(first["data"]["text/plain"].as_str().unwrap(), @"counting [....................] 0/10000");
    assert_snapshot!(last["data"]["text/plain"].as_str().unwrap(), @"counting: 10000/10000 in 10.0 s, 1000/s");
    assert_snapshot!(last["data"]["text/html"].as_str().unwrap(), @"<small>counting: 10000/10000 in 10.0 s, 1000/s</small>");
}

#[test]
fn a_note_goes_when_the_output_comes() {
    let mut front_end = FrontEnd::start();
    let ran = front_end.run("note compiling\nnote linking\nprint a\nnote too late");
    assert_snapshot!(ran.story(), @r#"
    input 1
    display compiling
    clear, wait true
    display linking
    clear, wait true
    Stdout "a\n"
    "#);
    let ran = front_end.run("note compiling");
    assert_snapshot!(ran.story(), @r"
    input 2
    display compiling
    clear, wait false
    ");
}
