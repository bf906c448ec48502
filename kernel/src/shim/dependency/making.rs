//! Makes an addition: from what the session asks for to what the compiler of a cell is given.

use super::addition::Addition;
use super::cargo::{Built, Cargo};
use super::manifest::{self, Wanted};
use super::sharing::{Fate, Mode, Sharing, is_spoken};
use super::voice::Voice;
use super::{bundle, copies, features, stand_in};
use crate::image::{Image, Kind, Unit};
use crate::place::Place;
use crate::shim::compile;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// Where the shim leaves why crates could not be added.
fn failure_file(place: &Place) -> PathBuf {
    place.folder().join("addition-failure")
}

/// Takes the message that the last addition left, if it failed.
pub(crate) fn addition_failure(place: &Place) -> Option<String> {
    let text = std::fs::read_to_string(failure_file(place)).ok()?;
    let _ = std::fs::remove_file(failure_file(place));
    Some(text)
}

/// Builds the crates that the session has just asked for, and then does what evcxr wants of cargo.
pub(in crate::shim) fn add(place: &Place, arguments: &[String]) -> Result<ExitCode> {
    let offline = arguments.iter().any(|word| word == "--offline");
    match Making::begin(place, offline).and_then(Making::run) {
        Ok(()) => compile::as_cargo(place, arguments),
        Err(error) => {
            std::fs::write(failure_file(place), format!("{error:#}"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

struct Making<'a> {
    place: &'a Place,
    image: Image,
    library: Vec<Unit>,
    wanted: Vec<Wanted>,
    offline: bool,
    number: usize,
    voice: Voice,
    start: Instant,
}

impl<'a> Making<'a> {
    fn begin(place: &'a Place, offline: bool) -> Result<Self> {
        let image = place.image().context("the session has no image")?;
        let folder = manifest::folder(place);
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            library: image.crates().units(),
            wanted: Wanted::all(place),
            number: Addition::count(place) + 1,
            voice: Voice::open(place),
            start: Instant::now(),
            offline,
            image,
            place,
        })
    }

    fn run(mut self) -> Result<()> {
        let what = self.what();
        self.voice
            .note(&format!("adding {what}: looking for versions"));
        let units = self.plan()?;
        let mut mode = Mode::Generous;
        let mut sharing = Sharing::decide(units.clone(), &self.library, &self.wanted, mode);
        let mut outcome = self.build(&sharing, &what);
        if outcome.is_err() && !sharing.lacking.is_empty() {
            // Perhaps a feature that the image lacks was needed after all.
            mode = Mode::Strict;
            let strict = Sharing::decide(units, &self.library, &self.wanted, mode);
            if strict.fates != sharing.fates {
                self.voice
                    .note(&format!("adding {what}: again, with copies of its own"));
                sharing = strict;
                outcome = self.build(&sharing, &what);
            }
        }
        let built = outcome?;
        self.finish(&sharing, &built)?;
        self.voice.show(&self.summary(&sharing, &built, mode)?);
        Ok(())
    }

    /// The new crates by name.
    fn what(&self) -> String {
        let before = std::fs::read_to_string(self.names_file()).unwrap_or_default();
        let names = self.wanted.iter().map(|wanted| wanted.name.as_str());
        let new: Vec<&str> = names
            .clone()
            .filter(|name| !before.lines().any(|known| known == *name))
            .collect();
        let shown = if new.is_empty() { names.collect() } else { new };
        shown.join(", ")
    }

    fn names_file(&self) -> PathBuf {
        manifest::folder(self.place).join("names")
    }

    /// Lets cargo plan, with the library's own version and features of a crate where the person has not said otherwise.
    fn plan(&mut self) -> Result<Vec<Unit>> {
        let asked = self.wanted.clone();
        for wanted in &mut self.wanted {
            if is_spoken(wanted.package())
                && let Some(own) = wanted.as_the_library_has_it()
            {
                *wanted = own;
            }
        }
        let units = self.resolve()?;
        let foreign = |name: &str| {
            units.iter().any(|unit| {
                unit.package == name && !self.library.iter().any(|own| own.id == unit.id)
            })
        };
        let chosen: Vec<Wanted> = self
            .wanted
            .iter()
            .zip(asked)
            .map(|(own, asked)| {
                if foreign(own.package()) {
                    asked
                } else {
                    own.clone()
                }
            })
            .collect();
        if chosen == self.wanted {
            return Ok(units);
        }
        self.wanted = chosen;
        self.resolve()
    }

    fn resolve(&mut self) -> Result<Vec<Unit>> {
        let folder = manifest::folder(self.place);
        manifest::write(&folder, &self.wanted, &self.image.crates())?;
        let lock = folder.join("Cargo.lock");
        let kept = folder.join("kept.lock");
        let from = if kept.exists() {
            kept
        } else {
            self.image.crates().lock()
        };
        let _ = std::fs::remove_file(&lock);
        if from.exists() {
            std::fs::copy(&from, &lock).context("cannot copy the library's Cargo.lock")?;
        }
        let first = self.cargo().plan();
        let Err(error) = &first else { return first };
        if self.offline || !is_about_network(&format!("{error:#}")) {
            return first;
        }
        self.offline = true;
        self.cargo().plan().map_err(|second| {
            anyhow::anyhow!(
                "the registry cannot be reached, and what is wanted has not been downloaded before: {second:#}"
            )
        })
    }

    fn cargo(&self) -> Cargo<'_> {
        Cargo {
            place: self.place,
            target: manifest::folder(self.place).join("target"),
            offline: self.offline,
        }
    }

    fn build(&self, sharing: &Sharing, what: &str) -> Result<Built> {
        if !stand_in::write(self.place, sharing)? {
            // Cargo does not know that a crate which it has finished should now be another one.
            let _ = std::fs::remove_dir_all(self.cargo().target);
            stand_in::forget(self.place)?;
            Addition::set_chain(self.place, &[])?;
            stand_in::write(self.place, sharing)?;
        }
        let count = sharing.compiled().count();
        self.voice
            .note(&format!("adding {what}: {count} crates to compile"));
        self.cargo().build(sharing, what, &self.voice)
    }

    fn finish(&self, sharing: &Sharing, built: &Built) -> Result<()> {
        Addition::prepare(self.place, self.number)?;
        let mut arguments = built.link.clone();
        for folder in folders(built)
            .into_iter()
            .chain([self.image.crates().files(), self.image.folder().to_owned()])
        {
            arguments.push("-L".to_owned());
            arguments.push(format!("dependency={}", folder.display()));
        }
        let mut new = Vec::new();
        for (name, index) in sharing.direct() {
            let Some(file) = self.file(sharing, built, index) else {
                continue;
            };
            arguments.push("--extern".to_owned());
            arguments.push(format!("{name}={}", file.display()));
            if sharing.fates[index] == Fate::Compile && sharing.units[index].kind == Kind::Library {
                new.push(name);
            }
        }
        let mut anchors = "use ::genolens as _;\n".to_owned();
        let folder = manifest::folder(self.place);
        let mut chain = Addition::chain(self.place);
        if self.has_changed(sharing, built)? {
            // The shared objects hold the crates as they were.
            chain.clear();
        }
        for earlier in &chain {
            let file = bundle::file(self.place, *earlier);
            add_bundle(&mut arguments, *earlier, &file);
            new.insert(0, bundle::name(*earlier));
            anchors.push_str(&format!("use ::{} as _;\n", bundle::name(*earlier)));
        }
        if new.len() > chain.len()
            && (chain.is_empty() || !built.compiled.is_empty())
            && let Some(file) = bundle::link(self.place, self.number, &new, &arguments)?
        {
            add_bundle(&mut arguments, self.number, &file);
            anchors.push_str(&format!("use ::{} as _;\n", bundle::name(self.number)));
            chain.push(self.number);
        }
        Addition::set_chain(self.place, &chain)?;
        std::fs::copy(folder.join("Cargo.lock"), folder.join("kept.lock"))?;
        let names: Vec<&str> = self
            .wanted
            .iter()
            .map(|wanted| wanted.name.as_str())
            .collect();
        std::fs::write(self.names_file(), names.join("\n"))?;
        Addition::finish(self.place, self.number, &arguments, &anchors)
    }

    /// Tells whether a crate of the person's has been compiled that had been compiled before.
    fn has_changed(&self, sharing: &Sharing, built: &Built) -> Result<bool> {
        let file = manifest::folder(self.place).join("local");
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        let compiled = built.compiled.iter().map(|index| &sharing.units[*index]);
        let local: Vec<&str> = compiled
            .filter(|unit| unit.is_local())
            .map(|unit| unit.id.as_str())
            .collect();
        let again = |id: &&str| before.lines().any(|known| known == *id);
        let has_changed = local.iter().any(again);
        std::fs::write(&file, format!("{before}{}\n", local.join("\n")))?;
        Ok(has_changed)
    }

    /// The compiled file of a crate.
    fn file(&self, sharing: &Sharing, built: &Built, index: usize) -> Option<PathBuf> {
        let is_whole = |path: &Path| {
            path.extension()
                .is_some_and(|ending| ending == "rlib" || ending == "so")
        };
        if let Fate::Shared(names) = &sharing.fates[index] {
            let files = names
                .iter()
                .map(|name| self.image.crates().files().join(name));
            return files.into_iter().find(|file| is_whole(file));
        }
        built.files[index]
            .iter()
            .find(|file| is_whole(file))
            .cloned()
    }

    /// What was added, at what cost, and what is to be known of it. What has been said before is not said again.
    fn summary(&self, sharing: &Sharing, built: &Built, mode: Mode) -> Result<String> {
        let file = manifest::folder(self.place).join("said");
        let said = std::fs::read_to_string(&file).unwrap_or_default();
        let is_new = |line: &String| !said.lines().any(|known| known == line);
        let mut labels = Vec::new();
        let mut remarks = copies::describe(sharing, &self.library, mode);
        for (_, index) in sharing.direct() {
            let unit = &sharing.units[index];
            if let Fate::Shared(_) = &sharing.fates[index] {
                labels.push(format!("{} (the library's own)", unit.label()));
                remarks.extend(features::missing(unit, &self.library));
            } else {
                labels.push(unit.label());
            }
        }
        remarks.extend(sharing.lacking.iter().map(|(label, features)| {
            format!(
                "{label} is the library's own, which lacks {}.",
                features::list(features)
            )
        }));
        labels.retain(is_new);
        remarks.retain(is_new);
        let all: Vec<&str> = said
            .lines()
            .chain(labels.iter().map(String::as_str))
            .chain(remarks.iter().map(String::as_str))
            .collect();
        std::fs::write(&file, all.join("\n"))?;
        let own = built.compiled.iter().filter(|index| {
            let unit = &sharing.units[**index];
            let is_copy = |own: &&Unit| own.id == unit.id && own.opt_level == unit.opt_level;
            self.library.iter().any(|own| is_copy(&own))
        });
        let cost = match built.compiled.len() {
            0 => "nothing to compile".to_owned(),
            1 => format!("1 crate compiled, {} of the library's", own.count()),
            count => format!("{count} crates compiled, {} of the library's", own.count()),
        };
        let seconds = self.start.elapsed().as_secs_f64();
        let first = format!("added {} in {seconds:.1} s; {cost}", labels.join(", "));
        remarks.insert(0, first);
        Ok(remarks.join("\n"))
    }
}

fn add_bundle(arguments: &mut Vec<String>, number: usize, file: &Path) {
    let folder = file.parent().unwrap_or(Path::new("."));
    arguments.extend([
        "-L".to_owned(),
        format!("dependency={}", folder.display()),
        "--extern".to_owned(),
        format!("{}={}", bundle::name(number), file.display()),
        "-C".to_owned(),
        format!("link-arg=-Wl,-rpath,{}", folder.display()),
    ]);
}

fn folders(built: &Built) -> BTreeSet<PathBuf> {
    let files = built.files.iter().flatten();
    let libraries = files.filter(|file| file.extension().is_some_and(|ending| ending == "rlib"));
    libraries
        .filter_map(|file| file.parent())
        .map(Path::to_owned)
        .collect()
}

fn is_about_network(complaint: &str) -> bool {
    let signs = [
        "failed to fetch",
        "failed to download",
        "download of",
        "spurious network error",
        "Could not resolve host",
        "Couldn't resolve host",
        "failed to query replaced source",
    ];
    signs.iter().any(|sign| complaint.contains(sign))
}
