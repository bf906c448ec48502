//! The real cargo at work for a session.

use super::manifest;
use super::sharing::{Fate, Sharing};
use super::voice::Voice;
use crate::image::{Kind, Unit};
use crate::place::{Place, restore};
use crate::umask;
use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How often the person hears how far the work is.
const TICK: Duration = Duration::from_millis(500);

/// Cargo for one manifest of a session.
#[derive(Debug)]
pub(super) struct Cargo<'a> {
    pub(super) place: &'a Place,
    /// Where it puts what it builds.
    pub(super) target: PathBuf,
    /// Whether it must do without the network.
    pub(super) offline: bool,
}

/// What a finished build has left.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// The compiled files of each unit, in the order of the plan.
    pub(super) files: Vec<Vec<PathBuf>>,
    /// Folders and libraries that build scripts want linked, as arguments of the compiler.
    pub(super) link: Vec<String>,
    /// What the build scripts among the units have said.
    pub(super) said: Vec<Option<String>>,
    /// Crates that were compiled just now.
    pub(super) compiled: Vec<usize>,
}

impl Cargo<'_> {
    /// Resolves versions, downloads what is not here, and returns the plan of the build.
    pub(super) fn plan(&self) -> Result<Vec<Unit>> {
        let mut command = self.command();
        // Nothing is compiled with the unstable option.
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Z", "unstable-options", "--unit-graph"]);
        let output = command.output().context("cannot run cargo")?;
        let complaints = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(anyhow!("{}", essence(&complaints)));
        }
        Unit::read(&String::from_utf8_lossy(&output.stdout))
            .context("this version of cargo describes its plan in a way that is not known")
    }

    /// Builds what the plan says.
    pub(super) fn build(&self, sharing: &Sharing, what: &str, voice: &Voice) -> Result<Built> {
        let mut command = self.command();
        command
            .env("RUSTC_WRAPPER", self.place.bin().join("rustc-for-cargo"))
            .args(["--message-format", "json"]);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run cargo")?;
        let mut stderr = child.stderr.take().context("cargo has no stderr")?;
        let complaints = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        let mut tally = Tally::new(sharing);
        tally.listen(&mut child, what, voice)?;
        let status = child.wait()?;
        let complaints = complaints.join().unwrap_or_default();
        if status.success() {
            return Ok(tally.built);
        }
        match tally.error {
            Some(error) => bail!("{error}"),
            None => bail!("{}", essence(&complaints)),
        }
    }

    fn command(&self) -> Command {
        let folder = manifest::folder(self.place);
        let mut command = Command::new(self.place.cargo());
        restore(&mut command);
        // What cargo downloads belongs to no session.
        umask::restore_in(&mut command);
        command
            .current_dir(&folder)
            .arg("build")
            .arg("--manifest-path")
            .arg(folder.join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_BUILD_BUILD_DIR", &self.target)
            .env("RUSTC", self.place.rustc())
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_BUILD_TARGET");
        if self.offline {
            command.arg("--offline");
        }
        command
    }
}

/// Keeps count of a build.
struct Tally<'a> {
    sharing: &'a Sharing,
    built: Built,
    done: usize,
    total: usize,
    error: Option<String>,
}

impl<'a> Tally<'a> {
    fn new(sharing: &'a Sharing) -> Self {
        Self {
            sharing,
            built: Built {
                files: vec![Vec::new(); sharing.units.len()],
                said: vec![None; sharing.units.len()],
                ..Built::default()
            },
            done: 0,
            total: sharing.compiled().count(),
            error: None,
        }
    }

    fn listen(&mut self, child: &mut Child, what: &str, voice: &Voice) -> Result<()> {
        let start = Instant::now();
        let stdout = child.stdout.take().context("cargo has no stdout")?;
        let (sender, messages) = channel();
        std::thread::spawn(move || pass_on(stdout, &sender));
        let mut said = Instant::now();
        loop {
            match messages.recv_timeout(TICK) {
                Ok(message) => self.hear(&message),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            if self.total > 0 && said.elapsed() >= TICK {
                said = Instant::now();
                voice.note(&format!(
                    "adding {what}: compiled {} of {} crates, {:.0} s",
                    self.done,
                    self.total,
                    start.elapsed().as_secs_f64()
                ));
            }
        }
    }

    fn hear(&mut self, message: &Value) {
        match message["reason"].as_str() {
            Some("compiler-artifact") => self.artifact(message),
            Some("build-script-executed") => {
                let list = |key: &str, flag: &str| -> Vec<String> {
                    let values = message[key].as_array().into_iter().flatten();
                    values
                        .filter_map(Value::as_str)
                        .flat_map(|value| [flag.to_owned(), value.to_owned()])
                        .collect()
                };
                self.built.link.extend(list("linked_paths", "-L"));
                self.script(message);
            }
            Some("compiler-message") if message["message"]["level"] == "error" => {
                let text = message["message"]["rendered"].as_str().unwrap_or_default();
                let package = message["target"]["name"].as_str().unwrap_or_default();
                let error = self
                    .error
                    .get_or_insert_with(|| format!("`{package}` does not compile\n"));
                if error.lines().count() < 40 {
                    error.push_str(text);
                }
            }
            _ => {}
        }
    }

    /// Keeps what a build script has said.
    fn script(&mut self, message: &Value) {
        let Some(folder) = message["out_dir"].as_str() else {
            return;
        };
        let words = Path::new(folder)
            .parent()
            .and_then(|folder| std::fs::read_to_string(folder.join("output")).ok());
        let units = self.sharing.units.iter().enumerate();
        for (index, unit) in units {
            if unit.kind == Kind::Run && message["package_id"] == unit.id.as_str() {
                self.built.said[index].clone_from(&words);
            }
        }
    }

    fn artifact(&mut self, message: &Value) {
        let units = &self.sharing.units;
        let Some(index) = units.iter().position(|unit| unit.is_of(message)) else {
            return;
        };
        let files = message["filenames"].as_array().into_iter().flatten();
        self.built.files[index] = files.filter_map(Value::as_str).map(PathBuf::from).collect();
        if self.sharing.fates[index] != Fate::Compile || units[index].kind == Kind::Script {
            return;
        }
        if message["fresh"] == true {
            self.total -= 1;
        } else {
            self.done += 1;
            self.built.compiled.push(index);
        }
    }
}

fn pass_on(stdout: impl Read, sender: &Sender<Value>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Ok(message) = serde_json::from_str(&line)
            && sender.send(message).is_err()
        {
            return;
        }
    }
}

/// What of cargo's complaints is meant for the person: from the first error on, without our own package and manifest.
fn essence(complaints: &str) -> String {
    let from = complaints.find("error:").unwrap_or_default();
    // The manifest is ours: what is wrong with the line of the person's follows.
    let from = match complaints[from..].find("failed to parse manifest at") {
        Some(_) => complaints
            .find("Caused by:")
            .map_or(from, |at| at + "Caused by:".len()),
        None => from,
    };
    let lines: Vec<&str> = complaints[from..]
        .lines()
        .filter(|line| !line.contains(manifest::ROOT) && !line.trim().is_empty())
        .filter(|line| !line.starts_with("As a reminder, you're using offline mode"))
        .take(30)
        .collect();
    lines
        .join("\n")
        .trim_start_matches("error:")
        .trim()
        .to_owned()
}
