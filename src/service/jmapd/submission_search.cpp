#include "service/jmapd/submission_search.h"

#include "protocol/jmap/types.h"
#include "service/jmapd/ids.h"

#include <algorithm>
#include <array>
#include <compare>

namespace tegami::jmapd {

namespace {

using Entry = std::pair<const store::ObjectId, Submission>;

constexpr std::array<std::string_view, 3> kIdConditions{"identityIds", "emailIds", "threadIds"};
/// RFC 8621 §7.3 says sentAt, and means the property sendAt: clients say either.
constexpr std::array<std::string_view, 4> kSubmissionSorts{"emailId", "threadId", "sentAt", "sendAt"};

bool is_list_of_texts(const json::value& value) {
    return value.is_array() && std::ranges::all_of(value.get_array(), &json::value::is_string);
}

bool is_date(const json::value& value) {
    return jmap::read_utc_date(value).has_value();
}

Result<void, jmap::Fault> check_submission_condition(const json::object& condition) {
    for (const auto& [key, value] : condition) {
        const std::string name(key);
        bool good = false;
        if (std::ranges::find(kIdConditions, name) != kIdConditions.end())
            good = is_list_of_texts(value);
        else if (name == "before" || name == "after")
            good = is_date(value);
        else if (name == "undoStatus")
            good = value.is_string();
        else
            return failure(jmap::Fault{.type = "unsupportedFilter", .description = name + " is no condition"});
        if (!good) return failure(jmap::invalid_arguments({"filter"}, name + " is of another type"));
    }
    return {};
}

Result<void, jmap::Fault> check_submission_filter(const jmap::Filter& filter) {
    if (const auto* const condition = std::get_if<const json::object*>(&filter.is))
        return check_submission_condition(**condition);
    for (const jmap::Filter& part : std::get<jmap::Filter::Group>(filter.is).parts)
        TRY_VOID(check_submission_filter(part));
    return {};
}

class SubmissionMatcher {
public:
    explicit SubmissionMatcher(const jmap::CreatedIds& created) : created_(created) {}

    bool matches(const jmap::Filter& filter, const Submission& submission) const {
        return jmap::matches(
            filter, [&](std::string_view name, const json::value& value) { return holds(name, value, submission); });
    }

private:
    bool holds(std::string_view name, const json::value& value, const Submission& submission) const {
        if (name == "identityIds") return names(value, submission.identity);
        if (name == "emailIds") return names(value, submission.email);
        if (name == "threadIds") return names(value, submission.thread);
        if (name == "undoStatus") return name_of(submission.undo) == std::string_view(value.get_string());
        const auto date = *jmap::read_utc_date(value);
        return name == "before" ? submission.send_at < date : submission.send_at >= date;
    }

    bool names(const json::value& list, const std::string& id) const {
        return std::ranges::any_of(list.get_array(),
                                   [&](const json::value& one) { return created_.resolve(one.get_string()) == id; });
    }

    const jmap::CreatedIds& created_;
};

std::strong_ordering compare_by(const std::string& property, const Submission& left, const Submission& right) {
    // Ids by their numbers, which is the order in which they were made.
    const auto number = [](const std::string& id) { return std::pair(id.size(), id); };
    if (property == "emailId") return number(left.email) <=> number(right.email);
    if (property == "threadId") return number(left.thread) <=> number(right.thread);
    return left.send_at <=> right.send_at;
}

bool comes_before(const Entry* left, const Entry* right, const std::vector<jmap::Comparator>& sort) {
    for (const jmap::Comparator& one : sort) {
        const std::strong_ordering order = compare_by(one.property, left->second, right->second);
        if (order != 0) return one.ascending ? order < 0 : order > 0;
    }
    return sort.empty() ? left->first > right->first : left->first < right->first;
}

} // namespace

Result<SubmissionSearch, jmap::Fault> take_submission_search(const json::value* filter, const json::value* sort) {
    SubmissionSearch search;
    if (filter != nullptr) {
        TRY(search.filter, jmap::parse_filter(*filter));
        TRY_VOID(check_submission_filter(*search.filter));
    }
    TRY(search.sort, jmap::parse_sort(sort));
    for (const jmap::Comparator& one : search.sort)
        if (std::ranges::find(kSubmissionSorts, one.property) == kSubmissionSorts.end() || !one.collation.empty())
            return failure(jmap::Fault{.type = "unsupportedSort", .description = "submissions are not sorted so"});
    return search;
}

std::vector<std::string> find_submissions(const Submissions& submissions, const SubmissionSearch& search,
                                          const jmap::CreatedIds& created) {
    const SubmissionMatcher matcher(created);
    std::vector<const Entry*> found;
    for (const Entry& entry : submissions.all)
        if (!search.filter || matcher.matches(*search.filter, entry.second)) found.push_back(&entry);
    std::ranges::sort(found,
                      [&](const Entry* left, const Entry* right) { return comes_before(left, right, search.sort); });
    std::vector<std::string> ids;
    for (const Entry* const entry : found)
        ids.push_back(id_of(store::ObjectKind::submission, entry->first));
    return ids;
}

} // namespace tegami::jmapd
