/* State of migstream.example/sound/surround-card, definition 3.
 * A PCI sound card with one stream out and one in. Both take and fill buffers in guest memory, listed
 * by descriptors, and carry on in the middle of one after the card has moved. A stream without list or
 * length does not start.
 * Parameters: output-channels=2.
 * Written by streamtool model layout --c; not to be edited. */
#ifndef MGS_GENERATED_SURROUND_CARD_H
#define MGS_GENERATED_SURROUND_CARD_H

#include "migstream_fields.h"

#define SURROUND_CARD_PCI_COMMAND_MEMORY 2
#define SURROUND_CARD_PCI_COMMAND_BUS_MASTER 4
#define SURROUND_CARD_PCI_COMMAND_INTERRUPT_DISABLE 1024

/* Configuration space, as far as the driver can change it. */
struct surround_card_pci {
    /* Command register. */
    uint16_t command;
    /* Scratch register: the number that firmware gave the interrupt. */
    uint8_t interrupt_line;
    /* Base of the 16 KiB register window. */
    uint32_t registers_at;
    /* The interrupt pin is asserted. */
    bool interrupt_level;
};

/* Volumes and switches. */
struct surround_card_mixer {
    /* Volume of each channel out, left first, in the order of the stream. */
    uint8_t out[2];
    /* Nothing is heard. */
    bool out_muted;
    /* Gain in, left and right. */
    uint8_t in[2];
    /* Silence is recorded. */
    bool in_muted;
    /* The jack as the driver knows it: headphones are plugged. */
    bool headphones;
    /* The driver has not read the jack since it last changed. */
    bool jack_event;
};

#define SURROUND_CARD_PLAYBACK_RATE_R8000 8000
#define SURROUND_CARD_PLAYBACK_RATE_R16000 16000
#define SURROUND_CARD_PLAYBACK_RATE_R32000 32000
#define SURROUND_CARD_PLAYBACK_RATE_R44100 44100
#define SURROUND_CARD_PLAYBACK_RATE_R48000 48000
#define SURROUND_CARD_PLAYBACK_RATE_R96000 96000

#define SURROUND_CARD_PLAYBACK_INTERRUPTS_BUFFER_DONE 1
#define SURROUND_CARD_PLAYBACK_INTERRUPTS_FIFO_ERROR 2
#define SURROUND_CARD_PLAYBACK_INTERRUPTS_DESCRIPTOR_ERROR 4

#define SURROUND_CARD_PLAYBACK_CAUSES_BUFFER_DONE 1
#define SURROUND_CARD_PLAYBACK_CAUSES_FIFO_ERROR 2
#define SURROUND_CARD_PLAYBACK_CAUSES_DESCRIPTOR_ERROR 4

/* The stream out; a frame has one sample of each channel out. */
struct surround_card_playback {
    /* The driver has started the stream. */
    bool running;
    /* Where the list of buffers lies: 16 octets each, address, length, flags. */
    uint64_t descriptors_at;
    /* Last descriptor of the list, the first is 0; after it comes the first again. */
    uint8_t last_descriptor;
    /* Octets of all buffers together. */
    uint32_t cyclic_length;
    /* Frames a second. */
    uint32_t rate;
    /* Octets of one sample of one channel. */
    uint8_t sample_octets;
    /* Reasons that may interrupt. */
    uint8_t interrupts;
    /* Reasons that the driver has not acknowledged. */
    uint8_t causes;
    /* Descriptor that is being played. */
    uint8_t descriptor;
    /* Octets of it that are done. */
    uint32_t descriptor_done;
    /* Frames since the start, modulo 2^32. Definition 3 has position in its place: this one came round */
    /* after a day. */
    uint32_t sample_clock;
    /* Frames since the start. */
    uint64_t position;
    /* When the next frame is due; not set: the stream stands. */
    uint64_t next_frame;
    /* Octets taken from guest memory and not yet played. */
    uint32_t num_fifo;
    uint8_t fifo[4096];
};

/* Peaks for a meter in the operator's window. */
struct surround_card_levels {
    /* Highest sample since the last look. */
    uint16_t left;
    /* The same of the right channel. */
    uint16_t right;
};

