// Anything a server can say, cut anywhere: the same replies, bounded, and each can be written and read again.
#include "base/assert.h"
#include "protocol/smtp/reply.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

using namespace tegami::smtp;

std::vector<Reply> read_all(std::string_view input, std::size_t step) {
    ReplyReader reader;
    std::vector<Reply> replies;
    while (!input.empty()) {
        std::string_view piece = input.substr(0, step);
        input.remove_prefix(piece.size());
        while (!piece.empty()) {
            auto reply = reader.read(piece);
            if (!reply) return replies;
            if (*reply) replies.push_back(**std::move(reply));
        }
    }
    return replies;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::vector<Reply> replies = read_all(input, input.size() + 1);
    ASSERT(replies == read_all(input, 1));
    for (const Reply& reply : replies) {
        ASSERT(reply.lines.size() <= kReplyLinesMax && !reply.lines.empty());
        const std::string bytes = encode(reply);
        const std::vector<Reply> again = read_all(bytes, bytes.size());
        ASSERT(again.size() == 1 && again[0].code == reply.code && again[0].lines.size() == reply.lines.size());
    }
    return 0;
}
