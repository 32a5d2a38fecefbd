//! Raw declarations of libmigstream: migstream.h and migstream_fields.h, which say what everything means.
//!
//! Made by generate.py; tests/abi.rs holds sizes, offsets and numbers together with C's.
#![allow(non_camel_case_types)]

use std::os::raw::{c_char, c_int, c_void};

pub const MGS_TYPE_UNSIGNED: u8 = 1;
pub const MGS_TYPE_SIGNED: u8 = 2;
pub const MGS_TYPE_FLOAT: u8 = 3;
pub const MGS_TYPE_BOOL: u8 = 4;
pub const MGS_TYPE_ENUM: u8 = 5;
pub const MGS_TYPE_FLAGS: u8 = 6;
pub const MGS_TYPE_BITMAP: u8 = 7;
pub const MGS_TYPE_VECTOR: u8 = 8;
pub const MGS_TYPE_BYTES: u8 = 9;
pub const MGS_TYPE_UUID: u8 = 10;
pub const MGS_TYPE_MAC: u8 = 11;
pub const MGS_TYPE_PCI_ADDRESS: u8 = 12;
pub const MGS_TYPE_ADDRESS: u8 = 13;
pub const MGS_TYPE_SIZE: u8 = 14;
pub const MGS_TYPE_COUNT: u8 = 15;
pub const MGS_TYPE_INDEX: u8 = 16;
pub const MGS_TYPE_DURATION: u8 = 17;
pub const MGS_TYPE_INSTANT: u8 = 18;
pub const MGS_TYPE_PADDING: u8 = 19;
pub const MGS_TYPE_COUNTED_BYTES: u8 = 32;
pub const MGS_TYPE_STRING: u8 = 33;
pub const MGS_TYPE_STRUCT: u8 = 48;
pub const MGS_TYPE_LIST: u8 = 49;
pub const MGS_TYPE_UNION: u8 = 50;
pub const MGS_TYPE_OPTIONAL: u8 = 51;
pub const MGS_SHAPE_ONE: u8 = 0;
pub const MGS_SHAPE_FIXED: u8 = 1;
pub const MGS_SHAPE_COUNTED: u8 = 2;
pub const MGS_CLOCK_NONE: u8 = 0;
pub const MGS_CLOCK_VIRTUAL: u8 = 1;
pub const MGS_CLOCK_MONOTONIC: u8 = 2;
pub const MGS_CLOCK_REALTIME: u8 = 3;
pub const MGS_CARDINALITY_ONE: u8 = 0;
pub const MGS_CARDINALITY_OPTIONAL: u8 = 1;
pub const MGS_CARDINALITY_MANY: u8 = 2;
pub const MGS_IN_PLACE: u8 = 0;
pub const MGS_AT_POINTER: u8 = 1;
pub const MGS_REQUIRED: u8 = 0;
pub const MGS_SKIPPABLE: u8 = 1;
pub const MGS_CAN_STOP_COPY: u32 = 1 << 0;
pub const MGS_CAN_P2P: u32 = 1 << 1;
pub const MGS_CAN_PRE_COPY: u32 = 1 << 2;
pub const MGS_REGION_SHARED: u32 = 1;
pub const MGS_REGION_READ_ONLY: u32 = 2;
pub const MGS_REGION_OPAQUE: u32 = 4;
pub const MGS_SINGLE_DEVICE: u32 = 1 << 0;
pub const MGS_PASSES: u32 = 1 << 1;
pub const MGS_COMPRESS: u32 = 1 << 2;
pub const MGS_UNCHECKED: u32 = 1 << 3;
pub const MGS_ANSWERED: u32 = 1 << 4;
pub const MGS_REPLACES: u32 = 1 << 2;
pub const MGS_BYTES_INITIAL_DATA_END: u32 = 1 << 8;
pub const MGS_BYTES_LAST: u32 = 1 << 9;
pub const MGS_BYTES_UNIT_FIRST: u32 = 1 << 10;
pub const MGS_BYTES_UNIT_LAST: u32 = 1 << 11;
pub const MGS_STRICT: u32 = 1 << 0;
pub const MGS_ALLOW_MISSING: u32 = 1 << 1;
pub const MGS_NO_OFFSET: u32 = u32::MAX;
pub const MGS_NO_DEVICE: u32 = u32::MAX;
pub const MGS_NO_RECORD: u64 = u64::MAX;
pub const MGS_VERSION_MAJOR: u32 = 0;
pub const MGS_VERSION_MINOR: u32 = 1;
pub const MGS_VERSION_PATCH: u32 = 0;
pub const MGS_FORMAT_MAJOR: u32 = 1;
pub const MGS_FORMAT_MINOR: u32 = 0;
pub const MGS_OK: i32 = 0;
pub const MGS_ERROR_TRUNCATED: i32 = 10;
pub const MGS_ERROR_BAD_MAGIC: i32 = 11;
pub const MGS_ERROR_UNSUPPORTED_MAJOR: i32 = 12;
pub const MGS_ERROR_UNSUPPORTED_MINOR: i32 = 13;
pub const MGS_ERROR_LIMIT_EXCEEDED: i32 = 14;
pub const MGS_ERROR_BAD_SYNC: i32 = 15;
pub const MGS_ERROR_BAD_SEQUENCE: i32 = 16;
pub const MGS_ERROR_FOREIGN_CHANNEL: i32 = 17;
pub const MGS_ERROR_TRAILING_DATA: i32 = 18;
pub const MGS_ERROR_RECORD_OUT_OF_ORDER: i32 = 19;
pub const MGS_ERROR_RESERVED_NOT_ZERO: i32 = 20;
pub const MGS_ERROR_UNKNOWN_MANDATORY_FLAG: i32 = 21;
pub const MGS_ERROR_UNKNOWN_REQUIRED: i32 = 22;
pub const MGS_ERROR_BAD_MARK: i32 = 23;
pub const MGS_ERROR_BAD_PADDING: i32 = 24;
pub const MGS_ERROR_BAD_VALUE: i32 = 25;
pub const MGS_ERROR_UNSUPPORTED_DIGEST: i32 = 26;
pub const MGS_ERROR_UNDECLARED_FEATURE: i32 = 27;
pub const MGS_ERROR_BAD_TEXT: i32 = 28;
pub const MGS_ERROR_DUPLICATE_NAME: i32 = 29;
pub const MGS_ERROR_UNKNOWN_DEVICE: i32 = 30;
pub const MGS_ERROR_UNEXPECTED_DATA: i32 = 31;
pub const MGS_ERROR_TRUNCATED_DATA: i32 = 32;
pub const MGS_ERROR_DUPLICATE_SECTION: i32 = 33;
pub const MGS_ERROR_MISSING_SECTION: i32 = 34;
pub const MGS_ERROR_SECTION_OUT_OF_ORDER: i32 = 35;
pub const MGS_ERROR_UNKNOWN_SECTION: i32 = 36;
pub const MGS_ERROR_BAD_TARGET: i32 = 37;
pub const MGS_ERROR_BAD_ORDER: i32 = 38;
pub const MGS_ERROR_VERSION_TOO_NEW: i32 = 39;
pub const MGS_ERROR_DIGEST_MISMATCH: i32 = 40;
pub const MGS_ERROR_COMPRESSED_DATA_DAMAGED: i32 = 41;
pub const MGS_ERROR_TOTALS_MISMATCH: i32 = 42;
pub const MGS_ERROR_VERSION_TOO_OLD: i32 = 43;
pub const MGS_ERROR_UNKNOWN_LAYOUT: i32 = 50;
pub const MGS_ERROR_BAD_LAYOUT: i32 = 51;
pub const MGS_ERROR_MISSING_FIELD: i32 = 52;
pub const MGS_ERROR_TYPE_CHANGED: i32 = 53;
pub const MGS_ERROR_SIGN_CHANGED: i32 = 54;
pub const MGS_ERROR_UNIT_CHANGED: i32 = 55;
pub const MGS_ERROR_SYMBOL_CHANGED: i32 = 56;
pub const MGS_ERROR_COUNT_CHANGED: i32 = 57;
pub const MGS_ERROR_COUNT_ABOVE_MAXIMUM: i32 = 58;
pub const MGS_ERROR_VALUE_TOO_LARGE: i32 = 59;
pub const MGS_ERROR_VALUE_OUT_OF_RANGE: i32 = 60;
pub const MGS_ERROR_VERIFY_MISMATCH: i32 = 61;
pub const MGS_ERROR_NOT_ENABLED: i32 = 62;
pub const MGS_ERROR_CONDITION_MISMATCH: i32 = 63;
pub const MGS_ERROR_DANGLING_REFERENCE: i32 = 64;
pub const MGS_ERROR_DUPLICATE_KEY: i32 = 65;
pub const MGS_ERROR_CYCLIC_REFERENCE: i32 = 66;
pub const MGS_ERROR_RULE_VIOLATED: i32 = 67;
pub const MGS_ERROR_PARAMETER_REFUSED: i32 = 68;
pub const MGS_ERROR_WRONG_MODEL: i32 = 69;
pub const MGS_ERROR_UNKNOWN_REGION: i32 = 70;
pub const MGS_ERROR_BAD_EXTENT: i32 = 71;
pub const MGS_ERROR_BAD_OFFSET: i32 = 72;
pub const MGS_ERROR_BAD_UNIT: i32 = 73;
pub const MGS_ERROR_DATA_AFTER_LAST: i32 = 74;
pub const MGS_ERROR_INCOMPLETE_BYTES: i32 = 75;
pub const MGS_ERROR_BAD_PASS: i32 = 76;
pub const MGS_ERROR_BAD_PLACEMENT: i32 = 77;
pub const MGS_ERROR_BAD_INDEX: i32 = 78;
pub const MGS_ERROR_ABORTED: i32 = 80;
pub const MGS_ERROR_NO_DATA_NOW: i32 = 81;
pub const MGS_ERROR_STATE_REFUSED: i32 = 82;
pub const MGS_ERROR_SESSION_BUSY: i32 = 83;
pub const MGS_ERROR_SESSION_CLOSED: i32 = 84;
pub const MGS_ERROR_DEVICE_FAILED: i32 = 85;
pub const MGS_ERROR_MISSING_DEVICE: i32 = 86;
pub const MGS_ERROR_BAD_ACCESS: i32 = 87;
pub const MGS_ERROR_ACCESS_OUT_OF_ORDER: i32 = 88;
pub const MGS_ERROR_WINDOW_TOO_SMALL: i32 = 89;
pub const MGS_ERROR_OUT_OF_MEMORY: i32 = 90;
pub const MGS_ERROR_WRONG_CALL: i32 = 91;
pub const MGS_ERROR_NOT_IMPLEMENTED: i32 = 92;
pub const MGS_ERROR_BAD_RANGE: i32 = 93;
pub const MGS_ERROR_RANGE_OVERFLOW: i32 = 94;
pub const MGS_ERROR_TOO_MANY_RANGES: i32 = 95;
pub const MGS_ERROR_BAD_ARGUMENT: i32 = 200;
pub const MGS_ERROR_BAD_HANDLE: i32 = 201;
pub const MGS_ERROR_CALLBACK_FAILED: i32 = 202;
pub const MGS_ERROR_TARGET_TOO_SMALL: i32 = 203;
pub const MGS_STAGE_PREAMBLE: u32 = 1;
pub const MGS_STAGE_RECORD: u32 = 2;
pub const MGS_STAGE_MANIFEST: u32 = 3;
pub const MGS_STAGE_LAYOUT: u32 = 4;
pub const MGS_STAGE_SECTION: u32 = 5;
pub const MGS_STAGE_BULK: u32 = 6;
pub const MGS_STAGE_INDEX: u32 = 7;
pub const MGS_STAGE_END: u32 = 8;
pub const MGS_STAGE_MAPPING: u32 = 9;
pub const MGS_STAGE_USE: u32 = 10;
pub const MGS_STAGE_RULES: u32 = 11;
pub const MGS_STAGE_RESUME: u32 = 12;
pub const MGS_CLASS_NEED_MORE: u32 = 1;
pub const MGS_CLASS_NO_DATA_NOW: u32 = 2;
pub const MGS_CLASS_REJECTED: u32 = 3;
pub const MGS_CLASS_FATAL_SESSION: u32 = 4;
pub const MGS_CLASS_FATAL_DEVICE: u32 = 5;
pub const MGS_LOG_ERROR: u32 = 1;
pub const MGS_LOG_NOTICE: u32 = 2;
pub const MGS_EVENT_RECORD_SKIPPED: u32 = 1;
pub const MGS_EVENT_DEVICE_SKIPPED: u32 = 2;
pub const MGS_EVENT_SECTION_SKIPPED: u32 = 3;
pub const MGS_EVENT_SUBSECTION_SKIPPED: u32 = 4;
pub const MGS_EVENT_STREAM_FITS: u32 = 5;
pub const MGS_EVENT_DEVICE_LOADED: u32 = 6;
pub const MGS_EVENT_GUEST_RUNS: u32 = 7;
pub const MGS_EVENT_SAVE_OPENED: u32 = 8;
pub const MGS_EVENT_DEVICES_STOPPED: u32 = 9;
pub const MGS_EVENT_LIMBO: u32 = 10;
pub const MGS_EVENT_HANDED_OVER: u32 = 11;
pub const MGS_EVENT_GUEST_STAYS: u32 = 12;
pub const MGS_APPLY_STAGED: u32 = 1;
pub const MGS_APPLY_IN_PLACE: u32 = 2;
pub const MGS_APPLY_EXTERNAL: u32 = 3;
pub const MGS_TIER_QUICK: u32 = 1;
pub const MGS_TIER_DIGESTS: u32 = 2;
pub const MGS_TIER_DEEP: u32 = 3;
pub const MGS_STABLE: u32 = 0;
pub const MGS_LIVE: u32 = 1;
pub const MGS_EXTENT_DATA: u32 = 1;
pub const MGS_EXTENT_ZERO: u32 = 2;
pub const MGS_EXTENT_DISCARD: u32 = 3;
pub const MGS_RECORD_MANIFEST: u32 = 1;
pub const MGS_RECORD_LAYOUT: u32 = 2;
pub const MGS_RECORD_SECTION: u32 = 3;
pub const MGS_RECORD_MEMORY: u32 = 4;
pub const MGS_RECORD_BYTES: u32 = 5;
pub const MGS_RECORD_BARRIER: u32 = 6;
pub const MGS_RECORD_PLACEMENT: u32 = 7;
pub const MGS_RECORD_PLACED_MEMORY: u32 = 8;
pub const MGS_RECORD_INDEX_PAGE: u32 = 9;
pub const MGS_RECORD_INDEX: u32 = 10;
pub const MGS_RECORD_ABORT: u32 = 11;
pub const MGS_RECORD_CHANNEL_END: u32 = 12;
pub const MGS_RECORD_END: u32 = 13;
pub const MGS_STATE_ERROR: u32 = 0;
pub const MGS_STATE_STOP: u32 = 1;
pub const MGS_STATE_RUNNING: u32 = 2;
pub const MGS_STATE_STOP_COPY: u32 = 3;
pub const MGS_STATE_RESUMING: u32 = 4;
pub const MGS_STATE_RUNNING_P2P: u32 = 5;
pub const MGS_STATE_PRE_COPY: u32 = 6;
pub const MGS_STATE_PRE_COPY_P2P: u32 = 7;
pub const MGS_MORE: u32 = 1;
pub const MGS_NO_DATA_NOW: u32 = 2;
pub const MGS_DONE: u32 = 3;
pub const MGS_SESSION_NONE: u32 = 0;
pub const MGS_SESSION_OPEN: u32 = 1;
pub const MGS_SESSION_COMPLETE: u32 = 2;
pub const MGS_SESSION_POISONED: u32 = 3;
pub const MGS_SESSION_COMMITTED: u32 = 4;
pub const MGS_SESSION_ABORTED: u32 = 5;
pub const MGS_VERDICT_UNKNOWN: u32 = 0;
pub const MGS_VERDICT_COMPATIBLE: u32 = 1;
pub const MGS_VERDICT_REFUSED: u32 = 2;
pub const MGS_SAVE_NONE: u32 = 0;
pub const MGS_SAVE_PRE_COPY: u32 = 1;
pub const MGS_SAVE_STOP_COPY: u32 = 2;
pub const MGS_SAVE_LIMBO: u32 = 3;
pub const MGS_SAVE_HANDED_OVER: u32 = 4;
pub const MGS_SAVE_FAILED: u32 = 5;
pub const MGS_SAVE_CANCELLED: u32 = 6;
pub const MGS_STEP_MORE: u32 = 1;
pub const MGS_STEP_NO_DATA_NOW: u32 = 2;
pub const MGS_STEP_PASS_ENDED: u32 = 3;
pub const MGS_STEP_DONE: u32 = 4;
pub const MGS_WORD_NONE: u32 = 1;
pub const MGS_WORD_FITS: u32 = 2;
pub const MGS_WORD_REFUSED: u32 = 3;
pub const MGS_WORD_RESUMED: u32 = 4;

