// The arguments of SEARCH (RFC 9051 §6.4.4, §9: search-program).
#include "base/ascii.h"
#include "protocol/imap/object_id.h"
#include "protocol/imap/parse_rules.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace tegami::imap {

namespace {

SearchKey key_of(auto value) {
    return SearchKey{std::move(value)};
}

SearchKey negated(SearchKey key) {
    SearchNot negation;
    negation.keys.push_back(std::move(key));
    return key_of(std::move(negation));
}

/// Keys without arguments.
std::optional<SearchKey> plain_key(std::string_view name) {
    struct FlagName {
        std::string_view name;
        SystemFlag flag;
    };

    static constexpr std::array<FlagName, 5> kFlags{{{"ANSWERED", SystemFlag::answered},
                                                     {"DELETED", SystemFlag::deleted},
                                                     {"DRAFT", SystemFlag::draft},
                                                     {"FLAGGED", SystemFlag::flagged},
                                                     {"SEEN", SystemFlag::seen}}};
    // RFC 8514 §4.3: every message here has a save date.
    if (ascii::iequals(name, "ALL") || ascii::iequals(name, "SAVEDATESUPPORTED")) return key_of(SearchAll{});
    for (const FlagName& entry : kFlags) {
        SearchKey has = key_of(SearchFlag{entry.flag});
        if (ascii::iequals(name, entry.name)) return has;
        if (ascii::istarts_with(name, "UN") && ascii::iequals(name.substr(2), entry.name)) return negated(has);
    }
    // RFC 3501 §6.4.4; IMAP4rev2 has no \Recent.
    SearchKey recent = key_of(SearchFlag{SystemFlag::recent});
    if (ascii::iequals(name, "RECENT")) return recent;
    if (ascii::iequals(name, "OLD")) return negated(recent);
    if (ascii::iequals(name, "NEW")) {
        SearchAnd both;
        both.keys.push_back(recent);
        both.keys.push_back(negated(key_of(SearchFlag{SystemFlag::seen})));
        return key_of(std::move(both));
    }
    return std::nullopt;
}

std::optional<SearchDate> date_key(std::string_view name) {
    SearchDate key{.which = SearchDate::Which::internal};
    if (ascii::istarts_with(name, "SENT")) {
        key.which = SearchDate::Which::sent;
        name.remove_prefix(4);
    } else if (ascii::istarts_with(name, "SAVED")) {
        key.which = SearchDate::Which::saved;
        name.remove_prefix(5);
    }
    if (ascii::iequals(name, "BEFORE"))
        key.order = SearchDate::Order::before;
    else if (ascii::iequals(name, "ON"))
        key.order = SearchDate::Order::on;
    else if (ascii::iequals(name, "SINCE"))
        key.order = SearchDate::Order::since;
    else
        return std::nullopt;
    return key;
}

class KeyParser {
public:
    explicit KeyParser(Cursor& cursor) : cursor_(cursor) {}

    /// search-key *(SP search-key), as one key.
    Parsed<SearchKey> list(std::size_t depth) {
        SearchAnd all;
        do {
            TRY(SearchKey one, key(depth));
            all.keys.push_back(std::move(one));
        } while (more());
        if (all.keys.size() == 1) return std::move(all.keys.front());
        return key_of(std::move(all));
    }

private:
    bool more() {
        // Interop: some clients end the command with a space.
        Cursor ahead = cursor_;
        if (!ahead.accept(' ') || ahead.at_end()) return false;
        cursor_ = ahead;
        return true;
    }

    Parsed<SearchKey> key(std::size_t depth) {
        if (depth == kSearchDepthMax) return bad("Search keys nested too deeply");
        if (++count_ > kSearchKeysMax) return bad("Too many search keys");
        if (cursor_.accept('(')) {
            TRY(SearchKey inner, list(depth + 1));
            TRY_VOID(cursor_.expect(')'));
            return inner;
        }
        if (cursor_.next_is_digit() || cursor_.next_is('*') || cursor_.next_is('$')) {
            TRY(SequenceSet set, cursor_.sequence_set());
            return key_of(SearchSet{Numbering::sequence, std::move(set)});
        }
        const std::string_view name = cursor_.word();
        if (std::optional<SearchKey> plain = plain_key(name)) return *std::move(plain);
        if (ascii::iequals(name, "NOT") || ascii::iequals(name, "OR")) return combined(name.size() == 2, depth);
        if (ascii::iequals(name, "FUZZY")) {
            TRY_VOID(cursor_.space("a search key"));
            SearchFuzzy fuzzy;
            TRY(SearchKey inner, key(depth + 1));
            fuzzy.keys.push_back(std::move(inner));
            return key_of(std::move(fuzzy));
        }
        return with_argument(name);
    }

