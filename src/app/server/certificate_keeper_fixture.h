// For tests: a keeper of certificates on virtual time, with a name server of its own.
#pragma once

#include "app/server/certificate_keeper.h"
#include "app/server/dns_facts.h"
#include "async/task_group.h"
#include "async/virtual_time.h"
#include "dns_setup/plan.h"
#include "net/simulated_resolver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>

namespace tegami::app {

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

} // namespace tegami::app
