// The operations on the configuration file.
#include "admin/operation.h"

#include "admin/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tegami::admin {

namespace {

async::Awaitable<Answer> settings_show(const Dependencies* on, Caller, json::object) {
    if (!on->settings) co_return failure(Refusal{409, "there is no configuration file"});
    const auto read = co_await on->settings();
    if (!read) co_return failure(Refusal{503, fmt::format("{}", fmt::join(read.error(), "; "))});
    json::array all;
    for (const Setting& setting : read->all) {
        json::object shown{{"key", setting.key}, {"default", setting.otherwise}, {"meaning", setting.meaning}};
        shown["value"] = setting.value.empty() ? json::value() : json::value(setting.value);
        all.push_back(std::move(shown));
    }
    co_return json::object{{"file", read->file}, {"settings", std::move(all)}};
}

async::Awaitable<Answer> settings_set(const Dependencies* on, Caller, json::object request) {
    CO_TRY(std::string key, required_text(request, "key"));
    CO_TRY(std::string value, required_text(request, "value"));
    if (!on->change_setting) co_return failure(Refusal{409, "there is no configuration file"});
    const auto changed = co_await on->change_setting(std::move(key), std::move(value));
    if (!changed) co_return failure(Refusal{400, fmt::format("{}", fmt::join(changed.error(), "; "))});
    json::object answer{{"file", changed->file},
                        {"written", changed->written},
                        {"lines", changed->lines},
                        {"reload", to_array(changed->reload)},
                        {"restart", to_array(changed->restart)}};
    if (!changed->written) answer["problem"] = changed->why_not;
    co_return answer;
}

} // namespace

std::span<const Operation> setting_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/settings/show",
         Access::read,
         "",
         settings_show,
         "The configuration file: each key with its value, what holds without it, and what it means",
         {}},
        {"/settings/set",
         Access::change,
         "",
         settings_set,
         "Changes a key in the configuration file, or says what to write there; nothing is in force before a reload or "
         "restart",
         {{"key", text, "Such as queue.expiry", true}, {"value", text, "TOML; a text may lack its quotes", true}}},
    };
    return kOperations;
}

} // namespace tegami::admin
