// Keys from their making to their end, and the signatures made with them as a receiver sees them.
#include "signing/key_keeper.h"
#include "signing/signatures.h"

#include "async/task_group.h"
#include "async/virtual_time.h"
#include "directory/directory.h"
#include "net/simulated_resolver.h"
#include "store/engine/memory.h"
#include "trust/arc/validator.h"
#include "trust/dkim/verifier.h"
#include "verification/inquiry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tegami::signing {
namespace {

using directory::SigningKey;
using directory::SigningKeyState;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Property;
using ::testing::SizeIs;

/// Publishes into the resolver's table, unless it is told to fail.
class TablePublisher final : public RecordPublisher {
public:
    explicit TablePublisher(net::SimulatedResolver& resolver) : resolver_(resolver) {}

    async::Awaitable<Result<Published, std::string>> publish(dns::Name name, dns::Type type,
                                                             std::vector<dns::Data> set) override {
        done.push_back((set.empty() ? "withdraw " : "publish ") + name.to_string());
        for (dns::Data& each : set)
            if (outcome && *outcome == Published::done)
                resolver_.add({.name = name, .type = type, .ttl_seconds = 60, .data = std::move(each)});
        co_return outcome;
    }

    Result<Published, std::string> outcome = Published::done;
    std::vector<std::string> done;

private:
    net::SimulatedResolver& resolver_;
};

/// One whose servers for one domain do not answer for an hour.
class PartlySlowResolver final : public net::Resolver {
public:
    PartlySlowResolver(net::Resolver& others, async::Timers& timers, std::string_view slow)
        : others_(others), timers_(timers), slow_(*dns::Name::parse(slow)) {}

    async::Awaitable<net::DnsAnswer> query(dns::Name name, dns::Type type) override {
        if (name.is_within(slow_)) co_await async::sleep(&timers_, std::chrono::hours(1));
        co_return co_await others_.query(std::move(name), type);
    }

private:
    net::Resolver& others_;
    async::Timers& timers_;
    const dns::Name slow_;
};

class EventsOfLog final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields) override { events.emplace_back(event); }

    std::vector<std::string> events;
};

class SigningTest : public ::testing::Test {
protected:
    void make_keeper(RecordPublisher* publisher, net::Resolver* resolver = nullptr) {
        keeper_.emplace(KeyKeeper::Dependencies{.keys = directory_->signing_keys(),
                                                .directory = directory_->administration(),
                                                .resolver = resolver != nullptr ? *resolver : resolver_,
                                                .workers = workers_,
                                                .timers = time_,
                                                .log = log_,
                                                .publisher = publisher});
    }

    SigningTest() {
        directory_ = *time_.run(directory::Directory::open(
            {.store = store_, .workers = workers_, .clock = time_, .random = random_}, {.default_domain = domain_}));
        EXPECT_TRUE(time_.run(directory_->administration().add_domain({.name = domain_})));
        make_keeper(nullptr);
        signatures_.emplace(directory_->signing_keys(), workers_, time_);
    }

    std::vector<SigningKey> keys() const {
        const auto table = directory_->signing_keys().table();
        const auto found = table->find(domain_);
        return found == table->end() ? std::vector<SigningKey>() : found->second;
    }

    std::vector<SigningKey> keys(SigningKeyState state) const {
        std::vector<SigningKey> all = keys();
        std::erase_if(all, [state](const SigningKey& key) { return key.state != state; });
        return all;
    }

    void publish_all() { publish(keys()); }

    void publish(const std::vector<SigningKey>& all) {
        for (const SigningKey& key : all) {
            dns::TxtData text;
            for (std::size_t at = 0; at < key.record.size(); at += 255)
                text.strings.push_back(key.record.substr(at, 255));
            resolver_.add({.name = record_name(key), .type = dns::Type::txt, .ttl_seconds = 60, .data = text});
        }
    }

    void look(bool renew = false) { EXPECT_TRUE(time_.run(keeper_->look(domain_, renew))); }

    std::string sign(const std::string& front, const std::string& letter) {
        dkim::Signer signer;
        signer.feed(letter);
        signer.finish();
        const std::string header = letter.substr(0, message::Header(letter).size());
        return time_.run(
            signatures_->sign({.domain = domain_, .front = front, .header = header, .signer = std::move(signer)}));
    }

    std::vector<dkim::Verdict> verify(const std::string& letter) {
        dkim::Verifier verifier;
        verifier.feed(letter);
        verifier.finish();
        verification::Inquiry inquiry(resolver_, time_);
        const trust::Evaluator<std::vector<dkim::SignatureResult>> evaluate = [&](const trust::DnsAnswers& answers) {
            return verifier.evaluate(answers, time_.now());
        };
        std::vector<dkim::Verdict> verdicts;
        for (const dkim::SignatureResult& result : time_.run(inquiry.settle(evaluate)))
            verdicts.push_back(result.verdict());
        return verdicts;
    }

