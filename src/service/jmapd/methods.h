// Which methods there are: each is a coroutine in a file of its own, named as the method is.
#pragma once

#include "service/jmapd/call.h"

#include <span>
#include <string_view>

namespace tegami::jmapd {

async::Awaitable<MethodResult> core_echo(Call* call);
async::Awaitable<MethodResult> blob_copy(Call* call);
async::Awaitable<MethodResult> push_subscription_get(Call* call);
async::Awaitable<MethodResult> push_subscription_set(Call* call);
async::Awaitable<MethodResult> blob_upload(Call* call);
async::Awaitable<MethodResult> blob_get(Call* call);
async::Awaitable<MethodResult> blob_lookup(Call* call);
async::Awaitable<MethodResult> mdn_send(Call* call);
async::Awaitable<MethodResult> mdn_parse(Call* call);
async::Awaitable<MethodResult> quota_get(Call* call);
async::Awaitable<MethodResult> quota_changes(Call* call);
async::Awaitable<MethodResult> quota_query(Call* call);
async::Awaitable<MethodResult> quota_query_changes(Call* call);
async::Awaitable<MethodResult> identity_get(Call* call);
async::Awaitable<MethodResult> identity_changes(Call* call);
async::Awaitable<MethodResult> identity_set(Call* call);
async::Awaitable<MethodResult> submission_get(Call* call);
async::Awaitable<MethodResult> submission_changes(Call* call);
async::Awaitable<MethodResult> submission_query(Call* call);
async::Awaitable<MethodResult> submission_query_changes(Call* call);
async::Awaitable<MethodResult> submission_set(Call* call);
async::Awaitable<MethodResult> email_get(Call* call);
async::Awaitable<MethodResult> email_set(Call* call);
async::Awaitable<MethodResult> email_import(Call* call);
async::Awaitable<MethodResult> email_parse(Call* call);
async::Awaitable<MethodResult> email_copy(Call* call);
async::Awaitable<MethodResult> email_changes(Call* call);
async::Awaitable<MethodResult> email_query(Call* call);
async::Awaitable<MethodResult> email_query_changes(Call* call);
async::Awaitable<MethodResult> search_snippet_get(Call* call);
async::Awaitable<MethodResult> thread_get(Call* call);
async::Awaitable<MethodResult> thread_changes(Call* call);
async::Awaitable<MethodResult> principal_get(Call* call);
async::Awaitable<MethodResult> principal_changes(Call* call);
async::Awaitable<MethodResult> principal_query(Call* call);
async::Awaitable<MethodResult> principal_query_changes(Call* call);
async::Awaitable<MethodResult> share_news_get(Call* call);
async::Awaitable<MethodResult> share_news_changes(Call* call);
async::Awaitable<MethodResult> share_news_set(Call* call);
async::Awaitable<MethodResult> share_news_query(Call* call);
async::Awaitable<MethodResult> share_news_query_changes(Call* call);
async::Awaitable<MethodResult> mailbox_get(Call* call);
async::Awaitable<MethodResult> mailbox_changes(Call* call);
async::Awaitable<MethodResult> mailbox_query(Call* call);
async::Awaitable<MethodResult> mailbox_query_changes(Call* call);
async::Awaitable<MethodResult> mailbox_set(Call* call);

struct MethodEntry {
    std::string_view name;
    std::string_view capability; ///< which the client has to name in `using`
    Method run;
};

/// All of them.
std::span<const MethodEntry> all_methods();
/// Null if there is none of this name.
const MethodEntry* find_method(std::string_view name);

} // namespace tegami::jmapd
