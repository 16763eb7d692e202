// The judge must see what it is there to see.
#include "simulation/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::simulation {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OracleTest : public ::testing::Test {
protected:
    OracleTest() : oracle_(world_, {{0, "u0@a.test", "x"}, {1, "u0@b.test", "x"}}, 2) {}

    /// A letter from user 0 to user `to`.
    void write(std::uint32_t number, UserIndex to, Promise promise) {
        Letter letter{.number = number, .sender = 0, .recipients = {}, .size = 50};
        letter.recipients.push_back({oracle_.user(to).address, to, {}, true});
        letter.promise = promise;
        oracle_.wrote(letter);
    }

    /// A letter from user 0 to both that was not answered.
    void write_to_both(std::uint32_t number) {
        Letter letter{.number = number, .sender = 0, .recipients = {}, .size = 50};
        for (const UserIndex user : {0u, 1u})
            letter.recipients.push_back({oracle_.user(user).address, user, {}, true});
        letter.promise = Promise::unknown;
        oracle_.wrote(letter);
    }

    static Place place(UserIndex user, std::uint32_t uid) { return {user, "INBOX", 1, uid}; }

    /// What is in a letter when it has arrived.
    std::string octets(std::uint32_t number) const {
        const Letter letter{.number = number, .sender = 0, .recipients = {}, .size = 50};
        return "Return-Path: <u0@a.test>\r\n" + letter_text(letter, "u0@a.test");
    }

    void find(UserIndex user, std::vector<Oracle::Found> found) { oracle_.census(user, "INBOX", 1, found); }

    static std::string bounce(std::uint32_t number, std::string_view to) {
        return "Message-ID: <b" + std::to_string(number) + "@mail.a.test>\r\nContent-Type: multipart/report\r\n\r\n" +
               "Final-Recipient: rfc822; " + std::string(to) + "\r\nAction: failed\r\n\r\nMessage-ID: <" +
               letter_id(number) + ">\r\n";
    }

    const std::vector<std::string>& verdict() {
        oracle_.judge();
        return world_.problems;
    }

    Simulation world_{1};
    Oracle oracle_;
};

TEST_F(OracleTest, IsContentWithWhatShouldBe) {
    write(1, 0, Promise::accepted);
    write(2, 1, Promise::accepted);
    write(3, 1, Promise::refused);
    write(4, 1, Promise::unknown);
    find(0, {{1, {}, octets(1)}});
    find(1, {{1, {}, octets(2)}});
    EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(OracleTest, SeesALostLetterAndADoubledOne) {
    write(1, 1, Promise::accepted);
    write(2, 0, Promise::accepted);
    find(0, {{1, {}, octets(2)}, {2, {}, octets(2)}});
    EXPECT_THAT(verdict(),
                ElementsAre(HasSubstr("letter 1 to u0@b.test is lost"), HasSubstr("letter 2 to u0@a.test: 2")));
}

TEST_F(OracleTest, ACopyThatCannotBeReadMayBeTheLetter) {
    write_to_both(1);
    oracle_.troubles(0).rotten_bits = 1;
    find(1, {{1, {}, octets(1)}});
    find(0, {{1, {}, ""}});
    EXPECT_THAT(verdict(), IsEmpty());
}

TEST_F(OracleTest, SeesALetterThatReachedSomeAndNotOthers) {
    write_to_both(1);
    find(1, {{1, {}, octets(1)}});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("reached 1 recipients and 1 not")));
}

TEST_F(OracleTest, ASecondCopyNeedsAReason) {
    write(1, 1, Promise::accepted);
    Passage& passage = oracle_.passages()[{letter_id(1), IpAddress()}];
    passage = {.bodies = 2, .answered = 1, .refused = 0};
    find(1, {{1, {}, octets(1)}, {2, {}, octets(1)}});
    EXPECT_THAT(verdict(), IsEmpty()) << "the first answer was lost";
    passage.answered = 2;
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("2 copies, at most 1")));
}

TEST_F(OracleTest, SeesWhatWasRefusedAndIsThere) {
    write(1, 0, Promise::refused);
    find(0, {{1, {}, octets(1)}});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("letter 1 to u0@a.test was refused")));
}

TEST_F(OracleTest, ALetterComesBackOnlyIfItMust) {
    write(1, 1, Promise::accepted);
    oracle_.saw_text(place(0, 1), bounce(1, "u0@b.test"));
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("came back although it could be delivered")));
    world_.problems.clear();
    oracle_.troubles(1).name_lied_about = true;
    EXPECT_THAT(verdict(), IsEmpty());
    find(1, {{1, {}, octets(1)}});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("delivered and also sent back")));
}

TEST_F(OracleTest, SeesAUidGivenTwiceAndCountersThatGoBack) {
    oracle_.saw(place(0, 7), letter_id(1));
    oracle_.saw(place(0, 7), letter_id(2));
    oracle_.saw_mailbox(0, "INBOX", 1, 7, oracle_.uid_next(0, "INBOX"));
    oracle_.saw_mailbox(0, "INBOX", 2, 9, 9);
    EXPECT_THAT(world_.problems,
                ElementsAre(HasSubstr("the UID was given twice"), HasSubstr("UIDNEXT"), HasSubstr("UIDVALIDITY")));
}

TEST_F(OracleTest, SeesWhatVanishesAndWhatComesBack) {
    write(1, 0, Promise::accepted);
    write(2, 0, Promise::accepted);
    oracle_.saw(place(0, 1), letter_id(1));
    oracle_.saw(place(0, 2), letter_id(2));
    oracle_.removing(place(0, 1));
    oracle_.removed(place(0, 1));
    find(0, {{1, {}, octets(1)}});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("was removed and is there again"), HasSubstr("UID 2"))) << "lost";
    oracle_.saw_gone(place(0, 2));
    EXPECT_THAT(world_.problems.back(), HasSubstr("nobody removed it"));
}

TEST_F(OracleTest, SeesAChangeThatDidNotStayAndOctetsThatAreOthers) {
    write(1, 0, Promise::accepted);
    oracle_.saw(place(0, 1), letter_id(1));
    oracle_.marked(place(0, 1), "k", true);
    std::string wrong = octets(1);
    wrong[wrong.size() - 5] ^= 1;
    find(0, {{1, {}, wrong}});
    EXPECT_THAT(verdict(), ElementsAre(HasSubstr("octets"), HasSubstr("should have k")));
}

TEST_F(OracleTest, SeesAVersionThatWentBackAndAMessageThatNobodyWrote) {
    const store::Domain domain{store::DomainKind::account, 1};
    oracle_.saw_versions(0, {{domain, store::Version(5)}});
    oracle_.saw_versions(0, {{domain, store::Version(4)}});
    oracle_.saw_text(place(0, 1), "Message-ID: <x@y>\r\n\r\nHello\r\n");
    EXPECT_THAT(world_.problems, ElementsAre(HasSubstr("from version 5 to 4"), HasSubstr("nobody wrote")));
}

} // namespace
} // namespace tegami::simulation
