// The helper as the server has it, with processes that read real files, and hostile ones.
#include "extraction/helper.h"

#include "extraction/archives.h"
#include "extraction/job.h"
#include "testing/office_files.h"
#include "testing/processes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tegami::extraction {
namespace {

using testing::children_of;
using testing::docx_of;
using testing::pdf_of;
using testing::zip_of;

class HelperTest : public ::testing::Test {
protected:
    HelperTest() {
        std::signal(SIGPIPE, SIG_IGN); // as the server does
        auto started = Helpers::start();
        if (!started) return;
        helpers_ = *std::move(started);
        helper_.emplace(helpers_.get());
    }

    void SetUp() override { ASSERT_NE(helpers_, nullptr); }

    std::string read(Format format, std::string_view octets) {
        helper_->begin(format);
        helper_->feed(octets);
        return helper_->finish().value_or("the helper is gone");
    }

    std::unique_ptr<Helpers> helpers_;
    std::optional<Helper> helper_;
};

TEST_F(HelperTest, ReadsWhatItSaysItCan) {
    EXPECT_TRUE(has(helper_->formats(), Format::pdf)) << "poppler-utils is installed for the tests";
    EXPECT_TRUE(has(helper_->formats(), Format::office));
    EXPECT_EQ(read(Format::office, docx_of({"Vertrag", "東京"})), "Vertrag\n\n東京\n\n");
    EXPECT_EQ(read(Format::pdf, pdf_of("An invoice of May")), "An invoice of May\n\n");
    helper_->begin(Format::office);
    const std::string odt = zip_of({{"content.xml", "<body><p>piece by piece</p></body>"}});
    for (const char octet : odt)
        helper_->feed({&octet, 1});
    EXPECT_EQ(helper_->finish(), "piece by piece\n\n");
}

TEST_F(HelperTest, GoesOnAfterWhatItCannotRead) {
    EXPECT_EQ(read(Format::pdf, ""), "");
    EXPECT_EQ(read(Format::office, ""), "");
    EXPECT_EQ(read(Format::pdf, docx_of({"no PDF"})), "");
    EXPECT_EQ(read(Format::office, pdf_of("no archive")), "");
    EXPECT_EQ(read(Format{64}, "an unknown format"), "");
    helper_->begin(Format::office);
    helper_->feed("begun and given up");
    const std::string large(kAttachmentBytesMax / 2, 'x');
    helper_->begin(Format::pdf);
    for (int piece = 0; piece < 3; ++piece)
        helper_->feed(large);
    EXPECT_EQ(helper_->finish(), "") << "it is too large";
    EXPECT_EQ(read(Format::office, docx_of({"still there"})), "still there\n\n");
}

TEST_F(HelperTest, HostileFilesCostThemselves) {
    EXPECT_EQ(read(Format::pdf, pdf_of("found behind many objects", 50'000)), "found behind many objects\n\n");
    // A tree of pages that is its own branch, and a table that goes on at itself.
    std::string loop = pdf_of("x");
    loop.replace(loop.find("/Kids[3 0 R]"), 12, "/Kids[2 0 R]");
    read(Format::pdf, loop);
    std::string table = pdf_of("y");
    const std::size_t begin = table.find("xref");
    table.replace(table.find("/Root"), 5, "/Prev " + std::to_string(begin) + "/Root");
    read(Format::pdf, table);
    EXPECT_EQ(read(Format::office, docx_of({std::string(3 * kTextBytesMax, 'x')})).size(), kTextBytesMax);
    const std::string bomb = "<w:x>" + std::string(std::size_t{20} << 20, ' ');
    read(Format::office, zip_of({{"word/document.xml", bomb}}));
    EXPECT_EQ(read(Format::pdf, pdf_of("still there")), "still there\n\n");
}

TEST_F(HelperTest, EndsWhenItIsStopped) {
    EXPECT_EQ(read(Format::office, docx_of({"read"})), "read\n\n");
    helpers_->stop();
    helper_->begin(Format::office);
    helper_->feed("nobody reads this");
    EXPECT_EQ(helper_->finish(), failure(HelperEnd::gone));
    helper_->begin(Format::office);
    EXPECT_EQ(helper_->finish(), failure(HelperEnd::gone));
    EXPECT_FALSE(Archives(helpers_.get()).unpack(trust::gzip("x")));
}

TEST_F(HelperTest, AnotherTakesItsPlaceWhenItHasEnded) {
    EXPECT_EQ(read(Format::office, docx_of({"before"})), "before\n\n");
    Archives archives(helpers_.get());
    EXPECT_EQ(archives.unpack(trust::gzip("before")).value(), "before");
    const std::vector<pid_t> makers = children_of(::getpid());
    ASSERT_EQ(makers.size(), 1U);
    const std::vector<pid_t> helpers = children_of(makers.front());
    ASSERT_EQ(helpers.size(), 2U) << "one for attachments, one for archives";
    for (const pid_t helper : helpers)
        ::kill(helper, SIGKILL);
    helper_->begin(Format::office);
    helper_->feed(docx_of({"lost"}));
    EXPECT_EQ(helper_->finish(), failure(HelperEnd::replaced));
    EXPECT_EQ(read(Format::office, docx_of({"after"})), "after\n\n");
    EXPECT_EQ(archives.unpack(trust::gzip("after")).value(), "after") << "it was sent again by itself";
}

TEST_F(HelperTest, UndoesArchivesWithinTheirLimits) {
    Archives archives(helpers_.get());
    const std::string large(trust::kUnpackedBytesFree, 'x');
    EXPECT_EQ(archives.unpack(trust::gzip(large)).value(), large);
    EXPECT_EQ(archives.unpack(zip_of({{"../report.xml", "<feedback/>"}})).value(), "<feedback/>");
    EXPECT_EQ(archives.unpack("no archive").value(), "no archive");
    const auto error_of = [&](std::string octets) { return archives.unpack(std::move(octets)).value().error(); };
    EXPECT_EQ(error_of(trust::gzip(std::string(3 * trust::kUnpackedBytesFree, ' '))), trust::UnpackError::too_large);
    EXPECT_EQ(error_of(trust::gzip("cut off").substr(0, 15)), trust::UnpackError::damaged);
    EXPECT_EQ(error_of(zip_of({{"a", "1"}, {"b", "2"}})), trust::UnpackError::several_files);
    EXPECT_EQ(error_of(std::string(trust::kPackedBytesMax + 1, 'x')), trust::UnpackError::too_large);
    EXPECT_FALSE(Archives(nullptr).unpack(trust::gzip("x"))) << "never in this process";
    EXPECT_EQ(Archives(nullptr).unpack("no archive").value(), "no archive");
}

/// In memory.
int file_with(std::string_view octets) {
    const int file = ::memfd_create("test", MFD_CLOEXEC);
    EXPECT_EQ(::write(file, octets.data(), octets.size()), static_cast<ssize_t>(octets.size()));
    return file;
}

TEST(Job, WritesNoMoreThanItMay) {
    const int input = file_with(docx_of({std::string(2 * kTextBytesMax, 'x')}));
    const int output = file_with("");
    const pid_t job = ::fork();
    if (job == 0) run_job(Format::office, input, output);
    int status = 0;
    ASSERT_EQ(::waitpid(job, &status, 0), job);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    EXPECT_EQ(::lseek(output, 0, SEEK_END), static_cast<off_t>(kTextBytesMax));
    ::close(input);
    ::close(output);
}

} // namespace
} // namespace tegami::extraction
