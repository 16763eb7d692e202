#include "app/server/issue_failures.h"

#include "base/ascii.h"
#include "disk/files.h"
#include "json/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace tegami::app {

namespace {

/// Limit: a failure for each of some thousand names.
constexpr std::size_t kFileBytesMax = 4 << 20;
constexpr std::size_t kDepthMax = 4;
/// Limit: octets of one problem.
constexpr std::size_t kProblemBytesMax = 1000;

std::string file_of(const Config& config) {
    return config.data_directory + "/tls/acme-failures.json";
}

/// What an authority's answer depends on. With other settings it may take what it refused.
json::array settings_of(const Config& config) {
    const AcmeConfig& acme = config.acme;
    json::array settings{acme.directory, acme.contact, static_cast<int>(acme.challenge), acme.external_account};
    settings.insert(settings.end(), acme.names.begin(), acme.names.end());
    return settings;
}

std::int64_t number_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::string text_of(const json::object& object, std::string_view name) {
    const json::value* const value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

} // namespace

IssueFailures read_issue_failures(const Config& config) {
    IssueFailures failures;
    const auto text = disk::read_file(file_of(config), kFileBytesMax);
    const auto value = text ? read_json(*text, kDepthMax) : std::nullopt;
    if (!value || !value->is_object()) return failures;
    const json::object& file = value->get_object();
    const json::value* const settings = file.if_contains("settings");
    if (settings == nullptr || *settings != settings_of(config)) return failures;
    const json::value* const names = file.if_contains("certificates");
    if (names == nullptr || !names->is_object()) return failures;
    for (const auto& [name, entry] : names->get_object()) {
        if (!entry.is_object()) continue;
        const json::object& each = entry.get_object();
        const std::int64_t count = std::clamp<std::int64_t>(number_of(each, "failures"), 0, 1000);
        if (count == 0) continue;
        failures.emplace(std::string(std::string_view(name)),
                         IssueFailure{.problem = text_of(each, "problem"),
                                      .failures = static_cast<unsigned>(count),
                                      .next_try = Timestamp(std::chrono::seconds(number_of(each, "next_try")))});
    }
    return failures;
}

Result<void, std::string> keep_issue_failures(const Config& config, const IssueFailures& failures) {
    const std::string file = file_of(config);
    std::error_code error;
    if (failures.empty()) {
        std::filesystem::remove(file, error);
        return {};
    }
    json::object names;
    for (const auto& [name, one] : failures)
        names[name] = json::object{
            {"problem", std::string_view(one.problem).substr(0, kProblemBytesMax)},
            {"failures", one.failures},
            {"next_try", std::chrono::floor<std::chrono::seconds>(one.next_try).time_since_epoch().count()}};
    const std::string text = write_json(json::object{{"settings", settings_of(config)}, {"certificates", names}});
    const std::string fresh = file + ".new";
    std::filesystem::remove(fresh, error);
    const auto written = disk::create_file(fresh, text + "\n", 0600);
    if (written) std::filesystem::rename(fresh, file, error);
    if (!written || error)
        return failure(fmt::format("{} cannot be written: {}", file, written ? error.message() : written.error()));
    return {};
}

} // namespace tegami::app
