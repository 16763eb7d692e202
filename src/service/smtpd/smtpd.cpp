#include "service/smtpd/smtpd.h"

#include "service/smtpd/connection.h"

namespace tegami::smtpd {

async::Awaitable<> serve(const Dependencies* service, std::shared_ptr<const Settings> settings, Listener listener,
                         std::unique_ptr<net::Stream> stream, bool admitted) {
    Connection connection(*service, std::move(settings), listener, std::move(stream));
    co_await connection.run(admitted);
}

} // namespace tegami::smtpd
