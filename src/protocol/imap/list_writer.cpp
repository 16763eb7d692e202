// LIST, LSUB and STATUS answers of writer.h.
#include "protocol/imap/writer.h"

#include "protocol/imap/object_id.h"

#include <array>
#include <fmt/format.h>
#include <iterator>

namespace tegami::imap {

namespace {

constexpr std::array<std::string_view, 9> kListAttributes{"\\NonExistent", "\\Noinferiors",   "\\Noselect",
                                                          "\\HasChildren", "\\HasNoChildren", "\\Marked",
                                                          "\\Unmarked",    "\\Subscribed",    "\\Remote"};

void append_entry(std::string& out, std::string_view word, const ListEntry& entry, EnabledSet enabled) {
    out.append("* ").append(word).append(" (");
    bool first = true;
    const auto put = [&](std::string_view name) {
        if (!first) out += ' ';
        first = false;
        out += name;
    };
    for (std::size_t at = 0; at < kListAttributes.size(); ++at) {
        if (entry.attributes.contains(static_cast<ListAttribute>(at))) put(kListAttributes[at]);
    }
    for (const SpecialUse use : {SpecialUse::all, SpecialUse::archive, SpecialUse::drafts, SpecialUse::flagged,
                                 SpecialUse::junk, SpecialUse::sent, SpecialUse::trash}) {
        if (entry.special_use.contains(use)) put(name_of(use));
    }
    out.append(") \"").append(1, kHierarchyDelimiter).append("\" ");
    append_mailbox(out, entry.name, enabled);
}

} // namespace

void append_list(std::string& out, const ListEntry& entry, EnabledSet enabled) {
    append_entry(out, "LIST", entry, enabled);
    if (entry.child_subscribed || entry.old_name) {
        out += " (";
        if (entry.child_subscribed) out += "\"CHILDINFO\" (\"SUBSCRIBED\")";
        if (entry.child_subscribed && entry.old_name) out += ' ';
        if (entry.old_name) {
            out += "\"OLDNAME\" (";
            append_mailbox(out, *entry.old_name, enabled);
            out += ')';
        }
        out += ')';
    }
    out += "\r\n";
}

void append_lsub(std::string& out, const ListEntry& entry, EnabledSet enabled) {
    append_entry(out, "LSUB", entry, enabled);
    out += "\r\n";
}

void append_status_data(std::string& out, const MailboxName& mailbox, StatusItems items, const StatusValues& values,
                        EnabledSet enabled) {
    out += "* STATUS ";
    append_mailbox(out, mailbox.utf8(), enabled);
    out += " (";
    bool first = true;
    const auto put = [&](StatusItem item, std::string_view name, std::uint64_t value) {
        if (!items.contains(item)) return;
        fmt::format_to(std::back_inserter(out), "{}{} {}", first ? "" : " ", name, value);
        first = false;
    };
    put(StatusItem::messages, "MESSAGES", values.messages);
    put(StatusItem::recent, "RECENT", values.recent);
    put(StatusItem::uid_next, "UIDNEXT", values.uid_next.value);
    put(StatusItem::uid_validity, "UIDVALIDITY", values.uid_validity.value);
    put(StatusItem::unseen, "UNSEEN", values.unseen);
    put(StatusItem::deleted, "DELETED", values.deleted);
    put(StatusItem::size, "SIZE", values.size);
    put(StatusItem::highest_modseq, "HIGHESTMODSEQ", values.highest_modseq);
    if (items.contains(StatusItem::mailbox_id))
        fmt::format_to(std::back_inserter(out), "{}MAILBOXID ({})", first ? "" : " ",
                       object_id(ObjectKind::mailbox, values.mailbox_id));
    out += ")\r\n";
}

void append_acl(std::string& out, std::string_view mailbox, std::span<const AclEntry> entries, EnabledSet enabled) {
    out += "* ACL ";
    append_mailbox(out, mailbox, enabled);
    for (const AclEntry& entry : entries) {
        out += ' ';
        append_string(out, entry.identifier, enabled);
        out += ' ';
        append_string(out, entry.rights, enabled);
    }
    out += "\r\n";
}

void append_list_rights(std::string& out, std::string_view mailbox, std::string_view identifier,
                        std::string_view required, std::span<const std::string> optional, EnabledSet enabled) {
    out += "* LISTRIGHTS ";
    append_mailbox(out, mailbox, enabled);
    for (const std::string_view text : {identifier, required}) {
        out += ' ';
        append_string(out, text, enabled);
    }
    for (const std::string& right : optional) {
        out += ' ';
        append_string(out, right, enabled);
    }
    out += "\r\n";
}

void append_my_rights(std::string& out, std::string_view mailbox, std::string_view rights, EnabledSet enabled) {
    out += "* MYRIGHTS ";
    append_mailbox(out, mailbox, enabled);
    out += ' ';
    append_string(out, rights, enabled);
    out += "\r\n";
}

} // namespace tegami::imap
