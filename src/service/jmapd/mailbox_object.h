// A mailbox as JMAP shows it (RFC 8621 §2).
#pragma once

#include "base/result.h"
#include "protocol/jmap/fault.h"
#include "store/account_view.h"
#include "store/mailbox_list.h"
#include "json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

/// The properties of a mailbox, in the order of the RFC.
const std::vector<std::string>& mailbox_properties();
/// Whether the client may not say it: it follows from other things.
bool is_server_set(std::string_view property);
/// Those that tell how many emails there are.
const std::vector<std::string>& mailbox_count_properties();

/// "inbox"; nothing for Role::none.
std::optional<std::string_view> name_of(store::Role role);
/// Nothing for what is no role here.
std::optional<store::Role> parse_role(std::string_view name);

/// The last level of its name.
std::string_view level_of(const store::MailboxInfo& mailbox);

/// Whom a mailbox is shown to.
struct MailboxReader {
    store::Rights rights;
    bool is_owner = true;
    bool asks_for_shares = true; ///< RFC 8620 §1.8: the client knows of shareWith and mayShare
    std::string_view secret;     ///< for the names of those it is shared with
};

/// All properties.
json::object mailbox_object(const store::MailboxInfo& mailbox, const store::EmailCounts& counts,
                            const MailboxReader& reader);

/// An object with these properties alone, and its id.
json::object only(const json::object& whole, const std::vector<std::string>& properties);

} // namespace tegami::jmapd
