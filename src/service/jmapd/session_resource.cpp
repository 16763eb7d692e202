#include "service/jmapd/session_resource.h"

#include "protocol/sasl/scram.h"
#include "protocol/web_push/vapid.h"
#include "service/jmapd/email_marks.h"
#include "service/jmapd/email_search.h"
#include "service/jmapd/envelope.h"
#include "service/jmapd/http_answers.h"
#include "service/jmapd/ids.h"
#include "service/jmapd/rights.h"
#include "store/mailbox_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tegami::jmapd {

namespace {

json::object core_capability(const Limits& limits) {
    return {{"maxSizeUpload", limits.upload_bytes},
            {"maxConcurrentUpload", limits.concurrent_uploads},
            {"maxSizeRequest", limits.request.size_bytes},
            {"maxConcurrentRequests", limits.concurrent_requests},
            {"maxCallsInRequest", limits.request.calls},
            {"maxObjectsInGet", limits.request.objects_in_get},
            {"maxObjectsInSet", limits.request.objects_in_set},
            {"collationAlgorithms", json::array{"i;unicode-casemap"}}};
}

/// RFC 8621 §1.3.1
json::object mail_account(const Limits& limits) {
    return {{"maxMailboxesPerEmail", kMailboxesPerEmailMax},
            {"maxMailboxDepth", store::kMailboxLevelsMax},
            {"maxSizeMailboxName", store::kMailboxLevelBytesMax},
            {"maxSizeAttachmentsPerEmail", limits.upload_bytes},
            {"emailQuerySortOptions", json::array(kEmailSorts.begin(), kEmailSorts.end())},
            {"mayCreateTopLevelMailbox", true}};
}

/// RFC 8621 §1.3.2, RFC 4865 §4.2: there is no last date beside the longest wait.
json::object submission_account() {
    const auto most = kDelayMax.count();
    json::object extensions;
    extensions["FUTURERELEASE"] = json::array{std::to_string(most), "9999-12-31T23:59:59Z"};
    return {{"maxDelayedSend", most}, {"submissionExtensions", std::move(extensions)}};
}

/// RFC 9404 §3.1
json::object blob_account(const Limits& limits) {
    return {{"maxSizeBlobSet", limits.upload_bytes},
            {"maxDataSources", kDataSourcesMax},
            {"supportedTypeNames", json::array(kBlobLookupTypes.begin(), kBlobLookupTypes.end())},
            {"supportedDigestAlgorithms", json::array{"sha-256"}}};
}

/// RFC 9670 §1.5.2
json::object owner_of(const Service& service, const User& user, store::AccountId owner) {
    return {{"accountIdForPrincipal", user.account_id}, {"principalId", principal_id(owner, service.with.secret)}};
}

json::object without_state(const Service& service, const User& user,
                           const std::vector<sharing::SharedAccount>& shared) {
    const std::string& base = service.with.base_url;
    const std::string address = user.identity.address.to_string();
    json::object capabilities;
    capabilities[kCoreCapability] = core_capability(service.limits);
    capabilities[kMailCapability] = json::object();
    capabilities[kSubmissionCapability] = json::object();
    capabilities[kQuotaCapability] = json::object();
    capabilities[kBlobCapability] = json::object();
    capabilities[kMdnCapability] = json::object();
    capabilities[kMailShareCapability] = json::object();
    capabilities[kPrincipalsCapability] = json::object();
    // RFC 8887 §3: "wss" stands for "https".
    capabilities[kWebSocketCapability] =
        json::object{{"url", "wss" + base.substr(base.find(':')) + "/jmap/ws/"}, {"supportsPush", true}};
    // RFC 9749 §3
    capabilities[kVapidCapability] =
        json::object{{"applicationServerKey", web_push::application_server_key(service.with.push.key)}};
    json::object accounts;
    accounts[user.account_id] = own_account_object(service, user);
    for (const sharing::SharedAccount& each : shared)
        accounts[id_of(each.account->id())] = shared_account_object(service, user, each);
    json::object primary;
    for (const std::string_view capability : {kMailCapability, kSubmissionCapability, kQuotaCapability, kBlobCapability,
                                              kMdnCapability, kMailShareCapability, kPrincipalsCapability})
        primary[capability] = user.account_id;
    return {{"capabilities", std::move(capabilities)},
            {"accounts", std::move(accounts)},
            {"primaryAccounts", std::move(primary)},
            {"username", address},
            {"apiUrl", base + "/jmap/api/"},
            {"downloadUrl", base + "/jmap/download/{accountId}/{blobId}/{name}?accept={type}"},
            {"uploadUrl", base + "/jmap/upload/{accountId}/"},
            {"eventSourceUrl", base + "/jmap/eventsource/?types={types}&closeafter={closeafter}&ping={ping}"}};
}

std::string state_of_object(const json::object& object) {
    constexpr std::size_t kStateOctets = 6;
    std::string state;
    for (const char octet : sasl::sha256(write_json(object)).substr(0, kStateOctets))
        state += fmt::format("{:02x}", static_cast<unsigned char>(octet));
    return state;
}

} // namespace

