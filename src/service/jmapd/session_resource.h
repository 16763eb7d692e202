// The session (RFC 8620 §2): what a client learns of the server and of its accounts.
#pragma once

#include "service/jmapd/user.h"
#include "sharing/shares.h"
#include "json/json.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace tegami::jmapd {

inline constexpr std::string_view kCoreCapability = "urn:ietf:params:jmap:core";
inline constexpr std::string_view kMailCapability = "urn:ietf:params:jmap:mail";
inline constexpr std::string_view kSubmissionCapability = "urn:ietf:params:jmap:submission";
inline constexpr std::string_view kWebSocketCapability = "urn:ietf:params:jmap:websocket";
inline constexpr std::string_view kQuotaCapability = "urn:ietf:params:jmap:quota";
inline constexpr std::string_view kMdnCapability = "urn:ietf:params:jmap:mdn";
inline constexpr std::string_view kVapidCapability = "urn:ietf:params:jmap:webpush-vapid";
inline constexpr std::string_view kBlobCapability = "urn:ietf:params:jmap:blob";
inline constexpr std::string_view kPrincipalsCapability = "urn:ietf:params:jmap:principals";
inline constexpr std::string_view kOwnerCapability = "urn:ietf:params:jmap:principals:owner"; ///< of accounts only
/// draft-ietf-jmap-mail-sharing: mailboxes have shareWith and mayShare.
inline constexpr std::string_view kMailShareCapability = "urn:ietf:params:jmap:mail:share";

/// Limit: sources of one blob in Blob/upload (RFC 9404 §3.1).
inline constexpr std::size_t kDataSourcesMax = 100;
/// What a blob may be looked up in.
inline constexpr std::array<std::string_view, 3> kBlobLookupTypes{"Email", "Mailbox", "Thread"};

/// Whether we have this capability.
bool is_capability(std::string_view name);

/// The whole object, its `state` included. `shared`: the accounts that share something with the user now.
json::object session_resource(const Service& service, const User& user,
                              const std::vector<sharing::SharedAccount>& shared);
/// That `state` alone (RFC 8620 §3.4, sessionState).
std::string session_state(const Service& service, const User& user, const std::vector<sharing::SharedAccount>& shared);

// Accounts of the session (RFC 8620 §2).
json::object own_account_object(const Service& service, const User& user);
json::object shared_account_object(const Service& service, const User& user, const sharing::SharedAccount& shared);

/// The accounts that share something with the user now; none if that cannot be found out.
async::Awaitable<std::vector<sharing::SharedAccount>> shared_with(Service* service, const User* user);

} // namespace tegami::jmapd
