#include "service/jmapd/rights.h"

#include "protocol/sasl/scram.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/session_resource.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::jmapd {

namespace {

using store::Right;
using store::Rights;

struct NamedRight {
    std::string_view name;
    Rights rights;
};

constexpr Rights kTakingOut{Right::mark, Right::expunge};
constexpr std::array kNamedRights{
    NamedRight{"mayReadItems", store::kReading},  NamedRight{"mayAddItems", {Right::insert}},
    NamedRight{"mayRemoveItems", kTakingOut},     NamedRight{"maySetSeen", {Right::seen}},
    NamedRight{"maySetKeywords", {Right::write}}, NamedRight{"mayCreateChild", {Right::create}},
    NamedRight{"mayRename", {Right::remove}},     NamedRight{"mayDelete", {Right::remove}},
    NamedRight{"mayShare", {Right::administer}}};

/// Rights about what is in a mailbox.
bool is_of_items(std::string_view name) {
    return name.ends_with("Items") || name.starts_with("maySet");
}

json::object listed_rights(Rights rights) {
    json::object object;
    for (const NamedRight& each : kNamedRights)
        object[each.name] = rights.has(each.rights);
    object["maySubmit"] = false;
    return object;
}

jmap::Fault not_allowed() {
    return {.type = "forbidden", .description = "the owner of this mailbox does not allow it"};
}

/// What it takes to change these flags and keywords.
Rights needed_for(store::Flags flags, bool keywords) {
    Rights needed;
    if (flags.has(store::Flag::seen)) needed = needed | Rights{Right::seen};
    if (keywords || !(flags - store::Flags{store::Flag::seen}).empty()) needed = needed | Rights{Right::write};
    return needed;
}

Result<void, jmap::Fault> may_in(const Call& call, const store::MailboxList& list, store::MailboxId id, Rights needed) {
    const store::MailboxPtr mailbox = list.find(id);
    if (mailbox && call.rights(*mailbox).has(needed)) return {};
    return failure(not_allowed());
}

} // namespace

json::object rights_object(const store::MailboxInfo& mailbox, Rights rights, bool is_owner) {
    const bool holds_mail = mailbox.selectable && !mailbox.damaged;
    const bool stays = mailbox.role == store::Role::inbox || mailbox.damaged;
    json::object object;
    for (const NamedRight& each : kNamedRights) {
        bool may = rights.has(each.rights);
        if (is_of_items(each.name) || each.name == "mayShare") may = may && holds_mail;
        if (each.rights.has(Right::remove)) may = may && !stays;
        object[each.name] = may;
    }
    object["maySubmit"] = is_owner && holds_mail;
    return object;
}

std::optional<Rights> read_rights(const json::value& object) {
    if (!object.is_object()) return std::nullopt;
    Rights rights;
    for (const auto& [name, value] : object.get_object()) {
        if (!value.is_bool()) return std::nullopt;
        if (name == "maySubmit") continue;
        const auto* const found = std::ranges::find(kNamedRights, std::string_view(name), &NamedRight::name);
        if (found == kNamedRights.end()) return std::nullopt;
        if (value.get_bool()) rights = rights | found->rights;
    }
    // Who may do anything in a mailbox knows of it.
    return rights.empty() ? rights : rights | Rights{Right::lookup};
}

std::string principal_id(store::AccountId account, std::string_view secret) {
    constexpr std::size_t kSignatureOctets = 8;
    const std::string mac = sasl::hmac_sha256(secret, fmt::format("principal over JMAP\n{}", account.value));
    std::string id = fmt::format("P{}-", account.value);
    for (const char octet : std::string_view(mac).substr(0, kSignatureOctets))
        id += fmt::format("{:02x}", static_cast<unsigned char>(octet));
    return id;
}