    Parsed<SearchKey> combined(bool either, std::size_t depth) {
        TRY_VOID(cursor_.space("a search key"));
        TRY(SearchKey first, key(depth + 1));
        if (!either) return negated(std::move(first));
        TRY_VOID(cursor_.space("a second search key for OR"));
        TRY(SearchKey second, key(depth + 1));
        SearchOr keys;
        keys.keys.push_back(std::move(first));
        keys.keys.push_back(std::move(second));
        return key_of(std::move(keys));
    }

    Parsed<SearchKey> with_argument(std::string_view name) {
        if (std::optional<SearchDate> date = date_key(name)) {
            TRY_VOID(cursor_.space("a date"));
            TRY(date->date, cursor_.date());
            return key_of(*date);
        }
        if (ascii::iequals(name, "LARGER") || ascii::iequals(name, "SMALLER")) {
            SearchSize key{.order = name.size() == 6 ? SearchSize::Order::larger : SearchSize::Order::smaller};
            TRY_VOID(cursor_.space("a size"));
            TRY(key.size, cursor_.number("a size", 0, kNumber64Max));
            return key_of(key);
        }
        if (ascii::iequals(name, "OLDER") || ascii::iequals(name, "YOUNGER")) {
            SearchWithin key{.order = name.size() == 5 ? SearchWithin::Order::older : SearchWithin::Order::younger};
            TRY_VOID(cursor_.space("a number of seconds"));
            TRY(const std::uint64_t seconds, cursor_.number("seconds", 1, std::numeric_limits<std::uint32_t>::max()));
            key.seconds = static_cast<std::uint32_t>(seconds);
            return key_of(key);
        }
        if (ascii::iequals(name, "MODSEQ")) return modseq();
        if (ascii::iequals(name, "EMAILID") || ascii::iequals(name, "THREADID")) return object_id_key(name.size() == 7);
        if (ascii::iequals(name, "UID")) {
            TRY_VOID(cursor_.space("a set of UIDs"));
            TRY(SequenceSet set, cursor_.sequence_set());
            return key_of(SearchSet{Numbering::uid, std::move(set)});
        }
        if (ascii::iequals(name, "KEYWORD") || ascii::iequals(name, "UNKEYWORD")) {
            TRY_VOID(cursor_.space("a keyword"));
            // Interop: go-imap quoted keywords. What is no atom is no message's keyword.
            TRY(std::string keyword, cursor_.astring("a keyword"));
            SearchKey has = key_of(SearchKeyword{std::move(keyword)});
            return name.size() == 7 ? std::move(has) : negated(std::move(has));
        }
        return with_text(name);
    }

    /// After "MODSEQ": [SP entry-name SP entry-type-req] SP mod-sequence-valzer.
    Parsed<SearchKey> modseq() {
        SearchModseq key;
        TRY_VOID(cursor_.space("a mod-sequence"));
        if (cursor_.next_is('"')) {
            TRY(const std::string entry, cursor_.string("an entry"));
            if (!ascii::istarts_with(entry, "/flags/")) return bad("Expected an entry such as \"/flags/\\\\Seen\"");
            TRY_VOID(cursor_.space("a type of entry"));
            if (!cursor_.accept_word("priv") && !cursor_.accept_word("shared") && !cursor_.accept_word("all"))
                return bad("Expected priv, shared or all");
            TRY_VOID(cursor_.space("a mod-sequence"));
        }
        TRY(key.modseq, cursor_.modseq(0));
        return key_of(key);
    }

    Parsed<SearchKey> object_id_key(bool email) {
        TRY_VOID(cursor_.space("an object id"));
        TRY(const std::string id, cursor_.astring("an object id"));
        if (!is_object_id(id)) return bad("Expected an object id");
        return key_of(SearchObjectId{.which = email ? SearchObjectId::Which::email : SearchObjectId::Which::thread,
                                     .id = parse_object_id(email ? ObjectKind::email : ObjectKind::thread, id)});
    }