#define SURROUND_CARD_CAPTURE_RATE_R8000 8000
#define SURROUND_CARD_CAPTURE_RATE_R16000 16000
#define SURROUND_CARD_CAPTURE_RATE_R32000 32000
#define SURROUND_CARD_CAPTURE_RATE_R44100 44100
#define SURROUND_CARD_CAPTURE_RATE_R48000 48000
#define SURROUND_CARD_CAPTURE_RATE_R96000 96000

#define SURROUND_CARD_CAPTURE_INTERRUPTS_BUFFER_DONE 1
#define SURROUND_CARD_CAPTURE_INTERRUPTS_FIFO_ERROR 2
#define SURROUND_CARD_CAPTURE_INTERRUPTS_DESCRIPTOR_ERROR 4

#define SURROUND_CARD_CAPTURE_CAUSES_BUFFER_DONE 1
#define SURROUND_CARD_CAPTURE_CAUSES_FIFO_ERROR 2
#define SURROUND_CARD_CAPTURE_CAUSES_DESCRIPTOR_ERROR 4

/* The stream in; a frame has two samples. */
struct surround_card_capture {
    /* The driver has started the stream. */
    bool running;
    /* Where the list of buffers lies: 16 octets each, address, length, flags. */
    uint64_t descriptors_at;
    /* Last descriptor of the list, the first is 0; after it comes the first again. */
    uint8_t last_descriptor;
    /* Octets of all buffers together. */
    uint32_t cyclic_length;
    /* Frames a second. */
    uint32_t rate;
    /* Octets of one sample of one channel. */
    uint8_t sample_octets;
    /* Reasons that may interrupt. */
    uint8_t interrupts;
    /* Reasons that the driver has not acknowledged. */
    uint8_t causes;
    /* Descriptor that is being filled. */
    uint8_t descriptor;
    /* Octets of it that are done. */
    uint32_t descriptor_done;
    /* Frames since the start, modulo 2^32. Definition 3 has position in its place: this one came round */
    /* after a day. */
    uint32_t sample_clock;
    /* Frames since the start. */
    uint64_t position;
    /* When the next frame is due; not set: the stream stands. */
    uint64_t next_frame;
    /* Octets recorded and not yet in guest memory. */
    uint32_t num_fifo;
    uint8_t fifo[4096];
    bool has_levels;
    struct surround_card_levels levels;
};

struct surround_card_state {
    struct surround_card_pci pci;
    struct surround_card_mixer mixer;
    struct surround_card_playback playback;
    struct surround_card_capture capture;
};

MGS_TABLES_BEGIN

static const struct mgs_symbol surround_card_pci_command_symbols[] = {
    { SURROUND_CARD_PCI_COMMAND_MEMORY, "memory" },
    { SURROUND_CARD_PCI_COMMAND_BUS_MASTER, "bus_master" },
    { SURROUND_CARD_PCI_COMMAND_INTERRUPT_DISABLE, "interrupt_disable" },
};
static const struct mgs_field surround_card_pci_fields[] = {
    MGS_FLAGS16(struct surround_card_pci, command, MGS_SYMBOLS(surround_card_pci_command_symbols)),
    MGS_U8(struct surround_card_pci, interrupt_line, .radix = 16),
    MGS_ADDRESS32(struct surround_card_pci, registers_at, .radix = 16),
    MGS_BOOL(struct surround_card_pci, interrupt_level),
};
static const struct mgs_layout surround_card_pci_layout = MGS_LAYOUT("pci", struct surround_card_pci, surround_card_pci_fields);

static const struct mgs_field surround_card_mixer_fields[] = {
    MGS_ARRAY(struct surround_card_mixer, out, U8, .unit = "0.5 dB below full", MGS_RANGE(0, 127)),
    MGS_BOOL(struct surround_card_mixer, out_muted),
    MGS_ARRAY(struct surround_card_mixer, in, U8, .unit = "0.5 dB below full", MGS_RANGE(0, 127)),
    MGS_BOOL(struct surround_card_mixer, in_muted),
    MGS_BOOL(struct surround_card_mixer, headphones),
    MGS_BOOL(struct surround_card_mixer, jack_event),
};
static const struct mgs_layout surround_card_mixer_layout = MGS_LAYOUT("mixer", struct surround_card_mixer, surround_card_mixer_fields);

