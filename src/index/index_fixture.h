// What the tests of this room share: a store in memory with an account and letters in it, and what SEARCH says of them
// without an index.
#pragma once

#include "async/virtual_time.h"
#include "async/worker_pool.h"
#include "index/attachment_indexer.h"
#include "index/attachment_texts.h"
#include "index/indexer.h"
#include "index/query.h"
#include "ingest/intake.h"
#include "protocol/imap/search.h"
#include "store/engine/memory.h"

#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace tegami::index {

class IndexFixture : public ::testing::Test {
protected:
    explicit IndexFixture(store::MemoryEngineOptions options = {}) : engine_(options) {
        account_ = run(store_.create_account(store::AccountId(1), {})).value();
        inbox_ = account_->mailboxes()->find("INBOX")->id;
    }

    template <class T>
    T run(async::Awaitable<T> work) {
        return time_.run(std::move(work));
    }

    store::Placed add_letter(std::string octets) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(std::move(octets))));
        EXPECT_TRUE(run(intake.complete()));
        const ingest::Arrival arrival = run(intake.store({}, {})).value();
        std::vector<store::NewMessage> message{{.blob = arrival.blob,
                                                .placements = {{.mailbox = inbox_, .flags = {}, .keywords = {}}},
                                                .internal_date = time_.now(),
                                                .thread = {}}};
        const auto appended = run(account_->append(std::move(message)));
        EXPECT_TRUE(appended);
        return appended->messages.front().front();
    }

    void catch_up() { EXPECT_TRUE(run(indexer_.catch_up(account_->id()))); }

    /// From now on attachments can be read.
    void start_helper() {
        std::signal(SIGPIPE, SIG_IGN); // as the server does
        auto helpers = extraction::Helpers::start();
        ASSERT_TRUE(helpers) << helpers.error();
        helpers_ = *std::move(helpers);
        helper_.emplace(helpers_.get());
        attachments_.emplace(AttachmentIndexer::Dependencies{.store = store_,
                                                             .workers = workers_,
                                                             .waiting = workers_,
                                                             .helper = *helper_,
                                                             .timers = time_,
                                                             .log = log_});
    }

    void read_attachments() { EXPECT_TRUE(run(attachments_->catch_up(account_->id()))); }

    CurrentIndex current() { return run(read_index(&engine_, account_->id())).value(); }

    Answers asked(Question question) {
        std::vector<Question> questions{std::move(question)};
        return run(ask(&engine_, account_->id(), std::move(questions))).value_or(Answers());
    }

    /// What a look at the letter itself says.
    bool brute_force(store::EmailId email, const std::string& octets, const imap::SearchKey& key) {
        const auto program =
            imap::SearchProgram::compile(key, std::nullopt, [](const auto&, auto) { return imap::NumberRanges(); });
        const imap::HeaderText header(octets);
        const imap::MessageFacts facts{.number = imap::SequenceNumber(1)};
        imap::Verdict verdict = program->decide(facts, &header);
        if (verdict != imap::Verdict::open) return verdict == imap::Verdict::yes;
        message::StructureParser parser;
        parser.feed(octets);
        const message::Card card = message::make_card(parser.finish());
        imap::BodyMatcher body = program->match_body(card.root);
        body.feed(octets);
        body.finish();
        AttachmentTexts texts(&store_, &log_, account_->id());
        EXPECT_TRUE(run(texts.read(email, body.attached())));
        return program->decide(facts, &header, &body) == imap::Verdict::yes;
    }

    async::VirtualTime time_{11};
    store::MemoryEngine engine_;
    async::InlinePool workers_;
    SilentLog log_;
    store::Store store_{&engine_, &time_};
    std::unique_ptr<extraction::Helpers> helpers_;
    std::optional<extraction::Helper> helper_;
    std::optional<AttachmentIndexer> attachments_;
    Indexer indexer_{{.store = store_, .workers = workers_, .timers = time_, .log = log_}};
    store::AccountPtr account_;
    store::MailboxId inbox_;
};

} // namespace tegami::index
