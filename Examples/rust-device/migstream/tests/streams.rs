//! Encoder, decoders and a machine that is resumed: well, badly, and with callbacks that panic.

use migstream::*;
use std::io::{self, IoSlice};

const RAM: usize = 8192;

state! {
    #[derive(Default)]
    pub struct Counter {
        count: u64 [range(0, 1000)],
        is_on: bool,
        small: i8 [range(-5, 5)],
        ring: [u16; 3],
        place: Address,
        names: Counted<u32, 4>,
    }
}
model! { Counter: "example/counter", section "state", version 1 }

fn counter() -> Counter {
    Counter { count: 999, is_on: true, small: -5, ring: [1, 2, 3], place: Address(4096), names: Counted::new(&[7, 8]) }
}

fn manifest(state: &mut Counter) -> Manifest<'_> {
    let topology = Topology { producer: "test", architecture: "x86_64" };
    let mut manifest = Manifest::new(Some(&topology), &Config::default()).unwrap();
    manifest.add_region(&Region { name: "ram", guest_address: 0, length: RAM as u64 }).unwrap();
    manifest.add_state("counter", state).unwrap();
    manifest
}

fn ram() -> Vec<u8> {
    let mut ram = vec![0; RAM];
    ram[..4096].fill(0x5a);
    ram
}

fn stream() -> Vec<u8> {
    let mut stream = Vec::new();
    let mut state = counter();
    let ram = ram();
    let mut encoder = Encoder::new(manifest(&mut state), &Options::default(), |pieces: &[IoSlice<'_>]| {
        pieces.iter().for_each(|piece| stream.extend_from_slice(piece));
        Ok(())
    })
    .unwrap();
    encoder.memory(0, 0, &ram).unwrap();
    encoder.state(0).unwrap();
    encoder.end().unwrap();
    stream
}

/// The memory of a machine, and what its functions are to do.
#[derive(Default)]
struct Machinery {
    ram: Vec<u8>,
    panics: &'static str,
    refuses: &'static str,
    resets: u32,
}

impl Machinery {
    fn step(&self, name: &str) -> Result<(), Refusal> {
        assert!(self.panics != name, "{name} panics");
        if self.refuses == name {
            Err(Refusal(77))
        } else {
            Ok(())
        }
    }
}

impl Device for Machinery {
    fn target(&mut self, _: u32, offset: u64, size: usize) -> Option<&mut [u8]> {
        self.step("target").ok()?;
        self.ram.get_mut(offset as usize..offset as usize + size)
    }

    fn clear(&mut self, _: u32, offset: u64, length: u64) -> Result<(), Refusal> {
        self.step("clear")?;
        self.ram[offset as usize..(offset + length) as usize].fill(0);
        Ok(())
    }

    fn prepare(&mut self, _: u32) -> Result<(), Refusal> {
        self.step("prepare")
    }

    fn commit(&mut self, _: u32) -> Result<(), Refusal> {
        self.step("commit")
    }

    fn reset(&mut self, _: u32) {
        self.resets += 1;
        self.ram.fill(0);
        assert!(self.panics != "reset", "reset panics");
    }
}

fn machinery() -> Machinery {
    Machinery { ram: vec![0xff; RAM], ..Machinery::default() }
}

fn resume(machine: &mut Machine<'_, Machinery>, stream: &[u8]) -> Result<(), Error> {
    let mut session = machine.resume()?;
    for segment in stream.chunks(100) {
        assert_eq!(session.write(segment)?, segment.len());
    }
    session.finish()
}

#[test]
fn a_machine_is_saved_and_resumed() {
    let stream = stream();
    assert_eq!(verify(&stream, Tier::Deep, &Config::default()).unwrap().stream_size, stream.len() as u64);
    let mut state = Counter::default();
    {
        let mut machine = Machine::new(manifest(&mut state), machinery()).unwrap();
        resume(&mut machine, &stream).unwrap();
        assert_eq!(machine.state(0).unwrap(), sys::MGS_STATE_STOP);
        machine.run().unwrap();
        assert_eq!(machine.devices().ram, ram());
    }
    assert_eq!(state, counter());
}

