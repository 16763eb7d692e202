// The operations on the certificates of a running server.
#include "admin/operation.h"

#include "admin/parameters.h"

namespace tegami::admin {

namespace {

constexpr const char* kNoServer = "no server runs: it looks after its certificates while it does";

json::value time_or_null(const std::optional<Timestamp>& time) {
    return time ? json::value(print_time(*time)) : json::value(nullptr);
}

json::object state_json(const CertificateState& state) {
    return {{"name", state.name},
            {"names", to_array(state.names)},
            {"not_before", time_or_null(state.not_before)},
            {"not_after", time_or_null(state.not_after)},
            {"origin", state.origin},
            {"renewal", time_or_null(state.renewal)},
            {"problem", state.problem},
            {"next_try", time_or_null(state.next_try)}};
}

json::object states_json(const Dependencies* on) {
    json::array all;
    for (const CertificateState& state : on->certificates())
        all.push_back(state_json(state));
    return {{"now", print_time(on->timers.now())}, {"certificates", std::move(all)}};
}

async::Awaitable<Answer> certificate_status(const Dependencies* on, Caller, json::object) {
    if (!on->certificates) co_return failure(Refusal{409, kNoServer});
    co_return states_json(on);
}

async::Awaitable<Answer> certificate_renew(const Dependencies* on, Caller, json::object request) {
    if (!on->renew_certificate) co_return failure(Refusal{409, kNoServer});
    CO_TRY(const auto name, optional_text(request, "name"));
    const auto renewed = co_await on->renew_certificate(name.value_or(""));
    if (!renewed) co_return failure(Refusal{503, renewed.error()});
    co_return states_json(on);
}

} // namespace

std::span<const Operation> certificate_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/certificate/status", Access::read, "", certificate_status, "The certificates of the server", {}},
        {"/certificate/renew",
         Access::change,
         "",
         certificate_renew,
         "Gets a certificate anew",
         {{"name", text, "Which; without it all of them"}}},
    };
    return kOperations;
}

} // namespace tegami::admin
