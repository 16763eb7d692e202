// The server's own certificate until it is replaced, and what the DNS is told of its keys.
#include "app/server/certificate_keeper.h"

#include "app/server/dns_facts.h"
#include "async/task_group.h"
#include "async/virtual_time.h"
#include "dns_setup/plan.h"
#include "net/simulated_resolver.h"

#include <gmock/gmock.h>

#include <filesystem>

namespace tegami::app {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class NotedLines final : public Log {
public:
    void write(LogLevel, std::string_view event, LogFields fields) override {
        std::string line(event);
        for (const LogField& field : fields)
            line += " " + std::string(field.name) + "=" + field.value;
        lines.push_back(line);
    }

    std::vector<std::string> lines;
};

/// Publishes into the resolver's table, unless it is told to fail.
class TablePublisher final : public signing::RecordPublisher {
public:
    explicit TablePublisher(net::SimulatedResolver& resolver) : resolver_(resolver) {}

    async::Awaitable<Result<signing::Published, std::string>> publish(dns::Name name, dns::Type type,
                                                                      std::vector<dns::Data> set) override {
        ++calls;
        if (fails) co_return failure(std::string("no answer"));
        resolver_.clear();
        for (const dns::Data& each : set)
            resolver_.add({.name = name, .type = type, .ttl_seconds = 60, .data = each});
        sets.push_back(std::move(set));
        co_return signing::Published::done;
    }

    bool fails = false;
    std::size_t calls = 0;
    std::vector<std::vector<dns::Data>> sets;

private:
    net::SimulatedResolver& resolver_;
};

class CertificateKeeperTest : public ::testing::Test {
protected:
    CertificateKeeperTest() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tegami-keeper-XXXXXX").string();
        config_.data_directory = ::mkdtemp(pattern.data());
        config_.host_name = "mail.b.test";
    }

    ~CertificateKeeperTest() override {
        stop();
        std::filesystem::remove_all(config_.data_directory);
    }

    /// A server opens whose own certificate ends in so many days.
    void open(std::chrono::days left) {
        ASSERT_TRUE(load_certificate(config_, time_.now() + left - std::chrono::days(3650)));
        open();
        first_key_ = key();
    }

    void open() {
        auto opened = CertificateKeeper::open(config_, {}, {.workers = workers_, .timers = time_, .log = log_});
        ASSERT_TRUE(opened) << opened.error();
        keeper_ = *std::move(opened);
    }

    void run(signing::RecordPublisher* publisher) {
        tasks_.emplace(time_.executor(), [](std::string_view, std::string_view why) { FAIL() << why; });
        tasks_->spawn("certificate", keeper_->run(&resolver_, publisher));
        time_.run_for(std::chrono::minutes(1));
    }

    void stop() {
        if (!tasks_) return;
        tasks_->cancel();
        time_.run(tasks_->join());
        tasks_.reset();
    }

    std::string key() const { return keeper_->current().get()->certificate().sha256_of_key; }

    /// The records as they should be now.
    std::vector<dns::Data> wanted() const {
        std::vector<dns::Data> data;
        for (const dns_setup::PlannedRecord& record : dns_setup::tls_key_records(keeper_->host()))
            data.push_back(*record.data);
        return data;
    }

    void add_record(const dns::Data& data) {
        resolver_.add({.name = *dns::Name::parse("_25._tcp.mail.b.test"),
                       .type = dns::Type::tlsa,
                       .ttl_seconds = 60,
                       .data = data});
    }

    std::size_t told(std::string_view what) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(log_.lines, [&](const std::string& line) { return line.contains(what); }));
    }

    async::VirtualTime time_{1};
    async::InlinePool workers_;
    NotedLines log_;
    net::SimulatedResolver resolver_{&time_};
    Config config_;
    std::unique_ptr<CertificateKeeper> keeper_;
    std::optional<async::TaskGroup> tasks_;
    std::string first_key_;
};

