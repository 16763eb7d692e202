// The operations on the audit log.
#include "admin/operation.h"

#include "admin/parameters.h"
#include "base/base64.h"

#include <functional>

namespace tegami::admin {

namespace {

using Wanted = std::function<bool(const store::AuditRow&)>;

/// The octets that two spellings of an address or a domain have in common.
std::string comparable(const std::string& name) {
    const auto address = message::parse_email_address(name);
    return address ? directory::address_key(*address) : name;
}

json::object row_json(const store::AuditRow& row) {
    boost::system::error_code error;
    json::value parameters = json::parse(row.parameters, error);
    json::object shown{{"time", print_time(row.time)},
                       {"who", row.who},
                       {"from", row.from},
                       {"operation", row.operation},
                       {"about", row.about},
                       // One that was too long to be kept whole is text.
                       {"parameters", error ? json::value(row.parameters) : std::move(parameters)},
                       {"status", row.status ? json::value(*row.status) : json::value()},
                       {"refusal", row.refusal}};
    return shown;
}

async::Awaitable<Answer> page(const Dependencies* on, json::object request, Wanted wanted, bool with_origin) {
    CO_TRY(std::string from, continuation(request));
    CO_TRY(const std::uint64_t since, optional_number(request, "since", 0));
    if (since > 1ULL << 40) co_return failure(Refusal{400, "since must be seconds since 1970"});
    const auto found =
        co_await on->audit.page(Timestamp(std::chrono::seconds(since)), std::move(wanted), std::move(from));
    if (!found && found.error().code == store::ErrorCode::invalid)
        co_return failure(Refusal{400, "from is not what a listing gave as next"});
    if (!found) co_return failure(refusal_for(found.error()));
    json::array rows;
    for (const store::AuditRow& row : found->rows) {
        json::object shown = row_json(row);
        if (!with_origin) shown.erase("from");
        rows.push_back(std::move(shown));
    }
    json::object answer{{"rows", std::move(rows)}};
    if (!found->next.empty()) answer["next"] = base64::encode(found->next);
    co_return answer;
}

async::Awaitable<Answer> audit_list(const Dependencies* on, Caller, json::object request) {
    CO_TRY(const std::optional<std::string> account, optional_text(request, "account"));
    CO_TRY(const std::optional<std::string> operation, optional_text(request, "operation"));
    const std::string name = comparable(account.value_or(""));
    const std::string part = operation.value_or("");
    const Wanted wanted = [name, part](const store::AuditRow& row) {
        return (name.empty() || comparable(row.who) == name || comparable(row.about) == name) &&
               row.operation.contains(part);
    };
    co_return co_await page(on, std::move(request), wanted, true);
}

/// What was done to the caller's account; where others did it from is not for them.
async::Awaitable<Answer> audit_own(const Dependencies* on, Caller caller, json::object request) {
    const std::string name = caller.address() ? directory::address_key(*caller.address()) : std::string();
    const Wanted wanted = [name](const store::AuditRow& row) { return !name.empty() && comparable(row.about) == name; };
    co_return co_await page(on, std::move(request), wanted, false);
}

} // namespace

std::span<const Operation> audit_operations() {
    using enum Parameter::Kind;
    static constexpr Parameter kSince{"since", number, "Only what happened since then, in seconds since 1970"};
    static constexpr Operation kOperations[] = {
        {"/audit/list",
         Access::read,
         "",
         audit_list,
         "Changes by administrators, the newest first; a page may be empty and have a next one",
         {{"account", text, "Only what this account did, or what was done to it"},
          {"operation", text, "Only operations whose name has this in it"},
          kSince,
          kFromParameter}},
        {"/audit/own",
         Access::own,
         "",
         audit_own,
         "What was done to the caller's own account",
         {kSince, kFromParameter}},
    };
    return kOperations;
}

} // namespace tegami::admin
