// The canonical forms of header fields and bodies (RFC 6376 §3.4), which are hashed and never sent.
//
// The body streams: runs of spaces and empty lines are counted, so what waits is a few octets, whatever comes. Only
// CRLF ends a line (message/line_ends.h sees to it); a CR or LF alone is an octet like others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tegami::dkim {

enum class Canonicalization : std::uint8_t { simple, relaxed };

/// "simple", "relaxed".
std::string_view to_string(Canonicalization form);

/// Appends a field, as it stands in a header with name and line end, in its form with one CRLF at the end (§3.4.1, §3.4.2).
void append_canonical(std::string& out, Canonicalization form, std::string_view field);

/// §3.4.3, §3.4.4
class CanonicalBody {
public:
    /// Takes the next canonical octets.
    using Sink = std::function<void(std::string_view octets)>;

    explicit CanonicalBody(Canonicalization form) : form_(form) {}

    void feed(std::string_view octets, const Sink& sink);
    void finish(const Sink& sink);

private:
    class Output;
    void take(std::string_view octets, Output& out);
    void take_content(std::string_view octets, Output& out);

    Canonicalization form_;
    std::uint64_t line_ends_ = 0; ///< given out only when something follows
    bool has_content_ = false;
    bool waiting_cr_ = false;
    bool waiting_space_ = false; ///< relaxed: any number
};

} // namespace tegami::dkim
