//! Answers questions about code.

use super::complete::complete;
use super::index::{Index, read, standard};
use super::inspect::inspect;
use super::language;
use super::members::Receiver;
use super::moment::Moment;
use super::question::Question;
use super::scope::Scope;
use super::tokens::tokens;
use super::words::{offset, points};
use super::{compiler, spot};
use crate::evaluator::{Analysis, Bundle, Completeness, Completions};
use crate::place::Place;
use crate::shim;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The longest code that is looked at, in bytes, and the deepest nesting of brackets.
const LONGEST: usize = 50_000;
const DEEPEST: usize = 256;

/// How many answers of the compiler are remembered.
const REMEMBERED: usize = 64;

/// Knows what a session holds and what its libraries offer.
#[derive(Debug, Default)]
pub(crate) struct Analyst {
    scope: Mutex<Arc<Scope>>,
    shelf: Mutex<Shelf>,
    answers: Mutex<VecDeque<(Question, Option<Receiver>)>>,
    /// The number of the newest request for completion, and of the newest for inspection: older ones need no answer.
    completions: AtomicU64,
    inspections: AtomicU64,
}

/// The index, and the files that are in it.
#[derive(Debug, Default)]
struct Shelf {
    index: Arc<Index>,
    files: Vec<PathBuf>,
}

impl Analyst {
    /// Takes note of what the session holds now.
    pub(crate) fn publish(&self, scope: Scope) {
        *locked(&self.scope) = Arc::new(scope);
    }

    fn scope(&self) -> Arc<Scope> {
        Arc::clone(&locked(&self.scope))
    }

    /// The index of the standard library, and of the image as soon as there is one.
    fn index(&self, scope: &Scope) -> Arc<Index> {
        let mut shelf = locked(&self.shelf);
        let image = scope.place.as_ref().and_then(Place::image);
        let files = image.and_then(|image| std::fs::read_dir(image.index()).ok());
        let files = files.into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
        files.extend(scope.place.iter().flat_map(shim::descriptions));
        files.sort();
        if shelf.index.is_empty() || shelf.files != files {
            let mut index = Index::default();
            index.extend(standard());
            for file in &files {
                let text = std::fs::read_to_string(file).unwrap_or_default();
                index.extend(read(&text).unwrap_or_default());
            }
            *shelf = Shelf {
                index: Arc::new(index),
                files,
            };
        }
        Arc::clone(&shelf.index)
    }

    /// The type of the value with which the code ends, by the compiler or from memory.
    fn ask(&self, code: &str, scope: &Scope, still_asked: impl Fn() -> bool) -> Option<Receiver> {
        let question = Question::about(code, scope)?;
        let place = scope.place.as_ref()?;
        let known = locked(&self.answers)
            .iter()
            .find(|(known, _)| *known == question)
            .map(|(_, answer)| answer.clone());
        if let Some(known) = known {
            return known;
        }
        let answer = compiler::ask(&question, place, still_asked).ok()??;
        let mut answers = locked(&self.answers);
        answers.truncate(REMEMBERED - 1);
        answers.push_front((question, answer.clone()));
        answer
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells whether code is too long, or too deeply nested, for anybody to have written it.
fn is_monstrous(code: &str) -> bool {
    let deepest = tokens(code).into_iter().scan(0_usize, |depth, token| {
        match token.text {
            "(" | "[" | "{" => *depth += 1,
            ")" | "]" | "}" => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    code.len() > LONGEST || deepest.max().is_some_and(|depth| depth > DEEPEST)
}

impl Analysis for Analyst {
    fn complete(&self, code: &str, cursor: usize) -> Completions {
        if is_monstrous(code) {
            return Completions {
                start: cursor,
                end: cursor,
                ..Completions::default()
            };
        }
        let number = self.completions.fetch_add(1, Ordering::SeqCst) + 1;
        let newest = || self.completions.load(Ordering::SeqCst) == number;
        let at = offset(code, cursor);
        let found = spot::find(code, at);
        let scope = self.scope();
        let index = self.index(&scope);
        let ask = |code: &str| self.ask(code, &scope, newest);
        let moment = Moment::new(code, (&scope, &index), &ask);
        Completions {
            matches: complete(&found, &moment, at),
            start: points(code, found.start),
            end: points(code, found.end),
        }
    }

    fn inspect(&self, code: &str, cursor: usize, whole: bool) -> Option<Bundle> {
        if is_monstrous(code) {
            return None;
        }
        let number = self.inspections.fetch_add(1, Ordering::SeqCst) + 1;
        let newest = || self.inspections.load(Ordering::SeqCst) == number;
        let scope = self.scope();
        let index = self.index(&scope);
        let ask = |code: &str| self.ask(code, &scope, newest);
        let moment = Moment::new(code, (&scope, &index), &ask);
        inspect(&moment, offset(code, cursor), whole)
    }

    fn completeness(&self, code: &str) -> Completeness {
        if is_monstrous(code) {
            // Whatever is wrong with it, the compiler will say.
            return Completeness::Complete;
        }
        language::completeness(code)
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.scope().variables.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluator::Analysis;
    use serde_json::Value;

    /// The code cells of the notebooks of this repository.
    fn cells() -> Vec<String> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../notebooks");
        let files = std::fs::read_dir(folder).unwrap().flatten();
        let text = |lines: &Value| {
            lines
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect()
        };
        files
            .filter_map(|file| std::fs::read_to_string(file.path()).ok())
            .filter_map(|text| serde_json::from_str::<Value>(&text).ok())
            .flat_map(|mut notebook| {
                notebook["cells"]
                    .as_array_mut()
                    .map(std::mem::take)
                    .unwrap_or_default()
            })
            .filter(|cell| cell["cell_type"] == "code")
            .map(|cell| text(&cell["source"]))
            .collect()
    }

    #[test]
    fn no_unfinished_code_is_too_much() {
        let analyst = Analyst::default();
        let mut seed = 7_u64;
        let mut dice = |sides: usize| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % sides
        };
        let noise: Vec<char> = "(){}[]<>.:;,\"'|&!?#/*=-_ \n漢é\u{301}0aR"
            .chars()
            .collect();
        let cells = cells();
        assert!(cells.len() > 10);
        for _ in 0..1500 {
            let mut code: Vec<char> = cells[dice(cells.len())].chars().collect();
            for _ in 0..dice(4) {
                let at = dice(code.len().max(1));
                match dice(3) {
                    0 => code.truncate(at),
                    1 if !code.is_empty() => {
                        code.remove(at);
                    }
                    _ => code.insert(at.min(code.len()), noise[dice(noise.len())]),
                }
            }
            let cursor = dice(code.len() + 2);
            let code: String = code.into_iter().collect();
            let found = analyst.complete(&code, cursor);
            assert!(
                found.start <= found.end && found.end <= code.chars().count().max(cursor),
                "{code}"
            );
            analyst.inspect(&code, cursor, true);
            analyst.completeness(&code);
        }
    }
}
