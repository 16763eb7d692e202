#include "service/jmapd/email_patch.h"

#include "base/ascii.h"
#include "protocol/jmap/patch.h"
#include "service/jmapd/email_marks.h"
#include "service/jmapd/email_object.h"
#include "service/jmapd/ids.h"

#include <set>

namespace tegami::jmapd {

namespace {

using jmap::Fault;

constexpr std::string_view kKeywordPath = "keywords/";
constexpr std::string_view kMailboxPath = "mailboxIds/";

/// A path as it is in the email's object: keywords in lower case, "#new" as the id that it stands for.
std::string path_in_object(std::string_view path, const jmap::CreatedIds& created) {
    if (path.starts_with(kKeywordPath)) return ascii::lower(path);
    if (!path.starts_with(kMailboxPath)) return std::string(path);
    const auto resolved = created.resolve(path.substr(kMailboxPath.size()));
    return resolved ? std::string(kMailboxPath) + *resolved : std::string(path);
}

json::value in_lower_case(const json::value& keywords) {
    if (!keywords.is_object()) return keywords;
    json::object lower;
    for (const auto& [keyword, set] : keywords.get_object())
        lower[ascii::lower(keyword)] = set;
    return lower;
}

Result<json::object, Fault> patch_of_object(const json::object& patch, const jmap::CreatedIds& created) {
    json::object changed;
    for (const auto& [path, value] : patch) {
        std::string name = path_in_object(path, created);
        if (changed.contains(name))
            return failure(Fault{.type = "invalidPatch", .description = "it is there twice", .names = {name}});
        changed[name] = path == "keywords" ? in_lower_case(value) : value;
    }
    return changed;
}

/// The properties that a patch names, but for those that may change.
std::vector<std::string> fixed_properties(const json::object& patch) {
    std::set<std::string> names;
    for (const auto& [path, value] : patch)
        names.emplace(std::string_view(path).substr(0, std::string_view(path).find('/')));
    names.erase("mailboxIds");
    names.erase("keywords");
    return {names.begin(), names.end()};
}

/// What the email has of these properties.
async::Awaitable<Result<json::object, Fault>> read_fixed(Call* call, store::AccountViewPtr view, store::EmailId email,
                                                         std::vector<std::string> names) {
    const json::object none;
    jmap::Arguments arguments(none, call->batch->created_ids());
    auto wanted = take_email_properties(arguments, names);
    if (!wanted) co_return failure(jmap::invalid_properties(std::move(names), "an email has no such property"));
    std::vector<std::string> ids{id_of(email)};
    CO_TRY(FoundEmails found, co_await read_emails(call, std::move(view), *std::move(wanted), std::move(ids)));
    if (found.list.empty()) co_return failure(Fault{.type = "notFound", .description = {}});
    co_return std::move(found.list.front().as_object());
}

} // namespace

async::Awaitable<Result<store::EmailUpdate, Fault>> plan_update(Call* call, store::AccountViewPtr view,
                                                                store::EmailState email, const json::object* patch) {
    const jmap::CreatedIds& created = call->batch->created_ids();
    json::object before = marks_object(email, view->keyword_names());
    std::vector<std::string> fixed = fixed_properties(*patch);
    if (!fixed.empty()) {
        CO_TRY(json::object others, co_await read_fixed(call, view, email.id, fixed));
        for (auto& [name, value] : others)
            before[name] = std::move(value);
    }
    CO_TRY(const json::object changes, patch_of_object(*patch, created));
    CO_TRY(const json::object after, jmap::apply_patch(before, changes));
    std::vector<std::string> changed;
    for (std::string& name : fixed) {
        const json::value* const was = before.if_contains(name);
        const json::value* const now = after.if_contains(name);
        // Of what is null a patch takes nothing away.
        const bool same = now == nullptr ? was == nullptr || was->is_null() : was != nullptr && *was == *now;
        if (!same) changed.push_back(std::move(name));
    }
    if (!changed.empty())
        co_return failure(jmap::invalid_properties(std::move(changed), "it stays as it is in an email"));
    CO_TRY(const EmailMarks marks, read_email_marks(after, *view->mailboxes(), created));
    co_return update_to(marks, email, view->keyword_names());
}

} // namespace tegami::jmapd
