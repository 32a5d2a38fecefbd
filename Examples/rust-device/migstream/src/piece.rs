use crate::{call, sys};

/// A section or subsection that came, checked, and in the layout of the manifest.
#[derive(Debug)]
pub struct Piece<'a>(pub(crate) &'a sys::mgs_piece);

impl<'a> Piece<'a> {
    /// Of the section, or the subsection, in the manifest.
    pub fn number(&self) -> u32 {
        self.0.number
    }

    /// Whether it is a subsection.
    pub fn is_subsection(&self) -> bool {
        self.0.is_subsection != 0
    }

    /// From the start of the stream, in octets.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// Its octets, which end with the callback.
    pub fn data(&self) -> &'a [u8] {
        // SAFETY: they are valid as long as the piece is.
        unsafe { call::octets(self.0.data) }
    }
}

/// Why a device does not take what came; nothing of it has changed. Shown as the `found` of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal(pub u16);

impl Refusal {
    /// Positive: the library takes negative ones for a device that does not know its state.
    pub(crate) fn status(self) -> i32 {
        i32::from(self.0).max(1)
    }
}
