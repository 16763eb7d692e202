#include "service/jmapd/email_filter.h"

#include "base/ascii.h"
#include "protocol/jmap/filter.h"
#include "protocol/jmap/types.h"
#include "service/jmapd/ids.h"

#include <algorithm>
#include <array>

namespace tegami::jmapd {

namespace {

using What = EmailCondition::What;
using imap::SearchKey;

std::unexpected<jmap::Fault> wrong(std::string_view name) {
    return failure(jmap::invalid_arguments({"filter"}, std::string(name) + " is of another type"));
}

/// What all must be there of a text; what is in quotes stays together.
std::vector<std::string> tokens_of(std::string_view text) {
    std::vector<std::string> tokens;
    std::string token;
    char quote = '\0';
    const auto end = [&] {
        if (!token.empty()) tokens.push_back(std::exchange(token, {}));
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char octet = text[at];
        if (octet == '\\' && at + 1 < text.size()) {
            token += text[++at];
        } else if (octet == quote) {
            quote = '\0';
            end();
        } else if (quote == '\0' && (octet == '"' || octet == '\'') && token.empty()) {
            quote = octet;
        } else if (quote == '\0' && ascii::is_space(octet)) {
            end();
        } else {
            token += octet;
        }
    }
    end();
    return tokens;
}

SearchKey all_of(std::vector<SearchKey> keys) {
    if (keys.size() == 1) return std::move(keys.front());
    if (keys.empty()) return {imap::SearchAll()};
    return {imap::SearchAnd{std::move(keys)}};
}

SearchKey none_of(SearchKey key) {
    std::vector<SearchKey> keys;
    keys.push_back(std::move(key));
    return {imap::SearchNot{std::move(keys)}};
}

/// As a tree that is no deeper than it must be.
SearchKey any_of(std::vector<SearchKey> keys) {
    if (keys.empty()) return none_of({imap::SearchAll()});
    while (keys.size() > 1) {
        std::vector<SearchKey> pairs;
        for (std::size_t at = 0; at + 1 < keys.size(); at += 2) {
            std::vector<SearchKey> two;
            two.push_back(std::move(keys[at]));
            two.push_back(std::move(keys[at + 1]));
            pairs.push_back({imap::SearchOr{std::move(two)}});
        }
        if (keys.size() % 2 == 1) pairs.push_back(std::move(keys.back()));
        keys = std::move(pairs);
    }
    return std::move(keys.front());
}

struct KnownCondition {
    std::string_view name;
    What what;
};

constexpr std::array kMailboxConditions{KnownCondition{"inMailbox", What::in_mailbox}};
constexpr std::array kDateConditions{KnownCondition{"before", What::before}, KnownCondition{"after", What::after}};
constexpr std::array kSizeConditions{KnownCondition{"minSize", What::min_size},
                                     KnownCondition{"maxSize", What::max_size}};
constexpr std::array kKeywordConditions{KnownCondition{"allInThreadHaveKeyword", What::all_in_thread_have},
                                        KnownCondition{"someInThreadHaveKeyword", What::some_in_thread_have},
                                        KnownCondition{"noneInThreadHaveKeyword", What::none_in_thread_have},
                                        KnownCondition{"hasKeyword", What::has_keyword},
                                        KnownCondition{"notKeyword", What::not_keyword}};

template <std::size_t Count>
std::optional<What> find(const std::array<KnownCondition, Count>& known, std::string_view name) {
    const auto* const found = std::ranges::find(known, name, &KnownCondition::name);
    if (found == known.end()) return std::nullopt;
    return found->what;
}

class Compile {
public:
    explicit Compile(const jmap::CreatedIds& created) : created_(created) {}

    Result<SearchKey, jmap::Fault> key_of(const jmap::Filter& filter) {
        if (const auto* const condition = std::get_if<const json::object*>(&filter.is)) return key_of(**condition);
        const auto& group = std::get<jmap::Filter::Group>(filter.is);
        std::vector<SearchKey> keys;
        for (const jmap::Filter& part : group.parts) {
            TRY(SearchKey key, key_of(part));
            keys.push_back(std::move(key));
        }
        switch (group.how) {
        case jmap::Filter::Operator::all: return all_of(std::move(keys));
        case jmap::Filter::Operator::any: return any_of(std::move(keys));
        case jmap::Filter::Operator::none: break;
        }
        return none_of(any_of(std::move(keys)));
    }

    std::vector<EmailCondition> conditions;

private:
    /// All properties of a condition must hold.
    Result<SearchKey, jmap::Fault> key_of(const json::object& condition) {
        std::vector<SearchKey> keys;
        for (const auto& [name, value] : condition) {
            TRY(SearchKey key, key_of(name, value));
            keys.push_back(std::move(key));
        }
        return all_of(std::move(keys));
    }

