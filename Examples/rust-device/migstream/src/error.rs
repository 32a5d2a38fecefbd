use crate::{call, sys};
use std::fmt;

/// Numbers of errors, `MGS_ERROR_...` of migstream.h.
pub mod code {
    pub use crate::sys::{
        MGS_ERROR_ABORTED as ABORTED, MGS_ERROR_CALLBACK_FAILED as CALLBACK_FAILED,
        MGS_ERROR_DEVICE_FAILED as DEVICE_FAILED, MGS_ERROR_DIGEST_MISMATCH as DIGEST_MISMATCH,
        MGS_ERROR_LIMIT_EXCEEDED as LIMIT_EXCEEDED, MGS_ERROR_MISSING_DEVICE as MISSING_DEVICE,
        MGS_ERROR_TRUNCATED as TRUNCATED, MGS_ERROR_UNKNOWN_REQUIRED as UNKNOWN_REQUIRED,
        MGS_ERROR_VALUE_OUT_OF_RANGE as VALUE_OUT_OF_RANGE, MGS_ERROR_WRONG_CALL as WRONG_CALL,
    };
}

/// What can be done after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// The call was refused, and nothing changed.
    Rejected,
    /// Nothing of the session will have an effect.
    FatalSession,
    /// A device failed.
    FatalDevice,
    /// Octets are missing, now or for good.
    Incomplete,
}

/// Why a call was refused, and at which octet.
#[derive(Clone, Copy)]
pub struct Error(sys::mgs_error);

impl Error {
    /// # Safety
    /// `raw` was written by the library.
    pub(crate) unsafe fn new(raw: sys::mgs_error) -> Error {
        Error(raw)
    }

    pub(crate) fn from_status(status: i32) -> Error {
        let mut raw = call::no_error();
        raw.code = -status;
        raw.stage = sys::MGS_STAGE_USE;
        raw.failure = sys::MGS_CLASS_REJECTED;
        raw.record = sys::MGS_NO_RECORD;
        raw.device = sys::MGS_NO_DEVICE;
        Error(raw)
    }

    /// One of [`code`], and of `MGS_ERROR_...`.
    pub fn code(&self) -> i32 {
        self.0.code
    }

    /// Its name, as the specification has it.
    pub fn name(&self) -> &'static str {
        // SAFETY: the string lives for ever.
        unsafe { call::static_text(sys::mgs_code_name(self.0.code)) }
    }

    /// What was being read.
    pub fn stage(&self) -> &'static str {
        // SAFETY: the string lives for ever.
        unsafe { call::static_text(sys::mgs_stage_name(self.0.stage)) }
    }

    /// What can be done.
    pub fn class(&self) -> Class {
        match self.0.failure {
            sys::MGS_CLASS_REJECTED => Class::Rejected,
            sys::MGS_CLASS_FATAL_SESSION => Class::FatalSession,
            sys::MGS_CLASS_FATAL_DEVICE => Class::FatalDevice,
            _ => Class::Incomplete,
        }
    }

    /// From the start of the stream to the field at fault, in octets.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// What was wanted: octets, counts, digests or values, as the code says.
    pub fn expected(&self) -> u64 {
        self.0.expected
    }

    /// What was there; of a callback that failed, what it returned.
    pub fn found(&self) -> u64 {
        self.0.found
    }

    /// Sequence number of the record.
    pub fn record(&self) -> Option<u64> {
        (self.0.record != sys::MGS_NO_RECORD).then_some(self.0.record)
    }

    /// Number of the device.
    pub fn device(&self) -> Option<u32> {
        (self.0.device != sys::MGS_NO_DEVICE).then_some(self.0.device)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0_u8; 256];
        // SAFETY: the text is written to 256 octets.
        let length = unsafe { sys::mgs_error_text(&self.0, text.as_mut_ptr().cast(), text.len()) };
        let length = usize::try_from(length).unwrap_or(0).min(text.len() - 1);
        formatter.write_str(&String::from_utf8_lossy(&text[..length]))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for Error {}
