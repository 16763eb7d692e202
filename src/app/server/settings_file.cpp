#include "app/server/settings_file.h"

#include "app/configuration/settings.h"
#include "async/run.h"
#include "disk/files.h"

#include <fmt/format.h>

namespace tegami::app {

namespace {

/// Limit: as load_config() has it.
constexpr std::size_t kConfigBytesMax = 1 << 20;

std::vector<std::string> sentences(const std::vector<ConfigProblem>& problems, const std::string& file) {
    std::vector<std::string> all;
    for (const ConfigProblem& problem : problems)
        all.push_back(problem.to_string(file));
    return all;
}

Result<std::string, std::vector<std::string>> text_of(const std::string& file) {
    auto text = disk::read_file(file, kConfigBytesMax);
    if (!text) return failure(std::vector{fmt::format("{} cannot be read: {}", file, text.error())});
    return *std::move(text);
}

/// Blocks.
Result<admin::Settings, std::vector<std::string>> read_now(const std::string& file) {
    TRY(const std::string text, text_of(file));
    const auto keys = shown_keys(text);
    if (!keys) return failure(sentences(keys.error(), file));
    admin::Settings settings{.file = file, .all = {}};
    for (const ShownKey& key : *keys)
        settings.all.push_back({.key = key.key,
                                .value = key.value,
                                .otherwise = std::string(key.words ? key.words->otherwise : ""),
                                .meaning = std::string(key.words ? key.words->meaning : "")});
    return settings;
}

/// Blocks.
Result<admin::SettingChange, std::vector<std::string>> change_now(const std::string& file, const std::string& key,
                                                                  const std::string& value) {
    TRY(const std::string text, text_of(file));
    const auto changed = change_key(text, file, key, value);
    if (!changed) return failure(sentences(changed.error(), file));
    const auto written = replace_config(file, changed->text);
    return admin::SettingChange{.file = file,
                                .written = written.has_value(),
                                .why_not =
                                    written ? "" : fmt::format("{} cannot be written: {}", file, written.error()),
                                .lines = changed->lines,
                                .reload = changed->difference.live,
                                .restart = changed->difference.restart};
}

} // namespace

async::Awaitable<Result<admin::Settings, std::vector<std::string>>> read_settings(std::string file,
                                                                                  async::WorkerPool* workers) {
    const auto read = [file = std::move(file)] { return read_now(file); };
    co_return co_await async::run(workers, read);
}

async::Awaitable<Result<admin::SettingChange, std::vector<std::string>>>
change_setting(std::string file, std::string key, std::string value, async::WorkerPool* workers) {
    const auto change = [file = std::move(file), key = std::move(key), value = std::move(value)] {
        return change_now(file, key, value);
    };
    co_return co_await async::run(workers, change);
}

} // namespace tegami::app
