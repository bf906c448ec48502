//! Building the image before anybody waits for it.

use crate::image::{self, Recipe};
use crate::terminal::{self, Live};
use anyhow::Result;

/// Builds the image if there is none for this library and toolchain, and says where it is.
pub(crate) fn warm() -> Result<()> {
    let live = Live::start("looking at the image".to_owned());
    let say = |stage: &str| live.show(stage.to_owned());
    let image = Recipe::read(&say).and_then(|recipe| image::build(&recipe, &say));
    live.end();
    terminal::say(&format!(
        "the image is ready in {}",
        image?.folder().display()
    ));
    Ok(())
}
