//! Who may talk to a kernel, and who may read what it writes.

use crate::front_end::{FrontEnd, connection, temporary};
use crate::processes::{descendants, signal};
use crate::rust::{printed, session, warm};
use jupyter_protocol::{ConnectionInfo, ExecuteRequest, JupyterMessage, ShutdownRequest};
use jupyter_zmq_client as client;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

const GENOLENS: &str = env!("CARGO_BIN_EXE_genolens");

fn info(kernel: &FrontEnd) -> ConnectionInfo {
    let text = std::fs::read(kernel.folder().join("connection.json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn a_message_with_another_key_or_none_is_ignored() {
    let mut kernel = FrontEnd::start();
    for key in ["another key", ""] {
        let mut stranger = info(&kernel);
        stranger.key = key.to_owned();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let identity = client::peer_identity_for_session("stranger").unwrap();
            let shell = client::create_client_shell_connection_with_identity(
                &stranger, "stranger", identity,
            );
            let control = client::create_client_control_connection(&stranger, "stranger");
            let (mut shell, mut control) = (shell.await.unwrap(), control.await.unwrap());
            let cell = ExecuteRequest::new("print stolen".to_owned());
            let end = ShutdownRequest { restart: false };
            shell.send(JupyterMessage::new(cell, None)).await.unwrap();
            control.send(JupyterMessage::new(end, None)).await.unwrap();
            let wait = Duration::from_millis(500);
            assert!(tokio::time::timeout(wait, shell.read()).await.is_err());
            assert!(tokio::time::timeout(wait, control.read()).await.is_err());
        });
    }
    // Nothing was published either, and the count has not moved.
    let ran = kernel.run("print own");
    assert_eq!(ran.reply.execution_count.0, 1);
    ran.ok();
}

/// The addresses on which a process listens, as `/proc/net/tcp` and `tcp6` write them.
fn listening(process: u32) -> Vec<String> {
    let links = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let sockets: Vec<String> = links
        .flatten()
        .filter_map(|entry| {
            let target = std::fs::read_link(entry.path()).ok()?;
            let target = target.to_str()?.strip_prefix("socket:[")?;
            Some(target.trim_end_matches(']').to_owned())
        })
        .collect();
    let mut found = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let parts: Vec<&str> = line.split_whitespace().collect();
            let is_ours = parts
                .get(9)
                .is_some_and(|inode| sockets.iter().any(|ours| ours == inode));
            if is_ours && parts[3] == "0A" {
                found.push(parts[1].to_owned());
            }
        }
    }
    found
}

#[test]
fn only_the_address_of_the_connection_file_is_open() {
    let mut kernel = session();
    kernel.run("let kept = 1;").ok();
    let open = listening(kernel.process());
    assert_eq!(open.len(), 5, "{open:?}");
    assert!(
        open.iter().all(|address| address.starts_with("0100007F:")),
        "{open:?}"
    );
    for process in descendants(kernel.process()) {
        assert_eq!(listening(process), Vec::<String>::new());
    }
}

/// Every entry below a folder, links not followed.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            found.extend(entries(&entry.path()));
        }
        found.push(entry.path());
    }
    found
}

#[test]
fn what_a_session_writes_is_private_whatever_the_mask() {
    warm();
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let mut program = Command::new("sh");
    program
        .args(["-c", "umask 000; exec \"$0\" \"$@\"", GENOLENS])
        .current_dir(folder.path());
    let mut kernel = FrontEnd::start_by(program, "rust", &folder);
    kernel.run("let kept = 1; println!(\"{kept}\");").ok();
    kernel.run("let n = \"7\".parse::<i32>()? + kept;").ok();
    kernel.run("std::fs::write(\"mine.txt\", \"\")?;").ok();
    let all: Vec<PathBuf> = entries(&temporary(folder.path()))
        .into_iter()
        .chain(entries(&folder.path().join("state")))
        .collect();
    let mut kinds = [0; 3];
    for path in all {
        let found = std::fs::symlink_metadata(&path).unwrap();
        if found.is_symlink() {
            continue;
        }
        let mode = found.permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
        let kind = found.file_type();
        kinds[0] += usize::from(kind.is_dir());
        kinds[1] += usize::from(kind.is_file());
        kinds[2] += usize::from(kind.is_socket() || kind.is_fifo());
    }
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
    // What the cell itself writes is as the user wants it.
    let mine = std::fs::metadata(folder.path().join("mine.txt")).unwrap();
    assert_eq!(mine.permissions().mode() & 0o777, 0o666);
}

