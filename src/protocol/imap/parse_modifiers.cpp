// Commands with parameters and modifiers in parentheses (RFC 4466 §2): SELECT's and STORE's, and what they share.
#include "base/ascii.h"
#include "protocol/imap/parse_rules.h"

#include <limits>
#include <utility>

namespace tegami::imap {

namespace {

constexpr std::uint64_t kNumberMax = std::numeric_limits<std::uint32_t>::max();

/// A set of numbers or UIDs that is compared number by number.
Parsed<SequenceSet> plain_set(Cursor& cursor) {
    TRY(SequenceSet set, cursor.sequence_set());
    if (!set.is_plain()) return bad("QRESYNC wants its sets in rising order and without \"*\"");
    return set;
}

/// seq-match-data (RFC 7162 §7), after its "(".
Parsed<QuickResync::Match> sequence_match(Cursor& cursor) {
    QuickResync::Match match;
    TRY(match.numbers, plain_set(cursor));
    TRY_VOID(cursor.space("a set of UIDs"));
    TRY(match.uids, plain_set(cursor));
    if (count_of(match.numbers.resolve(0)) != count_of(match.uids.resolve(0)))
        return bad("QRESYNC wants as many UIDs as message numbers");
    TRY_VOID(cursor.expect(')'));
    return match;
}

/// After "QRESYNC": SP "(" uidvalidity SP modseq [SP known-uids] [SP seq-match-data] ")".
Parsed<QuickResync> quick_resync(Cursor& cursor) {
    // RFC 7162 §3.2.3.
    if (!cursor.enabled().contains(Enabled::qresync)) return bad("ENABLE QRESYNC comes before its use");
    QuickResync resync;
    TRY_VOID(cursor.space("what is known of the mailbox"));
    TRY_VOID(cursor.expect('('));
    TRY(const std::uint64_t validity, cursor.number("a UIDVALIDITY", 1, kNumberMax));
    resync.uid_validity = static_cast<std::uint32_t>(validity);
    TRY_VOID(cursor.space("a mod-sequence"));
    TRY(resync.modseq, cursor.modseq(1));
    while (cursor.accept(' ')) {
        if (cursor.accept('(')) {
            TRY(resync.match, sequence_match(cursor));
            break;
        }
        if (resync.known_uids) return bad("Expected \"(\"");
        TRY(resync.known_uids, plain_set(cursor));
    }
    TRY_VOID(cursor.expect(')'));
    return resync;
}

} // namespace

Parsed<SelectParameters> parse_select_parameters(Cursor& cursor) {
    SelectParameters parameters;
    Cursor ahead = cursor;
    if (!ahead.accept(' ') || !ahead.accept('(')) return parameters;
    cursor = ahead;
    do {
        const std::string_view name = cursor.word();
        if (ascii::iequals(name, "CONDSTORE")) {
            parameters.condstore = true;
        } else if (ascii::iequals(name, "QRESYNC") && !parameters.resync) {
            TRY(parameters.resync, quick_resync(cursor));
        } else {
            return bad("Unknown SELECT parameter: " + ascii::printable(name, 40));
        }
    } while (cursor.accept(' '));
    TRY_VOID(cursor.expect(')'));
    return parameters;
}

Parsed<PartialRange> parse_partial_range(Cursor& cursor) {
    PartialRange range;
    range.from_end = cursor.accept('-');
    TRY(const std::uint64_t from, cursor.number("a place", 1, kNumberMax));
    TRY_VOID(cursor.expect(':'));
    if (range.from_end) TRY_VOID(cursor.expect('-'));
    TRY(const std::uint64_t to, cursor.number("a place", 1, kNumberMax));
    range.from = static_cast<std::uint32_t>(from);
    range.to = static_cast<std::uint32_t>(to);
    return range;
}

Parsed<Store> parse_store(Cursor& cursor, Numbering numbering) {
    Store store{.numbering = numbering};
    TRY_VOID(cursor.space("messages"));
    TRY(store.set, cursor.sequence_set());
    TRY_VOID(cursor.space("what to store"));
    if (cursor.accept('(')) {
        if (!cursor.accept_word("UNCHANGEDSINCE")) return bad("STORE knows only the modifier UNCHANGEDSINCE");
        TRY_VOID(cursor.space("a mod-sequence"));
        TRY(store.unchanged_since, cursor.modseq(0));
        TRY_VOID(cursor.expect(')'));
        TRY_VOID(cursor.space("what to store"));
    }
    store.mode = cursor.accept('+') ? StoreMode::add : cursor.accept('-') ? StoreMode::remove : StoreMode::replace;
    const std::string_view name = cursor.word();
    store.silent = ascii::iequals(name, "FLAGS.SILENT");
    if (!store.silent && !ascii::iequals(name, "FLAGS")) return bad("STORE knows only FLAGS and FLAGS.SILENT");
    TRY_VOID(cursor.space("flags"));
    if (cursor.next_is('(')) {
        TRY(store.flags, cursor.flag_list());
        return store;
    }
    do {
        TRY_VOID(cursor.flag(store.flags));
    } while (cursor.accept(' '));
    return store;
}

} // namespace tegami::imap
