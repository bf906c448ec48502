//! The session that waits for the kernels of a lab.

use crate::front_end::{FrontEnd, connection, temporary, wait_for};
use crate::ground::{on_small_library, small_library, warmed};
use crate::headless::Desk;
use crate::life::{assert_gone, processes};
use crate::processes::{descendants, is_alive, signal};
use crate::rust::printed;
use jupyter_protocol::{ExecuteRequest, JupyterMessageContent as Content, ShutdownRequest};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const GENOLENS: &str = env!("CARGO_BIN_EXE_genolens");

/// Says where a session would be found, and works no more than a lab that nobody uses.
const JUPYTER: &str = "#!/bin/sh\necho \"$GENOLENS_STANDBY\" > \"$TOLD.draft\"\nmv \"$TOLD.draft\" \"$TOLD\"\nexec sleep 1000\n";

/// A lab whose JupyterLab does nothing, and a small library on which sessions start.
struct Lab {
    desk: Desk,
    folder: Arc<TempDir>,
    process: Child,
    door: PathBuf,
}

/// A library that lets its loops be interrupted, and has none.
fn library(answer: i32) -> String {
    format!(
        "#[unsafe(no_mangle)] pub extern \"C\" fn genolens_interrupt() {{}}\npub fn answer() -> i32 {{ {answer} }}\n"
    )
}

impl Lab {
    fn open() -> Self {
        let desk = Desk::new();
        small_library(&desk, false);
        desk.write("library/src/lib.rs", library(42));
        assert!(warmed(&desk).status.success());
        std::fs::create_dir(desk.path("bin")).unwrap();
        desk.write("bin/jupyter-lab", JUPYTER);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(desk.path("bin/jupyter-lab"), executable).unwrap();
        desk.memory(8_000_000);
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let told = desk.path("told");
        let mut lab = desk.program(GENOLENS);
        let process = lab
            .arg("lab")
            .env("TMPDIR", temporary(folder.path()))
            .env("TOLD", &told)
            .spawn()
            .unwrap();
        until("the lab is open", || told.exists());
        let door = std::fs::read_to_string(told).unwrap().trim_end().into();
        let lab = Self {
            desk,
            folder,
            process,
            door,
        };
        lab.until_one_waits();
        lab
    }

    fn until_one_waits(&self) {
        until("a session waits", || self.door.exists());
    }

    /// A kernel as this lab would start it.
    fn program(&self, program: &str) -> Command {
        let mut command = self.desk.program(program);
        command.env("GENOLENS_STANDBY", &self.door);
        command
    }

    fn kernel(&self) -> FrontEnd {
        FrontEnd::start_by(self.program(GENOLENS), "rust", &self.folder)
    }

    /// The service, the session that waits, and what they have started.
    fn helpers(&self) -> Vec<u32> {
        descendants(self.process.id())
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let _ended = self.process.kill();
        let _status = self.process.wait();
        if !std::thread::panicking() {
            assert_gone(self.folder.path());
        }
    }
}

impl Desk {
    fn program(&self, program: &str) -> Command {
        let mut path = self.path("bin").into_os_string();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let mut command = on_small_library(program, self);
        command
            .env("PATH", path)
            .env("GENOLENS_PROC", self.path("system"));
        command
    }

