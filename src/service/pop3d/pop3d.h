// The POP3 server (RFC 1939). Drives protocol/pop3's ServerSession over a stream and the store.
//
// 1. The maildrop is the account's INBOX as it was when the session logged in, the oldest kMaildropMessagesMax of it.
// 2. One session at a time has an account's maildrop (RFC 1939 §4); the lock ends with the connection.
// 3. Deletions happen at QUIT, in one commit before `+OK` (acknowledged means durable), and nowhere else.
// 4. A maildrop is listed in pieces between which others run, and charged to the memory budget.
// 5. A message streams from its blob; a connection holds one read buffer while octets come and none while it waits.
#pragma once

#include "async/timer.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "directory/authenticator.h"
#include "net/stream.h"
#include "net/tls_context.h"
#include "net/tls_mode.h"
#include "store/journey.h"
#include "store/store.h"

#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace tegami::pop3d {

/// Limit: messages of a maildrop; the next session shows those that come after.
inline constexpr std::size_t kMaildropMessagesMax = 100'000;

/// The accounts whose maildrop a session has; thread-safe.
class MaildropLocks {
public:
    /// False if another session has it.
    bool take(store::AccountId account);
    void release(store::AccountId account);

private:
    std::mutex guard_;
    std::set<store::AccountId> taken_;
};

/// What all connections share; made by app/, outlives them.
struct Dependencies {
    directory::Authenticator& authenticator;
    store::Store& store;
    store::Journeys& journeys;
    MaildropLocks& locks;
    net::CurrentTlsServerContext& tls;
    MemoryBudget& memory;
    async::Timers& timers;
    RandomSource& random;
    Log& log;
};

using net::TlsMode;

struct Listener {
    TlsMode tls = TlsMode::starttls;
    bool password_without_tls = false;
};

/// Serves one connection to its end. `admitted` is false if there are too many: the client is told so.
/// `service` outlives the call.
async::Awaitable<> serve(const Dependencies* service, std::string host_name, Listener listener,
                         std::unique_ptr<net::Stream> stream, bool admitted);

} // namespace tegami::pop3d
