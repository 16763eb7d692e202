// Who does the work of an examination: the thread that reads, or the workers.
#include "verification/examination.h"

#include "async/virtual_time.h"
#include "net/simulated_resolver.h"
#include "verification/inquiry.h"

#include <gtest/gtest.h>

#include <string>

namespace tegami::verification {
namespace {

class CountingPool final : public async::WorkerPool {
public:
    void submit(Job job) override {
        ++jobs;
        job();
    }

    int jobs = 0;
};

std::string letter_with(std::size_t signatures) {
    std::string letter;
    for (std::size_t i = 0; i < signatures; ++i)
        letter += "DKIM-Signature: v=1; a=ed25519-sha256; d=a.test; s=k" + std::to_string(i) +
                  "; h=From; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=c2lnbmF0dXJl\r\n";
    return letter + "From: ann@a.test\r\n\r\n";
}

TEST(Examination, LeavesLettersOfManySignaturesToTheWorkers) {
    async::VirtualTime time(1);
    net::SimulatedResolver resolver(&time);
    for (const std::size_t signatures : {std::size_t{0}, kQuickSignatures, kQuickSignatures + 1}) {
        CountingPool workers;
        Examination examination(resolver, time, nullptr, &workers);
        const std::string letter = letter_with(signatures);
        examination.feed(letter);
        const message::Header header(letter);
        const Finding found = time.run(examination.finish(
            {.client = {}, .helo = {}, .reverse_path = {}, .host_name = "b.test", .time = time.now()}, &header));
        EXPECT_EQ(found.verdicts.dkim.size(), signatures);
        EXPECT_EQ(workers.jobs > 0, signatures > kQuickSignatures) << signatures;
    }
}

/// Eleven of these would hold up a thread for ten milliseconds.
TEST(Examination, LeavesLongRecordsOfStrangersToTheWorkers) {
    async::VirtualTime time(1);
    net::SimulatedResolver resolver(&time);
    std::string record = "v=spf1";
    while (record.size() < kQuickAnswerBytes)
        record += " ip4:192.0.2.1";
    dns::TxtData text;
    for (std::size_t at = 0; at < record.size(); at += 255)
        text.strings.push_back(record.substr(at, 255));
    resolver.add({.name = *dns::Name::parse("long.test"), .type = dns::Type::txt, .ttl_seconds = 60, .data = text});
    resolver.add("short.test", "TXT", "\"v=spf1 ip4:192.0.2.1 -all\"");
    for (const std::string domain : {"long.test", "short.test"}) {
        CountingPool workers;
        Examination examination(resolver, time, nullptr, &workers);
        const std::string letter = letter_with(0);
        examination.feed(letter);
        const message::Header header(letter);
        const Finding found = time.run(examination.finish({.client = IpAddress::parse("192.0.2.1"),
                                                           .helo = domain,
                                                           .reverse_path = {},
                                                           .host_name = "b.test",
                                                           .time = time.now()},
                                                          &header));
        EXPECT_EQ(found.verdicts.helo->outcome, spf::Outcome::pass);
        EXPECT_EQ(workers.jobs > 0, domain == "long.test");
    }
}

} // namespace
} // namespace tegami::verification
