// The arguments of LIST, LSUB, STATUS and APPEND.
#include "base/ascii.h"
#include "protocol/imap/command_reader.h"
#include "protocol/imap/parse_rules.h"

#include <array>
#include <utility>

namespace tegami::imap {

namespace {

template <class Value, std::size_t count>
std::optional<Value> look_up(const std::array<std::pair<std::string_view, Value>, count>& table,
                             std::string_view name) {
    for (const auto& [entry, value] : table) {
        if (ascii::iequals(name, entry)) return value;
    }
    return std::nullopt;
}

/// "(" status-att *(SP status-att) ")".
Parsed<StatusItems> status_items(Cursor& cursor) {
    static constexpr std::array<std::pair<std::string_view, StatusItem>, 9> kItems{{
        {"MESSAGES", StatusItem::messages},
        {"RECENT", StatusItem::recent},
        {"UIDNEXT", StatusItem::uid_next},
        {"UIDVALIDITY", StatusItem::uid_validity},
        {"UNSEEN", StatusItem::unseen},
        {"DELETED", StatusItem::deleted},
        {"SIZE", StatusItem::size},
        {"HIGHESTMODSEQ", StatusItem::highest_modseq},
        {"MAILBOXID", StatusItem::mailbox_id},
    }};
    TRY_VOID(cursor.space("status items"));
    TRY_VOID(cursor.expect('('));
    StatusItems items;
    do {
        const std::string_view name = cursor.word();
        const std::optional<StatusItem> item = look_up(kItems, name);
        if (!item) return bad("Unknown status item: " + ascii::printable(name, 40));
        items.insert(*item);
    } while (cursor.accept(' '));
    TRY_VOID(cursor.expect(')'));
    return items;
}

/// After "(" of list-select-opts.
Parsed<void> selection_options(Cursor& cursor, List& list) {
    static constexpr std::array<std::pair<std::string_view, ListSelection>, 4> kOptions{{
        {"SUBSCRIBED", ListSelection::subscribed},
        {"REMOTE", ListSelection::remote},
        {"RECURSIVEMATCH", ListSelection::recursive_match},
        {"SPECIAL-USE", ListSelection::special_use},
    }};
    if (!cursor.next_is(')')) {
        do {
            const std::string_view name = cursor.word();
            const std::optional<ListSelection> option = look_up(kOptions, name);
            if (!option) return bad("Unknown LIST selection option: " + ascii::printable(name, 40));
            list.selection.insert(*option);
        } while (cursor.accept(' '));
    }
    TRY_VOID(cursor.expect(')'));
    // RFC 5258 §3.1: RECURSIVEMATCH modifies SUBSCRIBED and means nothing alone.
    if (list.selection.contains(ListSelection::recursive_match) && !list.selection.contains(ListSelection::subscribed))
        return bad("RECURSIVEMATCH needs SUBSCRIBED");
    // RFC 5258 §3.1, RFC 6154 §5.2: what is selected by is also returned.
    if (list.selection.contains(ListSelection::subscribed)) list.returns.insert(ListReturn::subscribed);
    if (list.selection.contains(ListSelection::special_use)) list.returns.insert(ListReturn::special_use);
    return {};
}

/// After "RETURN": SP "(" [options] ")".
Parsed<void> return_options(Cursor& cursor, List& list) {
    static constexpr std::array<std::pair<std::string_view, ListReturn>, 4> kOptions{{
        {"SUBSCRIBED", ListReturn::subscribed},
        {"CHILDREN", ListReturn::children},
        {"SPECIAL-USE", ListReturn::special_use},
        {"STATUS", ListReturn::status},
    }};
    TRY_VOID(cursor.space("LIST return options"));
    TRY_VOID(cursor.expect('('));
    if (cursor.accept(')')) return {};
    do {
        const std::string_view name = cursor.word();
        const std::optional<ListReturn> option = look_up(kOptions, name);
        if (!option) return bad("Unknown LIST return option: " + ascii::printable(name, 40));
        list.returns.insert(*option);
        if (option == ListReturn::status) {
            TRY(list.status, status_items(cursor));
        }
    } while (cursor.accept(' '));
    return cursor.expect(')');
}

/// A reference: like a mailbox name, but it may be empty or end with the delimiter.
Parsed<std::string> reference_name(Cursor& cursor) {
    TRY(std::string text, cursor.astring("a reference name"));
    if (speaks_utf8(cursor.enabled())) return text;
    return decode_modified_utf7(text).value_or(text);
}

Parsed<void> patterns(Cursor& cursor, List& list) {
    TRY_VOID(cursor.space("a mailbox pattern"));
    const bool many = cursor.accept('(');
    list.extended = list.extended || many;
    do {
        if (list.patterns.size() == kListPatternsMax) return bad("Too many mailbox patterns");
        TRY(std::string pattern, cursor.list_mailbox());
        list.patterns.push_back(std::move(pattern));
    } while (many && cursor.accept(' '));
    if (many) return cursor.expect(')');
    return {};
}

} // namespace

Parsed<List> parse_list(Cursor& cursor) {
    List list;
    TRY_VOID(cursor.space("a reference name"));
    if (cursor.accept('(')) {
        list.extended = true;
        TRY_VOID(selection_options(cursor, list));
        TRY_VOID(cursor.space("a reference name"));
    }
    TRY(list.reference, reference_name(cursor));
    TRY_VOID(patterns(cursor, list));
    Cursor ahead = cursor;
    if (ahead.accept(' ') && ahead.accept_word("RETURN")) {
        cursor = ahead;
        list.extended = true;
        TRY_VOID(return_options(cursor, list));
    }
    return list;
}

Parsed<Lsub> parse_lsub(Cursor& cursor) {
    Lsub lsub;
    TRY_VOID(cursor.space("a reference name"));
    TRY(lsub.reference, reference_name(cursor));
    TRY_VOID(cursor.space("a mailbox pattern"));
    TRY(lsub.pattern, cursor.list_mailbox());
    return lsub;
}

Parsed<Status> parse_status(Cursor& cursor) {
    Status status;
    TRY_VOID(cursor.space("a mailbox name"));
    TRY(status.mailbox, cursor.mailbox());
    TRY(status.items, status_items(cursor));
    return status;
}

Parsed<Append> parse_append(Cursor& cursor) {
    Append append;
    TRY_VOID(cursor.space("a mailbox name"));
    TRY(append.mailbox, cursor.mailbox());
    TRY(append.message, parse_append_message(cursor));
    return append;
}

Parsed<AppendMessage> parse_append_message(Cursor& cursor) {
    AppendMessage append;
    TRY_VOID(cursor.space("a message"));
    if (cursor.next_is('(')) {
        TRY(append.flags, cursor.flag_list());
        TRY_VOID(cursor.space("a message"));
    }
    if (cursor.next_is('"')) {
        TRY(append.date, cursor.date_time());
        TRY_VOID(cursor.space("a message"));
    }
    // RFC 6855 §4: the "UTF8" form of the message.
    if (cursor.accept_word("UTF8")) {
        append.utf8 = true;
        TRY_VOID(cursor.space("a message"));
        TRY_VOID(cursor.expect('('));
    }
    append.binary = cursor.accept('~');
    if (!cursor.accept('{')) return bad("Expected the message as a literal");
    TRY(append.size, cursor.number("the message's size", 0, kLiteralSizeMax));
    cursor.accept('+');
    TRY_VOID(cursor.expect('}'));
    return append;
}

} // namespace tegami::imap
