import DeviceModel
import Testing

/// A document that uses every construct of the chapter once, for tests that break one thing of it.
enum SampleDocument {
  static let text = """
    {
      "format_version": 1,
      "model": "example.org/net/sample",
      "description": "A network card.",
      "version": 3,
      "min_version": 2,
      "apply": "inPlace",
      "clock": "virtual",
      "params": {
        "queues": { "type": "int", "init_value": 4, "off_value": 1, "allowed_values": ["1-16", 32] },
        "offload": {
          "type": "bool", "init_value": true, "off_value": false, "affects": ["stream"],
          "requires": [{ "values": [true], "param": "queues", "allowed_values": ["2-32"] }]
        },
        "backend": { "type": "str", "init_value": "tap", "allowed_values": ["tap", "user"], "description": "Behind it." }
      },
      "versions": {
        "1.0": { "params": { "backend": "tap" } },
        "2.0": { "params": { "queues": 4, "backend": "user" }, "description": "Many queues." }
      },
      "sections": [
        {
          "name": "common",
          "rules": [
            { "name": "alive", "when": [{ "field": "running", "equals": 1 }], "then": [{ "field": "ring/base", "not_equals": 0 }] }
          ],
          "fields": [
            { "name": "running", "type": "bool", "default": false },
            { "name": "features", "type": "flags64", "symbols": { "csum": 1, "tso": { "value": 2, "since": 2 } }, "class": "external-configured", "verify": "superset" },
            { "name": "mode", "type": "enum8", "symbols": { "off": 0, "on": 1 }, "default": 1, "radix": 16 },
            { "name": "speed", "type": "u32", "range": [10, { "param": "queues", "times": 100, "plus": 10 }], "unit": "frames", "default": 10 },
            { "name": "ring", "type": "structure", "fields": [
              { "name": "base", "type": "guestAddress64", "alignment": 4096 },
              { "name": "head", "type": "index16", "ref": "slots" },
              { "name": "used", "type": "count16", "ref": "slots" }
            ] },
            { "name": "slots", "type": "structure", "max_count": { "param": "queues" }, "fields": [
              { "name": "id", "type": "u32", "unique": true },
              { "name": "parent", "type": "u32", "in": "id", "none": 4294967295, "acyclic": true },
              { "name": "pad", "type": "padding4" }
            ], "rules": [{ "name": "some", "then": [{ "field": "id", "at_least": 1 }, { "field": "features", "any_bits": 3 }] }] },
            { "name": "next_id", "type": "u32", "above": "slots/id" },
            { "name": "items", "type": "list", "elements": ["item"], "range": [0, 100] },
            { "name": "choice", "type": "union", "fields": [
              { "name": "first", "type": "u8" }, { "name": "second", "type": "optional", "fields": [{ "name": "x", "type": "i16", "default": -1 }] }
            ] },
            { "name": "link", "type": "u8", "class": "external-migrated" },
            { "name": "key", "type": "bytes16", "secret": true, "aliases": ["old_key"], "until": 2 },
            { "name": "due", "type": "instant", "clock": "monotonic", "since": 2 }
          ],
          "subsections": [
            {
              "name": "slot_error", "target": "slots", "condition": "A slot failed.", "mark": "skippable",
              "when": [{ "field": "id", "at_most": 9 }, { "field": "running", "equals": 0 }],
              "fields": [{ "name": "code", "type": "i32" }]
            }
          ]
        },
        {
          "name": "queue", "cardinality": "many", "max_count": 16, "key": "number", "after": ["common"], "since": 2,
          "enabled_by": [{ "param": "queues", "values": ["2-16"] }, { "param": "backend", "value": "tap" }],
          "class": "internal",
          "fields": [{ "name": "number", "type": "u16" }]
        }
      ],
      "layouts": {
        "item": { "fields": [
          { "name": "id", "type": "u32", "unique": true }, { "name": "parent", "type": "u32", "in": "id", "acyclic": true },
          { "name": "more", "type": "list", "elements": ["item"] }
        ] }
      },
      "regions": [{ "name": "vram", "size": { "param": "queues", "times": 65536 }, "page_size": 4096, "opaque": true }],
      "byte_string": { "enabled_by": { "param": "offload" } },
      "externals": [
        { "name": "carrier", "class": "external-migrated", "on_arrival": "notify", "field": "common/link" },
        { "name": "backend", "class": "external-configured", "on_arrival": "refuse", "param": "backend" },
        { "name": "port", "class": "external-hidden", "on_arrival": "hide" }
      ],
      "history": [
        { "version": 2, "description": "No mode.", "undo": [
          { "op": "remove", "path": "/sections/common/fields/mode" },
          { "op": "replace", "path": "/sections/common/fields/speed/unit", "value": "octets" },
          { "op": "add", "path": "/sections/common/fields/extra", "value": { "name": "extra", "type": "u8" }, "before": "link" }
        ] },
        { "version": 1, "description": "First.", "undo": [] }
      ]
    }
    """
}

/// The fault that a text has as a document.
func documentFault(_ text: String) -> DocumentFault? {
  do throws(DocumentFault) {
    _ = try ModelDocument(json: JSONValue(parsing: Array(text.utf8)))
    return nil
  } catch {
    return error
  }
}

/// The number of the line, from 1, in which `part` stands first.
func line(of part: String, in text: String) -> Int {
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  return (lines.firstIndex { $0.contains(part) } ?? -1) + 1
}
