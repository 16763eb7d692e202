// Random operations on several mailboxes from a seed, against a model so simple that it is plainly right. After each:
// view = model = what the client of each IMAP session knows; now and then: reopened store = model, and verify() finds
// nothing. And clients that were away come back with what they knew (RFC 7162), and then know the same.
// Then the same with engine calls failing: each operation has happened, or not, or (a large one) in part; never else.
#include "service/imapd/selected.h"
#include "store/engine/rocks_fixture.h"
#include "store/recovery/verify.h"
#include "store/store_test_support.h"
#include "testing/turns.h"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

namespace tegami::store {
namespace {

using ::testing::IsEmpty;
using testing::must;
using testing::wait;
using testing::World;

struct ModelMessage {
    std::uint64_t email = 0;
    Flags flags;
    std::set<std::string> keywords;

    bool operator==(const ModelMessage&) const = default;
};

void PrintTo(const ModelMessage& message, std::ostream* out) {
    *out << "{email " << message.email << " flags " << int{message.flags.bits()} << " keywords "
         << message.keywords.size() << "}";
}

using ModelMailbox = std::map<std::uint32_t, ModelMessage>;

ModelMailbox picture_of(const MailboxView& view) {
    ModelMailbox picture;
    for (std::uint32_t at = 0; at < view.size(); ++at) {
        const MessageRow row = view.at(at);
        const auto names = view.keyword_names(row.keywords);
        picture[row.uid.value] = {row.email.value, row.flags, {names.begin(), names.end()}};
    }
    return picture;
}

/// A client of the product's own session: it knows what the announcements say, and looks at a message only when it is
/// told to.
struct Session {
    MailboxId mailbox;
    std::unique_ptr<imapd::SelectedMailbox> selected;
    std::vector<std::uint32_t> uids; ///< by number
    ModelMailbox picture;

    void fetch(std::uint32_t uid) {
        const ViewPtr view = selected->numbers().view();
        const auto row = selected->numbers().row(Uid(uid));
        if (!row) {
            picture.erase(uid);
            return;
        }
        const auto names = view->keyword_names(row->keywords);
        picture[uid] = {row->email.value, row->flags, {names.begin(), names.end()}};
    }

    /// Reads the UIDs of all numbers behind those that are known.
    void fetch_new(std::uint32_t exists) {
        EXPECT_GE(exists, uids.size());
        while (uids.size() < exists) {
            const imap::SequenceNumber number(static_cast<std::uint32_t>(uids.size() + 1));
            uids.push_back(selected->numbers().uid_of(number).value);
            fetch(uids.back());
        }
    }

    void hear(imapd::Moment moment) {
        bool more = true;
        while (more) {
            const imapd::Announcement news = selected->numbers().announce(moment);
            EXPECT_EQ(news.vanished.size(), news.expunged.size());
            for (const imap::SequenceNumber number : news.expunged) {
                ASSERT_LE(number.value, uids.size());
                EXPECT_TRUE(news.vanished.contains(Uid(uids[number.value - 1])));
                picture.erase(uids[number.value - 1]);
                uids.erase(uids.begin() + number.value - 1);
            }
            if (news.exists) fetch_new(*news.exists);
            for (const imapd::NumberedUid& told : news.flags) {
                ASSERT_LE(told.number.value, uids.size());
                ASSERT_EQ(uids[told.number.value - 1], told.uid.value);
                fetch(told.uid.value);
            }
            more = news.more;
        }
    }

    void listen() {
        ASSERT_TRUE(wait(selected->take_news())) << selected->lost();
        hear(imapd::Moment::safe);
    }

    /// As after a FETCH by number: EXPUNGE waits.
    void listen_to_some() {
        ASSERT_TRUE(wait(selected->take_news())) << selected->lost();
        hear(imapd::Moment::numbers_in_use);
    }
};

/// A client that is away: what it knew, and the mod-sequence that it was told.
struct Away {
    ModelMailbox picture;
    Modseq told;
};

class Play {
public:
    Play(std::uint64_t seed, bool tiny) : world(tiny), random(seed) { begin(); }

    Play(std::uint64_t seed, std::unique_ptr<testing::Subject> subject) : world(std::move(subject)), random(seed) {
        begin();
    }

    void begin() {
        world.make();
        for (const char* name : {"INBOX", "Archive", "Trash"}) {
            const MailboxId mailbox = world.find(name);
            mailboxes.push_back(mailbox);
            model[mailbox];
        }
        open_sessions();
    }

    std::uint32_t below(std::uint32_t bound) {
        return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(random);
    }

    MailboxId any_mailbox() { return mailboxes[below(static_cast<std::uint32_t>(mailboxes.size()))]; }

