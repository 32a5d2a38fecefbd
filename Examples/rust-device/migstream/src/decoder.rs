use crate::call::{checked, guarded, octets, plain, sized, Context, Handle};
use crate::{sys, Config, Error, Refusal};
use std::marker::PhantomData;
use std::os::raw::{c_int, c_void};

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Framing.
    Quick,
    /// Also every digest.
    Digests,
    /// Also layouts, and data by them.
    Deep,
}

impl Tier {
    fn number(self) -> u32 {
        match self {
            Tier::Quick => sys::MGS_TIER_QUICK,
            Tier::Digests => sys::MGS_TIER_DIGESTS,
            Tier::Deep => sys::MGS_TIER_DEEP,
        }
    }
}

/// What a whole stream had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Octets.
    pub stream_size: u64,
    /// All records.
    pub num_records: u64,
    /// SECTION records.
    pub num_sections: u64,
}

impl Summary {
    fn new(raw: &sys::mgs_summary) -> Summary {
        Summary { stream_size: raw.stream_size, num_records: raw.num_records, num_sections: raw.num_sections }
    }
}

/// Checks a stream that lies in memory as a whole.
pub fn verify(stream: &[u8], tier: Tier, config: &Config) -> Result<Summary, Error> {
    let log = config.boxed_log();
    let given = config.raw(log.as_deref());
    let mut summary = sized!(mgs_summary {});
    checked(|error| unsafe {
        let octets = stream.as_ptr().cast();
        sys::mgs_verify(octets, stream.len(), tier.number(), &mut summary, &given, error)
    })?;
    Ok(Summary::new(&summary))
}

/// A record whose header and body are right.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    raw: sys::mgs_record,
    octets: PhantomData<&'a [u8]>,
}

impl<'a> Record<'a> {
    /// `MGS_RECORD_...`, or a number that is not known.
    pub fn kind(&self) -> u32 {
        self.raw.kind
    }

    /// Counted from 0.
    pub fn sequence(&self) -> u64 {
        self.raw.sequence
    }

    /// From the start of the stream, in octets.
    pub fn offset(&self) -> u64 {
        self.raw.offset
    }

    /// Number of its device.
    pub fn device(&self) -> Option<u32> {
        (self.raw.device != sys::MGS_NO_DEVICE).then_some(self.raw.device)
    }

    /// Of the section in its device, or of the region.
    pub fn number(&self) -> u32 {
        self.raw.number
    }

    /// Data of a section.
    pub fn data(&self) -> &'a [u8] {
        // SAFETY: they live as long as the record.
        unsafe { octets(self.raw.data) }
    }

    /// All of the payload, of a [`PullDecoder`]'s record.
    pub fn payload(&self) -> &'a [u8] {
        // SAFETY: they live as long as the record.
        unsafe { octets(self.raw.payload) }
    }
}

/// What is told of a stream as it comes.
#[allow(unused_variables)]
pub trait Handler {
    /// A record began. It ends with the call:
    ///
    /// ```compile_fail
    /// struct Keeper<'a>(Vec<&'a [u8]>);
    /// impl<'a> migstream::Handler for Keeper<'a> {
    ///     fn record(&mut self, record: &migstream::Record<'_>) -> Result<(), migstream::Refusal> {
    ///         self.0.push(record.data());
    ///         Ok(())
    ///     }
    /// }
    /// ```
    fn record(&mut self, record: &Record<'_>) -> Result<(), Refusal> {
        Ok(())
    }

    /// Payload octets, decompressed; plain ones are not yet checked.
    fn payload(&mut self, octets: &[u8], position: u64) -> Result<(), Refusal> {
        Ok(())
    }

    /// Every octet of the record was right.
    fn end(&mut self, sequence: u64) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Nobody is told.
impl Handler for () {}

/// Where the next payload octets belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// None: the byte string of the device.
    pub region: Option<u32>,
    /// Whose region or byte string it is.
    pub device: Option<u32>,
    /// From the start of the region or byte string.
    pub offset: u64,
    /// Octets.
    pub length: u64,
}

/// Takes a stream in any segments.
pub struct PushDecoder<H: Handler> {
    handle: Handle<sys::mgs_decoder>,
    handler: Context<H>,
}

impl<H: Handler> PushDecoder<H> {
    /// `handler` is told; `()` for nobody.
    pub fn new(handler: H, tier: Tier, config: &Config) -> Result<Self, Error> {
        let functions =
            sized!(mgs_handler { record: Some(record::<H>), payload: Some(payload::<H>), end: Some(end::<H>) });
        let handler = Context::new(handler);
        // SAFETY: the handler outlives the handle, which is dropped first.
        let handle = Handle::make(config, |slot, config, error| unsafe {
            sys::mgs_decoder_new(slot, &functions, handler.raw(), tier.number(), config, error)
        })?;
        Ok(PushDecoder { handle, handler })
    }

