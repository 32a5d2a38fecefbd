// Made by corpusgen from Specs/devices; not to be changed by hand.

/// The published documents of the models that reference devices have.
enum ModelDocuments {
  /// migstream.example/gpu/large-memory
  static let gpuLargeMemory = #"""
    {
      "format_version": 1,
      "model": "migstream.example/gpu/large-memory",
      "description": "A graphics and compute card with much memory of its own, of which a guest touches little. Its firmware goes on computing until the card is stopped, so it hands over its own state as a byte string while it runs; the registers that the guest sees are sections. Low bits of addresses that an alignment covers are wired to 0, places in a ring are taken modulo its size, and a ring that lies nowhere does not start.",
      "version": 3,
      "apply": "inPlace",
      "clock": "virtual",
      "params": {
        "memory-size": {
          "type": "int",
          "init_value": 64,
          "off_value": 64,
          "allowed_values": ["1-1024"],
          "description": "Local memory, GiB."
        },
        "engines": {
          "type": "int",
          "init_value": 4,
          "off_value": 4,
          "allowed_values": ["1-16"],
          "description": "Engines, each with one ring of commands."
        },
        "ring-entries": {
          "type": "int",
          "init_value": 1024,
          "off_value": 1024,
          "allowed_values": [256, 1024, 4096, 65536],
          "description": "Commands in each ring. The driver reads it from a register and cannot change it."
        },
        "displays": {
          "type": "int",
          "init_value": 0,
          "off_value": 0,
          "allowed_values": ["0-4"],
          "description": "Outputs for monitors. Off: a card for computing only. Definition 2."
        },
        "preemption": {
          "type": "bool",
          "init_value": false,
          "off_value": false,
          "description": "A batch can be put aside in the middle for a more urgent one. Definition 3."
        }
      },
      "versions": {
        "compute-64": { "params": {}, "description": "64 GiB, no monitor." },
        "workstation": { "params": { "displays": 2 }, "description": "64 GiB, two monitors." }
      },
      "sections": [
        {
          "name": "identity",
          "description": "What the driver finds.",
          "class": "external-configured",
          "fields": [
            { "name": "device_id", "type": "u16", "verify": "equal", "radix": 16, "description": "PCI device." },
            { "name": "revision", "type": "u8", "verify": "equal", "radix": 16, "description": "Revision of the chip." },
            {
              "name": "firmware",
              "type": "u32",
              "verify": "at-most",
              "unit": "1",
              "description": "Firmware that wrote the byte string; a later one can read it."
            },
            {
              "name": "capabilities",
              "type": "flags64",
              "verify": "superset",
              "symbols": {
                "compute": 1,
                "graphics": 2,
                "video_decode": 4,
                "video_encode": 8,
                "double_precision": 16,
                "tensor": 32
              },
              "description": "What the engines can do; the destination must be able to do all of it."
            }
          ]
        },
        {
          "name": "pci",
          "description": "Configuration space, as far as the driver can change it.",
          "after": ["identity"],
          "fields": [
            {
              "name": "command",
              "type": "flags16",
              "symbols": { "memory": 2, "bus_master": 4, "interrupt_disable": 1024 },
              "description": "Command register."
            },
            {
              "name": "registers_at",
              "type": "guestAddress64",
              "alignment": 4096,
              "description": "Base of the register window."
            },
            {
              "name": "memory_at",
              "type": "guestAddress64",
              "alignment": 4096,
              "description": "Base of the window on local memory."
            },
            {
              "name": "msi_address",
              "type": "guestAddress64",
              "alignment": 4,
              "description": "Where the interrupt message is written; 0: the interrupt is off."
            },
            { "name": "msi_data", "type": "u16", "radix": 16, "description": "What is written." }
          ]
        },
        {
          "name": "control",
          "description": "Registers of the card as a whole.",
          "after": ["pci"],
          "fields": [
            {
              "name": "state",
              "type": "enum8",
              "symbols": { "reset": 0, "running": 1, "hung": 2 },
              "description": "What the card does."
            },
            {
              "name": "interrupt_cause",
              "type": "flags32",
              "symbols": {
                "fence": 1,
                "fault": 2,
                "vertical_blank": { "value": 4, "since": 2, "enabled_by": { "param": "displays" } }
              },
              "description": "Causes that the driver has not acknowledged."
            },
            {
              "name": "interrupt_mask",
              "type": "flags32",
              "symbols": {
                "fence": 1,
                "fault": 2,
                "vertical_blank": { "value": 4, "since": 2, "enabled_by": { "param": "displays" } }
              },
              "description": "Causes that may interrupt."
            },
            { "name": "clock_khz", "type": "u32", "unit": "kHz", "description": "Clock that the driver has asked for." },
            {
              "name": "timestamp",
              "type": "instant",
              "description": "Value of the card's clock register when it stopped."
            },
            { "name": "timestamp_offset", "type": "duration", "description": "What the driver adds to it." }
          ]
        },
        {
          "name": "contexts",
          "description": "Address spaces that the driver has made.",
          "after": ["control"],
          "fields": [
            { "name": "next_id", "type": "u32", "above": "items/id", "description": "Number of the next one." },
            {
              "name": "items",
              "type": "structure",
              "max_count": 4096,
              "fields": [
                {
                  "name": "id",
                  "type": "u32",
                  "range": [1, 4294967294],
                  "unique": true,
                  "description": "Number by which commands name it."
                },
                {
                  "name": "parent",
                  "type": "u32",
                  "in": "items/id",
                  "none": 0,
                  "acyclic": true,
                  "description": "Context whose lower half it shares; 0: none."
                },
                {
                  "name": "page_table",
                  "type": "size64",
                  "range": [0, { "param": "memory-size", "times": 1073741824, "plus": -4096 }],
                  "alignment": 4096,
                  "description": "Octet of local memory at which its page table begins."
                },
                { "name": "faulted", "type": "bool", "description": "It has faulted and takes no work." }
              ],
              "description": "In order of their making."
            }
          ]
        },
        {
          "name": "fault",
          "description": "Where the first fault was that the driver has not cleared.",
          "cardinality": "optional",
          "after": ["contexts"],
          "fields": [
            { "name": "context", "type": "u32", "unit": "1", "description": "Context that faulted." },
            { "name": "address", "type": "u64", "radix": 16, "description": "Address in it." },
            { "name": "write", "type": "bool", "description": "It was a write." }
          ]
        },
        {
          "name": "engine",
          "description": "An engine and its ring of commands.",
          "cardinality": "many",
          "max_count": { "param": "engines" },
          "key": "number",
          "after": ["contexts"],
          "fields": [
            {
              "name": "number",
              "type": "u8",
              "range": [0, { "param": "engines", "plus": -1 }],
              "unit": "1",
              "description": "Which engine."
            },
            { "name": "running", "type": "bool", "description": "The driver has started the ring." },
            { "name": "ring", "type": "guestAddress64", "alignment": 4096, "description": "Where the ring lies." },
            {
              "name": "head",
              "type": "u32",
              "range": [0, { "param": "ring-entries", "plus": -1 }],
              "unit": "commands",
              "description": "Next command that the engine takes."
            },
            {
              "name": "tail",
              "type": "u32",
              "range": [0, { "param": "ring-entries", "plus": -1 }],
              "unit": "commands",
              "description": "First place that belongs to the driver."
            },
            { "name": "context", "type": "u32", "unit": "1", "description": "Context that it works in; 0: none." },
            { "name": "fence", "type": "u64", "unit": "fences", "description": "Last fence value that it has written." },
            {
              "name": "busy",
              "type": "bool",
              "class": "internal",
              "description": "It is in the middle of a batch; the byte string holds how far."
            },
            {
              "name": "has_put_aside",
              "type": "bool",
              "class": "internal",
              "since": 3,
              "enabled_by": { "param": "preemption" },
              "description": "A batch was put aside."
            },
            {
              "name": "pending",
              "type": "list",
              "elements": ["batch", "copy", "wait"],
              "class": "internal",
              "range": [0, 256],
              "description": "Commands that were taken and not begun, in order."
            }
          ],
          "rules": [
            {
              "name": "running_has_ring",
              "when": [{ "field": "running", "equals": 1 }],
              "then": [{ "field": "ring", "not_equals": 0 }],
              "description": "A ring that runs lies somewhere."
            },
            {
              "name": "idle_has_no_work",
              "when": [{ "field": "busy", "equals": 1 }],
              "then": [{ "field": "running", "equals": 1 }],
              "description": "An engine that was not started is in the middle of nothing."
            }
          ],
          "subsections": [
            {
              "name": "put_aside",
              "description": "A batch that was put aside for a more urgent one.",
              "since": 3,
              "enabled_by": { "param": "preemption" },
              "condition": "A batch was put aside.",
              "when": [{ "field": "has_put_aside", "equals": 1 }],
              "class": "internal",
              "fields": [
                { "name": "context", "type": "u32", "unit": "1", "description": "Context that it works in." },
                {
                  "name": "resume_at",
                  "type": "size64",
                  "alignment": 256,
                  "description": "Octet of local memory at which its registers were saved."
                },
                { "name": "since", "type": "instant", "description": "When it was put aside." }
              ]
            },
            {
              "name": "load",
              "description": "Share of time in which the engine was busy, for the operator.",
              "since": 2,
              "mark": "skippable",
              "class": "internal",
              "fields": [
                { "name": "busy_time", "type": "duration", "description": "Time in which it worked." },
                { "name": "idle_time", "type": "duration", "description": "Time in which it did not." }
              ]
            }
          ]
        },
        {
          "name": "display",
          "description": "An output.",
          "since": 2,
          "enabled_by": { "param": "displays" },
          "cardinality": "many",
          "max_count": { "param": "displays" },
          "key": "number",
          "after": ["control"],
          "fields": [
            { "name": "number", "type": "u8", "range": [0, 3], "unit": "1", "description": "Which output." },
            {
              "name": "plugged",
              "type": "bool",
              "class": "external-migrated",
              "description": "A monitor is there, as far as the driver knows."
            },
            {
              "name": "edid",
              "type": "countedBytes",
              "class": "external-migrated",
              "range": [0, 512],
              "description": "What the monitor said of itself when the driver read it."
            },
            { "name": "enabled", "type": "bool", "description": "A picture is put out." },
            {
              "name": "width",
              "type": "u32",
              "range": [0, 16384],
              "unit": "pixels",
              "description": "Width of the picture."
            },
            {
              "name": "height",
              "type": "u32",
              "range": [0, 16384],
              "unit": "pixels",
              "description": "Height of the picture."
            },
            { "name": "pitch", "type": "u32", "unit": "octets", "description": "From one line to the next." },
            {
              "name": "picture",
              "type": "size64",
              "alignment": 4096,
              "description": "Octet of local memory at which it begins."
            },
            {
              "name": "format",
              "type": "enum32",
              "symbols": { "xrgb8888": 0, "rgb565": 1, "xrgb2101010": 2 },
              "description": "How a pixel is stored."
            },
            { "name": "refresh", "type": "u32", "unit": "mHz", "description": "Pictures in 1000 seconds." },
            {
              "name": "next_blank",
              "type": "instant",
              "class": "internal",
              "description": "When the next vertical blank begins; not set: the output is off."
            },
            {
              "name": "cursor",
              "type": "optional",
              "fields": [
                { "name": "x", "type": "i32", "unit": "pixels", "description": "Left edge of its picture." },
                { "name": "y", "type": "i32", "unit": "pixels", "description": "Upper edge of its picture." },
                {
                  "name": "picture",
                  "type": "size64",
                  "alignment": 4096,
                  "description": "Octet of local memory at which its 64 by 64 pixels begin."
                }
              ],
              "description": "The cursor, if it is shown."
            }
          ],
          "rules": [
            {
              "name": "enabled_has_size",
              "when": [{ "field": "enabled", "equals": 1 }],
              "then": [{ "field": "width", "at_least": 1 }, { "field": "height", "at_least": 1 }],
              "description": "A picture that is put out has a size."
            }
          ]
        }
      ],
      "layouts": {
        "batch": {
          "description": "Run commands.",
          "fields": [
            { "name": "context", "type": "u32", "unit": "1", "description": "Context to work in." },
            { "name": "address", "type": "u64", "radix": 16, "description": "First command, in that context." },
            { "name": "octets", "type": "size32", "unit": "octets", "description": "Length of the commands." },
            {
              "name": "priority",
              "type": "i8",
              "since": 3,
              "enabled_by": { "param": "preemption" },
              "range": [-8, 7],
              "unit": "1",
              "description": "More urgent ones are higher."
            }
          ]
        },
        "copy": {
          "description": "Copy inside local memory.",
          "fields": [
            { "name": "from", "type": "size64", "unit": "octets", "description": "First octet of the source." },
            { "name": "to", "type": "size64", "unit": "octets", "description": "First octet of the destination." },
            { "name": "octets", "type": "size64", "unit": "octets", "description": "Length." }
          ]
        },
        "wait": {
          "description": "Wait for a fence.",
          "fields": [
            { "name": "fence", "type": "u64", "unit": "1", "description": "Value to wait for." },
            {
              "name": "engine",
              "type": "u8",
              "range": [0, { "param": "engines", "plus": -1 }],
              "unit": "1",
              "description": "Engine that writes it."
            }
          ]
        }
      },
      "regions": [
        {
          "name": "local_memory",
          "size": { "param": "memory-size", "times": 1073741824 },
          "page_size": 4096,
          "description": "Local memory; what no guest has touched is zero, or was discarded."
        }
      ],
      "byte_string": {
        "description": "What the firmware saves of the engines, up to 2 GiB. It begins while the card still computes; later octets correct earlier ones, and the last are written after the stop."
      },
      "externals": [
        {
          "name": "monitor",
          "class": "external-migrated",
          "on_arrival": "notify",
          "description": "Where the destination has another monitor, or none, the driver is told by a hot plug event and reads again.",
          "field": "display/plugged"
        },
        {
          "name": "monitor_data",
          "class": "external-migrated",
          "on_arrival": "hide",
          "description": "The driver goes on seeing the monitor of the source until it is told of a change.",
          "field": "display/edid"
        },
        {
          "name": "temperature",
          "class": "external-reread",
          "on_arrival": "hide",
          "description": "Sensors show those of the destination's card."
        },
        {
          "name": "host_card",
          "class": "external-hidden",
          "on_arrival": "hide",
          "description": "Serial number and bus address of the card in the host."
        }
      ],
      "history": [
        {
          "version": 2,
          "description": "Before preemption.",
          "undo": [
            { "op": "remove", "path": "/sections/engine/subsections/put_aside" },
            { "op": "remove", "path": "/sections/engine/fields/has_put_aside" },
            { "op": "remove", "path": "/layouts/batch/fields/priority" },
            { "op": "remove", "path": "/params/preemption" }
          ]
        },
        {
          "version": 1,
          "description": "For computing only: no monitors.",
          "undo": [
            { "op": "remove", "path": "/versions/workstation" },
            { "op": "remove", "path": "/externals/monitor" },
            { "op": "remove", "path": "/externals/monitor_data" },
            { "op": "remove", "path": "/sections/display" },
            { "op": "remove", "path": "/sections/engine/subsections" },
            { "op": "remove", "path": "/sections/control/fields/interrupt_cause/symbols/vertical_blank" },
            { "op": "remove", "path": "/sections/control/fields/interrupt_mask/symbols/vertical_blank" },
            { "op": "remove", "path": "/params/displays" }
          ]
        }
      ]
    }
    """#

  /// migstream.example/net/rx-filter-nic
  static let netRxFilterNic = #"""
    {
      "format_version": 1,
      "model": "migstream.example/net/rx-filter-nic",
      "description": "A PCI network card with one receive and one transmit ring of descriptors in guest memory, one interrupt, and a filter for the addresses it receives. Small enough to be read whole, real enough to be run. Low bits of addresses that the alignment covers are wired to 0, head and tail are taken modulo the ring's size, and a ring that lies nowhere does not start: so no driver brings the card into a state that a reader refuses.",
      "version": 4,
      "clock": "virtual",
      "params": {
        "ring-size": {
          "type": "int",
          "init_value": 256,
          "off_value": 256,
          "allowed_values": [64, 128, 256, 512, 1024],
          "description": "Descriptors in each of the two rings. The driver reads it from a register and cannot change it."
        },
        "link-speed": {
          "type": "int",
          "init_value": 1000,
          "off_value": 1000,
          "allowed_values": [100, 1000, 10000],
          "affects": ["interface"],
          "description": "Speed of the link that the driver sees, Mbit/s."
        },
        "rx-filter-size": {
          "type": "int",
          "init_value": 0,
          "off_value": 0,
          "allowed_values": [0, 32, 128],
          "description": "Entries of the table of addresses that are received. Off: the card receives its own address, broadcast, and what the accept register opens. Definition 2."
        },
        "interrupt-moderation": {
          "type": "bool",
          "init_value": false,
          "off_value": false,
          "description": "The driver can ask for one interrupt for many frames. Definition 4."
        }
      },
      "versions": {
        "1.0": { "params": {}, "description": "The first card." },
        "2.0": { "params": { "rx-filter-size": 32 }, "description": "With a filter of 32 addresses." },
        "3.0": {
          "params": { "ring-size": 512, "link-speed": 10000, "rx-filter-size": 128, "interrupt-moderation": true },
          "description": "The fast card."
        }
      },
      "sections": [
        {
          "name": "identity",
          "description": "What the driver finds when it looks for the card.",
          "class": "external-configured",
          "fields": [
            { "name": "vendor_id", "type": "u16", "verify": "equal", "radix": 16, "description": "PCI vendor." },
            { "name": "device_id", "type": "u16", "verify": "equal", "radix": 16, "description": "PCI device." },
            {
              "name": "revision",
              "type": "u8",
              "verify": "at-most",
              "unit": "1",
              "description": "PCI revision. A newer card does all that an older one does."
            },
            {
              "name": "permanent_mac",
              "type": "mac",
              "verify": "equal",
              "description": "Address that the card was made with; a reset takes it up again."
            }
          ]
        },
        {
          "name": "pci",
          "description": "Configuration space, as far as the driver can change it.",
          "fields": [
            {
              "name": "command",
              "type": "flags16",
              "symbols": {
                "memory": { "value": 2, "description": "The card answers in its register window." },
                "bus_master": { "value": 4, "description": "The card may read and write guest memory." },
                "interrupt_disable": { "value": 1024, "description": "The interrupt pin stays low." }
              },
              "description": "Command register."
            },
            {
              "name": "interrupt_line",
              "type": "u8",
              "radix": 16,
              "description": "Scratch register: the number that firmware gave the interrupt."
            },
            { "name": "cache_line_size", "type": "u8", "unit": "32-bit words", "description": "Scratch register." },
            {
              "name": "registers_at",
              "type": "guestAddress32",
              "radix": 16,
              "description": "Base of the 4 KiB register window, all ones while firmware asks for its size."
            },
            {
              "name": "interrupt_level",
              "type": "bool",
              "class": "internal",
              "description": "The interrupt pin is asserted."
            },
            {
              "name": "msi",
              "type": "structure",
              "fields": [
                { "name": "enabled", "type": "bool", "description": "Messages are sent; the pin stays low." },
                { "name": "masked", "type": "bool", "description": "The message is held back." },
                {
                  "name": "pending",
                  "type": "bool",
                  "description": "A message was held back and is due when the mask falls."
                },
                {
                  "name": "address",
                  "type": "guestAddress64",
                  "alignment": 4,
                  "description": "Where the message is written."
                },
                { "name": "data", "type": "u16", "radix": 16, "description": "What is written." }
              ],
              "rules": [
                {
                  "name": "pending_is_masked",
                  "when": [{ "field": "pending", "equals": 1 }],
                  "then": [{ "field": "masked", "equals": 1 }],
                  "description": "A message waits for nothing but the mask."
                }
              ],
              "description": "Message signalled interrupt."
            }
          ]
        },
        {
          "name": "control",
          "description": "Registers of the card as a whole.",
          "fields": [
            { "name": "mac", "type": "mac", "description": "Address in use; the driver may have changed it." },
            {
              "name": "loopback",
              "type": "bool",
              "description": "What is sent is received by the card itself and does not go out."
            },
            {
              "name": "interrupt_cause",
              "type": "flags32",
              "symbols": {
                "receive": { "value": 1, "description": "A frame was put into guest memory." },
                "transmit": { "value": 2, "description": "A frame was sent." },
                "link": { "value": 4, "description": "The link went up or down." },
                "receive_full": { "value": 8, "description": "A frame was dropped: no free descriptor." },
                "error": { "value": 16, "description": "A descriptor or ring address could not be used." }
              },
              "description": "Causes that the driver has not acknowledged."
            },
            {
              "name": "interrupt_mask",
              "type": "flags32",
              "symbols": {
                "receive": { "value": 1, "description": "A frame was put into guest memory." },
                "transmit": { "value": 2, "description": "A frame was sent." },
                "link": { "value": 4, "description": "The link went up or down." },
                "receive_full": { "value": 8, "description": "A frame was dropped: no free descriptor." },
                "error": { "value": 16, "description": "A descriptor or ring address could not be used." }
              },
              "description": "Causes that may interrupt."
            },
            {
              "name": "link_up",
              "type": "bool",
              "class": "external-migrated",
              "description": "The link as the driver knows it."
            }
          ]
        },
        {
          "name": "receive",
          "description": "Receive ring and what waits for it.",
          "after": ["control"],
          "fields": [
            { "name": "running", "type": "bool", "description": "The driver has switched the receive ring on." },
            {
              "name": "ring",
              "type": "guestAddress64",
              "alignment": 16,
              "description": "Where the ring's first descriptor lies. A descriptor has 16 octets."
            },
            {
              "name": "head",
              "type": "u16",
              "range": [0, { "param": "ring-size", "plus": -1 }],
              "unit": "descriptors",
              "description": "Next descriptor that the card fills. A frame lies in one; the card does not stop within it."
            },
            {
              "name": "tail",
              "type": "u16",
              "range": [0, { "param": "ring-size", "plus": -1 }],
              "unit": "descriptors",
              "description": "First descriptor that belongs to the driver. Equal to head: the device has none."
            },
            {
              "name": "accept",
              "type": "flags8",
              "symbols": {
                "broadcast": 1,
                "all_multicast": 2,
                "promiscuous": { "value": 4, "description": "Everything." },
                "filter": {
                  "value": 8,
                  "since": 2,
                  "enabled_by": { "param": "rx-filter-size" },
                  "description": "What the filter table names."
                }
              },
              "description": "What is received besides the card's own address."
            },
            {
              "name": "waiting",
              "type": "structure",
              "max_count": 16,
              "fields": [
                {
                  "name": "frame",
                  "type": "countedBytes",
                  "range": [14, 9216],
                  "description": "The frame without its checksum."
                }
              ],
              "class": "internal",
              "description": "Frames that came from the wire and are not yet in guest memory, oldest first."
            }
          ],
          "rules": [
            {
              "name": "running_has_ring",
              "when": [{ "field": "running", "equals": 1 }],
              "then": [{ "field": "ring", "not_equals": 0 }],
              "description": "A running ring lies somewhere."
            }
          ]
        },
        {
          "name": "rx_filter",
          "description": "Table of addresses that are received when accept says filter.",
          "since": 2,
          "enabled_by": { "param": "rx-filter-size" },
          "after": ["receive"],
          "fields": [
            {
              "name": "addresses",
              "type": "mac",
              "max_count": { "param": "rx-filter-size" },
              "unique": true,
              "description": "Unicast and multicast addresses, in the order in which the driver wrote them."
            },
            {
              "name": "overflow",
              "type": "bool",
              "description": "The driver asked for more addresses than the table has; all multicast is received until it clears the table."
            }
          ]
        },
        {
          "name": "transmit",
          "description": "Transmit ring and the frame being gathered from it.",
          "after": ["control"],
          "fields": [
            { "name": "running", "type": "bool", "description": "The driver has switched the transmit ring on." },
            {
              "name": "ring",
              "type": "guestAddress64",
              "alignment": 16,
              "description": "Where the ring's first descriptor lies. A descriptor has 16 octets."
            },
            {
              "name": "head",
              "type": "u16",
              "range": [0, { "param": "ring-size", "plus": -1 }],
              "unit": "descriptors",
              "description": "Next descriptor that the card sends."
            },
            {
              "name": "tail",
              "type": "u16",
              "range": [0, { "param": "ring-size", "plus": -1 }],
              "unit": "descriptors",
              "description": "First descriptor that belongs to the driver. Equal to head: the device has none."
            },
            {
              "name": "taken",
              "type": "u8",
              "class": "internal",
              "range": [0, 16],
              "unit": "descriptors",
              "description": "Descriptors of an unfinished frame that the card has taken: a frame may lie in up to 17 of them, and the card can be stopped in between. Head is behind them."
            }
          ],
          "rules": [
            {
              "name": "running_has_ring",
              "when": [{ "field": "running", "equals": 1 }],
              "then": [{ "field": "ring", "not_equals": 0 }],
              "description": "A running ring lies somewhere."
            },
            {
              "name": "only_running_gathers",
              "when": [{ "field": "taken", "at_least": 1 }],
              "then": [{ "field": "running", "equals": 1 }],
              "description": "A ring that is off has no frame half taken."
            }
          ],
          "subsections": [
            {
              "name": "gathered",
              "description": "Start of the unfinished frame. Cards of definitions 1 and 2 read it from guest memory again, where the driver may have put other octets: so an old card must refuse it, and gets every stream in which no frame is unfinished.",
              "since": 3,
              "condition": "A frame was taken in part.",
              "when": [{ "field": "taken", "at_least": 1 }],
              "class": "internal",
              "fields": [
                {
                  "name": "octets",
                  "type": "countedBytes",
                  "range": [1, 9216],
                  "description": "What the taken descriptors held."
                }
              ]
            }
          ]
        },
        {
          "name": "moderation",
          "description": "Interrupts that are held back until enough frames or time have passed.",
          "since": 4,
          "enabled_by": { "param": "interrupt-moderation" },
          "after": ["receive", "transmit"],
          "fields": [
            {
              "name": "interval",
              "type": "duration",
              "range": [0, 1000000000],
              "description": "Longest time from the first frame to the interrupt; 0: no limit by time."
            },
            {
              "name": "frames_max",
              "type": "u16",
              "unit": "frames",
              "description": "Frames after which the interrupt comes; 0: no limit by number."
            },
            {
              "name": "frames_held",
              "type": "u16",
              "class": "internal",
              "unit": "frames",
              "description": "Frames since the last interrupt."
            },
            {
              "name": "due",
              "type": "instant",
              "class": "internal",
              "description": "When the interrupt comes if nothing else brings it."
            }
          ]
        },
        {
          "name": "statistics",
          "description": "Totals for the host's operator. No driver can read them.",
          "since": 3,
          "mark": "skippable",
          "class": "internal",
          "fields": [
            { "name": "received", "type": "u64", "unit": "frames", "description": "Frames put into guest memory." },
            { "name": "sent", "type": "u64", "unit": "frames", "description": "Frames put on the wire." },
            { "name": "filtered", "type": "u64", "unit": "frames", "description": "Frames that no filter let in." },
            {
              "name": "dropped",
              "type": "u64",
              "unit": "frames",
              "description": "Frames for which no descriptor was free."
            }
          ]
        }
      ],
      "externals": [
        {
          "name": "link",
          "class": "external-migrated",
          "on_arrival": "notify",
          "description": "Whether the card has a link. Where the destination's differs, the card raises the link cause, so the driver looks.",
          "field": "control/link_up"
        },
        {
          "name": "link_speed",
          "class": "external-configured",
          "on_arrival": "refuse",
          "description": "What the driver was told about the link.",
          "param": "link-speed"
        },
        {
          "name": "wire",
          "class": "external-hidden",
          "on_arrival": "hide",
          "description": "The host interface behind the card, its name, address and counters."
        }
      ],
      "history": [
        {
          "version": 3,
          "description": "Before interrupt moderation.",
          "undo": [
            { "op": "remove", "path": "/versions/3.0" },
            { "op": "remove", "path": "/sections/moderation" },
            { "op": "remove", "path": "/params/interrupt-moderation" }
          ]
        },
        {
          "version": 2,
          "description": "Before statistics, and before a half taken frame travelled with the card.",
          "undo": [
            { "op": "remove", "path": "/sections/statistics" },
            { "op": "remove", "path": "/sections/transmit/subsections" }
          ]
        },
        {
          "version": 1,
          "description": "The first card: no filter table.",
          "undo": [
            { "op": "remove", "path": "/versions/2.0" },
            { "op": "remove", "path": "/sections/rx_filter" },
            { "op": "remove", "path": "/sections/receive/fields/accept/symbols/filter" },
            { "op": "remove", "path": "/params/rx-filter-size" }
          ]
        }
      ]
    }
    """#

  /// migstream.example/sample/vendor-card
  static let sampleVendorCard = #"""
    {
      "format_version": 1,
      "model": "migstream.example/sample/vendor-card",
      "description": "A card whose state only its vendor's driver understands: the driver stands behind a pipe and gives and takes octets of its own. What everybody can read is what decides whether two cards fit, and the part of configuration space that the guest's driver changes.",
      "version": 1,
      "apply": "external",
      "params": {
        "pages": {
          "type": "int",
          "init_value": 4,
          "off_value": 4,
          "allowed_values": [4, 16, 64],
          "description": "Pages of 1024 octets of the card's own memory."
        }
      },
      "versions": {
        "small": { "params": {}, "description": "Four pages." },
        "large": { "params": { "pages": 64 }, "description": "64 pages." }
      },
      "sections": [
        {
          "name": "identity",
          "description": "What the guest's driver finds, and what the vendor's driver is.",
          "class": "external-configured",
          "fields": [
            { "name": "vendor_id", "type": "u16", "verify": "equal", "radix": 16, "description": "PCI vendor." },
            { "name": "device_id", "type": "u16", "verify": "equal", "radix": 16, "description": "PCI device." },
            {
              "name": "driver_version",
              "type": "u32",
              "verify": "at-most",
              "unit": "1",
              "description": "Driver that wrote the byte string; a later one can read it."
            }
          ]
        },
        {
          "name": "pci",
          "description": "Configuration space, as far as the guest's driver can change it.",
          "after": ["identity"],
          "fields": [
            {
              "name": "command",
              "type": "flags16",
              "symbols": { "memory": 2, "bus_master": 4, "interrupt_disable": 1024 },
              "description": "Command register."
            },
            {
              "name": "registers_at",
              "type": "guestAddress64",
              "alignment": 4096,
              "description": "Base of the register window."
            },
            {
              "name": "interrupt_level",
              "type": "bool",
              "class": "internal",
              "description": "The interrupt pin is asserted."
            }
          ]
        },
        {
          "name": "memory",
          "description": "What the card knows of its memory without the driver; both must agree.",
          "after": ["pci"],
          "class": "internal",
          "fields": [
            {
              "name": "writes",
              "type": "u32",
              "count": { "param": "pages" },
              "unit": "writes",
              "description": "How often each page was written to since the last reset, modulo 2^32."
            }
          ]
        }
      ],
      "byte_string": {
        "description": "Messages of the vendor's driver: pages of the card's memory, of which later ones correct earlier ones, and at the end its registers."
      },
      "externals": [
        {
          "name": "host_card",
          "class": "external-hidden",
          "on_arrival": "hide",
          "description": "Serial number and bus address of the card in the host."
        }
      ]
    }
    """#

  /// migstream.example/serial/16550
  static let serial16550 = #"""
    {
      "format_version": 1,
      "model": "migstream.example/serial/16550",
      "description": "A serial port with the registers of a 16550: one octet in and out at a time, or FIFOs. Interrupt identification is not saved: it follows from the registers and the two latches that are.",
      "version": 2,
      "clock": "virtual",
      "params": {
        "baud-base": {
          "type": "int",
          "init_value": 115200,
          "off_value": 115200,
          "allowed_values": ["1-4000000"],
          "affects": ["interface"],
          "description": "Bits a second at divisor 1."
        },
        "fifo-size": {
          "type": "int",
          "init_value": 16,
          "off_value": 16,
          "allowed_values": [16, 64],
          "description": "Octets in each FIFO. Off: the 16 of a 16550; a 16750 has 64."
        }
      },
      "versions": {
        "16550": { "params": {}, "description": "The usual PC port." },
        "16750": { "params": { "fifo-size": 64 }, "description": "The large FIFOs." }
      },
      "sections": [
        {
          "name": "registers",
          "description": "What the driver reads and writes, and the latches behind it.",
          "fields": [
            {
              "name": "divisor",
              "type": "u16",
              "unit": "1",
              "description": "Divisor latch: the line runs at baud-base divided by it. 0 stops the line."
            },
            {
              "name": "interrupt_enable",
              "type": "flags8",
              "symbols": { "received": 1, "transmitter_empty": 2, "line_status": 4, "modem_status": 8 },
              "description": "Interrupts that the driver wants."
            },
            {
              "name": "line_control",
              "type": "u8",
              "radix": 16,
              "description": "Bits 0 and 1: data bits less 5; bit 2: two stop bits; bits 3 to 5: parity; bit 6: break; bit 7: the divisor latch is in the window."
            },
            {
              "name": "modem_control",
              "type": "flags8",
              "symbols": {
                "data_terminal_ready": 1,
                "request_to_send": 2,
                "out1": 4,
                "out2": { "value": 8, "description": "The interrupt pin is connected." },
                "loopback": 16,
                "auto_flow": 32
              },
              "description": "Outputs to the line."
            },
            {
              "name": "line_status",
              "type": "flags8",
              "symbols": {
                "data_ready": 1,
                "overrun": 2,
                "parity_error": 4,
                "framing_error": 8,
                "break": 16,
                "holding_empty": { "value": 32, "description": "The driver may write." },
                "transmitter_empty": {
                  "value": 64,
                  "description": "Holding register or FIFO, and shift register, are empty."
                },
                "fifo_error": 128
              },
              "description": "State of the receiver and transmitter."
            },
            {
              "name": "modem_lines",
              "type": "flags8",
              "class": "external-migrated",
              "symbols": { "clear_to_send": 16, "data_set_ready": 32, "ring": 64, "carrier": 128 },
              "description": "Inputs from the line as the driver last saw them."
            },
            {
              "name": "modem_changes",
              "type": "flags8",
              "symbols": { "clear_to_send": 1, "data_set_ready": 2, "ring_ended": 4, "carrier": 8 },
              "description": "Inputs that changed since the driver last read them."
            },
            {
              "name": "fifo_control",
              "type": "flags8",
              "symbols": { "enabled": 1, "dma_mode": 8 },
              "description": "As the driver wrote it; bits that only act are not kept."
            },
            {
              "name": "receive_trigger",
              "type": "enum8",
              "symbols": { "one": 0, "quarter": 1, "half": 2, "two_below_full": 3 },
              "description": "Fill of the receive FIFO at which the interrupt comes."
            },
            { "name": "scratch", "type": "u8", "radix": 16, "description": "Scratch register." },
            {
              "name": "received",
              "type": "u8",
              "radix": 16,
              "description": "Octet in the holding register of the receiver. Only while the FIFOs are switched off."
            },
            {
              "name": "transmitter_interrupt",
              "type": "bool",
              "class": "internal",
              "description": "The interrupt for an empty transmitter is due: the register became empty and the driver has not read the identification since."
            }
          ],
          "rules": [
            {
              "name": "empty_means_both",
              "when": [{ "field": "line_status", "any_bits": 64 }],
              "then": [{ "field": "line_status", "any_bits": 32 }],
              "description": "A transmitter that is empty has an empty holding register."
            }
          ],
          "subsections": [
            {
              "name": "receive_fifo",
              "description": "Octets that came from the line.",
              "condition": "The FIFOs are switched on.",
              "when": [{ "field": "fifo_control", "any_bits": 1 }],
              "fields": [
                {
                  "name": "entries",
                  "type": "structure",
                  "max_count": { "param": "fifo-size" },
                  "fields": [
                    { "name": "octet", "type": "u8", "radix": 16, "description": "As received." },
                    {
                      "name": "errors",
                      "type": "flags8",
                      "symbols": { "parity": 4, "framing": 8, "break": 16 },
                      "description": "What the receiver found wrong with it."
                    }
                  ],
                  "description": "Oldest first."
                }
              ]
            },
            {
              "name": "transmit_fifo",
              "description": "Octets that wait for the shift register.",
              "condition": "The FIFOs are switched on.",
              "when": [{ "field": "fifo_control", "any_bits": 1 }],
              "fields": [
                {
                  "name": "octets",
                  "type": "u8",
                  "max_count": { "param": "fifo-size" },
                  "radix": 16,
                  "description": "Oldest first."
                }
              ]
            },
            {
              "name": "receive_timeout",
              "description": "The interrupt for octets that lie in the FIFO below its trigger for the time of four characters. Definition 1 forgot it, and a driver on the other side waited for ever; an old port must refuse the stream, and gets every other.",
              "since": 2,
              "condition": "The FIFOs are switched on and octets wait in the receiver.",
              "when": [{ "field": "fifo_control", "any_bits": 1 }, { "field": "line_status", "any_bits": 1 }],
              "class": "internal",
              "fields": [
                {
                  "name": "raised",
                  "type": "bool",
                  "description": "The time has passed and the driver has not read an octet since."
                },
                { "name": "due", "type": "instant", "description": "When it passes; not set: raised already." }
              ]
            },
            {
              "name": "transmission",
              "description": "An octet on its way out.",
              "condition": "The transmitter is not empty.",
              "when": [{ "field": "line_status", "no_bits": 64 }],
              "class": "internal",
              "fields": [
                { "name": "shift", "type": "u8", "radix": 16, "description": "Octet in the shift register." },
                {
                  "name": "holding",
                  "type": "u8",
                  "radix": 16,
                  "description": "Octet in the holding register; only while line status does not say holding_empty and the FIFOs are switched off."
                },
                {
                  "name": "shift_ends",
                  "type": "instant",
                  "description": "When the shift register becomes empty; not set: the line takes no octet at present."
                },
                {
                  "name": "retries",
                  "type": "u8",
                  "range": [0, 4],
                  "unit": "attempts",
                  "description": "How often the host's line has refused the octet in the shift register."
                }
              ]
            }
          ]
        }
      ],
      "externals": [
        {
          "name": "modem_lines",
          "class": "external-migrated",
          "on_arrival": "notify",
          "description": "Clear to send, data set ready, ring and carrier of the line. Where the destination's differ, the changes are set and the modem status interrupt comes.",
          "field": "registers/modem_lines"
        },
        {
          "name": "baud_base",
          "class": "external-configured",
          "on_arrival": "refuse",
          "description": "Clock of the port.",
          "param": "baud-base"
        },
        {
          "name": "other_end",
          "class": "external-hidden",
          "on_arrival": "hide",
          "description": "What the host has connected to the port: terminal, file, socket."
        }
      ],
      "history": [
        {
          "version": 1,
          "description": "Forgot the receive timeout.",
          "undo": [{ "op": "remove", "path": "/sections/registers/subsections/receive_timeout" }]
        }
      ]
    }
    """#

  /// migstream.example/sound/surround-card
  static let soundSurroundCard = #"""
    {
      "format_version": 1,
      "model": "migstream.example/sound/surround-card",
      "description": "A PCI sound card with one stream out and one in. Both take and fill buffers in guest memory, listed by descriptors, and carry on in the middle of one after the card has moved. A stream without list or length does not start.",
      "version": 3,
      "clock": "virtual",
      "params": {
        "output-channels": {
          "type": "int",
          "init_value": 2,
          "off_value": 2,
          "allowed_values": [2, 6, 8],
          "description": "Channels of the stream out. Off: stereo. Definition 2."
        }
      },
      "versions": {
        "stereo": { "params": {}, "description": "Two channels." },
        "surround": { "params": { "output-channels": 6 }, "description": "Six channels." },
        "surround-8": { "params": { "output-channels": 8 }, "description": "Eight channels." }
      },
      "sections": [
        {
          "name": "pci",
          "description": "Configuration space, as far as the driver can change it.",
          "fields": [
            {
              "name": "command",
              "type": "flags16",
              "symbols": { "memory": 2, "bus_master": 4, "interrupt_disable": 1024 },
              "description": "Command register."
            },
            {
              "name": "interrupt_line",
              "type": "u8",
              "radix": 16,
              "description": "Scratch register: the number that firmware gave the interrupt."
            },
            {
              "name": "registers_at",
              "type": "guestAddress32",
              "radix": 16,
              "description": "Base of the 16 KiB register window."
            },
            {
              "name": "interrupt_level",
              "type": "bool",
              "class": "internal",
              "description": "The interrupt pin is asserted."
            }
          ]
        },
        {
          "name": "mixer",
          "description": "Volumes and switches.",
          "fields": [
            {
              "name": "out",
              "type": "u8",
              "count": { "param": "output-channels" },
              "range": [0, 127],
              "unit": "0.5 dB below full",
              "description": "Volume of each channel out, left first, in the order of the stream."
            },
            { "name": "out_muted", "type": "bool", "description": "Nothing is heard." },
            {
              "name": "in",
              "type": "u8",
              "count": 2,
              "range": [0, 127],
              "unit": "0.5 dB below full",
              "description": "Gain in, left and right."
            },
            { "name": "in_muted", "type": "bool", "description": "Silence is recorded." },
            {
              "name": "headphones",
              "type": "bool",
              "class": "external-migrated",
              "description": "The jack as the driver knows it: headphones are plugged."
            },
            {
              "name": "jack_event",
              "type": "bool",
              "description": "The driver has not read the jack since it last changed."
            }
          ]
        },
        {
          "name": "playback",
          "description": "The stream out; a frame has one sample of each channel out.",
          "after": ["pci"],
          "fields": [
            { "name": "running", "type": "bool", "description": "The driver has started the stream." },
            {
              "name": "descriptors_at",
              "type": "guestAddress64",
              "alignment": 128,
              "aliases": ["bdl"],
              "description": "Where the list of buffers lies: 16 octets each, address, length, flags."
            },
            {
              "name": "last_descriptor",
              "type": "u8",
              "unit": "descriptors",
              "description": "Last descriptor of the list, the first is 0; after it comes the first again."
            },
            { "name": "cyclic_length", "type": "u32", "unit": "octets", "description": "Octets of all buffers together." },
            {
              "name": "rate",
              "type": "enum32",
              "symbols": {
                "r8000": 8000,
                "r16000": 16000,
                "r32000": 32000,
                "r44100": 44100,
                "r48000": 48000,
                "r96000": 96000
              },
              "description": "Frames a second."
            },
            {
              "name": "sample_octets",
              "type": "u8",
              "range": [1, 4],
              "unit": "octets",
              "description": "Octets of one sample of one channel."
            },
            {
              "name": "interrupts",
              "type": "flags8",
              "symbols": { "buffer_done": 1, "fifo_error": 2, "descriptor_error": 4 },
              "description": "Reasons that may interrupt."
            },
            {
              "name": "causes",
              "type": "flags8",
              "symbols": { "buffer_done": 1, "fifo_error": 2, "descriptor_error": 4 },
              "description": "Reasons that the driver has not acknowledged."
            },
            {
              "name": "descriptor",
              "type": "u8",
              "class": "internal",
              "unit": "descriptors",
              "description": "Descriptor that is being played."
            },
            {
              "name": "descriptor_done",
              "type": "u32",
              "class": "internal",
              "unit": "octets",
              "description": "Octets of it that are done."
            },
            {
              "name": "sample_clock",
              "type": "u32",
              "until": 2,
              "unit": "frames",
              "description": "Frames since the start, modulo 2^32. Definition 3 has position in its place: this one came round after a day."
            },
            {
              "name": "position",
              "type": "u64",
              "since": 3,
              "default": 0,
              "unit": "frames",
              "description": "Frames since the start."
            },
            {
              "name": "next_frame",
              "type": "instant",
              "class": "internal",
              "description": "When the next frame is due; not set: the stream stands."
            },
            {
              "name": "fifo",
              "type": "countedBytes",
              "class": "internal",
              "range": [0, 4096],
              "description": "Octets taken from guest memory and not yet played."
            }
          ],
          "rules": [
            {
              "name": "running_has_list",
              "when": [{ "field": "running", "equals": 1 }],
              "then": [{ "field": "descriptors_at", "not_equals": 0 }, { "field": "cyclic_length", "at_least": 1 }],
              "description": "A stream that runs has a list of buffers."
            }
          ]
        },
        {
          "name": "capture",
          "description": "The stream in; a frame has two samples.",
          "after": ["pci"],
          "fields": [
            { "name": "running", "type": "bool", "description": "The driver has started the stream." },
            {
              "name": "descriptors_at",
              "type": "guestAddress64",
              "alignment": 128,
              "aliases": ["bdl"],
              "description": "Where the list of buffers lies: 16 octets each, address, length, flags."
            },
            {
              "name": "last_descriptor",
              "type": "u8",
              "unit": "descriptors",
              "description": "Last descriptor of the list, the first is 0; after it comes the first again."
            },
            { "name": "cyclic_length", "type": "u32", "unit": "octets", "description": "Octets of all buffers together." },
            {
              "name": "rate",
              "type": "enum32",
              "symbols": {
                "r8000": 8000,
                "r16000": 16000,
                "r32000": 32000,
                "r44100": 44100,
                "r48000": 48000,
                "r96000": 96000
              },
              "description": "Frames a second."
            },
            {
              "name": "sample_octets",
              "type": "u8",
              "range": [1, 4],
              "unit": "octets",
              "description": "Octets of one sample of one channel."
            },
            {
              "name": "interrupts",
              "type": "flags8",
              "symbols": { "buffer_done": 1, "fifo_error": 2, "descriptor_error": 4 },
              "description": "Reasons that may interrupt."
            },
            {
              "name": "causes",
              "type": "flags8",
              "symbols": { "buffer_done": 1, "fifo_error": 2, "descriptor_error": 4 },
              "description": "Reasons that the driver has not acknowledged."
            },
            {
              "name": "descriptor",
              "type": "u8",
              "class": "internal",
              "unit": "descriptors",
              "description": "Descriptor that is being filled."
            },
            {
              "name": "descriptor_done",
              "type": "u32",
              "class": "internal",
              "unit": "octets",
              "description": "Octets of it that are done."
            },
            {
              "name": "sample_clock",
              "type": "u32",
              "until": 2,
              "unit": "frames",
              "description": "Frames since the start, modulo 2^32. Definition 3 has position in its place: this one came round after a day."
            },
            {
              "name": "position",
              "type": "u64",
              "since": 3,
              "default": 0,
              "unit": "frames",
              "description": "Frames since the start."
            },
            {
              "name": "next_frame",
              "type": "instant",
              "class": "internal",
              "description": "When the next frame is due; not set: the stream stands."
            },
            {
              "name": "fifo",
              "type": "countedBytes",
              "class": "internal",
              "range": [0, 4096],
              "description": "Octets recorded and not yet in guest memory."
            }
          ],
          "rules": [
            {
              "name": "running_has_list",
              "when": [{ "field": "running", "equals": 1 }],
              "then": [{ "field": "descriptors_at", "not_equals": 0 }, { "field": "cyclic_length", "at_least": 1 }],
              "description": "A stream that runs has a list of buffers."
            }
          ],
          "subsections": [
            {
              "name": "levels",
              "description": "Peaks for a meter in the operator's window.",
              "since": 2,
              "mark": "skippable",
              "class": "internal",
              "fields": [
                {
                  "name": "left",
                  "type": "u16",
                  "unit": "1/65535 of full",
                  "description": "Highest sample since the last look."
                },
                {
                  "name": "right",
                  "type": "u16",
                  "unit": "1/65535 of full",
                  "description": "The same of the right channel."
                }
              ]
            }
          ]
        }
      ],
      "externals": [
        {
          "name": "jack",
          "class": "external-migrated",
          "on_arrival": "notify",
          "description": "Where the destination's jack differs, the driver is told as if it were plugged or pulled.",
          "field": "mixer/headphones"
        },
        {
          "name": "room",
          "class": "external-hidden",
          "on_arrival": "hide",
          "description": "The host's loudspeakers and microphone, their rate and number of channels: the card converts."
        }
      ],
      "history": [
        {
          "version": 2,
          "description": "Counted frames in 32 bits, and called the list of buffers bdl. Streams of definition 3 do not load there, with any parameters.",
          "undo": [
            { "op": "remove", "path": "/sections/playback/fields/position" },
            { "op": "remove", "path": "/sections/playback/fields/sample_clock/until" },
            {
              "op": "replace",
              "path": "/sections/playback/fields/sample_clock/description",
              "value": "Frames since the start, modulo 2^32."
            },
            {
              "op": "replace",
              "path": "/sections/playback/rules/running_has_list/then",
              "value": [{ "field": "bdl", "not_equals": 0 }, { "field": "cyclic_length", "at_least": 1 }]
            },
            { "op": "remove", "path": "/sections/playback/fields/descriptors_at/aliases" },
            { "op": "replace", "path": "/sections/playback/fields/descriptors_at/name", "value": "bdl" },
            { "op": "remove", "path": "/sections/capture/fields/position" },
            { "op": "remove", "path": "/sections/capture/fields/sample_clock/until" },
            {
              "op": "replace",
              "path": "/sections/capture/fields/sample_clock/description",
              "value": "Frames since the start, modulo 2^32."
            },
            {
              "op": "replace",
              "path": "/sections/capture/rules/running_has_list/then",
              "value": [{ "field": "bdl", "not_equals": 0 }, { "field": "cyclic_length", "at_least": 1 }]
            },
            { "op": "remove", "path": "/sections/capture/fields/descriptors_at/aliases" },
            { "op": "replace", "path": "/sections/capture/fields/descriptors_at/name", "value": "bdl" }
          ]
        },
        {
          "version": 1,
          "description": "Stereo only.",
          "undo": [
            { "op": "remove", "path": "/versions/surround" },
            { "op": "remove", "path": "/versions/surround-8" },
            { "op": "remove", "path": "/sections/capture/subsections" },
            { "op": "replace", "path": "/sections/mixer/fields/out/count", "value": 2 },
            { "op": "remove", "path": "/params/output-channels" }
          ]
        }
      ]
    }
    """#

  /// migstream.example/virtio/blk
  static let virtioBlk = #"""
    {
      "format_version": 1,
      "model": "migstream.example/virtio/blk",
      "description": "Block device of the virtio specification over PCI. It can be stopped with requests in flight: they travel, and the destination does what is left of them.",
      "version": 3,
      "clock": "virtual",
      "params": {
        "queue-size": {
          "type": "int",
          "init_value": 128,
          "off_value": 128,
          "allowed_values": [128, 256, 512, 1024],
          "description": "Most descriptors that a queue can have. The driver may take fewer."
        },
        "msix-vectors": {
          "type": "int",
          "init_value": 0,
          "off_value": 0,
          "allowed_values": ["0-2048"],
          "description": "Entries of the MSI-X table. Off: the device has the interrupt pin only."
        },
        "queues": {
          "type": "int",
          "init_value": 1,
          "off_value": 1,
          "allowed_values": ["1-256"],
          "description": "Request queues."
        },
        "cache-mode": {
          "type": "bool",
          "init_value": false,
          "off_value": false,
          "description": "The driver can switch the write cache."
        },
        "packed-ring": {
          "type": "bool",
          "init_value": false,
          "off_value": false,
          "description": "Queues may be packed. Definition 2."
        },
        "in-order": {
          "type": "bool",
          "init_value": false,
          "off_value": false,
          "description": "Buffers are used in the order in which they were made available. Definition 2."
        },
        "notification-data": {
          "type": "bool",
          "init_value": false,
          "off_value": false,
          "description": "Notifications say where the driver is. Definition 2."
        },
        "ring-reset": {
          "type": "bool",
          "init_value": false,
          "off_value": false,
          "description": "Single queues can be reset. Definition 2."
        },
        "discard": {
          "type": "bool",
          "init_value": false,
          "off_value": false,
          "description": "The driver can discard and zero ranges of sectors. Definition 2."
        }
      },
      "versions": {
        "1.0": { "params": { "msix-vectors": 2, "cache-mode": true }, "description": "One queue of 128." },
        "2.0": {
          "params": { "msix-vectors": 5, "queues": 4, "queue-size": 256, "cache-mode": true, "discard": true },
          "description": "Four queues, and discard."
        }
      },
      "sections": [
        {
          "name": "pci",
          "description": "Configuration space of the PCI function.",
          "fields": [
            {
              "name": "identity",
              "type": "structure",
              "fields": [
                { "name": "vendor_id", "type": "u16", "verify": "equal", "radix": 16, "description": "PCI vendor." },
                { "name": "device_id", "type": "u16", "verify": "equal", "radix": 16, "description": "PCI device." },
                {
                  "name": "subsystem_vendor_id",
                  "type": "u16",
                  "verify": "equal",
                  "radix": 16,
                  "description": "Subsystem vendor."
                },
                { "name": "subsystem_id", "type": "u16", "verify": "equal", "radix": 16, "description": "Subsystem." },
                { "name": "revision", "type": "u8", "verify": "equal", "radix": 16, "description": "Revision." },
                {
                  "name": "class_code",
                  "type": "u32",
                  "verify": "equal",
                  "radix": 16,
                  "description": "Class, subclass and programming interface, 24 bits."
                },
                {
                  "name": "capabilities",
                  "type": "structure",
                  "max_count": 48,
                  "fields": [
                    {
                      "name": "id",
                      "type": "u16",
                      "radix": 16,
                      "description": "Capability, from 0x8000 up the extended ones, counted from there."
                    },
                    {
                      "name": "at",
                      "type": "u16",
                      "range": [0, 4095],
                      "radix": 16,
                      "description": "Its octet in configuration space."
                    },
                    {
                      "name": "body",
                      "type": "countedBytes",
                      "range": [0, 256],
                      "description": "Its read-only octets; writable ones as zeros."
                    }
                  ],
                  "verify": "equal",
                  "description": "Where each capability stands; bases and lengths of the virtio structures included, since drivers keep them."
                }
              ],
              "class": "external-configured",
              "description": "What enumeration finds; the destination's function must be the same one."
            },
            {
              "name": "command",
              "type": "flags16",
              "symbols": {
                "io": 1,
                "memory": 2,
                "bus_master": 4,
                "parity_response": 64,
                "system_error": 256,
                "interrupt_disable": 1024
              },
              "description": "Command register."
            },
            {
              "name": "status",
              "type": "flags16",
              "symbols": {
                "parity_error": 256,
                "signalled_target_abort": 2048,
                "received_target_abort": 4096,
                "received_master_abort": 8192,
                "signalled_system_error": 16384,
                "detected_parity_error": 32768
              },
              "description": "Status register, bits that software clears."
            },
            { "name": "cache_line_size", "type": "u8", "unit": "32-bit words", "description": "Scratch register." },
            { "name": "latency_timer", "type": "u8", "unit": "PCI clocks", "description": "Scratch register." },
            {
              "name": "interrupt_line",
              "type": "u8",
              "radix": 16,
              "description": "Scratch register: the number that firmware gave the interrupt."
            },
            {
              "name": "interrupt_level",
              "type": "bool",
              "class": "internal",
              "description": "The interrupt pin is asserted."
            },
            {
              "name": "base_addresses",
              "type": "u32",
              "count": 6,
              "radix": 16,
              "description": "The six base address registers as they read, address and type bits."
            },
            {
              "name": "rom_base_address",
              "type": "u32",
              "radix": 16,
              "description": "Expansion ROM register as it reads."
            },
            {
              "name": "power_state",
              "type": "enum8",
              "symbols": { "d0": 0, "d1": 1, "d2": 2, "d3": 3 },
              "description": "Power management capability."
            },
            {
              "name": "express_device_control",
              "type": "u16",
              "radix": 16,
              "description": "PCI Express capability; 0 on a conventional bus."
            },
            { "name": "express_link_control", "type": "u16", "radix": 16, "description": "As above." },
            { "name": "express_device_control_2", "type": "u16", "radix": 16, "description": "As above." },
            {
              "name": "window",
              "type": "structure",
              "fields": [
                {
                  "name": "bar",
                  "type": "u8",
                  "unit": "1",
                  "description": "Base address register that the access goes to; what the driver wrote, also when there is none of this number."
                },
                { "name": "offset", "type": "u32", "radix": 16, "description": "Octet in it." },
                {
                  "name": "length",
                  "type": "u32",
                  "unit": "octets",
                  "description": "Octets of the access; what the driver wrote, also when it is none of 1, 2 and 4."
                },
                {
                  "name": "data",
                  "type": "u32",
                  "radix": 16,
                  "description": "The data register: what was last read or written through it, 0 before."
                }
              ],
              "description": "Access to the device through configuration space, a virtio capability: the part of it that the driver sets."
            }
          ]
        },
        {
          "name": "transport",
          "description": "Registers that every virtio device has, and its queues.",
          "after": ["pci"],
          "fields": [
            {
              "name": "device_features",
              "type": "flags64",
              "class": "external-configured",
              "verify": "superset",
              "symbols": {
                "size_max": 2,
                "segment_max": 4,
                "geometry": 16,
                "read_only": 32,
                "block_size": 64,
                "flush": 512,
                "topology": 1024,
                "cache_mode": { "value": 2048, "enabled_by": { "param": "cache-mode" } },
                "multiqueue": { "value": 4096, "enabled_by": { "param": "queues" } },
                "discard": { "value": 8192, "since": 2, "enabled_by": { "param": "discard" } },
                "write_zeroes": { "value": 16384, "since": 2, "enabled_by": { "param": "discard" } },
                "indirect_descriptors": 268435456,
                "event_index": 536870912,
                "version_1": 4294967296,
                "access_platform": 8589934592,
                "packed_ring": { "value": 17179869184, "since": 2, "enabled_by": { "param": "packed-ring" } },
                "in_order": { "value": 34359738368, "since": 2, "enabled_by": { "param": "in-order" } },
                "order_platform": 68719476736,
                "notification_data": { "value": 274877906944, "since": 2, "enabled_by": { "param": "notification-data" } },
                "ring_reset": { "value": 1099511627776, "since": 2, "enabled_by": { "param": "ring-reset" } }
              },
              "description": "Features offered; the destination must offer all of them."
            },
            {
              "name": "driver_features",
              "type": "flags64",
              "symbols": {
                "size_max": 2,
                "segment_max": 4,
                "geometry": 16,
                "read_only": 32,
                "block_size": 64,
                "flush": 512,
                "topology": 1024,
                "cache_mode": { "value": 2048, "enabled_by": { "param": "cache-mode" } },
                "multiqueue": { "value": 4096, "enabled_by": { "param": "queues" } },
                "discard": { "value": 8192, "since": 2, "enabled_by": { "param": "discard" } },
                "write_zeroes": { "value": 16384, "since": 2, "enabled_by": { "param": "discard" } },
                "indirect_descriptors": 268435456,
                "event_index": 536870912,
                "version_1": 4294967296,
                "access_platform": 8589934592,
                "packed_ring": { "value": 17179869184, "since": 2, "enabled_by": { "param": "packed-ring" } },
                "in_order": { "value": 34359738368, "since": 2, "enabled_by": { "param": "in-order" } },
                "order_platform": 68719476736,
                "notification_data": { "value": 274877906944, "since": 2, "enabled_by": { "param": "notification-data" } },
                "ring_reset": { "value": 1099511627776, "since": 2, "enabled_by": { "param": "ring-reset" } }
              },
              "description": "Features that the driver has accepted."
            },
            {
              "name": "status",
              "type": "flags8",
              "symbols": {
                "acknowledge": 1,
                "driver": 2,
                "driver_ok": 4,
                "features_ok": 8,
                "needs_reset": {
                  "value": 64,
                  "description": "The device gave up: it looks at no queue until it is reset."
                },
                "failed": 128
              },
              "description": "Device status."
            },
            {
              "name": "interrupt_status",
              "type": "flags8",
              "symbols": { "queue": 1, "configuration": 2 },
              "description": "Read by drivers that use the pin."
            },
            {
              "name": "configuration_generation",
              "type": "u8",
              "unit": "changes modulo 256",
              "description": "Changes whenever the configuration of the device does."
            },
            {
              "name": "device_feature_select",
              "type": "u32",
              "unit": "1",
              "description": "Which 32 bits of the offered features the driver reads."
            },
            {
              "name": "driver_feature_select",
              "type": "u32",
              "unit": "1",
              "description": "Which 32 bits of the accepted features it writes."
            },
            {
              "name": "queue_select",
              "type": "u16",
              "unit": "1",
              "description": "Queue whose registers are in the window."
            },
            {
              "name": "msix_enabled",
              "type": "bool",
              "enabled_by": { "param": "msix-vectors" },
              "description": "Messages are sent; the pin stays low."
            },
            {
              "name": "msix_masked",
              "type": "bool",
              "enabled_by": { "param": "msix-vectors" },
              "description": "All vectors are masked."
            },
            {
              "name": "vectors",
              "type": "structure",
              "count": { "param": "msix-vectors" },
              "fields": [
                { "name": "address", "type": "guestAddress64", "description": "Where the message is written." },
                { "name": "data", "type": "u32", "radix": 16, "description": "What is written." },
                { "name": "masked", "type": "bool", "description": "The vector is masked." },
                {
                  "name": "pending",
                  "type": "bool",
                  "description": "A message was held back and is due when the mask falls."
                }
              ],
              "enabled_by": { "param": "msix-vectors" },
              "description": "Table of messages, in order of vectors."
            },
            {
              "name": "configuration_vector",
              "type": "optional",
              "fields": [{ "name": "number", "type": "index16", "ref": "vectors", "description": "Which of the vectors." }],
              "enabled_by": { "param": "msix-vectors" },
              "description": "Interrupt of configuration changes; absent: none."
            },
            {
              "name": "queues",
              "type": "structure",
              "max_count": { "param": "queues" },
              "fields": [
                {
                  "name": "number",
                  "type": "u16",
                  "range": [0, { "param": "queues", "plus": -1 }],
                  "unique": true,
                  "description": "Which queue."
                },
                {
                  "name": "size",
                  "type": "u16",
                  "range": [1, { "param": "queue-size" }],
                  "unit": "descriptors",
                  "description": "Descriptors of the ring, as set up by the driver. The device takes no other numbers."
                },
                {
                  "name": "enabled",
                  "type": "bool",
                  "description": "The driver has switched the queue on. The device does so only when the areas are set and aligned."
                },
                {
                  "name": "vector",
                  "type": "optional",
                  "fields": [
                    { "name": "number", "type": "index16", "ref": "vectors", "description": "Which of the vectors." }
                  ],
                  "enabled_by": { "param": "msix-vectors" },
                  "description": "Interrupt of the queue; absent: none."
                },
                {
                  "name": "descriptor_area",
                  "type": "guestAddress64",
                  "description": "Descriptor table, or the ring of a packed queue."
                },
                {
                  "name": "driver_area",
                  "type": "guestAddress64",
                  "description": "Available ring, or driver event suppression."
                },
                {
                  "name": "device_area",
                  "type": "guestAddress64",
                  "description": "Used ring, or device event suppression."
                },
                {
                  "name": "notify_offset",
                  "type": "u16",
                  "class": "external-configured",
                  "verify": "equal",
                  "unit": "steps",
                  "description": "Where the driver notifies, in steps of the capability's multiplier."
                },
                {
                  "name": "next_available",
                  "type": "u16",
                  "class": "internal",
                  "unit": "chains",
                  "description": "Split ring: how many chains the device has taken, modulo 65536. Packed ring: position of the next one."
                },
                {
                  "name": "next_used",
                  "type": "u16",
                  "class": "internal",
                  "unit": "chains",
                  "description": "Split ring: how many chains it has given back, modulo 65536. Packed ring: position of the next one."
                },
                {
                  "name": "notified",
                  "type": "bool",
                  "class": "internal",
                  "description": "The driver has notified, and the device has not looked at the queue since."
                },
                {
                  "name": "chains_taken",
                  "type": "u16",
                  "class": "internal",
                  "range": [0, { "param": "queue-size" }],
                  "unit": "chains",
                  "description": "Chains that were taken and not given back; next_available counts them. Those that the device starts again are named in a subsection."
                },
                {
                  "name": "available_wrap",
                  "type": "bool",
                  "class": "internal",
                  "since": 2,
                  "enabled_by": { "param": "packed-ring" },
                  "description": "Packed ring: wrap counter of next_available."
                },
                {
                  "name": "used_wrap",
                  "type": "bool",
                  "class": "internal",
                  "since": 2,
                  "enabled_by": { "param": "packed-ring" },
                  "description": "Packed ring: wrap counter of next_used."
                }
              ],
              "rules": [
                {
                  "name": "enabled_has_areas",
                  "when": [{ "field": "enabled", "equals": 1 }],
                  "then": [
                    { "field": "descriptor_area", "not_equals": 0 },
                    { "field": "driver_area", "not_equals": 0 },
                    { "field": "device_area", "not_equals": 0 },
                    { "field": "descriptor_area", "no_bits": 15 },
                    { "field": "driver_area", "no_bits": 1 },
                    { "field": "device_area", "no_bits": 3 }
                  ],
                  "description": "A queue that is on has its three areas, aligned as its rings want them."
                },
                {
                  "name": "idle_queue_holds_nothing",
                  "when": [{ "field": "enabled", "equals": 0 }],
                  "then": [{ "field": "chains_taken", "equals": 0 }],
                  "description": "A queue that is off has taken nothing."
                }
              ],
              "description": "Queues that exist, in order of their numbers."
            }
          ]
        },
        {
          "name": "configuration",
          "description": "What the driver reads of the device.",
          "after": ["transport"],
          "fields": [
            {
              "name": "capacity",
              "type": "u64",
              "class": "external-configured",
              "verify": "equal",
              "unit": "sectors of 512 octets",
              "description": "Size of the medium."
            },
            {
              "name": "id",
              "type": "bytes20",
              "class": "external-configured",
              "verify": "equal",
              "description": "Answer to get_id, zero padded."
            },
            {
              "name": "segment_size_max",
              "type": "u32",
              "class": "external-configured",
              "verify": "equal",
              "unit": "octets",
              "description": "Most octets of a segment."
            },
            {
              "name": "segments_max",
              "type": "u32",
              "class": "external-configured",
              "verify": "equal",
              "unit": "segments",
              "description": "Most segments of a request."
            },
            {
              "name": "block_size",
              "type": "u32",
              "class": "external-configured",
              "verify": "equal",
              "range": [512, 65536],
              "unit": "octets",
              "description": "Block of the medium."
            },
            {
              "name": "physical_block_log2",
              "type": "u8",
              "class": "external-configured",
              "verify": "equal",
              "unit": "1",
              "description": "Logical blocks of a physical one, as power of two."
            },
            {
              "name": "write_cache",
              "type": "bool",
              "enabled_by": { "param": "cache-mode" },
              "description": "Writes are finished before they are on the medium; a flush puts them there."
            },
            {
              "name": "discard_sectors_max",
              "type": "u32",
              "class": "external-configured",
              "verify": "equal",
              "since": 2,
              "enabled_by": { "param": "discard" },
              "unit": "sectors of 512 octets",
              "description": "Most sectors of one discard."
            },
            {
              "name": "discard_alignment",
              "type": "u32",
              "class": "external-configured",
              "verify": "equal",
              "since": 2,
              "enabled_by": { "param": "discard" },
              "unit": "sectors of 512 octets",
              "description": "Sectors to which discards are aligned."
            },
            {
              "name": "write_zeroes_sectors_max",
              "type": "u32",
              "class": "external-configured",
              "verify": "equal",
              "since": 2,
              "enabled_by": { "param": "discard" },
              "unit": "sectors of 512 octets",
              "description": "Most sectors zeroed at once."
            }
          ]
        },
        {
          "name": "requests",
          "description": "Requests that were taken from the queues and not given back; all other writes were finished, on the medium or in its cache, before the device stopped.",
          "after": ["transport"],
          "class": "internal",
          "fields": [
            {
              "name": "next_tag",
              "type": "u64",
              "above": "in_flight/tag",
              "description": "Tag of the next request that is taken."
            },
            {
              "name": "in_flight",
              "type": "structure",
              "max_count": { "param": "queue-size", "times": 16 },
              "fields": [
                {
                  "name": "tag",
                  "type": "u64",
                  "range": [1, 18446744073709551614],
                  "unique": true,
                  "description": "Number of the request since the device was reset, from 1."
                },
                {
                  "name": "queue",
                  "type": "u16",
                  "range": [0, { "param": "queues", "plus": -1 }],
                  "unit": "1",
                  "description": "Queue that it came from and goes back to."
                },
                {
                  "name": "head",
                  "type": "u16",
                  "unit": "1",
                  "description": "First descriptor of its chain (split ring) or buffer id (packed ring); addresses are read again from guest memory."
                },
                {
                  "name": "kind",
                  "type": "enum32",
                  "symbols": {
                    "read": 0,
                    "write": 1,
                    "flush": 4,
                    "get_id": 8,
                    "discard": { "value": 11, "since": 2, "enabled_by": { "param": "discard" } },
                    "write_zeroes": { "value": 13, "since": 2, "enabled_by": { "param": "discard" } }
                  },
                  "description": "What is to be done."
                },
                {
                  "name": "sector",
                  "type": "u64",
                  "unit": "sectors of 512 octets",
                  "description": "First sector; 0 for kinds without."
                },
                { "name": "length", "type": "u32", "unit": "octets", "description": "All octets of the request." },
                {
                  "name": "done",
                  "type": "u32",
                  "unit": "octets",
                  "description": "Octets from its beginning that are finished and need not be done again."
                },
                {
                  "name": "waits_for",
                  "type": "u64",
                  "in": "in_flight/tag",
                  "none": 0,
                  "acyclic": true,
                  "description": "Tag of an overlapping request that has to be finished first; 0: none."
                },
                {
                  "name": "held",
                  "type": "bool",
                  "description": "The host could not do it (full, or failed) and an operator is asked; nobody tries it before he answers."
                }
              ],
              "rules": [
                {
                  "name": "flush_has_no_data",
                  "when": [{ "field": "kind", "equals": 4 }],
                  "then": [{ "field": "length", "equals": 0 }, { "field": "done", "equals": 0 }],
                  "description": "A flush covers no octets."
                }
              ],
              "description": "In the order in which they were taken."
            }
          ],
          "subsections": [
            {
              "name": "statistics",
              "description": "Totals for the host's operator. No driver can read them.",
              "since": 3,
              "mark": "skippable",
              "class": "internal",
              "fields": [
                { "name": "reads", "type": "u64", "unit": "requests", "description": "Finished reads." },
                { "name": "writes", "type": "u64", "unit": "requests", "description": "Finished writes." },
                { "name": "octets_read", "type": "u64", "unit": "octets", "description": "Octets of finished reads." },
                { "name": "octets_written", "type": "u64", "unit": "octets", "description": "Octets of finished writes." }
              ]
            }
          ]
        }
      ],
      "externals": [
        {
          "name": "medium",
          "class": "external-reread",
          "on_arrival": "refuse",
          "description": "The octets of the disk. Both sides use the same medium, or a copy that was finished before the device runs; size and identity are verified."
        }
      ],
      "history": [
        {
          "version": 2,
          "description": "Before statistics.",
          "undo": [{ "op": "remove", "path": "/sections/requests/subsections" }]
        },
        {
          "version": 1,
          "description": "Before packed rings, use in order, resets of queues, and discard.",
          "undo": [
            { "op": "remove", "path": "/versions/2.0" },
            { "op": "remove", "path": "/sections/transport/fields/queues/fields/available_wrap" },
            { "op": "remove", "path": "/sections/transport/fields/queues/fields/used_wrap" },
            { "op": "remove", "path": "/sections/configuration/fields/discard_sectors_max" },
            { "op": "remove", "path": "/sections/configuration/fields/discard_alignment" },
            { "op": "remove", "path": "/sections/configuration/fields/write_zeroes_sectors_max" },
            { "op": "remove", "path": "/sections/requests/fields/in_flight/fields/kind/symbols/discard" },
            { "op": "remove", "path": "/sections/requests/fields/in_flight/fields/kind/symbols/write_zeroes" },
            { "op": "remove", "path": "/sections/transport/fields/device_features/symbols/packed_ring" },
            { "op": "remove", "path": "/sections/transport/fields/device_features/symbols/in_order" },
            { "op": "remove", "path": "/sections/transport/fields/device_features/symbols/notification_data" },
            { "op": "remove", "path": "/sections/transport/fields/device_features/symbols/ring_reset" },
            { "op": "remove", "path": "/sections/transport/fields/device_features/symbols/discard" },
            { "op": "remove", "path": "/sections/transport/fields/device_features/symbols/write_zeroes" },
            { "op": "remove", "path": "/sections/transport/fields/driver_features/symbols/packed_ring" },
            { "op": "remove", "path": "/sections/transport/fields/driver_features/symbols/in_order" },
            { "op": "remove", "path": "/sections/transport/fields/driver_features/symbols/notification_data" },
            { "op": "remove", "path": "/sections/transport/fields/driver_features/symbols/ring_reset" },
            { "op": "remove", "path": "/sections/transport/fields/driver_features/symbols/discard" },
            { "op": "remove", "path": "/sections/transport/fields/driver_features/symbols/write_zeroes" },
            { "op": "remove", "path": "/params/discard" },
            { "op": "remove", "path": "/params/ring-reset" },
            { "op": "remove", "path": "/params/notification-data" },
            { "op": "remove", "path": "/params/in-order" },
            { "op": "remove", "path": "/params/packed-ring" }
          ]
        }
      ]
    }
    """#
}