    Result<SearchKey, jmap::Fault> key_of(std::string_view name, const json::value& value) {
        if (const auto what = find(kMailboxConditions, name)) {
            if (!value.is_string()) return wrong(name);
            return add({.what = *what, .mailboxes = mailboxes_of(json::array{value})});
        }
        if (name == "inMailboxOtherThan") {
            const bool texts = value.is_array() && std::ranges::all_of(value.get_array(), &json::value::is_string);
            if (!texts) return wrong(name);
            return add({.what = What::in_mailbox_other_than, .mailboxes = mailboxes_of(value.get_array())});
        }
        if (const auto what = find(kDateConditions, name)) {
            const auto date = jmap::read_utc_date(value);
            if (!date) return wrong(name);
            const std::int64_t seconds = std::max<std::int64_t>(0, date->time_since_epoch().count());
            return add({.what = *what, .number = static_cast<std::uint64_t>(seconds)});
        }
        if (const auto what = find(kSizeConditions, name)) {
            const auto size = jmap::read_int(value);
            if (!size || *size < 0) return wrong(name);
            return add({.what = *what, .number = static_cast<std::uint64_t>(*size)});
        }
        if (const auto what = find(kKeywordConditions, name)) {
            if (!value.is_string()) return wrong(name);
            return add({.what = *what, .keyword = std::string(value.get_string())});
        }
        if (name == "hasAttachment") {
            if (!value.is_bool()) return wrong(name);
            return add({.what = value.get_bool() ? What::has_attachment : What::no_attachment});
        }
        return text_key(name, value);
    }

    Result<SearchKey, jmap::Fault> text_key(std::string_view name, const json::value& value) {
        using Where = imap::SearchText::Where;
        if (name == "header") return header_key(value);
        const bool field = name == "from" || name == "to" || name == "cc" || name == "bcc" || name == "subject";
        if (!field && name != "text" && name != "body")
            return failure(
                jmap::Fault{.type = "unsupportedFilter", .description = std::string(name) + " is no condition"});
        if (!value.is_string()) return wrong(name);
        std::vector<SearchKey> keys;
        for (std::string& token : tokens_of(value.get_string())) {
            TRY_VOID(count_token());
            if (field)
                keys.push_back({imap::SearchHeader{std::string(name), std::move(token)}});
            else
                keys.push_back(
                    {imap::SearchText{name == "body" ? Where::body : Where::header_and_body, std::move(token)}});
        }
        return all_of(std::move(keys));
    }

    /// [name] or [name, text].
    Result<SearchKey, jmap::Fault> header_key(const json::value& value) {
        const bool texts = value.is_array() && std::ranges::all_of(value.get_array(), &json::value::is_string);
        if (!texts || value.get_array().empty() || value.get_array().size() > 2) return wrong("header");
        const json::array& given = value.get_array();
        TRY_VOID(count_token());
        std::string text = given.size() == 2 ? std::string(given.at(1).get_string()) : std::string();
        return SearchKey{imap::SearchHeader{std::string(given.at(0).get_string()), std::move(text)}};
    }

    Result<void, jmap::Fault> count_token() {
        if (++tokens_ <= kTokensMax) return {};
        return failure(jmap::Fault{.type = "unsupportedFilter", .description = "too many words"});
    }

    SearchKey add(EmailCondition condition) {
        conditions.push_back(std::move(condition));
        return {imap::SearchKeyword{std::to_string(conditions.size() - 1)}};
    }

    /// What is no mailbox is one that has nothing.
    std::vector<store::MailboxId> mailboxes_of(const json::array& ids) const {
        std::vector<store::MailboxId> mailboxes;
        for (const json::value& id : ids) {
            const auto resolved = created_.resolve(id.get_string());
            const auto mailbox = resolved ? parse_mailbox_id(*resolved) : std::nullopt;
            mailboxes.push_back(mailbox.value_or(store::MailboxId()));
        }
        return mailboxes;
    }

