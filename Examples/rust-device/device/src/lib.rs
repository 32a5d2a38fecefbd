//! Two versions of one device: what a VMM has in its tree years apart.

/// Version 1.
pub mod v1 {
    use migstream::{model, state, Counted};

    state! {
        /// All that a serial port was.
        #[derive(Default)]
        pub struct Uart {
            divisor: u16 [range(1, 65535)],
            line_control: u8 [radix(2)],
            received: Counted<u8, 16> [unit("octets\0")],
        }
    }
    model! { Uart: "example/uart", section "registers", version 1 }
}

/// Version 2: the trigger is new. Where an older stream lacks it, it is 14, and an older reader does without. A timeout that
/// is due must not get lost, and is sent only when there is one: an older reader takes all other streams. The overruns may.
pub mod v2 {
    use migstream::{model, state, Counted, Instant};

    state! {
        /// A timeout that is due.
        #[derive(Default)]
        pub struct Timeout {
            due: Instant [clock(1)],
        }
    }
    state! {
        /// For the operator; no driver can read it.
        #[derive(Default)]
        pub struct Overruns {
            count: u32,
        }
    }
    state! {
        /// All that a serial port is.
        #[derive(Default)]
        pub struct Uart {
            divisor: u16 [range(1, 65535)],
            line_control: u8 [radix(2)],
            received: Counted<u8, 16> [unit("octets\0")],
            trigger: u8 [since(2), preset(14), range(1, 14), skippable],
        }
        subsections {
            timeout: Timeout,
            overruns: Overruns [skippable],
        }
    }
    model! { Uart: "example/uart", section "registers", version 2 }
}

use migstream::{Config, Error, Manifest, Model, Topology};

fn manifest<'s, M: Model>(uart: &'s mut M, config: &Config) -> Result<Manifest<'s>, Error> {
    let topology = Topology { producer: "rust-device", ..Topology::default() };
    let mut manifest = Manifest::new(Some(&topology), config)?;
    manifest.add_state("uart", uart)?;
    Ok(manifest)
}

/// Saves a device of either version.
pub fn save<M: Model>(uart: &mut M, config: &Config) -> Result<Vec<u8>, Error> {
    manifest(uart, config)?.encode(Some(&[7; 16]))
}

/// Loads it, of any version that its table allows; when it is refused it is as before.
pub fn load<M: Model>(uart: &mut M, stream: &[u8], config: &Config) -> Result<(), Error> {
    manifest(uart, config)?.decode(stream).map(drop)
}
