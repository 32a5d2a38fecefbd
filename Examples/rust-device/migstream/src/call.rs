//! What all calls have in common: statuses, handles, what callbacks are given.

use crate::config::{Config, Log};
use crate::{sys, Error};
use std::ffi::CStr;
use std::os::raw::{c_char, c_int};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::NonNull;

/// What a callback that panicked returns: the device does not know what state it is in.
pub(crate) const PANICKED: c_int = -1;

/// # Safety
/// `text` lives for ever.
pub(crate) unsafe fn static_text(text: *const c_char) -> &'static str {
    // SAFETY: said of `text`.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("unknown")
}

pub(crate) fn no_error() -> sys::mgs_error {
    // SAFETY: integers.
    unsafe { std::mem::zeroed() }
}

/// A struct that the library asks for, with its size in front.
macro_rules! sized {
    ($name:ident { $($member:ident: $value:expr),* $(,)? }) => {{
        // SAFETY: zero octets are a value of each of these structs, and their default.
        let mut made: $crate::sys::$name = unsafe { std::mem::zeroed() };
        made.size = std::mem::size_of::<$crate::sys::$name>();
        $(made.$member = $value;)*
        made
    }};
}
pub(crate) use sized;

pub(crate) fn text(text: &str) -> sys::mgs_text {
    sys::mgs_text { octets: text.as_ptr().cast(), size: text.len() }
}

/// # Safety
/// What the library lends lives as long as `'a`.
pub(crate) unsafe fn octets<'a>(lent: sys::mgs_octets) -> &'a [u8] {
    if lent.size == 0 {
        return &[];
    }
    // SAFETY: said of `lent`.
    unsafe { std::slice::from_raw_parts(lent.octets.cast(), lent.size) }
}

/// Makes a call that tells why it is refused.
pub(crate) fn checked(call: impl FnOnce(*mut sys::mgs_error) -> c_int) -> Result<c_int, Error> {
    let mut error = no_error();
    let status = call(&mut error);
    if status >= 0 {
        return Ok(status);
    }
    // SAFETY: the status is negative, so it was written.
    Err(unsafe { Error::new(error) })
}

/// Makes a call that says no more than its status.
pub(crate) fn plain(status: c_int) -> Result<c_int, Error> {
    if status >= 0 {
        Ok(status)
    } else {
        Err(Error::from_status(status))
    }
}

/// Runs what a callback does: a panic ends here.
pub(crate) fn guarded(body: impl FnOnce() -> c_int) -> c_int {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(PANICKED)
}

/// What is freed by a call of its own.
pub(crate) trait Kind {
    /// # Safety
    /// `raw` is a handle of this kind, and not used again.
    unsafe fn free(raw: *mut Self);
}

macro_rules! kinds {
    ($($name:ident: $free:ident),*) => {
        $(impl Kind for sys::$name {
            unsafe fn free(raw: *mut Self) {
                // SAFETY: said of `raw`.
                unsafe { sys::$free(raw) };
            }
        })*
    };
}
kinds!(mgs_manifest: mgs_manifest_free, mgs_encoder: mgs_encoder_free, mgs_decoder: mgs_decoder_free, mgs_machine: mgs_machine_free);

/// A handle of the library, and what it is told of.
pub(crate) struct Handle<T: Kind> {
    raw: NonNull<T>,
    _log: Option<Box<Log>>,
}

// SAFETY: migstream.h: "A handle is used by one thread at a time". The raw pointer keeps it from being shared.
unsafe impl<T: Kind> Send for Handle<T> {}

impl<T: Kind> Handle<T> {
    pub(crate) fn make(
        config: &Config,
        call: impl FnOnce(*mut *mut T, *const sys::mgs_config, *mut sys::mgs_error) -> c_int,
    ) -> Result<Handle<T>, Error> {
        let log = config.boxed_log();
        let given = config.raw(log.as_deref());
        let mut made = std::ptr::null_mut();
        checked(|error| call(&mut made, &given, error))?;
        let raw = NonNull::new(made).ok_or_else(|| Error::from_status(-sys::MGS_ERROR_BAD_HANDLE))?;
        Ok(Handle { raw, _log: log })
    }

    pub(crate) fn raw(&self) -> *mut T {
        self.raw.as_ptr()
    }
}

impl<T: Kind> Drop for Handle<T> {
    fn drop(&mut self) {
        // SAFETY: it was made by `make`, and nobody has it after this.
        unsafe { T::free(self.raw.as_ptr()) }
    }
}

/// What callbacks are given: it stays where it is, and is reached through the pointer alone.
pub(crate) struct Context<T>(*mut T);

// SAFETY: as a box.
unsafe impl<T: Send> Send for Context<T> {}

impl<T> Context<T> {
    pub(crate) fn new(value: T) -> Context<T> {
        Context(Box::into_raw(Box::new(value)))
    }

    pub(crate) fn raw(&self) -> *mut std::os::raw::c_void {
        self.0.cast()
    }

    /// Between calls, when no callback has it.
    pub(crate) fn get(&self) -> &T {
        // SAFETY: callbacks run in calls, which have the owner exclusively.
        unsafe { &*self.0 }
    }

    /// Between calls, when no callback has it.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        // SAFETY: as above, and nobody else looks.
        unsafe { &mut *self.0 }
    }
}

impl<T> Drop for Context<T> {
    fn drop(&mut self) {
        // SAFETY: it was made from a box.
        drop(unsafe { Box::from_raw(self.0) });
    }
}
