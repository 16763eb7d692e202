#include "service/imapd/list_plan.h"

#include "protocol/imap/list_pattern.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace tegami::imapd {

namespace {

using imap::ListAttribute;
using imap::ListReturn;
using imap::ListSelection;

/// What is known of a name that may have to be listed.
struct ListCandidate {
    store::MailboxPtr mailbox; // null: no such mailbox
    bool subscribed = false;
    bool selected = false;                // meets the selection criteria
    bool selected_below = false;          // so does a name below
    bool selected_below_unlisted = false; // and the pattern leaves that one out
};

using Candidates = std::map<std::string, ListCandidate, std::less<>>;

bool matches_any(const std::vector<imap::ListPattern>& patterns, std::string_view name) {
    return std::ranges::any_of(patterns, [&](const imap::ListPattern& pattern) { return pattern.matches(name); });
}

bool meets(const ListCandidate& candidate, const imap::EnumSet<ListSelection>& selection) {
    if (selection.contains(ListSelection::subscribed) && !candidate.subscribed) return false;
    if (selection.contains(ListSelection::special_use) &&
        (!candidate.mailbox || special_use_of(candidate.mailbox->role).empty()))
        return false;
    return selection.contains(ListSelection::subscribed) || candidate.mailbox != nullptr;
}

/// Mailboxes, and names that are subscribed without being one.
Candidates gather(const store::MailboxList& mailboxes, bool with_subscribed_names) {
    Candidates candidates;
    for (const store::MailboxPtr& mailbox : mailboxes.all())
        candidates.emplace_hint(candidates.end(), mailbox->name,
                                ListCandidate{.mailbox = mailbox, .subscribed = mailbox->subscribed});
    if (with_subscribed_names)
        for (const std::string& name : mailboxes.subscribed_names())
            candidates[name].subscribed = true;
    return candidates;
}

/// Calls `visit` with every name above `name`, nearest first.
template <class Visit>
void for_each_ancestor(std::string_view name, Visit&& visit) {
    for (std::size_t end = name.rfind(imap::kHierarchyDelimiter); end != std::string_view::npos && end > 0;
         end = name.rfind(imap::kHierarchyDelimiter, end - 1))
        visit(name.substr(0, end));
}

/// Tells every ancestor of a selected name that there is one below it; makes candidates of ancestors that do not exist.
void mark_ancestors(Candidates& candidates, const std::vector<imap::ListPattern>& patterns) {
    std::vector<std::string> selected;
    for (const auto& [name, candidate] : candidates)
        if (candidate.selected) selected.push_back(name);
    for (const std::string& name : selected) {
        const bool listed = matches_any(patterns, name);
        for_each_ancestor(name, [&](std::string_view ancestor) {
            ListCandidate& above = candidates[std::string(ancestor)];
            above.selected_below = true;
            above.selected_below_unlisted |= !listed;
        });
    }
}

std::vector<imap::ListPattern> patterns_of(const imap::List& command) {
    std::vector<imap::ListPattern> patterns;
    for (const std::string& pattern : command.patterns)
        patterns.emplace_back(command.reference, pattern);
    return patterns;
}

} // namespace

imap::EnumSet<imap::SpecialUse> special_use_of(store::Role role) {
    switch (role) {
    case store::Role::drafts: return {imap::SpecialUse::drafts};
    case store::Role::sent: return {imap::SpecialUse::sent};
    case store::Role::junk: return {imap::SpecialUse::junk};
    case store::Role::trash: return {imap::SpecialUse::trash};
    case store::Role::archive: return {imap::SpecialUse::archive};
    case store::Role::none:
    case store::Role::inbox: break;
    }
    return {};
}

imap::ListEntry list_entry(const store::MailboxList& mailboxes, const store::MailboxInfo& mailbox) {
    imap::ListEntry entry{.name = mailbox.name};
    if (!mailbox.selectable) entry.attributes.insert(ListAttribute::no_select);
    entry.attributes.insert(mailboxes.has_children(mailbox.id) ? ListAttribute::has_children
                                                               : ListAttribute::has_no_children);
    entry.special_use = special_use_of(mailbox.role);
    return entry;
}

std::vector<ListAnswer> plan_list(const store::MailboxList& mailboxes, const imap::List& command) {
    // RFC 9051 §6.3.9: an empty name asks for the delimiter and the root of the reference.
    if (!command.extended && command.patterns.size() == 1 && command.patterns.front().empty())
        return {{.entry = {.attributes = {ListAttribute::no_select}}}};

    const std::vector<imap::ListPattern> patterns = patterns_of(command);
    const bool by_subscription = command.selection.contains(ListSelection::subscribed);
    const bool recursive = by_subscription && command.selection.contains(ListSelection::recursive_match);
    Candidates candidates = gather(mailboxes, by_subscription);
    for (auto& [name, candidate] : candidates)
        candidate.selected = meets(candidate, command.selection);
    if (recursive) mark_ancestors(candidates, patterns);

    std::vector<ListAnswer> answers;
    for (const auto& [name, candidate] : candidates) {
        // RFC 9051 §6.3.9.6: a parent that is not selected itself appears only for a child that the pattern leaves out.
        const bool for_children = recursive && candidate.selected_below_unlisted;
        if (!(candidate.selected || for_children) || !matches_any(patterns, name)) continue;
        ListAnswer answer;
        if (candidate.mailbox)
            answer.entry = list_entry(mailboxes, *candidate.mailbox);
        else
            answer.entry = {.attributes = {ListAttribute::nonexistent}, .name = name};
        answer.entry.child_subscribed = recursive && candidate.selected_below;
        if (candidate.subscribed && (by_subscription || command.returns.contains(ListReturn::subscribed)))
            answer.entry.attributes.insert(ListAttribute::subscribed);
        // RFC 9051 §6.3.9.2: STATUS for selectable mailboxes that were selected themselves.
        if (command.returns.contains(ListReturn::status) && candidate.selected && candidate.mailbox &&
            candidate.mailbox->selectable)
            answer.status_of = candidate.mailbox;
        answers.push_back(std::move(answer));
    }
    return answers;
}

std::vector<imap::ListEntry> plan_lsub(const store::MailboxList& mailboxes, const imap::Lsub& command) {
    const std::vector<imap::ListPattern> patterns{imap::ListPattern(command.reference, command.pattern)};
    Candidates candidates = gather(mailboxes, true);
    for (auto& [name, candidate] : candidates)
        candidate.selected = candidate.subscribed;
    mark_ancestors(candidates, patterns);

    std::vector<imap::ListEntry> entries;
    for (const auto& [name, candidate] : candidates) {
        if (!(candidate.selected || candidate.selected_below_unlisted) || !matches_any(patterns, name)) continue;
        imap::ListEntry entry{.name = name};
        if (candidate.selected && candidate.mailbox) entry = list_entry(mailboxes, *candidate.mailbox);
        // RFC 3501 §6.3.9: here \Noselect says that only names below are subscribed.
        if (!candidate.selected) entry.attributes.insert(ListAttribute::no_select);
        entry.special_use = {};
        entries.push_back(std::move(entry));
    }
    return entries;
}

} // namespace tegami::imapd
