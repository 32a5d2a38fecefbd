// A device of C++ is saved by one version of itself and loaded by another. Field tables need C++20, migstream.hpp does
// not.
//
//     c++ -std=c++20 device.cpp $(pkg-config --cflags --libs migstream)
#include "migstream.hpp"

#include <cstdio>

// ======   Two versions of one device: what a VMM has in its tree years apart   ======

namespace v1 {
struct uart {
    std::uint16_t divisor;
    std::uint8_t line_control;
    std::uint32_t num_received;
    std::uint8_t received[16];
};

MGS_TABLES_BEGIN
const mgs_field fields[] = {
    MGS_U16(uart, divisor, MGS_RANGE(1, 65535)),
    MGS_U8(uart, line_control, .radix = 2),
    MGS_COUNTED(uart, received, U8, .unit = "octets"),
};
const mgs_layout layout = MGS_LAYOUT("registers", uart, fields);
const mgs_section sections[] = { MGS_SECTION("registers", layout) };
const mgs_model model = MGS_MODEL("example/uart", uart, sections, .version = 1);
MGS_TABLES_END
} // namespace v1

// The trigger is new: where an older stream lacks it, it is 14, and an older reader does without. A timeout that is due
// must not get lost, and is sent only when there is one: an older reader takes all other streams. The overruns may.
namespace v2 {
struct uart {
    std::uint16_t divisor;
    std::uint8_t line_control;
    std::uint32_t num_received;
    std::uint8_t received[16];
    std::uint8_t trigger;
    std::uint64_t timeout_due; // 0: none
    std::uint32_t overruns;
};

bool has_timeout(const void *state) { return static_cast<const uart *>(state)->timeout_due != 0; }
bool has_overruns(const void *state) { return static_cast<const uart *>(state)->overruns != 0; }

MGS_TABLES_BEGIN
const mgs_field fields[] = {
    MGS_U16(uart, divisor, MGS_RANGE(1, 65535)),
    MGS_U8(uart, line_control, .radix = 2),
    MGS_COUNTED(uart, received, U8, .unit = "octets"),
    MGS_U8(uart, trigger, .mark = MGS_SKIPPABLE, .since = 2, MGS_RANGE(1, 14), MGS_PRESET(14)),
};
const mgs_layout layout = MGS_LAYOUT("registers", uart, fields);
const mgs_field timeout_fields[] = { MGS_INSTANT(uart, timeout_due, .clock = MGS_CLOCK_VIRTUAL, MGS_PRESET(0)) };
const mgs_layout timeout_layout = MGS_LAYOUT("timeout", uart, timeout_fields);
const mgs_field overruns_fields[] = { MGS_U32(uart, overruns, MGS_PRESET(0)) };
const mgs_layout overruns_layout = MGS_LAYOUT("overruns", uart, overruns_fields);
const mgs_section subsections[] = {
    MGS_SUBSECTION("timeout", timeout_layout, has_timeout),
    MGS_SUBSECTION("overruns", overruns_layout, has_overruns, .mark = MGS_SKIPPABLE),
};
const mgs_section sections[] = { MGS_SECTION("registers", layout, .version = 2, MGS_SUBSECTIONS(subsections)) };
const mgs_model model = MGS_MODEL("example/uart", uart, sections, .version = 2);
MGS_TABLES_END
} // namespace v2

// ======   Saving and loading   ======

namespace {

void tell(void *, std::uint32_t level, const mgs_error *what, const char *text)
{
    if (level == MGS_LOG_NOTICE && what->expected <= MGS_EVENT_SUBSECTION_SKIPPED)
        std::printf("  stepped over: %s\n", text);
}

template <typename State> migstream::manifest manifest(const mgs_model &model, State &uart)
{
    auto topology = migstream::sized<mgs_topology>();
    topology.producer = migstream::text("cpp-device");
    auto config = migstream::sized<mgs_config>();
    config.log = tell;
    migstream::manifest made(&topology, &config);
    made.add("uart", model, uart);
    return made;
}

int failures = 0;

/// Saves with one version, loads with the other. `expected`: 0, or the code of a refusal.
template <typename From, typename To>
void migrate(const char *what, const mgs_model &from, From &source, const mgs_model &to, To &target, int expected)
{
    std::printf("%s\n", what);
    int code = 0;
    try {
        const auto stream = manifest(from, source).encode();
        manifest(to, target).decode(stream);
        std::printf("  version %u to version %u, %zu octets: divisor %u, %u received\n", from.version, to.version,
            stream.size(), target.divisor, target.num_received);
    } catch (const migstream::error &refusal) {
        std::printf("  refused: %s\n", refusal.what());
        code = refusal.code();
    }
    if (code != expected) {
        std::printf("  that was not expected\n");
        failures++;
    }
}

} // namespace

int main()
{
    v1::uart old { 12, 3, 2, { 'o', 'k' } };
    v2::uart newer { 9, 0, 0, {}, 1, 77, 1 };
    migrate("A newer device reads an older stream", v1::model, old, v2::model, newer, 0);
    failures += newer.trigger != 14 || newer.timeout_due != 0 || newer.overruns != 0;
    newer.overruns = 5;
    migrate("An older one steps over a subsection that may be skipped", v2::model, newer, v1::model, old, 0);
    newer.timeout_due = 1000;
    newer.divisor = 99;
    migrate("It refuses one that is required, and is as before", v2::model, newer, v1::model, old,
        MGS_ERROR_UNKNOWN_REQUIRED);
    failures += old.divisor != 12;
    v2::uart other {};
    migrate("A newer device takes all of it", v2::model, newer, v2::model, other, 0);
    failures += other.timeout_due != 1000 || other.overruns != 5;
    newer.divisor = 0;
    migrate("No version takes a divisor of 0", v2::model, newer, v2::model, other, MGS_ERROR_VALUE_OUT_OF_RANGE);
    return failures != 0;
}
