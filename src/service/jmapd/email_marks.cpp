#include "service/jmapd/email_marks.h"

#include "base/ascii.h"
#include "service/jmapd/ids.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tegami::jmapd {

namespace {

using jmap::Fault;
using store::Flag;

constexpr std::array kFlagKeywords{std::pair{Flag::seen, "$seen"}, std::pair{Flag::answered, "$answered"},
                                   std::pair{Flag::flagged, "$flagged"}, std::pair{Flag::draft, "$draft"}};

/// RFC 8621 §4.1.1
bool is_keyword(std::string_view text) {
    static constexpr std::string_view kForbidden = R"((){]%*"\)";
    return !text.empty() && text.size() <= store::kKeywordBytesMax &&
           std::ranges::all_of(text, [](char c) { return ascii::is_vchar(c) && !kForbidden.contains(c); });
}

/// Why an object whose members are all true cannot be one; nothing if it is.
Result<void, Fault> check_set(const json::value& value, std::string_view name) {
    if (!value.is_object())
        return failure(jmap::invalid_properties({std::string(name)}, "it is an object whose values are true"));
    for (const auto& [member, set] : value.get_object())
        if (set != true) return failure(jmap::invalid_properties({std::string(name)}, "a value is true, or not there"));
    return {};
}

/// The flags among the keywords, and the others.
std::pair<store::Flags, std::vector<std::string>> flags_and_others(const std::set<std::string>& keywords) {
    store::Flags flags;
    std::vector<std::string> others;
    for (const std::string& keyword : keywords) {
        const auto* const flag = std::ranges::find(kFlagKeywords, keyword, &std::pair<Flag, const char*>::second);
        if (flag == kFlagKeywords.end())
            others.push_back(keyword);
        else
            flags = flags | store::Flags{flag->first};
    }
    return {flags, std::move(others)};
}

std::set<std::string> difference(const std::set<std::string>& left, const std::set<std::string>& right) {
    std::set<std::string> result;
    std::ranges::set_difference(left, right, std::inserter(result, result.end()));
    return result;
}

} // namespace

std::set<std::string> keywords_of(const store::EmailState& email, const store::KeywordNames& names) {
    std::set<std::string> keywords;
    for (const auto& [flag, name] : kFlagKeywords)
        if (email.flags.has(flag)) keywords.emplace(name);
    for (const std::uint16_t keyword : email.keywords)
        if (keyword < names.size() && !names[keyword].empty()) keywords.insert(ascii::lower(names[keyword]));
    return keywords;
}

Result<EmailMarks, Fault> read_email_marks(const json::object& object, const store::MailboxList& mailboxes,
                                           const jmap::CreatedIds& created) {
    EmailMarks marks;
    const json::value* const ids = object.if_contains("mailboxIds");
    if (ids == nullptr) return failure(jmap::invalid_properties({"mailboxIds"}, "an email has a mailbox"));
    TRY_VOID(check_set(*ids, "mailboxIds"));
    for (const auto& [text, set] : ids->get_object()) {
        const auto resolved = created.resolve(text);
        const auto id = resolved ? parse_mailbox_id(*resolved) : std::nullopt;
        const store::MailboxPtr mailbox = id ? mailboxes.find(*id) : nullptr;
        if (!mailbox || !mailbox->selectable)
            return failure(jmap::invalid_properties({"mailboxIds"}, "there is no such mailbox"));
        marks.mailboxes.insert(*id);
    }
    if (marks.mailboxes.empty()) return failure(jmap::invalid_properties({"mailboxIds"}, "an email has a mailbox"));
    if (marks.mailboxes.size() > kMailboxesPerEmailMax)
        return failure(Fault{.type = "tooManyMailboxes", .description = {}});
    const json::value* const keywords = object.if_contains("keywords");
    if (keywords == nullptr || keywords->is_null()) return marks;
    TRY_VOID(check_set(*keywords, "keywords"));
    for (const auto& [keyword, set] : keywords->get_object()) {
        if (!is_keyword(keyword))
            return failure(jmap::invalid_properties({"keywords"}, "a keyword has other characters, or fewer"));
        marks.keywords.insert(ascii::lower(keyword));
    }
    if (flags_and_others(marks.keywords).second.size() > store::kKeywordsPerMessageMax)
        return failure(Fault{.type = "tooManyKeywords", .description = {}});
    return marks;
}

std::vector<store::Placement> placements_of(const EmailMarks& marks) {
    const auto [flags, keywords] = flags_and_others(marks.keywords);
    std::vector<store::Placement> placements;
    for (const store::MailboxId mailbox : marks.mailboxes)
        placements.push_back({.mailbox = mailbox, .flags = flags, .keywords = keywords});
    return placements;
}

store::EmailUpdate update_to(const EmailMarks& marks, const store::EmailState& email,
                             const store::KeywordNames& names) {
    const std::set<std::string> before = keywords_of(email, names);
    store::EmailUpdate update{.email = email.id};
    std::tie(update.add, update.add_keywords) = flags_and_others(difference(marks.keywords, before));
    std::tie(update.remove, update.remove_keywords) = flags_and_others(difference(before, marks.keywords));
    std::ranges::set_difference(marks.mailboxes, email.mailboxes, std::back_inserter(update.into));
    std::ranges::set_difference(email.mailboxes, marks.mailboxes, std::back_inserter(update.out_of));
    return update;
}

} // namespace tegami::jmapd
