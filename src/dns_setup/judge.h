// How one record of the plan is judged, by its purpose. Private to this room.
#pragma once

#include "dns_setup/check.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tegami::dns_setup {

/// What a judge knows. All of it outlives the call.
struct Case {
    const Facts& facts;
    bool addresses_known; ///< not those that the DNS says
    const PlannedRecord& record;
    const trust::DnsAnswers& answers;
    Timestamp now;
};

using Judgement = trust::Evaluation<Finding>;

// judge_hosts.cpp: who takes the mail, and where that is.
Judgement judge_exchanger(const Case& it);
Judgement judge_address(const Case& it);
Judgement judge_reverse(const Case& it);
Judgement judge_tls_key(const Case& it);
Judgement judge_next_tls_key(const Case& it);
Judgement judge_client_service(const Case& it);

// judge_texts.cpp: what stands in TXT records.
Judgement judge_sender_policy(const Case& it);
Judgement judge_signing_key(const Case& it);
Judgement judge_author_policy(const Case& it);
Judgement judge_tls_reports(const Case& it);

// judge_policy.cpp: MTA-STS, and names that lead to our HTTPS.
Judgement judge_policy(const Case& it);
Judgement judge_web_host(const Case& it);

// Shared by the judges.
std::vector<std::string> values_of(const trust::Answer& answer);
bool has_value(const trust::Answer& answer, const dns::Data& data);
/// Whether the name is another one of this server.
trust::Evaluation<bool> leads_here(const Case& it, const dns::Name& name);
/// The texts of the kind, in order.
std::vector<std::string> texts_that(const trust::Answer& answer, const std::function<bool(std::string_view)>& are_such);
Finding several(const Case& it, std::string_view kind, std::vector<std::string> found);

/// Mail suffers from a record that is not right if it is a needed one.
inline Finding finding(const Case& it, State state, std::string words = {}, std::vector<std::string> found = {}) {
    if (found.size() > kShownMax) found.resize(kShownMax);
    return {.record = it.record,
            .state = state,
            .suffers = state != State::right && it.record.needed,
            .found = std::move(found),
            .words = std::move(words)};
}

inline Finding absent(const Case& it) {
    return finding(it, State::missing, "publish it: without it, " + it.record.without);
}

inline Finding unanswered(const Case& it) {
    return finding(it, State::no_answer,
                   "the DNS gave no answer: see whether the zone's servers work, and check again");
}

} // namespace tegami::dns_setup
