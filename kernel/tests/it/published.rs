//! The library by its version, as a kernel without a checkout gets it; a local registry stands in for crates.io.

use crate::headless::Desk;
use serde_json::json;
use std::process::{Command, Output};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Makes a registry that holds a small library of the same name, and the settings by which cargo takes it for crates.io.
fn registry(desk: &Desk) {
    let library = desk.path("registry/genolens");
    std::fs::create_dir_all(library.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"genolens\"\nversion = \"{VERSION}\"\nedition = \"2024\"\n");
    desk.write("registry/genolens/Cargo.toml", manifest);
    desk.write(
        "registry/genolens/src/lib.rs",
        "pub fn answer() -> u8 { 42 }",
    );
    desk.write(
        "registry/genolens/.cargo-checksum.json",
        json!({ "files": {}, "package": null }).to_string(),
    );
    std::fs::create_dir(desk.path("cargo")).unwrap();
    let settings = format!(
        "[source.crates-io]\nreplace-with = \"here\"\n\n[source.here]\ndirectory = \"{}\"\n",
        desk.path("registry").display()
    );
    desk.write("cargo/config.toml", settings);
}

fn genolens(desk: &Desk, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_genolens"))
        .args(arguments)
        .current_dir(desk.path(""))
        .env("GENOLENS_SOURCE", "crates.io")
        .env("GENOLENS_CACHE", desk.path("cache"))
        .env("CARGO_HOME", desk.path("cargo"))
        .output()
        .unwrap()
}

#[test]
fn cells_use_the_published_library_once_fetched() {
    let desk = Desk::new();
    registry(&desk);
    // A folder above the cache must not draw the library into a workspace.
    desk.write("Cargo.toml", "[workspace]\nmembers = []\n");
    let done = genolens(&desk, &["warm"]);
    assert!(done.status.success(), "{done:?}");
    let source = desk.path(&format!("cache/source/genolens-{VERSION}"));
    assert!(source.join("src/lib.rs").is_file());
    assert!(!source.join("target").exists());
    // From now on neither crates.io nor cargo's own folder is needed.
    std::fs::remove_dir_all(desk.path("registry")).unwrap();
    desk.notebook(
        "n.ipynb",
        &["assert_eq!(genolens::answer(), 42);\nprintln!(\"{}\", genolens::answer());"],
    );
    let done = genolens(&desk, &["run", "n.ipynb", "-o", "out.ipynb"]);
    assert!(done.status.success(), "{done:?}");
    let shown = &desk.read("out.ipynb")["cells"][0]["outputs"][0]["text"];
    assert_eq!(shown, &json!(["42\n"]));
}

#[test]
fn a_library_that_cannot_be_fetched_is_named_with_the_way_out() {
    let desk = Desk::new();
    registry(&desk);
    std::fs::remove_dir_all(desk.path("registry/genolens")).unwrap();
    let done = genolens(&desk, &["warm"]);
    assert_eq!(done.status.code(), Some(1));
    let complaint = desk.complaint(&done);
    assert!(
        complaint.contains(&format!(
            "cannot fetch genolens {VERSION}: set GENOLENS_SOURCE to a clone"
        )),
        "{complaint}"
    );
    assert!(
        complaint.contains("no matching package named `genolens` found"),
        "{complaint}"
    );
    let left: Vec<_> = std::fs::read_dir(desk.path("cache/source"))
        .unwrap()
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_source_that_is_none_is_refused() {
    let desk = Desk::new();
    let done = Command::new(env!("CARGO_BIN_EXE_genolens"))
        .arg("warm")
        .env("GENOLENS_SOURCE", desk.path(""))
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let complaint = desk.complaint(&done);
    assert!(
        complaint.contains(
            "does not hold the library: expected a clone of the repository, or crates.io"
        ),
        "{complaint}"
    );
}
