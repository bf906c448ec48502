//! Compiles a cell.

use super::cells::Record;
use super::clock::{Stage, timed};
use super::dependency;
use super::effort;
use super::face::LINKER;
use super::hidden;
use super::names::Names;
use super::source::Source;
use super::types;
use crate::place::{Place, restore};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

/// How compiled sources are called: `cell_7_lib.rs`, or by their key instead of a number. A panic names the file, and evcxr maps the errors of files that end so.
pub(crate) const SOURCE_PREFIX: &str = "cell_";

/// The file that the compiler makes of a cell.
const OBJECT: &str = "libctx.so";

/// How every cell is compiled.
const FLAGS: [&str; 6] = [
    "--crate-type=cdylib",
    "--emit=link",
    "-Cprefer-dynamic",
    "-Ccodegen-units=1",
    "-Cdebug-assertions=on",
    "-Coverflow-checks=on",
];

/// Lines for every instruction would make each cell slower, and only a crash needs them (`lines`).
const WITHOUT_LINES: &str = "-Cstrip=debuginfo";

/// Compiles a cell that has run once more, into the same instructions with the lines that they stand for.
pub(super) fn with_lines(
    place: &Place,
    name: &str,
    (level, out): (&str, &Path),
) -> Result<PathBuf> {
    let mut command = Compiler::new(place, name)?.object(level, out);
    command.args(["-Cdebuginfo=line-tables-only", "-Cstrip=none"]);
    let output = command.output().context("cannot run rustc")?;
    if !output.status.success() {
        bail!("the cell does not compile again");
    }
    Ok(out.join(OBJECT))
}

/// How this cell is compiled: two cells of the same text and the same flags are the same object.
pub(super) fn flags(place: &Place, source: &Source) -> String {
    format!(
        "{} {WITHOUT_LINES} {}",
        FLAGS.join(" "),
        level(place, &source.text)
    )
}

/// The optimisation level: what the session has asked for, or what the cell deserves.
pub(super) fn level(place: &Place, source: &str) -> String {
    match place.opt_level() {
        asked if asked != "0" => asked,
        _ => effort::level(source).to_owned(),
    }
}

/// Where the shim leaves a message that is no compiler diagnostic.
fn failure_file(place: &Place) -> PathBuf {
    place.folder().join("failure")
}

/// Takes the message that the last compilation left, if it left one.
pub(crate) fn compile_failure(place: &Place) -> Option<String> {
    let text = std::fs::read_to_string(failure_file(place)).ok()?;
    let _ = std::fs::remove_file(failure_file(place));
    Some(text)
}

/// The compiler with everything that a cell needs on its command line.
#[derive(Debug)]
pub(super) struct Compiler {
    place: Place,
    /// The folder of the source; it is the compiler's working folder, so that messages name the bare file.
    folder: PathBuf,
    file: String,
    libraries: Vec<OsString>,
}

impl Compiler {
    fn new(place: &Place, name: &str) -> Result<Self> {
        Ok(Self {
            place: place.clone(),
            folder: place.sources(),
            file: format!("{SOURCE_PREFIX}{name}_lib.rs"),
            libraries: libraries(place)?,
        })
    }

    /// The file that is compiled.
    pub(super) fn source(&self) -> PathBuf {
        self.folder.join(&self.file)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.place.rustc());
        restore(&mut command);
        command
            .current_dir(&self.folder)
            .args(["--crate-name", "ctx", "--edition", "2024"])
            .args([
                "--error-format",
                "json",
                "--json",
                "diagnostic-rendered-ansi",
            ])
            .args(&self.libraries);
        command
    }

    /// The command that makes the source a shared object in `out`.
    fn object(&self, level: &str, out: &Path) -> Command {
        let mut command = self.command();
        command
            .args(FLAGS)
            .arg(format!("-Copt-level={level}"))
            .arg(with("-Clinker=", self.place.bin().join(LINKER)))
            .arg("--out-dir")
            .arg(out)
            .arg(&self.file);
        command
    }

    /// Compiles the source to a shared object in `out`.
    fn build(&self, source: &Source, out: &Path) -> Result<Output> {
        std::fs::write(self.folder.join(&self.file), &source.text)?;
        let mut command = self.object(&level(&self.place, &source.text), out);
        command.arg(WITHOUT_LINES);
        timed(&self.place, Stage::Compile, || command.output()).context("cannot run rustc")
    }

    /// Only looks for errors.
    fn check(&self, source: &Source) -> Result<Output> {
        std::fs::write(self.folder.join(&self.file), &source.text)?;
        self.command()
            .args(["--crate-type", "lib", "--emit", "metadata", "--out-dir"])
            .arg(self.place.folder().join("check"))
            .arg(&self.file)
            .output()
            .context("cannot run rustc")
    }

    /// Type-checks a question of `types` and returns the compiler's messages.
    pub(super) fn check_types(&self, question: &str) -> Result<Vec<u8>> {
        let folder = self.place.folder().join("types");
        std::fs::write(folder.join("lib.rs"), question)?;
        let output = self
            .command()
            // Whole paths instead of the short ones meant for people. Nothing is compiled with the unstable option.
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Z", "trim-diagnostic-paths=no"])
            .args([
                "--crate-type",
                "lib",
                "--emit",
                "metadata",
                "--cap-lints",
                "allow",
            ])
            .arg("--out-dir")
            .arg(&folder)
            .arg(folder.join("lib.rs"))
            .output()
            .context("cannot run rustc")?;
        Ok(output.stderr)
    }
}