    /// Has the system say how many kilobytes can still be had.
    fn memory(&self, kilobytes: u64) {
        std::fs::create_dir_all(self.path("system")).unwrap();
        self.write("system/draft", format!("MemAvailable: {kilobytes} kB\n"));
        std::fs::rename(self.path("system/draft"), self.path("system/meminfo")).unwrap();
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_mins(1), "not yet: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The process of the session behind a kernel, which has started the one that runs the cells.
fn session(kernel: &mut FrontEnd) -> u32 {
    let parent = printed(kernel.run("println!(\"{}\", std::os::unix::process::parent_id());"));
    let parent = parent.trim().parse().unwrap();
    assert!(is_alive(parent));
    parent
}

/// Tells whether that is the one that waited: then it is not the process that was started.
fn had_waited(kernel: &mut FrontEnd) -> bool {
    session(kernel) != kernel.process()
}

/// All that a cell finds around it.
const LOOK: &str = "for (name, value) in std::env::vars_os() { println!(\"{name:?} = {value:?}\"); }\n\
    println!(\"{:?}\", std::env::current_dir()?); let file = std::env::temp_dir().join(\"looked\"); std::fs::write(&file, \"\")?;\n\
    use std::os::unix::fs::PermissionsExt; println!(\"{:o}\", std::fs::metadata(&file)?.permissions().mode()); std::fs::remove_file(&file)?;\n\
    let status = std::fs::read_to_string(\"/proc/self/status\")?;\n\
    for line in status.lines().filter(|line| line.starts_with(\"Sig\") && !line.starts_with(\"SigQ\")) { println!(\"{line}\"); }\n\
    println!(\"{}\", std::fs::read_to_string(\"/proc/self/limits\")?);";

fn around(kernel: &mut FrontEnd) -> Vec<String> {
    let text = printed(kernel.run(LOOK));
    // The name of the session's own socket is all that may differ.
    let lines = text
        .lines()
        .filter(|line| !line.contains("GENOLENS_CHANNEL"));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

/// Compares two surroundings, and tells only what differs.
fn same(one: &[String], other: &[String]) {
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        let alone = one.iter().filter(|line| !other.contains(line));
        alone.cloned().collect()
    };
    assert_eq!(only(one, other), only(other, one));
}

#[test]
fn a_session_that_waited_finds_around_it_what_one_of_its_own_would() {
    let lab = Lab::open();
    let folder = lab.desk.path("beside \"the\" notebook");
    std::fs::create_dir(&folder).unwrap();
    // Another folder, mask, number of files, ignored signals, and variables of all kinds than the lab has.
    let line = "umask 027; ulimit -Sn 300; trap '' USR1 HUP; exec \"$0\" \"$@\"";
    let program = |standby: bool| {
        let mut command = if standby {
            lab.program("sh")
        } else {
            lab.desk.program("sh")
        };
        command
            .args(["-c", line, GENOLENS])
            .current_dir(&folder)
            .env("RAYON_NUM_THREADS", "3")
            .env("CUDA_VISIBLE_DEVICES", "")
            .env("MINE", "a = b\nc");
        command
    };
    let mut kernel = FrontEnd::start_by(program(true), "rust", &lab.folder);
    assert!(
        had_waited(&mut kernel),
        "a session waited, and another started"
    );
    let found = around(&mut kernel);
    for part in ["\"RAYON_NUM_THREADS\" = \"3\"", "beside", "100640", "300"] {
        assert!(found.iter().any(|line| line.contains(part)), "{part}");
    }
    // A compiler sees it too.
    assert_eq!(
        printed(kernel.run("println!(\"{}\", env!(\"MINE\"));")),
        "a = b\nc\n"
    );
    drop(kernel);
    let mut own = FrontEnd::start_by(program(false), "rust", &lab.folder);
    assert!(!had_waited(&mut own));
    same(&around(&mut own), &found);
    drop(own);
    // A process of cells that has to be started again is where the first one was.
    lab.until_one_waits();
    let mut kernel = FrontEnd::start_by(program(true), "rust", &lab.folder);
    assert!(had_waited(&mut kernel));
    kernel.run("std::process::abort();");
    same(&around(&mut kernel), &found);
}

#[test]
fn a_session_that_waited_obeys_the_signals_of_the_process_that_was_started() {
    let lab = Lab::open();
    let mut kernel = lab.kernel();
    assert!(had_waited(&mut kernel));
    let id = kernel.ask(ExecuteRequest::new(
        "println!(\"begun\"); loop { std::hint::spin_loop() };".to_owned(),
    ));
    while !matches!(kernel.iopub().content, Content::StreamContent(_)) {}
    for _ in 0..2 {
        signal(kernel.process(), "-INT");
        std::thread::sleep(Duration::from_millis(100));
    }
    let (_, errors) = kernel.rest(&id);
    assert_eq!(errors[0].ename, "interrupted", "{errors:?}");
    kernel.reply();
    assert_eq!(
        printed(kernel.run("println!(\"{}\", genolens::answer());")),
        "42\n"
    );
    let session = session(&mut kernel);
    let mut all = descendants(session);
    all.push(session);
    signal(kernel.process(), "-TERM");
    assert!(kernel.ended().success());
    until("the session has ended", || {
        all.iter().all(|process| !is_alive(*process))
    });
    drop(kernel);
    lab.until_one_waits();
    let mut kernel = lab.kernel();
    assert!(had_waited(&mut kernel));
    let reply = kernel.control(ShutdownRequest { restart: true });
    assert!(matches!(reply, Content::ShutdownReply(reply) if reply.restart));
    assert!(kernel.ended().success());
}

#[test]
fn who_is_killed_takes_the_others_along() {
    let mut lab = Lab::open();
    let service = lab.helpers()[0];
    // The process that was started, while a cell runs that never ends.
    let mut kernel = lab.kernel();
    assert!(had_waited(&mut kernel));
    let session: Vec<u32> = descendants(service);
    kernel.ask(ExecuteRequest::new(
        "println!(\"begun\"); loop { std::hint::spin_loop() };".to_owned(),
    ));
    while !matches!(kernel.iopub().content, Content::StreamContent(_)) {}
    signal(kernel.process(), "-KILL");
    kernel.ended();
    until("the session has ended", || {
        session.iter().all(|process| !is_alive(*process))
    });
    drop(kernel);
    // The session: then the process that was started fails, and the front end knows.
    lab.until_one_waits();
    let mut kernel = lab.kernel();
    assert!(had_waited(&mut kernel));
    signal(descendants(service)[0], "-KILL");
    assert!(!kernel.ended().success());
    drop(kernel);
    // One that waits: another takes its place.
    lab.until_one_waits();
    let waiting = descendants(service)[0];
    signal(waiting, "-KILL");
    until("another waits", || {
        let now = descendants(service);
        lab.door.exists() && now.first().is_some_and(|process| *process != waiting)
    });
    // The lab: nothing is left of it.
    let helpers = lab.helpers();
    assert!(helpers.len() >= 3, "{helpers:?}");
    lab.kill();
    assert_gone(lab.folder.path());
    // The service: a kernel that works goes on, and what waits ends.
    let mut lab = Lab::open();
    let mut kernel = lab.kernel();
    assert!(had_waited(&mut kernel));
    let service = lab.helpers()[0];
    lab.until_one_waits();
    signal(service, "-KILL");
    assert_eq!(
        printed(kernel.run("println!(\"{}\", genolens::answer());")),
        "42\n"
    );
    drop(kernel);
    // A kernel that finds what the service has left starts by itself and clears it away.
    let mut kernel = lab.kernel();
    assert!(!had_waited(&mut kernel));
    assert!(!lab.door.exists());
    drop(kernel);
    lab.kill();
}

#[test]
fn of_kernels_that_start_at_once_one_takes_the_session_and_all_work() {
    let lab = Lab::open();
    let folders: Vec<TempDir> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let files: Vec<_> = folders
        .iter()
        .map(|folder| connection(folder.path()))
        .collect();
    let started = files.iter().map(|(_, file)| {
        let mut program = lab.program(GENOLENS);
        program.args(["serve", "-f"]).arg(file);
        program
            .env("TMPDIR", temporary(lab.folder.path()))
            .spawn()
            .unwrap()
    });
    let mut started: Vec<Child> = started.collect();
    for (info, _) in &files {
        wait_for(info.shell_port);
    }
    // And one right behind them.
    let mut kernel = lab.kernel();
    assert!(!had_waited(&mut kernel));
    drop(kernel);
    for kernel in &mut started {
        assert!(kernel.try_wait().unwrap().is_none());
        signal(kernel.id(), "-TERM");
        assert!(kernel.wait().unwrap().success());
    }
}

#[test]
fn a_session_that_waits_makes_room_when_memory_is_short() {
    let lab = Lab::open();
    let service = lab.helpers()[0];
    lab.desk.memory(200_000);
    until("the session has gone", || descendants(service).is_empty());
    until("the door is closed", || !lab.door.exists());
    let left = std::fs::read_dir(temporary(lab.folder.path()))
        .unwrap()
        .count();
    assert_eq!(left, 1, "the folder of the door");
    let mut kernel = lab.kernel();
    assert!(!had_waited(&mut kernel));
    drop(kernel);
    lab.desk.memory(8_000_000);
    lab.until_one_waits();
    let mut kernel = lab.kernel();
    assert!(had_waited(&mut kernel));
}

#[test]
fn a_door_with_nobody_or_somebody_else_behind_it_is_passed_by() {
    let lab = Lab::open();
    let place = tempfile::tempdir().unwrap();
    let private = |mode: u32| {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(place.path(), mode).unwrap();
    };
    private(0o700);
    let socket = |name: &str| {
        let path = place.path().join(name);
        (path.clone(), UnixListener::bind(path).unwrap())
    };
    let (stale, _) = socket("stale");
    let (silent, _kept) = socket("silent");
    let (strange, listener) = socket("strange");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _gone = stream.unwrap().write_all(b"nonsense");
        }
    });
    std::fs::write(place.path().join("file"), "").unwrap();
    for door in [
        stale,
        silent,
        strange,
        place.path().join("file"),
        place.path().join("none"),
    ] {
        let mut program = lab.program(GENOLENS);
        program.env("GENOLENS_STANDBY", door);
        let mut kernel = FrontEnd::start_by(program, "rust", &lab.folder);
        assert!(!had_waited(&mut kernel));
    }
    // Where others may put what they want, nobody knocks.
    let (open, listener) = socket("open");
    private(0o755);
    let mut program = lab.program(GENOLENS);
    program.env("GENOLENS_STANDBY", open);
    let mut kernel = FrontEnd::start_by(program, "rust", &lab.folder);
    assert!(!had_waited(&mut kernel));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
    drop(kernel);
    // Neither does a session answer that was started with other variables for thread pools, and it goes on waiting.
    let mut program = lab.program(GENOLENS);
    program.env("OMP_NUM_THREADS", "3");
    let mut kernel = FrontEnd::start_by(program, "rust", &lab.folder);
    assert!(!had_waited(&mut kernel));
    assert_eq!(
        printed(kernel.run("println!(\"{}\", std::env::var(\"OMP_NUM_THREADS\")?);")),
        "3\n"
    );
    drop(kernel);
    let before = processes(lab.folder.path());
    assert!(lab.door.exists(), "{before:?}");
    // Nor one that was prepared with a library that has changed since.
    lab.desk.write("library/src/lib.rs", library(43));
    let mut kernel = lab.kernel();
    let id = kernel.ask(ExecuteRequest::new(
        "println!(\"{}\", genolens::answer());".to_owned(),
    ));
    let (said, errors) = kernel.rest(&id);
    assert!(
        said.ends_with("43\n") && errors.is_empty(),
        "{said} {errors:?}"
    );
    kernel.reply();
    drop(kernel);
    // The next one is prepared with that.
    lab.until_one_waits();
    let mut kernel = lab.kernel();
    assert!(had_waited(&mut kernel));
    assert_eq!(
        printed(kernel.run("println!(\"{}\", genolens::answer());")),
        "43\n"
    );
}
