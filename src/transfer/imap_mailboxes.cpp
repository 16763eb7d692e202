#include "transfer/imap_mailboxes.h"

#include "base/ascii.h"
#include "message/utf8.h"
#include "protocol/imap/mailbox_name.h"

#include <algorithm>
#include <map>

namespace tegami::transfer {

namespace {

/// What our mailboxes for special uses are called.
constexpr std::pair<std::string_view, std::string_view> kUses[] = {
    {"\\sent", "Sent"}, {"\\drafts", "Drafts"}, {"\\trash", "Trash"}, {"\\junk", "Junk"}, {"\\archive", "Archive"}};

class Plan {
public:
    Plan(const ImapNamespaces& namespaces, bool speaks_utf8) : namespaces_(namespaces), speaks_utf8_(speaks_utf8) {}

    void add(const ImapListed& listed) {
        const auto has = [&](std::string_view attribute) { return listed.attributes.contains(std::string(attribute)); };
        if (!listed.is_subscription && (has("\\noselect") || has("\\nonexistent"))) return;
        const bool is_of_others = std::ranges::any_of(namespaces_.others, [&](const std::string& prefix) {
            return !prefix.empty() && listed.name.starts_with(prefix);
        });
        if (is_of_others || has("\\flagged") || has("\\important")) {
            if (!listed.is_subscription) plan_.passed_over.push_back(listed.name);
            return;
        }
        auto name = our_name(listed);
        if (listed.is_subscription || has("\\subscribed")) {
            if (name) plan_.subscribed.push_back(*name);
            if (listed.is_subscription) return;
        }
        if (!name) return plan_.unnameable.push_back(listed.name);
        for (const auto& [attribute, ours] : kUses)
            if (has(attribute) && *name != "INBOX") uses_.emplace(ours, *name);
        ImapMailbox mailbox{.wire_name = listed.name, .mailbox = *std::move(name), .is_view = has("\\all")};
        (mailbox.is_view ? views_ : plan_.mailboxes).push_back(std::move(mailbox));
    }

    ImapMailboxes finish() && {
        std::ranges::move(views_, std::back_inserter(plan_.mailboxes));
        for (const auto& [ours, theirs] : uses_)
            if (theirs != ours && !is_taken(ours)) renamed_.emplace(theirs, ours);
        for (ImapMailbox& mailbox : plan_.mailboxes)
            rename(mailbox.mailbox);
        for (std::string& mailbox : plan_.subscribed)
            rename(mailbox);
        return std::move(plan_);
    }

private:
    bool is_taken(std::string_view name) const {
        return std::ranges::any_of(plan_.mailboxes,
                                   [&](const ImapMailbox& each) { return ascii::iequals(each.mailbox, name); });
    }

    void rename(std::string& mailbox) const {
        for (const auto& [from, to] : renamed_)
            if (mailbox == from || mailbox.starts_with(from + '/')) {
                mailbox.replace(0, from.size(), to);
                return;
            }
    }

    std::string_view without_prefix(std::string_view name) const {
        for (const std::string& prefix : namespaces_.personal)
            if (!prefix.empty() && name.size() > prefix.size() && name.starts_with(prefix))
                return name.substr(prefix.size());
        return name;
    }

    /// A slash within a level would be a level of its own.
    std::string level_of(std::string_view written) const {
        const auto decoded = speaks_utf8_ ? Result<std::string, imap::MailboxNameError>(message::repair_utf8(written))
                                          : imap::decode_modified_utf7(written);
        std::string level = decoded ? *decoded : message::repair_utf8(written);
        std::ranges::replace_if(level, [](char c) { return c == '/' || ascii::is_control(c); }, '_');
        return level;
    }

    std::optional<std::string> our_name(const ImapListed& listed) const {
        if (ascii::iequals(listed.name, "INBOX")) return "INBOX";
        std::string_view name = without_prefix(listed.name);
        if (listed.delimiter != '\0' && name.ends_with(listed.delimiter)) name.remove_suffix(1);
        std::string ours;
        const auto levels =
            listed.delimiter == '\0' ? std::vector<std::string_view>{name} : ascii::split(name, listed.delimiter);
        for (const std::string_view level : levels) {
            if (level.empty()) return std::nullopt;
            if (!ours.empty()) ours += '/';
            ours += level_of(level);
        }
        const auto checked = imap::MailboxName::from_utf8(ours);
        if (!checked) return std::nullopt;
        return checked->utf8();
    }

    const ImapNamespaces& namespaces_;
    const bool speaks_utf8_;
    ImapMailboxes plan_;
    std::vector<ImapMailbox> views_;
    std::map<std::string, std::string> uses_;    ///< our name for it, and the mailbox there
    std::map<std::string, std::string> renamed_; ///< what it would be called, and what it is called
};

} // namespace

ImapMailboxes plan_mailboxes(const std::vector<ImapListed>& listed, const ImapNamespaces& namespaces,
                             bool speaks_utf8) {
    Plan plan(namespaces, speaks_utf8);
    for (const ImapListed& each : listed)
        plan.add(each);
    return std::move(plan).finish();
}

} // namespace tegami::transfer
