// The JMAP server (RFC 8620, RFC 8621): routes that the HTTPS service serves. README.md lists what they keep to.
#pragma once

#include "async/mutex.h"
#include "async/timer.h"
#include "async/worker_pool.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "delivery/delivery.h"
#include "directory/authenticator.h"
#include "directory/lookup.h"
#include "directory/web_sessions.h"
#include "net/http_routes.h"
#include "net/resolver.h"
#include "protocol/jmap/request.h"
#include "reception/reception.h"
#include "service/jmapd/account_slots.h"
#include "service/jmapd/pusher.h"
#include "service/jmapd/query_cache.h"
#include "service/jmapd/upload_allowance.h"
#include "sharing/shares.h"
#include "signing/signatures.h"
#include "store/journey.h"
#include "store/queue.h"
#include "store/store.h"
#include "trust/dkim/key_cache.h"

#include <cstdint>
#include <string>

namespace tegami::jmapd {

/// What one account may do at a time.
struct Limits {
    jmap::RequestLimits request;
    std::size_t concurrent_requests = 8;
    std::size_t concurrent_uploads = 4;
    std::size_t event_streams = 20;
    std::uint64_t upload_bytes = 50'000'000; ///< of one upload
    /// Of all uploads of one hour: the disk keeps an upload for that long, whatever becomes of it.
    std::uint64_t upload_bytes_per_hour = 1'000'000'000;
    /// Of blobs that become parts of new emails, or emails: a client names them without sending them again. Enough for
    /// a draft with large attachments that is saved every minute.
    std::uint64_t copied_bytes_per_hour = 10'000'000'000;
    std::size_t recipients = 1000; ///< of one letter that is sent
    /// Push subscriptions made within an hour: each sends something to an address that a client chose.
    std::uint64_t subscriptions_per_hour = 64;
};

/// What takes the letters that users send: the same that takes them over SMTP. All of them outlive it.
struct Outgoing {
    directory::Lookup& directory;
    reception::Reception& reception;
    delivery::Delivery& delivery;
    store::Queue& queue;
    store::Journeys& journeys;
    signing::Signatures& signatures;
    net::Resolver& resolver;
    dkim::KeyCache& sender_keys;
    std::string host_name; ///< ours, for trace fields
};

/// What all requests share. All of them outlive it.
struct Dependencies {
    store::Store& store;
    directory::Authenticator& authenticator;
    directory::WebSessions& web_sessions;
    sharing::Shares& shares;
    MemoryBudget& memory;
    async::WorkerPool& workers; ///< for JSON
    async::Timers& timers;
    RandomSource& random; ///< for the ids and boundaries of new messages
    Log& log;
    Outgoing outgoing;
    PushSettings push;
    std::string secret;   ///< the server's; blob ids of uploads are signed with it
    std::string base_url; ///< what clients reach us as: "https://mail.example.org", without a path
};

struct Service {
    Service(Dependencies parts, Limits most)
        : with(std::move(parts)), limits(most), requests(most.concurrent_requests), uploads(most.concurrent_uploads),
          streams(most.event_streams), allowance(most.upload_bytes_per_hour), copies(most.copied_bytes_per_hour),
          new_subscriptions(most.subscriptions_per_hour), pusher({.push = with.push,
                                                                  .store = with.store,
                                                                  .shares = with.shares,
                                                                  .timers = with.timers,
                                                                  .random = with.random,
                                                                  .log = with.log,
                                                                  .contact = with.base_url}) {}

    const Dependencies with;
    const Limits limits;
    AccountSlots requests;
    AccountSlots uploads;
    AccountSlots streams;
    UploadAllowance allowance;
    UploadAllowance copies;
    UploadAllowance new_subscriptions; ///< one for each
    AccountSlots mdns{1};
    Pusher pusher;
    QueryCache queries;
    async::Mutex new_identities;     ///< so that an address gets one only
    DurationHistogram request_times; ///< of requests with method calls, until their answer begins
};

/// Adds everything below /jmap/, and /.well-known/jmap, which leads to the session (RFC 8620 §2.2). `service` outlives the
/// routes.
void add_routes(net::HttpRoutes& routes, Service& service);

} // namespace tegami::jmapd
