#include "trust/spf/received_spf.h"

#include "base/ascii.h"
#include "message/address.h"
#include "message/build.h"

#include <algorithm>

namespace tegami::spf {
namespace {

/// Limit: octets of a value that are shown. Each may become five, and a line has at most 998.
constexpr std::size_t kValueBytesMax = 150;

/// `; key=value`, the value as a dot-atom or a quoted string, which is what a local part may be.
void append_pair(std::string& out, std::string_view key, std::string_view value) {
    const std::string_view shown = value.substr(0, kValueBytesMax);
    out += out.contains('=') ? "; " : " ";
    out += key;
    out += '=';
    out += message::quote_local_part(ascii::printable(shown, shown.size() * 4));
}

/// The term that decided in the record that counts: an include, not what matched there.
std::string_view deciding_term(const Verdict& verdict) {
    const auto deciding = std::ranges::find_if(
        verdict.path, [](const Place& place) { return !ascii::istarts_with(place.term, "redirect="); });
    return deciding->term;
}

} // namespace

std::string received_spf_field(const Input& input, const Verdict& verdict) {
    using enum Outcome;
    std::string value(to_string(verdict.outcome));
    append_pair(value, "identity", to_string(verdict.identity));
    append_pair(value, "client-ip", input.client.unmapped().to_string());
    append_pair(value, "helo", input.helo);
    if (verdict.identity == Identity::mail_from) {
        const Sender sender = checked_sender(input, verdict.identity);
        append_pair(value, "envelope-from", message::quote_local_part(sender.local_part) + "@" + sender.domain);
    }
    append_pair(value, "receiver", input.receiver);
    if (verdict.reason == Reason::matched)
        append_pair(value, "mechanism", deciding_term(verdict));
    else if (verdict.reason == Reason::nothing_matched)
        append_pair(value, "mechanism", "default");
    if (verdict.outcome == temperror || verdict.outcome == permerror)
        append_pair(value, "problem", to_string(verdict.reason));
    return message::HeaderWriter().raw("Received-SPF", value).str();
}

} // namespace tegami::spf