bool is_capability(std::string_view name) {
    static constexpr std::array kAll{
        kCoreCapability, kMailCapability,  kSubmissionCapability, kWebSocketCapability, kQuotaCapability,
        kBlobCapability, kVapidCapability, kMdnCapability,        kMailShareCapability, kPrincipalsCapability};
    return std::ranges::find(kAll, name) != kAll.end();
}

json::object own_account_object(const Service& service, const User& user) {
    json::object account_capabilities;
    account_capabilities[kCoreCapability] = json::object();
    account_capabilities[kMailCapability] = mail_account(service.limits);
    account_capabilities[kSubmissionCapability] = submission_account();
    account_capabilities[kQuotaCapability] = json::object();
    account_capabilities[kMdnCapability] = json::object();
    account_capabilities[kBlobCapability] = blob_account(service.limits);
    account_capabilities[kMailShareCapability] = json::object();
    account_capabilities[kPrincipalsCapability] =
        json::object{{"currentUserPrincipalId", principal_id(user.identity.account, service.with.secret)}};
    account_capabilities[kOwnerCapability] = owner_of(service, user, user.identity.account);
    return {{"name", user.identity.address.to_string()},
            {"isPersonal", true},
            {"isReadOnly", false},
            {"accountCapabilities", std::move(account_capabilities)}};
}

json::object shared_account_object(const Service& service, const User& user, const sharing::SharedAccount& shared) {
    const store::AccountId owner = shared.account->id();
    json::object mail = mail_account(service.limits);
    mail["mayCreateTopLevelMailbox"] = false;
    json::object capabilities;
    capabilities[kCoreCapability] = json::object();
    capabilities[kMailCapability] = std::move(mail);
    capabilities[kBlobCapability] = blob_account(service.limits);
    capabilities[kMailShareCapability] = json::object();
    capabilities[kOwnerCapability] = owner_of(service, user, owner);
    return {{"name", shared.address.to_string()},
            {"isPersonal", false},
            {"isReadOnly", is_read_only(*shared.account->mailboxes(), user.identity.account)},
            {"accountCapabilities", std::move(capabilities)}};
}

json::object session_resource(const Service& service, const User& user,
                              const std::vector<sharing::SharedAccount>& shared) {
    json::object session = without_state(service, user, shared);
    session["state"] = state_of_object(session);
    return session;
}

std::string session_state(const Service& service, const User& user, const std::vector<sharing::SharedAccount>& shared) {
    return state_of_object(without_state(service, user, shared));
}

async::Awaitable<std::vector<sharing::SharedAccount>> shared_with(Service* service, const User* user) {
    auto found = co_await service->with.shares.shared_with(user->account);
    if (found) co_return *std::move(found);
    log_failure(service->with.log, found.error());
    co_return std::vector<sharing::SharedAccount>();
}

} // namespace tegami::jmapd
