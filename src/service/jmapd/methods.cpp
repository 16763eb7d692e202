#include "service/jmapd/methods.h"

#include "service/jmapd/session_resource.h"

#include <algorithm>
#include <array>

namespace tegami::jmapd {

namespace {

constexpr std::array kMethods{
    MethodEntry{"Core/echo", kCoreCapability, core_echo},
    MethodEntry{"Blob/copy", kCoreCapability, blob_copy},
    MethodEntry{"PushSubscription/get", kCoreCapability, push_subscription_get},
    MethodEntry{"PushSubscription/set", kCoreCapability, push_subscription_set},
    MethodEntry{"Blob/upload", kBlobCapability, blob_upload},
    MethodEntry{"Blob/get", kBlobCapability, blob_get},
    MethodEntry{"Blob/lookup", kBlobCapability, blob_lookup},
    MethodEntry{"MDN/send", kMdnCapability, mdn_send},
    MethodEntry{"MDN/parse", kMdnCapability, mdn_parse},
    MethodEntry{"Quota/get", kQuotaCapability, quota_get},
    MethodEntry{"Quota/changes", kQuotaCapability, quota_changes},
    MethodEntry{"Quota/query", kQuotaCapability, quota_query},
    MethodEntry{"Quota/queryChanges", kQuotaCapability, quota_query_changes},
    MethodEntry{"Email/get", kMailCapability, email_get},
    MethodEntry{"Email/set", kMailCapability, email_set},
    MethodEntry{"Email/import", kMailCapability, email_import},
    MethodEntry{"Email/parse", kMailCapability, email_parse},
    MethodEntry{"Email/copy", kMailCapability, email_copy},
    MethodEntry{"Email/changes", kMailCapability, email_changes},
    MethodEntry{"Email/query", kMailCapability, email_query},
    MethodEntry{"Email/queryChanges", kMailCapability, email_query_changes},
    MethodEntry{"SearchSnippet/get", kMailCapability, search_snippet_get},
    MethodEntry{"Thread/get", kMailCapability, thread_get},
    MethodEntry{"Thread/changes", kMailCapability, thread_changes},
    MethodEntry{"Mailbox/get", kMailCapability, mailbox_get},
    MethodEntry{"Mailbox/changes", kMailCapability, mailbox_changes},
    MethodEntry{"Mailbox/query", kMailCapability, mailbox_query},
    MethodEntry{"Mailbox/queryChanges", kMailCapability, mailbox_query_changes},
    MethodEntry{"Mailbox/set", kMailCapability, mailbox_set},
    MethodEntry{"Principal/get", kPrincipalsCapability, principal_get},
    MethodEntry{"Principal/changes", kPrincipalsCapability, principal_changes},
    MethodEntry{"Principal/query", kPrincipalsCapability, principal_query},
    MethodEntry{"Principal/queryChanges", kPrincipalsCapability, principal_query_changes},
    MethodEntry{"ShareNotification/get", kPrincipalsCapability, share_news_get},
    MethodEntry{"ShareNotification/changes", kPrincipalsCapability, share_news_changes},
    MethodEntry{"ShareNotification/set", kPrincipalsCapability, share_news_set},
    MethodEntry{"ShareNotification/query", kPrincipalsCapability, share_news_query},
    MethodEntry{"ShareNotification/queryChanges", kPrincipalsCapability, share_news_query_changes},
    MethodEntry{"Identity/get", kSubmissionCapability, identity_get},
    MethodEntry{"Identity/changes", kSubmissionCapability, identity_changes},
    MethodEntry{"Identity/set", kSubmissionCapability, identity_set},
    MethodEntry{"EmailSubmission/get", kSubmissionCapability, submission_get},
    MethodEntry{"EmailSubmission/changes", kSubmissionCapability, submission_changes},
    MethodEntry{"EmailSubmission/query", kSubmissionCapability, submission_query},
    MethodEntry{"EmailSubmission/queryChanges", kSubmissionCapability, submission_query_changes},
    MethodEntry{"EmailSubmission/set", kSubmissionCapability, submission_set},
};

} // namespace

std::span<const MethodEntry> all_methods() {
    return kMethods;
}

const MethodEntry* find_method(std::string_view name) {
    const auto* const found = std::ranges::find(kMethods, name, &MethodEntry::name);
    return found == kMethods.end() ? nullptr : found;
}

} // namespace tegami::jmapd
