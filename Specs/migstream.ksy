# Framing of device migration streams (Specs/10, 20 section 3, 30). Parsing with it checks no digest, no reserved field,
# no order and no limit: a reader is more than this. Section data (20 section 4) depends on layouts and stays octets.
meta:
  id: migstream
  title: Device migration stream, one channel of it
  file-extension: mgs
  license: CC0-1.0
  endian: le
  ks-version: '0.10'

seq:
  - id: magic
    contents: [0x89, 0x4d, 0x47]
  - id: opening
    type: u1
    enum: opening
  - id: magic_rest
    contents: [0x0d, 0x0a, 0x1a, 0x0a]
  - id: preamble
    type: preamble
    if: opening == opening::stream
  - id: hello
    type: hello
    if: opening == opening::channel
  - id: records
    type: record
    repeat: until
    repeat-until: _.header.kind == kind::end or _.header.kind == kind::channel_end or _.header.kind == kind::abort

enums:
  opening:
    0x53: stream
    0x43: channel
  profile:
    1: stream
    2: image
  kind:
    0x1: manifest
    0x2: layout
    0x3: section
    0x4: memory
    0x5: bytes
    0x6: barrier
    0x7: placement
    0x8: placed_memory
    0x9: index_page
    0xa: index
    0xb: abort
    0xc: channel_end
    0xd: end
  form:
    0: plain
    1: zstd
    2: external
  encoding:
    0: plain
    1: zstd
  extent_kind:
    1: data
    2: zero
    3: discard

