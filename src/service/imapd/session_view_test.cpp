// RFC 9051 §7.5.1, §6.4.4.1; RFC 3501 §7.4.1. The last test plays random mailboxes against reading clients.
#include "service/imapd/session_view.h"

#include "base/random.h"

#include <algorithm>
#include <chrono>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <map>

namespace tegami::imapd {
namespace {

using imap::Numbering;
using imap::SequenceNumber;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Uid kNever{std::numeric_limits<std::uint32_t>::max()};

/// A mailbox as the store would publish it.
class Mailbox {
public:
    explicit Mailbox(const UidSet& uids = {}, std::uint32_t page_uids = 16) : page_uids_(page_uids) {
        for (const Uid uid : uids.uids())
            messages_[uid.value] = 0;
        next_ = messages_.empty() ? 1 : messages_.rbegin()->first + 1;
    }

    /// A session that selects it now, to which messages from `first_recent` on are recent.
    SessionView select(Uid first_recent = kNever) const {
        return SessionView(view(), first_recent == kNever ? UidSet() : UidSet::range(first_recent, kNever));
    }

    store::ViewPtr view() const {
        std::vector<store::ViewPagePtr> pages;
        store::PageColumns columns;
        const auto finish_page = [&] {
            if (columns.count() != 0) pages.push_back(std::make_shared<store::ViewPage>(std::move(columns), 0));
        };
        for (const auto& [uid, modseq] : messages_) {
            if (columns.count() == 0 || uid >= columns.first_uid + page_uids_) {
                finish_page();
                columns = {.first_uid = uid / page_uids_ * page_uids_};
            }
            columns.push_back({.uid = Uid(uid), .modseq = store::Modseq(modseq)});
        }
        finish_page();
        return std::make_shared<store::MailboxView>(store::MailboxId(1), store::Version(version_), UidValidity(1),
                                                    Uid(next_), std::make_shared<store::KeywordNames>(), page_uids_,
                                                    std::move(pages));
    }

    /// One commit.
    store::MailboxChange commit(const UidSet& appended, const UidSet& changed, const UidSet& expunged) {
        ++version_;
        for (const Uid uid : appended.uids()) {
            messages_[uid.value] = version_;
            next_ = std::max(next_, uid.value + 1);
        }
        for (const Uid uid : changed.uids())
            messages_.at(uid.value) = version_;
        for (const Uid uid : expunged.uids())
            messages_.erase(uid.value);
        store::MailboxChange change{.mailbox = store::MailboxId(1)};
        change.appended = appended;
        change.changed = changed;
        change.expunged = expunged;
        change.view = view();
        return change;
    }

    store::MailboxChange append(const UidSet& uids) { return commit(uids, {}, {}); }

    store::MailboxChange flag(const UidSet& uids) { return commit({}, uids, {}); }

    store::MailboxChange expunge(const UidSet& uids) { return commit({}, {}, uids); }

    const std::map<std::uint32_t, std::uint64_t>& messages() const { return messages_; }

    std::uint32_t next() const { return next_; }

private:
    std::uint32_t page_uids_;
    std::map<std::uint32_t, std::uint64_t> messages_; ///< modseq by UID
    std::uint32_t next_ = 1;
    std::uint64_t version_ = 1;
};

/// Everything that may be said now, as one announcement.
Announcement announce_all(SessionView& view, Moment moment) {
    Announcement all;
    bool more = true;
    while (more) {
        Announcement news = view.announce(moment);
        EXPECT_LE(news.expunged.size() + news.flags.size(), 2 * SessionView::kLinesMax);
        all.expunged.insert(all.expunged.end(), news.expunged.begin(), news.expunged.end());
        all.flags.insert(all.flags.end(), news.flags.begin(), news.flags.end());
        if (news.exists) all.exists = news.exists;
        if (news.recent) all.recent = news.recent;
        more = news.more;
    }
    return all;
}

std::vector<std::uint32_t> uids(const SessionView& view) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t number = 1; number <= view.exists(); ++number)
        all.push_back(view.uid_of(SequenceNumber(number)).value);
    return all;
}

std::string resolved(const SessionView& view, std::string_view set, Numbering numbering) {
    const Result<imap::NumberRanges, ResolveError> ranges = view.resolve(*imap::SequenceSet::parse(set), numbering);
    return ranges ? imap::to_string(*ranges) : "BAD";
}

UidSet range(std::uint32_t first, std::uint32_t last) {
    return UidSet::range(Uid(first), Uid(last));
}

