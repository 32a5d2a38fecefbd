use crate::call::{checked, guarded, plain, sized, Context, Handle};
use crate::{sys, Error, Manifest, Piece, Refusal};
use std::marker::PhantomData;
use std::os::raw::{c_int, c_void};

/// The devices of a machine that is resumed: numbers are those of the manifest.
///
/// A function that panics has failed: the machine is in error until it is reset.
#[allow(unused_variables)]
pub trait Device {
    /// The stream is right. Looks at one piece, without effect: what `commit` would not do is refused here. Not called of
    /// devices whose state lies in a struct.
    fn check(&mut self, device: u32, piece: &Piece<'_>) -> Result<(), Refusal> {
        Err(Refusal(1))
    }

    /// Memory that octets of a region belong in: at most `size` octets, at least one.
    fn target(&mut self, region: u32, offset: u64, size: usize) -> Option<&mut [u8]> {
        None
    }

    /// Makes a run of a region read as zero.
    fn clear(&mut self, region: u32, offset: u64, length: u64) -> Result<(), Refusal> {
        Err(Refusal(1))
    }

    /// All pieces were checked. The last chance to refuse, without effect.
    fn prepare(&mut self, device: u32) -> Result<(), Refusal> {
        Ok(())
    }

    /// All devices are prepared. Applies.
    fn commit(&mut self, device: u32) -> Result<(), Refusal> {
        Ok(())
    }

    /// As after power-on: nothing of a refused stream is left.
    fn reset(&mut self, device: u32);
}

/// Devices under migration, as a destination has them.
///
/// The structs of its manifest are borrowed for `'s`.
pub struct Machine<'s, D: Device> {
    handle: Handle<sys::mgs_machine>,
    devices: Context<D>,
    states: PhantomData<&'s mut ()>,
}

impl<'s, D: Device> Machine<'s, D> {
    /// All devices run.
    pub fn new(manifest: Manifest<'s>, devices: D) -> Result<Self, Error> {
        let ops = sized!(mgs_device_ops {
            reset: Some(reset::<D>),
            target: Some(target::<D>),
            clear: Some(clear::<D>),
            check: Some(check::<D>),
            prepare: Some(prepare::<D>),
            commit: Some(commit::<D>),
        });
        let devices = Context::new(devices);
        // SAFETY: the devices outlive the handle, which is dropped first; the functions are copied.
        let handle = Handle::make(&manifest.config, |slot, config, error| unsafe {
            let raw = manifest.handle.raw();
            sys::mgs_machine_new(slot, raw, &ops, devices.raw(), std::ptr::null(), config, error)
        })?;
        Ok(Machine { handle, devices, states: PhantomData })
    }

    /// The devices.
    pub fn devices(&self) -> &D {
        self.devices.get()
    }

    /// The devices.
    pub fn devices_mut(&mut self) -> &mut D {
        self.devices.get_mut()
    }

    fn request(&mut self, state: u32) -> Result<u64, Error> {
        let mut session = 0;
        checked(|error| unsafe { sys::mgs_machine_request(self.handle.raw(), state, &mut session, error) })?;
        Ok(session)
    }

    /// Stops the devices and takes a stream. Borrows the machine until the session ends.
    pub fn resume(&mut self) -> Result<ResumeSession<'_, 's, D>, Error> {
        let number = self.request(sys::MGS_STATE_RESUMING)?;
        Ok(ResumeSession { machine: self, number, is_open: true })
    }

    /// Lets the devices run.
    pub fn run(&mut self) -> Result<(), Error> {
        self.request(sys::MGS_STATE_RUNNING).map(drop)
    }

    /// The way out of error: all devices as after power-on, and running.
    pub fn reset(&mut self) -> Result<(), Error> {
        plain(unsafe { sys::mgs_machine_reset(self.handle.raw()) }).map(drop)
    }

    /// `MGS_STATE_...` of a device: the last step that was completed, or error.
    pub fn state(&mut self, device: u32) -> Result<u32, Error> {
        plain(unsafe { sys::mgs_machine_state(self.handle.raw(), device) }).map(|state| state as u32)
    }
}

/// A stream that is being taken; dropped, it is given up.
pub struct ResumeSession<'m, 's, D: Device> {
    machine: &'m mut Machine<'s, D>,
    number: u64,
    is_open: bool,
}

