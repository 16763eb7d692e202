#include "admin/parameters.h"

#include "admin/queue_letter.h"
#include "base/base64.h"
#include "message/utf8.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace tegami::admin {

namespace {

/// Limit: octets of a wrong value in the sentence about it.
constexpr std::size_t kShownBytesMax = 200;

std::string_view name_of(store::RecipientState state) {
    switch (state) {
    case store::RecipientState::pending: return "pending";
    case store::RecipientState::deferred: return "deferred";
    case store::RecipientState::delivered: return "delivered";
    case store::RecipientState::failed: return "failed";
    case store::RecipientState::reported: return "reported";
    }
    return "unknown";
}

Refusal bad_request(std::string message) {
    return {.status = 400, .message = std::move(message)};
}

} // namespace

std::string_view to_string(Parameter::Kind kind) {
    switch (kind) {
    case Parameter::Kind::text: return "text";
    case Parameter::Kind::number: return "number";
    case Parameter::Kind::flag: return "flag";
    case Parameter::Kind::list: return "list";
    case Parameter::Kind::secret: return "secret";
    case Parameter::Kind::entries: return "entries";
    }
    std::unreachable();
}

Refusal forbidden(const Caller& caller) {
    return {.status = 403, .message = fmt::format("{} may not do this", caller.name())};
}

Refusal refusal_for(const directory::Error& error) {
    switch (error.code) {
    case directory::ErrorCode::not_found: return {.status = 404, .message = error.message};
    case directory::ErrorCode::exists:
    case directory::ErrorCode::in_use: return {.status = 409, .message = error.message};
    case directory::ErrorCode::invalid: return {.status = 400, .message = error.message};
    case directory::ErrorCode::unavailable: return {.status = 503, .message = error.message};
    }
    return {.status = 500, .message = error.message};
}

Refusal refusal_for(const store::Error& error) {
    if (error.code == store::ErrorCode::not_found) return {.status = 404, .message = error.detail};
    return {.status = 503, .message = fmt::format("the store cannot answer: {}", error.detail)};
}

Result<std::string, Refusal> required_text(const json::object& request, std::string_view name) {
    TRY(std::optional<std::string> text, optional_text(request, name));
    if (!text) return failure(bad_request(fmt::format("{} is missing", name)));
    return *std::move(text);
}

Result<std::optional<std::string>, Refusal> optional_text(const json::object& request, std::string_view name) {
    const json::value* const value = request.if_contains(name);
    if (!value || value->is_null()) return std::nullopt;
    if (!value->is_string()) return failure(bad_request(fmt::format("{} must be text", name)));
    return std::string(value->get_string());
}

Result<std::uint64_t, Refusal> optional_number(const json::object& request, std::string_view name,
                                               std::uint64_t otherwise) {
    const json::value* const value = request.if_contains(name);
    if (!value || value->is_null()) return otherwise;
    boost::system::error_code error;
    const auto number = value->to_number<std::uint64_t>(error);
    if (error) return failure(bad_request(fmt::format("{} must be a whole number", name)));
    return number;
}

Result<std::optional<bool>, Refusal> optional_flag(const json::object& request, std::string_view name) {
    const json::value* const value = request.if_contains(name);
    if (!value || value->is_null()) return std::nullopt;
    if (!value->is_bool()) return failure(bad_request(fmt::format("{} must be true or false", name)));
    return value->get_bool();
}

Result<message::EmailAddress, Refusal> parse_address(const std::string& text) {
    auto address = message::parse_email_address(text);
    if (!address)
        return failure(bad_request(
            fmt::format("{} {}", message::utf8_prefix(text, kShownBytesMax), message::describe(address.error()))));
    return *std::move(address);
}

Result<message::EmailAddress, Refusal> required_address(const json::object& request, std::string_view name) {
    TRY(const std::string text, required_text(request, name));
    return parse_address(text);
}

Result<message::Domain, Refusal> parse_domain(const std::string& text) {
    auto domain = message::Domain::parse(text);
    if (!domain || domain->is_address_literal())
        return failure(bad_request(
            fmt::format("{} is not a domain such as example.org", message::utf8_prefix(text, kShownBytesMax))));
    return *std::move(domain);
}

Result<message::Domain, Refusal> required_domain(const json::object& request, std::string_view name) {
    TRY(const std::string text, required_text(request, name));
    return parse_domain(text);
}

Result<std::optional<message::Domain>, Refusal> optional_domain(const Dependencies* on, const json::object& request) {
    TRY(const std::optional<std::string> text, optional_text(request, "domain"));
    if (!text) return std::nullopt;
    TRY(message::Domain domain, parse_domain(*text));
    if (!on->directory.administration().domains()->contains(domain)) return failure(no_domain(domain));
    return domain;
}

Refusal no_domain(const message::Domain& domain) {
    return {.status = 404, .message = fmt::format("there is no domain {}", domain.display())};
}

