// Any octets as frames of a client, fed whole, in two parts and octet by octet: the same messages, the same end.
#include "base/assert.h"
#include "protocol/websocket/frames.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

using namespace tegami;
using namespace tegami::websocket;

namespace {

/// What was read, with the pieces of a message put together.
struct Heard {
    std::vector<Event> events;
    std::optional<Fault> fault;

    bool operator==(const Heard&) const = default;
};

Heard read(const std::vector<std::string_view>& pieces) {
    FrameReader reader;
    Heard heard;
    std::string rest;
    TextPiece message;
    for (const std::string_view piece : pieces) {
        rest += piece;
        std::string_view octets = rest;
        for (;;) {
            auto taken = reader.take(octets);
            if (!taken) {
                heard.fault = taken.error();
                return heard;
            }
            if (!*taken) break;
            if (const auto* const text = std::get_if<TextPiece>(&**taken)) {
                message.octets += text->octets;
                message.last = text->last;
                if (!message.last) continue;
                heard.events.emplace_back(std::exchange(message, {}));
                continue;
            }
            heard.events.push_back(**taken);
            if (std::holds_alternative<Close>(**taken)) return heard;
        }
        rest.erase(0, rest.size() - octets.size());
        ASSERT(rest.size() < 14 + kControlBytesMax);
    }
    return heard;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t cut = octets.size() * data[0] / 255;
    const Heard whole = read({octets});
    ASSERT(whole == read({octets.substr(0, cut), octets.substr(cut)}));
    std::vector<std::string_view> single;
    for (std::size_t at = 0; at < octets.size(); ++at)
        single.push_back(octets.substr(at, 1));
    ASSERT(whole == read(single));
    return 0;
}