    const jmap::CreatedIds& created_;
    std::size_t tokens_ = 0;
};

/// The condition that stands alone or among those that all must hold, if it names one mailbox.
std::optional<store::MailboxId> only_mailbox(const SearchKey& key, const std::vector<EmailCondition>& conditions) {
    if (const auto* const one = std::get_if<imap::SearchKeyword>(&key.value)) {
        const EmailCondition& condition = conditions[ascii::parse_number<std::size_t>(one->keyword).value_or(0)];
        if (condition.what == What::in_mailbox) return condition.mailboxes.front();
    }
    if (const auto* const all = std::get_if<imap::SearchAnd>(&key.value))
        for (const SearchKey& inner : all->keys)
            if (const auto mailbox = only_mailbox(inner, conditions)) return mailbox;
    return std::nullopt;
}

void add_words(const SearchKey& key, FilterWords& words) {
    if (const auto* const all = std::get_if<imap::SearchAnd>(&key.value))
        for (const SearchKey& inner : all->keys)
            add_words(inner, words);
    if (const auto* const any = std::get_if<imap::SearchOr>(&key.value))
        for (const SearchKey& inner : any->keys)
            add_words(inner, words);
    if (const auto* const header = std::get_if<imap::SearchHeader>(&key.value))
        if (ascii::iequals(header->name, "subject")) words.subject.push_back(header->text);
    if (const auto* const text = std::get_if<imap::SearchText>(&key.value)) {
        words.body.push_back(text->text);
        if (text->where == imap::SearchText::Where::header_and_body) words.subject.push_back(text->text);
    }
}

} // namespace

FilterWords words_of(const SearchKey& key) {
    FilterWords words;
    add_words(key, words);
    return words;
}

KeywordTest::KeywordTest(std::string_view name, const store::KeywordNames& names) {
    using store::Flag;
    for (const auto& [flag, known] : {std::pair{Flag::seen, "$seen"}, std::pair{Flag::answered, "$answered"},
                                      std::pair{Flag::flagged, "$flagged"}, std::pair{Flag::draft, "$draft"}})
        if (ascii::iequals(name, known)) flags_ = {flag};
    const auto found = std::ranges::find_if(names, [&](const std::string& one) { return ascii::iequals(one, name); });
    if (flags_.empty() && found != names.end() && !name.empty())
        keyword_ = static_cast<std::uint16_t>(found - names.begin());
}

bool KeywordTest::has(const store::EmailState& email) const {
    if (!flags_.empty()) return (email.flags - flags_) != email.flags;
    return keyword_ && std::ranges::binary_search(email.keywords, *keyword_);
}

ThreadKeywords::Found ThreadKeywords::look(store::ThreadId thread) {
    if (const auto known = known_.find(thread); known != known_.end()) return known->second;
    Found found;
    for (const store::EmailId id : view_->all_of_thread(thread)) {
        const auto email = view_->find(id);
        if (!email) continue;
        const bool has = test_.has(*email);
        found.all = found.all && has;
        found.some = found.some || has;
    }
    known_.emplace(thread, found);
    return found;
}

bool EmailFilter::asks(EmailCondition::What what) const {
    return std::ranges::find(conditions, what, &EmailCondition::what) != conditions.end();
}

Result<EmailFilter, jmap::Fault> compile_email_filter(const json::value* filter, const jmap::CreatedIds& created) {
    EmailFilter compiled{.key = {imap::SearchAll()}, .conditions = {}, .mailbox = {}};
    if (filter == nullptr) return compiled;
    TRY(const jmap::Filter tree, jmap::parse_filter(*filter));
    Compile compile(created);
    TRY(compiled.key, compile.key_of(tree));
    compiled.conditions = std::move(compile.conditions);
    compiled.mailbox = only_mailbox(compiled.key, compiled.conditions);
    const bool all = std::holds_alternative<imap::SearchAll>(compiled.key.value);
    const bool keyword = std::holds_alternative<imap::SearchKeyword>(compiled.key.value);
    compiled.everything = all || (keyword && compiled.mailbox);
    for (const EmailCondition& condition : compiled.conditions) {
        const bool mailbox = condition.what == What::in_mailbox || condition.what == What::in_mailbox_other_than;
        compiled.changeable |= mailbox || !condition.keyword.empty();
        compiled.threads |= condition.what == What::all_in_thread_have || condition.what == What::some_in_thread_have ||
                            condition.what == What::none_in_thread_have;
    }
    return compiled;
}

EmailConditions::EmailConditions(const EmailFilter* filter, const store::AccountView* view) : filter_(filter) {
    for (const EmailCondition& condition : filter->conditions) {
        tests_.emplace_back(condition.keyword, view->keyword_names());
        threads_.emplace_back(view, tests_.back());
    }
}

std::vector<std::string> EmailConditions::of(const store::EmailState& email, std::uint64_t size, bool has_attachment) {
    std::vector<std::string> held;
    for (std::size_t number = 0; number < filter_->conditions.size(); ++number)
        if (holds(number, email, size, has_attachment)) held.push_back(std::to_string(number));
    return held;
}

bool EmailConditions::holds(std::size_t number, const store::EmailState& email, std::uint64_t size,
                            bool has_attachment) {
    const EmailCondition& condition = filter_->conditions[number];
    const auto is_named = [&](store::MailboxId mailbox) {
        return std::ranges::find(condition.mailboxes, mailbox) != condition.mailboxes.end();
    };
    switch (condition.what) {
    case What::in_mailbox: return std::ranges::any_of(email.mailboxes, is_named);
    case What::in_mailbox_other_than: return !std::ranges::all_of(email.mailboxes, is_named);
    case What::before: return email.received < condition.number;
    case What::after: return email.received >= condition.number;
    case What::min_size: return size >= condition.number;
    case What::max_size: return size < condition.number;
    case What::all_in_thread_have: return threads_[number].all(email.thread);
    case What::some_in_thread_have: return threads_[number].some(email.thread);
    case What::none_in_thread_have: return !threads_[number].some(email.thread);
    case What::has_keyword: return tests_[number].has(email);
    case What::not_keyword: return !tests_[number].has(email);
    case What::has_attachment: return has_attachment;
    case What::no_attachment: return !has_attachment;
    }
    return false;
}

} // namespace tegami::jmapd
