//! The names that published weights have in their files.

mod basset;
mod beluga;
mod bpnet;
mod chrombpnet;
mod deepsea;
mod naming;
