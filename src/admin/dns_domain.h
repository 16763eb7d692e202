// What the operations on the DNS of a domain share.
#pragma once

#include "admin/operation.h"
#include "dns_setup/plan.h"

namespace tegami::admin {

/// Of a domain of ours; the addresses are those that the request names, if it names any.
Result<dns_setup::Facts, Refusal> facts_for(const Dependencies* on, const json::object& request);

/// `name` and `data` are null where an address must be known first.
json::object record_json(const dns_setup::PlannedRecord& record);

/// What every answer begins with.
json::object start_answer(const dns_setup::Facts& facts);

/// The operation /dns/publish: what is missing or wrong of our records is changed at the primary name server; with
/// `dry_run`, only said.
async::Awaitable<Answer> dns_publish(const Dependencies* on, Caller caller, json::object request);

} // namespace tegami::admin