    /// Takes octets up to END, and returns how many.
    pub fn feed(&mut self, octets: &[u8]) -> Result<usize, Error> {
        let mut taken = 0;
        checked(|error| unsafe {
            let data = octets.as_ptr().cast();
            sys::mgs_decoder_push(self.handle.raw(), data, octets.len(), &mut taken, error)
        })?;
        Ok(taken)
    }

    /// Octets to read to a buffer and feed next; 0 where there is a place, and after END.
    pub fn wanted(&mut self) -> Result<usize, Error> {
        let mut wanted = 0;
        plain(unsafe { sys::mgs_decoder_wanted(self.handle.raw(), &mut wanted) })?;
        Ok(wanted)
    }

    /// Where the next payload goes; none: feed.
    pub fn place(&mut self) -> Result<Option<Place>, Error> {
        let mut place = sys::mgs_place { region: 0, device: 0, offset: 0, length: 0 };
        let count = plain(unsafe { sys::mgs_decoder_places(self.handle.raw(), &mut place, 1) })?;
        Ok((count > 0).then_some(Place {
            region: (place.region != u32::MAX).then_some(place.region),
            device: (place.device != sys::MGS_NO_DEVICE).then_some(place.device),
            offset: place.offset,
            length: place.length,
        }))
    }

    /// Octets that were read to the place; they may be fewer than its length.
    pub fn placed(&mut self, octets: &[u8]) -> Result<(), Error> {
        let data = octets.as_ptr().cast();
        checked(|error| unsafe { sys::mgs_decoder_placed(self.handle.raw(), data, octets.len(), error) })?;
        Ok(())
    }

    /// Octets taken.
    pub fn offset(&mut self) -> Result<u64, Error> {
        let mut offset = 0;
        plain(unsafe { sys::mgs_decoder_offset(self.handle.raw(), &mut offset) })?;
        Ok(offset)
    }

    /// Whether the input may end here: the only thing that says success.
    pub fn finish(&mut self) -> Result<Summary, Error> {
        finish(&self.handle)
    }

    /// Who is told.
    pub fn handler(&self) -> &H {
        self.handler.get()
    }
}

fn finish(handle: &Handle<sys::mgs_decoder>) -> Result<Summary, Error> {
    let mut summary = sized!(mgs_summary {});
    checked(|error| unsafe { sys::mgs_decoder_finish(handle.raw(), 0, &mut summary, error) })?;
    Ok(Summary::new(&summary))
}

fn told(body: impl FnOnce() -> Result<(), Refusal>) -> c_int {
    guarded(|| body().map_or_else(Refusal::status, |()| 0))
}

// SAFETY, of all three: the decoder's handler, which nobody else has while it is told; octets that live until it returns.

unsafe extern "C" fn record<H: Handler>(context: *mut c_void, record: *const sys::mgs_record) -> c_int {
    told(|| unsafe { &mut *context.cast::<H>() }.record(&Record { raw: unsafe { *record }, octets: PhantomData }))
}

unsafe extern "C" fn payload<H: Handler>(
    context: *mut c_void,
    data: *const c_void,
    size: usize,
    position: u64,
) -> c_int {
    let data = unsafe { octets(sys::mgs_octets { octets: data, size }) };
    told(|| unsafe { &mut *context.cast::<H>() }.payload(data, position))
}

unsafe extern "C" fn end<H: Handler>(context: *mut c_void, sequence: u64) -> c_int {
    told(|| unsafe { &mut *context.cast::<H>() }.end(sequence))
}

/// Goes over a stream that lies in memory as a whole, record by record.
pub struct PullDecoder<'s> {
    handle: Handle<sys::mgs_decoder>,
    stream: &'s [u8],
}

impl<'s> PullDecoder<'s> {
    /// Borrows the stream.
    pub fn new(stream: &'s [u8], tier: Tier, config: &Config) -> Result<Self, Error> {
        let handle = Handle::make(config, |slot, config, error| unsafe {
            sys::mgs_decoder_new(slot, std::ptr::null(), std::ptr::null_mut(), tier.number(), config, error)
        })?;
        Ok(PullDecoder { handle, stream })
    }

    /// The next record, or none behind END. It ends with the next call:
    ///
    /// ```compile_fail,E0499
    /// # let mut decoder = migstream::PullDecoder::new(&[], migstream::Tier::Deep, &Default::default())?;
    /// let first = decoder.next_record()?;
    /// let second = decoder.next_record()?;
    /// println!("{:?}", first);
    /// # Ok::<(), migstream::Error>(())
    /// ```
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, Error> {
        let mut raw = sized!(mgs_record {});
        let found = checked(|error| unsafe {
            let octets = self.stream.as_ptr().cast();
            sys::mgs_decoder_next(self.handle.raw(), octets, self.stream.len(), &mut raw, error)
        })?;
        Ok((found == 1).then_some(Record { raw, octets: PhantomData }))
    }

    /// Whether the stream may end here: the only thing that says success.
    pub fn finish(&mut self) -> Result<Summary, Error> {
        finish(&self.handle)
    }
}
