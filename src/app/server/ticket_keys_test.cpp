#include "app/server/ticket_keys.h"

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "net/test_support.h"
#include "net/tls_handshake_fixture.h"

#include <gtest/gtest.h>

namespace tegami::app {
namespace {

using namespace std::chrono_literals;
using net::testing::shake_hands;

TEST(TicketKeys, ATicketIsWorthNothingADayLater) {
    const net::testing::TlsMaterial material;
    net::CurrentTlsServerContext current(material.server);
    async::VirtualTime time{1};
    async::TaskGroup tasks(time.executor(), [](std::string_view, std::string_view) { FAIL(); });
    tasks.spawn("ticket keys", renew_ticket_keys(&current, &time));
    for (int day = 0; day < 3; ++day) {
        const net::testing::Handshake first = shake_hands(*current.get(), nullptr);
        time.run_for(kTicketKeyTime - 1min);
        EXPECT_TRUE(shake_hands(*current.get(), first.session.get()).resumed) << day;
        time.run_for(1min);
        EXPECT_FALSE(shake_hands(*current.get(), first.session.get()).resumed) << day;
        EXPECT_EQ(current.get()->certificate().sha256_fingerprint, material.server->certificate().sha256_fingerprint);
    }
    tasks.cancel();
    time.run(tasks.join());
}

} // namespace
} // namespace tegami::app
