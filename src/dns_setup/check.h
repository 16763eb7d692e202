// Whether the DNS has what the plan says, by what it means. Pure: see trust/dns_answers.h for how it is called.
#pragma once

#include "base/clock.h"
#include "dns_setup/plan.h"
#include "trust/dns_answers.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dns_setup {

/// Limit: exchangers of a domain whose addresses are looked up, and values that a finding shows.
inline constexpr std::size_t kExchangersMax = 5;
inline constexpr std::size_t kShownMax = 10;

enum class State : std::uint8_t {
    right, ///< as planned, or something else that does the job
    missing,
    wrong,
    no_answer, ///< the DNS did not say; another time it may
};

struct Finding {
    PlannedRecord record;
    State state = State::right;
    bool suffers = false;           ///< mail is refused, lost or late because of it
    std::vector<std::string> found; ///< the values there that matter here, of strangers
    /// What is wrong, what comes of it and how to mend it, or advice about what is right; may be empty.
    std::string words;
};

/// One finding for each record of the plan. Where the facts name no address, those of the host in the DNS are taken for
/// it.
trust::Evaluation<std::vector<Finding>> check_records(const Facts& facts, const trust::DnsAnswers& answers,
                                                      Timestamp now);

/// "right", "missing", "wrong", "no-answer".
std::string_view to_string(State state);

} // namespace tegami::dns_setup
