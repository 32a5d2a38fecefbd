//! Device migration streams: safe Rust over libmigstream.
//!
//! [`state!`] describes a struct once: what its members are in the stream, and where they lie. A [`Manifest`] takes such
//! structs; it [encodes](Manifest::encode) and [decodes](Manifest::decode) them, or becomes an [`Encoder`] or a
//! [`Machine`]. [`PushDecoder`] and [`PullDecoder`] look into any stream; [`verify`] only says whether it is right.
//!
//! Handles may be sent to another thread and not be shared: each has one user at a time. What a call lends ends with the
//! next call, or with the callback that was given it; the compiler sees to both. A callback that panics makes its call
//! fail: nothing unwinds through C.
#![deny(missing_docs, unsafe_op_in_unsafe_fn)]

mod call;
mod config;
mod decoder;
mod encoder;
mod error;
mod machine;
mod manifest;
mod piece;
mod state;
mod table;

pub use config::{Config, Level, Limits};
pub use decoder::{verify, Handler, Place, PullDecoder, PushDecoder, Record, Summary, Tier};
pub use encoder::{Encoder, Options};
pub use error::{code, Class, Error};
pub use machine::{Device, Machine, ResumeSession};
pub use manifest::{Announcement, DeviceEntry, Manifest, Region, Topology};
pub use migstream_sys as sys;
pub use piece::{Piece, Refusal};
pub use state::{Address, Counted, Instant, Model, State, Subsection, Value};

#[doc(hidden)]
pub use table::{place, place_subsections, Field, SubsectionEntry};

/// Of the library at run time.
pub fn version() -> &'static str {
    // SAFETY: the string lives for ever.
    unsafe { call::static_text(sys::mgs_version_string()) }
}