/// A compiler that only looks at types and names them in full, for questions about code that does not run.
pub(crate) fn type_checker(place: &Place) -> Result<Command> {
    let mut command = Command::new(place.rustc());
    restore(&mut command);
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["-Z", "trim-diagnostic-paths=no"])
        .args(["-Z", "write-long-types-to-disk=no"])
        .args(["--crate-name", "ctx", "--edition", "2024"])
        .args(["--crate-type", "lib", "--emit", "metadata"])
        .args(["--error-format", "json", "--cap-lints", "allow"])
        .args(libraries(place)?);
    Ok(command)
}

fn with(prefix: &str, path: PathBuf) -> OsString {
    let mut argument = OsString::from(prefix);
    argument.push(path);
    argument
}

/// The libraries of the image and those that the session has added, for a compiler's command line.
fn libraries(place: &Place) -> Result<Vec<OsString>> {
    let image = place.image().context("the session has no image")?;
    let mut arguments = vec![
        "-L".into(),
        with("dependency=", image.dependencies()),
        "--extern".into(),
        with("genolens=", image.library()),
        "--extern".into(),
        with("genolens_cell=", image.cell()),
    ];
    arguments.extend(dependency::libraries(place));
    let hidden = hidden::libraries(place, &image, &arguments);
    arguments.extend(hidden);
    Ok(arguments)
}

/// Plays `cargo build` and `cargo check` for the crate of a session.
pub(super) fn as_cargo(place: &Place, arguments: &[String]) -> Result<ExitCode> {
    if dependency::are_missing(place) {
        return dependency::add(place, arguments);
    }
    let written = std::fs::read_to_string(place.crate_folder().join("src/lib.rs"))
        .context("evcxr has written no source")?;
    let mut names = Names::read(&place.names());
    let mut source = Source::prepare(&written, &names);
    source.text.push_str(&dependency::anchors(place));
    let record = Record::of(place, &source);
    let name = match &record {
        Some(record) => record.key().to_owned(),
        None => std::fs::read_dir(place.sources())?.count().to_string(),
    };
    let compiler = Compiler::new(place, &name)?;
    // evcxr gives the object another name, and leaves it in its folder, which tells the source.
    let out = place.crate_folder().join("target").join(&name);
    std::fs::create_dir_all(&out)?;
    if arguments.iter().any(|word| word == "check") {
        return report(&compiler.check(&source)?);
    }
    if let Some(found) = record
        .as_ref()
        .and_then(|record| record.replay(&source, &compiler.source(), &out))
    {
        names.add(source.kept(found.kinds))?;
        tell_path(&out)?;
        return Ok(ExitCode::from(found.code));
    }
    // Both at once: on two cores naming the types costs no time.
    let (built, kinds) = std::thread::scope(|scope| {
        let kinds =
            (!source.new.is_empty()).then(|| scope.spawn(|| types::name(&compiler, &source)));
        let built = compiler.build(&source, &out);
        let kinds = kinds.map(|thread| match thread.join() {
            Ok(kinds) => kinds,
            Err(_) => bail!("naming the types of the new variables failed"),
        });
        (built, kinds.unwrap_or_else(|| Ok(Vec::new())))
    });
    let built = built?;
    if built.status.success() {
        match &kinds {
            Ok(kinds) => names.add(source.kept(kinds.clone()))?,
            Err(error) => {
                std::fs::write(failure_file(place), format!("{error:#}"))?;
                return Ok(ExitCode::FAILURE);
            }
        }
        tell_path(&out)?;
    }
    if let Some(record) = record {
        // A cache that cannot be written costs time, nothing else.
        let _ = record.write(&built, &kinds.unwrap_or_default(), &compiler.source(), &out);
    }
    report(&built)
}

/// Passes the compiler's messages on, which evcxr reads.
fn report(output: &Output) -> Result<ExitCode> {
    std::io::stderr().write_all(&output.stderr)?;
    Ok(ExitCode::from(output.status.code().unwrap_or(1) as u8))
}

/// Tells evcxr where the shared object is.
fn tell_path(out: &Path) -> Result<()> {
    if let Some(file) = std::env::var_os("EVCXR_EXECUTION_SO_PATH") {
        let object = out.join(OBJECT);
        if object.exists() {
            std::fs::write(file, object.as_os_str().as_encoded_bytes())?;
        }
    }
    Ok(())
}
