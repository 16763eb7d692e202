#include "simulation/shrink.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tegami::simulation {

namespace {

class Shrinker {
public:
    Shrinker(const Scenario& scenario, std::uint64_t seed, std::vector<Event> plan, std::uint32_t runs_max)
        : scenario_(scenario), seed_(seed), runs_max_(runs_max), best_{.plan = std::move(plan)} {}

    Shrunk shrink() {
        drop_events();
        lower_counts();
        // Fewer letters may make more events needless.
        drop_events();
        return std::move(best_);
    }

private:
    /// Whether it still fails; then it is the best so far.
    bool attempt(std::vector<Event> plan) {
        if (best_.runs >= runs_max_) return false;
        ++best_.runs;
        if (play(scenario_, seed_, plan, false).problems.empty()) return false;
        best_.plan = std::move(plan);
        return true;
    }

    void drop_events() {
        for (std::size_t size = std::max<std::size_t>(1, best_.plan.size() / 2); size > 0; size /= 2) {
            // From the end: what came last is least likely to be the cause.
            for (std::size_t end = best_.plan.size(); end > 0;) {
                const std::size_t begin = end > size ? end - size : 0;
                std::vector<Event> fewer = best_.plan;
                const auto first = fewer.begin();
                fewer.erase(first + static_cast<std::ptrdiff_t>(begin), first + static_cast<std::ptrdiff_t>(end));
                attempt(std::move(fewer));
                end = begin;
            }
        }
    }

    void lower_counts() {
        for (std::size_t i = 0; i < best_.plan.size(); ++i) {
            if (best_.plan[i].kind > EventKind::pop) continue; // a fault's count is no amount
            for (std::uint32_t count = 1; count < best_.plan[i].count; count = count * 2 + 1) {
                std::vector<Event> fewer = best_.plan;
                fewer[i].count = count;
                if (attempt(std::move(fewer))) break;
            }
        }
    }

    const Scenario& scenario_;
    const std::uint64_t seed_;
    const std::uint32_t runs_max_;
    Shrunk best_;
};

} // namespace

Shrunk shrink(const Scenario& scenario, std::uint64_t seed, std::vector<Event> plan, std::uint32_t runs_max) {
    return Shrinker(scenario, seed, std::move(plan), runs_max).shrink();
}

std::string describe_selection(const std::vector<Event>& whole, const std::vector<Event>& plan) {
    std::string selection;
    for (const Event& event : plan) {
        selection += fmt::format("{}{}", selection.empty() ? "" : ",", event.id);
        if (event.count != whole.at(event.id).count) selection += fmt::format("x{}", event.count);
    }
    return selection;
}

Result<std::vector<Event>, std::string> select_events(const std::vector<Event>& whole, std::string_view selection) {
    std::vector<Event> plan;
    while (!selection.empty()) {
        const std::string_view part = selection.substr(0, selection.find(','));
        selection.remove_prefix(std::min(part.size() + 1, selection.size()));
        std::uint32_t id = 0;
        const char* const end = part.data() + part.size();
        const auto number = std::from_chars(part.data(), end, id);
        if (number.ec != std::errc{} || id >= whole.size()) return failure(fmt::format("there is no event {}", part));
        plan.push_back(whole[id]);
        if (number.ptr != end && *number.ptr == 'x') std::from_chars(number.ptr + 1, end, plan.back().count);
    }
    return plan;
}

} // namespace tegami::simulation
