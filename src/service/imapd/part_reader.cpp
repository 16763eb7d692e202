#include "service/imapd/part_reader.h"

#include <utility>

namespace tegami::imapd {

async::Awaitable<store::StoreResult<std::string>> PartReader::next() {
    CO_TRY(std::string octets, co_await octets_.next());
    if (text_) co_return with_crlf(std::move(octets));
    co_return octets;
}

std::string PartReader::with_crlf(std::string octets) {
    std::string lines;
    lines.reserve(octets.size());
    for (const char octet : octets) {
        if (octet == '\n' && !after_cr_) lines.push_back('\r');
        lines.push_back(octet);
        after_cr_ = octet == '\r';
    }
    return lines;
}

} // namespace tegami::imapd
