#include "service/jmapd/ids.h"

#include "base/ascii.h"
#include "protocol/imap/object_id.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace tegami::jmapd {

namespace {

using imap::ObjectKind;

template <class Id>
std::optional<Id> parse_as(ObjectKind kind, std::string_view text) {
    using Number = Id::Representation;
    const auto number = imap::parse_object_id(kind, text);
    if (!number || *number > std::numeric_limits<Number>::max()) return std::nullopt;
    return Id(static_cast<Number>(*number));
}

char letter_of(store::ObjectKind kind) {
    switch (kind) {
    case store::ObjectKind::identity: return 'I';
    case store::ObjectKind::submission: return 'S';
    case store::ObjectKind::share: break; // no client sees them
    case store::ObjectKind::share_news: return 'N';
    }
    return 'X';
}

} // namespace

std::string id_of(store::AccountId account) {
    return "A" + std::to_string(account.value);
}

std::string id_of(store::MailboxId mailbox) {
    return imap::object_id(ObjectKind::mailbox, mailbox.value);
}

std::string id_of(store::EmailId email) {
    return imap::object_id(ObjectKind::email, email.value);
}

std::string id_of(store::ThreadId thread) {
    return imap::object_id(ObjectKind::thread, thread.value);
}

std::string id_of(store::ObjectKind kind, store::ObjectId object) {
    return letter_of(kind) + std::to_string(object.value);
}

std::optional<store::AccountId> parse_account_id(std::string_view text) {
    const auto number = ascii::parse_number<std::uint64_t>(text.substr(std::min<std::size_t>(text.size(), 1)));
    if (!number || id_of(store::AccountId(*number)) != text) return std::nullopt;
    return store::AccountId(*number);
}

std::optional<store::ObjectId> parse_object_id(store::ObjectKind kind, std::string_view text) {
    const auto number = ascii::parse_number<std::uint64_t>(text.substr(std::min<std::size_t>(text.size(), 1)));
    if (!number || id_of(kind, store::ObjectId(*number)) != text) return std::nullopt;
    return store::ObjectId(*number);
}

std::optional<store::MailboxId> parse_mailbox_id(std::string_view text) {
    return parse_as<store::MailboxId>(ObjectKind::mailbox, text);
}

std::optional<store::EmailId> parse_email_id(std::string_view text) {
    return parse_as<store::EmailId>(ObjectKind::email, text);
}

std::optional<store::ThreadId> parse_thread_id(std::string_view text) {
    return parse_as<store::ThreadId>(ObjectKind::thread, text);
}

std::string mark_part(std::string text, std::uint64_t part) {
    if (part != 0) text += fmt::format(".{:x}", part);
    return text;
}

std::optional<std::string_view> unmark_part(std::string_view text, std::uint64_t part) {
    const std::string end = mark_part({}, part);
    if (!text.ends_with(end)) return std::nullopt;
    text.remove_suffix(end.size());
    return text;
}

std::string state_of(store::Version version, std::uint64_t part) {
    return mark_part(std::to_string(version.value), part);
}

std::string state_of(const store::MailboxList& list) {
    return state_of(list.version(), list.part());
}

std::optional<store::Version> parse_state(std::string_view text, std::uint64_t part) {
    const auto digits = unmark_part(text, part);
    const auto number = digits ? ascii::parse_number<std::uint64_t>(*digits) : std::nullopt;
    if (!number || std::to_string(*number) != *digits) return std::nullopt;
    return store::Version(*number);
}

} // namespace tegami::jmapd
