//! Building the image before anybody waits for it.

use crate::image::{self, Recipe};
use crate::terminal::{self, Live};
use anyhow::Result;

/// Builds the image if there is none for this library and toolchain, and says where it is.
pub(crate) fn warm() -> Result<()> {
    let live = Live::start("looking at the image".to_owned());
    let say = |stage: &str| live.show(stage.to_owned());
    let made = Recipe::read(&say).and_then(|recipe| Ok((image::build(&recipe, &say)?, recipe)));
    live.end();
    let (image, recipe) = made?;
    terminal::say(&format!(
        "the image is ready in {}",
        image.folder().display()
    ));
    let live = Live::start("writing down what the library offers, for completion".to_owned());
    let indexed = image::index(&recipe, true);
    live.end();
    if let Err(error) = indexed {
        // Cells run without it.
        terminal::warn(&format!("completion will know less: {error:#}"));
    }
    Ok(())
}
