#include "trust/dmarc/record.h"

#include "base/ascii.h"
#include "trust/dmarc/words.h"

#include <algorithm>
#include <utility>

namespace tegami::dmarc {
namespace {

constexpr Words<PublicSuffix, 3> kSuffixWords{
    {{"u", PublicSuffix::unknown}, {"y", PublicSuffix::yes}, {"n", PublicSuffix::no}}};
constexpr Words<Tag, 10> kTagWords{{{"p", Tag::p},
                                    {"sp", Tag::sp},
                                    {"np", Tag::np},
                                    {"adkim", Tag::adkim},
                                    {"aspf", Tag::aspf},
                                    {"psd", Tag::psd},
                                    {"t", Tag::t},
                                    {"fo", Tag::fo},
                                    {"rua", Tag::rua},
                                    {"ruf", Tag::ruf}}};

struct TagText {
    std::string_view name;
    std::string_view value;
};

/// `name = value`; nothing if there is no equals sign.
std::optional<TagText> split_tag(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    return TagText{.name = ascii::trim_wsp(text.substr(0, equals)), .value = ascii::trim_wsp(text.substr(equals + 1))};
}

std::optional<std::string> undo_percent(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        if (text.size() - at < 3 || !ascii::is_hex_digit(text[at + 1]) || !ascii::is_hex_digit(text[at + 2]))
            return std::nullopt;
        out += static_cast<char>(ascii::hex_value(text[at + 1]) * 16 + ascii::hex_value(text[at + 2]));
        at += 2;
    }
    return out;
}

/// `!10m` at the end of a report address (RFC 9989 §4.8: ignored).
std::string_view without_size_limit(std::string_view text) {
    const std::size_t mark = text.rfind('!');
    if (mark == std::string_view::npos) return text;
    std::string_view size = text.substr(mark + 1);
    constexpr std::string_view kUnits = "kmgt";
    if (!size.empty() && kUnits.find(ascii::to_lower(size.back())) != std::string_view::npos) size.remove_suffix(1);
    return !size.empty() && std::ranges::all_of(size, ascii::is_digit) ? text.substr(0, mark) : text;
}

/// RFC 3986 §3 as far as it matters here: a scheme and characters that may stand in a URI.
std::optional<Uri> parse_uri(std::string_view text) {
    text = without_size_limit(ascii::trim_wsp(text));
    const std::size_t colon = text.find(':');
    if (text.size() > kReportUriBytesMax || colon == std::string_view::npos || colon + 1 == text.size())
        return std::nullopt;
    const std::string_view scheme = text.substr(0, colon);
    const std::string_view rest = text.substr(colon + 1);
    const auto in_scheme = [](char c) { return ascii::is_alnum(c) || c == '+' || c == '-' || c == '.'; };
    const auto in_uri = [](char c) {
        constexpr std::string_view kOthers = "-._~:/?#[]@$&'()*+;=%";
        return ascii::is_alnum(c) || kOthers.find(c) != std::string_view::npos;
    };
    if (scheme.empty() || !ascii::is_alpha(scheme.front()) || !std::ranges::all_of(scheme, in_scheme) ||
        !std::ranges::all_of(rest, in_uri))
        return std::nullopt;
    Uri uri{.text = std::string(text)};
    const auto path = undo_percent(rest.substr(0, rest.find('?')));
    if (!path) return std::nullopt;
    if (ascii::iequals(scheme, "mailto")) {
        auto mailbox = message::parse_email_address(*path);
        if (!mailbox) return std::nullopt;
        uri.mailbox = *std::move(mailbox);
    }
    return uri;
}

/// The addresses that are such; false if one was not.
bool parse_uris(std::string_view value, std::vector<Uri>& uris) {
    bool all = true;
    for (const std::string_view each : ascii::split(value, ',')) {
        if (uris.size() == kReportUrisMax) break;
        auto uri = parse_uri(each);
        if (!uri)
            all = false;
        else if (std::ranges::find(uris, *uri) == uris.end())
            uris.push_back(*std::move(uri));
    }
    return all;
}

/// RFC 9989 §4.8, dmarc-fo: 0 or 1, d, s, each at most once, in any order.
std::optional<FailureOptions> parse_failure_options(std::string_view value) {
    FailureOptions options{.all_fail = false};
    for (const std::string_view word : ascii::split(value, ':')) {
        bool& option = word == "0"                 ? options.all_fail
                       : word == "1"               ? options.any_fails
                       : ascii::iequals(word, "d") ? options.dkim_fails
                                                   : options.spf_fails;
        if (option || (&option == &options.spf_fails && !ascii::iequals(word, "s"))) return std::nullopt;
        option = true;
    }
    if (options.all_fail && options.any_fails) return std::nullopt;
    return options;
}

template <class T>
bool assign(const std::optional<T>& value, T& field) {
    if (value) field = *value;
    return value.has_value();
}

template <class T>
bool assign(const std::optional<T>& value, std::optional<T>& field) {
    field = value;
    return value.has_value();
}

/// A record while it is read: `p` has no default until the end.
struct Draft {
    Record record;
    std::optional<Policy> p;
    std::vector<Tag> seen;
};

/// False if the value breaks the syntax of its tag.
bool read_tag(Tag tag, std::string_view value, Draft& draft) {
    Record& record = draft.record;
    switch (tag) {
    case Tag::p: return assign(find_word(kPolicyWords, value), draft.p);
    case Tag::sp: return assign(find_word(kPolicyWords, value), record.sp);
    case Tag::np: return assign(find_word(kPolicyWords, value), record.np);
    case Tag::adkim: return assign(find_word(kModeWords, value), record.adkim);
    case Tag::aspf: return assign(find_word(kModeWords, value), record.aspf);
    case Tag::psd: return assign(find_word(kSuffixWords, value), record.psd);
    case Tag::t: return assign(find_word(kTestingWords, value), record.testing);
    case Tag::fo: return assign(parse_failure_options(value), record.fo);
    case Tag::rua: return parse_uris(value, record.rua);
    case Tag::ruf: return parse_uris(value, record.ruf);
    }
    return false;
}

/// One or two digits.
bool is_below_hundred(std::string_view value) {
    return !value.empty() && value.size() <= 2 && std::ranges::all_of(value, ascii::is_digit);
}

bool has(const std::vector<Tag>& tags, Tag tag) {
    return std::ranges::find(tags, tag) != tags.end();
}

/// RFC 9989 §4.10.1: without a `p`, or with an `sp` or `np` that nobody can read, a record asks for reports at most.
void settle_policy(Draft& draft) {
    Record& record = draft.record;
    const bool readable = draft.p && has(draft.seen, Tag::sp) == record.sp.has_value() &&
                          has(draft.seen, Tag::np) == record.np.has_value();
    if (readable) {
        record.p = *draft.p;
    } else {
        record.sp = record.np = std::nullopt;
        record.applicable = !record.rua.empty();
    }
}

} // namespace

