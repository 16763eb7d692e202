#include "app/server/log_writer.h"

#include "base/ascii.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace tegami::app {

namespace {

/// Limit: octets of one value; longer ones are cut.
constexpr std::size_t kValueBytesMax = 1000;

spdlog::level::level_enum to_spdlog(LogLevel level) {
    switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

bool is_plain(char c) {
    return ascii::is_vchar(c) && c != '"' && c != '=';
}

/// The value so that nothing in it can end the line or look like another field.
std::string quoted(std::string_view value) {
    if (!value.empty() && value.size() <= kValueBytesMax && std::ranges::all_of(value, is_plain))
        return std::string(value);
    std::string text = "\"";
    for (const char c : ascii::printable(value, kValueBytesMax)) {
        if (c == '"') text += '\\';
        text += c;
    }
    return text + '"';
}

} // namespace

LogWriter::LogWriter(LogLevel least)
    : logger_(std::make_shared<spdlog::logger>("tegami", std::make_shared<spdlog::sinks::stderr_sink_mt>())) {
    logger_->set_level(to_spdlog(least));
    logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger_->flush_on(spdlog::level::debug);
}

LogWriter::~LogWriter() = default;

std::string LogWriter::format(std::string_view event, std::initializer_list<LogField> fields) {
    std::string line = ascii::printable(event, kValueBytesMax);
    for (const LogField& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        line += quoted(field.value);
    }
    return line;
}

void LogWriter::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    if (!logger_->should_log(to_spdlog(level))) return;
    logger_->log(to_spdlog(level), spdlog::string_view_t(format(event, fields)));
}

} // namespace tegami::app