    void open_sessions() {
        sessions.clear();
        for (const MailboxId mailbox : mailboxes) {
            if (below(3) == 0) continue; // some mailboxes are in nobody's memory
            Session session{.mailbox = mailbox};
            session.selected = must(wait(imapd::SelectedMailbox::open(
                world.account, world.info(mailbox), {.read_only = true, .user = world.account->id()},
                testing::wait_context().get_executor(), &memory)));
            session.fetch_new(session.selected->numbers().exists());
            sessions.push_back(std::move(session));
        }
    }

    UidSet any_uids(MailboxId mailbox) {
        const std::uint32_t last = model[mailbox].empty() ? 5 : model[mailbox].rbegin()->first + 2;
        UidSet uids;
        switch (below(3)) {
        case 0: return UidSet::all();
        case 1: {
            const std::uint32_t first = 1 + below(last);
            return UidSet::range(Uid(first), Uid(first + below(8)));
        }
        default:
            for (std::uint32_t i = below(6); i > 0; --i)
                uids.add(Uid(1 + below(last)));
            return uids;
        }
    }

    std::vector<std::string> any_keywords() {
        static const char* const kWords[] = {"$Forwarded", "work", "home", "Junk", "x1"};
        std::vector<std::string> keywords;
        for (std::uint32_t i = below(3); i > 0; --i)
            keywords.emplace_back(kWords[below(5)]);
        return keywords;
    }

    /// One operation on store and model. False if the store refused.
    bool step() {
        world.clock.time += std::chrono::seconds(below(100));
        switch (below(9)) {
        case 0:
        case 1:
        case 2: return append();
        case 3:
        case 4: return flag();
        case 5: return expunge();
        case 6: return copy(false);
        case 7: return undelete();
        default: return copy(true);
        }
    }

    bool append() {
        std::vector<NewMessage> messages;
        for (std::uint32_t i = 1 + below(6); i > 0; --i) {
            NewMessage message = world.message(any_mailbox(), std::string(1 + below(9), 'x'),
                                               Flags::from_bits(static_cast<std::uint8_t>(below(32))), any_keywords());
            if (below(4) == 0) message.placements.push_back({any_mailbox(), {}, {}});
            message.thread.message_id = std::to_string(below(50));
            message.thread.references = {std::to_string(below(50))};
            messages.push_back(std::move(message));
        }
        const auto result = wait(world.account->append(messages));
        if (!result) return false;
        for (std::size_t i = 0; i < messages.size(); ++i)
            for (std::size_t p = 0; p < messages[i].placements.size(); ++p) {
                const Placement& placement = messages[i].placements[p];
                const Placed& placed = result->messages[i][p];
                model[placed.mailbox][placed.uid.value] = {
                    placed.email.value, placement.flags, {placement.keywords.begin(), placement.keywords.end()}};
            }
        return true;
    }

    bool flag() {
        const MailboxId mailbox = any_mailbox();
        const UidSet uids = any_uids(mailbox);
        const FlagChange change{.mode = static_cast<FlagChange::Mode>(below(3)),
                                .flags = Flags::from_bits(static_cast<std::uint8_t>(below(32))),
                                .keywords = any_keywords()};
        const auto result = wait(world.account->change_flags(mailbox, uids, change));
        if (!result) return false;
        for (auto& [uid, message] : model[mailbox]) {
            if (!uids.contains(Uid(uid))) continue;
            const ModelMessage before = message;
            switch (change.mode) {
            case FlagChange::Mode::add:
                message.flags = message.flags | change.flags;
                message.keywords.insert(change.keywords.begin(), change.keywords.end());
                break;
            case FlagChange::Mode::remove:
                message.flags = message.flags - change.flags;
                for (const std::string& keyword : change.keywords)
                    message.keywords.erase(keyword);
                break;
            case FlagChange::Mode::replace:
                message.flags = change.flags;
                message.keywords = {change.keywords.begin(), change.keywords.end()};
                break;
            }
            EXPECT_EQ(result->changed.contains(Uid(uid)), message != before);
        }
        return true;
    }

    bool expunge() {
        const MailboxId mailbox = any_mailbox();
        const UidSet uids = any_uids(mailbox);
        const bool forced = below(2) == 0;
        const auto result = wait(
            world.account->expunge(mailbox, uids, forced ? Account::Expunge::forced : Account::Expunge::deleted_only));
        if (!result) return false;
        UidSet expected;
        std::erase_if(model[mailbox], [&](const auto& entry) {
            const bool gone = uids.contains(Uid(entry.first)) && (forced || entry.second.flags.has(Flag::deleted));
            if (gone) {
                expected.add(Uid(entry.first));
                ModelMessage& back = expunged[{mailbox, entry.first}] = entry.second;
                back.flags = back.flags - Flags{Flag::deleted};
            }
            return gone;
        });
        EXPECT_EQ(result->expunged, expected);
        return true;
    }

