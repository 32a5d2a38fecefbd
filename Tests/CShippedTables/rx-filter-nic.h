/* State of migstream.example/net/rx-filter-nic, definition 4.
 * A PCI network card with one receive and one transmit ring of descriptors in guest memory, one
 * interrupt, and a filter for the addresses it receives. Small enough to be read whole, real enough to
 * be run. Low bits of addresses that the alignment covers are wired to 0, head and tail are taken
 * modulo the ring's size, and a ring that lies nowhere does not start: so no driver brings the card
 * into a state that a reader refuses.
 * Parameters: ring-size=256, link-speed=1000, rx-filter-size=0, interrupt-moderation=off.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_RX_FILTER_NIC_H
#define MGS_GENERATED_RX_FILTER_NIC_H

#include "migstream_fields.h"

/* What the driver finds when it looks for the card. */
struct rx_filter_nic_identity {
    /* PCI vendor. */
    uint16_t vendor_id;
    /* PCI device. */
    uint16_t device_id;
    /* PCI revision. A newer card does all that an older one does. */
    uint8_t revision;
    /* Address that the card was made with; a reset takes it up again. */
    uint8_t permanent_mac[6];
};

/* The card answers in its register window. */
#define RX_FILTER_NIC_PCI_COMMAND_MEMORY 2
/* The card may read and write guest memory. */
#define RX_FILTER_NIC_PCI_COMMAND_BUS_MASTER 4
/* The interrupt pin stays low. */
#define RX_FILTER_NIC_PCI_COMMAND_INTERRUPT_DISABLE 1024

struct rx_filter_nic_pci_msi {
    /* Messages are sent; the pin stays low. */
    bool enabled;
    /* The message is held back. */
    bool masked;
    /* A message was held back and is due when the mask falls. */
    bool pending;
    /* Where the message is written. */
    uint64_t address;
    /* What is written. */
    uint16_t data;
};

/* Configuration space, as far as the driver can change it. */
struct rx_filter_nic_pci {
    /* Command register. */
    uint16_t command;
    /* Scratch register: the number that firmware gave the interrupt. */
    uint8_t interrupt_line;
    /* Scratch register. */
    uint8_t cache_line_size;
    /* Base of the 4 KiB register window, all ones while firmware asks for its size. */
    uint32_t registers_at;
    /* The interrupt pin is asserted. */
    bool interrupt_level;
    /* Message signalled interrupt. */
    struct rx_filter_nic_pci_msi msi;
};

/* A frame was put into guest memory. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_RECEIVE 1
/* A frame was sent. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_TRANSMIT 2
/* The link went up or down. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_LINK 4
/* A frame was dropped: no free descriptor. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_RECEIVE_FULL 8
/* A descriptor or ring address could not be used. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_ERROR 16

/* A frame was put into guest memory. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_RECEIVE 1
/* A frame was sent. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_TRANSMIT 2
/* The link went up or down. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_LINK 4
/* A frame was dropped: no free descriptor. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_RECEIVE_FULL 8
/* A descriptor or ring address could not be used. */
#define RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_ERROR 16

/* Registers of the card as a whole. */
struct rx_filter_nic_control {
    /* Address in use; the driver may have changed it. */
    uint8_t mac[6];
    /* What is sent is received by the card itself and does not go out. */
    bool loopback;
    /* Causes that the driver has not acknowledged. */
    uint32_t interrupt_cause;
    /* Causes that may interrupt. */
    uint32_t interrupt_mask;
    /* The link as the driver knows it. */
    bool link_up;
};

#define RX_FILTER_NIC_RECEIVE_ACCEPT_BROADCAST 1
#define RX_FILTER_NIC_RECEIVE_ACCEPT_ALL_MULTICAST 2
/* Everything. */
#define RX_FILTER_NIC_RECEIVE_ACCEPT_PROMISCUOUS 4

struct rx_filter_nic_receive_waiting {
    /* The frame without its checksum. */
    uint32_t num_frame;
    uint8_t *frame;
};

