//! What members of a struct may be, and what a struct with a table is.

use crate::{sys, table::aligned};
use std::mem::{align_of, size_of};

/// A type that a member of a [`state!`](crate::state) may have.
///
/// # Safety
/// The constants say what the type is in memory, and every value that the library lets through by them is a value of it.
pub unsafe trait Value: Copy + Send + 'static {
    /// `MGS_TYPE_...`
    const TYPE: u8;
    /// `MGS_SHAPE_...`
    const SHAPE: u8 = sys::MGS_SHAPE_ONE;
    /// Octets of an element in the stream.
    const WIDTH: u32;
    /// Elements of an array.
    const COUNT: u32 = 0;
    /// Octets before the first element.
    const START: usize = 0;
    /// Whether a `u32` at the start says how many elements there are.
    const IS_COUNTED: bool = false;
}

macro_rules! values {
    ($($type:ty: $kind:ident),* $(,)?) => {
        $(
            // SAFETY: all values of that many octets are values of the type; of a bool the library lets 0 and 1 through.
            unsafe impl Value for $type {
                const TYPE: u8 = sys::$kind;
                const WIDTH: u32 = size_of::<$type>() as u32;
            }
        )*
    };
}

values! {
    u8: MGS_TYPE_UNSIGNED, u16: MGS_TYPE_UNSIGNED, u32: MGS_TYPE_UNSIGNED, u64: MGS_TYPE_UNSIGNED,
    i8: MGS_TYPE_SIGNED, i16: MGS_TYPE_SIGNED, i32: MGS_TYPE_SIGNED, i64: MGS_TYPE_SIGNED,
    f32: MGS_TYPE_FLOAT, f64: MGS_TYPE_FLOAT, bool: MGS_TYPE_BOOL,
    Instant: MGS_TYPE_INSTANT, Address: MGS_TYPE_ADDRESS,
}

/// Nanoseconds of the device's clock.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Instant(pub u64);

/// A guest physical address.
#[repr(transparent)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Address(pub u64);

// SAFETY: an array of values.
unsafe impl<T: Value, const N: usize> Value for [T; N] {
    const TYPE: u8 = T::TYPE;
    const SHAPE: u8 = sys::MGS_SHAPE_FIXED;
    const WIDTH: u32 = T::WIDTH;
    const COUNT: u32 = N as u32;
}

/// At most `N` elements, of which the first ones are there and travel.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted<T, const N: usize> {
    count: u32,
    elements: [T; N],
}

impl<T: Value + Default, const N: usize> Default for Counted<T, N> {
    fn default() -> Self {
        Counted { count: 0, elements: [T::default(); N] }
    }
}

impl<T: Value + Default, const N: usize> Counted<T, N> {
    /// Those of `elements` that there is room for.
    pub fn new(elements: &[T]) -> Self {
        let mut made = Self::default();
        let count = elements.len().min(N);
        made.elements[..count].copy_from_slice(&elements[..count]);
        made.count = count as u32;
        made
    }
}

impl<T, const N: usize> std::ops::Deref for Counted<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.elements[..self.count as usize]
    }
}

// SAFETY: the number lies in front, and a load leaves none above `N`.
unsafe impl<T: Value, const N: usize> Value for Counted<T, N> {
    const TYPE: u8 = T::TYPE;
    const SHAPE: u8 = sys::MGS_SHAPE_COUNTED;
    const WIDTH: u32 = T::WIDTH;
    const COUNT: u32 = N as u32;
    const START: usize = aligned(size_of::<u32>(), align_of::<T>());
    const IS_COUNTED: bool = true;
}

/// State that is sent when it is there.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subsection<T> {
    is_present: bool,
    value: T,
}

impl<T: Default> Subsection<T> {
    /// One that is there, or not.
    pub fn new(value: Option<T>) -> Self {
        Subsection { is_present: value.is_some(), value: value.unwrap_or_default() }
    }

    /// What is there.
    pub fn get(&self) -> Option<&T> {
        self.is_present.then_some(&self.value)
    }
}

/// A struct with a table: made by [`state!`](crate::state).
///
/// # Safety
/// The table is about this struct.
pub unsafe trait State: Copy + Send + 'static {
    /// The members.
    const LAYOUT: &'static sys::mgs_layout;
    /// What may come besides.
    const SUBSECTIONS: &'static [sys::mgs_section];
}

/// A struct that is all of a device: made by [`model!`](crate::model).
///
/// # Safety
/// The table is about this struct.
pub unsafe trait Model: State {
    /// The device.
    const MODEL: &'static sys::mgs_model;
}
