// The steps of `tegami setup` that are done as the owner of the data, with the server or without one.
#pragma once

#include "admin/json.h"
#include "base/ip_address.h"
#include "message/domain.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace tegami::app {

struct SetupOrder {
    std::string config_file;
    std::optional<message::Domain> domain; ///< there is one from choose_names() on
    std::string account;                   ///< empty: none is to be made
    std::string password;                  ///< empty: the account is there
    bool show_password = false;            ///< it was made here
    std::vector<IpAddress> addresses;      ///< by which others reach the server
    std::chrono::minutes wait{};           ///< for the records, and then for a letter
    bool runs = false;                     ///< the server
    std::string start_command;             ///< how to start it, if it does not run
    std::string again;                     ///< how to type setup again
    json::object findings;                 ///< about the machine
};

/// Whether there is this account, or any if it is empty.
bool has_account(const std::string& config_file, const std::string& address);

/// Makes domain and account where they are missing. Returns the exit status.
int fill(const SetupOrder& order);

/// Shows the records, waits until they are there, and for a letter; if `as_json`, prints at the end what there is now.
/// Returns the exit status.
int finish_setup(const SetupOrder& order, bool as_json);

/// Whether the file is there before the time is over.
bool wait_for_file(const std::string& path, std::chrono::seconds time_max);

} // namespace tegami::app