// RFC 9051 §7.5.1, and its example of EXPUNGE 3, 3, 5, 8: numbers fall while they are read.
TEST(SessionView, ExpungesAreAnnouncedHighestFirst) {
    Mailbox mailbox(range(1, 11));
    SessionView view = mailbox.select();
    view.apply(mailbox.expunge({3, 4, 7, 11}));
    const Announcement news = announce_all(view, Moment::safe);
    EXPECT_THAT(news.expunged,
                ElementsAre(SequenceNumber(11), SequenceNumber(7), SequenceNumber(4), SequenceNumber(3)));
    EXPECT_FALSE(news.exists.has_value());
    EXPECT_THAT(uids(view), ElementsAre(1, 2, 5, 6, 8, 9, 10));
    EXPECT_TRUE(announce_all(view, Moment::safe).empty());
}

TEST(SessionView, ExpungeWaitsForASafeMoment) {
    Mailbox mailbox(range(1, 3));
    SessionView view = mailbox.select();
    view.apply(mailbox.commit({4}, {3}, {2}));
    EXPECT_THAT(announce_all(view, Moment::numbers_in_use).expunged, IsEmpty());
    EXPECT_EQ(view.uid_of(SequenceNumber(3)), Uid(3));
    EXPECT_EQ(view.gone_of(range(1, 4)), UidSet{2});
    // The count includes the message whose removal is still untold.
    EXPECT_EQ(view.exists(), 4U);
    EXPECT_THAT(announce_all(view, Moment::safe).expunged, ElementsAre(SequenceNumber(2)));
    EXPECT_TRUE(view.gone_of(range(1, 4)).empty());
}

TEST(SessionView, NewMessagesAreAnnouncedWithRecent) {
    Mailbox mailbox({1, 2});
    SessionView view = mailbox.select(Uid(2));
    EXPECT_EQ(view.recent(), 1U);
    view.apply(mailbox.append({3, 5}));
    EXPECT_EQ(view.exists(), 2U);
    const Announcement news = announce_all(view, Moment::numbers_in_use);
    EXPECT_EQ(news.exists, 4U);
    EXPECT_EQ(news.recent, 3U);
    EXPECT_TRUE(view.is_recent(Uid(3)));
    EXPECT_FALSE(view.is_recent(Uid(1)));
}

TEST(SessionView, ExpungeOfARecentMessageChangesRecent) {
    Mailbox mailbox({1, 2});
    SessionView view = mailbox.select(Uid(2));
    view.apply(mailbox.expunge({2}));
    const Announcement news = announce_all(view, Moment::safe);
    EXPECT_EQ(news.recent, 0U);
    EXPECT_FALSE(news.exists.has_value());
}

TEST(SessionView, MessagesThatCameAndWentAreNeverShown) {
    Mailbox mailbox({1});
    SessionView view = mailbox.select();
    view.apply(mailbox.append({2, 3}));
    view.apply(mailbox.flag({2}));
    view.apply(mailbox.expunge({2, 3}));
    EXPECT_TRUE(announce_all(view, Moment::safe).empty());
    view.apply(mailbox.append({4}));
    EXPECT_EQ(announce_all(view, Moment::safe).exists, 2U);
    EXPECT_THAT(uids(view), ElementsAre(1, 4));
}

TEST(SessionView, FlagChangesAreToldOnceWithTheNewNumbers) {
    Mailbox mailbox(range(1, 4));
    SessionView view = mailbox.select();
    view.apply(mailbox.flag({3, 4}));
    view.apply(mailbox.commit({}, {3}, {1}));
    EXPECT_THAT(announce_all(view, Moment::safe).flags,
                ElementsAre(NumberedUid{SequenceNumber(2), Uid(3)}, NumberedUid{SequenceNumber(3), Uid(4)}));
    EXPECT_THAT(announce_all(view, Moment::safe).flags, IsEmpty());
}

TEST(SessionView, OwnFlagChangesNeedNoTelling) {
    Mailbox mailbox(range(1, 4));
    SessionView view = mailbox.select();
    view.apply(mailbox.flag({1, 2, 4}));
    view.flags_told({4, 1});
    EXPECT_THAT(announce_all(view, Moment::numbers_in_use).flags, ElementsAre(NumberedUid{SequenceNumber(2), Uid(2)}));
}

