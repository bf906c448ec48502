//! Reads the sources and fails where they leave the house plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Which rooms a room may use, besides the loose files at the root.
const ARROWS: [(&str, &[&str]); 24] = [
    ("progress", &[]),
    ("distribution", &[]),
    ("linear", &[]),
    ("sparse", &[]),
    ("storage", &[]),
    ("sequence", &[]),
    ("motif", &["sequence"]),
    ("catalogue", &[]),
    ("image", &[]),
    ("network", &[]),
    ("training", &["network"]),
    ("stream", &["sequence", "network", "training"]),
    (
        "attribution",
        &[
            "sequence",
            "motif",
            "network",
            "training",
            "expression",
            "embedding",
        ],
    ),
    ("sufficient", &["sequence", "motif", "network"]),
    ("discovery", &["sequence", "motif", "attribution"]),
    ("synthesis", &["sequence", "motif", "network", "training"]),
    (
        "causal",
        &[
            "sequence",
            "network",
            "training",
            "attribution",
            "calibration",
        ],
    ),
    ("calibration", &["network", "training"]),
    ("shift", &["calibration", "network", "training"]),
    ("expression", &["embedding"]),
    ("embedding", &[]),
    (
        "generative",
        &["embedding", "expression", "network", "shift", "training"],
    ),
    (
        "simulate",
        &["sequence", "motif", "image", "causal", "expression"],
    ),
    ("display", &["*"]),
];

/// What everyone may use: errors, randomness, progress, distributions, linear equations, sparse matrices, storage, text files, and what a model reads.
const LOOSE: [&str; 12] = [
    "error",
    "random",
    "progress",
    "distribution",
    "linear",
    "sparse",
    "storage",
    "text",
    "input",
    "Error",
    "Result",
    "Input",
];

const LONGEST_FILE: usize = 600;

