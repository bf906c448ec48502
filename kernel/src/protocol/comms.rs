//! Comms: lasting connections that a front end opens to something in the kernel.
//!
//! There are two things to connect to. One is `genolens.selection`, for what a person has drawn on a picture: see [`Selections`]. The
//! other is `genolens.variables`, for a front end that shows a table of variables. On opening, and after each cell that changed
//! something, the kernel sends
//!
//! ```text
//! {"variables": [{"name": "x", "type": "Vec<f64>"}, ...]}
//! ```
//!
//! and again whenever the front end sends `{"method": "refresh"}`. It answers while a cell runs, with what the last cell left.

use super::publish::Publisher;
use super::selections::Selections;
use crate::evaluator::Analysis;
use jupyter_protocol::{
    CommClose, CommId, CommInfo, CommInfoReply, CommMsg, CommOpen, JupyterMessage,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const VARIABLES: &str = "genolens.variables";
const SELECTION: &str = "genolens.selection";
/// More at once are a mistake of the front end.
const MOST: usize = 1000;

/// Knows the open comms.
pub(crate) struct Comms {
    publisher: Arc<Publisher>,
    analysis: Arc<dyn Analysis>,
    /// By identity, what each was told last.
    open: Mutex<BTreeMap<String, Value>>,
    selections: Arc<Selections>,
}

impl Comms {
    pub(crate) fn new(publisher: Arc<Publisher>, analysis: Arc<dyn Analysis>) -> Self {
        Self {
            publisher,
            analysis,
            open: Mutex::default(),
            selections: Arc::default(),
        }
    }

    /// What was selected on pictures so far.
    pub(crate) fn selections(&self) -> &Arc<Selections> {
        &self.selections
    }

    /// Opens a comm, or closes it at once and says why; one that brings a selection has said all on opening.
    pub(crate) fn open(&self, request: &JupyterMessage, what: &CommOpen) {
        let CommId(id) = &what.comm_id;
        if what.target_name == SELECTION {
            let said = match self.selections.keep(&what.data) {
                Ok(corners) => json!({ "kept": corners }),
                Err(reason) => json!({ "reason": reason }),
            };
            return self.end(request, what, said);
        }
        let mut open = self.lock();
        let refusal = if what.target_name != VARIABLES {
            format!(
                "there is no target {:?}; expected {VARIABLES:?} or {SELECTION:?}",
                what.target_name
            )
        } else if open.len() >= MOST {
            format!("{MOST} comms are open already: close some")
        } else {
            let told = self.variables();
            open.insert(id.clone(), told.clone());
            return self.send(request, id, told);
        };
        self.end(request, what, json!({ "reason": refusal }));
    }

    fn end(&self, request: &JupyterMessage, what: &CommOpen, data: Value) {
        let close = CommClose {
            comm_id: what.comm_id.clone(),
            data: object(data),
        };
        self.publisher.light(close.as_child_of(request));
    }

    /// Answers a message on a comm; one that is not open is nobody's.
    pub(crate) fn message(&self, request: &JupyterMessage, what: &CommMsg) {
        let CommId(id) = &what.comm_id;
        let mut open = self.lock();
        let Some(last) = open.get_mut(id) else {
            return;
        };
        if what.data.get("method").and_then(Value::as_str) == Some("refresh") {
            *last = self.variables();
            self.send(request, id, last.clone());
        } else {
            let why = "expected {\"method\": \"refresh\"}";
            self.send(request, id, json!({ "error": why }));
        }
    }

    /// Forgets a comm.
    pub(crate) fn close(&self, what: &CommClose) {
        self.lock().remove(&what.comm_id.0);
    }

    /// Lists the open comms, those to one target if it is given.
    pub(crate) fn list(&self, target: Option<&str>) -> CommInfoReply {
        let mut reply = CommInfoReply::default();
        if target.is_none_or(|target| target == VARIABLES) {
            for id in self.lock().keys() {
                let target_name = VARIABLES.to_owned();
                reply
                    .comms
                    .insert(CommId(id.clone()), CommInfo { target_name });
            }
        }
        reply
    }

    /// Tells those who watch what a cell has changed.
    pub(crate) fn tell(&self, request: &JupyterMessage) {
        let mut open = self.lock();
        if open.is_empty() {
            return;
        }
        let now = self.variables();
        for (id, last) in &mut *open {
            if *last != now {
                last.clone_from(&now);
                self.send(request, id, now.clone());
            }
        }
    }

    fn variables(&self) -> Value {
        let variables = self.analysis.variables().into_iter();
        let rows = variables.map(|(name, kind)| json!({ "name": name, "type": kind }));
        json!({ "variables": rows.collect::<Vec<_>>() })
    }

    fn send(&self, request: &JupyterMessage, id: &str, data: Value) {
        let message = CommMsg {
            comm_id: CommId(id.to_owned()),
            data: object(data),
        };
        self.publisher.light(message.as_child_of(request));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
