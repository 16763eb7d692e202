// A message on its way into a blob: what goes in front of it, and what is known of it afterwards.
#include "async/run.h"
#include "base/bytes.h"
#include "ingest/gathered.h"
#include "store/engine/memory.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace tegami::ingest {
namespace {

/// Works where it is called, and counts.
class CountingPool final : public async::WorkerPool {
public:
    void submit(Job job) override {
        ++jobs;
        job();
    }

    int jobs = 0;
};

class IntakeTest : public ::testing::Test {
protected:
    template <class T>
    T run(async::Awaitable<T> work) {
        return async::run_on(context_, std::move(work));
    }

    void feed(Intake& intake, const std::vector<std::string_view>& pieces) {
        for (const std::string_view piece : pieces)
            EXPECT_TRUE(run(intake.append(std::string(piece))).has_value());
    }

    Arrival take(const std::vector<std::string_view>& pieces, std::string front = {}, std::string journey = {}) {
        Intake intake(engine_, guards());
        feed(intake, pieces);
        EXPECT_TRUE(run(intake.complete()).has_value());
        return run(intake.store(std::move(front), std::move(journey))).value();
    }

    std::string content(const Arrival& arrival) {
        return run(engine_.read_blob(arrival.blob.id, 0, arrival.blob.size)).value();
    }

    Intake::Guards guards() { return {memory_, workers_}; }

