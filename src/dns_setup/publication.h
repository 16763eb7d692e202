// What of the plan is to be changed in the DNS, and what is left to people. Pure.
//
// 1. What is missing is added beside what stands there.
// 2. A set that is there and wrong is replaced only if its name belongs to one of our services alone (a name with an
//    underscore, RFC 8552 §1: a selector of ours, TLSA, SRV, TLS-RPT, MTA-STS). An MX, an address, an SPF or a DMARC
//    record that somebody wrote is never overwritten or removed: it says more than we know.
// 3. Every change is bound to the set as it was seen: if that is no longer so, nothing is changed.
#pragma once

#include "dns_setup/check.h"
#include "protocol/dns_update/update.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::dns_setup {

enum class Deed : std::uint8_t {
    nothing, ///< it is right
    add,
    replace,
    leave,   ///< to people; the words say why
    unknown, ///< the DNS did not say what is there
};

struct PublicationStep {
    PlannedRecord record;
    Deed deed = Deed::nothing;
    std::string words{};
};

/// One change, for one or several of the steps.
struct SetChange {
    std::vector<std::size_t> steps; ///< their places in the list
    dns::SetUpdate update;          ///< the zone is still to be filled in
};

struct Publication {
    std::vector<PublicationStep> steps; ///< one for each finding, in their order
    std::vector<SetChange> changes;     ///< to be made in this order
};

/// `findings` are what check_records said of these answers.
Publication plan_publication(const std::vector<Finding>& findings, const trust::DnsAnswers& answers);

/// "nothing", "add", "replace", "leave", "unknown".
std::string_view to_string(Deed deed);

} // namespace tegami::dns_setup
