/* State of migstream.example/sample/vendor-card, definition 1.
 * A card whose state only its vendor's driver understands: the driver stands behind a pipe and gives
 * and takes octets of its own. What everybody can read is what decides whether two cards fit, and the
 * part of configuration space that the guest's driver changes.
 * Parameters: pages=4.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_VENDOR_CARD_H
#define MGS_GENERATED_VENDOR_CARD_H

#include "migstream_fields.h"

/* What the guest's driver finds, and what the vendor's driver is. */
struct vendor_card_identity {
    /* PCI vendor. */
    uint16_t vendor_id;
    /* PCI device. */
    uint16_t device_id;
    /* Driver that wrote the byte string; a later one can read it. */
    uint32_t driver_version;
};

#define VENDOR_CARD_PCI_COMMAND_MEMORY 2
#define VENDOR_CARD_PCI_COMMAND_BUS_MASTER 4
#define VENDOR_CARD_PCI_COMMAND_INTERRUPT_DISABLE 1024

/* Configuration space, as far as the guest's driver can change it. */
struct vendor_card_pci {
    /* Command register. */
    uint16_t command;
    /* Base of the register window. */
    uint64_t registers_at;
    /* The interrupt pin is asserted. */
    bool interrupt_level;
};

/* What the card knows of its memory without the driver; both must agree. */
struct vendor_card_memory {
    /* How often each page was written to since the last reset, modulo 2^32. */
    uint32_t writes[4];
};

struct vendor_card_state {
    struct vendor_card_identity identity;
    struct vendor_card_pci pci;
    struct vendor_card_memory memory;
};

MGS_TABLES_BEGIN

static const struct mgs_field vendor_card_identity_fields[] = {
    MGS_U16(struct vendor_card_identity, vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct vendor_card_identity, device_id, .verify = true, .radix = 16),
    MGS_U32(struct vendor_card_identity, driver_version, .unit = "1"),
};
static const struct mgs_layout vendor_card_identity_layout = MGS_LAYOUT("identity", struct vendor_card_identity, vendor_card_identity_fields);

static const struct mgs_symbol vendor_card_pci_command_symbols[] = {
    { VENDOR_CARD_PCI_COMMAND_MEMORY, "memory" },
    { VENDOR_CARD_PCI_COMMAND_BUS_MASTER, "bus_master" },
    { VENDOR_CARD_PCI_COMMAND_INTERRUPT_DISABLE, "interrupt_disable" },
};
static const struct mgs_field vendor_card_pci_fields[] = {
    MGS_FLAGS16(struct vendor_card_pci, command, MGS_SYMBOLS(vendor_card_pci_command_symbols)),
    MGS_ADDRESS64(struct vendor_card_pci, registers_at, .alignment_log2 = 12),
    MGS_BOOL(struct vendor_card_pci, interrupt_level),
};
static const struct mgs_layout vendor_card_pci_layout = MGS_LAYOUT("pci", struct vendor_card_pci, vendor_card_pci_fields);

static const struct mgs_field vendor_card_memory_fields[] = {
    MGS_ARRAY(struct vendor_card_memory, writes, U32, .unit = "writes"),
};
static const struct mgs_layout vendor_card_memory_layout = MGS_LAYOUT("memory", struct vendor_card_memory, vendor_card_memory_fields);

static const struct mgs_section vendor_card_sections[] = {
    MGS_SECTION_MEMBER("identity", struct vendor_card_state, identity, vendor_card_identity_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("pci", struct vendor_card_state, pci, vendor_card_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("memory", struct vendor_card_state, memory, vendor_card_memory_layout, .version = 1, .version_min = 1),
};

static const struct mgs_model vendor_card_model = MGS_MODEL("migstream.example/sample/vendor-card", struct vendor_card_state, vendor_card_sections, .version = 1, .version_min = 1);

MGS_TABLES_END

#endif
