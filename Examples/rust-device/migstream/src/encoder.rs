use crate::call::{checked, guarded, octets, sized, text, Context, Handle};
use crate::{sys, Error, Manifest};
use std::io::{self, IoSlice};
use std::marker::PhantomData;
use std::os::raw::{c_int, c_void};

/// What a stream is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Another for each save.
    pub uuid: [u8; 16],
    /// Layouts and bulk are zstd frames where that is shorter.
    pub compresses: bool,
}

struct Writer<W> {
    write: W,
    failure: Option<io::Error>,
}

/// Writes a stream: gather lists to a function, made for [`io::Write::write_vectored`].
///
/// The structs of its manifest are borrowed for `'s`. After an error [`abort`](Encoder::abort) is left.
pub struct Encoder<'s, W: FnMut(&[IoSlice<'_>]) -> io::Result<()>> {
    handle: Handle<sys::mgs_encoder>,
    writer: Context<Writer<W>>,
    states: PhantomData<&'s mut ()>,
}

impl<'s, W: FnMut(&[IoSlice<'_>]) -> io::Result<()>> Encoder<'s, W> {
    /// Writes preamble, MANIFEST and layouts. `write` takes all octets of a list.
    pub fn new(manifest: Manifest<'s>, options: &Options, write: W) -> Result<Self, Error> {
        let given = sized!(mgs_stream_options {
            uuid: options.uuid,
            flags: if options.compresses { sys::MGS_COMPRESS } else { 0 },
        });
        let writer = Context::new(Writer { write, failure: None });
        // SAFETY: the writer outlives the handle, which is dropped first.
        let handle = Handle::make(&manifest.config, |slot, config, error| unsafe {
            let raw = manifest.handle.raw();
            sys::mgs_encoder_new(slot, raw, &given, Some(write_pieces::<W>), writer.raw(), config, error)
        })?;
        Ok(Encoder { handle, writer, states: PhantomData })
    }

    /// A section of a device, by its layout.
    pub fn section(&mut self, device: u32, section: u32, data: &[u8]) -> Result<(), Error> {
        let lent = sys::mgs_octets { octets: data.as_ptr().cast(), size: data.len() };
        let data = sized!(mgs_section_data { data: lent });
        checked(|error| unsafe { sys::mgs_encoder_section(self.handle.raw(), device, section, &data, error) })?;
        Ok(())
    }

    /// All of a device whose state lies in a struct.
    pub fn state(&mut self, device: u32) -> Result<(), Error> {
        checked(|error| unsafe { sys::mgs_encoder_struct(self.handle.raw(), device, error) })?;
        Ok(())
    }

    /// A chunk of a region that nobody writes to; it is not copied.
    pub fn memory(&mut self, region: u32, offset: u64, octets: &[u8]) -> Result<(), Error> {
        // SAFETY: a shared borrow: nobody writes.
        unsafe { self.memory_at(region, offset, octets.as_ptr(), octets.len(), sys::MGS_STABLE) }
    }

    /// A chunk of a region that the guest may write to meanwhile; it is copied first.
    ///
    /// # Safety
    /// `octets[0..<size]` may be read.
    pub unsafe fn live_memory(
        &mut self,
        region: u32,
        offset: u64,
        octets: *const u8,
        size: usize,
    ) -> Result<(), Error> {
        // SAFETY: said of `octets`.
        unsafe { self.memory_at(region, offset, octets, size, sys::MGS_LIVE) }
    }

    unsafe fn memory_at(
        &mut self,
        region: u32,
        offset: u64,
        octets: *const u8,
        size: usize,
        source: u32,
    ) -> Result<(), Error> {
        let raw = self.handle.raw();
        // SAFETY: the callers say that the octets are there.
        checked(|error| unsafe { sys::mgs_encoder_memory(raw, region, offset, octets.cast(), size, source, error) })?;
        Ok(())
    }

    /// Ends the stream.
    pub fn end(self) -> Result<(), Error> {
        checked(|error| unsafe { sys::mgs_encoder_end(self.handle.raw(), error) })?;
        Ok(())
    }

    /// Says that the source gave up. `reason`: 1 to 6, Specs/10-stream-format.md section 10.
    pub fn abort(self, reason: u32, why: &str) -> Result<(), Error> {
        checked(|error| unsafe { sys::mgs_encoder_abort(self.handle.raw(), reason, text(why), error) })?;
        Ok(())
    }

    /// Why the function failed, after an error of [`code::CALLBACK_FAILED`](crate::code::CALLBACK_FAILED); a panic left
    /// nothing.
    pub fn failure(&mut self) -> Option<io::Error> {
        self.writer.get_mut().failure.take()
    }
}

unsafe extern "C" fn write_pieces<W: FnMut(&[IoSlice<'_>]) -> io::Result<()>>(
    context: *mut c_void,
    pieces: *const sys::mgs_octets,
    num_pieces: usize,
) -> c_int {
    guarded(|| {
        // SAFETY: the encoder's writer, which nobody else has while it is called; pieces that live until this returns.
        let (writer, pieces) =
            unsafe { (&mut *context.cast::<Writer<W>>(), std::slice::from_raw_parts(pieces, num_pieces)) };
        let list: Vec<_> = pieces.iter().map(|piece| IoSlice::new(unsafe { octets(*piece) })).collect();
        match (writer.write)(&list) {
            Ok(()) => 0,
            Err(error) => {
                let status = error.raw_os_error().unwrap_or(1).max(1);
                writer.failure = Some(error);
                status
            }
        }
    })
}
