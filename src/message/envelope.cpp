#include "message/envelope.h"

namespace tegami::message {
namespace {

/// The addresses of all fields of a name: two To fields are against RFC 5322 §3.6, but no recipient may vanish.
std::vector<HeaderAddress> addresses(const Header& header, std::string_view name) {
    std::vector<HeaderAddress> all;
    for (const HeaderField* field : header.find_all(name)) {
        if (all.size() >= kHeaderAddressesMax) break;
        std::vector<HeaderAddress> more = parse_address_list(header.raw_value(*field));
        all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return all;
}

} // namespace

Envelope parse_envelope(const Header& header) {
    Envelope envelope;
    envelope.date = header.value("Date");
    envelope.subject = header.value("Subject");
    envelope.from = addresses(header, "From");
    envelope.sender = addresses(header, "Sender");
    envelope.reply_to = addresses(header, "Reply-To");
    envelope.to = addresses(header, "To");
    envelope.cc = addresses(header, "Cc");
    envelope.bcc = addresses(header, "Bcc");
    envelope.in_reply_to = header.value("In-Reply-To");
    envelope.message_id = header.value("Message-ID");
    // RFC 9051 §7.5.2: the server must fill these from From.
    if (envelope.sender.empty()) envelope.sender = envelope.from;
    if (envelope.reply_to.empty()) envelope.reply_to = envelope.from;
    return envelope;
}

} // namespace tegami::message