/* Receive ring and what waits for it. */
struct rx_filter_nic_receive {
    /* The driver has switched the receive ring on. */
    bool running;
    /* Where the ring's first descriptor lies. A descriptor has 16 octets. */
    uint64_t ring;
    /* Next descriptor that the card fills. A frame lies in one; the card does not stop within it. */
    uint16_t head;
    /* First descriptor that belongs to the driver. Equal to head: the device has none. */
    uint16_t tail;
    /* What is received besides the card's own address. */
    uint8_t accept;
    /* Frames that came from the wire and are not yet in guest memory, oldest first. */
    uint32_t num_waiting;
    struct rx_filter_nic_receive_waiting waiting[16];
};

/* Start of the unfinished frame. Cards of definitions 1 and 2 read it from guest memory again, where */
/* the driver may have put other octets: so an old card must refuse it, and gets every stream in which */
/* no frame is unfinished. */
struct rx_filter_nic_gathered {
    /* What the taken descriptors held. */
    uint32_t num_octets;
    uint8_t *octets;
};

/* Transmit ring and the frame being gathered from it. */
struct rx_filter_nic_transmit {
    /* The driver has switched the transmit ring on. */
    bool running;
    /* Where the ring's first descriptor lies. A descriptor has 16 octets. */
    uint64_t ring;
    /* Next descriptor that the card sends. */
    uint16_t head;
    /* First descriptor that belongs to the driver. Equal to head: the device has none. */
    uint16_t tail;
    /* Descriptors of an unfinished frame that the card has taken: a frame may lie in up to 17 of them, and */
    /* the card can be stopped in between. Head is behind them. */
    uint8_t taken;
    bool has_gathered;
    struct rx_filter_nic_gathered gathered;
};

/* Totals for the host's operator. No driver can read them. */
struct rx_filter_nic_statistics {
    /* Frames put into guest memory. */
    uint64_t received;
    /* Frames put on the wire. */
    uint64_t sent;
    /* Frames that no filter let in. */
    uint64_t filtered;
    /* Frames for which no descriptor was free. */
    uint64_t dropped;
};

struct rx_filter_nic_state {
    struct rx_filter_nic_identity identity;
    struct rx_filter_nic_pci pci;
    struct rx_filter_nic_control control;
    struct rx_filter_nic_receive receive;
    struct rx_filter_nic_transmit transmit;
    struct rx_filter_nic_statistics statistics;
};

MGS_TABLES_BEGIN

static const struct mgs_field rx_filter_nic_identity_fields[] = {
    MGS_U16(struct rx_filter_nic_identity, vendor_id, .verify = true, .radix = 16),
    MGS_U16(struct rx_filter_nic_identity, device_id, .verify = true, .radix = 16),
    MGS_U8(struct rx_filter_nic_identity, revision, .unit = "1"),
    MGS_MAC(struct rx_filter_nic_identity, permanent_mac, .verify = true),
};
static const struct mgs_layout rx_filter_nic_identity_layout = MGS_LAYOUT("identity", struct rx_filter_nic_identity, rx_filter_nic_identity_fields);

static const struct mgs_symbol rx_filter_nic_pci_command_symbols[] = {
    { RX_FILTER_NIC_PCI_COMMAND_MEMORY, "memory" },
    { RX_FILTER_NIC_PCI_COMMAND_BUS_MASTER, "bus_master" },
    { RX_FILTER_NIC_PCI_COMMAND_INTERRUPT_DISABLE, "interrupt_disable" },
};
static const struct mgs_field rx_filter_nic_pci_msi_fields[] = {
    MGS_BOOL(struct rx_filter_nic_pci_msi, enabled),
    MGS_BOOL(struct rx_filter_nic_pci_msi, masked),
    MGS_BOOL(struct rx_filter_nic_pci_msi, pending),
    MGS_ADDRESS64(struct rx_filter_nic_pci_msi, address, .alignment_log2 = 2),
    MGS_U16(struct rx_filter_nic_pci_msi, data, .radix = 16),
};
static const struct mgs_layout rx_filter_nic_pci_msi_layout = MGS_LAYOUT("msi", struct rx_filter_nic_pci_msi, rx_filter_nic_pci_msi_fields);

