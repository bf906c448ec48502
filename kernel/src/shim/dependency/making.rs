//! Makes an addition: from what the session asks for to what the compiler of a cell is given.

use super::addition::Addition;
use super::cargo::{Built, Cargo};
use super::joining::Joining;
use super::manifest::{self, ROOT, Wanted};
use super::sharing::{Mode, Sharing, is_spoken};
use super::store::{self, Kept};
use super::summary::{Summary, cost};
use super::voice::Voice;
use super::{copies, stand_in};
use crate::image::{Image, Unit};
use crate::place::Place;
use crate::shim::compile;
use anyhow::{Context, Result};
use std::path::PathBuf;
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
    /// The library's units, and those of kept additions.
    shelf: Vec<Unit>,
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
        let library = image.crates().units();
        let mut shelf = library.clone();
        store::add_units(place, &mut shelf);
        Ok(Self {
            library,
            shelf,
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
        let kept = Kept::of(self.place, &self.wanted);
        if let Some(kept) = &kept
            && kept.take(self.place, self.number).is_some()
        {
            Addition::take_chain(self.place, self.number)?;
            return self.end(Summary::read(self.place, self.number), "compiled before");
        }
        self.voice
            .note(&format!("adding {what}: looking for versions"));
        let units = self.plan()?;
        let mut mode = Mode::Generous;
        let mut sharing = Sharing::decide(units.clone(), &self.shelf, &self.wanted, mode);
        let mut outcome = self.build(&sharing, &what);
        if outcome.is_err() && !sharing.lacking.is_empty() {
            // Perhaps a feature that the image lacks was needed after all.
            mode = Mode::Strict;
            let strict = Sharing::decide(units, &self.shelf, &self.wanted, mode);
            if strict.fates != sharing.fates {
                self.voice
                    .note(&format!("adding {what}: again, with copies of its own"));
                sharing = strict;
                outcome = self.build(&sharing, &what);
            }
        }
        let built = outcome?;
        let summary = Summary::of(&sharing, &self.library, mode);
        let joining = Joining {
            place: self.place,
            image: &self.image,
            number: self.number,
        };
        joining.join(&sharing, &built)?;
        summary.write(self.place, self.number)?;
        let is_kept = match kept {
            Some(kept) if can_be_kept(&sharing) => kept
                .keep(self.place, self.number, (&sharing, &built))
                .unwrap_or(false),
            _ => false,
        };
        if !is_kept {
            store::give_up(self.place)?;
        }
        self.end(summary, &cost(&sharing, &built, &self.library))
    }

    /// Tells cells where to find what was added, and the person what it is.
    fn end(&self, mut summary: Summary, cost: &str) -> Result<()> {
        let what = self.what();
        summary.forget_what_was_said(self.place);
        summary.remember(self.place)?;
        let names: Vec<&str> = self
            .wanted
            .iter()
            .map(|wanted| wanted.name.as_str())
            .collect();
        std::fs::write(self.names_file(), names.join("\n"))?;
        Addition::finish(self.place, self.number)?;
        let seconds = self.start.elapsed().as_secs_f64();
        self.voice.show(&summary.text(&what, seconds, cost));
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
            let mut chain = Addition::chain(self.place);
            chain.retain(|earlier| Addition::is_kept(self.place, *earlier));
            Addition::set_chain(self.place, &chain)?;
            stand_in::write(self.place, sharing)?;
        }
        let copies = copies::names(sharing);
        let what = if copies.is_empty() {
            what.to_owned()
        } else {
            format!("{what}, with separate copies of {}", copies.join(", "))
        };
        let count = match sharing.compiled().count() {
            0 => "nothing".to_owned(),
            1 => "1 crate".to_owned(),
            count => format!("{count} crates"),
        };
        self.voice
            .note(&format!("adding {what}: {count} to compile"));
        self.cargo().build(sharing, &what, &self.voice)
    }
}

/// The sources of what is kept must not change.
fn can_be_kept(sharing: &Sharing) -> bool {
    let mut units = sharing.units.iter();
    units.all(|unit| unit.package == ROOT || unit.id.starts_with("registry+"))
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
