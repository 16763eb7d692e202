#include "store/keyword_table.h"

#include "base/ascii.h"

#include <algorithm>

namespace tegami::store {

namespace {

/// An atom that is not a system flag (RFC 9051 §9, flag-keyword).
bool is_keyword(std::string_view text) {
    static constexpr std::string_view kNotInAtoms = "(){%*\"\\]";
    return !text.empty() && text.size() <= kKeywordBytesMax && std::ranges::all_of(text, [](char c) {
        return ascii::is_vchar(c) && kNotInAtoms.find(c) == std::string_view::npos;
    });
}

} // namespace

StoreResult<KeywordSet> intern(PendingCommit& part, const AccountRows& rows, const std::vector<std::string>& keywords) {
    KeywordSet set;
    for (const std::string& keyword : keywords) {
        const KeywordNames& names = part.keywords ? *part.keywords : *rows.keywords;
        const auto found = std::ranges::find_if(names, [&](const auto& name) { return ascii::iequals(name, keyword); });
        const auto id = static_cast<std::uint16_t>(found - names.begin());
        if (found == names.end()) {
            if (!is_keyword(keyword)) return failure(Error{ErrorCode::invalid, "not a keyword"});
            if (names.size() >= kKeywordsPerAccountMax)
                return failure(Error{ErrorCode::invalid, "the account has too many different keywords"});
            auto grown = std::make_shared<KeywordNames>(names);
            grown->push_back(keyword);
            part.put(record::keyword_key(id), record::encode_text(keyword));
            part.keywords = std::move(grown);
        }
        const auto place = std::ranges::lower_bound(set, id);
        if (place == set.end() || *place != id) set.insert(place, id);
    }
    if (set.size() > kKeywordsPerMessageMax) return failure(Error{ErrorCode::invalid, "too many keywords"});
    return set;
}

} // namespace tegami::store