static const struct mgs_field rx_filter_nic_pci_fields[] = {
    MGS_FLAGS16(struct rx_filter_nic_pci, command, MGS_SYMBOLS(rx_filter_nic_pci_command_symbols)),
    MGS_U8(struct rx_filter_nic_pci, interrupt_line, .radix = 16),
    MGS_U8(struct rx_filter_nic_pci, cache_line_size, .unit = "32-bit words"),
    MGS_ADDRESS32(struct rx_filter_nic_pci, registers_at, .radix = 16),
    MGS_BOOL(struct rx_filter_nic_pci, interrupt_level),
    MGS_STRUCT(struct rx_filter_nic_pci, msi, rx_filter_nic_pci_msi_layout),
};
static const struct mgs_layout rx_filter_nic_pci_layout = MGS_LAYOUT("pci", struct rx_filter_nic_pci, rx_filter_nic_pci_fields);

static const struct mgs_symbol rx_filter_nic_control_interrupt_cause_symbols[] = {
    { RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_RECEIVE, "receive" },
    { RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_TRANSMIT, "transmit" },
    { RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_LINK, "link" },
    { RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_RECEIVE_FULL, "receive_full" },
    { RX_FILTER_NIC_CONTROL_INTERRUPT_CAUSE_ERROR, "error" },
};
static const struct mgs_symbol rx_filter_nic_control_interrupt_mask_symbols[] = {
    { RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_RECEIVE, "receive" },
    { RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_TRANSMIT, "transmit" },
    { RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_LINK, "link" },
    { RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_RECEIVE_FULL, "receive_full" },
    { RX_FILTER_NIC_CONTROL_INTERRUPT_MASK_ERROR, "error" },
};
static const struct mgs_field rx_filter_nic_control_fields[] = {
    MGS_MAC(struct rx_filter_nic_control, mac),
    MGS_BOOL(struct rx_filter_nic_control, loopback),
    MGS_FLAGS32(struct rx_filter_nic_control, interrupt_cause, MGS_SYMBOLS(rx_filter_nic_control_interrupt_cause_symbols)),
    MGS_FLAGS32(struct rx_filter_nic_control, interrupt_mask, MGS_SYMBOLS(rx_filter_nic_control_interrupt_mask_symbols)),
    MGS_BOOL(struct rx_filter_nic_control, link_up),
};
static const struct mgs_layout rx_filter_nic_control_layout = MGS_LAYOUT("control", struct rx_filter_nic_control, rx_filter_nic_control_fields);

static const struct mgs_symbol rx_filter_nic_receive_accept_symbols[] = {
    { RX_FILTER_NIC_RECEIVE_ACCEPT_BROADCAST, "broadcast" },
    { RX_FILTER_NIC_RECEIVE_ACCEPT_ALL_MULTICAST, "all_multicast" },
    { RX_FILTER_NIC_RECEIVE_ACCEPT_PROMISCUOUS, "promiscuous" },
};
static const struct mgs_field rx_filter_nic_receive_waiting_fields[] = {
    MGS_COUNTED_BYTES_POINTER(struct rx_filter_nic_receive_waiting, frame, MGS_RANGE(14, 9216)),
};
static const struct mgs_layout rx_filter_nic_receive_waiting_layout = MGS_LAYOUT("waiting", struct rx_filter_nic_receive_waiting, rx_filter_nic_receive_waiting_fields);

