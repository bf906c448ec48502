//! The architecture of DeepBind.

use super::{Architecture, Convolution, Network, Padding};
use candle_core::Device;

/// Makes an untrained network like DeepBind, for DNA or RNA of any length.
///
/// Filters of width 24 that may overhang the ends, a rectifier, the maximum over the sequence, dropout of one half, a hidden layer
/// of 32 rectified units, and one raw score. These are the choices of the published ENCODE models with a hidden layer (the
/// other half of them have none); the original fills the overhang with one quarter of each letter, here it is zeros.
/// A network has at least one filter: 0 counts as 1. It is made on the CPU when the device that [`use_device`](super::use_device) has chosen has no room.
///
/// Shapes: `(n, 4, length)` to `(n, 1)`.
///
/// # Examples
///
/// ```
/// let network = genolens::network::deepbind(16);
/// assert_eq!(network.summary().parameters(), 16 * 4 * 24 + 16 + 16 * 32 + 32 + 32 + 1);
/// ```
///
/// # References
///
/// Alipanahi et al. 2015, doi:10.1038/nbt.3300.
pub fn deepbind(filters: usize) -> Network {
    let architecture = Architecture::sequences(4)
        .then(Convolution::new(filters.max(1), 24).padding(Padding::Full))
        .relu()
        .global_max_pool()
        .dropout(0.5)
        .dense(32)
        .relu()
        .dense(1);
    let network = architecture.build();
    match network.or_else(|_| Network::draw(&architecture, &Device::Cpu)) {
        Ok(network) => network,
        Err(error) => unreachable!("the layers of DeepBind fit together: {error}"),
    }
}