std::string print_time(Timestamp time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

Result<std::string, Refusal> continuation(const json::object& request) {
    TRY(const std::optional<std::string> text, optional_text(request, "from"));
    if (!text) return std::string();
    auto decoded = base64::decode(*text);
    if (!decoded) return failure(bad_request("from is not what a listing gave as next"));
    return *std::move(decoded);
}

json::object to_json(const directory::DomainSettings& domain) {
    return {{"name", domain.name.ascii()},
            {"display", domain.name.display()},
            {"catch_all", domain.catch_all ? json::value(domain.catch_all->to_string()) : json::value()},
            {"subaddress_separator", domain.subaddress_separator},
            {"mta_sts", tls_policy::to_string(domain.sts_mode)}};
}

json::object to_json(const directory::Account& account) {
    return {{"id", account.id.value},
            {"address", account.address.to_string()},
            {"quota_bytes", account.quota_bytes},
            {"enabled", account.enabled},
            {"foreign_hash", account.foreign_hash.empty() ? json::value() : json::value(account.foreign_hash)},
            {"created", print_time(account.created)}};
}

json::object to_json(const directory::Role& role) {
    json::array domains;
    for (const message::Domain& domain : role.domains)
        domains.emplace_back(domain.ascii());
    return {{"role", directory::to_string(role.kind)}, {"domains", std::move(domains)}};
}

json::object to_json(const directory::Alias& alias) {
    json::array targets;
    for (const message::EmailAddress& target : alias.targets)
        targets.emplace_back(target.to_string());
    return {{"address", alias.address.to_string()}, {"targets", std::move(targets)}};
}

namespace {

json::object recipient_json(const store::QueueRecipient& recipient) {
    json::object shown{{"address", recipient.address.to_string()},
                       {"state", name_of(recipient.state)},
                       {"attempts", recipient.attempts},
                       {"last_server", recipient.last_server},
                       {"last_reply", recipient.last_reply}};
    shown["last_attempt"] = recipient.attempts == 0 ? json::value() : json::value(print_time(recipient.last_attempt));
    if (recipient.hold) shown["hold"] = to_json(*recipient.hold);
    return shown;
}

/// A mail domain, or the address whose account is here. `hold`: of the destination, or null.
json::object item_json(const store::QueueItem& item, bool under_way, const store::QueueHold* hold) {
    const auto* domain = std::get_if<message::Domain>(&item.destination);
    json::array recipients;
    bool waits = false; // not only for the report about it
    for (const store::QueueRecipient& recipient : item.recipients) {
        recipients.push_back(recipient_json(recipient));
        waits = waits || recipient.state != store::RecipientState::failed;
    }
    json::object shown{{"number", item.id.number},
                       {"destination", domain ? domain->ascii() : item.recipients.front().address.to_string()},
                       {"local", domain == nullptr},
                       {"next_due", print_time(item.next_due)},
                       {"attempts", item.attempts},
                       {"being_sent", under_way && waits},
                       {"recipients", std::move(recipients)}};
    if (hold) shown["hold"] = to_json(*hold);
    return shown;
}

} // namespace

json::object to_json(const store::QueueHold& hold) {
    return {{"since", print_time(hold.since)}, {"by", hold.by}, {"reason", hold.reason}};
}

json::object to_json(const store::QueuedMessage& queued, const std::function<bool(const store::QueueItem&)>& being_sent,
                     const std::map<message::Domain, store::QueueHold>& holds) {
    const store::QueueMessage& message = queued.message;
    json::array items;
    for (const store::QueueItem& item : queued.items)
        items.push_back(item_json(item, being_sent && being_sent(item), hold_of(item, holds)));
    json::object shown{{"id", message.id.value},
                       {"sender", message.reverse_path ? message.reverse_path->to_string() : ""},
                       {"items", std::move(items)},
                       {"bytes", message.blob.size},
                       {"created", print_time(message.created)},
                       {"expires", print_time(message.expires)},
                       {"submitter", message.submitter},
                       {"journey", message.journey}};
    if (message.is_held()) shown["held_until"] = print_time(*message.held_until);
    return shown;
}

json::object to_json(const Backups::Restored& restored) {
    json::array mailboxes;
    std::uint64_t came_back = 0;
    std::uint64_t there = 0;
    for (const store::RestoredMailbox& mailbox : restored.report.mailboxes) {
        came_back += mailbox.restored;
        there += mailbox.already_there;
        mailboxes.push_back(json::object{{"name", mailbox.name},
                                         {"messages", mailbox.messages},
                                         {"restored", mailbox.restored},
                                         {"already_there", mailbox.already_there}});
    }
    return {{"account_made", restored.account_made},
            {"restored", came_back},
            {"already_there", there},
            {"failed", restored.report.failed},
            {"over_quota", restored.report.over_quota},
            {"mailboxes", std::move(mailboxes)},
            {"problems", to_array(restored.report.problems)}};
}

json::object to_json(const store::JourneyEvent& event) {
    // An array, because names repeat: one "to" for each recipient.
    json::array fields;
    for (const store::JourneyField& field : event.fields)
        fields.push_back(json::array{field.name, field.value});
    return {{"journey", event.journey},
            {"time", print_time(event.time)},
            {"kind", event.kind},
            {"fields", std::move(fields)},
            {"message_id", event.message_id}};
}

} // namespace tegami::admin
