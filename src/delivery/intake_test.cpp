// A message on its way into a blob: what goes in front of it, and what is known of it afterwards.
#include "async/run.h"
#include "delivery/intake.h"
#include "store/engine/memory.h"
#include "testing/splits.h"

#include <gtest/gtest.h>

namespace tegami::delivery {
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

    Arrival take(const std::vector<std::string_view>& pieces, Intake::FrontMatter front) {
        Intake intake(engine_, guards(), std::move(front));
        for (const std::string_view piece : pieces)
            EXPECT_TRUE(run(intake.append(std::string(piece))).has_value());
        return run(intake.finish()).value();
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

TEST_F(IntakeTest, FrontMatterIsPartOfBlobAndCardHoweverTheMessageIsCut) {
    testing::for_every_split(kMessage, [this](const std::vector<std::string_view>& pieces) {
        int asked = 0;
        const Arrival arrival = take(pieces, [&asked](const message::Header& header) {
            ++asked;
            EXPECT_TRUE(header.contains("Subject"));
            EXPECT_FALSE(header.contains("Body"));
            return std::string("Received: by us; later\r\n");
        });
        EXPECT_EQ(asked, 1);
        EXPECT_EQ(content(arrival), "Received: by us; later\r\n" + std::string(kMessage));
        EXPECT_EQ(arrival.hops, 2U) << "without our own";
        EXPECT_EQ(arrival.card.size, arrival.blob.size);
        EXPECT_EQ(arrival.card.header_fields.size(), 4U);
        EXPECT_EQ(arrival.card.envelope.subject, "hi");
        const auto stored = run(engine_.read_card(arrival.blob.id));
        ASSERT_TRUE(stored.has_value());
        EXPECT_EQ(message::decode_card(*stored).value(), arrival.card);
    });
}

TEST_F(IntakeTest, MessagesWithoutHeaderOrBodyOrAnything) {
    const auto front = [](const message::Header&) { return std::string("A: b\r\n"); };
    for (const std::string_view octets : {"\r\nbody\r\n", "Subject: only\r\n", ""}) {
        const Arrival arrival = take({octets}, front);
        EXPECT_EQ(content(arrival), "A: b\r\n" + std::string(octets));
        EXPECT_EQ(arrival.hops, 0U);
    }
}

TEST_F(IntakeTest, WithoutFrontMatterTheOctetsStayAsTheyAre) {
    const Arrival arrival = take({kMessage}, {});
    EXPECT_EQ(content(arrival), kMessage);
    EXPECT_EQ(arrival.hops, 0U);
}

TEST_F(IntakeTest, HeaderThatNeverEndsIsJudgedByItsBeginning) {
    std::string endless = "Received: by x; now\r\n";
    while (endless.size() < kHeldHeaderBytesMax * 2)
        endless += "X-Filler: " + std::string(90, 'x') + "\r\n";
    endless += "Received: by late; now\r\n";
    Intake intake(engine_, guards(), [](const message::Header& header) {
        EXPECT_TRUE(header.contains("X-Filler"));
        return std::string("A: b\r\n");
    });
    for (std::size_t at = 0; at < endless.size(); at += 1000)
        EXPECT_TRUE(run(intake.append(endless.substr(at, 1000))).has_value());
    const Arrival arrival = run(intake.finish()).value();
    EXPECT_EQ(arrival.hops, 1U);
    EXPECT_EQ(content(arrival), "A: b\r\n" + endless);
}

TEST_F(IntakeTest, AbandonedMessageLeavesNothing) {
    {
        Intake intake(engine_, guards(), [](const message::Header&) { return std::string(); });
        EXPECT_TRUE(run(intake.append(std::string(kMessage))).has_value());
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
    const auto front = [](const message::Header&) { return std::string("A: b\r\n"); };
    std::string large = std::string(kMessage);
    large.append(3u << 20, 'x');
    (void)take({large}, front);
    EXPECT_EQ(workers_.jobs, 0) << "what people write";
    std::string parts = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int i = 0; i < 2000; ++i)
        parts += "--b\r\nContent-Type: text/plain; name=" + std::to_string(i) + "\r\n\r\nx\r\n";
    const std::string_view all = parts;
    const Arrival arrival = take({all.substr(0, 60'000), all.substr(60'000)}, front);
    EXPECT_EQ(workers_.jobs, 2);
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
            const auto arrival = run(intake.finish());
            ASSERT_FALSE(arrival.has_value());
            EXPECT_EQ(arrival.error().code, store::ErrorCode::no_space);
        } else {
            EXPECT_EQ(second.error().code, store::ErrorCode::no_space);
        }
    }
}

} // namespace
} // namespace tegami::delivery
