//! Bars and curves of real cells.

use crate::front_end::{FrontEnd, executed};
use crate::headless::Desk;
use crate::rust::session;
use jupyter_protocol::{ExecuteRequest, JupyterMessageContent as Content, ReplyStatus};
use serde_json::Value;
use std::time::{Duration, Instant};

/// A training of some seconds.
const TRAINING: &str = "use genolens::ndarray::{Array1, Array2}; use genolens::{network::Architecture, training};\n\
    let x = Array2::from_shape_fn((8000, 20), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);\n\
    let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] > row[1] { 1.0 } else { 0.0 }).collect();\n\
    let network = Architecture::features(20).dense(256).relu().dense(1).build()?;\n\
    let fit = training::Fit::new().epochs(EPOCHS).patience(1000);\n\
    print!(\"before\"); let trained = fit.run(&network, &x, &labels)?; println!(\"after\");";

fn training(epochs: usize) -> String {
    TRAINING.replace("EPOCHS", &epochs.to_string())
}

/// Every state of every display: its name, its MIME types, its text and the beginning of its markup.
fn states(messages: &[Content]) -> Vec<(String, Vec<String>, String, String)> {
    let state = |message: &Content| {
        let shows = matches!(
            message,
            Content::DisplayData(_) | Content::UpdateDisplayData(_)
        );
        let value = shows.then(|| serde_json::to_value(message).unwrap())?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let data = value["data"].as_object().unwrap();
        let mut mimes: Vec<String> = data.keys().cloned().collect();
        mimes.sort();
        Some((
            text(&value["transient"]["display_id"]),
            mimes,
            text(&data["text/plain"]),
            data.get("text/html")
                .map(|html| text(html).chars().take(600).collect())
                .unwrap_or_default(),
        ))
    };
    messages.iter().filter_map(state).collect()
}

#[test]
fn training_shows_a_bar_and_a_curve_and_leaves_one_picture() {
    let mut kernel = session();
    let start = Instant::now();
    let messages = kernel.run(&training(300)).ok();
    let took = start.elapsed();
    let states = states(&messages);
    assert!(states.len() > 3, "{states:?}");
    assert!(
        states.len() as f64 <= 20.0 * took.as_secs_f64() + 3.0,
        "{} states in {took:?}",
        states.len()
    );
    // One display, which changes.
    assert!(
        states
            .iter()
            .all(|state| state.0 == states[0].0 && !state.0.is_empty())
    );
    let (last, live) = states.split_last().unwrap();
    for (_, mimes, text, html) in live {
        assert_eq!(mimes, &["text/html", "text/plain"]);
        assert!(
            text.starts_with("fit [") && text.contains("/s, ") && text.contains(" left, epoch "),
            "{text}"
        );
        assert!(html.contains("<progress "), "{html}");
    }
    assert!(live.last().unwrap().3.contains("<svg"));
    assert!(
        last.1.contains(&"image/png".to_owned()) && last.1.contains(&"image/svg+xml".to_owned()),
        "{:?}",
        last.1
    );
    assert!(
        last.2.contains("loss over epoch; training") && last.2.contains("; validation; "),
        "{}",
        last.2
    );
    assert!(last.2.contains("AUROC over epoch"), "{}", last.2);
}