std::optional<store::AccountId> parse_principal_id(std::string_view id, std::string_view secret) {
    if (!id.starts_with('P')) return std::nullopt;
    const auto account = parse_account_id("A" + std::string(id.substr(1, id.find('-') - 1)));
    if (!account || principal_id(*account, secret) != id) return std::nullopt;
    return account;
}

json::value share_with(const store::AccessList& list, std::string_view secret) {
    if (list.empty()) return nullptr;
    json::object all;
    for (const store::Grant& grant : list)
        all[principal_id(grant.grantee, secret)] = listed_rights(grant.rights);
    return all;
}

std::optional<std::vector<store::GrantChange>>
read_share_with(const json::value& value, const store::AccessList& before, std::string_view secret) {
    std::vector<store::GrantChange> changes;
    for (const store::Grant& grant : before)
        changes.push_back({.grantee = grant.grantee, .add = {}, .remove = Rights::all()});
    if (value.is_null()) return changes;
    if (!value.is_object()) return std::nullopt;
    for (const auto& [id, object] : value.get_object()) {
        const auto grantee = parse_principal_id(id, secret);
        const auto rights = read_rights(object);
        if (!grantee || !rights) return std::nullopt;
        const auto known = std::ranges::find(changes, *grantee, &store::GrantChange::grantee);
        if (known != changes.end())
            known->add = *rights;
        else
            changes.push_back({.grantee = *grantee, .add = *rights, .remove = Rights::all()});
    }
    // JMAP has one name for two letters: who had one of them keeps it if nothing was changed.
    std::erase_if(changes, [&](const store::GrantChange& change) {
        return listed_rights(change.add) == listed_rights(store::rights_in(before, change.grantee));
    });
    return changes;
}

MailboxReader reader_of(const Call& call, const store::MailboxInfo& mailbox) {
    return {.rights = call.rights(mailbox),
            .is_owner = call.is_own(),
            .asks_for_shares = call.batch->uses(kMailShareCapability),
            .secret = call.service->with.secret};
}

bool is_read_only(const store::MailboxList& part, store::AccountId reader) {
    return std::ranges::all_of(part.all(), [reader](const store::MailboxPtr& mailbox) {
        return (store::rights_in(mailbox->access, reader) - store::kReading).empty();
    });
}

Result<void, jmap::Fault> may_add(const Call& call, const EmailMarks& marks) {
    if (call.is_own()) return {};
    const auto list = call.mailboxes();
    for (const store::Placement& each : placements_of(marks))
        TRY_VOID(
            may_in(call, *list, each.mailbox, Rights{Right::insert} | needed_for(each.flags, !each.keywords.empty())));
    return {};
}

Result<void, jmap::Fault> may_update(const Call& call, const store::EmailState& email,
                                     const store::EmailUpdate& update) {
    if (call.is_own()) return {};
    const auto list = call.mailboxes();
    Rights needed =
        needed_for(update.add | update.remove, !update.add_keywords.empty() || !update.remove_keywords.empty());
    if (update.destroy) needed = kTakingOut;
    // RFC 8621 §2: the right has to be there for all mailboxes that the email is in.
    for (const store::MailboxId mailbox : email.mailboxes)
        TRY_VOID(may_in(call, *list, mailbox, needed));
    for (const store::MailboxId mailbox : update.out_of)
        TRY_VOID(may_in(call, *list, mailbox, kTakingOut));
    // RFC 4314 §4: what goes along is set there, too.
    const store::Flags along = (email.flags | update.add) - update.remove;
    const bool keywords_along = !email.keywords.empty() || !update.add_keywords.empty();
    for (const store::MailboxId mailbox : update.into)
        TRY_VOID(may_in(call, *list, mailbox, Rights{Right::insert} | needed_for(along, keywords_along)));
    return {};
}

Result<void, jmap::Fault> may(const Call& call, const store::MailboxInfo& mailbox, Rights needed) {
    if (call.rights(mailbox).has(needed)) return {};
    return failure(not_allowed());
}

} // namespace tegami::jmapd
