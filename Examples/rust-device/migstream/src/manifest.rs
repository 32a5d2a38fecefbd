use crate::call::{checked, sized, text, Handle};
use crate::{sys, Config, Error, Model};
use std::marker::PhantomData;

/// What a machine is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Topology<'a> {
    /// Who saves.
    pub producer: &'a str,
    /// Empty where it is not stated.
    pub architecture: &'a str,
}

/// Memory of a machine.
#[derive(Clone, Copy, Debug)]
pub struct Region<'a> {
    /// Names it in the machine.
    pub name: &'a str,
    /// Where the guest has it.
    pub guest_address: u64,
    /// Octets.
    pub length: u64,
}

/// A device whose sections the caller makes and takes.
#[derive(Clone, Copy, Debug)]
pub struct DeviceEntry<'a> {
    /// Names it in the machine.
    pub path: &'a str,
    /// `DOMAIN/PATH`
    pub model: &'a str,
    /// Of its definition.
    pub version: u32,
}

/// A section that will come.
#[derive(Clone, Copy, Debug)]
pub struct Announcement<'a> {
    /// Names it in the device.
    pub name: &'a str,
    /// Of its definition.
    pub version: u32,
    /// Among the device's layouts.
    pub layout: u32,
}

/// What a machine, or one device, is; with structs of [`state!`](crate::state) also where its state is.
///
/// Structs are borrowed until it, or what was made of it, is gone:
///
/// ```compile_fail,E0505
/// # migstream::state! { #[derive(Default)] pub struct Lamp { level: u8, } }
/// # migstream::model! { Lamp: "example/lamp", section "lamp", version 1 }
/// let mut lamp = Lamp::default();
/// let mut manifest = migstream::Manifest::new(None, &Default::default())?;
/// manifest.add_state("lamp", &mut lamp)?;
/// drop(lamp);
/// manifest.encode(None)?;
/// # Ok::<(), migstream::Error>(())
/// ```
pub struct Manifest<'s> {
    pub(crate) handle: Handle<sys::mgs_manifest>,
    pub(crate) config: Config,
    states: PhantomData<&'s mut ()>,
}

impl<'s> Manifest<'s> {
    /// Without a topology it is one device, to be embedded in another format.
    pub fn new(topology: Option<&Topology<'_>>, config: &Config) -> Result<Manifest<'s>, Error> {
        let given = topology.map(|topology| {
            sized!(mgs_topology { producer: text(topology.producer), architecture: text(topology.architecture) })
        });
        let given = given.as_ref().map_or(std::ptr::null(), |given| given as *const _);
        // SAFETY: what is pointed to lives until the call returns; so in all calls of this crate where nothing else is said.
        let handle =
            Handle::make(config, |slot, config, error| unsafe { sys::mgs_manifest_new(slot, given, config, error) })?;
        Ok(Manifest { handle, config: config.clone(), states: PhantomData })
    }

    /// Returns its number.
    pub fn add_region(&mut self, region: &Region<'_>) -> Result<u32, Error> {
        let given = sized!(mgs_region {
            name: text(region.name),
            guest_address: region.guest_address,
            length: region.length,
            owner: sys::MGS_NO_DEVICE,
        });
        let number = checked(|error| unsafe { sys::mgs_manifest_add_region(self.handle.raw(), &given, error) })?;
        Ok(number as u32)
    }

    /// Returns its number.
    pub fn add_device(&mut self, device: &DeviceEntry<'_>) -> Result<u32, Error> {
        let given = sized!(mgs_device {
            path: text(device.path),
            model: text(device.model),
            version: device.version,
            version_min: 1,
        });
        let number = checked(|error| unsafe { sys::mgs_manifest_add_device(self.handle.raw(), &given, error) })?;
        Ok(number as u32)
    }

    /// A layout of the device that was added last, in canonical form. Returns its number.
    pub fn add_layout(&mut self, canonical: &[u8]) -> Result<u32, Error> {
        let number = checked(|error| unsafe {
            sys::mgs_manifest_add_layout(self.handle.raw(), canonical.as_ptr().cast(), canonical.len(), error)
        })?;
        Ok(number as u32)
    }

    /// A section of the device that was added last. Returns its number.
    pub fn add_section(&mut self, section: &Announcement<'_>) -> Result<u32, Error> {
        let given = sized!(mgs_announcement {
            name: text(section.name),
            version: section.version,
            version_min: 1,
            layout: section.layout,
        });
        let number = checked(|error| unsafe { sys::mgs_manifest_add_section(self.handle.raw(), &given, error) })?;
        Ok(number as u32)
    }

    /// Adds a device that is saved from and loaded into a struct. Returns its number.
    pub fn add_state<M: Model>(&mut self, path: &str, state: &'s mut M) -> Result<u32, Error> {
        let given = sized!(mgs_device { path: text(path) });
        let state: *mut M = state;
        // SAFETY: the table lives for ever; the struct is borrowed for 's, which whatever comes of this manifest does
        // not outlive, and which one thing at a time comes of.
        let number = checked(|error| unsafe {
            sys::mgs_manifest_add_struct(self.handle.raw(), &given, M::MODEL, state.cast(), error)
        })?;
        Ok(number as u32)
    }

    /// Whether a machine like this could take a stream, said from its first octets.
    pub fn check(&mut self, stream: &[u8]) -> Result<(), Error> {
        checked(|error| unsafe {
            sys::mgs_manifest_check(self.handle.raw(), stream.as_ptr().cast(), stream.len(), error)
        })?;
        Ok(())
    }

    /// Saves the one device, whose state lies in a struct, as a stream to be embedded. `uuid`: another for each save.
    pub fn encode(&mut self, uuid: Option<&[u8; 16]>) -> Result<Vec<u8>, Error> {
        let uuid = uuid.map_or(std::ptr::null(), |uuid| uuid.as_ptr());
        let mut stream = vec![0; 4096];
        loop {
            let mut written = 0;
            let made = checked(|error| unsafe {
                let target = stream.as_mut_ptr().cast();
                sys::mgs_encode_struct(self.handle.raw(), uuid, target, stream.len(), &mut written, error)
            });
            match made {
                Ok(_) => {
                    stream.truncate(written);
                    return Ok(stream);
                }
                Err(error) if error.code() == sys::MGS_ERROR_TARGET_TOO_SMALL => {
                    let more = stream.len() * 2;
                    stream.resize(more.max(usize::try_from(error.expected()).unwrap_or(more)), 0);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Loads it. Returns the octets of the stream, which others may follow. When it is refused the struct is as before.
    pub fn decode(&mut self, stream: &[u8]) -> Result<usize, Error> {
        let mut taken = 0;
        checked(|error| unsafe {
            let octets = stream.as_ptr().cast();
            sys::mgs_decode_struct(self.handle.raw(), octets, stream.len(), &mut taken, error)
        })?;
        Ok(taken)
    }
}
