//! Tables that say which octets of a stream are which members of a struct, and the macros that write them.

use crate::{sys, State, Subsection, Value};
use std::mem::{align_of, size_of};
use std::os::raw::c_char;
use std::ptr::null;

/// Where the next member of a `repr(C)` struct lies.
pub(crate) const fn aligned(end: usize, alignment: usize) -> usize {
    (end + alignment - 1) / alignment * alignment
}

/// Of a text that ends with a zero octet, which is how C has it.
const fn c_text(text: &'static str) -> *const c_char {
    let octets = text.as_bytes();
    assert!(!octets.is_empty() && octets[octets.len() - 1] == 0, "a text needs \\0 at its end");
    octets.as_ptr().cast()
}

/// A member and its attributes, before it has its place in the struct.
#[derive(Clone, Copy)]
#[doc(hidden)]
pub struct Field {
    raw: sys::mgs_field,
    size: usize,
    alignment: usize,
}

const NO_FIELD: sys::mgs_field = sys::mgs_field {
    name: null(),
    r#type: 0,
    shape: 0,
    memory: sys::MGS_IN_PLACE,
    width: 0,
    count: 0,
    offset: 0,
    num_offset: sys::MGS_NO_OFFSET,
    capacity: 0,
    stride: 0,
    fields: null(),
    elements: null(),
    num_elements: 0,
    mark: sys::MGS_REQUIRED,
    secret: false,
    verify: false,
    radix: 0,
    clock: 0,
    alignment_log2: 0,
    since: 0,
    until: 0,
    unit: null(),
    r#ref: null(),
    has_range: false,
    min: 0,
    max: 0,
    has_preset: false,
    preset: 0,
    symbols: null(),
    num_symbols: 0,
    open: false,
    was: null(),
    end_: true,
};

#[doc(hidden)]
impl Field {
    pub const fn new<V: Value>(name: &'static str) -> Field {
        let mut raw = NO_FIELD;
        raw.name = c_text(name);
        raw.r#type = V::TYPE;
        raw.shape = V::SHAPE;
        raw.width = V::WIDTH;
        raw.count = V::COUNT;
        raw.offset = V::START as u32;
        raw.stride = V::WIDTH;
        if V::IS_COUNTED {
            raw.num_offset = 0;
        }
        Field { raw, size: size_of::<V>(), alignment: align_of::<V>() }
    }

    pub const fn range(mut self, least: i128, most: i128) -> Field {
        self.raw.has_range = true;
        self.raw.min = least as u64;
        self.raw.max = most as u64;
        self
    }

    pub const fn preset(mut self, value: i128) -> Field {
        self.raw.has_preset = true;
        self.raw.preset = value as u64;
        self
    }

    pub const fn since(mut self, version: u32) -> Field {
        self.raw.since = version;
        self
    }

    pub const fn skippable(mut self) -> Field {
        self.raw.mark = sys::MGS_SKIPPABLE;
        self
    }

    pub const fn radix(mut self, radix: u8) -> Field {
        self.raw.radix = radix;
        self
    }

    pub const fn unit(mut self, unit: &'static str) -> Field {
        self.raw.unit = c_text(unit);
        self
    }

    pub const fn clock(mut self, clock: u8) -> Field {
        self.raw.clock = clock;
        self
    }
}

/// Gives the members of a `repr(C)` struct their places, behind what ends at `end`; returns where they end.
#[doc(hidden)]
pub const fn place<const N: usize>(members: [Field; N]) -> ([sys::mgs_field; N], usize) {
    let mut placed = [NO_FIELD; N];
    let (mut number, mut end) = (0, 0);
    while number < N {
        let member = members[number];
        let start = aligned(end, member.alignment);
        placed[number] = member.raw;
        placed[number].offset += start as u32;
        if member.raw.num_offset != sys::MGS_NO_OFFSET {
            placed[number].num_offset = start as u32;
        }
        end = start + member.size;
        number += 1;
    }
    (placed, end)
}

/// A subsection before it has its place in the struct.
#[derive(Clone, Copy)]
#[doc(hidden)]
pub struct SubsectionEntry {
    raw: sys::mgs_section,
    size: usize,
    alignment: usize,
}

#[doc(hidden)]
impl SubsectionEntry {
    pub const fn new<S: State>(name: &'static str) -> SubsectionEntry {
        SubsectionEntry {
            raw: sys::mgs_section {
                name: c_text(name),
                layout: S::LAYOUT,
                cardinality: sys::MGS_CARDINALITY_ONE,
                offset: aligned(size_of::<bool>(), align_of::<S>()) as u32,
                has_offset: 0,
                stride: 0,
                max_count: 0,
                needed: None,
                key: null(),
                mark: sys::MGS_REQUIRED,
                version: 1,
                version_min: 1,
                since: 0,
                target: null(),
                subsections: S::SUBSECTIONS.as_ptr(),
                num_subsections: S::SUBSECTIONS.len() as u32,
                end_: true,
            },
            size: size_of::<Subsection<S>>(),
            alignment: align_of::<Subsection<S>>(),
        }
    }

    pub const fn skippable(mut self) -> SubsectionEntry {
        self.raw.mark = sys::MGS_SKIPPABLE;
        self
    }

    pub const fn version(mut self, version: u32) -> SubsectionEntry {
        self.raw.version = version;
        self
    }
}

/// As [`place`], behind members that end at `end`.
#[doc(hidden)]
pub const fn place_subsections<const N: usize>(
    entries: [SubsectionEntry; N],
    mut end: usize,
) -> ([sys::mgs_section; N], usize) {
    let mut placed = [SubsectionEntry::new::<Nothing>("\0").raw; N];
    let mut number = 0;
    while number < N {
        let entry = entries[number];
        let start = aligned(end, entry.alignment);
        placed[number] = entry.raw;
        placed[number].offset += start as u32;
        placed[number].has_offset = start as u32;
        end = start + entry.size;
        number += 1;
    }
    (placed, end)
}

