#include "app/server/renewal_plan.h"

#include "acme/renewal.h"

#include <algorithm>

namespace tegami::app {

RenewalTimes own_renewal_times(Timestamp not_after) {
    return {.due = not_after - kRenewalTime, .last = not_after - kLastRenewalTime};
}

RenewalTimes issued_renewal_times(const IssuedFacts& facts, const std::optional<RenewalAdvice>& advice) {
    RenewalTimes times{.due = acme::usual_renewal(facts.not_before, facts.not_after),
                       .last = facts.not_after - (facts.not_after - facts.not_before) / 6};
    if (!advice) return times;
    const Timestamp second_day = facts.not_before + std::chrono::days(1);
    times.due = std::min(times.due, std::max(advice->moment, second_day));
    times.last = std::min(times.last, std::max(advice->end, second_day));
    return times;
}

Renewal plan_renewal(Timestamp now, RenewalTimes times, Announcement announcement,
                     std::optional<Timestamp> seen_since) {
    if (now < times.due) return Renewal::none;
    if (announcement == Announcement::nowhere) return Renewal::with_next_key;
    if (announcement == Announcement::seen && seen_since && *seen_since + kAnnouncedTime <= now)
        return Renewal::with_next_key;
    return now < times.last ? Renewal::waits : Renewal::with_same_key;
}

Duration pause_after_failures(unsigned failures) {
    constexpr Duration kFirst = std::chrono::minutes(10);
    constexpr Duration kLongest = std::chrono::hours(6);
    return std::min(kFirst * (1U << std::clamp(failures, 1U, 7U)) / 2, kLongest);
}

} // namespace tegami::app
