// RFC 9051 §6.4.4: SEARCH finds the same with a word index, without one, and with one that has not come to the newest
// mail; with it, it reads no message that it need not.
#include "service/imapd/test_server_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace tegami::imapd::testing {

namespace {

using ::testing::HasSubstr;

class SearchWithIndex : public ::testing::Test {
protected:
    SearchWithIndex() {
        for (int number = 0; number < 12; ++number)
            deliver(number);
        server_.say(client_, "a LOGIN user@b.test secret\r\nb SELECT INBOX\r\n");
        server_.time().run_for(std::chrono::seconds(1));
    }

    void deliver(int number) {
        static const char* const kSubjects[] = {"apple pie", "=?UTF-8?B?5pel5pys6Kqe?= apple", "Re: pear", "none"};
        static const char* const kBodies[] = {"Some words, and more.",
                                              "\xe6\x9d\xb1\xe4\xba\xac\xe3\x81\xae\xe5\xa4\xa9", "caf\xc3\xa9 number"};
        server_.deliver("INBOX",
                        fmt::format("From: Anna <anna{}@a.test>\r\nTo: bert@b.test\r\nSubject: {}\r\nX-Tag: t{}\r\n"
                                    "Content-Type: text/plain; charset=utf-8\r\n\r\n{} {}\r\n",
                                    number % 2, kSubjects[number % 4], number, kBodies[number % 3], number),
                        number);
    }

    std::string answer_to(const std::string& command) {
        client_.received.clear();
        server_.say(client_, command);
        server_.time().run_for(std::chrono::seconds(1));
        return client_.received;
    }

    std::vector<std::string> all_answers() {
        std::vector<std::string> answers;
        for (const std::string_view keys : {"SUBJECT apple",
                                            "SUBJECT \"apple pie\"",
                                            "NOT SUBJECT apple",
                                            "FROM anna1",
                                            "FROM \"Anna <anna0\"",
                                            "TO bert",
                                            "CC bert",
                                            "BODY words",
                                            "BODY \"words, and\"",
                                            "TEXT apple",
                                            "TEXT \"x-tag: t1\"",
                                            "TEXT t1",
                                            "HEADER X-Tag t1",
                                            "HEADER X-Tag \"\"",
                                            "OR SUBJECT pear BODY caf\xc3\xa9",
                                            "BODY number NOT TEXT pie",
                                            "OR (BODY 5 SUBJECT none) (FROM anna1 NOT BODY some)",
                                            "BODY \xe6\x9d\xb1",
                                            "BODY \xe4\xba\xac\xe3\x81\xae",
                                            "SUBJECT \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e",
                                            "TEXT \"\"",
                                            "BODY zzz",
                                            "UNSEEN TEXT appl",
                                            "1:5 TEXT e"})
            answers.push_back(answer_to(fmt::format("c SEARCH CHARSET UTF-8 {}\r\n", keys)));
        return answers;
    }

    std::uint64_t blob_reads() { return server_.engine().calls(store::MemoryEngine::Call::blob_read); }

    TestServer server_{{.tls = TlsMode::none, .password_without_tls = true}};
    Client& client_ = server_.connect();
};

TEST_F(SearchWithIndex, FindsTheSame) {
    const std::vector<std::string> without = all_answers();
    server_.index_words();
    EXPECT_EQ(all_answers(), without);
    for (int number = 12; number < 18; ++number)
        deliver(number);
    answer_to("n NOOP\r\n");
    const std::vector<std::string> with_new_mail = all_answers();
    EXPECT_NE(with_new_mail, without);
    server_.index_words();
    EXPECT_EQ(all_answers(), with_new_mail);
}

// RFC 7377: the index is asked once for all mailboxes, and answers for the emails of each.
TEST_F(SearchWithIndex, SearchesSeveralMailboxes) {
    server_.create_mailbox("Other");
    server_.deliver("Other", "Subject: apple tart\r\n\r\nsome words\r\n", 20);
    server_.deliver("Other", "Subject: none\r\n\r\napple\r\n", 21);
    const auto answers = [&] {
        return answer_to(
                   "c ESEARCH IN (personal) SUBJECT apple\r\nd ESEARCH IN (personal) RETURN (COUNT) TEXT apple\r\n") +
               answer_to("c ESEARCH IN (mailboxes (Other INBOX)) BODY words NOT SUBJECT pie\r\n");
    };
    const std::string without = answers();
    EXPECT_THAT(without, ::testing::ContainsRegex("MAILBOX INBOX UIDVALIDITY [0-9]+. UID ALL 1:2,5:6,9:10"));
    EXPECT_THAT(without, ::testing::ContainsRegex("MAILBOX Other UIDVALIDITY [0-9]+. UID COUNT 2"));
    server_.index_words();
    const std::uint64_t before = blob_reads();
    EXPECT_EQ(answers(), without);
    EXPECT_EQ(blob_reads(), before) << "the index alone can tell";
}

// RFC 6203: with the index words are found by their forms, and the best messages are told.
TEST_F(SearchWithIndex, FindsWhatIsNear) {
    server_.deliver("INBOX", "Subject: numbers\r\n\r\nthe apples\r\n", 20);
    server_.index_words();
    answer_to("n NOOP\r\n");
    const std::uint64_t before = blob_reads();
    EXPECT_THAT(answer_to("c SEARCH FUZZY SUBJECT \"pies apples\"\r\n"), HasSubstr("* SEARCH 1 5 9\r\n"));
    EXPECT_THAT(answer_to("c SEARCH RETURN (ALL RELEVANCY) FUZZY TEXT apples\r\n"),
                HasSubstr("ALL 1:2,5:6,9:10,13 RELEVANCY (100 100 100 100 100 100 1)\r\n"));
    EXPECT_THAT(answer_to("c SORT RETURN (PARTIAL 1:3 RELEVANCY) (RELEVANCY) UTF-8 FUZZY TEXT number\r\n"),
                HasSubstr("PARTIAL (1:3 13,3,6) RELEVANCY (100 1 1)\r\n"));
    EXPECT_EQ(blob_reads(), before) << "the index alone can tell";
    server_.deliver("INBOX", "Subject: apple\r\n\r\nx\r\n", 21);
    answer_to("n NOOP\r\n");
    EXPECT_THAT(answer_to("c SORT (REVERSE RELEVANCY) UTF-8 FUZZY TEXT apple\r\n"),
                HasSubstr("* SORT 13 14 1 2 5 6 9 10\r\n"));
}

TEST_F(SearchWithIndex, ReadsOnlyWhatItMust) {
    server_.index_words();
    std::uint64_t before = blob_reads();
    EXPECT_THAT(answer_to("c SEARCH SUBJECT apple NOT BODY more\r\n"), HasSubstr("* SEARCH 2 5 6 9\r\n"));
    EXPECT_EQ(blob_reads(), before) << "the index alone can tell";
    EXPECT_THAT(answer_to("c SEARCH BODY \"words, and\" SUBJECT pear\r\n"), HasSubstr("* SEARCH 7\r\n"));
    EXPECT_GT(blob_reads(), before);
    EXPECT_LE(blob_reads(), before + 4) << "one message was looked at";
    before = blob_reads();
    deliver(3);
    answer_to("n NOOP\r\n");
    EXPECT_THAT(answer_to("c SEARCH SUBJECT none FROM anna1\r\n"), HasSubstr("* SEARCH 4 8 12 13\r\n"));
    EXPECT_LE(blob_reads(), before + 4) << "the new one was looked at";
}

} // namespace

} // namespace tegami::imapd::testing
