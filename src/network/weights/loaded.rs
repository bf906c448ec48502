//! A network with weights from a file.

use super::WeightReport;
use crate::network::Network;
use std::fmt;

/// A network with weights from a file, and the report of which tensor went where.
///
/// Shows its report.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub(super) network: Network,
    pub(super) report: WeightReport,
}

impl Loaded {
    /// Returns the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Returns which tensor went where.
    pub fn report(&self) -> &WeightReport {
        &self.report
    }
}

impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.report.fmt(f)
    }
}
