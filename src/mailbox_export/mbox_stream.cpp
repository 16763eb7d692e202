#include "mailbox_export/mbox_stream.h"

namespace tegami::mailbox_export {

namespace {

constexpr std::string_view kUnreadable =
    "Subject: This letter could not be read\r\n\r\nThe server could not read the letter that was here.\r\n";

} // namespace

async::Awaitable<Result<std::string, net::HttpFault>> MboxStream::read() {
    std::string piece;
    while (piece.size() < kPieceBytes) {
        const auto event = co_await messages_.next();
        if (!event) co_return failure(net::HttpFault{500, event.error().detail});
        if (std::holds_alternative<MailboxMessages::Done>(*event)) break;
        add(piece, *event);
    }
    co_return piece;
}

void MboxStream::add(std::string& piece, const MailboxMessages::Event& event) {
    if (const auto* const begin = std::get_if<MailboxMessages::Begin>(&event)) {
        writer_ = {};
        piece += transfer::print_mbox_begin(begin->item);
        if (begin->item.bytes == 0) piece += writer_.write(kUnreadable);
    } else if (const auto* const octets = std::get_if<MailboxMessages::Octets>(&event)) {
        piece += writer_.write(octets->octets);
    } else {
        piece += writer_.finish();
    }
}

} // namespace tegami::mailbox_export