#[test]
fn arrows_point_the_way_data_flows() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(room) = room(&path) else { continue };
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!(
                "{}: the room `{room}` is not in the plan",
                path.display()
            ));
            continue;
        };
        for used in uses(&text) {
            let fine = used == room
                || LOOSE.contains(&used.as_str())
                || allowed.contains(&used.as_str())
                || allowed.contains(&"*");
            if !fine {
                wrong.push(format!("{}: `{room}` may not use `{used}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_door_sign_holds_no_code() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if path.file_name().is_some_and(|name| name == "mod.rs") {
            for word in [
                "fn ", "struct ", "enum ", "trait ", "impl ", "const ", "static ",
            ] {
                if text.lines().any(|line| starts_item(line, word)) {
                    wrong.push(format!("{} has a `{}`", path.display(), word.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A line without its literals: a message may name what the code must not call.
fn outside_quotes(line: &str) -> String {
    let line = line.replace("\\\"", "");
    line.split('"').step_by(2).collect()
}

#[test]
fn only_one_place_prints() {
    let mut printing: Vec<String> = Vec::new();
    for (path, text) in sources() {
        let prints = ["println!", "print!", "stdout()", "stderr()", "dbg!"];
        if text.lines().any(|line| {
            let code = outside_quotes(line);
            prints.iter().any(|word| code.contains(word))
        }) {
            printing.push(path.display().to_string());
        }
    }
    assert_eq!(printing, ["src/display/mime.rs"]);
}

#[test]
fn public_functions_take_at_most_three_positional_arguments() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (line, name, parameters) in public_functions(&text) {
            let count = parameters
                .iter()
                .filter(|parameter| !parameter.ends_with("self"))
                .count();
            if count > 3 {
                wrong.push(format!("{}:{line}: `{name}` takes {count}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A function that is generic over our own traits is compiled anew, unoptimised, in every notebook cell that calls it.
#[test]
fn methods_take_models_and_inputs_by_dyn_reference() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (number, line) in text.lines().enumerate() {
            let is_generic = ["Model", "Input", "Explainable"].iter().any(|name| {
                line.contains(&format!(": &impl {name}"))
                    || line.contains(&format!(": impl {name}"))
            });
            if is_generic {
                wrong.push(format!(
                    "{}:{}: {}",
                    path.display(),
                    number + 1,
                    line.trim()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_short_and_say_what_they_are() {
    let mut wrong = Vec::new();
    for (path, _) in sources() {
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            wrong.push(format!("{} has {lines} lines", path.display()));
        }
        if !text.starts_with("//!") {
            wrong.push(format!(
                "{} does not begin with its purpose",
                path.display()
            ));
        }
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if [
            "utils", "util", "common", "helpers", "misc", "types", "core",
        ]
        .contains(&stem.as_str())
        {
            wrong.push(format!("{} is named after nothing", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn library_and_kernel_do_not_depend_on_each_other() {
    let dependencies = |manifest: &str| {
        let text = std::fs::read_to_string(manifest).unwrap();
        text.split_once("\n[dependencies]")
            .map(|(_, rest)| rest.split("\n[").next().unwrap_or_default().to_owned())
            .unwrap()
    };
    assert!(!dependencies("Cargo.toml").contains("genolens-kernel"));
    assert!(!dependencies("kernel/Cargo.toml").contains("genolens"));
    assert!(!dependencies("Cargo.toml").contains("evcxr"));
}

#[test]
fn the_test_itself_finds_what_it_looks_for() {
    let text = "use crate::display::Figure;\nuse crate::{Error, motif::Motif};\n// crate::causal\npub fn f(\n    &self,\n    a: Vec<(u8, u8)>,\n    b: u8,\n) {}";
    let text = without_comments(text);
    assert_eq!(uses(&text), ["display", "Error", "motif"]);
    let functions = public_functions(&text);
    assert_eq!(functions.len(), 1);
    assert_eq!(functions[0].2, ["&self", "a: Vec<(u8, u8)>", "b: u8"]);
}

/// Every source of the library, comments removed, by path.
fn sources() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    collect(Path::new("src"), &mut found);
    assert!(
        found.len() > 20,
        "the sources are not where the test looks for them"
    );
    found
}

fn collect(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.insert(path, without_comments(&text));
        }
    }
}

fn without_comments(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| line.to_owned() + "\n")
        .collect()
}

fn room(path: &Path) -> Option<String> {
    let mut parts = path.strip_prefix("src").ok()?.components();
    let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
    parts.next().map(|_| first)
}

/// The first name after every `crate::`, also inside braces.
fn uses(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with('$') {
            continue;
        }
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut fresh = true;
            for letter in list.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => fresh = true,
                    _ if depth == 0 && fresh && (letter.is_alphanumeric() || letter == '_') => {
                        word.push(letter);
                        continue;
                    }
                    _ if letter.is_whitespace() => continue,
                    _ => fresh = false,
                }
                if !word.is_empty() {
                    found.push(std::mem::take(&mut word));
                }
            }
            if !word.is_empty() {
                found.push(word);
            }
        } else {
            found.push(
                rest.chars()
                    .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                    .collect(),
            );
        }
    }
    found
}

fn starts_item(line: &str, word: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let line = line.strip_prefix("pub(crate) ").unwrap_or(line);
    line.starts_with(word)
}

/// Line, name and parameters of every `pub fn`.
fn public_functions(text: &str) -> Vec<(usize, String, Vec<String>)> {
    let mut found = Vec::new();
    for marker in ["pub fn ", "pub const fn "] {
        for (at, _) in text.match_indices(marker) {
            let rest = &text[at + marker.len()..];
            let name: String = rest
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            let mut depth = 0;
            let mut angle = 0;
            let mut parameters = vec![String::new()];
            let mut previous = ' ';
            for letter in rest[name.len()..].chars() {
                match letter {
                    '<' => angle += 1,
                    '>' if previous != '-' => angle -= 1,
                    '(' | '[' => depth += 1,
                    ')' | ']' => depth -= 1,
                    _ => {}
                }
                let opened = depth == 1 && letter == '(' && angle == 0;
                if letter == ')' && depth == 0 && angle == 0 {
                    break;
                }
                if letter == ',' && depth == 1 && angle == 0 {
                    parameters.push(String::new());
                } else if depth >= 1
                    && !opened
                    && let Some(last) = parameters.last_mut()
                {
                    last.push(letter);
                }
                previous = letter;
            }
            let parameters = parameters
                .into_iter()
                .map(|parameter| parameter.trim().to_owned())
                .filter(|parameter| !parameter.is_empty())
                .collect();
            found.push((text[..at].matches('\n').count() + 1, name, parameters));
        }
    }
    found
}