    Parsed<SearchKey> with_text(std::string_view name) {
        static constexpr std::array<std::string_view, 5> kFields{"Bcc", "Cc", "From", "Subject", "To"};
        for (const std::string_view field : kFields) {
            if (ascii::iequals(name, field)) {
                TRY(std::string text, text_argument());
                return key_of(SearchHeader{std::string(field), std::move(text)});
            }
        }
        if (ascii::iequals(name, "HEADER")) {
            TRY_VOID(cursor_.space("a header field's name"));
            TRY(std::string field, cursor_.astring("a header field's name"));
            TRY(std::string text, text_argument());
            return key_of(SearchHeader{std::move(field), std::move(text)});
        }
        if (ascii::iequals(name, "BODY") || ascii::iequals(name, "TEXT")) {
            const auto where =
                ascii::iequals(name, "BODY") ? SearchText::Where::body : SearchText::Where::header_and_body;
            TRY(std::string text, text_argument());
            return key_of(SearchText{where, std::move(text)});
        }
        return bad("Unknown search key: " + ascii::printable(name, 40));
    }

    Parsed<std::string> text_argument() {
        TRY_VOID(cursor_.space("a text to search for"));
        return cursor_.astring("a text to search for");
    }

    Cursor& cursor_;
    std::size_t count_ = 0;
};

/// After "RETURN": SP "(" [options] ")".
Parsed<SearchReturns> return_options(Cursor& cursor, std::optional<PartialRange>& partial) {
    TRY_VOID(cursor.space("search results to return"));
    TRY_VOID(cursor.expect('('));
    SearchReturns returns;
    // RFC 9051 §6.4.4: "RETURN ()" means ALL.
    if (cursor.accept(')')) return SearchReturns{SearchReturn::all};
    do {
        const std::string_view name = cursor.word();
        if (ascii::iequals(name, "MIN"))
            returns.insert(SearchReturn::min);
        else if (ascii::iequals(name, "MAX"))
            returns.insert(SearchReturn::max);
        else if (ascii::iequals(name, "ALL"))
            returns.insert(SearchReturn::all);
        else if (ascii::iequals(name, "COUNT"))
            returns.insert(SearchReturn::count);
        else if (ascii::iequals(name, "SAVE"))
            returns.insert(SearchReturn::save);
        else if (ascii::iequals(name, "CONTEXT"))
            returns.insert(SearchReturn::context);
        else if (ascii::iequals(name, "UPDATE"))
            returns.insert(SearchReturn::update);
        else if (ascii::iequals(name, "RELEVANCY"))
            returns.insert(SearchReturn::relevancy);
        else if (ascii::iequals(name, "PARTIAL") && !partial) {
            returns.insert(SearchReturn::partial);
            TRY_VOID(cursor.space("a range of places"));
            TRY(partial, parse_partial_range(cursor));
        } else
            return bad("Unknown search return option: " + ascii::printable(name, 40));
    } while (cursor.accept(' '));
    TRY_VOID(cursor.expect(')'));
    // RFC 9394 §3.1.
    if (partial && returns.contains(SearchReturn::all)) return bad("PARTIAL and ALL exclude each other");
    return returns;
}

/// RFC 6203 §4.
Parsed<void> check_relevancy(const Search& search) {
    const bool asked = search.returns && search.returns->contains(SearchReturn::relevancy);
    if (asked && !is_fuzzy(search.key)) return bad("RELEVANCY goes with a FUZZY search key");
    return {};
}

constexpr std::array<std::pair<std::string_view, SortBy>, 10> kSortKeys{{
    {"ARRIVAL", SortBy::arrival},
    {"CC", SortBy::cc},
    {"DATE", SortBy::date},
    {"FROM", SortBy::from},
    {"RELEVANCY", SortBy::relevancy},
    {"SIZE", SortBy::size},
    {"SUBJECT", SortBy::subject},
    {"TO", SortBy::to},
    {"DISPLAYFROM", SortBy::display_from},
    {"DISPLAYTO", SortBy::display_to},
}};

/// "(" sort-criterion *(SP sort-criterion) ")".
Parsed<std::vector<SortCriterion>> sort_criteria(Cursor& cursor) {
    std::vector<SortCriterion> criteria;
    TRY_VOID(cursor.space("what to sort by"));
    TRY_VOID(cursor.expect('('));
    do {
        if (criteria.size() == kSortCriteriaMax) return bad("Too many sort criteria");
        SortCriterion criterion;
        std::string_view name = cursor.word();
        if (ascii::iequals(name, "REVERSE")) {
            criterion.reverse = true;
            TRY_VOID(cursor.space("what to sort by"));
            name = cursor.word();
        }
        const auto key =
            std::ranges::find_if(kSortKeys, [&](const auto& entry) { return ascii::iequals(entry.first, name); });
        if (key == kSortKeys.end()) return bad("Unknown sort criterion: " + ascii::printable(name, 40));
        criterion.by = key->second;
        criteria.push_back(criterion);
    } while (cursor.accept(' '));
    TRY_VOID(cursor.expect(')'));
    return criteria;
}

/// search-criteria of RFC 5256 §5: SP charset 1*(SP search-key).
Parsed<void> sorted_search(Cursor& cursor, Search& search) {
    TRY_VOID(cursor.space("a charset"));
    TRY(const std::string charset, cursor.astring("a charset"));
    search.charset = ascii::upper(charset);
    TRY_VOID(cursor.space("a search key"));
    TRY(search.key, KeyParser(cursor).list(0));
    return {};
}

} // namespace

