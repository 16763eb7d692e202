#include "app/configuration/settings.h"

#include "app/configuration/config_edit.h"
#include "app/configuration/config_keys.h"
#include "base/ascii.h"
#include "disk/files.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>

namespace tegami::app {

namespace {

constexpr std::string_view kListen = "listen.";
/// Limit: octets of a value that is set.
constexpr std::size_t kValueBytesMax = 4096;

std::vector<ConfigProblem> one_problem(std::string_view key, std::string message) {
    return {ConfigProblem{.line = 0, .key = std::string(key), .message = std::move(message)}};
}

/// `listen.imaps.port` is `listen.SERVICE.port`; empty if there is no such service.
std::string general_name(std::string_view key) {
    if (!key.starts_with(kListen)) return std::string(key);
    const std::string_view rest = key.substr(kListen.size());
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos || !service_named(rest.substr(0, dot))) return {};
    return fmt::format("{}SERVICE{}", kListen, rest.substr(dot));
}

std::string print_value(const toml::node& node) {
    std::ostringstream out;
    out << toml::toml_formatter(node, toml::format_flags::allow_unicode_strings);
    return out.str();
}

const toml::node* find_value(const toml::table& table, std::string_view key) {
    const toml::table* here = &table;
    for (;;) {
        const std::size_t dot = key.find('.');
        const toml::node* const found = here->get(key.substr(0, dot));
        if (!found || dot == std::string_view::npos) return found;
        here = found->as_table();
        if (!here) return nullptr;
        key.remove_prefix(dot + 1);
    }
}

/// As it stands in a file; a text may lack its quotes. Nothing if it is several things.
std::optional<std::string> as_toml(std::string_view value) {
    const auto read = [](std::string_view text) -> std::optional<std::string> {
        const toml::parse_result parsed = toml::parse(fmt::format("x = {}", text));
        const toml::node* const node = parsed ? parsed.table().get("x") : nullptr;
        if (!node || parsed.table().size() != 1) return std::nullopt;
        return print_value(*node);
    };
    if (const auto toml = read(value)) return toml;
    return read(toml_text(value));
}

/// Where a line and a column (in characters) of the parser are.
std::size_t offset_of(std::string_view text, const toml::source_position& place) {
    std::size_t at = 0;
    for (toml::source_index line = 1; line < place.line && at < text.size(); ++line)
        at = std::min(text.find('\n', at), text.size() - 1) + 1;
    for (toml::source_index column = 1; column < place.column && at < text.size(); ++column)
        for (++at; at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80;)
            ++at;
    return at;
}

} // namespace

Result<std::vector<ShownKey>, std::vector<ConfigProblem>> shown_keys(std::string_view text) {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) return failure(one_problem("", std::string(parsed.error().description())));
    std::vector<ShownKey> all;
    const auto show = [&](std::string key) {
        const toml::node* const node = find_value(parsed.table(), key);
        const ConfigWords* const words = words_for(general_name(key));
        all.push_back({.key = std::move(key), .value = node ? print_value(*node) : "", .words = words});
    };
    for (const ConfigKey& key : config_keys())
        show(key.full_name());
    for (const std::string_view service : service_names())
        if (find_value(parsed.table(), fmt::format("{}{}", kListen, service)))
            for (const ListenKey& key : listen_keys())
                show(fmt::format("{}{}.{}", kListen, service, key.name));
    return all;
}

Result<ChangedConfig, std::vector<ConfigProblem>> change_key(std::string_view text, const std::string& file,
                                                             std::string_view key, std::string_view value) {
    if (!words_for(general_name(key)))
        return failure(one_problem(key, "there is no such key: tegami settings show lists those there are"));
    if (value.empty() || value.size() > kValueBytesMax || value.find_first_of("\r\n") != std::string_view::npos)
        return failure(one_problem(key, fmt::format("takes one line of at most {} octets", kValueBytesMax)));
    const auto toml = as_toml(value);
    if (!toml) return failure(one_problem(key, "this is no value"));
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed)
        return failure(std::vector{ConfigProblem{.line = parsed.error().source().begin.line,
                                                 .key = {},
                                                 .message = std::string(parsed.error().description())}});
    ChangedConfig changed;
    if (const toml::node* const node = find_value(parsed.table(), key)) {
        const std::size_t begin = offset_of(text, node->source().begin);
        const std::size_t end = offset_of(text, node->source().end);
        changed.text = fmt::format("{}{}{}", text.substr(0, begin), *toml, text.substr(std::max(begin, end)));
    } else {
        changed.text = with_key(text, key, *toml);
    }
    const auto dot = key.rfind('.');
    changed.lines = dot == std::string_view::npos
                        ? fmt::format("{} = {}", key, *toml)
                        : fmt::format("[{}]\n{} = {}", key.substr(0, dot), key.substr(dot + 1), *toml);
    const ConfigResult after = parse_config(changed.text, file);
    if (!after) return failure(after.error());
    // Nothing but the value is another one, or the file is written in a way that is not understood here.
    const toml::parse_result again = toml::parse(changed.text);
    const toml::node* const there = again ? find_value(again.table(), key) : nullptr;
    if (!there || print_value(*there) != *toml)
        return failure(one_problem(key, "its place in the file is not clear: change it there"));
    const ConfigResult before = parse_config(text, file);
    if (before) changed.difference = compare_configs(*before, *after);
    return changed;
}

Result<void, std::string> replace_config(const std::string& file, std::string_view text) {
    std::error_code error;
    // A link stays one.
    const std::string real = std::filesystem::canonical(file, error).string();
    struct stat before{};
    if (error || ::stat(real.c_str(), &before) != 0) return failure(std::string("the file is not there any more"));
    const std::string fresh = real + ".new";
    std::filesystem::remove(fresh, error);
    TRY_VOID(disk::create_file(fresh, text, before.st_mode & 0777U));
    struct stat made{};
    const bool same_owner =
        ::stat(fresh.c_str(), &made) == 0 && made.st_uid == before.st_uid && made.st_gid == before.st_gid;
    if (!same_owner && ::chown(fresh.c_str(), before.st_uid, before.st_gid) != 0) {
        std::filesystem::remove(fresh, error);
        return failure(std::string("it would belong to another user"));
    }
    std::filesystem::rename(fresh, real, error);
    if (error) return failure(error.message());
    return {};
}

} // namespace tegami::app