static const struct mgs_symbol surround_card_playback_rate_symbols[] = {
    { SURROUND_CARD_PLAYBACK_RATE_R8000, "r8000" },
    { SURROUND_CARD_PLAYBACK_RATE_R16000, "r16000" },
    { SURROUND_CARD_PLAYBACK_RATE_R32000, "r32000" },
    { SURROUND_CARD_PLAYBACK_RATE_R44100, "r44100" },
    { SURROUND_CARD_PLAYBACK_RATE_R48000, "r48000" },
    { SURROUND_CARD_PLAYBACK_RATE_R96000, "r96000" },
};
static const struct mgs_symbol surround_card_playback_interrupts_symbols[] = {
    { SURROUND_CARD_PLAYBACK_INTERRUPTS_BUFFER_DONE, "buffer_done" },
    { SURROUND_CARD_PLAYBACK_INTERRUPTS_FIFO_ERROR, "fifo_error" },
    { SURROUND_CARD_PLAYBACK_INTERRUPTS_DESCRIPTOR_ERROR, "descriptor_error" },
};
static const struct mgs_symbol surround_card_playback_causes_symbols[] = {
    { SURROUND_CARD_PLAYBACK_CAUSES_BUFFER_DONE, "buffer_done" },
    { SURROUND_CARD_PLAYBACK_CAUSES_FIFO_ERROR, "fifo_error" },
    { SURROUND_CARD_PLAYBACK_CAUSES_DESCRIPTOR_ERROR, "descriptor_error" },
};
static const struct mgs_field surround_card_playback_fields[] = {
    MGS_BOOL(struct surround_card_playback, running),
    MGS_ADDRESS64(struct surround_card_playback, descriptors_at, .alignment_log2 = 7),
    MGS_U8(struct surround_card_playback, last_descriptor, .unit = "descriptors"),
    MGS_U32(struct surround_card_playback, cyclic_length, .unit = "octets"),
    MGS_ENUM32(struct surround_card_playback, rate, MGS_SYMBOLS(surround_card_playback_rate_symbols)),
    MGS_U8(struct surround_card_playback, sample_octets, .unit = "octets", MGS_RANGE(1, 4)),
    MGS_FLAGS8(struct surround_card_playback, interrupts, MGS_SYMBOLS(surround_card_playback_interrupts_symbols)),
    MGS_FLAGS8(struct surround_card_playback, causes, MGS_SYMBOLS(surround_card_playback_causes_symbols)),
    MGS_U8(struct surround_card_playback, descriptor, .unit = "descriptors"),
    MGS_U32(struct surround_card_playback, descriptor_done, .unit = "octets"),
    MGS_U32(struct surround_card_playback, sample_clock, .until = 2, .unit = "frames"),
    MGS_U64(struct surround_card_playback, position, .since = 3, .unit = "frames", MGS_PRESET(0)),
    MGS_INSTANT(struct surround_card_playback, next_frame, .clock = MGS_CLOCK_VIRTUAL),
    MGS_COUNTED_BYTES(struct surround_card_playback, fifo, MGS_RANGE(0, 4096)),
};
static const struct mgs_layout surround_card_playback_layout = MGS_LAYOUT("playback", struct surround_card_playback, surround_card_playback_fields);

static const struct mgs_field surround_card_levels_fields[] = {
    MGS_U16(struct surround_card_levels, left, .unit = "1/65535 of full"),
    MGS_U16(struct surround_card_levels, right, .unit = "1/65535 of full"),
};
static const struct mgs_layout surround_card_levels_layout = MGS_LAYOUT("levels", struct surround_card_levels, surround_card_levels_fields);

