//! The environment of a session: what evcxr and its tools find there, and what cells and the tools of the user get instead.

use crate::place::{self, Place, SESSION};
use crate::{standby, tenancy, umask};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::Command;

const KEPT_PATH: &str = "GENOLENS_KEPT_PATH";
const KEPT_HOME: &str = "GENOLENS_KEPT_CARGO_HOME";

/// Variables by their names.
pub(crate) type Variables = BTreeMap<OsString, OsString>;

/// What `cargo run` tells the program that it runs is not meant for the tools that the program runs.
const ABOUT_PARENT: [&str; 4] = [
    "CARGO_PKG_",
    "CARGO_MANIFEST_",
    "CARGO_BIN_",
    "CARGO_CRATE_",
];
const OF_PARENT: [&str; 4] = ["CARGO", "RUSTC", "LD_LIBRARY_PATH", standby::DOOR];

/// What evcxr is told, and nobody who was not started by it.
const OF_EVCXR: [&str; 4] = [
    "RUST_SRC_PATH",
    "EVCXR_TMPDIR",
    "EVCXR_CONFIG_DIR",
    "RUSTC_WRAPPER",
];

/// What the kernel and evcxr tell the process that runs the cells, and nobody else.
pub(crate) const INTERNAL: [&str; 13] = [
    crate::runtime::PURPOSE,
    "GENOLENS_LIBRARY",
    "GENOLENS_CELL",
    place::RUSTC,
    place::CARGO,
    place::LIBRARY,
    place::VERSION,
    KEPT_PATH,
    KEPT_HOME,
    umask::KEPT,
    tenancy::LOCK,
    "LD_LIBRARY_PATH",
    // evcxr asks for backtraces, which would show the frames of the runtime and cost a tenth of a second.
    "RUST_BACKTRACE",
];

/// The environment of the kernel's process, for a session that was asked for in this one.
pub(crate) fn inside(place: &Place, mut given: Variables) -> Variables {
    forget_parent(&mut given);
    let kept_path = take(&mut given, "PATH");
    let kept_home = take(&mut given, "CARGO_HOME");
    let mut path = place.bin().into_os_string();
    path.push(":");
    path.push(&kept_path);
    let folder = place.folder();
    let added: [(&str, OsString); 11] = [
        (SESSION, folder.into()),
        (place::RUSTC, place.rustc().into()),
        (place::CARGO, place.cargo().into()),
        (place::LIBRARY, place.library().into()),
        (KEPT_PATH, kept_path),
        (KEPT_HOME, kept_home),
        ("PATH", path),
        ("CARGO_HOME", folder.into()),
        ("RUST_SRC_PATH", folder.join("std").into()),
        ("EVCXR_TMPDIR", place.crate_folder().into()),
        ("EVCXR_CONFIG_DIR", folder.join("settings").into()),
    ];
    given.extend(added.map(|(name, value)| (name.into(), value)));
    given
}

/// The environment of the cells, and of the programs that they start, in a session that was asked for in this one.
pub(crate) fn of_cells(mut given: Variables) -> Variables {
    forget_parent(&mut given);
    let hidden = OF_EVCXR.iter().chain(&INTERNAL).chain(&[SESSION]);
    for name in hidden {
        take(&mut given, name);
    }
    given.retain(|name, value| name != "CARGO_HOME" || !value.is_empty());
    given
}

/// The environment in which the session of this process was asked for.
pub(crate) fn outside() -> Variables {
    let mut variables: Variables = std::env::vars_os().collect();
    if variables.contains_key(&OsString::from(SESSION)) {
        for (kept, name) in [(KEPT_PATH, "PATH"), (KEPT_HOME, "CARGO_HOME")] {
            let value = take(&mut variables, kept);
            variables.insert(name.into(), value);
        }
    }
    variables
}

fn forget_parent(variables: &mut Variables) {
    variables.retain(|name, _| {
        let name = name.to_string_lossy();
        !ABOUT_PARENT.iter().any(|prefix| name.starts_with(prefix))
            && !OF_PARENT.contains(&name.as_ref())
    });
}

fn take(variables: &mut Variables, name: &str) -> OsString {
    variables.remove(&OsString::from(name)).unwrap_or_default()
}

/// Gives this process another environment.
pub(crate) fn become_that_of(wanted: &Variables) {
    let goes = std::env::vars_os().filter(|(name, _)| !wanted.contains_key(name));
    let changes = goes.map(|(name, _)| (name, None));
    let changes: Vec<_> = changes
        .chain(
            wanted
                .iter()
                .map(|(name, value)| (name.clone(), Some(value))),
        )
        .filter(|(name, value)| std::env::var_os(name).as_ref() != *value)
        .collect();
    for (name, value) in changes {
        // SAFETY: whoever calls this has only threads that wait, or that read variables through the standard library, which locks them.
        #[expect(unsafe_code, reason = "the environment belongs to the process")]
        unsafe {
            match value {
                Some(value) => std::env::set_var(name, value),
                None => std::env::remove_var(name),
            }
        }
    }
}

/// Gives a child process the environment that the session was started in; outside a session it has that already.
pub(crate) fn restore(command: &mut Command) {
    if std::env::var_os(SESSION).is_none() {
        return;
    }
    for name in OF_EVCXR {
        command.env_remove(name);
    }
    if let Some(path) = std::env::var_os(KEPT_PATH) {
        command.env("PATH", path);
    }
    match std::env::var_os(KEPT_HOME) {
        Some(home) if !home.is_empty() => command.env("CARGO_HOME", home),
        _ => command.env_remove("CARGO_HOME"),
    };
}
