#include "app/command_line/progress_watch.h"

#include "app/command_line/commands.h"
#include "app/command_line/transfer_progress.h"
#include "base/clock.h"
#include "base/random.h"
#include "net/http_client.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

namespace tegami::app {

namespace {

constexpr auto kPause = std::chrono::milliseconds(300);
/// A server that does not say how far it is in this time is asked again later.
constexpr Duration kPatience = std::chrono::seconds(5);

} // namespace

std::string ProgressWatch::new_name() {
    SystemRandom random;
    return fmt::format("{:016x}", random.number());
}

ProgressWatch::ProgressWatch(std::string name, const admin::ProgressBoard& here, std::string socket)
    : name_(std::move(name)), here_(here), socket_(std::move(socket)),
      thread_([this](const std::stop_token& ended) { run(ended); }) {}

ProgressWatch::~ProgressWatch() {
    thread_.request_stop();
    thread_.join();
    show_passing_line("");
}

void ProgressWatch::run(const std::stop_token& ended) const {
    const SystemClock clock;
    std::mutex mutex;
    std::condition_variable_any woken;
    unsigned number = 0; // of the step
    Instant begun;
    std::unique_lock lock(mutex);
    while (!woken.wait_for(lock, ended, kPause, [&] { return ended.stop_requested(); })) {
        const std::optional<Progress::Step> step = look();
        if (!step || step->number == 0) continue;
        if (std::exchange(number, step->number) != step->number) begun = clock.instant();
        show_passing_line(describe_progress(*step, std::chrono::duration_cast<Duration>(clock.instant() - begun)));
    }
}

std::optional<Progress::Step> ProgressWatch::look() const {
    if (const auto step = here_.find(name_)) return step;
    net::HttpRequest request{.method = "POST", .target = "/progress", .fields = {{"Content-Type", "application/json"}}};
    const auto response =
        net::http_request(socket_, std::move(request), admin::write_json(json::object{{"progress", name_}}), kPatience);
    if (!response || response->status != 200) return std::nullopt;
    boost::system::error_code error;
    const json::value answer = json::parse(response->body, error);
    if (error || !answer.is_object()) return std::nullopt;
    const json::object& object = answer.get_object();
    return Progress::Step{.number = static_cast<unsigned>(count_in(object, "step")),
                          .unit =
                              text_of(object, "unit") == "messages" ? Progress::Unit::messages : Progress::Unit::octets,
                          .done = count_in(object, "done"),
                          .total = count_in(object, "total")};
}

} // namespace tegami::app
