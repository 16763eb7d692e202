#include "service/jmapd/mailbox_object.h"

#include "service/jmapd/ids.h"
#include "service/jmapd/rights.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::jmapd {

namespace {

using store::Role;

struct NamedRole {
    Role role;
    std::string_view name;
};

constexpr std::array kRoles{NamedRole{Role::inbox, "inbox"}, NamedRole{Role::drafts, "drafts"},
                            NamedRole{Role::sent, "sent"},   NamedRole{Role::junk, "junk"},
                            NamedRole{Role::trash, "trash"}, NamedRole{Role::archive, "archive"}};

} // namespace

const std::vector<std::string>& mailbox_properties() {
    static const std::vector<std::string> kProperties{
        "id",           "name",         "parentId",      "role",     "sortOrder",    "totalEmails",
        "unreadEmails", "totalThreads", "unreadThreads", "myRights", "isSubscribed", "shareWith"};
    return kProperties;
}

bool is_server_set(std::string_view property) {
    return property == "id" || property == "myRights" ||
           std::ranges::find(mailbox_count_properties(), property) != mailbox_count_properties().end();
}

const std::vector<std::string>& mailbox_count_properties() {
    static const std::vector<std::string> kProperties{"totalEmails", "unreadEmails", "totalThreads", "unreadThreads"};
    return kProperties;
}

std::optional<std::string_view> name_of(Role role) {
    const auto* const found = std::ranges::find(kRoles, role, &NamedRole::role);
    return found == kRoles.end() ? std::nullopt : std::optional(found->name);
}

std::optional<Role> parse_role(std::string_view name) {
    const auto* const found = std::ranges::find(kRoles, name, &NamedRole::name);
    return found == kRoles.end() ? std::nullopt : std::optional(found->role);
}

std::string_view level_of(const store::MailboxInfo& mailbox) {
    const std::string_view name = mailbox.name;
    return name.substr(name.rfind('/') + 1);
}

json::object mailbox_object(const store::MailboxInfo& mailbox, const store::EmailCounts& counts,
                            const MailboxReader& reader) {
    const auto role = name_of(mailbox.role);
    const bool top = mailbox.parent == store::MailboxId();
    json::object object{{"id", id_of(mailbox.id)},
                        {"name", level_of(mailbox)},
                        {"parentId", top ? json::value() : json::value(id_of(mailbox.parent))},
                        {"role", role ? json::value(*role) : json::value()},
                        {"sortOrder", std::int64_t{mailbox.sort_order}},
                        {"totalEmails", counts.emails},
                        {"unreadEmails", counts.unread_emails},
                        {"totalThreads", counts.threads},
                        {"unreadThreads", counts.unread_threads},
                        {"myRights", rights_object(mailbox, reader.rights, reader.is_owner)},
                        {"isSubscribed", !reader.is_owner || mailbox.subscribed},
                        {"shareWith", reader.rights.has(store::Right::administer)
                                          ? share_with(mailbox.access, reader.secret)
                                          : nullptr}};
    if (reader.asks_for_shares) return object;
    object.erase("shareWith");
    object["myRights"].as_object().erase("mayShare");
    return object;
}

json::object only(const json::object& whole, const std::vector<std::string>& properties) {
    json::object part;
    part["id"] = whole.at("id");
    for (const std::string& property : properties)
        part[property] = whole.at(property);
    return part;
}

} // namespace tegami::jmapd
