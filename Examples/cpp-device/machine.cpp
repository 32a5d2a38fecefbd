// A machine with some memory is saved and resumed in C++17: well, from a damaged stream, and with callbacks that throw.
//
//     c++ -std=c++17 machine.cpp $(pkg-config --cflags --libs migstream)
#include "migstream.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace {

#define CHECK(condition) \
    do { \
        if (!(condition)) { \
            std::printf("line %d: %s\n", __LINE__, #condition); \
            failures++; \
        } \
    } while (0)
int failures = 0;

struct refusal : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One unsigned number of 8 octets, at most 1000: Specs/20-layouts.md section 3.
std::vector<unsigned char> counter_layout()
{
    std::vector<unsigned char> layout(104);
    const std::pair<std::size_t, unsigned char> octets[] = {
        { 0, 1 }, { 8, 12 }, { 12, 8 }, { 16, 7 },                       // fields, text, block, name
        { 24, 1 }, { 26, 1 }, { 27, 2 }, { 28, 8 }, { 40, 5 },           // unsigned, required, range, width, name
        { 64, 0xe8 }, { 65, 3 },                                         // highest
    };
    for (const auto &[place, value] : octets)
        layout[place] = value;
    std::memcpy(&layout[88], "countercount", 12);
    return layout;
}

constexpr std::size_t ram_size = 8192;

/// A counter, some memory, and the function that throws.
class counter final : public migstream::devices {
public:
    std::uint64_t count = 0;
    std::vector<unsigned char> ram = std::vector<unsigned char>(ram_size, 0xff);
    std::string throwing;
    unsigned resets = 0;

    void check(std::uint32_t, const mgs_piece &piece) override
    {
        step("check");
        if (piece.data.size != sizeof arrived_)
            throw refusal("another size");
        std::memcpy(&arrived_, piece.data.octets, sizeof arrived_);
    }
    std::pair<void *, std::size_t> target(std::uint32_t, std::uint64_t offset, std::size_t size) override
    {
        step("target");
        return { &ram.at(offset), std::min(size, ram.size() - offset) };
    }
    void clear(std::uint32_t, std::uint64_t offset, std::uint64_t length) override
    {
        step("clear");
        std::memset(&ram.at(offset), 0, length);
    }
    void prepare(std::uint32_t) override { step("prepare"); }
    void commit(std::uint32_t) override
    {
        step("commit");
        count = arrived_;
    }
    void reset(std::uint32_t) noexcept override
    {
        resets++;
        count = 0;
        std::memset(ram.data(), 0, ram.size());
    }

private:
    void step(const char *name) const
    {
        if (throwing == name)
            throw refusal(name);
    }

    std::uint64_t arrived_ = 0;
};

migstream::manifest manifest()
{
    auto topology = migstream::sized<mgs_topology>();
    topology.producer = migstream::text("cpp-device");
    topology.architecture = migstream::text("x86_64");
    migstream::manifest made(&topology);
    auto ram = migstream::sized<mgs_region>();
    ram.name = migstream::text("ram");
    ram.length = ram_size;
    ram.owner = MGS_NO_DEVICE;
    made.add(ram);
    auto device = migstream::sized<mgs_device>();
    device.path = migstream::text("counter");
    device.model = migstream::text("example/counter");
    device.version = device.version_min = 1;
    made.add(device);
    made.add_layout(counter_layout());
    auto section = migstream::sized<mgs_announcement>();
    section.name = migstream::text("state");
    section.version = section.version_min = 1;
    made.add_section(section);
    return made;
}

std::vector<unsigned char> save(std::uint64_t count, migstream::view ram)
{
    std::vector<unsigned char> stream;
    migstream::encoder encoder(manifest(), [&](const mgs_octets *pieces, std::size_t num_pieces) {
        for (std::size_t i = 0; i < num_pieces; i++) {
            const migstream::view piece(pieces[i]);
            stream.insert(stream.end(), piece.begin(), piece.end());
        }
    });
    encoder.memory(0, 0, ram);
    encoder.section(0, 0, migstream::view(&count, sizeof count));
    encoder.end();
    return stream;
}

/// The code with which something is refused; 0: it is not.
template <typename Body> int code(Body &&body)
{
    try {
        body();
        return 0;
    } catch (const migstream::error &why) {
        return why.code();
    }
}

template <typename Body> std::string what(Body &&body)
{
    try {
        body();
        return "nothing";
    } catch (const refusal &why) {
        return why.what();
    }
}

struct counts final : migstream::handler {
    std::uint64_t records = 0, octets = 0;
    bool throws = false;

    void record(const mgs_record &) override { records++; }
    void payload(migstream::view octets_now, std::uint64_t) override
    {
        if (throws)
            throw refusal("payload");
        octets += octets_now.size();
    }
};

void test_decoder(const std::vector<unsigned char> &stream)
{
    counts seen;
    migstream::push_decoder decoder(seen);
    for (migstream::view rest = stream; rest.size() > 0; rest = rest.without_first(7))
        decoder.push(rest.first(7));
    CHECK(decoder.finish().num_records == seen.records && seen.octets == 4096);

    counts thrower;
    thrower.throws = true;
    migstream::push_decoder failing(thrower);
    CHECK(what([&] { failing.push(stream); }) == "payload");
    CHECK(code([&] { failing.push(stream); }) == MGS_ERROR_CALLBACK_FAILED);
}

void test_damage(const std::vector<unsigned char> &stream)
{
    for (std::size_t place = 0; place < stream.size(); place += 5) {
        auto damaged = stream;
        damaged[place] ^= 0x20;
        counter target;
        migstream::machine machine(manifest(), target);
        try {
            machine.resume(damaged, 512);
            CHECK(!"damage is taken");
        } catch (const migstream::error &why) {
            CHECK(why.offset() <= stream.size());
        }
        CHECK(target.count == 0 && machine.state(0) == MGS_STATE_ERROR);
    }
    CHECK(code([&] { migstream::verify(migstream::view(stream).first(stream.size() - 1)); }) == MGS_ERROR_TRUNCATED);
}

void test_throwing(const std::vector<unsigned char> &stream, const std::vector<unsigned char> &ram)
{
    for (const char *name : { "check", "target", "clear", "prepare", "commit" }) {
        counter target;
        target.throwing = name;
        migstream::machine machine(manifest(), target);
        CHECK(what([&] { machine.resume(stream, 100); }) == name);
        CHECK(target.count == 0 && machine.state(0) == MGS_STATE_ERROR);
        target.throwing.clear();
        machine.reset();
        CHECK(target.resets == 1 && machine.state(0) == MGS_STATE_RUNNING);
        machine.resume(stream);
        CHECK(target.count == 999 && target.ram == ram);
    }
    std::size_t calls = 0;
    migstream::encoder encoder(manifest(), [&](const mgs_octets *, std::size_t) {
        if (++calls == 4)
            throw refusal("writer");
    });
    CHECK(what([&] { encoder.memory(0, 0, ram); }) == "writer");
    CHECK(code([&] { encoder.memory(0, 0, ram); }) == MGS_ERROR_CALLBACK_FAILED);
}

} // namespace

int main()
{
    std::vector<unsigned char> ram(ram_size, 0);
    std::memset(ram.data(), 0x5a, 4096);
    const auto stream = save(999, ram);
    counter target;
    migstream::machine machine(manifest(), target);
    machine.resume(stream, 100);
    CHECK(target.count == 999 && target.ram == ram && machine.state(0) == MGS_STATE_RUNNING);
    test_decoder(stream);
    test_damage(stream);
    test_throwing(stream, ram);
    if (failures == 0)
        std::printf("libmigstream %s: resumed; damage and exceptions were refused\n", mgs_version_string());
    return failures != 0;
}