std::optional<Record> parse_record(std::string_view text) {
    const std::vector<std::string_view> pieces = ascii::split(text, ';');
    const auto version = split_tag(pieces.front());
    if (!version || ascii::is_wsp(text.front()) || !ascii::iequals(version->name, "v") || version->value != "DMARC1")
        return std::nullopt;

    Draft draft;
    std::vector<Tag>& faulty = draft.record.faulty;
    for (std::size_t at = 1; at < pieces.size(); ++at) {
        const auto tag_text = split_tag(pieces[at]);
        const auto tag = tag_text ? find_word(kTagWords, tag_text->name) : std::nullopt;
        if (tag_text && ascii::iequals(tag_text->name, "pct")) draft.record.sampled = is_below_hundred(tag_text->value);
        if (!tag) continue;
        // The first of two counts, so that a tag that somebody appends cannot change what stood there before.
        const bool again = has(draft.seen, *tag);
        if ((again || !read_tag(*tag, tag_text->value, draft)) && !has(faulty, *tag)) faulty.push_back(*tag);
        if (!again) draft.seen.push_back(*tag);
    }
    if (draft.record.ruf.empty()) draft.record.fo = {};
    settle_policy(draft);
    return draft.record;
}

std::string_view to_string(Policy policy) {
    return word_of(kPolicyWords, policy);
}

std::string_view to_string(Tag tag) {
    return word_of(kTagWords, tag);
}

std::string to_string(const FailureOptions& options) {
    std::string text;
    const auto add = [&text](bool wanted, char word) {
        if (!wanted) return;
        if (!text.empty()) text += ':';
        text += word;
    };
    add(options.all_fail, '0');
    add(options.any_fails, '1');
    add(options.dkim_fails, 'd');
    add(options.spf_fails, 's');
    return text;
}

} // namespace tegami::dmarc