TEST(SessionView, ResolvesSets) {
    const SessionView view = Mailbox({3, 7, 8, 20}).select();
    EXPECT_EQ(resolved(view, "1:2,4", Numbering::sequence), "1:2,4");
    EXPECT_EQ(resolved(view, "*", Numbering::sequence), "4");
    EXPECT_EQ(resolved(view, "5", Numbering::sequence), "BAD");
    EXPECT_EQ(resolved(view, "1:5", Numbering::sequence), "BAD");
    EXPECT_EQ(resolved(view, "9:*", Numbering::sequence), "4");
    EXPECT_EQ(imap::to_string(view.existing(*imap::SequenceSet::parse("9,2:5,7"), Numbering::sequence)), "2:4");
    EXPECT_EQ(resolved(view, "1:*", Numbering::uid), "1:4");
    EXPECT_EQ(resolved(view, "7,20,5", Numbering::uid), "2,4");
    EXPECT_EQ(resolved(view, "7,8", Numbering::uid), "2:3");
    EXPECT_EQ(resolved(view, "8:19,4:6", Numbering::uid), "3");
    // RFC 9051 §9: 559:* is the last message, whatever its UID.
    EXPECT_EQ(resolved(view, "559:*", Numbering::uid), "4");
    EXPECT_EQ(resolved(view, "100:200", Numbering::uid), "");
}

TEST(SessionView, ResolvesInAnEmptyMailbox) {
    const SessionView view = Mailbox().select();
    EXPECT_EQ(resolved(view, "1:*", Numbering::sequence), "");
    EXPECT_EQ(resolved(view, "*", Numbering::sequence), "");
    EXPECT_EQ(resolved(view, "1", Numbering::sequence), "BAD");
    EXPECT_EQ(resolved(view, "1:*", Numbering::uid), "");
}

// RFC 9051 §6.4.4.1: messages leave the saved result when they are expunged.
TEST(SessionView, SavedResultFollowsTheMessages) {
    Mailbox mailbox(range(11, 20));
    SessionView view = mailbox.select();
    EXPECT_EQ(resolved(view, "$", Numbering::uid), "");
    view.save_result({{2, 4}, {9, 9}});
    EXPECT_EQ(resolved(view, "$", Numbering::sequence), "2:4,9");
    view.apply(mailbox.expunge({11, 13}));
    announce_all(view, Moment::safe);
    EXPECT_EQ(resolved(view, "$", Numbering::sequence), "1:2,7");
    EXPECT_EQ(resolved(view, "$", Numbering::uid), "1:2,7");
}

TEST(SessionView, AMailboxThatIsGoneIsExpungedPieceByPiece) {
    const std::uint32_t count = 2 * SessionView::kLinesMax + 10;
    Mailbox mailbox(range(1, count));
    SessionView view = mailbox.select();
    view.lose_everything();
    EXPECT_FALSE(view.row(Uid(1)).has_value());
    EXPECT_TRUE(announce_all(view, Moment::numbers_in_use).empty());
    const Announcement news = announce_all(view, Moment::safe);
    EXPECT_EQ(news.expunged.size(), count);
    EXPECT_EQ(news.expunged.front(), SequenceNumber(count));
    EXPECT_EQ(news.expunged.back(), SequenceNumber(1));
    EXPECT_EQ(view.exists(), 0U);
    EXPECT_TRUE(announce_all(view, Moment::safe).empty());
}

TEST(SessionView, AnUntoldExpungeThatIsUndoneIsNotTold) {
    Mailbox mailbox(range(1, 5));
    const store::ViewPtr whole = mailbox.view();
    SessionView view = mailbox.select();
    view.apply(mailbox.expunge({3}));
    EXPECT_TRUE(view.replace(whole, {.reappeared = {3}}));
    EXPECT_THAT(announce_all(view, Moment::safe).expunged, IsEmpty());
    EXPECT_EQ(view.exists(), 5U);
}

TEST(SessionView, AMessageThatComesBackCannotBeFollowed) {
    Mailbox mailbox(range(1, 5));
    const store::ViewPtr whole = mailbox.view();
    SessionView view = mailbox.select();
    view.apply(mailbox.expunge({3}));
    announce_all(view, Moment::safe);
    EXPECT_FALSE(view.replace(whole, {.reappeared = {3}}));
    EXPECT_EQ(view.exists(), 4U) << "nothing is changed";
}

TEST(SessionView, ASetOfUidsNamesTheNumbersThatItsUidsHaveOneByOne) {
    SeededRandom random(7);
    for (int round = 0; round < 200; ++round) {
        UidSet there;
        UidSet asked;
        for (std::uint32_t uid = 1; uid <= 100; ++uid) {
            if (random.below(3) != 0) there.add(Uid(uid));
            if (random.below(4) == 0)
                asked.add(UidRange{Uid(uid), Uid(uid + static_cast<std::uint32_t>(random.below(40)))});
        }
        Mailbox mailbox(there);
        SessionView view = mailbox.select();
        if (round % 2 == 1) view.apply(mailbox.append(UidSet::range(Uid(120), Uid(130))));
        if (round % 4 == 3) view.apply(mailbox.expunge(UidSet({there.ranges().front().first.value})));
        std::string text;
        for (const UidRange& range : asked.ranges())
            text +=
                (text.empty() ? "" : ",") + std::to_string(range.first.value) + ":" + std::to_string(range.last.value);
        if (text.empty()) continue;
        std::vector<std::uint32_t> expected;
        for (std::uint32_t number = 1; number <= view.exists(); ++number)
            if (asked.contains(view.uid_of(SequenceNumber(number)))) expected.push_back(number);
        EXPECT_EQ(view.resolve(*imap::SequenceSet::parse(text), Numbering::uid), imap::ranges_of(expected)) << text;
    }
}