    boost::asio::io_context context_{1};
    store::MemoryEngine engine_;
    MemoryBudget memory_{64u << 20};
    CountingPool workers_;
};

constexpr std::string_view kMessage =
    "Received: by x; now\r\nReceived: by y; then\r\nSubject: hi\r\n\r\nBody\r\n\r\nend\r\n";

TEST_F(IntakeTest, TheFrontIsPartOfBlobAndCardHoweverTheMessageIsCut) {
    testing::for_every_split(kMessage, [this](const std::vector<std::string_view>& pieces) {
        const Arrival arrival = take(pieces, "Received: by us; later\r\n", "the journey");
        EXPECT_EQ(content(arrival), "Received: by us; later\r\n" + std::string(kMessage));
        EXPECT_EQ(arrival.card.size, arrival.blob.size);
        EXPECT_EQ(arrival.card.header_fields.size(), 4U);
        EXPECT_EQ(arrival.card.envelope.subject, "hi");
        EXPECT_EQ(arrival.card.journey, "the journey");
        const auto stored = run(engine_.read_card(arrival.blob.id));
        ASSERT_TRUE(stored.has_value());
        EXPECT_EQ(message::decode_card(*stored).value(), arrival.card);
    });
}

TEST_F(IntakeTest, WhatAMessageIsIsKnownBeforeItsFront) {
    Intake intake(engine_, guards());
    feed(intake, {kMessage});
    const auto letter = run(intake.complete());
    ASSERT_TRUE(letter.has_value());
    EXPECT_EQ((*letter)->header().find_all("Received").size(), 2U);
    EXPECT_EQ((*letter)->header().value("Subject"), "hi");
    EXPECT_FALSE((*letter)->header().contains("Body"));
    EXPECT_EQ((*letter)->card.size, kMessage.size());
}

TEST_F(IntakeTest, MessagesWithoutHeaderOrBodyOrAnything) {
    for (const std::string_view octets : {"\r\nbody\r\n", "Subject: only\r\n", ""})
        EXPECT_EQ(content(take({octets}, "A: b\r\n")), "A: b\r\n" + std::string(octets));
}

TEST_F(IntakeTest, EveryLineEndsAlikeForAllWhoRead) {
    for (const std::string_view octets : {"Subject: x\n\nbody\n", "Subject: x\r\rbody\r", "Subject: x\r\r\n\r\nbody",
                                          "Subject: x\n\r\nbody\r\n", "Subject: x\r\n\r\nbody"}) {
        testing::for_every_split(octets, [&](const std::vector<std::string_view>& pieces) {
            const Arrival arrival = take(pieces);
            const std::string stored = content(arrival);
            EXPECT_EQ(arrival.card.header_size, std::string_view("Subject: x\r\n\r\n").size());
            EXPECT_EQ(arrival.card.size, stored.size());
            EXPECT_EQ(arrival.card.envelope.subject, "x");
            EXPECT_EQ(stored, "Subject: x\r\n\r\nbody\r\n");
        });
    }
}

TEST_F(IntakeTest, WithoutAFrontTheOctetsStayAsTheyAre) {
    EXPECT_EQ(content(take({kMessage})), kMessage);
}

TEST_F(IntakeTest, TapsSeeEveryOctetOnceAndNotTheFront) {
    const std::uint32_t checksum = bytes::crc32c(kMessage);
    testing::for_every_split(kMessage, [&](const std::vector<std::string_view>& pieces) {
        Intake intake(engine_, guards());
        std::uint32_t hash = 0;
        std::string seen;
        intake.add_tap([&hash](std::string_view octets) {
            hash = bytes::crc32c(octets, hash);
            return true;
        });
        intake.add_tap([&seen](std::string_view octets) {
            seen += octets;
            return true;
        });
        feed(intake, pieces);
        EXPECT_TRUE(run(intake.complete()).has_value());
        EXPECT_TRUE(run(intake.store("A: b\r\n", {})).has_value());
        EXPECT_EQ(hash, checksum);
        EXPECT_EQ(seen, kMessage);
    });
}

TEST_F(IntakeTest, ATapThatStopsOrFailsHarmsNeitherTheMessageNorTheOthers) {
    Intake intake(engine_, guards());
    int stopped = 0;
    int failed = 0;
    std::string seen;
    intake.add_tap([&stopped](std::string_view) { return ++stopped < 2; });
    intake.add_tap([&failed](std::string_view) -> bool {
        ++failed;
        throw std::runtime_error("a tap that fails");
    });
    intake.add_tap([&seen](std::string_view octets) {
        seen += octets;
        return true;
    });
    for (const char octet : kMessage)
        feed(intake, {std::string_view(&octet, 1)});
    EXPECT_TRUE(run(intake.complete()).has_value());
    const auto arrival = run(intake.store({}, {}));
    ASSERT_TRUE(arrival.has_value());
    EXPECT_EQ(content(*arrival), kMessage);
    EXPECT_EQ(seen, kMessage);
    EXPECT_EQ(stopped, 2);
    EXPECT_EQ(failed, 1);
}

TEST_F(IntakeTest, HeaderThatNeverEndsIsJudgedByItsBeginning) {
    std::string endless = "Received: by x; now\r\n";
    while (endless.size() < message::kHeaderBytesMax * 2)
        endless += "X-Filler: " + std::string(900, 'x') + "\r\n";
    endless += "Received: by late; now\r\n";
    Intake intake(engine_, guards());
    for (std::size_t at = 0; at < endless.size(); at += 1000)
        feed(intake, {std::string_view(endless).substr(at, 1000)});
    const auto letter = run(intake.complete());
    ASSERT_TRUE(letter.has_value());
    EXPECT_EQ((*letter)->header().find_all("Received").size(), 1U);
    const auto arrival = run(intake.store("A: b\r\n", {}));
    ASSERT_TRUE(arrival.has_value());
    EXPECT_EQ(content(*arrival), "A: b\r\n" + endless);
}

TEST_F(IntakeTest, AbandonedMessageLeavesNothing) {
    for (const bool complete : {false, true}) {
        Intake intake(engine_, guards());
        feed(intake, {kMessage});
        if (complete) EXPECT_TRUE(run(intake.complete()).has_value());
    }
    engine_.collect();
    EXPECT_EQ(engine_.blob_count(), 0U);
}

TEST_F(IntakeTest, WhatItHoldsIsCountedAndBounded) {
    std::string parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int i = 0; i < 5000; ++i)
        parts += "--b\r\nContent-Type: text/plain; name=" + std::to_string(i) + "\r\n\r\nx\r\n";
    for (const std::string& message : {parts, std::string(3u << 20, 'x'), "A: " + std::string(1u << 20, 'x')}) {
        MemoryBudget plenty(64u << 20);
        MemoryBudget little(600 * 1024);
        {
            Intake intake(engine_, {plenty, workers_});
            EXPECT_TRUE(run(intake.append(message)).has_value());
            EXPECT_TRUE(run(intake.append("the end\r\n")).has_value());
            EXPECT_GT(plenty.used(), 600u * 1024);
            EXPECT_LT(plenty.used(), 8u << 20);
            Intake poor(engine_, {little, workers_});
            EXPECT_TRUE(run(poor.append(message)).has_value());
            const auto more = run(poor.append("the end\r\n"));
            ASSERT_FALSE(more.has_value());
            EXPECT_EQ(more.error().code, store::ErrorCode::unavailable);
        }
        EXPECT_EQ(plenty.used(), 0u);
        EXPECT_EQ(little.used(), 0u);
    }
}

TEST_F(IntakeTest, MessagesMadeToTakeLongAreTakenApartElsewhere) {
    const std::string front = "A: b\r\n";
    std::string large = std::string(kMessage);
    large.append(3u << 20, 'x');
    (void)take({large}, front);
    EXPECT_EQ(workers_.jobs, 0) << "what people write";
    std::string parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int i = 0; i < 2000; ++i)
        parts += "--b\r\nContent-Type: text/plain; name=" + std::to_string(i) + "\r\n\r\nx\r\n";
    const std::string_view all = parts;
    const Arrival arrival = take({all.substr(0, 60'000), all.substr(60'000)}, front);
    EXPECT_EQ(workers_.jobs, 3) << "the second piece, the card, and what is put in front";
    EXPECT_EQ(content(arrival), "A: b\r\n" + parts);
    EXPECT_EQ(arrival.card.root.children.size(), 2000u);
}