Parsed<Sort> parse_sort(Cursor& cursor, Numbering numbering) {
    Sort sort{.search = {.numbering = numbering}};
    Cursor ahead = cursor;
    if (ahead.accept(' ') && ahead.accept_word("RETURN")) {
        cursor = ahead;
        TRY(sort.search.returns, return_options(cursor, sort.search.partial));
        if (sort.search.returns->contains(SearchReturn::save)) return bad("SORT does not know SAVE");
    }
    TRY(sort.criteria, sort_criteria(cursor));
    TRY_VOID(sorted_search(cursor, sort.search));
    TRY_VOID(check_relevancy(sort.search));
    const bool by_relevancy =
        std::ranges::find(sort.criteria, SortBy::relevancy, &SortCriterion::by) != sort.criteria.end();
    if (by_relevancy && !is_fuzzy(sort.search.key)) return bad("RELEVANCY goes with a FUZZY search key");
    return sort;
}

Parsed<Thread> parse_thread(Cursor& cursor, Numbering numbering) {
    Thread thread{.search = {.numbering = numbering}};
    TRY_VOID(cursor.space("a threading algorithm"));
    const std::string_view name = cursor.word();
    if (ascii::iequals(name, "ORDEREDSUBJECT"))
        thread.algorithm = message::ThreadAlgorithm::ordered_subject;
    else if (ascii::iequals(name, "REFERENCES"))
        thread.algorithm = message::ThreadAlgorithm::references;
    else if (ascii::iequals(name, "REFS"))
        thread.algorithm = message::ThreadAlgorithm::refs;
    else
        return bad("Unknown threading algorithm: " + ascii::printable(name, 40));
    TRY_VOID(sorted_search(cursor, thread.search));
    return thread;
}

Parsed<Search> parse_search(Cursor& cursor, Numbering numbering) {
    Search search{.numbering = numbering};
    TRY_VOID(cursor.space("a search key"));
    if (cursor.accept_word("RETURN")) {
        TRY(search.returns, return_options(cursor, search.partial));
        TRY_VOID(cursor.space("a search key"));
    }
    if (cursor.accept_word("CHARSET")) {
        // RFC 6855 §3: strings are UTF-8 then, and nothing else.
        if (cursor.enabled().contains(Enabled::utf8_accept)) return bad("No CHARSET after ENABLE UTF8=ACCEPT");
        TRY_VOID(cursor.space("a charset"));
        TRY(const std::string charset, cursor.astring("a charset"));
        search.charset = ascii::upper(charset);
        TRY_VOID(cursor.space("a search key"));
    }
    TRY(search.key, KeyParser(cursor).list(0));
    TRY_VOID(check_relevancy(search));
    return search;
}

} // namespace tegami::imap
