#include "app/server/log_line.h"

#include "admin/json.h"
#include "admin/log_feed.h"
#include "base/ascii.h"
#include "base/visible.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

namespace tegami::app {

namespace {

constexpr std::size_t kValueBytesMax = admin::kLogValueBytesMax;

bool is_plain(char c) {
    return ascii::is_vchar(c) && c != '"' && c != '=';
}

/// Adds the value so that nothing in it can end the line or look like another field.
void add_value(std::string& line, std::string_view value) {
    if (!value.empty() && value.size() <= kValueBytesMax && std::ranges::all_of(value, is_plain)) {
        line += value;
        return;
    }
    std::string text;
    for (const char c : value.substr(0, kValueBytesMax)) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
    }
    line += '"';
    line += visible(text);
    line += value.size() > kValueBytesMax ? "…\"" : "\"";
}

/// In the zone of the server, with milliseconds.
std::string print_log_time(std::chrono::system_clock::time_point time) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const std::time_t seconds = milliseconds / 1000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    const long minutes = local.tm_gmtoff / 60;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}{}{:02}:{:02}", local, milliseconds % 1000, minutes < 0 ? '-' : '+',
                       std::abs(minutes) / 60, std::abs(minutes) % 60);
}

/// A name that comes several times has a list.
json::object to_object(LogFields fields) {
    json::object object;
    for (const LogField& field : fields) {
        const json::value value(std::string_view(field.value).substr(0, kValueBytesMax));
        json::value& place = object[field.name];
        if (place.is_null())
            place = value;
        else if (place.is_array())
            place.as_array().push_back(value);
        else
            place = json::array{place, value};
    }
    return object;
}

} // namespace

std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, LogLevel level,
                     std::string_view event, LogFields fields) {
    if (format == LogFormat::json) {
        json::object line{{"time", print_log_time(time)}, {"level", admin::to_string(level)}, {"event", event}};
        for (const auto& [name, value] : to_object(fields))
            line.emplace(name, value);
        return admin::write_json(line) + '\n';
    }
    std::string line = fmt::format("{} {} {}", print_log_time(time), admin::to_string(level), visible(event));
    for (const LogField& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        add_value(line, field.value);
    }
    return line + '\n';
}

} // namespace tegami::app
