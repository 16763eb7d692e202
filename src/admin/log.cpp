// The operation that follows the log: a stream of lines of JSON.
#include "admin/log_feed.h"
#include "admin/operation.h"
#include "admin/parameters.h"
#include "async/turns.h"

#include <algorithm>
#include <array>

namespace tegami::admin {

namespace {

/// Limit: lines that one piece of the stream is made of.
constexpr std::size_t kLinesAtOnce = 100;
/// How often it is looked whether there are more: what is written meanwhile goes out together.
constexpr auto kLookInterval = std::chrono::milliseconds(200);
/// How often something is sent where nothing happens, so that a reader that is gone is noticed.
constexpr auto kAliveInterval = std::chrono::seconds(10);
/// How long one request is answered: a role that ended reads no longer than this.
constexpr auto kFollowTime = std::chrono::minutes(5);
/// Limit: lines of the past.
constexpr std::uint64_t kPastLinesDefault = 100;

json::object line_json(const LogLine& line) {
    json::array fields;
    for (const auto& [name, value] : line.fields)
        fields.push_back(json::array{name, value});
    const auto since_1970 = std::chrono::floor<std::chrono::milliseconds>(line.time).time_since_epoch();
    return {{"number", line.number},
            {"milliseconds", since_1970.count()},
            {"level", to_string(line.level)},
            {"event", line.event},
            {"fields", std::move(fields)}};
}

class LogStream final : public net::BodySource {
public:
    LogStream(LogFeed* feed, LogFeed::Place place, LogFilter filter, std::uint64_t after, async::Timers* timers)
        : feed_(feed), place_(std::move(place)), filter_(std::move(filter)), after_(after), timers_(timers),
          ends_(timers->instant() + kFollowTime), said_(timers->instant()) {}

    async::Awaitable<Result<std::string, net::HttpFault>> read() override {
        for (;;) {
            const bool is_last = feed_->is_closed() || timers_->instant() >= ends_;
            const LogFeed::Page page = feed_->lines_after(after_, kLinesAtOnce);
            std::string text = told(page);
            if (text.empty() && page.lines.empty() && !is_last && timers_->instant() >= said_ + kAliveInterval)
                text = "\n";
            if (!text.empty()) {
                said_ = timers_->instant();
                co_return text;
            }
            if (!page.lines.empty()) {
                co_await async::give_way();
                continue;
            }
            if (is_last) co_return std::string();
            co_await async::sleep(timers_, kLookInterval);
        }
    }

private:
    std::string told(const LogFeed::Page& page) {
        std::string text;
        if (page.left_out > 0) text += write_json(json::object{{"left_out", page.left_out}}) + '\n';
        for (const auto& line : page.lines) {
            after_ = line->number;
            if (filter_.takes(*line)) text += write_json(line_json(*line)) + '\n';
        }
        return text;
    }

    LogFeed* const feed_;
    const LogFeed::Place place_;
    const LogFilter filter_;
    std::uint64_t after_;
    async::Timers* const timers_;
    const Instant ends_;
    Instant said_;
};

Result<LogLevel, Refusal> level_in(const json::object& request) {
    TRY(const std::optional<std::string> word, optional_text(request, "level"));
    if (!word) return LogLevel::debug;
    for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
        if (to_string(level) == *word) return level;
    return failure(Refusal{400, "level is debug, info, warning or error"});
}

async::Awaitable<Given> follow(const Dependencies* on, json::object request) {
    if (on->log == nullptr) co_return failure(Refusal{409, "no server runs"});
    CO_TRY(const LogLevel least, level_in(request));
    CO_TRY(auto service, optional_text(request, "service"));
    CO_TRY(auto address, optional_text(request, "address"));
    CO_TRY(auto journey, optional_text(request, "journey"));
    CO_TRY(const std::uint64_t last, optional_number(request, "last", kPastLinesDefault));
    CO_TRY(const std::uint64_t after, optional_number(request, "after", UINT64_MAX));
    LogFilter filter{.least = least,
                     .service = std::move(service).value_or(""),
                     .address = std::move(address).value_or(""),
                     .journey = std::move(journey).value_or("")};
    auto place = on->log->enter();
    if (!place) co_return failure(Refusal{503, "too many follow the log already"});
    const std::uint64_t begin =
        request.contains("after") ? after : on->log->before_last(std::min<std::uint64_t>(last, kLogLinesKept), filter);
    co_return std::make_unique<LogStream>(on->log, *std::move(place), std::move(filter), begin, &on->timers);
}

} // namespace

std::span<const Operation> log_operations() {
    using enum Parameter::Kind;
    static constexpr Operation kOperations[] = {
        {"/log",
         Access::read,
         "",
         follow,
         "Follows the log as it is written: gives lines of JSON",
         {{"level", text, "At least this level: `debug`, `info`, `warning` or `error`"},
          {"service", text, "Only lines of this service"},
          {"address", text, "Only lines about this address, of a client or of mail"},
          {"journey", text, "Only lines about this letter"},
          {"last", number, "How many lines of the past come first; otherwise 100"},
          {"after", number, "Where to go on: `number` of the last line that came"}}},
    };
    return kOperations;
}

} // namespace tegami::admin
