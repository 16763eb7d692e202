#include "service/jmapd/mailbox_record.h"

#include "protocol/jmap/types.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"
#include "service/jmapd/rights.h"

#include <algorithm>
#include <set>

namespace tegami::jmapd {

namespace {

class Reader {
public:
    Reader(const json::object& object, const store::MailboxInfo* present, const store::MailboxList& list,
           const jmap::CreatedIds& created, std::string_view secret)
        : object_(object), present_(present), list_(list), created_(created), secret_(secret) {}

    Result<WantedMailbox, jmap::Fault> read() {
        for (const auto& [name, value] : object_)
            if (std::ranges::find(mailbox_properties(), std::string_view(name)) == mailbox_properties().end() ||
                (present_ == nullptr && is_server_set(name)))
                wrong_.emplace(name);
        WantedMailbox wanted;
        wanted.settings = {.role = read_role(), .subscribed = read_subscribed(), .sort_order = read_sort_order()};
        wanted.name = read_name(read_parent());
        wanted.grants = read_shares();
        if (wrong_.empty()) return wanted;
        return failure(jmap::invalid_properties({wrong_.begin(), wrong_.end()}, why_));
    }

private:
    /// Null if it is missing or null.
    const json::value* value_of(std::string_view name) const {
        const json::value* const value = object_.if_contains(name);
        return value == nullptr || value->is_null() ? nullptr : value;
    }

    void reject(std::string_view name, std::string_view why = {}) {
        wrong_.emplace(name);
        if (why_.empty()) why_ = why;
    }

    store::MailboxPtr read_parent() {
        const json::value* const value = value_of("parentId");
        if (value == nullptr) return nullptr;
        const auto text = value->is_string() ? created_.resolve(value->get_string()) : std::nullopt;
        const auto id = text ? parse_mailbox_id(*text) : std::nullopt;
        store::MailboxPtr parent = id ? list_.find(*id) : nullptr;
        if (!parent) reject("parentId", "there is no such mailbox");
        for (store::MailboxPtr at = parent; at && present_ != nullptr; at = list_.find(at->parent))
            if (at->id == present_->id) reject("parentId", "a mailbox cannot be within itself");
        return parent;
    }

    /// A name is one level; the slash lies between levels (IMAP shows the same mailboxes).
    std::string read_name(const store::MailboxPtr& parent) {
        const json::value* const value = value_of("name");
        if (value == nullptr || !value->is_string() || value->get_string().empty()) {
            reject("name", "a mailbox has a name");
            return {};
        }
        const std::string level(value->get_string());
        const std::string name = store::canonical_mailbox_name(parent ? parent->name + "/" + level : level);
        if (level.contains('/') || !store::is_mailbox_name(name))
            reject("name", "the name is too long or too deep, or has a slash or control characters");
        const store::MailboxPtr other = list_.find(name);
        if (other && (present_ == nullptr || other->id != present_->id)) reject("name", "there is one of this name");
        return name;
    }

    store::Role read_role() {
        const json::value* const value = value_of("role");
        const auto role = value != nullptr && value->is_string() ? parse_role(value->get_string()) : std::nullopt;
        if (value != nullptr && !role) reject("role", "there is no such role");
        const store::MailboxPtr holder = role ? list_.find(*role) : nullptr;
        if (holder && (present_ == nullptr || holder->id != present_->id)) reject("role", "another mailbox has it");
        return role.value_or(store::Role::none);
    }

    bool read_subscribed() {
        const json::value* const value = value_of("isSubscribed");
        if (value == nullptr) return true;
        if (!value->is_bool()) reject("isSubscribed");
        return value->is_bool() && value->get_bool();
    }

    std::uint32_t read_sort_order() {
        constexpr std::int64_t kSortOrderMax = (std::int64_t{1} << 31) - 1;
        const json::value* const value = value_of("sortOrder");
        const auto order = value == nullptr ? std::optional<std::int64_t>(0) : jmap::read_int(*value);
        if (order && *order >= 0 && *order <= kSortOrderMax) return static_cast<std::uint32_t>(*order);
        reject("sortOrder");
        return 0;
    }

    std::vector<store::GrantChange> read_shares() {
        const store::AccessList before = present_ == nullptr ? store::AccessList() : present_->access;
        const json::value* const value = object_.if_contains("shareWith");
        auto changes = read_share_with(value == nullptr ? json::value() : *value, before, secret_);
        if (!changes) reject("shareWith", "it says of principals what they may do");
        return changes.value_or(std::vector<store::GrantChange>());
    }

    const json::object& object_;
    const store::MailboxInfo* const present_;
    const store::MailboxList& list_;
    const jmap::CreatedIds& created_;
    const std::string_view secret_;
    std::set<std::string> wrong_;
    std::string why_;
};

} // namespace

Result<WantedMailbox, jmap::Fault> read_mailbox(const json::object& object, const store::MailboxInfo* present,
                                                const store::MailboxList& list, const jmap::CreatedIds& created,
                                                std::string_view secret) {
    return Reader(object, present, list, created, secret).read();
}

} // namespace tegami::jmapd