/// What an array of subsections is filled with before it has its own.
#[derive(Clone, Copy)]
struct Nothing;

// SAFETY: it says that there is nothing.
unsafe impl State for Nothing {
    const LAYOUT: &'static sys::mgs_layout = &sys::mgs_layout { name: null(), fields: null(), num_fields: 0, size: 0 };
    const SUBSECTIONS: &'static [sys::mgs_section] = &[];
}

/// Declares a struct and its table: one `repr(C)` struct whose members are what their types say in the stream.
///
/// Attributes of members stand in brackets: `range(least, most)`, `preset(value)` where an older stream lacks it,
/// `since(version)`, `skippable`, `radix(2)`, `unit("ns\0")`, `clock(number)`; of subsections `skippable` and
/// `version(number)`.
///
/// ```
/// migstream::state! {
///     #[derive(Default)]
///     pub struct Overruns {
///         count: u32,
///     }
/// }
/// migstream::state! {
///     #[derive(Default)]
///     pub struct Uart {
///         divisor: u16 [range(1, 65535)],
///         received: migstream::Counted<u8, 16> [unit("octets\0")],
///     }
///     subsections {
///         overruns: Overruns [skippable],
///     }
/// }
/// migstream::model! { Uart: "example/uart", section "registers", version 1 }
/// ```
///
/// A member whose values are not all legal is refused:
///
/// ```compile_fail
/// migstream::state! { pub struct Bad { letter: char, } }
/// ```
#[macro_export]
macro_rules! state {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[$member_meta:meta])* $member:ident: $type:ty $([$($attribute:ident $(($($argument:expr),*))?),*])?,)*
        }
        $(subsections {
            $($(#[$sub_meta:meta])* $sub:ident: $sub_type:ty $([$($sub_attribute:ident $(($($sub_argument:expr),*))?),*])?,)*
        })?
    ) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, PartialEq)]
        $vis struct $name {
            $($(#[$member_meta])* pub $member: $type,)*
            $($($(#[$sub_meta])* pub $sub: $crate::Subsection<$sub_type>,)*)?
        }

        // SAFETY: members and table come from the same lines, and the size shows that the places are right.
        unsafe impl $crate::State for $name {
            const LAYOUT: &'static $crate::sys::mgs_layout = {
                const FIELDS: &[$crate::sys::mgs_field] = &$crate::place([
                    $($crate::Field::new::<$type>(concat!(stringify!($member), "\0"))
                        $($(.$attribute($($($argument),*)?))*)?,)*
                ]).0;
                &$crate::sys::mgs_layout {
                    name: concat!(stringify!($name), "\0").as_ptr() as *const _,
                    fields: FIELDS.as_ptr(),
                    num_fields: FIELDS.len() as u32,
                    size: ::std::mem::size_of::<$name>() as u32,
                }
            };
            const SUBSECTIONS: &'static [$crate::sys::mgs_section] = {
                const END: usize = $crate::place([$($crate::Field::new::<$type>(concat!(stringify!($member), "\0")),)*]).1;
                const PLACED: (&[$crate::sys::mgs_section], usize) = {
                    const BOTH: ([$crate::sys::mgs_section; $crate::state!(@count $($($sub)*)?)], usize) =
                        $crate::place_subsections([
                            $($($crate::SubsectionEntry::new::<$sub_type>(concat!(stringify!($sub), "\0"))
                                $($(.$sub_attribute($($($sub_argument),*)?))*)?,)*)?
                        ], END);
                    (&BOTH.0, BOTH.1)
                };
                const ALIGNMENT: usize = ::std::mem::align_of::<$name>();
                assert!((PLACED.1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT == ::std::mem::size_of::<$name>());
                PLACED.0
            };
        }
    };
    (@count) => { 0 };
    (@count $first:ident $($rest:ident)*) => { 1 + $crate::state!(@count $($rest)*) };
}

/// Makes a struct of [`state!`] a device of one section.
#[macro_export]
macro_rules! model {
    ($name:ident: $model:literal, section $section:literal, version $version:literal) => {
        // SAFETY: the table of the struct itself.
        unsafe impl $crate::Model for $name {
            const MODEL: &'static $crate::sys::mgs_model = {
                use $crate::State as _;
                const SECTIONS: &[$crate::sys::mgs_section] = &[$crate::sys::mgs_section {
                    name: concat!($section, "\0").as_ptr() as *const _,
                    layout: <$name as $crate::State>::LAYOUT,
                    cardinality: $crate::sys::MGS_CARDINALITY_ONE,
                    offset: 0,
                    has_offset: $crate::sys::MGS_NO_OFFSET,
                    stride: 0,
                    max_count: 0,
                    needed: None,
                    key: ::std::ptr::null(),
                    mark: $crate::sys::MGS_REQUIRED,
                    version: $version,
                    version_min: 1,
                    since: 0,
                    target: ::std::ptr::null(),
                    subsections: <$name as $crate::State>::SUBSECTIONS.as_ptr(),
                    num_subsections: <$name as $crate::State>::SUBSECTIONS.len() as u32,
                    end_: true,
                }];
                &$crate::sys::mgs_model {
                    name: concat!($model, "\0").as_ptr() as *const _,
                    size: ::std::mem::size_of::<$name>() as u32,
                    sections: SECTIONS.as_ptr(),
                    num_sections: 1,
                    version: $version,
                    version_min: 1,
                    apply: 0,
                    clock: 0,
                    elements: ::std::ptr::null(),
                    num_elements: 0,
                    end_: true,
                }
            };
        }
    };
}
