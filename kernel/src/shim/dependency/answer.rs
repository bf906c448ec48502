//! Answers evcxr's own questions about crates, which cost a run of cargo each.

use super::manifest::Wanted;
use crate::place::Place;
use serde_json::json;

/// Crates that a cell can name without asking for them.
const THERE: [&str; 6] = ["genolens", "std", "core", "alloc", "proc_macro", "test"];

/// Answers a question of evcxr's; `None` for the questions of others.
pub(in crate::shim) fn answer(place: &Place, tool: &str, arguments: &[String]) -> Option<String> {
    if tool != "cargo" || arguments.first().is_none_or(|word| word != "metadata") {
        return None;
    }
    // Whether one crate can be had: the build of all of them will show it, and say why not.
    if place.manifest().contains("evcxr_dummy_validate_dep") {
        return Some("{}".to_owned());
    }
    // Which crates are there, before an `extern crate` adds one.
    let plain = ["metadata", "--offline", "--format-version", "1"];
    if arguments.iter().any(|word| !plain.contains(&word.as_str())) {
        return None;
    }
    let wanted = Wanted::all(place);
    let names: Vec<String> = wanted
        .iter()
        .map(Wanted::crate_name)
        .chain(THERE.map(str::to_owned))
        .collect();
    let mut packages = vec![json!({
        "id": "ctx",
        "name": "ctx",
        "dependencies": names.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "targets": [],
    })];
    packages.extend(names.iter().map(|name| {
        json!({ "id": name, "name": name, "dependencies": [], "targets": [{ "kind": ["lib"], "name": name }] })
    }));
    Some(json!({ "packages": packages, "workspace_members": ["ctx"] }).to_string())
}