TEST_F(IntakeTest, FullDiskIsTold) {
    for (std::uint64_t nth = 1; nth <= 3; ++nth) {
        engine_.clear_failures();
        engine_.fail(store::MemoryEngine::Call::blob_write, nth, store::ErrorCode::no_space);
        Intake intake(engine_);
        const auto first = run(intake.append("Subject: x\r\n\r\n"));
        const auto second = first ? run(intake.append("body\r\n")) : first;
        if (second) {
            EXPECT_TRUE(run(intake.complete()).has_value());
            const auto arrival = run(intake.store("A: b\r\n", {}));
            ASSERT_FALSE(arrival.has_value());
            EXPECT_EQ(arrival.error().code, store::ErrorCode::no_space);
        } else {
            EXPECT_EQ(second.error().code, store::ErrorCode::no_space);
        }
    }
}

/// Brings messages into Gathered, as a client would, and gets them all stored.
class GatheredTest : public IntakeTest {
protected:
    async::Awaitable<> bring(std::vector<std::string>* left) {
        while (!left->empty() && !gathered_.is_full()) {
            std::string octets = std::move(left->front());
            left->erase(left->begin());
            gathered_.begin(octets.size());
            for (std::size_t at = 0; at < octets.size(); at += 10'000) {
                const auto kept = co_await gathered_.append(octets.substr(at, 10'000));
                EXPECT_TRUE(kept.has_value());
            }
            const auto complete = co_await gathered_.complete();
            EXPECT_TRUE(complete.has_value());
        }
        EXPECT_LE(memory_.used(), 8U << 20);
    }

    async::Awaitable<store::StoreResult<std::vector<Arrival>>> all_of(std::vector<std::string> messages) {
        std::vector<Arrival> arrivals;
        do {
            async::Awaitable<> more = bring(&messages);
            CO_TRY(std::vector<Arrival> some, co_await gathered_.advance(std::move(more)));
            std::ranges::move(some, std::back_inserter(arrivals));
        } while (!messages.empty() || !gathered_.empty());
        co_return arrivals;
    }

    Gathered gathered_{{.engine = &engine_, .memory = &memory_, .workers = &workers_}};
};

TEST_F(GatheredTest, MessagesAreStoredInTheirOrderAndAsOneAlone) {
    std::vector<std::string> messages;
    for (int at = 0; at < 100; ++at)
        messages.push_back("Subject: " + std::to_string(at) + "\r\n\r\n" +
                           std::string(at % 10 == 3 ? 200'000 : at, 'x'));
    messages.emplace_back("Subject: 100\n\nbare line ends");
    const auto arrivals = run(all_of(messages));
    ASSERT_TRUE(arrivals);
    ASSERT_EQ(arrivals->size(), messages.size());
    for (std::size_t at = 0; at < messages.size(); ++at) {
        const Arrival alone = take({messages[at]});
        const Arrival& arrival = (*arrivals)[at];
        EXPECT_EQ(content(arrival), content(alone));
        EXPECT_EQ(arrival.card, alone.card);
        EXPECT_EQ(run(engine_.read_card(arrival.blob.id)).value(), arrival.card_octets);
    }
    EXPECT_GT(workers_.jobs, 2);
    EXPECT_LT(workers_.jobs, 20) << "a hop for each message";
    EXPECT_EQ(memory_.used(), 0U);
}

TEST_F(GatheredTest, OneAloneNeedsNoWorker) {
    const auto arrivals = run(all_of({std::string(kMessage)}));
    ASSERT_TRUE(arrivals);
    EXPECT_EQ(content(arrivals->front()), kMessage);
    EXPECT_EQ(workers_.jobs, 0);
}

TEST_F(GatheredTest, WhatIsHeldIsBounded) {
    std::size_t count = 0;
    for (; !gathered_.is_full(); ++count) {
        gathered_.begin(16);
        EXPECT_TRUE(run(gathered_.append("Subject: hello\r\n")));
        EXPECT_TRUE(run(gathered_.complete()));
    }
    EXPECT_EQ(count, 32U);
    EXPECT_GT(memory_.used(), 0U);
    Gathered large({.engine = &engine_, .memory = &memory_, .workers = &workers_});
    large.begin(2U << 20);
    EXPECT_TRUE(run(large.append("Subject: large\r\n\r\n")));
    EXPECT_TRUE(run(large.complete()));
    EXPECT_TRUE(large.is_full()) << "two large messages are enough";
    large.begin(10);
    EXPECT_EQ(run(large.append("Subject: longer\r\n")).error().code, store::ErrorCode::invalid);
}

TEST_F(GatheredTest, WithoutMemoryNothingIsHeld) {
    MemoryBudget little(1024);
    Gathered poor({.engine = &engine_, .memory = &little, .workers = &workers_});
    poor.begin(kMessage.size());
    EXPECT_EQ(run(poor.append(std::string(kMessage))).error().code, store::ErrorCode::unavailable);
}

TEST_F(GatheredTest, WhatTheStoreRefusesIsToldAfterAllHaveEnded) {
    std::vector<std::string> messages(70, std::string(kMessage));
    engine_.fail(store::MemoryEngine::Call::blob_write, 40, store::ErrorCode::no_space);
    const auto arrivals = run(all_of(messages));
    ASSERT_FALSE(arrivals);
    EXPECT_EQ(arrivals.error().code, store::ErrorCode::no_space);
}

} // namespace
} // namespace tegami::ingest
