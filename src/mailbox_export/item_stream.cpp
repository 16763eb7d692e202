#include "mailbox_export/item_stream.h"

namespace tegami::mailbox_export {

async::Awaitable<Result<std::string, net::HttpFault>> ItemStream::read() {
    std::string piece;
    while (piece.size() < kPieceBytes) {
        const auto event = co_await messages_.next();
        if (!event) co_return failure(net::HttpFault{500, event.error().detail});
        if (std::holds_alternative<MailboxMessages::Done>(*event)) break;
        if (const auto* const begin = std::get_if<MailboxMessages::Begin>(&*event))
            piece += transfer::print_item(begin->item);
        else if (const auto* const octets = std::get_if<MailboxMessages::Octets>(&*event))
            piece += octets->octets;
    }
    co_return piece;
}

} // namespace tegami::mailbox_export
