use crate::call::sized;
use crate::{sys, Error};
use std::ffi::CStr;
use std::fmt;
use std::os::raw::{c_char, c_void};
use std::sync::Arc;

/// What a reader accepts and a writer makes; 0 is the default. Made by [`Config::limits`].
pub type Limits = sys::mgs_limits;

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something was refused.
    Error,
    /// Something was stepped over, as its mark allows.
    Skipped,
    /// A migration went on: `MGS_EVENT_...` in `expected`.
    Notice,
}

pub(crate) type Log = Arc<dyn Fn(Level, &Error, &str) + Send + Sync>;

/// What handles are made with.
#[derive(Clone, Default)]
pub struct Config {
    limits: Option<Limits>,
    log: Option<Log>,
}

impl Config {
    /// Sets some of the limits.
    #[must_use]
    pub fn limits(mut self, set: impl FnOnce(&mut Limits)) -> Config {
        let mut limits = self.limits.unwrap_or_else(|| sized!(mgs_limits {}));
        set(&mut limits);
        self.limits = Some(limits);
        self
    }

    /// Tells of each refusal, of what was stepped over, and how a migration goes on, in a line. What it panics with goes no further.
    #[must_use]
    pub fn log(mut self, log: impl Fn(Level, &Error, &str) + Send + Sync + 'static) -> Config {
        self.log = Some(Arc::new(log));
        self
    }

    pub(crate) fn boxed_log(&self) -> Option<Box<Log>> {
        self.log.clone().map(Box::new)
    }

    /// For one call; `log` outlives the handle.
    pub(crate) fn raw(&self, log: Option<&Log>) -> sys::mgs_config {
        let mut raw = sized!(mgs_config {});
        if let Some(limits) = &self.limits {
            raw.limits = limits;
        }
        if let Some(log) = log {
            raw.log = Some(tell);
            raw.log_context = (log as *const Log as *mut Log).cast();
        }
        raw
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Config").field("limits", &self.limits).finish_non_exhaustive()
    }
}

unsafe extern "C" fn tell(context: *mut c_void, level: u32, what: *const sys::mgs_error, text: *const c_char) {
    crate::call::guarded(|| {
        // SAFETY: the handle owns the log, and the library gives an error and a line.
        let (log, what, text) = unsafe { (&*context.cast::<Log>(), Error::new(*what), CStr::from_ptr(text)) };
        let level = match level {
            sys::MGS_LOG_NOTICE if what.expected() <= u64::from(sys::MGS_EVENT_SUBSECTION_SKIPPED) => Level::Skipped,
            sys::MGS_LOG_NOTICE => Level::Notice,
            _ => Level::Error,
        };
        log(level, &what, &text.to_string_lossy());
        0
    });
}
