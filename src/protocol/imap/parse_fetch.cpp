// The arguments of FETCH (RFC 9051 §6.4.5, §9: fetch-att, section).
#include "base/ascii.h"
#include "protocol/imap/parse_rules.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace tegami::imap {

namespace {

/// section-part: 1*(nz-number "."), up to section-text if that follows a dot.
Parsed<std::vector<std::uint32_t>> part_numbers(Cursor& cursor, bool& text_follows) {
    std::vector<std::uint32_t> part;
    text_follows = false;
    for (;;) {
        if (part.size() == kPartDepthMax) return bad("Part number too deep");
        TRY(const std::uint64_t number, cursor.number("a part number", 1, std::numeric_limits<std::uint32_t>::max()));
        part.push_back(static_cast<std::uint32_t>(number));
        if (!cursor.accept('.')) return part;
        if (!cursor.next_is_digit()) {
            text_follows = true;
            return part;
        }
    }
}

/// header-list.
Parsed<std::vector<std::string>> field_names(Cursor& cursor) {
    TRY_VOID(cursor.space("a list of header fields"));
    TRY_VOID(cursor.expect('('));
    std::vector<std::string> names;
    do {
        if (names.size() == kHeaderFieldsMax) return bad("Too many header fields");
        TRY(std::string name, cursor.astring("a header field's name"));
        names.push_back(std::move(name));
    } while (cursor.accept(' '));
    TRY_VOID(cursor.expect(')'));
    return names;
}

/// section: "[" [section-spec] "]".
Parsed<Section> section(Cursor& cursor) {
    TRY_VOID(cursor.expect('['));
    Section section;
    bool text_follows = !cursor.next_is(']');
    if (cursor.next_is_digit()) {
        TRY(section.part, part_numbers(cursor, text_follows));
    }
    if (text_follows) {
        const std::string_view word = cursor.word();
        if (ascii::iequals(word, "HEADER")) {
            section.text = SectionText::header;
        } else if (ascii::iequals(word, "TEXT")) {
            section.text = SectionText::text;
        } else if (ascii::iequals(word, "MIME") && !section.part.empty()) {
            section.text = SectionText::mime;
        } else if (ascii::iequals(word, "HEADER.FIELDS") || ascii::iequals(word, "HEADER.FIELDS.NOT")) {
            section.text = word.size() == 13 ? SectionText::header_fields : SectionText::header_fields_not;
            TRY(section.fields, field_names(cursor));
        } else {
            return bad("Unknown section: " + ascii::printable(word, 40));
        }
    }
    TRY_VOID(cursor.expect(']'));
    return section;
}

/// section-binary: "[" [section-part] "]".
Parsed<std::vector<std::uint32_t>> binary_section(Cursor& cursor) {
    TRY_VOID(cursor.expect('['));
    std::vector<std::uint32_t> part;
    bool text_follows = false;
    if (!cursor.next_is(']')) {
        TRY(part, part_numbers(cursor, text_follows));
    }
    if (text_follows) return bad("BINARY takes part numbers only");
    TRY_VOID(cursor.expect(']'));
    return part;
}

Parsed<std::optional<Partial>> partial(Cursor& cursor) {
    if (!cursor.accept('<')) return std::nullopt;
    Partial partial;
    TRY(partial.first, cursor.number("an offset", 0, kNumber64Max));
    TRY_VOID(cursor.expect('.'));
    TRY(partial.length, cursor.number("a length", 1, kNumber64Max));
    TRY_VOID(cursor.expect('>'));
    return partial;
}

/// The items that are one word.
std::optional<FetchItem> plain_item(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, FetchAttribute>, 11> kAttributes{{
        {"ENVELOPE", FetchAttribute::envelope},
        {"FLAGS", FetchAttribute::flags},
        {"INTERNALDATE", FetchAttribute::internal_date},
        {"RFC822.SIZE", FetchAttribute::rfc822_size},
        {"UID", FetchAttribute::uid},
        {"BODY", FetchAttribute::body},
        {"BODYSTRUCTURE", FetchAttribute::body_structure},
        {"MODSEQ", FetchAttribute::modseq},
        {"EMAILID", FetchAttribute::email_id},
        {"THREADID", FetchAttribute::thread_id},
        {"SAVEDATE", FetchAttribute::save_date},
    }};
    for (const auto& [attribute_name, attribute] : kAttributes) {
        if (ascii::iequals(name, attribute_name)) return attribute;
    }
    // RFC 3501 §6.4.5: these are BODY[], BODY.PEEK[HEADER] and BODY[TEXT] under other names.
    if (ascii::iequals(name, "RFC822")) return FetchBody{.label = BodyLabel::rfc822};
    if (ascii::iequals(name, "RFC822.HEADER"))
        return FetchBody{.section = {.text = SectionText::header}, .peek = true, .label = BodyLabel::rfc822_header};
    if (ascii::iequals(name, "RFC822.TEXT"))
        return FetchBody{.section = {.text = SectionText::text}, .label = BodyLabel::rfc822_text};
    return std::nullopt;
}

/// [SP "(" "LAZY" ")"] (RFC 8970 §6). Previews are made when a message comes, so a lazy one is as good as any.
Parsed<void> preview_modifiers(Cursor& cursor) {
    Cursor ahead = cursor;
    if (!ahead.accept(' ') || !ahead.accept('(')) return {};
    cursor = ahead;
    do {
        if (!cursor.accept_word("LAZY")) return bad("PREVIEW knows only LAZY");
    } while (cursor.accept(' '));
    return cursor.expect(')');
}

Parsed<FetchItem> fetch_item(Cursor& cursor) {
    const std::string_view name = cursor.word();
    if (cursor.next_is('[')) {
        const bool peek = ascii::iequals(name, "BODY.PEEK") || ascii::iequals(name, "BINARY.PEEK");
        if (ascii::iequals(name, "BODY") || ascii::iequals(name, "BODY.PEEK")) {
            FetchBody item{.peek = peek};
            TRY(item.section, section(cursor));
            TRY(item.partial, partial(cursor));
            return item;
        }
        if (ascii::iequals(name, "BINARY") || ascii::iequals(name, "BINARY.PEEK")) {
            FetchBinary item{.peek = peek};
            TRY(item.part, binary_section(cursor));
            TRY(item.partial, partial(cursor));
            return item;
        }
        if (ascii::iequals(name, "BINARY.SIZE")) {
            TRY(std::vector<std::uint32_t> part, binary_section(cursor));
            return FetchBinarySize{std::move(part)};
        }
    }
    if (ascii::iequals(name, "PREVIEW")) {
        TRY_VOID(preview_modifiers(cursor));
        return FetchAttribute::preview;
    }
    if (const std::optional<FetchItem> item = plain_item(name)) return *item;
    return bad("Unknown FETCH item: " + ascii::printable(name, 40));
}

/// ALL, FAST and FULL (RFC 9051 §6.4.5).
bool take_macro(Cursor& cursor, std::vector<FetchItem>& items) {
    const bool all = cursor.accept_word("ALL");
    const bool full = !all && cursor.accept_word("FULL");
    if (!all && !full && !cursor.accept_word("FAST")) return false;
    items = {FetchAttribute::flags, FetchAttribute::internal_date, FetchAttribute::rfc822_size};
    if (all || full) items.emplace_back(FetchAttribute::envelope);
    if (full) items.emplace_back(FetchAttribute::body);
    return true;
}

/// [SP "(" fetch-modifier *(SP fetch-modifier) ")"] (RFC 4466 §2.5).
Parsed<void> fetch_modifiers(Cursor& cursor, Fetch& fetch) {
    Cursor ahead = cursor;
    if (!ahead.accept(' ') || !ahead.accept('(')) return {};
    cursor = ahead;
    const bool by_uid = fetch.numbering == Numbering::uid;
    do {
        const std::string_view name = cursor.word();
        if (ascii::iequals(name, "CHANGEDSINCE")) {
            TRY_VOID(cursor.space("a mod-sequence"));
            TRY(fetch.changed_since, cursor.modseq(1));
        } else if (ascii::iequals(name, "VANISHED") && by_uid) {
            // RFC 7162 §3.2.6.
            if (!cursor.enabled().contains(Enabled::qresync)) return bad("ENABLE QRESYNC comes before its use");
            fetch.vanished = true;
        } else if (ascii::iequals(name, "PARTIAL") && by_uid) {
            TRY_VOID(cursor.space("a range of places"));
            TRY(fetch.partial, parse_partial_range(cursor));
        } else {
            return bad("Unknown FETCH modifier: " + ascii::printable(name, 40));
        }
    } while (cursor.accept(' '));
    if (fetch.vanished && !fetch.changed_since) return bad("VANISHED needs CHANGEDSINCE");
    return cursor.expect(')');
}

/// Adds an item that the answer has, asked for or not.
void include(Fetch& fetch, FetchAttribute attribute, bool in_front) {
    const FetchItem item = attribute;
    if (std::ranges::find(fetch.items, item) != fetch.items.end()) return;
    fetch.items.insert(in_front ? fetch.items.begin() : fetch.items.end(), item);
}

} // namespace

