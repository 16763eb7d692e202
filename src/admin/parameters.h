// What the operations share: taking values out of a request, and putting records into an answer.
#pragma once

#include "admin/backups.h"
#include "admin/operation.h"

#include <optional>
#include <string>
#include <string_view>

namespace tegami::admin {

/// The refusal for an error of the directory, or of the store.
Refusal refusal_for(const directory::Error& error);
Refusal refusal_for(const store::Error& error);

// Members of a request. A required one that is missing or of another type is a refusal that names it.
Result<std::string, Refusal> required_text(const json::object& request, std::string_view name);
Result<std::optional<std::string>, Refusal> optional_text(const json::object& request, std::string_view name);
Result<std::uint64_t, Refusal> optional_number(const json::object& request, std::string_view name,
                                               std::uint64_t otherwise);
Result<std::optional<bool>, Refusal> optional_flag(const json::object& request, std::string_view name);
Result<message::EmailAddress, Refusal> parse_address(const std::string& text);
Result<message::EmailAddress, Refusal> required_address(const json::object& request, std::string_view name);
Result<message::Domain, Refusal> parse_domain(const std::string& text);
Result<message::Domain, Refusal> required_domain(const json::object& request, std::string_view name);

/// The account with this address and its mail. The refusal for an account that was removed says how it comes back.
async::Awaitable<Result<store::AccountPtr, Refusal>> account_with_mail(const Dependencies* on,
                                                                       message::EmailAddress address);

/// The `domain` of the request, which must be one of ours; nothing if it names none.
Result<std::optional<message::Domain>, Refusal> optional_domain(const Dependencies* on, const json::object& request);
/// A domain that is not ours.
Refusal no_domain(const message::Domain& domain);

/// Where a listing goes on (`from`): the store's keys are octets, JSON wants text, so they are given in base64.
Result<std::string, Refusal> continuation(const json::object& request);

json::object to_json(const directory::DomainSettings& domain);
json::object to_json(const directory::Account& account);
json::object to_json(const directory::Role& role);
json::object to_json(const directory::Alias& alias);
/// `holds`: the destinations on hold.
json::object to_json(const store::QueuedMessage& queued, const std::function<bool(const store::QueueItem&)>& being_sent,
                     const std::map<message::Domain, store::QueueHold>& holds);
json::object to_json(const store::QueueHold& hold);
json::object to_json(const Backups::Restored& restored);
json::object to_json(const store::JourneyEvent& event);

} // namespace tegami::admin