types:
  preamble:
    doc: After the magic. Chapter 10 section 2
    seq:
      - {id: major, type: u2}
      - {id: minor, type: u2}
      - {id: minor_reader_min, type: u2}
      - {id: profile, type: u2, enum: profile}
      - {id: flags_mandatory, type: u4}
      - {id: flags_optional, type: u4}
      - {id: digest_kind, type: u2}
      - {id: num_channels, type: u2}
      - {id: reserved, type: u4}
      - {id: len_record_max, type: u8}
      - {id: uuid, size: 16}
      - {id: digest_preamble, type: u8}
  hello:
    doc: After the magic. Chapter 30 section 1
    seq:
      - {id: major, type: u2}
      - {id: channel, type: u2}
      - {id: num_channels, type: u2}
      - {id: reserved, type: u2}
      - {id: uuid, size: 16}
      - {id: reserved2, size: 24}
      - {id: digest_hello, type: u8}
  header:
    doc: Chapter 10 section 3
    seq:
      - {id: sync, contents: [0xd6, 0x4d, 0x47, 0x52]}
      - {id: kind, type: u2, enum: kind}
      - {id: flags, type: u2}
      - {id: channel, type: u2}
      - {id: num_pad_front, type: u1}
      - {id: num_pad_back, type: u1}
      - {id: device, type: u4}
      - {id: sequence, type: u8}
      - {id: len_body, type: u8}
      - {id: digest_body, type: u8}
      - {id: len_payload, type: u8}
      - {id: digest_payload, type: u8}
      - {id: digest_header, type: u8}
  record:
    seq:
      - {id: header, type: header}
      - id: body
        size: header.len_body
        type:
          switch-on: header.kind
          cases:
            kind::manifest: manifest
            kind::layout: layout
            kind::section: section
            kind::memory: memory
            kind::bytes: bytes_body
            kind::barrier: barrier
            kind::placement: placement
            kind::placed_memory: placed_memory
            kind::index_page: index_page
            kind::index: index
            kind::abort: abort
            kind::channel_end: channel_end
            kind::end: end
      - {id: pad_front, size: header.num_pad_front}
      - {id: payload, size: header.len_payload}
      - {id: pad_back, size: header.num_pad_back}
      - id: areas
        doc: Octets of an image that belong to no record
        size: body.as<placement>.ofs_records - _io.pos
        if: header.kind == kind::placement

  manifest:
    doc: Chapter 10 section 4
    seq:
      - {id: len_producer, type: u2}
      - {id: len_producer_version, type: u2}
      - {id: len_architecture, type: u2}
      - {id: guest_endianness, type: u1}
      - {id: reserved, type: u1}
      - {id: page_size, type: u4}
      - {id: num_regions, type: u4}
      - {id: num_devices, type: u4}
      - {id: reserved2, type: u4}
      - {id: producer, type: str, size: len_producer, encoding: UTF-8}
      - {id: producer_version, type: str, size: len_producer_version, encoding: UTF-8}
      - {id: architecture, type: str, size: len_architecture, encoding: UTF-8}
      - {id: padding, size: (8 - (len_producer + len_producer_version + len_architecture) % 8) % 8}
      - {id: regions, type: region, repeat: expr, repeat-expr: num_regions}
      - {id: devices, type: device, repeat: expr, repeat-expr: num_devices}
  region:
    seq:
      - {id: len_name, type: u2}
      - {id: flags, type: u2}
      - {id: owner, type: u4}
      - {id: guest_address, type: u8}
      - {id: len_region, type: u8}
      - {id: page_size, type: u8}
      - {id: name, type: str, size: len_name, encoding: UTF-8}
      - {id: padding, size: (8 - len_name % 8) % 8}
  device:
    seq:
      - {id: len_entry, type: u4}
      - {id: rest, type: device_rest, size: len_entry - 4}
  device_rest:
    seq:
      - {id: parent, type: u4}
      - {id: flags, type: u2}
      - {id: apply, type: u1}
      - {id: clock, type: u1}
      - {id: len_path, type: u2}
      - {id: len_address, type: u2}
      - {id: len_model, type: u2}
      - {id: num_parameters, type: u2}
      - {id: num_sections, type: u2}
      - {id: num_subsections, type: u2}
      - {id: version, type: u4}
      - {id: version_min, type: u4}
      - {id: len_initial, type: u8}
      - {id: len_total, type: u8}
      - {id: path, type: str, size: len_path, encoding: UTF-8}
      - {id: address, type: str, size: len_address, encoding: UTF-8}
      - {id: model, type: str, size: len_model, encoding: UTF-8}
      - {id: padding, size: (8 - (len_path + len_address + len_model) % 8) % 8}
      - {id: parameters, type: parameter, repeat: expr, repeat-expr: num_parameters}
      - {id: sections, type: announcement, repeat: expr, repeat-expr: num_sections}
      - {id: subsections, type: announcement, repeat: expr, repeat-expr: num_subsections}
  parameter:
    seq:
      - {id: len_name, type: u2}
      - {id: type, type: u1}
      - {id: reserved, type: u1}
      - {id: len_text, type: u4}
      - {id: value, type: s8}
      - {id: name, type: str, size: len_name, encoding: UTF-8}
      - {id: text, type: str, size: len_text, encoding: UTF-8}
      - {id: padding, size: (8 - (len_name + len_text) % 8) % 8}
  announcement:
    seq:
      - {id: len_name, type: u2}
      - {id: flags, type: u2}
      - {id: version, type: u4}
      - {id: version_min, type: u4}
      - {id: reserved, type: u4}
      - {id: name, type: str, size: len_name, encoding: UTF-8}
      - {id: padding, size: (8 - len_name % 8) % 8}

  layout:
    doc: Chapter 10 section 5
    seq:
      - {id: layout, type: u4}
      - {id: form, type: u1, enum: form}
      - {id: reserved, size: 3}
      - {id: len_canonical, type: u8}
      - {id: fingerprint, type: u8}
      - {id: len_stored, type: u8}
      - id: stored
        size: len_stored
        type:
          switch-on: form
          cases:
            form::plain: canonical_layout
            form::external: identity
      - {id: padding, size: (8 - len_stored % 8) % 8}
  identity:
    seq:
      - {id: text, type: str, size-eos: true, encoding: UTF-8}
  canonical_layout:
    doc: Chapter 20 section 3
    seq:
      - {id: num_fields, type: u4}
      - {id: num_symbols, type: u4}
      - {id: len_text, type: u4}
      - {id: len_block, type: u4}
      - {id: len_name, type: u2}
      - {id: reserved, size: 6}
      - {id: fields, type: field_entry, repeat: expr, repeat-expr: num_fields}
      - {id: symbols, type: symbol_entry, repeat: expr, repeat-expr: num_symbols}
      - {id: text, type: str, size: len_text, encoding: UTF-8}
      - {id: padding, size-eos: true}
  field_entry:
    seq:
      - {id: type, type: u1}
      - {id: shape, type: u1}
      - {id: mark, type: u1}
      - {id: flags, type: u1}
      - {id: width, type: u4}
      - {id: count, type: u4}
      - {id: num_descendants, type: u4}
      - {id: len_name, type: u2}
      - {id: len_unit, type: u2}
      - {id: radix, type: u1}
      - {id: clock, type: u1}
      - {id: alignment_log2, type: u1}
      - {id: reserved, type: u1}
      - {id: num_symbols, type: u4}
      - {id: reference, type: u4}
      - {id: min, type: u8}
      - {id: max, type: u8}
      - {id: default_value, type: u8}
      - {id: since, type: u4}
      - {id: until, type: u4}
  symbol_entry:
    seq:
      - {id: value, type: u8}
      - {id: len_name, type: u2}
      - {id: reserved, size: 6}

  section:
    doc: Chapter 10 section 6
    seq:
      - {id: section, type: u2}
      - {id: num_subsections, type: u2}
      - {id: layout, type: u4}
      - {id: pass_number, type: u4}
      - {id: reserved, type: u4}
      - {id: len_data, type: u8}
      - {id: data, size: len_data}
      - {id: subsections, type: subsection, repeat: expr, repeat-expr: num_subsections}
  subsection:
    seq:
      - {id: len_subsection, type: u4}
      - {id: rest, type: subsection_rest, size: len_subsection - 4}
  subsection_rest:
    seq:
      - {id: subsection, type: u2}
      - {id: num_subsections, type: u2}
      - {id: layout, type: u4}
      - {id: num_target, type: u2}
      - {id: reserved, type: u2}
      - {id: len_data, type: u8}
      - {id: target, type: step, repeat: expr, repeat-expr: num_target}
      - {id: data, size: len_data}
      - {id: subsections, type: subsection, repeat: expr, repeat-expr: num_subsections}
  step:
    seq:
      - {id: field, type: u4}
      - {id: element, type: u4}

  memory:
    doc: Chapter 10 section 7
    seq:
      - {id: region, type: u4}
      - {id: pass_number, type: u4}
      - {id: num_extents, type: u4}
      - {id: encoding, type: u1, enum: encoding}
      - {id: reserved, size: 3}
      - {id: len_plain, type: u8}
      - {id: digest_plain, type: u8}
      - {id: extents, type: extent, repeat: expr, repeat-expr: num_extents}
  extent:
    seq:
      - {id: offset, type: u8}
      - {id: length_kind, type: u8}
    instances:
      length: {value: length_kind & 0xffffffffffffff}
      kind: {value: length_kind >> 56, enum: extent_kind}
  bytes_body:
    doc: Chapter 10 section 8
    seq:
      - {id: offset, type: u8}
      - {id: pass_number, type: u4}
      - {id: encoding, type: u1, enum: encoding}
      - {id: reserved, size: 3}
      - {id: len_plain, type: u8}
      - {id: digest_plain, type: u8}
  barrier:
    doc: Chapter 30 section 2
    seq:
      - {id: pass_number, type: u4}
      - {id: num_channels, type: u4}
      - {id: sequence_next, type: u8, repeat: expr, repeat-expr: num_channels}

  placement:
    doc: Chapter 30 section 3.1
    seq:
      - {id: num_areas, type: u4}
      - {id: reserved, type: u4}
      - {id: ofs_records, type: u8}
      - {id: areas, type: area, repeat: expr, repeat-expr: num_areas}
  area:
    seq:
      - {id: ofs_area, type: u8}
      - {id: granule, type: u8}
      - {id: reserved, type: u8}
  placed_memory:
    doc: Chapter 30 section 3.2
    seq:
      - {id: region, type: u4}
      - {id: pass_number, type: u4}
      - {id: num_extents, type: u4}
      - {id: reserved, type: u4}
      - {id: extents, type: placed_extent, repeat: expr, repeat-expr: num_extents}
  placed_extent:
    seq:
      - {id: extent, type: extent}
      - {id: ofs_data, type: u8}
      - {id: digest, type: u8}

  index:
    doc: Chapter 30 section 4.1
    seq:
      - {id: num_layouts, type: u4}
      - {id: num_sections, type: u4}
      - {id: num_pages, type: u4}
      - {id: num_byte_strings, type: u4}
      - {id: ofs_manifest, type: u8}
      - {id: reserved, type: u8}
      - {id: layouts, type: index_layout, repeat: expr, repeat-expr: num_layouts}
      - {id: sections, type: index_section, repeat: expr, repeat-expr: num_sections}
      - {id: pages, type: index_of_page, repeat: expr, repeat-expr: num_pages}
      - {id: byte_strings, type: index_byte_string, repeat: expr, repeat-expr: num_byte_strings}
  index_layout:
    seq:
      - {id: ofs_record, type: u8}
      - {id: len_record, type: u8}
  index_section:
    seq:
      - {id: device, type: u4}
      - {id: section, type: u2}
      - {id: reserved, type: u2}
      - {id: ofs_record, type: u8}
      - {id: len_record, type: u8}
  index_of_page:
    seq:
      - {id: region, type: u4}
      - {id: num_extents, type: u4}
      - {id: ofs_first, type: u8}
      - {id: ofs_end, type: u8}
      - {id: ofs_record, type: u8}
      - {id: len_record, type: u8}
  index_byte_string:
    seq:
      - {id: device, type: u4}
      - {id: num_records, type: u4}
      - {id: ofs_record, type: u8}
      - {id: len_string, type: u8}
  index_page:
    doc: Chapter 30 section 4.2
    seq:
      - {id: region, type: u4}
      - {id: num_extents, type: u4}
      - {id: reserved, type: u8}
      - {id: extents, type: index_extent, repeat: expr, repeat-expr: num_extents}
  index_extent:
    seq:
      - {id: extent, type: extent}
      - {id: ofs_data, type: u8}
      - {id: ofs_record, type: u8}

  abort:
    doc: Chapter 10 section 10
    seq:
      - {id: reason, type: u4}
      - {id: len_text, type: u2}
      - {id: reserved, type: u2}
      - {id: text, type: str, size: len_text, encoding: UTF-8}
      - {id: padding, size: (8 - len_text % 8) % 8}
  channel_end:
    doc: Chapter 30 section 1
    seq:
      - {id: totals, type: totals}
      - {id: reserved, type: u8}
  end:
    doc: Chapter 10 section 11
    seq:
      - {id: ofs_index, type: u8}
      - {id: num_channels, type: u4}
      - {id: num_passes, type: u4}
      - {id: num_sections, type: u8}
      - {id: reserved, type: u8}
      - {id: channels, type: totals, repeat: expr, repeat-expr: 16}
  totals:
    seq:
      - {id: records, type: u8}
      - {id: octets, type: u8}
      - {id: chain, type: u8}