static const struct mgs_field rx_filter_nic_receive_fields[] = {
    MGS_BOOL(struct rx_filter_nic_receive, running),
    MGS_ADDRESS64(struct rx_filter_nic_receive, ring, .alignment_log2 = 4),
    MGS_U16(struct rx_filter_nic_receive, head, .unit = "descriptors", MGS_RANGE(0, 255)),
    MGS_U16(struct rx_filter_nic_receive, tail, .unit = "descriptors", MGS_RANGE(0, 255)),
    MGS_FLAGS8(struct rx_filter_nic_receive, accept, MGS_SYMBOLS(rx_filter_nic_receive_accept_symbols)),
    MGS_STRUCT_COUNTED(struct rx_filter_nic_receive, waiting, rx_filter_nic_receive_waiting_layout),
};
static const struct mgs_layout rx_filter_nic_receive_layout = MGS_LAYOUT("receive", struct rx_filter_nic_receive, rx_filter_nic_receive_fields);

static const struct mgs_field rx_filter_nic_gathered_fields[] = {
    MGS_COUNTED_BYTES_POINTER(struct rx_filter_nic_gathered, octets, MGS_RANGE(1, 9216)),
};
static const struct mgs_layout rx_filter_nic_gathered_layout = MGS_LAYOUT("gathered", struct rx_filter_nic_gathered, rx_filter_nic_gathered_fields);

static const struct mgs_field rx_filter_nic_transmit_fields[] = {
    MGS_BOOL(struct rx_filter_nic_transmit, running),
    MGS_ADDRESS64(struct rx_filter_nic_transmit, ring, .alignment_log2 = 4),
    MGS_U16(struct rx_filter_nic_transmit, head, .unit = "descriptors", MGS_RANGE(0, 255)),
    MGS_U16(struct rx_filter_nic_transmit, tail, .unit = "descriptors", MGS_RANGE(0, 255)),
    MGS_U8(struct rx_filter_nic_transmit, taken, .unit = "descriptors", MGS_RANGE(0, 16)),
};
static const struct mgs_layout rx_filter_nic_transmit_layout = MGS_LAYOUT("transmit", struct rx_filter_nic_transmit, rx_filter_nic_transmit_fields);

static const struct mgs_section rx_filter_nic_transmit_subsections[] = {
    MGS_SUBSECTION_MEMBER("gathered", struct rx_filter_nic_transmit, gathered, has_gathered, rx_filter_nic_gathered_layout, .version = 3, .version_min = 3, .since = 3),
};

static const struct mgs_field rx_filter_nic_statistics_fields[] = {
    MGS_U64(struct rx_filter_nic_statistics, received, .unit = "frames"),
    MGS_U64(struct rx_filter_nic_statistics, sent, .unit = "frames"),
    MGS_U64(struct rx_filter_nic_statistics, filtered, .unit = "frames"),
    MGS_U64(struct rx_filter_nic_statistics, dropped, .unit = "frames"),
};
static const struct mgs_layout rx_filter_nic_statistics_layout = MGS_LAYOUT("statistics", struct rx_filter_nic_statistics, rx_filter_nic_statistics_fields);

static const struct mgs_section rx_filter_nic_sections[] = {
    MGS_SECTION_MEMBER("identity", struct rx_filter_nic_state, identity, rx_filter_nic_identity_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("pci", struct rx_filter_nic_state, pci, rx_filter_nic_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("control", struct rx_filter_nic_state, control, rx_filter_nic_control_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("receive", struct rx_filter_nic_state, receive, rx_filter_nic_receive_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("transmit", struct rx_filter_nic_state, transmit, rx_filter_nic_transmit_layout, .version = 1, .version_min = 1, MGS_SUBSECTIONS(rx_filter_nic_transmit_subsections)),
    MGS_SECTION_MEMBER("statistics", struct rx_filter_nic_state, statistics, rx_filter_nic_statistics_layout, .mark = MGS_SKIPPABLE, .version = 3, .version_min = 3, .since = 3),
};

static const struct mgs_model rx_filter_nic_model = MGS_MODEL("migstream.example/net/rx-filter-nic", struct rx_filter_nic_state, rx_filter_nic_sections, .version = 4, .version_min = 1);

MGS_TABLES_END

#endif
