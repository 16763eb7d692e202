// What the admin operations share: taking values out of a request, and putting records into an answer.
#pragma once

#include "admin/admin.h"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace tegami::admin {

/// The answer for an error of the directory, or of the store.
Admin::Refusal refusal_for(const directory::Error& error);
Admin::Refusal refusal_for(const store::Error& error);

// Members of a request. A required one that is missing or of another type is a refusal that names it.
Result<std::string, Admin::Refusal> required_text(const boost::json::object& request, std::string_view name);
Result<std::optional<std::string>, Admin::Refusal> optional_text(const boost::json::object& request,
                                                                 std::string_view name);
Result<std::uint64_t, Admin::Refusal> optional_number(const boost::json::object& request, std::string_view name,
                                                      std::uint64_t otherwise);
Result<message::EmailAddress, Admin::Refusal> parse_address(const std::string& text);
Result<message::EmailAddress, Admin::Refusal> required_address(const boost::json::object& request,
                                                               std::string_view name);
Result<message::Domain, Admin::Refusal> parse_domain(const std::string& text);
Result<message::Domain, Admin::Refusal> required_domain(const boost::json::object& request, std::string_view name);

/// Where a listing goes on (`from`): the store's keys are octets, JSON wants text, so they are given in base64.
Result<std::string, Admin::Refusal> continuation(const boost::json::object& request);

boost::json::array to_array(const std::vector<std::string>& texts);
boost::json::object to_json(const directory::DomainSettings& domain);
boost::json::object to_json(const directory::Account& account);
boost::json::object to_json(const directory::Alias& alias);
boost::json::object to_json(const store::QueueEntry& entry);
boost::json::object to_json(const store::JourneyEvent& event);

/// Where a listing goes on: the directory's keys are octets, JSON wants text.
Result<std::string, Admin::Refusal> continuation(const boost::json::object& request);

/// `2026-11-22T21:40:03Z`.
std::string print_time(Timestamp time);

} // namespace tegami::admin
