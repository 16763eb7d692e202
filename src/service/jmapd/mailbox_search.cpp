#include "service/jmapd/mailbox_search.h"

#include "message/collation.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/mailbox_object.h"

#include <algorithm>
#include <compare>
#include <map>
#include <set>

namespace tegami::jmapd {

namespace {

using store::MailboxId;
using store::MailboxPtr;

std::unexpected<jmap::Fault> unsupported_filter(std::string_view name) {
    return failure(jmap::Fault{.type = "unsupportedFilter", .description = std::string(name) + " is no condition"});
}

Result<void, jmap::Fault> check_condition(const json::object& condition) {
    for (const auto& [name, value] : condition) {
        const bool text_or_null = value.is_string() || value.is_null();
        bool good = false;
        if (name == "parentId" || name == "role")
            good = text_or_null;
        else if (name == "name")
            good = value.is_string();
        else if (name == "hasAnyRole" || name == "isSubscribed")
            good = value.is_bool();
        else
            return unsupported_filter(name);
        if (!good) return failure(jmap::invalid_arguments({"filter"}, std::string(name) + " is of another type"));
    }
    return {};
}

Result<void, jmap::Fault> check_filter(const jmap::Filter& filter) {
    if (const auto* const condition = std::get_if<const json::object*>(&filter.is)) return check_condition(**condition);
    for (const jmap::Filter& part : std::get<jmap::Filter::Group>(filter.is).parts)
        TRY_VOID(check_filter(part));
    return {};
}

Result<void, jmap::Fault> check_sort(const std::vector<jmap::Comparator>& sort) {
    for (const jmap::Comparator& one : sort) {
        const bool known = one.property == "sortOrder" || one.property == "name";
        const bool ours = one.collation.empty() || one.collation == "i;unicode-casemap";
        if (!known || !ours)
            return failure(jmap::Fault{.type = "unsupportedSort", .description = "mailboxes are not sorted so"});
    }
    return {};
}

/// What one mailbox is found and ordered by.
struct SortKey {
    std::uint32_t sort_order = 0;
    std::string name;
    MailboxId id;
};

using Keys = std::map<MailboxId, SortKey>;

Keys keys_of(const store::MailboxList& list) {
    Keys keys;
    for (const MailboxPtr& mailbox : list.all())
        keys[mailbox->id] = {
            .sort_order = mailbox->sort_order, .name = message::casemap_key(level_of(*mailbox)), .id = mailbox->id};
    return keys;
}

class Matcher {
public:
    Matcher(const Keys& keys, const jmap::CreatedIds& created) : keys_(keys), created_(created) {}

    bool matches(const jmap::Filter& filter, const store::MailboxInfo& mailbox) const {
        return jmap::matches(
            filter, [&](std::string_view name, const json::value& value) { return holds(name, value, mailbox); });
    }

private:
    bool holds(std::string_view name, const json::value& value, const store::MailboxInfo& mailbox) const {
        if (name == "hasAnyRole") return value.get_bool() == name_of(mailbox.role).has_value();
        if (name == "isSubscribed") return value.get_bool() == mailbox.subscribed;
        if (name == "role") {
            const auto role = name_of(mailbox.role);
            return value.is_null() ? !role : role && *role == std::string_view(value.get_string());
        }
        if (name == "parentId") {
            if (value.is_null()) return mailbox.parent == MailboxId();
            const auto id = created_.resolve(value.get_string());
            return id && mailbox.parent != MailboxId() && *id == id_of(mailbox.parent);
        }
        return keys_.at(mailbox.id).name.contains(needle(value));
    }

    /// What a condition looks for, folded once for all mailboxes.
    const std::string& needle(const json::value& value) const {
        std::string& folded = needles_[&value];
        if (folded.empty()) folded = message::casemap_key(value.get_string());
        return folded;
    }

    const Keys& keys_;
    const jmap::CreatedIds& created_;
    mutable std::map<const json::value*, std::string> needles_;
};

std::strong_ordering compare(const SortKey& left, const SortKey& right, const std::vector<jmap::Comparator>& sort) {
    for (const jmap::Comparator& one : sort) {
        const auto order = one.property == "name" ? left.name <=> right.name : left.sort_order <=> right.sort_order;
        if (order != 0) return one.ascending ? order : 0 <=> order;
    }
    return left.id <=> right.id;
}

/// From the top down to the mailbox itself.
std::vector<const SortKey*> path_of(const MailboxPtr& mailbox, const store::MailboxList& list, const Keys& keys) {
    std::vector<const SortKey*> path;
    for (MailboxPtr at = mailbox; at; at = at->parent == MailboxId() ? nullptr : list.find(at->parent))
        path.push_back(&keys.at(at->id));
    std::ranges::reverse(path);
    return path;
}

void sort_as_tree(std::vector<MailboxPtr>& mailboxes, const store::MailboxList& list, const Keys& keys,
                  const std::vector<jmap::Comparator>& sort) {
    std::map<MailboxId, std::vector<const SortKey*>> paths;
    for (const MailboxPtr& mailbox : mailboxes)
        paths[mailbox->id] = path_of(mailbox, list, keys);
    const auto less = [&](const SortKey* left, const SortKey* right) { return compare(*left, *right, sort) < 0; };
    std::ranges::sort(mailboxes, [&](const MailboxPtr& left, const MailboxPtr& right) {
        return std::ranges::lexicographical_compare(paths.at(left->id), paths.at(right->id), less);
    });
}

} // namespace

Result<MailboxSearch, jmap::Fault> take_mailbox_search(jmap::Arguments& arguments, const json::value* filter,
                                                       const json::value* sort) {
    MailboxSearch search{.filter = {},
                         .sort = {},
                         .sort_as_tree = arguments.flag("sortAsTree", false),
                         .filter_as_tree = arguments.flag("filterAsTree", false)};
    if (filter != nullptr) {
        TRY(search.filter, jmap::parse_filter(*filter));
        TRY_VOID(check_filter(*search.filter));
    }
    TRY(search.sort, jmap::parse_sort(sort));
    TRY_VOID(check_sort(search.sort));
    return search;
}

std::vector<MailboxPtr> find_mailboxes(const store::MailboxList& list, const MailboxSearch& search,
                                       const jmap::CreatedIds& created) {
    const Keys keys = keys_of(list);
    const Matcher matcher(keys, created);
    std::vector<MailboxPtr> found;
    std::set<MailboxId> matching;
    // Names are in order, so that a parent is looked at before what is in it.
    for (const MailboxPtr& mailbox : list.all()) {
        if (search.filter && !matcher.matches(*search.filter, *mailbox)) continue;
        const bool shown = mailbox->parent == MailboxId() || matching.contains(mailbox->parent);
        if (search.filter_as_tree && !shown) continue;
        matching.insert(mailbox->id);
        found.push_back(mailbox);
    }
    if (search.sort_as_tree)
        sort_as_tree(found, list, keys, search.sort);
    else
        std::ranges::sort(found, [&](const MailboxPtr& left, const MailboxPtr& right) {
            return compare(keys.at(left->id), keys.at(right->id), search.sort) < 0;
        });
    return found;
}

} // namespace tegami::jmapd
