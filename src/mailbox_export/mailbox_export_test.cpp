// What comes out of a mailbox, in both forms.
#include "ingest/intake.h"
#include "mailbox_export/item_stream.h"
#include "mailbox_export/mbox_stream.h"
#include "store/engine/memory.h"
#include "testing/mail_world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace tegami::mailbox_export {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

class MailboxExportTest : public tegami::testing::MailWorld {
protected:
    MailboxExportTest() : mail_(account(add_account("anna@b.test"))), inbox_(mail_->mailboxes()->find("INBOX")->id) {}

    void add_letter(const std::string& octets, store::Flags flags = {}, std::vector<std::string> keywords = {}) {
        ingest::Intake intake(engine_);
        EXPECT_TRUE(run(intake.append(octets)));
        EXPECT_TRUE(run(intake.complete()));
        std::vector<store::NewMessage> message{
            {.blob = run(intake.store("", {})).value().blob,
             .placements = {{.mailbox = inbox_, .flags = flags, .keywords = std::move(keywords)}},
             .internal_date = time_.now(),
             .thread = {}}};
        EXPECT_TRUE(run(mail_->append(std::move(message))));
    }

    MailboxMessages messages() { return {&store_, mail_, run(mail_->open(inbox_)).value()}; }

    /// All that a stream gives; `largest_` is its largest piece.
    std::string read_all(net::BodySource& stream) {
        std::string all;
        for (largest_ = 0;;) {
            const std::string piece = run(stream.read()).value();
            if (piece.empty()) return all;
            largest_ = std::max(largest_, piece.size());
            all += piece;
        }
    }

    const store::AccountPtr mail_;
    const store::MailboxId inbox_;
    std::size_t largest_ = 0;
};

TEST_F(MailboxExportTest, ItemsHaveFlagsAndAllOctets) {
    const std::string large = "Subject: large\r\n\r\n" + std::string(1'000'000, 'x') + "\r\n";
    add_letter("A: b\r\n", {store::Flag::seen, store::Flag::flagged}, {"Project"});
    add_letter(large);
    add_letter("C: d\r\n");
    ItemStream stream(messages());
    EXPECT_EQ(read_all(stream), "6\t978307200\tFS\t\tProject\nA: b\r\n" + std::to_string(large.size()) +
                                    "\t978307200\t\t\t\n" + large + "6\t978307200\t\t\t\nC: d\r\n");
    EXPECT_LT(largest_, 2 * kPieceBytes + 1'000) << "nothing is held as a whole";
}

TEST_F(MailboxExportTest, AnMboxHasEachLetterQuoted) {
    for (int number = 0; number < 150; ++number)
        add_letter("Subject: " + std::to_string(number) + "\r\n\r\nFrom here\r\n");
    MboxStream stream(messages());
    const std::string all = read_all(stream);
    EXPECT_THAT(all, HasSubstr("\nSubject: 149\n\n>From here\n\n"));
    EXPECT_THAT(all, EndsWith("\n>From here\n\n"));
    transfer::MboxReader reader;
    std::size_t letters = 0;
    auto events = reader.feed(all);
    std::ranges::move(reader.finish(), std::back_inserter(events));
    for (const auto& event : events)
        letters += std::holds_alternative<transfer::MboxReader::Begin>(event) ? 1 : 0;
    EXPECT_EQ(letters, 150U);
}

TEST_F(MailboxExportTest, AnEmptyMailboxIsEmptyAndWhatIsExpungedMeanwhileIsLeftOut) {
    ItemStream empty(messages());
    EXPECT_EQ(read_all(empty), "");
    add_letter("A: b\r\n");
    add_letter("C: d\r\n");
    ItemStream stream(messages());
    ASSERT_TRUE(run(mail_->expunge(inbox_, UidSet{1}, store::Account::Expunge::forced)));
    EXPECT_EQ(read_all(stream), "6\t978307200\t\t\t\nC: d\r\n");
}

} // namespace
} // namespace tegami::mailbox_export
