// migstream.hpp - libmigstream for C++17: handles that free themselves, statuses as exceptions, octets as views
//
// An exception in a callback never crosses C: it is kept, the library is told that the callback failed, and the call that
// called back throws it again. A view is valid as long as migstream.h says of its octets.
#ifndef MIGSTREAM_HPP
#define MIGSTREAM_HPP

#include <migstream.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace migstream {

// ======   Octets and errors   ======

/// Octets that somebody else owns.
class view {
public:
    view() = default;
    view(const void *octets, std::size_t size) : octets_(static_cast<const unsigned char *>(octets)), size_(size) {}
    view(const std::vector<unsigned char> &octets) : view(octets.data(), octets.size()) {}
    view(const mgs_octets &octets) : view(octets.octets, octets.size) {}

    const unsigned char *data() const noexcept { return octets_; }
    std::size_t size() const noexcept { return size_; }
    const unsigned char *begin() const noexcept { return octets_; }
    const unsigned char *end() const noexcept { return size_ == 0 ? octets_ : octets_ + size_; }
    view first(std::size_t size) const { return view(octets_, size < size_ ? size : size_); }
    view without_first(std::size_t size) const { return size < size_ ? view(octets_ + size, size_ - size) : view(); }

private:
    const unsigned char *octets_ = nullptr;
    std::size_t size_ = 0;
};

/// Why a call was refused, and at which octet.
class error : public std::runtime_error {
public:
    explicit error(const mgs_error &why) : std::runtime_error(text(why)), why_(why) {}

    int code() const noexcept { return why_.code; }
    std::uint64_t offset() const noexcept { return why_.offset; }
    const mgs_error &details() const noexcept { return why_; }

private:
    static std::string text(const mgs_error &why)
    {
        char line[256];
        mgs_error_text(&why, line, sizeof line);
        return line;
    }

    mgs_error why_;
};

/// Makes a call, which is given where to tell why it is refused.
template <typename Call> int call(Call &&made)
{
    mgs_error why{};
    const int status = made(&why);
    if (status < 0)
        throw error(why);
    return status;
}

/// A struct with its size in front.
template <typename Struct> Struct sized()
{
    Struct made{};
    made.size = sizeof(Struct);
    return made;
}

inline mgs_text text(std::string_view text) { return { text.data(), text.size() }; }

/// Frees what it holds.
template <typename Handle, int (*Free)(Handle *)> struct frees {
    void operator()(Handle *handle) const noexcept { Free(handle); }
};
template <typename Handle, int (*Free)(Handle *)> using owned = std::unique_ptr<Handle, frees<Handle, Free>>;

/// What callbacks threw.
class thrown {
public:
    /// Runs what a callback does, and returns what C is told.
    template <typename Body> int keep(Body &&body) noexcept
    {
        try {
            body();
            return 0;
        } catch (...) {
            what_ = std::current_exception();
            return failed;
        }
    }

    /// Makes a call, and throws what its callbacks threw.
    template <typename Call> int call(Call &&made)
    {
        what_ = nullptr;
        mgs_error why{};
        const int status = made(&why);
        if (what_)
            std::rethrow_exception(std::exchange(what_, nullptr));
        if (status < 0)
            throw error(why);
        return status;
    }

    /// To devices it means that nothing has changed.
    static constexpr int failed = 1;

private:
    std::exception_ptr what_;
};

/// The context of C's callbacks: whose functions they call, and what these threw.
template <typename Who> struct called {
    Who &who;
    thrown kept;

    template <typename Body> static int ask(void *context, Body &&body) noexcept
    {
        auto &self = *static_cast<called *>(context);
        return self.kept.keep([&] { body(self.who); });
    }
};

// ======   Manifest   ======

/// What a machine, or one device, is. What is added by reference lives as long as it, and what was made of it.
class manifest {
public:
    explicit manifest(const mgs_topology *topology = nullptr, const mgs_config *config = nullptr)
    {
        mgs_manifest *made = nullptr;
        call([&](mgs_error *why) { return mgs_manifest_new(&made, topology, config, why); });
        handle_.reset(made);
    }

    unsigned add(const mgs_region &region)
    {
        return number([&](mgs_error *why) { return mgs_manifest_add_region(get(), &region, why); });
    }
    unsigned add(const mgs_device &device)
    {
        return number([&](mgs_error *why) { return mgs_manifest_add_device(get(), &device, why); });
    }
    unsigned add_layout(view canonical)
    {
        return number(
            [&](mgs_error *why) { return mgs_manifest_add_layout(get(), canonical.data(), canonical.size(), why); });
    }
    unsigned add_section(const mgs_announcement &section)
    {
        return number([&](mgs_error *why) { return mgs_manifest_add_section(get(), &section, why); });
    }
    /// A device whose state lies in a struct, as a field table says.
    template <typename State> unsigned add(std::string_view path, const mgs_model &model, State &state)
    {
        if (model.size != sizeof(State))
            throw std::invalid_argument("the table is about another struct");
        auto device = sized<mgs_device>();
        device.path = text(path);
        return number([&](mgs_error *why) { return mgs_manifest_add_struct(get(), &device, &model, &state, why); });
    }