#[test]
fn payload_goes_straight_to_its_place() {
    let stream = stream();
    let mut state = Counter::default();
    let mut machine = Machine::new(manifest(&mut state), machinery()).unwrap();
    let mut session = machine.resume().unwrap();
    let (mut rest, mut filled) = (&stream[..], 0);
    while !rest.is_empty() {
        let fill = |memory: &mut [u8]| {
            memory.copy_from_slice(&rest[..memory.len()]);
            Some(memory.len())
        };
        if let Some(count) = session.fill(1000, fill).unwrap() {
            filled += count;
            rest = &rest[count..];
        } else {
            let count = rest.len().min(8);
            session.write(&rest[..count]).unwrap();
            rest = &rest[count..];
        }
    }
    session.finish().unwrap();
    assert!(filled > 4000, "{filled} octets");
    assert_eq!(machine.devices().ram, ram());
}

#[test]
fn a_callback_that_panics_or_refuses_ends_the_session_and_a_reset_leads_out() {
    let stream = stream();
    for name in ["target", "clear", "prepare", "commit"] {
        for panics in [true, false] {
            let mut state = Counter::default();
            let mut devices = machinery();
            if panics {
                devices.panics = name
            } else {
                devices.refuses = name
            }
            let mut machine = Machine::new(manifest(&mut state), devices).unwrap();
            let error = resume(&mut machine, &stream).unwrap_err();
            assert_eq!(error.code(), code::DEVICE_FAILED, "{name}: {error}");
            if !panics && name != "target" {
                assert_eq!(error.found(), 77, "{name}: {error}");
            }
            assert_eq!(machine.state(0).unwrap(), sys::MGS_STATE_ERROR);
            machine.devices_mut().panics = "";
            machine.devices_mut().refuses = "";
            machine.reset().unwrap();
            assert_eq!(machine.state(0).unwrap(), sys::MGS_STATE_RUNNING);
            assert_eq!(machine.devices().resets, 1);
            resume(&mut machine, &stream).unwrap();
            drop(machine);
            assert_eq!(state, counter());
        }
    }
}

#[test]
fn a_reset_that_panics_stays_in_rust() {
    let mut state = Counter::default();
    let mut machine = Machine::new(manifest(&mut state), Machinery { panics: "reset", ..machinery() }).unwrap();
    machine.reset().unwrap();
}

#[test]
fn a_session_that_is_dropped_is_given_up() {
    let stream = stream();
    let mut state = Counter::default();
    let mut machine = Machine::new(manifest(&mut state), machinery()).unwrap();
    let mut session = machine.resume().unwrap();
    session.write(&stream[..200]).unwrap();
    drop(session);
    assert_eq!(machine.state(0).unwrap(), sys::MGS_STATE_ERROR);
    machine.reset().unwrap();
    drop(machine);
    assert_eq!(state, Counter::default());
}

#[test]
fn a_writer_that_fails_says_why() {
    for panics in [true, false] {
        let mut state = counter();
        let mut calls = 0;
        let mut encoder = Encoder::new(manifest(&mut state), &Options::default(), move |_: &[IoSlice<'_>]| {
            calls += 1;
            assert!(calls < 4 || !panics, "the writer panics");
            if calls < 4 {
                Ok(())
            } else {
                Err(io::Error::from_raw_os_error(32))
            }
        })
        .unwrap();
        let error = encoder.state(0).unwrap_err();
        assert_eq!(error.code(), code::CALLBACK_FAILED, "{error}");
        assert_eq!(encoder.failure().and_then(|error| error.raw_os_error()), (!panics).then_some(32));
        assert_eq!(encoder.state(0).unwrap_err().code(), code::CALLBACK_FAILED);
    }
}

/// Counts what it is told.
#[derive(Default)]
struct Counts {
    records: u64,
    ends: u64,
    payload: u64,
    panics: bool,
}

impl Handler for Counts {
    fn record(&mut self, record: &Record<'_>) -> Result<(), Refusal> {
        assert_eq!(record.sequence(), self.records);
        self.records += 1;
        Ok(())
    }

    fn payload(&mut self, octets: &[u8], _: u64) -> Result<(), Refusal> {
        assert!(!self.panics, "the handler panics");
        self.payload += octets.len() as u64;
        Ok(())
    }

