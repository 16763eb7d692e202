// Writes the log: one line for each event on standard error, `time level event name=value …`, where a service manager
// or a terminal picks it up. Values are quoted if they hold anything but plain characters.
#pragma once

#include "base/log.h"

#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace tegami::app {

class LogWriter final : public Log {
public:
    /// Events below `least` are left out.
    explicit LogWriter(LogLevel least);
    ~LogWriter() override;

    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) override;

    /// The line without time and level.
    static std::string format(std::string_view event, std::initializer_list<LogField> fields);

private:
    std::shared_ptr<spdlog::logger> logger_;
};

} // namespace tegami::app
