// Files that are attached: their texts are found once they were read, and neither wait for mail nor mail for them.
#include "index/attachments.h"

#include "async/task_group.h"
#include "base/base64.h"
#include "index/index_fixture.h"
#include "testing/office_files.h"
#include "testing/processes.h"

#include <fmt/format.h>

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace tegami::index {
namespace {

using store::ErrorCode;
using store::MemoryEngine;
using testing::docx_of;
using testing::pdf_of;

std::string part(std::string_view fields, const std::string& octets) {
    return fmt::format("--cut\r\n{}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n", fields,
                       base64::encode(octets));
}

std::string letter_with(const std::string& parts) {
    return "Subject: files\r\nContent-Type: multipart/mixed; boundary=cut\r\n\r\n--cut\r\n\r\nsee below\r\n" + parts +
           "--cut--\r\n";
}

constexpr std::string_view kDocx =
    "Content-Type: application/vnd.openxmlformats-officedocument.wordprocessingml.document";

std::string letter_with_text(std::string_view text) {
    return letter_with(part(kDocx, docx_of({std::string(text)})));
}

class AttachmentsTest : public IndexFixture {
protected:
    AttachmentsTest() { start_helper(); }

    Found found(std::string_view folded, store::EmailId email, bool fuzzy = false) {
        return asked({.fields = kAllFields, .folded = std::string(folded), .fuzzy = fuzzy}).of(0, email);
    }

    store::Domain domain() const { return index_domain(account_->id()); }

    std::vector<store::Row> texts() {
        return run(engine_.scan(domain(), attachment_texts({.first = 0, .end = 1'000'000}))).value().rows;
    }

    void expunge(store::Uid uid) {
        store::UidSet uids;
        uids.add(uid);
        EXPECT_TRUE(run(account_->expunge(inbox_, std::move(uids), store::Account::Expunge::forced)));
    }
};

TEST_F(AttachmentsTest, AreFoundOnceTheyWereRead) {
    const std::string octets =
        letter_with(part(kDocx, docx_of({"Angebot über Äpfel", "東京タワー"})) +
                    part("Content-Type: application/pdf", pdf_of("Invoice 4711 of May")) +
                    part("Content-Type: text/html\r\nContent-Disposition: attachment", "<p>plain <b>pa</b>ge</p>") +
                    part("Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.DOCX",
                         docx_of({"named"})));
    const store::EmailId email = add_letter(octets).email;
    const auto by_looking = [&](std::string_view needle) {
        return brute_force(email, octets, {imap::SearchText{imap::SearchText::Where::body, std::string(needle)}});
    };
    catch_up();
    EXPECT_EQ(found("page", email), Found::yes) << "text needs no helper";
    EXPECT_EQ(found("invoice", email), Found::no);
    EXPECT_FALSE(by_looking("invoice"));
    read_attachments();
    for (const std::string_view needle : {"invoice", "4711", "voic", "äpfel", "東京", "京タ", "named", "page"}) {
        EXPECT_EQ(found(needle, email), Found::yes) << needle;
        EXPECT_TRUE(by_looking(needle)) << needle;
    }
    EXPECT_EQ(found("invoice 4711", email), Found::maybe);
    EXPECT_TRUE(by_looking("Invoice 4711"));
    EXPECT_EQ(found("may angebot", email), Found::maybe) << "whether they are side by side the index does not know";
    EXPECT_FALSE(by_looking("may angebot")) << "each is a text by itself";
    EXPECT_EQ(found("pear", email), Found::no);
    EXPECT_EQ(found("invoices", email, true), Found::yes) << "near enough";
    EXPECT_EQ(asked({.fields = mask_of(Field::subject), .folded = "invoice"}).of(0, email), Found::no);
}

TEST_F(AttachmentsTest, ManyAreReadInTurns) {
    std::vector<store::EmailId> emails;
    for (int number = 0; number < 80; ++number)
        emails.push_back(add_letter(number % 4 == 0 ? letter_with_text(fmt::format("word{}x", number))
                                                    : "Subject: none\r\n\r\nwithout\r\n")
                             .email);
    catch_up();
    read_attachments();
    const LayerState layer = current().state.attachments;
    EXPECT_EQ(layer.next_email, 81U);
    EXPECT_LT(layer.segments.size(), 4U) << "they are joined as others are";
    for (int number = 0; number < 80; number += 4)
        for (int other = 0; other < 80; other += 7)
            EXPECT_EQ(found(fmt::format("word{}x", number), emails[static_cast<std::size_t>(other)]),
                      number == other ? Found::yes : Found::no);
    const auto status = run(index_status(&engine_, account_));
    ASSERT_TRUE(status);
    EXPECT_EQ(status->attachments_waiting, 0U);
}

TEST_F(AttachmentsTest, TextIsIndexedWhileTheyWait) {
    for (int number = 0; number < 40; ++number)
        add_letter(letter_with_text("apple"));
    catch_up();
    Indexer both{{.store = store_, .workers = workers_, .timers = time_, .log = log_, .attachments = &*attachments_}};
    async::TaskGroup group(time_.executor(), [](std::string_view, std::string_view reason) { FAIL() << reason; });
    group.spawn("indexer", both.run());
    group.spawn("attachments", attachments_->run());
    const store::EmailId later = add_letter(letter_with_text("pear") + "late").email;
    time_.run_for(3 * kGatherTime);
    EXPECT_EQ(found("below", later), Found::yes);
    EXPECT_EQ(found("pear", later), Found::yes);
    group.cancel();
    run(group.join());
}

TEST_F(AttachmentsTest, GoWithTheirEmails) {
    const store::Placed gone = add_letter(letter_with_text("apple"));
    const store::Placed kept = add_letter(letter_with_text("pear"));
    catch_up();
    read_attachments();
    EXPECT_EQ(texts().size(), 2U);
    expunge(gone.uid);
    time_.run_for(std::chrono::hours(24 * 20));
    ASSERT_TRUE(run(store_.sweep()));
    ASSERT_TRUE(run(indexer_.tidy(account_->id())));
    ASSERT_EQ(texts().size(), 1U);
    EXPECT_EQ(email_of_text(texts().front().key), kept.email);
    EXPECT_EQ(found("apple", gone.email), Found::no);
    EXPECT_EQ(found("pear", kept.email), Found::yes);
    ASSERT_TRUE(run(store_.remove_account(account_->id())));
    EXPECT_TRUE(texts().empty());
}

TEST_F(AttachmentsTest, ComeThroughWhereverACallFails) {
    std::vector<store::EmailId> emails;
    std::uint64_t failing = 1;
    for (int number = 0; number < 8; ++number) {
        emails.push_back(add_letter(letter_with_text(fmt::format("word{}x", number))).email);
        catch_up();
        for (const ErrorCode code : {ErrorCode::unavailable, ErrorCode::unknown, ErrorCode::conflict}) {
            engine_.fail(MemoryEngine::Call::any, failing++ % 13 + 1, code);
            static_cast<void>(run(attachments_->catch_up(account_->id())));
            engine_.clear_failures();
        }
        catch_up();
        read_attachments();
    }
    EXPECT_EQ(texts().size(), emails.size());
    for (std::size_t number = 0; number < emails.size(); ++number)
        EXPECT_EQ(found(fmt::format("word{}x", number), emails[number]), Found::yes);
}

TEST_F(AttachmentsTest, DamagedTextsAreReadAgain) {
    const std::string octets = letter_with_text("apple and pear");
    const store::EmailId email = add_letter(octets).email;
    catch_up();
    read_attachments();
    store::Row row = texts().front();
    row.value[row.value.size() / 2] = static_cast<char>(row.value[row.value.size() / 2] ^ 1);
    store::Batch batch{.domain = domain(), .operations = {store::Put{row.key, row.value}}};
    ASSERT_TRUE(run(engine_.commit(std::move(batch))));
    const imap::SearchKey key{imap::SearchText{imap::SearchText::Where::body, "apple and"}};
    EXPECT_FALSE(brute_force(email, octets, key));
    EXPECT_FALSE(current().there) << "it is made anew";
    catch_up();
    read_attachments();
    EXPECT_TRUE(brute_force(email, octets, key));
}

TEST_F(AttachmentsTest, AreReadAgainWhenMoreFormatsCanBe) {
    const store::EmailId email = add_letter(letter_with_text("apple")).email;
    catch_up();
    read_attachments();
    IndexState state = current().state;
    ASSERT_EQ(state.formats, helper_->formats());
    state.formats = static_cast<extraction::Formats>(extraction::Format::pdf); // as a server without the other left it
    store::Batch batch{.domain = domain(), .operations = {store::Put{state_key(), encode_state(state)}}};
    ASSERT_TRUE(run(engine_.commit(std::move(batch))));
    read_attachments();
    EXPECT_FALSE(current().there);
    catch_up();
    read_attachments();
    EXPECT_EQ(found("apple", email), Found::yes);
    EXPECT_EQ(current().state.formats, helper_->formats());
}

TEST_F(AttachmentsTest, NothingIsLostWithTheHelper) {
    const store::EmailId email = add_letter(letter_with_text("apple")).email;
    catch_up();
    helpers_->stop();
    read_attachments();
    EXPECT_EQ(current().state.attachments.next_email, 0U) << "it is not passed over";
    start_helper();
    read_attachments();
    EXPECT_EQ(found("apple", email), Found::yes);
}

TEST_F(AttachmentsTest, AHelperThatEndsCostsNoAttachmentItsText) {
    const store::EmailId first = add_letter(letter_with_text("apple")).email;
    catch_up();
    read_attachments();
    const std::vector<pid_t> makers = testing::children_of(::getpid());
    ASSERT_EQ(makers.size(), 1U);
    for (const pid_t helper : testing::children_of(makers.front()))
        ::kill(helper, SIGKILL);
    const store::EmailId second = add_letter(letter_with_text("banana")).email;
    catch_up();
    read_attachments();
    EXPECT_EQ(found("apple", first), Found::yes);
    EXPECT_EQ(found("banana", second), Found::yes);
}

TEST(Attachments, AreKnownByTypeOrName) {
    const auto format = [](std::string_view fields) {
        message::StructureParser parser;
        parser.feed(fmt::format("{}\r\n\r\nx", fields));
        return format_of(parser.finish().root);
    };
    using extraction::Format;
    EXPECT_EQ(format("Content-Type: application/pdf"), Format::pdf);
    EXPECT_EQ(format("Content-Type: APPLICATION/X-PDF"), Format::pdf);
    EXPECT_EQ(format("Content-Type: application/vnd.oasis.opendocument.spreadsheet"), Format::office);
    EXPECT_EQ(format("Content-Type: application/vnd.ms-excel.sheet.macroEnabled.12"), Format::office);
    EXPECT_EQ(format("Content-Type: application/octet-stream; name=\"=?UTF-8?B?6KuL5rGCLnBkZg==?=\""), Format::pdf);
    EXPECT_EQ(format("Content-Type: application/zip\r\nContent-Disposition: attachment; filename=x.pptx"),
              Format::office);
    EXPECT_EQ(format("Content-Type: application/zip; name=x.zip"), std::nullopt);
    EXPECT_EQ(format("Content-Type: text/plain; name=x.pdf"), std::nullopt) << "it is read as text";
    EXPECT_EQ(format("Content-Type: application/msword; name=x.doc"), std::nullopt);
    EXPECT_EQ(format("Content-Type: application/pdf\r\nContent-Transfer-Encoding: x-own"), std::nullopt);
}

} // namespace
} // namespace tegami::index
