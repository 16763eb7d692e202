// Any octets as an HTTP request and as a response, fed whole, in two parts and octet by octet: the same outcome, within the limits.
#include "base/assert.h"
#include "net/http_codec.h"

#include <cstddef>
#include <cstdint>
#include <vector>

using namespace tegami::net;

namespace {

constexpr std::size_t kHeaderBytesMax = 2000;
constexpr std::size_t kBodyBytesMax = 500;
constexpr std::size_t kPieceBytesMax = 64;

/// The body if the octets are a whole message.
/// The body if the octets, which arrive in these pieces, are a whole message.
template <class Message>
std::optional<std::string> read(const std::vector<std::string_view>& pieces) {
    HttpReader<Message> reader(kHeaderBytesMax, kBodyBytesMax);
    std::string octets;
    std::string body;
    for (const std::string_view arrived : pieces) {
        octets += arrived;
        if (!reader.take_header(octets)) return std::nullopt;
        while (reader.has_header() && !reader.is_complete()) {
            const auto taken = reader.take_body(octets, kPieceBytesMax);
            if (!taken) return std::nullopt;
            if (taken->empty()) break;
            ASSERT(taken->size() <= kPieceBytesMax);
            body += *taken;
        }
    }
    if (!reader.is_complete()) return std::nullopt;
    const Message message = reader.header();
    ASSERT(body.size() <= kBodyBytesMax);
    return body;
}

template <class Message>
void compare(std::string_view octets, std::size_t cut) {
    const auto whole = read<Message>({octets});
    ASSERT(whole == read<Message>({octets.substr(0, cut), octets.substr(cut)}));
    std::vector<std::string_view> single;
    for (std::size_t at = 0; at < octets.size(); ++at)
        single.push_back(octets.substr(at, 1));
    ASSERT(whole == read<Message>(single));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t cut = octets.size() * data[0] / 255;
    compare<HttpRequest>(octets, cut);
    compare<HttpResponse>(octets, cut);
    return 0;
}
