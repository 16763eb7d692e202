#include "service/pop3d/pop3d.h"

#include "service/pop3d/connection.h"

namespace tegami::pop3d {

bool MaildropLocks::take(store::AccountId account) {
    const std::lock_guard lock(guard_);
    return taken_.insert(account).second;
}

void MaildropLocks::release(store::AccountId account) {
    const std::lock_guard lock(guard_);
    taken_.erase(account);
}

async::Awaitable<> serve(const Dependencies* service, std::string host_name, Listener listener,
                         std::unique_ptr<net::Stream> stream, bool admitted) {
    Connection connection(*service, std::move(host_name), listener, std::move(stream));
    co_await connection.run(admitted);
}

} // namespace tegami::pop3d