#[test]
fn a_saved_training_holds_the_picture_and_nothing_of_the_bar() {
    let desk = Desk::new();
    desk.notebook("fit.ipynb", &[&training(200)]);
    let ran = desk.run_with("rust", &["fit.ipynb", "-o", "done.ipynb"]);
    assert!(ran.status.success(), "{}", desk.complaint(&ran));
    let saved = desk.read("done.ipynb");
    let outputs = saved["cells"][0]["outputs"].as_array().unwrap();
    let kinds: Vec<&str> = outputs
        .iter()
        .map(|output| output["output_type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["stream", "display_data", "stream"]);
    assert!(outputs[1]["data"]["image/png"].is_string());
    assert!(outputs[1]["data"]["text/html"].is_null());
}

/// Starts a cell, interrupts it when its first progress is shown, and gives all that came.
fn interrupted(kernel: &mut FrontEnd, code: &str) -> (Vec<Content>, Duration) {
    let id = kernel.ask(ExecuteRequest::new(code.to_owned()));
    let mut messages = Vec::new();
    while !matches!(messages.last(), Some(Content::UpdateDisplayData(_))) {
        messages.push(kernel.iopub().content);
    }
    let start = Instant::now();
    messages.extend(kernel.interrupt(&id));
    let ended = start.elapsed();
    assert_eq!(executed(kernel.reply()).status, ReplyStatus::Error);
    (messages, ended)
}

#[test]
fn an_interrupted_training_leaves_the_curve_so_far() {
    let mut kernel = session();
    let (messages, took) = interrupted(&mut kernel, &training(100_000));
    let states = states(&messages);
    let last = states.last().unwrap();
    assert!(last.1.contains(&"image/png".to_owned()), "{last:?}");
    assert!(last.2.starts_with("fit, stopped: epoch "), "{last:?}");
    // Precise timing belongs to benches.
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[test]
fn a_user_wraps_a_loop_and_inner_tasks_show_inside() {
    let mut kernel = session();
    let messages = kernel
        .run(
            "use genolens::progress::{self, Task}; use std::{thread::sleep, time::Duration};\n\
             for fold in progress::bar(\"folds\", 0..2) {\n\
                 let fold = fold?;\n\
                 let mut task = Task::new(\"descent\", 30);\n\
                 for step in 0..30 { task.record(\"height\", \"\", 1.0 / (step + 1) as f64); task.step(&format!(\"fold {fold}\"))?; sleep(Duration::from_millis(25)); }\n\
             }\n\
             for word in progress::bar(\"words\", \"a b c d e f\".split(' ')) { word?; sleep(Duration::from_millis(120)); }",
        )
        .ok();
    let states = states(&messages);
    let mut ids: Vec<&String> = states.iter().map(|state| &state.0).collect();
    ids.dedup();
    assert_eq!(ids.len(), 2, "one display for each outer loop: {states:?}");
    let first: Vec<_> = states.iter().filter(|state| &state.0 == ids[0]).collect();
    assert!(
        first
            .iter()
            .any(|state| state.2.contains("folds [") && state.2.contains(" | descent [")),
        "{first:?}"
    );
    let last = first.last().unwrap();
    assert_eq!(
        last.2.matches("Line plot of height over step").count(),
        2,
        "{last:?}"
    );
    let words = states.last().unwrap();
    // Nobody knows how many words there are; what remains is a line.
    assert!(words.2.starts_with("words: 6/6 in "), "{words:?}");
    assert!(!words.3.contains("<progress"), "{words:?}");
}

#[test]
fn a_task_that_a_variable_keeps_ends_with_its_cell() {
    let mut kernel = session();
    let cell = "for _ in 0..5 { task.step(\"\")?; std::thread::sleep(std::time::Duration::from_millis(150)); }";
    let messages = kernel
        .run(&format!(
            "let mut task = genolens::progress::Task::new(\"slow\", 10); {cell}"
        ))
        .ok();
    let first = states(&messages);
    assert!(
        first
            .last()
            .unwrap()
            .2
            .starts_with("slow: stopped at 5/10 in "),
        "{first:?}"
    );
    // It goes on in the next cell, as a display of its own.
    let messages = kernel.run(cell).ok();
    let second = states(&messages);
    assert!(
        second.last().unwrap().2.starts_with("slow: 10/10 in "),
        "{second:?}"
    );
    assert_ne!(first[0].0, second[0].0);
}

#[test]
fn a_process_that_dies_leaves_the_curve_so_far() {
    let mut kernel = session();
    let ran = kernel.run(
        "let mut task = genolens::progress::Task::new(\"doomed\", 100);\n\
         for i in 0..20 { task.record(\"loss\", \"\", 1.0 / (i + 1) as f64); task.step(\"\")?; std::thread::sleep(std::time::Duration::from_millis(50)); }\n\
         std::process::abort();",
    );
    let states = states(&ran.messages);
    let last = states.last().unwrap();
    assert!(last.1.contains(&"image/svg+xml".to_owned()), "{last:?}");
    assert!(last.2.starts_with("doomed: stopped at "), "{last:?}");
}

#[test]
fn what_was_not_announced_and_what_cannot_be_drawn_is_said() {
    let mut kernel = session();
    let messages = kernel
        .run(
            "let mut task = genolens::progress::Task::new(\"descent\", 3);\n\
             for step in 0..10 {\n\
                 task.record(\"height\", \"\", if step < 5 { f64::from(step) } else { f64::NAN });\n\
                 task.step(\"\")?; std::thread::sleep(std::time::Duration::from_millis(90));\n\
             }\n\
             drop(task);",
        )
        .ok();
    let states = states(&messages);
    let texts: Vec<&str> = states.iter().map(|state| state.2.as_str()).collect();
    assert!(
        texts.len() > 1 && !texts.concat().contains("/3"),
        "{texts:?}"
    );
    let last = texts.last().unwrap();
    assert!(last.contains("5 values of height left out"), "{last}");
}

#[test]
fn quick_work_shows_nothing() {
    let mut kernel = session();
    let messages = kernel
        .run("for i in genolens::progress::bar(\"quick\", 0..100_000) { i?; }")
        .ok();
    assert!(states(&messages).is_empty());
}