    /// Saves the one device whose state lies in a struct.
    std::vector<unsigned char> encode()
    {
        std::vector<unsigned char> stream(4096);
        for (;;) {
            mgs_error why{};
            std::size_t size = 0;
            const int status = mgs_encode_struct(get(), nullptr, stream.data(), stream.size(), &size, &why);
            if (status == 0) {
                stream.resize(size);
                return stream;
            }
            if (status != -MGS_ERROR_TARGET_TOO_SMALL || why.expected <= stream.size())
                throw error(why);
            stream.resize(why.expected);
        }
    }
    /// Loads it. Returns the octets of the stream. When it is refused the struct is as before.
    std::size_t decode(view stream)
    {
        std::size_t taken = 0;
        call([&](mgs_error *why) { return mgs_decode_struct(get(), stream.data(), stream.size(), &taken, why); });
        return taken;
    }

    mgs_manifest *get() const noexcept { return handle_.get(); }

private:
    template <typename Call> static unsigned number(Call &&made) { return static_cast<unsigned>(call(made)); }

    owned<mgs_manifest, mgs_manifest_free> handle_;
};

// ======   Streams   ======

/// Checks a stream that lies in memory as a whole.
inline mgs_summary verify(view stream, std::uint32_t tier = MGS_TIER_DEEP)
{
    auto summary = sized<mgs_summary>();
    call([&](mgs_error *why) { return mgs_verify(stream.data(), stream.size(), tier, &summary, nullptr, why); });
    return summary;
}

/// Writes a stream: gather lists to a function, which may throw.
class encoder {
public:
    using writer = std::function<void(const mgs_octets *pieces, std::size_t num_pieces)>;

    encoder(const manifest &machine, writer write, const mgs_config *config = nullptr)
        : output_(std::make_unique<output>())
    {
        output_->write = std::move(write);
        const auto options = sized<mgs_stream_options>();
        mgs_encoder *made = nullptr;
        output_->kept.call([&](mgs_error *why) {
            return mgs_encoder_new(&made, machine.get(), &options, write_pieces, output_.get(), config, why);
        });
        handle_.reset(made);
    }

    void section(std::uint32_t device, std::uint32_t section, view data)
    {
        auto made = sized<mgs_section_data>();
        made.data = { data.data(), data.size() };
        output_->kept.call(
            [&](mgs_error *why) { return mgs_encoder_section(handle_.get(), device, section, &made, why); });
    }
    /// All of a device whose state lies in a struct.
    void state(std::uint32_t device)
    {
        output_->kept.call([&](mgs_error *why) { return mgs_encoder_struct(handle_.get(), device, why); });
    }
    void memory(std::uint32_t region, std::uint64_t offset, view octets, mgs_source source = MGS_STABLE)
    {
        output_->kept.call([&](mgs_error *why) {
            return mgs_encoder_memory(handle_.get(), region, offset, octets.data(), octets.size(), source, why);
        });
    }
    void end()
    {
        output_->kept.call([&](mgs_error *why) { return mgs_encoder_end(handle_.get(), why); });
    }

private:
    struct output {
        writer write;
        thrown kept;
    };

    static int write_pieces(void *context, const mgs_octets *pieces, std::size_t num_pieces)
    {
        auto &out = *static_cast<output *>(context);
        return out.kept.keep([&] { out.write(pieces, num_pieces); });
    }

    std::unique_ptr<output> output_; // it outlives the handle
    owned<mgs_encoder, mgs_encoder_free> handle_;
};

/// Is told of a stream as it comes; each function may throw.
class handler {
public:
    virtual ~handler() = default;
    virtual void record(const mgs_record &) {}
    virtual void payload(view, std::uint64_t) {}
    virtual void end(std::uint64_t) {}
};

/// Takes a stream in any segments.
class push_decoder {
public:
    explicit push_decoder(handler &told, std::uint32_t tier = MGS_TIER_DEEP, const mgs_config *config = nullptr)
        : told_(std::make_unique<called<handler>>(called<handler> { told, {} }))
    {
        auto functions = sized<mgs_handler>();
        functions.record = [](void *context, const mgs_record *record) {
            return called<handler>::ask(context, [&](handler &h) { h.record(*record); });
        };
        functions.payload = [](void *context, const void *octets, std::size_t size, std::uint64_t position) {
            return called<handler>::ask(context, [&](handler &h) { h.payload(view(octets, size), position); });
        };
        functions.end = [](void *context, std::uint64_t sequence) {
            return called<handler>::ask(context, [&](handler &h) { h.end(sequence); });
        };
        mgs_decoder *made = nullptr;
        call([&](mgs_error *why) { return mgs_decoder_new(&made, &functions, told_.get(), tier, config, why); });
        handle_.reset(made);
    }

