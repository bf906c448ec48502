//! What libraries offer: their items, the members of their types, and where names lead.
//!
//! An index is harvested from the JSON that rustdoc writes ([`harvest()`]), kept as a text file ([`read`], [`write()`]), and looked up
//! by path ([`Index`]). The standard library's comes with this program, since its sources need not be installed; the others are
//! made beside the image.

mod file;
mod harvest;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod index;
mod item;
mod spell;
mod standard;

pub(crate) use file::{is_current, read, write};
pub(crate) use harvest::harvest;
pub(crate) use index::Index;
pub(crate) use item::{Item, Member};
pub(crate) use standard::{make_standard, standard};
