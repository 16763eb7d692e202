// Any octets as an HTTP request and as a response, fed whole and in two parts: the same outcome, within the limits.
#include "base/assert.h"
#include "net/http_codec.h"

#include <cstddef>
#include <cstdint>

using namespace tegami::net;

namespace {

constexpr std::size_t kHeaderBytesMax = 2000;
constexpr std::size_t kBodyBytesMax = 500;
constexpr std::size_t kPieceBytesMax = 64;

/// The body if the octets are a whole message.
template <class Message>
std::optional<std::string> read(std::string_view first, std::string_view second) {
    HttpReader<Message> reader(kHeaderBytesMax, kBodyBytesMax);
    std::string octets;
    std::string body;
    for (const std::string_view part : {first, second}) {
        octets += part;
        if (!reader.take_header(octets)) return std::nullopt;
        while (reader.has_header() && !reader.is_complete()) {
            const auto piece = reader.take_body(octets, kPieceBytesMax);
            if (!piece) return std::nullopt;
            if (piece->empty()) break;
            ASSERT(piece->size() <= kPieceBytesMax);
            body += *piece;
        }
    }
    if (!reader.is_complete()) return std::nullopt;
    const Message message = reader.header();
    ASSERT(body.size() <= kBodyBytesMax);
    return body;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t cut = octets.size() * data[0] / 255;
    const auto request = read<HttpRequest>(octets, "");
    ASSERT(request == read<HttpRequest>(octets.substr(0, cut), octets.substr(cut)));
    read<HttpResponse>(octets.substr(0, cut), octets.substr(cut));
    return 0;
}
