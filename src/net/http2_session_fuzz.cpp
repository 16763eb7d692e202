// Any octets as a connection of HTTP/2, whole and in pieces: the same requests and bodies, within the limits; and answered.
#include "base/assert.h"
#include "net/http2_session.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

using namespace tegami::net;

namespace {

constexpr std::size_t kHeaderBytesMax = 1000;
/// RFC 9113 §6.5.2
constexpr std::size_t kFrameBytesMax = 16384;
constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a client has said, and how much it may have under way.
struct Said {
    std::string requests;
    std::map<Http2StreamId, std::string> bodies{};

    /// Whether it is what the other is, or the beginning of it: a connection that is to end takes no further piece.
    bool is_begin_of(const Said& other) const {
        return other.requests.starts_with(requests) && std::ranges::all_of(bodies, [&other](const auto& body) {
                   const auto found = other.bodies.find(body.first);
                   return found != other.bodies.end() && found->second.starts_with(body.second);
               });
    }
};

Said said(std::string_view octets, std::size_t piece_bytes) {
    Http2Session session(kHeaderBytesMax);
    Said all;
    bool good = session.feed(kPreface, {}).has_value();
    while (good && !octets.empty()) {
        const std::string_view piece = octets.substr(0, piece_bytes);
        octets.remove_prefix(piece.size());
        good = session.feed(piece, {}).has_value();
        for (Http2Event& event : session.take_events()) {
            if (const auto* request = std::get_if<Http2Request>(&event)) {
                std::size_t bytes = 0;
                for (const HttpField& field : request->request.fields)
                    bytes += field.name.size() + field.value.size();
                ASSERT(bytes <= 2 * kHeaderBytesMax);
                all.requests += request->request.method + " " + request->request.target + "\n";
            }
            if (const auto* body = std::get_if<Http2Body>(&event)) {
                std::string& whole = all.bodies[body->stream];
                whole += body->octets;
                ASSERT(whole.size() <= kWindowBytes + kFrameBytesMax);
            }
        }
    }
    return all;
}

/// Answers each request, and reads what comes of it.
void converse(std::string_view octets) {
    Http2Session session(kHeaderBytesMax);
    bool good = session.feed(kPreface, {}).has_value();
    while (good && !octets.empty()) {
        const std::string_view piece = octets.substr(0, 100);
        octets.remove_prefix(piece.size());
        good = session.feed(piece, {}).has_value();
        for (int turn = 0; turn < 3; ++turn) {
            for (Http2Event& event : session.take_events()) {
                if (const auto* request = std::get_if<Http2Request>(&event)) {
                    session.respond(request->stream, {}, std::nullopt, true);
                    session.give(request->stream, "hello");
                }
                if (const auto* body = std::get_if<Http2Body>(&event))
                    session.consumed(body->stream, body->octets.size());
                if (const auto* taken = std::get_if<Http2Taken>(&event)) session.end_body(taken->stream);
                if (const auto* end = std::get_if<Http2BodyEnd>(&event)) session.reset(end->stream, Http2Reset::done);
            }
            static_cast<void>(session.take_output(1U << 20U));
        }
    }
    session.go_away();
    ASSERT(session.take_output(1U << 20U).size() <= 2U << 20U);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    ASSERT(said(octets, 1U + data[0]).is_begin_of(said(octets, octets.size())));
    converse(octets);
    return 0;
}