TEST(CertificateRenewal, KnowsItsTime) {
    const Timestamp now{std::chrono::days(20'000)};

    struct Row {
        int days_left;
        Announcement announcement;
        int seen_days; ///< negative: not seen
        Renewal expected;
    };

    for (const Row& row : {
             Row{91, Announcement::nowhere, -1, Renewal::none},
             Row{90, Announcement::nowhere, -1, Renewal::with_next_key},
             Row{90, Announcement::seen, 0, Renewal::waits},
             Row{90, Announcement::seen, 2, Renewal::with_next_key},
             Row{90, Announcement::missing, -1, Renewal::waits},
             Row{90, Announcement::unknown, -1, Renewal::waits},
             Row{14, Announcement::missing, -1, Renewal::with_same_key},
             Row{14, Announcement::unknown, -1, Renewal::with_same_key},
             Row{14, Announcement::seen, 1, Renewal::with_same_key},
             Row{-5, Announcement::seen, 3, Renewal::with_next_key},
         }) {
        std::optional<Timestamp> seen_since;
        if (row.seen_days >= 0) seen_since = now - std::chrono::days(row.seen_days);
        EXPECT_EQ(plan_renewal(now, now + std::chrono::days(row.days_left), row.announcement, seen_since), row.expected)
            << row.days_left << " days, seen " << row.seen_days;
    }
}

TEST_F(CertificateKeeperTest, TheAnnouncedKeyComesInGoodTime) {
    TablePublisher publisher(resolver_);
    open(std::chrono::days(80));
    add_record(wanted().front()); // of before there was a next key
    run(&publisher);
    EXPECT_THAT(publisher.sets, ElementsAre(wanted()));
    const dns::Data next = wanted().back();
    time_.run_for(std::chrono::days(1));
    EXPECT_EQ(key(), first_key_) << "others may still remember the records without it";
    time_.run_for(std::chrono::days(1) + std::chrono::hours(1));
    EXPECT_NE(key(), first_key_);
    EXPECT_EQ(wanted().front(), next);
    EXPECT_NE(wanted().back(), next) << "there is another next key";
    EXPECT_GT(keeper_->current().get()->certificate().not_after, time_.now() + std::chrono::days(3600));
    ASSERT_EQ(publisher.sets.size(), 2U);
    EXPECT_EQ(publisher.sets.back(), wanted());
    EXPECT_EQ(told("certificate renewed key=the next one"), 1U);
    EXPECT_EQ(told("no TLSA record has announced"), 0U);
    // What is on the disk is what a start takes.
    stop();
    const std::string now = key();
    open();
    EXPECT_EQ(key(), now);
    EXPECT_EQ(told("no TLSA record has announced"), 0U);
}

TEST_F(CertificateKeeperTest, WhereNobodyLooksAtKeysNothingIsWaitedFor) {
    open(std::chrono::days(80));
    run(nullptr);
    EXPECT_NE(key(), first_key_);
    const std::string now = key();
    time_.run_for(std::chrono::days(1));
    EXPECT_EQ(key(), now);
}

TEST_F(CertificateKeeperTest, AKeyThatIsNotAnnouncedWaitsAndTheOldOneServesOn) {
    open(std::chrono::days(17));
    add_record(wanted().front());
    const Timestamp end = keeper_->current().get()->certificate().not_after;
    run(nullptr);
    time_.run_for(std::chrono::days(2));
    EXPECT_EQ(keeper_->current().get()->certificate().not_after, end);
    EXPECT_EQ(told("publish it, tegami dns records shows it"), 3U) << "once a day";
    resolver_.fail("_25._tcp.mail.b.test", net::DnsStatus::timed_out);
    time_.run_for(std::chrono::days(2));
    EXPECT_EQ(key(), first_key_);
    EXPECT_GT(keeper_->current().get()->certificate().not_after, end);
    EXPECT_EQ(told("certificate renewed key=the same"), 1U);
}

TEST_F(CertificateKeeperTest, AKeyThatWasNotAnnouncedIsToldOfAtAStartAsAtAReload) {
    open(std::chrono::days(1000));
    const std::string folder = config_.data_directory + "/";
    const auto make = [&](const std::string& name) {
        ASSERT_TRUE(net::create_own_certificate({.names = {"mail.b.test"},
                                                 .certificate_chain_path = folder + name,
                                                 .key_path = folder + name + ".key",
                                                 .now = time_.now()}));
        config_.tls = {.certificate = folder + name, .key = folder + name + ".key"};
    };
    make("1");
    EXPECT_THAT(time_.run(keeper_->reload(config_, {})).value(), Contains(HasSubstr("no TLSA record has announced")));
    EXPECT_THAT(time_.run(keeper_->reload(config_, {})).value(),
                Not(Contains(HasSubstr("no TLSA record has announced"))));
    make("2");
    open();
    EXPECT_EQ(told("no TLSA record has announced"), 1U);
    open();
    EXPECT_EQ(told("no TLSA record has announced"), 1U);
    std::filesystem::copy_file(next_key_file(config_), folder + "3.key");
    make("3");
    open();
    EXPECT_EQ(told("no TLSA record has announced"), 1U);
}

TEST_F(CertificateKeeperTest, RecordsThatCouldNotBePublishedAreTriedAgain) {
    TablePublisher publisher(resolver_);
    publisher.fails = true;
    open(std::chrono::days(1000));
    run(&publisher);
    time_.run_for(std::chrono::hours(25));
    EXPECT_EQ(told("tlsa records not published name=_25._tcp.mail.b.test"), 2U) << "once a day";
    publisher.fails = false;
    const std::size_t before = publisher.calls;
    EXPECT_GE(before, 150U);
    time_.run_for(3 * kCertificateLookInterval);
    EXPECT_EQ(publisher.calls, before + 1);
    // A reload with another key does not wait for the next look.
    std::filesystem::remove(config_.data_directory + "/tls/certificate.pem");
    EXPECT_TRUE(time_.run(keeper_->reload(config_, {})));
    time_.run_for(std::chrono::seconds(1));
    EXPECT_EQ(publisher.calls, before + 2);
    EXPECT_EQ(publisher.sets.back(), wanted());
}

} // namespace
} // namespace tegami::app