    /// Some of what was expunged comes back; what there is to come back is what the model knows.
    bool undelete() {
        const auto listed = wait(world.account->expunged({}, 100'000));
        if (!listed) return false;
        EXPECT_EQ(listed->messages.size(), expunged.size());
        std::vector<ExpungedPlace> places;
        for (const ExpungedMessage& message : listed->messages)
            if (below(2) == 0 && places.size() < kDetailsMax) places.push_back(message.place);
        const auto result = wait(world.account->undelete(places));
        if (!result) return false;
        for (std::size_t i = 0; i < places.size(); ++i) {
            const auto known = expunged.find({places[i].mailbox, places[i].uid.value});
            if (!result->at(i) || known == expunged.end()) {
                ADD_FAILURE() << "a message does not come back";
                continue;
            }
            const Placed& placed = *result->at(i);
            EXPECT_EQ(placed.mailbox, places[i].mailbox);
            model[placed.mailbox][placed.uid.value] = known->second;
            expunged.erase(known);
        }
        return true;
    }

    bool copy(bool move) {
        const MailboxId from = any_mailbox();
        const MailboxId to = any_mailbox();
        const UidSet uids = any_uids(from);
        const auto result = wait(move ? world.account->move(from, uids, to) : world.account->copy(from, uids, to));
        if (!result) return false;
        const auto source = result->source.uids();
        const auto target = result->target.uids();
        EXPECT_EQ(source.size(), target.size());
        for (std::size_t i = 0; i < source.size(); ++i) {
            const ModelMessage message = model[from].at(source[i].value);
            model[to][target[i].value] = message;
            if (move) model[from].erase(source[i].value);
        }
        return true;
    }

    void check() {
        std::uint64_t messages = 0;
        for (const MailboxId mailbox : mailboxes) {
            const ModelMailbox& expected = model[mailbox];
            const MailboxPtr info = world.info(mailbox);
            EXPECT_EQ(info->messages, expected.size());
            messages += expected.size();
            std::uint32_t unseen = 0;
            for (const auto& [uid, message] : expected) {
                if (!message.flags.has(Flag::seen)) ++unseen;
                EXPECT_LT(uid, info->uid_next.value);
            }
            EXPECT_EQ(info->unseen, unseen);
        }
        EXPECT_EQ(world.account->quota().messages, messages);
        for (Session& session : sessions) {
            if (below(3) == 0) session.listen_to_some();
            if (absence() % 5 == 0)
                away[session.mailbox] = {.picture = session.picture, .told = session.selected->numbers().told()};
            if (below(4) == 0) continue; // one that hears of several commits at once
            session.listen();
            EXPECT_EQ(session.picture, model[session.mailbox]);
            EXPECT_EQ(picture_of(*session.selected->numbers().view()), model[session.mailbox]);
        }
        if (absence() % 3 == 0) come_back(mailboxes[absence() % mailboxes.size()]);
    }

    /// As SELECT with QRESYNC, or UID FETCH with CHANGEDSINCE and VANISHED, tells it.
    void come_back(MailboxId mailbox) {
        Away& client = away[mailbox];
        const ViewPtr view = world.view(mailbox);
        const auto gone = must(wait(world.account->vanished_since(mailbox, client.told)));
        std::erase_if(client.picture, [&](const auto& entry) {
            return gone ? gone->contains(Uid(entry.first)) : !view->find(Uid(entry.first));
        });
        for (std::uint32_t at = 0; at < view->size(); ++at) {
            const MessageRow row = view->at(at);
            if (row.modseq <= client.told) continue;
            const auto names = view->keyword_names(row.keywords);
            client.picture[row.uid.value] = {row.email.value, row.flags, {names.begin(), names.end()}};
        }
        client.told = std::min(world.info(mailbox)->highest_modseq, view->version());
        EXPECT_EQ(client.picture, model[mailbox]) << "after coming back";
    }

    void check_views() {
        for (const MailboxId mailbox : mailboxes)
            EXPECT_EQ(picture_of(*world.view(mailbox)), model[mailbox]);
    }

    /// The model becomes what the store has: after an operation that may have happened in part.
    void adopt() {
        for (const MailboxId mailbox : mailboxes)
            model[mailbox] = picture_of(*world.view(mailbox));
        expunged.clear();
        const ExpungedPage listed = must(wait(world.account->expunged({}, 100'000)));
        for (const ExpungedMessage& message : listed.messages) {
            const MessageRow& row = message.message;
            const auto names = world.view(message.place.mailbox)->keyword_names(row.keywords);
            expunged[{message.place.mailbox, row.uid.value}] = {
                row.email.value, row.flags - Flags{Flag::deleted}, {names.begin(), names.end()}};
        }
    }

    void verify_all() {
        const VerifyReport report = must(wait(verify(&world.used(), {})));
        EXPECT_THAT(report.findings, IsEmpty());
    }

    World world;
    MemoryBudget memory{64U << 20};
    std::mt19937_64 random;
    std::vector<MailboxId> mailboxes;
    std::map<MailboxId, ModelMailbox> model;
    std::map<std::pair<MailboxId, std::uint32_t>, ModelMessage> expunged; ///< as they would come back
    std::vector<Session> sessions;
    std::map<MailboxId, Away> away;
    std::mt19937_64 absence{7}; ///< of its own, so that the operations are the same without it
};

class AccountProperty : public ::testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Limits, AccountProperty, ::testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tiny" : "normal"; });

TEST_P(AccountProperty, store_and_listeners_agree_with_the_model) {
    for (std::uint64_t seed = 1; seed <= 12 && !::testing::Test::HasFailure(); ++seed) {
        if (!tegami::testing::is_due(seed, 8)) continue;
        SCOPED_TRACE("seed " + std::to_string(seed));
        Play play(seed, GetParam());
        for (int i = 0; i < 120 && !::testing::Test::HasFailure(); ++i) {
            EXPECT_TRUE(play.step());
            play.check();
            if (i % 30 == 29) {
                play.verify_all();
                play.sessions.clear();
                play.world.reopen();
                play.check_views();
                play.open_sessions();
            }
            if (i % 50 == 49) {
                play.world.clock.time += play.world.options.retention + std::chrono::hours(1);
                must(wait(play.world.account->sweep()));
                play.expunged.clear();
                play.verify_all();
            }
        }
        for (const MailboxId mailbox : play.mailboxes)
            must(wait(play.world.account->expunge(mailbox, UidSet::all(), Account::Expunge::forced)));
        play.world.clock.time += play.world.options.retention + std::chrono::hours(1);
        must(wait(play.world.account->sweep()));
        play.verify_all();
        play.world.engine.collect();
        EXPECT_EQ(play.world.engine.blob_count(), 0u);
    }
}

TEST(AccountOnRocks, store_and_listeners_agree_with_the_model) {
    for (std::uint64_t seed = 40; seed < 42 && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Play play(seed, std::make_unique<testing::RocksSubject>());
        for (int i = 0; i < 60 && !::testing::Test::HasFailure(); ++i) {
            EXPECT_TRUE(play.step());
            play.check();
            if (i % 20 == 19) {
                play.sessions.clear();
                play.world.reopen();
                play.check_views();
                play.open_sessions();
                play.verify_all();
            }
        }
        play.world.clock.time += play.world.options.retention + std::chrono::hours(1);
        must(wait(play.world.account->sweep()));
        play.verify_all();
        play.sessions.clear();
    }
}

TEST_P(AccountProperty, a_failing_engine_leaves_a_consistent_account) {
    for (std::uint64_t seed = 100; seed < 130 && !::testing::Test::HasFailure(); ++seed) {
        if (!tegami::testing::is_due(seed, 8)) continue;
        SCOPED_TRACE("seed " + std::to_string(seed));
        Play play(seed, GetParam());
        for (int i = 0; i < 60 && !::testing::Test::HasFailure(); ++i) {
            const auto code = play.below(4) == 0 ? ErrorCode::conflict : ErrorCode::no_space;
            if (play.below(2) == 0) play.world.engine.fail(MemoryEngine::Call::commit, 1 + play.below(3), code);
            if (play.below(3) == 0)
                play.world.engine.fail(MemoryEngine::Call::get, 1 + play.below(4), ErrorCode::unavailable);
            if (play.below(3) == 0)
                play.world.engine.fail(MemoryEngine::Call::scan, 1 + play.below(4), ErrorCode::unavailable);
            const bool done = play.step();
            play.world.engine.clear_failures();
            if (!done) {
                // The next writer reads the account again if it has to.
                must(wait(play.world.account->set_quota({.bytes_max = 1'000'000, .messages_max = 0})));
                play.adopt();
            }
            play.check();
            play.verify_all();
            if (i % 20 == 19) {
                play.sessions.clear();
                play.world.reopen();
                play.check_views();
                play.open_sessions();
            }
        }
    }
}

} // namespace
} // namespace tegami::store
