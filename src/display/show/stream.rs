//! Examples that stay in files, in a few words.

use super::value::shown;
use crate::display::Bundle;
use crate::stream::{Genome, Joined, Shuffled, Stream};

shown!(Stream, |stream| Bundle::text(&stream.to_string()));

shown!(Genome, |genome| Bundle::text(&genome.to_string()));

shown!(Joined, |joined| Bundle::text(&joined.to_string()));

shown!(Shuffled, |shuffled| Bundle::text(&shuffled.to_string()));