#[test]
fn cells_and_their_children_see_the_environment_of_the_user() {
    warm();
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let mut program = Command::new(GENOLENS);
    program
        .env("GENOLENS_DATA", "/data")
        .env("CARGO_HOME", "/own/cargo")
        .env("MINE", "1");
    let path = std::env::var("PATH").unwrap();
    let mut kernel = FrontEnd::start_by(program, "rust", &folder);
    let said = printed(kernel.run(
        "let out = std::process::Command::new(\"env\").output()?.stdout; println!(\"{}\", String::from_utf8_lossy(&out));",
    ));
    let has = |line: &str| said.lines().any(|found| found == line);
    for line in [
        "GENOLENS_DATA=/data",
        "CARGO_HOME=/own/cargo",
        "MINE=1",
        &format!("PATH={path}"),
    ] {
        assert!(has(line), "{line}\n{said}");
    }
    for hidden in [
        "EVCXR",
        "GENOLENS_S",
        "GENOLENS_K",
        "GENOLENS_L",
        "GENOLENS_R",
        "RUST_SRC_PATH",
        "LD_LIBRARY_PATH",
    ] {
        let shown = said
            .lines()
            .find(|line| line.starts_with(hidden) && !line.starts_with("GENOLENS_STATE"));
        assert_eq!(shown, None);
    }
}

#[test]
fn a_start_removes_what_dead_sessions_left_and_nothing_else() {
    warm();
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let place = temporary(folder.path());
    let program = || Command::new(GENOLENS);
    let mut dead = FrontEnd::start_by(program(), "rust", &folder);
    dead.run("let kept = 1;").ok();
    signal(dead.process(), "-KILL");
    dead.ended();
    let mut live = FrontEnd::start_by(program(), "rust", &folder);
    live.run("let kept = 2;").ok();
    let names = || {
        let found = std::fs::read_dir(&place).unwrap().flatten();
        let mut names: Vec<String> = found
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let [own] = &names()[..] else {
        panic!("the dead session's folder should be gone: {:?}", names());
    };
    // A name that looks like ours may be anybody's.
    let victim = folder.path().join("victim");
    std::fs::create_dir(&victim).unwrap();
    for name in ["lock", "precious"] {
        std::fs::write(victim.join(name), "").unwrap();
    }
    symlink(&victim, place.join("genolens-1-trap")).unwrap();
    std::fs::create_dir(place.join("genolens-2-folder")).unwrap();
    let mut third = FrontEnd::start_by(program(), "rust", &folder);
    third.run("let kept = 3;").ok();
    assert!(victim.join("precious").exists());
    assert!(names().contains(own) && names().len() == 4, "{:?}", names());
    assert_eq!(printed(live.run("println!(\"{kept}\");")), "2\n");
}

#[test]
fn a_connection_file_beside_settings_of_evcxr_is_not_led_astray() {
    warm();
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let settings = "[evcxr]\ntmpdir = \"elsewhere\"\noffline_mode = true\nprelude = \"panic!()\"\n";
    std::fs::write(folder.path().join("evcxr.toml"), settings).unwrap();
    let mut program = Command::new(GENOLENS);
    program.current_dir(folder.path());
    let mut kernel = FrontEnd::start_by(program, "rust", &folder);
    let said = printed(kernel.run("println!(\"{}\", std::env::current_dir()?.display());"));
    assert_eq!(
        Path::new(said.trim()),
        folder.path().canonicalize().unwrap()
    );
    assert!(!folder.path().join("elsewhere").exists());
}

#[test]
fn a_folder_with_too_long_a_name_for_a_socket_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let long = folder.path().join("x".repeat(100));
    std::fs::create_dir(&long).unwrap();
    let (_, file) = connection(folder.path());
    drop(file);
    std::fs::write(
        folder.path().join("n.ipynb"),
        crate::headless::notebook(&[]).to_string(),
    )
    .unwrap();
    let done = Command::new(GENOLENS)
        .args(["run", "n.ipynb"])
        .current_dir(folder.path())
        .env("TMPDIR", &long)
        .output()
        .unwrap();
    assert_eq!(done.status.code(), Some(1));
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(
        said.contains("set TMPDIR to a folder with a shorter one"),
        "{said}"
    );
    assert_eq!(std::fs::read_dir(&long).unwrap().count(), 0);
}
