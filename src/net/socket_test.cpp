// Sockets of the system: those that somebody else has bound, local ones, and the one by which a manager is told.
#include "net/notify_socket.h"
#include "net/test_support.h"

#include <gmock/gmock.h>

#include <cstddef>
#include <filesystem>
#include <fstream>

#include <sys/socket.h>
#include <sys/un.h>

namespace tegami::net::testing {
namespace {

using ::testing::HasSubstr;

// What a predecessor, or its manager, has bound: connections made before anybody listens here are not lost.
TEST(RealNetwork, ListensOnASocketThatSomebodyElseBound) {
    RealWorld first;
    RealWorld second;
    const Endpoint any{IpAddress::v4({127, 0, 0, 1}), 0};
    ASSERT_TRUE(first.network().bind(any));
    const int kept = ::dup(first.network().bound().at(any));
    auto listener = first.network().listen(any, first.executor()).value();
    const Endpoint local = listener->local_endpoint();
    EXPECT_TRUE(first.network().bound().empty());
    listener.reset();
    EXPECT_EQ(bound_to(kept), local);
    EXPECT_EQ(bound_to(0), std::nullopt) << "no socket";

    second.network().adopt(local, Descriptor(kept));
    bool connected = false;
    const auto connect = [](RealNetwork* network, Endpoint to, bool* done) -> Awaitable<> {
        const auto stream = co_await network->connect(to, {});
        *done = stream.has_value();
    };
    first.run(connect(&first.network(), local, &connected));
    EXPECT_TRUE(connected) << "it waits for the successor";
    const auto successor = second.network().listen(local, second.executor()).value();
    bool accepted = false;
    const auto accept = [](Listener* from, async::Executor executor, bool* done) -> Awaitable<> {
        const auto stream = co_await from->accept(std::move(executor));
        *done = stream.has_value();
    };
    second.run(accept(successor.get(), second.executor(), &accepted));
    EXPECT_TRUE(accepted);
}

TEST(NotifySocket, TellsAManagerByPathOrByName) {
    const TemporaryFolder folder;
    EXPECT_FALSE(NotifySocket::connect(folder.file("nobody")));
    for (const char* const wrong : {"", "@", "/"})
        EXPECT_FALSE(NotifySocket::connect(wrong)) << wrong;
    EXPECT_FALSE(NotifySocket::connect(std::string(200, 'x')));
    for (const std::string& name : {folder.file("manager"), "@" + folder.file("manager")}) {
        const Descriptor manager(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path, sizeof address.sun_path);
        if (name.front() == '@') address.sun_path[0] = '\0';
        const auto bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        ASSERT_EQ(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), bytes), 0);
        const auto socket = NotifySocket::connect(name);
        ASSERT_TRUE(socket);
        EXPECT_TRUE(socket->send("READY=1\nSTATUS=Serving."));
        std::string heard(100, '\0');
        heard.resize(static_cast<std::size_t>(::recv(manager.get(), heard.data(), heard.size(), 0)));
        EXPECT_EQ(heard, "READY=1\nSTATUS=Serving.");
    }
}

TEST(RealNetwork, ReplacesALocalSocketThatIsLeftOverOnly) {
    const TemporaryFolder folder;
    RealWorld world;
    const std::string path = folder.file("control");
    auto first = world.network().listen_local(path, 0660, world.executor()).value();
    const auto second = world.network().listen_local(path, 0660, world.executor());
    ASSERT_FALSE(second.has_value());
    EXPECT_THAT(second.error(), HasSubstr("somebody else does"));
    first.reset();
    EXPECT_TRUE(world.network().listen_local(path, 0660, world.executor()).has_value());
    // A file that is no socket is not ours to remove.
    std::ofstream(folder.file("letter")) << "dear";
    EXPECT_FALSE(world.network().listen_local(folder.file("letter"), 0660, world.executor()).has_value());
    EXPECT_TRUE(std::filesystem::exists(folder.file("letter")));
}

} // namespace
} // namespace tegami::net::testing
