//! A dimmer in Rust: a lamp that fades, and remembers the last levels that it had.
//!
//! `--cfg planted_bug` accepts a place in the ring that is one too high; the next fade indexes with it.

const PLACES: usize = 8;

/// What travels, as dimmer.json says.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct State {
    level: u8,
    goal: u8,
    step: u8,
    place: u8,
    fades: u32,
    ring: [u8; PLACES],
}

impl State {
    const NEW: State = State { level: 0, goal: 0, step: 1, place: 0, fades: 0, ring: [0; PLACES] };

    /// What layout and ranges leave to the device.
    fn is_possible(&self) -> bool {
        let places = if cfg!(planted_bug) { PLACES + 1 } else { PLACES };
        (self.place as usize) < places
    }

    fn tick(&mut self) {
        if self.level == self.goal {
            return;
        }
        let step = self.step.min(self.level.abs_diff(self.goal));
        self.level = if self.level < self.goal { self.level + step } else { self.level - step };
        if self.level == self.goal {
            self.ring[self.place as usize] = self.level;
            self.place = (self.place + 1) % PLACES as u8;
            self.fades = self.fades.wrapping_add(1);
        }
    }
}

pub struct Dimmer {
    state: State,
    arrived: State,
}

#[no_mangle]
pub extern "C" fn dimmer_create() -> *mut Dimmer {
    Box::into_raw(Box::new(Dimmer { state: State::NEW, arrived: State::NEW }))
}

/// # Safety
/// `dimmer` came from `dimmer_create`, here and below.
#[no_mangle]
pub unsafe extern "C" fn dimmer_destroy(dimmer: *mut Dimmer) {
    drop(Box::from_raw(dimmer));
}

#[no_mangle]
pub unsafe extern "C" fn dimmer_reset(dimmer: *mut Dimmer) {
    (*dimmer).state = State::NEW;
}

/// Two octets an operation: which, and a value.
#[no_mangle]
pub unsafe extern "C" fn dimmer_run(dimmer: *mut Dimmer, octets: *const u8, size: usize) {
    let state = &mut (*dimmer).state;
    for pair in std::slice::from_raw_parts(octets, size).chunks_exact(2) {
        match pair[0] % 3 {
            0 => state.goal = pair[1],
            1 => state.step = pair[1].max(1),
            _ => (0..pair[1]).for_each(|_| state.tick()),
        }
    }
}

/// The state, for a save and for all to see.
#[no_mangle]
pub unsafe extern "C" fn dimmer_state(dimmer: *const Dimmer) -> *const State {
    &raw const (*dimmer).state
}

/// Looks at a state that arrived; 0 when the device can have it.
#[no_mangle]
pub unsafe extern "C" fn dimmer_check(dimmer: *mut Dimmer, octets: *const u8, size: usize) -> i32 {
    if size != std::mem::size_of::<State>() {
        return 1;
    }
    (*dimmer).arrived = octets.cast::<State>().read_unaligned();
    if (*dimmer).arrived.is_possible() { 0 } else { 2 }
}

#[no_mangle]
pub unsafe extern "C" fn dimmer_commit(dimmer: *mut Dimmer) {
    (*dimmer).state = (*dimmer).arrived;
}
