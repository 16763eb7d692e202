#include "store/mailbox_list.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// Octets of the UTF-8 character that starts here (RFC 3629 §4), or 0 if it is none.
std::size_t utf8_length(std::string_view text) {
    const auto octet = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char first = octet(0);
    const std::size_t length = first < 0x80   ? 1
                               : first < 0xc2 ? 0
                               : first < 0xe0 ? 2
                               : first < 0xf0 ? 3
                               : first < 0xf5 ? 4
                                              : 0;
    if (length == 0 || text.size() < length) return 0;
    for (std::size_t at = 1; at < length; ++at)
        if ((octet(at) & 0xc0) != 0x80) return 0;
    if (first == 0xe0 && octet(1) < 0xa0) return 0;
    if (first == 0xed && octet(1) > 0x9f) return 0; // surrogates
    if (first == 0xf0 && octet(1) < 0x90) return 0;
    if (first == 0xf4 && octet(1) > 0x8f) return 0;
    return length;
}

bool is_level(std::string_view level) {
    if (level.empty() || level.size() > kMailboxLevelBytesMax) return false;
    while (!level.empty()) {
        if (ascii::is_control(level.front())) return false;
        const std::size_t length = utf8_length(level);
        if (length == 0) return false;
        level.remove_prefix(length);
    }
    return true;
}

} // namespace

bool is_mailbox_name(std::string_view name) {
    if (name.size() > kMailboxNameBytesMax) return false;
    const auto levels = ascii::split(name, '/');
    return levels.size() <= kMailboxLevelsMax && std::ranges::all_of(levels, is_level);
}

std::string canonical_mailbox_name(std::string_view name) {
    const std::string_view first = name.substr(0, name.find('/'));
    if (!ascii::iequals(first, "INBOX")) return std::string(name);
    return "INBOX" + std::string(name.substr(first.size()));
}

MailboxList::MailboxList(std::vector<MailboxPtr> mailboxes, std::vector<std::string> subscribed_names, Version version,
                         std::uint64_t part)
    : by_name_(std::move(mailboxes)), by_id_(by_name_), subscribed_names_(std::move(subscribed_names)),
      version_(version), part_(part) {
    std::ranges::sort(by_name_, {}, [](const MailboxPtr& mailbox) -> const std::string& { return mailbox->name; });
    std::ranges::sort(by_id_, {}, [](const MailboxPtr& mailbox) { return mailbox->id; });
    std::ranges::sort(subscribed_names_);
}

MailboxPtr MailboxList::find(std::string_view name) const {
    const std::string wanted = canonical_mailbox_name(name);
    const auto found = std::ranges::lower_bound(
        by_name_, wanted, {}, [](const MailboxPtr& mailbox) -> const std::string& { return mailbox->name; });
    return found != by_name_.end() && (*found)->name == wanted ? *found : nullptr;
}

MailboxPtr MailboxList::find(MailboxId id) const {
    const auto found = std::ranges::lower_bound(by_id_, id, {}, [](const MailboxPtr& mailbox) { return mailbox->id; });
    return found != by_id_.end() && (*found)->id == id ? *found : nullptr;
}

MailboxPtr MailboxList::find(Role role) const {
    const auto found = std::ranges::find(by_id_, role, [](const MailboxPtr& mailbox) { return mailbox->role; });
    return found != by_id_.end() ? *found : nullptr;
}

bool MailboxList::has_children(MailboxId id) const {
    const MailboxPtr mailbox = find(id);
    if (!mailbox) return false;
    const std::string prefix = mailbox->name + '/';
    const auto found = std::ranges::lower_bound(
        by_name_, prefix, {}, [](const MailboxPtr& other) -> const std::string& { return other->name; });
    return found != by_name_.end() && (*found)->name.starts_with(prefix);
}

} // namespace tegami::store
