//! What layers gave for the origin, and how that changes when the origin moves.

use super::changes::Changes;
use super::globals::Global;
use super::level::Level;

/// What a layer gave for the origin.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    /// All positions, or the one row of a dense layer.
    pub(super) output: Option<Level>,
    pub(super) global: Option<Global>,
    pub(super) inner: Vec<Vec<Trace>>,
    /// The input of the other strand, and its output turned back.
    pub(super) other: [Option<Level>; 2],
}

impl Trace {
    /// Takes what was noted of a whole example.
    pub(super) fn new(noted: Noted) -> Self {
        Self {
            output: noted.output.map(Changes::into_level),
            global: match noted.pooled {
                Some(Pooled::All(global)) => Some(global),
                _ => None,
            },
            inner: noted.inner.into_iter().map(traces).collect(),
            other: noted.other.map(|other| other.map(Changes::into_level)),
        }
    }

    /// Writes what was noted of an only edit over what was there.
    pub(super) fn take(&mut self, noted: &Noted) {
        write(&mut self.output, noted.output.as_ref());
        if let (Some(global), Some(Pooled::Stretch(x))) = (&mut self.global, &noted.pooled) {
            global.take(x);
        }
        for (own, noted) in self.inner.iter_mut().zip(&noted.inner) {
            take_all(own, noted);
        }
        for (own, noted) in self.other.iter_mut().zip(&noted.other) {
            write(own, noted.as_ref());
        }
    }

    pub(super) fn is_finite(&self) -> bool {
        let mut levels = self.other.iter().chain([&self.output]).flatten();
        let mut inner = self.inner.iter().flatten();
        levels.all(Level::is_finite) && inner.all(Trace::is_finite)
    }
}

fn write(level: &mut Option<Level>, noted: Option<&Changes>) {
    if let (Some(level), Some(noted)) = (level, noted) {
        noted.write(level);
    }
}

/// Takes what was noted of a whole example, layer by layer.
pub(super) fn traces(noted: Vec<Noted>) -> Vec<Trace> {
    noted.into_iter().map(Trace::new).collect()
}

/// Writes what was noted of an only edit over what was there, layer by layer.
pub(super) fn take_all(traces: &mut [Trace], noted: &[Noted]) {
    for (trace, noted) in traces.iter_mut().zip(noted) {
        trace.take(noted);
    }
}

/// What a layer gave for an only edit; of a whole example it is all, otherwise a stretch.
#[derive(Debug, Default)]
pub(super) struct Noted {
    pub(super) output: Option<Changes>,
    pub(super) pooled: Option<Pooled>,
    pub(super) inner: Vec<Vec<Noted>>,
    pub(super) other: [Option<Changes>; 2],
}

/// What came into a pool over the whole sequence.
#[derive(Debug)]
pub(super) enum Pooled {
    All(Global),
    Stretch(Changes),
}

impl Noted {
    pub(super) fn is_finite(&self) -> bool {
        let mut changes = self.other.iter().chain([&self.output]).flatten();
        let mut inner = self.inner.iter().flatten();
        changes.all(Changes::is_finite) && inner.all(Noted::is_finite)
    }
}

/// How edits pass through layers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Walk<'a> {
    /// One edit, which is a whole example, and what the layers give for it is noted.
    Whole,
    /// Edits of an origin with these traces.
    Edits(&'a [Trace]),
    /// An only edit of such an origin, and what the layers give for it is noted.
    Move(&'a [Trace]),
}

impl<'a> Walk<'a> {
    /// Returns what a layer needs to know.
    pub(super) fn at(self, index: usize) -> Known<'a> {
        let trace = match self {
            Self::Whole => None,
            Self::Edits(traces) | Self::Move(traces) => traces.get(index),
        };
        Known {
            trace,
            is_noted: !matches!(self, Self::Edits(_)),
        }
    }

    /// Tells whether what layers give is noted.
    pub(super) fn is_noted(self) -> bool {
        !matches!(self, Self::Edits(_))
    }
}

/// What a layer knows of the origin; nothing when what comes is a whole example.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'a> {
    pub(super) trace: Option<&'a Trace>,
    /// Whether what the layer gives is noted.
    pub(super) is_noted: bool,
}

impl<'a> Known<'a> {
    pub(super) fn output(self) -> Option<&'a Level> {
        self.trace?.output.as_ref()
    }

    /// Tells how edits pass through one of the chains inside.
    pub(super) fn inside(self, index: usize) -> Walk<'a> {
        let Some(trace) = self.trace else {
            return Walk::Whole;
        };
        let traces = trace.inner.get(index).map_or(&[][..], Vec::as_slice);
        if self.is_noted {
            Walk::Move(traces)
        } else {
            Walk::Edits(traces)
        }
    }

    /// Returns changes to be noted, if they are.
    pub(super) fn noted(self, changes: &Changes) -> Option<Changes> {
        self.is_noted.then(|| changes.clone())
    }
}
