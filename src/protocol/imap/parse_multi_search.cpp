// The arguments of ESEARCH (RFC 7377 §4).
#include "base/ascii.h"
#include "protocol/imap/parse_rules.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::imap {

namespace {

using Which = SearchSource::Which;

constexpr std::array<std::pair<std::string_view, Which>, 7> kSources{{
    {"selected", Which::selected},
    {"inboxes", Which::inboxes},
    {"personal", Which::personal},
    {"subscribed", Which::subscribed},
    {"subtree", Which::subtree},
    {"subtree-one", Which::subtree_one},
    {"mailboxes", Which::mailboxes},
}};

/// one-or-more-mailbox of RFC 5465 §8.
Parsed<void> mailbox_names(Cursor& cursor, std::vector<MailboxName>& names) {
    TRY_VOID(cursor.space("a mailbox name"));
    const bool several = cursor.accept('(');
    do {
        if (names.size() == kSearchSourceNamesMax) return bad("Too many mailbox names");
        TRY(MailboxName name, cursor.mailbox());
        names.push_back(std::move(name));
    } while (several && cursor.accept(' '));
    if (several) TRY_VOID(cursor.expect(')'));
    return {};
}

/// After "IN": SP "(" source-mbox ")". There are no scope options yet.
Parsed<std::vector<SearchSource>> sources(Cursor& cursor) {
    std::vector<SearchSource> sources;
    TRY_VOID(cursor.space("mailboxes to search"));
    TRY_VOID(cursor.expect('('));
    do {
        if (sources.size() == kSearchSourceNamesMax) return bad("Too many mailboxes to search");
        const std::string_view name = cursor.word();
        const auto known =
            std::ranges::find_if(kSources, [&](const auto& entry) { return ascii::iequals(entry.first, name); });
        if (known == kSources.end()) return bad("Unknown mailboxes to search: " + ascii::printable(name, 40));
        SearchSource source{.which = known->second, .names = {}};
        if (source.which >= Which::subtree) TRY_VOID(mailbox_names(cursor, source.names));
        sources.push_back(std::move(source));
    } while (cursor.accept(' '));
    TRY_VOID(cursor.expect(')'));
    return sources;
}

} // namespace

Parsed<MultiSearch> parse_multi_search(Cursor& cursor) {
    MultiSearch command;
    Cursor ahead = cursor;
    if (ahead.accept(' ') && ahead.accept_word("IN")) {
        cursor = ahead;
        TRY(command.sources, sources(cursor));
    }
    TRY(command.search, parse_search(cursor, Numbering::uid));
    const auto elsewhere = [](const SearchSource& source) { return source.which != Which::selected; };
    const bool saves = command.search.returns && command.search.returns->contains(SearchReturn::save);
    // RFC 7377 §2.2.
    if (saves && std::ranges::any_of(command.sources, elsewhere))
        return bad("Only a search in the selected mailbox can be saved");
    return command;
}

} // namespace tegami::imap