    fn end(&mut self, _: u64) -> Result<(), Refusal> {
        self.ends += 1;
        Ok(())
    }
}

#[test]
fn push_and_pull_see_the_same() {
    let stream = stream();
    let mut push = PushDecoder::new(Counts::default(), Tier::Deep, &Config::default()).unwrap();
    for segment in stream.chunks(7) {
        push.feed(segment).unwrap();
    }
    let summary = push.finish().unwrap();
    assert_eq!((push.handler().records, push.handler().ends), (summary.num_records, summary.num_records));
    assert_eq!(push.handler().payload, 4096);

    let mut pull = PullDecoder::new(&stream, Tier::Deep, &Config::default()).unwrap();
    let (mut records, mut payload, mut data) = (0, 0, Vec::new());
    while let Some(record) = pull.next_record().unwrap() {
        records += 1;
        payload += record.payload().len();
        if record.kind() == sys::MGS_RECORD_SECTION {
            data = record.data().to_vec();
        }
    }
    assert_eq!((records, payload), (summary.num_records, 4096));
    assert_eq!(data[..8], 999_u64.to_le_bytes());
    assert_eq!(pull.finish().unwrap(), summary);
}

#[test]
fn payload_is_read_into_place() {
    let stream = stream();
    let mut decoder = PushDecoder::new((), Tier::Digests, &Config::default()).unwrap();
    let (mut rest, mut memory) = (&stream[..], vec![0; RAM]);
    while !rest.is_empty() {
        let count = match decoder.place().unwrap() {
            Some(place) => {
                assert_eq!(place.region, Some(0));
                let start = place.offset as usize;
                let count = (place.length as usize).min(1000);
                memory[start..start + count].copy_from_slice(&rest[..count]);
                decoder.placed(&memory[start..start + count]).unwrap();
                count
            }
            None => {
                let wanted = decoder.wanted().unwrap();
                decoder.feed(&rest[..wanted]).unwrap()
            }
        };
        rest = &rest[count..];
    }
    assert_eq!(decoder.offset().unwrap(), stream.len() as u64);
    decoder.finish().unwrap();
    assert_eq!(memory, ram());
}

#[test]
fn a_handler_that_panics_fails_the_call() {
    let stream = stream();
    let counts = Counts { panics: true, ..Counts::default() };
    let mut decoder = PushDecoder::new(counts, Tier::Deep, &Config::default()).unwrap();
    let error = decoder.feed(&stream).unwrap_err();
    assert_eq!(error.code(), code::CALLBACK_FAILED, "{error}");
    assert_eq!(decoder.feed(&stream).unwrap_err().code(), code::CALLBACK_FAILED);
    assert!(decoder.finish().is_err());
}

#[test]
fn damage_has_an_offset_in_every_segmentation() {
    let mut stream = stream();
    stream[700] ^= 1;
    let whole = verify(&stream, Tier::Deep, &Config::default()).unwrap_err();
    assert!((64..=700).contains(&whole.offset()), "{whole}");
    for size in [1, 5, 64, 4096] {
        let mut decoder = PushDecoder::new((), Tier::Deep, &Config::default()).unwrap();
        let error = stream.chunks(size).find_map(|segment| decoder.feed(segment).err()).unwrap();
        assert_eq!((error.code(), error.offset()), (whole.code(), whole.offset()));
    }
}

#[test]
fn another_thread_may_go_on() {
    let stream = stream();
    let (first, rest) = stream.split_at(500);
    let mut decoder = PushDecoder::new(Counts::default(), Tier::Deep, &Config::default()).unwrap();
    decoder.feed(first).unwrap();
    let rest = rest.to_vec();
    let mut decoder = std::thread::spawn(move || {
        decoder.feed(&rest).unwrap();
        decoder
    })
    .join()
    .unwrap();
    decoder.finish().unwrap();
}

#[test]
fn a_manifest_says_before_bulk_whether_a_stream_fits() {
    let stream = stream();
    manifest(&mut Counter::default()).check(&stream[..1000]).unwrap();
    let mut other = Manifest::new(None, &Config::default()).unwrap();
    other.add_device(&DeviceEntry { path: "lamp", model: "example/lamp", version: 1 }).unwrap();
    assert!(other.check(&stream[..1000]).is_err());
}
