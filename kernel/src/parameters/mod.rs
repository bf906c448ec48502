//! Parameters of a notebook: values from outside, written as Rust that can be nothing but a value.
//!
//! A cell tagged `parameters` declares them, `let epochs: usize = 20;`. The values given for a run become a cell of their own after it,
//! tagged `injected-parameters`, as papermill has it; the declared type decides how a value is read.

mod declaration;
mod injection;
mod kind;
mod literal;
mod parameter;
mod request;
mod value;

use declaration::{Declaration, declarations};
pub(crate) use injection::inject;
use kind::Kind;
use literal::literal;
pub(crate) use parameter::Parameter;
pub(crate) use request::{list, translate};
use value::Value;
