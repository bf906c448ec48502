//! Where tests of networks run: on the CPU, on the CPU with candle's own operations alone, which is what a GPU is asked to do, and on a
//! GPU where there is one.

use genolens::candle_core::Device;
use genolens::network::{self, Network};
use std::cell::{Cell, RefCell};

thread_local! {
    static HERE: RefCell<Device> = const { RefCell::new(Device::Cpu) };
    static ON: Cell<On> = const { Cell::new(On::Cpu) };
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Cpu,
    Candle,
    Gpu,
}

impl On {
    /// Runs a test, each of which has a thread of its own.
    pub(crate) fn run(self, test: fn()) {
        ON.set(self);
        match self {
            Self::Cpu => test(),
            Self::Candle => network::plainly(test),
            Self::Gpu => {
                let Some(gpu) = gpu() else { return };
                HERE.replace(gpu);
                test();
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "a skipped test must say so")]
fn gpu() -> Option<Device> {
    match network::open_device("cuda") {
        Ok(device) => Some(device),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// Tells whether our own operations are tested.
pub(crate) fn is_ours() -> bool {
    ON.get() == On::Cpu
}

/// The device of the test that runs.
pub(crate) fn here() -> Device {
    HERE.with_borrow(Clone::clone)
}

/// Moves a network to the device of the test that runs.
pub(crate) fn placed(network: &Network) -> Network {
    network.to_device(&here()).unwrap()
}

/// Names a file of its own for every thread, as every test is on one.
pub(crate) fn file(name: &str) -> std::path::PathBuf {
    let thread = format!("{:?}", std::thread::current().id());
    let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
    let process = std::process::id();
    std::env::temp_dir().join(format!("genolens_{name}_{process}_{thread}.safetensors"))
}

/// Makes tests of functions without arguments, one for every device.
macro_rules! on_every_device {
    ($($test:ident),+ $(,)?) => {
        mod on_the_cpu {
            $(#[test] fn $test() { crate::device::On::Cpu.run(super::$test); })+
        }
        mod with_candle_alone {
            $(#[test] fn $test() { crate::device::On::Candle.run(super::$test); })+
        }
        mod on_a_gpu {
            $(#[test] fn $test() { crate::device::On::Gpu.run(super::$test); })+
        }
    };
}

pub(crate) use on_every_device;

/// The names of devices, and what is answered to them.
mod choosing {
    use crate::alone::is_alone;
    use genolens::network::{self, Model};

    #[test]
    fn a_device_that_is_not_there_is_named() {
        let problem = |name: &str| network::open_device(name).unwrap_err().to_string();
        insta::assert_snapshot!(problem("gpu"), @"`device` is `gpu`, expected `cpu`, `cuda`, `cuda:1` (the number of a GPU) or `auto`");
        insta::assert_snapshot!(problem("cuda:x"), @"`device` is `cuda:x`, expected `cpu`, `cuda`, `cuda:1` (the number of a GPU) or `auto`");
        insta::assert_snapshot!(problem("cuda0"), @"`device` is `cuda0`, expected `cpu`, `cuda`, `cuda:1` (the number of a GPU) or `auto`");
        if cfg!(feature = "cuda") {
            // More than any machine has.
            assert!(problem("cuda:99").contains("CUDA says: "));
        } else {
            insta::assert_snapshot!(problem("cuda"), @"`device` is `cuda`, expected `cpu` or `auto`, as genolens was built without CUDA: build with the feature `cuda`, or set GENOLENS_FEATURES=cuda where Jupyter starts");
            insta::assert_snapshot!(problem("cuda:1"), @"`device` is `cuda:1`, expected `cpu` or `auto`, as genolens was built without CUDA: build with the feature `cuda`, or set GENOLENS_FEATURES=cuda where Jupyter starts");
            assert!(network::open_device("auto").unwrap().is_cpu());
        }
    }

    #[test]
    fn networks_are_made_where_was_chosen() {
        if !is_alone("device::choosing::networks_are_made_where_was_chosen") {
            return;
        }
        assert!(network::default_device().is_cpu());
        assert!(network::use_device("cuda:99").is_err());
        assert!(network::default_device().is_cpu());
        let chosen = network::use_device("auto").unwrap();
        let network = network::deepbind(4);
        assert!(network.device().same_device(&chosen));
        let again = network::open_device("auto").unwrap();
        assert!(again.same_device(&chosen));
        // The same weights, wherever they are.
        network::use_device("cpu").unwrap();
        assert!(network::deepbind(4).device().is_cpu());
        assert_eq!(
            network::deepbind(4).filters().unwrap(),
            network.filters().unwrap()
        );
        assert!(network.with_seed(3).unwrap().device().same_device(&chosen));
    }
}