    const message::Domain domain_ = *message::Domain::parse("a.test");
    async::VirtualTime time_{1};
    async::InlinePool workers_;
    SeededRandom random_{1};
    EventsOfLog log_;
    net::SimulatedResolver resolver_{&time_};
    store::MemoryEngine engine_;
    store::Store store_{&engine_, &time_};
    std::unique_ptr<directory::Directory> directory_;
    std::optional<KeyKeeper> keeper_;
    std::optional<Signatures> signatures_;
    const std::string letter_ = "From: Anna <anna@a.test>\r\nSubject: x\r\n\r\nHello\r\n";
};

TEST_F(SigningTest, KeysAreMadePublishedUsedAndReplaced) {
    look();
    EXPECT_THAT(keys(), AllOf(SizeIs(2), Each(Field(&SigningKey::state, SigningKeyState::announced))));
    EXPECT_THAT(sign("", letter_), IsEmpty()) << "nobody could check it";
    EXPECT_FALSE(signatures_->signs(domain_));
    publish_all();
    look();
    EXPECT_TRUE(signatures_->signs(domain_));
    const std::string first = sign("", letter_);
    EXPECT_THAT(verify(first + letter_), AllOf(SizeIs(2), Each(dkim::Verdict::pass)));

    look(true);
    EXPECT_THAT(keys(SigningKeyState::announced), SizeIs(2));
    EXPECT_THAT(verify(sign("", letter_) + letter_), AllOf(SizeIs(2), Each(dkim::Verdict::pass))) << "the old ones";
    publish_all();
    look();
    EXPECT_THAT(keys(SigningKeyState::retired), AllOf(SizeIs(2), Each(Field(&SigningKey::private_key, IsEmpty()))));
    EXPECT_THAT(verify(sign("", letter_) + letter_), AllOf(SizeIs(2), Each(dkim::Verdict::pass)));
    EXPECT_THAT(verify(first + letter_), AllOf(SizeIs(2), Each(dkim::Verdict::pass))) << "on its way for some days";
    time_.run_for(kRetiredTime);
    look();
    EXPECT_THAT(keys(), AllOf(SizeIs(2), Each(Field(&SigningKey::state, SigningKeyState::signing))));
}

TEST_F(SigningTest, WithAPublisherKeysChangeWithoutPeople) {
    TablePublisher publisher(resolver_);
    make_keeper(&publisher);
    publisher.outcome = failure(std::string("the name server is away"));
    look();
    EXPECT_THAT(publisher.done, SizeIs(1));
    look();
    EXPECT_THAT(publisher.done, SizeIs(2)) << "tried again";
    EXPECT_FALSE(signatures_->signs(domain_));
    publisher.outcome = Published::done;
    look();
    EXPECT_FALSE(signatures_->signs(domain_)) << "not before it is seen";
    look();
    EXPECT_TRUE(signatures_->signs(domain_));
    publisher.done.clear();
    look();
    EXPECT_THAT(publisher.done, IsEmpty());
    const std::vector<SigningKey> first = keys();

    time_.run_for(kSigningTime);
    look();
    look();
    EXPECT_THAT(keys(SigningKeyState::retired), SizeIs(2));
    publisher.done.clear();
    time_.run_for(kRetiredTime);
    publisher.outcome = failure(std::string("the name server is away"));
    look();
    EXPECT_THAT(keys(SigningKeyState::retired), SizeIs(2)) << "their records still stand there";
    publisher.outcome = Published::elsewhere;
    publisher.done.clear();
    look();
    EXPECT_THAT(keys(), AllOf(SizeIs(2), Each(Field(&SigningKey::state, SigningKeyState::signing))));
    EXPECT_THAT(publisher.done, ::testing::UnorderedElementsAre("withdraw " + record_name(first[0]).to_string(),
                                                                "withdraw " + record_name(first[1]).to_string()));
}

TEST_F(SigningTest, FieldsInFrontAreSignedToo) {
    look();
    publish_all();
    look();
    const std::string front = "Date: Thu, 26 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@a.test>\r\n";
    const std::string signature = sign(front, letter_);
    EXPECT_THAT(verify(signature + front + letter_), Each(dkim::Verdict::pass));
    const std::string other = "Date: Fri, 27 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@a.test>\r\n";
    EXPECT_THAT(verify(signature + other + letter_), Each(dkim::Verdict::fail));
}