    /// Takes octets up to END, and returns how many.
    std::size_t push(view octets)
    {
        std::size_t taken = 0;
        told_->kept.call(
            [&](mgs_error *why) { return mgs_decoder_push(handle_.get(), octets.data(), octets.size(), &taken, why); });
        return taken;
    }
    /// Whether the input may end here: the only thing that says success.
    mgs_summary finish()
    {
        auto summary = sized<mgs_summary>();
        call([&](mgs_error *why) { return mgs_decoder_finish(handle_.get(), 0, &summary, why); });
        return summary;
    }

private:
    std::unique_ptr<called<handler>> told_; // it outlives the handle
    owned<mgs_decoder, mgs_decoder_free> handle_;
};

// ======   Machine   ======

/// The devices of a machine that is resumed. A function that throws has refused, without effect; what commit throws leaves
/// the machine in error.
class devices {
public:
    virtual ~devices() = default;
    /// Looks at a piece of a device whose state lies in no struct.
    virtual void check(std::uint32_t, const mgs_piece &) { throw std::logic_error("nobody looks at this piece"); }
    /// Memory that octets of a region belong in: at most `size`, at least one.
    virtual std::pair<void *, std::size_t> target(std::uint32_t, std::uint64_t, std::size_t)
    {
        throw std::logic_error("there is no such region");
    }
    /// Makes a run of a region read as zero.
    virtual void clear(std::uint32_t, std::uint64_t, std::uint64_t)
    {
        throw std::logic_error("there is no such region");
    }
    virtual void prepare(std::uint32_t) {}
    virtual void commit(std::uint32_t) {}
    /// As after power-on.
    virtual void reset(std::uint32_t) noexcept = 0;
};

/// Devices under migration, as a destination has them; `of` lives as long as it.
class machine {
public:
    machine(const manifest &what, devices &of, const mgs_config *config = nullptr)
        : held_(std::make_unique<called<devices>>(called<devices> { of, {} }))
    {
        auto ops = sized<mgs_device_ops>();
        ops.reset = [](void *context, std::uint32_t device) { static_cast<called<devices> *>(context)->who.reset(device); };
        ops.check = [](void *context, std::uint32_t device, const mgs_piece *piece) {
            return called<devices>::ask(context, [&](devices &of) { of.check(device, *piece); });
        };
        ops.prepare = [](void *context, std::uint32_t device) {
            return called<devices>::ask(context, [&](devices &of) { of.prepare(device); });
        };
        ops.commit = [](void *context, std::uint32_t device) {
            return called<devices>::ask(context, [&](devices &of) { of.commit(device); });
        };
        ops.target = [](void *context, std::uint32_t region, std::uint64_t offset, std::size_t size, void **memory,
                         std::size_t *room) {
            return called<devices>::ask(context, [&](devices &of) { std::tie(*memory, *room) = of.target(region, offset, size); });
        };
        ops.clear = [](void *context, std::uint32_t region, std::uint64_t offset, std::uint64_t length, std::uint32_t) {
            return called<devices>::ask(context, [&](devices &of) { of.clear(region, offset, length); });
        };
        mgs_machine *made = nullptr;
        call([&](mgs_error *why) { return mgs_machine_new(&made, what.get(), &ops, held_.get(), nullptr, config, why); });
        handle_.reset(made);
    }

    /// Takes a whole stream, commits it, and lets the devices run. What is thrown leaves the machine in error.
    void resume(view stream, std::size_t segment = SIZE_MAX)
    {
        std::uint64_t session = 0;
        request(MGS_STATE_RESUMING, &session);
        for (view rest = stream; rest.size() > 0; rest = rest.without_first(segment)) {
            const view octets = rest.first(segment);
            held_->kept.call([&](mgs_error *why) {
                return mgs_resume_write(handle_.get(), session, octets.data(), octets.size(), nullptr, why);
            });
        }
        held_->kept.call([&](mgs_error *why) { return mgs_resume_finish(handle_.get(), session, 0, why); });
        request(MGS_STATE_RUNNING);
    }
    void request(std::uint32_t state, std::uint64_t *session = nullptr)
    {
        held_->kept.call([&](mgs_error *why) { return mgs_machine_request(handle_.get(), state, session, why); });
    }
    int state(std::uint32_t device) { return mgs_machine_state(handle_.get(), device); }
    /// The way out of error.
    void reset() { mgs_machine_reset(handle_.get()); }

private:
    std::unique_ptr<called<devices>> held_; // it outlives the handle
    owned<mgs_machine, mgs_machine_free> handle_;
};

} // namespace migstream

#endif
