#include "app/server/ticket_keys.h"

namespace tegami::app {

async::Awaitable<> renew_ticket_keys(net::CurrentTlsServerContext* current, async::Timers* timers) {
    for (;;) {
        co_await async::sleep(timers, kTicketKeyTime);
        current->set(current->get()->with_new_ticket_keys());
    }
}

} // namespace tegami::app