TEST_F(SigningTest, WhatIsPassedOnIsSealed) {
    look();
    publish_all();
    look();
    arc::Sealer sealer;
    sealer.feed(letter_);
    sealer.finish();
    const std::string front = "Received: from mail.c.test\r\n";
    const std::string seal = time_.run(signatures_->seal({.domain = domain_,
                                                          .front = front,
                                                          .header = letter_.substr(0, message::Header(letter_).size()),
                                                          .sealer = std::move(sealer),
                                                          .status = arc::Status::none,
                                                          .results = {.server = "mail.a.test", .results = {}}}));
    arc::Validator validator;
    validator.feed(seal + front + letter_);
    validator.finish();
    verification::Inquiry inquiry(resolver_, time_);
    const trust::Evaluator<arc::Verdict> evaluate = [&](const trust::DnsAnswers& answers) {
        return validator.evaluate(answers, time_.now());
    };
    const arc::Verdict verdict = time_.run(inquiry.settle(evaluate));
    EXPECT_EQ(verdict.status, arc::Status::pass);
    ASSERT_EQ(verdict.sets.size(), 1U);
    EXPECT_EQ(verdict.sets[0].seal.domain, domain_);
    EXPECT_EQ(verdict.sets[0].seal.algorithm, "rsa-sha256");
}

TEST_F(SigningTest, TheAuthorsDomainSigns) {
    look();
    publish_all();
    look();

    struct Row {
        const char* from;
        bool is_signed;
    };

    for (const Row& row : {Row{"From: anna@a.test\r\n", true}, Row{"From: Anna <ANNA@A.TEST>, x@c.test\r\n", true},
                           Row{"From: x@c.test, anna@a.test\r\n", false}, Row{"From: x@sub.a.test\r\n", false},
                           Row{"Subject: x\r\n", false}, Row{"From: undisclosed:;\r\n", false}}) {
        EXPECT_EQ(signatures_->domain_of(message::Header(row.from)).has_value(), row.is_signed) << row.from;
    }
}

TEST_F(SigningTest, AllDomainsAreLookedAfterInTime) {
    async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("keys", keeper_->run());
    time_.run_for(std::chrono::seconds(1));
    EXPECT_THAT(keys(SigningKeyState::announced), SizeIs(2));
    publish_all();
    time_.run_for(kLookInterval);
    EXPECT_THAT(keys(SigningKeyState::signing), SizeIs(2));
    const message::Domain other = *message::Domain::parse("b.test");
    EXPECT_TRUE(time_.run(directory_->administration().add_domain({.name = other})));
    time_.run_for(kLookInterval);
    EXPECT_TRUE(directory_->signing_keys().table()->contains(other));
    group.cancel();
    time_.run(group.join());
    EXPECT_EQ(time_.run(keeper_->look(*message::Domain::parse("c.test"))).error().code,
              directory::ErrorCode::not_found);
}

TEST_F(SigningTest, ASlowNameServerDelaysNoOtherDomain) {
    PartlySlowResolver resolver(resolver_, time_, "a.test");
    make_keeper(nullptr, &resolver);
    const message::Domain other = *message::Domain::parse("b.test");
    EXPECT_TRUE(time_.run(directory_->administration().add_domain({.name = other})));
    async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("keys", keeper_->run());
    time_.run_for(std::chrono::seconds(1));
    publish_all();
    publish(directory_->signing_keys().table()->at(other));
    time_.run_for(kLookInterval);
    EXPECT_TRUE(signatures_->signs(other)) << "a second after the beginning of the look";
    EXPECT_FALSE(signatures_->signs(domain_));
    group.cancel();
    time_.run(group.join());
}

TEST_F(SigningTest, AKeyThatCannotBeReadIsToldOfOnceADay) {
    look();
    publish_all();
    look();
    std::vector<SigningKey> all = keys();
    EXPECT_THAT(all, Each(::testing::ResultOf(is_usable, true)));
    all.front().private_key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    EXPECT_TRUE(time_.run(directory_->signing_keys().put({all.front()})));
    EXPECT_THAT(verify(sign("", letter_) + letter_), SizeIs(1)) << "the other one signs";
    async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("keys", keeper_->run());
    time_.run_for(std::chrono::hours(25));
    EXPECT_EQ(std::ranges::count(log_.events, "dkim key cannot be read, and signs nothing"), 2);
    EXPECT_TRUE(time_.run(keeper_->look(domain_, true)));
    publish_all();
    time_.run_for(std::chrono::days(2));
    EXPECT_EQ(std::ranges::count(log_.events, "dkim key cannot be read, and signs nothing"), 2);
    EXPECT_THAT(keys(SigningKeyState::signing), AllOf(SizeIs(2), Each(::testing::ResultOf(is_usable, true))));
    group.cancel();
    time_.run(group.join());
}

} // namespace
} // namespace tegami::signing