TEST(SessionView, ExpungingAHundredThousandIsNotQuadratic) {
    Mailbox mailbox(range(1, 200'000), 1024);
    SessionView view = mailbox.select();
    EXPECT_LT(view.memory_bytes(), 1000U) << "a mailbox without news costs nothing";
    UidSet even;
    for (std::uint32_t uid = 2; uid <= 200'000; uid += 2)
        even.add(Uid(uid));
    const store::MailboxChange change = mailbox.expunge(even);
    const auto start = std::chrono::steady_clock::now();
    view.apply(change);
    EXPECT_EQ(announce_all(view, Moment::safe).expunged.size(), 100'000U);
    EXPECT_EQ(view.exists(), 100'000U);
    // Quadratic work would take a minute; the bound leaves room for sanitizers on a busy machine.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

/// What a client believes that reads every line it is sent.
struct Client {
    std::vector<std::uint32_t> uids;
    std::map<std::uint32_t, std::uint64_t> modseqs; ///< as last told

    void read(const Announcement& news, const SessionView& view, const Mailbox& truth) {
        for (const SequenceNumber number : news.expunged) {
            ASSERT_LE(number.value, uids.size());
            modseqs.erase(uids[number.value - 1]);
            uids.erase(uids.begin() + (number.value - 1));
        }
        if (news.exists) {
            ASSERT_GE(*news.exists, uids.size());
            while (uids.size() < *news.exists) {
                const auto number = static_cast<std::uint32_t>(uids.size() + 1);
                const std::uint32_t uid = view.uid_of(SequenceNumber(number)).value;
                uids.push_back(uid);
                if (truth.messages().contains(uid)) modseqs[uid] = truth.messages().at(uid);
            }
        }
        for (const NumberedUid& told : news.flags) {
            ASSERT_LE(told.number.value, uids.size());
            ASSERT_EQ(uids[told.number.value - 1], told.uid.value);
            modseqs[told.uid.value] = truth.messages().at(told.uid.value);
        }
    }
};

/// One random commit.
store::MailboxChange any_change(Mailbox& mailbox, SeededRandom& random) {
    UidSet appended;
    UidSet changed;
    UidSet expunged;
    std::uint32_t next = mailbox.next();
    for (std::uint64_t count = random.below(4); count > 0; --count) {
        const std::uint64_t what = random.below(3);
        if (what == 0 || mailbox.messages().empty()) {
            appended.add(Uid(next));
            next += 1 + static_cast<std::uint32_t>(random.below(3));
            continue;
        }
        const auto& messages = mailbox.messages();
        const Uid uid(std::next(messages.begin(), static_cast<long>(random.below(messages.size())))->first);
        (what == 1 ? changed : expunged).add(uid);
    }
    changed.subtract(expunged);
    return mailbox.commit(appended, changed, expunged);
}

/// Two sessions, random changes, random moments: at every safe moment each client's picture is the mailbox.
TEST(SessionView, EveryPictureEqualsTheMailbox) {
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
        SeededRandom random(seed);
        Mailbox mailbox({1, 2, 5});
        std::vector<SessionView> views{mailbox.select(), mailbox.select()};
        std::vector<Client> clients(2, Client{{1, 2, 5}, mailbox.messages()});
        for (int step = 0; step < 120; ++step) {
            const store::MailboxChange change = any_change(mailbox, random);
            for (std::size_t session = 0; session < 2; ++session) {
                views[session].apply(change);
                const std::uint64_t when = random.below(4);
                if (when > 1) continue;
                const Moment moment = when == 0 ? Moment::numbers_in_use : Moment::safe;
                clients[session].read(announce_all(views[session], moment), views[session], mailbox);
                EXPECT_EQ(clients[session].uids, uids(views[session])) << "seed " << seed;
                if (moment == Moment::safe) EXPECT_EQ(clients[session].modseqs, mailbox.messages()) << "seed " << seed;
            }
        }
    }
}

} // namespace
} // namespace tegami::imapd
