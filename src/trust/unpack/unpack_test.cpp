// Archives of strangers: each comes out whole or is an error, soon.
#include "trust/unpack/unpack.h"

#include <gtest/gtest.h>

#include <zlib.h>

#include <string>

namespace tegami::trust {
namespace {

const std::string kReport = "<feedback><report_metadata><report_id>1</report_id></report_metadata></feedback>";

/// Raw deflate (RFC 1951).
std::string deflated(std::string_view octets) {
    // A gzip file without its ten octets of header and eight of trailer.
    const std::string packed = gzip(octets);
    return packed.substr(10, packed.size() - 18);
}

/// A zip archive built by hand, so that it can lie.
class ZipWriter {
public:
    struct Entry {
        std::string name = "report.xml";
        std::string content = kReport;
        bool deflate = true;
        std::uint16_t method = 8;
        std::uint16_t flags = 0;
        std::uint32_t checksum_change = 0;
        std::int32_t size_change = 0;
    };

    void add(const Entry& entry) {
        const std::string data = entry.deflate ? deflated(entry.content) : entry.content;
        std::string about;
        number16(about, 20);
        number16(about, entry.flags);
        number16(about, entry.method);
        number32(about, 0x00210000); // 1 January 1980, as a DOS time
        const auto* octets = reinterpret_cast<const unsigned char*>(entry.content.data());
        number32(about, static_cast<std::uint32_t>(crc32(0, octets, static_cast<uInt>(entry.content.size()))) ^
                            entry.checksum_change);
        number32(about, static_cast<std::uint32_t>(data.size()));
        number32(about,
                 static_cast<std::uint32_t>(static_cast<std::int64_t>(entry.content.size()) + entry.size_change));
        number16(about, static_cast<std::uint16_t>(entry.name.size()));
        number16(about, 0);
        directory_ += "PK\x01\x02";
        number16(directory_, 20);
        directory_ += about;
        number16(directory_, 0);
        number16(directory_, 0);
        number16(directory_, 0);
        number32(directory_, 0);
        number32(directory_, static_cast<std::uint32_t>(files_.size()));
        directory_ += entry.name;
        files_ += "PK\x03\x04" + about + entry.name + data;
        ++count_;
    }

    std::string file() const {
        std::string end = "PK\x05\x06";
        number32(end, 0);
        number16(end, count_);
        number16(end, count_);
        number32(end, static_cast<std::uint32_t>(directory_.size()));
        number32(end, static_cast<std::uint32_t>(files_.size()));
        number16(end, 0);
        return files_ + directory_ + end;
    }

private:
    static void number16(std::string& out, std::uint16_t value) {
        out += static_cast<char>(value & 0xff);
        out += static_cast<char>(value >> 8);
    }

    static void number32(std::string& out, std::uint32_t value) {
        number16(out, static_cast<std::uint16_t>(value & 0xffff));
        number16(out, static_cast<std::uint16_t>(value >> 16));
    }

    std::string files_;
    std::string directory_;
    std::uint16_t count_ = 0;
};

std::string zip_of(const ZipWriter::Entry& entry) {
    ZipWriter zip;
    zip.add(entry);
    return zip.file();
}

/// What comes out, or the number of the error.
std::string outcome(std::string_view octets) {
    std::string out;
    const auto done = unpack(octets, [&out](std::string_view piece) {
        EXPECT_LE(piece.size(), kUnpackPieceBytes);
        out += piece;
        return true;
    });
    if (done) return out;
    switch (done.error()) {
    case UnpackError::too_large: return "too large";
    case UnpackError::damaged: return "damaged";
    case UnpackError::several_files: return "several files";
    case UnpackError::unsupported: return "unsupported";
    case UnpackError::stopped: break;
    }
    return "stopped";
}

TEST(Unpack, GivesTheOneFileThatIsInIt) {
    EXPECT_EQ(outcome(kReport), kReport);
    EXPECT_EQ(outcome(""), "");
    EXPECT_EQ(outcome(zip_of({})), kReport);
    EXPECT_EQ(outcome(zip_of({.deflate = false, .method = 0})), kReport);
    EXPECT_EQ(outcome(zip_of({.name = "../../etc/passwd"})), kReport) << "no name is used";
    EXPECT_EQ(outcome(gzip(kReport)), kReport);
    EXPECT_EQ(outcome(gzip(kReport) + std::string(512, '\0')), kReport);
    EXPECT_EQ(outcome(gzip(kReport.substr(0, 50)) + gzip(kReport.substr(50))), kReport) << "two members";
    EXPECT_EQ(gzip(kReport), gzip(kReport));
    EXPECT_TRUE(is_archive(gzip("")) && is_archive(zip_of({})) && is_archive(ZipWriter().file()));
    EXPECT_FALSE(is_archive("") || is_archive(kReport) || is_archive("PK") || is_archive("\x1f"));
    int pieces = 0;
    const std::string large(10 * kUnpackPieceBytes, 'x');
    const auto stopped = unpack(gzip(large), [&pieces](std::string_view) { return ++pieces < 2; });
    EXPECT_EQ(stopped, failure(UnpackError::stopped));
    EXPECT_EQ(pieces, 2);
}

TEST(Unpack, DamagedArchives) {
    const std::string packed = gzip(kReport);
    for (std::size_t size = 2; size < packed.size(); ++size)
        EXPECT_EQ(outcome(packed.substr(0, size)), "damaged") << size;
    std::string changed = packed;
    changed[changed.size() - 8] ^= 1;
    EXPECT_EQ(outcome(changed), "damaged") << "checksum";
    changed = packed;
    changed.back() ^= 1;
    EXPECT_EQ(outcome(changed), "damaged") << "size";

    const std::string zip = zip_of({});
    for (std::size_t size = 4; size < zip.size(); ++size)
        EXPECT_EQ(outcome(zip.substr(0, size)), "damaged") << size;
    EXPECT_EQ(outcome(zip_of({.checksum_change = 1})), "damaged");
    EXPECT_EQ(outcome(zip_of({.content = "not deflated", .deflate = false})), "damaged");
    EXPECT_EQ(outcome(zip_of({.flags = 1})), "unsupported") << "encrypted";
    EXPECT_EQ(outcome(zip_of({.method = 12})), "unsupported");
    ZipWriter two;
    two.add({});
    two.add({.name = "second.xml"});
    EXPECT_EQ(outcome(two.file()), "several files");
    EXPECT_EQ(outcome(ZipWriter().file()), "several files");
}

TEST(Unpack, ArchivesInArchivesStayOne) {
    EXPECT_EQ(outcome(gzip(gzip(kReport))), gzip(kReport));
    EXPECT_EQ(outcome(zip_of({.content = zip_of({})})), zip_of({}));
}

TEST(Unpack, Bombs) {
    // Well below the limit of octets, but 1000 times as large as the file.
    const std::string spaces(kUnpackedBytesFree * 3, ' ');
    EXPECT_EQ(outcome(gzip(spaces)), "too large");
    EXPECT_EQ(outcome(zip_of({.content = spaces})), "too large");
    EXPECT_EQ(outcome(zip_of({.content = spaces, .size_change = -static_cast<std::int32_t>(spaces.size()) + 100})),
              "too large")
        << "what the archive says about its size is not believed";
    // As many octets as nothing compresses.
    EXPECT_EQ(outcome(std::string(std::size_t{100} << 20, 'x')), "too large");
}

} // namespace
} // namespace tegami::trust
