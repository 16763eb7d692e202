#include "service/jmapd/envelope.h"

#include "base/ascii.h"
#include "directory/types.h"
#include "protocol/jmap/types.h"

#include <algorithm>
#include <set>

namespace tegami::jmapd {

namespace {

using message::EmailAddress;
using message::HeaderAddress;

std::unexpected<jmap::Fault> wrong_envelope(std::string description) {
    return failure(jmap::invalid_properties({"envelope"}, std::move(description)));
}

/// Adds recipients to an envelope, each once.
class RecipientList {
public:
    explicit RecipientList(Envelope& envelope) : envelope_(envelope) {}

    void add(std::optional<EmailAddress> address, std::string written, json::value parameters = nullptr) {
        const std::string key = address ? directory::address_key(*address) : written;
        if (!seen_.insert(key).second) return;
        if (address) written = address->to_string();
        shown_.emplace_back(json::object{{"email", written}, {"parameters", std::move(parameters)}});
        if (address)
            envelope_.recipients.push_back(*std::move(address));
        else
            envelope_.invalid.push_back(std::move(written));
    }

    json::array take_shown() && { return std::move(shown_); }

private:
    Envelope& envelope_;
    std::set<std::string> seen_;
    json::array shown_;
};

/// An Address object (RFC 8621 §7).
struct GivenAddress {
    std::string email;
    json::value parameters; ///< an object, or null
};

std::optional<GivenAddress> read_given(const json::value* value) {
    const json::object* const object = value == nullptr ? nullptr : value->if_object();
    const json::value* const email = object == nullptr ? nullptr : object->if_contains("email");
    if (email == nullptr || !email->is_string()) return std::nullopt;
    GivenAddress given{.email = std::string(email->get_string()), .parameters = nullptr};
    for (const auto& [name, member] : *object) {
        if (name == "email") continue;
        if (name != "parameters" || !(member.is_object() || member.is_null())) return std::nullopt;
        given.parameters = member;
    }
    return given;
}

std::optional<std::chrono::sys_seconds> read_hold(std::string_view name, const json::value& value, Timestamp now) {
    const std::string_view text = value.is_string() ? std::string_view(value.get_string()) : std::string_view();
    if (ascii::iequals(name, "HOLDUNTIL")) return jmap::read_utc_date(value);
    const auto seconds = ascii::parse_number<std::uint64_t>(text);
    if (!seconds || *seconds > static_cast<std::uint64_t>(kDelayMax.count())) return std::nullopt;
    // Not before the time has passed (RFC 4865 §4.2): the moment lies between two seconds.
    return std::chrono::ceil<std::chrono::seconds>(now) + std::chrono::seconds(*seconds);
}

/// The parameters of MAIL.
Result<void, jmap::Fault> read_mail_parameters(const json::value& parameters, Timestamp now, Envelope& envelope) {
    if (!parameters.is_object()) return {};
    bool held = false;
    for (const auto& [name, value] : parameters.get_object()) {
        const auto is = [&](std::string_view known) { return ascii::iequals(std::string_view(name), known); };
        if (is("SIZE") || is("BODY") || is("SMTPUTF8")) continue;
        if (!is("HOLDFOR") && !is("HOLDUNTIL"))
            return wrong_envelope("the parameter " + std::string(name) + " is not known");
        const auto until = read_hold(name, value, now);
        if (held || !until || *until > std::chrono::ceil<std::chrono::seconds>(now) + kDelayMax)
            return wrong_envelope("a letter waits for one moment, of the next 30 days");
        held = true;
        if (*until > now) envelope.hold_until = until;
    }
    return {};
}

} // namespace

Result<Envelope, jmap::Fault> read_envelope(const json::value& given, Timestamp now) {
    const json::object* const object = given.if_object();
    if (object == nullptr) return wrong_envelope("an envelope is an object");
    const auto mail_from = read_given(object->if_contains("mailFrom"));
    const json::value* const rcpt_to = object->if_contains("rcptTo");
    if (!mail_from || rcpt_to == nullptr || !rcpt_to->is_array() || object->size() != 2)
        return wrong_envelope("an envelope has mailFrom and rcptTo");
    Envelope envelope;
    if (!mail_from->email.empty()) {
        auto address = message::parse_email_address(mail_from->email);
        if (!address) return wrong_envelope("mailFrom is no address");
        envelope.mail_from = *std::move(address);
    }
    TRY_VOID(read_mail_parameters(mail_from->parameters, now, envelope));
    RecipientList recipients(envelope);
    for (const json::value& one : rcpt_to->get_array()) {
        const auto recipient = read_given(&one);
        if (!recipient) return wrong_envelope("a recipient has email and parameters");
        if (recipient->parameters.is_object() && !recipient->parameters.get_object().empty())
            return wrong_envelope("recipients have no parameters here");
        const auto address = message::parse_email_address(recipient->email);
        recipients.add(address ? std::optional(*address) : std::nullopt, recipient->email, recipient->parameters);
    }
    envelope.shown = {{"mailFrom", json::object{{"email", mail_from->email}, {"parameters", mail_from->parameters}}},
                      {"rcptTo", std::move(recipients).take_shown()}};
    return envelope;
}

Result<std::optional<EmailAddress>, jmap::Fault> sender_in(const message::Header& header) {
    const std::string name = header.contains("Sender") ? "Sender" : "From";
    std::vector<HeaderAddress> people;
    const std::vector<const message::HeaderField*> fields = header.find_all(name);
    for (const message::HeaderField* const field : fields)
        for (HeaderAddress& each : message::parse_address_list(header.raw_value(*field)))
            if (each.kind == HeaderAddress::Kind::mailbox) people.push_back(std::move(each));
    if (fields.size() > 1 || people.size() > 1)
        return failure(jmap::Fault{.type = "invalidEmail",
                                   .description = "several people send the letter: name one in Sender",
                                   .names = {name == "Sender" ? "sender" : "from"}});
    return people.empty() ? std::nullopt : people.front().email();
}

Envelope envelope_for(const message::Header& header, EmailAddress mail_from) {
    Envelope envelope;
    RecipientList recipients(envelope);
    for (const char* const name : {"To", "Cc", "Bcc"})
        for (const message::HeaderField* const field : header.find_all(name))
            for (const HeaderAddress& each : message::parse_address_list(header.raw_value(*field))) {
                if (each.kind != HeaderAddress::Kind::mailbox) continue;
                const std::string_view local = each.local_part.empty() ? each.name : each.local_part;
                recipients.add(each.email(), std::string(local) + (each.domain.empty() ? "" : "@") + each.domain);
            }
    envelope.shown = {{"mailFrom", json::object{{"email", mail_from.to_string()}, {"parameters", nullptr}}},
                      {"rcptTo", std::move(recipients).take_shown()}};
    envelope.mail_from = std::move(mail_from);
    return envelope;
}

bool names_author(const message::Header& header) {
    return std::ranges::any_of(header.find_all("From"), [&](const message::HeaderField* field) {
        return std::ranges::any_of(message::parse_address_list(header.raw_value(*field)),
                                   [](const HeaderAddress& each) { return !each.domain.empty(); });
    });
}

} // namespace tegami::jmapd
