#include "admin/audit_trail.h"

#include <fmt/format.h>

#include <array>

namespace tegami::admin {

namespace {

/// Parameters that name what an operation is about, where it has no subject.
constexpr std::array kAbout{"address", "account", "domain", "name", "letter", "destination", "key"};

/// Where to go on with a listing says nothing.
bool is_told(const Parameter& parameter) {
    return parameter.kind != Parameter::Kind::secret && parameter.name != "from" && parameter.name != "after" &&
           parameter.name != "progress";
}

json::array addresses_in(const json::value& entries) {
    json::array addresses;
    if (!entries.is_array()) return addresses;
    for (const json::value& each : entries.get_array()) {
        const json::value* const address = each.is_object() ? each.get_object().if_contains("address") : nullptr;
        if (address && address->is_string()) addresses.push_back(*address);
    }
    return addresses;
}

std::string about(const Operation& operation, const json::object& parameters) {
    const auto text_at = [&](std::string_view name) {
        const json::value* const value = parameters.if_contains(name);
        return value && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    if (!operation.subject.empty()) return text_at(operation.subject);
    for (const std::string_view name : kAbout)
        for (const Parameter& parameter : operation.parameters)
            if (parameter.name == name && parameters.contains(name)) return text_at(name);
    return {};
}

store::AuditRow row_for(const Caller& caller, const Operation& operation, const json::object& parameters) {
    return {.who = caller.name(),
            .from = caller.from(),
            .operation = std::string(operation.name),
            .about = about(operation, parameters),
            .parameters = write_json(kept_parameters(operation, parameters)),
            .status = {},
            .refusal = {}};
}

} // namespace

json::object kept_parameters(const Operation& operation, const json::object& parameters) {
    json::object kept;
    for (const Parameter& parameter : operation.parameters) {
        const json::value* const value = parameters.if_contains(parameter.name);
        if (!value || !is_told(parameter)) continue;
        kept[parameter.name] = parameter.kind == Parameter::Kind::entries ? json::value(addresses_in(*value)) : *value;
    }
    return kept;
}

/// Whether the same was written down a short time ago; it is remembered now.
bool AuditTrail::is_known(const store::AuditRow& row) {
    const Instant now = clock_.instant();
    std::string key = fmt::format("{}\n{}\n{}\n{}", row.who, row.from, row.operation, row.parameters);
    const std::lock_guard lock(guard_);
    std::erase_if(mail_, [&](const auto& each) { return each.second + kSameMailTime <= now; });
    if (mail_.contains(key)) return true;
    if (mail_.size() < kSameMailMax) mail_.emplace(std::move(key), now);
    return false;
}

async::Awaitable<Result<std::optional<store::AuditPlace>, Refusal>>
AuditTrail::begin(Caller caller, const Operation* operation, json::object parameters) {
    if (operation->access != Access::change && operation->access != Access::mail)
        co_return std::optional<store::AuditPlace>();
    store::AuditRow row = row_for(caller, *operation, parameters);
    if (operation->access == Access::mail && is_known(row)) co_return std::optional<store::AuditPlace>();
    const auto begun = co_await audit_.begin(std::move(row));
    if (!begun)
        co_return failure(
            Refusal{503, fmt::format("nothing was done: the audit log cannot be written: {}", begun.error().detail)});
    co_return std::optional(*begun);
}

async::Awaitable<Result<void, Refusal>> AuditTrail::finish(std::optional<store::AuditPlace> place,
                                                           std::optional<Refusal> refusal) {
    if (!place) co_return Result<void, Refusal>();
    std::string sentence = refusal ? std::move(refusal->message) : std::string();
    const auto written = co_await audit_.finish(*place, refusal ? refusal->status : 200, std::move(sentence));
    if (!written)
        co_return failure(
            Refusal{503, fmt::format("what came of it is not in the audit log, which cannot be written: {}",
                                     written.error().detail)});
    co_return Result<void, Refusal>();
}

async::Awaitable<> AuditTrail::note_refusal(Caller caller, const Operation* operation, json::object parameters,
                                            Refusal refusal) {
    if (caller.is_user() || (operation->access != Access::change && operation->access != Access::mail)) co_return;
    store::AuditRow row = row_for(caller, *operation, parameters);
    row.status = refusal.status;
    row.refusal = std::move(refusal.message);
    // Nothing was done: whether that is written down changes nothing.
    const auto written = co_await audit_.add(std::move(row));
    static_cast<void>(written);
}

} // namespace tegami::admin