impl<D: Device> ResumeSession<'_, '_, D> {
    fn raw(&self) -> *mut sys::mgs_machine {
        self.machine.handle.raw()
    }

    /// Takes octets, and returns how many: all, unless the stream ended before they did.
    pub fn write(&mut self, octets: &[u8]) -> Result<usize, Error> {
        let mut taken = 0;
        checked(|error| unsafe {
            let data = octets.as_ptr().cast();
            sys::mgs_resume_write(self.raw(), self.number, data, octets.len(), &mut taken, error)
        })?;
        Ok(taken)
    }

    /// Lets `fill` read at most `size` of the next octets straight to where they belong, and returns how many it put
    /// there; none: they must be written.
    ///
    /// `fill` is given octets to overwrite and returns how many it has; it fails by none.
    pub fn fill<F: FnMut(&mut [u8]) -> Option<usize>>(
        &mut self,
        size: usize,
        mut fill: F,
    ) -> Result<Option<usize>, Error> {
        let mut filled = 0;
        let context: *mut F = &mut fill;
        let status = checked(|error| unsafe {
            let (raw, number) = (self.raw(), self.number);
            sys::mgs_resume_fill(raw, number, size, Some(fill_memory::<F>), context.cast(), &mut filled, error)
        })?;
        Ok((status == 1).then_some(filled))
    }

    /// Prepares all devices, commits all, and leaves them stopped: the only thing that says success.
    pub fn finish(mut self) -> Result<(), Error> {
        self.is_open = false;
        checked(|error| unsafe { sys::mgs_resume_finish(self.raw(), self.number, 0, error) })?;
        Ok(())
    }
}

impl<D: Device> Drop for ResumeSession<'_, '_, D> {
    fn drop(&mut self) {
        if self.is_open {
            // SAFETY: an error may be NULL. One that is refused has ended already.
            unsafe { sys::mgs_resume_abort(self.raw(), self.number, std::ptr::null_mut()) };
        }
    }
}

// SAFETY, of all below: `context` is what the machine keeps, which nobody else has while a call is under way; octets and
// pieces live until the function returns.

fn answered<D>(context: *mut c_void, body: impl FnOnce(&mut D) -> Result<(), Refusal>) -> c_int {
    guarded(|| body(unsafe { &mut *context.cast() }).map_or_else(Refusal::status, |()| 0))
}

unsafe extern "C" fn check<D: Device>(context: *mut c_void, device: u32, piece: *const sys::mgs_piece) -> c_int {
    answered(context, |devices: &mut D| devices.check(device, &Piece(unsafe { &*piece })))
}

unsafe extern "C" fn prepare<D: Device>(context: *mut c_void, device: u32) -> c_int {
    answered(context, |devices: &mut D| devices.prepare(device))
}

unsafe extern "C" fn commit<D: Device>(context: *mut c_void, device: u32) -> c_int {
    answered(context, |devices: &mut D| devices.commit(device))
}

unsafe extern "C" fn clear<D: Device>(context: *mut c_void, region: u32, offset: u64, length: u64, _: u32) -> c_int {
    answered(context, |devices: &mut D| devices.clear(region, offset, length))
}

unsafe extern "C" fn target<D: Device>(
    context: *mut c_void,
    region: u32,
    offset: u64,
    size: usize,
    memory: *mut *mut c_void,
    room: *mut usize,
) -> c_int {
    answered(context, |devices: &mut D| {
        let lent = devices.target(region, offset, size).ok_or(Refusal(1))?;
        unsafe {
            *room = lent.len().min(size);
            *memory = lent.as_mut_ptr().cast();
        }
        Ok(())
    })
}

/// A reset cannot fail: a panic leaves the device as far as it came.
unsafe extern "C" fn reset<D: Device>(context: *mut c_void, device: u32) {
    answered(context, |devices: &mut D| {
        devices.reset(device);
        Ok(())
    });
}

unsafe extern "C" fn fill_memory<F: FnMut(&mut [u8]) -> Option<usize>>(
    context: *mut c_void,
    memory: *mut c_void,
    size: usize,
) -> i64 {
    let mut count = -1;
    guarded(|| {
        let (fill, memory) =
            unsafe { (&mut *context.cast::<F>(), std::slice::from_raw_parts_mut(memory.cast(), size)) };
        count = fill(memory).map_or(-1, |count| count as i64);
        0
    });
    count
}
