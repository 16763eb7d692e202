// RFC 9051 §7.5.1, §6.4.4.1; RFC 3501 §7.4.1. The last test plays random mailboxes against reading clients.
#include "protocol/imap/session_view.h"

#include "base/random.h"

#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <set>

namespace tegami::imap {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::uint32_t> numbers(std::uint32_t from, std::uint32_t to) {
    std::vector<std::uint32_t> all(to - from + 1);
    std::iota(all.begin(), all.end(), from);
    return all;
}

MailboxChange added(std::uint32_t uid, bool recent = false) {
    return NewMessage{Uid(uid), recent};
}

MailboxChange changed(std::uint32_t uid) {
    return FlagsChanged{Uid(uid)};
}

MailboxChange expunged(std::uint32_t uid) {
    return Expunged{Uid(uid)};
}

void apply(SessionView& view, std::vector<MailboxChange> changes) {
    view.apply(changes);
}

std::string resolved(const SessionView& view, std::string_view set, Numbering numbering) {
    const Result<NumberRanges, ResolveError> ranges = view.resolve(*SequenceSet::parse(set), numbering);
    return ranges ? to_string(*ranges) : "BAD";
}

TEST(SessionView, MapsNumbersAndUids) {
    const SessionView view({3, 7, 20});
    EXPECT_EQ(view.exists(), 3U);
    EXPECT_EQ(view.uid_of(SequenceNumber(2)), Uid(7));
    EXPECT_EQ(view.number_of(Uid(20)), SequenceNumber(3));
    EXPECT_EQ(view.number_of(Uid(8)), std::nullopt);
    EXPECT_FALSE(view.has_news());
}

// RFC 9051 §7.5.1, and its example of EXPUNGE 3, 3, 5, 8: numbers fall while they are read.
TEST(SessionView, ExpungesAreAnnouncedHighestFirst) {
    SessionView view(numbers(1, 11));
    apply(view, {expunged(3), expunged(4), expunged(7), expunged(11)});
    const Announcement news = view.announce(Moment::safe);
    EXPECT_THAT(news.expunged,
                ElementsAre(SequenceNumber(11), SequenceNumber(7), SequenceNumber(4), SequenceNumber(3)));
    EXPECT_FALSE(news.exists.has_value());
    EXPECT_THAT(view.uids(), ElementsAre(1, 2, 5, 6, 8, 9, 10));
    EXPECT_TRUE(view.announce(Moment::safe).empty());
}

TEST(SessionView, ExpungeWaitsForASafeMoment) {
    SessionView view(numbers(1, 3));
    apply(view, {expunged(2), changed(2), changed(3), added(4)});
    for (const Moment moment : {Moment::no_command, Moment::numbers_in_use}) {
        const Announcement news = view.announce(moment);
        EXPECT_THAT(news.expunged, IsEmpty());
        EXPECT_EQ(view.uid_of(SequenceNumber(3)), Uid(3));
        EXPECT_TRUE(view.is_gone(Uid(2)));
        EXPECT_FALSE(view.is_gone(Uid(3)));
    }
    // The count includes the message whose removal is still untold.
    EXPECT_EQ(view.exists(), 4U);
    EXPECT_THAT(view.announce(Moment::safe).expunged, ElementsAre(SequenceNumber(2)));
    EXPECT_FALSE(view.is_gone(Uid(2)));
}

TEST(SessionView, NewMessagesAreAnnouncedWithRecent) {
    SessionView view({1, 2}, {2});
    apply(view, {added(3, true), added(5)});
    EXPECT_EQ(view.exists(), 2U);
    const Announcement news = view.announce(Moment::no_command);
    EXPECT_EQ(news.exists, 4U);
    EXPECT_EQ(news.recent, 2U);
    EXPECT_TRUE(view.is_recent(Uid(3)));
    EXPECT_FALSE(view.is_recent(Uid(5)));
}

TEST(SessionView, ExpungeOfARecentMessageChangesRecent) {
    SessionView view({1, 2}, {2});
    apply(view, {expunged(2)});
    const Announcement news = view.announce(Moment::safe);
    EXPECT_EQ(news.recent, 0U);
    EXPECT_FALSE(news.exists.has_value());
}

TEST(SessionView, MessagesThatCameAndWentAreNeverShown) {
    SessionView view({1});
    apply(view, {added(2), added(3)});
    apply(view, {expunged(2), changed(2), expunged(3)});
    EXPECT_FALSE(view.has_news());
    EXPECT_TRUE(view.announce(Moment::safe).empty());
    apply(view, {added(4)});
    EXPECT_EQ(view.announce(Moment::safe).exists, 2U);
    EXPECT_THAT(view.uids(), ElementsAre(1, 4));
}

TEST(SessionView, ChangesAppliedTwiceCountOnce) {
    SessionView view({1, 2});
    const std::vector<MailboxChange> changes{added(3), expunged(1), added(4), expunged(4)};
    view.apply(changes);
    view.apply(changes);
    EXPECT_THAT(view.announce(Moment::safe).expunged, ElementsAre(SequenceNumber(1)));
    EXPECT_THAT(view.uids(), ElementsAre(2, 3));
    view.apply(changes);
    EXPECT_TRUE(view.announce(Moment::safe).empty());
}

TEST(SessionView, FlagChangesAreToldOnceWithTheNewNumbers) {
    SessionView view(numbers(1, 4));
    apply(view, {changed(3), changed(4), changed(3), changed(99), expunged(1)});
    const Announcement news = view.announce(Moment::safe);
    EXPECT_THAT(news.flags,
                ElementsAre(NumberedUid{SequenceNumber(2), Uid(3)}, NumberedUid{SequenceNumber(3), Uid(4)}));
}

TEST(SessionView, OwnFlagChangesNeedNoTelling) {
    SessionView view(numbers(1, 4));
    apply(view, {changed(1), changed(2), changed(4)});
    view.flags_told(std::vector{Uid(4), Uid(1)});
    EXPECT_THAT(view.announce(Moment::numbers_in_use).flags, ElementsAre(NumberedUid{SequenceNumber(2), Uid(2)}));
}

TEST(SessionView, ResolvesSets) {
    const SessionView view({3, 7, 8, 20});
    EXPECT_EQ(resolved(view, "1:2,4", Numbering::sequence), "1:2,4");
    EXPECT_EQ(resolved(view, "*", Numbering::sequence), "4");
    EXPECT_EQ(resolved(view, "5", Numbering::sequence), "BAD");
    EXPECT_EQ(resolved(view, "1:5", Numbering::sequence), "BAD");
    EXPECT_EQ(resolved(view, "9:*", Numbering::sequence), "4");
    EXPECT_EQ(resolved(view, "1:*", Numbering::uid), "1:4");
    EXPECT_EQ(resolved(view, "7,20,5", Numbering::uid), "2,4");
    EXPECT_EQ(resolved(view, "7,8", Numbering::uid), "2:3");
    EXPECT_EQ(resolved(view, "8:19,4:6", Numbering::uid), "3");
    // RFC 9051 §9: 559:* is the last message, whatever its UID.
    EXPECT_EQ(resolved(view, "559:*", Numbering::uid), "4");
    EXPECT_EQ(resolved(view, "100:200", Numbering::uid), "");
}

TEST(SessionView, ResolvesInAnEmptyMailbox) {
    const SessionView view({});
    EXPECT_EQ(resolved(view, "1:*", Numbering::sequence), "");
    EXPECT_EQ(resolved(view, "*", Numbering::sequence), "");
    EXPECT_EQ(resolved(view, "1", Numbering::sequence), "BAD");
    EXPECT_EQ(resolved(view, "1:*", Numbering::uid), "");
}

// RFC 9051 §6.4.4.1: messages leave the saved result when they are expunged.
TEST(SessionView, SavedResultFollowsTheMessages) {
    SessionView view(numbers(11, 20));
    EXPECT_EQ(resolved(view, "$", Numbering::uid), "");
    view.save_result(NumberRanges{{2, 4}, {9, 9}});
    EXPECT_EQ(resolved(view, "$", Numbering::sequence), "2:4,9");
    apply(view, {expunged(11), expunged(13)});
    view.announce(Moment::safe);
    EXPECT_EQ(resolved(view, "$", Numbering::sequence), "1:2,7");
    EXPECT_EQ(resolved(view, "$", Numbering::uid), "1:2,7");
}

TEST(SessionView, ExpungingHalfAMillionIsNotQuadratic) {
    SessionView view(numbers(1, 1'000'000));
    std::vector<MailboxChange> changes;
    for (std::uint32_t uid = 1'000'000; uid > 1; uid -= 2)
        changes.push_back(expunged(uid));
    const auto start = std::chrono::steady_clock::now();
    view.apply(changes);
    EXPECT_EQ(view.announce(Moment::safe).expunged.size(), 500'000U);
    EXPECT_EQ(view.exists(), 500'000U);
    // Quadratic work would take minutes; the bound leaves room for sanitizers on a busy machine.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

/// What a client believes that reads every line it is sent.
struct Client {
    std::vector<std::uint32_t> uids;
    std::map<std::uint32_t, int> flags; // as last told

    void read(const Announcement& news, const SessionView& view, const std::map<std::uint32_t, int>& truth) {
        for (const SequenceNumber number : news.expunged) {
            ASSERT_LE(number.value, uids.size());
            flags.erase(uids[number.value - 1]);
            uids.erase(uids.begin() + (number.value - 1));
        }
        if (news.exists) {
            ASSERT_GE(*news.exists, uids.size());
            while (uids.size() < *news.exists) {
                const std::uint32_t uid =
                    view.uid_of(SequenceNumber(static_cast<std::uint32_t>(uids.size() + 1))).value;
                uids.push_back(uid);
                if (truth.contains(uid)) flags[uid] = truth.at(uid);
            }
        }
        for (const NumberedUid& told : news.flags) {
            ASSERT_LE(told.number.value, uids.size());
            ASSERT_EQ(uids[told.number.value - 1], told.uid.value);
            flags[told.uid.value] = truth.at(told.uid.value);
        }
    }
};

/// Two sessions, random changes, random moments: at every safe moment each client's picture is the mailbox.
TEST(SessionView, EveryPictureEqualsTheMailbox) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        SeededRandom random(seed);
        std::map<std::uint32_t, int> mailbox{{1, 0}, {2, 0}, {5, 0}};
        std::uint32_t next_uid = 6;
        std::vector<SessionView> views{SessionView({1, 2, 5}), SessionView({1, 2, 5})};
        std::vector<Client> clients(2, Client{{1, 2, 5}, mailbox});
        for (int step = 0; step < 120; ++step) {
            std::vector<MailboxChange> changes;
            for (std::uint64_t count = random.below(4); count > 0; --count) {
                const std::uint64_t what = random.below(3);
                if (what == 0 || mailbox.empty()) {
                    mailbox[next_uid] = 0;
                    changes.push_back(added(next_uid));
                    next_uid += 1 + static_cast<std::uint32_t>(random.below(3));
                    continue;
                }
                const auto message = std::next(mailbox.begin(), static_cast<long>(random.below(mailbox.size())));
                changes.push_back(what == 1 ? changed(message->first) : expunged(message->first));
                if (what == 1)
                    message->second = step;
                else
                    mailbox.erase(message);
            }
            for (std::size_t session = 0; session < 2; ++session) {
                views[session].apply(changes);
                if (random.below(3) == 0) views[session].apply(changes);
                const std::uint64_t when = random.below(5);
                if (when > 2) continue;
                const Moment moment = static_cast<Moment>(when);
                clients[session].read(views[session].announce(moment), views[session], mailbox);
                EXPECT_TRUE(std::ranges::equal(clients[session].uids, views[session].uids())) << "seed " << seed;
                if (moment == Moment::safe) EXPECT_EQ(clients[session].flags, mailbox) << "seed " << seed;
            }
        }
    }
}

} // namespace
} // namespace tegami::imap