static const struct mgs_symbol surround_card_capture_rate_symbols[] = {
    { SURROUND_CARD_CAPTURE_RATE_R8000, "r8000" },
    { SURROUND_CARD_CAPTURE_RATE_R16000, "r16000" },
    { SURROUND_CARD_CAPTURE_RATE_R32000, "r32000" },
    { SURROUND_CARD_CAPTURE_RATE_R44100, "r44100" },
    { SURROUND_CARD_CAPTURE_RATE_R48000, "r48000" },
    { SURROUND_CARD_CAPTURE_RATE_R96000, "r96000" },
};
static const struct mgs_symbol surround_card_capture_interrupts_symbols[] = {
    { SURROUND_CARD_CAPTURE_INTERRUPTS_BUFFER_DONE, "buffer_done" },
    { SURROUND_CARD_CAPTURE_INTERRUPTS_FIFO_ERROR, "fifo_error" },
    { SURROUND_CARD_CAPTURE_INTERRUPTS_DESCRIPTOR_ERROR, "descriptor_error" },
};
static const struct mgs_symbol surround_card_capture_causes_symbols[] = {
    { SURROUND_CARD_CAPTURE_CAUSES_BUFFER_DONE, "buffer_done" },
    { SURROUND_CARD_CAPTURE_CAUSES_FIFO_ERROR, "fifo_error" },
    { SURROUND_CARD_CAPTURE_CAUSES_DESCRIPTOR_ERROR, "descriptor_error" },
};
static const struct mgs_field surround_card_capture_fields[] = {
    MGS_BOOL(struct surround_card_capture, running),
    MGS_ADDRESS64(struct surround_card_capture, descriptors_at, .alignment_log2 = 7),
    MGS_U8(struct surround_card_capture, last_descriptor, .unit = "descriptors"),
    MGS_U32(struct surround_card_capture, cyclic_length, .unit = "octets"),
    MGS_ENUM32(struct surround_card_capture, rate, MGS_SYMBOLS(surround_card_capture_rate_symbols)),
    MGS_U8(struct surround_card_capture, sample_octets, .unit = "octets", MGS_RANGE(1, 4)),
    MGS_FLAGS8(struct surround_card_capture, interrupts, MGS_SYMBOLS(surround_card_capture_interrupts_symbols)),
    MGS_FLAGS8(struct surround_card_capture, causes, MGS_SYMBOLS(surround_card_capture_causes_symbols)),
    MGS_U8(struct surround_card_capture, descriptor, .unit = "descriptors"),
    MGS_U32(struct surround_card_capture, descriptor_done, .unit = "octets"),
    MGS_U32(struct surround_card_capture, sample_clock, .until = 2, .unit = "frames"),
    MGS_U64(struct surround_card_capture, position, .since = 3, .unit = "frames", MGS_PRESET(0)),
    MGS_INSTANT(struct surround_card_capture, next_frame, .clock = MGS_CLOCK_VIRTUAL),
    MGS_COUNTED_BYTES(struct surround_card_capture, fifo, MGS_RANGE(0, 4096)),
};
static const struct mgs_layout surround_card_capture_layout = MGS_LAYOUT("capture", struct surround_card_capture, surround_card_capture_fields);

static const struct mgs_section surround_card_capture_subsections[] = {
    MGS_SUBSECTION_MEMBER("levels", struct surround_card_capture, levels, has_levels, surround_card_levels_layout, .mark = MGS_SKIPPABLE, .version = 2, .version_min = 2, .since = 2),
};

static const struct mgs_section surround_card_sections[] = {
    MGS_SECTION_MEMBER("pci", struct surround_card_state, pci, surround_card_pci_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("mixer", struct surround_card_state, mixer, surround_card_mixer_layout, .version = 1, .version_min = 1),
    MGS_SECTION_MEMBER("playback", struct surround_card_state, playback, surround_card_playback_layout, .version = 3, .version_min = 3),
    MGS_SECTION_MEMBER("capture", struct surround_card_state, capture, surround_card_capture_layout, .version = 3, .version_min = 3, MGS_SUBSECTIONS(surround_card_capture_subsections)),
};

static const struct mgs_model surround_card_model = MGS_MODEL("migstream.example/sound/surround-card", struct surround_card_state, surround_card_sections, .version = 3, .version_min = 1);

MGS_TABLES_END

#endif
