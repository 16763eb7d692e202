// The log front: an event in plain words with named fields. app/server/log_writer writes it.
// Secrets never become fields.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace tegami {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

enum class LogFormat : std::uint8_t { text, json };

struct LogOptions {
    LogLevel least = LogLevel::info; ///< events below it are left out
    LogFormat format = LogFormat::text;

    bool operator==(const LogOptions&) const = default;
};

struct LogField {
    std::string_view name;
    std::string value;

    LogField(std::string_view field, std::string text) : name(field), value(std::move(text)) {}

    LogField(std::string_view field, std::string_view text) : name(field), value(text) {}

    LogField(std::string_view field, const char* text) : name(field), value(text) {}

    LogField(std::string_view field, std::uint64_t number) : name(field), value(std::to_string(number)) {}
};

using LogFields = std::span<const LogField>;

class Log {
public:
    virtual ~Log() = default;
    /// Writes one line; may be called from any thread and must not block for long.
    virtual void write(LogLevel level, std::string_view event, LogFields fields) = 0;

    void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::info, event, LogFields(fields.begin(), fields.size()));
    }

    void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::warning, event, LogFields(fields.begin(), fields.size()));
    }

    void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
        write(LogLevel::error, event, LogFields(fields.begin(), fields.size()));
    }
};

/// Throws every event away; for tests.
class SilentLog final : public Log {
public:
    void write(LogLevel, std::string_view, LogFields) override {}
};

} // namespace tegami
