// RFC 5267 §4.3: a client that changes its lists as it is told always has what a new SORT would say.
#include "service/imapd/test_server_fixture.h"

#include <fmt/format.h>

#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace tegami::imapd::testing {

namespace {

class SortContexts : public ::testing::Test {
protected:
    SortContexts() {
        for (int number = 0; number < 40; ++number)
            deliver();
        for (Client* client : {&client_, &other_})
            answer(*client, "a LOGIN user@b.test secret\r\nb SELECT INBOX\r\n");
    }

    std::size_t random(std::size_t below) { return random_() % below; }

    void deliver() {
        server_.deliver("INBOX", fmt::format("From: p{}@a.test\r\nSubject: {}\r\n\r\n", random(5), random(7)), 1);
    }

    std::string answer(Client& client, const std::string& commands) {
        client.received.clear();
        server_.say(client, commands);
        server_.time().run_for(std::chrono::seconds(1));
        return client.received;
    }

    /// The words behind "* SORT".
    std::vector<std::string> sorted(const std::string& criteria, const std::string& command) {
        const std::string received = answer(client_, fmt::format("s {} {} UTF-8 UNFLAGGED\r\n", command, criteria));
        const std::size_t begin = received.find("* SORT");
        EXPECT_NE(begin, std::string::npos) << received;
        std::istringstream words(received.substr(begin + 6, received.find('\r', begin) - begin - 6));
        return {std::istream_iterator<std::string>(words), {}};
    }

    /// Does to the list what the lines about `tag` say.
    static void apply(const std::string& received, const std::string& tag, std::vector<std::string>& list) {
        std::istringstream lines(received);
        for (std::string line; std::getline(lines, line);) {
            if (line.find("ESEARCH (TAG \"" + tag + "\")") == std::string::npos) continue;
            const bool added = line.find("ADDTO") != std::string::npos;
            const std::size_t begin = line.rfind('(') + 1;
            std::istringstream words(line.substr(begin, line.rfind(')') - begin));
            std::size_t place = 0;
            for (std::string name; words >> place >> name;) {
                ASSERT_GE(place, 1u);
                ASSERT_LE(place, list.size() + (added ? 1 : 0)) << line;
                const auto at = list.begin() + static_cast<std::ptrdiff_t>(place - 1);
                if (added) {
                    list.insert(at, name);
                } else {
                    ASSERT_EQ(*at, name) << line;
                    list.erase(at);
                }
            }
        }
    }

    std::string some_messages() { return fmt::format("{}:{}", 1 + random(60), 1 + random(60)); }

    void change() {
        switch (random(5)) {
        case 0: return deliver();
        case 1:
            for (int count = 0; count < 8; ++count)
                deliver();
            return;
        case 2: answer(other_, fmt::format("f UID STORE {} +FLAGS.SILENT (\\Flagged)\r\n", some_messages())); return;
        case 3: answer(other_, fmt::format("f UID STORE {} -FLAGS.SILENT (\\Flagged)\r\n", some_messages())); return;
        default:
            answer(other_, fmt::format("d UID STORE {} +FLAGS.SILENT (\\Deleted)\r\n", 1 + random(60)) +
                               (random(2) == 0 ? "e EXPUNGE\r\n" : ""));
        }
    }

    std::mt19937 random_{5};
    TestServer server_{{.tls = TlsMode::none, .password_without_tls = true}};
    Client& client_ = server_.connect();
    Client& other_ = server_.connect();
};

TEST_F(SortContexts, ListsThatAreKeptAreThoseThatANewSortTells) {
    const std::vector<std::string> criteria{"(SUBJECT)", "(REVERSE FROM SIZE)"};
    std::vector<std::vector<std::string>> lists;
    for (std::size_t at = 0; at < criteria.size(); ++at) {
        lists.push_back(sorted(criteria[at], "UID SORT"));
        answer(client_, fmt::format("c{} UID SORT RETURN (UPDATE COUNT) {} UTF-8 UNFLAGGED\r\n", at, criteria[at]));
    }
    for (int turn = 0; turn < 24; ++turn) {
        change();
        const bool numbers_in_use = turn % 3 == 0; // expunged messages stay in the lists meanwhile
        const std::string news = answer(client_, numbers_in_use ? "n FETCH 1 UID\r\n" : "n NOOP\r\n");
        for (std::size_t at = 0; at < lists.size(); ++at)
            apply(news, fmt::format("c{}", at), lists[at]);
        if (numbers_in_use) continue;
        for (std::size_t at = 0; at < lists.size(); ++at)
            ASSERT_EQ(lists[at], sorted(criteria[at], "UID SORT")) << turn << " " << news;
    }
}

} // namespace

} // namespace tegami::imapd::testing