#[repr(C)]
pub struct mgs_manifest {
    _private: [u8; 0],
}

#[repr(C)]
pub struct mgs_encoder {
    _private: [u8; 0],
}

#[repr(C)]
pub struct mgs_decoder {
    _private: [u8; 0],
}

#[repr(C)]
pub struct mgs_machine {
    _private: [u8; 0],
}

pub type mgs_log =
    Option<unsafe extern "C" fn(context: *mut c_void, level: u32, what: *const mgs_error, text: *const c_char)>;

pub type mgs_writer =
    Option<unsafe extern "C" fn(context: *mut c_void, pieces: *const mgs_octets, num_pieces: usize) -> c_int>;

pub type mgs_fill =
    Option<unsafe extern "C" fn(context: *mut c_void, memory: *mut c_void, size: usize) -> i64>;

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_u128 {
    pub low: u64,
    pub high: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_symbol {
    pub value: u64,
    pub name: *const c_char,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_field {
    pub name: *const c_char,
    pub r#type: u8,
    pub shape: u8,
    pub memory: u8,
    pub width: u32,
    pub count: u32,
    pub offset: u32,
    pub num_offset: u32,
    pub capacity: u32,
    pub stride: u32,
    pub fields: *const mgs_layout,
    pub elements: *const u32,
    pub num_elements: u32,
    pub mark: u8,
    pub secret: bool,
    pub verify: bool,
    pub radix: u8,
    pub clock: u8,
    pub alignment_log2: u8,
    pub since: u32,
    pub until: u32,
    pub unit: *const c_char,
    pub r#ref: *const c_char,
    pub has_range: bool,
    pub min: u64,
    pub max: u64,
    pub has_preset: bool,
    pub preset: u64,
    pub symbols: *const mgs_symbol,
    pub num_symbols: u32,
    pub open: bool,
    pub was: *const c_char,
    pub end_: bool,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_layout {
    pub name: *const c_char,
    pub fields: *const mgs_field,
    pub num_fields: u32,
    pub size: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_section {
    pub name: *const c_char,
    pub layout: *const mgs_layout,
    pub cardinality: u8,
    pub offset: u32,
    pub has_offset: u32,
    pub stride: u32,
    pub max_count: u32,
    pub needed: Option<unsafe extern "C" fn(owner: *const c_void) -> bool>,
    pub key: *const c_char,
    pub mark: u8,
    pub version: u32,
    pub version_min: u32,
    pub since: u32,
    pub target: *const c_char,
    pub subsections: *const mgs_section,
    pub num_subsections: u32,
    pub end_: bool,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_model {
    pub name: *const c_char,
    pub size: u32,
    pub sections: *const mgs_section,
    pub num_sections: u32,
    pub version: u32,
    pub version_min: u32,
    pub apply: u8,
    pub clock: u8,
    pub elements: *const *const mgs_layout,
    pub num_elements: u32,
    pub end_: bool,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_error {
    pub code: i32,
    pub stage: u32,
    pub failure: u32,
    pub host_error: i32,
    pub offset: u64,
    pub expected: u64,
    pub found: u64,
    pub record: u64,
    pub device: u32,
    pub channel: u32,
    pub reserved: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_text {
    pub octets: *const c_char,
    pub size: usize,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_octets {
    pub octets: *const c_void,
    pub size: usize,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_allocator {
    pub context: *mut c_void,
    pub allocate: Option<unsafe extern "C" fn(context: *mut c_void, size: usize, alignment: usize) -> *mut c_void>,
    pub deallocate: Option<unsafe extern "C" fn(context: *mut c_void, memory: *mut c_void)>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_limits {
    pub size: usize,
    pub record_body_bytes_max: u64,
    pub payload_bytes_max: u64,
    pub devices_max: u64,
    pub regions_max: u64,
    pub parameters_max: u64,
    pub sections_max: u64,
    pub subsections_max: u64,
    pub text_bytes_max: u64,
    pub layouts_max: u64,
    pub layout_bytes_max: u64,
    pub layout_bytes_total_max: u64,
    pub fields_max: u64,
    pub nesting_max: u64,
    pub block_bytes_max: u64,
    pub extents_max: u64,
    pub zstd_window_bytes_max: u64,
    pub zstd_plain_bytes_max: u64,
    pub pass_runs_max: u64,
    pub barriers_max: u64,
    pub final_extents_max: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_config {
    pub size: usize,
    pub allocator: mgs_allocator,
    pub log: mgs_log,
    pub log_context: *mut c_void,
    pub limits: *const mgs_limits,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_topology {
    pub size: usize,
    pub producer: mgs_text,
    pub producer_version: mgs_text,
    pub architecture: mgs_text,
    pub guest_endianness: u32,
    pub page_size: u32,
    pub num_regions: u32,
    pub num_devices: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_region {
    pub size: usize,
    pub name: mgs_text,
    pub guest_address: u64,
    pub length: u64,
    pub page_size: u64,
    pub owner: u32,
    pub flags: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_device {
    pub size: usize,
    pub path: mgs_text,
    pub address: mgs_text,
    pub model: mgs_text,
    pub parent_plus_1: u32,
    pub mark: u32,
    pub apply: u32,
    pub clock: u32,
    pub version: u32,
    pub version_min: u32,
    pub initial_size: u64,
    pub total_size: u64,
    pub capabilities: u32,
    pub reaches_peers: u32,
    pub num_parameters: u32,
    pub num_sections: u32,
    pub num_subsections: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_parameter {
    pub size: usize,
    pub name: mgs_text,
    pub kind: u32,
    pub reserved: u32,
    pub value: i64,
    pub text: mgs_text,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_announcement {
    pub size: usize,
    pub name: mgs_text,
    pub mark: u32,
    pub version: u32,
    pub version_min: u32,
    pub layout: u32,
    pub owner: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_summary {
    pub size: usize,
    pub stream_size: u64,
    pub num_records: u64,
    pub num_sections: u64,
    pub num_skipped: u64,
    pub num_layouts: u32,
    pub num_passes: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_piece {
    pub size: usize,
    pub number: u32,
    pub is_subsection: u32,
    pub layout: u32,
    pub owner: u32,
    pub offset: u64,
    pub data: mgs_octets,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_stream_options {
    pub size: usize,
    pub uuid: [u8; 16],
    pub flags: u32,
    pub reserved: u32,
    pub record_size_max: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_section_data {
    pub size: usize,
    pub data: mgs_octets,
    pub subsections: mgs_octets,
    pub num_subsections: u32,
    pub flags: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_record {
    pub size: usize,
    pub kind: u32,
    pub flags: u32,
    pub sequence: u64,
    pub offset: u64,
    pub device: u32,
    pub number: u32,
    pub layout: u32,
    pub pass: u32,
    pub count: u32,
    pub is_compressed: u32,
    pub position: u64,
    pub payload_size: u64,
    pub body: mgs_octets,
    pub data: mgs_octets,
    pub subsections: mgs_octets,
    pub payload: mgs_octets,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_extent {
    pub offset: u64,
    pub length: u64,
    pub kind: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_handler {
    pub size: usize,
    pub record: Option<unsafe extern "C" fn(context: *mut c_void, record: *const mgs_record) -> c_int>,
    pub payload: Option<unsafe extern "C" fn(context: *mut c_void, octets: *const c_void, size: usize, position: u64) -> c_int>,
    pub end: Option<unsafe extern "C" fn(context: *mut c_void, sequence: u64) -> c_int>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_place {
    pub region: u32,
    pub device: u32,
    pub offset: u64,
    pub length: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_estimate {
    pub size: usize,
    pub initial_size: u64,
    pub dirty_size: u64,
    pub stop_copy_size: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_device_ops {
    pub size: usize,
    pub r#move: Option<unsafe extern "C" fn(context: *mut c_void, device: u32, from: u32, to: u32) -> c_int>,
    pub reset: Option<unsafe extern "C" fn(context: *mut c_void, device: u32)>,
    pub estimate: Option<unsafe extern "C" fn(context: *mut c_void, device: u32, estimate: *mut mgs_estimate) -> c_int>,
    pub save: Option<unsafe extern "C" fn(context: *mut c_void, device: u32, is_stopped: u32, out: *mut mgs_encoder) -> c_int>,
    pub target: Option<unsafe extern "C" fn(context: *mut c_void, region: u32, offset: u64, size: usize, memory: *mut *mut c_void, room: *mut usize) -> c_int>,
    pub bytes_target: Option<unsafe extern "C" fn(context: *mut c_void, device: u32, offset: u64, size: usize, memory: *mut *mut c_void, room: *mut usize) -> c_int>,
    pub clear: Option<unsafe extern "C" fn(context: *mut c_void, region: u32, offset: u64, length: u64, is_discarded: u32) -> c_int>,
    pub bytes: Option<unsafe extern "C" fn(context: *mut c_void, device: u32, octets: *const c_void, size: usize, offset: u64) -> c_int>,
    pub check: Option<unsafe extern "C" fn(context: *mut c_void, device: u32, piece: *const mgs_piece) -> c_int>,
    pub prepare: Option<unsafe extern "C" fn(context: *mut c_void, device: u32) -> c_int>,
    pub commit: Option<unsafe extern "C" fn(context: *mut c_void, device: u32) -> c_int>,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_machine_options {
    pub size: usize,
    pub flags: u32,
    pub reserved: u32,
    pub staged_size_max: u64,
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct mgs_machine_status {
    pub size: usize,
    pub session: u32,
    pub verdict: u32,
    pub offset: u64,
    pub wanted: u64,
    pub uuid: [u8; 16],
    pub save: u32,
    pub num_passes: u32,
    pub save_offset: u64,
}

extern "C" {
    pub fn mgs_version_number() -> u32;
    pub fn mgs_version_string() -> *const c_char;
    pub fn mgs_format_version() -> u32;
    pub fn mgs_code_name(code: c_int) -> *const c_char;
    pub fn mgs_stage_name(stage: u32) -> *const c_char;
    pub fn mgs_error_text(error: *const mgs_error, text: *mut c_char, capacity: usize) -> c_int;
    pub fn mgs_manifest_new(
        manifest: *mut *mut mgs_manifest,
        topology: *const mgs_topology,
        config: *const mgs_config,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_add_region(
        manifest: *mut mgs_manifest,
        region: *const mgs_region,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_add_device(
        manifest: *mut mgs_manifest,
        device: *const mgs_device,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_add_parameter(
        manifest: *mut mgs_manifest,
        parameter: *const mgs_parameter,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_add_layout(
        manifest: *mut mgs_manifest,
        canonical: *const c_void,
        size: usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_add_external_layout(
        manifest: *mut mgs_manifest,
        identity: mgs_text,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_add_section(
        manifest: *mut mgs_manifest,
        section: *const mgs_announcement,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_add_subsection(
        manifest: *mut mgs_manifest,
        subsection: *const mgs_announcement,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_add_struct(
        manifest: *mut mgs_manifest,
        device: *const mgs_device,
        model: *const mgs_model,
        state: *mut c_void,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_manifest_layout(
        manifest: *mut mgs_manifest,
        device: u32,
        layout: u32,
        canonical: *mut mgs_octets,
    ) -> c_int;
    pub fn mgs_manifest_free(manifest: *mut mgs_manifest) -> c_int;
    pub fn mgs_manifest_check(
        manifest: *mut mgs_manifest,
        stream: *const c_void,
        size: usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_verify(
        stream: *const c_void,
        size: usize,
        tier: u32,
        summary: *mut mgs_summary,
        config: *const mgs_config,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_device_bound(manifest: *mut mgs_manifest, data_size: usize) -> usize;
    pub fn mgs_encode_device(
        manifest: *mut mgs_manifest,
        sections: *const mgs_octets,
        num_sections: usize,
        uuid: *const u8,
        target: *mut c_void,
        capacity: usize,
        written: *mut usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_decode_device(
        manifest: *mut mgs_manifest,
        stream: *const c_void,
        size: usize,
        take: Option<unsafe extern "C" fn(context: *mut c_void, piece: *const mgs_piece) -> c_int>,
        context: *mut c_void,
        taken: *mut usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encode_struct(
        manifest: *mut mgs_manifest,
        uuid: *const u8,
        target: *mut c_void,
        capacity: usize,
        written: *mut usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_decode_struct(
        manifest: *mut mgs_manifest,
        stream: *const c_void,
        size: usize,
        taken: *mut usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encoder_new(
        encoder: *mut *mut mgs_encoder,
        manifest: *mut mgs_manifest,
        options: *const mgs_stream_options,
        writer: mgs_writer,
        context: *mut c_void,
        config: *const mgs_config,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encoder_section(
        encoder: *mut mgs_encoder,
        device: u32,
        section: u32,
        data: *const mgs_section_data,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encoder_struct(
        encoder: *mut mgs_encoder,
        device: u32,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encoder_memory(
        encoder: *mut mgs_encoder,
        region: u32,
        offset: u64,
        octets: *const c_void,
        size: usize,
        source: u32,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encoder_zero(
        encoder: *mut mgs_encoder,
        region: u32,
        offset: u64,
        length: u64,
        kind: u32,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encoder_bytes(
        encoder: *mut mgs_encoder,
        device: u32,
        octets: *const c_void,
        size: usize,
        flags: u32,
        source: u32,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encoder_barrier(encoder: *mut mgs_encoder, error: *mut mgs_error) -> c_int;
    pub fn mgs_encoder_end(encoder: *mut mgs_encoder, error: *mut mgs_error) -> c_int;
    pub fn mgs_encoder_abort(
        encoder: *mut mgs_encoder,
        reason: u32,
        text: mgs_text,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_encoder_layout_base(encoder: *mut mgs_encoder, device: u32, base: *mut u32) -> c_int;
    pub fn mgs_encoder_offset(encoder: *mut mgs_encoder, offset: *mut u64) -> c_int;
    pub fn mgs_encoder_free(encoder: *mut mgs_encoder) -> c_int;
    pub fn mgs_decoder_new(
        decoder: *mut *mut mgs_decoder,
        handler: *const mgs_handler,
        context: *mut c_void,
        tier: u32,
        config: *const mgs_config,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_decoder_push(
        decoder: *mut mgs_decoder,
        octets: *const c_void,
        size: usize,
        taken: *mut usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_decoder_wanted(decoder: *mut mgs_decoder, wanted: *mut usize) -> c_int;
    pub fn mgs_decoder_places(
        decoder: *mut mgs_decoder,
        places: *mut mgs_place,
        max: usize,
    ) -> c_int;
    pub fn mgs_decoder_placed(
        decoder: *mut mgs_decoder,
        octets: *const c_void,
        size: usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_decoder_next(
        decoder: *mut mgs_decoder,
        stream: *const c_void,
        size: usize,
        record: *mut mgs_record,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_decoder_finish(
        decoder: *mut mgs_decoder,
        is_embedded: u32,
        summary: *mut mgs_summary,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_decoder_offset(decoder: *mut mgs_decoder, offset: *mut u64) -> c_int;
    pub fn mgs_decoder_free(decoder: *mut mgs_decoder) -> c_int;
    pub fn mgs_decoder_topology(decoder: *mut mgs_decoder, topology: *mut mgs_topology) -> c_int;
    pub fn mgs_decoder_region(
        decoder: *mut mgs_decoder,
        region: u32,
        target: *mut mgs_region,
    ) -> c_int;
    pub fn mgs_decoder_device(
        decoder: *mut mgs_decoder,
        device: u32,
        target: *mut mgs_device,
    ) -> c_int;
    pub fn mgs_decoder_parameter(
        decoder: *mut mgs_decoder,
        device: u32,
        number: u32,
        target: *mut mgs_parameter,
    ) -> c_int;
    pub fn mgs_decoder_section(
        decoder: *mut mgs_decoder,
        device: u32,
        number: u32,
        target: *mut mgs_announcement,
    ) -> c_int;
    pub fn mgs_decoder_subsection(
        decoder: *mut mgs_decoder,
        device: u32,
        number: u32,
        target: *mut mgs_announcement,
    ) -> c_int;
    pub fn mgs_record_extent(
        record: *const mgs_record,
        number: u32,
        extent: *mut mgs_extent,
    ) -> c_int;
    pub fn mgs_machine_new(
        machine: *mut *mut mgs_machine,
        manifest: *mut mgs_manifest,
        ops: *const mgs_device_ops,
        context: *mut c_void,
        options: *const mgs_machine_options,
        config: *const mgs_config,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_machine_free(machine: *mut mgs_machine) -> c_int;
    pub fn mgs_machine_state(machine: *mut mgs_machine, device: u32) -> c_int;
    pub fn mgs_machine_status_get(
        machine: *mut mgs_machine,
        status: *mut mgs_machine_status,
    ) -> c_int;
    pub fn mgs_machine_request(
        machine: *mut mgs_machine,
        state: u32,
        session: *mut u64,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_machine_reset(machine: *mut mgs_machine) -> c_int;
    pub fn mgs_resume_open(
        machine: *mut mgs_machine,
        answer: mgs_writer,
        context: *mut c_void,
        session: *mut u64,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_resume_write(
        machine: *mut mgs_machine,
        session: u64,
        octets: *const c_void,
        size: usize,
        taken: *mut usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_resume_fill(
        machine: *mut mgs_machine,
        session: u64,
        size: usize,
        fill: mgs_fill,
        context: *mut c_void,
        filled: *mut usize,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_resume_finish(
        machine: *mut mgs_machine,
        session: u64,
        is_embedded: u32,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_resume_abort(
        machine: *mut mgs_machine,
        session: u64,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_save_open(
        machine: *mut mgs_machine,
        options: *const mgs_stream_options,
        writer: mgs_writer,
        context: *mut c_void,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_save_step(machine: *mut mgs_machine, error: *mut mgs_error) -> c_int;
    pub fn mgs_save_stop(machine: *mut mgs_machine, error: *mut mgs_error) -> c_int;
    pub fn mgs_save_finish(machine: *mut mgs_machine, error: *mut mgs_error) -> c_int;
    pub fn mgs_save_hear(
        machine: *mut mgs_machine,
        octets: *const c_void,
        size: usize,
        refusal: *mut mgs_error,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_save_cancel(machine: *mut mgs_machine, reason: u32, error: *mut mgs_error) -> c_int;
    pub fn mgs_save_hand_over(machine: *mut mgs_machine, error: *mut mgs_error) -> c_int;
    pub fn mgs_save_resume_here(
        machine: *mut mgs_machine,
        said_by: u32,
        error: *mut mgs_error,
    ) -> c_int;
    pub fn mgs_save_estimate(machine: *mut mgs_machine, estimate: *mut mgs_estimate) -> c_int;
}
