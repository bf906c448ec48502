//! The expressions that a front end wants evaluated after a cell.

use super::keeper::Keeper;
use crate::evaluator::{Cell, Outcome, Sink};
use jupyter_protocol::{ExecuteReply, ExecuteRequest};
use serde_json::{Value, json};
use std::sync::Arc;

/// Evaluates the expressions of a request one by one; `run` runs a cell, which here only its result leaves.
pub(crate) fn answer(
    request: &ExecuteRequest,
    reply: &mut ExecuteReply,
    mut run: impl FnMut(&Cell, &Arc<dyn Sink>) -> Outcome,
) {
    let mut expressions: Vec<_> = request.user_expressions.iter().flatten().collect();
    expressions.sort();
    for (name, code) in expressions {
        let keeper = Arc::new(Keeper::alone());
        let mut cell = Cell::new(code.clone(), reply.execution_count.0 as u64);
        cell.silent = true;
        cell.name = format!("the expression {name:?}");
        let answer = told(run(&cell, &(Arc::clone(&keeper) as Arc<dyn Sink>)), &keeper);
        if let (Some(answers), Ok(answer)) =
            (&mut reply.user_expressions, serde_json::from_value(answer))
        {
            answers.insert(name.clone(), answer);
        }
    }
}

fn told(outcome: Outcome, keeper: &Keeper) -> Value {
    match outcome {
        Outcome::Ok => {
            let bundle = keeper.result().unwrap_or_default();
            json!({ "status": "ok", "data": bundle.data, "metadata": bundle.metadata })
        }
        Outcome::Error {
            name,
            value,
            traceback,
        } => {
            json!({ "status": "error", "ename": name, "evalue": value, "traceback": traceback })
        }
    }
}