Parsed<Fetch> parse_fetch(Cursor& cursor, Numbering numbering) {
    Fetch fetch{.numbering = numbering};
    TRY_VOID(cursor.space("messages"));
    TRY(fetch.set, cursor.sequence_set());
    TRY_VOID(cursor.space("what to fetch"));
    if (!take_macro(cursor, fetch.items)) {
        const bool list = cursor.accept('(');
        do {
            if (fetch.items.size() == kFetchItemsMax) return bad("Too many FETCH items");
            TRY(FetchItem item, fetch_item(cursor));
            // Asking twice is answered once.
            if (std::ranges::find(fetch.items, item) == fetch.items.end()) fetch.items.push_back(std::move(item));
        } while (list && cursor.accept(' '));
        if (list) TRY_VOID(cursor.expect(')'));
    }
    TRY_VOID(fetch_modifiers(cursor, fetch));
    // RFC 9051 §6.4.9: the answer to UID FETCH always has the UID. It is put first, where clients look for it.
    if (numbering == Numbering::uid) include(fetch, FetchAttribute::uid, true);
    // RFC 7162 §3.1.4.1: CHANGEDSINCE asks for MODSEQ, too.
    if (fetch.changed_since) include(fetch, FetchAttribute::modseq, false);
    return fetch;
}

} // namespace tegami::imap
